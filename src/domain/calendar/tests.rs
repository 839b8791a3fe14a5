//! Every rule of counting as a table, and each day of the notice of 2026.

use super::*;

const Y2026: &str = include_str!("../../../rules/calendar/2026.toml");

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
