//! Conditions as sentences.

use rust_decimal::Decimal;

use super::words::{Voice, number, percent, span};
use crate::{
    domain::{AttributeType, Span},
    rules::predicate::{
        Arithmetic, Condition, Expr, GradeTerm, Num, Op, ProjectField, SubjectField, Target,
    },
};

/// `上访人数不少于10人`.
pub(in crate::rules) fn condition(voice: &Voice<'_>, condition: &Condition) -> String {
    truth(voice, &condition.expr, "等级")
}

/// How tightly a sentence holds together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joined {
    And,
    Or,
}

/// `grade`: what the present grade is called here.
fn truth(voice: &Voice<'_>, expr: &Expr, grade: &str) -> String {
    match expr {
        Expr::Const(true) => "任何情形".to_owned(),
        Expr::Const(false) => "任何情形都不适用".to_owned(),
        Expr::And(parts) => joined(voice, parts, grade, Joined::And),
        Expr::Or(parts) => joined(voice, parts, grade, Joined::Or),
        Expr::Not(inner) => negated(voice, inner, grade),
        Expr::Number(op, left, right) => comparison(voice, *op, left, right),
        Expr::Text(op, name, value) => {
            let title = voice.attribute_title(name);
            let choice = matches!(
                voice.attribute(name).map(|one| &one.kind),
                Some(AttributeType::Choice(_))
            );
            let value = match choice {
                true => voice.choice(value),
                false => format!("“{value}”"),
            };
            format!("{title}{}{value}", equal_word(*op))
        }
        Expr::Day(op, name, day) => {
            let title = voice.attribute_title(name);
            match op {
                Op::Eq => format!("{title}为{day}"),
                Op::Ne => format!("{title}不是{day}"),
                Op::Lt => format!("{title}早于{day}"),
                Op::Le => format!("{title}不晚于{day}"),
                Op::Gt => format!("{title}晚于{day}"),
                Op::Ge => format!("{title}不早于{day}"),
            }
        }
        Expr::Flag(name) => format!("{}为是", voice.attribute_title(name)),
        Expr::FlagIs(op, name, flag) => format!(
            "{}{}{}",
            voice.attribute_title(name),
            equal_word(*op),
            if *flag { "是" } else { "否" }
        ),
        Expr::Grade(op, left, right) => grades(voice, *op, *left, *right, grade),
        Expr::Has(target, within) => {
            format!("{}有{}", within_words(*within), voice.records_of(*target))
        }
        Expr::Unrectified(target, within) => match within {
            Some(within) => format!("有{}超过{}未整改", voice.records_of(*target), span(*within)),
            None => format!("有{}未整改", voice.records_of(*target)),
        },
        Expr::OnList(index) => format!("已列入{}", voice.list(*index)),
        Expr::Consecutive(inner, n) => {
            format!("此前连续{n}期{}", nested(voice, inner, "等级"))
        }
    }
}

fn nested(voice: &Voice<'_>, expr: &Expr, grade: &str) -> String {
    let text = truth(voice, expr, grade);
    match expr {
        Expr::And(parts) | Expr::Or(parts) if parts.len() > 1 => format!("（{text}）"),
        _ => text,
    }
}

fn joined(voice: &Voice<'_>, parts: &[Expr], grade: &str, how: Joined) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|part| nested(voice, part, grade))
        .collect();
    parts.join(match how {
        Joined::And => "，并且",
        Joined::Or => "，或者",
    })
}

/// What can be missing keeps its comparison as it stands: "not at least ten" is also true of what is not known.
fn negated(voice: &Voice<'_>, inner: &Expr, grade: &str) -> String {
    match inner {
        Expr::Has(target, within) => {
            format!("{}没有{}", within_words(*within), voice.records_of(*target))
        }
        Expr::Unrectified(..) => format!("没有{}的情形", strip_has(&truth(voice, inner, grade))),
        Expr::OnList(index) => format!("未列入{}", voice.list(*index)),
        _ => format!("不符合“{}”", truth(voice, inner, grade)),
    }
}

fn strip_has(text: &str) -> &str {
    text.strip_prefix('有').unwrap_or(text)
}

fn equal_word(op: Op) -> &'static str {
    match op {
        Op::Ne => "不是",
        _ => "为",
    }
}

fn within_words(within: Option<Span>) -> String {
    within.map_or_else(String::new, |within| format!("{}内", span(within)))
}

fn grades(voice: &Voice<'_>, op: Op, left: GradeTerm, right: GradeTerm, current: &str) -> String {
    let (op, left, right) = match left {
        GradeTerm::Rank(_) => (op.swapped(), right, left),
        _ => (op, left, right),
    };
    let name = |term| match term {
        GradeTerm::Rank(rank) => voice.grade(rank),
        GradeTerm::Current => current.to_owned(),
        GradeTerm::Previous(1) => "上一期等级".to_owned(),
        GradeTerm::Previous(n) => format!("前第{n}期等级"),
    };
    let (subject, object) = (name(left), name(right));
    match op {
        Op::Eq => format!("{subject}为{object}"),
        Op::Ne => format!("{subject}不是{object}"),
        Op::Ge => format!("{subject}为{object}或更好"),
        Op::Gt => format!("{subject}好于{object}"),
        Op::Le => format!("{subject}为{object}或更差"),
        Op::Lt => format!("{subject}差于{object}"),
    }
}

fn comparison(voice: &Voice<'_>, op: Op, left: &Num, right: &Num) -> String {
    let (op, left, right) = match (left, right) {
        (Num::Literal(_), Num::Literal(_)) => (op, left, right),
        (Num::Literal(_), _) => (op.swapped(), right, left),
        _ => (op, left, right),
    };
    if let Some(value) = literal(right) {
        match left {
            Num::Count(target, within) => return counted(voice, op, *target, *within, value),
            Num::Points(target, within) => {
                return totalled(voice, op, *target, *within, value);
            }
            Num::YearsWithout(target) => {
                let what = voice.records_of(*target);
                return match op {
                    Op::Ge => format!("连续{}年以上没有{what}", number(value)),
                    _ => format!("没有{what}的年数{}{}", op_word(op), number(value)),
                };
            }
            Num::Subject(SubjectField::AgeMonths) => {
                let months = number(value);
                return match op {
                    Op::Lt => format!("设立不满{months}个月"),
                    Op::Ge => format!("设立满{months}个月"),
                    _ => format!("设立的月数{}{months}个月", op_word(op)),
                };
            }
            Num::Subject(SubjectField::Projects) => {
                return format!("在管项目{}{}个", op_word(op), number(value));
            }
            _ => {}
        }
    }
    let right_words = match (left, literal(right)) {
        (Num::Attribute(name), Some(value)) => voice.amount(name, value),
        (Num::Score | Num::Component(_), Some(value)) => voice.score(value),
        (Num::Project(field), Some(value)) => format!("{}{}", number(value), project_unit(*field)),
        _ => num(voice, right),
    };
    format!("{}{}{right_words}", num(voice, left), level_word(op, left))
}

/// The value of a literal, also of one under a minus sign.
fn literal(num: &Num) -> Option<Decimal> {
    match num {
        Num::Literal(value) => Some(*value),
        Num::Negate(inner) => literal(inner).map(|value| -value),
        _ => None,
    }
}

fn counted(
    voice: &Voice<'_>,
    op: Op,
    target: Target,
    within: Option<Span>,
    value: Decimal,
) -> String {
    let (within, what, times) = (
        within_words(within),
        voice.records_of(target),
        number(value),
    );
    match op {
        Op::Ge => format!("{within}有{times}次以上{what}"),
        Op::Gt => format!("{within}有超过{times}次{what}"),
        Op::Le => format!("{within}{what}不超过{times}次"),
        Op::Lt => format!("{within}{what}少于{times}次"),
        Op::Eq => format!("{within}{what}恰为{times}次"),
        Op::Ne => format!("{within}{what}不是{times}次"),
    }
}

/// Sums of deductions are told without signs: "at most -8" is "8 or more taken off".
fn totalled(
    voice: &Voice<'_>,
    op: Op,
    target: Target,
    within: Option<Span>,
    value: Decimal,
) -> String {
    let head = format!("{}{}", within_words(within), voice.records_of(target));
    if value >= Decimal::ZERO {
        return format!("{head}得分合计{}{}分", score_word(op), number(value));
    }
    let (op, size) = (op.swapped(), number(-value));
    let word = crate::rules::render::words::sign_word(voice.direction(), value);
    match op {
        Op::Ge => format!("{head}累计{word}{size}分以上"),
        Op::Gt => format!("{head}累计{word}分超过{size}分"),
        Op::Le => format!("{head}累计{word}分不超过{size}分"),
        Op::Lt => format!("{head}累计{word}分少于{size}分"),
        Op::Eq => format!("{head}累计{word}{size}分"),
        Op::Ne => format!("{head}累计{word}分不等于{size}分"),
    }
}

fn level_word(op: Op, left: &Num) -> &'static str {
    match left {
        Num::Attribute(_) | Num::Project(_) | Num::Count(..) => op_word(op),
        _ => score_word(op),
    }
}

fn op_word(op: Op) -> &'static str {
    match op {
        Op::Eq => "为",
        Op::Ne => "不等于",
        Op::Lt => "少于",
        Op::Le => "不超过",
        Op::Gt => "超过",
        Op::Ge => "不少于",
    }
}

fn score_word(op: Op) -> &'static str {
    match op {
        Op::Eq => "为",
        Op::Ne => "不等于",
        Op::Lt => "低于",
        Op::Le => "不高于",
        Op::Gt => "高于",
        Op::Ge => "不低于",
    }
}

fn project_unit(field: ProjectField) -> &'static str {
    match field {
        ProjectField::Area => "平方米",
        ProjectField::Households => "户",
        ProjectField::ContractValue => "元",
    }
}

fn num(voice: &Voice<'_>, value: &Num) -> String {
    match value {
        Num::Literal(value) => number(*value),
        Num::Attribute(name) => voice.attribute_title(name),
        Num::Project(ProjectField::Area) => "项目管理面积".to_owned(),
        Num::Project(ProjectField::Households) => "项目总户数".to_owned(),
        Num::Project(ProjectField::ContractValue) => "项目合同金额".to_owned(),
        Num::Subject(SubjectField::AgeMonths) => "设立的月数".to_owned(),
        Num::Subject(SubjectField::Projects) => "在管项目数".to_owned(),
        Num::Score => "总分".to_owned(),
        Num::Component(index) => format!("{}得分", voice.component(*index)),
        Num::Count(target, within) => {
            format!(
                "{}{}的次数",
                within_words(*within),
                voice.records_of(*target)
            )
        }
        Num::Points(target, within) => {
            format!(
                "{}{}的得分合计",
                within_words(*within),
                voice.records_of(*target)
            )
        }
        Num::YearsWithout(target) => format!("连续没有{}的年数", voice.records_of(*target)),
        Num::Negate(inner) => format!("负{}", operand(voice, inner)),
        Num::Arithmetic(Arithmetic::Multiply, left, right) => match literal(right) {
            Some(share) if share > Decimal::ZERO && share < Decimal::ONE => {
                format!("{}的{}", operand(voice, left), percent(share))
            }
            _ => format!("{}×{}", operand(voice, left), operand(voice, right)),
        },
        Num::Arithmetic(Arithmetic::Divide, left, right) => {
            format!("{}÷{}", operand(voice, left), operand(voice, right))
        }
        Num::Arithmetic(Arithmetic::Add, left, right) => {
            format!("{}与{}之和", operand(voice, left), operand(voice, right))
        }
        Num::Arithmetic(Arithmetic::Subtract, left, right) => {
            format!("{}减去{}的差", operand(voice, left), operand(voice, right))
        }
    }
}

fn operand(voice: &Voice<'_>, value: &Num) -> String {
    match value {
        Num::Arithmetic(..) => format!("（{}）", num(voice, value)),
        _ => num(voice, value),
    }
}
