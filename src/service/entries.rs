//! List entries as use cases: a fired predicate opens a proposal, people walk it on, and what the platform must hear is
//! written to the outbox in the transaction of the step.
//!
//! What is lawful is decided by [`crate::listing`]; here a token's role becomes a capacity in the procedure, and the
//! entry, its event, the outbox row, the audit line and the rescoring are stored together.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    App, Error, FieldFault, canonical,
    permission::{self, Action as Permission},
    rescore::{self, Why},
};
use crate::{
    domain::{Day, Uscc},
    listing::{
        self, Action, Actor, Entry, Event, Evidence, FeedIntent, ListClass, ListType, Proposal,
        Role, Severity, State, StateName, Text, Transition,
    },
    rules::{RuleSet, Score},
    store::{
        Db, audit, companies,
        entries::{self as rows, EntryState, NewEvent},
        feed as outbox,
        scores::ScoreCause,
    },
};

/// Name under which the service itself acts.
const SYSTEM: &str = "wuxin";

/// An entry as officers see it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EntryView {
    pub id: String,
    pub company: String,
    /// Id of the list type.
    pub list: String,
    /// `proposed`, `noticed`, `decided`, `published`, `removed`, `dropped`, `not_listed` or `revoked`.
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
}

/// What is known of companies when they are scored again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    /// All their entries.
    pub entries: &'a [Entry],
    /// Lists that fired for the company when it was scored last.
    pub fired_before: &'a [String],
}

/// Opens proposals for the lists whose predicate fires and which the company is not on, nor on its way to. Where people
/// have ended an entry, the same condition that goes on holding opens none: it must have ceased in between.
pub(super) fn propose_fired(
    db: &mut Db,
    app: &App,
    ruleset: &RuleSet,
    company: Uscc,
    score: &Score,
    known: Known<'_>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    for fired in &score.lists {
        let Some(rule) = ruleset.lists().iter().find(|rule| rule.id == *fired) else {
            continue;
        };
        let Some(list) = app.lists.get(rule.class.as_str()) else {
            continue;
        };
        let open = |entry: &&Entry| entry.company == company && entry.list == list.id();
        let mut earlier = known.entries.iter().filter(open).peekable();
        let answered = earlier.peek().is_some() && known.fired_before.contains(fired);
        let under_way = earlier.any(|entry| !ended(entry));
        if under_way || answered || !list.enabled() || !list.has_basis_on(Day::of(now)) {
            continue;
        }
        let clauses = [&rule.clause].into_iter().chain(
            score
                .lines
                .iter()
                .flatten()
                .filter(|line| line.counted)
                .map(|line| &line.clause),
        );
        let mut unique: Vec<Text> = Vec::new();
        for clause in clauses.filter_map(|clause| Text::parse(clause).ok()) {
            if !unique.contains(&clause) {
                unique.push(clause);
            }
        }
        let proposal = Proposal {
            id: Uuid::now_v7(),
            company,
            severity: list
                .class()
                .is_adverse()
                .then(|| rule.severity.map_or(Severity::General, severity_of)),
            evidence: Evidence {
                snapshot: serde_json::to_value(score).map_err(|source| Error::Stored {
                    what: "评分说明",
                    source,
                })?,
                clauses: unique,
            },
            reason: text(&format!(
                "{}：{}（{}）",
                list.title(),
                rule.title,
                rule.clause
            ))?,
        };
        let transition = Entry::propose(proposal, &system()?, now, list)?;
        create(db, &transition, now)?;
    }
    Ok(())
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
    let list = list_type(app, &proposal.list)?;
    if of_companies(db, &[company])?
        .iter()
        .any(|entry| entry.list == list.id() && !ended(entry))
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
    };
    let capacity = capacity(actor, Role::Officer)?;
    let transition = Entry::propose(proposal, &capacity, now, list)?;
    create(db, &transition, now)?;
    let id = transition.entry.id.to_string();
    note(db, &actor.id, "entry.propose", &transition, now)?;
    read_entry(db, actor, &id)
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
    let (permission, role) = needed(action);
    let row = rows::by_id(db, id)?.ok_or_else(|| missing(id))?;
    let company = companies::find(db, &row.company)?.ok_or(Error::NotInScope(row.company))?;
    actor.check(permission, company.region.as_ref())?;
    if row.version != expected {
        return Err(Error::Changed {
            what: "名单事项",
            id: id.to_owned(),
        });
    }
    let capacity = capacity(actor, role)?;
    take(db, app, &row, &capacity, action, now)?;
    read_entry(db, actor, id)
}

/// Ends the display of entries whose longest display is over. Returns how many.
pub fn expire_due(db: &mut Db, app: &App, now: DateTime<Utc>) -> Result<usize, Error> {
    let system = system()?;
    let mut expired = 0;
    for row in every_in(db, &["decided", "published"])? {
        let entry = parse(&row)?;
        let over = entry
            .in_force()
            .is_some_and(|decided| decided.display.until < Day::of(now));
        if over {
            take(db, app, &row, &system, &Action::Expire, now)?;
            expired += 1;
        }
    }
    Ok(expired)
}

/// One entry with its events.
pub fn read_entry(db: &mut Db, actor: &permission::Actor, id: &str) -> Result<EntryView, Error> {
    let row = rows::by_id(db, id)?.ok_or_else(|| missing(id))?;
    let company = companies::find(db, &row.company)?.ok_or(Error::NotInScope(row.company))?;
    actor.check(Permission::ReadEntry, company.region.as_ref())?;
    let mut view = view(&row)?;
    for stored in rows::events(db, &row.company, &row.id)? {
        view.events
            .push(json(&stored.event.data, "名单事项的事件")?);
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
            let known = StateName::ALL.map(StateName::as_str).join("、");
            let what = format!("没有名单状态「{state}」，应为 {known} 之一");
            return Err(Error::Invalid(vec![FieldFault::new("state", "E006", what)]));
        }
    }
    let all = StateName::ALL.map(StateName::as_str);
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

/// All entries of these companies, past ones too.
pub(super) fn of_companies(db: &mut Db, codes: &[Uscc]) -> Result<Vec<Entry>, Error> {
    let mut found = Vec::new();
    for code in codes {
        for row in rows::of_company(db, code)? {
            found.push(parse(&row)?);
        }
    }
    Ok(found)
}

/// Entries that the public may see on a day, with their companies' codes in order.
pub(super) fn published(db: &mut Db, today: Day) -> Result<Vec<Entry>, Error> {
    let mut entries = Vec::new();
    for row in every_in(db, &["decided", "published"])? {
        entries.push(parse(&row)?);
    }
    Ok(visible(entries, today))
}

/// The entries of one company that the public may see on a day.
pub(super) fn published_of(db: &mut Db, company: Uscc, today: Day) -> Result<Vec<Entry>, Error> {
    Ok(visible(of_companies(db, &[company])?, today))
}

/// What is public of these entries. One whose last day is over is none any more, even before the nightly run closes it; a red
/// entry is not shown beside an adverse one.
fn visible(mut entries: Vec<Entry>, today: Day) -> Vec<Entry> {
    entries.retain(|entry| {
        entry
            .in_force()
            .is_some_and(|decided| decided.display.until >= today)
    });
    let hidden = listing::conflicts(&entries, None);
    entries.retain(|entry| {
        entry.public().is_some() && hidden.iter().all(|conflict| conflict.red != entry.id)
    });
    entries
}

fn every_in(db: &mut Db, states: &[&str]) -> Result<Vec<rows::Entry>, Error> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = rows::in_states(db, states, None, after.as_ref(), 500)?;
        all.extend(page.rows);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(all),
        }
    }
}

/// The step itself, with everything that follows from it.
fn take(
    db: &mut Db,
    app: &App,
    row: &rows::Entry,
    actor: &Actor,
    action: &Action,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let entry = parse(row)?;
    let list = list_type(app, &entry.list)?;
    let transition = listing::apply(&entry, action, actor, now, list, &app.calendar)?;
    let others = of_companies(db, &[entry.company])?;
    if matches!(action, Action::Decide(_)) && list.class() == ListClass::Red {
        refuse_beside_adverse(&others, &transition.entry)?;
    }
    let (state, event) = stored(&transition)?;
    rows::append_event(db, row, &state, &event, now)?;
    if let Some(intent) = transition.feed {
        tell_platform(db, app, list, &transition.entry, intent, now)?;
    }
    if matches!(action, Action::Decide(_)) {
        withdraw_red(db, app, &others, &transition.entry, now)?;
    }
    note(db, actor.id.as_str(), "entry.step", &transition, now)?;
    rescore::companies(db, app, &[entry.company], Why::of(ScoreCause::NewFact), now)?;
    Ok(())
}

/// A company with an adverse entry in force is not put on the red list.
fn refuse_beside_adverse(others: &[Entry], red: &Entry) -> Result<(), Error> {
    let mut all: Vec<Entry> = others
        .iter()
        .filter(|other| other.id != red.id)
        .cloned()
        .collect();
    all.push(red.clone());
    if listing::conflicts(&all, Some(red.id)).is_empty() {
        return Ok(());
    }
    Err(Error::WrongState {
        what: "企业",
        id: red.company.to_string(),
        found: "在重点关注名单或严重失信主体名单内",
        step: "列入红名单",
    })
}

/// An adverse decision suspends the company's red entry: what the platform shows of it is withdrawn.
fn withdraw_red(
    db: &mut Db,
    app: &App,
    others: &[Entry],
    adverse: &Entry,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let mut all: Vec<Entry> = others
        .iter()
        .filter(|other| other.id != adverse.id)
        .cloned()
        .collect();
    all.push(adverse.clone());
    for conflict in listing::conflicts(&all, None) {
        let red = all.iter().find(|entry| entry.id == conflict.red);
        if let Some(red) =
            red.filter(|red| conflict.adverse == adverse.id && red.public().is_some())
        {
            tell_platform(
                db,
                app,
                list_type(app, &red.list)?,
                red,
                FeedIntent::Withdraw,
                now,
            )?;
        }
    }
    Ok(())
}

/// Writes the outbox row of a step.
fn tell_platform(
    db: &mut Db,
    app: &App,
    list: &ListType,
    entry: &Entry,
    intent: FeedIntent,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let Some(class) = canonical::class_of(list) else {
        return Ok(());
    };
    let company = companies::find(db, &entry.company)?.ok_or(Error::NotInScope(entry.company))?;
    let last = outbox::last_version(db, &app.target, &entry.id.to_string())?;
    let version = u32::try_from(last.unwrap_or(0) + 1).unwrap_or(u32::MAX);
    let fields = canonical::Change {
        app,
        company: &company,
        list,
        class,
        entry,
        intent,
        version,
        now,
    }
    .fields()?;
    let record = fields.check().map_err(|faults| {
        Error::Invalid(
            faults
                .0
                .iter()
                .map(|fault| FieldFault::new(fault.field, "F001", fault.to_string()))
                .collect(),
        )
    })?;
    let change = outbox::NewChange {
        company: entry.company,
        target: app.target.clone(),
        record_id: entry.id.to_string(),
        version: i64::from(version),
        op: record.fields().op.code().to_owned(),
        withdrawal: record.is_withdrawal(),
        payload: record.to_json(),
        digest: record.digest().to_owned(),
    };
    outbox::enqueue(db, &change, now)?;
    Ok(())
}

fn create(db: &mut Db, transition: &Transition, now: DateTime<Utc>) -> Result<(), Error> {
    let entry = &transition.entry;
    let (state, event) = stored(transition)?;
    rows::create(
        db,
        &entry.company,
        &entry.id.to_string(),
        &entry.list,
        &state,
        &event,
        now,
    )?;
    Ok(())
}

fn stored(transition: &Transition) -> Result<(EntryState, NewEvent), Error> {
    let Transition { entry, event, .. } = transition;
    let state = EntryState {
        state: entry.state_name().as_str().to_owned(),
        severity: entry.severity.map(|severity| severity.as_str().to_owned()),
        due_on: due_on(entry),
        data: to_json(entry, "名单事项")?,
    };
    let event = NewEvent {
        kind: kind_of(event)?,
        actor: event.actor.id.as_str().to_owned(),
        role: role_word(event.actor.role)?,
        reason: event.reason.as_str().to_owned(),
        data: to_json(event, "名单事项的事件")?,
    };
    Ok((state, event))
}

/// The next day on which something is due: the window's end, the last day to publish, the last day of display.
fn due_on(entry: &Entry) -> Option<Day> {
    match &entry.state {
        State::Noticed(noticed) => Some(noticed.notice.window_end),
        State::Decided(decided) => Some(decided.publish_by),
        State::Published(published) => Some(published.decided.display.until),
        _ => None,
    }
}

fn ended(entry: &Entry) -> bool {
    matches!(
        entry.state,
        State::Removed { .. }
            | State::Dropped { .. }
            | State::NotListed { .. }
            | State::Revoked { .. }
    )
}

/// Which permission a step needs, and in which capacity it is taken.
fn needed(action: &Action) -> (Permission, Role) {
    match action {
        Action::Review { .. } => (Permission::DecideEntry, Role::LegalReviewer),
        Action::Drop { .. }
        | Action::Decide(_)
        | Action::DecideNot { .. }
        | Action::SettleDispute { .. }
        | Action::ApproveExit { .. }
        | Action::RefuseExit { .. } => (Permission::DecideEntry, Role::Decider),
        Action::Notify { .. }
        | Action::Waive { .. }
        | Action::Dispute { .. }
        | Action::RequestExit { .. } => (Permission::HandleEntry, Role::Officer),
        Action::Publish { .. } | Action::Expire => (Permission::PublishEntry, Role::Publisher),
    }
}

fn capacity(actor: &permission::Actor, role: Role) -> Result<Actor, Error> {
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

fn severity_of(gravity: crate::rules::Gravity) -> Severity {
    match gravity {
        crate::rules::Gravity::Minor => Severity::Minor,
        crate::rules::Gravity::Ordinary => Severity::General,
        crate::rules::Gravity::Serious => Severity::Serious,
    }
}

fn list_type<'a>(app: &'a App, id: &str) -> Result<&'a ListType, Error> {
    app.lists.get(id).ok_or_else(|| Error::Missing {
        what: "名单类型",
        id: id.to_owned(),
    })
}

fn text(words: &str) -> Result<Text, Error> {
    Text::parse(words)
        .map_err(|fault| Error::Invalid(vec![FieldFault::new("", "E008", fault.to_string())]))
}

fn parse(row: &rows::Entry) -> Result<Entry, Error> {
    json(&row.now.data, "名单事项")
}

fn view(row: &rows::Entry) -> Result<EntryView, Error> {
    let entry = parse(row)?;
    Ok(EntryView {
        id: row.id.clone(),
        company: row.company.to_string(),
        list: row.list.clone(),
        state: row.now.state.clone(),
        state_name: entry.state_name().chinese().to_owned(),
        severity: row.now.severity.clone(),
        version: row.version,
        due_on: row.now.due_on.map(|day| day.to_string()),
        entry,
        events: Vec::new(),
    })
}

fn json<T: serde::de::DeserializeOwned>(data: &str, what: &'static str) -> Result<T, Error> {
    serde_json::from_str(data).map_err(|source| Error::Stored { what, source })
}

fn to_json(value: &impl Serialize, what: &'static str) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|source| Error::Stored { what, source })
}

/// The tag under which an event's kind is serialised.
fn kind_of(event: &Event) -> Result<String, Error> {
    let source = |source| Error::Stored {
        what: "名单事项的事件",
        source,
    };
    let value = serde_json::to_value(&event.kind).map_err(source)?;
    Ok(value["kind"].as_str().unwrap_or_default().to_owned())
}

fn role_word(role: Role) -> Result<String, Error> {
    let quoted = to_json(&role, "角色")?;
    Ok(quoted.trim_matches('"').to_owned())
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
