//! The search for perverse effects, and the smallest example of each.
//!
//! A *deduction* is a record that counts with points against the subject in a component that is a sum; a record *in favour*
//! one with points for it. A measured value (`points = { value = ... }`, or a component by mean, last, max or min) is
//! neither: that it moves a mean either way is what it is for.

use std::{cmp::Ordering, collections::BTreeMap};

use rayon::prelude::*;
use rust_decimal::Decimal;

use super::{
    Effect, Mechanism, Perverse, Search, bearing::bearing, facts::Town, thresholds::Thresholds,
    words::words,
};
use crate::{
    domain::{Points, Record},
    rules::{Combine, Direction, Item, Level, Missing, PointsForm, RuleSet, Score},
};

/// One change to a set of records that ought not to have its effect.
#[derive(Debug, Clone)]
struct Found {
    effect: Effect,
    town: Town,
    /// Id of the record that is added or changed.
    record: String,
}

/// The smallest example of each effect and mechanism.
pub(super) fn perverse(rules: &RuleSet, search: Search) -> Vec<Perverse> {
    // What a population decides, no subject's records decide alone.
    if rules.needs_population() {
        return Vec::new();
    }
    perverse_near(rules, &Thresholds::of(rules), search)
}

/// The same beside given thresholds.
pub(super) fn perverse_near(rules: &RuleSet, near: &Thresholds, search: Search) -> Vec<Perverse> {
    let found: Vec<(Mechanism, Found)> = (0..u64::from(search.rounds))
        .into_par_iter()
        .filter_map(|round| Town::random(rules, near, search.seed, round))
        .flat_map_iter(|town| effects(rules, &town))
        .map(|found| (mechanism(rules, &found), found))
        .collect();
    let found: Vec<(Mechanism, Found)> = fewest(found)
        .into_par_iter()
        .map(|found| {
            let small = shrunk(rules, found);
            (mechanism(rules, &small), small)
        })
        .collect();
    let mut smallest: BTreeMap<(Effect, Mechanism), Found> = BTreeMap::new();
    for (mechanism, found) in found {
        let key = (found.effect, mechanism);
        let fewer = smallest
            .get(&key)
            .is_none_or(|known| found.town.records.len() < known.town.records.len());
        if fewer {
            smallest.insert(key, found);
        }
    }
    (smallest.into_iter())
        .filter_map(|((_, mechanism), found)| told(rules, near, &found, mechanism))
        .collect()
}

/// Of each effect and mechanism those with the fewest records, as many as are worth making smaller.
fn fewest(mut found: Vec<(Mechanism, Found)>) -> Vec<Found> {
    const EACH: usize = 40;
    found.sort_by_key(|(_, found)| found.town.records.len());
    let mut taken: BTreeMap<(Effect, Mechanism), usize> = BTreeMap::new();
    found.retain(|(mechanism, found)| {
        let taken = taken.entry((found.effect, *mechanism)).or_default();
        *taken += 1;
        *taken <= EACH
    });
    found.into_iter().map(|(_, found)| found).collect()
}

fn effects(rules: &RuleSet, town: &Town) -> Vec<Found> {
    let Some(score) = town.score(rules) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut seen: Vec<&Record> = Vec::new();
    for record in &town.records {
        // Many copies of one record have the same effect.
        if seen.iter().filter(|other| is_copy(record, other)).count() > 1 {
            continue;
        }
        seen.push(record);
        for effect in [
            Effect::DeductionHelps,
            Effect::HarsherHelps,
            Effect::RectifyingHurts,
            Effect::MeritHurts,
            Effect::DeductionRaisesGrade,
        ] {
            if weight_of(rules, &score, record).is_some()
                && holds(rules, town, &score, record, effect)
            {
                found.push(Found {
                    effect,
                    town: town.clone(),
                    record: record.id.clone(),
                });
            }
        }
    }
    found
}

fn is_copy(one: &Record, other: &Record) -> bool {
    let said = |record: &Record| {
        let Record { item, points, .. } = record;
        (
            item.clone(),
            *points,
            record.rectified_on,
            record.decided_on,
        )
    };
    said(one) == said(other)
        && (&one.project, &one.attributes) == (&other.project, &other.attributes)
}

/// Whether a record speaks for the subject or against it, where it counts and is not measured.
fn weight_of(rules: &RuleSet, score: &Score, record: &Record) -> Option<Ordering> {
    let item = rules.item(&record.item)?;
    let component = &rules.components()[item.component];
    let lines = score.lines.as_ref()?;
    let line = lines
        .iter()
        .find(|line| line.record.as_ref() == Some(&record.id))?;
    if !item.has_points {
        return line.workings().and_then(|_| bearing(rules, item));
    }
    if component.combine != Combine::Sum || matches!(item.points, PointsForm::Value { .. }) {
        return None;
    }
    let raw = line.workings()?.raw;
    let own = raw.cmp(&Decimal::ZERO);
    let weight = match rules.score_rule().direction {
        Direction::Merit => own,
        Direction::Demerit => own.reverse(),
    };
    let weight = if component.weight.is_sign_negative() {
        weight.reverse()
    } else {
        weight
    };
    (weight != Ordering::Equal).then_some(weight)
}

/// Better, equal or worse: the second against the first.
fn compared(rules: &RuleSet, first: &Score, second: &Score) -> Ordering {
    let order = second.score.cmp(&first.score);
    match rules.score_rule().direction {
        Direction::Merit => order,
        Direction::Demerit => order.reverse(),
    }
}

fn rank(rules: &RuleSet, score: &Score) -> Option<usize> {
    let grade = score.grade.as_deref().filter(|_| score.rated)?;
    rules.grades().iter().position(|one| one.id == grade)
}

/// Scores before and after the change, if the record is of the kind that the effect is about.
/// The score with all records is given.
fn sides(
    rules: &RuleSet,
    town: &Town,
    with: &Score,
    record: &Record,
    effect: Effect,
) -> Option<(Score, Score)> {
    let weight = weight_of(rules, with, record);
    let against = weight == Some(Ordering::Less);
    let changed = |change: &dyn Fn(&mut Record)| {
        let mut records = town.records.clone();
        let own = records.iter_mut().find(|one| one.id == record.id)?;
        change(own);
        town.scored_with(rules, &records)
    };
    match effect {
        Effect::DeductionHelps | Effect::DeductionRaisesGrade if against => {
            Some((without(rules, town, record)?, with.clone()))
        }
        Effect::MeritHurts if weight == Some(Ordering::Greater) => {
            Some((without(rules, town, record)?, with.clone()))
        }
        Effect::RectifyingHurts if against && record.rectified_on.is_none() => {
            let after = changed(&|own| own.rectified_on = Some(town.day))?;
            Some((with.clone(), after))
        }
        Effect::HarsherHelps if against => {
            let item = rules.item(&record.item)?;
            let milder = milder(rules, item, record)?;
            let before = changed(&|own| own.points = Some(milder))?;
            Some((before, with.clone()))
        }
        _ => None,
    }
}

fn without(rules: &RuleSet, town: &Town, record: &Record) -> Option<Score> {
    let others: Vec<Record> = (town.records.iter())
        .filter(|one| one.id != record.id)
        .cloned()
        .collect();
    town.scored_with(rules, &others)
}

/// The mildest choice, if the record's is harsher.
fn milder(rules: &RuleSet, item: &Item, record: &Record) -> Option<Points> {
    let PointsForm::Chosen { min, max, .. } = item.points else {
        return None;
    };
    let mildest = match rules.score_rule().direction {
        Direction::Merit => max,
        Direction::Demerit => min,
    };
    let milder = Points::new(mildest).ok()?;
    (record.points != Some(milder)).then_some(milder)
}

fn holds(rules: &RuleSet, town: &Town, with: &Score, record: &Record, effect: Effect) -> bool {
    let Some((before, after)) = sides(rules, town, with, record, effect) else {
        return false;
    };
    match effect {
        Effect::DeductionHelps | Effect::HarsherHelps => {
            compared(rules, &before, &after) == Ordering::Greater
        }
        Effect::RectifyingHurts | Effect::MeritHurts => {
            compared(rules, &before, &after) == Ordering::Less
        }
        Effect::DeductionRaisesGrade => {
            compared(rules, &before, &after) != Ordering::Greater
                && rank(rules, &before)
                    .zip(rank(rules, &after))
                    .is_some_and(|(before, after)| after < before)
        }
    }
}

/// The same effect with as few records, matters and rectifications as it takes.
fn shrunk(rules: &RuleSet, mut found: Found) -> Found {
    loop {
        let smaller = smaller(&found).into_iter().find(|town| {
            let record = town.records.iter().find(|one| one.id == found.record);
            let scored = record.and_then(|record| Some((record, town.score(rules)?)));
            scored.is_some_and(|(record, with)| holds(rules, town, &with, record, found.effect))
        });
        match smaller {
            Some(town) => found.town = town,
            None => return found,
        }
    }
}

fn smaller(found: &Found) -> Vec<Town> {
    let mut towns = Vec::new();
    for (index, record) in found.town.records.iter().enumerate() {
        let mut with = |change: &dyn Fn(&mut Vec<Record>)| {
            let mut town = found.town.clone();
            change(&mut town.records);
            towns.push(town);
        };
        if record.id != found.record {
            with(&|records| {
                records.remove(index);
            });
        }
        if record.rectified_on.is_some() {
            with(&|records| records[index].rectified_on = None);
        }
        if record.matter.is_some() {
            with(&|records| records[index].matter = None);
        }
    }
    towns
}

fn mechanism(rules: &RuleSet, found: &Found) -> Mechanism {
    let town = &found.town;
    let Some(record) = town.records.iter().find(|one| one.id == found.record) else {
        return Mechanism::Unknown;
    };
    let scored = town.score(rules);
    let both = scored.and_then(|with| sides(rules, town, &with, record, found.effect));
    let Some((before, after)) = both else {
        return Mechanism::Unknown;
    };
    let Some(item) = rules.item(&record.item) else {
        return Mechanism::Unknown;
    };
    let component = &rules.components()[item.component];
    let appeared = before.components.get(&component.id) != after.components.get(&component.id);
    let was_missing = before.components.get(&component.id).is_none();
    let spans = item.group.is_some_and(|group| {
        let items = &rules.groups()[group].items;
        items
            .iter()
            .any(|other| rules.items()[*other].component != item.component)
    });
    let only_of_component = !town.records.iter().any(|other| {
        other.id != record.id
            && rules
                .item(&other.item)
                .is_some_and(|one| one.component == item.component)
    });
    match (component.missing, component.level) {
        (Missing::Renormalise, _) if was_missing => Mechanism::Renormalise,
        (Missing::Default(_), _) if only_of_component && appeared => Mechanism::Default,
        _ if spans => Mechanism::Group,
        _ if record.matter.is_some() => Mechanism::Matter,
        (
            _,
            Level::Project {
                assessed_only: true,
                ..
            },
        ) => Mechanism::AssessedOnly,
        _ if found.effect == Effect::DeductionRaisesGrade || !item.has_points => {
            Mechanism::Condition
        }
        _ => Mechanism::Unknown,
    }
}

fn told(
    rules: &RuleSet,
    near: &Thresholds,
    found: &Found,
    mechanism: Mechanism,
) -> Option<Perverse> {
    let town = &found.town;
    let record = town.records.iter().find(|one| one.id == found.record)?;
    let (before, after) = sides(rules, town, &town.score(rules)?, record, found.effect)?;
    let others = town.records.iter().filter(|one| one.id != record.id);
    let result = |score: &Score| match &score.grade {
        Some(grade) => format!("{} 分，{grade}", score.score),
        None => format!("{} 分", score.score),
    };
    Some(Perverse {
        effect: found.effect,
        mechanism,
        as_of: town.day.to_string(),
        situation: town.situation(near),
        records: others
            .chain([record])
            .map(|one| words(rules, one))
            .collect(),
        before: result(&before),
        after: result(&after),
    })
}
