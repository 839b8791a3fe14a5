//! Reading a TOML table by hand, so that every fault is found in one run and has its line.

use std::collections::BTreeSet;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::ProfileFault;

/// The faults of a text, as they are found.
pub(super) struct Reader<'t> {
    text: &'t str,
    pub faults: Vec<ProfileFault>,
}

/// A table that is being read.
pub(super) struct Section<'t> {
    table: &'t DeTable<'t>,
    /// As people call it: `[paths]`, `field "op"`.
    pub name: String,
    pub line: usize,
    asked: BTreeSet<&'static str>,
}

impl<'t> Reader<'t> {
    pub fn new(text: &'t str) -> Self {
        Self {
            text,
            faults: Vec::new(),
        }
    }

    pub fn line(&self, offset: usize) -> usize {
        let before = &self.text.as_bytes()[..offset.min(self.text.len())];
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }

    pub fn fault(&mut self, line: usize, what: impl Into<String>, fix: impl Into<String>) {
        self.faults.push(ProfileFault {
            line,
            what: what.into(),
            fix: fix.into(),
        });
    }

    pub fn section(&self, table: &'t DeTable<'t>, name: &str, offset: usize) -> Section<'t> {
        Section {
            table,
            name: name.to_owned(),
            line: self.line(offset),
            asked: BTreeSet::new(),
        }
    }

    /// A table inside a section.
    pub fn table(&mut self, section: &mut Section<'t>, key: &'static str) -> Option<Section<'t>> {
        let value = section.get(key)?;
        let line = self.line(value.span().start);
        match value.get_ref() {
            DeValue::Table(table) => Some(Section {
                table,
                name: format!("[{key}]"),
                line,
                asked: BTreeSet::new(),
            }),
            other => {
                self.wrong_type(section, key, line, other, "a table");
                None
            }
        }
    }

    /// The tables of an array of tables.
    pub fn tables(&mut self, section: &mut Section<'t>, key: &'static str) -> Vec<Section<'t>> {
        let Some(value) = section.get(key) else {
            return Vec::new();
        };
        let line = self.line(value.span().start);
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong_type(section, key, line, value.get_ref(), "an array of tables");
            return Vec::new();
        };
        let mut found = Vec::new();
        for item in items.iter() {
            let line = self.line(item.span().start);
            match item.get_ref() {
                DeValue::Table(table) => found.push(Section {
                    table,
                    name: format!("[[{key}]]"),
                    line,
                    asked: BTreeSet::new(),
                }),
                other => self.wrong_type(section, key, line, other, "a table"),
            }
        }
        found
    }

    pub fn text(&mut self, section: &mut Section<'t>, key: &'static str) -> Option<String> {
        let (line, value) = self.value(section, key)?;
        match value {
            DeValue::String(text) => Some(text.to_string()),
            other => {
                self.wrong_type(section, key, line, other, "a text in quotes");
                None
            }
        }
    }

    pub fn flag(&mut self, section: &mut Section<'t>, key: &'static str) -> Option<bool> {
        let (line, value) = self.value(section, key)?;
        match value {
            DeValue::Boolean(flag) => Some(*flag),
            other => {
                self.wrong_type(section, key, line, other, "true or false");
                None
            }
        }
    }

    pub fn number(&mut self, section: &mut Section<'t>, key: &'static str) -> Option<u64> {
        let (line, value) = self.value(section, key)?;
        let number = match value {
            DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        if number.is_none() {
            self.wrong_type(section, key, line, value, "a whole number, not negative");
        }
        number
    }

    /// One of some words; others are named with what is allowed.
    pub fn word<T: Copy>(
        &mut self,
        section: &mut Section<'t>,
        key: &'static str,
        words: &[(&str, T)],
    ) -> Option<T> {
        let text = self.text(section, key)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let line = self.line_of(section, key);
            self.fault(
                line,
                format!("{} of {} is {text:?}", key, section.name),
                format!("write one of: {}", all.join(", ")),
            );
        }
        found.map(|(_, value)| *value)
    }

    /// Keys and texts of a whole table, each with its line; numbers as keys and values are taken as they are written.
    pub fn pairs(&mut self, section: &mut Section<'t>) -> Vec<(String, String, usize)> {
        let mut pairs = Vec::new();
        for (key, value) in section.table.iter() {
            let line = self.line(key.span().start);
            match value.get_ref() {
                DeValue::String(text) => pairs.push((key.to_string(), text.to_string(), line)),
                other => {
                    let what = format!("{} of {} is {}", key, section.name, other.type_str());
                    self.fault(line, what, "write a text in quotes");
                }
            }
        }
        pairs
    }

    /// Keys of a table whose values are texts or lists of texts.
    pub fn lists(&mut self, section: &mut Section<'t>) -> Vec<(String, Vec<String>, usize)> {
        let mut found = Vec::new();
        for (key, value) in section.table.iter() {
            let line = self.line(key.span().start);
            let texts: Option<Vec<String>> = match value.get_ref() {
                DeValue::String(text) => Some(vec![text.to_string()]),
                DeValue::Array(items) => items
                    .iter()
                    .map(|item| item.get_ref().as_str().map(str::to_owned))
                    .collect(),
                _ => None,
            };
            match texts.filter(|texts| !texts.is_empty()) {
                Some(texts) => found.push((key.to_string(), texts, line)),
                None => {
                    let what = format!("{key} of {} is no list of texts", section.name);
                    self.fault(line, what, format!("write {key} = [\"1\"]"));
                }
            }
        }
        found
    }

    /// The tables inside a table, by name.
    pub fn named_tables(&mut self, section: &mut Section<'t>) -> Vec<(String, Section<'t>)> {
        let mut found = Vec::new();
        for (key, value) in section.table.iter() {
            let line = self.line(key.span().start);
            match value.get_ref() {
                DeValue::Table(table) => found.push((
                    key.to_string(),
                    Section {
                        table,
                        name: format!("[codes.{key}]"),
                        line,
                        asked: BTreeSet::new(),
                    },
                )),
                other => {
                    let what = format!("codes.{key} is {}", other.type_str());
                    self.fault(line, what, format!("write a table [codes.{key}]"));
                }
            }
        }
        found
    }

    /// What must be there.
    pub fn needed<T>(
        &mut self,
        section: &Section<'t>,
        key: &'static str,
        found: Option<T>,
        example: &str,
    ) -> Option<T> {
        if found.is_none() && section.get_only(key).is_none() {
            let what = format!("{} has no {key}", section.name);
            self.fault(section.line, what, format!("add {key} = {example}"));
        }
        found
    }

    /// Names every key that nobody asked for: a misspelt key must not be silently without effect.
    pub fn close(&mut self, section: &Section<'t>) {
        for (key, _) in section.table.iter() {
            let known = section
                .asked
                .iter()
                .any(|asked| *asked == key.get_ref().as_ref());
            if !known {
                let all: Vec<&str> = section.asked.iter().copied().collect();
                self.fault(
                    self.line(key.span().start),
                    format!("{} has an unknown field {:?}", section.name, key.get_ref()),
                    format!("known are: {}", all.join(", ")),
                );
            }
        }
    }

    /// The line of a key, or of its section.
    pub fn line_of(&self, section: &Section<'t>, key: &str) -> usize {
        section
            .get_only(key)
            .map_or(section.line, |value| self.line(value.span().start))
    }

    fn value(
        &self,
        section: &mut Section<'t>,
        key: &'static str,
    ) -> Option<(usize, &'t DeValue<'t>)> {
        let value = section.get(key)?;
        Some((self.line(value.span().start), value.get_ref()))
    }

    fn wrong_type(
        &mut self,
        section: &Section<'t>,
        key: &str,
        line: usize,
        found: &DeValue<'_>,
        wanted: &str,
    ) {
        let what = format!("{key} of {} is a wrong {}", section.name, found.type_str());
        self.fault(line, what, format!("write {wanted}"));
    }
}

impl<'t> Section<'t> {
    fn get(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.asked.insert(key);
        self.get_only(key)
    }

    fn get_only(&self, key: &str) -> Option<&'t Spanned<DeValue<'t>>> {
        let (_, value) = self
            .table
            .iter()
            .find(|(known, _)| known.get_ref().as_ref() == key)?;
        Some(value)
    }

    /// Whether the key is there, whatever its value.
    pub fn has(&self, key: &str) -> bool {
        self.get_only(key).is_some()
    }
}
