//! A complaint as it is received: every faulty field is named, and the complainant is put apart.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{ComplaintLine, no_number_in, note, state_of};
use crate::{
    domain::{Day, Region, RegionLevel, Uscc},
    procedure::complaint::{Channel, Contact, Reception, Text, receive},
    service::{
        App, Error, FieldFault,
        deadlines::follow_complaint,
        permission::{Action, Actor},
    },
    store::{Db, StoreError, companies, complaints as kept, contracts},
};

/// Longest number of a work order, characters.
const LONGEST_REFERENCE: usize = 64;

/// A complaint as an officer fills it in: every field is text as typed; what is absent or empty is not given.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ComplaintDraft {
    /// `window`, `phone`, `12345`, `online` or `referred`, or the Chinese word.
    #[schema(example = "12345")]
    pub channel: Option<String>,
    /// Number of the work order at the source (工单号): the same one is not entered twice.
    pub reference: Option<String>,
    /// Id of the category (`rules/complaints.toml`).
    #[schema(example = "fees")]
    pub category: Option<String>,
    /// Unified social credit code; left out, it is the company that has the project on the day.
    pub company: Option<String>,
    /// Code of the project.
    pub project: Option<String>,
    /// Division code of the office that received it, or its name; left out, the caller's own.
    #[schema(example = "512002901")]
    pub office: Option<String>,
    /// Left out: today.
    #[schema(example = "2026-07-01")]
    pub received_on: Option<String>,
    /// What is complained of. No identity or mobile number may stand in it.
    pub text: Option<String>,
    #[serde(default)]
    pub contact: ContactDraft,
}

/// Who complained; nothing: anonymous.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactDraft {
    pub name: Option<String>,
    pub phone: Option<String>,
    pub address: Option<String>,
}

impl std::fmt::Debug for ContactDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ContactDraft(***)")
    }
}

/// Receives a complaint at an office of the caller's division.
pub fn enter_complaint(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    draft: &ComplaintDraft,
    now: DateTime<Utc>,
) -> Result<ComplaintLine, Error> {
    let mut faults = Vec::new();
    let office = office_of(app, actor, draft, &mut faults);
    actor.check(
        Action::EnterComplaint,
        office.as_ref().or(actor.region.as_ref()),
    )?;
    match read_draft(db, app, draft, office, now, &mut faults)? {
        Some((reception, contact)) if faults.is_empty() => {
            store(db, app, actor, reception, &contact, now)
        }
        _ => Err(Error::Invalid(faults)),
    }
}

/// What is wrong with a draft beside its office.
pub(super) fn faults_beside_office(
    db: &mut Db,
    app: &App,
    draft: &ComplaintDraft,
    now: DateTime<Utc>,
) -> Result<Vec<FieldFault>, Error> {
    let mut faults = Vec::new();
    read_draft(db, app, draft, None, now, &mut faults)?;
    Ok(faults)
}

/// Reads a draft; every faulty field is named.
fn read_draft(
    db: &mut Db,
    app: &App,
    draft: &ComplaintDraft,
    office: Option<Region>,
    now: DateTime<Utc>,
    faults: &mut Vec<FieldFault>,
) -> Result<Option<(Reception, Contact)>, Error> {
    let mut read = Fields { faults };
    let today = Day::of(now);
    let channel = read.needed("channel", &draft.channel, "投诉渠道", Channel::parse);
    let received_on = read
        .parse("received_on", &draft.received_on, Day::parse)
        .unwrap_or(today);
    let company = read.parse("company", &draft.company, Uscc::parse);
    let text = read.needed("text", &draft.text, "投诉内容", Text::parse);
    let category = given(&draft.category).unwrap_or_default();
    let contact = read.contact(&draft.contact);
    let reference = given(&draft.reference);
    let project = given(&draft.project);
    if app.complaints.category(&category).is_none() {
        let what = format!("投诉类别「{category}」不存在");
        faults.push(FieldFault::new("category", "E030", what));
    }
    if received_on > today {
        let what = format!("收到日期 {received_on} 晚于今天");
        faults.push(FieldFault::new("received_on", "E003", what));
    }
    if let Some(text) = &text {
        faults.extend(no_number_in("text", text.as_str()));
    }
    let long = |reference: &String| reference.chars().count() > LONGEST_REFERENCE;
    if reference.as_ref().is_some_and(long) {
        let what = format!("工单号超过{LONGEST_REFERENCE}字");
        faults.push(FieldFault::new("reference", "E006", what));
    }
    let company = subject(db, company, project.as_deref(), received_on, faults)?;
    let (Some(channel), Some(text), Some(office)) = (channel, text, office) else {
        return Ok(None);
    };
    let reception = Reception {
        id: format!("C{}", Uuid::now_v7().simple()),
        company,
        project,
        channel,
        reference,
        category,
        text,
        reachable: contact.reachable(),
        office,
        received_on,
    };
    Ok(Some((reception, contact)))
}

fn store(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    reception: Reception,
    contact: &Contact,
    now: DateTime<Utc>,
) -> Result<ComplaintLine, Error> {
    if let Some(reference) = &reception.reference
        && let Some(known) = kept::by_reference(db, reception.channel.as_str(), reference)?
    {
        return Err(entered_before(reference, &known));
    }
    // What can be wrong now is a day in a year whose days off nobody has entered.
    let complaint = receive(reception, now, app.complaint_terms()).map_err(|why| {
        Error::Invalid(vec![FieldFault::new(
            "received_on",
            "E006",
            why.to_string(),
        )])
    })?;
    let new = kept::NewComplaint {
        company: complaint.company,
        id: complaint.id.clone(),
        project: complaint.project.clone(),
        channel: complaint.channel.as_str().to_owned(),
        reference: complaint.reference.clone(),
        category: complaint.category.clone(),
        received_on: complaint.received_on,
        now: state_of(&complaint)?,
    };
    let event = kept::NewEvent {
        kind: "receive".to_owned(),
        actor: actor.id.clone(),
        office: complaint.desk.office.clone(),
        data: serde_json::json!({ "received_on": complaint.received_on }).to_string(),
    };
    let text = |field: &Option<Text>| field.as_ref().map(|text| text.as_str().to_owned());
    let contact = (!contact.is_empty()).then(|| kept::Contact {
        name: text(&contact.name),
        phone: text(&contact.phone),
        address: text(&contact.address),
    });
    kept::create(db, &new, contact.as_ref(), &event, now).map_err(|fault| match fault {
        StoreError::Exists { key, .. } => entered_before(&key, "另一件投诉"),
        other => other.into(),
    })?;
    note(db, actor, "complaint.enter", &complaint, "receive", now)?;
    follow_complaint(db, app, &complaint, now)?;
    let due_on = new.now.due_on;
    Ok(ComplaintLine::of(app, &complaint, 1, due_on, now))
}

fn entered_before(reference: &str, known: &str) -> Error {
    let what = format!("工单号「{reference}」已登记为 {known}");
    Error::Invalid(vec![FieldFault::new("reference", "E033", what)])
}

/// The office that received it: the one named, or the caller's own.
fn office_of(
    app: &App,
    actor: &Actor,
    draft: &ComplaintDraft,
    faults: &mut Vec<FieldFault>,
) -> Option<Region> {
    let Some(code) = given(&draft.office) else {
        let city = || {
            let mut all = app.regions.iter().map(|(region, _)| region);
            all.find(|region| region.level() == RegionLevel::City)
        };
        let own = actor.region.as_ref().or_else(city).cloned();
        if own.is_none() {
            faults.push(FieldFault::new("office", "E031", "须填写受理单位"));
        }
        return own;
    };
    if let Some(office) = app.regions.by_name(&code) {
        return Some(office.clone());
    }
    match Region::parse(&code) {
        Ok(office) if app.regions.name(&office).is_some() => Some(office),
        Ok(office) => {
            let what = format!("行政区划代码 {office} 未登记");
            faults.push(FieldFault::new("office", "E031", what));
            None
        }
        Err(fault) => {
            faults.push(FieldFault::new("office", "E006", fault.to_string()));
            None
        }
    }
}

/// The company complained of: registered here, with a project that it has or had; where a project alone is named, the one
/// that has it on the day.
fn subject(
    db: &mut Db,
    company: Option<Uscc>,
    project: Option<&str>,
    day: Day,
    faults: &mut Vec<FieldFault>,
) -> Result<Option<Uscc>, Error> {
    if let Some(uscc) = &company
        && companies::find(db, uscc)?.is_none()
    {
        let what = format!("统一社会信用代码 {uscc} 未登记");
        faults.push(FieldFault::new("company", "E002", what));
        return Ok(None);
    }
    let Some(project) = project else {
        if company.is_none() && !faults.iter().any(|fault| fault.pointer == "/company") {
            let what = "须填写企业或项目";
            faults.push(FieldFault::new("company", "E005", what));
        }
        return Ok(company);
    };
    let contracts = contracts::of_project(db, project)?;
    let mut fault = |what: String| faults.push(FieldFault::new("project", "E001", what));
    if contracts.is_empty() {
        fault(format!("没有编号为「{project}」的项目"));
        return Ok(company);
    }
    let Some(uscc) = company else {
        let mut now = contracts.iter().filter(|one| one.in_force_on(day));
        return Ok(now.next().map(|contract| contract.company));
    };
    if !contracts.iter().any(|contract| contract.company == uscc) {
        fault(format!("企业 {uscc} 没有管理过项目「{project}」"));
    }
    Ok(company)
}

fn given(raw: &Option<String>) -> Option<String> {
    let text = raw.as_deref()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Reads fields and keeps what is wrong with each.
struct Fields<'a> {
    faults: &'a mut Vec<FieldFault>,
}

impl Fields<'_> {
    fn parse<T, E: std::fmt::Display>(
        &mut self,
        field: &str,
        raw: &Option<String>,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = given(raw)?;
        parse(&text)
            .map_err(|fault| {
                self.faults
                    .push(FieldFault::new(field, "E006", fault.to_string()));
            })
            .ok()
    }

    fn needed<T, E: std::fmt::Display>(
        &mut self,
        field: &str,
        raw: &Option<String>,
        title: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        if given(raw).is_none() {
            self.faults
                .push(FieldFault::new(field, "E008", format!("须填写{title}")));
        }
        self.parse(field, raw, parse)
    }

    /// Its faults never repeat what was typed.
    fn contact(&mut self, draft: &ContactDraft) -> Contact {
        let contact = Contact {
            name: self.parse("contact/name", &draft.name, Text::parse),
            phone: self.parse("contact/phone", &draft.phone, Text::parse),
            address: self.parse("contact/address", &draft.address, Text::parse),
        };
        let is_number = |phone: &Text| {
            let digits = phone.as_str().chars().filter(char::is_ascii_digit).count();
            let known = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')');
            (5..=20).contains(&digits) && phone.as_str().chars().all(known)
        };
        if contact
            .phone
            .as_ref()
            .is_some_and(|phone| !is_number(phone))
        {
            let what = "电话格式不对，应为 5 至 20 位数字，可带区号、加号和连字符";
            self.faults
                .push(FieldFault::new("contact/phone", "E006", what));
        }
        contact
    }
}
