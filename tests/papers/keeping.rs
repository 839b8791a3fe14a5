//! What is stored follows what is running.

use diesel::{RunQueryDsl, sql_query};
use proptest::prelude::*;
use wuxin::{
    domain::{DeadlineError, Period},
    service::{
        Error,
        deadlines::{self, ClockState, Kept, Recounted, Waiting},
    },
    store::deadlines::ClockCause::*,
};

use super::office::*;
use crate::{
    on_both,
    support::{TestStore, synthetic::day},
};

on_both!(
    a_period_starts_once_and_ends_in_time_or_late,
    a_period_that_runs_from_another_day_is_moved_and_the_old_day_kept,
    two_periods_of_one_rule_are_told_apart,
    another_calendar_works_every_open_period_out_again,
    a_period_beyond_the_calendar_waits_for_it,
    an_older_calendar_does_not_come_back_with_the_next_step,
    a_rule_that_is_not_in_the_file_is_refused,
    events_are_only_ever_added,
    a_rule_that_is_taken_out_while_periods_run_by_it_stops_the_start,
);

fn a_period_starts_once_and_ends_in_time_or_late(test: &TestStore) {
    let office = Office::new(test);
    let objection = office.deadline("record.objection", "served", "2026-03-02");
    assert_eq!(objection.due, day("2026-03-16"));
    let kept = office.keep("r1", std::slice::from_ref(&objection), "2026-03-02");
    assert_eq!(kept.unwrap().started, 1);
    let again = office.keep("r1", std::slice::from_ref(&objection), "2026-03-05");
    assert_eq!(again.unwrap(), Kept::default(), "nothing changed");
    // The last day is in time.
    assert_eq!(office.keep("r1", &[], "2026-03-16").unwrap().met, 1);
    let [clock] = &office.clocks("r1")[..] else {
        panic!("one period")
    };
    assert_eq!(
        (clock.state, clock.closed_on, clock.days_late),
        (ClockState::Met, Some(day("2026-03-16")), 0)
    );
    assert_eq!(office.causes("r1", 1), [Started, Met]);
    assert_eq!(
        office.events("r1", 1)[0].after,
        Some(objection.clone().into())
    );
    assert_eq!(office.events("r1", 1)[1].before, Some(objection.into()));

    let examine = office.deadline("record.examine", "received", "2026-03-16");
    assert_eq!(examine.due, day("2026-03-19"));
    office.keep("r1", &[examine], "2026-03-16").unwrap();
    assert_eq!(office.keep("r1", &[], "2026-03-23").unwrap().missed, 1);
    let clock = &office.clocks("r1")[1];
    assert_eq!(
        (clock.number, clock.state, clock.days_late),
        (2, ClockState::Missed, 4)
    );
    assert_eq!(office.causes("r1", 2), [Started, Missed]);
    let said = &office.events("r1", 2)[1].detail;
    assert_eq!(said, "2026-03-23 办结，2026-03-19 届满，逾期 4 日");
}

fn a_period_that_runs_from_another_day_is_moved_and_the_old_day_kept(test: &TestStore) {
    let office = Office::new(test);
    let first = office.deadline("record.objection", "served", "2026-03-02");
    let second = office.deadline("record.objection", "served", "2026-03-09");
    office
        .keep("r1", std::slice::from_ref(&first), "2026-03-02")
        .unwrap();
    let kept = office.keep("r1", std::slice::from_ref(&second), "2026-03-09");
    assert_eq!(kept.unwrap().moved, 1);
    assert_eq!(office.clocks("r1").len(), 1);
    assert_eq!(office.clocks("r1")[0].clock.due, Some(day("2026-03-23")));
    assert_eq!(office.causes("r1", 1), [Started, Moved]);
    let event = &office.events("r1", 1)[1];
    assert_eq!(event.before, Some(first.into()));
    assert_eq!(event.after, Some(second.into()));
    assert_eq!(event.detail, "原为2026-03-16 届满，现为2026-03-23 届满");
}

fn two_periods_of_one_rule_are_told_apart(test: &TestStore) {
    let office = Office::new(test);
    let early = office.deadline("record.examine", "received", "2026-03-02");
    let late = office.deadline("record.examine", "received", "2026-03-04");
    office
        .keep("r1", &[early.clone(), late.clone()], "2026-03-04")
        .unwrap();
    // The first one ends; the second one runs on, unmoved.
    let kept = office.keep("r1", &[late], "2026-03-05").unwrap();
    assert_eq!((kept.met, kept.moved), (1, 0));
    assert_eq!(office.clocks("r1")[0].state, ClockState::Met);
    assert_eq!(office.causes("r1", 2), [Started]);
    // The next one is a period of its own, not the old one again.
    office.keep("r1", &[], "2026-03-06").unwrap();
    office.keep("r1", &[early], "2026-03-06").unwrap();
    assert_eq!(office.clocks("r1").len(), 3);
}

fn another_calendar_works_every_open_period_out_again(test: &TestStore) {
    let office = Office::new(test);
    let running = office.deadline("record.objection", "served", "2026-03-02");
    office
        .keep("r1", std::slice::from_ref(&running), "2026-03-02")
        .unwrap();
    let ended = office.deadline("record.notify", "confirmed", "2026-03-02");
    office.keep("r2", &[ended], "2026-03-02").unwrap();
    office.keep("r2", &[], "2026-03-03").unwrap();

    // A holiday that was not known before: 10 March.
    let more = format!(
        "{Y2026}\n[[holiday]]\nname = \"示例假\"\nfrom = 2026-03-10\nuntil = 2026-03-10\nworkdays = []\n"
    );
    let office = office.restarted_with(&[&more]);
    let app = &office.app;
    let recount = || {
        app.store
            .write(|db| deadlines::recount(db, app, morning("2026-03-04")))
            .unwrap()
    };
    let once = Recounted {
        recounted: 1,
        changed: 1,
        ..Recounted::default()
    };
    assert_eq!(recount(), once);
    assert_eq!(recount(), Recounted::default(), "once is enough");
    let [clock] = &office.clocks("r1")[..] else {
        panic!("one period")
    };
    assert_eq!(clock.clock.due, Some(day("2026-03-17")));
    assert_eq!(clock.clock.calendar, app.calendar.version());
    assert_eq!(office.causes("r1", 1), [Started, Recomputed]);
    assert_eq!(office.events("r1", 1)[1].before, Some(running.into()));
    assert_eq!(office.causes("r2", 1), [Started, Met], "what is over stays");
}

fn a_period_beyond_the_calendar_waits_for_it(test: &TestStore) {
    let office = Office::new(test);
    let waiting = || Waiting {
        rule: "record.objection".to_owned(),
        period: Period::WorkingDays(10),
        start_event: "served".to_owned(),
        start: day("2026-12-28"),
    };
    let keep = |office: &Office, id: &str, waiting: &[Waiting], on: &str| {
        let app = &office.app;
        app.store
            .write(|db| deadlines::keep_waiting(db, app, &matter(id), &[], waiting, morning(on)))
            .unwrap()
    };
    for id in ["r1", "r2", "r3"] {
        assert_eq!(keep(&office, id, &[waiting()], "2026-12-28").started, 1);
    }
    assert_eq!(office.clocks("r1")[0].clock.due, None);
    // Over while the year is still covered: certainly in time. Over in a year that is not: not to be judged yet.
    assert_eq!(keep(&office, "r2", &[], "2026-12-31").met, 1);
    assert_eq!(keep(&office, "r3", &[], "2027-01-29").unjudged, 1);

    let next = year(2027, "2027-01-01", "2027-01-03");
    let office = office.restarted_with(&[Y2026, &next]);
    let app = &office.app;
    let done = app
        .store
        .write(|db| deadlines::recount(db, app, morning("2027-02-01")))
        .unwrap();
    let once = Recounted {
        recounted: 1,
        changed: 1,
        waiting: 0,
        judged: 1,
    };
    assert_eq!(done, once);
    // 29, 30, 31 December, 4 to 8 January, 11, 12.
    assert_eq!(office.clocks("r1")[0].clock.due, Some(day("2027-01-12")));
    let late = &office.clocks("r3")[0];
    assert_eq!((late.state, late.days_late), (ClockState::Missed, 17));
    assert_eq!(office.causes("r3", 1), [Started, Unjudged, Missed]);

    // A calendar that was taken away takes the last day with it, and says what it was.
    let office = office.restarted_with(&[Y2026]);
    let app = &office.app;
    let done = app
        .store
        .write(|db| deadlines::recount(db, app, morning("2027-02-01")))
        .unwrap();
    assert_eq!((done.recounted, done.waiting), (1, 1));
    assert_eq!(office.clocks("r1")[0].clock.due, None);
    let said = &office.events("r1", 1)[2].detail;
    assert_eq!(said, "原为2027-01-12 届满，现为待节假日安排公布");
}

fn an_older_calendar_does_not_come_back_with_the_next_step(test: &TestStore) {
    let office = Office::new(test);
    let of_old = office.deadline("record.objection", "served", "2026-03-02");
    office
        .keep("r1", std::slice::from_ref(&of_old), "2026-03-02")
        .unwrap();
    let more = format!(
        "{Y2026}\n[[holiday]]\nname = \"示例假\"\nfrom = 2026-03-10\nuntil = 2026-03-10\nworkdays = []\n"
    );
    let office = office.restarted_with(&[&more]);
    // The matter still holds the deadline as it was first worked out.
    let kept = office
        .keep("r1", std::slice::from_ref(&of_old), "2026-03-05")
        .unwrap();
    assert_eq!(kept.recomputed, 1);
    assert_eq!(office.clocks("r1")[0].clock.due, Some(day("2026-03-17")));
    let kept = office.keep("r1", &[of_old], "2026-03-06").unwrap();
    assert_eq!(kept, Kept::default());
}

fn a_rule_that_is_not_in_the_file_is_refused(test: &TestStore) {
    let office = Office::new(test);
    let mut running = office.deadline("record.objection", "served", "2026-03-02");
    running.rule = "record.objektion".to_owned();
    let refused = office.keep("r1", &[running], "2026-03-02").unwrap_err();
    assert!(
        matches!(&refused, Error::Deadline(DeadlineError::Unknown(id)) if id == "record.objektion"),
        "{refused}"
    );
    assert!(office.clocks("r1").is_empty());
}

fn events_are_only_ever_added(test: &TestStore) {
    let office = Office::new(test);
    let running = office.deadline("record.objection", "served", "2026-03-02");
    office.keep("r1", &[running], "2026-03-02").unwrap();
    for sql in [
        "UPDATE deadline_event SET detail = 'x'",
        "DELETE FROM deadline_event",
        "DELETE FROM deadline",
    ] {
        let refused = test.store.write(|db| {
            sql_query(sql).execute(db)?;
            Ok::<_, wuxin::store::StoreError>(())
        });
        assert!(refused.is_err(), "{sql}");
    }
    assert_eq!(office.causes("r1", 1), [Started]);
}

fn a_rule_that_is_taken_out_while_periods_run_by_it_stops_the_start(test: &TestStore) {
    let office = Office::new(test);
    let running = office.deadline("record.objection", "served", "2026-03-02");
    office.keep("r1", &[running], "2026-03-02").unwrap();
    let shipped = include_str!("../../rules/deadlines.toml");
    let without = shipped.replace("\"record.objection\"", "\"record.other\"");
    let office = office.restarted_with_deadlines(&without);
    let recount = || {
        let app = &office.app;
        app.store
            .write(|db| deadlines::recount(db, app, morning("2026-03-03")))
    };
    assert!(
        matches!(recount(), Err(Error::Deadline(DeadlineError::Unknown(id))) if id == "record.objection")
    );
    office.keep("r1", &[], "2026-03-03").unwrap();
    assert_eq!(
        recount().unwrap(),
        Recounted::default(),
        "what is over needs no rule"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever runs from step to step: exactly that is stored as running, each change is one event, and a period that nothing
    /// happened to has none.
    #[test]
    fn what_is_stored_is_what_runs(steps in prop::collection::vec(prop::collection::vec((0_usize..3, 0_u32..4), 0..5), 1..8)) {
        let test = TestStore::sqlite();
        let office = Office::new(&test);
        let rules = ["record.objection", "record.examine", "record.notify"];
        let from = |days: u32| day("2026-03-02").plus_days(days);
        for (at, step) in steps.iter().enumerate() {
            let on = from(u32::try_from(at).unwrap()).to_string();
            let running: Vec<_> = step
                .iter()
                .map(|(rule, days)| office.deadline(rules[*rule], "started", &from(*days).to_string()))
                .collect();
            let before: i64 = office.clocks("r1").iter().map(|clock| clock.version).sum();
            let kept = office.keep("r1", &running, &on).unwrap();
            let clocks = office.clocks("r1");
            let mut stored: Vec<String> = clocks
                .iter()
                .filter(|clock| clock.state == ClockState::Running)
                .map(|clock| format!("{:?}", clock.clock))
                .collect();
            let mut expected: Vec<String> = running
                .into_iter()
                .map(|one| format!("{:?}", wuxin::domain::Clock::from(one)))
                .collect();
            stored.sort();
            expected.sort();
            prop_assert_eq!(stored, expected);
            let changes = kept.started + kept.moved + kept.recomputed + kept.met + kept.missed + kept.unjudged;
            let after: i64 = clocks.iter().map(|clock| clock.version).sum();
            prop_assert_eq!(after - before, i64::try_from(changes).unwrap());
            for clock in clocks {
                let events = office.events("r1", clock.number);
                prop_assert_eq!(i64::try_from(events.len()).unwrap(), clock.version);
                // Each event begins with what the one before it left.
                for pair in events.windows(2) {
                    prop_assert_eq!(&pair[0].after, &pair[1].before);
                }
            }
        }
    }
}
