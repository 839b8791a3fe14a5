//! The pages of deadlines and documents.

use std::collections::BTreeMap;

use wuxin::{
    domain::{Calendar, Day, DeadlineRules, Period},
    service::documents::{Content, Kind},
};

use super::{blocks, read, section};

/// The cells of a table's rows, between the strokes.
fn rows(part: &str) -> Vec<Vec<&str>> {
    part.lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("|---"))
        .skip(1)
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

#[test]
fn every_counted_period_comes_out_as_the_page_says() {
    let page = read("docs/deadlines.md");
    let calendar = Calendar::parse([read("rules/calendar/2026.toml").as_str()]).unwrap();
    let mut checked = 0;
    for row in rows(section(&page, "How a period is counted")) {
        let [from, period, last, _] = row[..] else {
            panic!("{row:?}")
        };
        let period = Period::parse(period).unwrap();
        let found = period
            .last_day(Day::parse(from).unwrap(), &calendar)
            .map_or("待节假日安排公布".to_owned(), |day| day.to_string());
        assert_eq!(found, last, "{row:?}");
        checked += 1;
    }
    assert_eq!(checked, 8);
}

#[test]
fn the_sample_year_is_a_calendar_that_two_people_approved() {
    let page = read("docs/deadlines.md");
    let (_, text) = blocks(&page, "toml,calendar").remove(0);
    let calendar = Calendar::parse([text.as_str()]).unwrap();
    assert!(calendar.years().all(|year| year.approved_by_two()));
}

#[test]
fn the_sample_kind_of_period_is_the_shipped_one() {
    let page = read("docs/deadlines.md");
    let (_, text) = blocks(&page, "toml,fragment").remove(0);
    let sample = DeadlineRules::parse(&text).unwrap();
    let shipped = DeadlineRules::parse(&read("rules/deadlines.toml")).unwrap();
    assert_eq!(
        sample.get("record.objection").unwrap(),
        shipped.get("record.objection").unwrap()
    );
}

#[test]
fn every_cause_of_a_change_is_described() {
    let page = read("docs/deadlines.md");
    let source = read("src/store/deadlines/mod.rs");
    let causes = source
        .split("ClockCause, (\"deadline_event\", \"cause\"), {")
        .nth(1)
        .unwrap();
    let causes = causes.split('}').next().unwrap();
    let mut checked = 0;
    for word in causes.split('"').skip(1).step_by(2) {
        assert!(page.contains(&format!("| `{word}` |")), "{word}");
        checked += 1;
    }
    assert_eq!(checked, 7);
}

#[test]
fn every_blank_is_described_with_its_name_and_kinds() {
    let page = read("docs/documents.md");
    let described: Vec<Vec<String>> = rows(section(&page, "Blanks"))
        .into_iter()
        .map(|row| row.into_iter().map(ToOwned::to_owned).collect())
        .collect();
    let mut expected: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for kind in Kind::ALL {
        for blank in kind.blanks() {
            let key = (format!("`{}`", blank.path), blank.name.to_owned());
            let mark = if blank.required { "*" } else { "" };
            expected
                .entry(key)
                .or_default()
                .push(format!("`{kind}`{mark}"));
        }
    }
    assert_eq!(described.len(), expected.len());
    for ((path, name), kinds) in expected {
        let all = kinds.len() == Kind::ALL.len() && kinds.iter().all(|kind| kind.ends_with('*'));
        let kinds = if all {
            "all*".to_owned()
        } else {
            kinds.join(", ")
        };
        let row = vec![path, name, kinds];
        assert!(described.contains(&row), "{row:?}");
    }
}

#[test]
fn the_sample_contents_are_read_and_every_kind_is_named() {
    let page = read("docs/documents.md");
    let samples = blocks(&page, "json,content");
    assert_eq!(samples.len(), 3);
    for (line, text) in samples {
        let content: Content = serde_json::from_str(&text)
            .unwrap_or_else(|fault| panic!("docs/documents.md:{line}: {fault}"));
        assert!(page.contains(&format!("| `{}` |", content.kind())));
    }
    for kind in Kind::ALL {
        assert!(page.contains(&format!("| `{kind}` |")), "{kind}");
    }
}
