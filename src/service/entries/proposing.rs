//! Proposals that the rules open. A score never lists anybody: it only puts evidence before people.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{create, list_type, system, text};
use crate::{
    domain::{Day, Uscc},
    listing::{Entry, Evidence, Proposal, Severity, Text},
    rules::{Gravity, RuleSet, Score},
    service::{App, Error},
    store::Db,
};

/// What is known of companies when they are scored again.
#[derive(Debug, Clone, Copy)]
pub(in crate::service) struct Known<'a> {
    /// All their entries.
    pub entries: &'a [Entry],
    /// Lists that fired for the company when it was scored last.
    pub fired_before: &'a [String],
}

/// Opens proposals for the lists whose predicate fires and which the company is not on, nor on its way to. Where people
/// have ended an entry, the same condition that goes on holding opens none: it must have ceased in between.
pub(in crate::service) fn propose_fired(
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
        if app.lists.get(rule.class.as_str()).is_none() {
            continue;
        }
        let list = list_type(db, app, rule.class.as_str())?;
        let open = |entry: &&Entry| entry.company == company && entry.list == list.id();
        let mut earlier = known.entries.iter().filter(open).peekable();
        let answered = earlier.peek().is_some() && known.fired_before.contains(fired);
        let under_way = earlier.any(|entry| !entry.ended());
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
            persons: Vec::new(),
        };
        let transition = Entry::propose(proposal, &system()?, now, &list)?;
        create(db, &transition, &list, &app.calendar, now)?;
    }
    Ok(())
}

fn severity_of(gravity: Gravity) -> Severity {
    match gravity {
        Gravity::Minor => Severity::Minor,
        Gravity::Ordinary => Severity::General,
        Gravity::Serious => Severity::Serious,
    }
}
