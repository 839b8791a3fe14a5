//! Where batches may go. A target is checked once, when the settings are read.

use std::{net::IpAddr, time::Duration};

use ipnet::IpNet;
use reqwest::Url;

use super::{Signer, network::Networks};
use crate::secret::Secret;

/// A target as configured.
#[derive(Debug, Clone)]
pub struct TargetSettings {
    /// Name of the target in batches and logs.
    pub name: String,
    /// Base address of the platform, `https://host/path/`.
    pub base: String,
    /// Hosts that may be written to (host names or addresses, without port); the base must be one of them.
    pub allowed_hosts: Vec<String>,
    /// Allows plain HTTP to a host that is not this machine, for closed networks that have nothing else.
    pub allow_plain_http: bool,
    pub token: Option<Secret>,
    /// Certificates (PEM) that are trusted instead of the built-in ones.
    pub ca: Option<Vec<u8>>,
    /// Certificate and key (PEM) that are shown to the platform.
    pub identity: Option<Secret>,
    /// Private networks that may be written to.
    pub private_networks: Vec<IpNet>,
    pub signer: Option<Signer>,
    pub connect_timeout: Duration,
    /// From the first byte of the request to the last of the answer.
    pub total_timeout: Duration,
}

impl TargetSettings {
    /// A target with the usual timeouts, whose own host is the one allowed.
    pub fn new(
        name: impl Into<String>,
        base: impl Into<String>,
        allowed_hosts: Vec<String>,
    ) -> Self {
        Self {
            name: name.into(),
            base: base.into(),
            allowed_hosts,
            allow_plain_http: false,
            token: None,
            ca: None,
            identity: None,
            private_networks: Vec::new(),
            signer: None,
            connect_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(60),
        }
    }
}

/// Why a target is not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    #[error("target {target}: {base:?} is not an address: {why}")]
    Address {
        target: String,
        base: String,
        why: String,
    },
    #[error("target {target}: scheme {scheme:?} is not https")]
    Scheme { target: String, scheme: String },
    #[error(
        "target {target}: plain http goes to this machine only, not to {host:?}, unless it is allowed in the settings"
    )]
    PlainHttp { target: String, host: String },
    #[error("target {target}: host {host:?} is not in the list of allowed hosts")]
    NotAllowed { target: String, host: String },
    #[error(
        "target {target}: the address must not hold a user name, a password, a query or a fragment"
    )]
    Extras { target: String },
    #[error(
        "target {target}: {address} is a private address; list its network in publish.private_networks"
    )]
    Private { target: String, address: IpAddr },
    #[error("target {target}: the token has characters that cannot be in a header")]
    Token { target: String },
    #[error("target {target}: timeouts must be longer than nothing")]
    Timeout { target: String },
}

/// A target that may be written to.
#[derive(Debug, Clone)]
pub struct Target {
    pub(super) name: String,
    pub(super) base: Url,
    pub(super) token: Option<Secret>,
    pub(super) ca: Option<Vec<u8>>,
    pub(super) identity: Option<Secret>,
    pub(super) networks: Networks,
    pub(super) signer: Option<Signer>,
    pub(super) connect_timeout: Duration,
    pub(super) total_timeout: Duration,
}

impl Target {
    /// Checks the settings of a target.
    pub fn new(settings: TargetSettings) -> Result<Self, TargetError> {
        let target = settings.name.clone();
        let base = parse_base(&settings)?;
        if base.username() != ""
            || base.password().is_some()
            || base.query().is_some()
            || base.fragment().is_some()
        {
            return Err(TargetError::Extras { target });
        }
        let host = base.host_str().unwrap_or_default().to_owned();
        match base.scheme() {
            "https" => {}
            "http" if settings.allow_plain_http || is_this_machine(&host) => {}
            "http" => return Err(TargetError::PlainHttp { target, host }),
            scheme => {
                return Err(TargetError::Scheme {
                    target,
                    scheme: scheme.to_owned(),
                });
            }
        }
        let allowed =
            |known: &String| without_brackets(known).eq_ignore_ascii_case(without_brackets(&host));
        if !settings.allowed_hosts.iter().any(allowed) {
            return Err(TargetError::NotAllowed { target, host });
        }
        let networks = Networks(settings.private_networks);
        // An address in numbers is not looked up: it is judged here. This machine is always within reach.
        if let Ok(address) = without_brackets(&host).parse::<IpAddr>()
            && !networks.allow(address)
            && !address.is_loopback()
        {
            return Err(TargetError::Private { target, address });
        }
        let visible = |secret: &Secret| {
            secret.reveal().bytes().all(|byte| byte.is_ascii_graphic())
                && !secret.reveal().is_empty()
        };
        if !settings.token.as_ref().is_none_or(visible) {
            return Err(TargetError::Token { target });
        }
        if settings.connect_timeout.is_zero() || settings.total_timeout.is_zero() {
            return Err(TargetError::Timeout { target });
        }
        Ok(Self {
            name: settings.name,
            base,
            token: settings.token,
            ca: settings.ca,
            identity: settings.identity,
            networks,
            signer: settings.signer,
            connect_timeout: settings.connect_timeout,
            total_timeout: settings.total_timeout,
        })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address of `path` under the base, with one more segment if given; the segment is encoded.
    pub(super) fn url(&self, path: &str, segment: Option<&str>) -> Url {
        let mut url = self.base.clone();
        // Cannot fail: a base with http or https and a host has segments.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments
                .pop_if_empty()
                .extend(path.split('/'))
                .extend(segment);
        }
        url
    }
}

fn parse_base(settings: &TargetSettings) -> Result<Url, TargetError> {
    Url::parse(&settings.base).map_err(|error| TargetError::Address {
        target: settings.name.clone(),
        base: settings.base.clone(),
        why: error.to_string(),
    })
}

fn without_brackets(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || without_brackets(host)
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(base: &str) -> Result<Target, TargetError> {
        let hosts = [
            "platform.example",
            "127.0.0.1",
            "10.0.0.7",
            "::1",
            "localhost",
        ]
        .map(str::to_owned);
        Target::new(TargetSettings::new("示例平台", base, hosts.to_vec()))
    }

    #[test]
    fn only_allowed_addresses_are_targets() {
        for base in [
            "https://platform.example/",
            "https://PLATFORM.example:8443/x",
            "http://127.0.0.1:80",
            "http://[::1]:9/",
            "http://localhost/",
        ] {
            assert!(target(base).is_ok(), "{base}");
        }
        let name = || "示例平台".to_owned();
        let table = [
            (
                "http://platform.example/",
                TargetError::PlainHttp {
                    target: name(),
                    host: "platform.example".into(),
                },
            ),
            (
                "https://other.example/",
                TargetError::NotAllowed {
                    target: name(),
                    host: "other.example".into(),
                },
            ),
            (
                "https://platform.example.evil.example/",
                TargetError::NotAllowed {
                    target: name(),
                    host: "platform.example.evil.example".into(),
                },
            ),
            (
                "https://platform.example@evil.example/",
                TargetError::Extras { target: name() },
            ),
            (
                "https://platform.example/?a=1",
                TargetError::Extras { target: name() },
            ),
            (
                "https://10.0.0.7/",
                TargetError::Private {
                    target: name(),
                    address: "10.0.0.7".parse().unwrap(),
                },
            ),
            (
                "file:///etc/passwd",
                TargetError::Scheme {
                    target: name(),
                    scheme: "file".into(),
                },
            ),
        ];
        for (base, expected) in table {
            assert_eq!(target(base).unwrap_err(), expected, "{base}");
        }
        assert!(matches!(
            target("platform.example"),
            Err(TargetError::Address { .. })
        ));
    }

    #[test]
    fn a_token_is_never_shown_and_must_fit_a_header() {
        let mut settings = TargetSettings::new(
            "t",
            "https://platform.example",
            vec!["platform.example".into()],
        );
        settings.token = Some(Secret::new("s3cret"));
        assert!(!format!("{settings:?}").contains("s3cret"));
        assert!(!format!("{:?}", Target::new(settings.clone()).unwrap()).contains("s3cret"));
        settings.token = Some(Secret::new("a\r\nX: y"));
        assert_eq!(
            Target::new(settings).unwrap_err(),
            TargetError::Token { target: "t".into() }
        );
    }

    #[test]
    fn segments_are_encoded_under_the_base() {
        let target = target("https://platform.example/gate/").unwrap();
        assert_eq!(
            target.url("api/batches", Some("a/../b?c")).as_str(),
            "https://platform.example/gate/api/batches/a%2F..%2Fb%3Fc"
        );
        assert_eq!(
            target.url("api/batches", None).as_str(),
            "https://platform.example/gate/api/batches"
        );
    }
}
