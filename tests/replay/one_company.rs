//! After one record, what is read is that company's: no query walks a table that grows with the city.

use std::{cell::RefCell, collections::BTreeSet};

use diesel::{
    QueryableByName, RunQueryDsl,
    connection::{InstrumentationEvent, set_default_instrumentation},
    sql_query,
    sql_types::Text,
};
use wuxin::store::{Db, StoreError};

use crate::{
    bureau::{Bureau, OPEN, morning, rules},
    support::TestStore,
};

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

thread_local! {
    /// What this thread has sent to a database, while it wants to know.
    static SENT: RefCell<Option<BTreeSet<String>>> = const { RefCell::new(None) };
}

/// The texts of the queries that some work sends.
fn sent_by(work: impl FnOnce()) -> BTreeSet<String> {
    SENT.set(Some(BTreeSet::new()));
    work();
    SENT.take().unwrap_or_default()
}

fn listen() {
    set_default_instrumentation(|| {
        Some(Box::new(|event: InstrumentationEvent<'_>| {
            let InstrumentationEvent::StartQuery { query, .. } = event else {
                return;
            };
            SENT.with_borrow_mut(|sent| {
                let text = query.to_string();
                let text = text
                    .split(" -- binds:")
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                sent.iter_mut()
                    .for_each(|sent| _ = sent.insert(text.clone()));
            });
        }))
    })
    .unwrap();
}

/// The steps of the plans of reading queries, updates and deletions that walk a table: with the query.
fn walks(db: &mut Db, queries: &BTreeSet<String>) -> Vec<(String, String)> {
    let Db::Lite(db) = db else {
        panic!("plans are read on SQLite only");
    };
    let mut found = Vec::new();
    for query in queries {
        let first = query.split_whitespace().next().unwrap_or_default();
        if !["SELECT", "UPDATE", "DELETE"].contains(&first) {
            continue;
        }
        let steps: Vec<Step> = sql_query(format!("EXPLAIN QUERY PLAN {query}"))
            .load(db)
            .unwrap();
        // The newest row of a table is found at its end.
        let newest = query.contains("`rule_book`");
        for step in steps {
            let table = step.detail.starts_with("SCAN") && step.detail != "SCAN CONSTANT ROW";
            if table && !newest {
                found.push((step.detail, query.clone()));
            }
        }
    }
    found
}

#[test]
fn one_record_reads_one_company() {
    listen();
    let test = TestStore::sqlite();
    let bureau = Bureau::new(&test, &[rules("a", OPEN, 2)], 5);
    bureau.confirmed(2, "BAD", morning(7, 2));
    let sent = sent_by(|| _ = bureau.confirmed(2, "GOOD", morning(7, 3)));
    for table in [
        "company",
        "contract",
        "record",
        "entry",
        "score_current",
        "score",
    ] {
        let read =
            |query: &String| query.starts_with("SELECT") && query.contains(&format!("`{table}`"));
        assert!(sent.iter().any(read), "{table} is not read: {sent:#?}");
    }
    let walked = |queries: &BTreeSet<String>| {
        let store = &bureau.app.store;
        store
            .read::<_, StoreError>(|db| Ok(walks(db, queries)))
            .unwrap()
    };
    assert_eq!(walked(&sent), []);
    // As it was known once: the same.
    let then = sent_by(|| {
        let store = &bureau.app.store;
        let day = wuxin::domain::Day::of(morning(7, 3));
        let company = Some(crate::support::synthetic::uscc(2));
        let known =
            store.read(|db| wuxin::service::score_known_at(db, day, morning(7, 2), company));
        assert_eq!(known.unwrap().scores.len(), 1);
    });
    assert!(then.iter().any(|query| query.contains("`fact_version`")));
    assert_eq!(walked(&then), []);
    // And a walk is seen for what it is.
    let all = BTreeSet::from(["SELECT * FROM record WHERE reason = 'x'".to_owned()]);
    assert_eq!(walked(&all).len(), 1);
}
