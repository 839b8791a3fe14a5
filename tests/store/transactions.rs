//! Transactions: whole or not at all, and as if alone.

use std::sync::atomic::{AtomicU32, Ordering};

use wuxin::store::{StoreError, audit, audit::NewAudit, companies, rulesets};

use crate::{
    on_both,
    support::{TestStore, synthetic::*},
};

on_both!(
    of_many_concurrent_writes_none_is_lost_and_none_fails,
    a_read_then_write_is_as_if_it_ran_alone,
    an_error_undoes_everything,
    a_panic_undoes_everything_and_the_store_goes_on,
    a_write_in_a_read_is_refused,
    async_code_reads_and_writes_without_blocking_its_thread,
    a_second_store_on_the_same_database_sees_what_the_first_one_stored,
);

fn line(number: u32) -> NewAudit {
    NewAudit {
        company: Some(uscc(number)),
        actor: "示例".to_owned(),
        action: "write".to_owned(),
        subject: number.to_string(),
        data: "{}".to_owned(),
    }
}

fn of_many_concurrent_writes_none_is_lost_and_none_fails(test: &TestStore) {
    const THREADS: u32 = 8;
    const EACH: u32 = 50;
    let failed = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let failed = &failed;
            scope.spawn(move || {
                for round in 0..EACH {
                    let number = thread * EACH + round;
                    let written = test.store.write(|db| {
                        companies::find(db, &uscc(number))?;
                        companies::put(db, &[company(number, "示例物业")], at(0))?;
                        audit::append(db, &line(number), at(0))
                    });
                    if let Err(error) = written {
                        eprintln!("{number}: {error}");
                        failed.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(failed.into_inner(), 0);
    let count = test.store.read(companies::count).unwrap();
    assert_eq!(count, i64::from(THREADS * EACH));
    let trail = test
        .store
        .read(|db| audit::page(db, None, None, 1_000))
        .unwrap();
    assert_eq!(trail.rows.len(), (THREADS * EACH) as usize);
}

fn a_read_then_write_is_as_if_it_ran_alone(test: &TestStore) {
    // Each adds one to a number that it reads first: lost updates would show.
    const THREADS: usize = 4;
    const EACH: usize = 10;
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(move || {
                for _ in 0..EACH {
                    test.store
                        .write(|db| {
                            let known = rulesets::versions(db, "counter")?.len();
                            rulesets::put(db, "counter", &known.to_string(), "", at(0))
                        })
                        .unwrap();
                }
            });
        }
    });
    let known = test
        .store
        .read(|db| rulesets::versions(db, "counter"))
        .unwrap();
    assert_eq!(known.len(), THREADS * EACH);
}

fn an_error_undoes_everything(test: &TestStore) {
    let undone = test.store.write(|db| {
        companies::put(db, &[company(1, "示例")], at(0))?;
        Err::<(), _>(StoreError::Closed)
    });
    assert!(matches!(undone, Err(StoreError::Closed)));
    assert_eq!(test.store.read(companies::count).unwrap(), 0);
}

fn a_panic_undoes_everything_and_the_store_goes_on(test: &TestStore) {
    let panicked = std::thread::scope(|scope| {
        scope
            .spawn(|| {
                test.store.write(|db| -> Result<(), StoreError> {
                    companies::put(db, &[company(1, "示例")], at(0))?;
                    panic!("示例 panic, on purpose")
                })
            })
            .join()
    });
    assert!(panicked.is_err());
    assert_eq!(test.store.read(companies::count).unwrap(), 0);
    test.store
        .write(|db| companies::put(db, &[company(2, "示例")], at(0)))
        .unwrap();
    assert_eq!(test.store.read(companies::count).unwrap(), 1);
}

fn a_write_in_a_read_is_refused(test: &TestStore) {
    let refused = test
        .store
        .read(|db| companies::put(db, &[company(1, "示例")], at(0)));
    assert!(matches!(refused, Err(StoreError::Database(_))));
    // And the connection it ran on can write again.
    for number in 0..10 {
        test.store
            .write(|db| companies::put(db, &[company(number, "示例")], at(0)))
            .unwrap();
    }
    assert_eq!(test.store.read(companies::count).unwrap(), 10);
}

fn async_code_reads_and_writes_without_blocking_its_thread(test: &TestStore) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    let count = runtime.block_on(async {
        let writes: Vec<_> = (0..50_u32)
            .map(|number| {
                let store = test.store.clone();
                tokio::spawn(async move {
                    store
                        .write_async(move |db| {
                            companies::put(db, &[company(number, "示例")], at(0))
                        })
                        .await
                })
            })
            .collect();
        for write in writes {
            write.await.unwrap().unwrap();
        }
        test.store.read_async(companies::count).await.unwrap()
    });
    assert_eq!(count, 50);
}

fn a_second_store_on_the_same_database_sees_what_the_first_one_stored(test: &TestStore) {
    test.store
        .write(|db| companies::put(db, &[company(1, "示例")], at(0)))
        .unwrap();
    let second = wuxin::store::Store::open(&test.url, 2).unwrap();
    assert_eq!(second.read(companies::count).unwrap(), 1);
    second.ping().unwrap();
    second.analyze().unwrap();
}
