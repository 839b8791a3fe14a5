//! What the cells of a workbook hold, as text.

use calamine::{DataRef, ExcelDateTime};

use crate::domain::Day;

use super::{
    values::scientific,
    wrong::{self, Wrong},
};

/// Spreadsheets keep 15 digits; a longer number has lost its last ones.
const EXACT: f64 = 1e15;
/// The day numbers of 1900-01-00 to 9999-12-31.
const DAY_NUMBERS: std::ops::Range<f64> = 0.0..2_958_466.0;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    Empty,
    Text(String),
    Bad { shown: String, wrong: Wrong },
}

impl Content {
    pub fn bad(shown: impl Into<String>, code: &'static str, what: &str, fix: &str) -> Self {
        Self::Bad {
            shown: shown.into(),
            wrong: Wrong::new(code, what, fix),
        }
    }
}

pub(super) fn too_long() -> Content {
    Content::bad(
        "",
        wrong::FIELD_TOO_LONG,
        "单元格内容过长",
        "请缩短内容，一个单元格不超过 32767 个字符",
    )
}

pub(super) fn content_of(value: &DataRef<'_>, formula: bool) -> Content {
    match value {
        DataRef::Empty if formula => Content::bad(
            "",
            wrong::NO_RESULT,
            "公式没有保存计算结果",
            "请用表格软件打开并保存一次，或把公式粘贴为数值",
        ),
        DataRef::Empty => Content::Empty,
        DataRef::Int(number) => number_text(*number as f64),
        DataRef::Float(number) => number_text(*number),
        DataRef::String(text) => Content::Text(text.clone()),
        DataRef::SharedString(text) => Content::Text((*text).to_owned()),
        DataRef::Bool(value) => Content::Text(value.to_string()),
        DataRef::DateTime(moment) => day_text(moment),
        DataRef::DateTimeIso(text) => {
            Content::Text(text.split(['T', ' ']).next().unwrap_or_default().to_owned())
        }
        DataRef::DurationIso(text) => no_day(text.clone()),
        DataRef::Error(error) => Content::bad(
            error.to_string(),
            wrong::ERROR_CELL,
            "单元格是错误值",
            "请改正公式，或直接填写数值",
        ),
    }
}

/// A number as plain decimal text: no exponent, no trailing `.0`, and only the 15 digits that a spreadsheet shows.
fn number_text(number: f64) -> Content {
    if !number.is_finite() || number.abs() >= EXACT {
        return Content::Bad {
            shown: format!("{number:e}"),
            wrong: scientific(),
        };
    }
    let shown: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    // Adding zero makes the zero of a negative sign an ordinary one.
    Content::Text((shown + 0.0).to_string())
}

fn day_text(moment: &ExcelDateTime) -> Content {
    let number = moment.as_f64();
    let day = (moment.is_datetime() && DAY_NUMBERS.contains(&number))
        .then(|| moment.as_datetime())
        .flatten()
        .and_then(|moment| Day::from_date(moment.date()));
    match day {
        Some(day) => Content::Text(day.to_string()),
        None => no_day(number.to_string()),
    }
}

fn no_day(shown: String) -> Content {
    Content::bad(
        shown,
        wrong::DATE,
        "单元格是时间或无效的日期",
        "请填写 2026-03-01 这样的日期，或改为文本格式",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_without_a_result_is_not_an_empty_cell() {
        assert_eq!(content_of(&DataRef::Empty, false), Content::Empty);
        let Content::Bad { wrong, .. } = content_of(&DataRef::Empty, true) else {
            panic!("taken for a value");
        };
        insta::assert_snapshot!(wrong.of_file("示例.xlsx"), @r#"
    示例.xlsx：[I042] 公式没有保存计算结果。请用表格软件打开并保存一次，或把公式粘贴为数值
    "#);
    }

    #[test]
    fn numbers_become_plain_decimal_text() {
        let table = [
            (12.0, "12"),
            (-0.5, "-0.5"),
            (0.1 + 0.2, "0.3"),
            (20_260_301.0, "20260301"),
            (512_002_001_003.0, "512002001003"),
            (1e-7, "0.0000001"),
            (-0.0, "0"),
            (999_999_999_999_999.0, "999999999999999"),
        ];
        for (number, text) in table {
            assert_eq!(number_text(number), Content::Text(text.to_owned()));
        }
        for number in [915_120_021_234_567_890.0, f64::NAN, f64::INFINITY] {
            assert!(
                matches!(number_text(number), Content::Bad { .. }),
                "{number}"
            );
        }
    }
}
