//! For terminals: columns line up although Chinese characters are two wide, and long cells wrap.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::paper::{Block, Paper, Table};

/// Columns between two cells.
const GAP: usize = 2;
/// Narrowest column.
const NARROWEST: usize = 4;

impl Paper {
    /// The document as text, this many columns wide.
    pub fn text(&self, width: usize) -> String {
        let width = width.max(40);
        let mut out = String::new();
        for line in [&self.title, &self.subtitle] {
            centred(&mut out, line, width);
        }
        if let Some(mark) = &self.mark {
            centred(&mut out, &format!("【{mark}】"), width);
        }
        out.push('\n');
        for (name, value) in &self.facts {
            paragraph(&mut out, &format!("{name}：{value}"), width);
        }
        for section in &self.sections {
            out.push('\n');
            if !section.title.is_empty() {
                paragraph(&mut out, &section.title, width);
            }
            for block in &section.blocks {
                match block {
                    Block::Heading(text) => {
                        out.push('\n');
                        paragraph(&mut out, text, width);
                    }
                    Block::Paragraph(text) | Block::Note(text) => paragraph(&mut out, text, width),
                    Block::Table(rows) => table(&mut out, rows, width),
                }
            }
        }
        out
    }
}

fn centred(out: &mut String, text: &str, width: usize) {
    if text.is_empty() {
        return;
    }
    out.push_str(&" ".repeat(width.saturating_sub(text.width()) / 2));
    out.push_str(text);
    out.push('\n');
}

fn paragraph(out: &mut String, text: &str, width: usize) {
    for line in wrapped(text, width) {
        out.push_str(&line);
        out.push('\n');
    }
}

/// What must not begin a line.
const CLOSING: &str = "，。；：、）」”％%！？";

/// What must not end a line.
const OPENING: [char; 4] = ['（', '「', '“', '《'];

/// Lines of at most this width; Latin words and numbers stay whole where they fit.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in text.split('\n') {
        let mut current = String::new();
        for piece in pieces(line) {
            if !current.is_empty() && current.width() + piece.width() > width {
                lines.push(current.trim_end().to_owned());
                current.clear();
            }
            if current.is_empty() && piece.trim().is_empty() {
                continue;
            }
            for c in piece.chars() {
                if current.width() + c.width().unwrap_or(0) > width && !current.is_empty() {
                    lines.push(std::mem::take(&mut current));
                }
                current.push(c);
            }
        }
        lines.push(current.trim_end().to_owned());
    }
    lines
}

/// The pieces between which a line may break: a word of letters and digits, or one character with the closing marks after it.
fn pieces(line: &str) -> Vec<String> {
    let joins = |c: char| c.is_ascii_alphanumeric() || ".-+/".contains(c);
    let mut pieces: Vec<String> = Vec::new();
    for c in line.chars() {
        let last = pieces.last_mut();
        match last {
            Some(piece) if piece.ends_with(OPENING) => piece.push(c),
            Some(piece)
                if CLOSING.contains(c)
                    || (joins(c) && piece.chars().next_back().is_some_and(joins)) =>
            {
                piece.push(c);
            }
            _ => pieces.push(c.to_string()),
        }
    }
    pieces
}

fn table(out: &mut String, table: &Table, width: usize) {
    let widths = widths(table, width);
    let rule = "─".repeat(widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1));
    let head: Vec<String> = table
        .columns
        .iter()
        .map(|column| column.title.clone())
        .collect();
    out.push_str(&rule);
    out.push('\n');
    row(out, &head, &widths);
    out.push_str(&rule);
    out.push('\n');
    for cells in &table.rows {
        let cells: Vec<String> = cells.iter().map(super::paper::Cell::shown).collect();
        row(out, &cells, &widths);
    }
    out.push_str(&rule);
    out.push('\n');
}

/// As wide as the widest cell where all fits; otherwise what is too wide shares what the others leave.
fn widths(table: &Table, width: usize) -> Vec<usize> {
    let room = width.saturating_sub(GAP * table.columns.len().saturating_sub(1));
    let wanted: Vec<usize> = (0..table.columns.len())
        .map(|column| {
            let cells = table.rows.iter().filter_map(|row| row.get(column));
            let widest = cells
                .flat_map(|cell| {
                    let lines: Vec<usize> = cell.shown().split('\n').map(str::width).collect();
                    lines
                })
                .max();
            let head = table.columns.get(column).map_or(0, |one| one.title.width());
            widest.unwrap_or(0).max(head).max(NARROWEST)
        })
        .collect();
    let mut widths = vec![0; wanted.len()];
    let mut open: Vec<usize> = (0..wanted.len()).collect();
    let mut left = room;
    while !open.is_empty() {
        let shares: usize = open
            .iter()
            .map(|at| usize::from(table.columns[*at].share.max(1)))
            .sum();
        let share = |at: usize| left * usize::from(table.columns[at].share.max(1)) / shares;
        let fits: Vec<usize> = open
            .iter()
            .copied()
            .filter(|at| wanted[*at] <= share(*at))
            .collect();
        if fits.is_empty() {
            for at in &open {
                let head = table.columns[*at].title.width();
                widths[*at] = share(*at).max(head.min(8)).max(NARROWEST);
            }
            break;
        }
        for at in fits {
            widths[at] = wanted[at];
            left = left.saturating_sub(wanted[at]);
            open.retain(|one| *one != at);
        }
    }
    widths
}

fn row(out: &mut String, cells: &[String], widths: &[usize]) {
    let columns: Vec<Vec<String>> = cells
        .iter()
        .zip(widths)
        .map(|(cell, width)| wrapped(cell, *width))
        .collect();
    let height = columns.iter().map(Vec::len).max().unwrap_or(0);
    for at in 0..height {
        let mut line = String::new();
        for (column, width) in columns.iter().zip(widths) {
            let cell = column.get(at).map_or("", String::as_str);
            line.push_str(cell);
            line.push_str(&" ".repeat((width + GAP).saturating_sub(cell.width())));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
}
