//! Predicates: small typed expressions over declared names. Text becomes tokens (`lex`), a tree (`parse`), a typed
//! expression with every name resolved (`types`), and then a truth (`eval`); `bounds` tells what can never be true.

mod bounds;
mod eval;
mod lex;
mod parse;
mod types;

use std::ops::Range;

use rust_decimal::Decimal;

pub(super) use bounds::{Possible, possibly};
pub(super) use eval::{Inputs, Leaf, holds, leaves};
pub(super) use types::{Names, Place, RESERVED, compile};

use crate::domain::{Day, Span};

/// A compiled predicate and its text.
#[derive(Debug, Clone)]
pub struct Condition {
    text: String,
    pub(crate) at: Range<usize>,
    pub(crate) expr: Expr,
}

impl Condition {
    /// The predicate as the author wrote it.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// What a function is asked about, by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Target {
    Item(usize),
    Group(usize),
    Component(usize),
}

/// Comparison of two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Op {
    /// The comparison with its sides exchanged.
    pub fn swapped(self) -> Self {
        match self {
            Self::Lt => Self::Gt,
            Self::Le => Self::Ge,
            Self::Gt => Self::Lt,
            Self::Ge => Self::Le,
            same => same,
        }
    }

    pub fn test(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Eq => order.is_eq(),
            Self::Ne => order.is_ne(),
            Self::Lt => order.is_lt(),
            Self::Le => order.is_le(),
            Self::Gt => order.is_gt(),
            Self::Ge => order.is_ge(),
        }
    }
}

/// Fields of a record's project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProjectField {
    Area,
    Households,
    ContractValue,
}

/// Fields of the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SubjectField {
    AgeMonths,
    Projects,
}

/// A yes or no.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expr {
    Const(bool),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    Number(Op, Num, Num),
    /// A choice or text attribute against a literal.
    Text(Op, String, String),
    Day(Op, String, Day),
    Flag(String),
    FlagIs(Op, String, bool),
    /// A grade against a grade; greater is better.
    Grade(Op, GradeTerm, GradeTerm),
    Has(Target, Option<Span>),
    Unrectified(Target, Option<Span>),
    OnList(usize),
    /// Every one of the last n earlier periods.
    Consecutive(Box<Expr>, usize),
}

/// A number, or missing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Num {
    Literal(Decimal),
    Attribute(String),
    Project(ProjectField),
    Subject(SubjectField),
    Score,
    Component(usize),
    Count(Target, Option<Span>),
    Points(Target, Option<Span>),
    YearsWithout(Target),
    Negate(Box<Num>),
    Arithmetic(Arithmetic, Box<Num>, Box<Num>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// A grade, or missing; literals by rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GradeTerm {
    Rank(usize),
    Current,
    Previous(usize),
}

impl Expr {
    /// Calls `see` with this expression and every one below it.
    pub fn walk<'e>(&'e self, see: &mut dyn FnMut(&'e Expr)) {
        see(self);
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.walk(see)),
            Self::Not(inner) | Self::Consecutive(inner, _) => inner.walk(see),
            _ => {}
        }
    }

    /// Calls `see` with every number of the expression.
    pub fn numbers<'e>(&'e self, see: &mut dyn FnMut(&'e Num)) {
        self.walk(&mut |expr| {
            if let Self::Number(_, left, right) = expr {
                left.walk(see);
                right.walk(see);
            }
        });
    }

    /// The attributes that it reads, in the order of the text; one may come twice.
    pub fn attributes(&self) -> Vec<&str> {
        let mut found = Vec::new();
        self.walk(&mut |expr| match expr {
            Self::Text(_, name, _) | Self::Day(_, name, _) => found.push(name.as_str()),
            Self::Flag(name) | Self::FlagIs(_, name, _) => found.push(name),
            Self::Number(_, left, right) => {
                for side in [left, right] {
                    side.walk(&mut |num| {
                        if let Num::Attribute(name) = num {
                            found.push(name);
                        }
                    });
                }
            }
            _ => {}
        });
        found
    }

    /// How many earlier periods it looks at.
    pub fn history(&self) -> usize {
        let mut depth = 0;
        self.walk(&mut |expr| match expr {
            Self::Grade(_, left, right) => {
                for term in [left, right] {
                    if let GradeTerm::Previous(n) = term {
                        depth = depth.max(*n);
                    }
                }
            }
            Self::Consecutive(_, n) => depth = depth.max(*n),
            _ => {}
        });
        depth
    }

    /// What its functions are asked about, with their spans.
    pub fn targets(&self) -> Vec<(Target, Option<Span>)> {
        let mut found = Vec::new();
        self.walk(&mut |expr| {
            if let Self::Has(target, span) | Self::Unrectified(target, span) = expr {
                found.push((*target, *span));
            }
        });
        self.numbers(&mut |num| match num {
            Num::Count(target, span) | Num::Points(target, span) => found.push((*target, *span)),
            Num::YearsWithout(target) => found.push((*target, None)),
            _ => {}
        });
        found
    }
}

impl Num {
    pub fn walk<'e>(&'e self, see: &mut dyn FnMut(&'e Num)) {
        see(self);
        match self {
            Self::Negate(inner) => inner.walk(see),
            Self::Arithmetic(_, left, right) => {
                left.walk(see);
                right.walk(see);
            }
            _ => {}
        }
    }
}
