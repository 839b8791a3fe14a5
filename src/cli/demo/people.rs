//! Who works in the demo's bureau.

use chrono::{DateTime, Utc};

use crate::{
    cli::{Failure, account::randomness},
    secret::Secret,
    service::{self, Actor, App, Error, Role},
};

/// Somebody with a token.
pub(super) struct Person {
    pub actor: Actor,
    pub token: Secret,
}

/// Enough people for every step that needs two.
pub(super) struct People {
    pub officer: Person,
    pub reviewer: Person,
    /// Another reviewer, who examines objections to what the first one confirmed.
    pub examiner: Person,
    pub legal: Person,
    pub decider: Person,
    pub publisher: Person,
}

impl People {
    pub(super) fn hire(app: &App, now: DateTime<Utc>) -> Result<Self, Failure> {
        let hire = |name: &str, role: Role| {
            let bytes = randomness()?;
            let added = app
                .store
                .write(|db| service::add_account(db, "demo", name, role, None, &bytes, now))?;
            Ok::<_, Failure>(Person {
                actor: Actor {
                    id: added.id,
                    role,
                    region: None,
                },
                token: added.token,
            })
        };
        Ok(Self {
            officer: hire("示例录入员", Role::Officer)?,
            reviewer: hire("示例复核员", Role::Reviewer)?,
            examiner: hire("示例核查员", Role::Reviewer)?,
            legal: hire("示例法制员", Role::Legal)?,
            decider: hire("示例决定人", Role::Decider)?,
            publisher: hire("示例发布员", Role::Publisher)?,
        })
    }
}

impl Person {
    /// Takes a step of an entry in this person's name.
    pub(super) fn step(
        &self,
        app: &App,
        entry: &service::EntryView,
        action: &crate::listing::Action,
        now: DateTime<Utc>,
    ) -> Result<service::EntryView, Error> {
        app.store.write(|db| {
            service::step_entry(db, app, &self.actor, &entry.id, entry.version, action, now)
        })
    }
}
