//! A list entry as the platform gets it. Pure: only what the entry and the company say, nothing looked up.

use chrono::{DateTime, Utc};

use super::{App, Error, FieldFault};
use crate::{
    domain::{Company, Day, Region, Uscc},
    feed::canonical::{
        self as feed, ExitReason, Op, RecordFields, RepairState, Status, SubjectType,
    },
    listing::{Closing, Decided, Entry, ExportAs, FeedIntent, ListType, Severity, Standing, State},
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
            version,
            now,
        } = *self;
        let decided = decided(entry).ok_or_else(|| invalid("state", "没有列入决定，不能推送"))?;
        let decision = &decided.decision;
        let exit = (intent == FeedIntent::Withdraw).then(|| Exit::of(entry, Day::of(now)));
        let disputed = entry
            .public()
            .is_some_and(|published| published.dispute.is_some());
        let facts = format!("{}（依据：{}）", entry_reason(entry), clauses(entry));
        Ok(RecordFields {
            record_id: entry.id,
            record_version: version,
            op: match intent {
                FeedIntent::Publish => Op::Add,
                FeedIntent::Update => Op::Update,
                FeedIntent::Withdraw => Op::Delete,
            },
            status: match (&exit, disputed) {
                (Some(_), _) => Status::Removed,
                (None, true) => Status::Disputed,
                (None, false) => Status::Displayed,
            },
            list_code: list.id().to_owned(),
            list_name: list.title().to_owned(),
            list_class: class,
            severity: entry.severity.map(severity),
            subject_type: SubjectType::Organisation,
            subject_name: company.name.clone(),
            uscc: company.uscc,
            reg_no: None,
            org_code: None,
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
            measures: Vec::new(),
            list_date: decision.decided_on,
            display_from: decided.display.from,
            display_until: decided.display.until,
            display_min_until: decided.display.min_until.unwrap_or(decided.display.from),
            repair_state: match exit.as_ref().map(|exit| exit.code) {
                Some(ExitReason::Repaired) => RepairState::Done,
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
            remark: None,
            previous_record_id: None,
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
            State::Removed { closing, .. } if closing.number.is_some() => {
                Self::closed(closing, ExitReason::Repaired)
            }
            State::Removed { closing, .. } => Self::closed(closing, ExitReason::Expired),
            State::Revoked { closing, .. } => Self::closed(closing, ExitReason::Corrected),
            // Still in force and not shown: another list excludes it.
            _ => Self {
                day: today,
                code: ExitReason::Other,
                reason: "企业被列入重点关注名单，暂停公示".to_owned(),
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

fn decided(entry: &Entry) -> Option<&Decided> {
    match &entry.state {
        State::Decided(decided) => Some(decided),
        State::Published(published) => Some(&published.decided),
        State::Removed { was, .. } | State::Revoked { was, .. } => match was {
            Standing::Decided(decided) => Some(decided),
            Standing::Published(published) => Some(&published.decided),
        },
        _ => None,
    }
}

fn entry_reason(entry: &Entry) -> String {
    decided(entry).map_or_else(String::new, |decided| decided.decision.reason.to_string())
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
