//! The visits of a drawn task: from the arrival of the officers to the records of what they found; what a company sees of
//! them; and the publication of the results. Which step is lawful is said by [`crate::procedure::inspection`].

mod files;
mod findings;
mod libraries;
mod made;
mod publishing;
mod reading;
mod results;
mod showing;
mod stepping;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{
    from_json, in_role,
    library::items,
    task::{Open, State as TaskState},
};
use crate::{
    domain::{Day, Points, RecordKind, Region, Uscc},
    procedure::inspection::{Case, Checklist, Clause, Event, Illegal, Scale, Standing, Taker},
    rules::{Item, PointsForm, RuleSet},
    service::{
        App, Error,
        permission::{Action, Actor},
    },
    store::{
        Db, StoreError,
        checks::{self as kept},
        companies, contracts,
        inspections::{self, Inspection, Key},
    },
};

pub use files::{NewPhoto, PhotoView, attach_photo, may_attach_photo, read_photo};
pub use libraries::{
    CheckAccount, CheckAccountDraft, CheckScope, CheckScopeDraft, bind_check_officer,
    put_check_scope,
};
pub(super) use made::{begun_and_open, has_begun, last_arrival, made_in};
pub(in crate::service) use publishing::follow;
pub use publishing::{CheckPublish, CheckPublished, publish_check};
pub use reading::{VisitLine, VisitView, my_visits, read_visit};
pub(super) use results::publication_of;
pub use results::{
    AttemptResults, CheckResults, CompanyCheck, ObjectResult, ResultCodeView, check_results,
    company_checks,
};
pub use showing::{ShownItem, ShownOfficer, ShownVisit, shown_visit};
pub use stepping::{VisitStep, step_visit};

/// Which visit is meant: of the last attempt, if none is named.
#[derive(Debug, Clone, Copy)]
pub struct VisitOf<'a> {
    pub task: &'a str,
    pub object: &'a str,
    pub attempt: Option<i64>,
}

/// Who and what, as it was when the visit began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Subject {
    /// `company` or `project`.
    pub kind: String,
    pub name: String,
    pub company_name: String,
    pub district: Region,
    pub items: Vec<Covered>,
    pub from: Day,
    pub until: Day,
    /// Id of the rule set of the checklist.
    pub ruleset: String,
    pub checklist: Checklist,
}

/// An inspection item of the task, with what allows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Covered {
    pub id: String,
    pub title: String,
    pub basis: String,
}

/// A visit with everything a step depends on.
pub(super) struct Visit {
    pub open: Open,
    pub key: Key,
    pub company: Uscc,
    pub year: i32,
    /// Absent: nobody came yet.
    pub row: Option<Inspection>,
    pub events: Vec<Event>,
    pub case: Case,
    pub subject: Subject,
    /// Ids of the officers, with substitutes.
    pub team: Vec<String>,
    pub revealed: bool,
    pub published: bool,
    /// The officer whose account the caller's is.
    pub officer: Option<String>,
}

impl Visit {
    /// Reads a visit for somebody who reads the checks of its division, or is of its team.
    ///
    /// # Errors
    /// [`Error::Refused`] for everybody else, whether or not the object was drawn: who was drawn is not to be found out by
    /// asking.
    pub fn find(
        db: &mut Db,
        app: &App,
        actor: &Actor,
        of: VisitOf<'_>,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let missing = |what, id: &str| Error::Missing {
            what,
            id: id.to_owned(),
        };
        let row = kept::find(db, of.task)?.ok_or_else(|| missing("抽查任务", of.task))?;
        let reads = actor.check(Action::ReadCheck, Some(&row.district));
        let open = Open::read(row)?;
        let officer = libraries::officer_of(db, &actor.id)?;
        let last = i64::from(open.task.attempt);
        let attempt = of.attempt.unwrap_or(last);
        let standing = kept::of_attempt(db, of.task, attempt)?;
        let is_drawn = !standing.is_empty();
        let drawn = standing.into_iter().find(|one| one.object == of.object);
        let in_team = officer.as_ref().is_some_and(|officer| {
            drawn
                .as_ref()
                .is_some_and(|drawn| drawn.officers.contains(officer))
        });
        if !in_team {
            reads?;
        }
        if !is_drawn {
            return Err(open.wrong("检查"));
        }
        let drawn = drawn.ok_or_else(|| missing("被抽中的检查对象", of.object))?;
        let key = Key {
            task: of.task.to_owned(),
            attempt,
            object: of.object.to_owned(),
        };
        let row = inspections::find(db, &key)?;
        let events = inspections::events(db, &key)?;
        let events: Vec<Event> = events
            .iter()
            .map(|text| from_json(text))
            .collect::<Result<_, _>>()?;
        let subject = match &row {
            Some(row) => from_json(&row.data)?,
            None => subject(db, app, &open, &drawn, now)?,
        };
        let published = inspections::publications(db, of.task)?
            .iter()
            .any(|one| one.attempt == attempt);
        Ok(Self {
            case: Case::of(&events),
            company: drawn.company,
            year: drawn.year,
            revealed: attempt < last || open.state == TaskState::Revealed,
            team: drawn.officers,
            open,
            key,
            row,
            events,
            subject,
            published,
            officer,
        })
    }

    /// What a step depends on.
    pub fn standing<'a>(&'a self, app: &'a App) -> Standing<'a> {
        Standing {
            team: &self.team,
            window: (self.subject.from, self.subject.until),
            revealed: self.revealed,
            published: self.published,
            checklist: &self.subject.checklist,
            calendar: &app.calendar,
        }
    }

    pub fn taker<'a>(&'a self, actor: &'a Actor) -> Taker<'a> {
        Taker {
            account: &actor.id,
            officer: self.officer.as_deref(),
        }
    }

    /// Everybody of the team has a certificate that is valid today.
    pub fn certified(&self, db: &mut Db, today: Day) -> Result<(), Error> {
        for one in super::library::officers(db)? {
            let in_team = self.team.iter().any(|id| id == one.id.as_str());
            if in_team && (!one.active || one.certificate_until < today) {
                return Err(Illegal::Certificate {
                    officer: one.id.to_string(),
                    until: one.certificate_until,
                }
                .into());
            }
        }
        Ok(())
    }
}

/// What is known before anybody came.
fn subject(
    db: &mut Db,
    app: &App,
    open: &Open,
    drawn: &kept::Visit,
    now: DateTime<Utc>,
) -> Result<Subject, Error> {
    let draft = &open.task.draft;
    let ruleset = app.rules.in_force(Day::of(now))?;
    let company = companies::find(db, &drawn.company)?;
    let company_name = company.map_or_else(|| drawn.company.to_string(), |one| one.name);
    let name = if drawn.kind == "project" {
        let project = contracts::of_project(db, &drawn.object)?.pop();
        project.map_or_else(|| drawn.object.clone(), |one| one.name)
    } else {
        company_name.clone()
    };
    let known = items(db)?;
    let covered: Vec<Covered> = (draft.items.iter())
        .filter_map(|id| known.iter().find(|item| item.id.as_str() == id.trim()))
        .map(|item| Covered {
            id: item.id.to_string(),
            title: item.title.clone(),
            basis: item.basis.clone(),
        })
        .collect();
    let scope = libraries::scope_of(db, &covered)?;
    Ok(Subject {
        kind: drawn.kind.clone(),
        name,
        company_name,
        district: drawn.district.clone(),
        from: day_of_task(&draft.from)?,
        until: day_of_task(&draft.until)?,
        ruleset: ruleset.id().to_owned(),
        checklist: checklist(ruleset, scope.as_ref()),
        items: covered,
    })
}

/// A day of the draft of a task, which was read when it was prepared.
fn day_of_task(raw: &str) -> Result<Day, Error> {
    Day::parse(raw).map_err(|_| {
        Error::Store(StoreError::Corrupt {
            table: "check_task",
            column: "data",
            value: raw.to_owned(),
        })
    })
}

/// The items that records of spot checks may cite; of those, the ones in the scope, if there is one.
fn checklist(ruleset: &RuleSet, scope: Option<&BTreeSet<String>>) -> Checklist {
    let citable = ruleset.items().iter().filter(|item| may_cite(item));
    let clauses = citable
        .filter(|item| scope.is_none_or(|scope| scope.contains(&item.id)))
        .map(|item| Clause {
            item: item.id.clone(),
            clause: item.clause.clone(),
            title: item.title.clone(),
            scale: match (&item.points, item.points.range()) {
                (PointsForm::Chosen { .. }, Some((min, max))) => chosen(min, max),
                _ => Scale::ByRule,
            },
        });
    Checklist {
        clauses: clauses.collect(),
    }
}

fn may_cite(item: &Item) -> bool {
    item.kinds.is_empty() || item.kinds.contains(&RecordKind::SpotCheck)
}

fn chosen(min: Decimal, max: Decimal) -> Scale {
    match (Points::new(min), Points::new(max)) {
        (Ok(min), Ok(max)) => Scale::Chosen { min, max },
        // Bounds that are no points have been refused with the rule file; the rules check the record once more.
        _ => Scale::ByRule,
    }
}

/// Whether the role may at all; the division is asked for with the visit.
fn may(actor: &Actor, action: Action) -> Result<(), Error> {
    Ok(in_role(actor, action)?)
}
