//! What a company sees of itself beyond what everybody sees: its records in their procedure, its list entries, and what
//! runs for both. The company is that of the session, so that nothing here takes an [`Actor`](super::Actor).
//!
//! Drafts are left out: nothing was determined yet. So are proposals for a list before the company was given notice, and
//! complaints, which are between the complainant and the bureau until they become a record.

use chrono::{DateTime, Utc};

use super::{
    App, Error, ProcessView,
    deadlines::{self, BoardRow},
    entries,
    lookup::score_on_file,
    records::process,
};
use crate::{
    domain::{Contract, Day, DeadlineRule, MatterKind, Record, RecordStatus, Uscc},
    listing::{Entry, StateName},
    procedure::record::{Case, Event, rule},
    rules::{Line, RuleSet},
    store::{
        Db, companies, contracts,
        deadlines::{self as kept, ClockState, Filter, StoredClock},
        records::{self, events},
    },
};

/// Periods of one company, at most.
const PERIODS: usize = 1_000;

/// Everything about a company that is under way.
#[derive(Debug, Clone, PartialEq)]
pub struct CompanyMatters {
    pub name: String,
    /// Running periods of its records and entries, the earliest last day first, those without one at the end.
    pub periods: Vec<BoardRow>,
    /// The newest first.
    pub records: Vec<CompanyRecord>,
    pub entries: Vec<CompanyEntry>,
}

/// A record of the company.
#[derive(Debug, Clone, PartialEq)]
pub struct CompanyRecord {
    pub record: Record,
    /// The item in the words of the rules in force; its id where they do not know it.
    pub title: String,
    pub clause: String,
    /// What the stored score has for it, else the points in the words of the rules.
    pub points: String,
    /// Whether the stored score counts it.
    pub counted: bool,
    /// How it was counted where that is not plain, or why it was not.
    pub why: Option<String>,
    pub case: Case,
    /// Its running periods.
    pub periods: Vec<BoardRow>,
}

/// One record with its whole procedure and what the rules say of the company's rights.
#[derive(Debug, Clone)]
pub struct CompanyRecordView {
    pub record: CompanyRecord,
    pub process: ProcessView,
    /// The period for objections.
    pub objection: DeadlineRule,
    /// The period for rectification.
    pub rectification: DeadlineRule,
}

/// A list entry of the company, from the notice on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyEntry {
    pub id: String,
    pub list_title: String,
    /// In words.
    pub state: &'static str,
    /// Absent before the decision was served.
    pub decision_no: Option<String>,
    pub display_until: Option<String>,
    /// Whether everybody sees it at `/lists/{id}`.
    pub public: bool,
}

/// Everything about a company that is under way.
///
/// # Errors
/// [`Error::NotInScope`] for a company that is not registered here.
pub fn company_matters(
    db: &mut Db,
    app: &App,
    uscc: Uscc,
    now: DateTime<Utc>,
) -> Result<CompanyMatters, Error> {
    let company = companies::find(db, &uscc)?.ok_or(Error::NotInScope(uscc))?;
    let today = Day::of(now);
    let ruleset = app.rules.in_force(today)?;
    let lines = lines(db, ruleset, uscc, today)?;
    let mut clocks = own_clocks(db, uscc)?;
    let shown_entries: Vec<Entry> = entries::of_companies(db, &[uscc])?
        .into_iter()
        .filter(told)
        .collect();
    let of_shown = |clock: &StoredClock| {
        let mut ids = shown_entries.iter().map(|entry| entry.id.to_string());
        clock.subject.kind != MatterKind::Entry || ids.any(|id| id == clock.subject.id)
    };
    clocks.retain(of_shown);
    let mut records = Vec::new();
    for record in visible(db, uscc)? {
        if record.company.is_none() {
            clocks.extend(clocks_of(db, &record.id)?);
        }
        let own: Vec<&StoredClock> = clocks
            .iter()
            .filter(|clock| {
                clock.subject.kind == MatterKind::Record && clock.subject.id == record.id
            })
            .collect();
        records.push(shown(db, app, ruleset, record, &lines, &own, today)?);
    }
    records.sort_by_key(|one| std::cmp::Reverse(dated(&one.record)));
    // Those without a last day come at the end.
    clocks.sort_by_key(|clock| (clock.clock.due.is_none(), clock.clock.due));
    Ok(CompanyMatters {
        name: company.name,
        periods: rows(app, clocks.iter(), today)?,
        records,
        entries: shown_entries
            .iter()
            .map(|entry| of_entry(app, entry, today))
            .collect(),
    })
}

/// One record of the company.
///
/// # Errors
/// [`Error::Missing`], the same for a record of another company, for a draft, and for one that is not there.
pub fn company_record(
    db: &mut Db,
    app: &App,
    uscc: Uscc,
    id: &str,
    now: DateTime<Utc>,
) -> Result<CompanyRecordView, Error> {
    let own = visible(db, uscc)?.into_iter().find(|one| one.id == id);
    let record = own.ok_or_else(|| Error::Missing {
        what: "记录",
        id: id.to_owned(),
    })?;
    let today = Day::of(now);
    let ruleset = app.rules.in_force(today)?;
    let lines = lines(db, ruleset, uscc, today)?;
    let clocks = clocks_of(db, id)?;
    let clocks: Vec<&StoredClock> = clocks.iter().collect();
    Ok(CompanyRecordView {
        record: shown(db, app, ruleset, record, &lines, &clocks, today)?,
        process: process(db, app, id, now)?,
        objection: app.deadlines.get(rule::OBJECTION)?.clone(),
        rectification: app.deadlines.get(rule::RECTIFY)?.clone(),
    })
}

/// The determined records about the company, or about a project while it was the company's.
fn visible(db: &mut Db, uscc: Uscc) -> Result<Vec<Record>, Error> {
    let contracts = contracts::of_company(db, &uscc)?;
    let about = |record: &Record| match record.company {
        Some(company) => company == uscc,
        None => contracts.iter().any(|contract| managed(contract, record)),
    };
    Ok(records::of_company(db, &uscc)?
        .into_iter()
        .map(|version| version.record)
        .filter(|record| record.status != RecordStatus::Draft && about(record))
        .collect())
}

fn managed(contract: &Contract, record: &Record) -> bool {
    record.project.as_ref() == Some(&contract.project)
        && record
            .occurred_on
            .or(record.decided_on)
            .is_none_or(|day| contract.in_force_on(day))
}

fn dated(record: &Record) -> Option<Day> {
    record
        .decided_on
        .or(record.occurred_on)
        .or(record.entered_on)
}

/// The lines of the stored score; none for a company that is not scored yet.
fn lines(db: &mut Db, ruleset: &RuleSet, uscc: Uscc, today: Day) -> Result<Vec<Line>, Error> {
    match score_on_file(db, ruleset, uscc, today) {
        Ok((_, explanation)) => Ok(explanation.score.lines.unwrap_or_default()),
        Err(Error::NotScored(_)) => Ok(Vec::new()),
        Err(fault) => Err(fault),
    }
}

fn own_clocks(db: &mut Db, uscc: Uscc) -> Result<Vec<StoredClock>, Error> {
    let filter = Filter {
        kinds: Some(vec![MatterKind::Entry, MatterKind::Record]),
        company: Some(uscc),
        ..Filter::default()
    };
    Ok(kept::running(db, &filter, PERIODS)?)
}

fn clocks_of(db: &mut Db, record: &str) -> Result<Vec<StoredClock>, Error> {
    let mut clocks = kept::of_matter(db, MatterKind::Record, record)?;
    clocks.retain(|clock| clock.state == ClockState::Running);
    Ok(clocks)
}

fn rows<'c>(
    app: &App,
    clocks: impl Iterator<Item = &'c StoredClock>,
    today: Day,
) -> Result<Vec<BoardRow>, Error> {
    clocks
        .map(|clock| deadlines::row(app, clock, today))
        .collect()
}

fn shown(
    db: &mut Db,
    app: &App,
    ruleset: &RuleSet,
    record: Record,
    lines: &[Line],
    clocks: &[&StoredClock],
    today: Day,
) -> Result<CompanyRecord, Error> {
    let events: Vec<Event> = events::of_record(db, &record.id)?
        .iter()
        .map(|stored| serde_json::from_str(&stored.event.data))
        .collect::<Result<_, _>>()
        .map_err(|source| Error::Stored {
            what: "记录的事件",
            source,
        })?;
    let item = ruleset.item(&record.item);
    let line = lines
        .iter()
        .find(|line| line.record.as_deref() == Some(record.id.as_str()));
    let in_words = || item.map(|item| ruleset.points_of(item)).unwrap_or_default();
    Ok(CompanyRecord {
        title: item.map_or_else(|| record.item.clone(), |item| item.title.clone()),
        clause: item.map_or_else(String::new, |item| item.clause.clone()),
        points: line.map_or_else(in_words, |line| {
            let points = if line.counted {
                line.points
            } else {
                line.before.unwrap_or(line.points)
            };
            points.normalize().to_string()
        }),
        counted: line.is_some_and(|line| line.counted),
        why: line.and_then(|line| line.why.clone()),
        case: Case::of(&events),
        periods: rows(app, clocks.iter().copied(), today)?,
        record,
    })
}

/// Whether the company was told of the entry.
fn told(entry: &Entry) -> bool {
    !matches!(
        entry.state_name(),
        StateName::Proposed | StateName::Issued | StateName::Dropped
    )
}

fn of_entry(app: &App, entry: &Entry, today: Day) -> CompanyEntry {
    let served = entry
        .listed()
        .filter(|_| entry.state_name() != StateName::Decided);
    CompanyEntry {
        id: entry.id.to_string(),
        list_title: app
            .lists
            .get(&entry.list)
            .map_or_else(|| entry.list.clone(), |list| list.title().to_owned()),
        state: entry.state_name().chinese(),
        decision_no: served.map(|decided| decided.decision.number.to_string()),
        display_until: served.map(|decided| decided.display.until.to_string()),
        public: entry
            .public()
            .is_some_and(|published| published.decided.display.until >= today),
    }
}
