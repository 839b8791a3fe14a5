//! Predicates as Chinese sentences.

use rust_decimal::Decimal;

use super::words::{attribute, code, number as figure, percent, span, unit};
use crate::rules::{
    RuleSet,
    predicate::{Arithmetic, Expr, GradeTerm, Num, Op, ProjectField, SubjectField, Target},
};

/// A predicate in words.
pub(super) fn sentence(rules: &RuleSet, expr: &Expr) -> String {
    Speaker { rules }.expr(expr)
}

struct Speaker<'r> {
    rules: &'r RuleSet,
}

impl Speaker<'_> {
    fn expr(&self, expr: &Expr) -> String {
        match expr {
            Expr::Const(true) => "任何情况".to_owned(),
            Expr::Const(false) => "没有任何情况".to_owned(),
            Expr::And(parts) => self.joined(parts, "，且"),
            Expr::Or(parts) => self.joined(parts, "，或者"),
            Expr::Not(inner) => self.denied(inner),
            Expr::Number(op, left, right) => self.comparison(*op, left, right),
            Expr::Text(op, name, text) => {
                let is = if *op == Op::Ne { "不是" } else { "为" };
                format!("{}{is}{}", attribute(self.rules, name), code(text))
            }
            Expr::Day(op, name, day) => {
                let word = match op {
                    Op::Eq => "为",
                    Op::Ne => "不是",
                    Op::Lt => "早于",
                    Op::Le => "不晚于",
                    Op::Gt => "晚于",
                    Op::Ge => "不早于",
                };
                format!("{}{word}{day}", attribute(self.rules, name))
            }
            Expr::Flag(name) => format!("属于{}", attribute(self.rules, name)),
            Expr::FlagIs(op, name, wanted) => {
                let is = (*op == Op::Eq) == *wanted;
                let word = if is { "属于" } else { "不属于" };
                format!("{word}{}", attribute(self.rules, name))
            }
            Expr::Grade(op, left, right) => self.grades(*op, *left, *right),
            Expr::Has(target, within) => {
                format!("{}有{}记录", self.within(*within), self.target(*target))
            }
            Expr::Unrectified(target, grace) => match grace {
                Some(grace) => format!("有{}记录超过{}未整改", self.target(*target), span(*grace)),
                None => format!("有{}记录未整改", self.target(*target)),
            },
            Expr::OnList(index) => format!("在{}上", self.list(*index)),
            Expr::Consecutive(inner, n) => format!("此前连续{n}期{}", self.expr(inner)),
        }
    }

    /// What does not hold.
    fn denied(&self, inner: &Expr) -> String {
        match inner {
            Expr::Has(target, within) => {
                format!("{}没有{}记录", self.within(*within), self.target(*target))
            }
            Expr::Unrectified(..) => self.expr(inner).replacen('有', "没有", 1),
            Expr::OnList(index) => format!("不在{}上", self.list(*index)),
            Expr::Flag(name) => format!("不属于{}", attribute(self.rules, name)),
            _ => format!("不符合“{}”", self.expr(inner)),
        }
    }

    fn joined(&self, parts: &[Expr], word: &str) -> String {
        let inner = |part: &Expr| match part {
            Expr::And(_) | Expr::Or(_) => format!("（{}）", self.expr(part)),
            _ => self.expr(part),
        };
        parts.iter().map(inner).collect::<Vec<_>>().join(word)
    }

    fn list(&self, index: usize) -> String {
        let list = self.rules.lists().get(index);
        list.map(|list| list.title.clone()).unwrap_or_default()
    }

    fn within(&self, within: Option<crate::domain::Span>) -> String {
        within.map_or_else(String::new, |length| format!("{}内", span(length)))
    }

    fn target(&self, target: Target) -> String {
        let title = match target {
            Target::Item(index) => self.rules.items().get(index).map(|one| &one.title),
            Target::Group(index) => self.rules.groups().get(index).map(|one| &one.title),
            Target::Component(index) => self.rules.components().get(index).map(|one| &one.title),
        };
        format!("“{}”", title.map_or("", String::as_str))
    }

    fn grades(&self, op: Op, left: GradeTerm, right: GradeTerm) -> String {
        let (op, left, right) = match (left, right) {
            (GradeTerm::Rank(_), other) => (mirrored(op), other, left),
            _ => (op, left, right),
        };
        let right = self.grade(right);
        let left = self.grade(left);
        match op {
            Op::Eq => format!("{left}为{right}"),
            Op::Ne => format!("{left}不是{right}"),
            Op::Lt => format!("{left}低于{right}"),
            Op::Le => format!("{left}为{right}或更低"),
            Op::Gt => format!("{left}高于{right}"),
            Op::Ge => format!("{left}为{right}或更高"),
        }
    }

    fn grade(&self, term: GradeTerm) -> String {
        match term {
            GradeTerm::Rank(rank) => {
                let grade = self.rules.grades().get(rank);
                grade.map_or_else(String::new, |grade| format!("{}级", grade.id))
            }
            GradeTerm::Current => "等级".to_owned(),
            GradeTerm::Previous(1) => "上一期等级".to_owned(),
            GradeTerm::Previous(n) => format!("前第{n}期等级"),
        }
    }

    fn comparison(&self, op: Op, left: &Num, right: &Num) -> String {
        let (op, left, right) = match left {
            Num::Literal(_) => (mirrored(op), right, left),
            _ => (op, left, right),
        };
        if let (Num::Subject(SubjectField::AgeMonths), Num::Literal(months)) = (left, right) {
            let months = figure(*months);
            return match op {
                Op::Lt => format!("设立不满{months}个月"),
                Op::Ge => format!("设立已满{months}个月"),
                _ => format!("设立月数{}{months}个月", word(op, false)),
            };
        }
        if let (Num::YearsWithout(target), Num::Literal(years)) = (left, right) {
            let target = self.target(*target);
            let years = figure(*years);
            return match op {
                Op::Ge => format!("已连续{years}年没有{target}记录"),
                Op::Lt => format!("没有{target}记录的时间不满{years}年"),
                _ => format!("没有{target}记录的年数{}{years}年", word(op, false)),
            };
        }
        let points = matches!(left, Num::Score | Num::Component(_) | Num::Points(..));
        let right = match right {
            Num::Literal(value) => self.literal(*value, left),
            other => self.num(other),
        };
        format!("{}{}{right}", self.num(left), word(op, points))
    }

    /// A literal with the unit of what it is compared with.
    fn literal(&self, value: Decimal, beside: &Num) -> String {
        let unit = match beside {
            Num::Attribute(name) => {
                let kind = self.rules.schema().get(name);
                if kind == Some(&crate::domain::AttributeType::Percent) {
                    return percent(value);
                }
                unit(self.rules, name)
            }
            Num::Score | Num::Component(_) | Num::Points(..) => "分",
            Num::Count(..) => "次",
            Num::Project(ProjectField::Area) => "平方米",
            Num::Project(ProjectField::Households) => "户",
            Num::Project(ProjectField::ContractValue) => "元",
            Num::Subject(SubjectField::Projects) => "个",
            _ => "",
        };
        format!("{}{unit}", figure(value))
    }

    fn num(&self, num: &Num) -> String {
        match num {
            Num::Literal(value) => figure(*value),
            Num::Attribute(name) => attribute(self.rules, name),
            Num::Project(ProjectField::Area) => "项目建筑面积".to_owned(),
            Num::Project(ProjectField::Households) => "项目户数".to_owned(),
            Num::Project(ProjectField::ContractValue) => "项目合同金额".to_owned(),
            Num::Subject(SubjectField::AgeMonths) => "设立月数".to_owned(),
            Num::Subject(SubjectField::Projects) => "在管项目数".to_owned(),
            Num::Score => "总分".to_owned(),
            Num::Component(index) => {
                let component = self.rules.components().get(*index);
                format!("{}得分", component.map_or("", |one| one.title.as_str()))
            }
            Num::Count(target, within) => {
                format!("{}{}的次数", self.within(*within), self.target(*target))
            }
            Num::Points(target, within) => {
                format!("{}{}的计分", self.within(*within), self.target(*target))
            }
            Num::YearsWithout(target) => format!("没有{}记录的年数", self.target(*target)),
            Num::Negate(inner) => format!("负{}", self.num(inner)),
            Num::Arithmetic(Arithmetic::Multiply, left, right) => match (&**left, &**right) {
                (other, Num::Literal(share)) | (Num::Literal(share), other)
                    if *share < Decimal::ONE && !share.is_sign_negative() =>
                {
                    format!("{}的{}", self.num(other), percent(*share))
                }
                (left, right) => format!("{}乘以{}", self.num(left), self.num(right)),
            },
            Num::Arithmetic(op, left, right) => {
                let word = match op {
                    Arithmetic::Add => "加",
                    Arithmetic::Subtract => "减",
                    Arithmetic::Multiply => "乘以",
                    Arithmetic::Divide => "除以",
                };
                format!("（{}{word}{}）", self.num(left), self.num(right))
            }
        }
    }
}

fn word(op: Op, points: bool) -> &'static str {
    match (op, points) {
        (Op::Eq, _) => "等于",
        (Op::Ne, _) => "不等于",
        (Op::Lt, true) => "低于",
        (Op::Le, true) => "不高于",
        (Op::Gt, true) => "高于",
        (Op::Ge, true) => "不低于",
        (Op::Lt, false) => "少于",
        (Op::Le, false) => "不超过",
        (Op::Gt, false) => "超过",
        (Op::Ge, false) => "不少于",
    }
}

/// The comparison read from right to left.
fn mirrored(op: Op) -> Op {
    match op {
        Op::Eq | Op::Ne => op,
        Op::Lt => Op::Gt,
        Op::Le => Op::Ge,
        Op::Gt => Op::Lt,
        Op::Ge => Op::Le,
    }
}
