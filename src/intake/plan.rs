//! How the rows of one file are read: what the header settled once, and a batch of rows judged by it.

use crate::domain::Fault;

use super::{
    Row,
    cells::{Cells, Lost},
    headers::Columns,
    recognise::Batch,
    regions::RegionIndex,
    tables::FromRow,
    values::RowReader,
    wrong::{self, Wrong},
};

/// What every row of a file is read by.
#[derive(Debug)]
pub(super) struct Plan {
    /// Name of the file.
    pub file: String,
    /// Whether it is one of a workbook, which has no last column.
    pub worksheet: bool,
    pub columns: Columns,
    pub regions: Option<RegionIndex>,
}

/// The rows of a batch, each seen by itself.
#[derive(Debug)]
pub(super) struct Judged<T> {
    pub rows: Vec<Result<Row<T>, Vec<Fault>>>,
    /// The keys of the good rows, to be compared with those of earlier rows.
    pub keys: Keys,
    /// Whether nothing can be read after it.
    pub last: bool,
}

/// Keys of rows, one after the other, so that comparing them does not go through the rows.
#[derive(Debug, Default)]
pub(super) struct Keys {
    text: String,
    /// Where each key ends in the text, the row's place in its batch and its number.
    rows: Vec<(usize, usize, u64)>,
}

impl Keys {
    fn push(&mut self, key: &str, index: usize, number: u64) {
        self.text.push_str(key);
        self.rows.push((self.text.len(), index, number));
    }

    /// Each key with its row's place in the batch and number.
    pub fn iter(&self) -> impl Iterator<Item = (&str, usize, u64)> {
        let starts = std::iter::once(0).chain(self.rows.iter().map(|(end, ..)| *end));
        starts
            .zip(&self.rows)
            .map(|(start, (end, index, number))| (&self.text[start..*end], *index, *number))
    }
}

impl Plan {
    /// Reads the rows of a batch; blank ones are left out.
    pub fn judge<T: FromRow>(&self, mut batch: Batch) -> Judged<T> {
        let mut cells = Cells::default();
        let mut judged = Judged {
            rows: Vec::with_capacity(batch.len()),
            keys: Keys::default(),
            last: false,
        };
        while let Some(row) = batch.next(&mut cells) {
            let row = match row {
                Ok(()) if cells.is_blank() => continue,
                Ok(()) => self.judge_row::<T>(&cells),
                Err(lost) => {
                    judged.last |= lost.last;
                    Err(vec![fault_of(lost, &self.file, Some(&self.columns))])
                }
            };
            if let Ok(row) = &row {
                let key = row.value.key();
                judged.keys.push(&key.value, judged.rows.len(), row.number);
            }
            judged.rows.push(row);
        }
        judged
    }

    fn judge_row<T: FromRow>(&self, cells: &Cells) -> Result<Row<T>, Vec<Fault>> {
        if let Some(wrong) = self.wrong_width(cells) {
            return Err(vec![wrong.at(&self.file, Some(cells.number), None, None)]);
        }
        let mut row = RowReader {
            plan: self,
            cells,
            faults: Vec::new(),
            warnings: Vec::new(),
        };
        match T::from_row(&mut row) {
            Some(value) if row.faults.is_empty() => Ok(Row {
                number: cells.number,
                value,
                warnings: row.warnings,
            }),
            _ => Err(row.faults),
        }
    }

    /// What is wrong with a row that has not the fields its header promises.
    fn wrong_width(&self, cells: &Cells) -> Option<Wrong> {
        let (found, expected) = (cells.len(), self.columns.len());
        if self.worksheet && found > expected {
            // A worksheet has no last column; only what stands beyond the header is too much.
            return Some(Wrong::new(
                wrong::TOO_MANY_FIELDS,
                format!(
                    "{}列有内容，但表头只有 {expected} 列",
                    wrong::letters(found - 1)
                ),
                "请补上这一列的表头，或清除其中的内容",
            ));
        }
        if self.worksheet || found == expected {
            return None;
        }
        let code = if found < expected {
            wrong::TOO_FEW_FIELDS
        } else {
            wrong::TOO_MANY_FIELDS
        };
        Some(Wrong::new(
            code,
            format!("这一行有 {found} 列，表头有 {expected} 列"),
            "请检查是否多了或少了逗号；含逗号的内容要用英文双引号括起来",
        ))
    }

    /// The fault of a cell, by its column's place in the table of columns.
    pub fn fault(&self, row: u64, field: usize, shown: Option<&str>, wrong: Wrong) -> Fault {
        let title = self.columns.title(field);
        let shown = shown.filter(|text| !text.is_empty());
        wrong.at(&self.file, Some(row), Some(title), shown)
    }
}

/// Tells where a row was lost, by the header if it is known.
pub(super) fn fault_of(lost: Lost, file: &str, columns: Option<&Columns>) -> Fault {
    let title = lost.field.map(|field| {
        let written = columns.and_then(|columns| columns.written(field));
        written.map_or_else(|| wrong::letters(field), str::to_owned)
    });
    lost.wrong.at(file, lost.row, title.as_deref(), None)
}
