//! Complaints: received, walked through the four levels, looked up, counted.

use axum::{
    extract::{Path, Query, State, rejection::QueryRejection},
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::found;
use crate::{
    domain::{Day, Region},
    procedure::complaint::Step,
    service::{
        self, ComplaintDraft, ComplaintLine, ComplaintPage, ComplaintQuestion, ComplaintStatistics,
        ComplaintView, ContactView, Error, FieldFault, ProposedRecord, RecordProposal,
        StatisticsQuestion,
    },
    web::{Problem, WebState, auth::Caller, body::Body, cursor},
};

/// Complaints of a page where nothing is said.
const PAGE: usize = 20;
const LARGEST_PAGE: usize = 100;

/// A step: the version the caller has seen, and what is done.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct ComplaintStepBody {
    pub version: i64,
    /// `step` is one of accept, refuse, mediate, handle, visit, escalate, transfer, reopen, close; the other fields belong
    /// to it (docs/complaints.md).
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub step: Step,
}

/// Which complaints.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ComplaintQuery {
    /// `community`, `street`, `county` or `city`.
    pub level: Option<String>,
    /// Division code: complaints of its offices, and of those within it.
    pub district: Option<String>,
    pub state: Option<String>,
    /// Unified social credit code.
    pub company: Option<String>,
    /// 1 to 100; 20 if absent.
    pub limit: Option<usize>,
    /// `next` of the page before, with the same question.
    pub cursor: Option<String>,
}

/// Of which period, and where.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct StatisticsQuery {
    /// First day; the first of this year if absent.
    pub from: Option<String>,
    /// Last day; today if absent.
    pub until: Option<String>,
    /// Division code: complaints of its offices, and of those within it.
    pub district: Option<String>,
}

/// Where a page ended: bound to its question.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bound {
    level: Option<String>,
    district: Option<String>,
    state: Option<String>,
    company: Option<String>,
    before: String,
}

impl Bound {
    fn of(query: &ComplaintQuery, before: String) -> Self {
        Self {
            level: query.level.clone(),
            district: query.district.clone(),
            state: query.state.clone(),
            company: query.company.clone(),
            before,
        }
    }

    fn unpack(packed: &str, query: &ComplaintQuery) -> Result<String, Problem> {
        let bound = cursor::unpack(packed, |bound: &Self| !bound.before.contains('\0'))?;
        if bound != Self::of(query, bound.before.clone()) {
            return Err(cursor::of_another_question());
        }
        Ok(bound.before)
    }
}

/// What was asked for cannot be read: a fault of the address, not of something submitted.
fn bad_request(fault: Error) -> Problem {
    match fault {
        Error::Invalid(faults) => Problem::new("bad-request")
            .detail("查询参数不正确")
            .errors(faults.into_iter().map(Into::into).collect()),
        other => other.into(),
    }
}

/// Receive a complaint at an office of the caller's division.
#[utoipa::path(post, path = "/api/v1/complaints", tag = "complaints", request_body = ComplaintDraft, security(("token" = [])),
    responses(
        (status = 201, description = "Received", body = ComplaintLine),
        (status = 422, description = "Fields that must be mended, each with a pointer", body = Problem),
    ))]
pub async fn enter(
    State(state): State<WebState>,
    Caller(actor): Caller,
    body: Body<ComplaintDraft>,
) -> Result<Response, Problem> {
    state
        .once(body.key(&actor), 201, move |db, app, now| {
            service::enter_complaint(db, app, &actor, &body.value, now)
        })
        .await
}

/// Complaints that offices of the caller's division have, the last ones entered first; without texts and complainants.
#[utoipa::path(get, path = "/api/v1/complaints", tag = "complaints", params(ComplaintQuery), security(("token" = [])),
    responses((status = 200, description = "A page", body = ComplaintPage)))]
pub async fn list(
    State(state): State<WebState>,
    Caller(actor): Caller,
    query: Result<Query<ComplaintQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(|fault| Problem::query(&fault))?;
    let question = ComplaintQuestion::read(
        query.level.as_deref(),
        query.district.as_deref(),
        query.state.as_deref(),
        query.company.as_deref(),
    )
    .map_err(bad_request)?;
    let limit = query.limit.unwrap_or(PAGE);
    if !(1..=LARGEST_PAGE).contains(&limit) {
        let what = format!("limit 应在 1 至 {LARGEST_PAGE} 之间");
        return Err(Problem::new("bad-request").detail(what));
    }
    let before = match &query.cursor {
        Some(cursor) => Some(Bound::unpack(cursor, &query)?),
        None => None,
    };
    let (app, now) = (state.app.clone(), state.now());
    let mut page = state
        .app
        .store
        .read_async(move |db| {
            let before = before.as_deref();
            service::list_complaints(db, &app, &actor, &question, before, limit, now)
        })
        .await?;
    page.next = match page.next {
        Some(before) => Some(cursor::pack(&Bound::of(&query, before))?),
        None => None,
    };
    found(&page)
}

/// One complaint with its way; without the complainant.
#[utoipa::path(get, path = "/api/v1/complaints/{id}", tag = "complaints", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 200, description = "The complaint", body = ComplaintView)))]
pub async fn read(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (app, now) = (state.app.clone(), state.now());
    let complaint = state
        .app
        .store
        .read_async(move |db| service::read_complaint(db, &app, &actor, &id, now))
        .await?;
    found(&complaint)
}

/// Who complained and how to reach them: for the handling office alone; every look is in the audit trail.
#[utoipa::path(get, path = "/api/v1/complaints/{id}/contact", tag = "complaints", params(("id" = String, Path)),
    security(("token" = [])), responses(
        (status = 200, description = "The contact; all null where nobody was named", body = ContactView),
        (status = 403, description = "Not the handling office, or not with this role", body = Problem),
    ))]
pub async fn contact(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let now = state.now();
    let contact = state
        .app
        .store
        .write_async(move |db| service::complaint_contact(db, &actor, &id, now))
        .await?;
    found(&contact)
}

/// Take one step of a complaint; an unlawful one is refused in words that say what would be possible.
#[utoipa::path(post, path = "/api/v1/complaints/{id}/steps", tag = "complaints", request_body = ComplaintStepBody,
    params(("id" = String, Path)), security(("token" = [])), responses(
        (status = 200, description = "Taken", body = ComplaintLine),
        (status = 409, description = "Not lawful now, or changed meanwhile", body = Problem),
    ))]
pub async fn step(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    body: Body<ComplaintStepBody>,
) -> Result<Response, Problem> {
    state
        .once(body.key(&actor), 200, move |db, app, now| {
            let ComplaintStepBody { version, step } = &body.value;
            service::step_complaint(db, app, &actor, &id, *version, step, now)
        })
        .await
}

/// Enter a record for a complaint found justified: a draft, which another person confirms.
#[utoipa::path(post, path = "/api/v1/complaints/{id}/record", tag = "complaints", request_body = RecordProposal,
    params(("id" = String, Path)), security(("token" = [])), responses(
        (status = 201, description = "Entered", body = ProposedRecord),
        (status = 409, description = "Not justified, proposed before, or changed meanwhile", body = Problem),
    ))]
pub async fn record(
    State(state): State<WebState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    body: Body<RecordProposal>,
) -> Result<Response, Problem> {
    state
        .once(body.key(&actor), 201, move |db, app, now| {
            service::propose_record(db, app, &actor, &id, &body.value, now)
        })
        .await
}

/// 受理率, 调解率 and 处理率 of a period, by level, district and company, with what each counts.
#[utoipa::path(get, path = "/api/v1/complaints/statistics", tag = "complaints", params(StatisticsQuery),
    security(("token" = [])),
    responses((status = 200, description = "The figures", body = ComplaintStatistics)))]
pub async fn statistics(
    State(state): State<WebState>,
    Caller(actor): Caller,
    query: Result<Query<StatisticsQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(|fault| Problem::query(&fault))?;
    let question = read_question(&query).map_err(bad_request)?;
    let (app, now) = (state.app.clone(), state.now());
    let figures = state
        .app
        .store
        .read_async(move |db| service::complaint_statistics(db, &app, &actor, &question, now))
        .await
        .map_err(bad_request)?;
    found(&figures)
}

fn read_question(query: &StatisticsQuery) -> Result<StatisticsQuestion, Error> {
    let mut faults = Vec::new();
    let mut day = |field: &str, raw: &Option<String>| {
        let read = raw.as_deref().map(Day::parse)?;
        read.map_err(|why| faults.push(FieldFault::new(field, "E006", why.to_string())))
            .ok()
    };
    let (from, until) = (day("from", &query.from), day("until", &query.until));
    let district = query.district.as_deref().map(Region::parse).transpose();
    match district {
        Ok(district) if faults.is_empty() => Ok(StatisticsQuestion {
            from,
            until,
            district,
        }),
        Ok(_) => Err(Error::Invalid(faults)),
        Err(why) => {
            faults.push(FieldFault::new("district", "E006", why.to_string()));
            Err(Error::Invalid(faults))
        }
    }
}
