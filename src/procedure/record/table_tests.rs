//! Every state, step, person and day against one table.

use super::{
    tests::{at, confirmed, content, day, terms, words},
    *,
};
use crate::domain::{Day, Deadline, RecordStatus};

/// Lawful is what some row of its step marks with `x` in every column.
///
/// The columns: status draft, confirmed, disputed, revoked · notice none, issued, served, overtaken by a correction ·
/// objection none, open, withdrawn, rejected, upheld · rectification none, open, refused, accepted · who: somebody else, the
/// maker, the confirmer, who registered what is decided · the day that the step names: before the first, the first, the last,
/// after the last one that is lawful (of an objection: the last of the period).
#[rustfmt::skip]
const TABLE: &[(&str, &str, &str, &str, &str, &str, &str)] = &[
    // step                  status  notice  objection rectif. who     day
    ("notice",              ".x..", "x..x", "xxxxx", "xxxx", "xxxx", "xxxx"),
    ("served",              ".xx.", ".x..", "xxxxx", "xxxx", "xxxx", ".xx."),
    ("object",              ".xx.", "xx.x", "x.x.x", "xxxx", "xxxx", ".xxx"),
    ("object",              ".xx.", "..x.", "x.x.x", "xxxx", "xxxx", ".xx."),
    ("withdraw_objection",  ".xx.", "xxxx", ".x...", "xxxx", "xxxx", "xxxx"),
    ("uphold",              ".xx.", "xxxx", ".x...", "xxxx", "x...", "xxxx"),
    ("uphold, excepted",    ".xx.", "xxxx", ".x...", "xxxx", "x.x.", "xxxx"),
    ("reject",              ".xx.", "xxxx", ".x...", "xxxx", "x...", "xxxx"),
    ("reject, excepted",    ".xx.", "xxxx", ".x...", "xxxx", "x.x.", "xxxx"),
    ("rectification",       ".xx.", "xxxx", "xxxxx", "x.x.", "xxxx", ".xx."),
    ("accept",              ".xx.", "xxxx", "xxxxx", ".x..", "xxx.", "xxxx"),
    ("refuse",              ".xx.", "xxxx", "xxxxx", ".x..", "xxx.", "xxxx"),
    ("extend",              ".xx.", "xxxx", "xxxxx", "xxx.", "xxxx", ".xx."),
];

const STATUSES: [RecordStatus; 4] = [
    RecordStatus::Draft,
    RecordStatus::Confirmed,
    RecordStatus::Disputed,
    RecordStatus::Revoked,
];
const OUTCOMES: [Option<Option<Outcome>>; 5] = [
    None,
    Some(None),
    Some(Some(Outcome::Withdrawn)),
    Some(Some(Outcome::Rejected)),
    Some(Some(Outcome::Corrected)),
];
const VERDICTS: [Option<Option<Verdict>>; 4] = [
    None,
    Some(None),
    Some(Some(Verdict::Refused)),
    Some(Some(Verdict::Accepted)),
];
const PEOPLE: [&str; 4] = ["丁", "甲", "乙", "丙"];

fn today() -> Day {
    day("2026-07-20")
}

fn deadline(rule: &str, start: &str) -> Deadline {
    let period = terms().rules.get(rule).unwrap().period;
    Deadline::count(rule, period, "test", day(start), terms().calendar).unwrap()
}

fn notice(which: usize) -> Option<Notice> {
    let served = || Service {
        served_on: day("2026-06-11"),
        objection: deadline(rule::OBJECTION, "2026-06-11"),
    };
    (which > 0).then(|| Notice {
        number: "告1".to_owned(),
        content: content(),
        issued_on: day("2026-06-10"),
        version: 3,
        served: (which != 1).then(served),
    })
}

fn objection(which: usize) -> Option<Objection> {
    Some(Objection {
        number: "异1".to_owned(),
        grounds: "示例".to_owned(),
        received_on: day("2026-06-12"),
        registered_by: "丙".to_owned(),
        examine: deadline(rule::EXAMINE, "2026-06-12"),
        outcome: OUTCOMES[which]?,
        version: 5,
    })
}

fn rectification(which: usize) -> Option<Rectification> {
    Some(Rectification {
        statement: "示例".to_owned(),
        rectified_on: day("2026-06-20"),
        registered_by: "丙".to_owned(),
        check: deadline(rule::CHECK, "2026-06-22"),
        verdict: VERDICTS[which]?,
    })
}

fn standing(status: usize, notice: usize, rectification: usize) -> Standing {
    Standing {
        version: 9,
        status: STATUSES[status],
        corrected_in: (notice == 3).then_some(4),
        rectified_on: (rectification == 3).then(|| day("2026-06-20")),
        ..confirmed()
    }
}

/// The step with the day that it names, if it names one.
fn step(name: &str, which: usize) -> Step {
    let pick = |days: [Day; 4]| days[which];
    let last = deadline(rule::OBJECTION, "2026-06-11").due;
    let known = confirmed().known_from;
    let reason = words("示例");
    let exceptionally = name.contains("excepted").then(|| words("本科室仅两人"));
    match name.split(',').next().unwrap() {
        "notice" => Step::Notice { number: reason },
        "served" => Step::Served {
            method: Method::Post,
            delivered_on: pick([
                day("2026-06-09"),
                day("2026-06-10"),
                today(),
                today().next(),
            ]),
            proof: reason,
        },
        "object" => Step::Object {
            number: reason.clone(),
            grounds: reason,
            received_on: pick([known.previous(), known, last, last.next()]),
            joint: false,
            evidence: Vec::new(),
        },
        "withdraw_objection" => Step::WithdrawObjection { reason },
        "uphold" => Step::Uphold {
            reason,
            remedy: Remedy::Revoke,
            exceptionally,
        },
        "reject" => Step::Reject {
            reason,
            exceptionally,
        },
        "rectification" => Step::Rectification {
            statement: reason,
            rectified_on: pick([known.previous(), known, today(), today().next()]),
            evidence: Vec::new(),
        },
        "accept" => Step::Accept { opinion: reason },
        "refuse" => Step::Refuse { reason },
        "extend" => {
            // The old day is over: today is the first one, and ninety days from it, a Sunday, move on.
            let longest = deadline(rule::RECTIFY, "2026-07-20").due;
            Step::Extend {
                rectify_by: pick([today().previous(), today(), longest, longest.next()]),
                reason,
            }
        }
        other => panic!("{other}"),
    }
}

#[test]
fn every_state_step_person_and_day_is_as_the_table_says() {
    let mut names: Vec<&str> = TABLE.iter().map(|row| row.0).collect();
    names.dedup();
    let plain = names.iter().filter(|name| !name.contains(','));
    assert_eq!(plain.copied().collect::<Vec<_>>(), Step::NAMES);
    let marked = |marks: &str, index: usize| marks.as_bytes()[index] == b'x';
    let (mut lawful, mut all) = (0, 0);
    for name in names {
        for state in 0..4 * 4 * 5 * 4 {
            let (s, n, o, r) = (state % 4, state / 4 % 4, state / 16 % 5, state / 80);
            let case = Case {
                events: 7,
                notice: notice(n),
                objection: objection(o),
                rectification: rectification(r),
            };
            let record = standing(s, n, r);
            for (p, person) in PEOPLE.into_iter().enumerate() {
                for d in 0..4 {
                    let expected = TABLE.iter().any(|row| {
                        row.0 == name
                            && marked(row.1, s)
                            && marked(row.2, n)
                            && marked(row.3, o)
                            && marked(row.4, r)
                            && marked(row.5, p)
                            && marked(row.6, d)
                    });
                    let step = step(name, d);
                    let answer = apply(&case, &record, &step, person, at(today()), terms());
                    assert_eq!(
                        answer.is_ok(),
                        expected,
                        "{name}: {record:?} {case:?} by {person}, day {d}: {answer:?}"
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
    assert_eq!(all, 12 * 320 * 16);
    assert!(lawful > 1_000, "{lawful}");
}
