//! Every state, every step, every level, every capacity and every standing against one table written by hand.

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::domain::{Calendar, Day, DeadlineRules, Region, RegionLevel};

pub(super) struct House {
    policy: Policy,
    deadlines: DeadlineRules,
    calendar: Calendar,
}

impl House {
    pub(super) fn new() -> Self {
        let policy = include_str!("../../../rules/complaints.toml");
        let deadlines = include_str!("../../../rules/deadlines.toml");
        let calendar = include_str!("../../../rules/calendar/2026.toml");
        Self {
            policy: Policy::parse(policy).unwrap(),
            deadlines: DeadlineRules::parse(deadlines).unwrap(),
            calendar: Calendar::parse([calendar]).unwrap(),
        }
    }

    pub(super) fn terms(&self) -> Terms<'_> {
        Terms {
            policy: &self.policy,
            deadlines: &self.deadlines,
            calendar: &self.calendar,
        }
    }
}

pub(super) fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

pub(super) fn text(raw: &str) -> Text {
    Text::parse(raw).unwrap()
}

pub(super) fn region(code: &str) -> Region {
    Region::parse(code).unwrap()
}

fn morning() -> DateTime<Utc> {
    "2026-07-01T01:00:00Z".parse().unwrap()
}

/// One office a level.
const OFFICES: [&str; 4] = ["512000", "512002", "512002901", "512002901001"];

pub(super) fn by(capacity: Capacity, standing: Standing) -> By {
    By {
        id: format!("{capacity:?}"),
        capacity,
        standing,
    }
}

pub(super) fn reception(office: &str) -> Reception {
    Reception {
        id: "C1".into(),
        company: None,
        project: Some("XM-01".into()),
        channel: Channel::Phone,
        reference: None,
        category: "fees".into(),
        text: text("收费标准与公示不一致"),
        reachable: true,
        office: region(office),
        received_on: day("2026-07-01"),
    }
}

pub(super) fn handle(finding: Finding) -> Step {
    Step::Handle {
        finding,
        result: text("责令整改"),
        measures: Some(text("退还多收费用")),
    }
}

pub(super) fn visit(outcome: VisitOutcome) -> Step {
    Step::Visit {
        outcome,
        remark: None,
    }
}

pub(super) fn mediate(outcome: MediationEnd) -> Step {
    Step::Mediate {
        outcome,
        protocol: text("调解记录"),
    }
}

/// One step of each name.
fn steps() -> [Step; 10] {
    let reason = || text("示例事由");
    [
        Step::Accept {},
        Step::Refuse {
            ground: "unclear".into(),
            reason: reason(),
        },
        mediate(MediationEnd::Agreed),
        handle(Finding::Justified),
        visit(VisitOutcome::Satisfied),
        Step::Escalate { reason: reason() },
        Step::Transfer {
            to: Destination::Body(text("示例市城市管理局")),
            reason: reason(),
        },
        Step::Reopen { reason: reason() },
        Step::Close { reason: reason() },
        Step::ProposeRecord {
            item: "CMP-01".into(),
            record: "E1".into(),
        },
    ]
}

/// The way to a state; each step by whom it belongs to, an hour apart.
pub(super) fn walk(house: &House, from: Reception, way: &[Step]) -> Complaint {
    let mut now = morning();
    let mut complaint = receive(from, now, house.terms()).unwrap();
    for step in way {
        now += TimeDelta::hours(1);
        let by = by(step.name().capacity(), Standing::Handling);
        complaint = apply(&complaint, step, &by, now, house.terms()).unwrap();
    }
    complaint
}

/// Name, way, changes of the reception, and a mark a step in the order of `StepName::ALL`: `x` lawful, `u` lawful below the
/// city, `.` not.
type Row = (&'static str, Vec<Step>, fn(&mut Reception), &'static str);

fn table() -> Vec<Row> {
    use Finding::{Justified, Partly, Unjustified};
    use VisitOutcome::{Dissatisfied, NotReached, Satisfied};
    let as_it_is: fn(&mut Reception) = |_| {};
    let anonymous: fn(&mut Reception) = |reception| reception.reachable = false;
    let safety: fn(&mut Reception) = |reception| reception.category = "safety".into();
    let [accept, refuse, agreed, ..] = steps();
    let [.., escalate_not_used, transfer, reopen, close, propose] = steps();
    drop(escalate_not_used);
    let then = |way: &[Step]| -> Vec<Step> { [std::slice::from_ref(&accept), way].concat() };
    let visited = |outcome| then(&[handle(Justified), visit(outcome)]);
    let failed = mediate(MediationEnd::Failed);
    // accept refuse mediate handle visit escalate transfer reopen close propose
    vec![
        ("received", vec![], as_it_is, "xx...ux..."),
        ("refused", vec![refuse], as_it_is, ".....u...."),
        ("accepted", then(&[]), as_it_is, "..xx.ux..."),
        ("not mediable", then(&[]), safety, "...x.ux..."),
        ("agreed", then(&[agreed]), as_it_is, "...x.ux..."),
        ("failed", then(&[failed]), as_it_is, "..xx.ux..."),
        (
            "handled",
            then(&[handle(Justified)]),
            as_it_is,
            "....x....x",
        ),
        ("partly", then(&[handle(Partly)]), as_it_is, "....x....x"),
        (
            "unjustified",
            then(&[handle(Unjustified)]),
            as_it_is,
            "....x.....",
        ),
        (
            "anonymous",
            then(&[handle(Justified)]),
            anonymous,
            "........xx",
        ),
        ("satisfied", visited(Satisfied), as_it_is, "........xx"),
        (
            "dissatisfied",
            visited(Dissatisfied),
            as_it_is,
            ".....u.xxx",
        ),
        ("not reached", visited(NotReached), as_it_is, "....x...xx"),
        (
            "reopened",
            [visited(Dissatisfied), vec![reopen]].concat(),
            as_it_is,
            "..xx.ux...",
        ),
        (
            "recorded",
            [visited(Satisfied), vec![propose.clone()]].concat(),
            as_it_is,
            "........x.",
        ),
        (
            "closed",
            [visited(Satisfied), vec![close.clone()]].concat(),
            as_it_is,
            ".........x",
        ),
        (
            "closed and recorded",
            [visited(Satisfied), vec![close, propose]].concat(),
            as_it_is,
            "..........",
        ),
        ("transferred", vec![transfer], as_it_is, ".........."),
    ]
}

#[test]
fn every_state_step_level_capacity_and_standing_is_as_the_table_says() {
    let house = House::new();
    let mut states = std::collections::BTreeSet::new();
    let mut checked = 0;
    for (name, way, change, marks) in table() {
        for office in OFFICES {
            let mut reception = reception(office);
            change(&mut reception);
            let complaint = walk(&house, reception, &way);
            states.insert(complaint.state.name());
            let city = complaint.level() == RegionLevel::City;
            let lawful: Vec<StepName> = StepName::ALL
                .into_iter()
                .zip(marks.chars())
                .filter(|(_, mark)| *mark == 'x' || (*mark == 'u' && !city))
                .map(|(step, _)| step)
                .collect();
            assert_eq!(possible(&complaint), lawful, "{name} {office}");
            for step in steps() {
                for capacity in Capacity::ALL {
                    for standing in Standing::ALL {
                        // Somebody who had no part in it.
                        let by = By {
                            id: "other".into(),
                            ..by(capacity, standing)
                        };
                        let later = complaint.changed_at + TimeDelta::hours(1);
                        let done = apply(&complaint, &step, &by, later, house.terms());
                        let own = standing == Standing::Handling
                            || (standing == Standing::Above && step.name() == StepName::Escalate);
                        let its = capacity == step.name().capacity();
                        let expected = own && its && lawful.contains(&step.name());
                        let case = format!("{name} {office} {step:?} {by:?}: {done:?}");
                        assert_eq!(done.is_ok(), expected, "{case}");
                        if let Err(illegal) = done {
                            assert_eq!(illegal.possible, lawful, "{case}");
                            assert_eq!(illegal.is_refusal(), !(own && its), "{case}");
                        }
                        checked += 1;
                    }
                }
            }
        }
    }
    assert_eq!(states.len(), StateName::ALL.len(), "a state has no row");
    assert_eq!(checked, 18 * 4 * 10 * 2 * 3);
}

#[test]
fn a_refusal_says_what_would_be_possible() {
    let house = House::new();
    let said = |way: &[Step], step: &Step, who: By| {
        let complaint = walk(&house, reception("512002901"), way);
        let later = complaint.changed_at + TimeDelta::hours(1);
        let refused = apply(&complaint, step, &who, later, house.terms());
        refused.unwrap_err().to_string()
    };
    let handler = || by(Capacity::Handler, Standing::Handling);
    insta::assert_snapshot!(said(&[], &handle(Finding::Partly), handler()),
        @"投诉待受理，不能办结。目前可以：受理、不予受理、上报、转办");
    insta::assert_snapshot!(said(&[], &Step::Accept {}, by(Capacity::Handler, Standing::Above)),
        @"投诉由 512002901 办理，其他单位不能受理。目前可以：受理、不予受理、上报、转办");
    let gone = Step::Transfer {
        to: Destination::Body(text("示例局")),
        reason: text("职责不同"),
    };
    insta::assert_snapshot!(said(&[gone], &Step::Accept {}, handler()),
        @"投诉已移送，不能受理。该投诉已无可办的环节");
    let way = [
        Step::Accept {},
        handle(Finding::Justified),
        visit(VisitOutcome::Satisfied),
    ];
    let close = Step::Close {
        reason: text("已整改"),
    };
    let same = By {
        id: "Handler".into(),
        ..by(Capacity::Reviewer, Standing::Handling)
    };
    insta::assert_snapshot!(said(&way, &close, same),
        @"「Handler」已办理该投诉，结案须由另一人办理。目前可以：结案、提出记分建议");
}

#[test]
fn a_step_that_names_what_is_not_there_is_refused() {
    let house = House::new();
    let complaint = walk(&house, reception("512002901"), &[]);
    let why = |step: &Step, now: DateTime<Utc>| {
        let by = by(step.name().capacity(), Standing::Handling);
        let done = apply(&complaint, step, &by, now, house.terms());
        done.unwrap_err().why
    };
    let to = |office: &str| Step::Transfer {
        to: Destination::Office(region(office)),
        reason: text("属地办理"),
    };
    let refuse = Step::Refuse {
        ground: "mood".into(),
        reason: text("不想办"),
    };
    let later = morning() + TimeDelta::hours(1);
    assert_eq!(why(&to("512002901"), later), Why::TransferToSelf);
    assert_eq!(why(&to("512002"), later), Why::TransferUp(region("512002")));
    assert_eq!(why(&refuse, later), Why::NoGround("mood".into()));
    let earlier = morning() - TimeDelta::hours(1);
    assert_eq!(
        why(&Step::Accept {}, earlier),
        Why::ClockBack {
            now: earlier,
            last: morning()
        }
    );
    let begun = |change: fn(&mut Reception)| {
        let mut reception = reception("512002901");
        change(&mut reception);
        receive(reception, morning(), house.terms()).unwrap_err()
    };
    assert_eq!(
        begun(|reception| reception.category = "weather".into()),
        Why::NoCategory("weather".into())
    );
    assert_eq!(
        begun(|reception| reception.received_on = day("2026-07-02")),
        Why::Future {
            received_on: day("2026-07-02"),
            today: day("2026-07-01")
        }
    );
    // A year whose days off nobody has entered: said, not guessed.
    assert!(matches!(
        begun(|reception| reception.received_on = day("2019-07-02")),
        Why::Deadline(_)
    ));
}

#[test]
fn clocks_run_from_the_desk_and_from_acceptance() {
    let house = House::new();
    let told = |way: &[Step]| {
        let complaint = walk(&house, reception("512002901001"), way);
        let clocks = clocks(&complaint);
        let line = |clock: &crate::domain::Deadline| {
            format!("{} {} {}", clock.rule, clock.start_event, clock.due)
        };
        clocks.iter().map(line).collect::<Vec<_>>().join("; ")
    };
    let escalate = Step::Escalate {
        reason: text("社区无权处理"),
    };
    let reopened = [
        Step::Accept {},
        handle(Finding::Justified),
        visit(VisitOutcome::Dissatisfied),
        Step::Reopen {
            reason: text("未整改到位"),
        },
    ];
    // 2026-07-01 is a Wednesday.
    assert_eq!(told(&[]), "complaint.accept received 2026-07-02");
    assert_eq!(told(&[escalate]), "complaint.accept received 2026-07-02");
    assert_eq!(told(&reopened[..1]), "complaint.handle accepted 2026-07-22");
    assert_eq!(told(&reopened[..2]), "");
    assert_eq!(told(&reopened), "complaint.handle reopened 2026-07-22");
}

#[test]
fn an_escalated_complaint_is_received_one_level_up_and_remembers_its_way() {
    let house = House::new();
    let escalate = || Step::Escalate {
        reason: text("超出本级职责"),
    };
    let way = [
        escalate(),
        Step::Accept {},
        escalate(),
        Step::Transfer {
            to: Destination::Office(region("512021")),
            reason: text("项目在安岳县"),
        },
    ];
    let complaint = walk(&house, reception("512002901001"), &way);
    let before: Vec<&str> = complaint.before.iter().map(Region::as_str).collect();
    assert_eq!(before, ["512002901001", "512002901", "512002"]);
    assert_eq!(complaint.desk.office, region("512021"));
    assert_eq!(complaint.state, State::Received);
    let json = serde_json::to_string(&complaint).unwrap();
    assert_eq!(serde_json::from_str::<Complaint>(&json).unwrap(), complaint);
}

#[test]
fn a_proposed_record_is_never_read_from_outside() {
    let json = r#"{"step":"propose_record","item":"CMP-01","record":"E1"}"#;
    assert!(serde_json::from_str::<Step>(json).is_err());
    let json = r#"{"step":"transfer","to":{"office":"512021"},"reason":"属地办理"}"#;
    let step: Step = serde_json::from_str(json).unwrap();
    assert_eq!(step.name(), StepName::Transfer);
    assert!(serde_json::from_str::<Step>(r#"{"step":"accept","colour":"red"}"#).is_err());
}
