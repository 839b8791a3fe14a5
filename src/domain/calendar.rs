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
mod tests {
    use super::*;

    const Y2026: &str = include_str!("../../rules/calendar/2026.toml");

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn calendar() -> Calendar {
        Calendar::parse([Y2026]).unwrap()
    }

    #[test]
    fn the_notice_of_2026_is_followed_day_by_day() {
        let off = [
            "2026-01-01",
            "2026-01-02",
            "2026-01-03",
            "2026-02-15",
            "2026-02-23",
            "2026-04-06",
            "2026-05-04",
            "2026-05-05",
            "2026-06-19",
            "2026-09-25",
            "2026-10-07",
            "2026-09-27",
            "2026-03-07",
            "2026-12-27",
        ];
        let on = [
            "2026-01-04",
            "2026-02-14",
            "2026-02-28",
            "2026-05-09",
            "2026-09-20",
            "2026-10-10",
            "2026-02-24",
            "2026-05-06",
            "2026-10-08",
            "2026-12-31",
        ];
        for text in off {
            assert_eq!(calendar().is_working_day(day(text)), Ok(false), "{text}");
        }
        for text in on {
            assert_eq!(calendar().is_working_day(day(text)), Ok(true), "{text}");
        }
    }

    #[test]
    fn the_year_2026_has_248_working_days() {
        let days = day("2026-01-01")
            .date()
            .iter_days()
            .map_while(Day::from_date);
        let worked = days
            .take_while(|day| day.year() == 2026)
            .filter(|day| calendar().is_working_day(*day).unwrap());
        // 365 days, 104 on weekends, 20 weekdays off, 7 weekend days worked.
        assert_eq!(worked.count(), 365 - 104 - 20 + 7);
    }

    #[test]
    fn working_days_are_counted_from_the_day_after() {
        let table = [
            ("2026-03-02", 5, "2026-03-09"),
            ("2026-02-11", 5, "2026-02-25"), // 12, 13, 14 (worked), 24, 25
            ("2026-09-18", 5, "2026-09-24"), // 20 is worked
            ("2026-09-30", 1, "2026-10-08"),
            ("2026-02-15", 1, "2026-02-24"),
            ("2026-03-02", 0, "2026-03-02"),
        ];
        for (start, count, last) in table {
            let found = calendar().add_working_days(day(start), count);
            assert_eq!(found, Ok(day(last)), "{start} + {count}");
        }
    }

    #[test]
    fn a_last_day_on_a_day_off_moves_on() {
        let table = [
            ("2026-01-16", "1 month", "2026-02-24"),
            ("2026-01-31", "1 month", "2026-02-28"), // a Saturday that is worked
            ("2026-03-05", "30 days", "2026-04-07"),
            ("2026-03-02", "3 months", "2026-06-02"),
        ];
        for (start, span, last) in table {
            let found = calendar().last_day(day(start), Span::parse(span).unwrap());
            assert_eq!(found, Ok(day(last)), "{start} + {span}");
        }
    }

    #[test]
    fn a_deadline_beyond_the_notices_is_refused() {
        assert_eq!(
            calendar().add_working_days(day("2026-12-28"), 3),
            Ok(day("2026-12-31"))
        );
        let error = calendar().add_working_days(day("2026-12-28"), 4);
        let error = error.unwrap_err();
        assert_eq!(
            error.to_string(),
            "2027年的节假日安排尚未载入（涉及 2027-01-01），待节假日安排公布"
        );
        assert!(calendar().is_working_day(day("2025-12-31")).is_err());
        assert!(
            calendar()
                .working_days_left(day("2026-12-30"), day("2027-01-05"))
                .is_err()
        );
    }

    #[test]
    fn working_days_left_end_at_zero() {
        let left = |today, last| calendar().working_days_left(day(today), day(last));
        assert_eq!(left("2026-03-06", "2026-03-09"), Ok(1));
        assert_eq!(left("2026-03-09", "2026-03-09"), Ok(0));
        assert_eq!(left("2026-03-10", "2026-03-09"), Ok(0));
    }

    #[test]
    fn a_faulty_calendar_is_refused_with_what_is_wrong() {
        let with = |from: &str, to: &str| Calendar::parse([Y2026.replace(from, to).as_str()]);
        assert!(matches!(
            with("workdays = [2026-01-04]", "workdays = [2026-01-05]"),
            Err(CalendarError::NotAWeekend { .. })
        ));
        assert!(matches!(
            with("workdays = [2026-01-04]", "workdays = [2026-01-03]"),
            Err(CalendarError::Both { .. })
        ));
        assert!(matches!(
            with("until = 2026-01-03", "until = 2025-12-31"),
            Err(CalendarError::Backwards { .. })
        ));
        assert!(matches!(
            with("from = 2026-01-01", "from = 2025-12-31"),
            Err(CalendarError::OtherYear { .. })
        ));
        assert!(matches!(
            with("year = 2026", "jahr = 2026"),
            Err(CalendarError::Format(_))
        ));
        assert_eq!(
            Calendar::parse([Y2026, Y2026]),
            Err(CalendarError::YearTwice { year: 2026 })
        );
    }

    /// 国办发明电〔2025〕7号: every holiday with the day before and after it, and whether those are worked (`x`), days off (`.`)
    /// or unknown (`?`).
    #[test]
    fn every_holiday_of_the_notice_and_both_its_neighbours() {
        let table = [
            ("元旦", "2026-01-01", "2026-01-03", "?x"), // the 4th is a Sunday that is worked
            ("春节", "2026-02-15", "2026-02-23", "xx"), // the 14th is a Saturday that is worked
            ("清明节", "2026-04-04", "2026-04-06", "xx"),
            ("劳动节", "2026-05-01", "2026-05-05", "xx"),
            ("端午节", "2026-06-19", "2026-06-21", "xx"),
            ("中秋节", "2026-09-25", "2026-09-27", "xx"),
            ("国庆节", "2026-10-01", "2026-10-07", "xx"),
        ];
        let calendar = calendar();
        let mark = |day: Day| match calendar.is_working_day(day) {
            Ok(true) => 'x',
            Ok(false) => '.',
            Err(_) => '?',
        };
        let mut off = 0;
        for (name, from, until, neighbours) in table {
            let (mut at, until) = (day(from), day(until));
            let found: String = [mark(at.previous()), mark(until.next())].iter().collect();
            assert_eq!(found, neighbours, "{name}");
            while at <= until {
                assert_eq!(mark(at), '.', "{name} {at}");
                at = at.next();
                off += 1;
            }
        }
        assert_eq!(off, 3 + 9 + 3 + 5 + 3 + 3 + 7);
        assert_eq!(calendar.holidays.len(), off);
    }

    #[test]
    fn every_make_up_day_of_the_notice_and_both_its_neighbours() {
        let table = [
            ("2026-01-04", ".x"),
            ("2026-02-14", "x."),
            ("2026-02-28", "x."),
            ("2026-05-09", "x."),
            ("2026-09-20", ".x"),
            ("2026-10-10", "x."),
        ];
        let calendar = calendar();
        for (text, neighbours) in table {
            let at = day(text);
            assert_eq!(calendar.is_working_day(at), Ok(true), "{at}");
            assert!(is_weekend(at), "{at}");
            for (day, mark) in [at.previous(), at.next()]
                .into_iter()
                .zip(neighbours.chars())
            {
                assert_eq!(calendar.is_working_day(day), Ok(mark == 'x'), "{day}");
            }
        }
        assert_eq!(calendar.workdays.len(), table.len());
    }

    /// 民法典 arts. 201 to 203, and the ends of what is covered.
    #[test]
    fn months_end_on_the_corresponding_day_or_the_last_and_move_on() {
        let table = [
            ("2026-03-31", "1 month", Some("2026-04-30")), // no 31st
            ("2026-10-31", "1 month", Some("2026-11-30")),
            ("2026-01-29", "1 month", Some("2026-02-28")), // no 29th; a Saturday that is worked
            ("2026-06-01", "1 month", Some("2026-07-01")),
            ("2026-04-01", "1 month", Some("2026-05-06")), // the 1st is in a holiday
            ("2026-09-01", "30 days", Some("2026-10-08")),
            ("2026-06-01", "5 days", Some("2026-06-08")), // the 6th is a Saturday
            ("2025-06-19", "1 year", Some("2026-06-22")), // only the last day has to be covered
            ("2026-11-30", "1 month", Some("2026-12-30")),
            ("2026-12-01", "1 month", None), // 1 January 2027
            ("2026-11-27", "30 days", Some("2026-12-28")),
            ("2026-12-02", "30 days", None),
            ("2025-06-01", "1 month", None), // 1 July 2025
            ("2025-12-30", "1 day", None),
        ];
        for (start, span, last) in table {
            let found = calendar().last_day(day(start), Span::parse(span).unwrap());
            assert_eq!(found.ok(), last.map(day), "{start} + {span}");
        }
    }

    #[test]
    fn working_days_are_refused_beyond_both_ends() {
        let table = [
            ("2025-12-31", 1, Some("2026-01-04")), // the start day is not counted, nor has to be known
            ("2025-12-30", 1, None),
            ("2026-12-30", 1, Some("2026-12-31")),
            ("2026-12-31", 1, None),
            ("2026-12-31", 0, Some("2026-12-31")),
            ("2027-03-01", 5, None),
        ];
        for (start, count, last) in table {
            let found = calendar().add_working_days(day(start), count);
            assert_eq!(found.ok(), last.map(day), "{start} + {count}");
        }
        let error = calendar().last_day(day("2026-12-01"), Span::Months(1));
        let not_covered = CalendarError::NotCovered {
            year: 2027,
            day: day("2027-01-01"),
        };
        assert_eq!(error, Err(not_covered));
    }

    #[test]
    fn two_people_approve_a_year() {
        let with = |names: &str| {
            let text = format!("approved_by = {names}\n{Y2026}");
            let calendar = Calendar::parse([text.as_str()]).unwrap();
            calendar.years().all(CalendarYear::approved_by_two)
        };
        assert!(with("[\"甲\", \"乙\"]"));
        for names in ["[]", "[\"甲\"]", "[\"甲\", \" 甲 \"]", "[\"甲\", \"\"]"] {
            assert!(!with(names), "{names}");
        }
        assert!(!calendar().years().any(CalendarYear::approved_by_two));
    }
}
