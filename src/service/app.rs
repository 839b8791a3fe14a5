//! What every use case works with: the store, the rules in force, list types, calendar, deadlines and divisions.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    RuleBook,
    documents::{self, Templates, TemplatesError},
    jobs::{ScheduleError, Timetable},
    sign_in,
};
use crate::{
    config::{Authority, Backup, Secret, Settings},
    domain::{Calendar, CalendarError, DeadlineError, DeadlineRules, Regions, RegionsError},
    listing::{ListType, ListTypes, TypesError},
    procedure::complaint,
    store::{self, Store, blobs::Blobs},
};

const LISTS: &str = include_str!("../../rules/lists.toml");
const CALENDARS: &[&str] = &[include_str!("../../rules/calendar/2026.toml")];
const DEADLINES: &str = include_str!("../../rules/deadlines.toml");
const COMPLAINTS: &str = include_str!("../../rules/complaints.toml");
const REGIONS: &str = include_str!("../../rules/regions.csv");

/// The service: what it stores in and what it judges by. Cheap to share behind an `Arc`.
#[derive(Debug)]
pub struct App {
    pub store: Store,
    pub rules: RuleBook,
    pub lists: ListTypes,
    pub calendar: Calendar,
    /// Kinds of period of records and complaints, and those of list entries from the list types.
    pub deadlines: DeadlineRules,
    /// What complaints are about, and what their rates count.
    pub complaints: complaint::Policy,
    pub regions: Regions,
    /// Wording of the documents.
    pub documents: Templates,
    /// The organ that decides and publishes.
    pub authority: Authority,
    /// Name of the platform that the outbox is for.
    pub target: String,
    /// Key that signs the codes of credit reports; absent: there are none.
    pub report_key: Option<Secret>,
    /// Where backups go.
    pub backup: Backup,
    /// When the scheduled jobs run.
    pub timetable: Timetable,
    /// Where the bytes of attachments are.
    pub attachments: Blobs,
    /// Largest attachment, bytes.
    pub attachment_bytes: u64,
    /// Attachments of one record together, bytes.
    pub record_attachment_bytes: u64,
    /// How people sign in to the pages.
    pub sign_in: sign_in::Policy,
}

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("cannot read {path}: {source}")]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("the rule set has faults:\n{0}")]
    Rules(String),
    #[error("{}: no rule file (*.toml) in this folder", .0.display())]
    NoRules(PathBuf),
    #[error("list types: {0}")]
    Lists(#[from] TypesError),
    #[error("calendar: {0}")]
    Calendar(#[from] CalendarError),
    #[error("deadlines: {0}")]
    Deadlines(#[from] DeadlineError),
    #[error("complaints: {0}")]
    Complaints(#[from] complaint::PolicyError),
    #[error(transparent)]
    Regions(#[from] RegionsError),
    #[error("sign_in: {0}")]
    SignIn(#[from] sign_in::HasherError),
    #[error("templates of documents:\n{0}")]
    Documents(#[from] TemplatesError),
    #[error("report.key has {0} bytes; at least {REPORT_KEY} are needed")]
    ReportKey(usize),
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    #[error(transparent)]
    Store(#[from] store::OpenError),
}

/// A shorter key could be guessed.
const REPORT_KEY: usize = 32;

fn report_key(settings: &Settings) -> Result<Option<Secret>, OpenError> {
    let key = settings.report.key.clone();
    match key.as_ref().map(|key| key.reveal().len()) {
        Some(short) if short < REPORT_KEY => Err(OpenError::ReportKey(short)),
        _ => Ok(key),
    }
}

impl OpenError {
    /// Whether an outside system failed, rather than the configuration.
    pub fn is_outside(&self) -> bool {
        matches!(self, Self::Store(fault) if fault.is_outside())
    }
}

impl App {
    /// Reads what the settings name, or what is built in, and opens the database.
    pub fn open(settings: &Settings) -> Result<Self, OpenError> {
        let calendars = settings
            .calendars
            .iter()
            .map(read)
            .collect::<Result<Vec<_>, _>>()?;
        let calendar = if calendars.is_empty() {
            Calendar::parse(CALENDARS.iter().copied())?
        } else {
            Calendar::parse(calendars.iter().map(String::as_str))?
        };
        let lists = ListTypes::parse(&or_built_in(settings.lists.as_deref(), LISTS)?)?;
        let deadlines = or_built_in(settings.deadlines.as_deref(), DEADLINES)?;
        // Each type of list has periods of its own; what they are called and rest on is the same.
        let of_lists = lists.iter().flat_map(ListType::deadlines);
        let deadlines = DeadlineRules::parse(&deadlines)?.with(of_lists);
        Ok(Self {
            rules: RuleBook::read(&settings.rules)?,
            lists,
            calendar,
            deadlines,
            complaints: complaint::Policy::parse(&or_built_in(
                settings.complaints.as_deref(),
                COMPLAINTS,
            )?)?,
            regions: Regions::parse(&or_built_in(settings.regions.as_deref(), REGIONS)?)?,
            documents: templates(settings.documents.as_deref())?,
            authority: settings.authority.clone(),
            target: settings.publish.target.clone(),
            report_key: report_key(settings)?,
            backup: settings.backup.clone(),
            timetable: Timetable::new(settings)?,
            attachments: Blobs::new(settings.attachment_folder()),
            attachment_bytes: settings.limits.attachment_bytes,
            record_attachment_bytes: settings.limits.record_attachment_bytes,
            sign_in: sign_in::Policy::new(&settings.sign_in)?,
            store: Store::open(
                settings.database_url.reveal(),
                settings.database_connections,
            )?,
        })
    }
}

/// The templates of a folder, or those built in.
pub(crate) fn templates(folder: Option<&Path>) -> Result<Templates, TemplatesError> {
    Templates::read(|name| match folder {
        None => documents::built_in(name),
        // A name is a file of this folder, not a way out of it.
        Some(_) if Path::new(name).file_name() != Some(name.as_ref()) => {
            Err("应为同一文件夹中的文件名".to_owned())
        }
        Some(folder) => {
            fs::read_to_string(folder.join(name)).map_err(|fault| format!("无法读取：{fault}"))
        }
    })
}

fn or_built_in(path: Option<&Path>, built_in: &str) -> Result<String, OpenError> {
    path.map_or_else(|| Ok(built_in.to_owned()), read)
}

pub(super) fn read(path: impl AsRef<Path>) -> Result<String, OpenError> {
    let path = path.as_ref();
    fs::read_to_string(path).map_err(|source| OpenError::Read {
        path: path.to_owned(),
        source,
    })
}
