//! What runs in each state, since when, until when.

use super::{sample::sample, *};

/// `rule: start event, start, due` of everything that runs.
fn running(name: &str) -> Vec<String> {
    let world = World::new();
    let (entry, _) = sample(&world, name);
    let clocks = entry.clocks(world.watch(), &world.calendar);
    assert!(clocks.is_sorted_by_key(|clock| clock.due));
    for clock in &clocks {
        let rule = world.watch().deadline(&clock.rule).unwrap();
        assert_eq!(clock.calendar, world.calendar.version());
        // The end of display does not move off holidays, and may be shorter than the longest.
        if clock.rule != crate::listing::clocks::DISPLAY_END {
            assert_eq!(clock.period, rule.period, "{}", clock.rule);
            assert_eq!(
                world.calendar.is_working_day(clock.due),
                Ok(true),
                "{}",
                clock.rule
            );
        }
    }
    clocks
        .iter()
        .map(|clock| {
            let rule = clock.rule.strip_prefix("entry.").unwrap();
            format!(
                "{rule}: {} {} -> {}",
                clock.start_event, clock.start, clock.due
            )
        })
        .collect()
}

#[test]
fn every_state_has_its_clocks() {
    let end = "display_end: decided 2026-03-12 -> 2027-03-12";
    let review = "review_remedy: decision_served 2026-03-12 -> 2026-05-11";
    let lawsuit = "lawsuit_remedy: decision_served 2026-03-12 -> 2026-09-14";
    let none: &[&str] = &[];
    let table: &[(&str, &[&str])] = &[
        ("proposed", none),
        ("issued", none),
        (
            "noticed",
            &[
                "statement: served 2026-03-04 -> 2026-03-11",
                "decide: window_closed 2026-03-11 -> 2026-04-09",
            ],
        ),
        (
            "statement",
            &[
                "statement: served 2026-03-04 -> 2026-03-11",
                "statement_reply: received receive4号 2026-03-05 -> 2026-03-12",
                "decide: window_closed 2026-03-11 -> 2026-04-09",
            ],
        ),
        (
            "answered",
            &[
                "statement: served 2026-03-04 -> 2026-03-11",
                "decide: window_closed 2026-03-11 -> 2026-04-09",
            ],
        ),
        ("waived", &["decide: waived 2026-03-11 -> 2026-04-09"]),
        (
            "decided",
            &[
                "serve: decided 2026-03-12 -> 2026-03-23",
                "publish: decided 2026-03-12 -> 2026-03-23",
                end,
            ],
        ),
        (
            "served",
            &[
                "publish: decided 2026-03-12 -> 2026-03-23",
                review,
                lawsuit,
                end,
            ],
        ),
        ("public", &[review, lawsuit, end]),
        (
            "disputed",
            &[
                "dispute: dispute_received 2026-03-12 -> 2026-03-17",
                review,
                lawsuit,
                end,
            ],
        ),
        (
            "upheld",
            &[
                "withdraw: dispute_received 2026-03-12 -> 2026-03-17",
                review,
                lawsuit,
                end,
            ],
        ),
        // The Dragon Boat festival lies between.
        (
            "repair asked",
            &[
                review,
                "repair_accept: application_received 2026-06-13 -> 2026-06-17",
                "repair_result: application_received 2026-06-13 -> 2026-06-29",
                lawsuit,
                end,
            ],
        ),
        (
            "repair accepted",
            &[
                review,
                "repair_result: application_received 2026-06-13 -> 2026-06-29",
                lawsuit,
                end,
            ],
        ),
        (
            "repair extended",
            &[
                review,
                "repair_extension: application_received 2026-06-13 -> 2026-07-13",
                lawsuit,
                end,
            ],
        ),
        (
            "revocation asked",
            &[
                "withdraw: became_known 2026-03-12 -> 2026-03-17",
                review,
                lawsuit,
                end,
            ],
        ),
        ("shielded", &[review, lawsuit, end]),
        ("expired", none),
        ("repaired", none),
        (
            "restored",
            &[
                review,
                lawsuit,
                "display_end: decided 2026-06-13 -> 2027-06-13",
            ],
        ),
        ("dropped", none),
        ("not listed", none),
        ("revoked", none),
    ];
    for (name, expected) in table {
        assert_eq!(running(name), *expected, "{name}");
    }
}

#[test]
fn a_joint_objection_has_longer() {
    let world = World::new();
    let (entry, _) = sample(&world, "public");
    let joint = Action::Dispute {
        number: text("异议1号"),
        joint: true,
    };
    let when = "2026-03-12 10:00";
    let officer = person(Role::Officer, "经手");
    let disputed = world.apply(&entry, &joint, &officer, when).unwrap().entry;
    let clocks = disputed.clocks(world.watch(), &world.calendar);
    assert_eq!(clocks[0].rule, "entry.dispute_joint");
    assert_eq!(clocks[0].due, day("2026-03-23"));
}

#[test]
fn what_cannot_be_counted_is_said_and_not_guessed() {
    let world = World::new();
    let (entry, _) = sample(&world, "issued");
    let officer = person(Role::Officer, "经手");
    let serve = Action::ServeNotice {
        method: Method::Direct,
        delivered_on: day("2026-12-14"),
        proof: text("送达回证"),
    };
    let noticed = world
        .apply(&entry, &serve, &officer, "2026-12-14 10:00")
        .unwrap()
        .entry;
    let rules: Vec<String> = noticed
        .clocks(world.watch(), &world.calendar)
        .into_iter()
        .map(|clock| clock.rule)
        .collect();
    assert_eq!(rules, ["entry.statement"]);
    let beyond = noticed.clocks_beyond_calendar(world.watch(), &world.calendar);
    assert_eq!(beyond.len(), 1);
    assert_eq!(
        (beyond[0].rule, beyond[0].start),
        ("entry.decide", day("2026-12-21"))
    );
    assert!(beyond[0].fault.to_string().contains("待节假日安排公布"));
}

#[test]
fn a_file_of_types_from_before_has_the_shipped_periods_and_a_bad_one_is_refused() {
    let shipped = include_str!("../../../rules/lists.toml");
    let old = &shipped[shipped.find("[[list]]").unwrap()..];
    let types = ListTypes::parse(old).unwrap();
    let rule = types
        .get("watch")
        .unwrap()
        .deadline("entry.repair_accept")
        .unwrap();
    assert_eq!(rule.period.to_string(), "3 working days");
    let own = |id: &str, more: &str| {
        let deadline = format!(
            "[[list.deadline]]\nid = \"{id}\"\ntitle = \"示例\"\nperiod = \"5 working days\"\nduty = \"bureau\"\nbasis = \"示例\"\nverified = false\n"
        );
        ListTypes::parse(&format!("{shipped}\n{deadline}{more}"))
    };
    let longer = own("entry.dispute", "").unwrap();
    let period = |list: &str| {
        longer
            .get(list)
            .unwrap()
            .deadline("entry.dispute")
            .unwrap()
            .period
            .to_string()
    };
    assert_eq!(
        (period("serious"), period("watch")),
        ("5 working days".to_owned(), "3 working days".to_owned())
    );
    assert!(matches!(
        own("entry.nothing", ""),
        Err(TypesError::Deadline { .. })
    ));
    assert!(matches!(
        own("entry.display_end", ""),
        Err(TypesError::Deadline { .. })
    ));
}
