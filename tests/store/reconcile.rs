//! Comparisons with a platform, their differences, and what became of them.

use diesel::{RunQueryDsl, sql_query};
use wuxin::store::{
    StoreError,
    feed::{self, Comparison, KeptDifference, NewDifference, NewStanding, Standing},
};

use crate::{
    on_both,
    support::{TestStore, synthetic::at},
};

on_both!(
    a_comparison_is_kept_with_what_it_found,
    a_difference_is_unsettled_until_a_later_comparison_judges_it,
    the_last_one_that_could_compare_counts,
    nothing_of_it_can_be_changed_or_taken_away,
);

const TARGET: &str = "示例平台";

fn comparison(id: &str, day: i64, failed: Option<&str>) -> Comparison {
    Comparison {
        id: id.to_owned(),
        target: TARGET.to_owned(),
        source: "file".to_owned(),
        name: "导出.csv".to_owned(),
        run_by: "示例甲".to_owned(),
        started_at: at(day),
        finished_at: at(day),
        failed: failed.map(str::to_owned),
        expected: 5,
        shown: 6,
        in_flight: 1,
        counts: [1, 2, 3, 4, 5, 6],
    }
}

fn difference(key: &str) -> NewDifference {
    NewDifference {
        key: key.to_owned(),
        class: "MISSING".to_owned(),
        known: key != "other",
        record_id: (key != "other").then(|| "r".to_owned()),
        data: r#"{"class":"MISSING"}"#.to_owned(),
    }
}

fn keep(test: &TestStore, one: &Comparison, keys: &[&str]) {
    let found: Vec<NewDifference> = keys.iter().map(|key| difference(key)).collect();
    test.store
        .write(|db| feed::add_comparison(db, one, &found))
        .unwrap();
}

fn unsettled(test: &TestStore) -> Vec<KeptDifference> {
    test.store.read(|db| feed::unsettled(db, TARGET)).unwrap()
}

fn say(test: &TestStore, difference: i64, state: Standing) -> NewStanding {
    let standing = NewStanding {
        state,
        actor: "示例乙".to_owned(),
        words: "平台夜间未更新".to_owned(),
        change: (state == Standing::Repaired).then_some(7),
    };
    test.store
        .write(|db| feed::add_standing(db, difference, &standing, at(9)))
        .unwrap();
    standing
}

fn a_comparison_is_kept_with_what_it_found(test: &TestStore) {
    let (one, two) = (comparison("c1", 1, None), comparison("c2", 2, Some("超时")));
    keep(test, &one, &["a", "other"]);
    keep(test, &two, &[]);
    let read = test
        .store
        .read(|db| feed::comparisons(db, TARGET, 9))
        .unwrap();
    assert_eq!(read, [two, one.clone()]);
    let read = test.store.read(|db| feed::comparison(db, "c1")).unwrap();
    assert_eq!(read, Some(one));
    let found = test
        .store
        .read(|db| feed::differences_of(db, "c1"))
        .unwrap();
    let kept: Vec<NewDifference> = found.iter().map(|one| one.difference.clone()).collect();
    assert_eq!(kept, [difference("a"), difference("other")]);
    assert!(
        found
            .iter()
            .all(|one| one.is_open() && one.found_at == at(1))
    );
    let other = test
        .store
        .read(|db| feed::unsettled(db, "别的平台"))
        .unwrap();
    assert_eq!(other, []);
    let twice = test.store.write(|db| {
        feed::add_comparison(
            db,
            &comparison("c3", 3, None),
            &[difference("a"), difference("a")],
        )
    });
    assert!(twice.is_err(), "one finding is kept once");
    assert_eq!(
        test.store.read(|db| feed::comparison(db, "c3")).unwrap(),
        None
    );
}

fn a_difference_is_unsettled_until_a_later_comparison_judges_it(test: &TestStore) {
    keep(test, &comparison("c1", 1, None), &["a", "b", "c", "d"]);
    let ids: Vec<i64> = unsettled(test).iter().map(|one| one.id).collect();
    assert!(ids.is_sorted() && ids.len() == 4);
    let repaired = say(test, ids[0], Standing::Repaired);
    let explained = say(test, ids[1], Standing::Explained);
    say(test, ids[2], Standing::Gone);
    let left = unsettled(test);
    assert_eq!(
        left.iter().map(|one| one.id).collect::<Vec<_>>(),
        [ids[0], ids[1], ids[3]]
    );
    assert_eq!(left[0].standing, Some((repaired, at(9))));
    assert_eq!(left[1].standing, Some((explained, at(9))));
    assert!(left[2].is_open());
    // The last word counts.
    say(test, ids[0], Standing::Again);
    assert_eq!(unsettled(test).len(), 2);
}

fn the_last_one_that_could_compare_counts(test: &TestStore) {
    let last = |test: &TestStore| {
        test.store
            .read(|db| feed::last_compared(db, TARGET))
            .unwrap()
    };
    assert_eq!(last(test), None);
    keep(test, &comparison("c1", 1, None), &[]);
    keep(test, &comparison("c2", 2, None), &[]);
    keep(test, &comparison("c3", 3, Some("超时")), &[]);
    assert_eq!(last(test).unwrap().id, "c2");
}

fn nothing_of_it_can_be_changed_or_taken_away(test: &TestStore) {
    keep(test, &comparison("c1", 1, None), &["a"]);
    let id = unsettled(test)[0].id;
    say(test, id, Standing::Explained);
    for statement in [
        "UPDATE feed_comparison SET missing = 0",
        "DELETE FROM feed_comparison",
        "UPDATE feed_difference SET class = 'EXTRA'",
        "DELETE FROM feed_difference",
        "UPDATE feed_difference_event SET words = ''",
        "DELETE FROM feed_difference_event",
    ] {
        let changed = test
            .store
            .write(|db| Ok::<_, StoreError>(sql_query(statement).execute(db)?));
        assert!(changed.is_err(), "{statement}");
    }
}
