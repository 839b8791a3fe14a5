//! The procedure, told by its tests.

mod afterwards;
mod clocks;
mod document;
mod life;
mod old;
mod sample;
mod steps;
mod table;

use chrono::{DateTime, Utc};

use super::*;
use crate::domain::{Calendar, Day, Uscc};

struct World {
    types: ListTypes,
    calendar: Calendar,
}

impl World {
    fn new() -> Self {
        Self::of(include_str!("../../../rules/lists.toml"))
    }

    /// Every decision needs the next higher organ's agreement.
    fn with_higher_approval() -> Self {
        let text = include_str!("../../../rules/lists.toml");
        Self::of(&text.replace("higher_approval = false", "higher_approval = true"))
    }

    fn of(lists: &str) -> Self {
        Self {
            types: ListTypes::parse(lists).unwrap(),
            calendar: Calendar::parse([include_str!("../../../rules/calendar/2026.toml")]).unwrap(),
        }
    }

    fn watch(&self) -> &ListType {
        self.types.get("watch").unwrap()
    }

    fn propose(&self, proposal: Proposal, when: &str) -> Result<Transition, Illegal> {
        let officer = person(Role::Officer, "经手");
        Entry::propose(proposal, &officer, at(when), self.watch())
    }

    fn apply(
        &self,
        entry: &Entry,
        action: &Action,
        actor: &Actor,
        when: &str,
    ) -> Result<Transition, Illegal> {
        apply(entry, action, actor, at(when), self.watch(), &self.calendar)
    }
}

/// An instant given in Asia/Shanghai.
fn at(text: &str) -> DateTime<Utc> {
    format!("{}:00+08:00", text.replace(' ', "T"))
        .parse()
        .unwrap()
}

fn text(raw: &str) -> Text {
    Text::parse(raw).unwrap()
}

fn digest() -> DocumentDigest {
    DocumentDigest::parse(&"0a".repeat(32)).unwrap()
}

fn person(role: Role, name: &str) -> Actor {
    let id = text(&format!("{name}{}", role.chinese()));
    Actor { id, role }
}

fn day(raw: &str) -> Day {
    Day::parse(raw).unwrap()
}

fn company(number: u32) -> Uscc {
    Uscc::complete(&format!("91512002MA6{number:06}")[..17]).unwrap()
}

fn proposal(number: u128) -> Proposal {
    Proposal {
        id: uuid::Uuid::from_u128(number),
        company: company(1),
        severity: Some(Severity::General),
        evidence: Evidence {
            snapshot: serde_json::json!({"score": "52.00", "grade": "D", "records": ["r1"]}),
            clauses: vec![text("第二十条")],
        },
        reason: text("等级为D级"),
        persons: vec![],
    }
}
