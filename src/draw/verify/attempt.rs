//! One attempt, part by part.

use serde_json::Value;

use super::{Found, State, finding::FindingCode as Code};
use crate::draw::{
    Infeasible, Outcome, Seed, draw,
    plan::{ALGORITHM, Plan},
    plan_digest,
    published::{Attempt, Published, Redraw, Reveal, digest_of},
    roster::Roster,
    secret_digest,
    words::{Bytes32, Instant},
};

/// Examines the attempt at this index; `value` is the attempt as the file has it.
pub(super) fn examine(
    file: &Published,
    index: usize,
    value: &Value,
    now: Instant,
    found: &mut Found,
) -> State {
    let attempt = &file.attempts[index];
    let at = format!("/attempts/{index}");
    let before = index.checked_sub(1).map(|before| &file.attempts[before]);
    seals(attempt, before, value, &at, found);
    commitment(attempt, before, index, now, &at, found);
    event(attempt, now, &at, found);
    let Some(reveal) = &attempt.reveal else {
        return unrevealed(attempt, now, &at, found);
    };
    clocks_of_reveal(attempt, reveal.body.revealed_at, now, &at, found);
    revealed(file, attempt, &reveal.body, &at, found)
}

/// Every part has its own digest and stands behind the part before it.
fn seals(attempt: &Attempt, before: Option<&Attempt>, value: &Value, at: &str, found: &mut Found) {
    type Seal = (Option<Bytes32>, Bytes32);
    let mut expected = before.map(|before| before.commitment.digest);
    let mut check = |name: &str, value: &Value, (previous, digest): Seal| {
        let at = format!("{at}/{name}");
        found.unless(digest_of(value) == digest, Code::PartDigest, &at);
        found.unless(previous == expected, Code::PartChain, &at);
        expected = Some(digest);
    };
    let part = &attempt.commitment;
    check(
        "commitment",
        &value["commitment"],
        (part.previous, part.digest),
    );
    if let Some(part) = &attempt.event {
        check("event", &value["event"], (part.previous, part.digest));
    }
    if let Some(part) = &attempt.reveal {
        check("reveal", &value["reveal"], (part.previous, part.digest));
    }
    if let Some(part) = &attempt.result {
        check("result", &value["result"], (part.previous, part.digest));
    }
    for (index, part) in attempt.substitutions.iter().enumerate() {
        let name = format!("substitutions/{index}");
        let value = &value["substitutions"][index];
        check(&name, value, (part.previous, part.digest));
    }
}

fn commitment(
    attempt: &Attempt,
    before: Option<&Attempt>,
    index: usize,
    now: Instant,
    at: &str,
    found: &mut Found,
) {
    let at = format!("{at}/commitment");
    let body = &attempt.commitment.body;
    found.unless(body.number as usize == index + 1, Code::AttemptNumber, &at);
    found.unless(body.algorithm == ALGORITHM, Code::AlgorithmUnknown, &at);
    let approved = body.redraw.as_ref().map(Redraw::is_approved);
    found.unless(
        approved == (index > 0).then_some(true),
        Code::RedrawUnapproved,
        &at,
    );
    if let Some(fault) = body.event.fault() {
        found.add(Code::EventInvalid, &at, &fault.to_string());
    }
    let expected_at = body.event.expected_at();
    found.unless(expected_at > body.committed_at, Code::EventNotFuture, &at);
    found.unless(
        body.reveal_by >= expected_at,
        Code::DeadlineBeforeEvent,
        &at,
    );
    found.unless(body.committed_at <= now, Code::ClockFuture, &at);
    let earlier =
        before.is_none_or(|before| before.commitment.body.committed_at <= body.committed_at);
    found.unless(earlier, Code::AttemptOrder, &at);
}

fn event(attempt: &Attempt, now: Instant, at: &str, found: &mut Found) {
    let Some(part) = &attempt.event else { return };
    let at = format!("{at}/event");
    let event = &attempt.commitment.body.event;
    let observed_at = part.body.observed_at;
    found.unless(observed_at >= event.expected_at(), Code::EventEarly, &at);
    found.unless(observed_at <= now, Code::ClockFuture, &at);
    if let Some(fault) = event.value_fault(&part.body.value) {
        found.add(Code::EventValue, &at, &fault.to_string());
    }
}

/// Whether the event is known not to have a whole value.
fn aborted(attempt: &Attempt) -> bool {
    (attempt.event.as_ref()).is_some_and(|part| part.body.value.for_seed().is_none())
}

fn unrevealed(attempt: &Attempt, now: Instant, at: &str, found: &mut Found) -> State {
    let none = attempt.result.is_none() && attempt.substitutions.is_empty();
    found.unless(none, Code::ResultEarly, at);
    if aborted(attempt) {
        return State::Aborted;
    }
    let due = attempt.commitment.body.reveal_by;
    if now > due {
        found.add(Code::RevealMissing, at, &format!("应在 {due} 前公开"));
    }
    match attempt.event {
        Some(_) => State::Observed,
        None => State::Committed,
    }
}

fn clocks_of_reveal(
    attempt: &Attempt,
    revealed_at: Instant,
    now: Instant,
    at: &str,
    found: &mut Found,
) {
    let at = format!("{at}/reveal");
    let observed_at = attempt.event.as_ref().map(|part| part.body.observed_at);
    found.unless(
        observed_at.is_some_and(|observed_at| observed_at <= revealed_at),
        Code::RevealBeforeEvent,
        &at,
    );
    let due = attempt.commitment.body.reveal_by;
    if revealed_at > due {
        let detail = format!("应在 {due} 前，实际 {revealed_at}");
        found.add(Code::RevealLate, &at, &detail);
    }
    found.unless(revealed_at <= now, Code::ClockFuture, &at);
}

fn revealed(
    file: &Published,
    attempt: &Attempt,
    reveal: &Reveal,
    at: &str,
    found: &mut Found,
) -> State {
    let here = format!("{at}/reveal");
    let body = &attempt.commitment.body;
    let plan = &reveal.plan;
    let right = secret_digest(&reveal.secret) == body.secret_digest;
    found.unless(right, Code::SecretWrong, &here);
    let right = plan_digest(&reveal.salt, plan) == body.plan_digest;
    found.unless(right, Code::PlanWrong, &here);
    found.unless(plan.draw == file.draw, Code::PlanOther, &here);
    let usable = plan.item.published_on <= body.committed_at.day();
    found.unless(usable, Code::ItemUnpublished, &here);
    let faults = plan.faults();
    for fault in &faults {
        found.add(Code::PlanInvalid, &here, &fault.to_string());
    }
    if aborted(attempt) {
        let none = attempt.result.is_none() && attempt.substitutions.is_empty();
        found.unless(none, Code::ResultEarly, at);
        return State::Aborted;
    }
    let seed = attempt.event.as_ref().and_then(|part| {
        let value = &part.body.value;
        Seed::of(
            &body.plan_digest,
            &body.secret_digest,
            &body.event,
            value,
            &reveal.secret,
        )
    });
    // Without an event, or with a plan that does not hold together, there is nothing to compare with; both are findings.
    let Some(seed) = seed.filter(|_| faults.is_empty()) else {
        return State::Revealed;
    };
    match (draw(plan, seed), &attempt.result) {
        (Ok(expected), Some(result)) => {
            compare(&expected, &result.body, &format!("{at}/result"), found);
            substitutions(plan, &expected, attempt, at, found);
        }
        (Ok(_), None) => found.add(Code::ResultMissing, at, ""),
        (Err(fault), Some(_)) => found.add(Code::ResultImpossible, at, &fault.to_string()),
        (Err(fault), None) => return infeasible(attempt, &fault, at, found),
    }
    State::Revealed
}

fn infeasible(attempt: &Attempt, fault: &Infeasible, at: &str, found: &mut Found) -> State {
    if !attempt.substitutions.is_empty() {
        found.add(Code::ResultImpossible, at, &fault.to_string());
    }
    State::Infeasible
}

fn compare(expected: &Outcome, found_in_file: &Outcome, at: &str, found: &mut Found) {
    let same = expected.seed == found_in_file.seed;
    found.unless(same, Code::SeedWrong, &format!("{at}/seed"));
    let passed = expected.passed == found_in_file.passed;
    found.unless(passed, Code::ExclusionsWrong, &format!("{at}/passed"));
    let unfit = expected.unfit == found_in_file.unfit;
    found.unless(unfit, Code::ExclusionsWrong, &format!("{at}/unfit"));
    let (strata, others) = (&expected.strata, &found_in_file.strata);
    rows(
        strata,
        others,
        Code::StrataWrong,
        &format!("{at}/strata"),
        found,
    );
    let (teams, others) = (&expected.teams, &found_in_file.teams);
    rows(
        teams,
        others,
        Code::TeamsWrong,
        &format!("{at}/teams"),
        found,
    );
}

/// Row by row, or the whole list if there are not as many.
fn rows<T: PartialEq>(expected: &[T], in_file: &[T], code: Code, at: &str, found: &mut Found) {
    if expected.len() != in_file.len() {
        found.add(
            code,
            at,
            &format!("应有 {} 行，实有 {} 行", expected.len(), in_file.len()),
        );
        return;
    }
    for (index, (expected, in_file)) in expected.iter().zip(in_file).enumerate() {
        found.unless(expected == in_file, code, &format!("{at}/{index}"));
    }
}

fn substitutions(plan: &Plan, outcome: &Outcome, attempt: &Attempt, at: &str, found: &mut Found) {
    let mut roster = Roster::new(plan, outcome);
    let revealed_at = attempt.reveal.as_ref().map(|part| part.body.revealed_at);
    let mut earliest = attempt.event.as_ref().map(|part| part.body.observed_at);
    for (index, part) in attempt.substitutions.iter().enumerate() {
        let at = format!("{at}/substitutions/{index}");
        let body = &part.body;
        found.unless(
            body.number as usize == index + 1,
            Code::SubstituteNumber,
            &at,
        );
        found.unless(body.is_approved(), Code::SubstituteUnapproved, &at);
        let in_time = earliest <= Some(body.at) && Some(body.at) <= revealed_at;
        found.unless(in_time, Code::SubstituteTime, &at);
        earliest = Some(body.at);
        match roster.next(&body.change.wanted()) {
            Ok(expected) => {
                found.unless(expected == body.change, Code::SubstituteWrong, &at);
                roster.apply(&expected);
            }
            Err(fault) => found.add(Code::SubstituteWrong, &at, &fault.to_string()),
        }
    }
}
