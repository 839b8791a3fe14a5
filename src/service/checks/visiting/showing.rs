//! 亮码: what a company sees by the code of a visit, without signing in.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Subject, stepping::digest};
use crate::{
    procedure::inspection::State,
    service::{
        Error,
        checks::{from_json, library::officers},
    },
    store::{
        Db, StoreError,
        checks::{self as kept},
        inspections,
    },
};

/// A visit as the inspected company sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ShownVisit {
    /// Number of the draw.
    pub task: String,
    pub object: String,
    pub object_name: String,
    pub company: String,
    pub company_name: String,
    /// The day on which the officers arrived.
    pub arrived_on: Option<String>,
    pub state: String,
    pub state_name: String,
    /// Nothing is inspected any more: it is over, was not possible, or was taken back.
    pub over: bool,
    /// Who may inspect, and nobody else.
    pub officers: Vec<ShownOfficer>,
    /// What may be inspected, and nothing else.
    pub items: Vec<ShownItem>,
}

/// An officer as published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ShownOfficer {
    pub name: String,
    /// Number of the certificate (执法证).
    pub certificate: String,
}

/// An inspection item with what allows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ShownItem {
    pub id: String,
    pub title: String,
    pub basis: String,
}

/// The visit with this code.
///
/// # Errors
/// [`Error::Missing`] for a code that is none: the text is for the company.
pub fn shown_visit(db: &mut Db, code: &str) -> Result<ShownVisit, Error> {
    // Looked up by the digest of fifty random bits: the time this takes tells nothing about any code.
    let found = inspections::by_code(db, &digest(code))?.ok_or(Error::NoVisit)?;
    let subject: Subject = from_json(&found.data)?;
    let drawn = kept::of_attempt(db, &found.key.task, found.key.attempt)?;
    let drawn = drawn.into_iter().find(|one| one.object == found.key.object);
    let team = drawn.map(|one| one.officers).unwrap_or_default();
    let shown = officers(db)?.into_iter().filter(|one| {
        let mut team = team.iter();
        team.any(|id| id == one.id.as_str())
    });
    let shown = shown.map(|one| ShownOfficer {
        name: one.name,
        certificate: one.certificate,
    });
    let state = state_of(&found.state)?;
    let items = shown_items(&subject);
    Ok(ShownVisit {
        task: found.key.task,
        object: found.key.object,
        object_name: subject.name,
        company: found.company.to_string(),
        company_name: subject.company_name,
        arrived_on: found.arrived_on.map(|day| day.to_string()),
        state: state.as_str().to_owned(),
        state_name: state.chinese().to_owned(),
        over: state.is_settled(),
        officers: shown.collect(),
        items,
    })
}

pub(super) fn shown_items(subject: &Subject) -> Vec<ShownItem> {
    let item = |one: &super::Covered| ShownItem {
        id: one.id.clone(),
        title: one.title.clone(),
        basis: one.basis.clone(),
    };
    subject.items.iter().map(item).collect()
}

/// The state in a row.
pub(super) fn state_of(text: &str) -> Result<State, Error> {
    let mut all = State::ALL.into_iter();
    all.find(|state| state.as_str() == text).ok_or_else(|| {
        Error::Store(StoreError::Corrupt {
            table: "inspection",
            column: "state",
            value: text.to_owned(),
        })
    })
}
