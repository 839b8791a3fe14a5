//! A random rule set with random facts, shown as a person would write them down.

use std::fmt;

use proptest::prelude::*;
use serde_json::Value;
use wuxin::rules::RuleSet;

use crate::{
    render::load,
    spec::{Spec, items, spec},
    world::{World, build, world},
};

#[derive(Clone)]
pub struct Question {
    pub text: String,
    pub rules: RuleSet,
    /// An older version that judges the records of its time.
    pub older: Option<(String, RuleSet)>,
    pub world: World,
}

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{}", self.text)?;
        if let Some((text, _)) = &self.older {
            writeln!(f, "# the version before it\n{text}")?;
        }
        let world = serde_json::to_value(&self.world).map_err(|_| fmt::Error)?;
        for (name, value) in world.as_object().into_iter().flatten() {
            match value {
                Value::Array(rows) => {
                    for row in rows {
                        writeln!(f, "{name}: {}", shortened(row))?;
                    }
                }
                value => writeln!(f, "{name}: {value}")?,
            }
        }
        Ok(())
    }
}

/// Without what is not given.
fn shortened(row: &Value) -> Value {
    let fields = row.as_object().into_iter().flatten();
    let given = fields.filter(|(_, value)| !value.is_null() && value.as_str() != Some("confirmed"));
    Value::Object(
        given
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    )
}

/// Questions about rule sets of one strategy.
pub fn about(
    specs: impl Strategy<Value = Spec>,
    records: usize,
) -> impl Strategy<Value = Question> {
    (specs, world(records)).prop_map(|(spec, facts)| {
        let (text, rules) = load(&spec, "");
        let world = build(&facts, &rules, None);
        Question {
            text,
            rules,
            older: None,
            world,
        }
    })
}

/// A rule set that judges old records by the version of their own date, and the version before it: other items under the same
/// components. Between the two there may be a gap.
pub fn with_versions(records: usize) -> impl Strategy<Value = Question> {
    (spec(), items(), prop::bool::weighted(0.2), world(records)).prop_map(
        |(spec, items, gap, facts)| {
            let head = "policy = \"p\"\nold_records = \"own_date\"\n";
            let (text, rules) = load(&spec, &format!("{head}effective_from = 2024-03-01"));
            let mut before = Spec { items, ..spec };
            (before.groups, before.not_rated) = (Vec::new(), Vec::new());
            (before.overrides, before.lists, before.consequences) =
                (Vec::new(), Vec::new(), Vec::new());
            let until = if gap { "2024-01-31" } else { "2024-02-29" };
            let range = format!("effective_from = 2020-01-01\neffective_until = {until}");
            let (older_text, older) = load(&before, &format!("{head}{range}"));
            let older_text = older_text.replace("id = \"random\"", "id = \"older\"");
            let older =
                RuleSet::load("older.toml", &older_text).map_or(older, |loaded| loaded.ruleset);
            let world = build(&facts, &rules, Some(&older));
            let rules = rules.with_versions(&[&older]).unwrap();
            Question {
                text,
                rules,
                older: Some((older_text, older)),
                world,
            }
        },
    )
}

/// Any question, with at most so many records.
pub fn question(records: usize) -> impl Strategy<Value = Question> {
    about(spec(), records)
}
