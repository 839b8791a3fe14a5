//! Requests, counted as they pass.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry, proto::MetricFamily};

use super::names::{REQUEST_SECONDS, REQUESTS, known};
use crate::web::WebState;

/// Bounds of the durations, in seconds.
const BUCKETS: &[f64] = &[
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// What the requests of a process came to.
#[derive(Debug)]
pub struct Requests {
    registry: Registry,
    answered: IntCounterVec,
    seconds: HistogramVec,
}

impl Requests {
    /// # Errors
    /// A name or label that is none; there is none such.
    pub fn new() -> prometheus::Result<Self> {
        let registry = Registry::new();
        let (help, labels) = described(REQUESTS);
        let answered = IntCounterVec::new(Opts::new(REQUESTS, help), labels)?;
        let (help, labels) = described(REQUEST_SECONDS);
        let bounds = HistogramOpts::new(REQUEST_SECONDS, help).buckets(BUCKETS.to_vec());
        let seconds = HistogramVec::new(bounds, labels)?;
        registry.register(Box::new(answered.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        Ok(Self {
            registry,
            answered,
            seconds,
        })
    }

    pub(super) fn gather(&self) -> Vec<MetricFamily> {
        self.registry.gather()
    }
}

fn described(name: &str) -> (&'static str, &'static [&'static str]) {
    known(name).map_or(("", &[]), |metric| (metric.help, metric.labels))
}

/// The layer. Routes are told by their pattern, so that what somebody asked for is in no label.
pub async fn measure(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let Some(requests) = &state.requests else {
        return next.run(request).await;
    };
    let method = request.method().as_str().to_owned();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("none", MatchedPath::as_str)
        .to_owned();
    // Anybody can invent methods.
    let method = match method.as_str() {
        "GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "PATCH" | "OPTIONS" => method,
        _ => "other".to_owned(),
    };
    let began = Instant::now();
    let response = next.run(request).await;
    requests
        .seconds
        .with_label_values(&[&method, &route])
        .observe(began.elapsed().as_secs_f64());
    requests
        .answered
        .with_label_values(&[&*method, &*route, response.status().as_str()])
        .inc();
    response
}
