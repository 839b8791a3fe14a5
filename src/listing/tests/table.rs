//! Every state x action x role x clock against a table written from the procedure, not from the code.

use std::collections::BTreeSet;

use super::{
    sample::{SAMPLES, action, role_of, sample},
    *,
};
use crate::listing::table::{Differs, TABLE};

/// The last and the first minute around each date that matters: end of the window, end of the shortest and of the
/// longest display.
const CLOCKS: [&str; 6] = [
    "2026-03-11 23:59",
    "2026-03-12 00:00",
    "2026-06-12 23:59",
    "2026-06-13 00:00",
    "2027-03-12 23:59",
    "2027-03-13 00:00",
];

const ACTIONS: [&str; 30] = [
    "review",
    "drop",
    "issue_notice",
    "serve_notice",
    "receive",
    "ask_hearing",
    "hold_hearing",
    "answer",
    "waive",
    "decide",
    "decide_not",
    "approve_higher",
    "serve_decision",
    "publish",
    "dispute",
    "reject",
    "uphold",
    "correct",
    "shield",
    "exclude",
    "unshield",
    "ask_repair",
    "ask_revoke",
    "accept",
    "extend",
    "approve",
    "refuse",
    "ask_restoration",
    "restore",
    "refuse_restoration",
];

const PUBLISH: Option<FeedIntent> = Some(FeedIntent::Publish);
const UPDATE: Option<FeedIntent> = Some(FeedIntent::Update);
const HIDE: Option<FeedIntent> = Some(FeedIntent::Hide);
const WITHDRAW: Option<FeedIntent> = Some(FeedIntent::Withdraw);

/// Action, roles (S system, O officer, L legal reviewer, D decider, P publisher), first and last clock, what the platform hears.
type Lawful = (&'static str, &'static str, usize, usize, Option<FeedIntent>);

/// What is lawful in each state, all else being refused.
const LAWFUL: &[(&str, &[Lawful])] = &[
    (
        "proposed",
        &[("review", "L", 0, 5, None), ("drop", "LD", 0, 5, None)],
    ),
    (
        "reviewed",
        &[
            ("drop", "LD", 0, 5, None),
            ("issue_notice", "O", 0, 5, None),
        ],
    ),
    (
        "issued",
        &[("drop", "D", 0, 5, None), ("serve_notice", "O", 0, 5, None)],
    ),
    // Not on the last day of the window; not where the time to publish leaves the calendar.
    (
        "noticed",
        &[
            ("receive", "O", 0, 5, None),
            ("ask_hearing", "O", 0, 5, None),
            ("waive", "O", 0, 5, None),
            ("decide", "D", 1, 3, None),
            ("decide_not", "D", 0, 5, None),
            ("drop", "D", 0, 5, None),
        ],
    ),
    // Nothing is decided while something is unanswered.
    (
        "statement",
        &[
            ("receive", "O", 0, 5, None),
            ("ask_hearing", "O", 0, 5, None),
            ("waive", "O", 0, 5, None),
            ("answer", "LD", 0, 5, None),
            ("drop", "D", 0, 5, None),
        ],
    ),
    (
        "answered",
        &[
            ("receive", "O", 0, 5, None),
            ("ask_hearing", "O", 0, 5, None),
            ("waive", "O", 0, 5, None),
            ("decide", "D", 1, 3, None),
            ("decide_not", "D", 0, 5, None),
            ("drop", "D", 0, 5, None),
        ],
    ),
    (
        "hearing asked",
        &[
            ("receive", "O", 0, 5, None),
            ("ask_hearing", "O", 0, 5, None),
            ("waive", "O", 0, 5, None),
            ("hold_hearing", "O", 0, 5, None),
            ("drop", "D", 0, 5, None),
        ],
    ),
    (
        "hearing held",
        &[
            ("receive", "O", 0, 5, None),
            ("ask_hearing", "O", 0, 5, None),
            ("waive", "O", 0, 5, None),
            ("answer", "LD", 0, 5, None),
            ("drop", "D", 0, 5, None),
        ],
    ),
    (
        "waived",
        &[
            ("decide", "D", 0, 3, None),
            ("decide_not", "D", 0, 5, None),
            ("drop", "D", 0, 5, None),
        ],
    ),
    (
        "decided",
        &[
            ("serve_decision", "O", 1, 5, None),
            ("ask_revoke", "O", 1, 5, None),
            ("expire", "SP", 5, 5, None),
        ],
    ),
    (
        "decided, revocation asked",
        &[
            ("serve_decision", "O", 1, 5, None),
            ("approve", "D", 1, 5, None),
            ("refuse", "D", 1, 5, None),
            ("expire", "SP", 5, 5, None),
        ],
    ),
    (
        "served",
        &[
            ("publish", "P", 1, 4, PUBLISH),
            ("ask_revoke", "O", 1, 5, None),
            ("expire", "SP", 5, 5, None),
        ],
    ),
    (
        "served, revocation asked",
        &[
            ("approve", "D", 1, 5, None),
            ("refuse", "D", 1, 5, None),
            ("expire", "SP", 5, 5, None),
        ],
    ),
    (
        "public",
        &[
            ("dispute", "O", 1, 5, UPDATE),
            ("correct", "D", 1, 5, UPDATE),
            ("shield", "OD", 1, 5, HIDE),
            ("exclude", "S", 1, 5, WITHDRAW),
            ("ask_repair", "O", 3, 5, None),
            ("ask_revoke", "O", 1, 5, None),
            ("expire", "SP", 5, 5, WITHDRAW),
        ],
    ),
    (
        "disputed",
        &[
            ("reject", "D", 1, 5, UPDATE),
            ("uphold", "D", 1, 5, None),
            ("correct", "D", 1, 5, UPDATE),
            ("shield", "OD", 1, 5, HIDE),
            ("exclude", "S", 1, 5, WITHDRAW),
            ("ask_repair", "O", 3, 5, None),
            ("ask_revoke", "O", 1, 5, None),
            ("expire", "SP", 5, 5, WITHDRAW),
        ],
    ),
    (
        "upheld",
        &[
            ("correct", "D", 1, 5, UPDATE),
            ("shield", "OD", 1, 5, HIDE),
            ("exclude", "S", 1, 5, WITHDRAW),
            ("ask_repair", "O", 3, 5, None),
            ("ask_revoke", "O", 1, 5, None),
            ("expire", "SP", 5, 5, WITHDRAW),
        ],
    ),
    (
        "repair asked",
        &[
            ("dispute", "O", 3, 5, UPDATE),
            ("correct", "D", 3, 5, UPDATE),
            ("shield", "OD", 3, 5, HIDE),
            ("exclude", "S", 3, 5, WITHDRAW),
            ("accept", "L", 3, 5, UPDATE),
            ("refuse", "D", 3, 5, None),
            ("expire", "SP", 5, 5, WITHDRAW),
        ],
    ),
    (
        "repair accepted",
        &[
            ("dispute", "O", 3, 5, UPDATE),
            ("correct", "D", 3, 5, UPDATE),
            ("shield", "OD", 3, 5, HIDE),
            ("exclude", "S", 3, 5, WITHDRAW),
            ("extend", "D", 3, 5, None),
            ("approve", "D", 3, 5, WITHDRAW),
            ("refuse", "D", 3, 5, UPDATE),
            ("expire", "SP", 5, 5, WITHDRAW),
        ],
    ),
    (
        "repair extended",
        &[
            ("dispute", "O", 3, 5, UPDATE),
            ("correct", "D", 3, 5, UPDATE),
            ("shield", "OD", 3, 5, HIDE),
            ("exclude", "S", 3, 5, WITHDRAW),
            ("approve", "D", 3, 5, WITHDRAW),
            ("refuse", "D", 3, 5, UPDATE),
            ("expire", "SP", 5, 5, WITHDRAW),
        ],
    ),
    (
        "revocation asked",
        &[
            ("dispute", "O", 1, 5, UPDATE),
            ("correct", "D", 1, 5, UPDATE),
            ("shield", "OD", 1, 5, HIDE),
            ("exclude", "S", 1, 5, WITHDRAW),
            ("approve", "D", 1, 5, WITHDRAW),
            ("refuse", "D", 1, 5, None),
            ("expire", "SP", 5, 5, WITHDRAW),
        ],
    ),
    (
        "shielded",
        &[
            ("unshield", "D", 1, 5, UPDATE),
            ("ask_repair", "O", 3, 5, None),
            ("ask_revoke", "O", 1, 5, None),
            ("expire", "SP", 5, 5, WITHDRAW),
        ],
    ),
    (
        "excluded",
        &[
            ("unshield", "S", 1, 5, PUBLISH),
            ("ask_repair", "O", 3, 5, None),
            ("ask_revoke", "O", 1, 5, None),
            ("expire", "SP", 5, 5, WITHDRAW),
        ],
    ),
    (
        "shielded, repair asked",
        &[
            ("unshield", "D", 3, 5, UPDATE),
            ("accept", "L", 3, 5, HIDE),
            ("refuse", "D", 3, 5, None),
            ("expire", "SP", 5, 5, WITHDRAW),
        ],
    ),
    (
        "shielded, repair accepted",
        &[
            ("unshield", "D", 3, 5, UPDATE),
            ("extend", "D", 3, 5, None),
            ("approve", "D", 3, 5, WITHDRAW),
            ("refuse", "D", 3, 5, HIDE),
            ("expire", "SP", 5, 5, WITHDRAW),
        ],
    ),
    (
        "shielded, revocation asked",
        &[
            ("unshield", "D", 1, 5, UPDATE),
            ("approve", "D", 1, 5, WITHDRAW),
            ("refuse", "D", 1, 5, None),
            ("expire", "SP", 5, 5, WITHDRAW),
        ],
    ),
    ("expired", &[]),
    ("repaired", &[("ask_restoration", "O", 3, 5, None)]),
    (
        "restoration asked",
        &[
            ("restore", "D", 3, 5, PUBLISH),
            ("refuse_restoration", "D", 3, 5, None),
        ],
    ),
    // The period started again: a repair is three months off, and the end a year.
    (
        "restored",
        &[
            ("dispute", "O", 3, 5, UPDATE),
            ("correct", "D", 3, 5, UPDATE),
            ("shield", "OD", 3, 5, HIDE),
            ("exclude", "S", 3, 5, WITHDRAW),
            ("ask_repair", "O", 4, 5, None),
            ("ask_revoke", "O", 3, 5, None),
        ],
    ),
    ("dropped", &[]),
    ("not listed", &[]),
    ("revoked", &[]),
];

fn actions() -> impl Iterator<Item = &'static str> {
    ACTIONS.into_iter().chain(["expire"])
}

#[test]
fn every_step_is_lawful_exactly_where_the_procedure_says() {
    let world = World::new();
    let (mut lawful, mut cells, mut tried) = (0, 0, 0);
    for (state, rows) in LAWFUL {
        let (entry, _) = sample(&world, state);
        for name in actions() {
            for role in Role::ALL {
                let letter = ["S", "O", "L", "D", "P"][role as usize];
                for (clock, when) in CLOCKS.iter().enumerate() {
                    tried += 1;
                    let expected = rows.iter().find(|row| {
                        row.0 == name
                            && row.1.contains(letter)
                            && (row.2..=row.3).contains(&clock)
                            && at(when) >= entry.changed_at
                    });
                    let actor = person(role, "另一");
                    let found = world.apply(&entry, &action(name, &entry, when), &actor, when);
                    let case = format!("{state}: {name} by {role:?} at {when}: {found:?}");
                    match expected {
                        None => assert!(found.is_err(), "{case}"),
                        Some(row) => {
                            let step = found.unwrap_or_else(|error| panic!("{case}: {error}"));
                            assert_eq!(step.feed, row.4, "{case}");
                            assert_eq!(step.entry.version, entry.version + 1);
                            assert_eq!(step.event.at, at(when));
                            lawful += 1;
                        }
                    }
                }
            }
        }
        for row in *rows {
            let clocks = (row.2..=row.3).filter(|clock| at(CLOCKS[*clock]) >= entry.changed_at);
            cells += row.1.len() * clocks.count();
        }
    }
    assert_eq!(lawful, cells, "every row of the table was met");
    assert_eq!(tried, SAMPLES.len() * 31 * 5 * 6);
}

#[test]
fn no_state_and_no_step_is_left_out() {
    let world = World::new();
    let named: BTreeSet<&str> = LAWFUL.iter().map(|(state, _)| *state).collect();
    assert_eq!(named, SAMPLES.iter().map(|(name, _)| *name).collect());
    let states: BTreeSet<StateName> = SAMPLES
        .iter()
        .map(|(name, _)| sample(&world, name).0.state_name())
        .collect();
    assert_eq!(states, StateName::ALL.iter().copied().collect());
    let (entry, _) = sample(&world, "noticed");
    let steps: BTreeSet<StepName> = actions()
        .map(|name| action(name, &entry, CLOCKS[1]).name())
        .collect();
    assert_eq!(steps, StepName::ALL.iter().copied().collect());
    // The table in the code knows no pair twice, and only pairs that some sample meets.
    let pairs: BTreeSet<(StateName, StepName)> =
        TABLE.iter().map(|rule| (rule.state, rule.step)).collect();
    assert_eq!(pairs.len(), TABLE.len());
}

#[test]
fn what_is_said_to_be_open_is_what_can_be_done() {
    let world = World::new();
    for (state, _) in LAWFUL {
        let (entry, _) = sample(&world, state);
        for role in Role::ALL {
            let actor = person(role, "另一");
            for when in CLOCKS {
                let open = entry.open_steps(&actor, at(when), world.watch());
                for name in actions() {
                    let action = action(name, &entry, when);
                    let said = open.iter().find(|one| one.step == action.name());
                    let found = world.apply(&entry, &action, &actor, when);
                    match (said.map(|one| &one.open), &found) {
                        // Not a step of this state at all.
                        (None, found) => assert!(found.is_err(), "{state} {name}"),
                        (Some(Err(why)), found) => {
                            assert_eq!(found.as_ref(), Err(why), "{state} {name}")
                        }
                        (Some(Ok(())), _) => {}
                    }
                }
            }
        }
    }
}

#[test]
fn a_clock_before_the_last_step_is_refused() {
    let world = World::new();
    let (entry, _) = sample(&world, "decided");
    let actor = person(Role::Officer, "另一");
    let step = action("ask_revoke", &entry, CLOCKS[0]);
    let refused = world.apply(&entry, &step, &actor, CLOCKS[0]);
    assert!(matches!(refused, Err(Illegal::ClockBack { .. })));
}

#[test]
fn whoever_made_it_does_not_check_it() {
    let world = World::new();
    // Sample, step, the role whose person tries it.
    let table = [
        ("proposed", "review", Role::Officer),
        ("proposed", "drop", Role::Officer),
        ("issued", "drop", Role::Officer),
        ("noticed", "drop", Role::Officer),
        ("statement", "answer", Role::Officer),
        ("noticed", "decide", Role::Officer),
        ("waived", "decide", Role::Officer),
        ("noticed", "decide_not", Role::Officer),
        ("decided, revocation asked", "approve", Role::Officer),
        ("decided, revocation asked", "refuse", Role::Officer),
        ("served, revocation asked", "approve", Role::Officer),
        ("served, revocation asked", "refuse", Role::Officer),
        ("disputed", "reject", Role::Officer),
        ("public", "correct", Role::Officer),
        ("repair asked", "accept", Role::Officer),
        ("repair accepted", "extend", Role::Officer),
        ("repair accepted", "approve", Role::LegalReviewer),
        ("repair accepted", "refuse", Role::LegalReviewer),
        ("shielded", "unshield", Role::Officer),
        ("shielded, repair asked", "accept", Role::Officer),
        ("shielded, repair accepted", "extend", Role::LegalReviewer),
        ("shielded, repair accepted", "approve", Role::LegalReviewer),
        ("shielded, repair accepted", "refuse", Role::Officer),
        ("restoration asked", "restore", Role::Officer),
        ("restoration asked", "refuse_restoration", Role::Officer),
    ];
    let mut seen = BTreeSet::new();
    for (state, name, maker) in table {
        let (entry, _) = sample(&world, state);
        let actor = Actor {
            id: person(maker, "经手").id,
            role: role_of(name),
        };
        let when = "2026-06-13 00:00";
        let step = action(name, &entry, when);
        let found = world.apply(&entry, &step, &actor, when);
        let same = matches!(found, Err(Illegal::SamePerson { .. }));
        assert!(same, "{state}: {name}: {found:?}");
        seen.insert((entry.state_name(), step.name()));
    }
    let asked: BTreeSet<_> = TABLE
        .iter()
        .filter(|rule| rule.differs != Differs::FromNobody)
        .map(|rule| (rule.state, rule.step))
        .collect();
    assert_eq!(
        asked.difference(&seen).collect::<Vec<_>>(),
        Vec::<&_>::new()
    );
}

#[test]
fn the_page_shows_the_table() {
    let page = include_str!("../../../docs/lists.md");
    let shown = crate::listing::table::markdown();
    assert!(page.contains(&shown), "docs/lists.md should hold:\n{shown}");
}
