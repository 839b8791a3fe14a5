//! Files of entries that were stored before the notice, the decision's service and the statements were steps of their own.

use super::{sample::action, *};

#[derive(serde::Deserialize)]
struct Life {
    name: String,
    entry: Entry,
    events: Vec<Event>,
}

fn lives() -> Vec<Life> {
    serde_json::from_str(include_str!("../old_lives.json")).unwrap()
}

#[test]
fn old_files_are_read_and_built_again() {
    let names: Vec<String> = lives().into_iter().map(|life| life.name).collect();
    assert_eq!(
        names,
        [
            "waived",
            "public, repair asked",
            "revoked",
            "removed",
            "disputed",
            "dropped",
            "not listed"
        ]
    );
    for life in lives() {
        assert_eq!(fold(&life.events), Ok(life.entry), "{}", life.name);
    }
}

#[test]
fn an_old_entry_goes_on_by_the_steps_of_today() {
    let world = World::new();
    let go = |name: &str, steps: &[(&str, Role, &str)]| {
        let life = lives().into_iter().find(|life| life.name == name).unwrap();
        let (mut entry, mut events) = (life.entry, life.events);
        for (name, role, when) in steps {
            let step = action(name, &entry, when);
            let step = world
                .apply(&entry, &step, &person(*role, "另一"), when)
                .unwrap();
            entry = step.entry;
            events.push(step.event);
        }
        assert_eq!(fold(&events), Ok(entry.clone()));
        entry.state_name()
    };
    let repaired = go(
        "public, repair asked",
        &[
            ("accept", Role::LegalReviewer, "2026-06-15 09:00"),
            ("approve", Role::Decider, "2026-06-16 09:00"),
        ],
    );
    assert_eq!(repaired, StateName::Removed);
    let unmarked = go("disputed", &[("reject", Role::Decider, "2026-03-16 09:00")]);
    assert_eq!(unmarked, StateName::Published);
    let public = go(
        "waived",
        &[
            ("decide", Role::Decider, "2026-03-12 00:00"),
            ("serve_decision", Role::Officer, "2026-03-12 09:00"),
            ("publish", Role::Publisher, "2026-03-13 09:00"),
        ],
    );
    assert_eq!(public, StateName::Published);
}

#[test]
fn a_file_out_of_order_is_refused() {
    let events = lives().swap_remove(1).events;
    assert_eq!(fold([]), Err(FoldError::Empty));
    let first = fold(&events[1..]);
    assert!(matches!(
        first,
        Err(FoldError::First {
            kind: "reviewed",
            ..
        })
    ));
    let skipping: Vec<_> = events
        .iter()
        .filter(|event| event.kind.as_str() != "noticed")
        .collect();
    assert_eq!(
        fold(skipping),
        Err(FoldError::Order {
            index: 2,
            kind: "decided",
            state: StateName::Proposed
        })
    );
}
