//! What every use case works with: the store, the rules in force, list types, calendar and divisions.

use std::{
    fs,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};

use super::Error;
use crate::{
    config::{Authority, Settings},
    domain::{Day, Regions, RegionsError, SubjectKind},
    listing::{Calendar, CalendarError, ListTypes, TypesError},
    rules::{self, Diagnostic, RuleSet},
    store::{self, Store},
};

const DRAFT: (&str, &str) = (
    "ziyang-draft.toml",
    include_str!("../../rules/ziyang-draft.toml"),
);
const LISTS: &str = include_str!("../../rules/lists.toml");
const CALENDARS: &[&str] = &[include_str!("../../rules/calendar/2026.toml")];
const REGIONS: &str = include_str!("../../rules/regions.csv");

/// The service: what it stores in and what it judges by. Cheap to share behind an `Arc`.
#[derive(Debug)]
pub struct App {
    pub store: Store,
    pub rules: RuleBook,
    pub lists: ListTypes,
    pub calendar: Calendar,
    pub regions: Regions,
    /// The organ that decides and publishes.
    pub authority: Authority,
    /// Name of the platform that the outbox is for.
    pub target: String,
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
    #[error("list types: {0}")]
    Lists(#[from] TypesError),
    #[error("calendar: {0}")]
    Calendar(#[from] CalendarError),
    #[error(transparent)]
    Regions(#[from] RegionsError),
    #[error(transparent)]
    Store(#[from] store::OpenError),
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
        Ok(Self {
            rules: RuleBook::read(&settings.rules)?,
            lists: ListTypes::parse(&or_built_in(settings.lists.as_deref(), LISTS)?)?,
            calendar,
            regions: Regions::parse(&or_built_in(settings.regions.as_deref(), REGIONS)?)?,
            authority: settings.authority.clone(),
            target: settings.publish.target.clone(),
            store: Store::open(
                settings.database_url.reveal(),
                settings.database_connections,
            )?,
        })
    }
}

fn or_built_in(path: Option<&Path>, built_in: &str) -> Result<String, OpenError> {
    path.map_or_else(|| Ok(built_in.to_owned()), read)
}

fn read(path: impl AsRef<Path>) -> Result<String, OpenError> {
    let path = path.as_ref();
    fs::read_to_string(path).map_err(|source| OpenError::Read {
        path: path.to_owned(),
        source,
    })
}

/// The rule sets for companies, with their texts.
#[derive(Debug)]
pub struct RuleBook(Vec<RuleSet>);

impl RuleBook {
    /// Reads these files; the draft that is built in, if there are none.
    pub fn read(files: &[PathBuf]) -> Result<Self, OpenError> {
        let mut sources = Vec::new();
        for path in files {
            sources.push((path.display().to_string(), read(path)?));
        }
        if sources.is_empty() {
            sources.push((DRAFT.0.to_owned(), DRAFT.1.to_owned()));
        }
        let mut book = Vec::new();
        let mut faults = Vec::new();
        for (name, source) in sources {
            match RuleSet::load(&name, &source) {
                Ok(loaded) => book.push(loaded.ruleset),
                Err(found) => faults.push(render(&found, &source)),
            }
        }
        let all: Vec<&RuleSet> = book.iter().collect();
        faults.extend(
            rules::overlapping_versions(&all)
                .iter()
                .map(ToString::to_string),
        );
        if !faults.is_empty() {
            return Err(OpenError::Rules(faults.join("\n")));
        }
        Ok(Self(book))
    }

    /// The rule set for companies in force on a day.
    ///
    /// # Errors
    /// None or several: a day that no version covers, or two do, is an error, never a guess.
    pub fn in_force(&self, day: Day) -> Result<&RuleSet, Error> {
        let mut found = self.0.iter().filter(|ruleset| {
            ruleset.subject() == SubjectKind::Company && ruleset.in_force_on(day)
        });
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            (None, _) => Err(Error::RuleSet {
                day,
                found: "没有".to_owned(),
            }),
            (Some(one), Some(two)) => Err(Error::RuleSet {
                day,
                found: format!("{}、{}", one.id(), two.id()),
            }),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &RuleSet> {
        self.0.iter()
    }

    /// Keeps the text of every rule set, so that a stored score can be replayed under the version that made it.
    pub fn keep(&self, db: &mut store::Db, now: DateTime<Utc>) -> Result<(), Error> {
        for ruleset in &self.0 {
            store::rulesets::put(db, ruleset.id(), ruleset.digest(), ruleset.text(), now)?;
        }
        Ok(())
    }
}

fn render(found: &[Diagnostic], source: &str) -> String {
    found
        .iter()
        .map(|diagnostic| diagnostic.render(source))
        .collect::<Vec<_>>()
        .join("\n")
}
