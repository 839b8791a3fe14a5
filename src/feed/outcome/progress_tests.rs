use chrono::TimeDelta;
use proptest::prelude::*;

use super::{
    tests::{answered, outcome},
    *,
};
use crate::feed::samples::at;

fn unknown() -> Outcome {
    Outcome::Unknown {
        why: UnknownWhy::NoAnswer(NoAnswer::Timeout),
    }
}

fn settled() -> Outcome {
    Outcome::Settled(Settlement {
        replayed: false,
        results: Vec::new(),
    })
}

/// Follows a progress until it wants to act, and says how long that took.
fn until_due(progress: &Progress, seed: u64) -> (Step, DateTime<Utc>) {
    let now = progress.last;
    match next_step(progress, seed, now) {
        Step::Wait { until } => {
            assert!(until > now);
            let step = next_step(progress, seed, until);
            assert!(
                !matches!(step, Step::Wait { .. }),
                "waits again at the time it named"
            );
            (step, until)
        }
        step => (step, now),
    }
}

#[test]
fn an_unknown_batch_is_asked_about_twice_before_it_is_sent_again() {
    let start = at(10, 0);
    let mut progress = Progress::sealed(start);
    assert_eq!(next_step(&progress, 1, start), Step::Send);
    progress = progress.send_begins(start).sent(&unknown(), start);
    for _ in 0..2 {
        let (step, now) = until_due(&progress, 1);
        assert_eq!(step, Step::Probe);
        assert!(now > progress.last);
        progress = progress.probed(&ProbeOutcome::NotThere, now);
    }
    assert_eq!(until_due(&progress, 1).0, Step::Send);
    let late = progress.send_begins(start).sent(&settled(), start);
    assert_eq!(next_step(&late, 1, start), Step::Done);
}

#[test]
fn an_inconclusive_probe_starts_the_counting_again() {
    let start = at(10, 0);
    let doubt = ProbeOutcome::Inconclusive {
        why: "login".into(),
        rejected: None,
    };
    let mut progress = Progress::sealed(start).sent(&unknown(), start);
    for outcome in [ProbeOutcome::NotThere, doubt, ProbeOutcome::NotThere] {
        progress = progress.probed(&outcome, start);
        assert!(matches!(progress.state, BatchState::Unknown { .. }));
    }
    assert_eq!(
        progress.probed(&ProbeOutcome::NotThere, start).state,
        BatchState::Ready
    );
}

#[test]
fn a_dead_sender_leaves_a_batch_that_is_asked_about() {
    let start = at(10, 0);
    let progress = Progress::sealed(start).send_begins(start);
    assert!(matches!(next_step(&progress, 1, start), Step::Wait { .. }));
    assert_eq!(
        next_step(&progress, 1, start + TimeDelta::seconds(6)),
        Step::Probe
    );
}

#[test]
fn tries_follow_the_schedule_then_come_daily_until_a_person_is_called() {
    let mut progress = Progress::sealed(at(0, 0));
    let mut pauses = Vec::new();
    let alarm = loop {
        let before = progress.last;
        let (step, now) = until_due(&progress, 0);
        if step != Step::Send {
            break step;
        }
        pauses.push((now - before).num_seconds());
        progress = progress.send_begins(now).sent(
            &Outcome::NotSent {
                why: "refused".into(),
            },
            now,
        );
    };
    let schedule = [0, 5, 60, 300, 1_800, 7_200, 18_000, 36_000, 86_400];
    for (pause, planned) in pauses
        .iter()
        .zip(schedule.iter().chain(std::iter::repeat(&86_400)))
    {
        assert!(
            (*planned..=planned + planned / 10).contains(pause),
            "{pauses:?}"
        );
    }
    assert!((13..=15).contains(&pauses.len()), "{pauses:?}");
    assert_eq!(
        alarm,
        Step::Alarm {
            why: AlarmReason::Overdue
        }
    );
}

#[test]
fn refusals_call_a_person_or_are_tried_again_by_their_class() {
    let now = at(10, 0);
    let refused =
        |status| Progress::sealed(now).sent(&outcome(&answered(status, "text/plain", "no")), now);
    for status in [400, 404, 409, 413, 422] {
        let step = next_step(&refused(status), 1, now);
        assert_eq!(
            step,
            Step::Alarm {
                why: AlarmReason::Refused(RejectClass::Mapping)
            },
            "{status}"
        );
        assert_eq!(
            next_step(&refused(status).released(now), 1, now),
            Step::Send
        );
    }
    assert_eq!(until_due(&refused(401), 1).0, Step::Send);
    let mut busy = Answer {
        status: 429,
        content_type: None,
        retry_after: Some("120".into()),
        date: None,
        body: Vec::new(),
    };
    let until = |answer: &Answer| {
        next_step(
            &Progress::sealed(now).sent(&outcome(&Attempt::Answered(answer.clone())), now),
            1,
            now,
        )
    };
    assert_eq!(
        until(&busy),
        Step::Wait {
            until: now + TimeDelta::seconds(120)
        }
    );
    busy.retry_after = None;
    assert_eq!(
        until(&busy),
        Step::Wait {
            until: now + TimeDelta::seconds(60)
        }
    );
}

proptest! {
    /// Whatever happens, nothing is sent while the fate of an earlier send is open and was not asked about twice.
    #[test]
    fn a_send_never_follows_an_unknown_one_without_two_absences(seed in any::<u64>(), events in proptest::collection::vec(0..6_u8, 0..60)) {
        let mut progress = Progress::sealed(at(0, 0));
        let mut absences = ABSENCES_AT_FIRST;
        for event in events {
            let (step, now) = until_due(&progress, seed);
            match step {
                Step::Send => {
                    prop_assert!(absences >= 2);
                    progress = progress.send_begins(now);
                    absences = 0;
                    let outcome = match event {
                        0 => Outcome::NotSent { why: String::new() },
                        1 => Outcome::Busy { until: now + TimeDelta::seconds(9) },
                        2 => continue, // the process dies
                        _ => unknown(),
                    };
                    if event < 2 { absences = ABSENCES_AT_FIRST }
                    progress = progress.sent(&outcome, now);
                }
                Step::Probe => {
                    let outcome = if event < 4 { absences += 1; ProbeOutcome::NotThere } else {
                        absences = 0;
                        ProbeOutcome::Inconclusive { why: String::new(), rejected: None }
                    };
                    progress = progress.probed(&outcome, now);
                }
                Step::Alarm { .. } => { prop_assert!(now - progress.since >= TimeDelta::days(7)); break }
                Step::Wait { .. } | Step::Done => prop_assert!(false, "{step:?}"),
            }
        }
    }
}

/// Before the first send, and after one that certainly did not arrive, nothing needs asking.
const ABSENCES_AT_FIRST: u32 = 2;
