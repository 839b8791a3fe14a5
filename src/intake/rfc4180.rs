//! Rows of a CSV file by RFC 4180, read strictly, with bounded memory.
//!
//! The parsers at hand accept anything and buffer a whole record, however long. This one says what breaks the rules,
//! holds at most [`RECORD_LIMIT`] of a record, and goes on with the next line after a fault: a quote that is never
//! closed costs its own row, not the rest of the file.

use std::io::{self, BufRead};

use super::{
    cells::{Cells, Lost},
    encoding::Text,
    wrong::{self, Wrong},
};

/// Longest record, in bytes of UTF-8 as written.
pub const RECORD_LIMIT: usize = 1 << 20;
/// Longest field, in bytes of UTF-8 as written. A spreadsheet cell holds 32,767 characters.
pub const FIELD_LIMIT: usize = 64 << 10;

/// The records of a text.
#[derive(Debug)]
pub(super) struct Records {
    text: Text,
    /// Text not yet given out; `start` is where the current record begins.
    buffer: Vec<u8>,
    start: usize,
    /// Whether the text has no more.
    drained: bool,
    /// Whether the last record ended with CR, so that an LF now belongs to it.
    after_cr: bool,
    number: u64,
    ended: bool,
    machine: Machine,
}

impl Records {
    pub fn new(text: Text) -> Self {
        Self {
            text,
            buffer: Vec::new(),
            start: 0,
            drained: false,
            after_cr: false,
            number: 0,
            ended: false,
            machine: Machine::default(),
        }
    }

    /// Reads the next record, blank lines included; a row number is counted for each.
    pub fn next(&mut self, cells: &mut Cells) -> Option<Result<(), Lost>> {
        if self.ended {
            return None;
        }
        match self.advance(cells) {
            Ok(found) => {
                self.ended = found.is_none();
                found
            }
            Err(error) => {
                self.ended = true;
                Some(Err(Lost::last(Some(self.number), Wrong::read(&error))))
            }
        }
    }

    fn advance(&mut self, cells: &mut Cells) -> io::Result<Option<Result<(), Lost>>> {
        if self.after_cr {
            self.after_cr = false;
            if self.start < self.buffer.len() || self.fill()? {
                self.start += usize::from(self.buffer[self.start] == b'\n');
            }
        }
        self.number += 1;
        Ok(match self.scan()? {
            Outcome::End => None,
            Outcome::Record { end } => {
                let found = self.give(cells, end);
                self.resume(end);
                Some(found)
            }
            Outcome::Lost { lost, rewind, at } => {
                match rewind {
                    Some(line_break) => self.resume(line_break),
                    None => {
                        self.start += at;
                        self.skip_line()?;
                    }
                }
                Some(Err(self.lost(lost)))
            }
        })
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
        self.buffer.drain(..self.start);
        self.start = 0;
        let before = self.buffer.len();
        while !self.drained && self.buffer.len() == before {
            self.drained = !self.text.fill(&mut self.buffer)?;
        }
        Ok(self.buffer.len() > before)
    }

    /// Copies the fields of the record out.
    fn give(&self, cells: &mut Cells, end: usize) -> Result<(), Lost> {
        if let Some((field, problem)) = self.machine.noted {
            return Err(self.lost((Some(field), problem)));
        }
        let Ok(text) = std::str::from_utf8(&self.buffer[self.start..self.start + end]) else {
            return Err(self.lost((None, Problem::NotUtf8)));
        };
        cells.clear(self.number);
        for field in &self.machine.fields {
            let content = &text[field.start..field.end];
            if field.escaped {
                cells.push_unescaped(content);
            } else {
                cells.push(content);
            }
        }
        Ok(())
    }

    fn lost(&self, (field, problem): (Option<usize>, Problem)) -> Lost {
        Lost {
            row: Some(self.number),
            field,
            wrong: problem.wrong(),
            last: false,
        }
    }

    /// Goes on after the line break at `end` (or at the end of the text).
    fn resume(&mut self, end: usize) {
        let line_break = self.buffer.get(self.start + end);
        self.after_cr = line_break == Some(&b'\r');
        self.start += end + usize::from(line_break.is_some());
    }

    /// Drops text up to and including the next line break, without keeping it.
    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let window = &self.buffer[self.start..];
            let (line, found_lf) = up_to(window, b'\n')?;
            let (line, found_cr) = up_to(&window[..line], b'\r')?;
            if found_cr || found_lf {
                self.resume(line - 1);
                return Ok(());
            }
            self.start = self.buffer.len();
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Problem {
    Unclosed,
    StrayQuote,
    RecordTooLong,
    FieldTooLong,
    Nul,
    NotUtf8,
}

impl Problem {
    fn wrong(self) -> Wrong {
        let (code, what, fix) = match self {
            Self::Unclosed => (
                wrong::UNCLOSED_QUOTE,
                "引号没有闭合".to_owned(),
                "请补上结尾的英文双引号；内容中的双引号要写成两个",
            ),
            Self::StrayQuote => (
                wrong::STRAY_QUOTE,
                "英文双引号的位置不对".to_owned(),
                "含双引号的内容要整体用双引号括起来，其中的双引号写成两个",
            ),
            Self::RecordTooLong => (
                wrong::ROW_TOO_LONG,
                format!("这一行超过 {} MiB", RECORD_LIMIT >> 20),
                "请检查这一行是否缺少换行或引号",
            ),
            Self::FieldTooLong => (
                wrong::FIELD_TOO_LONG,
                format!("单元格内容超过 {} KiB", FIELD_LIMIT >> 10),
                "请检查这一行是否缺少换行、逗号或引号，或者缩短内容",
            ),
            Self::Nul => (
                wrong::NUL,
                "含有空字符（NUL 字节）".to_owned(),
                "请删除这个字符，或从原系统重新导出",
            ),
            Self::NotUtf8 => (
                wrong::READ,
                "文件在读取过程中被改动".to_owned(),
                "请等文件写完后重新导入",
            ),
        };
        Wrong::new(code, what, fix)
    }
}

#[derive(Debug)]
struct Field {
    start: usize,
    end: usize,
    /// Whether doubled quotes stand for one.
    escaped: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// Before the first byte of a field.
    #[default]
    Start,
    Plain,
    Quoted,
    /// After a quote within a quoted field: its end, or the first of two.
    Closing,
}

#[derive(Debug)]
enum Outcome {
    /// The text is at its end.
    End,
    /// A record whose line break (or end of text) is at `end`.
    Record { end: usize },
    /// Not a record. Reading goes on after the line break at `rewind`, else at the line after `at`.
    Lost {
        lost: (Option<usize>, Problem),
        rewind: Option<usize>,
        at: usize,
    },
}

/// The state of reading one record. Positions count from its first byte.
#[derive(Debug, Default)]
struct Machine {
    state: State,
    fields: Vec<Field>,
    field_start: usize,
    /// Where a closing quote stands.
    closed_at: usize,
    escaped: bool,
    /// The first line break in the quoted field.
    line_break: Option<usize>,
    /// The first thing wrong with a record whose end is not in doubt, and its field.
    noted: Option<(usize, Problem)>,
}

impl Machine {
    fn begin(&mut self) {
        self.fields.clear();
        self.noted = None;
        self.start_field(0);
    }

    fn start_field(&mut self, at: usize) {
        self.state = State::Start;
        self.field_start = at;
        self.escaped = false;
        self.line_break = None;
    }

    fn note(&mut self, problem: Problem) {
        self.noted.get_or_insert((self.fields.len(), problem));
    }

    fn step(&mut self, byte: u8, at: usize) -> Option<Outcome> {
        if at - self.field_start >= FIELD_LIMIT {
            return Some(self.lost(Problem::FieldTooLong, at));
        }
        if at >= RECORD_LIMIT {
            return Some(self.lost(Problem::RecordTooLong, at));
        }
        if byte == 0 {
            self.note(Problem::Nul);
        }
        match (self.state, byte) {
            (State::Quoted, b'"') => {
                self.state = State::Closing;
                self.closed_at = at;
            }
            (State::Quoted, b'\n' | b'\r') => {
                self.line_break.get_or_insert(at);
            }
            (State::Quoted, _) => {}
            (State::Start, b'"') => self.state = State::Quoted,
            (State::Closing, b'"') => {
                self.escaped = true;
                self.state = State::Quoted;
            }
            (_, b',') => {
                self.end_field(at);
                self.start_field(at + 1);
            }
            (_, b'\n' | b'\r') => {
                self.end_field(at);
                return Some(Outcome::Record { end: at });
            }
            // Text after a quoted field of several lines: rather a quote that was never closed.
            (State::Closing, _) if self.line_break.is_some() => {
                return Some(self.lost(Problem::Unclosed, at));
            }
            (State::Closing, _) | (State::Plain, b'"') => {
                self.note(Problem::StrayQuote);
                self.state = State::Plain;
            }
            (State::Start | State::Plain, _) => self.state = State::Plain,
        }
        None
    }

    fn end_field(&mut self, at: usize) {
        let quoted = self.state == State::Closing;
        self.fields.push(Field {
            start: self.field_start + usize::from(quoted),
            end: if quoted { self.closed_at } else { at },
            escaped: self.escaped && quoted,
        });
    }

    /// The end of the text.
    fn finish(&mut self, at: usize) -> Outcome {
        match self.state {
            State::Start if at == 0 => Outcome::End,
            State::Quoted => self.lost(Problem::Unclosed, at),
            _ => {
                self.end_field(at);
                Outcome::Record { end: at }
            }
        }
    }

    fn lost(&self, problem: Problem, at: usize) -> Outcome {
        let problem = match self.line_break {
            Some(_) => Problem::Unclosed,
            None => problem,
        };
        Outcome::Lost {
            lost: (Some(self.fields.len()), problem),
            rewind: self.line_break,
            at,
        }
    }
}
