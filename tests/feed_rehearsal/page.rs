//! The stand-in platform as a person and a stranger see it.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Request, Response, StatusCode, header},
};
use chrono::{TimeZone, Utc};
use tower::ServiceExt;
use wuxin::{
    feed::receiver::{Receiver, ReceiverSettings, app},
    secret::Secret,
};

fn receiver(token: Option<&str>) -> Receiver {
    let now = Utc.with_ymd_and_hms(2026, 3, 2, 10, 0, 0).unwrap();
    Receiver::new(ReceiverSettings {
        clock: Arc::new(move || now),
        token: token.map(Secret::new),
        ledger: None,
    })
    .unwrap()
}

async fn call(receiver: &Receiver, request: Request<Body>) -> (StatusCode, String, Response<()>) {
    let response = app(receiver.clone()).oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    (
        parts.status,
        String::from_utf8(body.into()).unwrap(),
        Response::from_parts(parts, ()),
    )
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

fn form(body: &'static str) -> Request<Body> {
    Request::post("/switches")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .unwrap()
}

fn batch(body: String) -> Request<Body> {
    Request::post("/api/batches")
        .header("Idempotency-Key", "k")
        .body(Body::from(body))
        .unwrap()
}

fn body_with(name: &str) -> String {
    serde_json::json!({"batch": {"key": "k", "count": 1}, "records": [{
        "record_id": "01955000-0000-7000-8000-000000000001", "record_version": 1, "op": "1", "status": "0",
        "uscc": "91512002MA6ABCD10P", "subject_name": name, "list_name": "示例名单", "decision_no": "示例1号",
        "reason": "示例", "digest": "d", "display_until": "2029-02-28"}]}).to_string()
}

#[tokio::test]
async fn the_page_shows_what_the_public_would_see_and_escapes_it() {
    let receiver = receiver(None);
    let (status, answer, _) = call(
        &receiver,
        batch(body_with("示例<script>alert(1)</script>物业")),
    )
    .await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let (status, page, response) = call(&receiver, get("/")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        page.contains("示例&#60;script&#62;") && !page.contains("<script"),
        "{page}"
    );
    assert!(
        page.contains("公众现在能看到（1）")
            && page.contains("91512002MA6ABCD10P")
            && page.contains("正常公示")
    );
    let policy = response.headers()[header::CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap();
    assert!(
        policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert_eq!(
        call(&receiver, get("/receiver.css")).await.0,
        StatusCode::OK
    );
}

#[tokio::test]
async fn switches_are_set_by_form_and_by_json_and_wrong_ones_are_named() {
    let receiver = receiver(None);
    assert_eq!(
        call(
            &receiver,
            form("behaviour=too_many&value=7&count=1&on=submit")
        )
        .await
        .0,
        StatusCode::SEE_OTHER
    );
    assert!(call(&receiver, get("/")).await.1.contains("还有 1 次"));
    let (status, _, response) = call(&receiver, batch(body_with("示例物业"))).await;
    assert_eq!(
        (status, &response.headers()[header::RETRY_AFTER]),
        (StatusCode::TOO_MANY_REQUESTS, &"7".parse().unwrap())
    );
    assert_eq!(
        call(&receiver, batch(body_with("示例物业"))).await.0,
        StatusCode::OK
    );

    let json = |text: &'static str| {
        Request::post("/switches")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(text))
            .unwrap()
    };
    let (status, body, _) = call(
        &receiver,
        json(r#"{"behaviour":"delay","value":1,"count":2,"on":"query"}"#),
    )
    .await;
    assert_eq!(
        (status, body.as_str()),
        (
            StatusCode::OK,
            r#"{"switches":[{"behaviour":"delay","on":"query","remaining":2,"value":1}]}"#
        )
    );
    assert_eq!(
        call(&receiver, form("behaviour=clear")).await.0,
        StatusCode::SEE_OTHER
    );
    assert!(call(&receiver, get("/")).await.1.contains("平台工作正常"));

    for (wrong, named) in [
        ("behaviour=explode", "explode"),
        ("behaviour=delay&value=soon", "soon"),
        ("behaviour=reset&count=0", "「0」"),
        ("behaviour=reset&on=sometimes", "sometimes"),
        ("behaviour=lose_delete&on=query", "lose_delete"),
        ("behaviour=reject_uscc&value=123", "123"),
    ] {
        let (status, body, _) = call(&receiver, form(wrong)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(body.contains(named), "{body}");
    }
    let mut foreign = form("behaviour=reset");
    foreign
        .headers_mut()
        .insert("sec-fetch-site", "cross-site".parse().unwrap());
    assert_eq!(call(&receiver, foreign).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_is_no_batch_is_refused() {
    let receiver = receiver(None);
    for body in [
        "",
        "{}",
        "[]",
        r#"{"batch":{"key":"other","count":0},"records":[]}"#,
        r#"{"batch":{"key":"k","count":2},"records":[]}"#,
    ] {
        assert_eq!(
            call(&receiver, batch(body.into())).await.0,
            StatusCode::BAD_REQUEST,
            "{body}"
        );
    }
    let (status, ..) = call(&receiver, batch("x".repeat(33 * 1024 * 1024))).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    let unreadable = r#"{"batch":{"key":"k","count":1},"records":[{"record_id":"01955000-0000-7000-8000-000000000001","record_version":1,"uscc":"X"}]}"#;
    let (status, body, _) = call(&receiver, batch(unreadable.into())).await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        body.contains("REJECTED") && body.contains("10004"),
        "{body}"
    );
}

#[tokio::test]
async fn questions_need_the_token_and_name_what_is_not_there() {
    let receiver = receiver(Some("t0ken"));
    for path in [
        "/api/ledger",
        "/api/batches/k",
        "/api/records/01955000-0000-7000-8000-000000000001",
    ] {
        assert_eq!(
            call(&receiver, get(path)).await.0,
            StatusCode::UNAUTHORIZED,
            "{path}"
        );
    }
    let request = Request::get("/api/batches/k%22")
        .header(header::AUTHORIZATION, "Bearer t0ken")
        .body(Body::empty())
        .unwrap();
    let (status, body, _) = call(&receiver, request).await;
    assert_eq!(
        (status, body.as_str()),
        (StatusCode::NOT_FOUND, r#"{"error":"not_found","id":"k\""}"#)
    );
}
