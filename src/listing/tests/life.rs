//! Whole lives: any steps, by anybody, at any pace, with the process lost after any of them. After each step the invariants
//! of the procedure hold, and a platform that hears what it is told shows exactly what is public.

use std::collections::BTreeSet;

use chrono::Duration;
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};

use super::{
    sample::{action, role_of},
    *,
};

const STEPS: [&str; 30] = [
    "review",
    "issue_notice",
    "serve_notice",
    "receive",
    "ask_hearing",
    "hold_hearing",
    "answer",
    "waive",
    "decide",
    "serve_decision",
    "publish",
    "dispute",
    "reject",
    "uphold",
    "correct",
    "shield",
    "exclude",
    "unshield",
    "ask_repair",
    "ask_revoke",
    "accept",
    "extend",
    "approve",
    "refuse",
    "ask_restoration",
    "restore",
    "refuse_restoration",
    "expire",
    "drop",
    "decide_not",
];

/// The step that leads on from here, so that random lives get far.
fn onward(entry: &Entry) -> Option<&'static str> {
    let exit = |decided: &Decided, otherwise| match &decided.exit_request {
        Some(request) if request.is_repair() && request.accepted.is_none() => "accept",
        Some(_) => "approve",
        None => otherwise,
    };
    Some(match &entry.state {
        State::Proposed { review: None } => "review",
        State::Proposed { .. } => "issue_notice",
        State::Issued(_) => "serve_notice",
        State::Noticed(noticed) => match noticed.unanswered() {
            Some(one) if one.kind == SubmissionKind::Hearing && one.hearing.is_none() => {
                "hold_hearing"
            }
            Some(_) => "answer",
            None => "decide",
        },
        State::Decided(decided) => exit(decided, "serve_decision"),
        State::Served(served) => exit(&served.decided, "publish"),
        State::Published(published) => exit(&published.decided, "ask_repair"),
        State::Shielded(_) => "unshield",
        State::Removed {
            restoration: None, ..
        } => "ask_restoration",
        State::Removed { .. } => "restore",
        State::Dropped { .. } | State::NotListed { .. } | State::Revoked { .. } => return None,
    })
}

/// The names under which the samples know a step.
fn named(step: StepName) -> &'static [&'static str] {
    match step {
        StepName::ReceiveStatement => &["receive", "ask_hearing"],
        StepName::AnswerStatement => &["answer"],
        StepName::SettleDispute => &["reject", "uphold"],
        StepName::Shield => &["shield", "exclude"],
        StepName::RequestExit => &["ask_repair", "ask_revoke"],
        StepName::AcceptRepair => &["accept"],
        StepName::ExtendRepair => &["extend"],
        StepName::ApproveExit => &["approve"],
        StepName::RefuseExit => &["refuse"],
        StepName::RequestRestoration => &["ask_restoration"],
        other => std::slice::from_ref(
            STEPS
                .iter()
                .find(|name| **name == other.as_str())
                .unwrap_or(&"expire"),
        ),
    }
}

/// Which step: any, the one that leads on, or one of the state.
fn choice(entry: &Entry, kind: u8, pick: usize) -> Option<&'static str> {
    let state = entry.state_name();
    match kind {
        0 => Some(STEPS[pick % STEPS.len()]),
        1 | 2 => onward(entry),
        _ => {
            let here: Vec<&str> = crate::listing::table::TABLE
                .iter()
                .filter(|rule| rule.state == state)
                .flat_map(|rule| named(rule.step))
                // Lives that end at once show little.
                .filter(|name| !matches!(**name, "drop" | "decide_not") || pick.is_multiple_of(5))
                .copied()
                .collect();
            here.get(pick % here.len().max(1)).copied()
        }
    }
}

/// The step with its papers delivered and received today.
fn today(name: &str, entry: &Entry, now: DateTime<Utc>) -> Action {
    let when = now.with_timezone(&chrono::FixedOffset::east_opt(8 * 3600).unwrap());
    let mut step = action(name, entry, &when.format("%Y-%m-%d %H:%M").to_string());
    let day = Day::of(now);
    match &mut step {
        Action::ServeNotice { delivered_on, .. } => *delivered_on = day,
        Action::ServeDecision(service) => service.delivered_on = day,
        Action::ReceiveStatement { received_on, .. } => *received_on = day,
        Action::HoldHearing { held_on, .. } => *held_on = day,
        _ => {}
    }
    step
}

/// The step of one move and who takes it.
fn next_move(
    entry: &Entry,
    now: DateTime<Utc>,
    (kind, pick, right, who): (u8, usize, bool, usize),
) -> Option<(Action, Actor)> {
    let name = choice(entry, kind, pick)?;
    let role = if right { role_of(name) } else { Role::ALL[who] };
    let id = match kind {
        0 => text(["甲", "乙", "丙"][who]),
        _ => text(role.chinese()),
    };
    Some((today(name, entry, now), Actor { id, role }))
}

/// Minutes between two steps: mostly days, sometimes most of a year.
fn minutes() -> impl Strategy<Value = i64> {
    prop_oneof![
        12 => 0_i64..60 * 24 * 4,
        1 => 60 * 24 * 60_i64..60 * 24 * 300,
    ]
}

/// What a platform shows that does what it is told.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Platform {
    #[default]
    Nothing,
    Shown,
    Hidden,
    Withdrawn,
}

impl Platform {
    fn hears(self, intent: Option<FeedIntent>) -> Result<Self, String> {
        use Platform::*;
        Ok(match (self, intent) {
            (state, None) => state,
            (Nothing | Withdrawn, Some(FeedIntent::Publish)) => Shown,
            (Shown | Hidden, Some(FeedIntent::Update)) => Shown,
            (Shown | Hidden, Some(FeedIntent::Hide)) => Hidden,
            // What is gone stays gone: nothing of it goes out.
            (Withdrawn, Some(FeedIntent::Hide | FeedIntent::Withdraw)) => Withdrawn,
            (Shown | Hidden, Some(FeedIntent::Withdraw)) => Withdrawn,
            (state, Some(intent)) => return Err(format!("{intent:?} when {state:?}")),
        })
    }
}

/// What must hold of an entry whatever happened to it.
fn sound(entry: &Entry, world: &World) -> Result<(), TestCaseError> {
    if let Some(decided) = entry.decided() {
        let noticed = &decided.noticed;
        let decision = &decided.decision;
        // Two people.
        prop_assert_ne!(&decision.by.id, &entry.proposed_by.id);
        prop_assert_ne!(&decision.by.id, &noticed.notice.by.id);
        prop_assert_ne!(Some(&decision.by), noticed.notice.served_by.as_ref());
        prop_assert_ne!(&noticed.review.by.id, &entry.proposed_by.id);
        // I5: not before the window closed, or a waiver in writing; nothing unanswered; told as it was.
        prop_assert!(noticed.waiver.is_some() || decision.decided_on > noticed.notice.window_end);
        prop_assert!(noticed.notice.served_on >= noticed.notice.delivered_on);
        prop_assert_eq!(noticed.unanswered(), None);
        for one in &noticed.submissions {
            prop_assert!(one.received_on <= noticed.notice.window_end);
            prop_assert!(one.kind == SubmissionKind::Statement || one.hearing.is_some());
            prop_assert_ne!(&one.answer.as_ref().unwrap().by.id, &one.by.id);
        }
        // Not heavier than noticed.
        prop_assert!(entry.severity <= Some(Severity::General));
        let display = decided.display;
        prop_assert!(display.from <= display.until);
        prop_assert!(decision.document.is_some());
    }
    if let Some(published) = entry.public() {
        prop_assert!(published.served_on.unwrap() <= published.published_on);
        prop_assert!(published.service.repair_notice.is_some());
    }
    if let State::Removed { was, closing, .. } = &entry.state {
        match &closing.number {
            // Repaired: after the shortest display, accepted, by another person.
            Some(_) => {
                let request = was.decided().exit_request.as_ref().unwrap();
                prop_assert!(closing.on > was.decided().display.min_until.unwrap());
                prop_assert_ne!(&request.by.id, &closing.by.id);
                prop_assert_ne!(&request.accepted.as_ref().unwrap().by.id, &closing.by.id);
            }
            None => prop_assert!(closing.on > was.decided().display.until),
        }
    }
    if let State::Revoked { was, closing } = &entry.state {
        prop_assert_ne!(
            &was.decided().exit_request.as_ref().unwrap().by.id,
            &closing.by.id
        );
    }
    // I6: what is counted in working days ends on a working day that the calendar knows.
    for clock in entry.clocks(world.watch(), &world.calendar) {
        if clock.rule != crate::listing::clocks::DISPLAY_END {
            prop_assert_eq!(world.calendar.is_working_day(clock.due), Ok(true));
        }
        prop_assert!(clock.due >= clock.start);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_life_is_lawful_and_survives_the_loss_of_the_process(
        steps in prop::collection::vec(
            (0..6_u8, 0..1_000_usize, prop::bool::weighted(0.9), 0..3_usize, minutes(), prop::bool::weighted(0.05)),
            0..60,
        )
    ) {
        let world = World::new();
        let first = world.propose(proposal(1), "2026-03-02 09:00").unwrap();
        let (mut entry, mut events, mut now) = (first.entry, vec![first.event], at("2026-03-02 09:00"));
        let mut platform = Platform::default();
        for (kind, pick, right, who, minutes, leaks) in steps {
            now += Duration::minutes(minutes);
            let Some((mut action, actor)) = next_move(&entry, now, (kind, pick, right, who)) else {
                continue;
            };
            if let (true, Action::Drop { reason } | Action::DecideNot { reason } | Action::RefuseExit { reason }) =
                (leaks, &mut action)
            {
                *reason = text("联系人13800138000");
            }
            let before = entry.clone();
            match apply(&entry, &action, &actor, now, world.watch(), &world.calendar) {
                Err(_) => prop_assert_eq!(&entry, &before),
                Ok(step) => {
                    platform = platform.hears(step.feed).map_err(TestCaseError::fail)?;
                    prop_assert_eq!(step.entry.version, before.version + 1);
                    events.push(step.event);
                    // The process is lost: what is left is the file, as it is stored.
                    let stored = serde_json::to_string(&events).unwrap();
                    // I8.
                    prop_assert!(!stored.contains("13800138000"));
                    let read: Vec<Event> = serde_json::from_str(&stored).unwrap();
                    prop_assert_eq!(&read, &events);
                    entry = fold(&read).unwrap();
                    prop_assert_eq!(&entry, &step.entry);
                    let stored = serde_json::to_string(&entry).unwrap();
                    prop_assert_eq!(serde_json::from_str::<Entry>(&stored).unwrap(), entry.clone());
                }
            }
            // I1, I2: what is public is shown, and nothing else.
            prop_assert_eq!(platform == Platform::Shown, entry.public().is_some());
            let rests = match &entry.state {
                State::Shielded(hidden) => match hidden.shield.cause {
                    ShieldCause::Excluded { .. } => Some(Platform::Withdrawn),
                    ShieldCause::Stay | ShieldCause::Bankruptcy => Some(Platform::Hidden),
                },
                _ => None,
            };
            prop_assert!(rests.is_none_or(|rests| platform == rests), "{platform:?}");
            prop_assert!(platform != Platform::Hidden || rests.is_some());
            sound(&entry, &world)?;
        }
        prop_assert_eq!(entry.version as usize, events.len());
    }
}

#[test]
fn such_lives_get_everywhere() {
    let mut runner = TestRunner::deterministic();
    let moves = prop::collection::vec(
        (
            0..6_u8,
            0..1_000_usize,
            prop::bool::weighted(0.9),
            0..3_usize,
            minutes(),
        ),
        0..60,
    );
    let world = World::new();
    let mut seen = BTreeSet::new();
    for _ in 0..300 {
        let mut step = world.propose(proposal(1), "2026-03-02 09:00").unwrap();
        let mut now = at("2026-03-02 09:00");
        for (kind, pick, right, who, minutes) in moves.new_tree(&mut runner).unwrap().current() {
            now += Duration::minutes(minutes);
            let Some((action, actor)) = next_move(&step.entry, now, (kind, pick, right, who))
            else {
                continue;
            };
            if let Ok(next) = apply(
                &step.entry,
                &action,
                &actor,
                now,
                world.watch(),
                &world.calendar,
            ) {
                seen.insert(next.event.kind.as_str());
                step = next;
            }
        }
    }
    // All kinds but the proposal itself, and the agreement of the higher organ, which this list does not ask for.
    assert_eq!(seen.len(), 27, "{seen:?}");
}
