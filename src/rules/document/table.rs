//! One table of the document: typed getters, and the keys that nobody asked for.

use std::{cell::RefCell, collections::BTreeSet, ops::Range};

use rust_decimal::Decimal;
use toml::de::DeTable;

use super::{Located, Reader, Value};
use crate::{
    domain::{Day, Span},
    rules::diagnostic::Code,
};

/// One table of the document. Each getter marks its key as known; [`Table::done`] reports the others.
#[derive(Debug)]
pub(in crate::rules) struct Table<'r, 's> {
    pub reader: &'r Reader<'s>,
    table: &'r DeTable<'s>,
    /// What it is, for messages: `[period]`, `[[item]] BAD-07`.
    pub name: String,
    pub at: Range<usize>,
    known: RefCell<BTreeSet<&'static str>>,
}

impl<'r, 's> Table<'r, 's> {
    pub fn new(
        reader: &'r Reader<'s>,
        table: &'r DeTable<'s>,
        name: String,
        at: Range<usize>,
    ) -> Self {
        Self {
            reader,
            table,
            name,
            at,
            known: RefCell::default(),
        }
    }

    pub fn report(&self, at: Range<usize>, code: Code, message: String, help: &str) {
        self.reader.report(code, at, message, help);
    }

    /// The keys of the table in the order of the file, with their places.
    pub fn keys(&self) -> Vec<Located<String>> {
        let mut keys: Vec<_> = self
            .table
            .iter()
            .map(|(key, _)| Located {
                value: key.get_ref().to_string(),
                at: key.span(),
            })
            .collect();
        keys.sort_by_key(|key| key.at.start);
        keys
    }

    pub fn has(&self, key: &str) -> bool {
        self.table.get(key).is_some()
    }

    fn raw(&self, key: &'static str) -> Option<Value<'r, 's>> {
        self.known.borrow_mut().insert(key);
        self.any(key)
    }

    /// A value whose key the author chose (attribute names, choice values).
    pub fn any(&self, key: &str) -> Option<Value<'r, 's>> {
        let value = self.table.get(key)?;
        let name = format!("{} 的 {key}", self.name);
        Some(Value::new(self.reader, value, name))
    }

    pub fn value(&self, key: &'static str) -> Option<Value<'r, 's>> {
        self.raw(key)
    }

    /// A value that must be there.
    pub fn needed(&self, key: &'static str) -> Option<Value<'r, 's>> {
        let value = self.raw(key);
        if value.is_none() {
            self.reader.report(
                Code::R003,
                self.at.clone(),
                format!("{} 缺少 {key}", self.name),
                format!("请补上 {key} = …"),
            );
        }
        value
    }

    pub fn text(&self, key: &'static str) -> Option<Located<String>> {
        self.raw(key)?.text()
    }

    pub fn needed_text(&self, key: &'static str) -> Option<Located<String>> {
        let text = self.needed(key)?.text()?;
        if text.trim().is_empty() {
            let code = if key == "clause" {
                Code::R007
            } else {
                Code::R003
            };
            self.reader.report(
                code,
                text.at.clone(),
                format!("{} 的 {key} 是空的", self.name),
                "请填写内容",
            );
            return None;
        }
        Some(text)
    }

    /// The clause, without which a rule must not be applied.
    pub fn clause(&self) -> Option<Located<String>> {
        if self.has("clause") {
            return self.needed_text("clause");
        }
        self.known.borrow_mut().insert("clause");
        self.reader.report(
            Code::R007,
            self.at.clone(),
            format!("{} 没有写依据条款", self.name),
            "请写明 clause，例如 clause = \"附件3 第7项\"",
        );
        None
    }

    pub fn number(&self, key: &'static str) -> Option<Located<Decimal>> {
        self.raw(key)?.number()
    }

    pub fn points(&self, key: &'static str) -> Option<Located<Decimal>> {
        self.raw(key)?.points()
    }

    pub fn flag(&self, key: &'static str) -> Option<bool> {
        self.raw(key)?.flag()
    }

    pub fn day(&self, key: &'static str) -> Option<Located<Day>> {
        self.raw(key)?.day()
    }

    pub fn span(&self, key: &'static str) -> Option<Located<Span>> {
        self.raw(key)?.span()
    }

    pub fn texts(&self, key: &'static str) -> Option<Vec<Located<String>>> {
        self.raw(key)?.texts()
    }

    /// A whole number within bounds.
    pub fn whole(&self, key: &'static str, low: u32, high: u32) -> Option<u32> {
        let number = self.number(key)?;
        let whole = number
            .is_integer()
            .then(|| u32::try_from(number.value).ok())
            .flatten()
            .filter(|n| (low..=high).contains(n));
        if whole.is_none() {
            self.reader.report(
                Code::R008,
                number.at.clone(),
                format!("{} 的 {key} 应为 {low} 到 {high} 的整数", self.name),
                "",
            );
        }
        whole
    }

    /// One of some keywords.
    pub fn keyword<T: Copy>(&self, key: &'static str, known: &[(&'static str, T)]) -> Option<T> {
        self.raw(key)?.keyword(known)
    }

    /// The tables of an array of tables (`[[item]]`), named by their id or their place.
    pub fn tables(&self, key: &'static str) -> Vec<Table<'r, 's>> {
        match self.raw(key) {
            Some(value) => value.tables(&format!("[[{key}]]")),
            None => Vec::new(),
        }
    }

    /// A table that must be there (`[period]`).
    pub fn table(&self, key: &'static str) -> Option<Table<'r, 's>> {
        self.raw(key)?.table(&format!("[{key}]"))
    }

    /// Reports every key that nobody asked for.
    pub fn done(self) {
        self.done_with(std::iter::empty());
    }

    /// As [`Table::done`], where the author's own names are keys as well.
    pub fn done_with<'n>(self, names: impl Iterator<Item = &'n str>) {
        let mut known: BTreeSet<&str> = self.known.borrow().iter().copied().collect();
        known.extend(names);
        for key in self.keys() {
            if !known.contains(key.value.as_str()) {
                self.reader.report(
                    Code::R002,
                    key.at.clone(),
                    format!("{} 没有「{}」这一项", self.name, key.value),
                    self.reader.suggest(&key.value, known.iter().copied()),
                );
            }
        }
    }
}
