//! The legal basis of a list, as somebody entered it, and who approved it. Nothing of it is edited: it can be approved,
//! and taken back once.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{
    Db, StoreError,
    columns::{self, Micros},
    db::each,
    schema::{list_basis, list_basis_approval},
};
use crate::domain::Day;

/// A basis to be entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBasis {
    pub id: String,
    /// Id of the list type.
    pub list: String,
    /// Rank of the document, as the listing room names it.
    pub level: String,
    pub title: String,
    pub number: String,
    pub article: String,
    pub effective_from: Day,
    pub effective_until: Option<Day>,
    pub entered_by: String,
}

/// A basis that was entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    pub basis: NewBasis,
    pub entered_at: DateTime<Utc>,
    /// Accounts, in the order in which they approved.
    pub approved_by: Vec<String>,
    pub withdrawn: Option<Withdrawn>,
}

/// How a basis was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawn {
    pub by: String,
    pub at: DateTime<Utc>,
    pub reason: String,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = list_basis, treat_none_as_default_value = false)]
struct Row {
    id: String,
    list: String,
    level: String,
    title: String,
    number: String,
    article: String,
    effective_from: String,
    effective_until: Option<String>,
    entered_by: String,
    entered_at: Micros,
    withdrawn_by: Option<String>,
    withdrawn_at: Option<Micros>,
    withdrawn_reason: Option<String>,
}

impl Row {
    fn read(self, approved_by: Vec<String>) -> Result<Basis, StoreError> {
        let withdrawn = match (self.withdrawn_by, self.withdrawn_at, self.withdrawn_reason) {
            (Some(by), Some(at), Some(reason)) => Some(Withdrawn {
                by,
                at: at.into(),
                reason,
            }),
            _ => None,
        };
        let until = ("list_basis", "effective_until");
        Ok(Basis {
            entered_at: self.entered_at.into(),
            approved_by,
            withdrawn,
            basis: NewBasis {
                id: self.id,
                list: self.list,
                level: self.level,
                title: self.title,
                number: self.number,
                article: self.article,
                effective_from: columns::read(
                    ("list_basis", "effective_from"),
                    &self.effective_from,
                )?,
                effective_until: columns::read_option(until, self.effective_until.as_deref())?,
                entered_by: self.entered_by,
            },
        })
    }
}

/// Enters a basis.
///
/// # Errors
/// [`StoreError::Exists`] if the id is taken.
pub fn enter(db: &mut Db, new: &NewBasis, now: DateTime<Utc>) -> Result<(), StoreError> {
    let row = Row {
        id: new.id.clone(),
        list: new.list.clone(),
        level: new.level.clone(),
        title: new.title.clone(),
        number: new.number.clone(),
        article: new.article.clone(),
        effective_from: new.effective_from.to_string(),
        effective_until: columns::day(new.effective_until),
        entered_by: new.entered_by.clone(),
        entered_at: now.into(),
        withdrawn_by: None,
        withdrawn_at: None,
        withdrawn_reason: None,
    };
    let added = each!(db, c => diesel::insert_into(list_basis::table)
        .values(&row)
        .on_conflict_do_nothing()
        .execute(c))?;
    one_row(added, || StoreError::Exists {
        what: "list basis",
        key: new.id.clone(),
    })
}

/// Somebody approves a basis.
///
/// # Errors
/// [`StoreError::Exists`] if that person approved it before.
pub fn approve(db: &mut Db, id: &str, actor: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    let added = each!(db, c => diesel::insert_into(list_basis_approval::table)
        .values((
            list_basis_approval::basis.eq(id),
            list_basis_approval::actor.eq(actor),
            list_basis_approval::at.eq(Micros::from(now)),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    one_row(added, || StoreError::Exists {
        what: "approval of list basis",
        key: format!("{id} by {actor}"),
    })
}

/// Takes a basis back.
///
/// # Errors
/// [`StoreError::State`] if it is not there or was taken back before.
pub fn withdraw(
    db: &mut Db,
    id: &str,
    by: &str,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let moved = diesel::update(list_basis::table.find(id))
        .filter(list_basis::withdrawn_at.is_null())
        .set((
            list_basis::withdrawn_by.eq(Some(by)),
            list_basis::withdrawn_at.eq(Some(Micros::from(now))),
            list_basis::withdrawn_reason.eq(Some(reason)),
        ))
        .execute(db)?;
    one_row(moved, || StoreError::State {
        what: "list basis",
        key: id.to_owned(),
        found: "withdrawn".to_owned(),
        needed: "a basis that was not taken back",
    })
}

fn one_row(number: usize, otherwise: impl FnOnce() -> StoreError) -> Result<(), StoreError> {
    match number {
        0 => Err(otherwise()),
        _ => Ok(()),
    }
}

/// The basis with this id.
pub fn find(db: &mut Db, id: &str) -> Result<Option<Basis>, StoreError> {
    if id.contains('\0') {
        // No stored id holds one, and PostgreSQL refuses it as a parameter.
        return Ok(None);
    }
    let row = list_basis::table
        .find(id)
        .select(Row::as_select())
        .first::<Row>(db)
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    Ok(with_approvals(db, vec![row])?.pop())
}

/// All that were entered, by list and id, those taken back too.
pub fn all(db: &mut Db) -> Result<Vec<Basis>, StoreError> {
    let rows = list_basis::table
        .order((list_basis::list.asc(), list_basis::id.asc()))
        .select(Row::as_select())
        .load::<Row>(db)?;
    with_approvals(db, rows)
}

/// What stands for a list: entered and not taken back.
pub fn of_list(db: &mut Db, list: &str) -> Result<Vec<Basis>, StoreError> {
    let rows = list_basis::table
        .filter(list_basis::list.eq(list))
        .filter(list_basis::withdrawn_at.is_null())
        .order(list_basis::id.asc())
        .select(Row::as_select())
        .load::<Row>(db)?;
    with_approvals(db, rows)
}

fn with_approvals(db: &mut Db, rows: Vec<Row>) -> Result<Vec<Basis>, StoreError> {
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let approvals: Vec<(String, String)> = list_basis_approval::table
        .filter(list_basis_approval::basis.eq_any(ids))
        .order((
            list_basis_approval::at.asc(),
            list_basis_approval::actor.asc(),
        ))
        .select((list_basis_approval::basis, list_basis_approval::actor))
        .load(db)?;
    let mut by_basis: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (basis, actor) in approvals {
        by_basis.entry(basis).or_default().push(actor);
    }
    rows.into_iter()
        .map(|row| {
            let approved_by = by_basis.remove(&row.id).unwrap_or_default();
            row.read(approved_by)
        })
        .collect()
}
