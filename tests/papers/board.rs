//! What is due, to whom; and reminders.

use wuxin::{
    domain::{Deadline, Period, Region},
    service::{
        Actor, Error, Role,
        deadlines::{self, BoardRow, Matter, MatterKind, Question, Reminder},
    },
};

use super::office::*;
use crate::{
    on_both,
    support::{TestStore, synthetic::*},
};

on_both!(
    the_board_shows_the_overdue_first_and_how_much_is_left,
    an_account_of_a_division_sees_its_own,
    a_period_is_reminded_of_once_a_threshold,
    a_moved_period_is_reminded_of_anew,
    a_role_sees_the_kinds_of_matter_that_it_reads,
    only_overdue_publications_are_public_and_without_a_name,
);

pub fn actor(role: Role, region: Option<&str>) -> Actor {
    Actor {
        id: format!("{role}"),
        role,
        region: region.map(|code| Region::parse(code).unwrap()),
    }
}

impl Office {
    fn board(&self, who: &Actor, question: &Question, on: &str) -> Result<Vec<BoardRow>, Error> {
        let app = &self.app;
        app.store
            .read(|db| deadlines::board(db, app, who, question, morning(on)))
    }

    fn remind(&self, on: &str) -> Vec<Reminder> {
        let app = &self.app;
        app.store
            .write(|db| deadlines::remind(db, app, morning(on)))
            .unwrap()
    }

    fn keep_as(&self, matter: &Matter, running: &[Deadline], on: &str) {
        let app = &self.app;
        app.store
            .write(|db| deadlines::keep(db, app, matter, running, morning(on)))
            .unwrap();
    }
}

fn the_board_shows_the_overdue_first_and_how_much_is_left(test: &TestStore) {
    let office = Office::new(test);
    let app = &office.app;
    let examine = office.deadline("record.examine", "received", "2026-03-02"); // until the 5th
    let objection = office.deadline("record.objection", "served", "2026-03-02"); // until the 16th
    let check = office.deadline("record.rectification_check", "reported", "2026-03-02"); // the 9th
    office.keep("r1", &[objection], "2026-03-02").unwrap();
    office.keep("r2", &[examine], "2026-03-02").unwrap();
    office.keep("r3", &[check], "2026-03-02").unwrap();
    let waiting = deadlines::Waiting {
        rule: "record.notify".into(),
        period: Period::WorkingDays(7),
        start_event: "confirmed".into(),
        start: day("2026-12-30"),
    };
    app.store
        .write(|db| {
            let matter = matter("r4");
            deadlines::keep_waiting(
                db,
                app,
                &matter,
                &[],
                std::slice::from_ref(&waiting),
                morning("2026-12-30"),
            )
        })
        .unwrap();
    let officer = actor(Role::Officer, None);
    let rows = office
        .board(&officer, &Question::default(), "2026-03-09")
        .unwrap();
    let shown: Vec<_> = rows
        .iter()
        .map(|row| {
            let left = row.working_days_left;
            (
                row.matter.as_str(),
                row.standing.as_str(),
                row.who.as_str(),
                row.overdue,
                left,
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("r2", "逾期 4 日", "主管部门", true, None),
            ("r3", "今日届满", "主管部门", false, Some(0)),
            ("r1", "尚余 5 个工作日", "企业", false, Some(5)),
            ("r4", "待节假日安排公布", "主管部门", false, None),
        ]
    );
    let first = &rows[0];
    assert_eq!(
        (first.what.as_str(), first.period.as_str(), first.days_late),
        ("核查异议并答复", "3个工作日", 4)
    );
    assert!(!first.verified && first.basis.contains("待核实"));
    // A day that no calendar covers: nothing is guessed about what lies before it.
    let far = office
        .board(&officer, &Question::default(), "2027-01-04")
        .unwrap();
    assert!(
        far.iter()
            .all(|row| row.overdue || row.working_days_left.is_none())
    );

    let ids = |question: Question| -> Vec<String> {
        let rows = office.board(&officer, &question, "2026-03-09").unwrap();
        rows.into_iter().map(|row| row.matter).collect()
    };
    let until = Question {
        until: Some(day("2026-03-09")),
        ..Question::default()
    };
    assert_eq!(ids(until), ["r2", "r3"]);
    assert_eq!(
        ids(Question {
            limit: Some(1),
            ..Question::default()
        }),
        ["r2"]
    );
    let other_kind = Question {
        kind: Some(MatterKind::Entry),
        ..Question::default()
    };
    assert!(ids(other_kind).is_empty());
    let other_company = Question {
        company: Some(uscc(2)),
        ..Question::default()
    };
    assert!(ids(other_company).is_empty());
    assert_eq!(
        ids(Question {
            company: Some(uscc(1)),
            ..Question::default()
        })
        .len(),
        4
    );
}

fn an_account_of_a_division_sees_its_own(test: &TestStore) {
    let office = Office::new(test);
    let running = || office.deadline("record.examine", "received", "2026-03-02");
    for (id, region) in [
        ("near", Some("512002001")),
        ("far", Some("512021001")),
        ("none", None),
    ] {
        let matter = Matter {
            region: region.map(|code| Region::parse(code).unwrap()),
            ..matter(id)
        };
        office.keep_as(&matter, &[running()], "2026-03-02");
    }
    let seen = |who: &Actor, region: Option<&str>| {
        let question = Question {
            region: region.map(|code| Region::parse(code).unwrap()),
            ..Question::default()
        };
        office
            .board(who, &question, "2026-03-02")
            .map(|rows| rows.into_iter().map(|row| row.matter).collect::<Vec<_>>())
    };
    let district = actor(Role::Officer, Some("512002"));
    let city = actor(Role::Officer, None);
    assert_eq!(seen(&district, None).unwrap(), ["near"]);
    assert_eq!(seen(&district, Some("512002001")).unwrap(), ["near"]);
    assert!(matches!(
        seen(&district, Some("512021")),
        Err(Error::Refused(_))
    ));
    assert!(matches!(
        seen(&district, Some("512000")),
        Err(Error::Refused(_))
    ));
    assert_eq!(seen(&city, None).unwrap(), ["far", "near", "none"]);
    assert_eq!(seen(&city, Some("512021")).unwrap(), ["far"]);
    assert_eq!(seen(&city, Some("512000")).unwrap(), ["far", "near"]);
    assert!(matches!(
        seen(&actor(Role::Admin, None), None),
        Err(Error::Refused(_))
    ));

    office.remind("2026-03-02");
    let reminded = |who: &Actor| {
        let app = &office.app;
        let found = app
            .store
            .read(|db| deadlines::reminders(db, who, morning("2026-03-01")))
            .unwrap();
        found.len()
    };
    assert_eq!((reminded(&district), reminded(&city)), (1, 3));
    let history = |who: &Actor, id: &str| {
        let store = &office.app.store;
        store.read(|db| deadlines::history(db, who, MatterKind::Record, id))
    };
    assert_eq!(history(&district, "near").unwrap()[0].events.len(), 2);
    assert!(matches!(history(&district, "far"), Err(Error::Refused(_))));
    assert!(matches!(
        history(&city, "nothing"),
        Err(Error::Missing { .. })
    ));
}

fn a_period_is_reminded_of_once_a_threshold(test: &TestStore) {
    let office = Office::new(test);
    let check = office.deadline("record.rectification_check", "reported", "2026-03-02"); // until the 9th
    office.keep("r1", &[check], "2026-03-02").unwrap();
    // The 7th and 8th are a weekend.
    let table = [
        ("2026-03-02", None), // 5 left
        ("2026-03-03", None), // 4
        ("2026-03-04", Some("3")),
        ("2026-03-05", None), // 2
        ("2026-03-06", Some("1")),
        ("2026-03-07", None),
        ("2026-03-09", Some("0")),
        ("2026-03-10", Some("overdue")),
        ("2026-03-11", None),
    ];
    for (on, threshold) in table {
        let new = office.remind(on);
        let found = new.first().map(|reminder| reminder.threshold.as_str());
        assert_eq!(found, threshold, "{on}");
        assert!(office.remind(on).is_empty(), "{on}: once");
    }
    let store = &office.app.store;
    let all = store
        .read(|db| {
            let officer = actor(Role::Officer, None);
            deadlines::reminders(db, &officer, morning("2026-03-05"))
        })
        .unwrap();
    let said: Vec<&str> = all.iter().map(|reminder| reminder.said.as_str()).collect();
    assert_eq!(
        said,
        [
            "示例记录r1：「复核整改」于 2026-03-09 届满，尚余 1 个工作日，责任方：主管部门",
            "示例记录r1：「复核整改」于 2026-03-09 届满，此前已无其他工作日，责任方：主管部门",
            "示例记录r1：「复核整改」已于 2026-03-09 届满，逾期 1 日，责任方：主管部门",
        ]
    );
    // What is over is not reminded of.
    office.keep("r1", &[], "2026-03-12").unwrap();
    assert!(office.remind("2026-03-13").is_empty());
}

fn a_moved_period_is_reminded_of_anew(test: &TestStore) {
    let office = Office::new(test);
    let first = office.deadline("record.examine", "received", "2026-03-02"); // until the 5th
    office.keep("r1", &[first], "2026-03-02").unwrap();
    assert_eq!(office.remind("2026-03-05")[0].threshold, "0");
    let second = office.deadline("record.examine", "received", "2026-03-05"); // until the 10th
    office.keep("r1", &[second], "2026-03-05").unwrap();
    assert_eq!(office.remind("2026-03-05")[0].threshold, "3");
    assert_eq!(office.remind("2026-03-10")[0].threshold, "0");
}

fn only_overdue_publications_are_public_and_without_a_name(test: &TestStore) {
    let office = Office::new(test);
    let app = &office.app;
    let entry = Matter {
        kind: MatterKind::Entry,
        title: "示例物业服务有限公司列入重点关注名单".into(),
        ..matter("e1")
    };
    let publish = office.deadline("entry.publish", "decided", "2026-03-02"); // until the 11th
    let objection = office.deadline("entry.dispute", "received", "2026-03-02"); // until the 5th
    office.keep_as(&entry, &[publish, objection], "2026-03-02");
    let public = |on: &str| {
        app.store
            .read(|db| deadlines::overdue_publications(db, app, morning(on)))
            .unwrap()
    };
    assert!(public("2026-03-11").is_empty(), "the last day is in time");
    let [late] = &public("2026-03-12")[..] else {
        panic!("one")
    };
    assert_eq!(
        (late.what.as_str(), late.due_on.as_str(), late.days_late),
        ("公示并推送信用平台", "2026-03-11", 1)
    );
    let text = serde_json::to_string(late).unwrap();
    assert!(
        !text.contains("示例物业") && !text.contains(uscc(1).as_str()),
        "{text}"
    );
}

fn a_role_sees_the_kinds_of_matter_that_it_reads(test: &TestStore) {
    let office = Office::new(test);
    let running = office.deadline("record.examine", "received", "2026-03-02");
    for (id, kind) in [
        ("e", MatterKind::Entry),
        ("r", MatterKind::Record),
        ("c", MatterKind::Complaint),
        ("k", MatterKind::Check),
    ] {
        let matter = Matter { kind, ..matter(id) };
        office.keep_as(&matter, std::slice::from_ref(&running), "2026-03-02");
    }
    office.remind("2026-03-02");
    let table = [
        (Role::Officer, "c e k r"),
        (Role::Reviewer, "c k r"),
        (Role::Legal, "c e r"),
        (Role::Decider, "c e r"),
        (Role::Publisher, "e"),
        (Role::Auditor, "c e k r"),
    ];
    for (role, expected) in table {
        let who = actor(role, None);
        let rows = office
            .board(&who, &Question::default(), "2026-03-02")
            .unwrap();
        let mut seen: Vec<String> = rows.into_iter().map(|row| row.matter).collect();
        seen.sort();
        assert_eq!(seen.join(" "), expected, "{role}");
        let store = &office.app.store;
        let mut reminded: Vec<String> = store
            .read(|db| deadlines::reminders(db, &who, morning("2026-03-01")))
            .unwrap()
            .into_iter()
            .map(|reminder| reminder.matter)
            .collect();
        reminded.sort();
        assert_eq!(reminded.join(" "), expected, "{role}");
        for kind in MatterKind::ALL {
            let question = Question {
                kind: Some(kind),
                ..Question::default()
            };
            let asked = office.board(&who, &question, "2026-03-02");
            let letter = match kind {
                MatterKind::Entry => "e",
                MatterKind::Record => "r",
                MatterKind::Complaint => "c",
                MatterKind::Check => "k",
            };
            let own = expected.contains(letter);
            assert_eq!(asked.is_ok(), own, "{role} {kind}");
        }
    }
}
