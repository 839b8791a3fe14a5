//! The workload: rules as a text of the rule language and as plain numbers, and records as the engine takes them and as
//! plain columns. All of it follows from the seed.

use std::fmt::Write as _;

use anyhow::Context;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use wuxin::domain::{Company, CompanyStatus, Day, Points, Record, RecordStatus, Span, Uscc};

/// Records of one company.
pub const EACH: usize = 100;
/// Items of one component, and components.
const WIDTH: usize = 8;
/// The components from this one on add points; those before it deduct.
const MERIT: usize = 6;
const ITEMS: usize = WIDTH * WIDTH;
/// Days of the records: four years.
const DAYS: u16 = 1461;
/// No such day.
pub const NEVER: u16 = u16::MAX;

/// One point. Points are in hundredths everywhere.
const POINT: i64 = 100;
pub const BASE: i64 = 100 * POINT;
pub const LOWEST: i64 = 0;
pub const HIGHEST: i64 = 120 * POINT;
/// Lowest score of each grade but the last.
pub const GRADES: [i64; 4] = [90 * POINT, 75 * POINT, 60 * POINT, 40 * POINT];
/// Rank of the best grade that a veto leaves: D.
pub const VETO_RANK: usize = 3;
/// How much the first, second and every later occurrence within twelve months counts, in halves.
pub const REPEATS: [i64; 3] = [2, 3, 4];

/// Which rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Job {
    /// Points, validity, rectification, caps of items and components, veto, grades.
    Simple,
    /// That, and repeats count more, and only the highest of a matter counts.
    Full,
    /// As [`Job::Full`], with other points, caps and spans.
    Draft,
}

#[derive(Debug, Clone, Copy)]
pub enum Worth {
    Fixed(i64),
    Chosen { min: i64, max: i64 },
}

#[derive(Debug, Clone)]
pub struct Item {
    pub worth: Worth,
    pub months: u32,
    /// What the item gives one company, at least and at most.
    pub bounds: (i64, i64),
    /// Whether it counts half once rectified.
    pub halved: bool,
    /// Whether only the highest of a matter counts.
    pub highest: bool,
    pub repeats: bool,
    pub veto: bool,
}

/// One rule set.
#[derive(Debug, Clone)]
pub struct Rules {
    job: Job,
    pub items: Vec<Item>,
    /// Least and most points of each component.
    pub components: Vec<(i64, i64)>,
}

pub fn component_of(item: usize) -> usize {
    item / WIDTH
}

impl Rules {
    pub fn new(job: Job) -> Self {
        let draft = job == Job::Draft;
        let full = job != Job::Simple;
        let item = |index: usize| {
            let merit = component_of(index) >= MERIT;
            let kind = index % 4;
            let sign = if merit { 1 } else { -1 };
            let most = POINT * (2 + kind as i64 + i64::from(draft));
            let cap = POINT * ([4, 5, 6, 8][kind] + 2 * i64::from(draft));
            Item {
                worth: match index % 2 {
                    0 => Worth::Fixed(sign * (most - POINT)),
                    _ if merit => Worth::Chosen {
                        min: POINT,
                        max: most,
                    },
                    _ => Worth::Chosen {
                        min: -most,
                        max: -POINT,
                    },
                },
                months: if draft {
                    [9, 12, 24, 36]
                } else {
                    [6, 12, 24, 36]
                }[kind],
                bounds: if merit { (0, cap) } else { (-cap, 0) },
                halved: !merit && kind != 3,
                highest: full && index % 2 == 1,
                repeats: full && !merit && index.is_multiple_of(3),
                veto: index == MERIT * WIDTH - 1,
            }
        };
        Self {
            job,
            items: (0..ITEMS).map(item).collect(),
            components: (0..WIDTH)
                .map(|component| match component {
                    MERIT.. => (0, 10 * POINT),
                    _ => (-10 * POINT - POINT * component as i64, 0),
                })
                .collect(),
        }
    }

    /// The rules in the rule language.
    pub fn text(&self) -> String {
        let mut text = String::from(HEAD);
        for (index, (low, high)) in self.components.iter().enumerate() {
            let bound = match *low {
                0 => format!("cap = {}", points(*high)),
                _ => format!("floor = {}", points(*low)),
            };
            let _ = write!(
                text,
                "\n[[component]]\nid = \"c{index}\"\ntitle = \"部分{index}\"\nbase = 0\n{bound}\n\
                 weight = 1\ncombine = \"sum\"\nmissing = \"zero\"\n"
            );
        }
        for (index, item) in self.items.iter().enumerate() {
            let worth = match item.worth {
                Worth::Fixed(worth) => points(worth),
                Worth::Chosen { min, max } => {
                    format!("{{ min = {}, max = {} }}", points(min), points(max))
                }
            };
            let cap = match item.bounds {
                (0, high) => high,
                (low, _) => low,
            };
            let _ = write!(
                text,
                "\n[[item]]\nid = \"{}\"\ncomponent = \"c{}\"\nclause = \"第{}条\"\ntitle = \"条目{index}\"\n\
                 points = {worth}\ncap = {}\nvalid_for = \"{} months\"\n",
                item_id(index),
                component_of(index),
                index + 1,
                points(cap),
                item.months,
            );
            for (said, line) in [
                (item.halved, "rectified = { multiply = 0.5 }\n"),
                (item.highest, "same_matter = \"highest\"\n"),
                (
                    item.repeats,
                    "repeat = { within = \"12 months\", multiply = [1, 1.5, 2] }\n",
                ),
                (item.veto, "veto = \"D\"\n"),
            ] {
                text.push_str(if said { line } else { "" });
            }
        }
        let mut above: Option<i64> = None;
        for (index, id) in ["A", "B", "C", "D", "E"].into_iter().enumerate() {
            let _ = write!(text, "\n[[grade]]\nid = \"{id}\"\ntitle = \"{id}级\"\n");
            if let Some(from) = GRADES.get(index) {
                let _ = writeln!(text, "from = {}", points(*from));
            }
            if let Some(below) = above {
                let _ = writeln!(text, "below = {}", points(below));
            }
            above = GRADES.get(index).copied();
        }
        text.replace("JOB", &format!("{:?}", self.job).to_lowercase())
    }

    /// Points of a record that says `chosen`.
    pub fn worth(&self, item: usize, chosen: i64) -> i64 {
        match self.items[item].worth {
            Worth::Fixed(worth) => worth,
            Worth::Chosen { .. } => chosen,
        }
    }
}

const HEAD: &str = r#"
[ruleset]
id = "bench-JOB"
title = "测速用规则"
authority = "无"
document = "无"
source = "测速程序生成"
verified = false
effective_from = 2020-01-01
subject = "company"

[period]
kind = "open"
counts_from = "decided_on"

[score]
direction = "merit"
base = 100
min = 0
max = 120
decimals = 2
rounding = "half_up"
disputed = "counts"
"#;

fn points(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let (whole, rest) = (hundredths.abs() / 100, hundredths.abs() % 100);
    match rest {
        0 => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{rest:02}"),
    }
}

fn item_id(index: usize) -> String {
    format!("I{index:02}")
}

/// Days from 2000-01-01.
pub fn number(day: Day) -> u16 {
    let since = day.date() - epoch().date();
    u16::try_from(since.num_days()).unwrap_or(NEVER)
}

pub fn day(number: u16) -> Day {
    epoch().plus_days(u32::from(number))
}

fn epoch() -> Day {
    Day::from_ymd(2000, 1, 1).unwrap_or(Day::MAX)
}

/// The records as plain columns, by company and then in the order of their day and id; company `c` has the rows from
/// `EACH * c`. Columns are as narrow as their values allow.
#[derive(Debug, Default)]
pub struct Columns {
    pub item: Vec<u8>,
    /// Whether its status counts.
    pub counts: Vec<bool>,
    pub decided: Vec<u16>,
    /// [`NEVER`] where it is not rectified.
    pub rectified: Vec<u16>,
    /// Its own last day; 0 where the item's span says.
    pub until: Vec<u16>,
    /// Chosen points, in hundredths.
    pub chosen: Vec<i16>,
    /// Which matter of its item and company it is: the row within the company of the matter's first record.
    pub matter: Vec<u8>,
}

/// Everything that is measured.
#[derive(Debug)]
pub struct Workload {
    pub companies: Vec<Company>,
    pub columns: Columns,
}

impl Workload {
    pub fn new(companies: usize, seed: u64) -> anyhow::Result<Self> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut columns = Columns::default();
        for _ in 0..companies {
            columns.company(&mut rng);
        }
        Ok(Self {
            companies: (0..companies).map(company).collect::<Result<_, _>>()?,
            columns,
        })
    }

    /// The records as the engine takes them.
    pub fn records(&self) -> anyhow::Result<Vec<Record>> {
        let rules = Rules::new(Job::Full);
        (0..self.columns.item.len())
            .map(|row| self.record(row, &rules))
            .collect()
    }

    fn record(&self, row: usize, rules: &Rules) -> anyhow::Result<Record> {
        let columns = &self.columns;
        let item = usize::from(columns.item[row]);
        let chosen = matches!(rules.items[item].worth, Worth::Chosen { .. });
        let given = |number: u16, none: u16| (number != none).then(|| day(number));
        let company = &self.companies[row / EACH];
        Ok(Record {
            id: format!("R{:06}-{:02}", row / EACH, row % EACH),
            item: item_id(item),
            kind: None,
            company: Some(company.uscc),
            project: None,
            manager: None,
            body: None,
            occurred_on: None,
            decided_on: Some(day(columns.decided[row])),
            entered_on: None,
            published_on: None,
            valid_until: given(columns.until[row], 0),
            points: match chosen {
                true => Some(Points::parse(&points(i64::from(columns.chosen[row])))?),
                false => None,
            },
            reason: chosen.then(|| "按检查情况选定".to_owned()),
            matter: Some(format!("M{:02}", columns.matter[row])),
            rectify_by: None,
            rectified_on: given(columns.rectified[row], NEVER),
            status: match (columns.counts[row], row % 50) {
                (false, at) if at % 2 == 0 => RecordStatus::Draft,
                (false, _) => RecordStatus::Revoked,
                (true, 49) => RecordStatus::Disputed,
                (true, _) => RecordStatus::Confirmed,
            },
            attributes: std::collections::BTreeMap::new(),
        })
    }

    /// The last day of the records, on which everything is scored.
    pub fn day(&self) -> Day {
        day(first_day() + DAYS - 1)
    }
}

fn first_day() -> u16 {
    Day::from_ymd(2022, 7, 1).map_or(0, number)
}

impl Columns {
    fn company(&mut self, rng: &mut ChaCha8Rng) {
        /// Day, item, matter.
        type Drawn = (u16, u8, u8);
        let rules = Rules::new(Job::Full);
        let merit: f64 = rng.random_range(0.1..0.7);
        let diligence: f64 = rng.random_range(0.1..0.9);
        let split = (MERIT * WIDTH) as u8;
        let mut drawn: Vec<Drawn> = Vec::with_capacity(EACH);
        for row in 0..EACH {
            let again = row > 0 && rng.random_bool(0.3);
            drawn.push(if again {
                let (day, item, matter) = drawn[rng.random_range(0..row)];
                let later = day + rng.random_range(0..60);
                (later.min(first_day() + DAYS - 1), item, matter)
            } else {
                let item = match rng.random_bool(merit) {
                    true => rng.random_range(split..ITEMS as u8),
                    // A veto is rare.
                    false => match rng.random_range(0..split) {
                        item if item == split - 1 && rng.random_bool(0.9) => 0,
                        item => item,
                    },
                };
                (first_day() + rng.random_range(0..DAYS), item, row as u8)
            });
        }
        drawn.sort_by_key(|(day, ..)| *day);
        let mut firsts = [u8::MAX; EACH];
        for (row, (decided, item, matter)) in drawn.into_iter().enumerate() {
            let first = &mut firsts[usize::from(matter)];
            if *first == u8::MAX {
                *first = row as u8;
            }
            self.matter.push(*first);
            self.item.push(item);
            self.decided.push(decided);
            self.counts.push(!rng.random_bool(0.03));
            self.rectified.push(match rng.random_bool(diligence) {
                true => decided + rng.random_range(5..200),
                false => NEVER,
            });
            self.until.push(match rng.random_bool(0.02) {
                true => decided + rng.random_range(30..400),
                false => 0,
            });
            let chosen = match rules.items[usize::from(item)].worth {
                Worth::Fixed(_) => 0,
                Worth::Chosen { min, max } => POINT * rng.random_range(min / POINT..=max / POINT),
            };
            self.chosen.push(chosen as i16);
        }
    }
}

/// The records with everything folded in that does not depend on the day: what the engine calls arranged.
#[derive(Debug, Default)]
pub struct Folded {
    pub item: Vec<u8>,
    pub matter: Vec<u8>,
    /// First and last day on which it counts; the last is 0 where it never does.
    pub first: Vec<u16>,
    pub last: Vec<u16>,
    pub rectified: Vec<u16>,
    /// Points before and after rectification, in hundredths.
    pub before: Vec<i16>,
    pub after: Vec<i16>,
    /// Last day on which another record of the item is a repeat; 0 where repeats count alike.
    pub again: Vec<u16>,
}

/// Days with months added: for each number of months that the rules have, the end for every first day.
#[derive(Debug)]
pub struct Ends {
    by_item: Vec<usize>,
    tables: Vec<Vec<u16>>,
    year: Vec<u16>,
    from: u16,
}

impl Ends {
    pub fn new(rules: &Rules) -> Self {
        let from = first_day();
        let ends = |months: u32| -> Vec<u16> {
            let days = from..from + DAYS;
            days.map(|first| number(Span::Months(months).last_day(day(first))))
                .collect()
        };
        let mut spans: Vec<u32> = rules.items.iter().map(|item| item.months).collect();
        spans.sort_unstable();
        spans.dedup();
        let place = |months: u32| spans.iter().position(|known| *known == months);
        Self {
            by_item: (rules.items.iter())
                .map(|item| place(item.months).unwrap_or_default())
                .collect(),
            tables: spans.iter().map(|months| ends(*months)).collect(),
            year: ends(12),
            from,
        }
    }

    pub fn of(&self, item: usize, first: u16) -> u16 {
        self.tables[self.by_item[item]][usize::from(first - self.from)]
    }

    pub fn year_after(&self, first: u16) -> u16 {
        self.year[usize::from(first - self.from)]
    }
}

impl Folded {
    pub fn new(rules: &Rules, columns: &Columns) -> Self {
        let ends = Ends::new(rules);
        let mut folded = Self::default();
        for row in 0..columns.item.len() {
            let item = usize::from(columns.item[row]);
            let rule = &rules.items[item];
            let first = columns.decided[row];
            let worth = rules.worth(item, i64::from(columns.chosen[row]));
            folded.item.push(columns.item[row]);
            folded.matter.push(match rule.highest {
                true => columns.matter[row],
                // A matter of its own.
                false => (row % EACH) as u8,
            });
            folded.first.push(first);
            folded
                .last
                .push(match (columns.counts[row], columns.until[row]) {
                    (false, _) => 0,
                    (true, 0) => ends.of(item, first),
                    (true, own) => own,
                });
            folded.rectified.push(columns.rectified[row]);
            folded.before.push(worth as i16);
            folded
                .after
                .push(if rule.halved { worth / 2 } else { worth } as i16);
            folded.again.push(match rule.repeats {
                true => ends.year_after(first),
                false => 0,
            });
        }
        folded
    }

    /// Those of the first companies.
    pub fn of_first(&self, companies: usize) -> Self {
        let rows = ..self.item.len().min(companies * EACH);
        Self {
            item: self.item[rows].to_vec(),
            matter: self.matter[rows].to_vec(),
            first: self.first[rows].to_vec(),
            last: self.last[rows].to_vec(),
            rectified: self.rectified[rows].to_vec(),
            before: self.before[rows].to_vec(),
            after: self.after[rows].to_vec(),
            again: self.again[rows].to_vec(),
        }
    }
}

fn company(index: usize) -> anyhow::Result<Company> {
    let codes = "0123456789X"
        .chars()
        .map(|inner| Uscc::complete(&format!("91512002EX{index:06}{inner}")));
    let uscc = codes
        .flatten()
        .find(Uscc::inner_check_holds)
        .with_context(|| format!("no code for company {index}"))?;
    Ok(Company {
        uscc,
        name: format!("示例物业{index}"),
        region: None,
        registered_on: None,
        status: CompanyStatus::Active,
        legal_representative: None,
        address: None,
        phone: None,
    })
}
