//! A real entry that a platform lost comes back by an ordinary change, and everybody sees how far the two are apart.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tokio::{net::TcpListener, runtime::Runtime};
use wuxin::{
    config::Publish,
    feed::receiver::{Receiver, ReceiverSettings, Switch, serve},
    service::{Actor, Publisher, Reconciled, Role, Scope, Shows, reconcile, sign_comparison},
    store::feed as outbox,
};

use crate::{
    bureau::Bureau,
    house::{House, MULBERRY},
    on_both,
    support::TestStore,
};

on_both!(
    what_a_platform_lost_comes_back_by_an_ordinary_change,
    the_public_figure_has_no_names_and_the_alarm_ends_with_the_difference,
);

struct Platform {
    receiver: Receiver,
    publisher: Publisher,
}

impl Platform {
    fn start(house: &House, runtime: &Runtime) -> Self {
        let hand = house.hand.clone();
        let receiver = Receiver::new(ReceiverSettings {
            clock: Arc::new(move || wuxin::clock::Clock::Fixed(hand.clone()).now()),
            token: None,
            ledger: None,
        })
        .unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        runtime.spawn(serve(listener, receiver.clone(), std::future::pending()));
        let publisher = Publisher::new(&Publish {
            target: house.app.target.clone(),
            url: Some(url),
            timeout_seconds: 5,
            ..Publish::default()
        });
        Self {
            receiver,
            publisher: publisher.unwrap(),
        }
    }
}

fn now(house: &House) -> impl Fn() -> DateTime<Utc> + Send + Sync + use<> {
    let clock = wuxin::clock::Clock::Fixed(house.hand.clone());
    move || clock.now()
}

fn publish(house: &House, runtime: &Runtime, platform: &Platform) -> usize {
    let now = now(house);
    let sent = platform.publisher.run(&house.app, Scope::Now, &now);
    runtime.block_on(sent).unwrap().accepted
}

fn actor(id: &str, role: Role) -> Actor {
    Actor {
        id: id.to_owned(),
        role,
        region: None,
    }
}

fn compared(house: &House, runtime: &Runtime, platform: &Platform, repair: bool) -> Reconciled {
    let (now, actor) = (now(house), actor("p", Role::Publisher));
    let run = reconcile(
        &house.app,
        &platform.publisher,
        &actor,
        Shows::Platform,
        repair,
        &now,
    );
    runtime.block_on(run).unwrap()
}

fn classes(one: &Reconciled) -> Vec<(String, &'static str)> {
    let line =
        |line: &wuxin::service::DifferenceLine| (line.difference.class.to_string(), line.state);
    one.found.iter().map(line).collect()
}

fn what_a_platform_lost_comes_back_by_an_ordinary_change(test: &TestStore) {
    let (house, runtime) = (House::new(test), Runtime::new().unwrap());
    let bureau = Bureau::of(&house);
    let entry = bureau.published(&bureau.proposed(MULBERRY, "watch"));
    let record = entry["id"].as_str().unwrap();
    let (old, new) = (
        Platform::start(&house, &runtime),
        Platform::start(&house, &runtime),
    );
    assert_eq!(publish(&house, &runtime, &old), 1);
    assert_eq!(classes(&compared(&house, &runtime, &old, true)), []);

    // The platform was set up anew and is empty.
    let told = compared(&house, &runtime, &new, false);
    assert_eq!(classes(&told), [("MISSING".to_owned(), "open")]);
    let changes = |house: &House| {
        let read = house
            .app
            .store
            .read(|db| outbox::changes_of(db, &house.app.target, record));
        let change = |one: outbox::Change| (one.change.version, one.change.op);
        read.unwrap().into_iter().map(change).collect::<Vec<_>>()
    };
    assert_eq!(changes(&house), [(1, "1".to_owned())], "only told");
    let mended = compared(&house, &runtime, &new, true);
    assert_eq!(classes(&mended), [("MISSING".to_owned(), "repaired")]);
    assert_eq!(changes(&house), [(1, "1".to_owned()), (2, "1".to_owned())]);
    // On its way it is no difference, and is not repaired twice.
    let flying = compared(&house, &runtime, &new, true);
    assert_eq!((classes(&flying), flying.not_judged.len()), (vec![], 1));
    assert_eq!(publish(&house, &runtime, &new), 1);
    assert_eq!(classes(&compared(&house, &runtime, &new, true)), []);

    // The other one now shows an old version; so does one that garbles the change.
    let stale = compared(&house, &runtime, &old, true);
    assert_eq!(classes(&stale), [("STALE_VERSION".to_owned(), "repaired")]);
    old.receiver
        .set(Switch::parse("garble", "", "1", "submit").unwrap());
    assert_eq!(publish(&house, &runtime, &old), 1);
    let garbled = compared(&house, &runtime, &old, true);
    let state = |class: &str| (class.to_owned(), "repaired");
    assert_eq!(
        classes(&garbled),
        [state("NAME_CHANGED"), state("FIELD_DIFF")]
    );
    assert_eq!(garbled.repairs, 1, "one version mends both");
    assert_eq!(publish(&house, &runtime, &old), 1);
    assert_eq!(classes(&compared(&house, &runtime, &old, true)), []);
    let ops: Vec<String> = changes(&house).into_iter().map(|(_, op)| op).collect();
    assert_eq!(ops, ["1", "1", "2", "2"]);
}

fn the_public_figure_has_no_names_and_the_alarm_ends_with_the_difference(test: &TestStore) {
    let (house, runtime) = (House::new(test), Runtime::new().unwrap());
    let before: Value = house.get("/api/v1/feed/drift").json();
    assert_eq!(before["compared_on"], Value::Null);
    let bureau = Bureau::of(&house);
    bureau.published(&bureau.proposed(MULBERRY, "watch"));
    let (old, empty) = (
        Platform::start(&house, &runtime),
        Platform::start(&house, &runtime),
    );
    publish(&house, &runtime, &old);
    // Seen once, it is no slow display where it is missing.
    compared(&house, &runtime, &old, false);
    compared(&house, &runtime, &empty, false);
    let drift = house.get("/api/v1/feed/drift");
    assert_eq!(drift.status, 200);
    assert_eq!(
        drift.json(),
        json!({ "compared_on": "2026-07-09", "in_flight": 0, "differences": {
            "extra": 0, "missing": 1, "status_diff": 0, "stale_version": 0, "name_changed": 0, "field_diff": 0,
        }})
    );
    let codes = || house.get("/healthz").json()["alarms"].clone();
    assert_eq!(codes()[0]["code"], "feed-drift");
    assert_eq!(codes()[0]["count"], 1);

    let sign = |id: &str, role| {
        let (app, now) = (&house.app, now(&house)());
        app.store
            .write(|db| sign_comparison(db, app, &actor(id, role), "平台在迁移", now))
    };
    // The list wants two persons: whoever compared does not answer for it alone.
    let refused = sign("p", Role::Publisher).unwrap_err().to_string();
    assert!(refused.contains("另一人"), "{refused}");
    assert!(sign("a", Role::Auditor).is_err());
    assert_eq!(sign("d", Role::Decider).unwrap(), 1);
    assert_eq!(codes(), json!([]));
    assert_eq!(
        classes(&compared(&house, &runtime, &empty, false)),
        [("MISSING".to_owned(), "explained")]
    );
    assert_eq!(classes(&compared(&house, &runtime, &old, false)), []);
}
