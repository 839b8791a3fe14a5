//! Fields as typed, read with every fault noted.

use crate::{
    domain::Region,
    draw::{Id, says_something},
    service::{App, FieldFault},
};

/// Reads fields and keeps what is wrong with each.
pub(super) struct Fields<'a> {
    pub faults: &'a mut Vec<FieldFault>,
}

/// What was typed, if anything was.
pub(super) fn given(raw: &Option<String>) -> Option<&str> {
    raw.as_deref().map(str::trim).filter(|raw| !raw.is_empty())
}

impl Fields<'_> {
    pub fn fault(&mut self, field: &str, code: &str, what: impl Into<String>) {
        self.faults.push(FieldFault::new(field, code, what));
    }

    /// The value, if one was typed and can be read.
    pub fn optional<T, E: std::fmt::Display>(
        &mut self,
        field: &str,
        raw: &Option<String>,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        match parse(given(raw)?) {
            Ok(value) => Some(value),
            Err(why) => {
                self.fault(field, "E006", why.to_string());
                None
            }
        }
    }

    /// As [`Fields::optional`]; nothing is a fault too.
    pub fn needed<T, E: std::fmt::Display>(
        &mut self,
        field: &str,
        raw: &Option<String>,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        if given(raw).is_none() {
            self.fault(field, "E008", "必须填写");
        }
        self.optional(field, raw, parse)
    }

    /// A text that says something.
    pub fn words(&mut self, field: &str, raw: &Option<String>) -> Option<String> {
        self.needed(field, raw, |text| match says_something(text) {
            true => Ok(text.to_owned()),
            false => Err("没有内容"),
        })
    }

    /// Ids between semicolons or commas; sorted, each once.
    pub fn ids(&mut self, field: &str, raw: &Option<String>) -> Option<Vec<Id>> {
        let mut ids = Vec::new();
        let words = given(raw).unwrap_or_default();
        let words = words.split([';', '；', ',', '，', '、']);
        for word in words.filter(|word| !word.trim().is_empty()) {
            match Id::parse(word) {
                Ok(id) => ids.push(id),
                Err(why) => {
                    self.fault(field, "E006", why.to_string());
                    return None;
                }
            }
        }
        ids.sort();
        ids.dedup();
        Some(ids)
    }

    /// A division of those the service knows, by code or by name.
    pub fn district(&mut self, app: &App, field: &str, raw: &Option<String>) -> Option<Region> {
        if let Some(region) = given(raw).and_then(|name| app.regions.by_name(name)) {
            return Some(region.clone());
        }
        let region = self.needed(field, raw, Region::parse)?;
        if app.regions.name(&region).is_none() {
            self.fault(field, "E031", format!("行政区划代码 {region} 未登记"));
            return None;
        }
        Some(region)
    }
}
