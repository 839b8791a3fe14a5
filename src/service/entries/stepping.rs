//! One step of an entry, with everything that follows from it: the event, the outbox row, the audit line, the company's red
//! entry, the rescoring.

use chrono::{DateTime, Utc};

use super::{
    list_type, note, of_companies, parse,
    rows::{row_of, stored},
    system,
    telling::{is_gone, tell_platform},
    text,
};
use crate::{
    domain::{Day, Uscc},
    listing::{
        self, Action, Actor, Entry, FeedIntent, ListClass, ShieldCause, State, StepName, Transition,
    },
    service::{
        App, Error,
        deadlines::follow_entry,
        rescore::{self, Why},
    },
    store::{Db, entries as kept, scores::ScoreCause},
};

/// The step itself, with everything that follows from it.
pub(super) fn take(
    db: &mut Db,
    app: &App,
    row: &kept::Entry,
    actor: &Actor,
    action: &Action,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let transition = alone(db, app, row, actor, action, now)?;
    balance_red(db, app, transition.entry.company, now)?;
    let company = transition.entry.company;
    rescore::companies(db, app, &[company], Why::of(ScoreCause::NewFact), now)?;
    Ok(())
}

/// The step with its event, its outbox row and its audit line.
fn alone(
    db: &mut Db,
    app: &App,
    row: &kept::Entry,
    actor: &Actor,
    action: &Action,
    now: DateTime<Utc>,
) -> Result<Transition, Error> {
    let entry = parse(row)?;
    let list = list_type(db, app, &entry.list)?;
    let transition = listing::apply(&entry, action, actor, now, &list, &app.calendar)?;
    let shows = matches!(
        action.name(),
        StepName::Decide | StepName::Publish | StepName::Restore | StepName::Unshield
    );
    if shows && list.class() == ListClass::Red {
        let others = of_companies(db, &[entry.company])?;
        refuse_beside_adverse(others, &transition.entry)?;
    }
    let (state, event) = stored(&transition, &list, &app.calendar)?;
    kept::append_event(db, row, &state, &event, now)?;
    follow_entry(db, app, &transition.entry, &list, now)?;
    if let Some(intent) = transition.feed {
        tell_platform(db, app, &list, &transition.entry, intent, now)?;
    }
    note(db, actor.id.as_str(), "entry.step", &transition, now)?;
    Ok(transition)
}

/// A company with an adverse entry that stands is not put on the red list, nor shown on it.
fn refuse_beside_adverse(others: Vec<Entry>, red: &Entry) -> Result<(), Error> {
    let mut all = others;
    all.retain(|other| other.id != red.id);
    all.push(red.clone());
    if listing::conflicts(&all, Some(red.id))
        .iter()
        .all(|conflict| conflict.red != red.id)
    {
        return Ok(());
    }
    Err(Error::WrongState {
        what: "企业",
        id: red.company.to_string(),
        found: "在重点关注名单或严重失信主体名单内",
        step: "列入红名单",
    })
}

/// An adverse entry that stands hides the company's red one, and when none stands any more the red one is shown again: both
/// are steps of the red entry, taken by the service itself.
fn balance_red(db: &mut Db, app: &App, company: Uscc, now: DateTime<Utc>) -> Result<(), Error> {
    let all = of_companies(db, &[company])?;
    let conflicts = listing::conflicts(&all, None);
    let today = Day::of(now);
    let runs = |entry: &&Entry| {
        let display = entry.listed().map(|decided| decided.display);
        entry.class == ListClass::Red && display.is_some_and(|display| display.until >= today)
    };
    for red in all.iter().filter(runs) {
        let adverse = conflicts.iter().find(|conflict| conflict.red == red.id);
        match (&red.state, adverse) {
            (State::Published(_), Some(conflict)) => {
                let shield = Action::Shield {
                    cause: ShieldCause::Excluded {
                        by: conflict.adverse,
                    },
                    document: text("企业被列入失信类名单，暂停公示")?,
                    digest: None,
                };
                let row = row_of(db, red)?;
                alone(db, app, &row, &system()?, &shield, now)?;
            }
            (State::Shielded(hidden), None)
                if matches!(hidden.shield.cause, ShieldCause::Excluded { .. }) =>
            {
                let unshield = Action::Unshield {
                    reason: text("企业已不在失信类名单内，恢复公示")?,
                };
                let row = row_of(db, red)?;
                alone(db, app, &row, &system()?, &unshield, now)?;
            }
            // Withdrawn without a step, before that was one: the platform must hear that it is shown again.
            (State::Published(_), None) if is_gone(db, app, company, red.id)? => {
                let list = list_type(db, app, &red.list)?;
                tell_platform(db, app, &list, red, FeedIntent::Publish, now)?;
            }
            _ => {}
        }
    }
    Ok(())
}
