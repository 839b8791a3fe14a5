//! Stored scores come out again, and one that was tampered with does not.

use wuxin::{
    domain::Day,
    service::{self, Correction, Error},
    store::{companies, contracts},
};

use crate::{
    bureau::{Bureau, OPEN, behind, morning, reviewer, rules, unlock},
    on_both,
    support::{TestStore, synthetic},
};

on_both!(
    every_stored_score_comes_out_again,
    a_score_as_it_was_known_is_the_one_stored_then,
    exactly_the_score_that_was_tampered_with_is_found,
    a_rule_text_that_is_gone_is_found_by_its_digest,
    a_grade_by_rank_is_replayed_with_everybody,
    an_alarm_stands_until_somebody_answers_for_it,
);

/// Weeks of work: records confirmed, corrected, revoked and rectified, the registry changed, a contract taken out, lists
/// opened, nights passed.
fn worked(bureau: &Bureau) {
    let (app, store) = (&bureau.app, &bureau.app.store);
    let first = bureau.confirmed(1, "GOOD", morning(7, 2));
    bureau.confirmed(2, "BAD", morning(7, 3));
    bureau.confirmed(3, "GOOD", morning(7, 3));
    let draft = service::RecordDraft {
        item: Some("BAD".to_owned()),
        company: Some(synthetic::uscc(1).to_string()),
        decided_on: Some("2026-07-02".to_owned()),
        ..service::RecordDraft::default()
    };
    let correction = Correction {
        version: 2,
        reason: "条目有误".to_owned(),
        record: draft,
    };
    let actor = wuxin::service::Actor {
        id: "a-third".to_owned(),
        ..reviewer()
    };
    store
        .write(|db| service::correct_record(db, app, &actor, &first, &correction, morning(7, 5)))
        .unwrap();
    let mut renamed = synthetic::company(1, "示例改名物业服务有限公司");
    renamed.registered_on = Some(synthetic::day("2025-05-05"));
    store
        .write(|db| companies::put(db, &[renamed.clone()], morning(7, 6)))
        .unwrap();
    let third = wuxin::service::Actor {
        id: "a-fourth".to_owned(),
        ..reviewer()
    };
    store
        .write(|db| service::revoke_record(db, app, &third, &first, 3, "查无实据", morning(7, 7)))
        .unwrap();
    let gone = synthetic::contract("XM-3", 3, Some("2020-01-01"), None);
    store
        .write(|db| contracts::remove(db, &gone, morning(7, 8)))
        .unwrap();
    bureau.confirmed(3, "GOOD", morning(7, 9));
    for day in [10, 20, 30] {
        bureau.night(morning(7, day));
    }
}

fn every_stored_score_comes_out_again(test: &TestStore) {
    let bureau = Bureau::new(test, &[rules("a", OPEN, 2)], 4);
    worked(&bureau);
    let found = bureau.replay();
    assert_eq!(found.differences, []);
    assert_eq!(found.replayed, bureau.stored().len());
    assert_eq!((found.overlapped, found.before_history), (0, 0));
    assert!(found.replayed >= 9, "{}", found.replayed);
}

fn a_score_as_it_was_known_is_the_one_stored_then(test: &TestStore) {
    let bureau = Bureau::new(test, &[rules("a", OPEN, 2)], 4);
    worked(&bureau);
    let store = &bureau.app.store;
    for stored in bureau.stored() {
        let result = &stored.result;
        let then = store
            .read(|db| {
                let company = Some(result.company);
                service::score_known_at(db, result.as_of, stored.computed_at, company)
            })
            .unwrap();
        let kept: serde_json::Value = serde_json::from_str(&result.explanation).unwrap();
        let [score] = &then.scores[..] else {
            panic!("one company was asked for: {:?}", then.scores);
        };
        // In the order of the text, so that the comparison is of bytes.
        let text = serde_json::to_string(score).unwrap();
        assert!(result.explanation.contains(&text), "{text}\n{kept}");
        assert_eq!(then.ruleset.digest(), result.ruleset_digest);
    }
    // All at once is each alone, and what was not known yet is not there.
    let all = store
        .read(|db| service::score_known_at(db, Day::of(morning(7, 4)), morning(7, 4), None))
        .unwrap();
    assert_eq!(all.scores.len(), 4);
    let before = |company| {
        store.read(|db| service::score_known_at(db, Day::of(morning(6, 1)), morning(6, 1), company))
    };
    assert!(matches!(before(None), Err(Error::Missing { .. })));
}

fn exactly_the_score_that_was_tampered_with_is_found(test: &TestStore) {
    let bureau = Bureau::new(test, &[rules("a", OPEN, 2)], 4);
    worked(&bureau);
    unlock(test, "score");
    let code = synthetic::uscc(2);
    behind(
        test,
        &format!(
            "UPDATE score SET explanation = replace(explanation, '-40', '-10') WHERE company = '{code}' AND seq = 2"
        ),
    );
    let found = bureau.replay();
    let [one] = &found.differences[..] else {
        panic!("{:?}", found.differences);
    };
    assert_eq!((one.company.clone(), one.seq), (code.to_string(), 2));
    let (_, stored, again) = one.line.clone().unwrap();
    assert!(
        stored.contains("-10") && again.contains("-40"),
        "{stored} | {again}"
    );

    // A column beside the explanation counts as well, and so does the current result.
    behind(test, "UPDATE score SET points = points + 1 WHERE seq = 1");
    assert_eq!(bureau.replay().differences.len(), 5);
    behind(test, "UPDATE score SET points = points - 1 WHERE seq = 1");
    let code = synthetic::uscc(4);
    behind(
        test,
        &format!("UPDATE score_current SET grade = 'B' WHERE company = '{code}'"),
    );
    let found = bureau.replay();
    let last = found.differences.last().unwrap();
    assert_eq!(
        (found.differences.len(), &last.company),
        (2, &code.to_string())
    );
}

fn a_rule_text_that_is_gone_is_found_by_its_digest(test: &TestStore) {
    let mut bureau = Bureau::new(test, &[rules("a", OPEN, 2)], 2);
    bureau.confirmed(1, "GOOD", morning(7, 2));
    // The same id with another text, then another id.
    bureau.restart(&[rules("a", OPEN, 3)]);
    assert_eq!(bureau.night(morning(7, 3)).changed, 2);
    bureau.restart(&[rules("b", OPEN, 4)]);
    assert_eq!(bureau.night(morning(7, 4)).changed, 2);
    let found = bureau.replay();
    assert_eq!((found.differences.len(), found.replayed), (0, 7));
    let score = |day| {
        let then = bureau.app.store.read(|db| {
            let company = Some(synthetic::uscc(1));
            service::score_known_at(db, Day::of(morning(7, 4)), morning(7, day), company)
        });
        then.unwrap().scores[0].score.to_string()
    };
    assert_eq!([score(2), score(3), score(4)], ["82.0", "83.0", "84.0"]);
}

fn a_grade_by_rank_is_replayed_with_everybody(test: &TestStore) {
    let ranked = rules("a", OPEN, 2)
        .replace("from = 60", "top = \"50%\"")
        .replace("below = 60", "");
    let bureau = Bureau::new(test, &[ranked], 4);
    bureau.confirmed(1, "GOOD", morning(7, 2));
    bureau.confirmed(2, "BAD", morning(7, 3));
    let found = bureau.replay();
    assert_eq!(found.differences, []);
    assert_eq!(found.replayed, bureau.stored().len());
}

fn an_alarm_stands_until_somebody_answers_for_it(test: &TestStore) {
    let bureau = Bureau::new(test, &[rules("a", OPEN, 2)], 2);
    unlock(test, "score");
    behind(test, "UPDATE score SET grade = 'B'");
    let store = &bureau.app.store;
    let found = bureau.replay();
    // Both rows and what is current beside them.
    let raise = |day| {
        store
            .write(|db| service::raise(db, &found.differences, morning(7, day)))
            .unwrap()
    };
    let alarms = || store.read(service::alarms).unwrap();
    assert_eq!(alarms(), []);
    assert_eq!((raise(2), raise(3)), (2, 0));
    let standing = alarms();
    assert_eq!(
        (standing[0].code, standing[0].count),
        ("replay-difference", 2)
    );
    assert!(standing[0].since.starts_with("2026-07-02T01:00:00"));
    let answered = store
        .write(|db| service::acknowledge(db, "operator", "试验", morning(7, 4)))
        .unwrap();
    assert_eq!((answered, alarms().len()), (2, 0));
    assert_eq!((raise(5), alarms().len()), (2, 1));
}
