//! No identity number and no telephone number gets into the file of an entry.

use serde::Serialize;
use serde_json::Value;

use super::{action::Action, entry::Proposal, illegal::Illegal};
use crate::domain::find_personal;

/// Every text of a step. Digests are no texts.
pub(super) fn check(action: &Action) -> Result<(), Illegal> {
    walk(action)
}

/// Every text of a proposal but the snapshot of the score, which people do not write; and names that are names.
pub(super) fn check_proposal(proposal: &Proposal) -> Result<(), Illegal> {
    for person in &proposal.persons {
        let name = person.name.as_str();
        if name.chars().any(char::is_numeric) || name.chars().count() > 50 {
            return Err(Illegal::PersonName(person.name.clone()));
        }
    }
    walk(&(&proposal.reason, &proposal.evidence.clauses))
}

fn walk(value: &impl Serialize) -> Result<(), Illegal> {
    match serde_json::to_value(value) {
        Ok(value) => texts("", &value),
        // Nothing here has keys that are no strings; were it so, refusing is the safe side.
        Err(_) => Err(Illegal::Personal {
            field: String::new(),
            what: "无法检查的内容",
            shown: String::new(),
        }),
    }
}

fn texts(field: &str, value: &Value) -> Result<(), Illegal> {
    match value {
        Value::String(text) => match find_personal(text) {
            Some((what, shown)) => Err(Illegal::Personal {
                field: field.to_owned(),
                what: what.chinese(),
                shown,
            }),
            None => Ok(()),
        },
        Value::Array(items) => items.iter().try_for_each(|item| texts(field, item)),
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "digest" | "by"))
            .try_for_each(|(name, item)| texts(name, item)),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}
