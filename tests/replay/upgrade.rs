//! A database from before the history goes on, and says what it cannot know.

use crate::{
    bureau::{Bureau, OPEN, behind, morning, rules},
    on_both,
    support::{TestStore, synthetic},
};

on_both!(a_database_from_before_the_history_goes_on);

fn a_database_from_before_the_history_goes_on(test: &TestStore) {
    let mut bureau = Bureau::new(test, &[rules("a", OPEN, 2)], 3);
    bureau.confirmed(1, "BAD", morning(7, 2));
    let earlier = bureau.stored().len();
    // As it was before the second migration.
    let down = if test.url.starts_with("sqlite:") {
        include_str!("../../migrations/sqlite/0002_history/down.sql")
    } else {
        include_str!("../../migrations/postgres/0002_history/down.sql")
    };
    behind(test, down);
    behind(
        test,
        "DELETE FROM __diesel_schema_migrations WHERE version = '0002'",
    );

    bureau.restart(&[rules("a", OPEN, 2)]);
    assert_eq!(bureau.night(morning(7, 3)).scored, 0);
    let found = bureau.replay();
    assert_eq!((found.before_history, found.replayed), (earlier, 0));
    // What was there is known from now on, with what comes.
    bureau.confirmed(1, "GOOD", morning(7, 4));
    let found = bureau.replay();
    assert_eq!((found.before_history, found.replayed), (earlier, 1));
    assert_eq!(found.differences, []);
    let known = bureau
        .app
        .store
        .read(|db| wuxin::store::history::known_at(db, &[synthetic::uscc(1)], morning(7, 3)));
    let known = known.unwrap();
    assert_eq!(
        known.dossiers[0].company,
        synthetic::company(1, "示例1物业服务有限公司")
    );
    assert_eq!(
        known.dossiers[0].contracts,
        [synthetic::contract("XM-1", 1, Some("2020-01-01"), None)]
    );
    assert_eq!(
        (known.dossiers[0].records.len(), known.entries.len()),
        (1, 1)
    );
}
