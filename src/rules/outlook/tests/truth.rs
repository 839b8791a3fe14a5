//! Random facts and the synthetic city: what is told is what scoring the changed facts gives.

use std::sync::OnceLock;

use proptest::prelude::*;

use super::*;
use crate::{
    city::{self, Size, Town},
    domain::{Company, Contract, RecordStatus},
    rules::tests::{
        day,
        random::{Life, every_rule_set},
        uscc,
    },
};

fn sets() -> &'static [RuleSet] {
    static SETS: OnceLock<Vec<RuleSet>> = OnceLock::new();
    SETS.get_or_init(every_rule_set)
}

/// Does what a deed does, to a copy of the records.
fn done(records: &[Record], deeds: &[(Deed, &str)], as_of: Day) -> Vec<Record> {
    let mut records = records.to_vec();
    for (deed, id) in deeds {
        let record = records.iter_mut().find(|one| one.id == *id).unwrap();
        match deed {
            Deed::Rectify => record.rectified_on = Some(as_of),
            Deed::Object => record.status = RecordStatus::Revoked,
        }
    }
    records
}

/// Every action and every way gives what really changing the records and scoring all the facts gives.
pub(super) fn actions_are_true(rules: &RuleSet, facts: &Facts<'_>, outlook: &Outlook) {
    let after = |deeds: &[(Deed, &str)]| {
        let records = done(facts.records, deeds, outlook.as_of);
        let facts = Facts {
            records: &records,
            ..*facts
        };
        stand(&scored(rules, &facts, &outlook.subject, outlook.as_of))
    };
    assert_eq!(outlook.now, after(&[]));
    for action in &outlook.actions {
        let truth = after(&[(action.deed, &action.cited.record)]);
        assert_eq!(action.stand, truth, "{action:#?}");
        assert_eq!(action.difference, truth.score - outlook.now.score);
        assert!(!action.cited.clause.is_empty());
    }
    for way in &outlook.next_grade.ways {
        let deeds: Vec<(Deed, &str)> = way
            .steps
            .iter()
            .map(|step| (step.deed, step.cited.record.as_str()))
            .collect();
        assert_eq!(way.stand, after(&deeds));
        let rank = |stand: &Stand| {
            rules
                .rank(stand.grade.as_deref().unwrap())
                .unwrap_or(usize::MAX)
        };
        assert!(rank(&way.stand) < rank(&outlook.now), "{way:#?}");
    }
}

/// On every day of a timeline, what the last change before it says is what scoring that day says.
pub(super) fn timeline_is_true(rules: &RuleSet, facts: &Facts<'_>, outlook: &Outlook, days: u32) {
    let mut day = outlook.as_of;
    for _ in 0..days {
        if day > outlook.timeline.until {
            break;
        }
        let last = outlook
            .timeline
            .changes
            .iter()
            .rfind(|change| change.on <= day);
        let told = last.map_or(&outlook.now, |change| &change.stand);
        let truth = scored(rules, facts, &outlook.subject, day);
        assert_eq!(*told, stand(&truth), "{} {day}", rules.id());
        if let Some(change) = last {
            assert_eq!(change.lists, truth.lists, "{} {day}", rules.id());
        }
        day = day.next();
    }
    if let Stops::Fault { .. } = outlook.timeline.stops {
        assert!(score(rules, facts, outlook.timeline.until.next()).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_timeline_is_each_day_scored_and_every_action_is_really_done(seed in any::<u64>(), from in 0_u32..600) {
        let as_of = day("2024-03-01").plus_days(from);
        for rules in sets() {
            let life = Life::random(rules, seed, 12);
            let facts = life.facts();
            let own = uscc(1);
            match of(rules, &facts, own.as_str(), as_of) {
                Ok(outlook) => {
                    timeline_is_true(rules, &facts, &outlook, 400);
                    actions_are_true(rules, &facts, &outlook);
                }
                Err(fault) => prop_assert!(score(rules, &facts, as_of).is_err(), "{}", fault),
            }
        }
    }
}

struct Place {
    companies: Vec<Company>,
    contracts: Vec<Contract>,
    records: Vec<Record>,
}

impl Place {
    fn city() -> Self {
        let town = Town::new(
            city::DEMO_SEED,
            Size {
                companies: 10,
                projects: 40,
                records: 700,
            },
        );
        Self {
            companies: town.companies().cloned().collect(),
            contracts: town.contracts().cloned().collect(),
            records: town.records().collect(),
        }
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            companies: &self.companies,
            contracts: &self.contracts,
            contracts_known: true,
            records: &self.records,
            ..Facts::default()
        }
    }
}

#[test]
fn four_hundred_days_of_the_synthetic_city_are_each_day_scored() {
    let rules = &sets()[0];
    let place = Place::city();
    let facts = place.facts();
    let start = day("2025-06-01");
    // The city as a whole, day by day: what narrowing to one company must not change.
    let prepared = crate::rules::Prepared::new(rules, &facts);
    let outlooks: Vec<Outlook> = place
        .companies
        .iter()
        .map(|company| of(rules, &facts, company.uscc.as_str(), start).unwrap())
        .collect();
    let mut changes = 0;
    let mut date = start;
    for _ in 0..400 {
        let marks = prepared.marks(date).unwrap();
        for outlook in &outlooks {
            let last = outlook
                .timeline
                .changes
                .iter()
                .rfind(|change| change.on <= date);
            let told = last.map_or(&outlook.now, |change| &change.stand);
            let truth = marks
                .iter()
                .find(|mark| mark.subject == outlook.subject)
                .unwrap();
            assert_eq!(
                (told.score, told.grade.as_deref()),
                (truth.score, truth.grade),
                "{date}"
            );
            changes += usize::from(last.is_some_and(|change| change.on == date));
        }
        date = date.next();
    }
    assert!(changes > 50, "{changes}");
    actions_are_true(rules, &facts, &outlooks[0]);
    actions_are_true(rules, &facts, &outlooks[7]);
}
