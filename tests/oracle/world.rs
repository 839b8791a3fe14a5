//! Random facts: companies, contracts that change hands, records, earlier grades, list entries.

use std::collections::BTreeMap;

use proptest::{collection::vec, option, prelude::*, sample::select};
use rust_decimal::Decimal;
use wuxin::{
    domain::{
        AttributeValue, Company, CompanyStatus, Contract, Day, Points, Record, RecordKind,
        RecordStatus, Uscc,
    },
    rules::{Facts, Item, OnList, PastGrade, PointsForm, RuleSet},
};

/// Facts before names are resolved.
#[derive(Debug, Clone)]
pub struct WorldSpec {
    /// When each company was registered.
    companies: Vec<Option<Day>>,
    projects: Vec<ProjectSpec>,
    contracts_known: bool,
    records: Vec<RecordSpec>,
    history: Vec<(u8, Day, u8)>,
    on_lists: Vec<(u8, u8)>,
    pub as_of: Day,
}

/// Who manages a project: from ever the first, and from each day on another company.
#[derive(Debug, Clone)]
struct ProjectSpec {
    first: u8,
    from: Option<Day>,
    turns: Vec<(Day, u8)>,
    until: Option<Day>,
    /// Whether contracts overlap by a day.
    overlap: bool,
    area: Option<u16>,
    households: Option<u16>,
    value: Option<u16>,
}

#[derive(Debug, Clone)]
struct RecordSpec {
    item: u8,
    company: Option<u8>,
    project: Option<u8>,
    date: Day,
    rectified: Option<u16>,
    valid: Option<u16>,
    status: RecordStatus,
    matter: Option<u8>,
    points: u8,
    people: Option<i8>,
    value: Option<i16>,
    rate: Option<u8>,
    choice: Option<bool>,
    note: Option<bool>,
    main: Option<bool>,
    seen: Option<Day>,
    /// What is wrong with it; mostly nothing.
    fault: u8,
}

/// The facts, owned.
#[derive(Debug, Clone, serde::Serialize)]
pub struct World {
    pub companies: Vec<Company>,
    pub contracts: Vec<Contract>,
    pub contracts_known: bool,
    pub records: Vec<Record>,
    pub history: Vec<PastGrade>,
    pub on_lists: Vec<OnList>,
    pub as_of: Day,
}

impl World {
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            companies: &self.companies,
            contracts: &self.contracts,
            contracts_known: self.contracts_known,
            records: &self.records,
            history: &self.history,
            on_lists: &self.on_lists,
        }
    }
}

pub fn uscc(number: usize) -> Uscc {
    Uscc::complete(&format!("91512002MA{:07}", number + 1)).unwrap()
}

fn first_day() -> Day {
    Day::from_ymd(2023, 1, 1).unwrap()
}

/// Month ends and leap days more often than others.
fn day() -> impl Strategy<Value = Day> {
    let special = [
        (2023, 2, 28),
        (2023, 12, 31),
        (2024, 1, 1),
        (2024, 1, 31),
        (2024, 2, 28),
        (2024, 2, 29),
        (2024, 3, 31),
        (2024, 4, 30),
        (2024, 6, 30),
        (2024, 7, 1),
        (2024, 8, 31),
        (2024, 12, 31),
        (2025, 2, 28),
    ];
    let special = special.map(|(year, month, day)| Day::from_ymd(year, month, day).unwrap());
    prop_oneof![
        2 => select(special.to_vec()),
        3 => (0_u32..900).prop_map(|days| first_day().plus_days(days)),
    ]
}

fn project() -> impl Strategy<Value = ProjectSpec> {
    (
        (
            any::<u8>(),
            option::weighted(0.3, day()),
            vec((day(), any::<u8>()), 0..3),
            option::weighted(0.2, day()),
        ),
        (
            prop::bool::weighted(0.05),
            option::weighted(0.93, 0_u16..500),
            option::weighted(0.93, 1_u16..500),
            option::weighted(0.93, 1_u16..500),
        ),
    )
        .prop_map(
            |((first, from, turns, until), (overlap, area, households, value))| ProjectSpec {
                first,
                from,
                turns,
                until,
                overlap,
                area,
                households,
                value,
            },
        )
}

fn record() -> impl Strategy<Value = RecordSpec> {
    let status = prop_oneof![
        12 => Just(RecordStatus::Confirmed),
        3 => Just(RecordStatus::Disputed),
        1 => Just(RecordStatus::Draft),
        1 => Just(RecordStatus::Revoked),
    ];
    (
        (
            any::<u8>(),
            option::weighted(0.85, any::<u8>()),
            option::weighted(0.6, any::<u8>()),
            day(),
            option::weighted(0.35, 0_u16..400),
            option::weighted(0.15, 0_u16..500),
            status,
            option::weighted(0.4, 0_u8..2),
        ),
        (
            any::<u8>(),
            option::weighted(0.95, -2_i8..7),
            option::weighted(0.95, -40_i16..80),
            option::of(0_u8..110),
            option::weighted(0.95, any::<bool>()),
            option::of(any::<bool>()),
            option::of(any::<bool>()),
            option::of(day()),
            prop_oneof![60 => Just(0_u8), 1 => 1_u8..9],
        ),
    )
        .prop_map(
            |(
                (item, company, project, date, rectified, valid, status, matter),
                (points, people, value, rate, choice, note, main, seen, fault),
            )| RecordSpec {
                item,
                company,
                project,
                date,
                rectified,
                valid,
                status,
                matter,
                points,
                people,
                value,
                rate,
                choice,
                note,
                main,
                seen,
                fault,
            },
        )
}

/// Any facts with at most so many records.
pub fn world(records: usize) -> impl Strategy<Value = WorldSpec> {
    (
        vec(option::weighted(0.7, day()), 1..4),
        vec(project(), 0..4),
        prop::bool::weighted(0.85),
        vec(record(), 0..records),
        vec((any::<u8>(), day(), any::<u8>()), 0..3),
        vec((any::<u8>(), any::<u8>()), 0..2),
        day(),
    )
        .prop_map(
            |(companies, projects, contracts_known, records, history, on_lists, as_of)| WorldSpec {
                companies,
                projects,
                contracts_known,
                records,
                history,
                on_lists,
                as_of,
            },
        )
}

/// The facts for a rule set.
/// The facts for a rule set, and for the version before it.
pub fn build(spec: &WorldSpec, rules: &RuleSet, older: Option<&RuleSet>) -> World {
    let company = |index: u8| usize::from(index) % spec.companies.len();
    let companies = (spec.companies.iter().enumerate())
        .map(|(index, registered)| Company {
            uscc: uscc(index),
            name: format!("示例{index}号物业"),
            region: None,
            registered_on: *registered,
            status: CompanyStatus::Active,
            legal_representative: None,
            address: None,
            phone: None,
        })
        .collect();
    let mut contracts = Vec::new();
    for (index, project) in spec.projects.iter().enumerate() {
        project.contracts(index, company, &mut contracts);
    }
    let code = |index: u8| format!("P{}", usize::from(index) % (spec.projects.len() + 1));
    let records = (spec.records.iter().enumerate())
        .map(|(index, record)| record.build(index, rules, older, company, code))
        .collect();
    let subject = |index: u8| match rules.subject().as_str() {
        "company" => uscc(company(index)).to_string(),
        "project" => code(index),
        _ => format!("m{}", index % 2),
    };
    let history = (spec.history.iter())
        .map(|(index, period_end, grade)| {
            let grade = rules
                .grades()
                .get(usize::from(*grade) % (rules.grades().len() + 1));
            PastGrade {
                subject: subject(*index),
                period_end: *period_end,
                grade: grade.map_or("不评级", |grade| &grade.id).to_owned(),
            }
        })
        .collect();
    let on_lists = (spec.on_lists.iter())
        .filter(|_| !rules.lists().is_empty())
        .map(|(index, list)| OnList {
            subject: subject(*index),
            list: rules.lists()[usize::from(*list) % rules.lists().len()]
                .id
                .clone(),
        })
        .collect();
    let mut world = World {
        companies,
        contracts,
        contracts_known: spec.contracts_known,
        records,
        history,
        on_lists,
        as_of: spec.as_of,
    };
    if !world.contracts_known {
        world.contracts.clear();
    }
    world
}

impl ProjectSpec {
    fn contracts(
        &self,
        index: usize,
        company: impl Fn(u8) -> usize,
        contracts: &mut Vec<Contract>,
    ) {
        let mut turns = self.turns.clone();
        turns.sort_unstable();
        turns.dedup_by_key(|turn| turn.0);
        turns.retain(|turn| self.from.is_none_or(|from| from < turn.0));
        turns.retain(|turn| self.until.is_none_or(|until| turn.0 <= until));
        let mut managers = vec![(self.from, self.first)];
        managers.extend(turns.into_iter().map(|(day, company)| (Some(day), company)));
        for (n, (from, manager)) in managers.iter().enumerate() {
            let next = managers.get(n + 1).and_then(|next| next.0);
            let last = |next: Day| if self.overlap { next } else { next.previous() };
            let until = next.map_or(self.until, |next| Some(last(next)));
            let grown = |value: u16| Decimal::new(i64::from(value) + 10 * n as i64, 1);
            contracts.push(Contract {
                project: format!("P{index}"),
                name: format!("示例{index}号小区"),
                company: uscc(company(*manager)),
                region: None,
                area: self.area.map(grown),
                households: self.households.map(u32::from),
                from: *from,
                until,
                contract_value: self.value.map(grown),
                service_grade: None,
            });
        }
    }
}

impl RecordSpec {
    fn build(
        &self,
        index: usize,
        rules: &RuleSet,
        older: Option<&RuleSet>,
        company: impl Fn(u8) -> usize,
        code: impl Fn(u8) -> String,
    ) -> Record {
        // The items of the version in force on about this day.
        let judges = older
            .filter(|_| !rules.in_force_on(self.date))
            .unwrap_or(rules);
        let item: &Item = &judges.items()[usize::from(self.item) % judges.items().len()];
        let by_project = rules
            .components()
            .iter()
            .any(|component| component.per_project());
        let project = match rules.subject().as_str() {
            "project" => Some(code(self.project.unwrap_or(0))),
            "company" if self.company.is_none() || by_project => {
                Some(code(self.project.unwrap_or(0)))
            }
            _ => self.project.map(&code),
        };
        let mut record = Record {
            // Not in the order in which they are given.
            id: format!("r{:02}", index * 11 % 97),
            item: item.id.clone(),
            kind: item.kinds.first().copied().or(Some(RecordKind::Other)),
            company: self.company.map(|index| uscc(company(index))),
            project,
            manager: (rules.subject().as_str() == "manager")
                .then(|| format!("m{}", self.points % 2)),
            body: None,
            occurred_on: Some(self.date),
            decided_on: Some(self.date.plus_days(u32::from(self.points % 3))),
            entered_on: Some(self.date.plus_days(5)),
            published_on: Some(self.date.plus_days(9)),
            valid_until: self.valid.map(|days| self.date.plus_days(u32::from(days))),
            points: None,
            reason: None,
            matter: self.matter.map(|n| format!("M{n}")),
            rectify_by: None,
            rectified_on: self
                .rectified
                .map(|days| self.date.plus_days(u32::from(days))),
            status: self.status,
            attributes: self.attributes(item),
        };
        if let PointsForm::Chosen { min, max, .. } = item.points {
            let share = Decimal::from(self.points % 5) / Decimal::from(4);
            let points = (min + (max - min) * share).round_dp(2);
            record.points = Some(Points::new(points).unwrap());
            record.reason = Some("示例".to_owned());
        }
        self.spoil(&mut record);
        record
    }

    fn attributes(&self, item: &Item) -> BTreeMap<String, AttributeValue> {
        let needed: Vec<&str> = (item.points.attribute().into_iter())
            .chain(item.times.as_deref())
            .collect();
        let mut given = BTreeMap::new();
        let mut give = |name: &str, value: Option<AttributeValue>, default: AttributeValue| {
            if let Some(value) = value.or_else(|| needed.contains(&name).then_some(default)) {
                given.insert(name.to_owned(), value);
            }
        };
        let whole = |value: i8| {
            let value = if item.times.is_some() {
                value.abs()
            } else {
                value
            };
            AttributeValue::Integer(i64::from(value))
        };
        let tenths = |value: i16| AttributeValue::Decimal(Decimal::new(i64::from(value), 1));
        let word = |city: bool| (if city { "city" } else { "county" }).to_owned();
        give("people", self.people.map(whole), whole(1));
        give("value", self.value.map(tenths), tenths(10));
        give(
            "rate",
            self.rate
                .map(|rate| AttributeValue::Decimal(Decimal::new(i64::from(rate), 2))),
            tenths(1),
        );
        give(
            "level",
            self.choice.map(|city| AttributeValue::Choice(word(city))),
            AttributeValue::Choice(word(true)),
        );
        let none = AttributeValue::Boolean(false);
        give(
            "note",
            self.note.map(|city| AttributeValue::Text(word(city))),
            none.clone(),
        );
        give("main", self.main.map(AttributeValue::Boolean), none.clone());
        give("seen", self.seen.map(AttributeValue::Day), none);
        given
    }

    fn spoil(&self, record: &mut Record) {
        match self.fault {
            1 => record.item = "I-99".to_owned(),
            2 => {
                record.occurred_on = None;
                record.decided_on = None;
            }
            3 => record.points = Some(Points::parse("1000").unwrap()),
            4 => record.rectified_on = Some(Day::from_ymd(2020, 1, 1).unwrap()),
            5 => {
                record.attributes.clear();
            }
            6 => {
                record
                    .attributes
                    .insert("people".to_owned(), AttributeValue::Text("三".to_owned()));
            }
            7 => record.id = "r00".to_owned(),
            8 => record.kind = Some(RecordKind::Survey),
            _ => {}
        }
    }
}
