//! Names of batch files, from a pattern.

use crate::domain::Day;

/// How the files of a profile are named: `{dept4}{table2}_{YYYYMMDD}_{seq5}.xml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// The day of the batch, as chrono writes it.
    Day(&'static str),
    /// The number of the batch, in so many digits.
    Sequence(usize),
}

/// Why there is no name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NamingError {
    #[error("the pattern has an unknown part {{{0}}}")]
    Part(String),
    #[error(
        "the pattern has {{{part}}}, but {key} is {found:?}, which has not {wanted} characters"
    )]
    Length {
        part: String,
        key: &'static str,
        found: String,
        wanted: usize,
    },
    #[error("the pattern has no {{seqN}}: two batches of a day would have one name")]
    NoSequence,
    #[error("the pattern gives {0:?}, which is no plain file name")]
    NotPlain(String),
    #[error("batch number {number} has more than {digits} digits")]
    Overflow { number: u64, digits: usize },
}

impl Naming {
    /// Reads a pattern: `{deptN}`, `{tableN}` (N characters exactly), `{YYYYMMDD}`, `{YYYY-MM-DD}`, `{seqN}`.
    pub fn parse(pattern: &str, dept: &str, table: &str) -> Result<Self, NamingError> {
        let mut parts = Vec::new();
        let mut rest = pattern;
        while let Some((before, from)) = rest.split_once('{') {
            parts.push(Part::Text(before.to_owned()));
            let (inside, after) = from
                .split_once('}')
                .ok_or_else(|| NamingError::Part(from.to_owned()))?;
            parts.push(part(inside, dept, table)?);
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        let naming = Self { parts };
        if !naming
            .parts
            .iter()
            .any(|part| matches!(part, Part::Sequence(_)))
        {
            return Err(NamingError::NoSequence);
        }
        let sample = naming.written("20260101", 1);
        let plain = sample
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
        if !plain || sample.starts_with('.') || sample.ends_with(['.', ' ']) {
            return Err(NamingError::NotPlain(sample));
        }
        Ok(naming)
    }

    /// The name of the batch with this number, sealed on this day.
    pub fn name(&self, day: Day, sequence: u64) -> Result<String, NamingError> {
        for part in &self.parts {
            if let Part::Sequence(digits) = part
                && sequence.to_string().len() > *digits
            {
                return Err(NamingError::Overflow {
                    number: sequence,
                    digits: *digits,
                });
            }
        }
        Ok(self
            .parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Day(format) => day.date().format(format).to_string(),
                Part::Sequence(digits) => format!("{sequence:0digits$}"),
            })
            .collect())
    }

    fn written(&self, day: &str, sequence: u64) -> String {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Day(_) => day.to_owned(),
                Part::Sequence(digits) => format!("{sequence:0digits$}"),
            })
            .collect()
    }
}

fn part(inside: &str, dept: &str, table: &str) -> Result<Part, NamingError> {
    let unknown = || NamingError::Part(inside.to_owned());
    let number = |prefix: &str| {
        let digits: usize = inside.strip_prefix(prefix)?.parse().ok()?;
        (1..=18).contains(&digits).then_some(digits)
    };
    let fixed = |key: &'static str, value: &str, wanted: usize| {
        if value.chars().count() == wanted {
            Ok(Part::Text(value.to_owned()))
        } else {
            Err(NamingError::Length {
                part: inside.to_owned(),
                key,
                found: value.to_owned(),
                wanted,
            })
        }
    };
    match inside {
        "YYYYMMDD" => Ok(Part::Day("%Y%m%d")),
        "YYYY-MM-DD" => Ok(Part::Day("%Y-%m-%d")),
        _ => {
            if let Some(digits) = number("seq") {
                Ok(Part::Sequence(digits))
            } else if let Some(wanted) = number("dept") {
                fixed("dept", dept, wanted)
            } else if let Some(wanted) = number("table") {
                fixed("table", table, wanted)
            } else {
                Err(unknown())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_pattern_and_never_repeat_or_leave_the_folder() {
        let pattern = "{dept4}{table2}_{YYYYMMDD}_{seq5}.xml";
        let naming = Naming::parse(pattern, "0015", "03").unwrap();
        let day = Day::parse("2026-03-07").unwrap();
        assert_eq!(naming.name(day, 1).unwrap(), "001503_20260307_00001.xml");
        assert_eq!(
            naming.name(day, 100_000).unwrap_err(),
            NamingError::Overflow {
                number: 100_000,
                digits: 5
            }
        );
        let table = [
            (pattern, "15", "03", "not 4 characters"),
            ("{dept4}_{YYYYMMDD}.xml", "0015", "03", "no {seqN}"),
            ("../{seq5}.xml", "", "", "no plain file name"),
            ("{seq5}/x.xml", "", "", "no plain file name"),
            ("{when}_{seq5}", "", "", "unknown part {when}"),
            ("{seq5", "", "", "unknown part"),
        ];
        for (pattern, dept, table, part) in table {
            let error = Naming::parse(pattern, dept, table).unwrap_err().to_string();
            assert!(error.contains(part), "{pattern}: {error}");
        }
    }
}
