//! Which slots run, and when.

use chrono::{DateTime, TimeDelta, Utc};
use wuxin::{config::Settings, service::jobs::JobName};

use crate::{
    on_both,
    support::TestStore,
    watch::{Watch, july},
};

on_both!(
    every_missed_slot_runs_once_oldest_first,
    slots_count_from_the_first_start_whoever_is_away_then,
    a_clock_set_back_repeats_nothing_and_keeps_nobody_out,
    two_that_look_at_once_run_each_slot_once,
    too_long_an_outage_is_not_run_minute_by_minute,
);

fn slots(days: impl IntoIterator<Item = u32>) -> Vec<DateTime<Utc>> {
    days.into_iter().map(|day| july(day, 0, 10, 0)).collect()
}

fn every_missed_slot_runs_once_oldest_first(test: &TestStore) {
    let watch = Watch::new(test, july(1, 9, 0, 0), Settings::default());
    // (the clock says, slots of 00:10 that are done by then)
    let table = [
        (july(1, 9, 0, 1), 2..2),
        (july(2, 0, 9, 59), 2..2),
        (july(2, 0, 10, 0), 2..3),
        (july(2, 0, 10, 1), 2..3),
        (july(5, 12, 0, 0), 2..6),
        (july(5, 23, 59, 59), 2..6),
        (july(6, 0, 10, 0), 2..7),
    ];
    for (now, days) in table {
        watch.look(now);
        assert_eq!(watch.done(JobName::Rescore), slots(days), "at {now}");
    }
    let line = watch.line(JobName::Rescore);
    assert_eq!(line.next_run, Some(july(7, 0, 10, 0)));
    let last = line.last_run.unwrap();
    assert_eq!((last.outcome, last.slot), ("done", Some(july(6, 0, 10, 0))));
    assert_eq!(last.detail, "0 scored, 0 changed");
    assert_eq!(line.last_success, Some(july(6, 0, 10, 0)));
    assert_eq!(line.failures_in_a_row, 0);
    // Every other job that is on ran as well, each by its own schedule; the others say why not.
    for job in JobName::ALL {
        let line = watch.line(job);
        assert_eq!(line.off.is_none(), line.last_run.is_some(), "{line:?}");
        assert_eq!(line.off.is_none(), line.next_run.is_some(), "{line:?}");
    }
}

fn slots_count_from_the_first_start_whoever_is_away_then(test: &TestStore) {
    let first = Watch::new(test, july(1, 9, 0, 0), Settings::default());
    drop(first);
    // Nothing ever ran; two nights later another process begins.
    let second = Watch::new(test, july(3, 9, 0, 0), Settings::default());
    second.look(july(3, 9, 0, 0));
    assert_eq!(second.done(JobName::Rescore), slots(2..4));
    assert_eq!(second.line(JobName::Rescore).since, Some(july(1, 9, 0, 0)));
}

fn a_clock_set_back_repeats_nothing_and_keeps_nobody_out(test: &TestStore) {
    let watch = Watch::new(test, july(1, 9, 0, 0), Settings::default());
    watch.look(july(4, 12, 0, 0));
    assert_eq!(watch.done(JobName::Rescore), slots(2..5));
    watch.look(july(2, 12, 0, 0));
    assert_eq!(watch.done(JobName::Rescore), slots(2..5));
    // By hand it goes at once: no lease of the future is in the way.
    let by_hand = watch.jobs.run_by_hand(JobName::Rescore);
    let ran = watch.runtime.block_on(by_hand).unwrap();
    assert_eq!(
        ran,
        wuxin::jobs::ByHand::Done("0 scored, 0 changed".to_owned())
    );
    assert_eq!(watch.runs(JobName::Rescore).last().unwrap().0, None);
    watch.look(july(5, 12, 0, 0));
    assert_eq!(watch.done(JobName::Rescore), slots(2..6));
}

fn two_that_look_at_once_run_each_slot_once(test: &TestStore) {
    let one = Watch::new(test, july(1, 9, 0, 0), Settings::default());
    let two = Watch::new(test, july(1, 9, 0, 0), Settings::default());
    for hour in 1..9 {
        let now = july(1, 9, 0, 0) + TimeDelta::hours(12 * hour);
        one.hand.set(now);
        two.hand.set(now);
        one.runtime.block_on(async {
            tokio::join!(one.jobs.look(), two.jobs.look());
        });
        // Who met the other's lease looks again a second later.
        one.look(now + TimeDelta::seconds(1));
    }
    assert_eq!(one.done(JobName::Rescore), slots(2..6));
    assert_eq!(one.runs(JobName::Rescore).len(), 4, "nothing twice");
    assert_eq!(one.done(JobName::Remind).len(), 4);
}

fn too_long_an_outage_is_not_run_minute_by_minute(test: &TestStore) {
    let mut settings = Settings::default();
    settings.jobs.expire = "0 * * * * *".to_owned();
    let watch = Watch::new(test, july(1, 9, 0, 0), settings);
    watch.look(july(1, 11, 0, 0));
    let done = watch.done(JobName::Expire);
    assert_eq!(done.len(), wuxin::jobs::MOST_CAUGHT_UP);
    assert_eq!(done.last(), Some(&july(1, 11, 0, 0)));
}
