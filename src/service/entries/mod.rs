//! List entries as use cases: a fired predicate opens a proposal, people walk it on, and what the platform must hear is
//! written to the outbox in the transaction of the step.
//!
//! What is lawful is decided by [`crate::listing`]; here a token's role becomes a capacity in the procedure, and the
//! entry, its event, the outbox row, the audit line and the rescoring are stored together.

mod bases;
mod proposing;
mod rows;
mod stepping;
mod telling;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    App, Error, FieldFault,
    deadlines::{Kept, follow_entry},
    permission::{self, Action as Permission},
};
use crate::{
    domain::{Day, Deadline, Uscc},
    listing::{
        Action, Actor, Entry, Event, Evidence, LinkedPerson, Proposal, Role, Severity, StateName,
        StepName, Text, Transition, table,
    },
    store::{Db, audit, companies, entries as kept},
};

pub(super) use bases::list_type;
pub use bases::{BasisDraft, BasisView, approve_basis, enter_basis, list_bases, withdraw_basis};
pub(super) use proposing::{Known, propose_fired};
use rows::{STANDING, create, every_in, json, view};
pub(super) use rows::{of_companies, parse, published, published_of, read_all};
use stepping::take;
pub(super) use telling::tell_again;

/// Name under which the service itself acts.
const SYSTEM: &str = "wuxin";

/// An entry as officers see it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EntryView {
    pub id: String,
    pub company: String,
    /// Id of the list type.
    pub list: String,
    /// `proposed`, `issued`, `noticed`, `decided`, `served`, `published`, `shielded`, `removed`, `dropped`, `not_listed` or
    /// `revoked`.
    pub state: String,
    /// The state in words.
    pub state_name: String,
    /// 轻微, 一般 or 严重; absent on a favourable list.
    pub severity: Option<String>,
    /// Number of events: give it back with the next step.
    pub version: i64,
    /// The next deadline.
    pub due_on: Option<String>,
    /// The whole entry.
    #[schema(value_type = Object)]
    pub entry: Entry,
    /// What happened, in order. Left out of lists of entries.
    #[schema(value_type = Vec<Object>)]
    pub events: Vec<Event>,
    /// Every period that runs, the earliest first. Left out of lists of entries.
    #[schema(value_type = Vec<Object>)]
    pub deadlines: Vec<Deadline>,
    /// What the caller can do now, and why not. Left out of lists of entries.
    pub steps: Vec<StepNow>,
}

/// A step of the state that an entry is in.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct StepNow {
    /// `action` of the step.
    pub action: String,
    /// In words.
    pub title: String,
    /// Whether nothing is in the way but what the step itself will say.
    pub open: bool,
    /// Why not, in words.
    pub why_not: Option<String>,
}

/// A proposal by hand.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposalByHand {
    #[schema(value_type = String)]
    pub company: Uscc,
    /// Id of the list type: `watch`, `red`, `warning`.
    pub list: String,
    /// 轻微, 一般 or 严重; absent on a favourable list.
    #[schema(value_type = Option<String>)]
    pub severity: Option<Severity>,
    #[schema(value_type = Vec<String>)]
    pub clauses: Vec<Text>,
    #[schema(value_type = String)]
    pub reason: Text,
    /// Persons linked to it, by name only: `{"name": ..., "link": "legal_representative"}`, `principal_person` or
    /// `directly_responsible`.
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    pub persons: Vec<LinkedPerson>,
}

/// Opens a proposal by hand.
pub fn propose_entry(
    db: &mut Db,
    app: &App,
    actor: &permission::Actor,
    proposal: &ProposalByHand,
    now: DateTime<Utc>,
) -> Result<EntryView, Error> {
    let company = proposal.company;
    let found = companies::find(db, &company)?.ok_or(Error::NotInScope(company))?;
    actor.check(Permission::HandleEntry, found.region.as_ref())?;
    let list = list_type(db, app, &proposal.list)?;
    if of_companies(db, &[company])?
        .iter()
        .any(|entry| entry.list == list.id() && !entry.ended())
    {
        return Err(Error::WrongState {
            what: "企业",
            id: company.to_string(),
            found: "已在该名单或在列入程序中",
            step: "再次提请",
        });
    }
    let proposal = Proposal {
        id: Uuid::now_v7(),
        company,
        severity: proposal.severity,
        evidence: Evidence {
            snapshot: serde_json::Value::Null,
            clauses: proposal.clauses.clone(),
        },
        reason: proposal.reason.clone(),
        persons: proposal.persons.clone(),
    };
    let capacity = capacity(actor)?;
    let transition = Entry::propose(proposal, &capacity, now, &list)?;
    create(db, &transition, &list, &app.calendar, now)?;
    let id = transition.entry.id.to_string();
    note(db, &actor.id, "entry.propose", &transition, now)?;
    read_entry(db, app, actor, &id, now)
}

/// Takes one step of an entry.
pub fn step_entry(
    db: &mut Db,
    app: &App,
    actor: &permission::Actor,
    id: &str,
    expected: i64,
    action: &Action,
    now: DateTime<Utc>,
) -> Result<EntryView, Error> {
    let capacity = capacity(actor)?;
    let permission = needed(action.name(), capacity.role);
    let row = kept::by_id(db, id)?.ok_or_else(|| missing(id))?;
    let company = companies::find(db, &row.company)?.ok_or(Error::NotInScope(row.company))?;
    actor.check(permission, company.region.as_ref())?;
    if row.version != expected {
        return Err(Error::Changed {
            what: "名单事项",
            id: id.to_owned(),
        });
    }
    take(db, app, &row, &capacity, action, now)?;
    read_entry(db, app, actor, id, now)
}

/// Ends the display of entries whose longest display is over. Returns how many.
pub fn expire_due(db: &mut Db, app: &App, now: DateTime<Utc>) -> Result<usize, Error> {
    let system = system()?;
    let mut expired = 0;
    for seen in every_in(db, &STANDING)? {
        // The end of one entry may have moved another of the same company meanwhile.
        let Some(row) = kept::find(db, &seen.company, &seen.id)? else {
            continue;
        };
        let entry = parse(&row)?;
        let over = entry
            .listed()
            .is_some_and(|decided| decided.display.until < Day::of(now));
        if over {
            take(db, app, &row, &system, &Action::Expire, now)?;
            expired += 1;
        }
    }
    Ok(expired)
}

/// One entry with its events, its deadlines, and what the caller can do with it.
pub fn read_entry(
    db: &mut Db,
    app: &App,
    actor: &permission::Actor,
    id: &str,
    now: DateTime<Utc>,
) -> Result<EntryView, Error> {
    let row = kept::by_id(db, id)?.ok_or_else(|| missing(id))?;
    let company = companies::find(db, &row.company)?.ok_or(Error::NotInScope(row.company))?;
    actor.check(Permission::ReadEntry, company.region.as_ref())?;
    let mut view = view(&row)?;
    for stored in kept::events(db, &row.company, &row.id)? {
        view.events
            .push(json(&stored.event.data, "名单事项的事件")?);
    }
    let list = list_type(db, app, &row.list)?;
    view.deadlines = view.entry.clocks(&list, &app.calendar);
    let capacity = capacity(actor)?;
    for open in view.entry.open_steps(&capacity, now, &list) {
        let lawful = open.open.map_err(|illegal| illegal.to_string());
        let allowed = actor.check(needed(open.step, capacity.role), company.region.as_ref());
        let refused = allowed.map_err(|refusal| refusal.to_string()).and(lawful);
        view.steps.push(StepNow {
            action: open.step.as_str().to_owned(),
            title: open.step.chinese().to_owned(),
            open: refused.is_ok(),
            why_not: refused.err(),
        });
    }
    Ok(view)
}

/// Entries in these states (all, if none is named), by company; only those of the account's division.
pub fn list_entries(
    db: &mut Db,
    actor: &permission::Actor,
    states: &[&str],
) -> Result<Vec<EntryView>, Error> {
    for state in states {
        if !StateName::ALL.iter().any(|known| known.as_str() == *state) {
            let known = states_known().join("、");
            let what = format!("没有名单状态「{state}」，应为 {known} 之一");
            return Err(Error::Invalid(vec![FieldFault::new("state", "E006", what)]));
        }
    }
    let all = states_known();
    actor.check(Permission::ReadEntry, actor.region.as_ref())?;
    let mut views = Vec::new();
    for row in every_in(db, if states.is_empty() { &all } else { states })? {
        let region = companies::find(db, &row.company)?.and_then(|company| company.region);
        if actor.check(Permission::ReadEntry, region.as_ref()).is_ok() {
            views.push(view(&row)?);
        }
    }
    Ok(views)
}

fn states_known() -> Vec<&'static str> {
    StateName::ALL.iter().map(|state| state.as_str()).collect()
}

/// Stores what runs for an entry now.
pub(super) fn follow(db: &mut Db, app: &App, id: &str, now: DateTime<Utc>) -> Result<Kept, Error> {
    let row = kept::by_id(db, id)?.ok_or_else(|| missing(id))?;
    let entry = parse(&row)?;
    let list = list_type(db, app, &entry.list)?;
    follow_entry(db, app, &entry, &list, now)
}

/// Which permission a step needs of an account: that of its capacity, if the table knows the step for it; else that of
/// those who may.
fn needed(step: StepName, role: Role) -> Permission {
    let mut roles = table::TABLE
        .iter()
        .filter(|rule| rule.step == step)
        .flat_map(|rule| rule.roles)
        .filter(|known| **known != Role::System);
    let first = roles.clone().next().copied();
    let known = roles.any(|known| *known == role);
    match if known { Some(role) } else { first } {
        Some(Role::LegalReviewer) => Permission::ReviewEntry,
        Some(Role::Decider) => Permission::DecideEntry,
        Some(Role::Publisher) => Permission::PublishEntry,
        Some(Role::Officer | Role::System) | None => Permission::HandleEntry,
    }
}

/// In which capacity an account acts. Whoever has none in the procedure is an officer here, and is refused for the
/// permission.
fn capacity(actor: &permission::Actor) -> Result<Actor, Error> {
    let role = match actor.role {
        permission::Role::Legal => Role::LegalReviewer,
        permission::Role::Decider => Role::Decider,
        permission::Role::Publisher => Role::Publisher,
        permission::Role::Officer
        | permission::Role::Reviewer
        | permission::Role::Auditor
        | permission::Role::Admin
        | permission::Role::Security => Role::Officer,
    };
    Ok(Actor {
        id: text(&actor.id)?,
        role,
    })
}

fn system() -> Result<Actor, Error> {
    Ok(Actor {
        id: text(SYSTEM)?,
        role: Role::System,
    })
}

fn missing_type(id: &str) -> Error {
    Error::Missing {
        what: "名单类型",
        id: id.to_owned(),
    }
}

fn text(words: &str) -> Result<Text, Error> {
    Text::parse(words)
        .map_err(|fault| Error::Invalid(vec![FieldFault::new("", "E008", fault.to_string())]))
}

fn note(
    db: &mut Db,
    actor: &str,
    action: &str,
    transition: &Transition,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let event = audit::NewAudit {
        company: Some(transition.entry.company),
        actor: actor.to_owned(),
        action: action.to_owned(),
        subject: format!("entry {}", transition.entry.id),
        data: serde_json::json!({ "state": transition.entry.state_name().as_str() }).to_string(),
    };
    audit::append(db, &event, now)?;
    Ok(())
}

fn missing(id: &str) -> Error {
    Error::Missing {
        what: "名单事项",
        id: id.to_owned(),
    }
}
