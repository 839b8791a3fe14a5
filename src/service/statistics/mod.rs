//! Figures that everybody may see: grades, scores, movement, complaints, spot checks, the comparison with the platform.
//!
//! No figure is about one company. The database adds up what is large; complaints are counted by the definitions of the
//! policy, as everywhere.

mod files;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    App, ComplaintStatistics, Drift, Error, RuleSetRef,
    complaints::public_rates,
    lookup::{public_lists, reference},
};
use crate::{
    domain::Day,
    store::{Db, companies, scores, statistics as sums},
};

pub use files::{DataField, DataFile, OPEN_DATA};

/// How many months of movement are told, this one included.
const MONTHS: i32 = 12;
/// A distribution has at most so many steps.
const STEPS: usize = 24;

/// Figures about all companies, on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Statistics {
    pub as_of: String,
    /// When they were added up.
    pub computed_at: DateTime<Utc>,
    pub ruleset: RuleSetRef,
    /// Last day of the trial run, while it lasts.
    pub shadow_until: Option<String>,
    /// Companies registered here, and those that are active.
    pub companies: i64,
    pub active: i64,
    /// Companies with a grade, and those that the rules do not grade.
    pub rated: i64,
    pub not_rated: i64,
    /// The best grade first; a grade that nobody has is there too.
    pub grades: Vec<GradeShare>,
    /// Equal steps, the lowest first, without a gap.
    pub scores: Vec<ScoreStep>,
    /// The last twelve months, the earliest first.
    pub movement: Vec<MonthMoves>,
    /// Lists in use, with how many entries are public.
    pub lists: Vec<ListCount>,
    /// Of this year; all together, by level and by district.
    pub complaints: ComplaintStatistics,
    pub checks: CheckCoverage,
    pub drift: Drift,
}

/// How many companies have a grade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GradeShare {
    pub grade: String,
    pub title: String,
    pub companies: i64,
    /// Of the graded ones, percent with one digit, half up; null where none is graded.
    #[schema(example = "12.5")]
    pub percent: Option<String>,
}

/// How many companies score from here up to, and without, the end of the step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ScoreStep {
    pub from: String,
    pub below: String,
    pub companies: i64,
}

/// How many times a score rose or fell in a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MonthMoves {
    #[schema(example = "2026-07")]
    pub month: String,
    pub up: i64,
    pub down: i64,
}

/// How many companies are on a list, publicly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ListCount {
    pub list: String,
    pub title: String,
    /// `red`, `warning`, `watch` or `serious`.
    pub class: String,
    pub verified: bool,
    pub companies: i64,
}

/// How many companies were drawn for a spot check this year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CheckCoverage {
    pub year: i32,
    /// Each once, however often it was drawn.
    pub drawn: i64,
    /// Of the active ones, percent with one digit, half up; null where none is active.
    pub percent: Option<String>,
}

/// Adds the figures up.
pub fn statistics(db: &mut Db, app: &App, now: DateTime<Utc>) -> Result<Statistics, Error> {
    let today = Day::of(now);
    let ruleset = app.rules.in_force(today)?;
    let active = sums::active(db)?;
    let drawn = sums::drawn_in(db, today.year())?;
    let counted: BTreeMap<String, i64> = scores::grades(db, ruleset.id())?.into_iter().collect();
    let rated = counted.values().sum();
    let grades = ruleset.grades().iter().map(|grade| {
        let companies = counted.get(&grade.id).copied().unwrap_or_default();
        GradeShare {
            grade: grade.id.clone(),
            title: grade.title.clone().unwrap_or_default(),
            companies,
            percent: percent(companies, rated),
        }
    });
    let by_score: Vec<(Decimal, i64)> = sums::by_score(db, ruleset.id())?
        .into_iter()
        .map(|(points, companies)| (points.decimal(), companies))
        .collect();
    let first = months_back(today, MONTHS - 1);
    let moves = sums::moves(db, ruleset.id(), first)?;
    let lists = public_lists(db, app, now)?
        .into_iter()
        .map(|list| ListCount {
            companies: i64::try_from(list.entries.len()).unwrap_or(i64::MAX),
            list: list.id,
            title: list.title,
            class: list.class,
            verified: list.verified,
        });
    Ok(Statistics {
        as_of: today.to_string(),
        computed_at: now,
        ruleset: reference(ruleset),
        shadow_until: ruleset
            .shadow_until()
            .filter(|last| today <= *last)
            .map(|last| last.to_string()),
        companies: companies::count(db)?,
        active,
        rated,
        not_rated: sums::not_rated(db, ruleset.id())?,
        grades: grades.collect(),
        scores: steps(&by_score),
        movement: months(first, &moves),
        lists: lists.collect(),
        complaints: public_rates(db, app, today)?,
        checks: CheckCoverage {
            year: today.year(),
            drawn,
            percent: percent(drawn, active),
        },
        drift: super::drift(db, &app.target)?,
    })
}

/// A share with one digit.
fn percent(part: i64, whole: i64) -> Option<String> {
    if whole <= 0 {
        return None;
    }
    let share = Decimal::from(part) * Decimal::ONE_HUNDRED / Decimal::from(whole);
    let mut share = share.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero);
    share.rescale(1);
    Some(share.to_string())
}

/// The same scores in steps of 5, or of as much more as keeps them few; scores come in their order.
fn steps(by_score: &[(Decimal, i64)]) -> Vec<ScoreStep> {
    let (Some((low, _)), Some((high, _))) = (by_score.first(), by_score.last()) else {
        return Vec::new();
    };
    let most = Decimal::from(STEPS);
    let mut wide = Decimal::from(5);
    while (high / wide).floor() - (low / wide).floor() >= most {
        wide *= Decimal::TWO;
    }
    let mut found = Vec::new();
    let mut rest = by_score;
    let mut from = (low / wide).floor() * wide;
    while from <= *high {
        let below = from + wide;
        let (inside, beyond) = rest.split_at(rest.partition_point(|(score, _)| *score < below));
        found.push(ScoreStep {
            from: from.normalize().to_string(),
            below: below.normalize().to_string(),
            companies: inside.iter().map(|(_, companies)| companies).sum(),
        });
        (rest, from) = (beyond, below);
    }
    found
}

/// The first day of the month that lies `back` months before this one.
fn months_back(day: Day, back: i32) -> Day {
    let count = day.year() * 12 + i32::try_from(day.month()).unwrap_or(1) - 1 - back;
    let month = u32::try_from(count.rem_euclid(12) + 1).unwrap_or(1);
    Day::from_ymd(count.div_euclid(12), month, 1).unwrap_or(day)
}

/// Every month from the first, with what the database knows of it.
fn months(first: Day, moves: &[sums::Moves]) -> Vec<MonthMoves> {
    (0..MONTHS)
        .map(|ahead| {
            let day = months_back(first, -ahead).to_string();
            let month = day.get(..7).unwrap_or_default().to_owned();
            let known = moves.iter().find(|one| one.month == month);
            MonthMoves {
                up: known.map_or(0, |one| one.up),
                down: known.map_or(0, |one| one.down),
                month,
            }
        })
        .collect()
}
