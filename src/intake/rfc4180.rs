//! Rows of a CSV file by RFC 4180, read strictly, with bounded memory.
//!
//! The parsers at hand accept anything and buffer a whole record, however long. This one says what breaks the rules,
//! holds at most [`RECORD_LIMIT`] of a record, and goes on with the next line after a fault: a quote that is never
//! closed costs its own row, not the rest of the file.
//!
//! It works in two steps. Where records end must be found from front to back, because a quote may hide a line break;
//! [`Records`] does only that, by a search for line breaks and quotes. Taking a record apart needs nothing but the
//! record, so that batches of them ([`Lines`]) can go to several threads. Where a stretch of text has no quote at all,
//! even finding its records is left to them: only its line breaks are counted here.

use std::{
    io::{self, BufRead},
    ops::{ControlFlow, Range},
};

use memchr::{memchr, memchr_iter, memchr3, memrchr};

use super::{
    cells::{Cells, Fields, Lost},
    encoding::{CHUNK, Text},
    machine::{FIELD_LIMIT, Machine, Outcome, Problem},
    wrong::Wrong,
};

/// Bytes of text in a batch, more or less: some hundred rows, which stay in the cache of the core that judges them.
const BATCH: usize = 64 << 10;

/// Finds the records of a text.
#[derive(Debug)]
pub(super) struct Records {
    text: Text,
    /// The text of the batch and what was read beyond it; `start` is where the current record begins.
    buffer: Vec<u8>,
    start: usize,
    /// Whether the text has no more.
    drained: bool,
    /// A failure that was met while there were still records to hand over.
    failed: Option<io::Error>,
    /// Whether the last record ended with CR, so that an LF now belongs to it.
    after_cr: bool,
    number: u64,
    ended: bool,
    machine: Machine,
    /// Bytes of text after which a batch is handed over.
    enough: usize,
}

/// Where a record stands in the text of its batch.
#[derive(Debug)]
enum Found {
    /// Without quotes or NUL and shorter than a field may be: nothing can be wrong with it.
    Plain(Range<usize>),
    /// To be taken apart by the machine.
    Marked(Range<usize>),
    Lost(Box<Lost>),
}

/// Records of a batch that are not yet taken apart.
#[derive(Debug)]
pub(super) struct Lines {
    text: Vec<u8>,
    /// Of the next record.
    number: u64,
    rest: Rest,
}

/// What is left of a batch.
#[derive(Debug)]
enum Rest {
    Found(std::vec::IntoIter<Found>),
    /// Nothing but plain records, so many, from this byte on; each ends with LF or CR LF, the last one maybe with the text.
    Plain {
        at: usize,
        count: usize,
    },
}

impl Records {
    pub fn new(text: Text) -> Self {
        Self {
            text,
            buffer: Vec::new(),
            start: 0,
            drained: false,
            failed: None,
            after_cr: false,
            number: 0,
            ended: false,
            machine: Machine::default(),
            enough: BATCH,
        }
    }

    /// Finds the next records, blank lines included; a row number is counted for each.
    pub fn batch(&mut self) -> Option<Lines> {
        if let Some(lines) = self.plain_lines() {
            return Some(lines);
        }
        let number = self.number + 1;
        let mut found = Vec::new();
        // At least one, though a line feed left over may stand before it.
        while !self.ended && (found.is_empty() || self.start < self.enough) {
            match self.advance() {
                Ok(Some(record)) => found.push(record),
                Ok(None) => self.ended = true,
                Err(error) => {
                    self.ended = true;
                    let lost = Lost::last(Some(self.number), Wrong::read(&error));
                    found.push(Found::Lost(Box::new(lost)));
                }
            }
        }
        if found.is_empty() {
            return None;
        }
        Some(self.hand_over(number, Rest::Found(found.into_iter())))
    }

    /// The text before `start` as a batch.
    fn hand_over(&mut self, number: u64, rest: Rest) -> Lines {
        let mut beyond = Vec::with_capacity(BATCH + CHUNK);
        beyond.extend_from_slice(&self.buffer[self.start..]);
        self.buffer.truncate(self.start);
        self.start = 0;
        Lines {
            text: std::mem::replace(&mut self.buffer, beyond),
            number,
            rest,
        }
    }

    /// The next lines up to the first that is not plain or to a full batch, if there are any. A batch is shorter than a
    /// field may be, so that no line in it can be too long.
    fn plain_lines(&mut self) -> Option<Lines> {
        let enough = self.enough.min(FIELD_LIMIT - 1);
        if self.ended {
            return None;
        }
        if let Err(error) = self.fill_up_to(enough) {
            // What was read before it comes first.
            self.failed = Some(error);
        }
        if self.after_cr {
            return None;
        }
        let window = &self.buffer[self.start..];
        let whole = self.drained && window.len() <= enough;
        let window = &window[..window.len().min(enough)];
        let quote = memchr(b'"', window);
        let window = &window[..quote.unwrap_or(window.len())];
        let end = match memrchr(b'\n', window) {
            _ if whole && quote.is_none() => window.len(),
            Some(last) => last + 1,
            None => 0,
        };
        let block = &window[..end];
        let only_before_lf = |cr: usize| block.get(cr + 1) == Some(&b'\n');
        let plain = !block.is_empty()
            && memchr(b'\0', block).is_none()
            && memchr_iter(b'\r', block).all(only_before_lf);
        if !plain {
            return None;
        }
        let breaks = memchr_iter(b'\n', block).count();
        let count = breaks + usize::from(!block.ends_with(b"\n"));
        let number = self.number + 1;
        let at = self.start;
        self.number += count as u64;
        self.start += end;
        Some(self.hand_over(number, Rest::Plain { at, count }))
    }

    fn fill_up_to(&mut self, enough: usize) -> io::Result<()> {
        self.finish_line_break()?;
        while self.buffer.len() - self.start < enough && self.fill()? {}
        Ok(())
    }

    /// An LF after a CR that ended the last record belongs to it.
    fn finish_line_break(&mut self) -> io::Result<()> {
        if self.after_cr && (self.start < self.buffer.len() || self.fill()?) {
            self.start += usize::from(self.buffer[self.start] == b'\n');
        }
        self.after_cr = false;
        Ok(())
    }

    /// Finds the next record; none at the end of the text.
    fn advance(&mut self) -> io::Result<Option<Found>> {
        self.finish_line_break()?;
        self.number += 1;
        let start = self.start;
        if let Some(end) = self.plain_line()? {
            self.resume(end);
            return Ok(Some(Found::Plain(start..start + end)));
        }
        Ok(match self.scan()? {
            Outcome::End => None,
            Outcome::Record { end } => {
                self.resume(end);
                Some(Found::Marked(start..start + end))
            }
            Outcome::Lost { lost, rewind, at } => {
                match rewind {
                    Some(line_break) => self.resume(line_break),
                    None => self.skip_line(at)?,
                }
                let (field, problem) = lost;
                Some(Found::Lost(Box::new(problem.lost(self.number, field))))
            }
        })
    }

    /// Length of the next record if it is a plain one: nearly every record of nearly every file.
    fn plain_line(&mut self) -> io::Result<Option<usize>> {
        let mut at = 0;
        loop {
            let window = &self.buffer[self.start..];
            if let Some(found) = memchr3(b'\n', b'\r', b'"', &window[at..]) {
                let end = at + found;
                let plain = window[end] != b'"'
                    && end < FIELD_LIMIT
                    && memchr(b'\0', &window[..end]).is_none();
                return Ok(plain.then_some(end));
            }
            at = window.len();
            if at >= FIELD_LIMIT || !self.fill()? {
                return Ok(None);
            }
        }
    }

    /// Runs the machine over the buffer, filling it as needed, to the end of the record.
    fn scan(&mut self) -> io::Result<Outcome> {
        self.machine.begin();
        let mut at = 0;
        loop {
            let window = &self.buffer[self.start..];
            for (index, byte) in window.iter().enumerate().skip(at) {
                if let Some(outcome) = self.machine.step(*byte, index) {
                    return Ok(outcome);
                }
            }
            at = window.len();
            if !self.fill()? {
                return Ok(self.machine.finish(at));
            }
        }
    }

    /// Gets more text; false at the end.
    fn fill(&mut self) -> io::Result<bool> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let before = self.buffer.len();
        while !self.drained && self.buffer.len() == before {
            self.drained = !self.text.fill(&mut self.buffer)?;
        }
        Ok(self.buffer.len() > before)
    }

    /// Goes on after the line break at `end` of the record (or at the end of the text).
    fn resume(&mut self, end: usize) {
        let line_break = self.buffer.get(self.start + end);
        self.after_cr = line_break == Some(&b'\r');
        self.start += end + usize::from(line_break.is_some());
    }

    /// Goes on after the first line break from `at` of the record on. Nothing of the record is kept.
    fn skip_line(&mut self, at: usize) -> io::Result<()> {
        let begin = self.start;
        self.start += at;
        loop {
            let window = &self.buffer[self.start..];
            let (line, found_lf) = up_to(window, b'\n')?;
            let (line, found_cr) = up_to(&window[..line], b'\r')?;
            if found_cr || found_lf {
                self.resume(line - 1);
                return Ok(());
            }
            self.buffer.truncate(begin);
            self.start = begin;
            if !self.fill()? {
                return Ok(());
            }
        }
    }
}

/// Length of the text up to and including the byte, or all of it, and whether it was found.
fn up_to(mut window: &[u8], byte: u8) -> io::Result<(usize, bool)> {
    let all = window;
    let length = window.skip_until(byte)?;
    Ok((length, length > 0 && all[length - 1] == byte))
}

impl Lines {
    pub fn len(&self) -> usize {
        match &self.rest {
            Rest::Found(found) => found.len(),
            Rest::Plain { count, .. } => *count,
        }
    }

    /// Takes the records apart, one after the other, until `take` wants no more.
    pub fn each(
        &mut self,
        cells: &mut Cells,
        mut take: impl FnMut(Result<Fields<'_>, Lost>) -> ControlFlow<()>,
    ) {
        let mut machine = Machine::default();
        // Once for all of them, if all are UTF-8.
        let whole = simdutf8::basic::from_utf8(&self.text).ok();
        let text = |range: Range<usize>| match whole {
            Some(whole) => whole.get(range),
            None => std::str::from_utf8(&self.text[range]).ok(),
        };
        while let Some(found) = self.rest.next(&self.text) {
            let number = self.number;
            self.number += 1;
            let taken = match found {
                Found::Plain(range) => match text(range) {
                    Some(line) => take(Ok(cells.line(number, line))),
                    None => take(Err(Problem::NotUtf8.lost(number, None))),
                },
                Found::Marked(range) => {
                    machine.run(&self.text[range.clone()]);
                    match (machine.noted, text(range)) {
                        (Some((field, problem)), _) => take(Err(problem.lost(number, Some(field)))),
                        (None, Some(record)) => take(Ok(unquoted(&machine, number, record, cells))),
                        (None, None) => take(Err(Problem::NotUtf8.lost(number, None))),
                    }
                }
                Found::Lost(lost) => take(Err(*lost)),
            };
            if taken.is_break() {
                return;
            }
        }
    }
}

/// The fields of a record that the machine has been over.
fn unquoted<'a>(machine: &Machine, number: u64, record: &str, cells: &'a mut Cells) -> Fields<'a> {
    cells.clear(number);
    for field in &machine.fields {
        let content = &record[field.start..field.end];
        if field.escaped {
            cells.push_unescaped(content);
        } else {
            cells.push(content);
        }
    }
    cells.fields()
}

impl Rest {
    fn next(&mut self, text: &[u8]) -> Option<Found> {
        match self {
            Self::Found(found) => found.next(),
            Self::Plain { count: 0, .. } => None,
            Self::Plain { at, count } => {
                let start = *at;
                let window = &text[start..];
                let length = memchr(b'\n', window).unwrap_or(window.len());
                let cr = usize::from(window[..length].ends_with(b"\r"));
                *at = start + length + 1;
                *count -= 1;
                Some(Found::Plain(start..start + length - cr))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;
    use crate::intake::{cells::Cell, encoding::Encoding, source::Watched};

    /// A record's number with its fields, or with the field and the code of what is wrong.
    type Told = (u64, Result<Vec<String>, (Option<usize>, &'static str)>);

    fn field_text(cell: Cell<'_>) -> String {
        match cell {
            Cell::Text(text) => text.to_owned(),
            _ => String::new(),
        }
    }

    fn in_batches(text: &[u8], enough: usize) -> Vec<Told> {
        let input = Watched::new(Cursor::new(text.to_vec()));
        let mut records = Records::new(Text::new(input, Encoding::Utf8));
        records.enough = enough;
        let mut told = Vec::new();
        let mut cells = Cells::default();
        while let Some(mut lines) = records.batch() {
            assert!(lines.len() > 0);
            lines.each(&mut cells, |record| {
                told.push(match record {
                    Ok(fields) => (fields.number, Ok(fields.iter().map(field_text).collect())),
                    Err(lost) => (lost.row.unwrap(), Err((lost.field, lost.wrong.code))),
                });
                ControlFlow::Continue(())
            });
        }
        told
    }

    /// The same by the machine alone, over all of the text.
    fn byte_by_byte(text: &[u8]) -> Vec<Told> {
        let mut machine = Machine::default();
        let mut told = Vec::new();
        let mut rest = text;
        for number in 1.. {
            machine.begin();
            let after = |at: usize| match &rest[at..] {
                [b'\r', b'\n', ..] => at + 2,
                [] => at,
                _ => at + 1,
            };
            let steps = rest.iter().enumerate();
            let found = steps
                .filter_map(|(at, byte)| machine.step(*byte, at))
                .next();
            let found = found.unwrap_or_else(|| machine.finish(rest.len()));
            let (record, next) = match found {
                Outcome::End => break,
                Outcome::Record { end } => {
                    let noted = machine
                        .noted
                        .map(|(field, problem)| problem.lost(number, Some(field)));
                    let mut cells = Cells::default();
                    for field in &machine.fields {
                        let content = std::str::from_utf8(&rest[field.start..field.end]).unwrap();
                        cells.push(&content.replace("\"\"", "\""));
                    }
                    let fields = cells.fields().iter().map(field_text).collect();
                    (noted.map_or(Ok(fields), Err), after(end))
                }
                Outcome::Lost { lost, rewind, at } => {
                    let line_break = |byte: &u8| matches!(byte, b'\n' | b'\r');
                    let skipped = || rest[at..].iter().position(line_break).map(|more| at + more);
                    let end = rewind.or_else(skipped).unwrap_or(rest.len());
                    (Err(lost.1.lost(number, lost.0)), after(end))
                }
            };
            told.push((number, record.map_err(|lost| (lost.field, lost.wrong.code))));
            rest = &rest[next..];
        }
        told
    }

    proptest! {
        #[test]
        fn batches_of_any_size_give_what_the_machine_gives(
            pieces in prop::collection::vec(
                prop::sample::select(vec!["a", "物", ",", "\"", "\"\"", ",\"", "\",", "\n", "\r", "\r\n", "\0", " "]),
                0..60,
            ),
            enough in 1_usize..40,
        ) {
            let text = pieces.concat();
            prop_assert_eq!(in_batches(text.as_bytes(), enough), byte_by_byte(text.as_bytes()));
        }
    }

    #[test]
    fn long_fields_and_lines_end_where_the_machine_ends_them() {
        for length in [
            FIELD_LIMIT - 1,
            FIELD_LIMIT,
            FIELD_LIMIT + 1,
            3 * FIELD_LIMIT,
        ] {
            for (before, after) in [("", "\n"), ("a,", ",b\r\n"), ("\"", "\"\n"), ("\"\n", "\n")] {
                let text = format!("x,y\n{before}{}{after}1,2\n", "z".repeat(length));
                let told = byte_by_byte(text.as_bytes());
                assert!(told.len() >= 3);
                assert_eq!(
                    in_batches(text.as_bytes(), BATCH),
                    told,
                    "{before:?} {length}"
                );
            }
        }
    }
}
