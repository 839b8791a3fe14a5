//! The nightly job finds a score that was tampered with, and says so where operators look.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use wuxin::{
    clock::{Clock, FixedClock},
    jobs::Jobs,
    store::{Db, StoreError, audit, jobs},
    web::{self, WebState},
};

use crate::{
    bureau::{Bureau, OPEN, behind, morning, rules, unlock},
    on_both,
    support::{TestStore, synthetic},
};

on_both!(the_nightly_replay_finds_exactly_what_was_tampered_with);

fn the_nightly_replay_finds_exactly_what_was_tampered_with(test: &TestStore) {
    let bureau = Bureau::new(test, &[rules("a", OPEN, 2)], 6);
    bureau.confirmed(3, "BAD", morning(7, 2));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let hand = FixedClock::new(morning(7, 3));
    // The first night: all is well.
    assert_eq!(
        runtime.block_on(night(&bureau, &hand, 4)),
        "7 replayed, 0 differ, 0 overlapped, 0 from before the history"
    );
    assert_eq!(
        runtime.block_on(health(&bureau, &hand))["alarms"],
        json!([])
    );

    unlock(test, "score");
    let code = synthetic::uscc(3);
    behind(
        test,
        &format!("UPDATE score SET points = points + 100000 WHERE company = '{code}' AND seq = 2"),
    );
    assert_eq!(
        runtime.block_on(night(&bureau, &hand, 5)),
        "7 replayed, 1 differ, 0 overlapped, 0 from before the history"
    );
    let raised = |db: &mut Db| audit::of_action(db, "replay.difference", 0, 10);
    let events = bureau.app.store.read::<_, StoreError>(raised).unwrap();
    let [event] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!(event.event.subject, format!("score {code} a 2"));
    assert_eq!(event.event.company, Some(code));
    let data: Value = serde_json::from_str(&event.event.data).unwrap();
    assert!(data["line"][1].as_str().unwrap().contains("50"), "{data}");
    assert!(data["line"][2].as_str().unwrap().contains("40"), "{data}");
    let shown = runtime.block_on(health(&bureau, &hand));
    assert_eq!(shown["status"], "ok");
    assert_eq!(shown["alarms"][0]["code"], "replay-difference");
    assert_eq!(shown["alarms"][0]["count"], 1);
    // The next night finds it again and does not raise it twice.
    runtime.block_on(night(&bureau, &hand, 6));
    let again = bureau.app.store.read::<_, StoreError>(raised).unwrap();
    assert_eq!(again, events);
}

/// Lets the jobs run over 01:40 of a day in July: what the replay said.
async fn night(bureau: &Bureau, hand: &FixedClock, day: u32) -> String {
    let slot = morning(7, day) - chrono::TimeDelta::minutes(440);
    let clock = Clock::Fixed(hand.clone());
    let all = Jobs::new(Arc::clone(&bureau.app), clock, &bureau.settings, None);
    let stop = CancellationToken::new();
    let running = tokio::spawn(all.run(stop.clone()));
    // The loop notes where it starts from before the clock moves on.
    tokio::time::sleep(Duration::from_millis(300)).await;
    hand.set(morning(7, day));
    let began = Instant::now();
    let run = loop {
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "the job did not run"
        );
        let found = bureau
            .app
            .store
            .read(|db| jobs::find(db, "replay", slot))
            .unwrap();
        match found {
            Some(run) if run.outcome == jobs::JobOutcome::Done => break run,
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    };
    stop.cancel();
    running.await.unwrap();
    run.detail
}

async fn health(bureau: &Bureau, hand: &FixedClock) -> Value {
    let state = WebState::new(Arc::clone(&bureau.app), Clock::Fixed(hand.clone()));
    let router = web::router(state, &bureau.settings.limits);
    let request = Request::get("/healthz").body(Body::empty()).unwrap();
    let answer = router.oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    serde_json::from_slice(&body).unwrap()
}
