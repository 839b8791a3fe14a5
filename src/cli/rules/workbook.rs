//! A document as a workbook: a sheet for each part, ready to print on A4.

use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

use crate::{
    cli::Failure,
    rules::render::{Amount, Block, Cell, Paper, Section, Table},
};

/// Width of all columns together, in characters: a landscape page of A4.
const PAGE: f64 = 132.0;
/// Height of a line, in points.
const LINE: f64 = 14.5;
const A4: u8 = 9;
/// The columns of the widest table.
const COLUMNS: u16 = 8;

pub(super) fn bytes(paper: &Paper) -> Result<Vec<u8>, Failure> {
    build(paper).map_err(|fault| Failure::Input(fault.to_string()))
}

fn build(paper: &Paper) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    for (index, section) in paper.sections.iter().enumerate() {
        let sheet = book.add_worksheet();
        sheet.set_name(section.sheet)?;
        Writer::new(sheet, section)?.section(paper, section, index == 0)?;
    }
    book.save_to_buffer()
}

struct Writer<'s> {
    sheet: &'s mut Worksheet,
    row: u32,
    widths: Vec<f64>,
}

impl<'s> Writer<'s> {
    /// Columns are as wide as the table with the most of them says.
    fn new(sheet: &'s mut Worksheet, section: &Section) -> Result<Self, XlsxError> {
        let tables = section.blocks.iter().filter_map(|block| match block {
            Block::Table(table) => Some(table),
            _ => None,
        });
        let widest = tables.max_by_key(|table| table.columns.len());
        let shares: Vec<f64> = match widest {
            Some(table) => table
                .columns
                .iter()
                .map(|column| f64::from(column.share))
                .collect(),
            None => vec![1.0],
        };
        let all: f64 = shares.iter().sum();
        let widths: Vec<f64> = shares.iter().map(|share| share / all * PAGE).collect();
        for (column, width) in (0..COLUMNS).zip(&widths) {
            sheet.set_column_width(column, *width)?;
        }
        sheet.set_landscape();
        sheet.set_paper_size(A4);
        sheet.set_print_fit_to_pages(1, 0);
        sheet.set_margins(0.5, 0.5, 0.6, 0.6, 0.3, 0.3);
        sheet.set_footer("&C&P / &N");
        Ok(Self {
            sheet,
            row: 0,
            widths,
        })
    }

    fn section(mut self, paper: &Paper, section: &Section, first: bool) -> Result<(), XlsxError> {
        let plain = Format::new().set_text_wrap().set_align(FormatAlign::Top);
        let bold = plain.clone().set_bold();
        if first {
            let title = bold
                .clone()
                .set_font_size(16)
                .set_align(FormatAlign::Center);
            self.line(&paper.title, &title, 24.0)?;
            if !paper.subtitle.is_empty() {
                self.line(&paper.subtitle, &title, 24.0)?;
            }
            if let Some(mark) = &paper.mark {
                let mark_format = bold
                    .clone()
                    .set_font_color("#A40000")
                    .set_align(FormatAlign::Center);
                self.line(&format!("【{mark}】"), &mark_format, LINE)?;
            }
            for (name, value) in &paper.facts {
                self.line(&format!("{name}：{value}"), &plain, LINE)?;
            }
            self.row += 1;
        }
        let heading = bold.clone().set_font_size(13);
        self.line(&section.title, &heading, 20.0)?;
        let mut heads = 0;
        let mut repeated = None;
        for block in &section.blocks {
            match block {
                Block::Heading(text) => {
                    self.row += 1;
                    self.line(text, &bold, 18.0)?;
                }
                Block::Paragraph(text) | Block::Note(text) => self.line(text, &plain, LINE)?,
                Block::Table(table) => {
                    heads += 1;
                    repeated = Some(self.row);
                    self.table(table)?;
                }
            }
        }
        // A page can repeat only one head; where tables differ each keeps its own.
        if let (Some(row), true) = (repeated, heads == 1 || same_heads(section)) {
            self.sheet.set_repeat_rows(row, row)?;
        }
        Ok(())
    }

    /// Text across all columns.
    fn line(&mut self, text: &str, format: &Format, least: f64) -> Result<(), XlsxError> {
        let last = u16::try_from(self.widths.len().saturating_sub(1)).unwrap_or(0);
        match last {
            0 => self
                .sheet
                .write_string_with_format(self.row, 0, text, format)?,
            _ => self
                .sheet
                .merge_range(self.row, 0, self.row, last, text, format)?,
        };
        let lines = lines_of(text, self.widths.iter().sum());
        self.sheet
            .set_row_height(self.row, least.max(lines * LINE))?;
        self.row += 1;
        Ok(())
    }

    fn table(&mut self, table: &Table) -> Result<(), XlsxError> {
        let cell = Format::new()
            .set_text_wrap()
            .set_align(FormatAlign::Top)
            .set_border(FormatBorder::Thin);
        let head = cell
            .clone()
            .set_bold()
            .set_background_color("#EEEEEE")
            .set_align(FormatAlign::Center)
            .set_align(FormatAlign::VerticalCenter);
        for (column, one) in (0..).zip(&table.columns) {
            self.sheet
                .write_string_with_format(self.row, column, one.title.as_str(), &head)?;
        }
        self.row += 1;
        for row in &table.rows {
            let mut lines: f64 = 1.0;
            for (column, one) in (0_u16..).zip(row) {
                match one {
                    Cell::Text(text) => {
                        self.sheet
                            .write_string_with_format(self.row, column, text, &cell)?;
                    }
                    Cell::Number(amount) => match amount.value.to_f64() {
                        Some(value) => {
                            let format = cell.clone().set_num_format(number_format(amount));
                            self.sheet
                                .write_number_with_format(self.row, column, value, &format)?;
                        }
                        None => {
                            self.sheet.write_string_with_format(
                                self.row,
                                column,
                                one.shown(),
                                &cell,
                            )?;
                        }
                    },
                }
                let width = self.widths.get(usize::from(column)).copied();
                lines = lines.max(lines_of(&one.shown(), width.unwrap_or(10.0)));
            }
            // No row of a workbook is higher than 409 points.
            self.sheet
                .set_row_height(self.row, (lines * LINE + 3.0).min(409.0))?;
            self.row += 1;
        }
        Ok(())
    }
}

fn same_heads(section: &Section) -> bool {
    let mut heads = section.blocks.iter().filter_map(|block| match block {
        Block::Table(table) => Some(
            table
                .columns
                .iter()
                .map(|column| column.title.as_str())
                .collect::<Vec<_>>(),
        ),
        _ => None,
    });
    let first = heads.next();
    heads.all(|head| Some(head) == first)
}

/// The number stays a number and reads as `扣2分/处`: the words are its format, and a negative one loses its sign to them.
fn number_format(amount: &Amount) -> String {
    let quoted = |text: &str| match text.is_empty() {
        true => String::new(),
        false => format!("\"{}\"", text.replace('"', "")),
    };
    let (before, after) = (quoted(&amount.before), quoted(&amount.after));
    match amount.before.is_empty() {
        true => format!("General{after}"),
        false => format!("{before}General{after};{before}General{after}"),
    }
}

/// How many lines a text takes in a column; Chinese characters are two wide.
fn lines_of(text: &str, width: f64) -> f64 {
    let lines: f64 = text
        .split('\n')
        .map(|line| {
            let wide: f64 = line
                .chars()
                .map(|c| if c.is_ascii() { 1.0 } else { 2.05 })
                .sum();
            (wide / (width - 1.0).max(2.0)).ceil().max(1.0)
        })
        .sum();
    lines
}

#[cfg(test)]
mod tests {
    use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};

    use super::*;
    use crate::rules::RuleSet;

    #[test]
    fn a_number_is_a_number_and_every_sheet_opens() {
        let source = include_str!("../../../rules/ziyang-draft.toml");
        let paper = RuleSet::load("ziyang-draft.toml", source)
            .unwrap()
            .ruleset
            .paper();
        let bytes = bytes(&paper).unwrap();
        let mut book: Xlsx<_> = open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap();
        assert_eq!(
            book.sheet_names(),
            ["总则", "评分标准", "等级与结果", "记录填写事项", "示例"]
        );
        let standard = book.worksheet_range("评分标准").unwrap();
        let row = standard
            .rows()
            .find(|row| row.iter().any(|cell| *cell == "附件1 第2项"))
            .unwrap();
        assert_eq!(row[0], Data::Float(2.0));
        assert_eq!(row[3], Data::Float(-0.5));
        assert_eq!(row[6], Data::Float(3.0));
        let first = book.worksheet_range("总则").unwrap();
        assert_eq!(
            first.get_value((0, 0)).unwrap().to_string(),
            "资阳市物业服务企业信用评价规则（草案，非官方文本）"
        );
        for name in book.sheet_names() {
            assert!(
                book.worksheet_range(&name).unwrap().rows().count() > 2,
                "{name}"
            );
        }
    }

    #[test]
    fn words_are_the_format_of_the_number() {
        let amount = |before: &str, after: &str| Amount {
            value: (-2).into(),
            before: before.into(),
            after: after.into(),
        };
        assert_eq!(
            number_format(&amount("扣", "分/处")),
            "\"扣\"General\"分/处\";\"扣\"General\"分/处\""
        );
        assert_eq!(number_format(&amount("", "日")), "General\"日\"");
    }
}
