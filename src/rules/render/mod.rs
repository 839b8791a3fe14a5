//! A rule set as an official reads it: the annex of a 办法 (评分标准), in sentences and tables. Pure.
//!
//! ```text
//! words      numbers, signs, units, titles
//! condition  predicates -> sentences
//! general    总则          items      评分标准
//! results    等级与结果    cases      示例
//! paper      what a document is made of
//! text, html what it looks like
//! ```

mod cases;
mod condition;
mod general;
mod html;
mod items;
mod paper;
mod results;
#[cfg(test)]
mod tests;
mod text;
mod words;

pub use paper::{Amount, Block, Cell, Column, Paper, Section, Table};

pub(super) use self::{
    cases::{expected, situation},
    condition::condition,
    general::{content, general_facts},
    items::{
        component_facts, group_rule, points_words, process_facts, rectified, repeat, same_matter,
        validity,
    },
    paper::ordinal,
    results::{applies_to, effect, sampling, step_range, term},
    words::{Voice, number, range},
};
use super::{RuleSet, model::Item};

/// Mark of what nobody has checked against the official text.
pub const UNVERIFIED: &str = "未经核对官方文本";

impl RuleSet {
    /// The official scoring table.
    pub fn paper(&self) -> Paper {
        let voice = Voice::titles(self);
        let mut paper = Paper {
            title: self.title().to_owned(),
            subtitle: "评分标准".to_owned(),
            mark: (!self.verified()).then(|| UNVERIFIED.to_owned()),
            facts: head_facts(self),
            sections: Vec::new(),
        };
        let mut add = |title: &str, sheet, blocks: Vec<Block>| {
            if !blocks.is_empty() {
                let number = ordinal(paper.sections.len() + 1);
                paper.sections.push(Section {
                    title: format!("{number}、{title}"),
                    sheet,
                    blocks,
                });
            }
        };
        add("总则", "总则", general::general(&voice));
        add("评分标准", "评分标准", items::standard(&voice));
        add("等级与结果", "等级与结果", results::results(&voice));
        let fields = general::fields(&voice).map(Block::Table);
        add("记录填写事项", "记录填写事项", fields.into_iter().collect());
        add("示例", "示例", cases::cases(&voice));
        paper
    }

    /// How the points of an item are given, on one line: `每处扣0.5分`.
    pub fn points_of(&self, item: &Item) -> String {
        let words = points_words(&Voice::titles(self), item);
        words.replace("：\n", "：").replace('\n', "；")
    }
}

fn head_facts(rules: &RuleSet) -> Vec<(String, String)> {
    let force = match rules.effective_until() {
        Some(until) => format!("{}至{until}", rules.effective_from()),
        None => format!("自{}起", rules.effective_from()),
    };
    [
        ("制定机关", rules.authority().to_owned()),
        ("文号", rules.document().to_owned()),
        ("施行日期", force),
        ("文本来源", rules.source().to_owned()),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}
