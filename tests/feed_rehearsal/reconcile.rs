//! Comparisons with the real stand-in platform, and what its misbehaviours look like the morning after.

use wuxin::{
    config::Publish,
    feed::{
        profile::{HTTP_JSON, Profile},
        reconcile::DifferenceClass,
    },
    secret::Secret,
    service::{Publisher, Reconciled, Shows, drift, drift_alarms, reconcile_nightly},
    store::feed as outbox,
};

use crate::{
    house::{House, TARGET},
    support::{Platform, TOKEN, id, record},
};

fn settings(platform: &Platform) -> Publish {
    Publish {
        url: Some(platform.base.clone()),
        token: Some(Secret::new(TOKEN)),
        timeout_seconds: 1,
        ..Publish::default()
    }
}

fn house(platform: &Platform) -> House {
    House::new(platform.clock.clone(), |_| settings(platform))
}

/// A house whose profile names no listing: the platform is asked record by record.
fn asking(platform: &Platform) -> House {
    House::new(platform.clock.clone(), |folder| {
        let path = folder.join("asking.toml");
        let kept = HTTP_JSON
            .lines()
            .filter(|line| !line.starts_with("listing"));
        std::fs::write(&path, kept.collect::<Vec<_>>().join("\n")).unwrap();
        Publish {
            profile: Some(path),
            ..settings(platform)
        }
    })
}

async fn night(house: &House) -> Reconciled {
    let clock = house.clock.clone();
    reconcile_nightly(&house.app, &house.publisher, &move || clock.now())
        .await
        .unwrap()
}

/// Class, record and state of everything that was found.
fn found(one: &Reconciled) -> Vec<(DifferenceClass, Option<uuid::Uuid>, &'static str)> {
    let line = |line: &wuxin::service::DifferenceLine| {
        (line.difference.class, line.difference.record_id, line.state)
    };
    one.found.iter().map(line).collect()
}

fn alarms(house: &House) -> Vec<(&'static str, usize)> {
    let asked = house.app.store.read(|db| drift_alarms(db, TARGET)).unwrap();
    asked
        .iter()
        .map(|alarm| (alarm.code, alarm.count))
        .collect()
}

#[tokio::test]
async fn what_arrived_does_not_differ_and_what_is_on_its_way_is_told_apart() {
    let platform = Platform::start().await;
    for house in [house(&platform), asking(&platform)] {
        for entry in 1..=3 {
            house.enqueue(&record(entry, 1, false));
        }
        house.enqueue(&record(3, 2, true));
        house.drive().await;
        house.enqueue(&record(4, 1, false));
        let one = night(&house).await;
        assert_eq!(found(&one), [], "{one:?}");
        assert_eq!(one.not_judged, [id(4)]);
        assert_eq!((one.comparison.expected, one.comparison.shown), (3, 2));
        assert_eq!(alarms(&house), []);
    }
    platform.stop().await;
}

#[tokio::test]
async fn a_lost_delete_is_taken_down_at_once_and_alarms_until_it_is_gone() {
    let platform = Platform::start().await;
    for (asks, house) in [(false, house(&platform)), (true, asking(&platform))] {
        let entry = if asks { 2 } else { 1 };
        house.enqueue(&record(entry, 1, false));
        house.drive().await;
        // Once for the removal, once for the removal repeated by the comparison.
        platform.switch("lose_delete", "", "2", "submit");
        house.enqueue(&record(entry, 2, true));
        assert_eq!(house.drive().await.accepted, 1, "it says it withdrew");

        let one = night(&house).await;
        let extra = DifferenceClass::Extra;
        assert_eq!(found(&one), [(extra, Some(id(entry)), "repaired")]);
        assert_eq!((one.repairs, one.worst().len()), (1, 1));
        assert_eq!(
            alarms(&house),
            [("feed-extra", 1)],
            "repaired is not yet gone"
        );
        assert_eq!(house.changes(entry).len(), 3);
        assert_eq!(
            house.view().waiting_withdrawals,
            0,
            "it went without a slot"
        );

        // That one was lost too: found again, and the third try holds.
        let again = night(&house).await;
        assert_eq!(found(&again), [(extra, Some(id(entry)), "repaired")]);
        let clean = night(&house).await;
        assert_eq!(found(&clean), [], "{clean:?}");
        assert_eq!(alarms(&house), []);
        let public = house.app.store.read(|db| drift(db, TARGET)).unwrap();
        assert_eq!(public.compared_on.as_deref(), Some("2026-03-02"));
        assert_eq!(public.differences.extra, 0);
    }
    platform.stop().await;
}

#[tokio::test]
async fn slow_display_is_no_difference_the_same_night_and_one_after_its_time() {
    let platform = Platform::start().await;
    for house in [house(&platform), asking(&platform)] {
        let entry = if house.folder.path().join("asking.toml").exists() {
            2
        } else {
            1
        };
        platform.switch("slow_publish", "180000", "1", "submit");
        house.enqueue(&record(entry, 1, false));
        house.drive().await;
        let one = night(&house).await;
        assert_eq!((found(&one), one.slow), (vec![], vec![id(entry)]));
        assert_eq!(alarms(&house), []);
        house.pass(chrono::TimeDelta::hours(25));
        let one = night(&house).await;
        let missing = (DifferenceClass::Missing, Some(id(entry)), "open");
        assert_eq!(found(&one), [missing], "taken and not shown");
        let late = [("feed-drift", 1), ("feed-not-visible", 1)];
        assert_eq!(alarms(&house), late);
        house.pass(chrono::TimeDelta::hours(26));
        assert_eq!(found(&night(&house).await), []);
        assert_eq!(alarms(&house), []);
    }
    platform.stop().await;
}

#[tokio::test]
async fn a_slow_change_is_stale_a_garbled_name_is_another_and_a_second_row_is_extra() {
    let platform = Platform::start().await;
    let house = house(&platform);
    for entry in 1..=3 {
        house.enqueue(&record(entry, 1, false));
    }
    house.drive().await;
    for (behaviour, value, entry) in [
        ("slow_publish", "180000", 1),
        ("garble", "", 2),
        ("show_twice", "", 3),
    ] {
        platform.switch(behaviour, value, "1", "submit");
        house.enqueue(&record(entry, 2, false));
        house.drive().await;
    }
    use DifferenceClass::{Extra, FieldDiff, NameChanged, StaleVersion};
    let one = night(&house).await;
    assert_eq!(one.slow, [id(1)], "so lately it may be an old one");
    assert_eq!(found(&one).len(), 3, "{one:?}");
    house.pass(chrono::TimeDelta::hours(25));
    let one = night(&house).await;
    let expected = [
        (Extra, Some(id(3)), "open"),
        (StaleVersion, Some(id(1)), "open"),
        (NameChanged, Some(id(2)), "open"),
        (FieldDiff, Some(id(2)), "open"),
    ];
    assert_eq!(found(&one), expected);
    assert_eq!(one.found[0].difference.theirs, None);
    let fields = &one.found[3].difference.fields;
    assert_eq!(fields.len(), 1, "{fields:?}");
    assert_eq!(fields[0].field, "reason");
    assert!(fields[0].theirs.contains('\u{fffd}') || fields[0].theirs != fields[0].ours);
    // To take the second row down would take the entry down.
    assert_eq!((one.repairs, one.alarms.len()), (0, 1));
    let all = [
        ("feed-extra", 1),
        ("feed-drift", 3),
        ("feed-not-visible", 1),
    ];
    assert_eq!(alarms(&house), all);
    // The same finding is one finding, however often it is made.
    night(&house).await;
    assert_eq!(alarms(&house), all);
    platform.stop().await;
}

#[tokio::test]
async fn what_others_put_there_is_extra_and_nothing_is_sent_about_it() {
    let platform = Platform::start().await;
    let house = house(&platform);
    let mut other = crate::support::Kept::new(crate::support::sealed(
        99,
        platform.clock.now(),
        &[record(9, 1, false)],
    ));
    other.deliver(&platform.client(), &platform.clock).await;
    let one = night(&house).await;
    let extra = (DifferenceClass::Extra, Some(id(9)), "open");
    assert_eq!(found(&one), [extra]);
    assert!(!one.found[0].difference.known);
    assert_eq!((one.repairs, one.alarms.len()), (0, 1));
    assert_eq!(house.changes(9), []);
    assert_eq!(house.batches().len(), 0);
    platform.stop().await;
}

#[tokio::test]
async fn a_platform_that_does_not_answer_whole_is_not_compared() {
    let platform = Platform::start().await;
    let house = house(&platform);
    // More than a page.
    for entry in 0..130 {
        house.enqueue(&record(entry, 1, false));
    }
    house.drive().await;
    assert_eq!(found(&night(&house).await), []);
    for (behaviour, value) in [
        ("fail_before_commit", ""),
        ("reset", ""),
        ("truncate", ""),
        ("login_page", ""),
        ("too_many", "5"),
        ("delay", "1500"),
    ] {
        platform.switch(behaviour, value, "1", "query");
        let one = night(&house).await;
        assert!(one.comparison.failed.is_some(), "{behaviour}");
        assert_eq!(found(&one), [], "{behaviour}: nothing looks missing");
        assert_eq!(alarms(&house), [("feed-not-compared", 1)], "{behaviour}");
    }
    let one = night(&house).await;
    assert_eq!(
        (one.comparison.failed.clone(), one.comparison.shown),
        (None, 130)
    );
    assert_eq!(alarms(&house), []);
    let history = house
        .app
        .store
        .read(|db| outbox::comparisons(db, TARGET, 99))
        .unwrap();
    assert_eq!(history.len(), 8);
    platform.stop().await;
}

#[tokio::test]
async fn an_entry_that_is_not_public_is_never_sent_to_mend_a_difference() {
    let platform = Platform::start().await;
    let house = house(&platform);
    // The outbox says that it went; no entry of this service is public.
    house.enqueue(&record(1, 1, false));
    house.drive().await;
    platform.switch("garble", "", "1", "submit");
    house.enqueue(&record(1, 2, false));
    house.drive().await;
    let actor = wuxin::service::Actor {
        id: "示例".to_owned(),
        role: wuxin::service::Role::Publisher,
        region: None,
    };
    let clock = house.clock.clone();
    let now = move || clock.now();
    let run = wuxin::service::reconcile(
        &house.app,
        &house.publisher,
        &actor,
        Shows::Platform,
        true,
        &now,
    );
    let one = run.await.unwrap();
    assert_eq!(one.repairs, 0);
    assert!(
        one.alarms
            .iter()
            .all(|alarm| alarm.contains("may not be shown")),
        "{one:?}"
    );
    assert_eq!(house.changes(1).len(), 2);
    for role in wuxin::service::Role::ALL {
        let actor = wuxin::service::Actor {
            role,
            ..actor.clone()
        };
        let clock = house.clock.clone();
        let now = move || clock.now();
        let run = wuxin::service::reconcile(
            &house.app,
            &house.publisher,
            &actor,
            Shows::Platform,
            false,
            &now,
        );
        assert_eq!(
            run.await.is_ok(),
            role == wuxin::service::Role::Publisher,
            "{role}"
        );
    }
    platform.stop().await;
}

#[test]
fn the_shipped_profile_of_the_stand_in_names_its_listing() {
    let profile = Profile::parse(HTTP_JSON).unwrap();
    let paths = profile.transport.paths().unwrap();
    assert_eq!(paths.listing.as_deref(), Some("api/listing"));
    let manual = Publish {
        profile: Some("xlsx-manual".into()),
        ..Publish::default()
    };
    let http = Publish {
        url: Some("https://credit.example/".to_owned()),
        ..Publish::default()
    };
    let asked = |settings| Publisher::new(&settings).unwrap().can_be_asked();
    assert_eq!((asked(manual), asked(http)), (false, true));
}
