//! What steps lead to, in the order in which they come in life; and random lives.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::*;
use crate::domain::{Calendar, Day, DeadlineRules, RecordStatus, Text, TextError};

pub(super) static CALENDAR: LazyLock<Calendar> =
    LazyLock::new(|| Calendar::parse([include_str!("../../../rules/calendar/2026.toml")]).unwrap());
pub(super) static RULES: LazyLock<DeadlineRules> =
    LazyLock::new(|| DeadlineRules::parse(include_str!("../../../rules/deadlines.toml")).unwrap());

pub(super) fn terms() -> Terms<'static> {
    Terms {
        rules: &RULES,
        calendar: &CALENDAR,
    }
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

pub(super) fn content() -> Content {
    Content {
        clause: "附件1 第4项".to_owned(),
        title: "未公示服务标准（示例）".to_owned(),
        points: "-1".to_owned(),
        rectify_by: Some(day("2026-07-01")),
    }
}

/// A record that 甲 entered and 乙 confirmed on the first of June 2026.
pub(super) fn confirmed() -> Standing {
    Standing {
        version: 2,
        status: RecordStatus::Confirmed,
        known_from: day("2026-06-01"),
        notify_from: Some(day("2026-06-01")),
        corrected_in: None,
        rectify_by: Some(day("2026-07-01")),
        rectified_on: None,
        decided_on: Some(day("2026-06-01")),
        makers: vec!["甲".to_owned()],
        confirmer: Some("乙".to_owned()),
        content: content(),
    }
}

/// A record as its versions and events make it.
#[derive(Debug, Clone)]
struct Life {
    standing: Standing,
    events: Vec<Event>,
    /// Status after every version that the procedure added.
    versions: Vec<RecordStatus>,
}

impl Life {
    fn new() -> Self {
        Self {
            standing: confirmed(),
            events: Vec::new(),
            versions: vec![RecordStatus::Confirmed],
        }
    }

    fn case(&self) -> Case {
        Case::of(&self.events)
    }

    fn take(&mut self, step: Step, by: &str, on: Day) -> Result<Effect, Illegal> {
        let case = self.case();
        let (event, effect) = apply(&case, &self.standing, &step, by, at(on), terms())?;
        let standing = &mut self.standing;
        match effect {
            Effect::Nothing => {}
            Effect::Status(status) => standing.status = status,
            Effect::Remedy(Remedy::Correct) => {
                standing.status = RecordStatus::Confirmed;
                standing.corrected_in = Some(event.version);
                standing.makers.push(by.to_owned());
            }
            Effect::Remedy(Remedy::Revoke) => standing.status = RecordStatus::Revoked,
            Effect::Rectified(day) => standing.rectified_on = Some(day),
            Effect::RectifyBy(day) => standing.rectify_by = Some(day),
        }
        standing.version = event.version;
        if effect != Effect::Nothing {
            self.versions.push(standing.status);
        }
        self.events.push(event);
        Ok(effect)
    }

    fn running(&self, on: &str) -> Vec<(String, String)> {
        clocks(&self.case(), &self.standing, day(on), terms())
            .unwrap()
            .into_iter()
            .map(|deadline| (deadline.rule, deadline.due.to_string()))
            .collect()
    }
}

fn notice() -> Step {
    Step::Notice {
        number: words("示建记告〔2026〕1号"),
    }
}

fn served(on: &str, method: Method) -> Step {
    Step::Served {
        method,
        delivered_on: day(on),
        proof: words("送达回证"),
    }
}

fn object(on: &str, joint: bool) -> Step {
    Step::Object {
        number: words("异〔2026〕1号"),
        grounds: words("当日已公示，附照片"),
        received_on: day(on),
        joint,
        evidence: vec![FileDigest::parse(&"0a".repeat(32)).unwrap()],
    }
}

fn reject() -> Step {
    Step::Reject {
        reason: words("照片摄于次日"),
        exceptionally: None,
    }
}

fn uphold(remedy: Remedy) -> Step {
    Step::Uphold {
        reason: words("经核实属实"),
        remedy,
        exceptionally: None,
    }
}

fn report(on: &str) -> Step {
    Step::Rectification {
        statement: words("已整改"),
        rectified_on: day(on),
        evidence: Vec::new(),
    }
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected
        .iter()
        .map(|(rule, due)| ((*rule).to_owned(), (*due).to_owned()))
        .collect()
}

#[test]
fn clocks_run_from_the_step_that_starts_them_to_the_one_that_ends_them() {
    let mut life = Life::new();
    let rectify = ("record.rectify", "2026-07-01");
    // Seven working days from 1 June, and whether late or not until it is served.
    let notify = ("record.notify", "2026-06-10");
    assert_eq!(life.running("2026-06-02"), pairs(&[notify, rectify]));
    assert_eq!(life.running("2026-06-20"), pairs(&[notify, rectify]));
    life.take(notice(), "丙", day("2026-06-02")).unwrap();
    assert_eq!(life.running("2026-06-02"), pairs(&[notify, rectify]));
    life.take(
        served("2026-06-03", Method::Direct),
        "丙",
        day("2026-06-04"),
    )
    .unwrap();
    let objection = ("record.objection", "2026-06-17");
    assert_eq!(life.running("2026-06-17"), pairs(&[objection, rectify]));
    assert_eq!(life.running("2026-06-18"), pairs(&[rectify]));
    life.take(object("2026-06-17", false), "丙", day("2026-06-18"))
        .unwrap();
    // 19 June is the Dragon Boat Festival.
    let examine = ("record.examine", "2026-06-23");
    assert_eq!(life.running("2026-06-18"), pairs(&[examine, rectify]));
    life.take(report("2026-06-18"), "丙", day("2026-06-18"))
        .unwrap();
    let check = ("record.rectification_check", "2026-06-26");
    assert_eq!(life.running("2026-06-18"), pairs(&[examine, check]));
    life.take(reject(), "丁", day("2026-06-22")).unwrap();
    assert_eq!(life.running("2026-06-22"), pairs(&[check]));
    let accept = Step::Accept {
        opinion: words("现场复核属实"),
    };
    assert_eq!(
        life.take(accept, "丁", day("2026-06-23")),
        Ok(Effect::Rectified(day("2026-06-18")))
    );
    assert_eq!(life.running("2026-06-23"), pairs(&[]));
    assert_eq!(
        life.take(report("2026-06-18"), "丙", day("2026-06-23")),
        Err(Illegal::Rectified(day("2026-06-18")))
    );
}

#[test]
fn a_company_that_was_not_notified_is_never_too_late() {
    let mut life = Life::new();
    assert_eq!(
        life.take(object("2026-07-31", true), "丙", day("2026-07-31")),
        Ok(Effect::Status(RecordStatus::Disputed))
    );
    let case = life.case();
    let examine = &case.open_objection().unwrap().examine;
    assert_eq!(examine.rule, "record.examine_joint");
    assert_eq!(examine.due, day("2026-08-11"));
}

#[test]
fn after_publication_thirty_days_pass_before_the_period_runs() {
    let mut life = Life::new();
    life.take(notice(), "丙", day("2026-06-01")).unwrap();
    life.take(
        served("2026-06-01", Method::Publication),
        "丙",
        day("2026-06-01"),
    )
    .unwrap();
    let case = life.case();
    let served = case.notice.unwrap().served.unwrap();
    assert_eq!(served.served_on, day("2026-07-01"));
    assert_eq!(served.objection.due, day("2026-07-15"));
}

#[test]
fn a_correction_asks_for_another_notice_and_gives_another_period() {
    let mut life = Life::new();
    life.take(notice(), "丙", day("2026-06-01")).unwrap();
    life.take(
        served("2026-06-01", Method::Direct),
        "丙",
        day("2026-06-01"),
    )
    .unwrap();
    life.take(object("2026-06-02", false), "丙", day("2026-06-02"))
        .unwrap();
    life.take(uphold(Remedy::Correct), "丁", day("2026-06-03"))
        .unwrap();
    assert_eq!(life.standing.status, RecordStatus::Confirmed);
    // What was told is not true any more: told anew, and open to another objection without a period until then.
    assert!(
        life.running("2026-06-03")
            .contains(&(rule::NOTIFY.to_owned(), "2026-06-10".to_owned()))
    );
    life.take(notice(), "丙", day("2026-06-03")).unwrap();
    life.take(object("2026-06-30", false), "丙", day("2026-06-30"))
        .unwrap();
    // Who corrected it has shaped it.
    assert!(matches!(
        life.take(reject(), "丁", day("2026-06-30")),
        Err(Illegal::Maker { .. })
    ));
    life.take(reject(), "戊", day("2026-06-30")).unwrap();
    assert_eq!(
        life.take(object("2026-07-01", false), "丙", day("2026-07-01")),
        Err(Illegal::ObjectionAnswered("异〔2026〕1号".to_owned()))
    );
}

#[test]
fn a_notice_that_a_correction_overtook_is_not_served() {
    let mut life = Life::new();
    life.take(notice(), "丙", day("2026-06-01")).unwrap();
    life.standing.version = 3;
    life.standing.corrected_in = Some(3);
    assert!(matches!(
        life.take(
            served("2026-06-02", Method::Direct),
            "丙",
            day("2026-06-02")
        ),
        Err(Illegal::NoticeStale(_))
    ));
}

#[test]
fn a_period_beyond_the_known_calendars_is_refused_and_said() {
    let mut life = Life::new();
    life.take(notice(), "丙", day("2026-12-28")).unwrap();
    let fault = life
        .take(
            served("2026-12-28", Method::Direct),
            "丙",
            day("2026-12-28"),
        )
        .unwrap_err();
    assert!(matches!(fault, Illegal::Deadline(_)), "{fault}");
    assert!(life.case().notice.unwrap().served.is_none());
}

#[test]
fn a_last_day_without_a_determination_is_told_as_named() {
    let mut standing = confirmed();
    standing.decided_on = None;
    standing.notify_from = None;
    let running = clocks(&Case::default(), &standing, day("2026-06-02"), terms()).unwrap();
    assert_eq!(running[0].start_event, "named");
    assert_eq!(running[0].due, day("2026-07-01"));
    standing.status = RecordStatus::Draft;
    let none = clocks(&Case::default(), &standing, day("2026-06-02"), terms());
    assert_eq!(none, Ok(Vec::new()));
}

#[test]
fn an_event_reads_as_it_was_written() {
    let mut life = Life::new();
    let left = Method::Left {
        witness: words("社区工作人员"),
    };
    life.take(notice(), "丙", day("2026-06-02")).unwrap();
    life.take(served("2026-06-03", left), "丙", day("2026-06-04"))
        .unwrap();
    life.take(object("2026-06-05", true), "丙", day("2026-06-05"))
        .unwrap();
    for event in &life.events {
        let json = serde_json::to_string(event).unwrap();
        assert_eq!(&serde_json::from_str::<Event>(&json).unwrap(), event);
    }
    let json = serde_json::to_string(&life.events[1]).unwrap();
    insta::assert_snapshot!(
        json.replace(CALENDAR.version(), "CALENDAR"),
        @r#"{"step":"served","method":{"method":"left","witness":"社区工作人员"},"delivered_on":"2026-06-03","proof":"送达回证","by":"丙","at":"2026-06-04T02:00:00Z","version":2,"starts":{"rule":"record.objection","period":"10 working days","start_event":"served","start":"2026-06-03","due":"2026-06-17","calendar":"CALENDAR"}}"#
    );
}

#[test]
fn empty_words_and_false_digests_are_refused() {
    assert_eq!(Text::parse(" \n"), Err(TextError::Empty));
    assert_eq!(Text::parse(" 一 ").unwrap().as_str(), "一");
    for wrong in ["", "0a", &"0g".repeat(32), &"0".repeat(65)] {
        assert!(FileDigest::parse(wrong).is_err());
    }
    let json = r#"{"step":"refuse","reason":"不完整","other":1}"#;
    assert!(serde_json::from_str::<Step>(json).is_err());
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(notice()),
        (0u32..40).prop_map(|after| served(
            &day("2026-06-01").plus_days(after).to_string(),
            Method::Direct
        )),
        (0u32..40, any::<bool>()).prop_map(|(after, joint)| object(
            &day("2026-06-01").plus_days(after).to_string(),
            joint
        )),
        Just(Step::WithdrawObjection {
            reason: words("撤回")
        }),
        Just(uphold(Remedy::Correct)),
        Just(uphold(Remedy::Revoke)),
        Just(reject()),
        (0u32..40).prop_map(|after| report(&day("2026-06-01").plus_days(after).to_string())),
        Just(Step::Accept {
            opinion: words("属实")
        }),
        Just(Step::Refuse {
            reason: words("不完整")
        }),
        (0u32..200).prop_map(|after| Step::Extend {
            rectify_by: day("2026-06-01").plus_days(after),
            reason: words("雨季"),
        }),
    ]
}

proptest! {
    #[test]
    fn whatever_is_asked_no_version_is_lost_and_nothing_comes_after_a_revocation(
        asked in prop::collection::vec((any_step(), 0usize..5, 0u32..4), 1..40),
    ) {
        let people = ["甲", "乙", "丙", "丁", "戊"];
        let mut life = Life::new();
        let mut today = day("2026-06-01");
        for (step, who, pass) in asked {
            today = today.plus_days(pass);
            let before = life.clone();
            let answer = life.take(step.clone(), people[who], today);
            match answer {
                Err(_) => {
                    prop_assert_eq!(&before.events, &life.events);
                    prop_assert_eq!(&before.standing, &life.standing);
                }
                Ok(effect) => {
                    prop_assert_ne!(before.standing.status, RecordStatus::Revoked);
                    prop_assert_eq!(life.events.len(), before.events.len() + 1);
                    let added = i64::from(effect != Effect::Nothing);
                    prop_assert_eq!(life.standing.version, before.standing.version + added);
                    // A double click: the same step at once again is refused, or is another extension.
                    let again = life.clone().take(step, people[who], today);
                    prop_assert!(again.is_err());
                }
            }
            // The mark is there exactly while an objection is examined.
            let case = life.case();
            prop_assert_eq!(
                life.standing.status == RecordStatus::Disputed,
                case.open_objection().is_some()
            );
            prop_assert!(case.open_rectification().is_none() || life.standing.rectified_on.is_none());
            prop_assert_eq!(case.events, life.events.len() as i64);
            let running = clocks(&case, &life.standing, today, terms()).unwrap();
            if life.standing.status == RecordStatus::Revoked {
                prop_assert!(running.is_empty());
            }
            let mut rules: Vec<&str> = running.iter().map(|d| d.rule.as_str()).collect();
            rules.sort_unstable();
            rules.dedup();
            prop_assert_eq!(rules.len(), running.len(), "a clock twice");
        }
    }
}
