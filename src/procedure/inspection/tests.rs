//! What steps lead to, in the order in which they come in life; what a report may say; and random lives.

use std::{collections::BTreeSet, sync::LazyLock};

use chrono::{DateTime, Duration, Utc};
use proptest::prelude::*;

use super::*;
use crate::domain::{Calendar, Day, Points, Text};

static CALENDAR: LazyLock<Calendar> =
    LazyLock::new(|| Calendar::parse([include_str!("../../../rules/calendar/2026.toml")]).unwrap());

pub(super) fn calendar() -> &'static Calendar {
    &CALENDAR
}

pub(super) fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

pub(super) fn words(text: &str) -> Text {
    Text::parse(text).unwrap()
}

/// Ten in the morning of a day, in Shanghai.
pub(super) fn at(day: Day) -> DateTime<Utc> {
    format!("{day}T02:00:00Z").parse().unwrap()
}

fn clause(item: &str, scale: Scale) -> Clause {
    Clause {
        item: item.to_owned(),
        clause: "附件2".to_owned(),
        title: "示例条目".to_owned(),
        scale,
    }
}

pub(super) fn checklist() -> Checklist {
    let chosen = Scale::Chosen {
        min: Points::parse("-4").unwrap(),
        max: Points::parse("-1").unwrap(),
    };
    Checklist {
        clauses: vec![clause("S1", Scale::ByRule), clause("S2", chosen)],
    }
}

/// Nothing found.
pub(super) fn report() -> Report {
    reported(&["S1 agrees", "S2 agrees"], &["no_problem"], None)
}

/// Lines as `ITEM ANSWER [POINTS]`.
fn reported(lines: &[&str], codes: &[&str], rectify_within: Option<u32>) -> Report {
    let line = |text: &&str| {
        let mut parts = text.split(' ');
        let (item, answer) = (words(parts.next().unwrap()), parts.next().unwrap());
        let finding = Finding {
            what: words("示例情形"),
            project: None,
            points: parts.next().map(|raw| Points::parse(raw).unwrap()),
            attributes: Default::default(),
        };
        match answer {
            "agrees" => Line::Agrees { item },
            "differs" => Line::Differs { item, finding },
            "not_concerned" => Line::NotConcerned { item },
            other => panic!("{other}"),
        }
    };
    let code = |name: &&str| {
        let mut all = ResultCode::ALL.into_iter();
        all.find(|code| code.as_str() == *name).unwrap()
    };
    Report {
        lines: lines.iter().map(line).collect(),
        codes: codes.iter().map(code).collect(),
        note: None,
        photos: Vec::new(),
        rectify_within,
    }
}

#[test]
fn codes_and_lines_do_not_contradict_each_other() {
    const AGREE: &[&str] = &["S1 agrees", "S2 agrees"];
    const DIFFER: &[&str] = &["S1 differs", "S2 agrees"];
    const NOTHING: &[&str] = &["S1 not_concerned", "S2 not_concerned"];
    // lines, codes, working days, where the faults are
    type Row = (
        &'static [&'static str],
        &'static [&'static str],
        Option<u32>,
        &'static [&'static str],
    );
    #[rustfmt::skip]
    let table: &[Row] = &[
        (AGREE, &["no_problem"], None, &[]),
        (NOTHING, &["no_problem"], None, &[]),
        (AGREE, &[], None, &["/codes"]),
        (AGREE, &["no_problem", "pending"], None, &["/codes", "/codes"]),
        (DIFFER, &["no_problem"], None, &["/codes", "/codes"]),
        (DIFFER, &["not_published"], None, &[]),
        (DIFFER, &["not_published", "ordered"], Some(7), &[]),
        (DIFFER, &["ordered"], None, &["/rectify_within"]),
        (DIFFER, &["pending"], Some(7), &["/rectify_within"]),
        (DIFFER, &["ordered"], Some(0), &["/rectify_within"]),
        (DIFFER, &["ordered"], Some(90), &[]),
        (DIFFER, &["ordered"], Some(91), &["/rectify_within"]),
        (AGREE, &["concealed"], None, &["/codes"]),
        (AGREE, &["pending"], None, &["/codes"]),
        (AGREE, &["unreachable"], None, &["/codes"]),
        (NOTHING, &["unreachable"], None, &[]),
        (NOTHING, &["unreachable", "no_activity"], None, &[]),
        (NOTHING, &["no_activity", "no_problem"], None, &["/codes"]),
        (NOTHING, &["no_activity", "pending"], None, &["/codes"]),
        (DIFFER, &["no_activity"], None, &["/codes", "/codes"]),
        (NOTHING, &["uncooperative"], None, &[]),
        (DIFFER, &["uncooperative"], None, &[]),
        (AGREE, &["uncooperative", "no_problem"], None, &["/codes"]),
        (&["S1 agrees"], &["no_problem"], None, &["/lines"]),
        (&["S1 agrees", "S1 agrees", "S2 agrees"], &["no_problem"], None, &["/lines/1/item"]),
        (&["S1 agrees", "S2 agrees", "S9 agrees"], &["no_problem"], None, &["/lines/2/item"]),
        (&["S1 differs -1", "S2 agrees"], &["pending"], None, &["/lines/0/finding/points"]),
        (&["S1 agrees", "S2 differs"], &["pending"], None, &["/lines/1/finding/points"]),
        (&["S1 agrees", "S2 differs -4"], &["pending"], None, &[]),
        (&["S1 agrees", "S2 differs -1"], &["pending"], None, &[]),
        (&["S1 agrees", "S2 differs -4.01"], &["pending"], None, &["/lines/1/finding/points"]),
        (&["S1 agrees", "S2 differs -0.99"], &["pending"], None, &["/lines/1/finding/points"]),
    ];
    for (lines, codes, days, expected) in table {
        let faults = reported(lines, codes, *days).faults(&checklist());
        let places: Vec<String> = faults.iter().map(ReportFault::pointer).collect();
        assert_eq!(
            &places, expected,
            "{lines:?} {codes:?} {days:?}: {faults:?}"
        );
    }
}

#[test]
fn no_identity_or_telephone_number_gets_in() {
    let number = "电话 13800138000";
    let mut with = reported(&["S1 differs", "S2 agrees"], &["pending"], None);
    with.note = Some(words(number));
    if let Line::Differs { finding, .. } = &mut with.lines[0] {
        finding.what = words(number);
        finding.attributes.insert("place".into(), number.into());
    }
    let faults = with.faults(&checklist());
    let places: Vec<String> = faults.iter().map(ReportFault::pointer).collect();
    assert_eq!(
        places,
        [
            "/lines/0/finding/what",
            "/lines/0/finding/attributes/place",
            "/note"
        ]
    );
    assert!(
        faults
            .iter()
            .all(|fault| !fault.to_string().contains("13800138000"))
    );
    let mut life = Life::new();
    life.take("甲", Step::Arrive {}, "2026-07-06").unwrap();
    life.take("甲", Step::Record { report: report() }, "2026-07-06")
        .unwrap();
    for who in ["甲", "乙"] {
        life.take(who, Step::Confirm {}, "2026-07-06").unwrap();
    }
    let function = words("项目经理 510824199001011234");
    let refused = life.take("甲", Step::Sign { function }, "2026-07-06");
    assert!(matches!(refused, Err(Illegal::Report(_))), "{refused:?}");
}

/// A visit of the officers M1 (甲) and M2 (乙), between 6 and 20 July.
#[derive(Debug, Clone)]
struct Life {
    events: Vec<Event>,
    list: Checklist,
}

impl Life {
    fn new() -> Self {
        Self {
            events: Vec::new(),
            list: checklist(),
        }
    }

    fn case(&self) -> Case {
        Case::of(&self.events)
    }

    fn take(&mut self, who: &str, step: Step, today: &str) -> Result<State, Illegal> {
        self.take_at(who, &step, at(day(today)))
    }

    fn take_at(&mut self, who: &str, step: &Step, now: DateTime<Utc>) -> Result<State, Illegal> {
        let team = ["M1".to_owned(), "M2".to_owned()];
        let standing = Standing {
            team: &team,
            window: (day("2026-07-06"), day("2026-07-20")),
            revealed: false,
            published: false,
            checklist: &self.list,
            calendar: calendar(),
        };
        let officer = match who {
            "甲" => Some("M1"),
            "乙" => Some("M2"),
            _ => None,
        };
        let by = Taker {
            account: who,
            officer,
        };
        let event = apply(&self.case(), standing, step, by, now)?;
        self.events.push(event);
        Ok(self.case().state)
    }
}

#[test]
fn a_visit_from_the_arrival_to_the_signature() {
    let mut life = Life::new();
    assert_eq!(
        life.take("甲", Step::Arrive {}, "2026-07-06"),
        Ok(State::OnSite)
    );
    let found = reported(&["S1 differs", "S2 agrees"], &["ordered"], Some(7));
    let record = Step::Record { report: found };
    assert_eq!(
        life.take("乙", record.clone(), "2026-07-06"),
        Ok(State::Recorded)
    );
    assert_eq!(
        life.take("甲", Step::Confirm {}, "2026-07-06"),
        Ok(State::Recorded)
    );
    // Entered again: what was confirmed is not what stands now.
    life.take("乙", record, "2026-07-07").unwrap();
    assert!(life.case().confirmed_by.is_empty());
    // Seven working days from Tuesday, 7 July.
    assert_eq!(life.case().rectify_by, Some(day("2026-07-16")));
    for (who, state) in [("甲", State::Recorded), ("乙", State::Confirmed)] {
        assert_eq!(life.take(who, Step::Confirm {}, "2026-07-07"), Ok(state));
    }
    let reason = words("项目经理拒绝签字");
    let refuse = Step::RefuseSignature { reason };
    assert_eq!(life.take("乙", refuse, "2026-07-07"), Ok(State::Unsigned));
    assert_eq!(
        life.take("乙", Step::Witness {}, "2026-07-07"),
        Err(Illegal::AlreadyWitnessed("M2".to_owned()))
    );
    assert_eq!(
        life.take("甲", Step::Witness {}, "2026-07-08"),
        Ok(State::Closed)
    );
    assert_eq!(life.case().settled_on, Some(day("2026-07-08")));
    let reason = words("对象有误");
    let annul = Step::Annul { reason };
    assert_eq!(life.take("丁", annul, "2026-07-09"), Ok(State::Annulled));
    let text = serde_json::to_string(&life.events).unwrap();
    let read: Vec<Event> = serde_json::from_str(&text).unwrap();
    assert_eq!(read, life.events);
}

#[test]
fn the_clock_does_not_go_back() {
    let mut life = Life::new();
    life.take("甲", Step::Arrive {}, "2026-07-07").unwrap();
    let back = life.take("甲", Step::Record { report: report() }, "2026-07-06");
    assert!(matches!(back, Err(Illegal::ClockBack { .. })), "{back:?}");
}

#[test]
fn without_a_checklist_there_is_nothing_to_inspect() {
    let mut life = Life::new();
    life.list = Checklist::default();
    assert_eq!(
        life.take("甲", Step::Arrive {}, "2026-07-06"),
        Err(Illegal::NothingToCheck)
    );
}

fn any_step() -> impl Strategy<Value = Step> {
    let reason = || words("示例");
    let found = reported(&["S1 differs", "S2 not_concerned"], &["pending"], None);
    let options = vec![
        Step::Arrive {},
        Step::Record { report: report() },
        Step::Record { report: found },
        Step::Hinder { reason: reason() },
        Step::Confirm {},
        Step::Sign { function: reason() },
        Step::RefuseSignature { reason: reason() },
        Step::Witness {},
        Step::Annul { reason: reason() },
    ];
    prop::sample::select(options)
}

proptest! {
    #[test]
    fn no_life_closes_what_both_officers_did_not_confirm(
        asked in prop::collection::vec((any_step(), 0..3_usize, 0..40_i64), 1..40)
    ) {
        let mut life = Life::new();
        let mut now = at(day("2026-07-06"));
        for (step, who, hours) in asked {
            now += Duration::hours(hours);
            let before = life.case();
            let answer = life.take_at(["甲", "乙", "丙"][who], &step, now);
            let after = life.case();
            if answer.is_err() {
                prop_assert_eq!(before, after);
                continue;
            }
            prop_assert_eq!(after.events, before.events + 1);
            // A double click: nothing but the entry of the same once more.
            if !matches!(step, Step::Record { .. }) {
                prop_assert!(life.clone().take_at(["甲", "乙", "丙"][who], &step, now).is_err());
            }
            let both: BTreeSet<String> = ["M1".to_owned(), "M2".to_owned()].into();
            if matches!(after.state, State::Confirmed | State::Unsigned | State::Closed | State::NotPossible) {
                prop_assert_eq!(&after.confirmed_by, &both);
            }
            if after.state == State::Closed {
                prop_assert!(after.report.as_ref().is_some_and(|report| report.faults(&checklist()).is_empty()));
                let witnessed = matches!(after.signature, Some(Signature::Signed { .. })) || after.witnessed_by == both;
                prop_assert!(witnessed);
            }
            prop_assert_eq!(after.state.is_settled(), after.settled_on.is_some());
        }
    }
}
