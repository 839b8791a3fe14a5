//! The reject queue: who has to act on what the platform refused, and what goes again by itself.

use wuxin::{config::Publish, secret::Secret};

use crate::{
    house::House,
    support::{Platform, TOKEN, record, uscc},
};

fn house(platform: &Platform) -> House {
    House::new(platform.clock.clone(), |_| Publish {
        url: Some(platform.base.clone()),
        token: Some(Secret::new(TOKEN)),
        timeout_seconds: 1,
        ..Publish::default()
    })
}

#[tokio::test]
async fn each_refusal_has_its_class_and_its_owner() {
    let platform = Platform::start().await;
    let house = house(&platform);
    // Entry 3 is there with other content, by other hands.
    let mut other = serde_json::to_value(record(3, 1, false).fields()).unwrap();
    other["reason"] = "别处报送的内容".into();
    let other: wuxin::feed::RecordFields = serde_json::from_value(other).unwrap();
    let mut first = crate::support::Kept::new(crate::support::sealed(
        99,
        platform.clock.now(),
        &[other.check().unwrap()],
    ));
    first.deliver(&platform.client(), &platform.clock).await;

    platform.switch("reject_uscc", uscc(1).as_str(), "", "submit");
    platform.switch("unmatched_uscc", uscc(2).as_str(), "", "submit");
    for entry in 1..=4 {
        house.enqueue(&record(entry, 1, false));
    }
    let report = house.drive().await;
    assert_eq!((report.accepted, report.rejected), (1, 3));
    let mut queue: Vec<(String, String, String, String)> = house
        .view()
        .rejects
        .into_iter()
        .map(|line| (line.company, line.kind, line.class, line.owner))
        .collect();
    queue.sort();
    let line = |entry, kind: &str| {
        let (class, owner) = ("DATA".to_owned(), "officer".to_owned());
        (uscc(entry).to_string(), kind.to_owned(), class, owner)
    };
    assert_eq!(
        queue,
        [
            line(1, "rejected"),
            line(2, "unmatched"),
            line(3, "conflict")
        ]
    );
    // A later version takes the place of the refused one; what is not mended stays.
    platform.receiver.heal();
    house.enqueue(&record(1, 2, false));
    house.drive().await;
    assert_eq!(house.view().rejects.len(), 2);
    platform.stop().await;
}

#[tokio::test]
async fn what_was_refused_for_the_time_being_goes_again_later_and_apart_from_fresh_records() {
    let platform = Platform::start().await;
    let house = house(&platform);
    platform.switch("partial_rejection", "503", "1", "submit");
    house.enqueue(&record(1, 1, false));
    house.enqueue(&record(2, 1, false));
    let report = house.run().await;
    assert_eq!((report.accepted, report.rejected), (1, 0));
    let minute = house.clock.now() + chrono::TimeDelta::minutes(1);
    assert_eq!(report.next_attempt_at, Some(minute));
    assert_eq!(house.batches().len(), 1, "not again at once");
    // A later version of the same entry does not wait, and the postponed one never comes after it.
    house.clock.advance_to(minute);
    house.enqueue(&record(3, 1, false));
    let report = house.run().await;
    assert_eq!((report.accepted, report.sealed), (2, 2));
    assert_eq!(house.view().rejects_by_class.len(), 0);

    platform.switch("partial_rejection", "503", "1", "submit");
    house.enqueue(&record(4, 1, false));
    house.enqueue(&record(5, 1, false));
    house.run().await;
    house.enqueue(&record(5, 2, true));
    house.run().await;
    let states: Vec<String> = house
        .changes(5)
        .into_iter()
        .map(|(state, _)| state)
        .collect();
    assert_eq!(states, ["superseded", "accepted"]);
    house.drive().await;
    let ledger = platform.ledger().await;
    assert_eq!(crate::support::history(&ledger, 5), (vec![2], false));
    platform.stop().await;
}

#[tokio::test]
async fn a_refusal_has_its_day_and_is_overdue_after_it() {
    let platform = Platform::start().await;
    let house = house(&platform);
    for entry in 1..=2 {
        house.enqueue(&record(entry, 1, false));
    }
    house.drive().await;
    platform.switch("reject_uscc", uscc(1).as_str(), "", "submit");
    platform.switch("reject_uscc", uscc(2).as_str(), "", "submit");
    house.enqueue(&record(1, 2, false));
    house.enqueue(&record(2, 2, true));
    house.drive().await;
    let overdue = || -> Vec<(u8, bool)> {
        let of = |line: &wuxin::service::RejectLine| {
            let entry = if line.company == uscc(1).to_string() {
                1
            } else {
                2
            };
            (entry, line.overdue)
        };
        let mut lines: Vec<_> = house.view().rejects.iter().map(of).collect();
        lines.sort_unstable();
        lines
    };
    assert_eq!(overdue(), [(1, false), (2, false)]);
    // What must not be seen has four hours, data three days.
    house.pass(chrono::TimeDelta::hours(5));
    assert_eq!(overdue(), [(1, false), (2, true)]);
    house.pass(chrono::TimeDelta::days(3));
    assert_eq!(overdue(), [(1, true), (2, true)]);
    platform.stop().await;
}

#[tokio::test]
async fn a_form_for_penalties_takes_no_list_entries_and_says_why() {
    let house = House::new(crate::support::VirtualClock::new(), |folder| Publish {
        profile: Some("csv-cf".into()),
        folder: Some(folder.to_owned()),
        ..Publish::default()
    });
    house.enqueue(&record(1, 1, false));
    let report = house.run().await;
    assert_eq!((report.sealed, report.rejected), (0, 1), "{report:?}");
    let line = house.view().rejects.remove(0);
    assert_eq!(
        (line.kind.as_str(), line.owner.as_str()),
        ("unfit", "operator")
    );
    assert!(line.message.contains("只收行政处罚"), "{}", line.message);
}
