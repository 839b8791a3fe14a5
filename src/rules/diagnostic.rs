//! What is wrong with a rule file, told to its author: where, what, and what to do.

use std::{fmt, ops::Range};

use serde::Serialize;

/// How bad a finding is: an error refuses the file, a warning does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Error,
    Warning,
}

/// One finding about a rule file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Stable code, `R0xx`.
    pub code: &'static str,
    pub severity: Severity,
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// Bytes of the file that are meant.
    pub span: (usize, usize),
    /// What is wrong, in Chinese.
    pub message: String,
    /// What to do, in Chinese; may be empty.
    pub help: String,
}

impl Diagnostic {
    /// A finding about some bytes of a file.
    pub fn new(
        file: &str,
        source: &str,
        code: &'static str,
        severity: Severity,
        span: Range<usize>,
        message: String,
        help: String,
    ) -> Self {
        let start = boundary(source, span.start);
        let end = boundary(source, span.end).max(start);
        let before = &source[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            code,
            severity,
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: source[line_start..start].chars().count() + 1,
            span: (start, end),
            message,
            help,
        }
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
        if !self.help.is_empty() {
            shown.push_str(&format!("{gutter} = {}\n", self.help));
        }
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

/// The known name nearest to a misspelt one, if any is near enough.
pub(super) fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let limit = (name.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|other| (distance(&name.to_lowercase(), &other.to_lowercase()), other))
        .filter(|(steps, _)| *steps <= limit)
        .min()
        .map(|(_, other)| other)
}

/// Edits (insert, delete, replace, swap neighbours) between two texts.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().take(64).collect();
    let right: Vec<char> = right.chars().take(64).collect();
    let mut rows: Vec<Vec<usize>> = vec![(0..=right.len()).collect()];
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let replaced = rows[i][j] + usize::from(a != b);
            let mut best = replaced.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[left.len()][right.len()]
}

/// Help for a name that is not known: the nearest one, or all of them if they are few.
pub(super) fn suggest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(name, known.iter().copied()) {
        Some(other) => format!("是否应为「{other}」？"),
        None if known.is_empty() => String::new(),
        None if known.len() <= 24 => format!("可用的有：{}", known.join("、")),
        None => format!("可用的有：{} 等", known[..24].join("、")),
    }
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
            "R004",
            Severity::Error,
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
        "#);
    }

    #[test]
    fn misspelt_names_are_suggested() {
        assert_eq!(
            nearest("rectifed", ["rectified", "repeat"]),
            Some("rectified")
        );
        assert_eq!(nearest("colour", ["cap", "floor"]), None);
        assert_eq!(nearest("baisc", ["basic", "bad"]), Some("basic"));
    }
}
