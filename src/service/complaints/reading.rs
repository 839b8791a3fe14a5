//! Complaints looked up: in pages, one with its way, and the complainant for the handling office.

use chrono::{DateTime, Utc};

use super::{ComplaintEventView, ComplaintLine, ComplaintPage, ComplaintView, ContactView};
use super::{found, note, parse};
use crate::{
    domain::{Region, RegionLevel, Uscc},
    procedure::complaint::{Complaint, Standing, StateName, level_code},
    service::{
        App, Error, FieldFault,
        permission::{Action, Actor, Refusal},
    },
    store::{Db, complaints as kept},
};

/// Which complaints.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ComplaintQuestion {
    pub level: Option<RegionLevel>,
    /// Of offices of this division, or within it.
    pub district: Option<Region>,
    pub state: Option<StateName>,
    pub company: Option<Uscc>,
}

impl ComplaintQuestion {
    /// Reads what was typed: `community`, `street`, `county`, `city`; a division code; a state; a company's code.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every text that is none.
    pub fn read(
        level: Option<&str>,
        district: Option<&str>,
        state: Option<&str>,
        company: Option<&str>,
    ) -> Result<Self, Error> {
        const LEVELS: [RegionLevel; 4] = [
            RegionLevel::Community,
            RegionLevel::Street,
            RegionLevel::County,
            RegionLevel::City,
        ];
        let mut faults = Vec::new();
        let mut fault = |field: &str, what: String| {
            faults.push(FieldFault::new(field, "E006", what));
        };
        let level = level.and_then(|raw| {
            let known = LEVELS.into_iter().find(|level| level_code(*level) == raw);
            if known.is_none() {
                fault("level", format!("层级「{raw}」不存在"));
            }
            known
        });
        let state = state.and_then(|raw| {
            let known = StateName::parse(raw);
            if known.is_none() {
                fault("state", format!("投诉状态「{raw}」不存在"));
            }
            known
        });
        let district = district.and_then(|raw| {
            Region::parse(raw)
                .map_err(|why| fault("district", why.to_string()))
                .ok()
        });
        let company = company.and_then(|raw| {
            Uscc::parse(raw)
                .map_err(|why| fault("company", why.to_string()))
                .ok()
        });
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        Ok(Self {
            level,
            district,
            state,
            company,
        })
    }

    /// The same, narrowed to the offices of an account's own division.
    pub(super) fn filter(&self, actor: &Actor) -> kept::Filter {
        kept::Filter {
            within: [&self.district, &actor.region]
                .into_iter()
                .flatten()
                .cloned()
                .collect(),
            level: self.level.map(|level| level_code(level).to_owned()),
            state: self.state.map(|state| state.as_str().to_owned()),
            company: self.company,
            from: None,
            until: None,
        }
    }
}

/// Complaints that offices of the caller's division have, the last ones entered first.
pub fn list_complaints(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    question: &ComplaintQuestion,
    before: Option<&str>,
    limit: usize,
    now: DateTime<Utc>,
) -> Result<ComplaintPage, Error> {
    in_role(actor, Action::ReadComplaint)?;
    let page = kept::page(db, &question.filter(actor), before, limit)?;
    let lines = page
        .rows
        .iter()
        .map(|row| ComplaintLine::of_row(app, row, now));
    Ok(ComplaintPage {
        complaints: lines.collect::<Result<_, _>>()?,
        next: page.next,
    })
}

/// One complaint with its way: for the office that has it, those above it, and those that had it.
pub fn read_complaint(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    id: &str,
    now: DateTime<Utc>,
) -> Result<ComplaintView, Error> {
    let row = found(db, id)?;
    let complaint = parse(&row)?;
    may_read(actor, &complaint)?;
    let events = kept::events(db, &row)?;
    let event = |event: kept::ComplaintEvent| {
        let data = serde_json::from_str(&event.event.data).map_err(|source| Error::Stored {
            what: "投诉办理记录",
            source,
        })?;
        Ok(ComplaintEventView {
            seq: event.seq,
            at: event.at.to_rfc3339(),
            actor: event.event.actor,
            office: event.event.office.to_string(),
            kind: event.event.kind,
            data,
        })
    };
    Ok(ComplaintView {
        line: ComplaintLine::of(app, &complaint, row.version, row.kept.now.due_on, now),
        complaint,
        events: events
            .into_iter()
            .map(event)
            .collect::<Result<_, Error>>()?,
    })
}

/// Who complained: for the handling office alone, and every look at it is in the audit trail.
pub fn complaint_contact(
    db: &mut Db,
    actor: &Actor,
    id: &str,
    now: DateTime<Utc>,
) -> Result<ContactView, Error> {
    let row = found(db, id)?;
    let complaint = parse(&row)?;
    let office = &complaint.desk.office;
    actor.check(Action::ReadContact, Some(office))?;
    if Standing::of(actor.region.as_ref(), office) != Standing::Handling {
        return Err(Refusal::Contact(office.clone()).into());
    }
    let contact = kept::contact(db, &row)?.unwrap_or_default();
    note(db, actor, "complaint.contact", &complaint, "read", now)?;
    Ok(ContactView {
        name: contact.name,
        phone: contact.phone,
        address: contact.address,
    })
}

fn may_read(actor: &Actor, complaint: &Complaint) -> Result<(), Error> {
    let allowed = actor.check(Action::ReadComplaint, Some(&complaint.desk.office));
    let had_it = |office: &Region| {
        let own = actor.region.as_ref();
        actor.role.may(Action::ReadComplaint) && own.is_some_and(|own| own.contains(office))
    };
    match allowed {
        Err(_) if complaint.before.iter().any(had_it) => Ok(()),
        other => Ok(other?),
    }
}

/// Whether the role may, wherever it is.
pub(super) fn in_role(actor: &Actor, action: Action) -> Result<(), Error> {
    if actor.role.may(action) {
        return Ok(());
    }
    let role = actor.role;
    Err(Refusal::Role { role, action }.into())
}
