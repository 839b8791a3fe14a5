//! Text to tokens.

use std::ops::Range;

use rust_decimal::Decimal;

use super::Op;
use crate::rules::diagnostic::Code;

/// A token; texts and names borrow from the predicate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'t> {
    Number(Decimal),
    Text(&'t str),
    Name(&'t str),
    Compare(Op),
    Plus,
    Minus,
    Star,
    Slash,
    Open,
    Close,
    Comma,
    Dot,
}

/// A fault of a predicate's text, by byte of the predicate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub code: Code,
    pub at: Range<usize>,
    pub message: String,
    pub help: String,
}

impl Fault {
    pub fn new(
        code: Code,
        at: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            code,
            at,
            message: message.into(),
            help: help.into(),
        }
    }
}

/// Splits a predicate into tokens with their places.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token<'_>, Range<usize>)>, Fault> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        let (token, length) = token(text, at, c)?;
        found.push((token, at..at + length));
        at += length;
    }
    Ok(found)
}

fn token(text: &str, at: usize, c: char) -> Result<(Token<'_>, usize), Fault> {
    let rest = &text[at..];
    if c.is_ascii_digit() {
        return number(rest, at);
    }
    if c.is_alphabetic() || c == '_' {
        let length = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        return Ok((Token::Name(&rest[..length]), length));
    }
    if c == '\'' || c == '"' {
        let inner = &rest[1..];
        let length = inner.find(c).ok_or_else(|| {
            Fault::new(
                Code::R010,
                at..text.len(),
                "引号没有配对",
                "文字两端都要加单引号，如 'C'",
            )
        })?;
        return Ok((Token::Text(&inner[..length]), length + 2));
    }
    for (symbol, op) in [
        ("==", Op::Eq),
        ("!=", Op::Ne),
        ("<=", Op::Le),
        (">=", Op::Ge),
        ("<", Op::Lt),
        (">", Op::Gt),
    ] {
        if rest.starts_with(symbol) {
            return Ok((Token::Compare(op), symbol.len()));
        }
    }
    let token = match c {
        '+' => Token::Plus,
        '-' => Token::Minus,
        '*' => Token::Star,
        '/' => Token::Slash,
        '(' => Token::Open,
        ')' => Token::Close,
        ',' => Token::Comma,
        '.' => Token::Dot,
        _ => return Err(unknown(rest, at, c)),
    };
    Ok((token, 1))
}

/// A plain decimal, or a percentage as a share of one.
fn number(rest: &str, at: usize) -> Result<(Token<'_>, usize), Fault> {
    let digits = rest
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '_'))
        .unwrap_or(rest.len());
    let wrong = || {
        Fault::new(
            Code::R010,
            at..at + digits,
            format!("「{}」不是数字", &rest[..digits]),
            "请写成普通小数，如 10、0.5、10%",
        )
    };
    let value = Decimal::from_str_exact(&rest[..digits]).map_err(|_| wrong())?;
    if value > Decimal::from(1_000_000_000_u64) || value.normalize().scale() > 10 {
        return Err(wrong());
    }
    match rest[digits..].chars().next() {
        Some('%') => {
            let share = value.checked_div(Decimal::ONE_HUNDRED).ok_or_else(wrong)?;
            Ok((Token::Number(share.normalize()), digits + 1))
        }
        _ => Ok((Token::Number(value.normalize()), digits)),
    }
}

fn unknown(rest: &str, at: usize, c: char) -> Fault {
    let two = rest.chars().take(2).collect::<String>();
    let (wrong, right) = match (two.as_str(), c) {
        ("&&", _) => ("&&".to_owned(), "and"),
        ("||", _) => ("||".to_owned(), "or"),
        (_, '!') => ("!".to_owned(), "not 或 !="),
        (_, '=') => ("=".to_owned(), "=="),
        _ => {
            return Fault::new(
                Code::R010,
                at..at + c.len_utf8(),
                format!("条件里不能有「{c}」"),
                "只能用 and or not ( )、比较、+ - * /、数字、'文字' 和已声明的名称",
            );
        }
    };
    Fault::new(
        Code::R010,
        at..at + wrong.len(),
        format!("条件里不能写「{wrong}」"),
        format!("请改为 {right}"),
    )
}
