//! What complaints are about, on which grounds one is refused, and what each rate counts: data (`rules/complaints.toml`).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// A kind of matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    pub id: String,
    /// In words: 公共收益管理使用.
    pub title: String,
    /// Whether the parties can settle it (适合调解).
    pub mediation: bool,
}

/// A ground of not accepting a complaint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusalGround {
    pub id: String,
    pub title: String,
    /// Whether a complaint refused on it still counts as one that should have been accepted.
    pub in_scope: bool,
}

/// Which day puts a complaint into a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountsFrom {
    /// When the first office received it.
    FirstReceived,
    /// When the office that has it received it.
    LastReceived,
}

/// What can be true of a complaint at the office that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    InScope,
    Accepted,
    AcceptedInTime,
    AcceptanceDue,
    Mediable,
    Mediated,
    MediationAgreed,
    MediationDue,
    Handled,
    HandledInTime,
    HandlingDue,
}

/// What a rate counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateRule {
    pub id: String,
    /// In words: 受理率.
    pub title: String,
    /// The numerator and the denominator in words, shown beside every figure.
    pub numerator: String,
    pub denominator: String,
    /// Which complaints it is about: all of these hold.
    pub of: Vec<Fact>,
    /// Those of them for which this holds are the denominator; the others are open and not yet due.
    pub due: Fact,
    /// Those of the denominator for which all of these hold are the numerator.
    pub counted: Vec<Fact>,
}

/// The file, read and checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Whether a document that binds the city says so; otherwise every statistic is marked 待核实.
    pub verified: bool,
    pub basis: String,
    pub counts_from: CountsFrom,
    #[serde(rename = "category")]
    pub categories: Vec<Category>,
    #[serde(rename = "refusal")]
    pub refusals: Vec<RefusalGround>,
    #[serde(rename = "rate")]
    pub rates: Vec<RateRule>,
}

/// Why the file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    #[error("投诉文件格式不对：{0}")]
    Format(String),
    #[error("投诉文件的 {table} 中「{id}」出现两次")]
    Twice { table: &'static str, id: String },
    #[error("投诉文件没有 {0}")]
    None(&'static str),
    #[error("投诉文件的 rate「{0}」没有写明 counted，分子无从计算")]
    NoNumerator(String),
}

impl Policy {
    /// Reads the text of `rules/complaints.toml`.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let policy: Self =
            toml::from_str(text).map_err(|error| PolicyError::Format(error.to_string()))?;
        unique("category", policy.categories.iter().map(|one| &one.id))?;
        unique("refusal", policy.refusals.iter().map(|one| &one.id))?;
        unique("rate", policy.rates.iter().map(|one| &one.id))?;
        match policy.rates.iter().find(|rate| rate.counted.is_empty()) {
            Some(rate) => Err(PolicyError::NoNumerator(rate.id.clone())),
            None => Ok(policy),
        }
    }

    pub fn category(&self, id: &str) -> Option<&Category> {
        self.categories.iter().find(|one| one.id == id)
    }

    pub fn refusal(&self, id: &str) -> Option<&RefusalGround> {
        self.refusals.iter().find(|one| one.id == id)
    }
}

fn unique<'a>(
    table: &'static str,
    ids: impl Iterator<Item = &'a String>,
) -> Result<(), PolicyError> {
    let mut seen = BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            let id = id.clone();
            return Err(PolicyError::Twice { table, id });
        }
    }
    if seen.is_empty() {
        return Err(PolicyError::None(table));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../../rules/complaints.toml");

    #[test]
    fn the_shipped_file_has_the_three_rates_and_says_that_nobody_confirmed_them() {
        let policy = Policy::parse(SHIPPED).unwrap();
        let titles: Vec<&str> = policy.rates.iter().map(|rate| &*rate.title).collect();
        assert_eq!(titles, ["受理率", "调解率", "处理率"]);
        assert!(!policy.verified);
        assert!(policy.category("fees").unwrap().mediation);
        assert!(!policy.category("safety").unwrap().mediation);
        assert!(!policy.refusal("duplicate").unwrap().in_scope);
        assert_eq!(policy.category("weather"), None);
    }

    #[test]
    fn a_faulty_file_is_refused_with_its_place() {
        let with = |from: &str, to: &str| Policy::parse(&SHIPPED.replacen(from, to, 1));
        assert!(matches!(
            with("id = \"cleaning\"", "id = \"maintenance\""),
            Err(PolicyError::Twice {
                table: "category",
                ..
            })
        ));
        assert!(matches!(
            with("\"in_scope\"", "\"in_skope\""),
            Err(PolicyError::Format(_))
        ));
        assert_eq!(
            with("counted = [\"mediated\"]", "counted = []"),
            Err(PolicyError::NoNumerator("mediation".into()))
        );
        let head = "verified = true\nbasis = \"\"\ncounts_from = \"last_received\"\n";
        let empty = format!("{head}category = []\nrefusal = []\nrate = []\n");
        assert_eq!(Policy::parse(&empty), Err(PolicyError::None("category")));
    }
}
