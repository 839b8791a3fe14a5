//! One row of a table as text, whatever it was read from.

use std::ops::Range;

use memchr::memchr_iter;

use super::wrong::Wrong;

/// The cells of one row in one buffer that is used again for the next row; of a plain line only their places.
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

/// One row as it is read: where its cells stand in a text that somebody else owns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a> {
    /// Row as a spreadsheet counts, from 1.
    pub number: u64,
    text: &'a str,
    places: &'a [Range<usize>],
    bad: &'a [(usize, Wrong)],
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

    /// The fields of a record without quotes, where they stand.
    pub fn line<'a>(&'a mut self, number: u64, line: &'a str) -> Fields<'a> {
        self.clear(number);
        let mut start = 0;
        let mut place = |end: usize| {
            self.places.push(start..end);
            start = end + 1;
        };
        let commas = Commas::of(line.as_bytes());
        match commas.few() {
            Some(few) => few.iter().for_each(|comma| place(usize::from(*comma))),
            None => memchr_iter(b',', line.as_bytes()).for_each(&mut place),
        }
        place(line.len());
        Fields {
            text: line,
            ..self.fields()
        }
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

    pub fn fields(&self) -> Fields<'_> {
        Fields {
            number: self.number,
            text: &self.text,
            places: &self.places,
            bad: &self.bad,
        }
    }
}

impl<'a> Fields<'a> {
    /// The same in a buffer of their own.
    pub fn to_cells(self) -> Cells {
        Cells {
            number: self.number,
            text: self.text.to_owned(),
            places: self.places.to_vec(),
            bad: self.bad.to_vec(),
        }
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn get(&self, index: usize) -> Cell<'a> {
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

    pub fn iter(self) -> impl Iterator<Item = Cell<'a>> {
        (0..self.len()).map(move |index| self.get(index))
    }

    pub fn is_blank(&self) -> bool {
        self.iter().all(|cell| cell == Cell::Empty)
    }
}

/// Where the commas of a short line stand. Fields are of a few bytes and of any length, so that every jump to the next comma
/// would be guessed wrongly; here nothing is jumped over.
struct Commas {
    at: [u16; Self::MOST],
    count: usize,
}

impl Commas {
    /// A power of two, above the columns of any of our files.
    const MOST: usize = 64;
    const LONGEST: usize = 1024;

    fn of(line: &[u8]) -> Self {
        let mut found = Self {
            at: [0; Self::MOST],
            count: 0,
        };
        if line.len() > Self::LONGEST {
            found.count = usize::MAX;
            return found;
        }
        for (index, byte) in (0_u16..).zip(line) {
            found.at[found.count % Self::MOST] = index;
            found.count += usize::from(*byte == b',');
        }
        found
    }

    /// None if there are too many, or the line is too long.
    fn few(&self) -> Option<&[u16]> {
        (self.count < Self::MOST).then(|| &self.at[..self.count])
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
        let fields = cells.fields();
        assert_eq!(fields.get(0), Cell::Text("甲"));
        assert_eq!(fields.get(1), Cell::Empty);
        assert_eq!(fields.get(2), Cell::Text("a \"b\"\""));
        assert_eq!(fields.get(7), Cell::Empty);
        assert!(!fields.is_blank());
    }

    #[test]
    fn a_line_is_taken_apart_where_it_stands() {
        let mut cells = Cells::default();
        let fields = cells.line(3, "乙, ,x y,");
        let expected = [
            Cell::Text("乙"),
            Cell::Empty,
            Cell::Text("x y"),
            Cell::Empty,
        ];
        assert!(fields.iter().eq(expected));
        assert_eq!((fields.number, fields.get(4)), (3, Cell::Empty));
        assert!(!fields.is_blank() && cells.line(4, " ,,").is_blank());
        for commas in [0, 1, 62, 63, 64, 65, 200] {
            for before in ["", "物", &"x".repeat(1024)] {
                let line = format!("{before}{}", ",y".repeat(commas));
                let expected = line.split(',').map(|field| match field {
                    "" => Cell::Empty,
                    field => Cell::Text(field),
                });
                assert!(cells.line(5, &line).iter().eq(expected), "{commas}");
            }
        }
    }
}
