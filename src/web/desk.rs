//! The first page of officials (`/desk`), and the frame around every signed-in page.

mod entries;

use axum::{Router, extract::State, http::StatusCode, response::Response, routing::get};

use super::{
    Problem, WebState, accounts, my,
    pages::desk::{DeskPage, DueRow, Frame, NavLink},
    session::{SignedIn, page},
};
use crate::{
    domain::MatterKind,
    service::{
        Action, Actor, Role, Signed, Who,
        deadlines::{self, BoardRow},
    },
};

/// Periods on the first page.
const SHOWN: usize = 50;

/// Every page that officials reach by the navigation: address, title, and what one must be allowed to do to see it.
/// A page that is built is a line here.
const DESK: &[(&str, &str, Option<Action>)] = &[
    ("/desk", "工作台", None),
    ("/desk/entries", "名单事项", Some(Action::ReadEntry)),
    (
        "/desk/company-accounts",
        "企业账号",
        Some(Action::MakeCompanyAccount),
    ),
    ("/desk/accounts", "账号管理", Some(Action::ManageAccounts)),
    ("/desk/accounts", "账号管理", Some(Action::ApproveAccount)),
    ("/desk/accounts", "账号", Some(Action::ReadAudit)),
];

/// Every page that companies reach by the navigation.
const MY: &[(&str, &str)] = &[
    ("/my", "本企业"),
    ("/my/records", "信用记录"),
    ("/my/score", "得分说明"),
    ("/my/report", "信用报告"),
];

/// Signed-in pages; those of other files are merged here, so that they get the same headers.
pub(super) fn routes() -> Router<WebState> {
    accounts::routes()
        .merge(my::routes())
        .merge(entries::routes())
        .route("/desk", get(desk))
}

/// The frame around a signed-in page at an address of the navigation, or under one.
pub(super) fn frame(state: &WebState, session: &Signed, title: &str, path: &str) -> Frame {
    let link = |(href, title): (&str, &str)| NavLink {
        current: path == href
            || (href.matches('/').count() > 1 && path.starts_with(&format!("{href}/"))),
        href: href.to_owned(),
        title: title.to_owned(),
    };
    let (role, nav) = match &session.who {
        Who::Official(actor) => (
            actor.role.chinese().to_owned(),
            links(actor).map(link).collect(),
        ),
        Who::Company(uscc) => (uscc.to_string(), MY.iter().copied().map(link).collect()),
    };
    Frame {
        site: "物业服务企业信用公示".to_owned(),
        bureau: state.app.authority.name.clone(),
        title: title.to_owned(),
        name: session.account.name.clone(),
        role,
        nav,
        csrf: session.csrf.reveal().to_owned(),
    }
}

fn links(actor: &Actor) -> impl Iterator<Item = (&'static str, &'static str)> {
    let role = actor.role;
    DESK.iter()
        .filter(move |(.., action)| action.is_none_or(|action| role.may(action)))
        .map(|(href, title, _)| (*href, *title))
}

async fn desk(State(state): State<WebState>, who: SignedIn) -> Result<Response, Problem> {
    let role: Role = who.actor.role;
    let regions = &state.app.regions;
    let region = who.actor.region.as_ref();
    let due = match role.may(Action::ReadDeadlines) {
        true => Some(due(&state, &who.actor).await?),
        false => None,
    };
    let view = DeskPage {
        page: frame(&state, &who.session, "工作台", "/desk"),
        place: match region {
            None => "全市".to_owned(),
            Some(region) => regions
                .name(region)
                .map_or_else(|| region.to_string(), str::to_owned),
        },
        links: links(&who.actor)
            .filter(|(href, _)| *href != "/desk")
            .map(|(href, title)| NavLink {
                href: href.to_owned(),
                title: title.to_owned(),
                current: false,
            })
            .collect(),
        more: due.as_ref().is_some_and(|rows| rows.len() > SHOWN),
        due: due.map(|rows| rows.into_iter().take(SHOWN).collect()),
        may: Action::ALL
            .into_iter()
            .filter(|action| role.may(*action))
            .map(|action| action.chinese().to_owned())
            .collect(),
    };
    page(StatusCode::OK, &view)
}

/// What runs in the account's division, the most urgent first; one row more than is shown, if there is one.
async fn due(state: &WebState, actor: &Actor) -> Result<Vec<DueRow>, Problem> {
    let (app, now, asks) = (state.app.clone(), state.clock.now(), actor.clone());
    let question = deadlines::Question {
        limit: Some(SHOWN + 1),
        ..deadlines::Question::default()
    };
    let rows = state
        .app
        .store
        .read_async(move |db| deadlines::board(db, &app, &asks, &question, now))
        .await?;
    Ok(rows.into_iter().map(due_row).collect())
}

fn due_row(row: BoardRow) -> DueRow {
    let kind = MatterKind::ALL
        .into_iter()
        .find(|kind| kind.as_str() == row.matter_kind);
    DueRow {
        what: row.what,
        who: row.who,
        standing: row.standing,
        overdue: row.overdue,
        due_on: row.due_on,
        kind: kind.map_or("", MatterKind::chinese).to_owned(),
        title: row.title,
        // The board has only kinds of matter that the role reads.
        href: (kind == Some(MatterKind::Entry)).then(|| format!("/desk/entries/{}", row.matter)),
        basis: row.basis,
    }
}
