//! What everybody sees: the results of a task with the clock of their publication, and those of a company. Who was drawn is
//! shown from the reveal on, what was found from the publication on.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Subject,
    publishing::{deadline, revealed, until},
    showing::state_of,
};
use crate::{
    domain::{Day, Uscc},
    draw::{Id, fairness::ResultPublication},
    intake::harmless,
    procedure::inspection::{Case, Event, ResultCode, State},
    service::{
        App, Error,
        checks::{drawing::published, from_json, task::Open},
    },
    store::{
        Db,
        checks::{self as kept},
        companies, contracts,
        inspections::{self, Inspection},
    },
};

/// The results of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CheckResults {
    pub id: String,
    /// First and last day of the visits.
    pub from: String,
    pub until: String,
    /// The draw, and each one after it.
    pub attempts: Vec<AttemptResults>,
}

/// The results of one attempt of a draw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AttemptResults {
    pub attempt: i64,
    /// Last day for the publication; absent: the calendar of that year is not known yet.
    pub due_on: Option<String>,
    pub published_on: Option<String>,
    /// Published after the last day, or not published and the last day is over.
    pub late: bool,
    /// Calendar days, until the publication or today.
    pub days_late: i64,
    /// Absent before the reveal: who was drawn is not public then.
    pub objects: Option<Vec<ObjectResult>>,
}

/// The result of one object. No personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ObjectResult {
    pub object: String,
    /// `company` or `project`.
    pub kind: String,
    pub name: String,
    pub company: String,
    pub company_name: String,
    pub district: String,
    /// As of a visit; `due` if nobody came.
    pub state: String,
    pub state_name: String,
    pub visited_on: Option<String>,
    /// Empty before the publication, and of a visit that was not possible or was taken back.
    pub codes: Vec<ResultCodeView>,
    pub rectify_by: Option<String>,
}

/// A result code with its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ResultCodeView {
    pub code: String,
    pub name: String,
}

/// A result in the list of a company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CompanyCheck {
    /// Number of the draw.
    pub task: String,
    pub attempt: i64,
    pub published_on: String,
    #[serde(flatten)]
    pub result: ObjectResult,
}

fn coded(code: &ResultCode) -> ResultCodeView {
    ResultCodeView {
        code: code.as_str().to_owned(),
        name: code.chinese().to_owned(),
    }
}

/// What was found, of a visit that stands.
fn found(db: &mut Db, visit: &Inspection) -> Result<(Vec<ResultCodeView>, Option<String>), Error> {
    if visit.state != State::Closed.as_str() {
        return Ok((Vec::new(), None));
    }
    let events = inspections::events(db, &visit.key)?;
    let events: Vec<Event> = events
        .iter()
        .map(|text| from_json(text))
        .collect::<Result<_, _>>()?;
    let case = Case::of(&events);
    let codes = case.report.iter().flat_map(|report| &report.codes);
    Ok((
        codes.map(coded).collect(),
        case.rectify_by.map(|day| day.to_string()),
    ))
}

/// The result of an object; what was found only if it is public.
fn result(
    db: &mut Db,
    drawn: &kept::Visit,
    visit: Option<&Inspection>,
    public: bool,
) -> Result<ObjectResult, Error> {
    let company = companies::find(db, &drawn.company)?;
    let company_name = company.map_or_else(|| drawn.company.to_string(), |one| one.name);
    let name = match visit {
        Some(visit) => from_json::<Subject>(&visit.data)?.name,
        None if drawn.kind == "project" => contracts::of_project(db, &drawn.object)?
            .pop()
            .map_or_else(|| drawn.object.clone(), |one| one.name),
        None => company_name.clone(),
    };
    let state = visit.map_or(Ok(State::Due), |visit| state_of(&visit.state))?;
    let (codes, rectify_by) = match visit {
        Some(visit) if public => found(db, visit)?,
        Some(_) | None => (Vec::new(), None),
    };
    Ok(ObjectResult {
        object: drawn.object.clone(),
        kind: drawn.kind.clone(),
        name,
        company: drawn.company.to_string(),
        company_name,
        district: drawn.district.to_string(),
        state: state.as_str().to_owned(),
        state_name: state.chinese().to_owned(),
        visited_on: visit
            .and_then(|visit| visit.arrived_on)
            .map(|day| day.to_string()),
        codes,
        rectify_by,
    })
}

/// The results of a task, with the clock of their publication.
///
/// # Errors
/// [`Error::Missing`] for a draw that was not committed to: nothing is known of it in public.
pub fn check_results(
    db: &mut Db,
    app: &App,
    id: &str,
    now: DateTime<Utc>,
) -> Result<CheckResults, Error> {
    let missing = || Error::Missing {
        what: "抽取",
        id: id.to_owned(),
    };
    let file = published(db, id)?.ok_or_else(missing)?;
    let open = Open::read(kept::find(db, id)?.ok_or_else(missing)?)?;
    let done = inspections::publications(db, id)?;
    let begun = inspections::of_task(db, id)?;
    let due = deadline(app, until(&open)?)?.map(|deadline| deadline.due);
    let mut attempts = Vec::new();
    for attempt in 1..=i64::from(open.task.attempt) {
        let drawn = kept::of_attempt(db, id, attempt)?;
        if drawn.is_empty() {
            continue;
        }
        let publication = done.iter().find(|one| one.attempt == attempt);
        let due = publication.map_or(due, |one| one.due_on);
        let end = publication.map_or(Day::of(now), |one| one.published_on);
        let days_late = due.map_or(0, |due| (end.date() - due.date()).num_days().max(0));
        let objects = match revealed(Some(&file), attempt) {
            false => None,
            true => {
                let mut objects = Vec::with_capacity(drawn.len());
                for one in &drawn {
                    let visit = begun.iter().find(|visit| {
                        visit.key.attempt == attempt && visit.key.object == one.object
                    });
                    objects.push(result(db, one, visit, publication.is_some())?);
                }
                Some(objects)
            }
        };
        attempts.push(AttemptResults {
            attempt,
            due_on: due.map(|day| day.to_string()),
            published_on: publication.map(|one| one.published_on.to_string()),
            late: days_late > 0,
            days_late,
            objects,
        });
    }
    Ok(CheckResults {
        id: open.row.id,
        from: open.task.draft.from,
        until: open.task.draft.until,
        attempts,
    })
}

/// When the results of a task were due and published, of the attempt that stands; absent before its draw, and where no
/// calendar says the last day.
pub(in crate::service::checks) fn publication_of(
    db: &mut Db,
    app: &App,
    task: kept::Task,
    draw: &Id,
) -> Result<Option<ResultPublication>, Error> {
    let open = Open::read(task)?;
    let (id, attempt) = (open.row.id.clone(), i64::from(open.task.attempt));
    if kept::of_attempt(db, &id, attempt)?.is_empty() {
        return Ok(None);
    }
    let done = inspections::publications(db, &id)?;
    let done = done.into_iter().find(|one| one.attempt == attempt);
    let due = match &done {
        Some(done) => done.due_on,
        None => deadline(app, until(&open)?)?.map(|deadline| deadline.due),
    };
    Ok(due.map(|due_on| ResultPublication {
        task: draw.clone(),
        due_on,
        published_on: done.map(|one| one.published_on),
    }))
}

/// Columns of the results as open data.
const COLUMNS: [&str; 13] = [
    "draw",
    "attempt",
    "object",
    "kind",
    "name",
    "company",
    "company_name",
    "district",
    "state",
    "visited_on",
    "codes",
    "rectify_by",
    "published_on",
];

impl CheckResults {
    /// The same as CSV (UTF-8 with a byte order mark): a row for each object that may be shown; no cell is taken for a formula.
    ///
    /// # Errors
    /// If it cannot be written, for no reason of the data.
    pub fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        let mut bytes = Vec::from("\u{FEFF}");
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(&mut bytes);
        writer.write_record(COLUMNS)?;
        for attempt in &self.attempts {
            let number = attempt.attempt.to_string();
            for one in attempt.objects.iter().flatten() {
                let codes: Vec<&str> = one.codes.iter().map(|code| code.name.as_str()).collect();
                let codes = codes.join(";");
                let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
                let row = [
                    &self.id,
                    &number,
                    &one.object,
                    &one.kind,
                    &one.name,
                    &one.company,
                    &one.company_name,
                    &one.district,
                    &one.state_name,
                    &or_empty(&one.visited_on),
                    &codes,
                    &or_empty(&one.rectify_by),
                    &or_empty(&attempt.published_on),
                ];
                writer.write_record(row.map(|cell| harmless(cell)))?;
            }
        }
        writer.flush()?;
        drop(writer);
        Ok(bytes)
    }
}

/// The results of a company and its projects that are public, the last visit first.
pub fn company_checks(db: &mut Db, company: Uscc) -> Result<Vec<CompanyCheck>, Error> {
    if companies::find(db, &company)?.is_none() {
        return Err(Error::NotInScope(company));
    }
    let mut published: BTreeMap<(String, i64), Day> = BTreeMap::new();
    let mut checks = Vec::new();
    for visit in inspections::of_company(db, &company)? {
        let at = (visit.key.task.clone(), visit.key.attempt);
        if !published.contains_key(&at) {
            for one in inspections::publications(db, &visit.key.task)? {
                published.insert((one.task, one.attempt), one.published_on);
            }
        }
        let Some(published_on) = published.get(&at) else {
            continue;
        };
        let drawn = kept::of_attempt(db, &at.0, at.1)?;
        let Some(drawn) = drawn.iter().find(|one| one.object == visit.key.object) else {
            continue;
        };
        checks.push(CompanyCheck {
            task: at.0,
            attempt: at.1,
            published_on: published_on.to_string(),
            result: result(db, drawn, Some(&visit), true)?,
        });
    }
    Ok(checks)
}
