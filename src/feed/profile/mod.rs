//! A profile says how one platform wants its records; the mapping is a file, never code.
//!
//! Pure: the text of the file comes in from outside. Faults of the file are read by an operator (English); faults of
//! a record under a profile are read by an officer (Chinese).

mod render;

use std::collections::{BTreeMap, BTreeSet};

use encoding_rs::Encoding;
use serde::Deserialize;

pub use render::{RenderFault, RenderWhy, Rendered, render};

use super::canonical::FIELD_NAMES;

/// The profile of the `http-json` transport, as shipped.
pub const HTTP_JSON: &str = include_str!("../../../rules/feeds/http-json.toml");

/// Most records a batch may have, whatever the profile says.
pub const LARGEST_BATCH: usize = 5_000;

/// How a platform wants its records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    pub id: String,
    /// For people.
    pub name: String,
    /// Goes up with every change of the mapping; part of every batch.
    pub version: u32,
    pub transport: Transport,
    pub charset: Charset,
    pub date_format: DateFormat,
    pub withdrawal: WithdrawalForm,
    /// Records in a batch, 1 to [`LARGEST_BATCH`].
    pub batch_size: usize,
    pub paths: Paths,
    /// In the order in which the platform wants them.
    pub fields: Vec<FieldRule>,
    /// Code tables: canonical code to the platform's.
    pub codes: BTreeMap<String, BTreeMap<String, String>>,
}

/// Which transport carries the batches of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    HttpJson,
}

/// What the platform can store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Charset {
    #[serde(rename = "UTF-8")]
    Utf8,
    #[serde(rename = "GB18030")]
    Gb18030,
    #[serde(rename = "GBK")]
    Gbk,
}

impl Charset {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Gb18030 => "GB18030",
            Self::Gbk => "GBK",
        }
    }

    fn encoding(self) -> &'static Encoding {
        match self {
            Self::Utf8 => encoding_rs::UTF_8,
            Self::Gb18030 => encoding_rs::GB18030,
            Self::Gbk => encoding_rs::GBK,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DateFormat {
    /// `2026-03-01`
    Iso,
    /// `20260301`
    Compact,
    /// `2026/03/01`
    Slash,
}

/// How a platform is told that something is withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WithdrawalForm {
    /// As op 3.
    Delete,
    /// As op 2 with the new status: the platform takes no deletes.
    Status,
}

/// Paths under the base address of the platform, without a leading slash.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paths {
    pub batches: String,
    pub records: String,
}

/// One field as the platform wants it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldRule {
    /// The platform's name for it.
    pub name: String,
    /// The canonical field it comes from.
    pub from: String,
    #[serde(default)]
    pub required: bool,
    /// The longest it may be, in `unit`.
    pub max: Option<usize>,
    #[serde(default)]
    pub unit: LengthUnit,
    /// Name of the code table that translates it.
    pub codes: Option<String>,
}

/// What a length counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LengthUnit {
    #[default]
    Chars,
    /// Bytes in the charset of the profile.
    Bytes,
}

/// What is wrong with the file of a profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    #[error("feed profile: {0}")]
    Toml(String),
    #[error(
        "feed profile: field {name:?} comes from {from:?}, which the canonical record does not have"
    )]
    UnknownField { name: String, from: String },
    #[error("feed profile: field {0:?} is named twice")]
    Twice(String),
    #[error("feed profile: field {name:?} uses code table {table:?}, which is not in [codes]")]
    UnknownCodes { name: String, table: String },
    #[error("feed profile: field {0:?} has a longest length of zero")]
    ZeroLength(String),
    #[error("feed profile: batch_size is {0}, expected 1 to {LARGEST_BATCH}")]
    BatchSize(usize),
    #[error(
        "feed profile: canonical field {0:?} must be mapped and required, receipts are matched by it"
    )]
    Missing(&'static str),
    #[error("feed profile: path {0:?} must be relative, without `..`, a query or a fragment")]
    Path(String),
    #[error("feed profile: the http-json transport sends UTF-8, not {0}")]
    Charset(&'static str),
}

/// The file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    name: String,
    version: u32,
    transport: Transport,
    charset: Charset,
    date_format: DateFormat,
    withdrawal: WithdrawalForm,
    batch_size: usize,
    paths: Paths,
    fields: Vec<FieldRule>,
    #[serde(default)]
    codes: BTreeMap<String, BTreeMap<String, String>>,
}

impl Profile {
    /// Reads the text of a profile file.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let file: File =
            toml::from_str(text).map_err(|error| ProfileError::Toml(error.to_string()))?;
        check(&file)?;
        Ok(Self {
            id: file.id,
            name: file.name,
            version: file.version,
            transport: file.transport,
            charset: file.charset,
            date_format: file.date_format,
            withdrawal: file.withdrawal,
            batch_size: file.batch_size,
            paths: file.paths,
            fields: file.fields,
            codes: file.codes,
        })
    }
}

fn check(file: &File) -> Result<(), ProfileError> {
    if !(1..=LARGEST_BATCH).contains(&file.batch_size) {
        return Err(ProfileError::BatchSize(file.batch_size));
    }
    if file.transport == Transport::HttpJson && file.charset != Charset::Utf8 {
        return Err(ProfileError::Charset(file.charset.as_str()));
    }
    for path in [&file.paths.batches, &file.paths.records] {
        let plain = |part: &str| {
            !matches!(part, "" | "." | "..") && !part.contains(['?', '#', '\\', ':', '%'])
        };
        if !path.split('/').all(plain) {
            return Err(ProfileError::Path(path.clone()));
        }
    }
    let mut names = BTreeSet::new();
    for field in &file.fields {
        let name = || field.name.clone();
        if !names.insert(field.name.as_str()) {
            return Err(ProfileError::Twice(name()));
        }
        if !FIELD_NAMES.contains(&field.from.as_str()) {
            let from = field.from.clone();
            return Err(ProfileError::UnknownField { name: name(), from });
        }
        if field.max == Some(0) {
            return Err(ProfileError::ZeroLength(name()));
        }
        if let Some(table) = field
            .codes
            .as_ref()
            .filter(|table| !file.codes.contains_key(*table))
        {
            let table = table.clone();
            return Err(ProfileError::UnknownCodes {
                name: name(),
                table,
            });
        }
    }
    for needed in ["record_id", "record_version", "op", "uscc", "digest"] {
        if !file
            .fields
            .iter()
            .any(|field| field.from == needed && field.required)
        {
            return Err(ProfileError::Missing(needed));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
