//! Documents and their numbers.

use std::collections::BTreeSet;

use diesel::{RunQueryDsl, sql_query};
use serde_json::Value;
use sha2::{Digest, Sha256};
use wuxin::{
    domain::{Company, MatterKind},
    service::{
        Actor, Error, Refusal, Role,
        documents::{self, Content, DocumentView, Kind, Question, sample_content},
    },
    store::{
        StoreError, companies, documents as kept,
        entries::{self, EntryState, NewEvent},
        records::{self, Cause},
    },
};

use super::{board::actor, office::*};
use crate::{
    on_both,
    support::{TestStore, synthetic::*},
};

on_both!(
    a_document_is_stored_with_its_number_and_digest,
    every_missing_blank_is_named_and_no_number_is_taken,
    numbers_have_no_gap_when_many_issue_at_once,
    a_transaction_that_fails_gives_its_number_back,
    each_kind_and_year_begins_at_one,
    a_void_document_keeps_its_number,
    the_database_itself_keeps_the_numbers,
    a_division_has_its_own_documents,
    what_a_matter_says_itself_is_filled_in,
);

fn content(kind: Kind) -> Content {
    let mut json = sample_content(kind);
    json["kind"] = kind.as_str().into();
    serde_json::from_value(json).unwrap()
}

impl Office {
    /// With a company, an entry `e1` and a record `r1` of it.
    fn with_matters(test: &TestStore) -> Self {
        let office = Self::new(test);
        let known = Company {
            address: Some("示例市示例路2号".to_owned()),
            ..company(1, "示例<一>物业服务有限公司")
        };
        let state = EntryState {
            state: "noticed".to_owned(),
            severity: None,
            due_on: None,
            data: "{}".to_owned(),
        };
        let event = NewEvent {
            kind: "propose".to_owned(),
            actor: "示例科员".to_owned(),
            role: "officer".to_owned(),
            reason: "示例".to_owned(),
            data: "{}".to_owned(),
        };
        office
            .app
            .store
            .write::<_, StoreError>(|db| {
                companies::put(db, std::slice::from_ref(&known), at(0))?;
                entries::create(db, &uscc(1), "e1", "watch", &state, &event, at(0))?;
                let record = record("r1", Some(1), None);
                records::append(db, &record, None, Cause::Entered, "示例科员", at(0))?;
                Ok(())
            })
            .unwrap();
        office
    }

    fn issue(&self, kind: Kind, on: &str) -> Result<DocumentView, Error> {
        let app = &self.app;
        let id = match kind.matter() {
            MatterKind::Record => "r1",
            _ => "e1",
        };
        let officer = actor(Role::Officer, None);
        let content = content(kind);
        app.store.write(|db| {
            documents::issue(
                db,
                app,
                &officer,
                (kind.matter(), id),
                &content,
                morning(on),
            )
        })
    }

    fn html(&self, id: &str) -> (DocumentView, Vec<u8>) {
        let officer = actor(Role::Officer, None);
        let store = &self.app.store;
        store
            .read(|db| documents::document(db, &officer, id))
            .unwrap()
    }

    fn numbers(&self, kind: Kind) -> Vec<i64> {
        let question = Question {
            kind: Some(kind),
            ..Question::default()
        };
        let officer = actor(Role::Officer, None);
        let found = self
            .app
            .store
            .read(|db| documents::documents(db, &officer, &question))
            .unwrap();
        found.into_iter().map(|one| one.number).collect()
    }
}

fn a_document_is_stored_with_its_number_and_digest(test: &TestStore) {
    let office = Office::with_matters(test);
    for kind in Kind::ALL {
        let issued = office.issue(kind, "2026-03-20").unwrap();
        assert_eq!((issued.number, issued.year), (1, 2026));
        let (view, html) = office.html(&issued.id);
        assert_eq!(view, issued);
        assert_eq!(view.digest, hex::encode(Sha256::digest(&html)));
        assert_eq!(view.template_digest, office.app.documents.digest(kind));
        let page = String::from_utf8(html).unwrap();
        assert!(
            page.contains(&view.mark) && view.mark.ends_with("〔2026〕1号"),
            "{kind}"
        );
        assert!(page.contains("示例&lt;一&gt;物业服务有限公司"), "{kind}");
        assert!(page.contains("2026年3月20日"), "{kind}");
        assert!(!page.contains("待编号"), "{kind}");
    }
}

fn every_missing_blank_is_named_and_no_number_is_taken(test: &TestStore) {
    let office = Office::with_matters(test);
    let app = &office.app;
    let empty: Content =
        serde_json::from_str(r#"{"kind":"record_notice","records":[{"clause":"附件1第8项"}]}"#)
            .unwrap();
    let officer = actor(Role::Officer, None);
    let refused = app
        .store
        .write(|db| documents::issue(db, app, &officer, (MatterKind::Record, "r1"), &empty, at(0)));
    let Err(Error::Invalid(faults)) = refused else {
        panic!("{refused:?}")
    };
    let said: Vec<_> = faults
        .iter()
        .map(|fault| (fault.pointer.as_str(), fault.what.as_str()))
        .collect();
    assert_eq!(
        said,
        [
            ("/records/0/occurred_on", "第1项行为日期没有填写"),
            ("/records/0/facts", "第1项事实没有填写"),
            ("/records/0/points", "第1项分值没有填写"),
            ("/objection_route", "提出异议的途径没有填写"),
            ("/contact/address", "联系地址没有填写"),
            ("/contact/phone", "联系电话没有填写"),
        ]
    );
    assert!(faults.iter().all(|fault| fault.code == "E014"));
    // About the wrong kind of matter, or about none.
    let about = |matter| {
        app.store
            .write(|db| documents::issue(db, app, &officer, matter, &content(Kind::Notice), at(0)))
            .unwrap_err()
    };
    assert!(matches!(
        about((MatterKind::Record, "r1")),
        Error::Invalid(_)
    ));
    assert!(matches!(
        about((MatterKind::Entry, "e9")),
        Error::Missing { .. }
    ));
    assert_eq!(
        office
            .issue(Kind::RecordNotice, "2026-03-20")
            .unwrap()
            .number,
        1
    );
}

fn numbers_have_no_gap_when_many_issue_at_once(test: &TestStore) {
    const THREADS: usize = 8;
    const EACH: usize = 6;
    let office = Office::with_matters(test);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let office = &office;
            scope.spawn(move || {
                for turn in 0..EACH {
                    let kind = [Kind::Notice, Kind::RecordNotice][(thread + turn) % 2];
                    office.issue(kind, "2026-03-20").unwrap();
                }
            });
        }
    });
    for kind in [Kind::Notice, Kind::RecordNotice] {
        let every: Vec<i64> = (1..=(THREADS * EACH / 2) as i64).collect();
        assert_eq!(office.numbers(kind), every, "{kind}");
    }
}

fn a_transaction_that_fails_gives_its_number_back(test: &TestStore) {
    let office = Office::with_matters(test);
    let app = &office.app;
    let officer = actor(Role::Officer, None);
    let notice = content(Kind::Notice);
    office.issue(Kind::Notice, "2026-03-20").unwrap();
    // Some succeed and some fail after the document was stored, all at once.
    std::thread::scope(|scope| {
        for thread in 0..6 {
            let (office, officer, notice) = (&office, &officer, &notice);
            scope.spawn(move || {
                if thread % 2 == 0 {
                    office.issue(Kind::Notice, "2026-03-20").unwrap();
                    return;
                }
                let undone = app.store.write(|db| {
                    let matter = (MatterKind::Entry, "e1");
                    documents::issue(db, app, officer, matter, notice, morning("2026-03-20"))?;
                    Err::<(), _>(Error::NotInScope(uscc(9)))
                });
                assert!(matches!(undone, Err(Error::NotInScope(_))));
            });
        }
    });
    assert_eq!(office.numbers(Kind::Notice), [1, 2, 3, 4]);
    assert_eq!(office.issue(Kind::Notice, "2026-03-20").unwrap().number, 5);
}

fn each_kind_and_year_begins_at_one(test: &TestStore) {
    let office = Office::with_matters(test);
    let mark = |kind, on| office.issue(kind, on).unwrap().mark;
    assert_eq!(mark(Kind::Notice, "2026-12-30"), "资物信告〔2026〕1号");
    assert_eq!(mark(Kind::Notice, "2026-12-31"), "资物信告〔2026〕2号");
    assert_eq!(mark(Kind::Notice, "2027-01-01"), "资物信告〔2027〕1号");
    assert_eq!(mark(Kind::Removal, "2027-01-01"), "资物信移〔2027〕1号");
    assert_eq!(mark(Kind::Notice, "2026-12-31"), "资物信告〔2026〕3号");
    let counters = office.app.store.read(kept::counters).unwrap();
    let shown: Vec<_> = counters
        .iter()
        .map(|(kind, year, last)| (kind.as_str(), *year, *last))
        .collect();
    assert_eq!(
        shown,
        [
            ("notice", 2026, 3),
            ("notice", 2027, 1),
            ("removal", 2027, 1)
        ]
    );
    let ids: BTreeSet<_> = office.numbers(Kind::Notice).into_iter().collect();
    assert_eq!(ids.len(), 3);
}

fn a_void_document_keeps_its_number(test: &TestStore) {
    let office = Office::with_matters(test);
    let app = &office.app;
    let issued = office.issue(Kind::Notice, "2026-03-20").unwrap();
    let void = |role, reason: &str| {
        let who = actor(role, None);
        app.store
            .write(|db| documents::void(db, &who, &issued.id, reason, morning("2026-03-21")))
    };
    assert!(matches!(
        void(Role::Officer, "示例"),
        Err(Error::Refused(_))
    ));
    assert!(matches!(void(Role::Decider, " "), Err(Error::Invalid(_))));
    let voided = void(Role::Decider, "当事人<名称>有误").unwrap();
    assert_eq!(voided.void.unwrap().reason, "当事人<名称>有误");
    assert!(matches!(
        void(Role::Decider, "再次"),
        Err(Error::WrongState { .. })
    ));
    let (view, html) = office.html(&issued.id);
    assert_eq!(
        view.digest,
        hex::encode(Sha256::digest(&html)),
        "its bytes stay"
    );
    let shown = String::from_utf8(documents::marked(&view, html)).unwrap();
    assert!(shown.contains("本文书已作废（2026年3月21日）：当事人&lt;名称&gt;有误"));
    assert_eq!(office.issue(Kind::Notice, "2026-03-22").unwrap().number, 2);

    // A reviewer has no part in entries, and does not void what it issued itself.
    let reviewer = actor(Role::Reviewer, None);
    let refused = app
        .store
        .write(|db| documents::void(db, &reviewer, "notice-2026-2", "示例", at(0)));
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    let notice = content(Kind::RecordNotice);
    let own = app
        .store
        .write(|db| {
            let matter = (MatterKind::Record, "r1");
            documents::issue(db, app, &reviewer, matter, &notice, morning("2026-03-22"))
        })
        .unwrap();
    let void_by = |id: &str| {
        let who = Actor {
            id: id.to_owned(),
            ..reviewer.clone()
        };
        app.store
            .write(|db| documents::void(db, &who, &own.id, "示例", at(0)))
    };
    let refused = void_by(&reviewer.id);
    assert!(matches!(
        refused,
        Err(Error::Refused(Refusal::SamePerson { .. }))
    ));
    assert!(void_by("another").is_ok());
}

fn the_database_itself_keeps_the_numbers(test: &TestStore) {
    let office = Office::with_matters(test);
    let issued = office.issue(Kind::Notice, "2026-03-20").unwrap();
    office
        .app
        .store
        .write(|db| {
            let decider = actor(Role::Decider, None);
            documents::void(db, &decider, &issued.id, "示例", at(0))
        })
        .unwrap();
    for sql in [
        "UPDATE document SET mark = 'x'",
        "DELETE FROM document",
        "UPDATE document_void SET reason = 'x'",
        "DELETE FROM document_void",
        "UPDATE document_counter SET last = 3",
        "UPDATE document_counter SET last = 0",
        "UPDATE document_counter SET last = last + 1, year = 2030",
        "DELETE FROM document_counter",
        "INSERT INTO document_counter (kind, year, last) VALUES ('notice', 2031, 2)",
        "INSERT INTO document (kind, year, number, id, mark, matter_kind, matter, company, title, digest, template_digest, html, issued_by, issued_at) \
         SELECT kind, year, 2, 'other', 'other', matter_kind, matter, company, title, digest, template_digest, html, issued_by, issued_at FROM document",
        // A number that no document takes blocks the next one.
        "UPDATE document_counter SET last = last + 1; UPDATE document_counter SET last = last + 1",
    ] {
        let refused = test.store.write(|db| {
            for one in sql.split("; ") {
                sql_query(one).execute(db)?;
            }
            Ok::<_, StoreError>(())
        });
        assert!(refused.is_err(), "{sql}");
    }
    assert_eq!(office.issue(Kind::Notice, "2026-03-20").unwrap().number, 2);
}

fn a_division_has_its_own_documents(test: &TestStore) {
    let office = Office::with_matters(test);
    let app = &office.app;
    let issued = office.issue(Kind::Notice, "2026-03-20").unwrap();
    // The company is of 512002.
    for (region, allowed) in [
        (Some("512002"), true),
        (Some("512021"), false),
        (None, true),
    ] {
        let officer = actor(Role::Officer, region);
        let read = app
            .store
            .read(|db| documents::document(db, &officer, &issued.id));
        assert_eq!(read.is_ok(), allowed, "{region:?}");
        let listed = app
            .store
            .read(|db| {
                let notices = Question {
                    kind: Some(Kind::Notice),
                    ..Question::default()
                };
                documents::documents(db, &officer, &notices)
            })
            .unwrap();
        assert_eq!(listed.len(), usize::from(allowed), "{region:?}");
        let issue = app.store.write(|db| {
            let matter = (MatterKind::Entry, "e1");
            documents::issue(db, app, &officer, matter, &content(Kind::Removal), at(0))
        });
        assert_eq!(issue.is_ok(), allowed, "{region:?}");
    }
    let nothing: Value = serde_json::to_value(
        app.store
            .read(|db| {
                documents::documents(
                    db,
                    &actor(Role::Officer, None),
                    &Question {
                        record: Some("r1".into()),
                        ..Question::default()
                    },
                )
            })
            .unwrap(),
    )
    .unwrap();
    assert_eq!(nothing, Value::Array(Vec::new()));
}

fn what_a_matter_says_itself_is_filled_in(test: &TestStore) {
    let office = Office::with_matters(test);
    let app = &office.app;
    let officer = actor(Role::Officer, None);
    let issue = |matter, json: Value| {
        let content: Content = serde_json::from_value(json).unwrap();
        app.store.write(|db| {
            documents::issue(db, app, &officer, matter, &content, morning("2026-03-20"))
        })
    };
    let mut notice = sample_content(Kind::Notice);
    notice["kind"] = "notice".into();
    for blank in ["list_name", "severity", "window"] {
        notice.as_object_mut().unwrap().remove(blank);
    }
    let issued = issue((MatterKind::Entry, "e1"), notice).unwrap();
    let page = String::from_utf8(office.html(&issued.id).1).unwrap();
    let list = app.lists.get("watch").unwrap();
    assert!(page.contains(list.title()), "{page}");
    assert!(page.contains(&format!("{}个工作日", list.window_working_days())));

    // The made-up record cites an item that the rules do not have: what cannot be known is asked for.
    let bare = serde_json::json!({ "kind": "record_notice", "objection_route": "书面提出。",
        "contact": { "address": "示例路1号", "phone": "000" } });
    let Err(Error::Invalid(faults)) = issue((MatterKind::Record, "r1"), bare) else {
        panic!("it was issued")
    };
    let said: Vec<&str> = faults.iter().map(|fault| fault.what.as_str()).collect();
    assert_eq!(said, ["第1项事实没有填写", "第1项记分条款没有填写"]);
    let item = &app.rules.in_force(day("2026-03-20")).unwrap().items()[0];
    app.store
        .write(|db| {
            let record = wuxin::domain::Record {
                item: item.id.clone(),
                ..record("r2", Some(1), None)
            };
            records::append(db, &record, None, Cause::Entered, "示例科员", at(0))
        })
        .unwrap();
    let bare = serde_json::json!({ "kind": "record_notice", "objection_route": "书面提出。",
        "contact": { "address": "示例路1号", "phone": "000" } });
    let issued = issue((MatterKind::Record, "r2"), bare).unwrap();
    let page = String::from_utf8(office.html(&issued.id).1).unwrap();
    for said in [
        item.clause.as_str(),
        &item.title,
        "2026-02-27",
        "-0.5",
        "10个工作日",
    ] {
        assert!(page.contains(said), "{said}");
    }
}
