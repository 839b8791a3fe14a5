//! What every step asks first: who, where, at which level, upon which version.

use std::collections::BTreeSet;

use crate::{
    domain::{Company, Record, RecordStatus, Region, RegionLevel, Uscc},
    rules::{Item, RuleSet},
    service::{
        Error, FieldFault,
        permission::{Action, Actor, Refusal},
    },
    store::{
        Db, companies, contracts,
        records::{self, RecordVersion},
    },
};

/// Companies whose score a record may touch: the one it names, or all that have or had its project.
pub(super) fn companies_of(db: &mut Db, record: &Record) -> Result<BTreeSet<Uscc>, Error> {
    if let Some(company) = record.company {
        return Ok(BTreeSet::from([company]));
    }
    let Some(project) = &record.project else {
        return Ok(BTreeSet::new());
    };
    let contracts = contracts::of_project(db, project)?;
    Ok(contracts.iter().map(|contract| contract.company).collect())
}

/// The division a record belongs to: that of its project, else of its company.
pub(super) fn place_of(db: &mut Db, record: &Record) -> Result<Option<Region>, Error> {
    if let Some(project) = &record.project {
        let contracts = contracts::of_project(db, project)?;
        let Some(last) = contracts.last() else {
            let what = format!("没有编号为「{project}」的项目");
            return Err(Error::Invalid(vec![FieldFault::new(
                "project", "E001", what,
            )]));
        };
        if last.region.is_some() {
            return Ok(last.region.clone());
        }
    }
    let Some(uscc) = record.company else {
        return Ok(None);
    };
    Ok(registered(db, &uscc)?.region)
}

pub(super) fn registered(db: &mut Db, uscc: &Uscc) -> Result<Company, Error> {
    companies::find(db, uscc)?.ok_or_else(|| {
        let what = format!("统一社会信用代码 {uscc} 未登记");
        Error::Invalid(vec![FieldFault::new("company", "E002", what)])
    })
}

/// Who may enter or confirm an item, by the level of the office: rule files say `city`, `district` (or `county`), `street`,
/// `community`; nothing said: everybody with the role.
pub(super) fn level_allowed(levels: &[String], actor: &Actor, action: Action) -> Result<(), Error> {
    let own = level_of(actor.region.as_ref());
    let same = |level: &String| level == own || (level == "county" && own == "district");
    if levels.is_empty() || levels.iter().any(same) {
        return Ok(());
    }
    Err(Refusal::Level {
        action,
        own,
        allowed: levels.join("、"),
    }
    .into())
}

/// The level of the office that an account works for; an account without a division works for the city.
pub(super) fn level_of(region: Option<&Region>) -> &'static str {
    match region.map(Region::level) {
        None | Some(RegionLevel::City) => "city",
        Some(RegionLevel::County) => "district",
        Some(RegionLevel::Street) => "street",
        Some(RegionLevel::Community) => "community",
    }
}

pub(super) fn checked<'r>(ruleset: &'r RuleSet, record: &Record) -> Result<&'r Item, Error> {
    let faults = ruleset.check_record(record);
    match ruleset.item(&record.item) {
        Some(item) if faults.is_empty() => Ok(item),
        _ => {
            let placed = |mut fault: FieldFault| {
                let name = fault.pointer.trim_start_matches('/');
                if ruleset.schema().contains_key(name) || record.attributes.contains_key(name) {
                    fault.pointer = format!("/attributes{}", fault.pointer);
                }
                fault
            };
            let faults = faults.into_iter().map(FieldFault::from).map(placed);
            Err(Error::Invalid(faults.collect()))
        }
    }
}

/// A record names only who is registered here, and a company only with a project that it has or had.
pub(super) fn known_subject(db: &mut Db, record: &Record) -> Result<(), Error> {
    let Some(uscc) = record.company else {
        return Ok(());
    };
    registered(db, &uscc)?;
    let Some(project) = &record.project else {
        return Ok(());
    };
    let contracts = contracts::of_project(db, project)?;
    if contracts.iter().any(|contract| contract.company == uscc) {
        return Ok(());
    }
    let what = format!("企业 {uscc} 没有管理过项目「{project}」");
    Err(Error::Invalid(vec![FieldFault::new(
        "project", "E001", what,
    )]))
}

pub(super) fn permitted(
    db: &mut Db,
    actor: &Actor,
    action: Action,
    current: &RecordVersion,
) -> Result<(), Error> {
    let place = place_of(db, &current.record)?;
    Ok(actor.check(action, place.as_ref())?)
}

/// The current version, if the actor may do this to it and has seen it.
pub(super) fn seen(
    db: &mut Db,
    actor: &Actor,
    action: Action,
    id: &str,
    expected: i64,
) -> Result<RecordVersion, Error> {
    let current = records::current(db, id)?.ok_or_else(|| missing(id))?;
    permitted(db, actor, action, &current)?;
    if current.version != expected {
        return Err(Error::Changed {
            what: "记录",
            id: id.to_owned(),
        });
    }
    Ok(current)
}

pub(super) fn missing(id: &str) -> Error {
    Error::Missing {
        what: "记录",
        id: id.to_owned(),
    }
}

pub(super) fn in_state(
    current: &RecordVersion,
    needed: RecordStatus,
    step: &'static str,
) -> Result<(), Error> {
    if current.record.status == needed {
        return Ok(());
    }
    Err(Error::WrongState {
        what: "记录",
        id: current.record.id.clone(),
        found: current.record.status.chinese(),
        step,
    })
}

pub(super) fn not_revoked(current: &RecordVersion, step: &'static str) -> Result<(), Error> {
    if current.record.status == RecordStatus::Revoked {
        return in_state(current, RecordStatus::Confirmed, step);
    }
    Ok(())
}

pub(super) fn required<'a>(text: &'a str, field: &str, what: &str) -> Result<&'a str, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::Invalid(vec![FieldFault::new(field, "E004", what)]));
    }
    Ok(text)
}
