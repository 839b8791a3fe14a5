//! Every state, step, person, day and phase of the task against one table.

use super::{
    tests::{at, calendar, checklist, day, report, words},
    *,
};
use crate::domain::Day;

/// Lawful is what is marked with `x` in every column.
///
/// The columns: the state, in the order of [`State::ALL`] · who: 甲, an officer of the team who has confirmed or witnessed what
/// there is; 乙, the other officer of the team; 丙, an officer who was not drawn; 丁, no officer; 甲 without being an officer any
/// more · the day: before the window, its first, its last, after it · the task: drawn, revealed, results published.
#[rustfmt::skip]
const TABLE: &[(&str, &str, &str, &str, &str)] = &[
    // step              state        who      day     task
    ("arrive",           "x........", "xx...", ".xx.", "x.."),
    ("record",           ".xx......", "xx...", "xxxx", "xx."),
    ("hinder",           "xx.......", "xx...", ".xxx", "xx."),
    ("confirm",          "..x...x..", ".x...", "xxxx", "xx."),
    ("sign",             "...x.....", "xx...", "xxxx", "xx."),
    ("refuse_signature", "...x.....", "xx...", "xxxx", "xx."),
    ("witness",          "....x....", ".x...", "xxxx", "xx."),
    ("annul",            ".xxxxxxx.", "..xx.", "xxxx", "xxx"),
];

/// Where each lawful step leads when 甲 has confirmed or witnessed before and 乙 takes it.
const LEADS: &[(&str, State, State)] = &[
    ("arrive", State::Due, State::OnSite),
    ("record", State::OnSite, State::Recorded),
    ("record", State::Recorded, State::Recorded),
    ("hinder", State::Due, State::Hindered),
    ("hinder", State::OnSite, State::Hindered),
    ("confirm", State::Recorded, State::Confirmed),
    ("confirm", State::Hindered, State::NotPossible),
    ("sign", State::Confirmed, State::Closed),
    ("refuse_signature", State::Confirmed, State::Unsigned),
    ("witness", State::Unsigned, State::Closed),
];

const PEOPLE: [(&str, Option<&str>); 5] = [
    ("甲", Some("M1")),
    ("乙", Some("M2")),
    ("丙", Some("M3")),
    ("丁", None),
    ("甲", None),
];

fn days() -> [Day; 4] {
    ["2026-07-05", "2026-07-06", "2026-07-20", "2026-07-21"].map(day)
}

fn case(state: State) -> Case {
    let begun = state != State::Due;
    let first = || {
        if begun {
            ["M1".to_owned()].into()
        } else {
            Default::default()
        }
    };
    Case {
        events: 3,
        state,
        arrived_on: begun.then(|| day("2026-07-06")),
        confirmed_by: first(),
        witnessed_by: first(),
        people: ["甲".to_owned()].into(),
        ..Case::default()
    }
}

fn step(name: &str) -> Step {
    let reason = words("示例");
    match name {
        "arrive" => Step::Arrive {},
        "record" => Step::Record { report: report() },
        "hinder" => Step::Hinder { reason },
        "confirm" => Step::Confirm {},
        "sign" => Step::Sign { function: reason },
        "refuse_signature" => Step::RefuseSignature { reason },
        "witness" => Step::Witness {},
        "annul" => Step::Annul { reason },
        other => panic!("{other}"),
    }
}

#[test]
fn every_state_step_person_day_and_phase_is_as_the_table_says() {
    let names: Vec<&str> = TABLE.iter().map(|row| row.0).collect();
    assert_eq!(names, Step::NAMES);
    let marked = |marks: &str, index: usize| marks.as_bytes()[index] == b'x';
    let team = ["M1".to_owned(), "M2".to_owned()];
    let list = checklist();
    let (mut lawful, mut all) = (0, 0);
    for (name, states, who, when, phases) in TABLE {
        for (s, state) in State::ALL.into_iter().enumerate() {
            for (p, (account, officer)) in PEOPLE.into_iter().enumerate() {
                for (d, today) in days().into_iter().enumerate() {
                    for phase in 0..3 {
                        let standing = Standing {
                            team: &team,
                            window: (day("2026-07-06"), day("2026-07-20")),
                            revealed: phase > 0,
                            published: phase > 1,
                            checklist: &list,
                            calendar: calendar(),
                        };
                        let expected = marked(states, s)
                            && marked(who, p)
                            && marked(when, d)
                            && marked(phases, phase);
                        let by = Taker { account, officer };
                        let answer = apply(&case(state), standing, &step(name), by, at(today));
                        assert_eq!(
                            answer.is_ok(),
                            expected,
                            "{name}: {state:?} by {by:?} on {today}, phase {phase}: {answer:?}"
                        );
                        all += 1;
                        lawful += usize::from(expected);
                        if let Err(fault) = answer {
                            let text = fault.to_string();
                            let chinese = |c| ('\u{4e00}'..='\u{9fff}').contains(&c);
                            assert!(text.chars().any(chinese), "{text}");
                        }
                    }
                }
            }
        }
    }
    assert_eq!(all, 8 * 9 * 5 * 4 * 3);
    assert!(lawful > 200, "{lawful}");
}

#[test]
fn every_lawful_step_leads_where_the_table_says() {
    let team = ["M1".to_owned(), "M2".to_owned()];
    let list = checklist();
    let standing = Standing {
        team: &team,
        window: (day("2026-07-06"), day("2026-07-20")),
        revealed: false,
        published: false,
        checklist: &list,
        calendar: calendar(),
    };
    for (name, from, to) in LEADS {
        let by = Taker {
            account: "乙",
            officer: Some("M2"),
        };
        let event = apply(
            &case(*from),
            standing,
            &step(name),
            by,
            at(day("2026-07-06")),
        );
        assert_eq!(event.map(|event| event.led_to), Ok(*to), "{name} {from:?}");
    }
}
