//! How the rows of one file are read: what the header settled once, and a batch of rows judged by it.

use crate::domain::Fault;

use super::{
    Row,
    cells::{Cells, Lost},
    headers::Columns,
    keys::KeyDigest,
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

/// What a row is, seen by itself.
#[derive(Debug)]
pub(super) enum Judged<T> {
    /// Good, if no earlier row has its key.
    Good {
        row: Row<T>,
        key: KeyDigest,
    },
    Faulty(Vec<Fault>),
    /// Not readable; `last` if nothing can be read after it.
    Lost {
        fault: Fault,
        last: bool,
    },
}

impl Plan {
    /// Reads the rows of a batch; blank ones are left out.
    pub fn judge<T: FromRow>(&self, mut batch: Batch) -> Vec<Judged<T>> {
        let mut cells = Cells::default();
        let mut rows = Vec::new();
        while let Some(row) = batch.next(&mut cells) {
            match row {
                Ok(()) if cells.is_blank() => {}
                Ok(()) => rows.push(self.judge_row(&cells)),
                Err(lost) => rows.push(Judged::Lost {
                    last: lost.last,
                    fault: fault_of(lost, &self.file, Some(&self.columns)),
                }),
            }
        }
        rows
    }

    fn judge_row<T: FromRow>(&self, cells: &Cells) -> Judged<T> {
        if let Err(fault) = self.check_width(cells) {
            return Judged::Faulty(vec![fault]);
        }
        let mut row = RowReader {
            plan: self,
            cells,
            faults: Vec::new(),
            warnings: Vec::new(),
        };
        let value = T::from_row(&mut row);
        let Some(value) = value.filter(|_| row.faults.is_empty()) else {
            return Judged::Faulty(row.faults);
        };
        Judged::Good {
            key: value.key().digest(),
            row: Row {
                number: cells.number,
                value,
                warnings: row.warnings,
            },
        }
    }

    /// Whether the row has the fields its header promises.
    fn check_width(&self, cells: &Cells) -> Result<(), Fault> {
        let (found, expected) = (cells.len(), self.columns.len());
        let wrong = if self.worksheet && found > expected {
            // A worksheet has no last column; only what stands beyond the header is too much.
            Wrong::new(
                wrong::TOO_MANY_FIELDS,
                format!(
                    "{}列有内容，但表头只有 {expected} 列",
                    wrong::letters(found - 1)
                ),
                "请补上这一列的表头，或清除其中的内容",
            )
        } else if self.worksheet || found == expected {
            return Ok(());
        } else {
            let code = if found < expected {
                wrong::TOO_FEW_FIELDS
            } else {
                wrong::TOO_MANY_FIELDS
            };
            Wrong::new(
                code,
                format!("这一行有 {found} 列，表头有 {expected} 列"),
                "请检查是否多了或少了逗号；含逗号的内容要用英文双引号括起来",
            )
        };
        Err(wrong.at(&self.file, Some(cells.number), None, None))
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
