//! One value of the document, read as what it ought to be.

use std::ops::Range;

use rust_decimal::Decimal;
use toml::{
    Spanned,
    de::{DeArray, DeValue},
};

use super::{Located, Reader, Table};
use crate::{
    domain::{Day, Span},
    rules::{diagnostic::Code, source::plain},
};

/// How many tables of a kind one file may hold; far beyond any policy, so that checks across them stay quick.
const LIMITS: [(&str, usize); 9] = [
    ("[[component]]", 100),
    ("[[item]]", 5000),
    ("[[group]]", 1000),
    ("[[grade]]", 50),
    ("[[not_rated]]", 100),
    ("[[override]]", 300),
    ("[[list]]", 100),
    ("[[consequence]]", 1000),
    ("[[case]]", 5000),
];
/// How many rows of any other kind (records of a case, bands).
const ROWS: usize = 5000;

/// One value of the document.
#[derive(Debug)]
pub(in crate::rules) struct Value<'r, 's> {
    pub reader: &'r Reader<'s>,
    value: &'r DeValue<'s>,
    pub at: Range<usize>,
    pub name: String,
}

impl<'r, 's> Value<'r, 's> {
    pub(super) fn new(
        reader: &'r Reader<'s>,
        value: &'r Spanned<DeValue<'s>>,
        name: String,
    ) -> Self {
        Self {
            reader,
            value: value.get_ref(),
            at: value.span(),
            name,
        }
    }

    fn located<T>(&self, value: T) -> Located<T> {
        Located {
            value,
            at: self.at.clone(),
        }
    }

    fn wrong(&self, wanted: &str) {
        let found = match self.value {
            DeValue::String(_) => "文字",
            DeValue::Integer(_) | DeValue::Float(_) => "数字",
            DeValue::Boolean(_) => "true/false",
            DeValue::Datetime(_) => "日期",
            DeValue::Array(_) => "列表",
            DeValue::Table(_) => "表",
        };
        self.reader.report(
            Code::R004,
            self.at.clone(),
            format!("{} 应为{wanted}，这里写的是{found}", self.name),
            "",
        );
    }

    pub fn is_text(&self) -> bool {
        self.value.is_str()
    }

    pub fn is_number(&self) -> bool {
        self.value.is_integer() || self.value.is_float()
    }

    pub fn text(&self) -> Option<Located<String>> {
        match self.value.as_str() {
            Some(text) => Some(self.located(text.to_owned())),
            None => {
                self.wrong("文字（加引号）");
                None
            }
        }
    }

    pub fn flag(&self) -> Option<bool> {
        let flag = self.value.as_bool();
        if flag.is_none() {
            self.wrong(" true 或 false");
        }
        flag
    }

    /// A decimal from its literal text; never through a float.
    pub fn number(&self) -> Option<Located<Decimal>> {
        let literal = match self.value {
            DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
            DeValue::Float(number) => number.as_str(),
            _ => {
                self.wrong("数字（不加引号）");
                return None;
            }
        };
        let plain = literal.trim_start_matches('+').replace('_', "");
        match Decimal::from_str_exact(&plain) {
            Ok(number)
                if number.abs() <= Decimal::from(1_000_000_000_u64)
                    && number.normalize().scale() <= 10 =>
            {
                Some(self.located(number.normalize()))
            }
            _ => {
                self.reader.report(
                    Code::R008,
                    self.at.clone(),
                    format!("{} 的数值「{literal}」不能使用", self.name),
                    "请写成普通小数，绝对值不超过 1000000000，小数不超过10位，不用科学计数法",
                );
                None
            }
        }
    }

    /// A number of points: at most four places.
    pub fn points(&self) -> Option<Located<Decimal>> {
        let number = self.number()?;
        if number.scale() > 4 {
            self.reader.report(
                Code::R008,
                self.at.clone(),
                format!("{} 的分值「{}」小数超过4位", self.name, number.value),
                "分值最多4位小数",
            );
            return None;
        }
        Some(number)
    }

    pub fn day(&self) -> Option<Located<Day>> {
        let day = match self.value {
            DeValue::Datetime(moment) if moment.time.is_none() && moment.offset.is_none() => {
                moment.date.and_then(|d| {
                    Day::from_ymd(i32::from(d.year), u32::from(d.month), u32::from(d.day))
                })
            }
            DeValue::String(text) => Day::parse(text).ok(),
            _ => None,
        };
        if day.is_none() {
            self.wrong("日期，如 2026-03-01");
        }
        day.map(|day| self.located(day))
    }

    pub fn span(&self) -> Option<Located<Span>> {
        let text = self.text()?;
        match Span::parse(&text.value) {
            Ok(span) => Some(self.located(span)),
            Err(fault) => {
                let plain = plain(&text.value).filter(|plain| Span::parse(plain).is_ok());
                self.reader.report(
                    Code::R005,
                    self.at.clone(),
                    format!("{}：{fault}", self.name),
                    plain.map_or_else(String::new, |plain| format!("请改用半角：\"{plain}\"")),
                );
                None
            }
        }
    }

    pub fn keyword<T: Copy>(&self, known: &[(&'static str, T)]) -> Option<T> {
        let text = self.text()?;
        let found = known.iter().find(|(word, _)| *word == text.value);
        if found.is_none() {
            self.reader.report(
                Code::R005,
                self.at.clone(),
                format!("{} 不能是「{}」", self.name, text.value),
                self.reader
                    .suggest(&text.value, known.iter().map(|(word, _)| *word)),
            );
        }
        found.map(|(_, value)| *value)
    }

    fn array(&self) -> Option<&'r DeArray<'s>> {
        let array = self.value.as_array();
        if array.is_none() {
            self.wrong("列表 [ … ]");
        }
        array
    }

    /// The members of a list.
    pub fn members(&self) -> Option<Vec<Value<'r, 's>>> {
        Some(
            self.array()?
                .iter()
                .map(|member| Value::new(self.reader, member, self.name.clone()))
                .collect(),
        )
    }

    pub fn texts(&self) -> Option<Vec<Located<String>>> {
        self.members()?.iter().map(Value::text).collect()
    }

    pub fn table(&self, name: &str) -> Option<Table<'r, 's>> {
        match self.value.as_table() {
            Some(table) => Some(Table::new(
                self.reader,
                table,
                name.to_owned(),
                self.at.clone(),
            )),
            None => {
                self.wrong("表");
                None
            }
        }
    }

    /// Leaves out what is more than a file may hold.
    fn limited(&self, name: &str, members: &mut Vec<Value<'r, 's>>) {
        let most = LIMITS
            .iter()
            .find(|(known, _)| *known == name)
            .map_or(ROWS, |(_, most)| *most);
        if let Some(first) = members.get(most) {
            self.reader.report(
                Code::R009,
                first.at.clone(),
                format!("{name} 有 {} 个，最多 {most} 个", members.len()),
                "请合并，或分成几部规则",
            );
            members.truncate(most);
        }
    }

    pub fn is_table(&self) -> bool {
        self.value.is_table()
    }

    pub fn is_list(&self) -> bool {
        self.value.is_array()
    }

    pub fn tables(&self, name: &str) -> Vec<Table<'r, 's>> {
        let mut members = self.members().unwrap_or_default();
        self.limited(name, &mut members);
        let name_of = |index: usize, member: &Value<'r, 's>| {
            let table = member.value.as_table();
            let label = ["id", "title"]
                .iter()
                .find_map(|key| table?.get(*key)?.get_ref().as_str());
            match label {
                Some(label) => format!("{name}「{label}」"),
                None => format!("第{}个 {name}", index + 1),
            }
        };
        members
            .iter()
            .enumerate()
            .filter_map(|(index, member)| member.table(&name_of(index, member)))
            .collect()
    }
}
