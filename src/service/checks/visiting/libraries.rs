//! Whose account an officer's is, and which items of the rule set an inspection item covers: libraries in versions, as items
//! and officers are.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Covered, may, may_cite};
use crate::{
    domain::Day,
    service::{
        App, Error, FieldFault,
        checks::{
            from_json,
            library::{add, items, officers},
            to_json,
        },
        permission::{Action, Actor, Role},
    },
    store::{
        Db, accounts,
        checks::{self as kept, Kind},
    },
};

/// Which account an officer signs with.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckAccountDraft {
    /// Id of the officer in the library.
    pub officer: String,
    /// Id of an account of the role `officer`; left out: none any more.
    #[serde(default)]
    pub account: Option<String>,
}

/// An officer's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckAccount {
    pub officer: String,
    #[serde(default)]
    pub version: i64,
    pub account: Option<String>,
}

/// Which items of the rule set are gone through where an inspection item is in a task.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckScopeDraft {
    /// Id of the inspection item.
    pub item: String,
    /// Ids of items of the rule set; empty: every one that a spot check may cite.
    pub covers: Vec<String>,
}

/// A scope as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckScope {
    pub item: String,
    #[serde(default)]
    pub version: i64,
    pub covers: Vec<String>,
}

/// The officer whose account this is.
pub(super) fn officer_of(db: &mut Db, account: &str) -> Result<Option<String>, Error> {
    for version in kept::library(db, Kind::Account)? {
        let bound: CheckAccount = from_json(&version.data)?;
        if bound.account.as_deref() == Some(account) {
            return Ok(Some(bound.officer));
        }
    }
    Ok(None)
}

/// What the items of a task cover; absent: one of them covers everything.
pub(super) fn scope_of(db: &mut Db, items: &[Covered]) -> Result<Option<BTreeSet<String>>, Error> {
    let mut covered = BTreeSet::new();
    for item in items {
        let scope = kept::current(db, Kind::Scope, &item.id)?;
        let scope: Option<CheckScope> = scope.map(|one| from_json(&one.data)).transpose()?;
        match scope {
            Some(scope) if !scope.covers.is_empty() => covered.extend(scope.covers),
            _ => return Ok(None),
        }
    }
    Ok(Some(covered))
}

/// Says whose account an officer's is. An account is one officer's alone.
pub fn bind_check_officer(
    db: &mut Db,
    actor: &Actor,
    draft: &CheckAccountDraft,
    now: DateTime<Utc>,
) -> Result<CheckAccount, Error> {
    may(actor, Action::ManageAccounts)?;
    let mut faults = Vec::new();
    let known = officers(db)?;
    let officer = known.iter().find(|one| one.id.as_str() == draft.officer);
    if officer.is_none() {
        let what = format!("执法检查人员名录中没有「{}」", draft.officer);
        faults.push(FieldFault::new("officer", "E001", what));
    }
    let given = draft.account.as_deref().map(str::trim);
    let account = given.filter(|id| !id.is_empty() && !id.contains('\0'));
    if let Some(id) = account {
        let usable = accounts::find(db, id)?
            .is_some_and(|one| one.revoked_at.is_none() && one.role == Role::Officer.as_str());
        if !usable {
            let what = format!("没有可用的经办账号「{id}」");
            faults.push(FieldFault::new("account", "E001", what));
        }
        if let Some(other) = officer_of(db, id)?.filter(|other| *other != draft.officer) {
            let what = format!("账号「{id}」已是「{other}」的账号");
            faults.push(FieldFault::new("account", "E033", what));
        }
    }
    let Some(officer) = officer.filter(|_| faults.is_empty()) else {
        return Err(Error::Invalid(faults));
    };
    let last = kept::current(db, Kind::Account, &draft.officer)?;
    let mut bound = CheckAccount {
        officer: draft.officer.clone(),
        version: 0,
        account: account.map(str::to_owned),
    };
    let data = to_json(&bound)?;
    bound.version = last.as_ref().map_or(0, |one| one.version);
    if last.is_some_and(|one| one.data == data) {
        return Ok(bound);
    }
    bound.version += 1;
    let (id, version) = (&officer.id, bound.version);
    add(db, actor, Kind::Account, id, version, None, data, now)?;
    Ok(bound)
}

/// Says which items of the rule set an inspection item covers.
pub fn put_check_scope(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    draft: &CheckScopeDraft,
    now: DateTime<Utc>,
) -> Result<CheckScope, Error> {
    may(actor, Action::PrepareCheck)?;
    let ruleset = app.rules.in_force(Day::of(now))?;
    let mut faults = Vec::new();
    let known = items(db)?;
    let item = known.iter().find(|one| one.id.as_str() == draft.item);
    if item.is_none() {
        let what = format!("抽查事项清单中没有「{}」", draft.item);
        faults.push(FieldFault::new("item", "E001", what));
    }
    for (index, id) in draft.covers.iter().enumerate() {
        if !ruleset.item(id).is_some_and(may_cite) {
            let what = format!("评分规则 {} 没有抽查可以适用的条目「{id}」", ruleset.id());
            faults.push(FieldFault::new(&format!("covers/{index}"), "E001", what));
        }
    }
    let Some(item) = item.filter(|_| faults.is_empty()) else {
        return Err(Error::Invalid(faults));
    };
    let covers: BTreeSet<String> = draft.covers.iter().cloned().collect();
    let mut scope = CheckScope {
        item: draft.item.clone(),
        version: 0,
        covers: covers.into_iter().collect(),
    };
    let data = to_json(&scope)?;
    let last = kept::current(db, Kind::Scope, &draft.item)?;
    scope.version = last.as_ref().map_or(0, |one| one.version);
    if last.is_some_and(|one| one.data == data) {
        return Ok(scope);
    }
    scope.version += 1;
    let (id, version) = (&item.id, scope.version);
    add(db, actor, Kind::Scope, id, version, None, data, now)?;
    Ok(scope)
}
