//! A document as it lies on a desk: title, facts, sections of paragraphs and tables. What it looks like is for `text`, `html`
//! and whoever writes workbooks.

use rust_decimal::Decimal;

/// A document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Paper {
    pub title: String,
    /// What it is of the document: 评分标准.
    pub subtitle: String,
    /// A mark across the head, such as that it is not the official text.
    pub mark: Option<String>,
    /// Name and value.
    pub facts: Vec<(String, String)>,
    pub sections: Vec<Section>,
}

/// A numbered part.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// `一、总则`.
    pub title: String,
    /// Short, for the sheet of a workbook; sections of one name share a sheet.
    pub sheet: &'static str,
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    Heading(String),
    Paragraph(String),
    /// Under a table, in small print.
    Note(String),
    Table(Table),
}

/// A table; every row has as many cells as there are columns.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
}

/// A column: its head and its share of the width.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub title: String,
    pub share: u16,
}

/// A cell; lines are separated by `\n`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Text(String),
    Number(Amount),
}

/// A number with the words around it: `扣` 2 `分`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    pub value: Decimal,
    /// Before the number, which is then shown without its sign.
    pub before: String,
    pub after: String,
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn number(value: impl Into<Decimal>, after: &str) -> Self {
        Self::Number(Amount {
            value: value.into(),
            before: String::new(),
            after: after.to_owned(),
        })
    }

    /// As it is read.
    pub fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(amount) => {
                let value = match amount.before.is_empty() {
                    true => amount.value,
                    false => amount.value.abs(),
                };
                let value = super::words::number(value);
                format!("{}{value}{}", amount.before, amount.after)
            }
        }
    }
}

impl Table {
    /// A table of these columns, each with its share of the width.
    pub fn new(columns: &[(&str, u16)]) -> Self {
        Self {
            columns: columns
                .iter()
                .map(|(title, share)| Column {
                    title: (*title).to_owned(),
                    share: *share,
                })
                .collect(),
            rows: Vec::new(),
        }
    }

    /// The share of a column in hundredths of the width.
    pub fn share_of(&self, column: &Column) -> u32 {
        let all: u32 = self.columns.iter().map(|one| u32::from(one.share)).sum();
        u32::from(column.share) * 100 / all.max(1)
    }

    /// Takes out the columns that no row uses, save the first.
    pub fn without_empty_columns(mut self) -> Self {
        let used: Vec<bool> = (0..self.columns.len())
            .map(|column| {
                let empty =
                    |row: &Vec<Cell>| row.get(column).is_none_or(|cell| cell.shown().is_empty());
                column == 0 || !self.rows.iter().all(empty)
            })
            .collect();
        let keep = |index: usize| used.get(index).copied().unwrap_or(true);
        let mut index = 0;
        self.columns.retain(|_| {
            index += 1;
            keep(index - 1)
        });
        for row in &mut self.rows {
            let mut index = 0;
            row.retain(|_| {
                index += 1;
                keep(index - 1)
            });
        }
        self
    }
}

impl Paper {
    /// Every text of the document in reading order.
    pub fn texts(&self) -> Vec<String> {
        let mut texts = vec![self.title.clone(), self.subtitle.clone()];
        texts.extend(self.mark.clone());
        texts.extend(
            self.facts
                .iter()
                .map(|(name, value)| format!("{name}{value}")),
        );
        for section in &self.sections {
            texts.push(section.title.clone());
            for block in &section.blocks {
                match block {
                    Block::Heading(text) | Block::Paragraph(text) | Block::Note(text) => {
                        texts.push(text.clone());
                    }
                    Block::Table(table) => {
                        texts.extend(table.columns.iter().map(|column| column.title.clone()));
                        texts.extend(table.rows.iter().flatten().map(Cell::shown));
                    }
                }
            }
        }
        texts
    }
}

/// 一, 二 ... 九十九.
pub(in crate::rules) fn ordinal(n: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let digit = |n: usize| DIGITS.get(n).copied().unwrap_or_default();
    match n {
        0 => "零".to_owned(),
        1..=9 => digit(n).to_owned(),
        10..=19 => format!("十{}", digit(n % 10)),
        20..=99 => format!("{}十{}", digit(n / 10), digit(n % 10)),
        _ => n.to_string(),
    }
}
