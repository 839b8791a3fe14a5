//! Complaints from a file: every faulty cell is told, and what was entered before is left alone.

use std::path::Path;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    ComplaintDraft, ContactDraft, enter_complaint, entering::faults_beside_office, reading::in_role,
};
use crate::{
    domain::Fault,
    intake::{self, Context, TypedComplaint},
    procedure::complaint::Channel,
    service::{
        App, Error, FieldFault,
        permission::{Action, Actor, Refusal},
    },
    store::{Db, FromStore, StoreError, complaints as kept},
};

/// Codes of faults that a row may have beside those of its cells.
const CODES: &[&str] = &[
    "E001", "E002", "E003", "E005", "E006", "E008", "E030", "E031", "E032", "E033", "E034",
];

/// How to import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ComplaintImport {
    /// Check only.
    pub dry_run: bool,
    /// Store the good rows even if others are faulty.
    pub keep_going: bool,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImportedComplaints {
    pub rows: u64,
    pub faulty: u64,
    pub new: u64,
    /// Entered before, by channel and number at the source.
    pub known: u64,
    /// Whether anything was stored.
    pub stored: bool,
    pub faults: Vec<Fault>,
}

/// Enters the complaints of a file in one transaction.
///
/// # Errors
/// Those of the store, and a role that may not; the faults of the data are no error here.
pub fn import_complaints(
    app: &App,
    actor: &Actor,
    path: &Path,
    how: ComplaintImport,
    now: DateTime<Utc>,
) -> Result<ImportedComplaints, Error> {
    in_role(actor, Action::EnterComplaint)?;
    let done = app.store.write(|db| {
        let done = enter_all(db, app, actor, path, now)?;
        if how.dry_run || done.new == 0 || (done.faulty > 0 && !how.keep_going) {
            return Err(Stopped::Nothing(Box::new(done)));
        }
        Ok(done)
    });
    match done {
        Ok(done) => Ok(ImportedComplaints {
            stored: true,
            ..done
        }),
        Err(Stopped::Nothing(done)) => Ok(*done),
        Err(Stopped::Failed(fault)) => Err(fault),
    }
}

/// Why the transaction of an import is rolled back.
enum Stopped {
    /// Nothing is to be stored; what was found.
    Nothing(Box<ImportedComplaints>),
    Failed(Error),
}

impl From<Error> for Stopped {
    fn from(fault: Error) -> Self {
        Self::Failed(fault)
    }
}

impl From<StoreError> for Stopped {
    fn from(fault: StoreError) -> Self {
        Self::Failed(fault.into())
    }
}

impl FromStore for Stopped {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Failed(fault) => fault.store_error(),
            Self::Nothing(_) => None,
        }
    }
}

fn enter_all(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    path: &Path,
    now: DateTime<Utc>,
) -> Result<ImportedComplaints, Error> {
    let (schema, titles) = Default::default();
    let context = Context {
        regions: Some(&app.regions),
        schema: &schema,
        titles: &titles,
    };
    let mut done = ImportedComplaints::default();
    let rows = match intake::open(path).and_then(|table| table.complaints(&context)) {
        Ok(rows) => rows,
        Err(faults) => {
            // The file as a whole cannot be read: no row of it is good.
            done.faulty = 1;
            done.faults = faults;
            return Ok(done);
        }
    };
    let file = rows.name().to_owned();
    for row in rows {
        done.rows += 1;
        let faults = match row {
            Err(faults) => faults,
            Ok(row) if known(db, &row.value)? => {
                done.known += 1;
                continue;
            }
            Ok(row) => {
                let place = (file.as_str(), row.number, &row.value);
                let draft = draft(&row.value);
                match enter_complaint(db, app, actor, &draft, now) {
                    Ok(_) => {
                        done.new += 1;
                        continue;
                    }
                    Err(Error::Invalid(faults)) => {
                        faults.iter().map(|fault| in_cell(place, fault)).collect()
                    }
                    Err(Error::Refused(refusal @ Refusal::Region { .. })) => {
                        let mut all = faults_beside_office(db, app, &draft, now)?;
                        all.push(FieldFault::new("office", "E034", refusal.to_string()));
                        all.iter().map(|fault| in_cell(place, fault)).collect()
                    }
                    Err(other) => return Err(other),
                }
            }
        };
        done.faulty += 1;
        done.faults.extend(faults);
    }
    Ok(done)
}

/// Whether a complaint with this number at this source is there already.
fn known(db: &mut Db, row: &TypedComplaint) -> Result<bool, Error> {
    let Ok(channel) = Channel::parse(&row.channel) else {
        return Ok(false);
    };
    Ok(kept::by_reference(db, channel.as_str(), &row.reference)?.is_some())
}

fn draft(row: &TypedComplaint) -> ComplaintDraft {
    ComplaintDraft {
        channel: Some(row.channel.clone()),
        reference: Some(row.reference.clone()),
        category: Some(row.category.clone()),
        company: row.company.clone(),
        project: row.project.clone(),
        office: row.office.clone(),
        received_on: row.received_on.clone(),
        text: Some(row.text.clone()),
        contact: ContactDraft {
            name: row.contact_name.clone(),
            phone: row.contact_phone.clone(),
            address: row.contact_address.clone(),
        },
    }
}

/// A fault of a field as one of its cell. What anybody wrote, and whoever complained, is not repeated.
fn in_cell((file, row, typed): (&str, u64, &TypedComplaint), fault: &FieldFault) -> Fault {
    let field = fault.pointer.trim_start_matches('/').replace('/', "_");
    let value = match field.as_str() {
        "reference" => Some(typed.reference.clone()),
        "channel" => Some(typed.channel.clone()),
        "category" => Some(typed.category.clone()),
        "company" => typed.company.clone(),
        "project" => typed.project.clone(),
        "office" => typed.office.clone(),
        "received_on" => typed.received_on.clone(),
        _ => None,
    };
    let known = CODES.iter().find(|code| **code == fault.code);
    Fault {
        file: file.to_owned(),
        row: Some(row),
        column: Some(field),
        value,
        code: known.copied().unwrap_or("E000"),
        what: fault.what.clone(),
        fix: fault.fix.clone(),
    }
}
