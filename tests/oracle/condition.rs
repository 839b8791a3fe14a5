//! Conditions: a small reader by recursive descent, and their truth.

use std::iter::Peekable;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::fraction::Fraction;

#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    Number(Fraction),
    Text(String),
    Flag(bool),
    /// `people`, `project.area`.
    Name(String),
    Call(String, Vec<Node>),
    Not(Box<Node>),
    Minus(Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Compare(String, Box<Node>, Box<Node>),
    Arithmetic(String, Box<Node>, Box<Node>),
}

/// What a part of a condition gives.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Number(Fraction),
    Text(String),
    Truth(bool),
    Day(NaiveDate),
    /// 0 is the best.
    Grade(usize),
    Missing,
}

/// The code of a fault: the condition cannot be computed.
pub type Failed = &'static str;

/// What a condition may ask for.
pub trait Answers {
    fn name(&self, name: &str) -> Value;
    fn call(&self, name: &str, arguments: &[Node]) -> Result<Value, Failed>;
    fn rank(&self, grade: &str) -> Option<usize>;
}

pub fn read(text: &str) -> Node {
    let words = words(text);
    let mut left = words.iter().map(String::as_str).peekable();
    let node = or(&mut left);
    assert_eq!(left.next(), None, "{text}");
    node
}

fn words(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut words = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        let start = at;
        let letter = letters[at];
        at += 1;
        if letter.is_whitespace() {
            continue;
        }
        if letter == '\'' {
            while letters[at] != '\'' {
                at += 1;
            }
            at += 1;
        } else if letter.is_alphanumeric() || letter == '_' {
            let more = |c: &char| c.is_alphanumeric() || *c == '_' || *c == '.' || *c == '%';
            while letters.get(at).is_some_and(more) {
                at += 1;
            }
        } else if "=!<>".contains(letter) && letters.get(at) == Some(&'=') {
            at += 1;
        }
        words.push(letters[start..at].iter().collect());
    }
    words
}

fn or<'w>(words: &mut Peekable<impl Iterator<Item = &'w str>>) -> Node {
    let mut node = and(words);
    while words.next_if_eq(&"or").is_some() {
        node = Node::Or(Box::new(node), Box::new(and(words)));
    }
    node
}

fn and<'w>(words: &mut Peekable<impl Iterator<Item = &'w str>>) -> Node {
    let mut node = not(words);
    while words.next_if_eq(&"and").is_some() {
        node = Node::And(Box::new(node), Box::new(not(words)));
    }
    node
}

fn not<'w>(words: &mut Peekable<impl Iterator<Item = &'w str>>) -> Node {
    if words.next_if_eq(&"not").is_some() {
        return Node::Not(Box::new(not(words)));
    }
    let node = sum(words);
    match words.next_if(|word| ["==", "!=", "<", "<=", ">", ">="].contains(word)) {
        Some(op) => Node::Compare(op.to_owned(), Box::new(node), Box::new(sum(words))),
        None => node,
    }
}

fn sum<'w>(words: &mut Peekable<impl Iterator<Item = &'w str>>) -> Node {
    let mut node = product(words);
    while let Some(op) = words.next_if(|word| ["+", "-"].contains(word)) {
        node = Node::Arithmetic(op.to_owned(), Box::new(node), Box::new(product(words)));
    }
    node
}

fn product<'w>(words: &mut Peekable<impl Iterator<Item = &'w str>>) -> Node {
    let mut node = value(words);
    while let Some(op) = words.next_if(|word| ["*", "/"].contains(word)) {
        node = Node::Arithmetic(op.to_owned(), Box::new(node), Box::new(value(words)));
    }
    node
}

fn value<'w>(words: &mut Peekable<impl Iterator<Item = &'w str>>) -> Node {
    let word = words.next().expect("a value");
    match word {
        "-" => return Node::Minus(Box::new(value(words))),
        "(" => {
            let node = or(words);
            assert_eq!(words.next(), Some(")"));
            return node;
        }
        "true" => return Node::Flag(true),
        "false" => return Node::Flag(false),
        _ => {}
    }
    if let Some(text) = word.strip_prefix('\'') {
        return Node::Text(text.trim_end_matches('\'').to_owned());
    }
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        let number: Decimal = word.trim_end_matches('%').parse().unwrap();
        let number = Fraction::from(number);
        let hundred = Fraction::whole(100);
        return Node::Number(match word.ends_with('%') {
            true => number.divided_by(hundred).unwrap(),
            false => number,
        });
    }
    if words.next_if_eq(&"(").is_none() {
        return Node::Name(word.to_owned());
    }
    let mut arguments = Vec::new();
    while words.next_if_eq(&")").is_none() {
        arguments.push(or(words));
        words.next_if_eq(&",");
    }
    Node::Call(word.to_owned(), arguments)
}

impl Node {
    /// Whether it holds. Something missing makes its comparison false; parts are asked from left to right, and only as far
    /// as needed.
    pub fn holds(&self, answers: &dyn Answers) -> Result<bool, Failed> {
        match self {
            Node::And(left, right) => Ok(left.holds(answers)? && right.holds(answers)?),
            Node::Or(left, right) => Ok(left.holds(answers)? || right.holds(answers)?),
            Node::Not(inner) => Ok(!inner.holds(answers)?),
            other => match other.value(answers)? {
                Value::Truth(truth) => Ok(truth),
                Value::Missing => Ok(false),
                value => panic!("{self:?} is {value:?}"),
            },
        }
    }

    fn value(&self, answers: &dyn Answers) -> Result<Value, Failed> {
        Ok(match self {
            Node::Number(value) => Value::Number(*value),
            Node::Text(text) => Value::Text(text.clone()),
            Node::Flag(flag) => Value::Truth(*flag),
            Node::Name(name) => answers.name(name),
            Node::Call(name, arguments) => answers.call(name, arguments)?,
            Node::Minus(inner) => match inner.value(answers)? {
                Value::Number(value) => Value::Number(-value),
                _ => Value::Missing,
            },
            Node::Arithmetic(op, left, right) => {
                match (left.value(answers)?, right.value(answers)?) {
                    (Value::Number(left), Value::Number(right)) => {
                        Value::Number(arithmetic(op, left, right)?)
                    }
                    _ => Value::Missing,
                }
            }
            Node::Compare(op, left, right) => {
                let (left, right) = (left.value(answers)?, right.value(answers)?);
                Value::Truth(compare(op, left, right, answers))
            }
            Node::And(..) | Node::Or(..) | Node::Not(_) => Value::Truth(self.holds(answers)?),
        })
    }

    /// The comparisons and functions in it whose truth may change from day to day; those about the grade of the day are
    /// left out, since it follows from the others.
    pub fn facts(&self) -> Vec<&Node> {
        match self {
            Node::And(left, right) | Node::Or(left, right) => {
                let mut all = left.facts();
                all.extend(right.facts());
                all
            }
            Node::Not(inner) => inner.facts(),
            Node::Compare(_, left, right) => {
                let grade = |node: &Node| *node == Node::Name("grade".to_owned());
                if grade(left) || grade(right) {
                    Vec::new()
                } else {
                    vec![self]
                }
            }
            Node::Call(..) => vec![self],
            _ => Vec::new(),
        }
    }

    /// How many earlier periods it looks at.
    pub fn earlier_periods(&self) -> usize {
        let both = |left: &Node, right: &Node| left.earlier_periods().max(right.earlier_periods());
        match self {
            Node::And(left, right)
            | Node::Or(left, right)
            | Node::Compare(_, left, right)
            | Node::Arithmetic(_, left, right) => both(left, right),
            Node::Not(inner) | Node::Minus(inner) => inner.earlier_periods(),
            Node::Call(name, arguments) => match (name.as_str(), &arguments[..]) {
                ("previous_grade", []) => 1,
                ("previous_grade", [n]) | ("consecutive", [_, n]) => n.count(),
                _ => 0,
            },
            _ => 0,
        }
    }

    /// As a number of periods.
    pub fn count(&self) -> usize {
        match self {
            Node::Number(value) => usize::try_from(value.floor()).unwrap(),
            other => panic!("{other:?} is no number of periods"),
        }
    }

    /// As the text it is.
    pub fn text(&self) -> &str {
        match self {
            Node::Text(text) => text,
            other => panic!("{other:?} is no text"),
        }
    }
}

fn arithmetic(op: &str, left: Fraction, right: Fraction) -> Result<Fraction, Failed> {
    match op {
        "+" => Ok(left + right),
        "-" => Ok(left - right),
        "*" => Ok(left * right),
        _ => left.divided_by(right).ok_or("D019"),
    }
}

fn compare(op: &str, left: Value, right: Value, answers: &dyn Answers) -> bool {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let order = match (left, right) {
        (Value::Missing, _) | (_, Value::Missing) => return false,
        (Value::Number(left), Value::Number(right)) => left.cmp(&right),
        (Value::Text(left), Value::Text(right)) => left.cmp(&right),
        (Value::Truth(left), Value::Truth(right)) => left.cmp(&right),
        (Value::Day(left), Value::Text(right)) => left.cmp(&day(&right)),
        (Value::Text(left), Value::Day(right)) => day(&left).cmp(&right),
        // The better grade is the greater one.
        (Value::Grade(left), Value::Grade(right)) => right.cmp(&left),
        (Value::Grade(left), Value::Text(right)) => answers.rank(&right).unwrap().cmp(&left),
        (Value::Text(left), Value::Grade(right)) => right.cmp(&answers.rank(&left).unwrap()),
        (left, right) => panic!("{left:?} {op} {right:?}"),
    };
    match op {
        "==" => order.is_eq(),
        "!=" => order.is_ne(),
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        _ => order.is_ge(),
    }
}
