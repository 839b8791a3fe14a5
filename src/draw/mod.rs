//! Spot checks by a draw that anyone can check without the drawn being warned (双随机、一公开).
//!
//! A plan is frozen and committed to before a public event; the event's value and a secret committed to together make
//! the seed; the seed orders objects and officers; everything is revealed after the last visit, and [`verify()`] works
//! from the published file alone. `docs/draw.md` is the specification.
//!
//! This room is pure: secrets, salts and the time come in as arguments.

pub mod canonical;
pub mod draft;
mod event;
pub mod fairness;
mod frame;
mod outcome;
mod plan;
mod published;
mod results;
mod roster;
mod seed;
mod steps;
mod teams;
mod verify;
mod words;
pub mod year;

pub use event::{
    Contribution, Event, EventFault, EventValue, NumberOrder, Party, contribution_digest,
};
pub use frame::order;
pub use outcome::{Constraint, Infeasible, Outcome, Passed, Stratum, Team, Unfit, UnfitReason};
pub use plan::{
    ALGORITHM, Caps, DistrictRule, Item, Object, ObjectKind, Officer, Plan, PlanFault, Quota,
    Recusal, Rounding, Sampling, TeamRule, Window,
};
pub use published::{Attempt, Commitment, FORMAT, Observed, Part, Published, Redraw, Reveal};
pub use results::{ResultCode, Results, ResultsError};
pub use roster::{Change, SubstituteFault, Substitution, Wanted};
pub use seed::{Seed, plan_digest, secret_digest};
pub use steps::{
    SECRET_FORMAT, Secrets, StepFault, Terms, commit, observe, result, reveal, substitute,
};
pub use teams::step_limit;
pub use verify::{Finding, FindingCode, Report, State, verify};
pub use words::{Bytes32, Bytes32Error, Id, IdError, Instant, InstantError, says_something};

use std::collections::BTreeMap;

/// The result of a plan (without [faults](Plan::faults)) and a seed, or the constraint that nothing can satisfy.
pub fn draw(plan: &Plan, seed: Seed) -> Result<Outcome, Infeasible> {
    let strata = frame::strata(plan, seed)?;
    let objects: BTreeMap<&Id, &Object> = plan.objects.iter().map(|one| (&one.id, one)).collect();
    let drawn: Vec<&Object> = (strata.iter())
        .flat_map(|stratum| &stratum.drawn)
        .filter_map(|id| objects.get(id).copied())
        .collect();
    let pool = teams::Pool::new(plan, seed);
    let teams = teams::teams(&pool, &drawn)?;
    let teams = drawn.iter().zip(teams).map(|(object, officers)| Team {
        object: object.id.clone(),
        officers: (officers.into_iter())
            .map(|officer| pool.id(officer).clone())
            .collect(),
    });
    Ok(Outcome {
        seed,
        passed: frame::passed(plan),
        unfit: pool.unfit(),
        teams: teams.collect(),
        strata,
    })
}
