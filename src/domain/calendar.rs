//! Working days, from the yearly notice of the State Council (国务院办公厅节假日安排通知).
//!
//! Weekends are moved about by decree, so a year is loaded or it is unknown: a deadline that leaves the covered
//! years is refused, never guessed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Weekday};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{Day, Span, date};

/// The working days of the years that were loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeMap<i32, CalendarYear>,
    /// Days off that the notice names.
    holidays: BTreeSet<Day>,
    /// Weekend days that are worked (调休上班).
    workdays: BTreeSet<Day>,
    verified: bool,
    version: String,
}

/// A year that was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarYear {
    pub year: i32,
    /// Title and number of the notice, and its day.
    pub source: String,
    /// Compared with the official text.
    pub verified: bool,
    /// Who approved it.
    pub approved_by: Vec<String>,
}

impl CalendarYear {
    /// Whether two people approved it.
    pub fn approved_by_two(&self) -> bool {
        let people: BTreeSet<&str> = self.approved_by.iter().map(|name| name.trim()).collect();
        people.iter().filter(|name| !name.is_empty()).count() >= 2
    }
}

/// Why a calendar cannot be read, or cannot answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    #[error("{year}年的节假日安排尚未载入（涉及 {day}），待节假日安排公布")]
    NotCovered { year: i32, day: Day },
    #[error("节假日文件格式不对：{0}")]
    Format(String),
    #[error("节假日文件中 {year} 年出现两次")]
    YearTwice { year: i32 },
    #[error("{year}年节假日文件中的日期 {day} 不属于该年")]
    OtherYear { year: i32, day: Day },
    #[error("{year}年「{name}」放假起止颠倒：{from} 至 {until}")]
    Backwards {
        year: i32,
        name: String,
        from: Day,
        until: Day,
    },
    #[error("{year}年节假日文件中 {day} 既放假又上班")]
    Both { year: i32, day: Day },
    #[error("{year}年节假日文件中 {day} 本来就是工作日，不必写成调休上班")]
    NotAWeekend { year: i32, day: Day },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YearFile {
    year: i32,
    document: String,
    #[serde(deserialize_with = "date::day")]
    issued_on: Day,
    verified: bool,
    /// Who compared it with the notice and approved it; two people where there is no doubt.
    #[serde(default)]
    approved_by: Vec<String>,
    holiday: Vec<HolidayFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HolidayFile {
    name: String,
    #[serde(deserialize_with = "date::day")]
    from: Day,
    #[serde(deserialize_with = "date::day")]
    until: Day,
    #[serde(deserialize_with = "date::days")]
    workdays: Vec<Day>,
}

impl Calendar {
    /// Reads the texts of `rules/calendar/*.toml`, one a year, in any order.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, CalendarError> {
        let mut calendar = Self {
            years: BTreeMap::new(),
            holidays: BTreeSet::new(),
            workdays: BTreeSet::new(),
            verified: true,
            version: String::new(),
        };
        for text in texts {
            let file: YearFile =
                toml::from_str(text).map_err(|error| CalendarError::Format(error.to_string()))?;
            calendar.add_year(file)?;
        }
        calendar.version = calendar.fingerprint();
        Ok(calendar)
    }

    fn add_year(&mut self, file: YearFile) -> Result<(), CalendarError> {
        let year = file.year;
        if self.years.contains_key(&year) {
            return Err(CalendarError::YearTwice { year });
        }
        for holiday in file.holiday {
            let (from, until) = (holiday.from, holiday.until);
            if from > until {
                let name = holiday.name;
                return Err(CalendarError::Backwards {
                    year,
                    name,
                    from,
                    until,
                });
            }
            let days = from.date().iter_days().map_while(Day::from_date);
            for day in days.take_while(|day| *day <= until) {
                of_year(year, day)?;
                self.holidays.insert(day);
            }
            for day in holiday.workdays {
                of_year(year, day)?;
                if !is_weekend(day) {
                    return Err(CalendarError::NotAWeekend { year, day });
                }
                self.workdays.insert(day);
            }
        }
        if let Some(day) = self.holidays.intersection(&self.workdays).next() {
            return Err(CalendarError::Both { year, day: *day });
        }
        self.verified &= file.verified;
        let source = format!("{}，{}", file.document, file.issued_on);
        let loaded = CalendarYear {
            year,
            source,
            verified: file.verified,
            approved_by: file.approved_by,
        };
        self.years.insert(year, loaded);
        Ok(())
    }

    fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for year in self.years.keys() {
            hash.update(year.to_string());
        }
        for (mark, days) in [("off", &self.holidays), ("on", &self.workdays)] {
            hash.update(mark);
            for day in days {
                hash.update(day.to_string());
            }
        }
        hex::encode(hash.finalize())[..16].to_owned()
    }

    /// First 16 hex digits of the SHA-256 of the days; stored with every deadline that was computed.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether every year was compared with the official notice.
    pub fn verified(&self) -> bool {
        self.verified
    }

    /// The years covered, each with the notice it comes from.
    pub fn years(&self) -> impl Iterator<Item = &CalendarYear> {
        self.years.values()
    }

    /// Whether a year is loaded.
    pub fn covers(&self, year: i32) -> bool {
        self.years.contains_key(&year)
    }

    /// Whether offices work on this day.
    pub fn is_working_day(&self, day: Day) -> Result<bool, CalendarError> {
        if !self.covers(day.year()) {
            let year = day.year();
            return Err(CalendarError::NotCovered { year, day });
        }
        Ok(self.workdays.contains(&day) || !(self.holidays.contains(&day) || is_weekend(day)))
    }

    /// The last day of a period of working days: the start day is not counted (民法典 art. 201).
    pub fn add_working_days(&self, start: Day, working_days: u32) -> Result<Day, CalendarError> {
        let mut day = start;
        let mut left = working_days;
        while left > 0 {
            day = day.next();
            if self.is_working_day(day)? {
                left -= 1;
            }
        }
        Ok(day)
    }

    /// The last day of a period of days, months or years, moved to the next working day if it is a day off
    /// (民法典 arts. 201 to 203).
    pub fn last_day(&self, start: Day, span: Span) -> Result<Day, CalendarError> {
        self.working_day_from(span.last_day(start))
    }

    /// This day if it is a working day, else the next one.
    pub fn working_day_from(&self, day: Day) -> Result<Day, CalendarError> {
        let mut day = day;
        while !self.is_working_day(day)? {
            day = day.next();
        }
        Ok(day)
    }

    /// Working days after `today` up to and with `last`; 0 on the last day and after it.
    pub fn working_days_left(&self, today: Day, last: Day) -> Result<u32, CalendarError> {
        let mut count = 0;
        let mut day = today;
        while day < last {
            day = day.next();
            count += u32::from(self.is_working_day(day)?);
        }
        Ok(count)
    }
}

fn of_year(year: i32, day: Day) -> Result<(), CalendarError> {
    if day.year() == year {
        Ok(())
    } else {
        Err(CalendarError::OtherYear { year, day })
    }
}

fn is_weekend(day: Day) -> bool {
    matches!(day.date().weekday(), Weekday::Sat | Weekday::Sun)
}

#[cfg(test)]
mod tests;
