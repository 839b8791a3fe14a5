//! Verification from the published file alone: everything is computed again, everything that does not fit is named.

mod attempt;
mod finding;

pub use finding::{Finding, FindingCode};

use serde::Serialize;
use serde_json::Value;

use super::{
    canonical,
    published::{Published, digest_of},
    words::{Bytes32, Id, Instant},
};

/// How far the last attempt of a draw is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waiting for the event.
    Committed,
    /// The event has happened; the visits are made, the reveal comes later.
    Observed,
    /// A contribution was not revealed; only a redraw can follow.
    Aborted,
    /// Revealed, and no teams were feasible; only a redraw can follow.
    Infeasible,
    /// Everything is public.
    Revealed,
}

impl State {
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Committed => "已承诺，等待事件",
            Self::Observed => "事件已发生，检查完成后公开",
            Self::Aborted => "有参与方没有公布其数，本次抽取作废",
            Self::Infeasible => "组不成检查组，本次抽取作废",
            Self::Revealed => "已公开",
        }
    }
}

/// What a verification says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Absent if the file cannot be read.
    pub draw: Option<Id>,
    pub state: Option<State>,
    /// Digests of the commitments, to be compared with the notices of the time: the file alone cannot show when it was made.
    pub commitments: Vec<Bytes32>,
    /// Objects drawn in the last attempt, if it is revealed.
    pub drawn: Option<usize>,
    pub substitutions: usize,
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether everything fits.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Verifies the text of a published file. `now` decides only what is overdue and what lies in the future.
pub fn verify(text: &str, now: Instant) -> Report {
    let read = canonical::parse(text).and_then(|value| {
        let file = Published::read(&value)?;
        Ok((value, file))
    });
    match read {
        Ok((value, file)) => examine(&value, &file, now),
        Err(fault) => Report {
            draw: None,
            state: None,
            commitments: Vec::new(),
            drawn: None,
            substitutions: 0,
            findings: vec![Finding {
                code: FindingCode::FileMalformed,
                at: String::new(),
                text: format!("{}：{fault}", FindingCode::FileMalformed.chinese()),
            }],
        },
    }
}

fn examine(value: &Value, file: &Published, now: Instant) -> Report {
    // The digest of the whole file and the draw computed again take about as long, and neither needs the other.
    let attempts = || {
        let (mut state, mut found) = (State::Committed, Found::default());
        for index in 0..file.attempts.len() {
            state = attempt::examine(file, index, &value["attempts"][index], now, &mut found);
        }
        (state, found)
    };
    let (digest, (state, of_attempts)) = rayon::join(|| digest_of(value), attempts);
    let mut found = Found::default();
    if digest != file.digest {
        found.add(FindingCode::FileDigest, "/digest", "");
    }
    found.0.extend(of_attempts.0);
    let last = file.attempts.last();
    Report {
        draw: Some(file.draw.clone()),
        state: Some(state),
        commitments: (file.attempts.iter())
            .map(|attempt| attempt.commitment.digest)
            .collect(),
        drawn: last
            .and_then(|attempt| attempt.result.as_ref())
            .map(|result| result.body.teams.len()),
        substitutions: last.map_or(0, |attempt| attempt.substitutions.len()),
        findings: found.0,
    }
}

/// Findings as they are made.
#[derive(Default)]
struct Found(Vec<Finding>);

impl Found {
    fn add(&mut self, code: FindingCode, at: impl Into<String>, detail: &str) {
        let text = match detail {
            "" => code.chinese().to_owned(),
            detail => format!("{}：{detail}", code.chinese()),
        };
        self.0.push(Finding {
            code,
            at: at.into(),
            text,
        });
    }

    fn unless(&mut self, fits: bool, code: FindingCode, at: &str) {
        if !fits {
            self.add(code, at, "");
        }
    }
}
