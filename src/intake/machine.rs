//! One record by RFC 4180, byte by byte, with everything that can be wrong with it.

use super::{
    cells::Lost,
    wrong::{self, Wrong},
};

/// Longest record, in bytes of UTF-8 as written.
pub const RECORD_LIMIT: usize = 1 << 20;
/// Longest field, in bytes of UTF-8 as written. A spreadsheet cell holds 32,767 characters.
pub const FIELD_LIMIT: usize = 64 << 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    Unclosed,
    StrayQuote,
    RecordTooLong,
    FieldTooLong,
    Nul,
    NotUtf8,
}

impl Problem {
    /// A record that cannot be used; reading goes on after it.
    pub fn lost(self, row: u64, field: Option<usize>) -> Lost {
        Lost {
            row: Some(row),
            field,
            wrong: self.wrong(),
            last: false,
        }
    }

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

/// A field's content, without the quotes around it. Positions count from the first byte of the record.
#[derive(Debug)]
pub(super) struct Field {
    pub start: usize,
    pub end: usize,
    /// Whether doubled quotes stand for one.
    pub escaped: bool,
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
pub(super) enum Outcome {
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
pub(super) struct Machine {
    state: State,
    pub fields: Vec<Field>,
    field_start: usize,
    /// Where a closing quote stands.
    closed_at: usize,
    escaped: bool,
    /// The first line break in the quoted field.
    line_break: Option<usize>,
    /// The first thing wrong with a record whose end is not in doubt, and its field.
    pub noted: Option<(usize, Problem)>,
}

impl Machine {
    pub fn begin(&mut self) {
        self.fields.clear();
        self.noted = None;
        self.start_field(0);
    }

    /// Goes over a record whose end is known.
    pub fn run(&mut self, record: &[u8]) {
        self.begin();
        for (index, byte) in record.iter().enumerate() {
            self.step(*byte, index);
        }
        self.finish(record.len());
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

    pub fn step(&mut self, byte: u8, at: usize) -> Option<Outcome> {
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
    pub fn finish(&mut self, at: usize) -> Outcome {
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
