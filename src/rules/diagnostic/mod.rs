//! What is wrong with a rule file, told to its author: where, what, and what to do.

mod codes;
mod names;

use std::{fmt, ops::Range};

use serde::Serialize;

pub use codes::Code;
pub(super) use names::suggest;

/// How bad a finding is: an error refuses the file, a warning does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Error,
    Warning,
}

/// A rule file's text, by lines.
#[derive(Debug)]
pub(super) struct Source<'s> {
    file: &'s str,
    text: &'s str,
    /// Byte at which each line begins.
    starts: Vec<usize>,
}

impl<'s> Source<'s> {
    pub fn new(file: &'s str, text: &'s str) -> Self {
        let after_newlines = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            file,
            text,
            starts: std::iter::once(0).chain(after_newlines).collect(),
        }
    }

    /// A finding about some bytes.
    pub fn diagnostic(
        &self,
        code: Code,
        span: Range<usize>,
        message: String,
        help: String,
    ) -> Diagnostic {
        let start = boundary(self.text, span.start);
        let end = boundary(self.text, span.end).max(start);
        let (line, column) = self.position(start);
        let (end_line, end_column) = self.position(end);
        Diagnostic {
            code,
            severity: code.severity(),
            file: self.file.to_owned(),
            line,
            column,
            end_line,
            end_column,
            span: (start, end),
            message,
            help,
            page: code.path(),
        }
    }

    /// The line of a byte, from 0.
    pub fn line_of(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at).max(1) - 1
    }

    /// Line and column of a byte, from 1; columns in characters.
    fn position(&self, at: usize) -> (usize, usize) {
        let line = self.line_of(at);
        let start = self.starts.get(line).copied().unwrap_or_default();
        (line + 1, self.text[start..at].chars().count() + 1)
    }
}

/// One finding about a rule file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Stable code, `R0xx`.
    pub code: Code,
    pub severity: Severity,
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// Line of the first character that is no longer meant.
    pub end_line: usize,
    /// Column of the first character that is no longer meant.
    pub end_column: usize,
    /// Bytes of the file that are meant.
    pub span: (usize, usize),
    /// What is wrong, in Chinese.
    pub message: String,
    /// What to do, in Chinese; may be empty.
    pub help: String,
    /// The page about the code, in the project.
    pub page: String,
}

impl Diagnostic {
    /// A finding about some bytes of a file.
    pub fn new(
        file: &str,
        source: &str,
        code: Code,
        span: Range<usize>,
        message: String,
        help: String,
    ) -> Self {
        Source::new(file, source).diagnostic(code, span, message, help)
    }

    /// The finding with its line of the file, the place underlined.
    pub fn render(&self, source: &str) -> String {
        let start = boundary(source, self.span.0);
        let line_start = source[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = source[start..]
            .find('\n')
            .map_or(source.len(), |at| start + at);
        let text = source[line_start..line_end].trim_end_matches('\r');
        let end = boundary(source, self.span.1)
            .clamp(start, line_start + text.len().max(start - line_start));
        let number = self.line.to_string();
        let gutter = " ".repeat(number.len());
        let pad = " ".repeat(width(&source[line_start..start]));
        let marks = "^".repeat(width(&source[start..end]).max(1));
        let mut shown = format!("{self}\n{gutter} |\n{number} | {text}\n{gutter} | {pad}{marks}\n");
        for line in self.help.lines() {
            shown.push_str(&format!("{gutter} = {line}\n"));
        }
        shown.push_str(&format!("{gutter} = 说明：{}\n", self.page));
        shown
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.severity {
            Severity::Error => "错误",
            Severity::Warning => "提示",
        };
        write!(
            f,
            "{}:{}:{}: {kind}[{}] {}",
            self.file, self.line, self.column, self.code, self.message
        )
    }
}

/// The nearest character boundary at or before a byte.
fn boundary(source: &str, at: usize) -> usize {
    let mut at = at.min(source.len());
    while !source.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Columns of a terminal: East Asian characters take two.
fn width(text: &str) -> usize {
    text.chars()
        .map(|c| match c as u32 {
            0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF => 2,
            0xFE30..=0xFE4F | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x20000..=0x3FFFD => 2,
            0x2018..=0x201D => 2,
            _ => 1,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_underline_stands_below_wide_characters() {
        let source = "a = 1\n名称 = \"甲\"\n";
        let at = source.find("\"甲\"").unwrap();
        let found = Diagnostic::new(
            "x.toml",
            source,
            Code::R004,
            at..at + 5,
            "类型不对".into(),
            "改为数字".into(),
        );
        assert_eq!((found.line, found.column), (2, 6));
        insta::assert_snapshot!(found.render(source), @r#"
        x.toml:2:6: 错误[R004] 类型不对
          |
        2 | 名称 = "甲"
          |        ^^^^
          = 改为数字
          = 说明：docs/codes/R004.md
        "#);
    }
}
