//! Figures for a monitoring system: every one that there is, true, and at an address of their own.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use tower::ServiceExt;
use wuxin::{
    clock::Clock,
    config::Limits,
    web::{self, METRICS, WebState},
};

use crate::{
    bureau::Bureau,
    house::{House, MULBERRY, PINE, july},
    on_both,
    support::TestStore,
};

on_both!(
    every_figure_is_told_and_tells_the_truth,
    a_database_that_does_not_answer_is_a_figure,
);

async fn ask(router: &Router, path: &str) -> (StatusCode, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// Samples with their labels, and the names that are described.
fn read(text: &str) -> (BTreeMap<String, f64>, Vec<String>) {
    let mut samples = BTreeMap::new();
    let mut names = Vec::new();
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            names.push(help.split(' ').next().unwrap().to_owned());
        } else if !line.starts_with('#') {
            let (name, value) = line.rsplit_once(' ').unwrap();
            samples.insert(name.to_owned(), value.parse().unwrap());
        }
    }
    (samples, names)
}

fn routers(house: &House) -> (Router, Router) {
    let clock = Clock::Fixed(house.hand.clone());
    let state = WebState::new(Arc::clone(&house.app), clock)
        .measured()
        .unwrap();
    let public = web::router(state.clone(), &Limits::default());
    (public, web::metrics_router(state))
}

fn every_figure_is_told_and_tells_the_truth(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::of(&house);
    bureau.published(&bureau.proposed(MULBERRY, "watch"));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (public, figures) = routers(&house);
    let text = runtime.block_on(async {
        for path in [
            format!("/api/v1/companies/{PINE}"),
            format!("/api/v1/companies/{MULBERRY}"),
            "/no/such/place".to_owned(),
        ] {
            ask(&public, &path).await;
        }
        // The public address tells nothing, and this one nothing else.
        assert_eq!(ask(&public, "/metrics").await.0, 404);
        assert_eq!(ask(&figures, "/api/v1/companies").await.0, 404);
        let (status, text) = ask(&figures, "/metrics").await;
        assert_eq!(status, 200);
        text
    });
    let (samples, names) = read(&text);
    for name in &names {
        assert!(METRICS.iter().any(|known| known.name == name), "{name}");
    }
    // Without a comparison and a run there is no instant of one.
    let later = [
        "wuxin_feed_last_comparison_timestamp_seconds",
        "wuxin_feed_drift",
        "wuxin_job_last_outcome",
        "wuxin_job_last_success_timestamp_seconds",
        "wuxin_job_last_duration_seconds",
    ];
    for known in METRICS {
        let told = names.iter().any(|name| name == known.name);
        assert_eq!(told, !later.contains(&known.name), "{}", known.name);
    }
    let route = "method=\"GET\",route=\"/api/v1/companies/{uscc}\"";
    for (sample, value) in [
        (
            format!("wuxin_http_requests_total{{{route},status=\"200\"}}"),
            2.0,
        ),
        (
            "wuxin_http_requests_total{method=\"GET\",route=\"none\",status=\"404\"}".to_owned(),
            2.0,
        ),
        (
            format!("wuxin_http_request_duration_seconds_count{{{route}}}"),
            2.0,
        ),
        (
            "wuxin_feed_changes{kind=\"other\",state=\"waiting\"}".to_owned(),
            1.0,
        ),
        (
            "wuxin_feed_changes{kind=\"withdrawal\",state=\"waiting\"}".to_owned(),
            0.0,
        ),
        ("wuxin_feed_unknown_batches".to_owned(), 0.0),
        ("wuxin_feed_breaker_open".to_owned(), 0.0),
        ("wuxin_alarms{code=\"feed-extra\"}".to_owned(), 0.0),
        ("wuxin_job_off{job=\"publish\"}".to_owned(), 1.0),
        ("wuxin_job_off{job=\"rescore\"}".to_owned(), 0.0),
        ("wuxin_database_up".to_owned(), 1.0),
    ] {
        assert_eq!(samples.get(&sample), Some(&value), "{sample} in\n{text}");
    }
    // No company and no account is in any label.
    assert!(!text.contains(PINE) && !text.contains("示例"), "{text}");
    // A day later the change has waited a day longer.
    let age = "wuxin_feed_oldest_waiting_seconds";
    let before = samples[age];
    house
        .hand
        .set(house.hand.now() + chrono::TimeDelta::days(1));
    let (_, text) = runtime.block_on(ask(&figures, "/metrics"));
    assert_eq!(read(&text).0[age], before + 86_400.0);
}

fn a_database_that_does_not_answer_is_a_figure(test: &TestStore) {
    let house = House::new(test);
    let (_, figures) = routers(&house);
    house.hand.set(july(2));
    let table = "ALTER TABLE feed_change RENAME TO feed_change_gone";
    match test.url.strip_prefix("sqlite:") {
        Some(path) => execute::<diesel::SqliteConnection>(path, table),
        None => execute::<diesel::PgConnection>(&test.url, table),
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (status, text) = runtime.block_on(ask(&figures, "/metrics"));
    assert_eq!(status, 200);
    let (samples, names) = read(&text);
    assert_eq!(samples["wuxin_database_up"], 0.0);
    assert!(!names.iter().any(|name| name.starts_with("wuxin_feed")));
}

fn execute<C: diesel::Connection>(url: &str, statement: &str) {
    C::establish(url).unwrap().batch_execute(statement).unwrap();
}
