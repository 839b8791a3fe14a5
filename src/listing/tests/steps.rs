//! Rules of the procedure one by one, and what comes in wrong.

use super::{
    sample::{action, draft, sample},
    *,
};
use crate::domain::Span;

const OTHER: &str = "另一";

#[test]
fn an_entry_opens_only_with_clauses_on_a_list_that_takes_it() {
    let world = World::new();
    let officer = person(Role::Officer, "经手");
    let open = |list: &str, severity, clauses: Vec<Text>, actor: &Actor| {
        let mut proposal = proposal(1);
        proposal.severity = severity;
        proposal.evidence.clauses = clauses;
        let list = world.types.get(list).unwrap();
        Entry::propose(proposal, actor, at("2026-03-02 09:00"), list)
    };
    let clause = || vec![text("第二十条")];
    let general = Some(Severity::General);
    assert!(open("watch", general, clause(), &officer).is_ok());
    assert!(open("watch", general, clause(), &person(Role::System, "评分")).is_ok());
    assert!(open("red", None, clause(), &officer).is_ok());
    assert_eq!(
        open("watch", general, vec![], &officer),
        Err(Illegal::NoClause)
    );
    let refused = open("watch", None, clause(), &officer).unwrap_err();
    assert_eq!(refused.to_string(), "名单「watch」没有为守信设公示期限");
    let refused = open("red", general, clause(), &officer).unwrap_err();
    assert!(matches!(refused, Illegal::Severity { .. }));
    let refused = open("serious", Some(Severity::Serious), clause(), &officer).unwrap_err();
    assert_eq!(refused.to_string(), "名单「serious」未启用");
    for role in [Role::LegalReviewer, Role::Decider, Role::Publisher] {
        let refused = open("watch", general, clause(), &person(role, "经手"));
        assert!(matches!(refused, Err(Illegal::Role { .. })), "{role:?}");
    }
}

#[test]
fn a_basis_that_two_people_approved_opens_the_serious_list_while_it_is_in_force() {
    let world = World::new();
    let serious = world.types.get("serious").unwrap();
    let basis = |people: &[&str], level| LegalBasis {
        level,
        title: "示例市物业信用条例".to_owned(),
        number: "示例公告第1号".to_owned(),
        article: "第十条".to_owned(),
        effective_from: day("2026-03-01"),
        effective_until: Some(day("2026-12-31")),
        approved_by: people.iter().map(|name| (*name).to_owned()).collect(),
    };
    let open = |basis: LegalBasis, when: &str| {
        let mut proposal = proposal(1);
        proposal.severity = Some(Severity::Serious);
        let list = serious.with_bases(&[basis]);
        Entry::propose(proposal, &person(Role::Officer, "经手"), at(when), &list)
    };
    let local = BasisLevel::LocalRegulation;
    assert!(open(basis(&["甲", "乙"], local), "2026-03-02 09:00").is_ok());
    for (people, level) in [
        (&["甲"][..], local),
        (&["甲", "甲"], local),
        (&[], local),
        (&["甲", "乙"], BasisLevel::Normative),
        (&["甲", "乙"], BasisLevel::LocalRule),
    ] {
        let refused = open(basis(people, level), "2026-03-02 09:00");
        assert!(
            matches!(refused, Err(Illegal::Disabled { .. })),
            "{people:?} {level:?}"
        );
    }
    for when in ["2026-02-28 23:59", "2027-01-01 00:00"] {
        let refused = open(basis(&["甲", "乙"], local), when);
        assert!(matches!(refused, Err(Illegal::NoBasis { .. })), "{when}");
    }
}

#[test]
fn the_window_starts_when_the_notice_counts_as_served() {
    let world = World::new();
    let (entry, _) = sample(&world, "issued");
    let officer = person(Role::Officer, "经手");
    let serve = |method: Method, delivered_on: &str, when: &str| {
        let serve = Action::ServeNotice {
            method,
            delivered_on: day(delivered_on),
            proof: text("送达凭证"),
        };
        let step = world.apply(&entry, &serve, &officer, when)?;
        let State::Noticed(noticed) = step.entry.state else {
            unreachable!()
        };
        let notice = noticed.notice;
        Ok::<_, Illegal>((notice.served_on.to_string(), notice.window_end.to_string()))
    };
    let dates = |served: &str, end: &str| Ok((served.to_owned(), end.to_owned()));
    let electronic = |confirmation| Method::Electronic {
        consent: text("送达地址确认书"),
        confirmation,
    };
    let witness = text("社区工作人员");
    for method in [
        Method::Direct,
        Method::Post,
        Method::Left { witness },
        electronic(Some(text("系统回执"))),
    ] {
        let found = serve(method, "2026-03-04", "2026-03-06 10:00");
        assert_eq!(found, dates("2026-03-04", "2026-03-11"));
    }
    let unconfirmed = serve(electronic(None), "2026-03-04", "2026-03-06 10:00");
    assert_eq!(unconfirmed, Err(Illegal::NoConfirmation));
    // Public notice: thirty days, then five working days over the Qingming holiday.
    assert_eq!(
        serve(Method::Publication, "2026-03-04", "2026-03-04 17:00"),
        dates("2026-04-03", "2026-04-13")
    );
    for (delivered, when) in [
        ("2026-03-05", "2026-03-04 23:59"),
        ("2026-03-03", "2026-03-04 17:00"),
    ] {
        let refused = serve(Method::Direct, delivered, when);
        assert!(
            matches!(refused, Err(Illegal::DeliveryDay { .. })),
            "{delivered}"
        );
    }
    // The calendar ends with the year.
    let refused = serve(Method::Direct, "2026-12-30", "2026-12-30 10:00").unwrap_err();
    assert!(
        refused.to_string().ends_with("待节假日安排公布"),
        "{refused}"
    );
}

#[test]
fn service_without_proof_and_a_waiver_without_a_paper_cannot_be_said() {
    for step in [
        serde_json::json!({"action": "serve_notice", "method": {"method": "direct"}, "delivered_on": "2026-03-04"}),
        serde_json::json!({"action": "serve_notice", "method": {"method": "direct"}, "delivered_on": "2026-03-04", "proof": " "}),
        serde_json::json!({"action": "serve_notice", "method": {"method": "left"}, "delivered_on": "2026-03-04", "proof": "照片"}),
        serde_json::json!({"action": "serve_notice", "method": {"method": "electronic"}, "delivered_on": "2026-03-04", "proof": "回执"}),
        serde_json::json!({"action": "waive", "number": "放弃声明1号"}),
        serde_json::json!({"action": "waive", "digest": "00".repeat(32)}),
        serde_json::json!({"action": "waive", "number": "口头", "digest": ""}),
        serde_json::json!({"action": "refuse_exit", "reason": ""}),
        serde_json::json!({"action": "request_exit", "exit": {"exit": "revoked", "explanation": "  "}}),
        serde_json::json!({"action": "request_exit", "exit": {"exit": "repaired", "application": "1"}}),
        serde_json::json!({"action": "settle_dispute", "answer": "不成立"}),
    ] {
        assert!(
            serde_json::from_value::<Action>(step.clone()).is_err(),
            "{step}"
        );
    }
}

#[test]
fn a_waiver_cannot_come_before_service_by_publication() {
    let world = World::new();
    let (entry, _) = sample(&world, "issued");
    let officer = person(Role::Officer, "经手");
    let serve = Action::ServeNotice {
        method: Method::Publication,
        delivered_on: day("2026-03-04"),
        proof: text("报纸"),
    };
    let noticed = world
        .apply(&entry, &serve, &officer, "2026-03-04 17:00")
        .unwrap()
        .entry;
    let waive = |when| world.apply(&noticed, &action("waive", &noticed, when), &officer, when);
    let served_on = day("2026-04-03");
    assert_eq!(
        waive("2026-04-02 23:59").unwrap_err(),
        Illegal::WaiverBeforeService { served_on }
    );
    assert!(waive("2026-04-03 00:00").is_ok());
}

#[test]
fn a_decision_comes_the_minute_after_the_window_and_not_the_minute_before() {
    let world = World::new();
    let (entry, _) = sample(&world, "noticed");
    let decider = person(Role::Decider, OTHER);
    let decide = |when| world.apply(&entry, &action("decide", &entry, when), &decider, when);
    let window_end = day("2026-03-11");
    assert_eq!(
        decide("2026-03-11 23:59").unwrap_err(),
        Illegal::WindowOpen { window_end }
    );
    assert!(decide("2026-03-12 00:00").is_ok());
}

#[test]
fn statements_are_received_within_the_window_and_answered_one_by_one() {
    let world = World::new();
    let (entry, _) = sample(&world, "noticed");
    let officer = person(Role::Officer, "经手");
    let legal = person(Role::LegalReviewer, OTHER);
    let receive = |entry: &Entry, kind, number: &str, received: &str, when: &str| {
        let step = Action::ReceiveStatement {
            kind,
            number: text(number),
            received_on: day(received),
            digest: digest(),
        };
        world
            .apply(entry, &step, &officer, when)
            .map(|step| step.entry)
    };
    let statement = SubmissionKind::Statement;
    for (received, when) in [
        ("2026-03-12", "2026-03-12 09:00"),
        ("2026-03-03", "2026-03-12 09:00"),
        ("2026-03-11", "2026-03-10 09:00"),
    ] {
        let refused = receive(&entry, statement, "陈1", received, when);
        assert!(
            matches!(refused, Err(Illegal::OutsideWindow { .. })),
            "{received}"
        );
    }
    // Received on the last day, registered the week after.
    let one = receive(&entry, statement, "陈1", "2026-03-11", "2026-03-17 09:00").unwrap();
    let taken = receive(&one, statement, "陈1", "2026-03-11", "2026-03-17 09:00");
    assert_eq!(taken.unwrap_err(), Illegal::NumberTaken(text("陈1")));
    let hearing = SubmissionKind::Hearing;
    let two = receive(&one, hearing, "听1", "2026-03-10", "2026-03-17 09:00").unwrap();

    let answer = |entry: &Entry, number: &str| {
        let step = Action::AnswerStatement {
            number: text(number),
            answer: text(&format!("答{number}")),
            adopted: number == "陈1",
            reason: text("部分采纳"),
            digest: digest(),
        };
        world
            .apply(entry, &step, &legal, "2026-03-18 09:00")
            .map(|step| step.entry)
    };
    assert_eq!(
        answer(&two, "听1").unwrap_err(),
        Illegal::NotHeld(text("听1"))
    );
    assert_eq!(
        answer(&two, "陈9").unwrap_err(),
        Illegal::NoSubmission(text("陈9"))
    );
    let hold = |entry: &Entry, number: &str| {
        let step = Action::HoldHearing {
            number: text(number),
            held_on: day("2026-03-17"),
            minutes: text("听证笔录1"),
            digest: digest(),
        };
        world
            .apply(entry, &step, &officer, "2026-03-17 17:00")
            .map(|step| step.entry)
    };
    assert_eq!(hold(&two, "陈1").unwrap_err(), Illegal::NoHearing);
    let held = hold(&two, "听1").unwrap();
    let answered = answer(&held, "陈1").unwrap();
    assert!(matches!(
        answer(&answered, "陈1"),
        Err(Illegal::Again { .. })
    ));

    let decider = person(Role::Decider, OTHER);
    let when = "2026-03-19 09:00";
    let decide = |entry: &Entry, parts: DecisionParts| {
        world.apply(entry, &Action::Decide(Box::new(parts)), &decider, when)
    };
    assert_eq!(
        decide(&answered, draft(&answered, when)).unwrap_err(),
        Illegal::Unanswered {
            number: text("听1")
        }
    );
    let both = answer(&answered, "听1").unwrap();
    // The document must tell what the file holds.
    let silent = DecisionParts {
        heard: Some(Heard::Nothing),
        ..draft(&both, when)
    };
    assert_eq!(decide(&both, silent).unwrap_err(), Illegal::HeardDiffers);
    let mut turned = draft(&both, when);
    if let Some(Heard::Each { answers }) = &mut turned.heard {
        answers[0].adopted = false;
    }
    assert_eq!(decide(&both, turned).unwrap_err(), Illegal::HeardDiffers);
    // And the outcome is not heavier because of it.
    let heavier = DecisionParts {
        severity: Some(Severity::Serious),
        ..draft(&both, when)
    };
    assert!(matches!(
        decide(&both, heavier),
        Err(Illegal::Heavier { .. })
    ));
    let decided = decide(&both, draft(&both, when)).unwrap().entry;
    let Heard::Each { answers } = &decided.listed().unwrap().decision.heard else {
        panic!("two answers")
    };
    assert_eq!(answers.len(), 2);
}

#[test]
fn the_decision_is_not_heavier_than_the_notice() {
    let world = World::new();
    let (entry, _) = sample(&world, "noticed");
    let decider = person(Role::Decider, OTHER);
    let when = "2026-03-12 09:00";
    let decide = |severity| {
        let parts = DecisionParts {
            severity: Some(severity),
            ..draft(&entry, when)
        };
        world.apply(&entry, &Action::Decide(Box::new(parts)), &decider, when)
    };
    let minor = decide(Severity::Minor).unwrap().entry;
    assert_eq!(minor.severity, Some(Severity::Minor));
    assert!(decide(Severity::General).is_ok());
    assert!(matches!(
        decide(Severity::Serious),
        Err(Illegal::Heavier { .. })
    ));
}

#[test]
fn the_display_runs_from_the_decision_within_the_bounds_of_the_type() {
    let world = World::new();
    let (entry, _) = sample(&world, "noticed");
    let decider = person(Role::Decider, OTHER);
    let when = "2026-03-12 08:00";
    let until = |term: Option<&str>| {
        let parts = DecisionParts {
            term: term.map(|term| Span::parse(term).unwrap()),
            ..draft(&entry, when)
        };
        let step = world.apply(&entry, &Action::Decide(Box::new(parts)), &decider, when)?;
        let display = step.entry.listed().unwrap().display;
        assert_eq!(display.from.to_string(), "2026-03-12");
        assert_eq!(display.min_until.unwrap().to_string(), "2026-06-12");
        Ok::<_, Illegal>(display.until.to_string())
    };
    assert_eq!(until(None).unwrap(), "2027-03-12");
    assert_eq!(until(Some("6 months")).unwrap(), "2026-09-12");
    assert_eq!(until(Some("3 months")).unwrap(), "2026-06-12");
    assert_eq!(until(Some("92 days")).unwrap(), "2026-06-12");
    for term in ["91 days", "13 months", "366 days", "3 years"] {
        assert!(
            matches!(until(Some(term)), Err(Illegal::Term { .. })),
            "{term}"
        );
    }
}
