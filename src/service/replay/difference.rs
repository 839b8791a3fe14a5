//! A stored score and the one computed again: equal to the byte, or where they part.

use serde::Serialize;
use serde_json::{Value, json};

use super::key_of;
use crate::{
    service::Error,
    store::scores::{NewScore, Score as Stored, ScoreKey},
};

/// A stored score that does not come out again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    pub company: String,
    pub ruleset: String,
    pub ruleset_digest: String,
    /// Number of the result, per company and rule set.
    pub seq: i64,
    pub as_of: String,
    pub computed_at: String,
    /// What is wrong where there is no line to show, in Chinese.
    pub fault: Option<String>,
    /// The first line that differs, both as they are written out: number, stored, computed again.
    pub line: Option<(usize, String, String)>,
}

impl Difference {
    pub(super) fn key(&self) -> (String, String, i64) {
        (self.company.clone(), self.ruleset.clone(), self.seq)
    }

    /// Names the score: `COMPANY RULESET SEQ`.
    pub fn subject(&self) -> String {
        format!("score {} {} {}", self.company, self.ruleset, self.seq)
    }
}

fn of(stored: &Stored) -> Difference {
    let (company, ruleset, seq): ScoreKey = key_of(stored);
    Difference {
        company: company.to_string(),
        ruleset,
        ruleset_digest: stored.result.ruleset_digest.clone(),
        seq,
        as_of: stored.result.as_of.to_string(),
        computed_at: stored.computed_at.to_rfc3339(),
        fault: None,
        line: None,
    }
}

/// A stored score that could not be computed again, or that something beside it contradicts.
pub(super) fn failed(stored: &Stored, fault: String) -> Difference {
    Difference {
        fault: Some(fault),
        ..of(stored)
    }
}

/// The first line in which they differ, if they do. The cause is not computed and not compared.
pub(super) fn compare(stored: &Stored, fresh: &NewScore) -> Result<Option<Difference>, Error> {
    let old = &stored.result;
    let fresh = NewScore {
        cause: old.cause,
        cause_record: old.cause_record.clone(),
        ..fresh.clone()
    };
    if *old == fresh {
        return Ok(None);
    }
    let (before, after) = (written(old)?, written(&fresh)?);
    let line = first_difference(&before, &after)
        // Equal but for spaces or the order of keys: the bytes are another text.
        .or_else(|| first_difference(&old.explanation, &fresh.explanation));
    Ok(Some(Difference { line, ..of(stored) }))
}

/// A result written out, a value a line; what is no JSON as it is.
fn written(result: &NewScore) -> Result<String, Error> {
    let explanation: Value = serde_json::from_str(&result.explanation)
        .unwrap_or_else(|_| Value::String(result.explanation.clone()));
    let whole = json!({
        "as_of": result.as_of,
        "score": result.score.to_string(),
        "grade": result.grade,
        "rated": result.rated,
        "next_change_on": result.next_change_on,
        "explanation": explanation,
        // Last: where the content differs, the line that says what is worth more.
        "zz_digest": result.digest,
    });
    serde_json::to_string_pretty(&whole).map_err(|source| Error::Stored {
        what: "评分说明",
        source,
    })
}

fn first_difference(before: &str, after: &str) -> Option<(usize, String, String)> {
    let (mut old, mut new) = (before.lines(), after.lines());
    for number in 1.. {
        match (old.next(), new.next()) {
            (None, None) => return None,
            (old, new) if old == new => {}
            (old, new) => {
                let text = |line: Option<&str>| line.unwrap_or_default().trim().to_owned();
                return Some((number, text(old), text(new)));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn the_first_line_that_differs_is_named() {
        let line = |n, a: &str, b: &str| Some((n, a.to_owned(), b.to_owned()));
        assert_eq!(first_difference("a\nb\n", "a\nb"), None);
        assert_eq!(
            first_difference("a\n  b\nc", "a\n  x\nd"),
            line(2, "b", "x")
        );
        assert_eq!(first_difference("a", "a\nb"), line(2, "", "b"));
        assert_eq!(first_difference("", "x"), line(1, "", "x"));
    }
}
