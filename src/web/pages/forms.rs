//! Forms of steps as data: what a person fills in for each step of a list entry, a record or a complaint, and how the fields
//! become the JSON that the interface takes. Pure; one table a kind of matter.
//!
//! A step is read by the same type whether it came as JSON or from a form, so that the two cannot say different things.

mod complaints;
mod entries;
mod records;

use serde_json::{Map, Value};

use super::desk::Field;

pub use complaints::COMPLAINTS;
pub use entries::ENTRIES;
pub use records::RECORDS;

/// Longest text of a field, characters.
const LONGEST: usize = 10_000;

/// How a value is typed, and what it becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One line of text.
    Line,
    /// A paragraph.
    Area,
    /// A list: one a line.
    Lines,
    /// A list of pairs, `left｜right` a line: the JSON names of both halves.
    Pairs(&'static str, &'static str),
    /// A day.
    Day,
    /// A whole number.
    Number,
    /// Yes or no.
    Flag,
    /// One of these: code and words.
    Choice(&'static [(&'static str, &'static str)]),
    /// One of the documents issued for the matter: gives `number` and `digest`.
    Document,
    /// SHA-256 of a paper, 64 hexadecimal digits.
    Digest,
}

/// One field of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spec {
    /// Where it goes in the JSON, one name or two joined by `.`; also its name in the form.
    pub at: &'static str,
    pub label: &'static str,
    pub kind: Kind,
    pub required: bool,
    /// Asked for only where another field has this value; must be empty elsewhere.
    pub only: Option<(&'static str, &'static str)>,
    /// May be empty.
    pub hint: &'static str,
}

impl Spec {
    const fn new(at: &'static str, label: &'static str, kind: Kind) -> Self {
        Self {
            at,
            label,
            kind,
            required: true,
            only: None,
            hint: "",
        }
    }

    const fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    const fn only(mut self, at: &'static str, value: &'static str) -> Self {
        self.only = Some((at, value));
        self
    }

    const fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }
}

/// The form of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepForm {
    /// Code of the step.
    pub step: &'static str,
    pub fields: &'static [Spec],
}

/// The forms of a kind of matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forms {
    /// Name of the JSON field that names the step.
    pub tag: &'static str,
    pub steps: &'static [StepForm],
}

/// A field that is wrong: its name in the form, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub name: String,
    pub what: String,
}

/// A document that was issued for the matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedPaper {
    pub number: String,
    pub digest: String,
    pub title: String,
}

impl Forms {
    /// The form of a step, if there is such a step.
    pub fn get(&self, step: &str) -> Option<&'static StepForm> {
        self.steps.iter().find(|form| form.step == step)
    }
}

impl StepForm {
    /// The fields to be drawn, with what was typed and what is wrong with it.
    pub fn fields(
        &self,
        typed: &[(String, String)],
        wrong: &[Wrong],
        papers: &[IssuedPaper],
    ) -> Vec<Field> {
        self.fields
            .iter()
            .map(|spec| {
                let value = find(typed, spec.at).unwrap_or_default();
                let error = wrong
                    .iter()
                    .find(|fault| fault.name == spec.at)
                    .map(|fault| fault.what.clone());
                let mut field = Field::new(spec.at, spec.label)
                    .value(value)
                    .hint(spec.hint)
                    .error(error);
                field.required = spec.required && spec.only.is_none();
                match spec.kind {
                    Kind::Line | Kind::Digest => field,
                    Kind::Area | Kind::Lines | Kind::Pairs(..) => field.kind("textarea"),
                    Kind::Day => field.kind("date"),
                    Kind::Number => field.numeric(),
                    Kind::Flag => field.options(choices(&[("", "否"), ("true", "是")])),
                    Kind::Choice(words) if spec.required => field.options(choices(words)),
                    Kind::Choice(words) => {
                        let none = [(String::new(), "（不选）".to_owned())];
                        field.options(none.into_iter().chain(choices(words)))
                    }
                    Kind::Document => {
                        let none = [(String::new(), "请选择文书".to_owned())];
                        let words = |paper: &IssuedPaper| {
                            let value = format!("{} {}", paper.digest, paper.number);
                            (value, format!("{}（{}）", paper.number, paper.title))
                        };
                        field.options(none.into_iter().chain(papers.iter().map(words)))
                    }
                }
            })
            .collect()
    }

    /// What was typed, as the JSON of the step.
    ///
    /// # Errors
    /// Every field that is missing, too long or of another form; fields that the form does not have.
    pub fn json(&self, tag: &str, typed: &[(String, String)]) -> Result<Value, Vec<Wrong>> {
        let mut wrong: Vec<Wrong> = typed
            .iter()
            .filter(|(name, _)| !self.fields.iter().any(|spec| spec.at == name))
            .map(|(name, _)| fault(name, "表单没有这一项"))
            .collect();
        let mut root = Map::new();
        root.insert(tag.to_owned(), Value::from(self.step));
        for spec in self.fields {
            if typed.iter().filter(|(name, _)| name == spec.at).count() > 1 {
                wrong.push(fault(spec.at, "这一项提交了两次"));
                continue;
            }
            let text = find(typed, spec.at).unwrap_or_default().trim();
            let applies = spec
                .only
                .is_none_or(|(at, value)| find(typed, at).map(str::trim) == Some(value));
            match spec.value(text) {
                Ok(Some(_)) if !applies => {
                    wrong.push(fault(spec.at, "本次所选的情形不需要这一项，请留空"));
                }
                Ok(Some(Value::Object(pair))) if spec.kind == Kind::Document => root.extend(pair),
                Ok(Some(value)) => put(&mut root, spec.at, value),
                Ok(None) if spec.required && applies => wrong.push(fault(spec.at, "请填写")),
                // What has parts is there, even where no part is given.
                Ok(None) => part(&mut root, spec.at),
                Err(what) => wrong.push(fault(spec.at, what)),
            }
        }
        if wrong.is_empty() {
            Ok(Value::Object(root))
        } else {
            Err(wrong)
        }
    }
}

impl Spec {
    /// The value that a text stands for; nothing for an empty one.
    fn value(&self, text: &str) -> Result<Option<Value>, &'static str> {
        if text.chars().count() > LONGEST {
            return Err("内容过长，不超过 10000 字");
        }
        if text.is_empty() {
            return Ok(match self.kind {
                Kind::Flag => Some(Value::Bool(false)),
                // An empty list says that there are none.
                Kind::Pairs(..) => Some(Value::Array(Vec::new())),
                _ => None,
            });
        }
        let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
        match self.kind {
            Kind::Line | Kind::Area => Ok(Some(Value::from(text))),
            Kind::Lines => Ok(Some(lines().collect())),
            Kind::Pairs(left, right) => lines()
                .map(|line| {
                    let (one, other) = line
                        .split_once(['｜', '|'])
                        .ok_or("每行一项，两部分之间用「｜」隔开")?;
                    let pair = [(left, one), (right, other)];
                    Ok(Value::Object(
                        pair.map(|(name, text)| (name.to_owned(), Value::from(text.trim())))
                            .into_iter()
                            .collect(),
                    ))
                })
                .collect::<Result<_, _>>()
                .map(Some),
            Kind::Day => crate::domain::Day::parse(text)
                .map(|day| Some(Value::from(day.to_string())))
                .map_err(|_| "日期应为 2026-07-01 的形式"),
            Kind::Number => text
                .parse::<u32>()
                .map(|number| Some(Value::from(number)))
                .map_err(|_| "应为整数"),
            Kind::Flag => match text {
                "true" => Ok(Some(Value::Bool(true))),
                _ => Err("应为是或者否"),
            },
            Kind::Choice(words) => words
                .iter()
                .any(|(code, _)| *code == text)
                .then(|| Some(Value::from(text)))
                .ok_or("没有这一选项"),
            Kind::Document => {
                let (digest, number) = text.split_once(' ').ok_or("请选择文书")?;
                let pair = [("number", number), ("digest", digest)];
                Ok(Some(Value::Object(
                    pair.map(|(name, text)| (name.to_owned(), Value::from(text)))
                        .into_iter()
                        .collect(),
                )))
            }
            Kind::Digest => crate::domain::sha256_hex(text)
                .map(|digest| Some(Value::from(digest)))
                .ok_or("应为 64 位十六进制的 SHA-256"),
        }
    }
}

fn fault(name: &str, what: &str) -> Wrong {
    Wrong {
        name: name.to_owned(),
        what: what.to_owned(),
    }
}

fn find<'a>(typed: &'a [(String, String)], name: &str) -> Option<&'a str> {
    typed
        .iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}

fn choices(words: &[(&str, &str)]) -> Vec<(String, String)> {
    words
        .iter()
        .map(|(code, words)| ((*code).to_owned(), (*words).to_owned()))
        .collect()
}

/// Puts a value at a name, or at two joined by a dot.
fn put(root: &mut Map<String, Value>, at: &str, value: Value) {
    match at.split_once('.') {
        None => _ = root.insert(at.to_owned(), value),
        Some((outer, name)) => {
            part(root, at);
            if let Some(Value::Object(inner)) = root.get_mut(outer) {
                inner.insert(name.to_owned(), value);
            }
        }
    }
}

/// Makes what a dotted name is a part of.
fn part(root: &mut Map<String, Value>, at: &str) {
    if let Some((outer, _)) = at.split_once('.') {
        root.entry(outer)
            .or_insert_with(|| Value::Object(Map::new()));
    }
}

/// How a paper reached the company, for entries and records alike.
const METHODS: Kind = Kind::Choice(&[
    ("direct", "直接送达"),
    ("post", "邮寄送达"),
    ("left", "留置送达"),
    ("electronic", "电子送达"),
    ("publication", "公告送达"),
]);

const METHOD: Spec = Spec::new("method.method", "送达方式", METHODS);
const WITNESS: Spec = Spec::new("method.witness", "见证人", Kind::Line)
    .only("method.method", "left")
    .hint("仅留置送达填写；写明职务，不写证件号码");
const CONSENT: Spec = Spec::new("method.consent", "电子送达确认书文号", Kind::Line)
    .only("method.method", "electronic")
    .hint("仅电子送达填写；没有企业书面同意的，不得电子送达");
const DELIVERED_ON: Spec =
    Spec::new("delivered_on", "送达日期", Kind::Day).hint("邮寄的为签收日期，公告的为公告日期");
const PROOF: Spec = Spec::new("proof", "送达凭证", Kind::Line).hint("送达回证、邮件单号等");
const REASON: Spec = Spec::new("reason", "理由", Kind::Area);

#[cfg(test)]
mod tests;
