//! A publisher by the settings: its profile and the one transport that the profile wants.

use std::{fs, path::Path, path::PathBuf, sync::Arc, time::Duration};

use chrono::TimeDelta;
use ipnet::IpNet;
use uuid::Uuid;

use super::Publisher;
use crate::{
    config,
    feed::{
        Profile,
        profile::{HTTP_JSON, ProfileError, Transport},
        transports::{
            BuildError, Carrier, Folder, HttpJson, Signer, Signing, Target, TargetError,
            TargetSettings,
        },
    },
    secret::Secret,
};

/// Why there is no publisher.
#[derive(Debug, thiserror::Error)]
pub enum PublisherError {
    #[error("no platform is configured: set `[publish] url`")]
    NoUrl,
    #[error("batches of profile {0} are files: set `[publish] folder`")]
    NoFolder(String),
    #[error("{0} is no folder: make it, or mend `[publish]` folder and return_folder")]
    NotFolder(PathBuf),
    #[error("cannot read {path}: {source}")]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{0}")]
    Profile(#[from] ProfileError),
    #[error("publish.private_networks has {0:?}, which is no network such as 10.1.0.0/16")]
    Network(String),
    #[error("publish.signing is {0:?}: write hmac-sm3 or hmac-sha256")]
    Signing(String),
    #[error("publish.signing needs a key: set signing_key_file")]
    NoSigningKey,
    #[error("publish.client_cert_file and publish.client_key_file belong together")]
    HalfIdentity,
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error(transparent)]
    Build(#[from] BuildError),
}

impl Publisher {
    /// A publisher by the settings.
    pub fn new(settings: &config::Publish) -> Result<Self, PublisherError> {
        if settings.url.is_none() && settings.profile.is_none() {
            return Err(PublisherError::NoUrl);
        }
        let profile = profile(settings.profile.as_deref())?;
        let carrier = match &profile.transport {
            Transport::HttpJson { paths, .. } => {
                Carrier::Receipts(HttpJson::new(target(settings)?, paths.clone())?)
            }
            Transport::HttpCounts { paths, answer, .. } => Carrier::Counts {
                http: HttpJson::new(target(settings)?, paths.clone())?,
                answer: answer.clone(),
            },
            Transport::XmlFile { naming } | Transport::CsvFile { naming } => {
                let out = settings.folder.clone();
                let out = out.ok_or_else(|| PublisherError::NoFolder(profile.id.clone()))?;
                let returns = settings.return_folder.clone();
                if let Some(absent) = [Some(&out), returns.as_ref()]
                    .into_iter()
                    .flatten()
                    .find(|path| !path.is_dir())
                {
                    return Err(PublisherError::NotFolder(absent.clone()));
                }
                let said = format!("{} {}", profile.id, profile.version);
                Carrier::Folder(Folder::new(out, returns, naming.clone(), said))
            }
            Transport::XlsxManual { .. } => Carrier::Manual,
        };
        Ok(Self {
            carrier,
            profile: Arc::new(profile),
            target: settings.target.clone(),
            holder: format!("{}@{}", std::process::id(), Uuid::now_v7().simple()),
            frozen: settings.freeze,
            visible_within: TimeDelta::hours(settings.visible_hours.into()),
        })
    }
}

/// A file of this name, else the built-in profile.
fn profile(path: Option<&Path>) -> Result<Profile, PublisherError> {
    let Some(path) = path else {
        return Ok(Profile::parse(HTTP_JSON)?);
    };
    let name = path.display().to_string();
    let text = match (fs::read_to_string(path), Profile::shipped(&name)) {
        (Ok(text), _) => text,
        (Err(_), Some(shipped)) => shipped.to_owned(),
        (Err(source), None) => return Err(unread(path, source)),
    };
    Ok(Profile::read(&name, &text)?)
}

fn target(settings: &config::Publish) -> Result<Target, PublisherError> {
    let url = settings.url.as_ref().ok_or(PublisherError::NoUrl)?;
    let allowed = if settings.allowed_hosts.is_empty() {
        vec![host_of(url)]
    } else {
        settings.allowed_hosts.clone()
    };
    let network = |text: &String| {
        let network: Result<IpNet, _> = text.parse();
        network.map_err(|_| PublisherError::Network(text.clone()))
    };
    let networks: Result<Vec<IpNet>, _> = settings.private_networks.iter().map(network).collect();
    Ok(Target::new(TargetSettings {
        token: settings.token.clone(),
        ca: settings.ca_file.as_deref().map(bytes_of).transpose()?,
        identity: identity(settings)?,
        private_networks: networks?,
        signer: signer(settings)?,
        allow_plain_http: settings.allow_plain_http,
        total_timeout: Duration::from_secs(settings.timeout_seconds),
        ..TargetSettings::new(settings.target.clone(), url.clone(), allowed)
    })?)
}

fn identity(settings: &config::Publish) -> Result<Option<Secret>, PublisherError> {
    match (&settings.client_cert_file, &settings.client_key_file) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => {
            let text =
                |path: &Path| fs::read_to_string(path).map_err(|source| unread(path, source));
            let both = format!("{}\n{}", text(key)?, text(certificate)?);
            Ok(Some(Secret::new(both)))
        }
        _ => Err(PublisherError::HalfIdentity),
    }
}

fn signer(settings: &config::Publish) -> Result<Option<Signer>, PublisherError> {
    let signing = match settings.signing.as_deref() {
        None => return Ok(None),
        Some("hmac-sm3") => Signing::HmacSm3,
        Some("hmac-sha256") => Signing::HmacSha256,
        Some(other) => return Err(PublisherError::Signing(other.to_owned())),
    };
    let key = settings.signing_key.clone();
    let key = key.filter(|key| !key.reveal().is_empty());
    let key = key.ok_or(PublisherError::NoSigningKey)?;
    Ok(Some(Signer::new(signing, key, settings.app_key.clone())))
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, PublisherError> {
    fs::read(path).map_err(|source| unread(path, source))
}

fn unread(path: &Path, source: std::io::Error) -> PublisherError {
    PublisherError::Read {
        path: path.to_owned(),
        source,
    }
}

/// The host of an address, for the list of allowed ones.
fn host_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match authority
        .strip_prefix('[')
        .and_then(|inner| inner.split_once(']'))
    {
        Some((inner, _)) => inner.to_owned(),
        None => authority.split(':').next().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_an_address_is_what_is_allowed() {
        let table = [
            ("https://credit.example:8443/api", "credit.example"),
            ("http://127.0.0.1:9", "127.0.0.1"),
            ("http://[::1]:9/", "::1"),
        ];
        for (url, host) in table {
            assert_eq!(host_of(url), host);
        }
    }

    #[test]
    fn what_does_not_go_together_is_said() {
        let base = config::Publish {
            url: Some("https://credit.example/".into()),
            ..config::Publish::default()
        };
        type Change = fn(&mut config::Publish);
        let table: [(Change, &str); 8] = [
            (|one| one.url = None, "set `[publish] url`"),
            (|one| one.signing = Some("md5".into()), "write hmac-sm3"),
            (
                |one| one.signing = Some("hmac-sm3".into()),
                "signing_key_file",
            ),
            (
                |one| one.private_networks = vec!["10.1".into()],
                "10.1.0.0/16",
            ),
            (
                |one| one.client_key_file = Some("k.pem".into()),
                "belong together",
            ),
            (
                |one| one.profile = Some("xml-file".into()),
                "[publish] folder",
            ),
            (
                |one| {
                    one.profile = Some("xml-file".into());
                    one.folder = Some("/nowhere/at/all".into());
                },
                "is no folder",
            ),
            (
                |one| one.allowed_hosts = vec!["other.example".into()],
                "not in the list of allowed hosts",
            ),
        ];
        for (change, part) in table {
            let mut settings = base.clone();
            change(&mut settings);
            let fault = Publisher::new(&settings).unwrap_err().to_string();
            assert!(fault.contains(part), "{part}: {fault}");
        }
        assert!(Publisher::new(&base).is_ok());
        let mut manual = base;
        manual.profile = Some("xlsx-manual".into());
        assert!(Publisher::new(&manual).is_ok());
    }
}
