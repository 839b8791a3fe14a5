//! Items and officers from a file, and back to one: every faulty cell is told, and what is known already is left alone.

use std::{collections::BTreeMap, path::Path};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    CheckItem, CheckItemDraft, CheckObject, CheckOfficer, CheckOfficerDraft, in_role,
    library::{read_item, read_officer, store_item, store_officer},
};
use crate::{
    domain::{Day, Fault},
    draw::{Id, draft::List},
    intake::{self, Column, Context},
    service::{
        App, Error, FieldFault,
        permission::{Action, Actor},
    },
    store::Db,
};

/// Codes of faults that a row may have beside those of its cells.
const CODES: &[&str] = &["E001", "E003", "E006", "E008", "E031", "E034"];

/// How to import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CheckImport {
    /// Check only.
    pub dry_run: bool,
    /// Store the good rows even if others are faulty.
    pub keep_going: bool,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImportedChecks {
    pub rows: u64,
    pub faulty: u64,
    /// New ones, and new versions of known ones.
    pub changed: u64,
    /// Known already with the same content.
    pub known: u64,
    /// Whether anything was stored.
    pub stored: bool,
    pub faults: Vec<Fault>,
}

type Cells = BTreeMap<&'static str, String>;

/// Imports items in one transaction.
///
/// # Errors
/// Those of the store, and a role that may not; the faults of the data are no error here.
pub fn import_check_items(
    app: &App,
    actor: &Actor,
    path: &Path,
    how: CheckImport,
    now: DateTime<Utc>,
) -> Result<ImportedChecks, Error> {
    in_role(actor, Action::PrepareCheck)?;
    let read = intake::open(path).and_then(|table| table.check_items(&context(app, &plain())));
    let rows = read.map(|rows| {
        let name = rows.name().to_owned();
        (
            name,
            rows.map(|row| row.map(|row| (row.number, row.value.0)))
                .collect(),
        )
    });
    import(
        app,
        how,
        rows,
        (
            |_, cells| Ok(read_item(&item_draft(cells))),
            |item: &CheckItem| &item.id,
        ),
        |db, item| Ok(store_item(db, actor, item.clone(), now)?.1),
    )
}

/// Imports officers in one transaction.
///
/// # Errors
/// As [`import_check_items`]. An officer of another division is a fault of its row, and one at work whose certificate is over.
pub fn import_check_officers(
    app: &App,
    actor: &Actor,
    path: &Path,
    how: CheckImport,
    now: DateTime<Utc>,
) -> Result<ImportedChecks, Error> {
    in_role(actor, Action::PrepareCheck)?;
    let read = intake::open(path).and_then(|table| table.check_officers(&context(app, &plain())));
    let rows = read.map(|rows| {
        let name = rows.name().to_owned();
        (
            name,
            rows.map(|row| row.map(|row| (row.number, row.value.0)))
                .collect(),
        )
    });
    let judge = |db: &mut Db, cells: &Cells| {
        let officer = match read_officer(db, app, &officer_draft(cells))? {
            Ok(officer) => officer,
            Err(faults) => return Ok(Err(faults)),
        };
        let fault = |field: &str, code: &str, what: String| {
            Ok(Err(vec![FieldFault::new(field, code, what)]))
        };
        let until = officer.certificate_until;
        if officer.active && until < Day::of(now) {
            let what = format!("证件已于 {until} 到期；不再执法的人员请在「在岗」一栏填「否」");
            return fault("certificate_until", "E003", what);
        }
        match actor.check(Action::PrepareCheck, Some(&officer.district)) {
            Ok(()) => Ok(Ok(officer)),
            Err(refusal) => fault("district", "E034", refusal.to_string()),
        }
    };
    import(
        app,
        how,
        rows,
        (judge, |officer: &CheckOfficer| &officer.id),
        |db, officer| Ok(store_officer(db, actor, officer.clone(), now)?.1),
    )
}

/// No attributes beside the columns.
type Plain = (crate::domain::AttributeSchema, BTreeMap<String, String>);

fn plain() -> Plain {
    Default::default()
}

fn context<'a>(app: &'a App, (schema, titles): &'a Plain) -> Context<'a> {
    Context {
        regions: Some(&app.regions),
        schema,
        titles,
    }
}

type Read = Result<(String, Vec<Result<(u64, Cells), Vec<Fault>>>), Vec<Fault>>;

/// Judges every row first, and that no id comes twice; stores in a transaction of its own if there is something to store.
fn import<T: Clone>(
    app: &App,
    how: CheckImport,
    rows: Read,
    (judge, key): (
        impl Fn(&mut Db, &Cells) -> Result<Result<T, Vec<FieldFault>>, Error>,
        impl Fn(&T) -> &Id,
    ),
    store: impl Fn(&mut Db, &T) -> Result<bool, Error>,
) -> Result<ImportedChecks, Error> {
    let (file, rows) = match rows {
        Ok(read) => read,
        // The file as a whole cannot be read: no row of it is good.
        Err(faults) => {
            return Ok(ImportedChecks {
                faulty: 1,
                faults,
                ..ImportedChecks::default()
            });
        }
    };
    let (mut done, good) = app.store.read(|db| {
        let mut done = ImportedChecks::default();
        let mut good = Vec::new();
        let mut seen: BTreeMap<Id, u64> = BTreeMap::new();
        for row in &rows {
            done.rows += 1;
            let faults = match row {
                Err(faults) => faults.clone(),
                Ok((number, cells)) => match judge(db, cells)? {
                    Ok(value) => {
                        let before = seen.insert(key(&value).clone(), *number);
                        let Some(before) = before else {
                            good.push(value);
                            continue;
                        };
                        let what = format!("编号「{}」与第{before}行重复", key(&value));
                        let fault = FieldFault::new("id", "E006", what);
                        vec![in_cell(&file, *number, cells, &fault)]
                    }
                    Err(faults) => (faults.iter())
                        .map(|fault| in_cell(&file, *number, cells, fault))
                        .collect(),
                },
            };
            done.faulty += 1;
            done.faults.extend(faults);
        }
        Ok::<_, Error>((done, good))
    })?;
    if how.dry_run || good.is_empty() || (done.faulty > 0 && !how.keep_going) {
        return Ok(done);
    }
    let changed = app.store.write(|db| {
        let mut changed = 0;
        for value in &good {
            changed += u64::from(store(db, value)?);
        }
        Ok::<_, Error>(changed)
    })?;
    done.changed = changed;
    done.known = good.len() as u64 - changed;
    done.stored = changed > 0;
    Ok(done)
}

fn in_cell(file: &str, row: u64, cells: &Cells, fault: &FieldFault) -> Fault {
    let field = fault.pointer.trim_start_matches('/');
    let known = CODES.iter().find(|code| **code == fault.code);
    Fault {
        file: file.to_owned(),
        row: Some(row),
        column: Some(field.to_owned()),
        value: cells.get(field).cloned(),
        code: known.copied().unwrap_or("E000"),
        what: fault.what.clone(),
        fix: fault.fix.clone(),
    }
}

fn item_draft(cells: &Cells) -> CheckItemDraft {
    let cell = |name| cells.get(name).cloned();
    CheckItemDraft {
        id: cell("id"),
        title: cell("title"),
        basis: cell("basis"),
        published_on: cell("published_on"),
        method: cell("method"),
        qualifications: cell("qualifications"),
        effective_from: cell("effective_from"),
        effective_until: cell("effective_until"),
    }
}

fn officer_draft(cells: &Cells) -> CheckOfficerDraft {
    let cell = |name| cells.get(name).cloned();
    CheckOfficerDraft {
        id: cell("id"),
        name: cell("name"),
        certificate: cell("certificate"),
        certificate_until: cell("certificate_until"),
        qualifications: cell("qualifications"),
        district: cell("district"),
        interests: cell("interests"),
        recusals: cell("recusals"),
        active: cell("active"),
    }
}

/// A library as a table that its import reads back: the header in Chinese, then the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckFile(pub Vec<Vec<String>>);

impl CheckFile {
    pub fn of_items(items: &[CheckItem]) -> Self {
        let row = |item: &CheckItem| {
            vec![
                item.id.to_string(),
                item.title.clone(),
                item.basis.clone(),
                day(item.published_on),
                item.method.clone(),
                ids(&item.qualifications),
                item.effective_from.to_string(),
                day(item.effective_until),
            ]
        };
        Self::of(intake::CHECK_ITEM_COLUMNS, items.iter().map(row))
    }

    pub fn of_officers(officers: &[CheckOfficer]) -> Self {
        let row = |officer: &CheckOfficer| {
            let recusals =
                (officer.recusals.iter()).map(|one| format!("{}:{}", one.object, one.reason));
            vec![
                officer.id.to_string(),
                officer.name.clone(),
                officer.certificate.clone(),
                officer.certificate_until.to_string(),
                ids(&officer.qualifications),
                officer.district.to_string(),
                ids(&officer.interests),
                recusals.collect::<Vec<_>>().join(";"),
                if officer.active { "是" } else { "否" }.to_owned(),
            ]
        };
        Self::of(intake::CHECK_OFFICER_COLUMNS, officers.iter().map(row))
    }

    /// In the columns that `wuxin draw commit --objects` reads.
    pub fn of_objects(objects: &[CheckObject]) -> Self {
        let row = |object: &CheckObject| {
            vec![
                object.id.clone(),
                object.kind.clone(),
                object.company.clone(),
                object.name.clone(),
                object.district.clone(),
                object.grade.clone(),
                String::new(),
                object.visits.to_string(),
            ]
        };
        let head = (List::Objects.columns().iter()).map(|(_, chinese, _)| (*chinese).to_owned());
        Self(
            std::iter::once(head.collect())
                .chain(objects.iter().map(row))
                .collect(),
        )
    }

    fn of(columns: &[Column], rows: impl Iterator<Item = Vec<String>>) -> Self {
        let head = columns
            .iter()
            .map(|column| column.chinese.to_owned())
            .collect();
        Self(std::iter::once(head).chain(rows).collect())
    }
}

fn day(day: Option<Day>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

fn ids(ids: &[Id]) -> String {
    ids.iter().map(Id::as_str).collect::<Vec<_>>().join(";")
}
