//! The libraries: inspection items (抽查事项) and officers (执法检查人员), in versions that are only added.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    fields::{Fields, given},
    from_json, in_role, note, to_json,
};
use crate::{
    domain::{Day, Region, Uscc},
    draw::{Id, says_something},
    service::{
        App, Error, FieldFault,
        permission::{Action, Actor},
    },
    store::{
        Db,
        checks::{self as kept, Kind, Version},
        companies, contracts,
    },
};

/// An inspection item as it is filled in: every field is text as typed.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckItemDraft {
    pub id: Option<String>,
    pub title: Option<String>,
    /// Legal basis (检查依据).
    pub basis: Option<String>,
    /// Day of publication of the list it is on; an item without one cannot be used yet.
    #[schema(example = "2026-05-20")]
    pub published_on: Option<String>,
    /// 现场检查, 书面检查 ...
    pub method: Option<String>,
    /// Qualifications that a team needs, with `;` between them.
    pub qualifications: Option<String>,
    #[schema(example = "2026-01-01")]
    pub effective_from: Option<String>,
    pub effective_until: Option<String>,
}

/// An inspection item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckItem {
    #[schema(value_type = String)]
    pub id: Id,
    /// 1, 2, 3 ...; of the library, not of the draft.
    #[serde(default)]
    pub version: i64,
    pub title: String,
    pub basis: String,
    #[schema(value_type = Option<String>)]
    pub published_on: Option<Day>,
    pub method: String,
    #[schema(value_type = Vec<String>)]
    pub qualifications: Vec<Id>,
    #[schema(value_type = String)]
    pub effective_from: Day,
    #[schema(value_type = Option<String>)]
    pub effective_until: Option<Day>,
}

/// An officer as filled in: every field is text as typed.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckOfficerDraft {
    pub id: Option<String>,
    pub name: Option<String>,
    /// Number of the certificate (执法证).
    pub certificate: Option<String>,
    #[schema(example = "2028-12-31")]
    pub certificate_until: Option<String>,
    /// With `;` between them.
    pub qualifications: Option<String>,
    #[schema(example = "512002")]
    pub district: Option<String>,
    /// Companies and projects the officer has declared an interest in, with `;` between them.
    pub interests: Option<String>,
    /// `XM-01:reason`, with `;` between them.
    pub recusals: Option<String>,
    /// `yes` (left out) or `no`: an officer who is not active is not drawn.
    pub active: Option<String>,
}

/// An officer who may inspect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckOfficer {
    #[schema(value_type = String)]
    pub id: Id,
    /// 1, 2, 3 ...; of the library, not of the draft.
    #[serde(default)]
    pub version: i64,
    pub name: String,
    pub certificate: String,
    #[schema(value_type = String)]
    pub certificate_until: Day,
    #[schema(value_type = Vec<String>)]
    pub qualifications: Vec<Id>,
    #[schema(value_type = String)]
    pub district: Region,
    #[schema(value_type = Vec<String>)]
    pub interests: Vec<Id>,
    pub recusals: Vec<DeclaredRecusal>,
    pub active: bool,
}

/// What an officer must not inspect (回避), and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeclaredRecusal {
    /// A company or a project.
    #[schema(value_type = String)]
    pub object: Id,
    pub reason: String,
}

/// Reads an item; every faulty field is named.
pub(super) fn read_item(draft: &CheckItemDraft) -> Result<CheckItem, Vec<FieldFault>> {
    let mut faults = Vec::new();
    let mut read = Fields {
        faults: &mut faults,
    };
    let id = read.needed("id", &draft.id, Id::parse);
    let title = read.words("title", &draft.title);
    let basis = read.words("basis", &draft.basis);
    let published_on = read.optional("published_on", &draft.published_on, Day::parse);
    let method = read.words("method", &draft.method);
    let qualifications = read.ids("qualifications", &draft.qualifications);
    let from = read.needed("effective_from", &draft.effective_from, Day::parse);
    let until = read.optional("effective_until", &draft.effective_until, Day::parse);
    if let (Some(from), Some(until)) = (from, until)
        && until < from
    {
        let what = format!("失效日期 {until} 早于生效日期 {from}");
        read.fault("effective_until", "E003", what);
    }
    match (id, title, basis, method, qualifications, from) {
        (Some(id), Some(title), Some(basis), Some(method), Some(qualifications), Some(from))
            if faults.is_empty() =>
        {
            Ok(CheckItem {
                id,
                version: 0,
                title,
                basis,
                published_on,
                method,
                qualifications,
                effective_from: from,
                effective_until: until,
            })
        }
        _ => Err(faults),
    }
}

/// Reads an officer; every faulty field is named. Interests and recusals are about what is registered here.
pub(super) fn read_officer(
    db: &mut Db,
    app: &App,
    draft: &CheckOfficerDraft,
) -> Result<Result<CheckOfficer, Vec<FieldFault>>, Error> {
    let mut faults = Vec::new();
    let mut read = Fields {
        faults: &mut faults,
    };
    let id = read.needed("id", &draft.id, Id::parse);
    let name = read.words("name", &draft.name);
    let certificate = read.words("certificate", &draft.certificate);
    let until = read.needed("certificate_until", &draft.certificate_until, Day::parse);
    let qualifications = read.ids("qualifications", &draft.qualifications);
    let district = read.district(app, "district", &draft.district);
    let interests = read.ids("interests", &draft.interests).unwrap_or_default();
    let recusals = recusals(&mut read, &draft.recusals);
    let active = read.optional("active", &draft.active, |text| match text {
        "yes" | "是" => Ok(true),
        "no" | "否" => Ok(false),
        other => Err(format!("「{other}」应为 yes（是）或 no（否）")),
    });
    for (field, object) in (interests.iter().map(|id| ("interests", id)))
        .chain(recusals.iter().map(|one| ("recusals", &one.object)))
    {
        if !is_registered(db, object)? {
            let what = format!("没有登记过企业或者项目「{object}」");
            faults.push(FieldFault::new(field, "E001", what));
        }
    }
    Ok(
        match (id, name, certificate, until, qualifications, district) {
            (
                Some(id),
                Some(name),
                Some(certificate),
                Some(until),
                Some(qualifications),
                Some(district),
            ) if faults.is_empty() => Ok(CheckOfficer {
                id,
                version: 0,
                name,
                certificate,
                certificate_until: until,
                qualifications,
                district,
                interests,
                recusals,
                active: active.unwrap_or(true),
            }),
            _ => Err(faults),
        },
    )
}

fn recusals(read: &mut Fields<'_>, raw: &Option<String>) -> Vec<DeclaredRecusal> {
    let mut found: Vec<DeclaredRecusal> = Vec::new();
    let parts = given(raw).unwrap_or_default().split([';', '；']);
    for part in parts.filter(|part| !part.trim().is_empty()) {
        let (object, reason) = part.split_once([':', '：']).unwrap_or((part, ""));
        match Id::parse(object) {
            Err(why) => read.fault("recusals", "E006", why.to_string()),
            Ok(object) if !says_something(reason) => {
                read.fault("recusals", "E008", format!("回避「{object}」没有写明理由"));
            }
            Ok(object) if found.iter().any(|one| one.object == object) => {
                read.fault("recusals", "E006", format!("回避「{object}」写了两次"));
            }
            Ok(object) => found.push(DeclaredRecusal {
                object,
                reason: reason.trim().to_owned(),
            }),
        }
    }
    found.sort_by(|a, b| a.object.cmp(&b.object));
    found
}

fn is_registered(db: &mut Db, object: &Id) -> Result<bool, Error> {
    if let Ok(uscc) = Uscc::parse(object.as_str()) {
        return Ok(companies::find(db, &uscc)?.is_some());
    }
    Ok(!contracts::of_project(db, object.as_str())?.is_empty())
}

/// Enters an item, or a new version of it; nothing is added where nothing differs.
pub fn put_check_item(
    db: &mut Db,
    actor: &Actor,
    draft: &CheckItemDraft,
    now: DateTime<Utc>,
) -> Result<CheckItem, Error> {
    in_role(actor, Action::PrepareCheck)?;
    let item = read_item(draft).map_err(Error::Invalid)?;
    store_item(db, actor, item, now).map(|(item, _)| item)
}

/// Enters an officer of the caller's division, or a new version.
pub fn put_check_officer(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    draft: &CheckOfficerDraft,
    now: DateTime<Utc>,
) -> Result<CheckOfficer, Error> {
    in_role(actor, Action::PrepareCheck)?;
    let officer = read_officer(db, app, draft)?.map_err(Error::Invalid)?;
    actor.check(Action::PrepareCheck, Some(&officer.district))?;
    store_officer(db, actor, officer, now).map(|(officer, _)| officer)
}

/// The item as it is in use, and whether this made a new version.
pub(super) fn store_item(
    db: &mut Db,
    actor: &Actor,
    mut item: CheckItem,
    now: DateTime<Utc>,
) -> Result<(CheckItem, bool), Error> {
    let before = kept::current(db, Kind::Item, item.id.as_str())?;
    item.version = before.as_ref().map_or(0, |before| before.version);
    let known = before
        .as_ref()
        .map(|before| from_json::<CheckItem>(&before.data));
    if known.transpose()?.is_some_and(|known| known == item) {
        return Ok((item, false));
    }
    item.version += 1;
    add(
        db,
        actor,
        Kind::Item,
        &item.id,
        item.version,
        None,
        to_json(&item)?,
        now,
    )?;
    Ok((item, true))
}

/// The officer as in use, and whether this made a new version. Who moves to another division does so by an account of both.
pub(super) fn store_officer(
    db: &mut Db,
    actor: &Actor,
    mut officer: CheckOfficer,
    now: DateTime<Utc>,
) -> Result<(CheckOfficer, bool), Error> {
    let before = kept::current(db, Kind::Officer, officer.id.as_str())?;
    officer.version = before.as_ref().map_or(0, |before| before.version);
    if let Some(before) = &before {
        actor.check(Action::PrepareCheck, before.district.as_ref())?;
        if from_json::<CheckOfficer>(&before.data)? == officer {
            return Ok((officer, false));
        }
    }
    officer.version += 1;
    let (version, data) = (officer.version, to_json(&officer)?);
    let district = Some(officer.district.clone());
    add(
        db,
        actor,
        Kind::Officer,
        &officer.id,
        version,
        district,
        data,
        now,
    )?;
    Ok((officer, true))
}

#[allow(clippy::too_many_arguments, reason = "the columns of one row")]
pub(super) fn add(
    db: &mut Db,
    actor: &Actor,
    kind: Kind,
    id: &Id,
    version: i64,
    district: Option<Region>,
    data: String,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let new = Version {
        id: id.to_string(),
        version,
        district,
        actor: actor.id.clone(),
        at: now,
        data,
    };
    kept::add_version(db, kind, &new)?;
    let (action, what) = match kind {
        Kind::Item => ("check.item", "check item"),
        Kind::Officer => ("check.officer", "check officer"),
        Kind::Account => ("check.account", "check officer"),
        Kind::Scope => ("check.scope", "check item"),
    };
    let data = serde_json::json!({ "version": version });
    note(db, actor, action, format!("{what} {id}"), &data, now)
}

/// The items in use, by id.
pub fn list_check_items(db: &mut Db, actor: &Actor) -> Result<Vec<CheckItem>, Error> {
    in_role(actor, Action::ReadCheck)?;
    items(db)
}

/// The officers of the caller's division, by id.
pub fn list_check_officers(db: &mut Db, actor: &Actor) -> Result<Vec<CheckOfficer>, Error> {
    in_role(actor, Action::ReadCheck)?;
    let mut all = officers(db)?;
    let own = actor.region.as_ref();
    all.retain(|one| own.is_none_or(|own| own.contains(&one.district)));
    Ok(all)
}

pub(super) fn items(db: &mut Db) -> Result<Vec<CheckItem>, Error> {
    let all = kept::library(db, Kind::Item)?;
    all.iter().map(|one| from_json(&one.data)).collect()
}

pub(super) fn officers(db: &mut Db) -> Result<Vec<CheckOfficer>, Error> {
    let all = kept::library(db, Kind::Officer)?;
    all.iter().map(|one| from_json(&one.data)).collect()
}
