//! A scenario: what goes wrong when, written beforehand, so that a rehearsal can be played again.
//!
//! Each step says when (by the number of the batch, by a company or record, by the time of day) and what. Conditions of one
//! step must all hold. A step that names a batch befalls one request, any other every request, unless `times` says otherwise.

use std::fmt;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Behaviour, Call, Switch, SwitchError};
use crate::domain::Uscc;

/// The scenario that comes with the program.
pub const SHIPPED: &str = include_str!("../../../rules/feeds/rehearsal.toml");

/// A scenario and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    pub name: String,
    steps: Vec<Step>,
}

/// One step, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    note: String,
    when: When,
    behaviour: Behaviour,
    on: Call,
    /// Requests it is still for; absent means all.
    remaining: Option<u32>,
}

/// All that is given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct When {
    /// Number of the batch: 1 is the first that came in; sent again it keeps its number.
    batch: Option<u32>,
    /// It holds, or asks about, this company or record.
    about: Option<About>,
    /// From this time of day in Shanghai, for so many minutes.
    period: Option<(NaiveTime, u32)>,
}

/// Whom a step is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum About {
    Record(Uuid),
    Company(Uscc),
}

/// What a step looks at in a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival<'a> {
    pub call: Call,
    pub at: DateTime<Utc>,
    /// Number of the batch, of a batch or a question about one.
    pub batch: Option<u32>,
    /// The body of a batch, or the path of a question.
    pub text: &'a str,
}

/// Why a scenario is not played.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    #[error("情景文件格式不对：{0}")]
    Toml(Box<toml::de::Error>),
    #[error("第 {step} 步：{why}")]
    Step { step: usize, why: String },
    #[error("情景文件没有步骤：写 [[step]]")]
    Empty,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    #[serde(default)]
    step: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(default)]
    note: String,
    batch: Option<u32>,
    record: Option<String>,
    from: Option<String>,
    minutes: Option<u32>,
    #[serde(rename = "do")]
    what: String,
    value: Option<toml::Value>,
    code: Option<String>,
    message: Option<String>,
    times: Option<u32>,
    #[serde(default)]
    on: String,
}

impl Scenario {
    /// Reads a scenario; the first step that cannot be played is named.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let file: File =
            toml::from_str(text).map_err(|fault| ScenarioError::Toml(Box::new(fault)))?;
        if file.step.is_empty() {
            return Err(ScenarioError::Empty);
        }
        let lines = file.step.into_iter().enumerate();
        let steps = lines.map(|(index, line)| {
            let step = index + 1;
            line.checked()
                .map_err(|why| ScenarioError::Step { step, why })
        });
        Ok(Self {
            name: file.name,
            steps: steps.collect::<Result<_, _>>()?,
        })
    }

    /// What befalls a request; counts go down.
    pub(super) fn take(&mut self, arrival: &Arrival<'_>) -> Vec<Behaviour> {
        let mut taken = Vec::new();
        for step in &mut self.steps {
            if step.remaining == Some(0) || !step.is_for(arrival) {
                continue;
            }
            taken.push(step.behaviour.clone());
            step.remaining = step.remaining.map(|count| count - 1);
        }
        taken
    }

    /// Each step in words: when, what, what is left of it.
    pub fn lines(&self) -> Vec<(String, String, String)> {
        let line = |step: &Step| {
            let left = match step.remaining {
                None => "一直".to_owned(),
                Some(0) => "已完成".to_owned(),
                Some(count) => format!("还有 {count} 次"),
            };
            let (name, value) = step.behaviour.parts();
            let label = super::switches::label(name);
            let what = [label, &value, &step.note];
            let what: Vec<&str> = what.into_iter().filter(|text| !text.is_empty()).collect();
            (step.when.to_string(), what.join("；"), left)
        };
        self.steps.iter().map(line).collect()
    }
}

impl Step {
    fn is_for(&self, arrival: &Arrival<'_>) -> bool {
        let when = &self.when;
        self.on == arrival.call
            && when.batch.is_none_or(|batch| arrival.batch == Some(batch))
            && when.about.as_ref().is_none_or(|about| {
                arrival
                    .text
                    .to_uppercase()
                    .contains(&about.to_string().to_uppercase())
            })
            && when
                .period
                .is_none_or(|(from, minutes)| within(arrival.at, from, minutes))
    }
}

/// Whether an instant lies in a daily period, which may pass midnight.
fn within(at: DateTime<Utc>, from: NaiveTime, minutes: u32) -> bool {
    let time = at.with_timezone(&chrono_tz::Asia::Shanghai).time();
    let mut since = time - from;
    if since < TimeDelta::zero() {
        since += TimeDelta::days(1);
    }
    since < TimeDelta::minutes(minutes.into())
}

impl Line {
    fn checked(self) -> Result<Step, String> {
        let about = self.record.as_deref().map(About::parse).transpose()?;
        let period = match (&self.from, self.minutes) {
            (None, None) => None,
            (Some(from), Some(minutes @ 1..=1_440)) => {
                let time = NaiveTime::parse_from_str(from, "%H:%M");
                Some((
                    time.map_err(|_| format!("from「{from}」应为 18:00 这样的时刻"))?,
                    minutes,
                ))
            }
            (Some(_), Some(minutes)) => return Err(format!("minutes {minutes} 应为 1 至 1440")),
            _ => return Err("from 与 minutes 应同时给出".to_owned()),
        };
        if self.batch == Some(0) {
            return Err("batch 从 1 起".to_owned());
        }
        let when = When {
            batch: self.batch,
            about,
            period,
        };
        let times = self.times.or(self.batch.map(|_| 1));
        let count = times.map_or(String::new(), |times| times.to_string());
        let told = |fault: SwitchError| fault.to_string();
        let value = match self.value {
            None => String::new(),
            Some(toml::Value::String(text)) => text,
            Some(other) => other.to_string(),
        };
        if self.what != "reject" && (self.code.is_some() || self.message.is_some()) {
            return Err("code 与 message 只用于 do = \"reject\"".to_owned());
        }
        let switch = match (self.what.as_str(), &when.about) {
            ("reject", Some(about)) => {
                let refused = Behaviour::Reject(Refused {
                    about: about.clone(),
                    code: self.code.unwrap_or_else(|| "30002".to_owned()),
                    message: self.message.unwrap_or_else(|| "演练：拒收".to_owned()),
                });
                Switch::new(refused, &count, &self.on).map_err(told)?
            }
            ("reject", None) => return Err("reject 应写明 record".to_owned()),
            (name, _) => Switch::parse(name, &value, &count, &self.on).map_err(told)?,
        };
        Ok(Step {
            note: self.note,
            when,
            behaviour: switch.behaviour,
            on: switch.on,
            remaining: switch.remaining,
        })
    }
}

/// A record, or the records of a company, that are refused with a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    pub about: About,
    pub code: String,
    pub message: String,
}

impl About {
    fn parse(text: &str) -> Result<Self, String> {
        if let Ok(record) = Uuid::parse_str(text) {
            return Ok(Self::Record(record));
        }
        let code = Uscc::parse(text);
        code.map(Self::Company)
            .map_err(|fault| format!("record「{text}」应为 record_id 或统一社会信用代码：{fault}"))
    }
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record(record) => record.fmt(f),
            Self::Company(uscc) => f.write_str(uscc.as_str()),
        }
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if let Some(batch) = self.batch {
            parts.push(format!("第 {batch} 批"));
        }
        if let Some(about) = &self.about {
            parts.push(format!("含 {about}"));
        }
        if let Some((from, minutes)) = self.period {
            parts.push(format!("{} 起 {minutes} 分钟", from.format("%H:%M")));
        }
        match parts.is_empty() {
            true => f.write_str("每次"),
            false => f.write_str(&parts.join("，")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::samples::at;

    const CODE: &str = "91512002MA6ABCD10P";

    /// So long after a midnight in Shanghai.
    fn shanghai(hour: u32, minute: u32) -> DateTime<Utc> {
        let midnight = at(0, 0) - TimeDelta::hours(8);
        midnight + TimeDelta::minutes((hour * 60 + minute).into())
    }

    fn taken(scenario: &mut Scenario, batch: u32, text: &str, hour: u32) -> Vec<&'static str> {
        let arrival = Arrival {
            call: Call::Submit,
            at: shanghai(hour, 0),
            batch: Some(batch),
            text,
        };
        let taken = scenario.take(&arrival);
        taken.iter().map(|one| one.parts().0).collect()
    }

    #[test]
    fn steps_come_by_batch_by_company_and_by_time() {
        let text = format!(
            "name = \"示例\"\n\
             [[step]]\nbatch = 2\ndo = \"drop_reply\"\n\
             [[step]]\nrecord = \"{CODE}\"\ndo = \"reject\"\ncode = \"1001\"\n\
             [[step]]\nfrom = \"18:00\"\nminutes = 10\ndo = \"unavailable\"\n\
             [[step]]\nbatch = 3\nrecord = \"{CODE}\"\ndo = \"delay\"\nvalue = 5\ntimes = 2\n"
        );
        let mut scenario = Scenario::parse(&text).unwrap();
        assert_eq!(taken(&mut scenario, 1, "", 1), Vec::<&str>::new());
        assert_eq!(taken(&mut scenario, 2, "", 1), ["drop_reply"]);
        assert_eq!(
            taken(&mut scenario, 2, "", 1),
            Vec::<&str>::new(),
            "sent again"
        );
        let holds = format!("…\"{}\"…", CODE.to_lowercase());
        assert_eq!(taken(&mut scenario, 3, &holds, 1), ["reject", "delay"]);
        assert_eq!(taken(&mut scenario, 3, &holds, 1), ["reject", "delay"]);
        assert_eq!(taken(&mut scenario, 3, &holds, 1), ["reject"]);
        assert_eq!(taken(&mut scenario, 4, "", 18), ["unavailable"]);
        let left: Vec<String> = scenario.lines().into_iter().map(|line| line.2).collect();
        assert_eq!(left, ["已完成", "一直", "一直", "已完成"]);
    }

    #[test]
    fn a_period_may_pass_midnight() {
        let from = NaiveTime::from_hms_opt(23, 55, 0).unwrap();
        let table = [
            ((23, 54), false),
            ((23, 55), true),
            ((24, 4), true),
            ((24, 5), false),
        ];
        for ((hour, minute), is) in table {
            assert_eq!(
                within(shanghai(hour, minute), from, 10),
                is,
                "{hour}:{minute}"
            );
        }
    }

    #[test]
    fn what_cannot_be_played_is_named() {
        let step = |lines: &str| format!("name = \"示例\"\n[[step]]\n{lines}\n");
        let table = [
            ("name = \"示例\"\n".to_owned(), "没有步骤"),
            (step("do = \"explode\""), "explode"),
            (step("do = \"reject\""), "record"),
            (step("do = \"reset\"\nrecord = \"123\""), "123"),
            (step("do = \"reset\"\nfrom = \"18:00\""), "minutes"),
            (
                step("do = \"reset\"\nfrom = \"25:00\"\nminutes = 5"),
                "25:00",
            ),
            (
                step("do = \"reset\"\nfrom = \"18:00\"\nminutes = 0"),
                "1440",
            ),
            (step("do = \"reset\"\nbatch = 0"), "从 1 起"),
            (step("do = \"reset\"\ncode = \"1\""), "reject"),
            (step("do = \"lose_delete\"\non = \"query\""), "lose_delete"),
            (step("do = \"delay\"\nvalue = \"soon\""), "soon"),
            (step("do = \"reset\"\ntimes = 0"), "「0」"),
            (step("do = \"reset\"\nwhen = 3"), "when"),
        ];
        for (text, part) in table {
            let fault = Scenario::parse(&text).unwrap_err().to_string();
            assert!(fault.contains(part), "{part}: {fault}");
        }
    }

    #[test]
    fn the_shipped_scenario_is_sound() {
        let scenario = Scenario::parse(SHIPPED).unwrap();
        assert!(scenario.lines().len() >= 6);
    }
}
