//! Rules of the procedure one by one.

use chrono::{DateTime, Utc};

use super::table_tests::{action, draft, sample};
use super::*;
use crate::domain::{Calendar, Day, Uscc};

pub(super) struct World {
    pub types: ListTypes,
    pub calendar: Calendar,
}

impl World {
    pub fn new() -> Self {
        Self {
            types: ListTypes::parse(include_str!("../../rules/lists.toml")).unwrap(),
            calendar: Calendar::parse([include_str!("../../rules/calendar/2026.toml")]).unwrap(),
        }
    }

    pub fn watch(&self) -> &ListType {
        self.types.get("watch").unwrap()
    }

    pub fn propose(&self, proposal: Proposal, when: &str) -> Result<Transition, Illegal> {
        Entry::propose(
            proposal,
            &person(Role::Officer, "经手"),
            at(when),
            self.watch(),
        )
    }

    pub fn apply(
        &self,
        entry: &Entry,
        action: &Action,
        actor: &Actor,
        when: &str,
    ) -> Result<Transition, Illegal> {
        apply(entry, action, actor, at(when), self.watch(), &self.calendar)
    }
}

/// An instant given in Asia/Shanghai.
pub(super) fn at(text: &str) -> DateTime<Utc> {
    format!("{}:00+08:00", text.replace(' ', "T"))
        .parse()
        .unwrap()
}

pub(super) fn text(raw: &str) -> Text {
    Text::parse(raw).unwrap()
}

pub(super) fn digest() -> DocumentDigest {
    DocumentDigest::parse(&"0a".repeat(32)).unwrap()
}

pub(super) fn person(role: Role, name: &str) -> Actor {
    let id = text(&format!("{name}{}", role.chinese()));
    Actor { id, role }
}

fn day(raw: &str) -> Day {
    Day::parse(raw).unwrap()
}

fn company(number: u32) -> Uscc {
    Uscc::complete(&format!("91512002MA6{number:06}")[..17]).unwrap()
}

pub(super) fn proposal(number: u128) -> Proposal {
    Proposal {
        id: uuid::Uuid::from_u128(number),
        company: company(1),
        severity: Some(Severity::General),
        evidence: Evidence {
            snapshot: serde_json::json!({"score": "52.00", "grade": "D", "records": ["r1"]}),
            clauses: vec![text("第二十条")],
        },
        reason: text("等级为D级"),
    }
}

#[test]
fn an_entry_opens_only_with_clauses_on_a_list_that_takes_it() {
    let world = World::new();
    let officer = person(Role::Officer, "经手");
    let open = |list: &str, severity, clauses: Vec<Text>, actor: &Actor| {
        let mut proposal = proposal(1);
        proposal.severity = severity;
        proposal.evidence.clauses = clauses;
        Entry::propose(
            proposal,
            actor,
            at("2026-03-02 09:00"),
            world.types.get(list).unwrap(),
        )
    };
    let clause = || vec![text("第二十条")];
    let general = Some(Severity::General);
    assert!(open("watch", general, clause(), &officer).is_ok());
    assert!(open("watch", general, clause(), &person(Role::System, "评分")).is_ok());
    assert!(open("red", None, clause(), &officer).is_ok());
    assert_eq!(
        open("watch", general, vec![], &officer),
        Err(Illegal::NoClause)
    );
    let refused = open("watch", None, clause(), &officer).unwrap_err();
    assert_eq!(refused.to_string(), "名单「watch」没有为守信设公示期限");
    let refused = open("red", general, clause(), &officer).unwrap_err();
    assert!(matches!(refused, Illegal::Severity { .. }));
    let refused = open("serious", Some(Severity::Serious), clause(), &officer).unwrap_err();
    assert_eq!(refused.to_string(), "名单「serious」未启用");
    for role in [Role::LegalReviewer, Role::Decider, Role::Publisher] {
        let refused = open("watch", general, clause(), &person(role, "经手"));
        assert!(matches!(refused, Err(Illegal::Role { .. })), "{role:?}");
    }
}

#[test]
fn the_window_starts_when_the_notice_counts_as_served() {
    let world = World::new();
    let (entry, _) = sample(&world, "reviewed");
    let officer = person(Role::Officer, "经手");
    let notify = |method: Method, delivered_on: &str, when: &str| {
        let Action::Notify {
            number,
            proof,
            digest,
            ..
        } = action("notify")
        else {
            unreachable!()
        };
        let delivered_on = day(delivered_on);
        let notify = Action::Notify {
            number,
            method,
            delivered_on,
            proof,
            digest,
        };
        let step = world.apply(&entry, &notify, &officer, when)?;
        let State::Noticed(noticed) = step.entry.state else {
            unreachable!()
        };
        let notice = noticed.notice;
        Ok::<_, Illegal>((notice.served_on.to_string(), notice.window_end.to_string()))
    };
    let dates = |served: &str, end: &str| Ok((served.to_owned(), end.to_owned()));
    let consent = text("送达地址确认书");
    let electronic = Method::Electronic { consent };
    assert_eq!(
        notify(Method::Direct, "2026-03-04", "2026-03-04 10:00"),
        dates("2026-03-04", "2026-03-11")
    );
    assert_eq!(
        notify(electronic, "2026-03-03", "2026-03-06 10:00"),
        dates("2026-03-03", "2026-03-10")
    );
    // Public notice: thirty days, then five working days over the Qingming holiday.
    assert_eq!(
        notify(Method::Publication, "2026-03-04", "2026-03-04 10:00"),
        dates("2026-04-03", "2026-04-13")
    );
    for (delivered, when) in [
        ("2026-03-05", "2026-03-04 23:59"),
        ("2026-03-02", "2026-03-04 10:00"),
    ] {
        let refused = notify(Method::Direct, delivered, when);
        assert!(
            matches!(refused, Err(Illegal::DeliveryDay { .. })),
            "{delivered}"
        );
    }
    let refused = notify(Method::Direct, "2026-12-30", "2026-12-30 10:00").unwrap_err();
    assert!(
        refused.to_string().ends_with("待节假日安排公布"),
        "{refused}"
    );
}

#[test]
fn a_waiver_cannot_come_before_service_by_publication() {
    let world = World::new();
    let (entry, _) = sample(&world, "reviewed");
    let officer = person(Role::Officer, "经手");
    let Action::Notify {
        number,
        proof,
        digest,
        ..
    } = action("notify")
    else {
        unreachable!()
    };
    let (method, delivered_on) = (Method::Publication, day("2026-03-04"));
    let notify = Action::Notify {
        number,
        method,
        delivered_on,
        proof,
        digest,
    };
    let noticed = world
        .apply(&entry, &notify, &officer, "2026-03-04 10:00")
        .unwrap()
        .entry;
    let early = world.apply(&noticed, &action("waive"), &officer, "2026-04-02 23:59");
    assert_eq!(
        early,
        Err(Illegal::WaiverBeforeService {
            served_on: day("2026-04-03")
        })
    );
    assert!(
        world
            .apply(&noticed, &action("waive"), &officer, "2026-04-03 00:00")
            .is_ok()
    );
}

#[test]
fn the_decision_is_not_heavier_than_the_notice() {
    let world = World::new();
    let (entry, _) = sample(&world, "noticed");
    let decider = person(Role::Decider, "另一");
    let decide = |severity| {
        let decide = Action::Decide(DecisionDraft {
            severity,
            ..draft()
        });
        world.apply(&entry, &decide, &decider, "2026-03-12 09:00")
    };
    assert_eq!(
        decide(Some(Severity::Minor)).unwrap().entry.severity,
        Some(Severity::Minor)
    );
    assert!(decide(Some(Severity::General)).is_ok());
    for severity in [Some(Severity::Serious), None] {
        assert!(
            matches!(decide(severity), Err(Illegal::Heavier { .. })),
            "{severity:?}"
        );
    }
}

#[test]
fn publication_needs_service_the_repair_notice_and_for_minor_matters_a_reason() {
    let world = World::new();
    let publisher = person(Role::Publisher, "发布");
    let (entry, _) = sample(&world, "decided");
    let Action::Publish {
        service, digest, ..
    } = action("publish")
    else {
        unreachable!()
    };
    let publish = |entry: &Entry, service: DecisionService, exceptionally, when: &str| {
        let digest = digest.clone();
        let publish = Action::Publish {
            service,
            exceptionally,
            digest,
        };
        world.apply(entry, &publish, &publisher, when)
    };
    let without = DecisionService {
        repair_notice: None,
        ..service.clone()
    };
    assert_eq!(
        publish(&entry, without, None, "2026-03-13 09:00"),
        Err(Illegal::NoRepairNotice)
    );
    let posted = DecisionService {
        method: Method::Publication,
        ..service.clone()
    };
    assert_eq!(
        publish(&entry, posted.clone(), None, "2026-04-10 23:59"),
        Err(Illegal::DecisionNotServed {
            served_on: day("2026-04-11")
        })
    );
    let late = |when| {
        publish(&entry, posted.clone(), None, when)
            .unwrap()
            .entry
            .public()
            .unwrap()
            .late
    };
    assert!(late("2026-04-11 00:00"));
    let late = |when| {
        publish(&entry, service.clone(), None, when)
            .unwrap()
            .entry
            .public()
            .unwrap()
            .late
    };
    assert!(!late("2026-03-23 23:59"));
    assert!(late("2026-03-24 00:00"));

    let (noticed, _) = sample(&world, "noticed");
    let minor = Action::Decide(DecisionDraft {
        severity: Some(Severity::Minor),
        ..draft()
    });
    let minor = world.apply(
        &noticed,
        &minor,
        &person(Role::Decider, "另一"),
        "2026-03-12 00:00",
    );
    let minor = minor.unwrap().entry;
    let refused = publish(&minor, service.clone(), None, "2026-03-13 09:00").unwrap_err();
    assert_eq!(
        refused.to_string(),
        "轻微失信信息以不公示为原则；确需公示的，应写明依据"
    );
    let reason = Some(text("示例办法第三条"));
    assert!(publish(&minor, service, reason, "2026-03-13 09:00").is_ok());
}

#[test]
fn a_repair_applies_to_public_entries_only() {
    let world = World::new();
    let officer = person(Role::Officer, "经手");
    let (entry, _) = sample(&world, "decided");
    let refused = world.apply(&entry, &action("ask_repair"), &officer, "2026-07-01 09:00");
    assert_eq!(refused, Err(Illegal::NothingToRepair));
    let (entry, _) = sample(&world, "public");
    let refused = world.apply(&entry, &action("ask_repair"), &officer, "2026-06-12 23:59");
    assert_eq!(
        refused,
        Err(Illegal::BeforeMinimum {
            min_until: day("2026-06-12")
        })
    );
}

#[test]
fn an_entry_is_handled_under_its_own_list_only() {
    let world = World::new();
    let (entry, _) = sample(&world, "proposed");
    let red = world.types.get("red").unwrap();
    let actor = person(Role::LegalReviewer, "另一");
    let when = at("2026-03-03 09:00");
    let refused = apply(
        &entry,
        &action("review"),
        &actor,
        when,
        red,
        &world.calendar,
    );
    assert!(matches!(refused, Err(Illegal::OtherList { .. })));
}

#[test]
fn a_company_on_watch_cannot_be_on_red() {
    let world = World::new();
    let (watch, _) = sample(&world, "public");
    let red = |number, whose, class| Entry {
        id: uuid::Uuid::from_u128(number),
        company: company(whose),
        class,
        ..sample(&world, "decided").0
    };
    let same = red(2, 1, ListClass::Red);
    let other = red(3, 2, ListClass::Red);
    let warned = red(4, 2, ListClass::Warning);
    let expected = vec![Conflict {
        red: same.id,
        adverse: watch.id,
    }];
    let all = [watch.clone(), same, other, warned];
    assert_eq!(conflicts(&all, None), expected);

    // A red entry that is only noticed does not conflict yet; asked for as the one to be decided, it does.
    let mut pending = sample(&world, "noticed").0;
    pending.id = uuid::Uuid::from_u128(5);
    pending.class = ListClass::Red;
    let both = [watch, pending.clone()];
    assert_eq!(conflicts(&both, None), vec![]);
    assert_eq!(conflicts(&both, Some(pending.id)).len(), 1);
    // An entry that is out excludes nothing.
    let (removed, _) = sample(&world, "removed");
    assert_eq!(
        conflicts(&[removed, pending.clone()], Some(pending.id)),
        vec![]
    );
}

#[test]
fn a_file_out_of_order_is_refused() {
    let world = World::new();
    let (_, events) = sample(&world, "public");
    assert_eq!(fold([]), Err(FoldError::Empty));
    assert!(matches!(
        fold(&events[1..]),
        Err(FoldError::First {
            kind: "reviewed",
            ..
        })
    ));
    let skipping: Vec<_> = events
        .iter()
        .filter(|event| event.kind.as_str() != "noticed")
        .collect();
    assert_eq!(
        fold(skipping),
        Err(FoldError::Order {
            index: 2,
            kind: "decided",
            state: StateName::Proposed
        })
    );
}

#[test]
fn texts_and_digests_hold_what_they_say() {
    assert_eq!(Text::parse(" \t"), Err(TextError::Empty));
    assert_eq!(text(" 理由 ").as_str(), "理由");
    assert!(serde_json::from_str::<Text>("\"  \"").is_err());
    assert!(DocumentDigest::parse("0A").is_err());
    assert_eq!(DocumentDigest::parse(&"0A".repeat(32)), Ok(digest()));
}
