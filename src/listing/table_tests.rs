//! Every state x action x role x clock against a table written from the procedure, not from the code.

use super::tests::{World, at, digest, person, proposal, text};
use super::*;
use crate::domain::{Day, Span};

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

const ACTIONS: [&str; 14] = [
    "review",
    "drop",
    "notify",
    "waive",
    "decide",
    "decide_not",
    "publish",
    "dispute",
    "settle",
    "ask_repair",
    "ask_revoke",
    "approve",
    "refuse",
    "expire",
];

/// Name, index of the first clock that is not before its last step, the steps that lead there.
type SampleState = (&'static str, usize, &'static [(&'static str, &'static str)]);
/// State, action, roles, first and last clock, what the platform hears.
type Lawful = (
    &'static str,
    &'static str,
    &'static str,
    usize,
    usize,
    Option<FeedIntent>,
);

/// Every state, and the half-way ones.
const STATES: [SampleState; 14] = [
    ("proposed", 0, &[]),
    ("reviewed", 0, &[("review", "2026-03-03 09:00")]),
    (
        "noticed",
        0,
        &[
            ("review", "2026-03-03 09:00"),
            ("notify", "2026-03-04 17:00"),
        ],
    ),
    (
        "waived",
        0,
        &[
            ("review", "2026-03-03 09:00"),
            ("notify", "2026-03-04 17:00"),
            ("waive", "2026-03-05 09:00"),
        ],
    ),
    ("decided", 1, DECIDED),
    (
        "decided, exit asked",
        1,
        &[
            DECIDED[0],
            DECIDED[1],
            DECIDED[2],
            ("ask_revoke", "2026-03-12 00:00"),
        ],
    ),
    ("public", 1, PUBLIC),
    (
        "disputed",
        1,
        &[
            DECIDED[0],
            DECIDED[1],
            DECIDED[2],
            PUBLIC[3],
            ("dispute", "2026-03-12 00:00"),
        ],
    ),
    (
        "public, repair asked",
        3,
        &[
            DECIDED[0],
            DECIDED[1],
            DECIDED[2],
            PUBLIC[3],
            ("ask_repair", "2026-06-13 00:00"),
        ],
    ),
    (
        "public, revocation asked",
        1,
        &[
            DECIDED[0],
            DECIDED[1],
            DECIDED[2],
            PUBLIC[3],
            ("ask_revoke", "2026-03-12 00:00"),
        ],
    ),
    (
        "removed",
        5,
        &[
            DECIDED[0],
            DECIDED[1],
            DECIDED[2],
            PUBLIC[3],
            ("expire", "2027-03-13 00:00"),
        ],
    ),
    ("dropped", 0, &[("drop", "2026-03-03 09:00")]),
    (
        "not listed",
        0,
        &[DECIDED[0], DECIDED[1], ("decide_not", "2026-03-05 09:00")],
    ),
    (
        "revoked",
        1,
        &[
            DECIDED[0],
            DECIDED[1],
            DECIDED[2],
            ("ask_revoke", "2026-03-12 00:00"),
            ("approve", "2026-03-12 00:00"),
        ],
    ),
];
const DECIDED: &[(&str, &str)] = &[
    ("review", "2026-03-03 09:00"),
    ("notify", "2026-03-04 17:00"),
    ("decide", "2026-03-12 00:00"),
];
const PUBLIC: &[(&str, &str)] = &[
    DECIDED[0],
    DECIDED[1],
    DECIDED[2],
    ("publish", "2026-03-12 00:00"),
];

/// What is lawful, all else being refused. S system, O officer, L legal reviewer, D decider, P publisher.
const LAWFUL: &[Lawful] = &[
    ("proposed", "review", "L", 0, 5, None),
    ("proposed", "drop", "LD", 0, 5, None),
    ("reviewed", "drop", "LD", 0, 5, None),
    ("reviewed", "notify", "O", 0, 5, None),
    ("noticed", "drop", "D", 0, 5, None),
    ("noticed", "waive", "O", 0, 5, None),
    // Not on the last day of the window; not where the time to publish leaves the calendar.
    ("noticed", "decide", "D", 1, 3, None),
    ("noticed", "decide_not", "D", 0, 5, None),
    ("waived", "drop", "D", 0, 5, None),
    ("waived", "decide", "D", 0, 3, None),
    ("waived", "decide_not", "D", 0, 5, None),
    ("decided", "publish", "P", 1, 4, Some(FeedIntent::Publish)),
    ("decided", "expire", "SP", 5, 5, None),
    ("decided", "ask_revoke", "O", 1, 5, None),
    ("decided, exit asked", "approve", "D", 1, 5, None),
    ("decided, exit asked", "refuse", "D", 1, 5, None),
    ("decided, exit asked", "expire", "SP", 5, 5, None),
    ("public", "dispute", "O", 1, 5, Some(FeedIntent::Update)),
    ("public", "ask_repair", "O", 3, 5, None),
    ("public", "ask_revoke", "O", 1, 5, None),
    ("public", "expire", "SP", 5, 5, Some(FeedIntent::Withdraw)),
    ("disputed", "settle", "D", 1, 5, Some(FeedIntent::Update)),
    ("disputed", "ask_repair", "O", 3, 5, None),
    ("disputed", "ask_revoke", "O", 1, 5, None),
    ("disputed", "expire", "SP", 5, 5, Some(FeedIntent::Withdraw)),
    (
        "public, repair asked",
        "dispute",
        "O",
        3,
        5,
        Some(FeedIntent::Update),
    ),
    (
        "public, repair asked",
        "approve",
        "D",
        3,
        5,
        Some(FeedIntent::Withdraw),
    ),
    ("public, repair asked", "refuse", "D", 3, 5, None),
    (
        "public, repair asked",
        "expire",
        "SP",
        5,
        5,
        Some(FeedIntent::Withdraw),
    ),
    (
        "public, revocation asked",
        "dispute",
        "O",
        1,
        5,
        Some(FeedIntent::Update),
    ),
    (
        "public, revocation asked",
        "approve",
        "D",
        1,
        5,
        Some(FeedIntent::Withdraw),
    ),
    ("public, revocation asked", "refuse", "D", 1, 5, None),
    (
        "public, revocation asked",
        "expire",
        "SP",
        5,
        5,
        Some(FeedIntent::Withdraw),
    ),
];

pub(super) fn action(name: &str) -> Action {
    let reason = text("理由");
    match name {
        "review" => Action::Review {
            opinion: text("同意"),
        },
        "drop" => Action::Drop { reason },
        "notify" => Action::Notify {
            number: text("示例告知〔2026〕1号"),
            method: Method::Direct,
            delivered_on: Day::parse("2026-03-04").unwrap(),
            proof: text("送达回证"),
            digest: digest(),
        },
        "waive" => Action::Waive {
            number: text("放弃声明1号"),
            digest: digest(),
        },
        "decide" => Action::Decide(draft()),
        "decide_not" => Action::DecideNot { reason },
        "publish" => Action::Publish {
            service: DecisionService {
                method: Method::Direct,
                delivered_on: Day::parse("2026-03-12").unwrap(),
                proof: text("送达回证"),
                repair_notice: Some(text("示例修复告知〔2026〕1号")),
            },
            exceptionally: None,
            digest: digest(),
        },
        "dispute" => Action::Dispute {
            number: text("异议1号"),
        },
        "settle" => Action::SettleDispute { answer: reason },
        "ask_repair" => Action::RequestExit {
            exit: Exit::Repaired {
                application: text("申请1号"),
                fulfilment: text("已整改"),
                commitment: text("信用承诺书"),
            },
        },
        "ask_revoke" => Action::RequestExit {
            exit: Exit::Revoked {
                explanation: reason,
            },
        },
        "approve" => Action::ApproveExit {
            number: text("示例移出〔2026〕1号"),
            digest: digest(),
        },
        "refuse" => Action::RefuseExit { reason },
        "expire" => Action::Expire,
        other => panic!("no action {other}"),
    }
}

pub(super) fn draft() -> DecisionDraft {
    DecisionDraft {
        number: text("示例决定〔2026〕1号"),
        reason: text("列入事由"),
        basis: text("示例办法第二十条"),
        organ: text("示例市住房和城乡建设局"),
        severity: Some(Severity::General),
        term: None,
        heard: Heard::Nothing,
        digest: digest(),
    }
}

/// Who takes a step when the samples are built; one person a role.
pub(super) fn role_of(action: &str) -> Role {
    match action {
        "review" => Role::LegalReviewer,
        "drop" | "decide" | "decide_not" | "settle" | "approve" | "refuse" => Role::Decider,
        "publish" => Role::Publisher,
        "expire" => Role::System,
        _ => Role::Officer,
    }
}

/// The entry in a sample state, with its events.
pub(super) fn sample(world: &World, name: &str) -> (Entry, Vec<Event>) {
    let (_, _, steps) = STATES.iter().find(|(known, ..)| *known == name).unwrap();
    let mut step = world.propose(proposal(1), "2026-03-02 09:00").unwrap();
    let mut events = vec![step.event.clone()];
    for (name, when) in *steps {
        let actor = person(role_of(name), "经手");
        step = world
            .apply(&step.entry, &action(name), &actor, when)
            .unwrap();
        events.push(step.event.clone());
    }
    (step.entry, events)
}

#[test]
fn every_step_is_lawful_exactly_where_the_procedure_says() {
    let world = World::new();
    let mut lawful = 0;
    for (state, earliest, _) in STATES {
        let (entry, _) = sample(&world, state);
        for name in ACTIONS {
            for role in Role::ALL {
                let letter = ["S", "O", "L", "D", "P"][role as usize];
                for (clock, when) in CLOCKS.iter().enumerate() {
                    let expected = LAWFUL.iter().find(|row| {
                        (row.0, row.1) == (state, name)
                            && row.2.contains(letter)
                            && (row.3.max(earliest)..=row.4).contains(&clock)
                    });
                    let actor = person(role, "另一");
                    let found = world.apply(&entry, &action(name), &actor, when);
                    let case = format!("{state}: {name} by {role:?} at {when}: {found:?}");
                    match expected {
                        None => assert!(found.is_err(), "{case}"),
                        Some(row) => {
                            let step = found.unwrap_or_else(|error| panic!("{case}: {error}"));
                            assert_eq!(step.feed, row.5, "{case}");
                            assert_eq!(step.entry.version, entry.version + 1);
                            assert_eq!(step.event.at, at(when));
                            lawful += 1;
                        }
                    }
                }
            }
        }
    }
    let cells: usize = LAWFUL
        .iter()
        .map(|row| {
            let earliest = STATES.iter().find(|state| state.0 == row.0).unwrap().1;
            row.2.len() * (row.4 + 1 - row.3.max(earliest))
        })
        .sum();
    assert_eq!(lawful, cells, "every row of the table was met");
}

#[test]
fn a_clock_before_the_last_step_is_refused() {
    let world = World::new();
    let (entry, _) = sample(&world, "decided");
    let actor = person(Role::Officer, "另一");
    let refused = world.apply(&entry, &action("ask_revoke"), &actor, "2026-03-11 23:59");
    assert!(matches!(refused, Err(Illegal::ClockBack { .. })));
}

#[test]
fn whoever_made_it_does_not_check_it() {
    let world = World::new();
    // State, step, the role in which it is tried, the role whose person tries it.
    let table = [
        ("proposed", "review", Role::Officer),
        ("reviewed", "drop", Role::Officer),
        ("noticed", "drop", Role::Officer),
        ("noticed", "decide", Role::Officer),
        ("waived", "decide", Role::Officer),
        ("noticed", "decide_not", Role::Officer),
        ("disputed", "settle", Role::Officer),
        ("public, repair asked", "approve", Role::Officer),
        ("public, revocation asked", "approve", Role::Officer),
        ("decided, exit asked", "refuse", Role::Officer),
    ];
    for (state, name, maker) in table {
        let (entry, _) = sample(&world, state);
        let actor = Actor {
            id: person(maker, "经手").id,
            role: role_of(name),
        };
        let when = "2026-06-13 00:00";
        let found = world.apply(&entry, &action(name), &actor, when);
        assert!(
            matches!(found, Err(Illegal::SamePerson { .. })),
            "{state}: {name}: {found:?}"
        );
    }
}

#[test]
fn the_display_runs_from_the_decision_within_the_bounds_of_the_type() {
    let world = World::new();
    let (entry, _) = sample(&world, "noticed");
    let decider = person(Role::Decider, "另一");
    let until = |term: Option<&str>| {
        let term = term.map(|term| Span::parse(term).unwrap());
        let decide = Action::Decide(DecisionDraft { term, ..draft() });
        let step = world.apply(&entry, &decide, &decider, "2026-03-12 08:00")?;
        let display = step.entry.in_force().unwrap().display;
        assert_eq!(display.from.to_string(), "2026-03-12");
        assert_eq!(display.min_until.unwrap().to_string(), "2026-06-12");
        Ok::<_, Illegal>(display.until.to_string())
    };
    assert_eq!(until(None).unwrap(), "2027-03-12");
    assert_eq!(until(Some("6 months")).unwrap(), "2026-09-12");
    assert_eq!(until(Some("3 months")).unwrap(), "2026-06-12");
    assert_eq!(until(Some("92 days")).unwrap(), "2026-06-12");
    for term in ["91 days", "13 months", "366 days", "3 years"] {
        assert!(
            matches!(until(Some(term)), Err(Illegal::Term { .. })),
            "{term}"
        );
    }
}
