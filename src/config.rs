//! Settings: flags, then environment `WUXIN_*`, then `wuxin.toml`, then the defaults.
//!
//! A flag overrides by being put over the loaded [`Settings`] in the command that has it. Secrets come from a file or
//! the environment and are never printed.

mod reading;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::Deserialize;

pub use crate::secret::Secret;
pub use reading::{ConfigError, ENVIRONMENT};

/// All settings of the program.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// `sqlite:PATH` or `postgres://...`; may carry a password.
    pub database_url: Secret,
    /// Connections to the database.
    pub database_connections: u32,
    /// Where `serve` listens.
    pub listen: SocketAddr,
    /// Rule set files, or folders of them; empty: the draft built in.
    pub rules: Vec<PathBuf>,
    /// List types; absent: those built in.
    pub lists: Option<PathBuf>,
    /// File of the deadlines of records and complaints; the built-in one if absent.
    pub deadlines: Option<PathBuf>,
    /// Folder of the templates of documents; absent: those built in.
    pub documents: Option<PathBuf>,
    /// File of what complaints are about and what their rates count; the built-in one if absent.
    pub complaints: Option<PathBuf>,
    /// Working-day calendars; empty: those built in.
    pub calendars: Vec<PathBuf>,
    /// Table of divisions; absent: the synthetic one built in.
    pub regions: Option<PathBuf>,
    /// Folder of attachments; absent: `wuxin-attachments` beside the database file, else in the working folder.
    pub attachments: Option<PathBuf>,
    /// Who publishes: the bureau's name and its unified social credit code.
    pub authority: Authority,
    pub publish: Publish,
    pub report: Report,
    pub jobs: Jobs,
    pub backup: Backup,
    pub metrics: Metrics,
    pub log: Log,
    pub limits: Limits,
    pub sign_in: SignIn,
}

/// The organ that decides and publishes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Authority {
    pub name: String,
    pub uscc: String,
    /// Division code of the organ.
    pub area: String,
}

/// The feed to the platform.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Publish {
    /// Name of the target; part of every idempotency key, so it never changes once used.
    pub target: String,
    /// Base address of the platform; absent: nothing is pushed.
    pub url: Option<String>,
    /// Profile file, or the name of a built-in one; absent: `http-json`, built in.
    pub profile: Option<PathBuf>,
    /// Hosts that may be written to; empty: that of `url`.
    pub allowed_hosts: Vec<String>,
    /// Private networks (CIDR) that may be written to.
    pub private_networks: Vec<String>,
    /// Allows plain HTTP to other machines, for closed networks that have nothing else.
    pub allow_plain_http: bool,
    /// Certificates (PEM) that are trusted instead of the built-in ones.
    pub ca_file: Option<PathBuf>,
    /// Certificate (PEM) that is shown to the platform.
    pub client_cert_file: Option<PathBuf>,
    /// Key (PEM) of that certificate.
    pub client_key_file: Option<PathBuf>,
    /// `hmac-sm3` or `hmac-sha256`; absent: requests are not signed.
    pub signing: Option<String>,
    /// Key that signs.
    pub signing_key: Option<Secret>,
    /// File that holds the key that signs.
    pub signing_key_file: Option<PathBuf>,
    /// Names the key that signs.
    pub app_key: Option<String>,
    /// Folder for batches that are files.
    pub folder: Option<PathBuf>,
    /// Folder where the platform's return files are laid.
    pub return_folder: Option<PathBuf>,
    /// Bearer token.
    pub token: Option<Secret>,
    /// File that holds the bearer token.
    pub token_file: Option<PathBuf>,
    /// Cron expression, seconds first, in Asia/Shanghai.
    pub schedule: String,
    /// Refuse to send anything while true.
    pub freeze: bool,
    /// Seconds before an answer is given up.
    pub timeout_seconds: u64,
    /// Hours within which the public is to see what the platform took.
    pub visible_hours: u32,
}

/// Credit reports whose code can be checked.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Report {
    /// Key that signs codes; absent: no code is made or checked. At least 32 bytes; changed, it voids every code before.
    pub key: Option<Secret>,
    /// File that holds the key.
    pub key_file: Option<PathBuf>,
}

/// Scheduled work.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Jobs {
    pub enabled: bool,
    /// Cron expression of the nightly rescoring, seconds first, in Asia/Shanghai.
    pub rescore: String,
    /// Cron expression of the expiry of list entries.
    pub expire: String,
    /// Cron expression of the daily reminders of running periods.
    pub remind: String,
    /// Cron expression of the nightly replay of stored scores.
    pub replay: String,
    /// How many stored scores a night are replayed.
    pub replay_sample: usize,
    /// Cron expression of the nightly comparison with the platform.
    pub reconcile: String,
    /// Cron expression of the nightly backup.
    pub backup: String,
}

/// Backups: copies of a SQLite database, or the watch over those of a PostgreSQL one.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Backup {
    /// Folder of the copies; it has to be there. Absent: none are made.
    pub folder: Option<PathBuf>,
    /// How many copies are kept.
    pub keep: usize,
    /// PostgreSQL: a file that the operator's own backup writes when it is done.
    pub marker: Option<PathBuf>,
    /// How many hours old that file may be.
    pub marker_hours: i64,
}

/// Figures for a monitoring system.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Metrics {
    /// Where `GET /metrics` is answered, apart from everything else; absent: nowhere.
    pub listen: Option<SocketAddr>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `text` or `json`.
    pub format: LogFormat,
    /// As in `RUST_LOG`: `info`, `wuxin=debug,info`.
    pub filter: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

/// Limits of the public interface.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Public look-ups a client may make a minute.
    pub lookups_per_minute: u32,
    /// Largest request body, bytes; attachments apart.
    pub body_bytes: usize,
    /// Largest attachment, bytes.
    pub attachment_bytes: u64,
    /// Attachments of one record together, bytes.
    pub record_attachment_bytes: u64,
}

/// Signing in to the pages.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignIn {
    /// Minutes without use after which a session ends.
    pub idle_minutes: u32,
    /// Hours after which a session ends, used or not.
    pub session_hours: u32,
    /// The pages are opened over plain HTTP on this machine: cookies without `Secure`.
    pub plain_http: bool,
    /// Memory that hashing one password takes, KiB.
    pub memory_kib: u32,
    /// Passes over that memory.
    pub passes: u32,
    /// Passwords hashed at one time; others wait.
    pub hashes_at_once: usize,
    /// Requests to sign in that a client address may make a minute.
    pub attempts_per_minute: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            database_url: Secret::new("sqlite:wuxin.db"),
            database_connections: 8,
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            rules: Vec::new(),
            lists: None,
            deadlines: None,
            documents: None,
            complaints: None,
            calendars: Vec::new(),
            regions: None,
            attachments: None,
            authority: Authority::default(),
            publish: Publish::default(),
            report: Report::default(),
            jobs: Jobs::default(),
            backup: Backup::default(),
            metrics: Metrics::default(),
            log: Log::default(),
            limits: Limits::default(),
            sign_in: SignIn::default(),
        }
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self {
            name: "资阳市住房和城乡建设局（示例配置）".to_owned(),
            // Structurally valid and synthetic; the bureau enters its own.
            uscc: "11512000000000000A".to_owned(),
            area: "512000".to_owned(),
        }
    }
}

impl Default for Publish {
    fn default() -> Self {
        Self {
            target: "credit-platform".to_owned(),
            url: None,
            profile: None,
            allowed_hosts: Vec::new(),
            private_networks: Vec::new(),
            allow_plain_http: false,
            ca_file: None,
            client_cert_file: None,
            client_key_file: None,
            signing: None,
            signing_key: None,
            signing_key_file: None,
            app_key: None,
            folder: None,
            return_folder: None,
            token: None,
            token_file: None,
            schedule: "0 0 18 * * *".to_owned(),
            freeze: false,
            timeout_seconds: 20,
            visible_hours: 24,
        }
    }
}

impl Default for Jobs {
    fn default() -> Self {
        Self {
            enabled: true,
            rescore: "0 10 0 * * *".to_owned(),
            expire: "0 5 0 * * *".to_owned(),
            remind: "0 0 8 * * *".to_owned(),
            replay: "0 40 1 * * *".to_owned(),
            replay_sample: 200,
            reconcile: "0 20 3 * * *".to_owned(),
            backup: "0 30 2 * * *".to_owned(),
        }
    }
}

impl Default for Backup {
    fn default() -> Self {
        Self {
            folder: None,
            keep: 14,
            marker: None,
            marker_hours: 26,
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            filter: "info".to_owned(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            lookups_per_minute: 600,
            body_bytes: 256 * 1024,
            attachment_bytes: 20 * 1024 * 1024,
            record_attachment_bytes: 200 * 1024 * 1024,
        }
    }
}

impl Default for SignIn {
    fn default() -> Self {
        Self {
            idle_minutes: 30,
            session_hours: 12,
            plain_http: false,
            // OWASP Password Storage Cheat Sheet: Argon2id, 19 MiB, 2 passes, 1 lane.
            memory_kib: 19_456,
            passes: 2,
            hashes_at_once: 4,
            attempts_per_minute: 600,
        }
    }
}

impl Settings {
    /// Where attachments are: the folder set, or one beside the database file.
    pub fn attachment_folder(&self) -> PathBuf {
        const NAME: &str = "wuxin-attachments";
        let file = self.database_url.reveal().strip_prefix("sqlite:");
        match (&self.attachments, file) {
            (Some(folder), _) => folder.clone(),
            (None, Some(file)) => Path::new(file).with_file_name(NAME),
            (None, None) => PathBuf::from(NAME),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_goes_over_the_file_and_the_file_over_the_defaults() {
        let text = "listen = \"127.0.0.1:9000\"\n[publish]\ntarget = \"t\"\nfreeze = false\n";
        let environment = |name: &str| match name {
            "WUXIN_DATABASE_URL" => Some("postgres://u:hidden@h/d".to_owned()),
            "WUXIN_PUBLISH_FREEZE" => Some("true".to_owned()),
            "WUXIN_PUBLISH_TOKEN" => Some("hidden".to_owned()),
            _ => None,
        };
        let settings = Settings::parse(text, "wuxin.toml", environment).unwrap();
        assert_eq!(settings.listen.port(), 9000);
        assert_eq!(settings.publish.target, "t");
        assert!(settings.publish.freeze);
        assert_eq!(settings.publish.schedule, "0 0 18 * * *");
        assert_eq!(settings.database_url.reveal(), "postgres://u:hidden@h/d");
        assert!(!format!("{settings:?}").contains("hidden"));
    }

    #[test]
    fn a_syntax_error_names_the_line_and_not_what_stands_on_it() {
        let text = "listen = \"127.0.0.1:9000\"\ndatabase_url = postgres://u:hidden@h/d\n";
        let fault = Settings::parse(text, "wuxin.toml", |_| None)
            .unwrap_err()
            .to_string();
        assert!(
            fault.contains("line 2") && !fault.contains("hidden"),
            "{fault}"
        );
    }

    #[test]
    fn attachments_lie_beside_the_database_unless_told_otherwise() {
        for (url, expected) in [
            ("sqlite:wuxin.db", "wuxin-attachments"),
            ("sqlite:/var/lib/wuxin.db", "/var/lib/wuxin-attachments"),
            ("sqlite::memory:", "wuxin-attachments"),
            ("postgres://u@h/d", "wuxin-attachments"),
        ] {
            let mut settings = Settings {
                database_url: Secret::new(url),
                ..Settings::default()
            };
            assert_eq!(settings.attachment_folder(), Path::new(expected), "{url}");
            settings.attachments = Some("/srv/files".into());
            assert_eq!(settings.attachment_folder(), Path::new("/srv/files"));
        }
    }

    #[test]
    fn a_misspelt_setting_is_an_error_that_names_it() {
        let fault = Settings::parse("lissten = \"x\"\n", "wuxin.toml", |_| None).unwrap_err();
        assert!(fault.to_string().contains("lissten"), "{fault}");
    }
}
