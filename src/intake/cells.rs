//! One row of a table as text, whatever it was read from.

use super::wrong::Wrong;

/// The cells of one row in one buffer that is used again for the next row.
#[derive(Debug, Default)]
pub(super) struct Cells {
    /// Row as a spreadsheet counts, from 1.
    pub number: u64,
    text: String,
    ends: Vec<usize>,
    /// Cells that hold no usable text, by index, and why.
    bad: Vec<(usize, Wrong)>,
}

/// What one cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell<'a> {
    Empty,
    /// Trimmed, not empty.
    Text(&'a str),
    /// Not usable; the text is what the cell shows.
    Bad(&'a str, &'a Wrong),
}

/// A row that could not be read, or the end of reading before the end of the file.
#[derive(Debug)]
pub(super) struct Lost {
    pub row: Option<u64>,
    /// Index of the field, if one is to blame.
    pub field: Option<usize>,
    pub wrong: Wrong,
    /// Whether nothing can be read after it.
    pub last: bool,
}

impl Lost {
    pub fn last(row: Option<u64>, wrong: Wrong) -> Self {
        Self {
            row,
            field: None,
            wrong,
            last: true,
        }
    }
}

impl Cells {
    pub fn clear(&mut self, number: u64) {
        self.number = number;
        self.text.clear();
        self.ends.clear();
        self.bad.clear();
    }

    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    /// Adds a field whose doubled quotes stand for one.
    pub fn push_unescaped(&mut self, text: &str) {
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("\"\"") {
            self.text.push_str(before);
            self.text.push('"');
            rest = after;
        }
        self.push(rest);
    }

    pub fn push_bad(&mut self, shown: &str, wrong: Wrong) {
        self.bad.push((self.ends.len(), wrong));
        self.push(shown);
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn get(&self, index: usize) -> Cell<'_> {
        let Some(end) = self.ends.get(index) else {
            return Cell::Empty;
        };
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        let text = trim(&self.text[start..*end]);
        if let Some((_, wrong)) = self.bad.iter().find(|(at, _)| *at == index) {
            return Cell::Bad(text, wrong);
        }
        if text.is_empty() {
            Cell::Empty
        } else {
            Cell::Text(text)
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = Cell<'_>> {
        (0..self.len()).map(|index| self.get(index))
    }

    pub fn is_blank(&self) -> bool {
        self.iter().all(|cell| cell == Cell::Empty)
    }
}

/// Without white space and invisible characters at both ends; those come with text copied from web pages.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '\u{200B}'..='\u{200F}' | '\u{FEFF}' | '\u{2060}')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_trimmed_and_empty_is_absent() {
        let mut cells = Cells::default();
        cells.clear(2);
        cells.push(" \u{3000}甲\u{FEFF} ");
        cells.push(" \u{200B}\t");
        cells.push_unescaped("a \"\"b\"\"\"\"");
        assert_eq!(cells.get(0), Cell::Text("甲"));
        assert_eq!(cells.get(1), Cell::Empty);
        assert_eq!(cells.get(2), Cell::Text("a \"b\"\""));
        assert_eq!(cells.get(3), Cell::Empty);
        assert!(!cells.is_blank());
    }
}
