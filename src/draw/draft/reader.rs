//! One row on its way to a value.

use std::collections::{BTreeMap, BTreeSet};

use super::sheet::{MISSING, Sheet, WRONG, place};
use crate::{
    domain::{Fault, fold_code},
    draw::words::Id,
};

/// One row on its way to a value; notes every fault.
pub(super) struct Reader<'r> {
    pub(super) sheet: &'r Sheet,
    pub(super) number: u64,
    pub(super) row: &'r BTreeMap<&'static str, String>,
    pub(super) faults: &'r mut Vec<Fault>,
}

impl Reader<'_> {
    pub(super) fn text(&self, column: &str) -> &str {
        self.row.get(column).map_or("", |text| text.trim())
    }

    pub(super) fn needed<T>(
        &mut self,
        column: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.text(column).to_owned();
        let here = place(&self.sheet.name, Some(self.number), column, &text);
        if text.is_empty() {
            self.faults.push(here.fault(MISSING, "必须填写", ""));
            return None;
        }
        let parsed = parse(&text);
        parsed
            .map_err(|what| self.faults.push(here.fault(WRONG, &what, "")))
            .ok()
    }

    /// Ids between semicolons, commas or Chinese commas; sorted, each once.
    pub(super) fn ids(&mut self, column: &'static str) -> Option<Vec<Id>> {
        let text = self.text(column).to_owned();
        let words = text.split([';', '；', ',', '，', '、']);
        let parsed: Result<BTreeSet<Id>, _> = words
            .filter(|word| !word.trim().is_empty())
            .map(Id::parse)
            .collect();
        match parsed {
            Ok(ids) => Some(ids.into_iter().collect()),
            Err(what) => {
                let here = place(&self.sheet.name, Some(self.number), column, &text);
                self.faults.push(here.fault(WRONG, &what.to_string(), ""));
                None
            }
        }
    }

    /// A whole number; nothing counts as 0.
    pub(super) fn count(&mut self, column: &'static str) -> Option<u32> {
        let text = self.text(column).to_owned();
        if text.is_empty() {
            return Some(0);
        }
        let parsed = fold_code(&text).parse();
        parsed
            .map_err(|_| {
                let here = place(&self.sheet.name, Some(self.number), column, &text);
                self.faults
                    .push(here.fault(WRONG, "应为整数，不小于 0", ""));
            })
            .ok()
    }
}
