//! The untyped tree to a typed expression: every name is declared, every type fits, every choice value exists.

use std::{cmp::Ordering, collections::HashMap, ops::Range};

use rust_decimal::Decimal;

use super::{
    Condition, Expr, GradeTerm, Num, Op, ProjectField, SubjectField, Target,
    lex::Fault,
    parse::{Kind, Node, parse},
};
use crate::{
    domain::{AttributeSchema, AttributeType, Day, Span, SubjectKind},
    rules::{
        diagnostic::Code,
        document::{Located, Reader},
        source::{Repaired, repair_predicate},
    },
};

/// Everything a predicate may name. Grades are best first, each once.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    pub subject: SubjectKind,
    pub attributes: AttributeSchema,
    pub components: Vec<String>,
    pub items: Vec<String>,
    pub groups: Vec<String>,
    pub grades: Vec<String>,
    pub lists: Vec<String>,
    /// Items, groups and components by id.
    pub targets: HashMap<String, Target>,
}

impl Names {
    /// What an id means in a function: an item, a group or a component.
    pub fn target(&self, id: &str) -> Option<Target> {
        self.targets.get(id).copied()
    }

    pub fn grade(&self, id: &str) -> Option<usize> {
        self.grades.iter().position(|known| known == id)
    }

    fn target_ids(&self) -> impl Iterator<Item = &str> {
        self.components
            .iter()
            .chain(&self.groups)
            .chain(&self.items)
            .map(String::as_str)
    }
}

/// Where a predicate stands; decides which names it sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Item,
    /// `[[grade]]` and `[[not_rated]]`: the grade is not known yet.
    BeforeGrade,
    /// `[[override]]` and `[[list]]`.
    AfterGrade,
}

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
/// Names that no component or attribute may take.
pub(crate) const RESERVED: [&str; 9] = [
    "and", "or", "not", "true", "false", "score", "grade", "subject", "project",
];

/// Compiles a predicate of the file; its faults go to the reader, underlined in the file.
pub(crate) fn compile(
    reader: &Reader<'_>,
    text: Located<String>,
    names: &Names,
    place: Place,
) -> Option<Condition> {
    let typer = Typer {
        reader,
        names,
        place,
        past: false,
    };
    let repaired = repair_predicate(&text.value);
    let wide = report_wide(reader, &text, &repaired);
    match parse(&repaired.text).and_then(|node| typer.truth(&node)) {
        Ok(_) if wide => None,
        Ok(expr) => Some(Condition {
            text: text.value,
            at: text.at,
            expr,
        }),
        Err(fault) => {
            let at = place_in_file(reader.text, &text, repaired.original(&fault.at));
            reader.report(fault.code, at, fault.message, fault.help);
            None
        }
    }
}

/// Tells full-width characters outside quotes, with the predicate as it should be; whether there are any.
fn report_wide(reader: &Reader<'_>, text: &Located<String>, repaired: &Repaired) -> bool {
    let Some((first, wrong)) = repaired.wrong.first() else {
        return false;
    };
    let mut shown: Vec<&str> = Vec::new();
    for (_, wrong) in &repaired.wrong {
        if !shown.contains(&wrong.as_str()) && shown.len() < 8 {
            shown.push(wrong);
        }
    }
    reader.report(
        Code::R010,
        place_in_file(reader.text, text, *first..first + wrong.len()),
        format!("条件里有全角符号「{}」", shown.join("」「")),
        format!(
            "请改为：{}",
            repaired.text.trim().chars().take(200).collect::<String>()
        ),
    );
    true
}

/// Bytes of the file for bytes of the predicate; the whole string where escapes make them differ.
fn place_in_file(source: &str, text: &Located<String>, at: Range<usize>) -> Range<usize> {
    let raw = source.get(text.at.clone()).unwrap_or_default();
    match raw.find(text.value.as_str()) {
        Some(offset) if offset <= 4 => {
            let start = text.at.start + offset;
            start + at.start..start + at.end
        }
        _ => text.at.clone(),
    }
}

/// A value of any type.
enum Typed {
    Truth(Expr),
    Number(Num),
    Text(String),
    /// A choice attribute and its values.
    Choice(String, Vec<String>),
    TextAttribute(String),
    DayAttribute(String),
    FlagAttribute(String),
    Grade(GradeTerm),
}

impl Typed {
    fn kind(&self) -> &'static str {
        match self {
            Self::Truth(_) | Self::FlagAttribute(_) => "是非",
            Self::Number(_) => "数字",
            Self::Text(_) => "文字",
            Self::Choice(..) => "选项",
            Self::TextAttribute(_) => "文字字段",
            Self::DayAttribute(_) => "日期",
            Self::Grade(_) => "等级",
        }
    }
}

struct Typer<'n> {
    reader: &'n Reader<'n>,
    names: &'n Names,
    place: Place,
    /// Inside `consecutive`: only the grade of an earlier period is known.
    past: bool,
}

impl Typer<'_> {
    fn truth(&self, node: &Node<'_>) -> Result<Expr, Fault> {
        match self.value(node)? {
            Typed::Truth(expr) => Ok(expr),
            Typed::FlagAttribute(name) => Ok(Expr::Flag(name)),
            other => Err(Fault::new(
                Code::R012,
                node.at.clone(),
                format!("这里应当是一个条件，而不是{}", other.kind()),
                "请写成比较，如 people >= 10",
            )),
        }
    }

    fn number(&self, node: &Node<'_>) -> Result<Num, Fault> {
        match self.value(node)? {
            Typed::Number(num) => Ok(num),
            other => Err(Fault::new(
                Code::R012,
                node.at.clone(),
                format!("这里应当是数字，而不是{}", other.kind()),
                "",
            )),
        }
    }

    fn value(&self, node: &Node<'_>) -> Result<Typed, Fault> {
        let all = |parts: &[Node<'_>]| -> Result<Vec<Expr>, Fault> {
            parts.iter().map(|part| self.truth(part)).collect()
        };
        Ok(match &node.kind {
            Kind::Number(value) => Typed::Number(Num::Literal(*value)),
            Kind::Text(text) => Typed::Text((*text).to_owned()),
            Kind::Flag(flag) => Typed::Truth(Expr::Const(*flag)),
            Kind::And(parts) => Typed::Truth(Expr::And(all(parts)?)),
            Kind::Or(parts) => Typed::Truth(Expr::Or(all(parts)?)),
            Kind::Not(inner) => Typed::Truth(Expr::Not(Box::new(self.truth(inner)?))),
            Kind::Negate(inner) => Typed::Number(Num::Negate(Box::new(self.number(inner)?))),
            Kind::Arithmetic(op, left, right) => Typed::Number(Num::Arithmetic(
                *op,
                Box::new(self.number(left)?),
                Box::new(self.number(right)?),
            )),
            Kind::Compare(op, left, right) => {
                Typed::Truth(self.comparison(*op, left, right, &node.at)?)
            }
            Kind::Name(None, name) => self.name(name, &node.at)?,
            Kind::Name(Some(owner), field) => self.field(owner, field, &node.at)?,
            Kind::Call(name, arguments) => self.call(name, arguments, &node.at)?,
        })
    }

    fn comparison(
        &self,
        op: Op,
        left: &Node<'_>,
        right: &Node<'_>,
        at: &Range<usize>,
    ) -> Result<Expr, Fault> {
        match (self.value(left)?, self.value(right)?) {
            (Typed::Number(left), Typed::Number(right)) => Ok(Expr::Number(op, left, right)),
            (Typed::Grade(left), Typed::Grade(right)) => Ok(Expr::Grade(op, left, right)),
            (Typed::Grade(term), Typed::Text(text)) => {
                Ok(Expr::Grade(op, term, self.rank(&text, &right.at)?))
            }
            (Typed::Text(text), Typed::Grade(term)) => {
                Ok(Expr::Grade(op, self.rank(&text, &left.at)?, term))
            }
            (Typed::Choice(name, values), Typed::Text(text)) => {
                self.choice(op, name, &values, text, at, &right.at)
            }
            (Typed::Text(text), Typed::Choice(name, values)) => {
                self.choice(op, name, &values, text, at, &left.at)
            }
            (Typed::TextAttribute(name), Typed::Text(text))
            | (Typed::Text(text), Typed::TextAttribute(name)) => {
                equality(op, at, "文字").map(|()| Expr::Text(op, name, text))
            }
            (Typed::DayAttribute(name), Typed::Text(text)) => {
                Ok(Expr::Day(op, name, day(&text, &right.at)?))
            }
            (Typed::Text(text), Typed::DayAttribute(name)) => {
                Ok(Expr::Day(op.swapped(), name, day(&text, &left.at)?))
            }
            (Typed::FlagAttribute(name), Typed::Truth(Expr::Const(flag)))
            | (Typed::Truth(Expr::Const(flag)), Typed::FlagAttribute(name)) => {
                equality(op, at, "是非").map(|()| Expr::FlagIs(op, name, flag))
            }
            (left, right) => Err(Fault::new(
                Code::R012,
                at.clone(),
                format!("不能拿{}和{}比较", left.kind(), right.kind()),
                match (&left, &right) {
                    (Typed::Choice(..) | Typed::Grade(_), _)
                    | (_, Typed::Choice(..) | Typed::Grade(_)) => {
                        "选项和等级的值要加单引号，如 'C'"
                    }
                    _ => "",
                },
            )),
        }
    }

    fn rank(&self, id: &str, at: &Range<usize>) -> Result<GradeTerm, Fault> {
        match self.names.grade(id) {
            Some(rank) => Ok(GradeTerm::Rank(rank)),
            None => Err(Fault::new(
                Code::R013,
                at.clone(),
                format!("没有等级「{id}」"),
                self.reader
                    .suggest(id, self.names.grades.iter().map(String::as_str)),
            )),
        }
    }

    fn name(&self, name: &str, at: &Range<usize>) -> Result<Typed, Fault> {
        if self.past {
            return match name {
                "grade" => Ok(Typed::Grade(GradeTerm::Current)),
                _ => Err(Fault::new(
                    Code::R011,
                    at.clone(),
                    format!("consecutive 里不能用「{name}」"),
                    "以前各期只存有等级，请只用 grade，如 consecutive(grade <= 'C', 2)",
                )),
            };
        }
        if self.place == Place::Item {
            let found = self.names.attributes.get_key_value(name);
            return match found.map(|(name, kind)| (name.clone(), kind)) {
                Some((name, AttributeType::Choice(values))) => {
                    Ok(Typed::Choice(name, values.clone()))
                }
                Some((
                    name,
                    AttributeType::Integer | AttributeType::Decimal | AttributeType::Percent,
                )) => Ok(Typed::Number(Num::Attribute(name))),
                Some((name, AttributeType::Boolean)) => Ok(Typed::FlagAttribute(name)),
                Some((name, AttributeType::Day)) => Ok(Typed::DayAttribute(name)),
                Some((name, AttributeType::Text)) => Ok(Typed::TextAttribute(name)),
                None => Err(self.unknown(name, at)),
            };
        }
        match name {
            "score" => Ok(Typed::Number(Num::Score)),
            "grade" if self.place == Place::AfterGrade => Ok(Typed::Grade(GradeTerm::Current)),
            "grade" => Err(Fault::new(
                Code::R011,
                at.clone(),
                "这里等级还没有评出，不能用 grade",
                "请用 score、分项或 previous_grade(1)",
            )),
            _ => match self.names.components.iter().position(|known| known == name) {
                Some(index) => Ok(Typed::Number(Num::Component(index))),
                None => Err(self.unknown(name, at)),
            },
        }
    }

    fn unknown(&self, name: &str, at: &Range<usize>) -> Fault {
        let known: Vec<&str> = match self.place {
            Place::Item => self
                .names
                .attributes
                .keys()
                .map(String::as_str)
                .chain([
                    "project.area",
                    "project.households",
                    "subject.age_months",
                    "subject.projects",
                ])
                .collect(),
            place => self
                .names
                .components
                .iter()
                .map(String::as_str)
                .chain(["score"])
                .chain((place == Place::AfterGrade).then_some("grade"))
                .collect(),
        };
        Fault::new(
            Code::R011,
            at.clone(),
            format!("没有声明「{name}」"),
            self.reader.suggest(name, known),
        )
    }

    fn field(&self, owner: &str, field: &str, at: &Range<usize>) -> Result<Typed, Fault> {
        let unknown = |known: &[&str]| {
            Fault::new(
                Code::R011,
                at.clone(),
                format!("没有「{owner}.{field}」"),
                self.reader
                    .suggest(&format!("{owner}.{field}"), known.iter().copied()),
            )
        };
        match owner {
            "project" if self.place == Place::Item => match field {
                "area" => Ok(Typed::Number(Num::Project(ProjectField::Area))),
                "households" => Ok(Typed::Number(Num::Project(ProjectField::Households))),
                "contract_value" => Ok(Typed::Number(Num::Project(ProjectField::ContractValue))),
                _ => Err(unknown(&[
                    "project.area",
                    "project.households",
                    "project.contract_value",
                ])),
            },
            "project" => Err(Fault::new(
                Code::R011,
                at.clone(),
                "project 只能用在条目的条件里",
                "",
            )),
            "subject" if self.names.subject != SubjectKind::Company => Err(Fault::new(
                Code::R011,
                at.clone(),
                "subject 的字段只有企业才有",
                "本规则的评价对象不是企业",
            )),
            "subject" if !self.past => match field {
                "age_months" => Ok(Typed::Number(Num::Subject(SubjectField::AgeMonths))),
                "projects" => Ok(Typed::Number(Num::Subject(SubjectField::Projects))),
                _ => Err(unknown(&["subject.age_months", "subject.projects"])),
            },
            _ => Err(unknown(&[
                "project.area",
                "project.households",
                "subject.age_months",
                "subject.projects",
            ])),
        }
    }

    fn call(&self, name: &str, arguments: &[Node<'_>], at: &Range<usize>) -> Result<Typed, Fault> {
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
                    reader: self.reader,
                    names: self.names,
                    place: Place::AfterGrade,
                    past: true,
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

    fn choice(
        &self,
        op: Op,
        name: String,
        values: &[String],
        text: String,
        at: &Range<usize>,
        place: &Range<usize>,
    ) -> Result<Expr, Fault> {
        equality(op, at, "选项")?;
        if !values.contains(&text) {
            return Err(Fault::new(
                Code::R013,
                place.clone(),
                format!("「{name}」没有选项「{text}」"),
                self.reader
                    .suggest(&text, values.iter().map(String::as_str)),
            ));
        }
        Ok(Expr::Text(op, name, text))
    }
}

fn equality(op: Op, at: &Range<usize>, what: &str) -> Result<(), Fault> {
    match op {
        Op::Eq | Op::Ne => Ok(()),
        _ => Err(Fault::new(
            Code::R012,
            at.clone(),
            format!("{what}没有大小，不能用 < <= > >="),
            "请用 == 或 !=",
        )),
    }
}

fn day(text: &str, at: &Range<usize>) -> Result<Day, Fault> {
    Day::parse(text).map_err(|fault| Fault::new(Code::R013, at.clone(), fault.to_string(), ""))
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
