//! Templates of documents: `documents.toml`, a style sheet and one HTML fragment a kind, as a bureau edits them.
//!
//! The language is that of Jinja, cut down: blanks `{{ party.name }}`, `{% if %}` and `{% for %}`, and the filter `day`
//! (2026年3月2日). There is nothing to include, call or mark as safe: every blank is escaped, an unknown one is an error at load
//! with its line, and an empty one is never printed.

use std::{collections::BTreeMap, fmt};

use minijinja::{
    Environment, Error, ErrorKind, HtmlEscape, UndefinedBehavior,
    value::{Serde, ValueKind},
};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    Kind,
    check::{self, Missing},
    sample,
};
use crate::domain::Day;

/// A fault of a template file or of `documents.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFault {
    pub file: String,
    /// From 1, where it has one.
    pub line: Option<usize>,
    /// In Chinese: an office edits these files.
    pub what: String,
}

impl fmt::Display for TemplateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.what),
            None => write!(f, "{}: {}", self.file, self.what),
        }
    }
}

/// Everything that is wrong with the templates.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct TemplatesError(pub Vec<TemplateFault>);

/// Why a document cannot be made of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RenderFault {
    /// Blanks without a value, all of them.
    Missing(Vec<Missing>),
    /// The template does not go together with this content.
    Template(TemplateFault),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeadFile {
    style: String,
    document: Vec<DocumentFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentFile {
    kind: Kind,
    title: String,
    number: String,
    template: String,
    required: Vec<String>,
}

/// One kind of document as the bureau words it.
#[derive(Debug, Clone)]
struct Paper {
    title: String,
    number: String,
    file: String,
    source: String,
    required: Vec<String>,
    digest: String,
}

/// The templates of all kinds, checked.
#[derive(Debug)]
pub struct Templates {
    environment: Environment<'static>,
    style: String,
    papers: BTreeMap<Kind, Paper>,
}

/// Name of the file that the others are named in.
pub const HEAD: &str = "documents.toml";

impl Templates {
    /// Reads `documents.toml` and the files that it names.
    ///
    /// # Errors
    /// Every fault of every file, each with its line where it has one.
    pub fn read(
        mut file: impl FnMut(&str) -> Result<String, String>,
    ) -> Result<Self, TemplatesError> {
        let fault = |name: &str, what: String| TemplateFault {
            file: name.to_owned(),
            line: None,
            what,
        };
        let one = |fault| TemplatesError(vec![fault]);
        let text = file(HEAD).map_err(|what| one(fault(HEAD, what)))?;
        let head: HeadFile = toml::from_str(&text).map_err(|error| {
            one(TemplateFault {
                file: HEAD.to_owned(),
                line: error.span().map(|span| line_of(&text, span.start)),
                what: error.message().to_owned(),
            })
        })?;
        let mut faults = head_faults(&head);
        let style = file(&head.style).unwrap_or_else(|what| {
            faults.push(fault(&head.style, what));
            String::new()
        });
        if style.contains('<') {
            let what = "样式表中不能出现 <".to_owned();
            faults.push(fault(&head.style, what));
        }
        let mut environment = environment();
        let mut papers = BTreeMap::new();
        for document in head.document {
            let name = &document.template;
            let source = match file(name) {
                Ok(source) => source,
                Err(what) => {
                    faults.push(fault(name, what));
                    continue;
                }
            };
            let digest = digest(&[&document.title, &document.number, &style, &source]);
            if let Err(error) = environment.add_template_owned(name.clone(), source.clone()) {
                faults.push(jinja_fault(name, &source, &error));
                continue;
            }
            let paper = Paper {
                title: document.title,
                number: document.number,
                file: name.clone(),
                source,
                required: document.required,
                digest,
            };
            papers.insert(document.kind, paper);
        }
        let templates = Self {
            environment,
            style,
            papers,
        };
        for (kind, paper) in &templates.papers {
            faults.extend(templates.faults_of(*kind, paper));
        }
        if faults.is_empty() {
            Ok(templates)
        } else {
            Err(TemplatesError(faults))
        }
    }

    /// The name of a kind of document, as the bureau calls it.
    pub fn title(&self, kind: Kind) -> &str {
        self.papers.get(&kind).map_or("", |paper| &paper.title)
    }

    /// The 文号 of a year's number.
    pub fn mark(&self, kind: Kind, year: i32, number: i64) -> String {
        let pattern = self.papers.get(&kind).map_or("", |paper| &paper.number);
        pattern
            .replace("{year}", &year.to_string())
            .replace("{n}", &number.to_string())
    }

    /// SHA-256 of a kind's wording: title, pattern of the number, style sheet and template.
    pub fn digest(&self, kind: Kind) -> &str {
        self.papers.get(&kind).map_or("", |paper| &paper.digest)
    }

    /// The required blanks that this data leaves empty.
    pub fn missing(&self, kind: Kind, data: &Value) -> Vec<Missing> {
        let extra = self
            .papers
            .get(&kind)
            .map(|paper| paper.required.as_slice());
        check::missing(&kind.blanks(), extra.unwrap_or_default(), data)
    }

    /// The whole page, ready to print.
    pub fn render(&self, kind: Kind, data: &Value) -> Result<String, RenderFault> {
        let missing = self.missing(kind, data);
        if !missing.is_empty() {
            return Err(RenderFault::Missing(missing));
        }
        let body = self.fragment(kind, data).map_err(RenderFault::Template)?;
        Ok(format!(
            "<!doctype html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n<title>{} {}</title>\n\
             <style>{}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n",
            HtmlEscape(text(data, "title")),
            HtmlEscape(text(data, "number")),
            self.style,
        ))
    }

    fn fragment(&self, kind: Kind, data: &Value) -> Result<String, TemplateFault> {
        let (file, source) = self
            .papers
            .get(&kind)
            .map_or(("", ""), |paper| (&paper.file, &paper.source));
        let whole = |error: &Error| jinja_fault(file, source, error);
        let template = self.environment.get_template(file).map_err(|e| whole(&e))?;
        template.render(Serde(data)).map_err(|error| whole(&error))
    }

    /// What is wrong with the template of a kind: unknown blanks, required ones without a place, and what shows only when it
    /// is filled in, with everything and with the least.
    fn faults_of(&self, kind: Kind, paper: &Paper) -> Vec<TemplateFault> {
        let Ok(template) = self.environment.get_template(&paper.file) else {
            return Vec::new();
        };
        let blanks = kind.blanks();
        let source = template.source();
        let used = template.undeclared_variables(true);
        let mut faults = Vec::new();
        for name in &used {
            if !blanks.iter().any(|blank| blank.path == name) {
                faults.push(TemplateFault {
                    file: paper.file.clone(),
                    line: line_of_blank(source, name),
                    what: format!("没有名为「{name}」的空白"),
                });
            }
        }
        let also = |path: &str| paper.required.iter().any(|name| name == path);
        for blank in &blanks {
            // The parts of a list's elements are held by filling it in: they have names of their own there.
            let in_list = blank
                .path
                .split_once('.')
                .is_some_and(|(list, _)| blanks.iter().any(|blank| blank.path == list));
            let needed = blank.required || also(blank.path);
            if needed && !in_list && !used.contains(blank.path) {
                faults.push(TemplateFault {
                    file: paper.file.clone(),
                    line: None,
                    what: format!("缺少必备内容「{}」：{{{{ {} }}}}", blank.name, blank.path),
                });
            }
        }
        faults.sort_by(|one, other| (one.line, &one.what).cmp(&(other.line, &other.what)));
        if faults.is_empty() {
            let whole = sample::data(kind, &paper.title, &self.mark(kind, 2026, 1));
            let least = check::least(&blanks, &paper.required, &whole);
            for data in [whole, least] {
                if let Err(fault) = self.fragment(kind, &data) {
                    faults.push(fault);
                    break;
                }
            }
        }
        faults
    }
}

fn head_faults(head: &HeadFile) -> Vec<TemplateFault> {
    let mut faults = Vec::new();
    let mut add = |what: String| {
        faults.push(TemplateFault {
            file: HEAD.to_owned(),
            line: None,
            what,
        });
    };
    for kind in Kind::ALL {
        let found = head.document.iter().filter(|one| one.kind == kind).count();
        if found != 1 {
            add(format!("文书「{kind}」应当写一次，现有 {found} 次"));
        }
    }
    let mut bare = Vec::new();
    for document in &head.document {
        let DocumentFile {
            kind,
            title,
            number,
            required,
            ..
        } = document;
        if title.trim().is_empty() {
            add(format!("文书「{kind}」没有名称"));
        }
        let rest = number.replacen("{year}", "", 1).replacen("{n}", "", 1);
        if rest.len() != number.len() - "{year}{n}".len() || rest.contains(['{', '}']) {
            add(format!(
                "文书「{kind}」的文号「{number}」须有 {{year}} 和 {{n}} 各一处"
            ));
        }
        if bare.contains(&number) {
            add(format!("文号「{number}」用于两种文书，会出现相同的文号"));
        }
        bare.push(number);
        let blanks = kind.blanks();
        for path in required {
            if !blanks.iter().any(|blank| blank.path == path) {
                add(format!("文书「{kind}」没有名为「{path}」的空白"));
            }
        }
    }
    faults
}

/// Blanks, conditions and lists, one filter, and nothing else.
fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_filter("day", |text: &str| {
        Day::parse(text)
            .map(in_words)
            .map_err(|fault| Error::new(ErrorKind::InvalidOperation, fault.to_string()))
    });
    // Escapes whatever a template says about escaping.
    environment.set_formatter(|out, _, value| {
        let fault = |what| Err(Error::new(ErrorKind::InvalidOperation, what));
        match value.kind() {
            ValueKind::String | ValueKind::Number => {
                let text = value.to_string();
                if text.trim().is_empty() {
                    return fault("空白可能没有内容，须放在 {% if %} 中");
                }
                write!(out, "{}", HtmlEscape(&text)).map_err(|_| ErrorKind::WriteFailure.into())
            }
            ValueKind::None => fault("空白可能没有内容，须放在 {% if %} 中"),
            ValueKind::Undefined => fault("没有这个空白"),
            _ => fault("这里应为单个内容，须用 {% for %} 逐项列出"),
        }
    });
    environment
}

/// 2026年3月2日.
pub fn in_words(day: Day) -> String {
    use chrono::Datelike;
    format!("{}年{}月{}日", day.year(), day.month(), day.date().day())
}

fn jinja_fault(file: &str, source: &str, error: &Error) -> TemplateFault {
    // What the engine says is for developers; its own kinds are put into words.
    let said = match error.kind() {
        ErrorKind::SyntaxError => "语法不对",
        ErrorKind::UndefinedError => "没有这个空白",
        ErrorKind::UnknownFilter => "没有这个过滤器，只有 day",
        ErrorKind::UnknownFunction | ErrorKind::UnknownMethod => "模板中不能调用函数",
        ErrorKind::UnknownTest => "没有这个判断",
        ErrorKind::InvalidOperation => "",
        _ => "模板不能使用",
    };
    let detail = error.detail().unwrap_or_default();
    // `measure.law` is undefined
    let named = detail.split('`').nth(1).unwrap_or(detail);
    let detail = if error.kind() == ErrorKind::UndefinedError {
        named
    } else {
        detail
    };
    let what = match (said, detail) {
        ("", detail) => detail.to_owned(),
        (said, "") => said.to_owned(),
        (said, detail) => format!("{said}（{detail}）"),
    };
    let line = error.line();
    let there = line
        .and_then(|line| source.lines().nth(line - 1))
        .map_or_else(String::new, |text| format!("：{}", text.trim()));
    TemplateFault {
        file: file.to_owned(),
        line,
        what: what + &there,
    }
}

fn line_of(text: &str, at: usize) -> usize {
    let before = &text.as_bytes()[..at.min(text.len())];
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

/// The first line on which a blank of this name stands inside a tag.
fn line_of_blank(source: &str, name: &str) -> Option<usize> {
    let part_of_a_name = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let stands_alone = |at: usize| {
        let before = source[..at].chars().next_back();
        let after = source[at + name.len()..].chars().next();
        !before.is_some_and(part_of_a_name) && !after.is_some_and(part_of_a_name)
    };
    let in_tag = |at: usize| {
        let opened = source[..at].rfind("{{").max(source[..at].rfind("{%"));
        let closed = source[..at].rfind("}}").max(source[..at].rfind("%}"));
        opened > closed
    };
    source
        .match_indices(name)
        .find(|(at, _)| stands_alone(*at) && in_tag(*at))
        .map(|(at, _)| line_of(source, at))
}

fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

fn text<'d>(data: &'d Value, key: &str) -> &'d str {
    data.get(key).and_then(Value::as_str).unwrap_or_default()
}
