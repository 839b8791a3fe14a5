//! The records of one component, of the subject or of one project, as rows of a section.

use rust_decimal::Decimal;

use super::{AccountFault, Factored, Op, Row, RowKind, Section};
use crate::rules::{
    RuleSet,
    model::{Combine, Component},
    outcome::{Line, Workings},
};

/// Rows under way, with what stands in the last.
pub(super) struct Tape {
    pub section: Section,
    pub running: Decimal,
}

impl Tape {
    pub fn new(component: Option<&Component>, project: Option<&str>) -> Self {
        let title = component.map_or_else(|| "总分".to_owned(), |one| one.title.clone());
        Self {
            section: Section {
                component: component.map(|one| one.id.clone()),
                project: project.map(str::to_owned),
                title,
                clause: component
                    .and_then(|one| one.clause.clone())
                    .unwrap_or_default(),
                rows: Vec::new(),
                subtotal: None,
            },
            running: Decimal::ZERO,
        }
    }

    /// A step without a record.
    pub fn step(
        &mut self,
        kind: RowKind,
        label: impl Into<String>,
        op: Op,
        why: Option<String>,
    ) -> Result<(), AccountFault> {
        self.row(Row {
            kind,
            record: None,
            label: label.into(),
            clause: String::new(),
            date: None,
            op,
            running: Decimal::ZERO,
            factored: None,
            why,
            expires_on: None,
        })
    }

    pub fn row(&mut self, row: Row) -> Result<(), AccountFault> {
        self.running = row.op.apply(self.running).ok_or(AccountFault::Overflow)?;
        self.section.rows.push(Row {
            running: self.running,
            ..row
        });
        Ok(())
    }

    /// A bound, where it changes something.
    pub fn bound(
        &mut self,
        kind: RowKind,
        floor: Option<Decimal>,
        cap: Option<Decimal>,
        words: (&str, &str),
    ) -> Result<(), AccountFault> {
        if let Some(bound) = floor.filter(|floor| self.running < *floor) {
            self.step(kind, words.0, Op::AtLeast { bound }, None)?;
        }
        if let Some(bound) = cap.filter(|cap| self.running > *cap) {
            self.step(kind, words.1, Op::AtMost { bound }, None)?;
        }
        Ok(())
    }

    pub fn close(mut self) -> Section {
        self.section.subtotal = Some(self.running);
        self.section
    }
}

/// Whether a record came as far as the sum: one that a cap or a group took away did.
pub(in crate::rules) fn reached(line: &Line) -> bool {
    line.record.is_some() && line.workings().is_some()
}

fn workings(line: &Line) -> Workings {
    line.workings()
        .unwrap_or_else(|| Workings::plain(line.points))
}

/// Base, records, caps and bounds of a component for the subject or one project; `lines` are the records that reached it.
pub(super) fn part(
    rules: &RuleSet,
    component: &Component,
    project: Option<&str>,
    lines: &[&Line],
) -> Result<Tape, AccountFault> {
    let mut tape = Tape::new(Some(component), project);
    let base = |tape: &mut Tape| match component.base {
        base if base.is_zero() => Ok(()),
        amount => tape.step(RowKind::Base, "基础分", Op::Add { amount }, None),
    };
    match component.combine {
        Combine::Sum => {
            base(&mut tape)?;
            summed(rules, lines, &mut tape)?;
        }
        Combine::Mean => {
            for line in lines {
                let amount = workings(line).capped;
                tape.row(record(rules, line, Op::Add { amount }))?;
            }
            if !lines.is_empty() {
                let by = Decimal::from(lines.len());
                let label = format!("取平均（{} 条）", lines.len());
                tape.step(RowKind::Combined, label, Op::Divide { by }, None)?;
            }
            base(&mut tape)?;
        }
        Combine::Last | Combine::Max | Combine::Min => {
            base(&mut tape)?;
            for line in lines {
                let value = workings(line).capped;
                tape.row(record(rules, line, Op::Note { value }))?;
            }
            let mut values = lines.iter().map(|line| workings(line).capped);
            let (label, taken) = match component.combine {
                Combine::Last => ("取最近一次", values.next_back()),
                Combine::Max => ("取最大", values.max()),
                _ => ("取最小", values.min()),
            };
            if let Some(amount) = taken {
                tape.step(RowKind::Combined, label, Op::Add { amount }, None)?;
            }
        }
    }
    tape.bound(
        RowKind::Bound,
        component.floor,
        component.cap,
        ("分项保底", "分项封顶"),
    )?;
    Ok(tape)
}

fn sum(mut values: impl Iterator<Item = Decimal>) -> Result<Decimal, AccountFault> {
    values
        .try_fold(Decimal::ZERO, Decimal::checked_add)
        .ok_or(AccountFault::Overflow)
}

fn difference(one: Decimal, other: Decimal) -> Result<Decimal, AccountFault> {
    one.checked_sub(other).ok_or(AccountFault::Overflow)
}

/// Records by item, each item's cap after its records, then what the groups take.
fn summed(rules: &RuleSet, lines: &[&Line], tape: &mut Tape) -> Result<(), AccountFault> {
    let mut taken = vec![Decimal::ZERO; rules.groups().len()];
    // In the order of the file; after them the items of earlier versions that this one has no more.
    let mut own: Vec<&Line> = lines.to_vec();
    own.sort_by_key(|line| {
        let index = rules.item_index(&line.item).unwrap_or(usize::MAX);
        (index, line.item.as_str())
    });
    for own in own.chunk_by(|one, other| one.item == other.item) {
        for line in own {
            let amount = workings(line).points;
            tape.row(record(rules, line, Op::Add { amount }))?;
        }
        let before = sum(own.iter().map(|line| workings(line).points))?;
        let capped = sum(own.iter().map(|line| workings(line).capped))?;
        let last = sum(own.iter().map(|line| line.points))?;
        let item = own.first().and_then(|line| rules.item(&line.item));
        if capped != before {
            let cap = item.and_then(|item| item.cap);
            let cap = cap.map_or(String::new(), |cap| format!(" {}", cap.normalize()));
            let id = own.first().map(|line| line.item.as_str());
            let label = format!("「{}」封顶{cap}", title(rules, id.unwrap_or_default()));
            let amount = difference(capped, before)?;
            tape.row(Row {
                clause: item.map(|item| item.clause.clone()).unwrap_or_default(),
                ..bare(RowKind::ItemCap, label, Op::Add { amount })
            })?;
        }
        if let Some(group) = item.and_then(|item| item.group) {
            let amount = difference(last, capped)?;
            taken[group] = sum([taken[group], amount].into_iter())?;
        }
    }
    for (group, amount) in rules.groups().iter().zip(taken) {
        if amount.is_zero() {
            continue;
        }
        let how = match (group.highest, group.cap) {
            (true, None) => "同组只计最高一项".to_owned(),
            (true, Some(cap)) => format!("同组只计最高一项，封顶 {}", cap.normalize()),
            (false, Some(cap)) => format!("合并封顶 {}", cap.normalize()),
            (false, None) => "合并计算".to_owned(),
        };
        tape.row(Row {
            clause: group.clause.clone().unwrap_or_default(),
            ..bare(
                RowKind::Group,
                format!("「{}」{how}", group.title),
                Op::Add { amount },
            )
        })?;
    }
    Ok(())
}

fn bare(kind: RowKind, label: String, op: Op) -> Row {
    Row {
        kind,
        record: None,
        label,
        clause: String::new(),
        date: None,
        op,
        running: Decimal::ZERO,
        factored: None,
        why: None,
        expires_on: None,
    }
}

fn record(rules: &RuleSet, line: &Line, op: Op) -> Row {
    Row {
        record: line.record.clone(),
        clause: line.clause.clone(),
        date: line.date,
        factored: factored(line, op),
        why: line.why.clone(),
        expires_on: line.expires_on,
        ..bare(RowKind::Record, title(rules, &line.item), op)
    }
}

/// Of a record whose row shows what the factors made of it; a cap behind them has words of its own.
fn factored(line: &Line, op: Op) -> Option<Factored> {
    let workings = line.workings()?;
    match op {
        Op::Add { amount: value } | Op::Note { value } if value == workings.points => {}
        _ => return None,
    }
    let by = workings.rectified.into_iter().chain(workings.repeated);
    let by: Vec<Decimal> = by.filter(|factor| *factor != Decimal::ONE).collect();
    (!by.is_empty()).then_some(Factored {
        points: workings.raw,
        by,
    })
}

/// Title of an item, of this version or an earlier one, or its id.
pub(super) fn title(rules: &RuleSet, id: &str) -> String {
    let known = rules.all_items().iter().find(|item| item.id == id);
    known.map_or(id, |item| item.title.as_str()).to_owned()
}
