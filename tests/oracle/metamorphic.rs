//! What must hold between two questions, whatever the rule set: no reference is needed to know it.

use proptest::{collection::vec, prelude::*};
use wuxin::{
    domain::{Day, Record, RecordStatus},
    rules::{Facts, Prepared, RuleSet, Score, ScoreFault, score},
};

use crate::{
    differential::config,
    question::{Question, about, question},
    spec::{Ladder, PointsSpec, Spec, spec},
    world::{World, uscc},
};

fn asked(rules: &RuleSet, world: &World) -> Result<Vec<Score>, Vec<ScoreFault>> {
    score(rules, &world.facts(), world.as_of)
}

/// Everything said of some subjects, in bytes.
fn bytes(scores: &[Score]) -> String {
    serde_json::to_string(scores).unwrap()
}

/// Without the explanation and the day of the next change.
fn results(scores: &[Score]) -> Vec<String> {
    let bare = |score: &Score| Score {
        lines: None,
        next_change_on: None,
        ..score.clone()
    };
    scores.iter().map(|score| bytes(&[bare(score)])).collect()
}

fn with_records(world: &World, records: Vec<Record>) -> World {
    World {
        records,
        ..world.clone()
    }
}

/// Rule sets in which no cap, matter, group, mean or ranking can turn a deduction into its opposite: a component is a sum
/// without a cap or a floor, points are chosen or fixed and negative, and the base stays where records are missing.
fn plain() -> impl Strategy<Value = Spec> {
    spec().prop_map(|mut spec| {
        spec.subject = 2;
        spec.score.demerit = false;
        spec.groups.clear();
        spec.overrides.clear();
        if matches!(spec.ladder, Ladder::Rank(_)) {
            spec.ladder = Ladder::None;
        }
        for component in &mut spec.components {
            component.combine = 0;
            component.missing = 0;
            component.cap = None;
            if let Some((_, assessed_only)) = &mut component.by_project {
                *assessed_only = false;
            }
        }
        for item in &mut spec.items {
            item.points = match item.points {
                PointsSpec::Chosen(low, high) => {
                    PointsSpec::Chosen(-low.abs() - high.abs(), -high.abs().min(low.abs()))
                }
                PointsSpec::Fixed(points) => PointsSpec::Fixed(-points.abs()),
                _ => PointsSpec::Fixed(-5),
            };
            // A later occurrence may weigh less than an earlier one, and one more may then push it down.
            item.repeat = None;
            item.times = None;
            // The first of a matter may be milder than the one that it replaces.
            item.same_matter = item.same_matter.min(1);
            // Rectification halves; it never aggravates.
            item.rectified = item.rectified.map(|quarters| quarters.min(4));
        }
        spec
    })
}

/// Both scored, or none: an added fault of the data is not the matter here.
fn pair(rules: &RuleSet, one: &World, other: &World) -> Option<Vec<(Score, Score)>> {
    let (one, other) = (asked(rules, one).ok()?, asked(rules, other).ok()?);
    let both = one.into_iter().filter_map(|score| {
        let same = other.iter().find(|other| other.subject == score.subject)?;
        Some((score, same.clone()))
    });
    Some(both.collect())
}

/// A record of a merit rule set is a deduction.
fn changed(world: &World, index: usize, change: impl FnOnce(&mut Record)) -> Option<World> {
    let mut records = world.records.clone();
    let place = index % records.len().max(1);
    change(records.get_mut(place)?);
    Some(with_records(world, records))
}

proptest! {
    #![proptest_config(config(40))]

    #[test]
    fn the_order_of_the_facts_changes_no_byte(question in question(12), by in any::<u8>()) {
        let Question { rules, world, .. } = &question;
        let mut other = world.clone();
        other.records.reverse();
        let middle = usize::from(by) % other.records.len().max(1);
        other.records.rotate_left(middle);
        other.companies.reverse();
        other.contracts.reverse();
        other.history.reverse();
        other.on_lists.reverse();
        match (asked(rules, world), asked(rules, &other)) {
            (Ok(one), Ok(other)) => prop_assert_eq!(bytes(&one), bytes(&other)),
            (Err(one), Err(other)) => prop_assert_eq!(one, other),
            (one, other) => prop_assert!(false, "{:?} {:?}", one.err(), other.err()),
        }
    }

    #[test]
    fn one_more_deduction_never_raises(question in about(plain(), 10), copied in any::<u8>(), date in 0_u32..900) {
        let Question { rules, world, .. } = &question;
        let mut records = world.records.clone();
        if records.is_empty() {
            return Ok(());
        }
        let mut more = records[usize::from(copied) % records.len()].clone();
        more.id = "more".to_owned();
        more.status = RecordStatus::Confirmed;
        let day = Day::from_ymd(2023, 1, 1).unwrap().plus_days(date);
        (more.occurred_on, more.decided_on) = (Some(day), Some(day));
        (more.entered_on, more.published_on) = (Some(day), Some(day));
        more.rectified_on = None;
        records.push(more);
        for (before, after) in pair(rules, world, &with_records(world, records)).unwrap_or_default() {
            prop_assert!(after.score <= before.score, "{} {} to {}", before.subject, before.score, after.score);
        }
    }

    #[test]
    fn a_harsher_choice_never_raises(question in about(plain(), 10), at in any::<usize>()) {
        let Question { rules, world, .. } = &question;
        let harsher = changed(world, at, |record| {
            let least = rules.item(&record.item).and_then(|item| item.points.range()).map(|range| range.0);
            if record.points.is_some() && let Some(least) = least {
                record.points = wuxin::domain::Points::new(least).ok();
            }
        });
        let Some(harsher) = harsher else { return Ok(()) };
        for (before, after) in pair(rules, world, &harsher).unwrap_or_default() {
            prop_assert!(after.score <= before.score, "{} {} to {}", before.subject, before.score, after.score);
        }
    }

    #[test]
    fn rectifying_or_revoking_a_deduction_never_lowers(question in about(plain(), 10), at in any::<usize>()) {
        let Question { rules, world, .. } = &question;
        let as_of = world.as_of;
        let rectified = changed(world, at, |record| {
            let occurred = record.occurred_on.unwrap_or(as_of);
            record.rectified_on = Some(record.rectified_on.unwrap_or(as_of).min(as_of).max(occurred));
        });
        let revoked = changed(world, at, |record| record.status = RecordStatus::Revoked);
        for better in [rectified, revoked].into_iter().flatten() {
            for (before, after) in pair(rules, world, &better).unwrap_or_default() {
                prop_assert!(after.score >= before.score, "{} {} to {}", before.subject, before.score, after.score);
            }
        }
    }

    #[test]
    fn a_revoked_record_is_as_none(question in question(10), at in any::<usize>()) {
        let Question { rules, world, .. } = &question;
        let revoked = changed(world, at, |record| record.status = RecordStatus::Revoked);
        let Some(revoked) = revoked else { return Ok(()) };
        let mut records = revoked.records.clone();
        let place = at % records.len();
        let gone = records.remove(place);
        // It may be what makes somebody a subject, or have the number of another.
        let mut without = with_records(&revoked, records);
        without.records.retain(|record| record.id != gone.id);
        let revoked = with_records(&revoked, without.records.iter().cloned().chain([gone]).collect());
        let (Ok(one), Ok(other)) = (asked(rules, &revoked), asked(rules, &without)) else {
            return Ok(());
        };
        if one.len() == other.len() {
            prop_assert_eq!(results(&one), results(&other));
        }
    }

    #[test]
    fn what_lies_ahead_changes_nothing_today(question in question(12)) {
        let Question { rules, world, .. } = &question;
        let ahead = |record: &Record| rules.counts_from().of(record).is_some_and(|date| date > world.as_of);
        let named = |record: &Record| record.company.is_some() && rules.subject().as_str() == "company";
        let mut records = world.records.clone();
        records.retain(|record| !ahead(record) || !named(record));
        let (Ok(one), Ok(other)) = (asked(rules, world), asked(rules, &with_records(world, records))) else {
            return Ok(());
        };
        prop_assert_eq!(results(&one), results(&other));
    }

    #[test]
    fn a_population_split_in_two_changes_grades_by_rank_only(question in question(12)) {
        let Question { rules, world, .. } = &question;
        let (Ok(together), "company", false) = (asked(rules, world), rules.subject().as_str(), rules.needs_population()) else {
            return Ok(());
        };
        for number in 0..world.companies.len() {
            let id = uscc(number);
            let companies: Vec<_> = world.companies.iter().filter(|company| company.uscc == id).cloned().collect();
            // Its own records, and those that may be its own.
            let mut records = world.records.clone();
            records.retain(|record| record.company.is_none_or(|company| company == id));
            let facts = Facts { companies: &companies, records: &records, ..world.facts() };
            let alone = score(rules, &facts, world.as_of).unwrap();
            let own = |scores: &[Score]| bytes(&scores.iter().filter(|one| one.subject == id.as_str()).cloned().collect::<Vec<_>>());
            prop_assert_eq!(own(&together), own(&alone));
        }
    }

    #[test]
    fn facts_prepared_once_answer_every_day(question in question(10), days in vec(0_u32..900, 1..6)) {
        let Question { rules, world, .. } = &question;
        let facts = world.facts();
        let prepared = Prepared::new(rules, &facts);
        for day in days {
            let day = Day::from_ymd(2023, 1, 1).unwrap().plus_days(day);
            match (prepared.score(day), score(rules, &facts, day)) {
                (Ok(one), Ok(other)) => prop_assert_eq!(bytes(&one), bytes(&other)),
                (Err(one), Err(other)) => prop_assert_eq!(one, other),
                (one, other) => prop_assert!(false, "{} {:?} {:?}", day, one.err(), other.err()),
            }
            if let (Ok(marks), Ok(scores)) = (prepared.marks(day), score(rules, &facts, day)) {
                let marks: Vec<_> = marks.iter().map(|one| (one.subject, one.score, one.grade)).collect();
                let expected: Vec<_> = scores.iter().map(|one| (one.subject.as_str(), one.score, one.grade.as_deref())).collect();
                prop_assert_eq!(marks, expected);
            }
        }
    }

    #[test]
    fn the_same_facts_under_another_rule_set_are_as_new(one in question(8), other in question(8)) {
        let facts = one.world.facts();
        let day = one.world.as_of;
        let prepared = Prepared::new(&one.rules, &facts);
        let again = prepared.judged_by(&other.rules);
        match (again.score(day), score(&other.rules, &facts, day)) {
            (Ok(one), Ok(other)) => prop_assert_eq!(bytes(&one), bytes(&other)),
            (Err(one), Err(other)) => prop_assert_eq!(one, other),
            (one, other) => prop_assert!(false, "{:?} {:?}", one.err(), other.err()),
        }
    }
}
