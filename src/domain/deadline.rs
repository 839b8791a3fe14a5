//! Running periods (期限): how long, from what, until which day, and by which calendar that was worked out.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::{Calendar, CalendarError, Day, Span};

/// A length of time that law counts either in working days or by the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Period {
    /// 工作日
    WorkingDays(u32),
    /// 日、月、年 (民法典 arts. 200 to 203)
    Span(Span),
}

/// Why a text is not a period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "期限「{0}」格式不对，应为「5 working days」「30 days」「6 months」或「1 year」，数值为正整数"
)]
pub struct PeriodError(pub String);

impl Period {
    /// Reads `N working day(s)`, or what [`Span::parse`] reads.
    pub fn parse(raw: &str) -> Result<Self, PeriodError> {
        let fault = || PeriodError(raw.to_owned());
        let mut words = raw.split_whitespace();
        let (number, unit) = (words.next(), words.next());
        if unit != Some("working") {
            return Span::parse(raw).map(Self::Span).map_err(|_| fault());
        }
        let known = matches!(words.next(), Some("day" | "days")) && words.next().is_none();
        match number.and_then(|number| number.parse().ok()) {
            Some(number @ 1..=1_000) if known => Ok(Self::WorkingDays(number)),
            _ => Err(fault()),
        }
    }

    /// The last day of the period. The start day is not counted; a last day that is a day off moves to the next
    /// working day (民法典 arts. 201 to 203).
    pub fn last_day(self, start: Day, calendar: &Calendar) -> Result<Day, CalendarError> {
        match self {
            Self::WorkingDays(days) => calendar.add_working_days(start, days),
            Self::Span(span) => calendar.last_day(start, span),
        }
    }

    /// In words: 5个工作日, 30日, 6个月, 1年.
    pub fn chinese(self) -> String {
        match self {
            Self::WorkingDays(number) => format!("{number}个工作日"),
            Self::Span(Span::Days(number)) => format!("{number}日"),
            Self::Span(Span::Months(number)) => format!("{number}个月"),
            Self::Span(Span::Years(number)) => format!("{number}年"),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WorkingDays(1) => f.write_str("1 working day"),
            Self::WorkingDays(number) => write!(f, "{number} working days"),
            Self::Span(span) => span.fmt(f),
        }
    }
}

impl std::str::FromStr for Period {
    type Err = PeriodError;
    fn from_str(raw: &str) -> Result<Self, PeriodError> {
        Self::parse(raw)
    }
}

impl TryFrom<String> for Period {
    type Error = PeriodError;
    fn try_from(raw: String) -> Result<Self, PeriodError> {
        Self::parse(&raw)
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}

/// Who has to act before a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// The bureau: late is its fault.
    Bureau,
    /// The company: late is its loss.
    Company,
}

/// A kind of deadline, as data (`rules/deadlines.toml`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeadlineRule {
    /// Stable id: `record.objection`.
    pub id: String,
    /// In words: 提出异议.
    pub title: String,
    pub period: Period,
    pub duty: Duty,
    /// What it rests on: title, number and article; or that it is the bureau's own choice.
    pub basis: String,
    /// Compared with the official text; otherwise shown as 待核实.
    pub verified: bool,
    /// Whether the public sees that it is overdue.
    #[serde(default)]
    pub overdue_public: bool,
}

/// The kinds of deadline, by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadlineRules(BTreeMap<String, DeadlineRule>);

/// Why the file of deadlines cannot be read, or does not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeadlineError {
    #[error("期限文件格式不对：{0}")]
    Format(String),
    #[error("期限文件中「{0}」出现两次")]
    Twice(String),
    #[error("期限文件中没有「{0}」")]
    Unknown(String),
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    deadline: Vec<DeadlineRule>,
}

impl DeadlineRules {
    /// Reads the text of `rules/deadlines.toml`.
    pub fn parse(text: &str) -> Result<Self, DeadlineError> {
        let file: File =
            toml::from_str(text).map_err(|error| DeadlineError::Format(error.to_string()))?;
        let mut rules = BTreeMap::new();
        for rule in file.deadline {
            let id = rule.id.clone();
            if rules.insert(id.clone(), rule).is_some() {
                return Err(DeadlineError::Twice(id));
            }
        }
        Ok(Self(rules))
    }

    pub fn get(&self, id: &str) -> Result<&DeadlineRule, DeadlineError> {
        self.0
            .get(id)
            .ok_or_else(|| DeadlineError::Unknown(id.to_owned()))
    }

    /// These and more; of two with one id the later stands.
    pub fn with<'a>(mut self, more: impl IntoIterator<Item = &'a DeadlineRule>) -> Self {
        let more = more.into_iter().map(|rule| (rule.id.clone(), rule.clone()));
        self.0.extend(more);
        self
    }

    /// All of them, by id.
    pub fn iter(&self) -> impl Iterator<Item = &DeadlineRule> {
        self.0.values()
    }
}

/// One running deadline of one matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// Id of the [`DeadlineRule`].
    pub rule: String,
    pub period: Period,
    /// What it runs from: `served`, `received`, `decided`.
    pub start_event: String,
    pub start: Day,
    /// Last day on which acting is in time.
    pub due: Day,
    /// Version of the calendar it was worked out with.
    pub calendar: String,
}

impl Deadline {
    /// Works out when a period that starts with an event on a day is over.
    pub fn count(
        rule: &str,
        period: Period,
        start_event: &str,
        start: Day,
        calendar: &Calendar,
    ) -> Result<Self, CalendarError> {
        Ok(Self {
            rule: rule.to_owned(),
            period,
            start_event: start_event.to_owned(),
            start,
            due: period.last_day(start, calendar)?,
            calendar: calendar.version().to_owned(),
        })
    }
}

/// A period as it is kept: a [`Deadline`], or one whose last day no loaded calendar covers (待节假日安排公布).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Id of the [`DeadlineRule`].
    pub rule: String,
    pub period: Period,
    pub start_event: String,
    pub start: Day,
    /// Absent: in no year that the calendar covers.
    pub due: Option<Day>,
    /// Version of the calendar it was last worked out with.
    pub calendar: String,
}

impl Clock {
    /// The same period by another calendar. A last day that it does not cover is left out, never guessed.
    pub fn by(&self, calendar: &Calendar) -> Self {
        Self {
            due: self.period.last_day(self.start, calendar).ok(),
            calendar: calendar.version().to_owned(),
            ..self.clone()
        }
    }

    /// Whether it is the same period from the same day, whatever last day it was given.
    pub fn runs_as(&self, other: &Self) -> bool {
        (&self.rule, &self.start_event, self.start, self.period)
            == (&other.rule, &other.start_event, other.start, other.period)
    }
}

impl From<Deadline> for Clock {
    fn from(deadline: Deadline) -> Self {
        Self {
            rule: deadline.rule,
            period: deadline.period,
            start_event: deadline.start_event,
            start: deadline.start,
            due: Some(deadline.due),
            calendar: deadline.calendar,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar() -> Calendar {
        Calendar::parse([include_str!("../../rules/calendar/2026.toml")]).unwrap()
    }

    #[test]
    fn periods_read_and_write_themselves() {
        for (text, chinese) in [
            ("5 working days", "5个工作日"),
            ("1 working day", "1个工作日"),
            ("30 days", "30日"),
            ("6 months", "6个月"),
            ("1 year", "1年"),
        ] {
            let period = Period::parse(text).unwrap();
            assert_eq!(period.to_string(), text);
            assert_eq!(period.chinese(), chinese);
        }
        for text in [
            "",
            "5",
            "0 working days",
            "5 working",
            "5 working days more",
            "x days",
        ] {
            assert_eq!(Period::parse(text), Err(PeriodError(text.into())), "{text}");
        }
    }

    #[test]
    fn a_deadline_keeps_how_it_was_worked_out() {
        let start = Day::parse("2026-02-11").unwrap();
        let period = Period::WorkingDays(5);
        let deadline =
            Deadline::count("record.objection", period, "served", start, &calendar()).unwrap();
        // 12, 13, 14 (worked), 24, 25: the Spring Festival lies between.
        assert_eq!(deadline.due, Day::parse("2026-02-25").unwrap());
        assert_eq!(deadline.calendar, calendar().version());
        let month = Period::Span(Span::Months(1));
        let moved = month.last_day(Day::parse("2026-01-16").unwrap(), &calendar());
        assert_eq!(moved, Ok(Day::parse("2026-02-24").unwrap()));
    }

    #[test]
    fn the_shipped_deadlines_are_read_and_a_faulty_file_is_not() {
        let text = include_str!("../../rules/deadlines.toml");
        let rules = DeadlineRules::parse(text).unwrap();
        assert!(rules.iter().count() >= 5);
        assert_eq!(
            rules.get("record.objektion"),
            Err(DeadlineError::Unknown("record.objektion".into()))
        );
        let twice = format!("{text}\n{text}");
        assert_eq!(
            DeadlineRules::parse(&twice),
            Err(DeadlineError::Twice("complaint.accept".into()))
        );
    }
}
