//! The three rates against a naive count from the log of what happened.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::{table_tests::*, *};
use crate::domain::{Calendar, Day, Region};

const OFFICES: [&str; 8] = [
    "512000",
    "512002",
    "512021",
    "512002901",
    "512002902",
    "512021901",
    "512002901001",
    "512021901001",
];

/// Numerator, denominator and not due of each of the three rates.
type Figures = [(u64, u64, u64); 3];

/// Which of the steps that are lawful then is taken, what is said in it, and how many hours after the one before.
#[derive(Debug, Clone)]
struct Choice {
    /// Absent: on the last day of what is running.
    hours: Option<i64>,
    step: prop::sample::Index,
    /// Of what may be said in it.
    said: prop::sample::Index,
}

/// How much likelier than others a step is: on the way on rather than off it.
fn often(step: StepName) -> usize {
    match step {
        StepName::Accept | StepName::Mediate | StepName::Handle | StepName::Reopen => 4,
        _ => 1,
    }
}

/// Lawful steps, each in every way that counts; a record counts in no rate.
fn ways(complaint: &Complaint, step: StepName) -> Vec<Step> {
    let reason = || text("示例事由");
    // Neither to itself nor upwards.
    let elsewhere = |office: &Region| !office.contains(&complaint.desk.office);
    match step {
        StepName::Accept => vec![Step::Accept {}],
        StepName::Refuse => ["unclear", "duplicate", "out_of_scope"]
            .map(|ground| Step::Refuse {
                ground: ground.into(),
                reason: reason(),
            })
            .to_vec(),
        StepName::Mediate => [MediationEnd::Agreed, MediationEnd::Failed]
            .map(mediate)
            .to_vec(),
        StepName::Handle => Finding::ALL.map(handle).to_vec(),
        // Twice as often not satisfied: what follows from it is what is hard to count.
        StepName::Visit => [VisitOutcome::Dissatisfied]
            .into_iter()
            .chain(VisitOutcome::ALL)
            .map(visit)
            .collect(),
        StepName::Escalate => vec![Step::Escalate { reason: reason() }],
        StepName::Transfer => OFFICES
            .map(region)
            .into_iter()
            .filter(elsewhere)
            .map(Destination::Office)
            .chain([Destination::Body(text("示例局"))])
            .map(|to| Step::Transfer {
                to,
                reason: reason(),
            })
            .collect(),
        StepName::Reopen => vec![Step::Reopen { reason: reason() }],
        StepName::Close => vec![Step::Close { reason: reason() }],
        StepName::ProposeRecord => Vec::new(),
    }
}

fn any_history() -> impl Strategy<Value = (Reception, Vec<Choice>)> {
    // Within a day, over some days, beyond the longest period.
    let hours = prop_oneof![
        3 => (0_i64..30).prop_map(Some),
        2 => (0_i64..120).prop_map(Some),
        1 => (0_i64..700).prop_map(Some),
        2 => Just(None),
    ];
    let choice = (
        hours,
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
    );
    let choice = choice.prop_map(|(hours, step, said)| Choice { hours, step, said });
    let office = prop::sample::select(OFFICES.to_vec());
    let category = prop::sample::select(vec!["fees", "fees", "safety"]);
    let choices = prop::collection::vec(choice, 0..12);
    (office, category, 1_u32..=28, any::<bool>(), choices).prop_map(
        |(office, category, received, reachable, choices)| {
            let reception = Reception {
                category: category.into(),
                reachable,
                received_on: Day::from_ymd(2026, 4, received).unwrap(),
                ..reception(office)
            };
            (reception, choices)
        },
    )
}

/// What happened to one complaint: the day, and the step.
struct Log {
    reception: Reception,
    happened: Vec<(Day, Step)>,
    complaint: Complaint,
}

fn play(house: &House, reception: Reception, choices: Vec<Choice>) -> Log {
    let mut now: DateTime<Utc> = format!("{}T01:00:00Z", reception.received_on)
        .parse()
        .unwrap();
    let mut complaint = receive(reception.clone(), now, house.terms()).unwrap();
    let mut happened = Vec::new();
    for choice in choices {
        let ways: Vec<Vec<Step>> = possible(&complaint)
            .into_iter()
            .flat_map(|step| std::iter::repeat_n(ways(&complaint, step), often(step)))
            .filter(|ways| !ways.is_empty())
            .collect();
        if ways.is_empty() {
            break;
        }
        let way: &Vec<Step> = choice.step.get(&ways);
        let step = choice.said.get(way).clone();
        let last_day = clocks(&complaint).first().map(|clock| clock.due);
        now = match (choice.hours, last_day) {
            (Some(hours), _) => now + TimeDelta::hours(hours),
            (None, Some(day)) => now.max(format!("{day}T01:00:00Z").parse().unwrap()),
            (None, None) => now,
        };
        let by = by(step.name().capacity(), Standing::Handling);
        complaint = apply(&complaint, &step, &by, now, house.terms()).unwrap();
        happened.push((Day::of(now), step));
    }
    Log {
        reception,
        happened,
        complaint,
    }
}

/// One working day, and fifteen, counted on the fingers.
fn working_days_after(calendar: &Calendar, start: Day, days: u32) -> Day {
    let mut day = start;
    let mut left = days;
    while left > 0 {
        day = day.next();
        if calendar.is_working_day(day).unwrap() {
            left -= 1;
        }
    }
    day
}

/// What docs/complaints.md says, counted from the log alone: the office that has it, and what it counts in each of the three
/// rates; nothing if it went to another body.
fn naive(log: &Log, as_of: Day, calendar: &Calendar) -> Option<(String, Figures)> {
    let mut office = log.reception.office.clone();
    let mut since = log.reception.received_on;
    let mut here: Vec<(Day, Step)> = Vec::new();
    for (day, step) in &log.happened {
        match step {
            Step::Escalate { .. } => {
                office = office.parent().unwrap();
                since = *day;
                here.clear();
            }
            Step::Transfer { to, .. } => match to {
                Destination::Office(next) => {
                    office = next.clone();
                    since = *day;
                    here.clear();
                }
                Destination::Body(_) => return None,
            },
            _ => here.push((*day, step.clone())),
        }
    }
    let day_of = |wanted: StepName| {
        here.iter()
            .rfind(|(_, step)| step.name() == wanted)
            .map(|(day, _)| *day)
    };
    let accept_by = working_days_after(calendar, since, 1);
    let refused = here.iter().find_map(|(_, step)| match step {
        Step::Refuse { ground, .. } => Some(ground.as_str()),
        _ => None,
    });
    let accepted = day_of(StepName::Accept);
    let acceptance = match (refused, accepted) {
        (Some("duplicate" | "out_of_scope"), _) => (0, 0, 0),
        (Some(_), _) => (0, 1, 0),
        (None, Some(day)) if day <= accept_by => (1, 1, 0),
        (None, Some(_)) => (0, 1, 0),
        (None, None) if as_of > accept_by => (0, 1, 0),
        (None, None) => (0, 0, 1),
    };
    let reopened = here
        .iter()
        .rposition(|(_, step)| step.name() == StepName::Reopen);
    let round = &here[reopened.unwrap_or(0)..];
    let Some(start) = day_of(StepName::Reopen).or(accepted) else {
        return Some((office.to_string(), [acceptance, (0, 0, 0), (0, 0, 0)]));
    };
    let handle_by = working_days_after(calendar, start, 15);
    let in_round = |wanted: StepName| {
        round
            .iter()
            .rfind(|(_, step)| step.name() == wanted)
            .map(|(day, _)| *day)
    };
    let handled = in_round(StepName::Handle);
    let over = as_of > handle_by;
    let mediation = match (log.reception.category.as_str(), in_round(StepName::Mediate)) {
        ("safety", _) => (0, 0, 0),
        (_, Some(_)) => (1, 1, 0),
        (_, None) if handled.is_some() || over => (0, 1, 0),
        (_, None) => (0, 0, 1),
    };
    let handling = match handled {
        Some(day) if day <= handle_by => (1, 1, 0),
        Some(_) => (0, 1, 0),
        None if over => (0, 1, 0),
        None => (0, 0, 1),
    };
    Some((office.to_string(), [acceptance, mediation, handling]))
}

fn add(sum: &mut Figures, more: Figures) {
    for (sum, more) in sum.iter_mut().zip(more) {
        *sum = (sum.0 + more.0, sum.1 + more.1, sum.2 + more.2);
    }
}

fn figures(group: &Group) -> Figures {
    let figure = |at: usize| {
        let rate: &RateValue = &group.rates[at];
        (rate.numerator, rate.denominator, rate.not_due)
    };
    [figure(0), figure(1), figure(2)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn rates_are_what_a_naive_count_of_the_log_gives(
        histories in prop::collection::vec(any_history(), 0..6),
        until in 20_u32..=28,
        looked in prop_oneof![0_u32..4, 0_u32..40],
    ) {
        let house = House::new();
        let calendar = house.terms().calendar;
        let period = Period { from: day("2026-04-03"), until: Day::from_ymd(2026, 4, until).unwrap() };
        let logs: Vec<Log> = histories.into_iter().map(|(reception, choices)| play(&house, reception, choices)).collect();
        let last = logs.iter().map(|log| Day::of(log.complaint.changed_at)).max();
        let as_of = last.unwrap_or(day("2026-04-28")).plus_days(looked);

        let mut all = [(0, 0, 0); 3];
        let mut by_level = std::collections::BTreeMap::<usize, Figures>::new();
        let mut by_district = std::collections::BTreeMap::<String, Figures>::new();
        let (mut counted, mut gone) = (0, 0);
        for log in &logs {
            let received = log.reception.received_on;
            if received < period.from || received > period.until {
                continue;
            }
            let Some((office, figures)) = naive(log, as_of, calendar) else {
                gone += 1;
                continue;
            };
            counted += 1;
            add(&mut all, figures);
            add(by_level.entry(office.len() + usize::from(office.ends_with("000"))).or_default(), figures);
            add(by_district.entry(office[..6].to_owned()).or_default(), figures);
        }

        let complaints = logs.iter().map(|log| &log.complaint);
        let groups = tally(complaints, period, as_of, house.terms().policy);
        prop_assert_eq!(&groups[0].of, &Grouping::All);
        prop_assert_eq!((groups[0].complaints, groups[0].transferred), (counted, gone));
        prop_assert_eq!(figures(&groups[0]), all);
        for group in &groups {
            let expected = match &group.of {
                Grouping::All | Grouping::Company(None) => all,
                Grouping::Level(level) => {
                    let key = match level_code(*level) { "city" => 7, "county" => 6, "street" => 9, _ => 12 };
                    by_level.get(&key).copied().unwrap_or_default()
                }
                Grouping::District(district) => by_district.get(district.as_str()).copied().unwrap_or_default(),
                Grouping::Company(Some(_)) => unreachable!("no company was named"),
            };
            prop_assert_eq!(figures(group), expected, "{:?}", &group.of);
            for rate in &group.rates {
                prop_assert!(rate.numerator <= rate.denominator);
                prop_assert_eq!(rate.percent().is_none(), rate.denominator == 0);
            }
        }
        // Nothing is lost between the groups of a kind, and none counts twice.
        for kind in [true, false] {
            let of_kind = groups.iter().filter(|group| match group.of {
                Grouping::Level(_) => kind,
                Grouping::District(_) => !kind,
                _ => false,
            });
            let mut sum = [(0, 0, 0); 3];
            of_kind.for_each(|group| add(&mut sum, figures(group)));
            prop_assert_eq!(sum, all);
        }
    }
}

#[test]
fn percents_are_exact_and_nothing_of_nothing_is_none() {
    let percent = |numerator, denominator| {
        RateValue {
            rate: "acceptance".into(),
            numerator,
            denominator,
            not_due: 3,
        }
        .percent()
    };
    for (numerator, denominator, expected) in [
        (0, 0, None),
        (0, 7, Some("0.00")),
        (7, 7, Some("100.00")),
        (1, 3, Some("33.33")),
        (2, 3, Some("66.67")),
        (1, 8, Some("12.50")),
        // 0.005 % goes up, and nothing short of all is 100 %... but 99.995 % is shown so, with its figures beside it.
        (1, 20_000, Some("0.01")),
        (19_999, 20_000, Some("100.00")),
        // 哈尔滨 reported 84 %.
        (2_640, 4_013, Some("65.79")),
        (u64::MAX, u64::MAX, Some("100.00")),
    ] {
        assert_eq!(percent(numerator, denominator).as_deref(), expected);
    }
}
