//! List entries at the desk: by state, one with what happened and what can be done, and the form of each step.

use axum::{
    Router,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use serde::Deserialize;

use super::frame;
use crate::{
    domain::Day,
    listing::{Action, Event, EventKind, StateName, StepName},
    service::{self, Action as Permission, EntryView, Error, FieldFault, documents},
    web::{
        Problem, WebState,
        pages::{
            desk::NavLink,
            forms::{ENTRIES, IssuedPaper, StepForm, Wrong},
            matters::{Clock, Line, MatterPage, MatterRow, MattersPage, StepLine, StepPage},
        },
        session::{CsrfForm, SignedIn, page},
    },
};

/// The field of a form that tells how many events its reader has seen.
const VERSION: &str = "version";

pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route("/desk/entries", get(list))
        .route("/desk/entries/{id}", get(read))
        .route("/desk/entries/{id}/steps/{step}", get(form).post(take))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    state: Option<String>,
}

/// A form as it was sent: what its reader had seen, and the fields.
struct Sent {
    version: i64,
    typed: Vec<(String, String)>,
}

/// Why a step was not taken.
struct Refused {
    status: StatusCode,
    what: Option<String>,
    wrong: Vec<Wrong>,
}

async fn list(
    State(state): State<WebState>,
    who: SignedIn,
    query: Result<Query<Filter>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(filter) = query.map_err(|fault| Problem::query(&fault))?;
    let (actor, asked) = (who.actor.clone(), filter.state.clone());
    let entries = state
        .app
        .store
        .read_async(move |db| {
            let states: Vec<&str> = asked.as_deref().into_iter().collect();
            service::list_entries(db, &actor, &states)
        })
        .await?;
    let every = NavLink {
        href: "/desk/entries".to_owned(),
        title: "全部".to_owned(),
        current: filter.state.is_none(),
    };
    let of_state = |name: &StateName| NavLink {
        href: format!("/desk/entries?state={}", name.as_str()),
        title: name.chinese().to_owned(),
        current: filter.state.as_deref() == Some(name.as_str()),
    };
    let row = |entry: &EntryView| MatterRow {
        href: format!("/desk/entries/{}", entry.id),
        title: format!("{} {}", list_title(&state, entry), entry.company),
        state: entry.state_name.clone(),
        meta: entry
            .severity
            .clone()
            .into_iter()
            .chain(entry.due_on.as_ref().map(|day| format!("期限至 {day}")))
            .collect(),
    };
    let view = MattersPage {
        page: frame(&state, &who.session, "名单事项", "/desk/entries"),
        filters: std::iter::once(every)
            .chain(StateName::ALL.iter().map(of_state))
            .collect(),
        rows: entries.iter().map(row).collect(),
    };
    page(StatusCode::OK, &view)
}

async fn read(
    State(state): State<WebState>,
    who: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let entry = entry(&state, &who, &id).await?;
    let today = Day::of(state.clock.now());
    let path = format!("/desk/entries/{}", entry.id);
    let clauses: Vec<&str> = entry
        .entry
        .evidence
        .clauses
        .iter()
        .map(|clause| clause.as_str())
        .collect();
    let facts = [
        ("统一社会信用代码", entry.company.clone()),
        ("失信严重程度", entry.severity.clone().unwrap_or_default()),
        ("依据条款", clauses.join("；")),
    ];
    let clock = |deadline: &crate::domain::Deadline| {
        let rule = state.app.deadlines.get(&deadline.rule).ok();
        Clock {
            what: rule.map_or_else(|| deadline.rule.clone(), |rule| rule.title.clone()),
            due_on: deadline.due.to_string(),
            overdue: deadline.due < today,
            basis: rule.map(|rule| rule.basis.clone()).unwrap_or_default(),
        }
    };
    // What only the service does by itself has no form.
    let with_form = entry
        .steps
        .iter()
        .filter(|step| ENTRIES.get(&step.action).is_some());
    let view = MatterPage {
        page: frame(&state, &who.session, &list_title(&state, &entry), &path),
        state: entry.state_name.clone(),
        facts: facts
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        clocks: entry.deadlines.iter().map(clock).collect(),
        steps: with_form
            .map(|step| StepLine {
                title: step.title.clone(),
                href: step.open.then(|| format!("{path}/steps/{}", step.action)),
                why_not: step.why_not.clone().unwrap_or_default(),
            })
            .collect(),
        history: entry.events.iter().map(line).collect(),
    };
    page(StatusCode::OK, &view)
}

async fn form(
    State(state): State<WebState>,
    who: SignedIn,
    Path((id, step)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let form = form_of(&step)?;
    show(&state, &who, &id, form, None).await
}

async fn take(
    State(state): State<WebState>,
    who: SignedIn,
    Path((id, step)): Path<(String, String)>,
    CsrfForm(fields): CsrfForm<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let form = form_of(&step)?;
    let sent = Sent::of(fields)?;
    let action = match read_action(form, &sent.typed) {
        Ok(action) => action,
        Err(refused) => return show(&state, &who, &id, form, Some((sent, refused))).await,
    };
    let (app, now, actor) = (state.app.clone(), state.clock.now(), who.actor.clone());
    let (entry, version) = (id.clone(), sent.version);
    let taken = state
        .app
        .store
        .write_async(move |db| service::step_entry(db, &app, &actor, &entry, version, &action, now))
        .await;
    match taken {
        Ok(entry) => Ok(Redirect::to(&format!("/desk/entries/{}", entry.id)).into_response()),
        Err(fault) => {
            let refused = Refused::of(form, fault)?;
            show(&state, &who, &id, form, Some((sent, refused))).await
        }
    }
}

/// The form of a step, empty or as it came back.
async fn show(
    state: &WebState,
    who: &SignedIn,
    id: &str,
    form: &'static StepForm,
    back: Option<(Sent, Refused)>,
) -> Result<Response, Problem> {
    let entry = entry(state, who, id).await?;
    let papers = papers(state, who, id).await?;
    let step = StepName::ALL.iter().find(|step| step.as_str() == form.step);
    let title = step.map_or(form.step, |step| step.chinese());
    let path = format!("/desk/entries/{}", entry.id);
    let (typed, wrong, what, status, news) = match back {
        None => (Vec::new(), Vec::new(), None, StatusCode::OK, Vec::new()),
        Some((sent, refused)) => {
            let seen = usize::try_from(sent.version).unwrap_or_default();
            let news = entry.events.iter().skip(seen).map(line).collect();
            (
                sent.typed,
                refused.wrong,
                refused.what,
                refused.status,
                news,
            )
        }
    };
    let view = StepPage {
        page: frame(state, &who.session, title, &path),
        action: format!("{path}/steps/{}", form.step),
        back: path,
        fault: what,
        news,
        seen: vec![(VERSION.to_owned(), entry.version.to_string())],
        fields: form.fields(&typed, &wrong, &papers),
    };
    page(status, &view)
}

impl Sent {
    fn of(fields: Vec<(String, String)>) -> Result<Self, Problem> {
        let (seen, typed): (Vec<_>, Vec<_>) =
            fields.into_iter().partition(|(name, _)| name == VERSION);
        let version = match seen.as_slice() {
            [(_, text)] => text.parse().ok(),
            _ => None,
        };
        let version = version.ok_or_else(|| {
            Problem::new("bad-request").detail("表单不完整，请返回事项页面重新打开")
        })?;
        Ok(Self { version, typed })
    }
}

impl Refused {
    /// What the official can mend stays on the page; the rest is a problem of its own.
    fn of(form: &StepForm, fault: Error) -> Result<Self, Problem> {
        let status = match &fault {
            Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Error::Changed { .. } | Error::WrongState { .. } | Error::Illegal(_) => {
                StatusCode::CONFLICT
            }
            _ => return Err(fault.into()),
        };
        let text = fault.to_string();
        let Error::Invalid(faults) = fault else {
            return Ok(Self {
                status,
                what: Some(text),
                wrong: Vec::new(),
            });
        };
        let faults = faults.into_iter().map(|fault| at_field(form, fault));
        Ok(Self::in_fields(form, faults.collect()))
    }

    /// Faults at their fields; those of no field stand above the form.
    fn in_fields(form: &StepForm, faults: Vec<Wrong>) -> Self {
        let (wrong, others): (Vec<Wrong>, Vec<Wrong>) = faults
            .into_iter()
            .partition(|wrong| form.fields.iter().any(|spec| spec.at == wrong.name));
        let others: Vec<String> = others.into_iter().map(|wrong| wrong.what).collect();
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            what: (!others.is_empty()).then(|| others.join("；")),
            wrong,
        }
    }
}

/// A fault of the JSON at the field it was made of: `/evidence/0` belongs to `evidence`.
fn at_field(form: &StepForm, fault: FieldFault) -> Wrong {
    let path = fault.pointer.trim_start_matches('/').replace('/', ".");
    let field = form.fields.iter().find(|spec| {
        path.strip_prefix(spec.at)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    });
    Wrong {
        name: field.map_or(path.clone(), |spec| spec.at.to_owned()),
        what: fault.what,
    }
}

fn read_action(form: &StepForm, typed: &[(String, String)]) -> Result<Action, Refused> {
    let json = form
        .json(ENTRIES.tag, typed)
        .map_err(|wrong| Refused::in_fields(form, wrong))?;
    serde_json::from_value(json).map_err(|fault| Refused {
        status: StatusCode::UNPROCESSABLE_ENTITY,
        what: Some(fault.to_string()),
        wrong: Vec::new(),
    })
}

fn form_of(step: &str) -> Result<&'static StepForm, Problem> {
    ENTRIES
        .get(step)
        .ok_or_else(|| Problem::new("not-found").detail("名单事项没有这一步骤"))
}

async fn entry(state: &WebState, who: &SignedIn, id: &str) -> Result<EntryView, Problem> {
    let (app, now, actor) = (state.app.clone(), state.clock.now(), who.actor.clone());
    let id = id.to_owned();
    let read = move |db: &mut _| service::read_entry(db, &app, &actor, &id, now);
    Ok(state.app.store.read_async(read).await?)
}

/// The documents issued for an entry that hold; none for a role that reads none.
async fn papers(state: &WebState, who: &SignedIn, id: &str) -> Result<Vec<IssuedPaper>, Problem> {
    if !who.actor.role.may(Permission::ReadDocument) {
        return Ok(Vec::new());
    }
    let actor = who.actor.clone();
    let question = documents::Question {
        entry: Some(id.to_owned()),
        ..documents::Question::default()
    };
    let read = move |db: &mut _| documents::documents(db, &actor, &question);
    let issued = state.app.store.read_async(read).await?;
    let holds = issued.into_iter().filter(|paper| paper.void.is_none());
    Ok(holds
        .map(|paper| IssuedPaper {
            number: paper.mark,
            digest: paper.digest,
            title: paper.title,
        })
        .collect())
}

fn list_title(state: &WebState, entry: &EntryView) -> String {
    let list = state.app.lists.get(&entry.list);
    list.map_or_else(|| entry.list.clone(), |list| list.title().to_owned())
}

fn line(event: &Event) -> Line {
    Line {
        on: Day::of(event.at).to_string(),
        what: happened(&event.kind).to_owned(),
        who: format!("{} {}", event.actor.role.chinese(), event.actor.id),
        said: event.reason.to_string(),
    }
}

/// What happened, in words.
fn happened(kind: &EventKind) -> &'static str {
    match kind {
        EventKind::Proposed { .. } => "提请列入",
        EventKind::Reviewed { .. } => "法制审核",
        EventKind::Dropped => "终止办理",
        EventKind::Issued { .. } => "制作事先告知书",
        EventKind::Noticed { .. } => "送达事先告知书",
        EventKind::StatementReceived { .. } => "收到陈述申辩或者听证申请",
        EventKind::HearingHeld { .. } => "举行听证",
        EventKind::StatementAnswered { .. } => "答复陈述申辩",
        EventKind::Waived { .. } => "企业放弃陈述申辩",
        EventKind::Decided { .. } => "作出决定",
        EventKind::NotListed => "决定不列入",
        EventKind::HigherApproved { .. } => "上级批准",
        EventKind::DecisionServed { .. } => "送达决定书",
        EventKind::Published { .. } => "公示",
        EventKind::Disputed { .. } => "收到异议",
        EventKind::DisputeSettled { .. } => "异议办结",
        EventKind::Corrected { .. } => "更正",
        EventKind::Shielded { .. } => "暂停公示",
        EventKind::Unshielded => "恢复公示",
        EventKind::ExitRequested { .. } => "申请移出",
        EventKind::RepairAccepted { .. } => "受理信用修复",
        EventKind::RepairExtended => "延长修复办理期限",
        EventKind::ExitRefused => "不予移出",
        EventKind::Repaired { .. } => "信用修复",
        EventKind::Revoked { .. } => "撤销决定",
        EventKind::RestorationRequested => "提请恢复列入",
        EventKind::Restored { .. } => "恢复列入",
        EventKind::RestorationRefused => "不予恢复列入",
        EventKind::Expired => "公示期满",
    }
}
