//! A subject with random records that a rule set accepts.

use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;

use super::{
    draw::{Draw, MANAGER, PROJECTS},
    thresholds::Thresholds,
};
use crate::{
    domain::{Company, CompanyStatus, Contract, Day, Record, SubjectKind, Uscc},
    rules::{Facts, Item, RuleSet, Score, engine::score},
};

/// A subject with its records and projects, on a day.
#[derive(Debug, Clone)]
pub(super) struct Town {
    pub day: Day,
    pub records: Vec<Record>,
    registered_on: Option<Day>,
    pub contracts: Vec<Contract>,
}

/// The one company of the search; the number is nobody's.
pub(super) fn company() -> Option<Uscc> {
    Uscc::complete("91512000MA0000000").ok()
}

impl Town {
    /// A few records up to some years before a day on which the rule set is in force, half of what is drawn beside a
    /// threshold of the file.
    pub fn random(rules: &RuleSet, near: &Thresholds, seed: u64, round: u64) -> Option<Self> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(round);
        let company = company()?;
        let day = rules.effective_from().plus_days(rng.random_range(0..700));
        let day = rules.effective_until().map_or(day, |until| day.min(until));
        let mut draw = Draw {
            rules,
            near,
            day,
            rng,
        };
        let (wanted, kinds) = draw.sizes();
        // Of few items, so that records meet in one item, group or matter.
        let few: Vec<&Item> = (0..kinds)
            .filter_map(|_| rules.items().choose(&mut draw.rng))
            .collect();
        let mut town = Self {
            day,
            registered_on: draw.registered_on(),
            contracts: draw.contracts(company),
            records: Vec::new(),
        };
        for number in 0..wanted {
            let Some(item) = few.choose(&mut draw.rng) else {
                break;
            };
            let record = draw.record(item, number);
            if rules.check_record(&record).is_empty() {
                town.records.push(record);
            }
        }
        if draw.rng.random_bool(0.5) {
            draw.aim(&mut town);
        }
        Some(town)
    }

    /// Registration and projects in words, where conditions read them.
    pub fn situation(&self, near: &Thresholds) -> Option<String> {
        let registered = (self.registered_on).map(|day| format!("企业 {day} 登记"));
        let projects =
            (!near.projects.is_empty()).then(|| format!("管理 {} 个项目", self.contracts.len()));
        let said: Vec<String> = [registered, projects].into_iter().flatten().collect();
        (!said.is_empty()).then(|| said.join("，"))
    }

    /// The score of the subject; none where the data cannot be scored.
    pub fn score(&self, rules: &RuleSet) -> Option<Score> {
        self.scored_with(rules, &self.records)
    }

    /// The same with other records.
    pub fn scored_with(&self, rules: &RuleSet, records: &[Record]) -> Option<Score> {
        let companies = [Company {
            uscc: company()?,
            name: String::new(),
            region: None,
            registered_on: self.registered_on,
            status: CompanyStatus::Active,
            legal_representative: None,
            address: None,
            phone: None,
        }];
        let facts = Facts {
            companies: if rules.subject() == SubjectKind::Company {
                &companies
            } else {
                &[]
            },
            contracts: &self.contracts,
            contracts_known: true,
            records,
            ..Facts::default()
        };
        let subject = match rules.subject() {
            SubjectKind::Company => company()?.to_string(),
            SubjectKind::Project => PROJECTS[0].to_owned(),
            SubjectKind::Manager => MANAGER.to_owned(),
        };
        let scores = score(rules, &facts, self.day).ok()?;
        scores.into_iter().find(|one| one.subject == subject)
    }
}
