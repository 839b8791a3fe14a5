//! A limit on public look-ups, by client address, told in `RateLimit` headers
//! (draft-ietf-httpapi-ratelimit-headers, structured fields).

use std::{
    net::{IpAddr, SocketAddr},
    num::NonZeroU32,
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::HeaderValue,
    middleware::Next,
    response::{IntoResponse, Response},
};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DashMapStateStore,
};

use super::Problem;

type Limiter =
    RateLimiter<IpAddr, DashMapStateStore<IpAddr>, DefaultClock, StateInformationMiddleware>;

/// Clients that looked up more than this many addresses' worth of state are forgotten now and then.
const REMEMBERED: usize = 10_000;

/// How many look-ups a client may make a minute.
#[derive(Debug, Clone)]
pub struct LookupLimit {
    quota: NonZeroU32,
    limiter: Arc<Limiter>,
}

impl LookupLimit {
    /// A limit of `per_minute`, at least one.
    pub fn new(per_minute: u32) -> Self {
        let quota = NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN);
        let limiter = RateLimiter::dashmap(Quota::per_minute(quota)).with_middleware();
        Self {
            quota,
            limiter: Arc::new(limiter),
        }
    }

    fn headers(&self, response: &mut Response, remaining: u32, reset_seconds: u32) {
        let policy = format!("\"lookup\";q={};w=60", self.quota);
        let state = format!("\"lookup\";r={remaining};t={reset_seconds}");
        for (name, value) in [("ratelimit-policy", policy), ("ratelimit", state)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
    }
}

/// The layer: counts the request, refuses it with 429 when the quota is used up.
pub async fn limit_lookups(
    State(limit): State<LookupLimit>,
    request: Request,
    next: Next,
) -> Response {
    // Without a connection (in-process tests) everybody is one client.
    let client = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::from([0, 0, 0, 0]), |info| info.0.ip());
    if limit.limiter.len() > REMEMBERED {
        limit.limiter.retain_recent();
    }
    match limit.limiter.check_key(&client) {
        Ok(state) => {
            let mut response = next.run(request).await;
            limit.headers(&mut response, state.remaining_burst_capacity(), 60);
            response
        }
        Err(until) => {
            let wait = until.wait_time_from(DefaultClock::default().now());
            let seconds = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX - 1) + 1;
            let mut response = Problem::new("too-many-requests")
                .detail(format!("请在{seconds}秒后重试"))
                .retry_after(seconds)
                .into_response();
            limit.headers(&mut response, 0, seconds);
            response
        }
    }
}
