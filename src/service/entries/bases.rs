//! The legal basis of a list (设列依据): one person enters it, two others approve it, and it can be taken back. A list of the
//! seriously untrustworthy (严重失信主体名单) takes no entry and sends none out without one (国办发〔2020〕49号 part 4).

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::missing_type;
use crate::{
    domain::Day,
    listing::{BasisLevel, LegalBasis, ListClass, ListType, Text},
    service::{
        App, Error,
        permission::{self, Action as Permission},
    },
    store::{
        Db, StoreError, audit,
        list_bases::{self as kept, NewBasis},
    },
};

/// A basis as it is put forward.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BasisDraft {
    /// Id of the list type: `serious`.
    pub list: String,
    /// 法律, 行政法规, 党中央国务院文件, 部门规章, 地方性法规, 地方政府规章 or 规范性文件.
    #[schema(value_type = String)]
    pub level: BasisLevel,
    #[schema(value_type = String)]
    pub title: Text,
    #[schema(value_type = String)]
    pub number: Text,
    #[schema(value_type = String)]
    pub article: Text,
    #[schema(value_type = String)]
    pub effective_from: Day,
    /// Last day in force, if an end is known.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub effective_until: Option<Day>,
}

/// A basis that was entered.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BasisView {
    pub id: String,
    pub list: String,
    pub level: String,
    pub title: String,
    pub number: String,
    pub article: String,
    pub effective_from: String,
    pub effective_until: Option<String>,
    pub entered_by: String,
    pub entered_at: String,
    /// Accounts that approved it; two are needed.
    pub approved_by: Vec<String>,
    /// Whether a list of the seriously untrustworthy may rest on it as it stands: its rank suffices, two people
    /// approved it, and it was not taken back.
    pub carries: bool,
    pub withdrawn_by: Option<String>,
    pub withdrawn_reason: Option<String>,
}

/// Enters a basis. It counts for nothing until two others have approved it.
pub fn enter_basis(
    db: &mut Db,
    app: &App,
    actor: &permission::Actor,
    draft: &BasisDraft,
    now: DateTime<Utc>,
) -> Result<BasisView, Error> {
    actor.check(Permission::EnterBasis, actor.region.as_ref())?;
    let list = app.lists.get(&draft.list);
    let list = list.ok_or_else(|| missing_type(&draft.list))?;
    let new = NewBasis {
        id: format!("B{}", Uuid::now_v7().simple()),
        list: list.id().to_owned(),
        level: draft.level.as_str().to_owned(),
        title: draft.title.to_string(),
        number: draft.number.to_string(),
        article: draft.article.to_string(),
        effective_from: draft.effective_from,
        effective_until: draft.effective_until,
        entered_by: actor.id.clone(),
    };
    kept::enter(db, &new, now)?;
    note(db, actor, "basis.enter", &new.id, now)?;
    read(db, &new.id)
}

/// Approves a basis that another entered.
pub fn approve_basis(
    db: &mut Db,
    actor: &permission::Actor,
    id: &str,
    now: DateTime<Utc>,
) -> Result<BasisView, Error> {
    actor.check(Permission::ApproveBasis, actor.region.as_ref())?;
    let basis = standing(db, id, "批准")?;
    actor.differs_from(&basis.basis.entered_by, Permission::ApproveBasis)?;
    if basis.approved_by.contains(&actor.id) {
        return Err(refused(id, "已由本人批准", "再次批准"));
    }
    kept::approve(db, id, &actor.id, now).map_err(|fault| match fault {
        StoreError::Exists { .. } => refused(id, "已由本人批准", "再次批准"),
        fault => fault.into(),
    })?;
    note(db, actor, "basis.approve", id, now)?;
    read(db, id)
}

/// Takes a basis back: it was entered wrongly, or is in force no more.
pub fn withdraw_basis(
    db: &mut Db,
    actor: &permission::Actor,
    id: &str,
    reason: &Text,
    now: DateTime<Utc>,
) -> Result<BasisView, Error> {
    actor.check(Permission::EnterBasis, actor.region.as_ref())?;
    standing(db, id, "撤回")?;
    kept::withdraw(db, id, &actor.id, reason.as_str(), now).map_err(|fault| match fault {
        StoreError::State { .. } => refused(id, "已撤回", "撤回"),
        fault => fault.into(),
    })?;
    note(db, actor, "basis.withdraw", id, now)?;
    read(db, id)
}

/// All that were entered, those taken back too.
pub fn list_bases(db: &mut Db, actor: &permission::Actor) -> Result<Vec<BasisView>, Error> {
    actor.check(Permission::ReadEntry, actor.region.as_ref())?;
    kept::all(db)?.into_iter().map(view).collect()
}

/// The type of a list with what was entered and approved for it.
pub(in crate::service) fn list_type<'a>(
    db: &mut Db,
    app: &'a App,
    id: &str,
) -> Result<Cow<'a, ListType>, Error> {
    let list = app.lists.get(id).ok_or_else(|| missing_type(id))?;
    if list.class() != ListClass::Serious {
        return Ok(Cow::Borrowed(list));
    }
    let bases = kept::of_list(db, id)?
        .iter()
        .map(legal)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Cow::Owned(list.with_bases(&bases)))
}

fn legal(kept: &kept::Basis) -> Result<LegalBasis, Error> {
    let basis = &kept.basis;
    let level = BasisLevel::ALL
        .iter()
        .find(|level| level.as_str() == basis.level)
        .ok_or_else(|| StoreError::Corrupt {
            table: "list_basis",
            column: "level",
            value: basis.level.clone(),
        })?;
    Ok(LegalBasis {
        level: *level,
        title: basis.title.clone(),
        number: basis.number.clone(),
        article: basis.article.clone(),
        effective_from: basis.effective_from,
        effective_until: basis.effective_until,
        approved_by: kept.approved_by.clone(),
    })
}

fn view(kept: kept::Basis) -> Result<BasisView, Error> {
    let carries = kept.withdrawn.is_none() && legal(&kept)?.carries_serious_list();
    let basis = kept.basis;
    let (withdrawn_by, withdrawn_reason) = kept
        .withdrawn
        .map(|withdrawn| (withdrawn.by, withdrawn.reason))
        .unzip();
    Ok(BasisView {
        id: basis.id,
        list: basis.list,
        level: basis.level,
        title: basis.title,
        number: basis.number,
        article: basis.article,
        effective_from: basis.effective_from.to_string(),
        effective_until: basis.effective_until.map(|day| day.to_string()),
        entered_by: basis.entered_by,
        entered_at: kept.entered_at.to_rfc3339(),
        approved_by: kept.approved_by,
        carries,
        withdrawn_by,
        withdrawn_reason,
    })
}

fn read(db: &mut Db, id: &str) -> Result<BasisView, Error> {
    view(kept::find(db, id)?.ok_or_else(|| missing(id))?)
}

fn standing(db: &mut Db, id: &str, step: &'static str) -> Result<kept::Basis, Error> {
    let basis = kept::find(db, id)?.ok_or_else(|| missing(id))?;
    if basis.withdrawn.is_some() {
        return Err(refused(id, "已撤回", step));
    }
    Ok(basis)
}

fn refused(id: &str, found: &'static str, step: &'static str) -> Error {
    Error::WrongState {
        what: "设列依据",
        id: id.to_owned(),
        found,
        step,
    }
}

fn missing(id: &str) -> Error {
    Error::Missing {
        what: "设列依据",
        id: id.to_owned(),
    }
}

fn note(
    db: &mut Db,
    actor: &permission::Actor,
    action: &str,
    id: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let event = audit::NewAudit {
        company: None,
        actor: actor.id.clone(),
        action: action.to_owned(),
        subject: format!("list basis {id}"),
        data: "{}".to_owned(),
    };
    audit::append(db, &event, now)?;
    Ok(())
}
