//! The page about complaints: its examples are read, its states and steps are all there, its figures are computed.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use wuxin::{
    domain::{Calendar, Day, DeadlineRules, Region},
    procedure::complaint::{
        By, Channel, Complaint, Destination, Finding, Grouping, MediationEnd, Period, Policy,
        Reception, Standing, StateName, Step, StepName, Terms, Text, VisitOutcome, apply,
        level_title, possible, receive, tally,
    },
    service::{ComplaintDraft, RecordProposal},
};

use super::{blocks, read, section};

const PAGE: &str = "docs/complaints.md";

struct House {
    policy: Policy,
    deadlines: DeadlineRules,
    calendar: Calendar,
}

impl House {
    fn new() -> Self {
        Self {
            policy: Policy::parse(&read("rules/complaints.toml")).unwrap(),
            deadlines: DeadlineRules::parse(&read("rules/deadlines.toml")).unwrap(),
            calendar: Calendar::parse([&*read("rules/calendar/2026.toml")]).unwrap(),
        }
    }

    fn terms(&self) -> Terms<'_> {
        Terms {
            policy: &self.policy,
            deadlines: &self.deadlines,
            calendar: &self.calendar,
        }
    }
}

fn text(raw: &str) -> Text {
    Text::parse(raw).unwrap()
}

fn morning(day: &str) -> DateTime<Utc> {
    format!("2026-{day}T01:00:00Z").parse().unwrap()
}

fn step(words: &[&str]) -> Step {
    let reason = text("示例");
    match words {
        ["accept"] => Step::Accept {},
        ["refuse", ground] => Step::Refuse {
            ground: (*ground).to_owned(),
            reason,
        },
        ["mediate", "agreed"] => Step::Mediate {
            outcome: MediationEnd::Agreed,
            protocol: reason,
        },
        ["handle"] => Step::Handle {
            finding: Finding::Justified,
            result: reason,
            measures: None,
        },
        ["visit", "satisfied"] => Step::Visit {
            outcome: VisitOutcome::Satisfied,
            remark: None,
        },
        ["escalate"] => Step::Escalate { reason },
        ["transfer", "body"] => Step::Transfer {
            to: Destination::Body(text("示例局")),
            reason,
        },
        ["close"] => Step::Close { reason },
        other => panic!("{other:?}"),
    }
}

/// A line of the example.
fn complaint(house: &House, line: &str) -> Complaint {
    let mut parts = line.split('|').map(str::trim);
    let head: Vec<&str> = parts.next().unwrap().split_whitespace().collect();
    let [name, office, category, received] = head[..] else {
        panic!("{line}");
    };
    let reception = Reception {
        id: name.to_owned(),
        company: None,
        project: None,
        channel: Channel::Window,
        reference: None,
        category: category.to_owned(),
        text: text("示例"),
        reachable: true,
        office: Region::parse(office).unwrap(),
        received_on: Day::of(morning(received)),
    };
    let begun = receive(reception, morning(received), house.terms()).unwrap();
    parts.fold(begun, |complaint, part| {
        let words: Vec<&str> = part.split_whitespace().collect();
        let (day, words) = words.split_last().unwrap();
        let step = step(words);
        let by = By {
            id: format!("{:?}", step.name().capacity()),
            capacity: step.name().capacity(),
            standing: Standing::Handling,
        };
        apply(&complaint, &step, &by, morning(day), house.terms())
            .unwrap_or_else(|illegal| panic!("{line}: {part}: {illegal}"))
    })
}

#[test]
fn the_worked_example_is_what_is_computed() {
    let house = House::new();
    let page = read(PAGE);
    let (_, example) = blocks(&page, "text,complaints").into_iter().next().unwrap();
    let complaints: Vec<Complaint> = example
        .lines()
        .map(|line| complaint(&house, line))
        .collect();
    assert_eq!(complaints.len(), 7);
    let day = |text: &str| Day::parse(text).unwrap();
    let period = Period {
        from: day("2026-06-01"),
        until: day("2026-06-30"),
    };
    let groups = tally(&complaints, period, day("2026-07-01"), &house.policy);
    let mut computed = Vec::new();
    for group in &groups {
        let title = match &group.of {
            Grouping::All => "合计",
            Grouping::Level(level) => level_title(*level),
            _ => continue,
        };
        for (rate, rule) in group.rates.iter().zip(&house.policy.rates) {
            let percent = rate.percent().unwrap_or_else(|| "none".to_owned());
            computed.push(format!(
                "| {title} | {} | {} | {} | {} | {percent} |",
                rule.title, rate.numerator, rate.denominator, rate.not_due
            ));
        }
    }
    let told: BTreeSet<&str> = section(&page, "The three rates")
        .lines()
        .skip_while(|line| !line.starts_with("| level |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    let computed: BTreeSet<&str> = computed.iter().map(String::as_str).collect();
    assert_eq!(told, computed);
    assert_eq!(told.len(), 9);
}

#[test]
fn every_state_step_and_example_of_the_page_is_one() {
    let page = read(PAGE);
    for state in StateName::ALL {
        let row = format!("| `{}` | {} |", state.as_str(), state.chinese());
        assert!(page.contains(&row), "no row {row}");
    }
    let mut steps = BTreeSet::new();
    for (line, text) in blocks(&page, "json,complaint-step") {
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let version = value.as_object_mut().unwrap().remove("version");
        assert!(version.is_some_and(|version| version.is_i64()), "{line}");
        let step: Step =
            serde_json::from_value(value).unwrap_or_else(|fault| panic!("{PAGE}:{line}: {fault}"));
        steps.insert(step.name());
    }
    // All but the one that follows from entering a record.
    assert_eq!(steps.len(), StepName::ALL.len() - 1, "{steps:?}");
    for (line, text) in blocks(&page, "json,complaint-record") {
        serde_json::from_str::<RecordProposal>(&text)
            .unwrap_or_else(|fault| panic!("{PAGE}:{line}: {fault}"));
    }
    let (line, draft) = blocks(&page, "json,complaint").into_iter().next().unwrap();
    let draft: ComplaintDraft =
        serde_json::from_str(&draft).unwrap_or_else(|fault| panic!("{PAGE}:{line}: {fault}"));
    let policy = House::new().policy;
    assert!(policy.category(&draft.category.unwrap()).is_some());
}

#[test]
fn a_refusal_reads_as_the_page_says() {
    let house = House::new();
    let received = complaint(&house, "A 512002901 fees 06-01");
    let by = By {
        id: "a".to_owned(),
        capacity: StepName::Handle.capacity(),
        standing: Standing::Handling,
    };
    let refused = apply(
        &received,
        &step(&["handle"]),
        &by,
        morning("06-02"),
        house.terms(),
    );
    let said = refused.unwrap_err().to_string();
    assert!(read(PAGE).contains(&format!("`{said}`")), "{said}");
    assert_eq!(possible(&received).len(), 4);
}
