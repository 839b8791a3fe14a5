//! A random rule set with random facts, shown as a person would write them down.

use std::fmt;

use proptest::prelude::*;
use serde_json::Value;
use wuxin::rules::RuleSet;

use crate::{
    render::load,
    spec::{Spec, spec},
    world::{World, build, world},
};

#[derive(Clone)]
pub struct Question {
    pub text: String,
    pub rules: RuleSet,
    pub world: World,
}

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{}", self.text)?;
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
        let (text, rules) = load(&spec);
        let world = build(&facts, &rules);
        Question { text, rules, world }
    })
}

/// Any question, with at most so many records.
pub fn question(records: usize) -> impl Strategy<Value = Question> {
    about(spec(), records)
}
