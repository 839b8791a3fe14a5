//! The procedure of a record: notice, objection, rectification. One route a step; `version` and `events` are what the caller
//! has seen.

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::found;
use crate::{
    domain::{Day, Text},
    procedure::record::{FileDigest, Method, Remedy, Step},
    service::{self, Actor, ProcessView, RecordDraft, RecordStep, Stepped},
    web::{Problem, WebState, auth::Caller, body::Body},
};

/// A body that asks for a step.
trait Asks: Clone + Send + 'static {
    fn step(&self) -> RecordStep;
}

/// Makes a body that asks for one step of its fields.
macro_rules! asks {
    ($body:ident, $step:ident { $($field:ident),* }) => {
        impl Asks for $body {
            fn step(&self) -> RecordStep {
                let Self { version, events, $($field),* } = self.clone();
                RecordStep { version, events, step: Step::$step { $($field),* }, record: None }
            }
        }
    };
}

/// A notice (记分告知单) is issued.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeBody {
    pub version: i64,
    pub events: i64,
    /// Document number.
    #[schema(value_type = String)]
    pub number: Text,
}
asks!(NoticeBody, Notice { number });

/// It reached the company.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServedBody {
    pub version: i64,
    pub events: i64,
    /// `{"method": "direct"}`, `post`, `left` with `witness`, `electronic` with `consent`, or `publication`.
    #[schema(value_type = Object)]
    pub method: Method,
    #[schema(value_type = String)]
    pub delivered_on: Day,
    #[schema(value_type = String)]
    pub proof: Text,
}
asks!(
    ServedBody,
    Served {
        method,
        delivered_on,
        proof
    }
);

/// The company objects.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectBody {
    pub version: i64,
    pub events: i64,
    /// Number under which it was received.
    #[schema(value_type = String)]
    pub number: Text,
    #[schema(value_type = String)]
    pub grounds: Text,
    #[schema(value_type = String)]
    pub received_on: Day,
    /// Other bodies have to be asked: 7 instead of 3 working days.
    #[serde(default)]
    pub joint: bool,
    /// Digests of attachments of the record.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub evidence: Vec<FileDigest>,
}
asks!(
    ObjectBody,
    Object {
        number,
        grounds,
        received_on,
        joint,
        evidence
    }
);

/// A step that needs a reason and nothing else.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawObjectionBody {
    pub version: i64,
    pub events: i64,
    #[schema(value_type = String)]
    pub reason: Text,
}
asks!(WithdrawObjectionBody, WithdrawObjection { reason });

/// The objection holds.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpholdBody {
    pub version: i64,
    pub events: i64,
    #[schema(value_type = String)]
    pub reason: Text,
    /// The whole record as it should be; absent: it is revoked.
    #[serde(default)]
    pub record: Option<RecordDraft>,
    /// Why the person who confirmed the record examines the objection.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub exceptionally: Option<Text>,
}

impl Asks for UpholdBody {
    fn step(&self) -> RecordStep {
        let asked = self.clone();
        RecordStep {
            version: asked.version,
            events: asked.events,
            step: Step::Uphold {
                reason: asked.reason,
                remedy: match asked.record {
                    Some(_) => Remedy::Correct,
                    None => Remedy::Revoke,
                },
                exceptionally: asked.exceptionally,
            },
            record: asked.record,
        }
    }
}

/// The objection does not hold.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RejectBody {
    pub version: i64,
    pub events: i64,
    #[schema(value_type = String)]
    pub reason: Text,
    /// Why the person who confirmed the record examines the objection.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub exceptionally: Option<Text>,
}
asks!(
    RejectBody,
    Reject {
        reason,
        exceptionally
    }
);

/// The company reports that it has rectified.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RectificationBody {
    pub version: i64,
    pub events: i64,
    #[schema(value_type = String)]
    pub statement: Text,
    #[schema(value_type = String)]
    pub rectified_on: Day,
    /// Digests of attachments of the record.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub evidence: Vec<FileDigest>,
}
asks!(
    RectificationBody,
    Rectification {
        statement,
        rectified_on,
        evidence
    }
);

/// The rectification was checked and is accepted.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptBody {
    pub version: i64,
    pub events: i64,
    #[schema(value_type = String)]
    pub opinion: Text,
}
asks!(AcceptBody, Accept { opinion });

/// It is not accepted.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefuseBody {
    pub version: i64,
    pub events: i64,
    #[schema(value_type = String)]
    pub reason: Text,
}
asks!(RefuseBody, Refuse { reason });

/// More time to rectify.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtendBody {
    pub version: i64,
    pub events: i64,
    #[schema(value_type = String)]
    pub rectify_by: Day,
    #[schema(value_type = String)]
    pub reason: Text,
}
asks!(ExtendBody, Extend { rectify_by, reason });

async fn take<B: Asks>(
    state: WebState,
    actor: Actor,
    id: String,
    body: Body<B>,
) -> Result<Response, Problem> {
    let asked = body.value.step();
    state
        .once(body.key(&actor), 200, move |db, app, now| {
            service::step_record(db, app, &actor, &id, &asked, now)
        })
        .await
}

/// The procedure of a record: its history, what is running, its attachments.
#[utoipa::path(get, path = "/api/v1/records/{id}/process", tag = "procedure", security(("token" = [])),
    params(("id" = String, Path)),
    responses((status = 200, description = "As it stands", body = ProcessView)))]
pub async fn read(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (app, now) = (state.app.clone(), state.now());
    let process = state
        .app
        .store
        .read_async(move |db| service::read_process(db, &app, &actor, &id, now))
        .await?;
    found(&process)
}

/// Makes the handler of a step: all differ in their body and in what they say of themselves.
macro_rules! handler {
    ($(#[$doc:meta])* $name:ident, $path:literal, $body:ident, $done:literal, $refused:literal) => {
        $(#[$doc])*
        #[utoipa::path(post, path = $path, tag = "procedure", request_body = $body, security(("token" = [])),
            params(("id" = String, Path)),
            responses(
                (status = 200, description = $done, body = Stepped),
                (status = 409, description = $refused, body = Problem),
            ))]
        pub async fn $name(
            State(state): State<WebState>,
            Caller(actor): Caller,
            Path(id): Path<String>,
            body: Body<$body>,
        ) -> Result<Response, Problem> {
            take(state, actor, id, body).await
        }
    };
}

handler!(
    /// Issue the notice (记分告知单) of a confirmed record.
    notice, "/api/v1/records/{id}/notice", NoticeBody,
    "Issued: clause, points and last day to rectify are kept as they were",
    "Not confirmed, issued already, or changed meanwhile"
);
handler!(
    /// Register that the notice reached the company: the period to object runs.
    served, "/api/v1/records/{id}/served", ServedBody,
    "Registered",
    "Nothing issued, served already, or a day that cannot be"
);
handler!(
    /// Register an objection: the record is marked at once.
    object, "/api/v1/records/{id}/object", ObjectBody,
    "Marked as disputed",
    "Too late, under examination or answered already"
);
handler!(
    /// Register that the company takes its objection back.
    withdraw_objection, "/api/v1/records/{id}/withdraw-objection", WithdrawObjectionBody,
    "The mark is gone",
    "No objection is being examined"
);
handler!(
    /// Uphold an objection: with `record` it is corrected, without it is revoked.
    uphold, "/api/v1/records/{id}/uphold", UpholdBody,
    "Corrected or revoked, and scored again",
    "No objection is being examined"
);
handler!(
    /// Reject an objection: the record counts as before.
    reject, "/api/v1/records/{id}/reject", RejectBody,
    "The mark is gone",
    "No objection is being examined"
);
handler!(
    /// Register the company's report of a rectification.
    rectification, "/api/v1/records/{id}/rectification", RectificationBody,
    "To be checked",
    "Rectified already, or being checked"
);
handler!(
    /// Accept a rectification.
    accept, "/api/v1/records/{id}/accept", AcceptBody,
    "Rectified, and scored again",
    "Nothing to check"
);
handler!(
    /// Refuse a rectification; the company may report again.
    refuse, "/api/v1/records/{id}/refuse", RefuseBody,
    "Refused",
    "Nothing to check"
);
handler!(
    /// Give the company more time to rectify.
    extend, "/api/v1/records/{id}/extend", ExtendBody,
    "The last day is moved on",
    "Rectified already, no last day, or too long"
);
