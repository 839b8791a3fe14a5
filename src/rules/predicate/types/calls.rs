//! Functions of a predicate and their arguments.

use std::{cmp::Ordering, ops::Range};

use rust_decimal::Decimal;

use super::{Place, Typed, Typer};
use crate::{
    domain::Span,
    rules::{
        diagnostic::Code,
        predicate::{
            Expr, GradeTerm, Num, Target,
            lex::Fault,
            parse::{Kind, Node},
        },
    },
};

const FUNCTIONS: [&str; 8] = [
    "has",
    "count",
    "points",
    "previous_grade",
    "consecutive",
    "years_without",
    "unrectified",
    "on_list",
];
impl Typer<'_> {
    pub(super) fn call(
        &self,
        name: &str,
        arguments: &[Node<'_>],
        at: &Range<usize>,
    ) -> Result<Typed, Fault> {
        if !FUNCTIONS.contains(&name) {
            return Err(Fault::new(
                Code::R011,
                at.clone(),
                format!("没有函数「{name}」"),
                self.reader.suggest(name, FUNCTIONS),
            ));
        }
        if self.place == Place::Item || self.past {
            return Err(Fault::new(
                Code::R014,
                at.clone(),
                format!("函数 {name} 不能用在这里"),
                "函数只能用在 grade、not_rated、override 和 list 的条件里，且不能套在 consecutive 里面",
            ));
        }
        let usage = |text: &str| {
            Fault::new(
                Code::R014,
                at.clone(),
                format!("{name} 的写法不对"),
                format!("应写成 {text}"),
            )
        };
        match (name, arguments) {
            ("has", [id, span @ ..]) if span.len() <= 1 => Ok(Typed::Truth(Expr::Has(
                self.target(id)?,
                literal_span(span)?,
            ))),
            ("unrectified", [id, span @ ..]) if span.len() <= 1 => Ok(Typed::Truth(
                Expr::Unrectified(self.target(id)?, literal_span(span)?),
            )),
            ("count", [id, span @ ..]) if span.len() <= 1 => Ok(Typed::Number(Num::Count(
                self.target(id)?,
                literal_span(span)?,
            ))),
            ("points", [id, span @ ..]) if span.len() <= 1 => Ok(Typed::Number(Num::Points(
                self.target(id)?,
                literal_span(span)?,
            ))),
            ("years_without", [id]) => Ok(Typed::Number(Num::YearsWithout(self.target(id)?))),
            ("on_list", [id]) => {
                let list = literal_text(id)?;
                let found = self.names.lists.iter().position(|known| known == list);
                found
                    .map(|index| Typed::Truth(Expr::OnList(index)))
                    .ok_or_else(|| {
                        Fault::new(
                            Code::R011,
                            id.at.clone(),
                            format!("没有名单「{list}」"),
                            self.reader
                                .suggest(list, self.names.lists.iter().map(String::as_str)),
                        )
                    })
            }
            ("previous_grade", []) => Ok(Typed::Grade(GradeTerm::Previous(1))),
            ("previous_grade", [n]) => Ok(Typed::Grade(GradeTerm::Previous(periods(n)?))),
            ("consecutive", [inner, n]) => {
                let past = Typer {
                    place: Place::AfterGrade,
                    past: true,
                    ..*self
                };
                let inner = past.truth(inner)?;
                Ok(Typed::Truth(Expr::Consecutive(
                    Box::new(inner),
                    periods(n)?,
                )))
            }
            ("has" | "count" | "points" | "unrectified", _) => Err(usage(&format!(
                "{name}('编号') 或 {name}('编号', '6 months')"
            ))),
            ("previous_grade", _) => Err(usage("previous_grade(1)")),
            ("consecutive", _) => Err(usage("consecutive(grade <= 'C', 2)")),
            _ => Err(usage(&format!("{name}('编号')"))),
        }
    }

    fn target(&self, node: &Node<'_>) -> Result<Target, Fault> {
        let id = literal_text(node)?;
        self.names.target(id).ok_or_else(|| {
            Fault::new(
                Code::R011,
                node.at.clone(),
                format!("没有条目、组或分项「{id}」"),
                self.reader.suggest(id, self.names.target_ids()),
            )
        })
    }
}

fn literal_text<'t>(node: &Node<'t>) -> Result<&'t str, Fault> {
    match node.kind {
        Kind::Text(text) => Ok(text),
        _ => Err(Fault::new(
            Code::R014,
            node.at.clone(),
            "这里应当是加单引号的编号",
            "如 has('BAD-31')",
        )),
    }
}

fn literal_span(nodes: &[Node<'_>]) -> Result<Option<Span>, Fault> {
    let [node] = nodes else { return Ok(None) };
    let text = literal_text(node)?;
    match Span::parse(text) {
        Ok(span) => Ok(Some(span)),
        Err(fault) => Err(Fault::new(
            Code::R014,
            node.at.clone(),
            fault.to_string(),
            "如 '6 months'",
        )),
    }
}

/// A number of earlier periods, 1 to 40.
fn periods(node: &Node<'_>) -> Result<usize, Fault> {
    let number = match node.kind {
        Kind::Number(number) if number.is_integer() => number,
        _ => Decimal::ZERO,
    };
    let whole = usize::try_from(number).unwrap_or_default();
    match whole.cmp(&1) {
        Ordering::Less => None,
        _ => Some(whole).filter(|n| *n <= 40),
    }
    .ok_or_else(|| Fault::new(Code::R014, node.at.clone(), "期数应为 1 到 40 的整数", ""))
}
