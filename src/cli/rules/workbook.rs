//! A scoring table as a workbook: four sheets, ready to print.

use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

use crate::rules::{Clause, Sheet};

/// The looks of cells.
struct Looks {
    title: Format,
    head: Format,
    text: Format,
    number: Format,
}

impl Looks {
    fn new() -> Self {
        let cell = || {
            Format::new()
                .set_border(FormatBorder::Thin)
                .set_text_wrap()
                .set_align(FormatAlign::Top)
        };
        Self {
            title: Format::new().set_bold().set_font_size(16),
            head: cell().set_bold().set_align(FormatAlign::Center),
            text: cell(),
            number: cell().set_align(FormatAlign::Right),
        }
    }
}

/// The bytes of the workbook.
pub(super) fn write(sheet: &Sheet) -> Result<Vec<u8>, XlsxError> {
    let looks = Looks::new();
    let mut book = Workbook::new();
    general(book.add_worksheet(), sheet, &looks)?;
    items(book.add_worksheet(), sheet, &looks)?;
    results(book.add_worksheet(), sheet, &looks)?;
    examples(book.add_worksheet(), sheet, &looks)?;
    book.save_to_buffer()
}

fn general(page: &mut Worksheet, sheet: &Sheet, looks: &Looks) -> Result<(), XlsxError> {
    page.set_name("总则")?.set_paper_size(9);
    page.set_column_width(0, 12)?.set_column_width(1, 90)?;
    page.write_with_format(0, 0, sheet.title.as_str(), &looks.title)?;
    let mut row = 1;
    if sheet.draft {
        page.write(row, 0, "【未经核对官方文本】")?;
        row += 1;
    }
    for (label, value) in &sheet.heading {
        page.write_with_format(row, 0, *label, &looks.head)?;
        page.write_with_format(row, 1, value.as_str(), &looks.text)?;
        row += 1;
    }
    for (sentence, number) in sheet.general.iter().zip(1_u32..) {
        page.write_with_format(row, 0, number, &looks.number)?;
        page.write_with_format(row, 1, sentence.as_str(), &looks.text)?;
        row += 1;
    }
    Ok(())
}

/// A page with a head that is repeated on paper.
fn headed(
    page: &mut Worksheet,
    name: &str,
    columns: &[(&str, f64)],
    looks: &Looks,
) -> Result<(), XlsxError> {
    page.set_name(name)?.set_paper_size(9).set_landscape();
    page.set_repeat_rows(0, 0)?;
    page.set_freeze_panes(1, 0)?;
    page.set_print_fit_to_pages(1, 0);
    for ((title, width), column) in columns.iter().zip(0..) {
        page.set_column_width(column, *width)?;
        page.write_with_format(0, column, *title, &looks.head)?;
    }
    Ok(())
}

fn items(page: &mut Worksheet, sheet: &Sheet, looks: &Looks) -> Result<(), XlsxError> {
    let columns = [
        ("序号", 6.0),
        ("部分", 16.0),
        ("条款", 16.0),
        ("评分内容", 44.0),
        ("分值", 10.0),
        ("计分方法", 24.0),
        ("说明", 36.0),
        ("记录和认定", 30.0),
        ("整改期限", 10.0),
    ];
    headed(page, "评分标准", &columns, looks)?;
    let mut row = 1;
    for part in &sheet.parts {
        for item in &part.items {
            page.write_with_format(row, 0, item.number as u32, &looks.number)?;
            let texts = [
                (1, part.title.as_str()),
                (2, &item.clause),
                (3, &item.title),
                (5, &item.points),
                (6, &item.notes.join("；")),
                (7, &item.process.join("；")),
                (8, &item.rectify),
            ];
            for (column, text) in texts {
                page.write_with_format(row, column, text, &looks.text)?;
            }
            match item.fixed.and_then(|points| points.to_f64()) {
                Some(points) => page.write_with_format(row, 4, points, &looks.number)?,
                None => page.write_with_format(row, 4, "", &looks.text)?,
            };
            row += 1;
        }
        for note in part.intro.iter().chain(&part.notes) {
            page.write_with_format(row, 1, part.title.as_str(), &looks.text)?;
            page.write_with_format(row, 3, note.as_str(), &looks.text)?;
            row += 1;
        }
    }
    Ok(())
}

fn results(page: &mut Worksheet, sheet: &Sheet, looks: &Looks) -> Result<(), XlsxError> {
    let columns = [
        ("类别", 20.0),
        ("条款", 18.0),
        ("事项", 40.0),
        ("内容", 70.0),
    ];
    headed(page, "等级与结果", &columns, looks)?;
    let mut row = 1;
    for grade in &sheet.grades {
        let title = format!("{}级 {}", grade.grade, grade.title);
        for (column, text) in [
            (0, "等级划分"),
            (1, ""),
            (2, title.trim()),
            (3, &grade.range),
        ] {
            page.write_with_format(row, column, text, &looks.text)?;
        }
        row += 1;
    }
    for (kind, clauses) in sheet.provisions() {
        for Clause {
            clause,
            title,
            text,
        } in clauses
        {
            for (column, text) in [(0, kind), (1, clause), (2, title), (3, text)] {
                page.write_with_format(row, column, text, &looks.text)?;
            }
            row += 1;
        }
    }
    Ok(())
}

fn examples(page: &mut Worksheet, sheet: &Sheet, looks: &Looks) -> Result<(), XlsxError> {
    let columns = [
        ("序号", 6.0),
        ("示例", 40.0),
        ("记录", 70.0),
        ("结果", 30.0),
    ];
    headed(page, "示例", &columns, looks)?;
    for (example, row) in sheet.examples.iter().zip(1_u32..) {
        page.write_with_format(row, 0, row, &looks.number)?;
        let records = example.records.join("\n");
        for (column, text) in [(1, &example.title), (2, &records), (3, &example.result)] {
            page.write_with_format(row, column, text.as_str(), &looks.text)?;
        }
    }
    Ok(())
}
