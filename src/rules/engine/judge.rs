//! One record on one day: whether it counts, what it gives, and else why not. The columns hold what of this does not
//! depend on the day; what they leave open is asked here, and so is every reason.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::{
    entry::Entry,
    plan::Plan,
    subjects::{Known, Registers, unknown_project},
    time::{OutOfTime, Window, full_months, in_time},
};
use crate::{
    domain::{AttributeValue, Contract, Day, Record, RecordStatus, SubjectKind},
    rules::{
        RuleSet,
        model::{Item, PointsForm},
        outcome::Fail,
        predicate::{Inputs, ProjectField, SubjectField, holds},
    },
};

/// Why a record does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Drop {
    Draft,
    Revoked,
    Disputed,
    /// The company does not manage the project on the day.
    NotManaged,
    /// Names only a project that another company manages on the day: not this subject's.
    Foreign,
    OutOfTime(OutOfTime),
    NoBand,
    /// The condition does not hold; what was missing for it.
    Condition(Vec<String>),
    /// Rectified, with a factor of zero.
    Cancelled,
    /// Another record (by entry) stands for the matter.
    SameMatter(u32),
}

/// What a record is judged by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judge<'w, 'a> {
    pub rules: &'w RuleSet,
    pub plan: &'w Plan,
    pub registers: &'w Registers<'a>,
    pub subject: &'w Known<'a>,
}

impl<'a> Judge<'_, 'a> {
    /// Steps 1 and 2: the points of a record by its item alone, or why it does not count.
    ///
    /// # Errors
    /// A fault of the data that matters on the day.
    pub fn judge(
        &self,
        entry: &Entry<'a>,
        day: Day,
        window: Window,
    ) -> Result<Result<Decimal, Drop>, Fail> {
        self.steps(entry, day, window)
            .map_err(|fail| fail.of(entry.record))
    }

    fn steps(
        &self,
        entry: &Entry<'a>,
        day: Day,
        window: Window,
    ) -> Result<Result<Decimal, Drop>, Fail> {
        let record = entry.record;
        match record.status {
            RecordStatus::Draft => return Ok(Err(Drop::Draft)),
            RecordStatus::Revoked => return Ok(Err(Drop::Revoked)),
            RecordStatus::Disputed if !self.rules.score_rule().disputed_counts => {
                return Ok(Err(Drop::Disputed));
            }
            RecordStatus::Disputed | RecordStatus::Confirmed => {}
        }
        // A record that scores has both; it was checked before.
        let (Some(index), Some(date)) = (self.plan.item_of(self.rules, entry), entry.date) else {
            return Err(Fail::new(
                "D001",
                format!("条目「{}」或日期缺失", record.item),
                "",
            ));
        };
        let item = &self.rules.all_items()[index];
        if let Err(drop) = self.managed(record, self.plan.steps[index].per_project, day)? {
            return Ok(Err(drop));
        }
        if let Err(why) = in_time(self.rules.period(), entry, item, date, day, window) {
            return Ok(Err(Drop::OutOfTime(why)));
        }
        let Some(points) = points(item, record)? else {
            return Ok(Err(Drop::NoBand));
        };
        Ok(self.condition(record, item, day)?.map(|()| points))
    }

    /// Whether the company manages the record's project on the day.
    fn managed(
        &self,
        record: &Record,
        per_project: bool,
        day: Day,
    ) -> Result<Result<(), Drop>, Fail> {
        let (SubjectKind::Company, Some(project)) = (self.rules.subject(), &record.project) else {
            return Ok(Ok(()));
        };
        if per_project && !self.registers.projects.contains_key(project.as_str()) {
            return Err(unknown_project(project));
        }
        let own = self.subject.project(project);
        let manages = !self.registers.contracts_known
            || own.is_some_and(|at| self.subject.projects[at].managed(day));
        Ok(match (manages, record.company) {
            (true, _) => Ok(()),
            (false, Some(_)) => Err(Drop::NotManaged),
            (false, None) => Err(Drop::Foreign),
        })
    }

    /// Whether a record names only a project that another company, or nobody, manages on the day.
    pub fn is_foreign(&self, record: &Record, day: Day) -> bool {
        record.company.is_none() && matches!(self.managed(record, false, day), Ok(Err(_)))
    }

    /// Whether the condition of the item holds for the record.
    ///
    /// # Errors
    /// What cannot be computed.
    pub fn condition(
        &self,
        record: &Record,
        item: &Item,
        day: Day,
    ) -> Result<Result<(), Drop>, Fail> {
        let Some(when) = &item.when else {
            return Ok(Ok(()));
        };
        let inputs = RecordInputs {
            judge: self,
            record,
            day,
        };
        let mut missing = BTreeSet::new();
        Ok(if holds(&when.expr, &inputs, &mut missing)? {
            Ok(())
        } else {
            Err(Drop::Condition(missing.into_iter().collect()))
        })
    }

    /// The contract behind a record's project on a day.
    fn contract(&self, record: &Record, day: Day) -> Option<&'a Contract> {
        match self.rules.subject() {
            SubjectKind::Company => self.subject.contract(record.project.as_deref()?, day),
            SubjectKind::Project => self.subject.contract(self.subject.id, day),
            SubjectKind::Manager => self
                .registers
                .projects
                .get(record.project.as_deref()?)?
                .iter()
                .rfind(|one| one.in_force_on(day))
                .copied(),
        }
    }
}

/// Points of one record by its item: `points`, `times`, `per_record_cap`. `None` if it falls in no band.
pub(super) fn points(item: &Item, record: &Record) -> Result<Option<Decimal>, Fail> {
    let attribute = |name: &str| {
        record
            .attributes
            .get(name)
            .ok_or_else(|| Fail::new("D010", format!("缺少字段 {name}，无法取分"), "请补录该字段"))
    };
    let numeric = |name: &str| {
        number(attribute(name)?)
            .ok_or_else(|| Fail::new("D009", format!("字段 {name} 不是数字"), ""))
    };
    let once = match &item.points {
        PointsForm::Fixed(points) => *points,
        PointsForm::Lookup { by, table } => {
            let value = attribute(by)?;
            let found = match value {
                AttributeValue::Choice(choice) => table.iter().find(|(known, _)| known == choice),
                _ => None,
            };
            let Some((_, points)) = found else {
                return Err(Fail::new(
                    "D009",
                    format!("字段 {by} 的值「{value}」没有分值"),
                    "",
                ));
            };
            *points
        }
        PointsForm::Bands { by, bands } => {
            let value = numeric(by)?;
            match bands.iter().find(|band| band.range.contains(value)) {
                Some(band) => band.points,
                None => return Ok(None),
            }
        }
        PointsForm::Chosen { .. } => match record.points {
            Some(points) => points.decimal(),
            None => {
                return Err(Fail::new(
                    "D004",
                    "没有填写分值",
                    "请在范围内选择分值并写明理由",
                ));
            }
        },
        PointsForm::Value { by } => numeric(by)?,
    };
    let Some(times) = &item.times else {
        return Ok(Some(once));
    };
    let all = once
        .checked_mul(numeric(times)?)
        .ok_or_else(Fail::overflow)?;
    Ok(Some(match item.per_record_cap {
        Some(cap) if cap.is_sign_negative() => all.max(cap),
        Some(cap) => all.min(cap),
        None => all,
    }))
}

pub(super) fn number(value: &AttributeValue) -> Option<Decimal> {
    match value {
        AttributeValue::Integer(value) => Some(Decimal::from(*value)),
        AttributeValue::Decimal(value) => Some(*value),
        _ => None,
    }
}

/// What an item's condition reads.
struct RecordInputs<'j, 'w, 'a> {
    judge: &'j Judge<'w, 'a>,
    record: &'j Record,
    day: Day,
}

impl Inputs for RecordInputs<'_, '_, '_> {
    fn attribute(&self, name: &str) -> Option<&AttributeValue> {
        self.record.attributes.get(name)
    }

    fn project(&self, field: ProjectField) -> Option<Decimal> {
        let contract = self.judge.contract(self.record, self.day)?;
        match field {
            ProjectField::Area => contract.area,
            ProjectField::Households => contract.households.map(Decimal::from),
            ProjectField::ContractValue => contract.contract_value,
        }
    }

    fn subject(&self, field: SubjectField) -> Option<Decimal> {
        subject_field(self.judge.subject, field, self.day)
    }
}

/// A field of a company on a day.
pub(super) fn subject_field(subject: &Known<'_>, field: SubjectField, day: Day) -> Option<Decimal> {
    match field {
        SubjectField::AgeMonths => {
            full_months(subject.company?.registered_on?, day).map(Decimal::from)
        }
        SubjectField::Projects => {
            let managed = subject.projects.iter().filter(|one| one.managed(day));
            Some(Decimal::from(managed.count()))
        }
    }
}

/// How much a project weighs; its column is named if it is absent.
pub(super) fn weight(contract: &Contract, column: Option<&'static str>) -> Result<Decimal, Fail> {
    let value = match column {
        None => Some(Decimal::ONE),
        Some("area") => contract.area,
        Some("households") => contract.households.map(Decimal::from),
        Some(_) => contract.contract_value,
    };
    value
        .filter(|value| !value.is_sign_negative())
        .ok_or_else(|| {
            Fail::new(
                "D015",
                format!(
                    "项目 {} 缺少 {}，无法加权",
                    contract.project,
                    column.unwrap_or_default()
                ),
                "请在项目表里补上该项",
            )
        })
}
