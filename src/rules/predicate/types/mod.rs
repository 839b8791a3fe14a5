//! The untyped tree to a typed expression: every name is declared, every type fits, every choice value exists.

mod calls;
mod names;

use std::{cell::RefCell, collections::HashMap, ops::Range};

use rust_decimal::Decimal;

use super::{
    Condition, Expr, GradeTerm, Num, Op, Target,
    lex::Fault,
    parse::{Kind, Node, parse},
};
use crate::{
    domain::{AttributeSchema, AttributeType, Day, SubjectKind},
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
    let repaired = repair_predicate(&text.value);
    let doubts = RefCell::default();
    let typer = Typer {
        reader,
        text: &repaired.text,
        doubts: &doubts,
        names,
        place,
        past: false,
    };
    let wide = report_wide(reader, &text, &repaired);
    match parse(&repaired.text).and_then(|node| typer.truth(&node)) {
        Ok(_) if wide => None,
        Ok(expr) => {
            for doubt in doubts.into_inner() {
                let at = place_in_file(reader.text, &text, repaired.original(&doubt.at));
                reader.report(doubt.code, at, doubt.message, doubt.help);
            }
            Some(Condition {
                text: text.value,
                at: text.at,
                expr,
            })
        }
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

#[derive(Clone, Copy)]
struct Typer<'n> {
    reader: &'n Reader<'n>,
    /// The predicate, put right.
    text: &'n str,
    /// What the author should look at.
    doubts: &'n RefCell<Vec<Fault>>,
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
        self.doubt_share(left, right);
        self.doubt_share(right, left);
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

    /// Doubts a number beyond one without its sign beside a percentage: `rate >= 80` asks for 8000 %.
    fn doubt_share(&self, name: &Node<'_>, number: &Node<'_>) {
        let Kind::Name(None, name) = &name.kind else {
            return;
        };
        let literal = match &number.kind {
            Kind::Negate(inner) => inner,
            _ => number,
        };
        let Kind::Number(value) = literal.kind else {
            return;
        };
        let percent = self.place == Place::Item
            && matches!(
                self.names.attributes.get(*name),
                Some(AttributeType::Percent)
            );
        let signed = (self.text.get(literal.at.clone())).is_some_and(|text| text.ends_with('%'));
        if percent && !signed && value > Decimal::ONE {
            let at = literal.at.clone();
            let what = format!("字段「{name}」是百分比，与 {value} 比较是与 {value} 倍比较");
            let help = format!("请写 {value}% 或 0 到 1 的小数");
            let doubt = Fault::new(Code::R065, at, what, help);
            self.doubts.borrow_mut().push(doubt);
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
