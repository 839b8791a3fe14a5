//! The engine against the reference.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use proptest::{
    prelude::*,
    test_runner::{Config, RngSeed, TestCaseResult},
};
use serde_json::Value;
use wuxin::{
    domain::Day,
    rules::{RuleSet, Score, ScoreFault, score},
};

use crate::{
    case::{Case, Fault},
    policy::Policy,
    question::{Question, question, with_versions},
    verdict::Outcome,
};

/// A number from the environment, for runs by hand.
pub fn setting(name: &str, usual: u32) -> u32 {
    std::env::var(name)
        .ok()
        .map_or(usual, |text| text.parse().unwrap())
}

/// The ordinary suite always looks at the same cases; a run by hand at others each time.
pub fn config(usual: u32) -> Config {
    let by_hand = std::env::var_os("WUXIN_ORACLE_CASES").is_some();
    Config {
        cases: setting("WUXIN_ORACLE_CASES", usual),
        rng_seed: match by_hand {
            true => RngSeed::Random,
            false => RngSeed::Fixed(20_240_229),
        },
        max_shrink_iters: 4_000,
        max_shrink_time: 90_000,
        failure_persistence: None,
        ..Config::default()
    }
}

/// What the contract says of a score, but for the explanation and the day of the next change.
fn expected(policy: &Policy, day: NaiveDate, outcome: &Outcome) -> String {
    let text = |text: &str| Value::from(text).to_string();
    let texts = |all: &[String]| Value::from(all.to_vec()).to_string();
    let components: Vec<String> = (outcome.components.iter())
        .map(|(id, value)| {
            let value = value.map_or("null".to_owned(), |value| text(&value.shown()));
            format!("{}:{value}", text(id))
        })
        .collect();
    format!(
        r#"{{"subject":{},"subject_kind":"{}","ruleset":{},"as_of":"{day}","score":"{}","grade":{},"rated":{},"components":{{{}}},"lists":{},"consequences":{},"next_change_on":null}}"#,
        text(&outcome.subject),
        policy.ruleset.subject,
        text(&policy.ruleset.id),
        outcome
            .score
            .with_places(policy.score.decimals.unwrap_or(2)),
        outcome.grade.as_deref().map_or("null".to_owned(), text),
        outcome.rated,
        components.join(","),
        texts(&outcome.lists),
        texts(&outcome.consequences),
    )
}

fn found(score: &Score) -> String {
    let mut score = score.clone();
    score.lines = None;
    score.next_change_on = None;
    serde_json::to_string(&score).unwrap()
}

/// Each record with whether it counts, and its points.
fn records_found(score: &Score) -> BTreeMap<String, String> {
    let lines = score.lines.as_ref().unwrap().iter();
    let mut records = BTreeMap::new();
    for line in lines {
        if let Some(record) = &line.record {
            let twice = records.insert(record.clone(), format!("{} {}", line.counted, line.points));
            assert_eq!(twice, None, "{record} has two lines");
        }
    }
    records
}

fn records_expected(outcome: &Outcome) -> BTreeMap<String, String> {
    let line = |(counted, points): &(bool, crate::fraction::Fraction)| {
        format!("{counted} {}", points.shown())
    };
    outcome
        .records
        .iter()
        .map(|(id, record)| (id.clone(), line(record)))
        .collect()
}

/// Faults of records by code; of the others only whose they are: a subject has one fault, and which of several is found first
/// is not laid down.
fn codes<'f>(
    faults: impl Iterator<Item = (&'f str, Option<&'f str>, &'f str)>,
) -> BTreeSet<String> {
    faults
        .map(|(subject, record, code)| match code {
            "D014" | "D015" | "D018" | "D019" => format!("{subject} cannot be scored"),
            _ => format!("{subject} {record:?} {code}"),
        })
        .collect()
}

fn codes_expected(faults: &[Fault]) -> BTreeSet<String> {
    codes(
        faults
            .iter()
            .map(|one| (one.subject.as_str(), one.record.as_deref(), one.code)),
    )
}

fn codes_found(faults: &[ScoreFault]) -> BTreeSet<String> {
    codes(
        faults
            .iter()
            .map(|one| (one.subject.as_str(), one.record.as_deref(), one.code)),
    )
}

/// Compares everything; `ahead` days are searched for a change before the one the engine says.
fn compare(question: &Question, ahead: u32) -> TestCaseResult {
    let (rules, world) = (&question.rules, &question.world);
    let policy = Policy::read(&question.text);
    let facts = world.facts();
    let older = question.older.as_ref().map(|(text, _)| Policy::read(text));
    let case = Case {
        policy: &policy,
        older: older.as_ref(),
        facts,
    };
    let day = world.as_of.date();
    let right = case.evaluate(rules, day);
    let engine = score(rules, &facts, world.as_of);
    let (right, engine) = match (right, engine) {
        (Ok(right), Ok(engine)) => (right, engine),
        (Err(right), Err(engine)) => {
            prop_assert_eq!(codes_expected(&right), codes_found(&engine), "faults");
            return Ok(());
        }
        (right, engine) => {
            let right = right
                .map(|_| "no fault")
                .map_err(|faults| codes_expected(&faults));
            let engine = engine
                .map(|_| "no fault")
                .map_err(|faults| codes_found(&faults));
            prop_assert_eq!(right, engine, "faults");
            return Ok(());
        }
    };
    let subjects = |all: Vec<&str>| all.into_iter().map(str::to_owned).collect::<Vec<_>>();
    prop_assert_eq!(
        subjects(right.iter().map(|one| one.subject.as_str()).collect()),
        subjects(engine.iter().map(|one| one.subject.as_str()).collect()),
        "who is scored"
    );
    for (right, engine) in right.iter().zip(&engine) {
        prop_assert_eq!(
            records_expected(right),
            records_found(engine),
            "records of {}",
            right.subject
        );
        prop_assert_eq!(expected(&policy, day, right), found(engine));
    }
    changes(&case, rules, &engine, ahead)
}

/// Nothing changes before the day that the engine says, and something does on it.
fn changes(case: &Case<'_>, rules: &RuleSet, engine: &[Score], ahead: u32) -> TestCaseResult {
    let Some(first) = engine.first() else {
        return Ok(());
    };
    let by_rank = case.policy.by_rank();
    let subjects = case.subjects(first.as_of.date());
    let today = first.as_of.date();
    let mut now = BTreeMap::new();
    for subject in &subjects {
        now.insert(
            subject.clone(),
            case.state(subject, &subjects, today).unwrap(),
        );
    }
    // In a ranking anybody's change is everybody's.
    let changed = |subject: &str, day: Day| {
        let day = day.date();
        let differs = |one: &String| case.state(one, &subjects, day).as_ref() != Ok(&now[one]);
        if by_rank {
            // On a day on which it is not known whose a record is, nobody is ranked.
            !case.faults_of_records(rules, day).is_empty()
                || case.subjects(day) != subjects
                || subjects.iter().any(differs)
        } else {
            differs(&subject.to_owned())
        }
    };
    for score in engine {
        let mut day = first.as_of;
        for _ in 0..ahead {
            day = day.next();
            if score.next_change_on == Some(day) {
                break;
            }
            prop_assert!(
                !changed(&score.subject, day),
                "{} changes on {} before {:?}",
                score.subject,
                day,
                score.next_change_on
            );
        }
        if let Some(day) = score.next_change_on {
            let (subject, before) = (&score.subject, day.previous());
            prop_assert!(
                changed(subject, day),
                "{} does not change on {}",
                subject,
                day
            );
            prop_assert!(
                !changed(subject, before),
                "{} changed before {}",
                subject,
                day
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(120))]

    #[test]
    fn old_records_are_judged_by_the_version_of_their_date(question in with_versions(10)) {
        compare(&question, 1)?;
    }

    #[test]
    fn the_engine_agrees_with_the_reference(question in question(12)) {
        compare(&question, setting("WUXIN_ORACLE_DAYS", 3))?;
    }
}
