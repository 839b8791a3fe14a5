//! The steps of a draw on its published file: commit, observe, substitute, reveal. Each gives a new file or says why not.

use serde::{Deserialize, Serialize};

use super::{
    canonical::{self, NotCanonical},
    draw,
    event::{Event, EventFault, EventValue},
    outcome::{Infeasible, Outcome},
    plan::{ALGORITHM, Plan, PlanFault},
    published::{Attempt, Commitment, FORMAT, Observed, Part, Published, Redraw, Reveal},
    roster::{Roster, SubstituteFault, Substitution, Wanted},
    seed::{Seed, plan_digest, secret_digest},
    words::{Bytes32, Id, Instant},
};

/// What the first field of a secret file says.
pub const SECRET_FORMAT: &str = "wuxin-draw-secret-1";

/// What the bureau keeps to itself until the reveal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secrets {
    /// Always [`SECRET_FORMAT`].
    pub format: String,
    /// Number of the attempt.
    pub attempt: u32,
    pub secret: Bytes32,
    pub salt: Bytes32,
    pub plan: Plan,
    pub substitutions: Vec<Substitution>,
}

/// A commitment to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    pub event: Event,
    pub committed_at: Instant,
    pub reveal_by: Instant,
    pub redraw: Option<Redraw>,
}

/// Why a step cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepFault {
    #[error("{}", told(.0))]
    Plan(Vec<PlanFault>),
    #[error("事项「{item}」{published_on} 才公布，{committed} 还不能用")]
    Unpublished {
        item: Id,
        published_on: crate::domain::Day,
        committed: crate::domain::Day,
    },
    #[error(transparent)]
    Infeasible(#[from] Infeasible),
    #[error(transparent)]
    Event(#[from] EventFault),
    #[error("事件应当在承诺之后：承诺于 {committed_at}，事件预定于 {expected_at}")]
    NotFuture {
        committed_at: Instant,
        expected_at: Instant,
    },
    #[error("公开期限 {reveal_by} 早于事件 {expected_at}")]
    Deadline {
        reveal_by: Instant,
        expected_at: Instant,
    },
    #[error("时间倒退：{now} 早于 {before}")]
    Clock { now: Instant, before: Instant },
    #[error("重抽应当写明理由，并由另一人批准；第一次抽取不是重抽")]
    Redraw,
    #[error("抽查编号「{found}」与原文件的「{expected}」不同")]
    OtherDraw { expected: Id, found: Id },
    #[error("事件的值已经公布")]
    ObservedAlready,
    #[error("事件的值还没有公布")]
    NotObserved,
    #[error("有参与方没有公布其数，本次抽取作废，应当公开重抽")]
    Aborted,
    #[error("本次抽取已经公开")]
    RevealedAlready,
    #[error("保密文件不属于这次抽取：{0}与承诺不符")]
    OtherSecrets(&'static str),
    #[error("替换应当写明理由，并由另一人批准")]
    Unapproved,
    #[error(transparent)]
    Substitute(#[from] SubstituteFault),
    #[error("抽查文件没有任何一次抽取")]
    Empty,
}

fn told(faults: &[PlanFault]) -> String {
    let words: Vec<String> = faults.iter().map(ToString::to_string).collect();
    words.join("；")
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets")
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

impl Secrets {
    /// Reads a secret file.
    pub fn parse(text: &str) -> Result<Self, NotCanonical> {
        let secrets: Self = canonical::exactly(&canonical::parse(text)?)?;
        match secrets.format.as_str() {
            SECRET_FORMAT => Ok(secrets),
            other => Err(NotCanonical(format!("/format: {other:?}"))),
        }
    }
}

/// Freezes a plan: a first attempt, or one more behind those of `before`. `secret` and `salt` are 32 random bytes each.
pub fn commit(
    before: Option<Published>,
    plan: Plan,
    terms: Terms,
    secret: Bytes32,
    salt: Bytes32,
) -> Result<(Published, Secrets), StepFault> {
    let Terms {
        event,
        committed_at,
        reveal_by,
        redraw,
    } = terms;
    check_plan(&plan, committed_at)?;
    if let Some(fault) = event.fault() {
        return Err(fault.into());
    }
    let expected_at = event.expected_at();
    if expected_at <= committed_at {
        return Err(StepFault::NotFuture {
            committed_at,
            expected_at,
        });
    }
    if reveal_by < expected_at {
        return Err(StepFault::Deadline {
            reveal_by,
            expected_at,
        });
    }
    let mut attempts = Vec::new();
    if let Some(before) = before {
        if before.draw != plan.draw {
            return Err(StepFault::OtherDraw {
                expected: before.draw,
                found: plan.draw,
            });
        }
        attempts = before.attempts;
    }
    if redraw.as_ref().map(Redraw::is_approved) != (!attempts.is_empty()).then_some(true) {
        return Err(StepFault::Redraw);
    }
    let last = attempts.last().map(|attempt| &attempt.commitment);
    if let Some(last) = last.filter(|last| committed_at < last.body.committed_at) {
        return Err(StepFault::Clock {
            now: committed_at,
            before: last.body.committed_at,
        });
    }
    let previous = last.map(|last| last.digest);
    let number = u32::try_from(attempts.len() + 1).unwrap_or(u32::MAX);
    let commitment = Commitment {
        algorithm: ALGORITHM.to_owned(),
        number,
        plan_digest: plan_digest(&salt, &plan),
        secret_digest: secret_digest(&secret),
        event,
        committed_at,
        reveal_by,
        redraw,
    };
    attempts.push(Attempt {
        commitment: Part::seal(commitment, previous),
        event: None,
        reveal: None,
        result: None,
        substitutions: Vec::new(),
    });
    let published = Published {
        format: FORMAT.to_owned(),
        draw: plan.draw.clone(),
        attempts,
        digest: Bytes32([0; 32]),
    };
    let secrets = Secrets {
        format: SECRET_FORMAT.to_owned(),
        attempt: number,
        secret,
        salt,
        plan,
        substitutions: Vec::new(),
    };
    Ok((published.sealed(), secrets))
}

/// What can be known before the event: the plan holds together, the item may be used, and there are enough objects.
fn check_plan(plan: &Plan, committed_at: Instant) -> Result<(), StepFault> {
    let faults = plan.faults();
    if !faults.is_empty() {
        return Err(StepFault::Plan(faults));
    }
    let committed = committed_at.day();
    if plan.item.published_on > committed {
        return Err(StepFault::Unpublished {
            item: plan.item.code.clone(),
            published_on: plan.item.published_on,
            committed,
        });
    }
    // Any seed will do: the numbers drawn do not depend on it.
    super::frame::strata(plan, Seed(Bytes32([0; 32])))?;
    Ok(())
}

/// Adds the value of the event to the last attempt.
pub fn observe(
    mut published: Published,
    value: EventValue,
    observed_at: Instant,
) -> Result<Published, StepFault> {
    let attempt = published.attempts.last_mut().ok_or(StepFault::Empty)?;
    let event = &attempt.commitment.body.event;
    if attempt.event.is_some() {
        return Err(StepFault::ObservedAlready);
    }
    if observed_at < event.expected_at() {
        return Err(StepFault::Clock {
            now: observed_at,
            before: event.expected_at(),
        });
    }
    if let Some(fault) = event.value_fault(&value) {
        return Err(fault.into());
    }
    let observed = Observed { value, observed_at };
    attempt.event = Some(Part::seal(observed, Some(attempt.commitment.digest)));
    Ok(published.sealed())
}

/// The result of the last attempt, for those who hold its secrets. It is not public before the reveal.
pub fn result(published: &Published, secrets: &Secrets) -> Result<Outcome, StepFault> {
    let attempt = published.attempts.last().ok_or(StepFault::Empty)?;
    let observed = attempt.event.as_ref().ok_or(StepFault::NotObserved)?;
    let commitment = &attempt.commitment.body;
    if secrets.attempt != commitment.number {
        return Err(StepFault::OtherSecrets("次数"));
    }
    if secret_digest(&secrets.secret) != commitment.secret_digest {
        return Err(StepFault::OtherSecrets("秘密数"));
    }
    if plan_digest(&secrets.salt, &secrets.plan) != commitment.plan_digest {
        return Err(StepFault::OtherSecrets("抽查方案"));
    }
    let seed = Seed::of(
        &commitment.plan_digest,
        &commitment.secret_digest,
        &commitment.event,
        &observed.body.value,
        &secrets.secret,
    );
    Ok(draw(&secrets.plan, seed.ok_or(StepFault::Aborted)?)?)
}

/// Who stands in for somebody, noted in the secrets until the reveal.
pub fn substitute(
    published: &Published,
    mut secrets: Secrets,
    wanted: &Wanted,
    because: Redraw,
    at: Instant,
) -> Result<Secrets, StepFault> {
    let outcome = result(published, &secrets)?;
    let attempt = published.attempts.last().ok_or(StepFault::Empty)?;
    if attempt.reveal.is_some() {
        return Err(StepFault::RevealedAlready);
    }
    if !because.is_approved() {
        return Err(StepFault::Unapproved);
    }
    let observed = attempt.event.as_ref().map(|part| part.body.observed_at);
    let before = (secrets.substitutions.last())
        .map(|last| last.at)
        .or(observed);
    if let Some(before) = before.filter(|before| at < *before) {
        return Err(StepFault::Clock { now: at, before });
    }
    let mut roster = Roster::new(&secrets.plan, &outcome);
    for past in &secrets.substitutions {
        roster.apply(&past.change);
    }
    let change = roster.next(wanted)?;
    let number = u32::try_from(secrets.substitutions.len() + 1).unwrap_or(u32::MAX);
    secrets.substitutions.push(Substitution {
        number,
        change,
        reason: because.reason,
        requested_by: because.requested_by,
        approved_by: because.approved_by,
        at,
    });
    Ok(secrets)
}

/// Publishes everything of the last attempt. One without feasible teams or with a contribution missing has no result.
pub fn reveal(
    mut published: Published,
    secrets: &Secrets,
    revealed_at: Instant,
) -> Result<Published, StepFault> {
    let outcome = match result(&published, secrets) {
        Ok(outcome) => Some(outcome),
        Err(StepFault::Infeasible(_) | StepFault::Aborted) => None,
        Err(fault) => return Err(fault),
    };
    let attempt = published.attempts.last_mut().ok_or(StepFault::Empty)?;
    if attempt.reveal.is_some() {
        return Err(StepFault::RevealedAlready);
    }
    let before = (secrets.substitutions.last())
        .map(|last| last.at)
        .or(attempt.event.as_ref().map(|part| part.body.observed_at));
    if let Some(before) = before.filter(|before| revealed_at < *before) {
        return Err(StepFault::Clock {
            now: revealed_at,
            before,
        });
    }
    let reveal = Reveal {
        secret: secrets.secret,
        salt: secrets.salt,
        plan: secrets.plan.clone(),
        revealed_at,
    };
    attempt.reveal = Some(Part::seal(reveal, Some(attempt.last())));
    attempt.result = outcome.map(|outcome| Part::seal(outcome, Some(attempt.last())));
    let mut previous = attempt.last();
    for substitution in &secrets.substitutions {
        let part = Part::seal(substitution.clone(), Some(previous));
        previous = part.digest;
        attempt.substitutions.push(part);
    }
    Ok(published.sealed())
}
