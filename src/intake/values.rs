//! Cells become values, and every cell that does not is reported, not only the first of its row.

use memchr::memchr;
use rust_decimal::{Decimal, prelude::ToPrimitive};

use crate::domain::{
    AttributeValue, CompanyStatus, Day, Fault, Points, RecordKind, RecordStatus, Region, Uscc,
    fold_code,
};

use super::{
    cells::{Cell, Fields},
    plan::Plan,
    wrong::{self, Wrong},
};

/// Reads the cells of one row and collects what is wrong with them.
pub(super) struct RowReader<'a> {
    pub plan: &'a Plan,
    pub cells: Fields<'a>,
    pub faults: Vec<Fault>,
    pub warnings: Vec<Fault>,
}

impl<'a> RowReader<'a> {
    /// A cell that must hold a value.
    pub fn required<T>(
        &mut self,
        field: impl Into<usize>,
        parse: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        let field = field.into();
        match self.cell(field) {
            Cell::Empty => {
                self.complain(field, None, missing_value());
                None
            }
            _ => self.optional(field, parse),
        }
    }

    /// A cell that may be empty.
    pub fn optional<T>(
        &mut self,
        field: impl Into<usize>,
        parse: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        let field = field.into();
        let (shown, wrong) = match self.cell(field) {
            Cell::Empty => return None,
            Cell::Bad(shown, wrong) => (shown, wrong.clone()),
            Cell::Text(text) => match parse(text) {
                Ok(value) => return Some(value),
                Err(wrong) => (text, wrong),
            },
        };
        self.complain(field, Some(shown), wrong);
        None
    }

    pub fn text(&mut self, field: impl Into<usize>) -> Option<String> {
        self.optional(field, text)
    }

    pub fn day(&mut self, field: impl Into<usize>) -> Option<Day> {
        self.optional(field, day)
    }

    pub fn region(&mut self, field: impl Into<usize>) -> Option<Region> {
        let regions = self.plan.regions.as_ref();
        self.optional(field, |text| match regions {
            Some(regions) => regions.parse(text),
            None => {
                not_scientific(text)?;
                Region::parse(text).map_err(|error| {
                    Wrong::new(
                        wrong::REGION,
                        error.to_string(),
                        "请填写6位、9位或12位行政区划代码",
                    )
                })
            }
        })
    }

    /// A code whose inner check digit is looked at too, and only warned about.
    pub fn uscc(&mut self, field: impl Into<usize>, required: bool) -> Option<Uscc> {
        let field = field.into();
        let code = if required {
            self.required(field, uscc)
        } else {
            self.optional(field, uscc)
        }?;
        if !code.inner_check_holds() {
            let warning = Wrong::new(
                wrong::INNER_CHECK,
                "提醒：代码中的组织机构代码校验位不符",
                "部分登记机关曾发出这样的代码；请与营业执照核对",
            );
            self.warn(field, code.as_str(), warning);
        }
        Some(code)
    }

    /// The attributes of the row.
    pub fn attributes(&mut self) -> std::collections::BTreeMap<String, AttributeValue> {
        let mut values = std::collections::BTreeMap::new();
        let columns = &self.plan.columns;
        for (place, name, kind) in &columns.attributes {
            let (shown, wrong) = match self.cells.get(*place) {
                Cell::Empty => continue,
                Cell::Bad(shown, wrong) => (shown, wrong.clone()),
                Cell::Text(text) => match kind.parse(text) {
                    Ok(value) => {
                        values.insert(name.clone(), value);
                        continue;
                    }
                    Err(error) => (
                        text,
                        Wrong::new(
                            wrong::ATTRIBUTE,
                            error.to_string(),
                            "请按评价办法规定的取值填写",
                        ),
                    ),
                },
            };
            let title = columns.written(*place);
            let fault = wrong.at(&self.plan.file, Some(self.cells.number), title, Some(shown));
            self.faults.push(fault);
        }
        values
    }

    pub fn complain(&mut self, field: impl Into<usize>, shown: Option<&str>, wrong: Wrong) {
        let number = self.cells.number;
        let fault = self.plan.fault(number, field.into(), shown, wrong);
        self.faults.push(fault);
    }

    pub fn warn(&mut self, field: impl Into<usize>, shown: &str, wrong: Wrong) {
        let number = self.cells.number;
        let fault = self.plan.fault(number, field.into(), Some(shown), wrong);
        self.warnings.push(fault);
    }

    fn cell(&self, field: usize) -> Cell<'a> {
        let place = self.plan.columns.place(field);
        place.map_or(Cell::Empty, |place| self.cells.get(place))
    }
}

fn missing_value() -> Wrong {
    Wrong::new(wrong::MISSING_VALUE, "必填项为空", "请填写")
}

pub(super) fn text(text: &str) -> Result<String, Wrong> {
    Ok(text.to_owned())
}

/// A code of ours (project, manager, item), folded.
pub(super) fn code(text: &str) -> Result<String, Wrong> {
    not_scientific(text)?;
    Ok(fold_code(text))
}

/// An identifier that is kept as written.
pub(super) fn identifier(text: &str) -> Result<String, Wrong> {
    not_scientific(text)?;
    Ok(text.to_owned())
}

fn uscc(text: &str) -> Result<Uscc, Wrong> {
    not_scientific(text)?;
    Uscc::parse(text)
        .map_err(|error| Wrong::new(wrong::USCC, error.to_string(), "请与营业执照核对后改正"))
}

pub(super) fn day(text: &str) -> Result<Day, Wrong> {
    Day::parse(text).map_err(|error| {
        Wrong::new(
            wrong::DATE,
            error.to_string(),
            "请填写 2026-03-01 这样的日期；表格中显示为五位数字的，请先把单元格格式改为日期",
        )
    })
}

/// An amount that is not negative: floor area, yuan.
pub(super) fn amount(text: &str) -> Result<Decimal, Wrong> {
    let number = Decimal::from_str_exact(text).ok();
    number
        .filter(|number| !number.is_sign_negative() || number.is_zero())
        .ok_or_else(|| {
            Wrong::new(
                wrong::NUMBER,
                "不是有效的数字",
                "请填写不小于0的数字，不带单位和千分位逗号",
            )
        })
}

/// A whole number from 0 to 4,294,967,295.
pub(super) fn count(text: &str) -> Result<u32, Wrong> {
    let number = Decimal::from_str_exact(text).ok();
    number
        .filter(Decimal::is_integer)
        .and_then(|number| number.to_u32())
        .ok_or_else(|| {
            Wrong::new(
                wrong::NUMBER,
                "不是有效的整数",
                "请填写不小于0的整数，不带单位和千分位逗号",
            )
        })
}

pub(super) fn points(text: &str) -> Result<Points, Wrong> {
    Points::parse(text)
        .map_err(|error| Wrong::new(wrong::POINTS, error.to_string(), "请填写数字，扣分写负数"))
}

pub(super) fn company_status(text: &str) -> Result<CompanyStatus, Wrong> {
    CompanyStatus::parse(text).map_err(choice)
}

pub(super) fn record_kind(text: &str) -> Result<RecordKind, Wrong> {
    let plain = RecordKind::ALL.iter().find(|kind| kind.as_str() == text);
    match plain {
        Some(kind) => Ok(*kind),
        None => RecordKind::parse(text).map_err(choice),
    }
}

pub(super) fn record_status(text: &str) -> Result<RecordStatus, Wrong> {
    let mut known = RecordStatus::ALL.iter();
    match known.find(|status| status.as_str() == text) {
        Some(status) => Ok(*status),
        None => RecordStatus::parse(text).map_err(choice),
    }
}

fn choice(error: impl std::fmt::Display) -> Wrong {
    Wrong::new(wrong::CHOICE, error.to_string(), "请从可选值中选择")
}

/// What is said of a code that was taken for a number.
pub(super) fn scientific() -> Wrong {
    Wrong::new(
        wrong::SCIENTIFIC,
        "编码被表格软件变成了数字，后面的数位已经丢失",
        "请把这一列的单元格格式设为「文本」，再重新录入完整编码",
    )
}

/// Refuses `9.1512E+17`: what is left of a long code when a spreadsheet saves it as a number.
pub(super) fn not_scientific(text: &str) -> Result<(), Wrong> {
    let Some(plus) = memchr(b'+', text.as_bytes()) else {
        return Ok(());
    };
    let Some(mantissa) = text[..plus].strip_suffix(['E', 'e']) else {
        return Ok(());
    };
    let exponent = &text[plus + 1..];
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, places) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    if whole.len() == 1 && digits(whole) && digits(places) && digits(exponent) {
        return Err(scientific());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_became_a_number_is_recognised() {
        for text in ["9.1512E+17", "9e+17", "1.0E+3"] {
            assert_eq!(not_scientific(text), Err(scientific()), "{text}");
        }
        for text in ["E+17", "AB-E+1", "91512002MA6ABCD10P", "12E+3", "9.E+x"] {
            assert_eq!(not_scientific(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn amounts_and_counts_are_not_negative() {
        assert_eq!(amount("12.50").unwrap().to_string(), "12.50");
        assert_eq!(count("120.0"), Ok(120));
        for text in ["-1", "1,000", "12平方米", "1e3", ""] {
            assert!(amount(text).is_err() && count(text).is_err(), "{text}");
        }
        assert!(count("1.5").is_err());
        assert!(count("4294967296").is_err());
    }
}
