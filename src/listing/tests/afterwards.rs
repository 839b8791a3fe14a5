//! From the decision on: service, publication, corrections, hiding, ways out and back; and what no file may hold.

use super::{
    sample::{action, draft, sample},
    *,
};

const OTHER: &str = "另一";

#[test]
fn higher_approval_comes_before_the_service_where_the_type_asks_for_it() {
    let world = World::with_higher_approval();
    let (entry, _) = {
        let plain = World::new();
        sample(&plain, "decided")
    };
    let officer = person(Role::Officer, OTHER);
    let when = "2026-03-12 10:00";
    let step = |entry: &Entry, name| world.apply(entry, &action(name, entry, when), &officer, when);
    assert!(matches!(
        step(&entry, "serve_decision"),
        Err(Illegal::NoHigherApproval { .. })
    ));
    let approved = step(&entry, "approve_higher").unwrap().entry;
    assert!(matches!(
        step(&approved, "approve_higher"),
        Err(Illegal::Again { .. })
    ));
    assert!(step(&approved, "serve_decision").is_ok());
}

#[test]
fn publication_needs_service_the_repair_notice_and_for_minor_matters_a_reason() {
    let world = World::new();
    let (officer, publisher) = (person(Role::Officer, OTHER), person(Role::Publisher, OTHER));
    let (entry, _) = sample(&world, "decided");
    let serve = |entry: &Entry, method: Method, repair_notice: Option<Text>| {
        let service = DecisionService {
            method,
            delivered_on: day("2026-03-12"),
            proof: text("送达回证"),
            repair_notice,
        };
        world
            .apply(
                entry,
                &Action::ServeDecision(service),
                &officer,
                "2026-03-12 10:00",
            )
            .map(|step| step.entry)
    };
    let notice = || Some(text("示例修复告知〔2026〕1号"));
    assert_eq!(
        serve(&entry, Method::Direct, None).unwrap_err(),
        Illegal::NoRepairNotice
    );
    let publish = |entry: &Entry, exceptionally: Option<Text>, when: &str| {
        let publish = Action::Publish {
            exceptionally,
            digest: digest(),
        };
        world.apply(entry, &publish, &publisher, when)
    };
    let posted = serve(&entry, Method::Publication, notice()).unwrap();
    let served_on = day("2026-04-11");
    assert_eq!(
        publish(&posted, None, "2026-04-10 23:59").unwrap_err(),
        Illegal::DecisionNotServed { served_on }
    );
    let late = |entry: &Entry, when| {
        let step = publish(entry, None, when).unwrap();
        step.entry.public().unwrap().late
    };
    assert!(late(&posted, "2026-04-11 00:00"));
    let served = serve(&entry, Method::Direct, notice()).unwrap();
    assert!(!late(&served, "2026-03-23 23:59"));
    assert!(late(&served, "2026-03-24 00:00"));

    let (noticed, _) = sample(&world, "noticed");
    let when = "2026-03-12 00:00";
    let parts = DecisionParts {
        severity: Some(Severity::Minor),
        ..draft(&noticed, when)
    };
    let decider = person(Role::Decider, OTHER);
    let minor = world.apply(&noticed, &Action::Decide(Box::new(parts)), &decider, when);
    let minor = serve(&minor.unwrap().entry, Method::Direct, notice()).unwrap();
    let refused = publish(&minor, None, "2026-03-13 09:00").unwrap_err();
    assert_eq!(
        refused.to_string(),
        "轻微失信信息以不公示为原则；确需公示的，应写明依据"
    );
    assert!(publish(&minor, Some(text("示例办法第三条")), "2026-03-13 09:00").is_ok());
}

#[test]
fn a_repair_waits_for_the_shortest_display_and_for_its_acceptance() {
    let world = World::new();
    let officer = person(Role::Officer, OTHER);
    let ask = |entry: &Entry, when| {
        world.apply(entry, &action("ask_repair", entry, when), &officer, when)
    };
    let (entry, _) = sample(&world, "decided");
    assert_eq!(
        ask(&entry, "2026-07-01 09:00").unwrap_err(),
        Illegal::NothingToRepair
    );
    let (entry, _) = sample(&world, "public");
    let min_until = day("2026-06-12");
    assert_eq!(
        ask(&entry, "2026-06-12 23:59").unwrap_err(),
        Illegal::BeforeMinimum { min_until }
    );
    let asked = ask(&entry, "2026-06-13 00:00").unwrap().entry;
    let decider = person(Role::Decider, OTHER);
    let when = "2026-06-15 09:00";
    let refused = world.apply(&asked, &action("approve", &asked, when), &decider, when);
    assert_eq!(refused.unwrap_err(), Illegal::NotAccepted);
}

#[test]
fn a_repair_by_fraud_is_undone_and_the_period_starts_again() {
    let world = World::new();
    let (entry, _) = sample(&world, "restored");
    let published = entry.public().unwrap();
    let display = published.decided.display;
    assert_eq!(display.from, day("2026-06-13"));
    assert_eq!(display.until, day("2027-06-13"));
    assert_eq!(display.min_until, Some(day("2026-09-13")));
    let restoration = published.restoration.as_ref().unwrap();
    assert_eq!(restoration.before.until, day("2027-03-12"));
    assert_eq!(restoration.undone.number, Some(text("approve1号")));
    let (expired, _) = sample(&world, "expired");
    let officer = person(Role::Officer, OTHER);
    let when = "2027-03-14 09:00";
    let step = action("ask_restoration", &expired, when);
    assert_eq!(
        world.apply(&expired, &step, &officer, when).unwrap_err(),
        Illegal::NothingToRestore
    );
}

#[test]
fn a_correction_says_something_and_never_lengthens() {
    let world = World::new();
    let (entry, _) = sample(&world, "upheld");
    let decider = person(Role::Decider, OTHER);
    let correct = |correction: Correction| {
        let step = Action::Correct {
            correction,
            explanation: text("原列入事由表述有误"),
            number: text("更正1号"),
            digest: digest(),
        };
        world.apply(&entry, &step, &decider, "2026-03-16 09:00")
    };
    assert_eq!(
        correct(Correction::default()).unwrap_err(),
        Illegal::NothingCorrected
    );
    let until = |raw: &str| Correction {
        until: Some(day(raw)),
        ..Correction::default()
    };
    for wrong in ["2027-03-13", "2026-03-11"] {
        let refused = correct(until(wrong));
        assert!(
            matches!(refused, Err(Illegal::CorrectedTerm { .. })),
            "{wrong}"
        );
    }
    let corrected = correct(Correction {
        facts: Some(text("两个项目未按约定提供服务")),
        ..until("2026-12-31")
    });
    let corrected = corrected.unwrap().entry;
    let published = corrected.public().unwrap();
    assert_eq!(published.decided.display.until, day("2026-12-31"));
    assert_eq!(
        published.decided.facts(),
        Some(&text("两个项目未按约定提供服务"))
    );
    assert_eq!(
        published.dispute, None,
        "the objection that was right is done with"
    );
}

#[test]
fn people_do_not_hide_for_the_service_nor_the_service_for_people() {
    let world = World::new();
    let (entry, _) = sample(&world, "public");
    let when = "2026-03-12 09:00";
    let try_it = |entry: &Entry, name, role| {
        world.apply(
            entry,
            &action(name, entry, when),
            &person(role, OTHER),
            when,
        )
    };
    for (name, role) in [("exclude", Role::Decider), ("shield", Role::System)] {
        assert_eq!(
            try_it(&entry, name, role).unwrap_err(),
            Illegal::ShieldCause
        );
    }
    for (state, role) in [("shielded", Role::System), ("excluded", Role::Decider)] {
        let (entry, _) = sample(&world, state);
        assert_eq!(entry.public(), None);
        assert_eq!(entry.in_force(), None, "its measures rest");
        assert!(entry.listed().is_some());
        assert_eq!(
            try_it(&entry, "unshield", role).unwrap_err(),
            Illegal::ShieldCause
        );
    }
}

#[test]
fn an_entry_is_handled_under_its_own_list_only() {
    let world = World::new();
    let (entry, _) = sample(&world, "proposed");
    let red = world.types.get("red").unwrap();
    let when = "2026-03-05 09:00";
    let step = action("review", &entry, when);
    let actor = person(Role::LegalReviewer, OTHER);
    let refused = apply(&entry, &step, &actor, at(when), red, &world.calendar);
    assert!(matches!(refused, Err(Illegal::OtherList { .. })));
}

#[test]
fn no_personal_number_gets_into_a_file() {
    let world = World::new();
    let (entry, _) = sample(&world, "noticed");
    let decider = person(Role::Decider, OTHER);
    let when = "2026-03-12 09:00";
    for number in ["110101199003070011", "13800138000", "138 0013 8000"] {
        let mut parts = draft(&entry, when);
        parts.facts = Some(format!("负责人（{number}）拒不整改"));
        let refused = world.apply(&entry, &Action::Decide(Box::new(parts)), &decider, when);
        let Err(Illegal::Personal { field, shown, .. }) = refused else {
            panic!("{number}: {refused:?}")
        };
        assert_eq!(field, "facts");
        assert!(!number.contains(&shown), "{shown}");
        let mut proposal = proposal(2);
        proposal.reason = text(&format!("电话{number}"));
        let refused = world.propose(proposal, when);
        assert!(matches!(refused, Err(Illegal::Personal { .. })), "{number}");
    }
    let named = |name: &str| {
        let mut proposal = proposal(3);
        proposal.persons = vec![LinkedPerson {
            name: text(name),
            link: Link::LegalRepresentative,
        }];
        world.propose(proposal, when)
    };
    assert_eq!(named("示例甲").unwrap().entry.persons.len(), 1);
    for name in ["示例甲 110101199003070011", "甲1", "１２３"] {
        assert!(matches!(named(name), Err(Illegal::PersonName(_))), "{name}");
    }
}

#[test]
fn a_company_on_watch_cannot_be_on_red() {
    let world = World::new();
    let (watch, _) = sample(&world, "public");
    let red = |number, whose, class| Entry {
        id: uuid::Uuid::from_u128(number),
        company: company(whose),
        class,
        ..sample(&world, "decided").0
    };
    let same = red(2, 1, ListClass::Red);
    let other = red(3, 2, ListClass::Red);
    let warned = red(4, 2, ListClass::Warning);
    let expected = vec![Conflict {
        red: same.id,
        adverse: watch.id,
    }];
    let all = [watch.clone(), same, other, warned];
    assert_eq!(conflicts(&all, None), expected);

    // A red entry that is only noticed does not conflict yet; asked for as the one to be decided, it does.
    let mut pending = sample(&world, "noticed").0;
    pending.id = uuid::Uuid::from_u128(5);
    pending.class = ListClass::Red;
    let both = [watch, pending.clone()];
    assert_eq!(conflicts(&both, None), vec![]);
    assert_eq!(conflicts(&both, Some(pending.id)).len(), 1);
    // One that is hidden still stands; one that is out excludes nothing.
    for (state, excluding) in [("shielded", 1), ("expired", 0), ("revoked", 0)] {
        let both = [sample(&world, state).0, pending.clone()];
        assert_eq!(
            conflicts(&both, Some(pending.id)).len(),
            excluding,
            "{state}"
        );
    }
}

#[test]
fn texts_and_digests_hold_what_they_say() {
    assert_eq!(Text::parse(" \t"), Err(TextError::Empty));
    assert_eq!(text(" 理由 ").as_str(), "理由");
    assert!(serde_json::from_str::<Text>("\"  \"").is_err());
    assert!(DocumentDigest::parse("0A").is_err());
    assert_eq!(DocumentDigest::parse(&"0A".repeat(32)), Ok(digest()));
}
