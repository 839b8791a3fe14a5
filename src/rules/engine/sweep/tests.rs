//! The history is what evaluating each day gives.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::super::Prepared;
use crate::{
    domain::{Company, Contract, Day, Record, RecordStatus},
    rules::{
        Facts, PastGrade, RuleSet, ScoreFault,
        tests::{
            company, day,
            random::{Life, every_rule_set},
            record, rules, small, uscc,
        },
    },
};

/// Score and grade of everybody on every day.
type Days = BTreeMap<(Day, String), (String, Option<String>)>;

fn swept(prepared: &Prepared<'_>, from: Day, to: Day) -> Result<Days, Vec<ScoreFault>> {
    let mut days = Days::new();
    for course in prepared.history(from, to)? {
        let mut before: Option<super::Stretch<'_>> = None;
        for stretch in course.stretches {
            let same = |one: super::Stretch<'_>| {
                one.last.next() == stretch.first
                    && (one.score, one.grade) == (stretch.score, stretch.grade)
            };
            assert!(!before.is_some_and(same), "{before:?} {stretch:?}");
            before = Some(stretch);
            let mut day = stretch.first;
            while day <= stretch.last {
                let known = days.insert(
                    (day, course.subject.to_owned()),
                    (stretch.score.to_string(), stretch.grade.map(str::to_owned)),
                );
                assert_eq!(known, None, "{day}");
                day = day.next();
            }
        }
    }
    Ok(days)
}

fn day_by_day(prepared: &Prepared<'_>, from: Day, to: Day) -> Result<Days, Vec<ScoreFault>> {
    let mut days = Days::new();
    let mut day = from;
    while day <= to {
        for mark in prepared.marks(day)? {
            days.insert(
                (day, mark.subject.to_owned()),
                (mark.score.to_string(), mark.grade.map(str::to_owned)),
            );
        }
        day = day.next();
    }
    Ok(days)
}

/// The facts of a small city.
#[derive(Debug, Default)]
struct City {
    companies: Vec<Company>,
    contracts: Vec<Contract>,
    records: Vec<Record>,
    history: Vec<PastGrade>,
}

impl City {
    /// Some companies with a life each; the last is known from records and contracts alone.
    fn random(rules: &RuleSet, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut city = Self::default();
        let count = rng.random_range(1..5);
        for number in 1..=count {
            let mut life = Life::random(rules, rng.random(), 14);
            let own = format!("C{number}");
            for contract in &mut life.contracts {
                contract.company = uscc(number);
                contract.project = format!("{own}{}", contract.project);
                if rng.random_bool(0.3) {
                    contract.from = Some(day("2024-01-01").plus_days(rng.random_range(0..500)));
                }
            }
            for record in &mut life.records {
                record.id = format!("{own}{}", record.id);
                record.company = Some(uscc(number));
                record.project = record.project.take().map(|code| format!("{own}{code}"));
                let alone = record.project.is_some() && rng.random_bool(0.2);
                record.company = record.company.filter(|_| !alone);
                if rng.random_bool(0.2) {
                    let date = record.decided_on.unwrap_or(Day::MAX);
                    record.valid_until = Some(date.plus_days(rng.random_range(0..300)));
                }
                // Faults that matter on some days only.
                if rng.random_bool(0.01) {
                    record.attributes.clear();
                }
            }
            if rng.random_bool(0.4) {
                let grade = ["A", "B", "C", "none"][rng.random_range(0..4)];
                city.history.push(PastGrade {
                    subject: uscc(number).to_string(),
                    period_end: day("2023-06-30").plus_days(rng.random_range(0..700)),
                    grade: grade.to_owned(),
                });
            }
            if number < count || rng.random_bool(0.5) {
                let registered_on = life.companies[0].registered_on;
                let registered_on = registered_on.map(|on| on.plus_days(rng.random_range(0..1400)));
                city.companies.push(Company {
                    registered_on,
                    ..company(number)
                });
            }
            city.contracts.extend(life.contracts);
            city.records.extend(life.records);
        }
        city
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            companies: &self.companies,
            contracts: &self.contracts,
            contracts_known: !self.contracts.is_empty(),
            records: &self.records,
            history: &self.history,
            ..Facts::default()
        }
    }
}

/// Earlier grades, spans, ages, projects; `GRADES` is a ladder.
const LOOKING_BACK: &str = r#"
[[component]]
id = "bad"
[[component]]
id = "projects"
level = "project"
average = "area"
base = 10
floor = 0
[[item]]
id = "B1"
component = "bad"
clause = "1"
title = "违规"
points = -6
valid_for = "100 days"
[[item]]
id = "B2"
component = "projects"
clause = "2"
title = "违规"
points = -4
recurs = "each_period"
[[item]]
id = "B3"
component = "bad"
clause = "3"
title = "违规"
points = -1.5
when = "subject.age_months < 40"
same_matter = "first"
veto = "B"
GRADES
[[override]]
id = "O"
clause = "3"
title = "连续"
when = "count('B1', '45 days') >= 1 and previous_grade(1) == 'B'"
grade = "B"
[[list]]
id = "black"
title = "黑名单"
class = "watch"
clause = "5"
when = "unrectified('B2', '3 months') or consecutive(grade == 'B', 3)"
"#;

const BOUNDS: &str = r#"
[[grade]]
id = "A"
from = 100
[[grade]]
id = "B"
below = 100
"#;

const PLACES: &str = r#"
[[grade]]
id = "A"
top = "40%"
[[grade]]
id = "B"
"#;

fn sets() -> Vec<RuleSet> {
    let mut sets = every_rule_set();
    for period in [
        "kind = \"rolling\"\nmonths = 6",
        "kind = \"open\"",
        "kind = \"half_year\"",
        "kind = \"month\"",
    ] {
        for ladder in [BOUNDS, PLACES] {
            let body = LOOKING_BACK.replace("GRADES", ladder);
            sets.push(rules(&small(period, "base = 100", &body)));
            // Without a look at earlier grades.
            let body = body.replace(" and previous_grade(1) == 'B'", "");
            sets.push(rules(&small(period, "base = 100\nmax = 103.5", &body)));
            let (alone, _) = body.split_once("[[override]]").unwrap();
            sets.push(rules(&small(period, "base = 99.25\ndecimals = 1", alone)));
            // By scores alone.
            let plain = alone.replace("veto = \"B\"\n", "");
            sets.push(rules(&small(period, "base = 99.25\ndecimals = 1", &plain)));
        }
    }
    sets
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_history_is_what_each_day_gives(
        which in 0_usize..64,
        seed in any::<u64>(),
        from in 0_u32..800,
        days in 0_u32..90,
    ) {
        let sets = sets();
        let rules = &sets[which % sets.len()];
        let city = City::random(rules, seed);
        let facts = city.facts();
        let prepared = Prepared::new(rules, &facts);
        let from = day("2024-01-01").plus_days(from);
        let to = from.plus_days(days);
        prop_assert_eq!(swept(&prepared, from, to), day_by_day(&prepared, from, to));
    }
}

#[test]
fn of_no_days_there_is_nothing() {
    let rules = &sets()[0];
    let companies = [company(1)];
    let facts = Facts {
        companies: &companies,
        ..Facts::default()
    };
    let prepared = Prepared::new(rules, &facts);
    let (from, to) = (day("2024-02-02"), day("2024-02-01"));
    assert_eq!(prepared.history(from, to), Ok(Vec::new()));
}

#[test]
fn stretches_end_where_something_does() {
    let body = LOOKING_BACK.replace("GRADES", BOUNDS);
    let (body, _) = body.split_once("[[override]]").unwrap();
    let rules = rules(&small("kind = \"open\"", "base = 100", body));
    let companies = [company(1)];
    let mut records = [
        record("r1", "B1", "2024-01-11"),
        record("r2", "B1", "2024-01-21"),
        record("r3", "B1", "2024-02-01"),
    ];
    records[1].valid_until = Some(day("2024-01-25"));
    records[2].status = RecordStatus::Revoked;
    let facts = Facts {
        companies: &companies,
        records: &records,
        ..Facts::default()
    };
    let prepared = Prepared::new(&rules, &facts);
    let courses = prepared
        .history(day("2024-01-01"), day("2024-12-31"))
        .unwrap();
    let told: Vec<String> = (courses[0].stretches.iter())
        .map(|one| {
            format!(
                "{} {} {} {}",
                one.first,
                one.last,
                one.score,
                one.grade.unwrap()
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "2024-01-01 2024-01-10 100.00 A",
            "2024-01-11 2024-01-20 94.00 B",
            "2024-01-21 2024-01-25 88.00 B",
            "2024-01-26 2024-04-20 94.00 B",
            "2024-04-21 2024-12-31 100.00 A",
        ]
    );
}
