//! How the rows of one file are read: what the header settled once, and a batch of rows judged by it.

use std::ops::ControlFlow;

use crate::domain::Fault;

use super::{
    cells::{Cells, Fields, Lost},
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

/// Faults of a row, with a place among the values of its batch.
pub(super) type Placed = (usize, Vec<Fault>);

/// The rows of a batch, each seen by itself. Good rows are kept as bare values, because moving a million rows costs as much as
/// reading them.
#[derive(Debug)]
pub(super) struct Judged<T> {
    pub values: Vec<T>,
    /// Of the rows of the values.
    pub numbers: Vec<u64>,
    /// At the place of their value, rising.
    pub warnings: Vec<Placed>,
    /// Of faulty rows, each with the number of values before it.
    pub faulty: Vec<Placed>,
    /// Of the values, to be compared with those of earlier rows.
    pub keys: Keys,
    /// Whether nothing can be read after it.
    pub last: bool,
}

impl<T> Judged<T> {
    pub fn with_capacity(rows: usize) -> Self {
        Self {
            values: Vec::with_capacity(rows),
            numbers: Vec::with_capacity(rows),
            warnings: Vec::new(),
            faulty: Vec::new(),
            keys: Keys::default(),
            last: false,
        }
    }

    /// Turns good rows into faulty ones; they are given by the place of their value, rising.
    pub fn refuse(&mut self, refused: Vec<(usize, Fault)>) {
        let whole = std::mem::replace(self, Self::with_capacity(self.values.len()));
        self.last = whole.last;
        let mut refused = refused.into_iter().peekable();
        let mut faulty = whole.faulty.into_iter().peekable();
        let mut warnings = whole.warnings.into_iter().peekable();
        for (index, (value, number)) in whole.values.into_iter().zip(whole.numbers).enumerate() {
            while let Some((_, faults)) = faulty.next_if(|(before, _)| *before <= index) {
                self.faulty.push((self.values.len(), faults));
            }
            let warned = warnings.next_if(|(at, _)| *at == index);
            if let Some((_, fault)) = refused.next_if(|(at, _)| *at == index) {
                self.faulty.push((self.values.len(), vec![fault]));
                continue;
            }
            let place = self.values.len();
            self.warnings.extend(warned.map(|(_, own)| (place, own)));
            self.values.push(value);
            self.numbers.push(number);
        }
        let after = self.values.len();
        self.faulty
            .extend(faulty.map(|(_, faults)| (after, faults)));
    }
}

/// Keys of rows, one after the other, so that comparing them does not go through the rows.
#[derive(Debug, Default)]
pub(super) struct Keys {
    text: String,
    /// Where each key ends in the text.
    ends: Vec<usize>,
    /// Whether some key is not above the one before it.
    disorder: bool,
    /// Length of the longest.
    longest: usize,
}

impl Keys {
    pub fn push(&mut self, key: &str) {
        self.disorder |= self.last().is_some_and(|last| key <= last);
        self.longest = self.longest.max(key.len());
        self.text.push_str(key);
        self.ends.push(self.text.len());
    }

    fn key(&self, index: usize) -> Option<&str> {
        let start = match index {
            0 => 0,
            _ => *self.ends.get(index - 1)?,
        };
        self.text.get(start..*self.ends.get(index)?)
    }

    pub fn first(&self) -> Option<&str> {
        self.key(0)
    }

    fn last(&self) -> Option<&str> {
        self.key(self.ends.len().checked_sub(1)?)
    }

    /// The keys one after the other and where each ends, if each is above the one before and none is longer than this.
    pub fn rising(&self, longest: usize) -> Option<(&str, &[usize])> {
        (!self.disorder && self.longest <= longest).then_some((&self.text, &self.ends))
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).filter_map(|index| self.key(index))
    }
}

impl Plan {
    /// Reads the rows of a batch; blank ones are left out.
    pub fn judge<T: FromRow>(&self, mut batch: Batch) -> Judged<T> {
        let mut judged = Judged::with_capacity(batch.len());
        batch.each(&mut Cells::default(), |row| {
            match row {
                Ok(cells) if cells.is_blank() => {}
                Ok(cells) => self.judge_row(cells, &mut judged),
                Err(lost) => {
                    judged.last |= lost.last;
                    let fault = fault_of(lost, &self.file, Some(&self.columns));
                    judged.faulty.push((judged.values.len(), vec![fault]));
                }
            }
            ControlFlow::Continue(())
        });
        judged
    }

    fn judge_row<T: FromRow>(&self, cells: Fields<'_>, judged: &mut Judged<T>) {
        let place = judged.values.len();
        if let Some(wrong) = self.wrong_width(cells) {
            let fault = wrong.at(&self.file, Some(cells.number), None, None);
            judged.faulty.push((place, vec![fault]));
            return;
        }
        let mut row = RowReader {
            plan: self,
            cells,
            faults: Vec::new(),
            warnings: Vec::new(),
        };
        match T::from_row(&mut row) {
            Some(value) if row.faults.is_empty() => {
                judged.keys.push(&value.key().value);
                judged.values.push(value);
                judged.numbers.push(cells.number);
                if !row.warnings.is_empty() {
                    judged.warnings.push((place, row.warnings));
                }
            }
            _ => judged.faulty.push((place, row.faults)),
        }
    }

    /// What is wrong with a row that has not the fields its header promises.
    fn wrong_width(&self, cells: Fields<'_>) -> Option<Wrong> {
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
