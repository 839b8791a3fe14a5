//! Files in: companies, projects, records and earlier grades from CSV or XLSX, row by row, every fault reported.
//!
//! [`open`] (or [`Table::from_reader`], for uploads) decides by content what a file is and in which encoding;
//! [`Table::companies`] and its sisters match the header row with the columns; the [`Rows`] they give are read one
//! after the other, in their order, while the next ones are judged on other threads ([`Rows`] never holds more than some
//! megabytes ahead). Memory does not grow with the file, save for some 16 bytes a row to find duplicated keys:
//!
//! ```no_run
//! # use std::{collections::BTreeMap, path::Path};
//! # use wuxin::{domain::Fault, intake};
//! # fn main() -> Result<(), Vec<Fault>> {
//! let schema = BTreeMap::new();
//! let titles = BTreeMap::new();
//! let context = intake::Context { regions: None, schema: &schema, titles: &titles };
//! for row in intake::open(Path::new("companies.csv"))?.companies(&context)? {
//!     match row {
//!         Ok(row) => println!("{}: {}", row.number, row.value.name),
//!         Err(faults) => faults.iter().for_each(|fault| eprintln!("{fault}")),
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! This room knows `domain` and does file I/O; what a rule set declares comes in as data. A fault of the data is a
//! [`Fault`], never a panic and never a silent end: after a failure to read, the last item says so.

mod ahead;
mod cells;
mod content;
mod encoding;
mod headers;
mod keys;
mod machine;
mod plan;
mod recognise;
mod regions;
mod report;
mod rfc4180;
mod seen;
mod source;
mod tables;
mod values;
mod wrong;
mod xlsx;

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    iter::Peekable,
    ops::ControlFlow,
    path::Path,
};

use crate::domain::{AttributeSchema, Company, Contract, Fault, Record, Regions};

use ahead::Ahead;
use cells::Cells;
use headers::Columns;
use keys::Key;
use plan::{Judged, Placed, Plan, fault_of};
use recognise::{Batch, Source};
use regions::RegionIndex;
use seen::Seen;
use source::{Watch, Watched};
use tables::FromRow;
use wrong::Wrong;

pub use headers::{
    CHECK_ITEM_COLUMNS, CHECK_OFFICER_COLUMNS, COMPANY_COLUMNS, COMPLAINT_COLUMNS,
    CONTRACT_COLUMNS, Column, HISTORY_COLUMNS, RECORD_COLUMNS,
};
pub use keys::contract_overlaps;
pub use machine::{FIELD_LIMIT, RECORD_LIMIT};
pub use report::{REPORT_COLUMNS, harmless, write_fault_report, write_fault_report_file};
pub use tables::{PastGrade, TypedComplaint, TypedItem, TypedOfficer};
pub use wrong::CODES;

/// What the rows are read against.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The divisions of the bureau: with them, a region may be given by name and an unknown code is a fault.
    pub regions: Option<&'a Regions>,
    /// The attributes that records may have.
    pub schema: &'a AttributeSchema,
    /// Chinese titles of attributes, each with the attribute's name.
    pub titles: &'a BTreeMap<String, String>,
}

/// A row without faults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<T> {
    /// As a spreadsheet counts: the header is row 1. A quoted cell of several lines is one row.
    pub number: u64,
    pub value: T,
    /// What should be looked at, though the row is taken.
    pub warnings: Vec<Fault>,
}

/// A file that was recognised and whose header is not read yet.
#[derive(Debug)]
pub struct Table {
    name: String,
    size: u64,
    watch: Watch,
    source: Source,
}

/// The rows of a file; see [`Iterator::next`]. Each faulty row is one `Err` with everything wrong in it.
#[derive(Debug)]
pub struct Rows<T> {
    size: u64,
    watch: Watch,
    ahead: Ahead<T>,
    ready: Ready<T>,
    seen: Seen,
    ended: bool,
    key: fn(&T) -> Key<'_>,
}

/// A batch that is given out row by row.
#[derive(Debug)]
struct Ready<T> {
    values: std::iter::Zip<std::vec::IntoIter<T>, std::vec::IntoIter<u64>>,
    /// Values given out.
    given: usize,
    warnings: Peekable<std::vec::IntoIter<Placed>>,
    faulty: Peekable<std::vec::IntoIter<Placed>>,
}

/// Some rows on end, apart by what became of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch<T> {
    /// The good rows.
    pub values: Vec<T>,
    /// The number of each good row.
    pub numbers: Vec<u64>,
    pub warnings: Vec<Fault>,
    /// Of the faulty rows.
    pub faults: Vec<Fault>,
}

/// Opens a file; its name without folders stands in every fault.
pub fn open(path: &Path) -> Result<Table, Vec<Fault>> {
    let name = path.file_name().unwrap_or(path.as_os_str());
    let name = name.to_string_lossy().into_owned();
    let opened = File::open(path).and_then(|file| match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::other("not a regular file")),
    });
    match opened {
        Ok(file) => Table::from_reader(name, file),
        Err(error) => {
            let wrong = Wrong::new(
                wrong::CANNOT_OPEN,
                match error.kind() {
                    io::ErrorKind::NotFound => "文件不存在".to_owned(),
                    io::ErrorKind::PermissionDenied => "没有读取这个文件的权限".to_owned(),
                    _ => format!("文件打不开：{error}"),
                },
                "请检查文件名和读取权限",
            );
            Err(vec![wrong.of_file(&name)])
        }
    }
}

impl Table {
    /// Recognises what a reader gives, by its content. `name` stands in every fault.
    pub fn from_reader(
        name: impl Into<String>,
        reader: impl Read + Seek + Send + 'static,
    ) -> Result<Self, Vec<Fault>> {
        let name = name.into();
        let mut input = Watched::new(reader);
        let watch = input.watch();
        let recognised = input
            .seek(SeekFrom::End(0))
            .and_then(|size| Ok((size, Source::recognise(input)?)))
            .unwrap_or_else(|error| (0, Err(Wrong::read(&error))));
        match recognised {
            (size, Ok(source)) => Ok(Self {
                name,
                size,
                watch,
                source,
            }),
            (_, Err(wrong)) => Err(vec![wrong.of_file(&name)]),
        }
    }

    /// The name of the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Size of the file in bytes.
    pub fn size_hint_bytes(&self) -> u64 {
        self.size
    }

    /// How far reading is, in bytes of the file. For progress bars: a workbook is not read from front to back.
    pub fn position_bytes(&self) -> u64 {
        self.watch.position()
    }

    /// Reads the header row as that of `companies.csv`; its faults come at once.
    pub fn companies(self, context: &Context<'_>) -> Result<Rows<Company>, Vec<Fault>> {
        self.rows(context)
    }

    /// Reads the header row as that of `projects.csv`; its faults come at once.
    pub fn contracts(self, context: &Context<'_>) -> Result<Rows<Contract>, Vec<Fault>> {
        self.rows(context)
    }

    /// Reads the header row as that of `records.csv`; its faults come at once.
    pub fn records(self, context: &Context<'_>) -> Result<Rows<Record>, Vec<Fault>> {
        self.rows(context)
    }

    /// Reads the header row as that of `history.csv`; its faults come at once.
    pub fn history(self, context: &Context<'_>) -> Result<Rows<PastGrade>, Vec<Fault>> {
        self.rows(context)
    }

    /// Reads the header row as that of `complaints.csv`; its faults come at once.
    pub fn complaints(self, context: &Context<'_>) -> Result<Rows<TypedComplaint>, Vec<Fault>> {
        self.rows(context)
    }

    /// Reads the header row as that of `check-items.csv`; its faults come at once.
    pub fn check_items(self, context: &Context<'_>) -> Result<Rows<TypedItem>, Vec<Fault>> {
        self.rows(context)
    }

    /// Reads the header row as that of `check-officers.csv`; its faults come at once.
    pub fn check_officers(self, context: &Context<'_>) -> Result<Rows<TypedOfficer>, Vec<Fault>> {
        self.rows(context)
    }

    fn rows<T: FromRow>(mut self, context: &Context<'_>) -> Result<Rows<T>, Vec<Fault>> {
        let (header, rest) = self.header()?;
        let attributes = T::ATTRIBUTES.then_some((context.schema, context.titles));
        let columns = Columns::resolve(&self.name, header.fields(), T::COLUMNS, attributes)?;
        let plan = Plan {
            file: self.name,
            worksheet: matches!(self.source, Source::Sheet(_)),
            columns,
            regions: context.regions.map(RegionIndex::new),
        };
        Ok(Rows {
            size: self.size,
            watch: self.watch,
            ahead: Ahead::new(self.source, rest, plan),
            ready: Ready::of(Judged::with_capacity(0)),
            seen: Seen::default(),
            ended: false,
            key: T::key,
        })
    }

    /// Reads the first row that is not blank; gives it with what is left of its batch.
    fn header(&mut self) -> Result<(Cells, Batch), Vec<Fault>> {
        let mut cells = Cells::default();
        while let Some(mut batch) = self.source.batch() {
            let mut found = None;
            batch.each(&mut cells, |row| match row {
                Ok(fields) if fields.is_blank() => ControlFlow::Continue(()),
                Ok(fields) => {
                    found = Some(Ok(fields.to_cells()));
                    ControlFlow::Break(())
                }
                Err(lost) => {
                    found = Some(Err(vec![fault_of(lost, &self.name, None)]));
                    ControlFlow::Break(())
                }
            });
            if let Some(header) = found {
                return Ok((header?, batch));
            }
        }
        let wrong = Wrong::new(
            wrong::EMPTY_FILE,
            "文件是空的，没有表头",
            "第一行应为表头，从第二行起为数据",
        );
        Err(vec![wrong.of_file(&self.name)])
    }
}

impl<T> Rows<T> {
    /// The name of the file.
    pub fn name(&self) -> &str {
        &self.ahead.plan().file
    }

    /// Size of the file in bytes.
    pub fn size_hint_bytes(&self) -> u64 {
        self.size
    }

    /// How far reading is, in bytes of the file; see [`Table::position_bytes`]. It is some rows ahead.
    pub fn position_bytes(&self) -> u64 {
        self.watch.position()
    }

    /// The next batch, with what only its place in the file can show.
    fn admitted(&mut self) -> Option<Judged<T>> {
        if self.ended {
            return None;
        }
        let Some(mut judged) = self.ahead.next() else {
            self.ended = true;
            return None;
        };
        self.ended = judged.last;
        let known = self.seen.first_rows(&judged.keys, &judged.numbers);
        if !known.is_empty() {
            let plan = self.ahead.plan();
            let refused = known.into_iter().map(|(place, first)| {
                let same = (self.key)(&judged.values[place]);
                let wrong = keys::duplicate(same.what, first);
                let number = judged.numbers[place];
                let fault = plan.fault(number, same.field, Some(&same.value), wrong);
                (place, fault)
            });
            let refused = refused.collect();
            judged.refuse(refused);
        }
        Some(judged)
    }

    /// The rows that are at hand, for those who want all of them: no row is moved by itself. None at the end.
    pub fn stretch(&mut self) -> Option<Stretch<T>> {
        let rest = std::mem::replace(&mut self.ready, Ready::of(Judged::with_capacity(0)));
        if !rest.is_empty() {
            return Some(rest.into_stretch());
        }
        let judged = self.admitted()?;
        Some(Stretch {
            values: judged.values,
            numbers: judged.numbers,
            warnings: all(judged.warnings),
            faults: all(judged.faulty),
        })
    }
}

impl<T> Ready<T> {
    fn of(judged: Judged<T>) -> Self {
        Self {
            values: judged.values.into_iter().zip(judged.numbers),
            given: 0,
            warnings: judged.warnings.into_iter().peekable(),
            faulty: judged.faulty.into_iter().peekable(),
        }
    }

    fn is_empty(&self) -> bool {
        self.values.len() == 0 && self.faulty.len() == 0
    }

    fn next(&mut self) -> Option<Result<Row<T>, Vec<Fault>>> {
        let place = self.given;
        if let Some((_, faults)) = self.faulty.next_if(|(before, _)| *before <= place) {
            return Some(Err(faults));
        }
        let (value, number) = self.values.next()?;
        self.given += 1;
        let warnings = self.warnings.next_if(|(at, _)| *at == place);
        Some(Ok(Row {
            number,
            value,
            warnings: warnings.map(|(_, own)| own).unwrap_or_default(),
        }))
    }

    fn into_stretch(self) -> Stretch<T> {
        let (values, numbers) = self.values.unzip();
        Stretch {
            values,
            numbers,
            warnings: all(self.warnings),
            faults: all(self.faulty),
        }
    }
}

fn all(placed: impl IntoIterator<Item = Placed>) -> Vec<Fault> {
    placed.into_iter().flat_map(|(_, own)| own).collect()
}

impl<T> Iterator for Rows<T> {
    type Item = Result<Row<T>, Vec<Fault>>;

    /// The next row that is not blank. A failure to read is the last item.
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.ready.next() {
                return Some(row);
            }
            self.ready = Ready::of(self.admitted()?);
        }
    }
}
