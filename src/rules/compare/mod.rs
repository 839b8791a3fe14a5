//! Two rule sets side by side: what changed, in words, and who moves because of it. Pure.
//!
//! ```text
//! facts   what a rule set says, part by part
//! impact  two scores of everybody -> who moves, and why
//! paper   both as a document
//! ```

mod facts;
mod impact;
mod paper;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde::Serialize;

use self::facts::{Entry, Fact, entries};
pub use self::{
    facts::Part,
    impact::{Impact, Move, impact},
    paper::{changes_paper, impact_sections},
};
use super::RuleSet;

/// What happened to a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Added,
    Removed,
    Changed,
}

/// One part that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    pub part: Part,
    pub kind: Kind,
    /// Id of the part; empty for the head, the general part and the order of the grades.
    pub id: String,
    /// How it is called in the newer file, or in the older where it is gone.
    pub label: String,
    /// Of the newer file, where the part cites one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    pub details: Vec<Detail>,
}

/// One thing that differs; absent on the side that does not say it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Detail {
    pub name: String,
    pub old: Option<String>,
    pub new: Option<String>,
}

/// Everything that differs between two rule sets, in the order of the parts. The order of tables, comments and the way values are
/// written are no difference.
pub fn compare(old: &RuleSet, new: &RuleSet) -> Vec<Change> {
    let (old, new) = (entries(old), entries(new));
    let pairs = pairs(&old, &new);
    let mut changes = Vec::new();
    for (before, after) in pairs {
        let change = match (before, after) {
            (Some(before), Some(after)) => changed(before, after),
            (Some(before), None) => Some(one_sided(before, Kind::Removed)),
            (None, Some(after)) => Some(one_sided(after, Kind::Added)),
            (None, None) => None,
        };
        changes.extend(change);
    }
    changes.sort_by_key(|change| change.part);
    changes
}

type Pair<'e> = (Option<&'e Entry>, Option<&'e Entry>);

/// Parts of one id belong together. What has no id of its own (consequences, cases, reasons not to rate) was renamed if the other
/// side has a part that says the very same.
fn pairs<'e>(old: &'e [Entry], new: &'e [Entry]) -> Vec<Pair<'e>> {
    let mut later: HashMap<(Part, &str), Vec<&Entry>> = HashMap::new();
    for entry in new.iter().rev() {
        later
            .entry((entry.part, entry.id.as_str()))
            .or_default()
            .push(entry);
    }
    let mut pairs: Vec<Pair<'e>> = Vec::new();
    let mut gone = Vec::new();
    for entry in old {
        match later
            .get_mut(&(entry.part, entry.id.as_str()))
            .and_then(Vec::pop)
        {
            Some(after) => pairs.push((Some(entry), Some(after))),
            None => gone.push(entry),
        }
    }
    let mut fresh: Vec<&Entry> = new
        .iter()
        .filter(|entry| {
            let known = later.get(&(entry.part, entry.id.as_str()));
            known.is_some_and(|left| left.iter().any(|one| std::ptr::eq(*one, *entry)))
        })
        .collect();
    for entry in gone {
        let same = fresh.iter().position(|after| renamed(entry, after));
        match same {
            Some(at) => pairs.push((Some(entry), Some(fresh.remove(at)))),
            None => pairs.push((Some(entry), None)),
        }
    }
    pairs.extend(fresh.into_iter().map(|entry| (None, Some(entry))));
    pairs
}

/// Whether one part under two ids says the same.
fn renamed(old: &Entry, new: &Entry) -> bool {
    // A consequence is named by what it follows from and its title.
    let trigger = |entry: &Entry| entry.id.split('/').next().map(str::to_owned);
    old.part == new.part
        && old.facts.len() == new.facts.len()
        && old
            .facts
            .iter()
            .zip(&new.facts)
            .all(|(a, b)| a.name == b.name && a.key == b.key)
        && (old.part != Part::Consequence || trigger(old) == trigger(new))
}

fn one_sided(entry: &Entry, kind: Kind) -> Change {
    let details = entry.facts.iter().map(|fact| {
        let words = Some(fact.words.clone());
        let (old, new) = match kind {
            Kind::Removed => (words, None),
            Kind::Added | Kind::Changed => (None, words),
        };
        Detail {
            name: fact.name.clone(),
            old,
            new,
        }
    });
    Change {
        part: entry.part,
        kind,
        id: entry.id.clone(),
        label: entry.label.clone(),
        clause: entry.clause.clone(),
        details: details.collect(),
    }
}

fn changed(old: &Entry, new: &Entry) -> Option<Change> {
    let mut details = Vec::new();
    if old.id != new.id {
        details.push(Detail {
            name: "名称".to_owned(),
            old: Some(old.label.clone()),
            new: Some(new.label.clone()),
        });
    }
    let find = |entry: &'_ Entry, name: &str| -> Option<Fact> {
        entry.facts.iter().find(|fact| fact.name == name).cloned()
    };
    let names = old.facts.iter().map(|fact| fact.name.as_str());
    let added = new
        .facts
        .iter()
        .map(|fact| fact.name.as_str())
        .filter(|name| find(old, name).is_none());
    for name in names.chain(added) {
        let (before, after) = (find(old, name), find(new, name));
        let keys = (
            before.as_ref().map(|fact| &fact.key),
            after.as_ref().map(|fact| &fact.key),
        );
        if keys.0 != keys.1 {
            details.push(Detail {
                name: name.to_owned(),
                old: before.map(|fact| fact.words),
                new: after.map(|fact| fact.words),
            });
        }
    }
    (!details.is_empty()).then(|| Change {
        part: new.part,
        kind: Kind::Changed,
        id: new.id.clone(),
        label: new.label.clone(),
        clause: new.clause.clone(),
        details,
    })
}

impl Detail {
    /// `分值：每次扣2分改为每次扣3分`.
    pub fn sentence(&self) -> String {
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => format!("{}：{old}改为{new}", self.name),
            (None, Some(new)) => format!("{}：新增，{new}", self.name),
            (Some(old), None) => format!("{}：取消（原为{old}）", self.name),
            (None, None) => self.name.clone(),
        }
    }
}

impl Change {
    /// `AQ-01「…」：分值：每次扣2分改为每次扣3分（附件3 第7项）`.
    pub fn sentence(&self) -> String {
        let clause = self
            .clause
            .as_ref()
            .map(|clause| format!("（{clause}）"))
            .unwrap_or_default();
        let details: Vec<String> = match self.kind {
            Kind::Changed => self.details.iter().map(Detail::sentence).collect(),
            Kind::Added | Kind::Removed => self
                .details
                .iter()
                .filter_map(|detail| {
                    let words = detail.new.as_ref().or(detail.old.as_ref())?;
                    Some(format!("{}：{words}", detail.name))
                })
                .collect(),
        };
        let verb = match self.kind {
            Kind::Added => "新增，",
            Kind::Removed => "删除，原",
            Kind::Changed => "",
        };
        format!("{}：{verb}{}{clause}", self.label, details.join("；"))
    }
}
