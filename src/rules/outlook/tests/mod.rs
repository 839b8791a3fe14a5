//! Nothing is estimated: every figure is what scoring the changed facts gives.

mod told;
mod truth;

use super::*;
use crate::{
    domain::Record,
    rules::{Score, score},
};

fn of(
    rules: &RuleSet,
    facts: &Facts<'_>,
    subject: &str,
    as_of: Day,
) -> Result<Outlook, OutlookFault> {
    Outlook::of(rules, facts, subject, as_of, Ask::default())
}

fn scored(rules: &RuleSet, facts: &Facts<'_>, subject: &str, day: Day) -> Score {
    let scores = score(rules, facts, day).unwrap();
    scores
        .into_iter()
        .find(|score| score.subject == subject)
        .unwrap()
}

fn stand(score: &Score) -> Stand {
    Stand {
        score: score.score,
        grade: score.grade.clone(),
        rated: score.rated,
    }
}
