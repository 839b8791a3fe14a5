//! Accounts by their administrators (`/desk/accounts`), and those of companies by officers (`/desk/company-accounts`).

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    Problem, WebState, desk, door,
    pages::{
        accounts::{AccountRow, AccountsPage, Given},
        desk::Field,
    },
    session::{CsrfForm, SignedIn, page, randomness},
};
use crate::{
    domain::Day,
    service::{self, AccountLine, Action, Actor, Db, Error, FieldFault, Role},
};

const ACCOUNTS: &str = "/desk/accounts";
const OF_COMPANIES: &str = "/desk/company-accounts";

pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route("/desk/accounts", get(list).post(make))
        .route(
            "/desk/company-accounts",
            get(list_of_companies).post(make_of_company),
        )
        .route("/desk/accounts/{id}/approve", post(approve))
        .route("/desk/accounts/{id}/end", post(end))
        .route("/desk/accounts/{id}/unlock", post(unlock))
        .route("/desk/accounts/{id}/password", post(password))
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct MakeForm {
    name: String,
    role: String,
    region: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct CompanyForm {
    name: String,
    uscc: String,
    letter: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PasswordForm {
    login: String,
}

/// A form that has nothing but its token.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// What a page of accounts shows beside its rows.
#[derive(Debug, Default)]
struct Beside {
    make: MakeForm,
    of_company: CompanyForm,
    faults: Vec<FieldFault>,
    given: Option<Given>,
}

async fn list(State(state): State<WebState>, who: SignedIn) -> Result<Response, Problem> {
    // Officers have a page of their own.
    if who.actor.role.may(Action::MakeCompanyAccount) {
        return Err(Problem::new("forbidden").detail("本页面供系统、安全、审计管理员使用"));
    }
    show(&state, &who, ACCOUNTS, StatusCode::OK, Beside::default()).await
}

async fn list_of_companies(
    State(state): State<WebState>,
    who: SignedIn,
) -> Result<Response, Problem> {
    if !who.actor.role.may(Action::MakeCompanyAccount) {
        return Err(Problem::new("forbidden").detail("本页面供经办人员使用"));
    }
    show(
        &state,
        &who,
        OF_COMPANIES,
        StatusCode::OK,
        Beside::default(),
    )
    .await
}

/// The page at one of the two addresses.
async fn show(
    state: &WebState,
    who: &SignedIn,
    path: &str,
    status: StatusCode,
    beside: Beside,
) -> Result<Response, Problem> {
    let (actor, now) = (who.actor.clone(), state.clock.now());
    let seen = state
        .app
        .store
        .read_async(move |db| service::accounts_seen(db, &actor, now))
        .await?;
    let title = match path {
        OF_COMPANIES => "企业账号",
        _ => "账号管理",
    };
    let role = who.actor.role;
    let error = |field: &str| {
        let pointer = format!("/{field}");
        let mut of_field = beside
            .faults
            .iter()
            .filter(|fault| fault.pointer == pointer);
        of_field.next().map(|fault| fault.what.clone())
    };
    let name =
        |value: &str, label: &str| Field::new("name", label).value(value).error(error("name"));
    let roles = Role::ALL.map(|role| (role.as_str().to_owned(), role.chinese().to_owned()));
    let choose = ("".to_owned(), "请选择".to_owned());
    let names = |id: &str| {
        let found = seen.iter().find(|line| line.account.id == id);
        found.map_or_else(|| id.to_owned(), |line| line.account.name.clone())
    };
    let view = AccountsPage {
        page: desk::frame(state, &who.session, title, path),
        make: role.may(Action::ManageAccounts).then(|| {
            vec![
                name(&beside.make.name, "姓名"),
                Field::new("role", "角色")
                    .options([choose].into_iter().chain(roles))
                    .value(&beside.make.role)
                    .error(error("role")),
                Field::new("region", "负责区域代码")
                    .hint("行政区划代码，如 512002；全市的不填。")
                    .value(&beside.make.region)
                    .optional()
                    .error(error("region")),
            ]
        }),
        of_company: role.may(Action::MakeCompanyAccount).then(|| {
            vec![
                name(&beside.of_company.name, "经办人姓名"),
                Field::new("uscc", "企业统一社会信用代码")
                    .value(&beside.of_company.uscc)
                    .error(error("uscc")),
                Field::new("letter", "授权委托书")
                    .hint("已核对的授权委托书的编号或者日期。")
                    .value(&beside.of_company.letter)
                    .error(error("letter")),
            ]
        }),
        rows: seen
            .iter()
            .map(|line| row(state, who, line, &names, now))
            .collect(),
        given: beside.given,
    };
    page(status, &view)
}

fn row(
    state: &WebState,
    who: &SignedIn,
    line: &AccountLine,
    names: &impl Fn(&str) -> String,
    now: DateTime<Utc>,
) -> AccountRow {
    let (actor, account) = (&who.actor, &line.account);
    let is_mine = account.id == actor.id;
    let approves = actor.role.may(Action::ApproveAccount) && !is_mine;
    let pending = account.approved_at.is_none() && account.revoked_at.is_none();
    let regions = &state.app.regions;
    AccountRow {
        id: account.id.clone(),
        name: account.name.clone(),
        role: match (&account.uscc, Role::parse(&account.role)) {
            (Some(uscc), _) => format!("企业 {uscc}"),
            (None, Some(role)) => role.chinese().to_owned(),
            (None, None) => account.role.clone(),
        },
        place: match (&account.region, &account.uscc) {
            (Some(region), _) => regions
                .name(region)
                .map_or_else(|| region.to_string(), str::to_owned),
            (None, None) => "全市".to_owned(),
            (None, Some(_)) => String::new(),
        },
        state: match (account.revoked_at, pending, line.locked_until) {
            (Some(at), ..) => format!("{} 停用", Day::of(at)),
            (None, true, _) => "待批准".to_owned(),
            (None, false, Some(until)) => {
                format!("暂时锁定，还有 {} 分钟", (until - now).num_minutes() + 1)
            }
            (None, false, None) => "正常".to_owned(),
        },
        login: line.login.clone().unwrap_or_default(),
        factor: line.factor,
        made_by: match account.made_by.as_str() {
            "cli" => "命令行".to_owned(),
            id => names(id),
        },
        approved_by: account
            .approved_by
            .as_deref()
            .map(names)
            .unwrap_or_default(),
        may_approve: approves && pending && account.made_by != actor.id,
        may_give: approves && account.is_active(),
        may_unlock: approves && account.is_active() && line.locked_until.is_some(),
        may_end: !is_mine
            && account.revoked_at.is_none()
            && (approves || actor.role.may(Action::ManageAccounts)),
    }
}

async fn make(
    State(state): State<WebState>,
    who: SignedIn,
    CsrfForm(form): CsrfForm<MakeForm>,
) -> Result<Response, Problem> {
    let (actor, now) = (who.actor.clone(), state.clock.now());
    let (name, role, region) = (form.name.clone(), form.role.clone(), form.region.clone());
    let made = state
        .app
        .store
        .write_async(move |db| service::make_account(db, &actor, &name, &role, &region, now))
        .await;
    let beside = |faults| Beside {
        make: form,
        faults,
        ..Beside::default()
    };
    made_or_shown(&state, &who, ACCOUNTS, made, beside).await
}

async fn make_of_company(
    State(state): State<WebState>,
    who: SignedIn,
    CsrfForm(form): CsrfForm<CompanyForm>,
) -> Result<Response, Problem> {
    let (actor, now) = (who.actor.clone(), state.clock.now());
    let (name, uscc, letter) = (form.name.clone(), form.uscc.clone(), form.letter.clone());
    let made = state
        .app
        .store
        .write_async(move |db| {
            service::make_company_account(db, &actor, &name, &uscc, &letter, now)
        })
        .await;
    // A company that is not registered here is a fault of the field where it was typed.
    let made = made.map_err(|fault| match fault {
        Error::NotInScope(_) => {
            let fault = FieldFault::new("uscc", "S013", fault.to_string());
            Error::Invalid(vec![fault])
        }
        other => other,
    });
    let beside = |faults| Beside {
        of_company: form,
        faults,
        ..Beside::default()
    };
    made_or_shown(&state, &who, OF_COMPANIES, made, beside).await
}

/// Back to the list, or to the form with what is wrong with it.
async fn made_or_shown(
    state: &WebState,
    who: &SignedIn,
    path: &str,
    made: Result<String, Error>,
    beside: impl FnOnce(Vec<FieldFault>) -> Beside,
) -> Result<Response, Problem> {
    match made {
        Ok(_) => Ok(Redirect::to(path).into_response()),
        Err(Error::Invalid(faults)) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            show(state, who, path, status, beside(faults)).await
        }
        Err(other) => Err(other.into()),
    }
}

/// A step upon an account that has nothing to fill in.
type Step = fn(&mut Db, &Actor, &str, DateTime<Utc>) -> Result<(), Error>;

/// Takes the step and goes back to the list.
async fn upon(state: WebState, actor: Actor, id: String, step: Step) -> Result<Response, Problem> {
    let now = state.clock.now();
    let work = move |db: &mut _| step(db, &actor, &id, now);
    state.app.store.write_async(work).await?;
    Ok(Redirect::to(ACCOUNTS).into_response())
}

async fn approve(
    State(state): State<WebState>,
    who: SignedIn,
    Path(id): Path<String>,
    CsrfForm(Nothing {}): CsrfForm<Nothing>,
) -> Result<Response, Problem> {
    upon(state, who.actor, id, service::approve_account).await
}

async fn end(
    State(state): State<WebState>,
    who: SignedIn,
    Path(id): Path<String>,
    CsrfForm(Nothing {}): CsrfForm<Nothing>,
) -> Result<Response, Problem> {
    upon(state, who.actor, id, service::end_account).await
}

async fn unlock(
    State(state): State<WebState>,
    who: SignedIn,
    Path(id): Path<String>,
    CsrfForm(Nothing {}): CsrfForm<Nothing>,
) -> Result<Response, Problem> {
    upon(state, who.actor, id, service::unlock_account).await
}

async fn password(
    State(state): State<WebState>,
    who: SignedIn,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm<PasswordForm>,
) -> Result<Response, Problem> {
    let (actor, chance, now) = (who.actor.clone(), randomness()?, state.clock.now());
    let login = form.login.clone();
    let given = door::hashing(&state, move |app| {
        service::hand_over_password(app, &actor, &id, &login, &chance, now)
    })
    .await?;
    match given {
        Ok(password) => {
            let given = Given {
                login: form.login.trim().to_lowercase(),
                password: password.reveal().to_owned(),
            };
            let beside = Beside {
                given: Some(given),
                ..Beside::default()
            };
            show(&state, &who, ACCOUNTS, StatusCode::OK, beside).await
        }
        Err(fault) => Err(fault.into()),
    }
}
