//! Properties of whole lives: any steps, by anybody, at any pace.

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::table_tests::{action, role_of};
use super::tests::{World, at, proposal, text};
use super::*;
use crate::domain::Day;

const STEPS: [&str; 14] = [
    "review",
    "notify",
    "waive",
    "decide",
    "publish",
    "ask_repair",
    "ask_revoke",
    "approve",
    "refuse",
    "dispute",
    "settle",
    "expire",
    "drop",
    "decide_not",
];

/// The step that leads on from here, so that random lives get far.
fn onward(entry: &Entry) -> Option<&'static str> {
    let exit = |decided: &Decided, otherwise| match decided.exit_request {
        Some(_) => "approve",
        None => otherwise,
    };
    match &entry.state {
        State::Proposed { review: None } => Some("review"),
        State::Proposed { .. } => Some("notify"),
        State::Noticed(_) => Some("decide"),
        State::Decided(decided) => Some(exit(decided, "publish")),
        State::Published(published) => Some(exit(&published.decided, "ask_repair")),
        _ => None,
    }
}

/// The step with its papers delivered today.
fn today(name: &str, now: DateTime<Utc>) -> Action {
    let mut step = action(name);
    match &mut step {
        Action::Notify { delivered_on, .. } => *delivered_on = Day::of(now),
        Action::Publish { service, .. } => service.delivered_on = Day::of(now),
        _ => {}
    }
    step
}

proptest! {
    #[test]
    fn the_events_of_any_life_give_the_entry_again(
        steps in prop::collection::vec((0..STEPS.len() * 4, prop::bool::weighted(0.9), 0..3_usize, 0_i64..60 * 24 * 12), 0..60)
    ) {
        let world = World::new();
        let first = world.propose(proposal(1), "2026-03-02 09:00").unwrap();
        let (mut entry, mut events, mut now) = (first.entry, vec![first.event], at("2026-03-02 09:00"));
        let mut shown = 0;
        for (index, right, who, minutes) in steps {
            now += chrono::Duration::minutes(minutes);
            let Some(name) = STEPS.get(index).copied().or_else(|| onward(&entry)) else {
                continue;
            };
            let role = if right { role_of(name) } else { Role::ALL[who] };
            let onward = Actor { id: text(role.chinese()), role };
            let anybody = Actor { id: text(["甲", "乙", "丙"][who]), role };
            let actor = if index < STEPS.len() { anybody } else { onward };
            let Ok(step) = apply(&entry, &today(name, now), &actor, now, world.watch(), &world.calendar) else {
                continue;
            };
            shown += match step.feed {
                Some(FeedIntent::Publish) => 1,
                Some(FeedIntent::Withdraw) => -1,
                Some(FeedIntent::Update) | None => 0,
            };
            // Exactly what is public has been sent and not withdrawn.
            prop_assert_eq!(shown, i32::from(step.entry.public().is_some()));
            entry = step.entry;
            events.push(step.event);
        }
        prop_assert_eq!(fold(&events), Ok(entry.clone()));
        let json = serde_json::to_string(&events).unwrap();
        let again: Vec<Event> = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(&again, &events);
        let json = serde_json::to_string(&entry).unwrap();
        prop_assert_eq!(serde_json::from_str::<Entry>(&json).unwrap(), entry.clone());
        prop_assert_eq!(entry.version as usize, events.len());
        if let Some(decided) = entry.in_force() {
            prop_assert_ne!(&decided.decision.by.id, &entry.proposed_by.id);
            prop_assert_ne!(&decided.decision.by.id, &decided.noticed.notice.by.id);
            let window = decided.noticed.notice.window_end;
            prop_assert!(decided.noticed.waiver.is_some() || decided.decision.decided_on > window);
        }
    }
}
