//! Records by hand: entered by one person, confirmed by another, corrected, rectified or revoked as a new version. Each
//! change scores the companies it touches again, in the same transaction.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    App, Error, FieldFault, RecordDraft,
    draft::read_draft,
    permission::{Action, Actor, Refusal},
    rescore::{self, Why},
};
use crate::{
    domain::{Company, Day, Record, RecordStatus, Region, RegionLevel, Uscc},
    rules::{Item, RuleSet},
    store::{
        Db, audit, companies, contracts,
        records::{self, Cause, RecordVersion},
        scores::ScoreCause,
    },
};

/// A correction: the whole record as it should be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// The version the caller has seen.
    pub version: i64,
    pub reason: String,
    pub record: RecordDraft,
}

/// A record after a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Entered {
    pub id: String,
    /// 1, 2, 3 ...: give it back with the next step, so that nobody works on what another has changed.
    pub version: i64,
    /// `draft`, `confirmed`, `disputed` or `revoked`.
    pub status: String,
    /// Companies whose score this step changed.
    pub rescored: Vec<String>,
}

/// Enters a record as a draft. It counts once another person has confirmed it.
pub fn enter_record(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    draft: &RecordDraft,
    now: DateTime<Utc>,
) -> Result<Entered, Error> {
    let today = Day::of(now);
    let ruleset = app.rules.in_force(today)?;
    let id = format!("E{}", Uuid::now_v7().simple());
    let mut record = read_draft(draft, id, ruleset.schema())?;
    record.entered_on = Some(today);
    record.body = Some(level_of(actor.region.as_ref()).to_owned());
    let place = place_of(db, &record)?;
    actor.check(Action::EnterRecord, place.as_ref())?;
    known_subject(db, &record)?;
    // The day of determination (认定) may be left to the confirmation.
    let determined = Record {
        decided_on: record.decided_on.or(Some(today)),
        ..record.clone()
    };
    let item = checked(ruleset, &determined)?;
    level_allowed(&item.record_by, actor, Action::EnterRecord)?;
    let version = records::append(db, &record, None, Cause::Entered, &actor.id, now)?;
    note(db, actor, "record.enter", &record, "", now)?;
    Ok(Entered {
        id: record.id,
        version,
        status: record.status.as_str().to_owned(),
        rescored: Vec::new(),
    })
}

/// Confirms (认定) a draft that another person entered: it counts from now on.
pub fn confirm_record(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    id: &str,
    expected: i64,
    now: DateTime<Utc>,
) -> Result<Entered, Error> {
    let current = seen(db, actor, Action::ConfirmRecord, id, expected)?;
    in_state(&current, RecordStatus::Draft, "认定")?;
    // Whoever shaped the draft, by entering or by correcting it, does not confirm it.
    for version in records::history(db, id)? {
        actor.differs_from(&version.actor, Action::ConfirmRecord)?;
    }
    let ruleset = app.rules.in_force(Day::of(now))?;
    let mut record = current.record;
    record.status = RecordStatus::Confirmed;
    record.decided_on = record.decided_on.or(Some(Day::of(now)));
    let item = checked(ruleset, &record)?;
    level_allowed(&item.confirm_by, actor, Action::ConfirmRecord)?;
    let step = Step {
        cause: Cause::Confirmed,
        score_cause: ScoreCause::NewFact,
        action: "record.confirm",
        reason: "",
    };
    step.store(db, app, actor, &record, current.version, now)
}

/// Corrects a record: the draft given replaces what was entered; its subject stays.
pub fn correct_record(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    id: &str,
    correction: &Correction,
    now: DateTime<Utc>,
) -> Result<Entered, Error> {
    let Correction {
        version: expected,
        reason,
        record: draft,
    } = correction;
    let expected = *expected;
    let reason = required(reason, "reason", "更正须写明理由")?;
    let current = seen(db, actor, Action::CorrectRecord, id, expected)?;
    not_revoked(&current, "更正")?;
    actor.differs_from(&current.actor, Action::CorrectRecord)?;
    let ruleset = app.rules.in_force(Day::of(now))?;
    let old = current.record;
    // Neither what it was nor what it becomes may be another level's to confirm.
    if let Some(item) = ruleset.item(&old.item) {
        level_allowed(&item.confirm_by, actor, Action::CorrectRecord)?;
    }
    let in_record = |fault: Error| fault.under("/record");
    let draft = same_subject(draft, &old).map_err(in_record)?;
    let corrected = read_draft(&draft, old.id.clone(), ruleset.schema()).map_err(in_record)?;
    let record = Record {
        status: old.status,
        entered_on: old.entered_on,
        body: old.body,
        company: old.company,
        project: old.project,
        manager: old.manager,
        rectified_on: old.rectified_on,
        ..corrected
    };
    let item = checked(ruleset, &record).map_err(in_record)?;
    level_allowed(&item.confirm_by, actor, Action::CorrectRecord)?;
    let step = Step {
        cause: Cause::Corrected,
        score_cause: ScoreCause::Correction,
        action: "record.correct",
        reason,
    };
    step.store(db, app, actor, &record, current.version, now)
}

/// Registers that the matter was rectified (整改) on a day.
pub fn rectify_record(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    id: &str,
    expected: i64,
    rectified_on: Day,
    now: DateTime<Utc>,
) -> Result<Entered, Error> {
    let current = seen(db, actor, Action::RectifyRecord, id, expected)?;
    not_revoked(&current, "登记整改")?;
    if rectified_on > Day::of(now) {
        let what = format!("整改完成日期 {rectified_on} 晚于今天");
        return Err(Error::Invalid(vec![FieldFault::new(
            "rectified_on",
            "E003",
            what,
        )]));
    }
    let mut record = current.record;
    record.rectified_on = Some(rectified_on);
    checked(app.rules.in_force(Day::of(now))?, &record)?;
    let step = Step {
        cause: Cause::Rectified,
        score_cause: ScoreCause::NewFact,
        action: "record.rectify",
        reason: "",
    };
    step.store(db, app, actor, &record, current.version, now)
}

/// Revokes (撤销) a record: it never counted.
pub fn revoke_record(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    id: &str,
    expected: i64,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<Entered, Error> {
    let reason = required(reason, "reason", "撤销须写明理由")?;
    let current = seen(db, actor, Action::RevokeRecord, id, expected)?;
    not_revoked(&current, "撤销")?;
    actor.differs_from(&current.actor, Action::RevokeRecord)?;
    let ruleset = app.rules.in_force(Day::of(now))?;
    if let Some(item) = ruleset.item(&current.record.item) {
        level_allowed(&item.confirm_by, actor, Action::RevokeRecord)?;
    }
    let mut record = current.record;
    record.status = RecordStatus::Revoked;
    let step = Step {
        cause: Cause::Revoked,
        score_cause: ScoreCause::Correction,
        action: "record.revoke",
        reason,
    };
    step.store(db, app, actor, &record, current.version, now)
}

/// All versions of a record, oldest first.
pub fn read_record(db: &mut Db, actor: &Actor, id: &str) -> Result<Vec<RecordVersion>, Error> {
    let versions = records::history(db, id)?;
    let last = versions.last().ok_or_else(|| missing(id))?;
    permitted(db, actor, Action::ReadRecord, last)?;
    Ok(versions)
}

/// A step that adds a version of a record.
struct Step<'a> {
    cause: Cause,
    score_cause: ScoreCause,
    action: &'static str,
    reason: &'a str,
}

impl Step<'_> {
    fn store(
        &self,
        db: &mut Db,
        app: &App,
        actor: &Actor,
        record: &Record,
        expected: i64,
        now: DateTime<Utc>,
    ) -> Result<Entered, Error> {
        let version = records::append(db, record, Some(expected), self.cause, &actor.id, now)?;
        note(db, actor, self.action, record, self.reason, now)?;
        let touched: Vec<Uscc> = companies_of(db, record)?.into_iter().collect();
        let why = Why {
            cause: self.score_cause,
            record: Some(&record.id),
        };
        let changed = rescore::companies(db, app, &touched, why, now)?;
        Ok(Entered {
            id: record.id.clone(),
            version,
            status: record.status.as_str().to_owned(),
            rescored: changed.iter().map(ToString::to_string).collect(),
        })
    }
}

/// Companies whose score a record may touch: the one it names, or all that have or had its project.
fn companies_of(db: &mut Db, record: &Record) -> Result<BTreeSet<Uscc>, Error> {
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
fn place_of(db: &mut Db, record: &Record) -> Result<Option<Region>, Error> {
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

fn registered(db: &mut Db, uscc: &Uscc) -> Result<Company, Error> {
    companies::find(db, uscc)?.ok_or_else(|| {
        let what = format!("统一社会信用代码 {uscc} 未登记");
        Error::Invalid(vec![FieldFault::new("company", "E002", what)])
    })
}

/// Who may enter or confirm an item, by the level of the office: rule files say `city`, `district` (or `county`), `street`,
/// `community`; nothing said: everybody with the role.
fn level_allowed(levels: &[String], actor: &Actor, action: Action) -> Result<(), Error> {
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
fn level_of(region: Option<&Region>) -> &'static str {
    match region.map(Region::level) {
        None | Some(RegionLevel::City) => "city",
        Some(RegionLevel::County) => "district",
        Some(RegionLevel::Street) => "street",
        Some(RegionLevel::Community) => "community",
    }
}

fn checked<'r>(ruleset: &'r RuleSet, record: &Record) -> Result<&'r Item, Error> {
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
fn known_subject(db: &mut Db, record: &Record) -> Result<(), Error> {
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

/// The draft of a correction with the subject of the record, which stays; it may be left out.
fn same_subject(draft: &RecordDraft, old: &Record) -> Result<RecordDraft, Error> {
    let subject = [
        (
            "company",
            &draft.company,
            old.company.map(|uscc| uscc.to_string()),
        ),
        ("project", &draft.project, old.project.clone()),
        ("manager", &draft.manager, old.manager.clone()),
    ];
    let mut faults = Vec::new();
    for (field, given, kept) in &subject {
        let given = given
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty());
        let same = |text: &str| match *field {
            "company" => Uscc::parse(text).ok().as_ref() == old.company.as_ref(),
            _ => Some(text) == kept.as_deref(),
        };
        if given.is_some_and(|text| !same(text)) {
            let what = "更正不能改变记录的对象，请撤销后重新录入";
            faults.push(FieldFault::new(field, "E009", what));
        }
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let [(_, _, company), (_, _, project), (_, _, manager)] = subject;
    Ok(RecordDraft {
        company,
        project,
        manager,
        ..draft.clone()
    })
}

fn permitted(
    db: &mut Db,
    actor: &Actor,
    action: Action,
    current: &RecordVersion,
) -> Result<(), Error> {
    let place = place_of(db, &current.record)?;
    Ok(actor.check(action, place.as_ref())?)
}

/// The current version, if the actor may do this to it and has seen it.
fn seen(
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

fn missing(id: &str) -> Error {
    Error::Missing {
        what: "记录",
        id: id.to_owned(),
    }
}

fn in_state(
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

fn not_revoked(current: &RecordVersion, step: &'static str) -> Result<(), Error> {
    if current.record.status == RecordStatus::Revoked {
        return in_state(current, RecordStatus::Confirmed, step);
    }
    Ok(())
}

fn required<'a>(text: &'a str, field: &str, what: &str) -> Result<&'a str, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::Invalid(vec![FieldFault::new(field, "E004", what)]));
    }
    Ok(text)
}

fn note(
    db: &mut Db,
    actor: &Actor,
    action: &str,
    record: &Record,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let data = serde_json::json!({ "item": record.item, "reason": reason });
    let event = audit::NewAudit {
        company: record.company,
        actor: actor.id.clone(),
        action: action.to_owned(),
        subject: format!("record {}", record.id),
        data: data.to_string(),
    };
    audit::append(db, &event, now)?;
    Ok(())
}
