//! Tokens to an untyped tree. Precedence from loosest: or, and, not, comparison, + -, * /, unary minus.

use std::ops::Range;

use rust_decimal::Decimal;

use super::{
    Arithmetic, Op,
    lex::{Fault, Token, tokens},
};
use crate::rules::diagnostic::Code;

/// A piece of a predicate and its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node<'t> {
    pub kind: Kind<'t>,
    pub at: Range<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind<'t> {
    Number(Decimal),
    Text(&'t str),
    Flag(bool),
    /// `name` or `owner.name`.
    Name(Option<&'t str>, &'t str),
    Call(&'t str, Vec<Node<'t>>),
    Not(Box<Node<'t>>),
    And(Vec<Node<'t>>),
    Or(Vec<Node<'t>>),
    Compare(Op, Box<Node<'t>>, Box<Node<'t>>),
    Negate(Box<Node<'t>>),
    Arithmetic(Arithmetic, Box<Node<'t>>, Box<Node<'t>>),
}

/// Deepest nesting; keeps hostile text from exhausting the stack.
const DEEPEST: usize = 40;
/// Most tokens of one predicate.
const LONGEST: usize = 2000;
/// Most `+ - * /` of one predicate: each nests the tree one step deeper, to the left and through parentheses alike.
const WIDEST: usize = 200;

/// Reads one predicate.
pub(super) fn parse(text: &str) -> Result<Node<'_>, Fault> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        next: 0,
        depth: 0,
        operations: 0,
        end: text.len(),
    };
    if parser.tokens.is_empty() {
        return Err(Fault::new(
            Code::R010,
            0..text.len(),
            "条件是空的",
            "不需要条件时请删去 when",
        ));
    }
    if let Some((_, at)) = parser.tokens.get(LONGEST) {
        return Err(Fault::new(
            Code::R009,
            at.clone(),
            format!("条件超过 {LONGEST} 个词"),
            "请拆成几条，或把条目编成组",
        ));
    }
    let node = parser.or()?;
    match parser.tokens.get(parser.next) {
        None => Ok(node),
        Some((token, at)) => Err(Fault::new(
            Code::R010,
            at.clone(),
            "条件到这里应当结束",
            match token {
                Token::Close => "右括号多了",
                _ => "两个条件之间要写 and 或 or",
            },
        )),
    }
}

struct Parser<'t> {
    tokens: Vec<(Token<'t>, Range<usize>)>,
    next: usize,
    depth: usize,
    operations: usize,
    end: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<Token<'t>> {
        self.tokens.get(self.next).map(|(token, _)| *token)
    }

    fn here(&self) -> Range<usize> {
        self.tokens
            .get(self.next)
            .map_or(self.end..self.end, |(_, at)| at.clone())
    }

    fn take(&mut self, token: Token<'_>) -> bool {
        let taken = self.peek() == Some(token);
        self.next += usize::from(taken);
        taken
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Fault::new(
                Code::R009,
                self.here(),
                format!("条件嵌套超过 {DEEPEST} 层"),
                "请拆成几条",
            ));
        }
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn or(&mut self) -> Result<Node<'t>, Fault> {
        self.deeper(|parser| parser.joined("or", Self::and, Kind::Or))
    }

    fn and(&mut self) -> Result<Node<'t>, Fault> {
        self.joined("and", Self::not, Kind::And)
    }

    fn joined(
        &mut self,
        word: &str,
        part: fn(&mut Self) -> Result<Node<'t>, Fault>,
        join: fn(Vec<Node<'t>>) -> Kind<'t>,
    ) -> Result<Node<'t>, Fault> {
        let first = part(self)?;
        if self.peek() != Some(Token::Name(word)) {
            return Ok(first);
        }
        let start = first.at.start;
        let mut parts = vec![first];
        while self.take(Token::Name(word)) {
            parts.push(part(self)?);
        }
        let end = parts.last().map_or(start, |last| last.at.end);
        Ok(Node {
            kind: join(parts),
            at: start..end,
        })
    }

    fn not(&mut self) -> Result<Node<'t>, Fault> {
        let start = self.here().start;
        if self.take(Token::Name("not")) {
            let inner = self.deeper(Self::not)?;
            let at = start..inner.at.end;
            return Ok(Node {
                kind: Kind::Not(Box::new(inner)),
                at,
            });
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Node<'t>, Fault> {
        let left = self.sum()?;
        let Some(Token::Compare(op)) = self.peek() else {
            return Ok(left);
        };
        self.next += 1;
        let right = self.sum()?;
        if let Some(Token::Compare(_)) = self.peek() {
            return Err(Fault::new(
                Code::R010,
                self.here(),
                "一次只能比较两个值",
                "请写成两个条件，如 a < b and b < c",
            ));
        }
        let at = left.at.start..right.at.end;
        Ok(Node {
            kind: Kind::Compare(op, Box::new(left), Box::new(right)),
            at,
        })
    }

    /// Takes the sign of an operation, if there are not too many.
    fn operation(&mut self) -> Result<(), Fault> {
        self.operations += 1;
        if self.operations > WIDEST {
            return Err(Fault::new(
                Code::R009,
                self.here(),
                format!("一个条件里的加减乘除超过 {WIDEST} 次"),
                "请用组或分项来合计",
            ));
        }
        self.next += 1;
        Ok(())
    }

    fn sum(&mut self) -> Result<Node<'t>, Fault> {
        let mut left = self.product()?;
        loop {
            let op = match self.peek() {
                Some(Token::Plus) => Arithmetic::Add,
                Some(Token::Minus) => Arithmetic::Subtract,
                _ => return Ok(left),
            };
            self.operation()?;
            left = binary(op, left, self.product()?);
        }
    }

    fn product(&mut self) -> Result<Node<'t>, Fault> {
        let mut left = self.unary()?;
        loop {
            let op = match self.peek() {
                Some(Token::Star) => Arithmetic::Multiply,
                Some(Token::Slash) => Arithmetic::Divide,
                _ => return Ok(left),
            };
            self.operation()?;
            left = binary(op, left, self.unary()?);
        }
    }

    fn unary(&mut self) -> Result<Node<'t>, Fault> {
        let start = self.here().start;
        if self.take(Token::Minus) {
            let inner = self.deeper(Self::unary)?;
            let at = start..inner.at.end;
            return Ok(Node {
                kind: Kind::Negate(Box::new(inner)),
                at,
            });
        }
        self.primary()
    }

    fn primary(&mut self) -> Result<Node<'t>, Fault> {
        let at = self.here();
        let Some(token) = self.peek() else {
            return Err(Fault::new(Code::R010, at, "条件不完整", "这里还缺一个值"));
        };
        self.next += 1;
        let kind = match token {
            Token::Number(value) => Kind::Number(value),
            Token::Text(text) => Kind::Text(text),
            Token::Open => {
                let inner = self.or()?;
                self.close()?;
                return Ok(inner);
            }
            Token::Name("true") => Kind::Flag(true),
            Token::Name("false") => Kind::Flag(false),
            Token::Name(name) if !matches!(name, "and" | "or" | "not") => {
                return self.named(name, at);
            }
            _ => {
                return Err(Fault::new(
                    Code::R010,
                    at,
                    "这里应当是一个值",
                    "数字、'文字'、名称或括号",
                ));
            }
        };
        Ok(Node { kind, at })
    }

    fn named(&mut self, name: &'t str, at: Range<usize>) -> Result<Node<'t>, Fault> {
        if self.take(Token::Dot) {
            let place = self.here();
            let Some(Token::Name(field)) = self.peek() else {
                return Err(Fault::new(
                    Code::R010,
                    place,
                    "点号后应当是名称",
                    "如 project.area",
                ));
            };
            self.next += 1;
            return Ok(Node {
                kind: Kind::Name(Some(name), field),
                at: at.start..place.end,
            });
        }
        if !self.take(Token::Open) {
            return Ok(Node {
                kind: Kind::Name(None, name),
                at,
            });
        }
        let mut arguments = Vec::new();
        while self.peek() != Some(Token::Close) {
            arguments.push(self.or()?);
            if !self.take(Token::Comma) {
                break;
            }
        }
        let end = self.close()?;
        Ok(Node {
            kind: Kind::Call(name, arguments),
            at: at.start..end,
        })
    }

    fn close(&mut self) -> Result<usize, Fault> {
        let at = self.here();
        if self.take(Token::Close) {
            return Ok(at.end);
        }
        Err(Fault::new(
            Code::R010,
            at,
            "括号没有配对",
            "这里应当是右括号 )",
        ))
    }
}

fn binary<'t>(op: Arithmetic, left: Node<'t>, right: Node<'t>) -> Node<'t> {
    let at = left.at.start..right.at.end;
    Node {
        kind: Kind::Arithmetic(op, Box::new(left), Box::new(right)),
        at,
    }
}
