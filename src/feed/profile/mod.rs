//! A profile says how one platform wants its records; the mapping is a file, never code.
//!
//! Pure: the text of the file comes in from outside. Faults of the file are read by an operator (English) and name file,
//! line and what to do; faults of a record under a profile are read by an officer (Chinese).

mod fault;
mod file;
mod lint;
mod naming;
mod reader;
mod render;
mod sections;

use std::collections::BTreeMap;

use encoding_rs::Encoding;

pub use fault::{ProfileError, ProfileFault};
pub use naming::{Naming, NamingError};
pub use render::{RenderFault, RenderWhy, Rendered, render};

/// The profile of the `http-json` transport, as shipped.
pub const HTTP_JSON: &str = include_str!("../../../rules/feeds/http-json.toml");

/// Every shipped profile: its name in the settings, and its text.
pub const SHIPPED: [(&str, &str); 5] = [
    ("http-json", HTTP_JSON),
    (
        "http-counts",
        include_str!("../../../rules/feeds/http-counts.toml"),
    ),
    (
        "xml-file",
        include_str!("../../../rules/feeds/xml-file.toml"),
    ),
    (
        "xlsx-manual",
        include_str!("../../../rules/feeds/xlsx-manual.toml"),
    ),
    ("csv-cf", include_str!("../../../rules/feeds/csv-cf.toml")),
];

/// Most records a batch may have, whatever the profile says.
pub const LARGEST_BATCH: usize = 5_000;

/// What an open end is sent as, where a field wants one.
pub const OPEN_END: &str = "2099-12-31";

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
    /// In the order in which the platform wants them.
    pub fields: Vec<FieldRule>,
    /// Code tables: canonical code to the platform's.
    pub codes: BTreeMap<String, BTreeMap<String, String>>,
    /// How the platform's return files are read; only transports of files have them.
    pub receipts: Option<ReceiptColumns>,
}

/// Which transport carries the batches of a profile, with what only that one needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transport {
    /// JSON over HTTPS, a receipt for each record in the answer.
    HttpJson { paths: Paths, envelope: Envelope },
    /// JSON over HTTPS, the answer has counts only.
    HttpCounts {
        paths: Paths,
        envelope: Envelope,
        answer: CountAnswer,
    },
    /// XML files in a folder, with a manifest each.
    XmlFile { naming: Naming },
    /// CSV files in a folder, with a manifest each.
    CsvFile { naming: Naming },
    /// A workbook that a person uploads.
    XlsxManual { naming: Naming },
}

impl Transport {
    /// The word in the file.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::HttpJson { .. } => "http-json",
            Self::HttpCounts { .. } => "http-counts",
            Self::XmlFile { .. } => "xml-file",
            Self::CsvFile { .. } => "csv-file",
            Self::XlsxManual { .. } => "xlsx-manual",
        }
    }

    /// The paths under the base address, if batches go over HTTP.
    pub fn paths(&self) -> Option<&Paths> {
        match self {
            Self::HttpJson { paths, .. } | Self::HttpCounts { paths, .. } => Some(paths),
            _ => None,
        }
    }

    /// The platform's name of a list of records.
    pub fn records_name(&self) -> &str {
        match self {
            Self::HttpJson { envelope, .. } | Self::HttpCounts { envelope, .. } => {
                &envelope.records
            }
            _ => "records",
        }
    }

    /// How files are named, if batches are files.
    pub fn naming(&self) -> Option<&Naming> {
        match self {
            Self::XmlFile { naming } | Self::CsvFile { naming } | Self::XlsxManual { naming } => {
                Some(naming)
            }
            _ => None,
        }
    }
}

/// What the platform can store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    Utf8,
    Gb18030,
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

    pub(super) fn encoding(self) -> &'static Encoding {
        match self {
            Self::Utf8 => encoding_rs::UTF_8,
            Self::Gb18030 => encoding_rs::GB18030,
            Self::Gbk => encoding_rs::GBK,
        }
    }

    /// The first character of `text` that does not exist here, with its place counted from 1.
    pub(super) fn unmappable(self, text: &str) -> Option<(usize, char)> {
        text.chars().enumerate().find_map(|(index, character)| {
            let mut buffer = [0; 4];
            let (_, _, unmappable) = self.encoding().encode(character.encode_utf8(&mut buffer));
            unmappable.then_some((index + 1, character))
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateFormat {
    /// `2026-03-01`
    Iso,
    /// `20260301`
    Compact,
    /// `2026/03/01`
    Slash,
}

/// How a platform is told that something is withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithdrawalForm {
    /// As op 3.
    Delete,
    /// As op 2 with the new status: the platform takes no deletes.
    Status,
}

/// Paths under the base address of the platform, without a leading slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    pub batches: String,
    /// Where the platform is asked about one record; absent: it cannot be asked.
    pub records: Option<String>,
    /// Where the platform lists what it shows, page by page; absent: it is asked record by record.
    pub listing: Option<String>,
}

/// What a batch of JSON looks like around its records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Name of the head (key, number, counts of the batch); absent: none is sent.
    pub batch: Option<String>,
    /// Name of the list of records.
    pub records: String,
    /// Fields that are always the same: the platform's code of this office, of a table.
    pub constants: BTreeMap<String, String>,
}

impl Default for Envelope {
    fn default() -> Self {
        Self {
            batch: Some("batch".to_owned()),
            records: "records".to_owned(),
            constants: BTreeMap::new(),
        }
    }
}

/// How the answer of a platform that only counts is read: names of its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountAnswer {
    /// Field with the key of the batch; absent: the answer does not repeat it.
    pub batch: Option<String>,
    pub total: String,
    pub success: String,
    pub failed: String,
    /// Field with the platform's own code for the whole batch, and what it says when all is well.
    pub code: Option<(String, String)>,
    /// Whether a record that is there already with equal content counts as a success: halving needs it.
    pub repeats_succeed: bool,
    /// Whether `GET {batches}/{key}` says what became of a batch. Without it a batch of unknown fate is sent again
    /// under the same key, which needs `repeats_succeed`.
    pub query: bool,
}

/// Columns (or XML elements) of a return file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptColumns {
    /// Names the record: its value is that of the profile's field `matches`.
    pub record: String,
    /// The profile's field that `record` repeats.
    pub matches: String,
    /// The version the receipt is about, if the platform repeats it.
    pub version: Option<String>,
    pub result: String,
    pub code: Option<String>,
    pub field: Option<String>,
    pub message: Option<String>,
    /// The platform's word to what it means.
    pub results: BTreeMap<String, ReceiptWord>,
    /// Only refused records are listed; those that are not were taken.
    pub only_failures: bool,
}

/// What a word of a return file means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptWord {
    Accepted,
    Updated,
    Duplicate,
    Rejected,
    /// Name and code match no subject (未关联).
    Unmatched,
}

/// One field as the platform wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRule {
    /// The platform's name for it.
    pub name: String,
    pub source: Source,
    /// Refuse a record without it.
    pub required: bool,
    /// Refuse a record without it where this holds.
    pub required_when: Option<Condition>,
    /// Sent only where this holds.
    pub when: Option<Condition>,
    /// At least one field of a group must have a value.
    pub group: Option<String>,
    /// The longest it may be, in `unit`.
    pub max: Option<usize>,
    pub unit: LengthUnit,
    /// Name of the code table that translates it.
    pub codes: Option<String>,
    pub format: Option<Format>,
    /// An absent date is sent as [`OPEN_END`].
    pub open_end: bool,
    /// Between the items of a field with several, where the platform takes one text.
    pub join: Option<String>,
}

impl FieldRule {
    /// The canonical field it comes from; none of a constant.
    pub fn from(&self) -> Option<&str> {
        match &self.source {
            Source::Field(field) => Some(field),
            Source::Constant(_) => None,
        }
    }
}

/// Where the value of a field comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A field of the canonical record.
    Field(String),
    /// Always the same: the platform's code of this office, of a table.
    Constant(String),
}

/// Holds if every field named has one of the canonical values named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition(pub BTreeMap<String, Vec<String>>);

/// How a value is written, where not as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Date(DateFormat),
    /// An instant as `2026-03-02 08:00:00` in Asia/Shanghai.
    DateTime,
    /// An instant as `20260302080000` in Asia/Shanghai.
    DateTimeCompact,
    /// Money in 万元, six places without trailing zeros, from 分.
    WanYuan,
    /// Money in 元 with two places, from 分.
    Yuan,
}

/// What a length counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LengthUnit {
    #[default]
    Chars,
    /// Bytes in the charset of the profile.
    Bytes,
}

impl Profile {
    /// Whether it is a form for administrative penalties: it cannot go without what only those have.
    pub fn only_penalties(&self) -> bool {
        let penalty = |from: &str| from.starts_with("penalty_");
        let mut rules = self.fields.iter();
        rules.any(|rule| rule.required && rule.from().is_some_and(penalty))
    }

    /// Reads the text of a profile file; every fault of it is reported.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        Self::read("profile", text)
    }

    /// As [`Profile::parse`], with the name of the file for the faults.
    pub fn read(name: &str, text: &str) -> Result<Self, ProfileError> {
        let (profile, mut faults) = file::read(text);
        if faults.is_empty()
            && let Some(profile) = profile
        {
            return Ok(profile);
        }
        faults.sort();
        faults.dedup();
        Err(ProfileError {
            file: name.to_owned(),
            faults,
        })
    }

    /// A shipped profile by its name.
    pub fn shipped(name: &str) -> Option<&'static str> {
        let found = SHIPPED.iter().find(|(known, _)| *known == name)?;
        Some(found.1)
    }
}

#[cfg(test)]
mod tests;
