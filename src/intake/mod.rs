//! Files in: companies, projects, records and earlier grades from CSV or XLSX, row by row, every fault reported.
//!
//! [`open`] (or [`Table::from_reader`], for uploads) decides by content what a file is and in which encoding;
//! [`Table::companies`] and its sisters match the header row with the columns; the [`Rows`] they give are read one
//! after the other, with memory that does not grow with the file, save for 16 bytes a row to find duplicated keys:
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

mod cells;
mod content;
mod encoding;
mod headers;
mod keys;
mod regions;
mod report;
mod rfc4180;
mod source;
mod tables;
mod values;
mod wrong;
mod xlsx;

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

use crate::domain::{AttributeSchema, Company, Contract, Fault, Record, Regions};

use cells::{Cells, Lost};
use encoding::Text;
use headers::Columns;
use keys::{Key, Seen};
use regions::RegionIndex;
use rfc4180::Records;
use source::{Watch, Watched};
use tables::FromRow;
use values::RowReader;
use wrong::Wrong;
use xlsx::SheetRows;

pub use headers::{COMPANY_COLUMNS, CONTRACT_COLUMNS, Column, HISTORY_COLUMNS, RECORD_COLUMNS};
pub use keys::contract_overlaps;
pub use report::{REPORT_COLUMNS, write_fault_report, write_fault_report_file};
pub use rfc4180::{FIELD_LIMIT, RECORD_LIMIT};
pub use tables::PastGrade;
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
    name: String,
    size: u64,
    watch: Watch,
    source: Source,
    columns: Columns,
    regions: Option<RegionIndex>,
    seen: Seen,
    cells: Cells,
    ended: bool,
    from_row: fn(&mut RowReader<'_>) -> Option<T>,
    key: fn(&T) -> Key,
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

    fn rows<T: FromRow>(mut self, context: &Context<'_>) -> Result<Rows<T>, Vec<Fault>> {
        let mut cells = Cells::default();
        let header = loop {
            match self.source.next(&mut cells) {
                Some(Ok(())) if cells.is_blank() => {}
                Some(Ok(())) => break Ok(()),
                Some(Err(lost)) => break Err(fault_of(lost, &self.name, None)),
                None => {
                    let wrong = Wrong::new(
                        wrong::EMPTY_FILE,
                        "文件是空的，没有表头",
                        "第一行应为表头，从第二行起为数据",
                    );
                    break Err(wrong.of_file(&self.name));
                }
            }
        };
        header.map_err(|fault| vec![fault])?;
        let attributes = T::ATTRIBUTES.then_some((context.schema, context.titles));
        let columns = Columns::resolve(&self.name, &cells, T::COLUMNS, attributes)?;
        Ok(Rows {
            name: self.name,
            size: self.size,
            watch: self.watch,
            source: self.source,
            columns,
            regions: context.regions.map(RegionIndex::new),
            seen: Seen::default(),
            cells,
            ended: false,
            from_row: T::from_row,
            key: T::key,
        })
    }
}

impl<T> Rows<T> {
    /// The name of the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Size of the file in bytes.
    pub fn size_hint_bytes(&self) -> u64 {
        self.size
    }

    /// How far reading is, in bytes of the file; see [`Table::position_bytes`].
    pub fn position_bytes(&self) -> u64 {
        self.watch.position()
    }

    /// Whether the row has the fields its header promises.
    fn check_width(&self) -> Result<(), Vec<Fault>> {
        let (found, expected) = (self.cells.len(), self.columns.len());
        let (code, what) = match &self.source {
            Source::Text(_) if found < expected => (
                wrong::TOO_FEW_FIELDS,
                format!("这一行有 {found} 列，表头有 {expected} 列"),
            ),
            Source::Text(_) if found > expected => (
                wrong::TOO_MANY_FIELDS,
                format!("这一行有 {found} 列，表头有 {expected} 列"),
            ),
            // A worksheet has no last column; only what stands beyond the header is too much.
            Source::Sheet(_) if found > expected => (
                wrong::TOO_MANY_FIELDS,
                format!(
                    "{}列有内容，但表头只有 {expected} 列",
                    wrong::letters(found - 1)
                ),
            ),
            _ => return Ok(()),
        };
        let fix = "请检查是否多了或少了逗号；含逗号的内容要用英文双引号括起来";
        let fix = match &self.source {
            Source::Text(_) => fix,
            Source::Sheet(_) => "请补上这一列的表头，或清除其中的内容",
        };
        let row = Some(self.cells.number);
        Err(vec![
            Wrong::new(code, what, fix).at(&self.name, row, None, None),
        ])
    }

    fn read(&mut self) -> Result<Row<T>, Vec<Fault>> {
        self.check_width()?;
        let mut row = RowReader {
            file: &self.name,
            columns: &self.columns,
            cells: &self.cells,
            regions: self.regions.as_ref(),
            faults: Vec::new(),
            warnings: Vec::new(),
        };
        let value = (self.from_row)(&mut row);
        let number = self.cells.number;
        let Some(value) = value.filter(|_| row.faults.is_empty()) else {
            return Err(row.faults);
        };
        let key = (self.key)(&value);
        if let Some(first) = self.seen.first_row(&key.value, number) {
            let wrong = keys::duplicate(key.what, first);
            row.complain(key.field, Some(&key.value), wrong);
            return Err(row.faults);
        }
        Ok(Row {
            number,
            value,
            warnings: row.warnings,
        })
    }
}

impl<T> Iterator for Rows<T> {
    type Item = Result<Row<T>, Vec<Fault>>;

    /// The next row that is not blank. A failure to read is the last item.
    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            match self.source.next(&mut self.cells) {
                Some(Ok(())) if self.cells.is_blank() => {}
                Some(Ok(())) => return Some(self.read()),
                Some(Err(lost)) => {
                    self.ended = lost.last;
                    let fault = fault_of(lost, &self.name, Some(&self.columns));
                    return Some(Err(vec![fault]));
                }
                None => self.ended = true,
            }
        }
        None
    }
}

/// Tells where a row was lost, by the header if it is known.
fn fault_of(lost: Lost, file: &str, columns: Option<&Columns>) -> Fault {
    let title = lost.field.map(|field| {
        let written = columns.and_then(|columns| columns.written(field));
        written.map_or_else(|| wrong::letters(field), str::to_owned)
    });
    lost.wrong.at(file, lost.row, title.as_deref(), None)
}

/// Where rows come from.
#[derive(Debug)]
enum Source {
    Text(Records),
    Sheet(SheetRows),
}

impl Source {
    /// Decides by the first bytes, then, for text, by all of it.
    fn recognise(mut input: Watched) -> io::Result<Result<Self, Wrong>> {
        let mut head = [0; 512];
        input.seek(SeekFrom::Start(0))?;
        let filled = input.read_full(&mut head)?;
        let head = &head[..filled];
        if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
            input.seek(SeekFrom::Start(0))?;
            return Ok(SheetRows::open(input).map(Self::Sheet));
        }
        if head.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
            return Ok(Err(xlsx::compound_file(input)));
        }
        let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
        if text.trim_ascii_start().starts_with(b"<") {
            return Ok(Err(Wrong::new(
                wrong::NOT_A_TABLE,
                "文件内容是网页或 XML，不是 CSV 或 XLSX",
                "请用表格软件打开后另存为 XLSX 后重新导入",
            )));
        }
        let encoding = encoding::detect(&mut input)?;
        Ok(encoding.map(|encoding| Self::Text(Records::new(Text::new(input, encoding)))))
    }

    fn next(&mut self, cells: &mut Cells) -> Option<Result<(), Lost>> {
        match self {
            Self::Text(records) => records.next(cells),
            Self::Sheet(rows) => rows.next(cells),
        }
    }
}
