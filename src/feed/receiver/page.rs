//! The page for people: what the public would see, what is withdrawn, what came in, and the switches.

use askama::Template;
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use chrono::{DateTime, Utc};

use super::{
    Call, Receiver, RequestLine, Switch,
    platform::Held,
    switches::{OFFERED, label},
};

/// What a gateway shows when a session has ended.
pub(super) const LOGIN: &str = "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>统一身份认证</title>\
    <h1>统一身份认证平台</h1><form><label>账号<input name=\"user\"></label><button>登录</button></form></html>";

const STYLE: &str = include_str!("receiver.css");
/// Requests on the page, the latest first.
const SHOWN_REQUESTS: usize = 100;

/// When, what, and what is left.
type ScenarioStep = (String, String, String);

#[derive(Template)]
#[template(path = "receiver.html")]
struct Page {
    now: String,
    visible: Vec<Row>,
    withdrawn: Vec<Row>,
    requests: Vec<RequestRow>,
    switches: Vec<SwitchRow>,
    /// The name of the scenario, and its steps.
    scenario: Option<(String, Vec<ScenarioStep>)>,
    offered: &'static [(&'static str, &'static str, &'static str)],
    /// Batches committed later than received are not counted.
    batches: usize,
    lost: usize,
}

struct Row {
    name: String,
    uscc: String,
    list: String,
    decision_no: String,
    reason: String,
    status: &'static str,
    version: u32,
    since: String,
    until: String,
}

struct RequestRow {
    at: String,
    what: String,
    key: String,
    answer: String,
}

struct SwitchRow {
    label: &'static str,
    value: String,
    on: &'static str,
    remaining: String,
}

pub(super) async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

pub(super) async fn show(State(receiver): State<Receiver>) -> Response {
    match page(&receiver).render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            tracing::error!(%error, "the receiver's page cannot be rendered");
            (StatusCode::INTERNAL_SERVER_ERROR, "页面无法显示").into_response()
        }
    }
}

fn page(receiver: &Receiver) -> Page {
    let now = receiver.now();
    let state = receiver.settled();
    let platform = &state.platform;
    let withdrawn = platform.in_effect(now).filter(|(_, held)| held.withdrawal);
    Page {
        now: local(now),
        visible: platform.visible(now).map(|(_, held)| row(held)).collect(),
        withdrawn: withdrawn.map(|(_, held)| row(held)).collect(),
        requests: state
            .requests
            .iter()
            .rev()
            .take(SHOWN_REQUESTS)
            .map(request_row)
            .collect(),
        switches: state.switches.list().iter().map(switch_row).collect(),
        scenario: state
            .scenario
            .as_ref()
            .map(|one| (one.name.clone(), one.lines())),
        offered: &OFFERED,
        batches: platform.batches().len(),
        lost: platform.lost().len(),
    }
}

fn row(held: &Held) -> Row {
    Row {
        name: held.subject_name.clone(),
        uscc: held.uscc.clone(),
        list: held.list_name.clone(),
        decision_no: held.decision_no.clone(),
        reason: held.reason.clone(),
        status: crate::feed::canonical::Status::from_code(&held.status)
            .map_or("未知", |status| status.chinese()),
        version: held.version,
        since: local(held.effective_at),
        until: held
            .display_until
            .map(|day| day.to_string())
            .unwrap_or_default(),
    }
}

fn request_row(line: &RequestLine) -> RequestRow {
    RequestRow {
        at: local(line.at),
        what: format!("{} {}", line.method, line.path),
        key: line
            .key
            .as_deref()
            .unwrap_or_default()
            .chars()
            .take(12)
            .collect(),
        answer: line.answer.clone(),
    }
}

fn switch_row(switch: &Switch) -> SwitchRow {
    let (name, value) = switch.behaviour.parts();
    SwitchRow {
        label: label(name),
        value,
        on: match switch.on {
            Call::Submit => "报送",
            Call::Query => "查询",
        },
        remaining: switch
            .remaining
            .map_or_else(|| "一直".into(), |count| format!("还有 {count} 次")),
    }
}

/// As people in China read a time.
pub(super) fn local(at: DateTime<Utc>) -> String {
    at.with_timezone(&chrono_tz::Asia::Shanghai)
        .format("%Y-%m-%d %H:%M:%S")
        .to_string()
}
