//! A list entry as the platform gets it. Pure: only what the entry and the company say, nothing looked up.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{App, Error, FieldFault};
use crate::{
    domain::{Company, Day, Region, Uscc},
    feed::canonical::{
        self as feed, ExitReason, Op, RecordFields, RepairState, Status, SubjectType,
    },
    listing::{Closing, Entry, ExportAs, FeedIntent, ListType, Severity, State},
};

/// As which class a list is exported; none: it stays inside.
pub(super) fn class_of(list: &ListType) -> Option<feed::ListClass> {
    match list.export_as() {
        ExportAs::None => None,
        ExportAs::SeriousList => Some(feed::ListClass::Serious),
        ExportAs::Red => Some(feed::ListClass::Red),
        ExportAs::KeyWatch => Some(feed::ListClass::KeyWatch),
    }
}

/// A change of an entry that the platform must hear of.
pub(super) struct Change<'a> {
    pub app: &'a App,
    pub company: &'a Company,
    pub list: &'a ListType,
    pub class: feed::ListClass,
    pub entry: &'a Entry,
    pub intent: FeedIntent,
    /// The record under which the platform gets it.
    pub record: Uuid,
    /// The record it takes the place of.
    pub previous: Option<Uuid>,
    pub version: u32,
    pub now: DateTime<Utc>,
}

impl Change<'_> {
    /// Its fields, not yet checked.
    pub(super) fn fields(&self) -> Result<RecordFields, Error> {
        let Self {
            app,
            company,
            list,
            class,
            entry,
            intent,
            record,
            previous,
            version,
            now,
        } = *self;
        let decided = entry
            .decided()
            .ok_or_else(|| invalid("state", "没有列入决定，不能推送"))?;
        let decision = &decided.decision;
        let exit = match intent {
            FeedIntent::Withdraw => Some(Exit::of(entry, Day::of(now))),
            FeedIntent::Publish | FeedIntent::Update | FeedIntent::Hide => None,
        };
        let disputed = entry
            .public()
            .is_some_and(|published| published.dispute.is_some());
        let facts = decided.facts().map_or_else(
            || format!("{}（依据：{}）", decision.reason, clauses(entry)),
            ToString::to_string,
        );
        let measures = decision
            .document
            .as_ref()
            .and_then(|document| document.burden.as_ref())
            .map(|burden| burden.measures.as_slice())
            .unwrap_or_default();
        Ok(RecordFields {
            record_id: record,
            record_version: version,
            op: match intent {
                FeedIntent::Publish => Op::Add,
                FeedIntent::Update | FeedIntent::Hide => Op::Update,
                FeedIntent::Withdraw => Op::Delete,
            },
            status: match intent {
                FeedIntent::Withdraw => Status::Removed,
                FeedIntent::Hide => Status::Shielded,
                FeedIntent::Publish | FeedIntent::Update if disputed => Status::Disputed,
                FeedIntent::Publish | FeedIntent::Update => Status::Displayed,
            },
            list_code: list.id().to_owned(),
            list_name: list.title().to_owned(),
            list_class: class,
            severity: entry.severity.map(severity),
            subject_type: SubjectType::Organisation,
            subject_name: company.name.clone(),
            uscc: company.uscc,
            // Not kept of companies.
            reg_no: None,
            org_code: Some(organisation_code(&company.uscc)),
            legal_rep: company.legal_representative.clone(),
            address: company.address.clone(),
            area_code: area(app, company)?,
            decision_no: decision.number.to_string(),
            decision_name: None,
            decision_date: decision.decided_on,
            authority: decision.organ.to_string(),
            authority_uscc: authority(app)?,
            reason: decision.reason.to_string(),
            facts: Some(facts),
            basis: decision.basis.to_string(),
            penalty_text: None,
            measures: measures
                .iter()
                .map(|one| format!("{}（{}）", one.measure, one.catalogue))
                .collect(),
            list_date: decision.decided_on,
            display_from: decided.display.from,
            display_until: decided.display.until,
            display_min_until: decided.display.min_until.unwrap_or(decided.display.from),
            repair_state: match exit.as_ref().map(|exit| exit.code) {
                Some(ExitReason::Repaired) => RepairState::Done,
                None if repair_accepted(entry) => RepairState::Pending,
                _ => RepairState::None,
            },
            exit_date: exit.as_ref().map(|exit| exit.day),
            exit_reason_code: exit.as_ref().map(|exit| exit.code),
            exit_authority: exit.as_ref().map(|_| decision.organ.to_string()),
            exit_decision_no: exit.as_ref().and_then(|exit| exit.number.clone()),
            exit_reason: exit.map(|exit| exit.reason),
            grade: None,
            score: None,
            eval_name: None,
            eval_period: None,
            source_unit: app.authority.name.clone(),
            source_uscc: authority(app)?,
            remark: remark(entry),
            previous_record_id: previous,
            changed_at: now,
        })
    }
}

/// How an entry left the public view.
struct Exit {
    day: Day,
    code: ExitReason,
    reason: String,
    number: Option<String>,
}

impl Exit {
    fn of(entry: &Entry, today: Day) -> Self {
        match &entry.state {
            // The closing says how the duties were fulfilled: that is for the file, and no reason of the exit.
            State::Removed { closing, .. } if closing.number.is_some() => Self {
                reason: "信用修复，提前移出名单".to_owned(),
                ..Self::closed(closing, ExitReason::Repaired)
            },
            State::Removed { closing, .. } => Self::closed(closing, ExitReason::Expired),
            State::Revoked { closing, .. } => Self::closed(closing, ExitReason::Corrected),
            // It stands and is not to be shown.
            State::Shielded(hidden) => Self {
                day: today,
                code: ExitReason::Other,
                reason: hidden.shield.cause.chinese().to_owned(),
                number: None,
            },
            _ => Self {
                day: today,
                code: ExitReason::Other,
                reason: "暂停公示".to_owned(),
                number: None,
            },
        }
    }

    fn closed(closing: &Closing, code: ExitReason) -> Self {
        Self {
            day: closing.on,
            code,
            reason: closing.reason.to_string(),
            number: closing.number.as_ref().map(ToString::to_string),
        }
    }
}

/// An application for repair was accepted and is examined.
fn repair_accepted(entry: &Entry) -> bool {
    let request = entry
        .listed()
        .and_then(|decided| decided.exit_request.as_ref());
    request.is_some_and(|request| request.is_repair() && request.accepted.is_some())
}

/// What stands beside the entry: why it is hidden, an objection, its last correction. Numbers only: what people wrote in
/// their own words stays in the file.
fn remark(entry: &Entry) -> Option<String> {
    let mut notes = Vec::new();
    if let State::Shielded(hidden) = &entry.state {
        notes.push(hidden.shield.cause.chinese().to_owned());
    }
    if let Some(dispute) = entry.public().and_then(|public| public.dispute.as_ref()) {
        notes.push(match dispute.upheld {
            true => format!("异议成立，待更正（{}）", dispute.number),
            false => format!("异议处理中（{}）", dispute.number),
        });
    }
    if let Some(last) = entry
        .decided()
        .and_then(|decided| decided.corrections.last())
    {
        notes.push(format!("{}更正（{}）", last.on, last.number));
    }
    (!notes.is_empty()).then(|| notes.join("；"))
}

/// Characters 9 to 17 of the code are the organisation's own (GB 32100-2015).
fn organisation_code(uscc: &Uscc) -> String {
    uscc.as_str().chars().skip(8).take(9).collect()
}

fn clauses(entry: &Entry) -> String {
    entry
        .evidence
        .clauses
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("；")
}

fn severity(severity: Severity) -> feed::Severity {
    match severity {
        Severity::Minor => feed::Severity::Minor,
        Severity::General => feed::Severity::General,
        Severity::Serious => feed::Severity::Serious,
    }
}

/// Six digits: the county of the company, else the organ's own.
fn area(app: &App, company: &Company) -> Result<Region, Error> {
    let code = company
        .region
        .as_ref()
        .map_or(app.authority.area.as_str(), |region| &region.as_str()[..6]);
    Region::parse(code).map_err(|fault| invalid("area_code", &fault.to_string()))
}

fn authority(app: &App) -> Result<Uscc, Error> {
    Uscc::parse(&app.authority.uscc).map_err(|fault| invalid("authority_uscc", &fault.to_string()))
}

fn invalid(field: &str, what: &str) -> Error {
    Error::Invalid(vec![FieldFault::new(field, "F002", what)])
}
