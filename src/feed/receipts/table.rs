//! The rows of a return file, whatever its form.

use std::{collections::BTreeMap, io::Cursor};

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use quick_xml::{Reader as XmlReader, events::Event};

use crate::feed::batch::BATCH_SHEET;

/// Longest file that is read, in bytes.
const LARGEST: usize = 64 * 1024 * 1024;

/// Rows with their numbers (a header is row 1, the first record of an XML file too).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReceiptTable {
    columns: Vec<String>,
    rows: Vec<(usize, Cells)>,
}

/// The cells of a row by column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cells(BTreeMap<String, String>);

impl Cells {
    /// The text of a cell that is not empty.
    pub fn get(&self, column: &str) -> Option<&str> {
        self.0
            .get(column)
            .map(String::as_str)
            .filter(|text| !text.is_empty())
    }
}

/// Why a file has no rows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    #[error("the file has {0} bytes, more than {LARGEST}")]
    Large(usize),
    #[error("the file is neither UTF-8 nor GB18030")]
    Encoding,
    #[error("the file is no workbook: {0}")]
    Workbook(String),
    #[error("the file is no CSV table: {0}")]
    Csv(String),
    #[error("the file is no XML of rows: {0}")]
    Xml(String),
}

impl ReceiptTable {
    /// Decides by content: a workbook, XML, or CSV in UTF-8 or GB18030.
    pub fn read(bytes: &[u8]) -> Result<Self, TableError> {
        if bytes.len() > LARGEST {
            return Err(TableError::Large(bytes.len()));
        }
        if bytes.starts_with(b"PK\x03\x04") {
            return workbook(bytes);
        }
        let text = decoded(bytes)?;
        if text.trim_start().starts_with('<') {
            xml(&text)
        } else {
            csv(&text)
        }
    }

    pub fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|known| known == column)
    }

    /// No columns at all: an XML file without records.
    pub fn is_bare(&self) -> bool {
        self.columns.is_empty()
    }

    pub fn rows(&self) -> impl Iterator<Item = (usize, &Cells)> {
        self.rows.iter().map(|(row, cells)| (*row, cells))
    }

    fn push(&mut self, row: usize, cells: impl Iterator<Item = String>) {
        let cells: BTreeMap<String, String> = self.columns.iter().cloned().zip(cells).collect();
        if cells.values().any(|text| !text.is_empty()) {
            self.rows.push((row, Cells(cells)));
        }
    }
}

/// UTF-8 with or without its mark, else GB18030; strictly.
fn decoded(bytes: &[u8]) -> Result<String, TableError> {
    let plain = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(plain) {
        return Ok(text.to_owned());
    }
    encoding_rs::GB18030
        .decode_without_bom_handling_and_without_replacement(bytes)
        .map(std::borrow::Cow::into_owned)
        .ok_or(TableError::Encoding)
}

fn csv(text: &str) -> Result<ReceiptTable, TableError> {
    let fault = |error: csv::Error| TableError::Csv(error.to_string());
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut table = ReceiptTable::default();
    for (index, record) in reader.records().enumerate() {
        let record = record.map_err(fault)?;
        let cells = record.iter().map(|cell| cell.trim().to_owned());
        if index == 0 {
            table.columns = cells.collect();
        } else {
            let row = record
                .position()
                .map_or(index, |at| usize::try_from(at.line()).unwrap_or(index));
            table.push(row, cells);
        }
    }
    Ok(table)
}

fn workbook(bytes: &[u8]) -> Result<ReceiptTable, TableError> {
    let fault = |error: calamine::XlsxError| TableError::Workbook(error.to_string());
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).map_err(fault)?;
    let first = book
        .sheet_names()
        .into_iter()
        .find(|name| name != BATCH_SHEET);
    let first = first.ok_or_else(|| TableError::Workbook("it has no sheet".to_owned()))?;
    let range = book.worksheet_range(&first).map_err(fault)?;
    let mut table = ReceiptTable::default();
    let start = range.start().map_or(0, |(row, _)| row as usize);
    for (index, row) in range.rows().enumerate() {
        let cells = row.iter().map(cell);
        if index == 0 {
            table.columns = cells.collect();
        } else {
            table.push(start + index + 1, cells);
        }
    }
    Ok(table)
}

/// A number that a spreadsheet made of a code loses nothing here: whole numbers have no decimals.
fn cell(data: &Data) -> String {
    match data {
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
            format!("{number:.0}")
        }
        other => other.to_string().trim().to_owned(),
    }
}

/// Any root, its children are rows, their children are cells.
fn xml(text: &str) -> Result<ReceiptTable, TableError> {
    let fault = |what: String| TableError::Xml(what);
    let mut reader = XmlReader::from_str(text);
    let mut table = ReceiptTable::default();
    let (mut path, mut cells, mut value) = (Vec::<String>::new(), BTreeMap::new(), String::new());
    let mut row = 0;
    loop {
        match reader
            .read_event()
            .map_err(|error| fault(error.to_string()))?
        {
            Event::Start(start) => {
                let name = start.name();
                path.push(name.into_inner().to_owned());
                value.clear();
                if path.len() > 3 {
                    return Err(fault(format!("{} is too deep", path.join("/"))));
                }
            }
            Event::Text(text) => {
                value.push_str(&text);
            }
            Event::CData(text) => {
                value.push_str(&text);
            }
            Event::GeneralRef(reference) => value.push_str(&resolved(&reference)?),
            Event::Empty(empty) if path.len() == 2 => {
                let name = empty.name().into_inner().to_owned();
                cells.insert(name, String::new());
            }
            Event::End(_) => {
                let name = path.pop().unwrap_or_default();
                match path.len() {
                    2 => drop(cells.insert(name, std::mem::take(&mut value).trim().to_owned())),
                    1 => {
                        row += 1;
                        for name in cells
                            .keys()
                            .filter(|name| !table.columns.contains(name))
                            .cloned()
                            .collect::<Vec<_>>()
                        {
                            table.columns.push(name);
                        }
                        table.rows.push((row, Cells(std::mem::take(&mut cells))));
                    }
                    _ => {}
                }
            }
            // Entities of its own could name anything.
            Event::DocType(_) => return Err(fault("it has a DOCTYPE".to_owned())),
            Event::Eof => break,
            _ => {}
        }
    }
    if !path.is_empty() {
        return Err(fault(format!("{} is not closed", path.join("/"))));
    }
    Ok(table)
}

fn resolved(reference: &quick_xml::events::BytesRef<'_>) -> Result<String, TableError> {
    let fault = |what: String| TableError::Xml(what);
    if let Some(character) = reference
        .resolve_char_ref()
        .map_err(|error| fault(error.to_string()))?
    {
        return Ok(character.to_string());
    }
    Ok(match &**reference {
        "lt" => "<",
        "gt" => ">",
        "amp" => "&",
        "quot" => "\"",
        "apos" => "'",
        other => return Err(fault(format!("unknown entity &{other};"))),
    }
    .to_owned())
}
