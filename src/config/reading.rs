//! How settings are read: the file, the environment over it, secrets from files of their own.

use std::path::{Path, PathBuf};

use super::{Secret, Settings};

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read {path}: {source}")]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{origin}: {message}")]
    Parse { origin: String, message: String },
}

/// Settings that the environment can give, with the place each has in the file. Numbers and booleans are read as TOML.
pub const ENVIRONMENT: &[(&str, &[&str])] = &[
    ("WUXIN_DATABASE_URL", &["database_url"]),
    ("WUXIN_DATABASE_CONNECTIONS", &["database_connections"]),
    ("WUXIN_LISTEN", &["listen"]),
    ("WUXIN_LISTS", &["lists"]),
    ("WUXIN_DEADLINES", &["deadlines"]),
    ("WUXIN_DOCUMENTS", &["documents"]),
    ("WUXIN_COMPLAINTS", &["complaints"]),
    ("WUXIN_REGIONS", &["regions"]),
    ("WUXIN_ATTACHMENTS", &["attachments"]),
    ("WUXIN_PUBLISH_TARGET", &["publish", "target"]),
    ("WUXIN_PUBLISH_URL", &["publish", "url"]),
    ("WUXIN_PUBLISH_PROFILE", &["publish", "profile"]),
    ("WUXIN_PUBLISH_TOKEN", &["publish", "token"]),
    ("WUXIN_PUBLISH_TOKEN_FILE", &["publish", "token_file"]),
    ("WUXIN_PUBLISH_CA_FILE", &["publish", "ca_file"]),
    (
        "WUXIN_PUBLISH_CLIENT_CERT_FILE",
        &["publish", "client_cert_file"],
    ),
    (
        "WUXIN_PUBLISH_CLIENT_KEY_FILE",
        &["publish", "client_key_file"],
    ),
    ("WUXIN_PUBLISH_SIGNING", &["publish", "signing"]),
    ("WUXIN_PUBLISH_SIGNING_KEY", &["publish", "signing_key"]),
    (
        "WUXIN_PUBLISH_SIGNING_KEY_FILE",
        &["publish", "signing_key_file"],
    ),
    ("WUXIN_PUBLISH_APP_KEY", &["publish", "app_key"]),
    ("WUXIN_PUBLISH_FOLDER", &["publish", "folder"]),
    ("WUXIN_PUBLISH_RETURN_FOLDER", &["publish", "return_folder"]),
    ("WUXIN_PUBLISH_SCHEDULE", &["publish", "schedule"]),
    ("WUXIN_PUBLISH_FREEZE", &["publish", "freeze"]),
    ("WUXIN_REPORT_KEY", &["report", "key"]),
    ("WUXIN_JOBS_ENABLED", &["jobs", "enabled"]),
    ("WUXIN_BACKUP_FOLDER", &["backup", "folder"]),
    ("WUXIN_BACKUP_MARKER", &["backup", "marker"]),
    ("WUXIN_METRICS_LISTEN", &["metrics", "listen"]),
    ("WUXIN_LOG_FORMAT", &["log", "format"]),
    ("WUXIN_LOG_FILTER", &["log", "filter"]),
];

/// Settings whose value is not a text.
const NOT_TEXT: &[&str] = &["database_connections", "freeze", "enabled"];

impl Settings {
    /// Reads the file given, or `wuxin.toml` in this folder if it is there, and puts the environment over it.
    pub fn load(
        file: Option<&Path>,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let default = Path::new("wuxin.toml");
        let path = file.or_else(|| default.exists().then_some(default));
        let text = match path {
            Some(path) => std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
                path: path.to_owned(),
                source,
            })?,
            None => String::new(),
        };
        let origin = path.map_or_else(|| "settings".to_owned(), |path| path.display().to_string());
        let mut settings = Self::parse(&text, &origin, environment)?;
        settings.read_secrets()?;
        Ok(settings)
    }

    pub(super) fn parse(
        text: &str,
        origin: &str,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let fault = |message: String| ConfigError::Parse {
            origin: origin.to_owned(),
            message,
        };
        // Errors of the parser quote the line; a secret on it must not be shown, so only its number and the message go.
        let mut table: toml::Table = toml::from_str(text).map_err(|e: toml::de::Error| {
            let before = e.span().map_or(0, |span| span.start.min(text.len()));
            let line = text.as_bytes()[..before]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count()
                + 1;
            fault(format!("line {line}: {}", e.message()))
        })?;
        for (name, place) in ENVIRONMENT {
            let Some(value) = environment(name) else {
                continue;
            };
            insert(&mut table, place, scalar(&value, place))
                .ok_or_else(|| fault(format!("`{}` is not a table", place[0])))?;
        }
        toml::Value::Table(table)
            .try_into()
            .map_err(|e: toml::de::Error| fault(e.message().to_owned()))
    }

    fn read_secrets(&mut self) -> Result<(), ConfigError> {
        let publish = &mut self.publish;
        for (secret, file) in [
            (&mut publish.token, &publish.token_file),
            (&mut publish.signing_key, &publish.signing_key_file),
            (&mut self.report.key, &self.report.key_file),
        ] {
            if secret.is_none()
                && let Some(path) = file
            {
                let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
                    path: path.clone(),
                    source,
                })?;
                *secret = Some(Secret::new(text.trim()));
            }
        }
        Ok(())
    }
}

fn scalar(value: &str, place: &[&str]) -> toml::Value {
    let not_text = place.last().is_some_and(|key| NOT_TEXT.contains(key));
    let parsed = || value.parse::<i64>().map(toml::Value::from).ok();
    let boolean = || value.parse::<bool>().map(toml::Value::from).ok();
    not_text
        .then(|| parsed().or_else(boolean))
        .flatten()
        .unwrap_or_else(|| value.into())
}

fn insert(table: &mut toml::Table, place: &[&str], value: toml::Value) -> Option<()> {
    match place {
        [key] => {
            table.insert((*key).to_owned(), value);
            Some(())
        }
        [key, rest @ ..] => {
            let inner = table
                .entry((*key).to_owned())
                .or_insert_with(|| toml::Value::Table(toml::Table::new()));
            insert(inner.as_table_mut()?, rest, value)
        }
        [] => None,
    }
}
