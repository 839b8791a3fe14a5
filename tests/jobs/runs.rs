//! What a run leaves behind: done, failed, lost; tried again; kept within bounds.

use std::sync::Arc;

use chrono::TimeDelta;
use diesel::{Connection, PgConnection, SqliteConnection, connection::SimpleConnection};
use tokio::net::TcpListener;
use wuxin::{
    clock::{Clock, FixedClock},
    config::{Publish, Settings},
    feed::receiver::{Receiver, ReceiverSettings, serve},
    service::{
        self,
        jobs::{JobName, begin_job, end_job, keep_job},
    },
    store::{
        StoreError, feed,
        jobs::{Ended, Ending, UnderWay, append, history},
        leases,
    },
};

use crate::{
    on_both,
    support::TestStore,
    watch::{Watch, july},
};

on_both!(
    the_night_compares_with_the_platform_and_the_evening_reports_zero,
    what_cannot_be_done_is_failed_and_tried_again_later_and_later,
    a_run_whose_process_went_away_is_lost_and_begins_again,
    a_run_longer_than_its_lease_is_fenced_by_the_token_and_not_by_time,
    runs_are_only_added_and_the_last_five_hundred_stay,
);

/// A stand-in platform, and the settings that name it.
fn platform(hand: FixedClock, runtime: &tokio::runtime::Runtime) -> Settings {
    let receiver = Receiver::new(ReceiverSettings {
        clock: Arc::new(move || Clock::Fixed(hand.clone()).now()),
        token: None,
        ledger: None,
    })
    .unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    runtime.spawn(serve(listener, receiver, std::future::pending()));
    Settings {
        publish: Publish {
            url: Some(url),
            timeout_seconds: 5,
            ..Publish::default()
        },
        ..Settings::default()
    }
}

fn the_night_compares_with_the_platform_and_the_evening_reports_zero(test: &TestStore) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let settings = platform(FixedClock::new(july(1, 9, 0, 0)), &runtime);
    let watch = Watch::new(test, july(1, 9, 0, 0), settings);
    watch.look(july(1, 18, 0, 0));
    assert_eq!(watch.done(JobName::Publish), [july(1, 18, 0, 0)]);
    let said = watch.runs(JobName::Publish).pop().unwrap().2;
    assert_eq!(said, "1 sealed, 0 accepted, 0 rejected, 0 waiting");
    watch.look(july(2, 3, 20, 0));
    assert_eq!(watch.done(JobName::Reconcile), [july(2, 3, 20, 0)]);
    let target = watch.app.target.clone();
    let read = |db: &mut _| feed::comparisons(db, &target, 10);
    let compared = watch.app.store.read::<_, StoreError>(read).unwrap();
    assert_eq!(compared.len(), 1);
    assert_eq!(compared[0].failed, None);
    let line = watch.line(JobName::Reconcile);
    assert_eq!(line.next_run, Some(july(3, 3, 20, 0)));
}

fn what_cannot_be_done_is_failed_and_tried_again_later_and_later(test: &TestStore) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let settings = platform(FixedClock::new(july(1, 9, 0, 0)), &runtime);
    let watch = Watch::new(test, july(1, 9, 0, 0), settings);
    // Somebody else publishes from 18:00:00 to 18:00:04.
    let began = july(1, 18, 0, 0);
    let name = format!("publish:{}", watch.app.target);
    let other = watch
        .app
        .store
        .write(|db| leases::try_acquire(db, &name, "示例", TimeDelta::seconds(4), began))
        .unwrap();
    assert!(other.is_some());
    // (second, runs so far): tried at 0, 1, 3; at 7 it is free.
    for (second, runs) in [(0, 1), (0, 1), (1, 2), (2, 2), (3, 3), (6, 3)] {
        watch.look(july(1, 18, 0, second));
        assert_eq!(watch.runs(JobName::Publish).len(), runs, "second {second}");
    }
    let line = watch.line(JobName::Publish);
    assert_eq!(line.failures_in_a_row, 3);
    assert_eq!(
        line.next_run,
        Some(began),
        "still the slot that is not done"
    );
    assert_eq!(line.next_try, Some(july(1, 18, 0, 7)));
    let last = line.last_run.unwrap();
    assert_eq!(last.outcome, "failed");
    assert_eq!(last.detail, "another publisher is at work");
    watch.look(july(1, 18, 0, 7));
    assert_eq!(watch.done(JobName::Publish), [began]);
    let line = watch.line(JobName::Publish);
    assert_eq!((line.failures_in_a_row, line.next_try), (0, None));
}

fn a_run_whose_process_went_away_is_lost_and_begins_again(test: &TestStore) {
    let watch = Watch::new(test, july(1, 9, 0, 0), Settings::default());
    let slot = july(2, 0, 10, 0);
    let begun = watch.app.store.write(|db| {
        let five = TimeDelta::minutes(5);
        begin_job(db, "rescore", slot, "9@示例", five, slot)
    });
    assert!(begun.unwrap().is_some());
    let running = watch.line(JobName::Rescore).running.unwrap();
    assert_eq!(
        (running.slot, running.holder.as_str()),
        (Some(slot), "9@示例")
    );
    watch.look(july(2, 0, 14, 59));
    assert_eq!(watch.runs(JobName::Rescore), [], "it may still be at work");
    watch.look(july(2, 0, 15, 0));
    let runs = watch.runs(JobName::Rescore);
    let how: Vec<_> = runs.iter().map(|(slot, how, _)| (*slot, *how)).collect();
    assert_eq!(how, [(Some(slot), "lost"), (Some(slot), "done")]);
    assert_eq!(watch.line(JobName::Rescore).running, None);
}

fn a_run_longer_than_its_lease_is_fenced_by_the_token_and_not_by_time(test: &TestStore) {
    let (slot, five) = (july(2, 0, 10, 0), TimeDelta::minutes(5));
    let at = |minute| slot + TimeDelta::minutes(minute);
    let begin = |who: &str, minute| {
        test.store
            .write(|db| begin_job(db, "rescore", slot, who, five, at(minute)))
            .unwrap()
    };
    let first = begin("a", 0).unwrap();
    // Renewed in time it stays; renewed too late, it stays as long as nobody else was granted it.
    for minute in [4, 12] {
        test.store
            .write(|db| keep_job(db, &first, five, at(minute)))
            .unwrap();
        assert!(begin("b", minute + 4).is_none());
    }
    let second = begin("b", 17).unwrap();
    for lost in [
        test.store.write(|db| keep_job(db, &first, five, at(17))),
        test.store
            .write(|db| end_job(db, &first, slot, true, "", at(17))),
    ] {
        assert!(matches!(
            lost,
            Err(service::Error::Store(StoreError::LeaseLost { .. }))
        ));
    }
    test.store
        .write(|db| end_job(db, &second, slot, true, "示例", at(40)))
        .unwrap();
    let runs = test.store.read(|db| history(db, "rescore", 10)).unwrap();
    let how: Vec<Ending> = runs.iter().map(|run| run.ending).collect();
    assert_eq!(how, [Ending::Done, Ending::Lost]);
}

fn runs_are_only_added_and_the_last_five_hundred_stay(test: &TestStore) {
    let one = |number: i64| Ended {
        run: UnderWay {
            slot: None,
            started_at: july(1, 0, 0, 0) + TimeDelta::minutes(number),
            holder: "示例".to_owned(),
        },
        finished_at: july(1, 0, 0, 1) + TimeDelta::minutes(number),
        ending: Ending::Done,
        detail: number.to_string(),
    };
    test.store
        .write(|db| {
            for number in 0..510 {
                append(db, "rescore", &one(number))?;
            }
            append(db, "expire", &one(0))
        })
        .unwrap();
    let kept = test.store.read(|db| history(db, "rescore", 1_000)).unwrap();
    assert_eq!(kept.len(), 500);
    assert_eq!((&*kept[0].detail, &*kept[499].detail), ("509", "10"));
    for forbidden in [
        "UPDATE job_history SET outcome = 'done'",
        "DELETE FROM job_history WHERE name = 'expire'",
    ] {
        let done = match test.url.strip_prefix("sqlite:") {
            Some(path) => SqliteConnection::establish(path)
                .unwrap()
                .batch_execute(forbidden),
            None => PgConnection::establish(&test.url)
                .unwrap()
                .batch_execute(forbidden),
        };
        let refused = done.unwrap_err().to_string();
        assert!(refused.contains("job_history"), "{forbidden}: {refused}");
    }
}
