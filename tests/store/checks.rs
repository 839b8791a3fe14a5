//! Spot checks: versions, tasks, files, secrets and the ledger are only added to.

use diesel::{RunQueryDsl, sql_query};
use wuxin::{
    domain::Region,
    store::{
        StoreError,
        checks::{self, Kind, NewEvent, PlanRow, Task, Version, Visit},
    },
};

use crate::{
    on_both,
    support::{TestStore, synthetic::*},
};

on_both!(
    the_last_version_of_a_library_is_in_use,
    a_step_upon_an_old_version_of_a_task_is_refused,
    the_ledger_shows_the_visits_that_stand,
    a_plan_keeps_its_events_and_every_published_file,
    nothing_can_be_edited_or_deleted,
);

fn version(id: &str, version: i64) -> Version {
    Version {
        id: id.to_owned(),
        version,
        district: Some(Region::parse("512002").unwrap()),
        actor: "示例科员".to_owned(),
        at: at(version),
        data: format!(r#"{{"v":{version}}}"#),
    }
}

fn task() -> Task {
    Task {
        id: "CC-1".to_owned(),
        district: Region::parse("512002").unwrap(),
        state: "planned".to_owned(),
        version: 1,
        data: "{}".to_owned(),
    }
}

fn event(kind: &str) -> NewEvent {
    NewEvent {
        kind: kind.to_owned(),
        actor: "示例科员".to_owned(),
        data: "{}".to_owned(),
    }
}

fn visit(attempt: i64, number: i64, object: &str, comes: bool, officers: [&str; 2]) -> Visit {
    Visit {
        company: uscc(1),
        task: "CC-1".to_owned(),
        attempt,
        number,
        object: object.to_owned(),
        comes,
        kind: "project".to_owned(),
        district: Region::parse("512002").unwrap(),
        grade: "A".to_owned(),
        officers: officers.map(str::to_owned).to_vec(),
        year: 2026,
    }
}

fn the_last_version_of_a_library_is_in_use(test: &TestStore) {
    let all = [("M2", 1), ("M1", 1), ("M1", 2)];
    let add = |kind, id, number| {
        let new = version(id, number);
        test.store.write(|db| checks::add_version(db, kind, &new))
    };
    for (id, number) in all {
        add(Kind::Officer, id, number).unwrap();
    }
    add(Kind::Item, "M1", 1).unwrap();
    assert!(matches!(
        add(Kind::Officer, "M1", 2),
        Err(StoreError::Exists { .. })
    ));
    let library = test.store.read(|db| checks::library(db, Kind::Officer));
    assert_eq!(library.unwrap(), [version("M1", 2), version("M2", 1)]);
    let history = test
        .store
        .read(|db| checks::history(db, Kind::Officer, "M1"));
    assert_eq!(history.unwrap(), [version("M1", 1), version("M1", 2)]);
}

fn a_step_upon_an_old_version_of_a_task_is_refused(test: &TestStore) {
    let create = || {
        test.store
            .write(|db| checks::create(db, &task(), &event("prepare"), at(0)))
    };
    create().unwrap();
    assert!(matches!(create(), Err(StoreError::Exists { .. })));
    let step = || {
        test.store
            .write(|db| checks::append(db, &task(), &event("commit"), at(1)))
    };
    assert_eq!(step().unwrap(), 2);
    assert!(matches!(step(), Err(StoreError::Conflict { found: 2, .. })));
    let events = test.store.read(|db| checks::events(db, "CC-1")).unwrap();
    let kinds: Vec<&str> = events.iter().map(|one| one.event.kind.as_str()).collect();
    assert_eq!(
        kinds,
        ["prepare", "commit"],
        "a refused step leaves no event"
    );
}

fn the_ledger_shows_the_visits_that_stand(test: &TestStore) {
    let create = |db: &mut _| checks::create(db, &task(), &event("prepare"), at(0));
    test.store.write(create).unwrap();
    let enter = |lines: &[Visit]| {
        test.store
            .write(|db| checks::enter(db, lines, at(1)))
            .unwrap()
    };
    let standing = || {
        let visits = test.store.read(|db| checks::of_year(db, 2026)).unwrap();
        let seen = visits
            .into_iter()
            .map(|one| (one.object, one.officers.join("+")));
        seen.collect::<Vec<_>>()
    };
    let pair = |object: &str, officers: &str| (object.to_owned(), officers.to_owned());
    enter(&[
        visit(1, 0, "XM-1", true, ["M1", "M2"]),
        visit(1, 0, "XM-2", true, ["M1", "M3"]),
    ]);
    // Another object, then another officer.
    enter(&[
        visit(1, 1, "XM-1", false, ["M1", "M2"]),
        visit(1, 1, "XM-3", true, ["M2", "M3"]),
    ]);
    enter(&[
        visit(1, 2, "XM-2", false, ["M1", "M3"]),
        visit(1, 2, "XM-2", true, ["M3", "M4"]),
    ]);
    assert_eq!(standing(), [pair("XM-2", "M3+M4"), pair("XM-3", "M2+M3")]);
    // Drawn again: the last attempt counts.
    enter(&[visit(2, 0, "XM-4", true, ["M1", "M2"])]);
    assert_eq!(standing(), [pair("XM-4", "M1+M2")]);
    let other = test.store.read(|db| checks::of_year(db, 2025)).unwrap();
    assert!(other.is_empty());
}

fn plan(id: &str, year: i32, district: &str) -> PlanRow {
    PlanRow {
        id: id.to_owned(),
        year,
        district: Region::parse(district).unwrap(),
        state: "draft".to_owned(),
        version: 1,
        data: "{}".to_owned(),
    }
}

fn a_plan_keeps_its_events_and_every_published_file(test: &TestStore) {
    let first = plan("JH-2026", 2026, "512002");
    let create = |plan: &PlanRow| {
        (test.store).write(|db| checks::create_plan(db, plan, &event("prepare"), at(0)))
    };
    create(&first).unwrap();
    create(&plan("JH-2027", 2027, "512021")).unwrap();
    assert!(matches!(create(&first), Err(StoreError::Exists { .. })));
    let frozen = PlanRow {
        state: "frozen".to_owned(),
        data: r#"{"v":2}"#.to_owned(),
        ..first.clone()
    };
    let append = |row: &PlanRow| {
        (test.store).write(|db| checks::append_plan(db, row, &event("freeze"), at(1)))
    };
    assert_eq!(append(&frozen).unwrap(), 2);
    assert!(matches!(
        append(&frozen),
        Err(StoreError::Conflict {
            expected: 1,
            found: 2,
            ..
        })
    ));
    let missing = append(&plan("JH-1", 2026, "512002"));
    assert!(matches!(missing, Err(StoreError::NotFound { .. })));
    for (seq, data) in [(2, "one"), (3, "two")] {
        (test.store)
            .write(|db| checks::put_plan_file(db, "JH-2026", seq, data, at(seq)))
            .unwrap();
    }
    let read = test.store.read(|db| {
        let region = Region::parse("512002").unwrap();
        let ids = |rows: Vec<PlanRow>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
        Ok::<_, StoreError>((
            checks::find_plan(db, "JH-2026")?,
            (
                ids(checks::plans(db, None)?),
                ids(checks::plans(db, Some(&region))?),
            ),
            checks::plan_events(db, "JH-2026")?.len(),
            (
                checks::plan_file(db, "JH-2026")?,
                checks::plan_file(db, "JH-2027")?,
            ),
            checks::plan_files(db)?,
        ))
    });
    let (found, (all, within), events, files, public) = read.unwrap();
    assert_eq!(
        found,
        Some(PlanRow {
            version: 2,
            ..frozen
        })
    );
    assert_eq!(all, ["JH-2027", "JH-2026"]);
    assert_eq!(within, ["JH-2026"]);
    assert_eq!(events, 2);
    assert_eq!(files, (Some("two".to_owned()), None));
    assert_eq!(public, ["two"]);
}

fn nothing_can_be_edited_or_deleted(test: &TestStore) {
    test.store
        .write(|db| {
            checks::add_version(db, Kind::Item, &version("A1", 1))?;
            checks::create(db, &task(), &event("prepare"), at(0))?;
            checks::put_file(db, "CC-1", 2, "{}", at(1))?;
            checks::put_secret(db, "CC-1", 2, "{}", at(1))?;
            let plan = plan("JH-2026", 2026, "512002");
            checks::create_plan(db, &plan, &event("prepare"), at(0))?;
            checks::put_plan_file(db, "JH-2026", 2, "{}", at(1))?;
            checks::enter(db, &[visit(1, 0, "XM-1", true, ["M1", "M2"])], at(1))
        })
        .unwrap();
    for table in [
        "check_version",
        "check_task_event",
        "check_file",
        "check_secret",
        "check_visit",
        "check_plan_event",
        "check_plan_file",
        "check_plan",
        "check_task",
    ] {
        let mut orders = vec![format!("DELETE FROM {table}")];
        if !["check_task", "check_plan"].contains(&table) {
            let column = if table == "check_visit" {
                "grade"
            } else {
                "data"
            };
            orders.push(format!("UPDATE {table} SET {column} = 'x'"));
        }
        for order in orders {
            let done = test.store.write(|db| {
                sql_query(&order).execute(db)?;
                Ok::<(), StoreError>(())
            });
            assert!(done.is_err(), "{order}");
        }
    }
}
