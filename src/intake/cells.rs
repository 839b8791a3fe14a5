//! One row of a table as text, whatever it was read from.

use std::ops::Range;

use memchr::memchr_iter;

use super::wrong::Wrong;

/// The cells of one row in one buffer that is used again for the next row.
#[derive(Debug, Default)]
pub(super) struct Cells {
    /// Row as a spreadsheet counts, from 1.
    pub number: u64,
    text: String,
    /// Where each cell stands in the text.
    places: Vec<Range<usize>>,
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
        self.places.clear();
        self.bad.clear();
    }

    pub fn push(&mut self, text: &str) {
        let start = self.text.len();
        self.text.push_str(text);
        self.places.push(start..self.text.len());
    }

    /// Adds the fields of a record without quotes.
    pub fn push_line(&mut self, line: &str) {
        let first = self.text.len();
        self.text.push_str(line);
        let mut start = first;
        for comma in memchr_iter(b',', line.as_bytes()) {
            self.places.push(start..first + comma);
            start = first + comma + 1;
        }
        self.places.push(start..self.text.len());
    }

    /// Adds a field whose doubled quotes stand for one.
    pub fn push_unescaped(&mut self, text: &str) {
        let start = self.text.len();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("\"\"") {
            self.text.push_str(before);
            self.text.push('"');
            rest = after;
        }
        self.text.push_str(rest);
        self.places.push(start..self.text.len());
    }

    pub fn push_bad(&mut self, shown: &str, wrong: Wrong) {
        self.bad.push((self.places.len(), wrong));
        self.push(shown);
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn get(&self, index: usize) -> Cell<'_> {
        let Some(place) = self.places.get(index) else {
            return Cell::Empty;
        };
        if self.bad.is_empty() && place.is_empty() {
            return Cell::Empty;
        }
        let text = trim(&self.text[place.clone()]);
        match self.bad.iter().find(|(at, _)| *at == index) {
            Some((_, wrong)) => Cell::Bad(text, wrong),
            None if text.is_empty() => Cell::Empty,
            None => Cell::Text(text),
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
    // Nearly every cell is empty, or begins and ends with a visible character of ASCII.
    let visible = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_graphic);
    let bytes = text.as_bytes();
    if visible(bytes.first()) && visible(bytes.last()) {
        return text;
    }
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
        cells.push_line("乙, ,x y,");
        assert_eq!(cells.get(0), Cell::Text("甲"));
        assert_eq!(cells.get(1), Cell::Empty);
        assert_eq!(cells.get(2), Cell::Text("a \"b\"\""));
        let line = [
            Cell::Text("乙"),
            Cell::Empty,
            Cell::Text("x y"),
            Cell::Empty,
        ];
        assert!(cells.iter().skip(3).eq(line));
        assert_eq!(cells.get(7), Cell::Empty);
        assert!(!cells.is_blank());
    }
}
