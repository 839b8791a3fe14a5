//! Scores and rule sets.

use std::collections::BTreeSet;

use diesel::{RunQueryDsl, sql_query};
use wuxin::{
    domain::Points,
    store::{
        StoreError, rulesets,
        scores::{self, NewScore, RankCursor, ScoreCause},
    },
};

use crate::{
    on_both,
    support::{TestStore, synthetic::*},
};

on_both!(
    an_equal_result_is_not_kept_twice,
    points_are_ordered_as_numbers,
    companies_are_due_on_the_day_their_result_changes,
    results_can_neither_be_edited_nor_deleted,
    a_rule_text_is_kept_once,
);

fn result(company: u32, score: &str, grade: &str) -> NewScore {
    NewScore {
        company: uscc(company),
        ruleset: "示例-2022".to_owned(),
        ruleset_digest: "d1".to_owned(),
        as_of: day("2026-03-01"),
        score: Points::parse(score).unwrap(),
        grade: grade.to_owned(),
        rated: true,
        next_change_on: Some(day("2026-06-01")),
        digest: format!("{score}/{grade}"),
        explanation: format!(r#"{{"score":"{score}"}}"#),
        cause: ScoreCause::NewFact,
        cause_record: Some("r1".to_owned()),
    }
}

fn an_equal_result_is_not_kept_twice(test: &TestStore) {
    let put = |new: &NewScore, minute| {
        test.store
            .write(|db| scores::put(db, new, at(minute)))
            .unwrap()
    };
    let mut new = result(1, "93.5", "A");
    assert!(put(&new, 0));
    new.as_of = day("2026-03-02");
    assert!(!put(&new, 1));
    let current = || {
        test.store
            .read(|db| scores::current(db, &uscc(1), "示例-2022"))
            .unwrap()
            .unwrap()
    };
    assert_eq!((current().seq, current().as_of), (1, day("2026-03-02")));
    assert_eq!(current().computed_at, at(0));
    // An earlier day does not turn it back.
    new.as_of = day("2026-02-01");
    assert!(!put(&new, 2));
    assert_eq!(current().as_of, day("2026-03-02"));

    let mut next = result(1, "90", "A");
    next.cause = ScoreCause::Correction;
    let other = result(2, "80", "B");
    let changed = test
        .store
        .write(|db| scores::put_many(db, &[next.clone(), other.clone()], at(3)))
        .unwrap();
    assert_eq!(changed, BTreeSet::from([uscc(1), uscc(2)]));
    assert_eq!((current().seq, current().score), (2, next.score));
    let trend = test
        .store
        .read(|db| scores::trend(db, &uscc(1), "示例-2022", 10))
        .unwrap();
    assert_eq!(trend[0].result, next);
    let seqs: Vec<i64> = trend.iter().map(|score| score.seq).collect();
    assert_eq!(seqs, [2, 1]);
    let first = test
        .store
        .read(|db| scores::find(db, &uscc(1), "示例-2022", 1))
        .unwrap()
        .unwrap();
    assert_eq!(first.result, result(1, "93.5", "A"));
    // A new rule text is news even if nothing else is.
    next.ruleset_digest = "d2".to_owned();
    assert!(put(&next, 4));
    assert_eq!(current().seq, 3);
    let all = test
        .store
        .read(|db| scores::of_company(db, &uscc(1)))
        .unwrap();
    assert_eq!(all, [current()]);
}

fn points_are_ordered_as_numbers(test: &TestStore) {
    let points = [
        "9",
        "100",
        "-0.5",
        "99.9999",
        "-10",
        "0",
        "100",
        "1000000000",
    ];
    let all: Vec<NewScore> = points
        .iter()
        .zip(1..)
        .map(|(score, number)| result(number, score, if number % 2 == 0 { "A" } else { "B" }))
        .collect();
    let unrated = NewScore {
        rated: false,
        ..result(99, "500", "A")
    };
    test.store
        .write(|db| {
            scores::put_many(db, &all, at(0))?;
            scores::put(db, &unrated, at(0))
        })
        .unwrap();
    let (mut seen, mut after): (Vec<String>, Option<RankCursor>) = (Vec::new(), None);
    loop {
        let page = test
            .store
            .read(|db| scores::ranking(db, "示例-2022", None, after.as_ref(), 3))
            .unwrap();
        seen.extend(page.rows.iter().map(|score| score.score.to_string()));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(
        seen,
        [
            "1000000000",
            "100",
            "100",
            "99.9999",
            "9",
            "0",
            "-0.5",
            "-10"
        ]
    );
    let grade_a = test
        .store
        .read(|db| scores::ranking(db, "示例-2022", Some("A"), None, 10))
        .unwrap();
    assert_eq!(grade_a.rows.len(), 4);
    let grades = test
        .store
        .read(|db| scores::grades(db, "示例-2022"))
        .unwrap();
    assert_eq!(grades, [("A".to_owned(), 4), ("B".to_owned(), 4)]);
}

fn companies_are_due_on_the_day_their_result_changes(test: &TestStore) {
    let with = |number, next: Option<&str>| NewScore {
        next_change_on: next.map(day),
        ..result(number, "80", "B")
    };
    let all = [
        with(1, Some("2026-03-02")),
        with(2, Some("2026-03-01")),
        with(3, None),
        with(4, Some("2026-02-28")),
        with(5, Some("2026-12-01")),
    ];
    test.store
        .write(|db| scores::put_many(db, &all, at(0)))
        .unwrap();
    let due = |until: &str, after: Option<u32>, limit| {
        test.store
            .read(|db| scores::due(db, "示例-2022", day(until), after.map(uscc).as_ref(), limit))
            .unwrap()
    };
    assert_eq!(due("2026-02-27", None, 10).rows, []);
    assert_eq!(due("2026-03-01", None, 10).rows, [uscc(2), uscc(4)]);
    let page = due("2026-03-02", None, 2);
    assert_eq!(
        (page.rows, page.next),
        (vec![uscc(1), uscc(2)], Some(uscc(2)))
    );
    assert_eq!(due("2026-03-02", Some(2), 2).rows, [uscc(4)]);
}

fn results_can_neither_be_edited_nor_deleted(test: &TestStore) {
    test.store
        .write(|db| scores::put(db, &result(1, "80", "B"), at(0)))
        .unwrap();
    for statement in ["UPDATE score SET grade = 'A'", "DELETE FROM score"] {
        let error = test
            .store
            .write(|db| Ok::<_, StoreError>(sql_query(statement).execute(db)?))
            .unwrap_err();
        assert!(
            error.to_string().contains("append-only"),
            "{statement}: {error}"
        );
    }
}

fn a_rule_text_is_kept_once(test: &TestStore) {
    let put = |digest: &str, source: &str, minute| {
        test.store
            .write(|db| rulesets::put(db, "示例-2022", digest, source, at(minute)))
            .unwrap()
    };
    assert!(put("d1", "# 示例", 0));
    assert!(!put("d1", "# 示例", 1));
    assert!(put("d2", "# 示例二", 2));
    let versions = test
        .store
        .read(|db| rulesets::versions(db, "示例-2022"))
        .unwrap();
    let told: Vec<_> = versions
        .iter()
        .map(|v| (v.digest.as_str(), v.source.as_str(), v.loaded_at))
        .collect();
    assert_eq!(told, [("d1", "# 示例", at(0)), ("d2", "# 示例二", at(2))]);
    let found = test
        .store
        .read(|db| rulesets::find(db, "示例-2022", "d3"))
        .unwrap();
    assert_eq!(found, None);
}
