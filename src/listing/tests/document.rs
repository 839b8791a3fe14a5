//! What a decision document must say.

use super::{
    sample::{draft, sample},
    *,
};

fn complete() -> DecisionParts {
    let world = World::new();
    draft(&sample(&world, "noticed").0, "2026-03-12 09:00")
}

#[test]
fn an_empty_draft_is_told_everything_at_once() {
    let missing = DecisionDocument::parse(&DecisionParts::default(), true).unwrap_err();
    let all: Vec<Part> = Part::ALL
        .iter()
        .copied()
        // A measure that is not there cites nothing.
        .filter(|part| *part != Part::MeasureCitation)
        .collect();
    assert_eq!(missing, {
        let mut in_order = all;
        in_order.sort_by_key(|part| missing.iter().position(|one| one == part));
        in_order
    });
    let favourable = DecisionDocument::parse(&DecisionParts::default(), false).unwrap_err();
    assert_eq!(
        favourable,
        [
            Part::Number,
            Part::Facts,
            Part::Evidence,
            Part::Reason,
            Part::Clauses,
            Part::Heard,
            Part::Organ,
            Part::Dated,
            Part::Seal,
            Part::Digest,
        ]
    );
}

#[test]
fn each_part_alone_is_missed() {
    type Spoil = fn(&mut DecisionParts);
    let table: [(Part, Spoil); 21] = [
        (Part::Number, |one| one.number = Some(" ".into())),
        (Part::Facts, |one| one.facts = None),
        (Part::Evidence, |one| one.evidence = Some(vec![])),
        (Part::Evidence, |one| one.evidence = Some(vec!["".into()])),
        (Part::Reason, |one| one.reason = Some(String::new())),
        (Part::Clauses, |one| one.clauses = Some(vec![])),
        (Part::Severity, |one| one.severity = None),
        (Part::Measures, |one| one.measures = None),
        (Part::MeasureCitation, |one| {
            one.measures.as_mut().unwrap()[0].catalogue = None
        }),
        (Part::Removal, |one| one.removal = Some("\u{3000}".into())),
        (Part::RepairRoute, |one| {
            one.repair.as_mut().unwrap().route = None
        }),
        (Part::RepairNotice, |one| {
            one.repair.as_mut().unwrap().notice = None
        }),
        (Part::Heard, |one| one.heard = None),
        (Part::ReviewOrgan, |one| {
            one.remedies.as_mut().unwrap().review_organ = None
        }),
        (Part::ReviewDays, |one| {
            one.remedies.as_mut().unwrap().review_days = Some(30)
        }),
        (Part::Court, |one| {
            one.remedies.as_mut().unwrap().court = None
        }),
        (Part::LawsuitMonths, |one| {
            one.remedies.as_mut().unwrap().lawsuit_months = Some(3)
        }),
        (Part::Organ, |one| one.organ = None),
        (Part::Dated, |one| one.dated = None),
        (Part::Seal, |one| one.seal = None),
        (Part::Digest, |one| one.digest = None),
    ];
    assert!(DecisionDocument::parse(&complete(), true).is_ok());
    for (part, spoil) in table {
        let mut parts = complete();
        spoil(&mut parts);
        assert_eq!(DecisionDocument::parse(&parts, true), Err(vec![part]));
    }
}

#[test]
fn an_incomplete_decision_is_refused_in_words_and_a_wrong_day_too() {
    let world = World::new();
    let (entry, _) = sample(&world, "noticed");
    let decider = person(Role::Decider, "另一");
    let decide = |parts: DecisionParts| {
        let decide = Action::Decide(Box::new(parts));
        world.apply(&entry, &decide, &decider, "2026-03-12 09:00")
    };
    let refused = decide(DecisionParts {
        seal: None,
        facts: None,
        ..complete()
    });
    assert_eq!(
        refused.unwrap_err().to_string(),
        "决定书不完整或不合规定，缺：认定的事实、印章"
    );
    let early = decide(DecisionParts {
        dated: Some(day("2026-03-11")),
        ..complete()
    });
    assert!(matches!(early, Err(Illegal::Dated { .. })));
    let none = decide(DecisionParts {
        measures: Some(vec![]),
        ..complete()
    });
    assert!(none.is_ok(), "no measure, and it says so");
    let unknown = serde_json::json!({"action": "decide", "terms": "3 months"});
    assert!(serde_json::from_value::<Action>(unknown).is_err());
}
