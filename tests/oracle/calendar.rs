//! Days, spans and periods, by counting.

use chrono::{Datelike, Months, NaiveDate};

/// The last day of a span that starts on a day: the start day does not count, the corresponding day does; the month's last
/// day where there is none.
pub fn span_end(start: NaiveDate, span: &str) -> NaiveDate {
    let (number, unit) = span.split_once(' ').unwrap();
    let number: u32 = number.parse().unwrap();
    match unit.trim_end_matches('s') {
        "day" => {
            let mut day = start;
            for _ in 0..number {
                day = day.succ_opt().unwrap();
            }
            day
        }
        "month" => months_later(start, number),
        "year" => months_later(start, 12 * number),
        other => panic!("no unit {other}"),
    }
}

pub fn months_later(start: NaiveDate, months: u32) -> NaiveDate {
    let month = start.year() * 12 + start.month0() as i32 + months as i32;
    in_month(month, start.day())
}

pub fn months_earlier(start: NaiveDate, months: u32) -> NaiveDate {
    start.checked_sub_months(Months::new(months)).unwrap()
}

/// This day of a month (counted from year 0), or the month's last.
fn in_month(month: i32, wanted: u32) -> NaiveDate {
    let (year, month) = (month.div_euclid(12), month.rem_euclid(12) as u32 + 1);
    let mut day = wanted;
    loop {
        if let Some(found) = NaiveDate::from_ymd_opt(year, month, day) {
            return found;
        }
        day -= 1;
    }
}

/// The number of full months between two days: how many corresponding days have come.
pub fn full_months(start: NaiveDate, day: NaiveDate) -> i64 {
    let mut months = 0;
    while months_later(start, months + 1) <= day {
        months += 1;
    }
    i64::from(months)
}

/// The number of years that are over: the corresponding day still belongs to the year.
pub fn full_years(start: NaiveDate, day: NaiveDate) -> i64 {
    let mut years = 0;
    while months_later(start, 12 * (years + 1)) < day {
        years += 1;
    }
    i64::from(years)
}

/// The length of a calendar period in months; none where periods do not follow the calendar.
fn calendar_months(kind: &str) -> Option<i32> {
    match kind {
        "calendar_year" => Some(12),
        "half_year" => Some(6),
        "quarter" => Some(3),
        "month" => Some(1),
        _ => None,
    }
}

/// Which calendar period a day lies in.
pub fn calendar_period(kind: &str, day: NaiveDate) -> Option<i32> {
    Some((day.year() * 12 + day.month0() as i32) / calendar_months(kind)?)
}

/// The last day of a calendar period.
pub fn calendar_period_end(kind: &str, period: i32) -> NaiveDate {
    let last_month = (period + 1) * calendar_months(kind).unwrap() - 1;
    in_month(last_month, 31)
}

#[test]
fn spans_end_on_the_corresponding_day_or_the_month_s_last() {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    for (start, span, end) in [
        ("2024-01-31", "12 months", "2025-01-31"),
        ("2024-01-31", "1 month", "2024-02-29"),
        ("2024-02-29", "1 year", "2025-02-28"),
        ("2026-03-01", "90 days", "2026-05-30"),
    ] {
        assert_eq!(span_end(day(start), span), day(end));
    }
    assert_eq!(full_years(day("2021-05-05"), day("2024-05-05")), 2);
    assert_eq!(full_years(day("2021-05-05"), day("2024-05-06")), 3);
    assert_eq!(full_months(day("2023-02-02"), day("2024-02-01")), 11);
    assert_eq!(full_months(day("2023-02-02"), day("2024-02-02")), 12);
    let quarter = calendar_period("quarter", day("2024-05-06")).unwrap();
    assert_eq!(calendar_period_end("quarter", quarter), day("2024-06-30"));
}
