//! The door of the pages: signing in, its second step, the second factor, the own password, signing out.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;

use super::{
    Problem, WebState,
    pages::{
        Section,
        desk::{CodePage, EnrolPage, Field, PasswordPage, SignInPage},
        svg,
    },
    session::{
        Anybody, CsrfForm, VisitorForm, give_session, give_visitor, inside, known, page,
        randomness, step, take_session, visitor,
    },
    view,
};
use crate::{
    config::Secret,
    service::{self, App, Error, Knock, Opened, SignInFault, Signed, Stage, Who},
};

/// How long somebody waits for others whose passwords are being hashed.
const PATIENCE: Duration = Duration::from_secs(10);
/// Who issues second factors, as an authenticator shows it.
const ISSUER: &str = "物业服务企业信用";

pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route("/sign-in", get(sign_in_page).post(sign_in))
        .route("/sign-in/code", get(code_page).post(code))
        .route(
            "/sign-in/second-factor",
            get(factor_page).post(confirm_factor),
        )
        .route("/sign-in/second-factor/new", post(new_factor))
        .route("/sign-in/password", get(password_page).post(password))
        .route("/sign-out", post(sign_out))
        .route("/sign-out/everywhere", post(sign_out_everywhere))
}

/// Where to go afterwards.
#[derive(Debug, Default, Deserialize)]
struct To {
    #[serde(default)]
    to: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignInForm {
    login: String,
    password: String,
    #[serde(default)]
    to: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeForm {
    code: String,
    #[serde(default)]
    to: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PasswordForm {
    old: String,
    new: String,
    again: String,
    #[serde(default)]
    to: String,
}

/// A form that has nothing but its token.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn sign_in_page(
    State(state): State<WebState>,
    Query(To { to }): Query<To>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(session) = known(&headers, &state).await? {
        return Ok(onward(&session.who, session.stage, &to));
    }
    door(&state, &headers, StatusCode::OK, "", &to, None)
}

/// The page of the door, with what went wrong.
fn door(
    state: &WebState,
    headers: &HeaderMap,
    status: StatusCode,
    login: &str,
    to: &str,
    fault: Option<String>,
) -> Result<Response, Problem> {
    let (csrf, fresh) = match visitor(headers, state) {
        Some(known) => (known, false),
        None => (hex::encode(randomness()?.csrf), true),
    };
    let view = SignInPage {
        page: view::frame(&state.app, "登录", Section::None, true),
        csrf: csrf.clone(),
        to: inside(to).unwrap_or_default().to_owned(),
        fault,
        fields: [
            Field::new("login", "登录名")
                .value(login)
                .complete("username"),
            Field::new("password", "密码")
                .kind("password")
                .complete("current-password"),
        ],
    };
    let mut response = page(status, &view)?;
    if fresh {
        give_visitor(&mut response, state, &csrf);
    }
    Ok(response)
}

async fn sign_in(
    State(state): State<WebState>,
    headers: HeaderMap,
    VisitorForm(form): VisitorForm<SignInForm>,
) -> Result<Response, Problem> {
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let knock = Knock {
        login: form.login.clone(),
        password: Secret::new(form.password),
        agent: agent.to_owned(),
    };
    let (chance, now) = (randomness()?, state.clock.now());
    let done = hashing(&state, move |app| {
        service::sign_in(app, &knock, &chance, now)
    })
    .await?;
    let opened = match done {
        Ok(opened) => opened,
        Err(Error::SignIn(fault)) => {
            let (status, wait) = refused(&fault);
            let words = Some(fault.to_string());
            let mut response = door(&state, &headers, status, &form.login, &form.to, words)?;
            retry_after(&mut response, wait);
            return Ok(response);
        }
        Err(other) => return Err(other.into()),
    };
    // Somebody who signs in over a session leaves it.
    if let Some(before) = known(&headers, &state).await? {
        state
            .app
            .store
            .write_async(move |db| service::end_session(db, &before, now))
            .await?;
    }
    admit(&state, &opened, &form.to).await
}

async fn code_page(
    State(state): State<WebState>,
    Query(To { to }): Query<To>,
    Anybody(session): Anybody,
) -> Result<Response, Problem> {
    match session.stage {
        Stage::Code => ask_code(&state, &session, StatusCode::OK, &to, None),
        stage => Ok(onward(&session.who, stage, &to)),
    }
}

fn ask_code(
    state: &WebState,
    session: &Signed,
    status: StatusCode,
    to: &str,
    fault: Option<&SignInFault>,
) -> Result<Response, Problem> {
    let view = CodePage {
        page: view::frame(&state.app, "输入验证码", Section::None, true),
        csrf: session.csrf.reveal().to_owned(),
        to: inside(to).unwrap_or_default().to_owned(),
        name: session.account.name.clone(),
        field: code_field(fault),
    };
    page(status, &view)
}

fn code_field(fault: Option<&SignInFault>) -> Field {
    Field::new("code", "六位验证码")
        .hint("打开手机上的验证器应用，输入当前显示的数字。")
        .complete("one-time-code")
        .numeric()
        .error(fault.map(ToString::to_string))
}

async fn code(
    State(state): State<WebState>,
    Anybody(session): Anybody,
    CsrfForm(form): CsrfForm<CodeForm>,
) -> Result<Response, Problem> {
    let (app, chance, now) = (state.app.clone(), randomness()?, state.clock.now());
    let (signed, typed) = (session.clone(), form.code);
    let done = on_thread(move || service::enter_code(&app, &signed, &typed, &chance, now)).await?;
    match done {
        Ok(opened) => admit(&state, &opened, &form.to).await,
        Err(Error::SignIn(SignInFault::Over)) => Ok(Redirect::to("/sign-in").into_response()),
        Err(Error::SignIn(fault)) => {
            let (status, wait) = refused(&fault);
            let mut response = ask_code(&state, &session, status, &form.to, Some(&fault))?;
            retry_after(&mut response, wait);
            Ok(response)
        }
        Err(other) => Err(other.into()),
    }
}

async fn factor_page(
    State(state): State<WebState>,
    Query(To { to }): Query<To>,
    Anybody(session): Anybody,
) -> Result<Response, Problem> {
    match session.stage {
        Stage::Enrol | Stage::Full => enrol(&state, &session, StatusCode::OK, &to, None).await,
        stage => Ok(onward(&session.who, stage, &to)),
    }
}

async fn enrol(
    state: &WebState,
    session: &Signed,
    status: StatusCode,
    to: &str,
    fault: Option<&SignInFault>,
) -> Result<Response, Problem> {
    let signed = session.clone();
    let shown = state
        .app
        .store
        .read_async(move |db| service::enrolment(db, &signed, ISSUER))
        .await?;
    let (in_use, shown) = match shown {
        service::Enrolment::InUse => (true, None),
        service::Enrolment::NotBegun => (false, None),
        service::Enrolment::Shown { secret, uri } => (false, Some((secret, uri))),
    };
    let view = EnrolPage {
        page: view::frame(&state.app, "动态验证码", Section::None, true),
        csrf: session.csrf.reveal().to_owned(),
        to: inside(to).unwrap_or_default().to_owned(),
        home: home(&session.who).to_owned(),
        in_use,
        picture: shown
            .as_ref()
            .and_then(|(_, uri)| svg::qr(uri.reveal(), "动态验证码密钥的二维码")),
        // Four letters at a time can be typed.
        secret: shown.as_ref().map(|(secret, _)| {
            let letters: Vec<char> = secret.reveal().chars().collect();
            let groups: Vec<String> = letters
                .chunks(4)
                .map(|four| four.iter().collect())
                .collect();
            groups.join(" ")
        }),
        uri: shown.map(|(_, uri)| uri.reveal().to_owned()),
        field: code_field(fault),
    };
    page(status, &view)
}

async fn new_factor(
    State(state): State<WebState>,
    Anybody(session): Anybody,
    CsrfForm(Nothing {}): CsrfForm<Nothing>,
) -> Result<Response, Problem> {
    if !matches!(session.stage, Stage::Enrol | Stage::Full) {
        return Ok(onward(&session.who, session.stage, ""));
    }
    let chance = randomness()?;
    state
        .app
        .store
        .write_async(move |db| service::begin_second_factor(db, &session, &chance))
        .await?;
    Ok(Redirect::to("/sign-in/second-factor").into_response())
}

async fn confirm_factor(
    State(state): State<WebState>,
    Anybody(session): Anybody,
    CsrfForm(form): CsrfForm<CodeForm>,
) -> Result<Response, Problem> {
    let (app, chance, now) = (state.app.clone(), randomness()?, state.clock.now());
    let (signed, typed) = (session.clone(), form.code);
    let done =
        on_thread(move || service::confirm_second_factor(&app, &signed, &typed, &chance, now))
            .await?;
    match done {
        Ok(opened) => admit(&state, &opened, &form.to).await,
        Err(Error::SignIn(SignInFault::Over)) => Ok(Redirect::to("/sign-in").into_response()),
        Err(Error::SignIn(fault)) => {
            let (status, wait) = refused(&fault);
            let mut response = enrol(&state, &session, status, &form.to, Some(&fault)).await?;
            retry_after(&mut response, wait);
            Ok(response)
        }
        Err(other) => Err(other.into()),
    }
}

async fn password_page(
    State(state): State<WebState>,
    Query(To { to }): Query<To>,
    Anybody(session): Anybody,
) -> Result<Response, Problem> {
    match session.stage {
        Stage::Password | Stage::Full => {
            ask_password(&state, &session, StatusCode::OK, &to, [None, None, None])
        }
        stage => Ok(onward(&session.who, stage, &to)),
    }
}

fn ask_password(
    state: &WebState,
    session: &Signed,
    status: StatusCode,
    to: &str,
    [old, new, again]: [Option<String>; 3],
) -> Result<Response, Problem> {
    let field = |name: &str, label: &str, complete: &str, error| {
        Field::new(name, label)
            .kind("password")
            .complete(complete)
            .error(error)
    };
    let view = PasswordPage {
        page: view::frame(&state.app, "修改密码", Section::None, true),
        csrf: session.csrf.reveal().to_owned(),
        to: inside(to).unwrap_or_default().to_owned(),
        must: session.stage == Stage::Password,
        home: home(&session.who).to_owned(),
        fields: [
            field("old", "原密码", "current-password", old),
            field("new", "新密码", "new-password", new)
                .hint("至少 12 个字符，可以是一句话；不能是登录名、姓名或者常见密码。"),
            field("again", "再次输入新密码", "new-password", again),
        ],
    };
    page(status, &view)
}

async fn password(
    State(state): State<WebState>,
    Anybody(session): Anybody,
    CsrfForm(form): CsrfForm<PasswordForm>,
) -> Result<Response, Problem> {
    if form.new != form.again {
        let faults = [None, None, Some("两次输入的新密码不一致".to_owned())];
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return ask_password(&state, &session, status, &form.to, faults);
    }
    let (chance, now) = (randomness()?, state.clock.now());
    let (signed, old, new) = (
        session.clone(),
        Secret::new(form.old),
        Secret::new(form.new),
    );
    let done = hashing(&state, move |app| {
        service::change_password(app, &signed, &old, &new, &chance, now)
    })
    .await?;
    match done {
        Ok(opened) => admit(&state, &opened, &form.to).await,
        Err(Error::SignIn(SignInFault::Over)) => Ok(Redirect::to("/sign-in").into_response()),
        Err(Error::SignIn(fault)) => {
            let words = match fault {
                SignInFault::Wrong => "原密码不正确".to_owned(),
                other => other.to_string(),
            };
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            ask_password(
                &state,
                &session,
                status,
                &form.to,
                [Some(words), None, None],
            )
        }
        Err(Error::Invalid(faults)) => {
            let words: Vec<String> = faults.into_iter().map(|fault| fault.what).collect();
            let faults = [None, Some(words.join("；")), None];
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            ask_password(&state, &session, status, &form.to, faults)
        }
        Err(other) => Err(other.into()),
    }
}

async fn sign_out(
    State(state): State<WebState>,
    Anybody(session): Anybody,
    CsrfForm(Nothing {}): CsrfForm<Nothing>,
) -> Result<Response, Problem> {
    let now = state.clock.now();
    let work = move |db: &mut _| service::end_session(db, &session, now);
    state.app.store.write_async(work).await?;
    Ok(out(&state))
}

async fn sign_out_everywhere(
    State(state): State<WebState>,
    Anybody(session): Anybody,
    CsrfForm(Nothing {}): CsrfForm<Nothing>,
) -> Result<Response, Problem> {
    let now = state.clock.now();
    let work = move |db: &mut _| service::end_everywhere(db, &session, now);
    state.app.store.write_async(work).await?;
    Ok(out(&state))
}

fn out(state: &WebState) -> Response {
    let mut response = Redirect::to("/sign-in").into_response();
    take_session(&mut response, state);
    // Pages that the browser kept go too.
    let all = HeaderValue::from_static("\"cache\"");
    response.headers_mut().insert("clear-site-data", all);
    response
}

/// Sends somebody on with the session that was just begun.
async fn admit(state: &WebState, opened: &Opened, to: &str) -> Result<Response, Problem> {
    let (app, token, now) = (
        state.app.clone(),
        opened.token.reveal().to_owned(),
        state.clock.now(),
    );
    let read = move |db: &mut _| service::session_of(db, &app.sign_in, &token, now);
    let Some(session) = state.app.store.read_async(read).await? else {
        return Ok(Redirect::to("/sign-in").into_response());
    };
    let mut response = onward(&session.who, opened.stage, to);
    give_session(&mut response, state, opened.token.reveal());
    Ok(response)
}

/// Where somebody at a stage goes.
fn onward(who: &Who, stage: Stage, to: &str) -> Response {
    let to = match (stage, inside(to)) {
        (Stage::Full, None) => home(who),
        (_, to) => to.unwrap_or_default(),
    };
    Redirect::to(&step(stage, to)).into_response()
}

fn home(who: &Who) -> &'static str {
    match who {
        Who::Official(_) => "/desk",
        Who::Company(_) => "/my",
    }
}

fn refused(fault: &SignInFault) -> (StatusCode, Option<i64>) {
    match fault {
        SignInFault::Locked { minutes } => (StatusCode::TOO_MANY_REQUESTS, Some(minutes * 60)),
        _ => (StatusCode::UNPROCESSABLE_ENTITY, None),
    }
}

fn retry_after(response: &mut Response, seconds: Option<i64>) {
    if let Some(seconds) = seconds {
        let value = HeaderValue::from(seconds);
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
}

/// Hashes a password in its turn: those of many at once would take the memory of the machine.
pub(super) async fn hashing<T: Send + 'static>(
    state: &WebState,
    work: impl FnOnce(&App) -> Result<T, Error> + Send + 'static,
) -> Result<Result<T, Error>, Problem> {
    let busy = || {
        Problem::new("lookup-failed")
            .detail("同时登录的人过多，请稍后再试。")
            .retry_after(10)
    };
    let turn = Arc::clone(&state.hashing).acquire_owned();
    let permit = tokio::time::timeout(PATIENCE, turn)
        .await
        .map_err(|_| busy())?
        .map_err(|_| busy())?;
    let app = Arc::clone(&state.app);
    on_thread(move || {
        // Held by the work and not by the request, which may go away before it is done.
        let _permit = permit;
        work(&app)
    })
    .await
}

/// Runs a use case on a thread that may block.
async fn on_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|fault| {
        tracing::error!(error = %fault, "a step of signing in failed");
        Problem::new("internal")
    })
}
