//! The plan of a draw put together from the store: items, objects with their grades, officers, limits counted from earlier
//! draws; and what it would give.

mod brief;
mod frame;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::task::Open;
use crate::{
    domain::Region,
    draw::{Bytes32, Id, Infeasible, Object, ObjectKind, Plan, Seed, canonical, draw},
    service::{
        App, Error,
        permission::{Action, Actor},
    },
    store::Db,
};

pub(super) use brief::{district, ratios, read_task, typed, word};
pub use frame::LeftOut;
pub(super) use frame::{Earlier, Framed, Gathered, frame, gather, sampling};

/// Trial draws: enough to meet a bottleneck that depends on who is drawn, few enough to wait for.
const TRIALS: u64 = 16;

/// What a plan would give, before it is frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CheckSimulation {
    pub strata: Vec<ExpectedStratum>,
    /// Objects drawn altogether.
    pub drawn: u64,
    pub officers: usize,
    /// Companies visited as often as the limit allows, and their projects: cannot be drawn.
    pub passed: Vec<String>,
    /// Objects and officers that could not be taken into the plan, each with the reason.
    pub left_out: Vec<LeftOut>,
    /// The constraint that makes the plan infeasible; absent: it is feasible in all trial draws.
    pub infeasible: Option<String>,
    pub trials: u64,
}

/// One stratum: how many there are and how many are drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExpectedStratum {
    pub district: String,
    pub grade: String,
    pub percent: String,
    /// Those that may be drawn.
    pub eligible: u64,
    pub drawn: u64,
    /// Chance of each, per cent.
    pub odds: String,
}

/// One that may be drawn, as the store has it on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckObject {
    pub id: String,
    /// 企业 or 项目.
    pub kind: String,
    pub company: String,
    pub name: String,
    pub district: String,
    pub grade: String,
    /// Visits of the year to its company.
    pub visits: u32,
}

/// The objects (检查对象名录库) of the caller's division, by id.
pub fn list_check_objects(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Vec<CheckObject>, Error> {
    super::in_role(actor, Action::ReadCheck)?;
    let everywhere = Region::parse(&app.authority.area).ok();
    let Some(within) = actor.region.clone().or(everywhere) else {
        return Ok(Vec::new());
    };
    let year = crate::domain::Day::of(now).year();
    let given = crate::store::checks::of_year(db, year)?;
    let earlier = Earlier::of(given, super::visiting::made_in(db, year)?, |_| false);
    let both = [ObjectKind::Company, ObjectKind::Project];
    let gathered = gather(db, app, (&within, &both), &earlier, now)?;
    let object = |one: Object| CheckObject {
        kind: match one.kind {
            ObjectKind::Company => "企业",
            ObjectKind::Project => "项目",
        }
        .to_owned(),
        id: one.id.to_string(),
        company: one.company.to_string(),
        name: one.name,
        district: one.district.to_string(),
        grade: one.grade.to_string(),
        visits: one.visits,
    };
    Ok(gathered.objects.into_iter().map(object).collect())
}

/// Draws with made-up seeds: the first constraint that nothing can satisfy.
pub(in crate::service::checks) fn trial(plan: &Plan) -> Result<(), Infeasible> {
    let bytes = canonical::bytes_of(plan);
    for number in 0..TRIALS {
        let seed = Bytes32::digest(&[b"wuxin-trial", &bytes, &number.to_be_bytes()]);
        draw(plan, Seed(seed))?;
    }
    Ok(())
}

/// What the task would give if it were frozen now.
pub fn simulate_check(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    id: &str,
    now: DateTime<Utc>,
) -> Result<CheckSimulation, Error> {
    let open = Open::find(db, actor, Action::ReadCheck, id)?;
    let Framed { plan, left_out } = frame(db, app, &open.task.draft, now)?;
    // How many are drawn does not depend on the seed.
    let drawn = draw(&plan, Seed(Bytes32([0; 32]))).ok();
    let numbers: BTreeMap<(&Region, &Id), u64> = (drawn.iter())
        .flat_map(|outcome| &outcome.strata)
        .map(|one| ((&one.district, &one.grade), one.drawn.len() as u64))
        .collect();
    let cap = plan.caps.company_visits;
    let passed = plan.objects.iter().filter(|one| one.visits >= cap);
    let expected = plan.sampling.strata.iter().map(|row| {
        let within = |one: &&Object| one.district == row.district && one.grade == row.grade;
        let open = plan
            .objects
            .iter()
            .filter(within)
            .filter(|one| one.visits < cap);
        let eligible = open.count() as u64;
        let number = numbers.get(&(&row.district, &row.grade)).copied();
        let points = row.basis_points.unwrap_or_default();
        ExpectedStratum {
            district: row.district.to_string(),
            grade: row.grade.to_string(),
            percent: (Decimal::from(points) / Decimal::ONE_HUNDRED)
                .normalize()
                .to_string(),
            eligible,
            drawn: number.unwrap_or_default(),
            odds: match (number, eligible) {
                (Some(number), 1..) => {
                    let share = Decimal::from(number * 100) / Decimal::from(eligible);
                    share.round_dp(2).normalize().to_string()
                }
                _ => String::new(),
            },
        }
    });
    let strata: Vec<ExpectedStratum> = expected.collect();
    Ok(CheckSimulation {
        drawn: strata.iter().map(|one| one.drawn).sum(),
        strata,
        officers: plan.officers.len(),
        passed: passed.map(|one| one.id.to_string()).collect(),
        left_out,
        infeasible: trial(&plan).err().map(|why| why.to_string()),
        trials: TRIALS,
    })
}
