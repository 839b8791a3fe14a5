//! The file to the model: fields to types, names to indices, predicates to expressions. What is wrong goes to the reader.

mod cases;
mod head;
mod items;
mod ladder;
mod names;
mod points;

pub(super) use head::Head;

use sha2::{Digest, Sha256};
use toml::de::DeTable;

use super::{
    RuleSet, check,
    diagnostic::{Code, Diagnostic},
    document::{Reader, Table},
    engine, source,
};

/// What is told about a file that is too large to be read.
pub(super) fn too_large(file: &str, text: &str) -> Diagnostic {
    Diagnostic::new(
        file,
        text,
        Code::R009,
        0..0,
        format!("文件有 {} 字节，超过 {}", text.len(), source::LARGEST),
        "一个文件只写一个版本；算例太多的请删去一些".to_owned(),
    )
}

/// Everything about a file that is not TOML: the faults of its text, and of its rules as far as they can be read.
pub(super) fn broken(file: &str, text: &str) -> Vec<Diagnostic> {
    let broken = source::mend(text);
    let reader = Reader::of_repaired(file, text, &broken.repaired);
    let (parsed, _) = DeTable::parse_recoverable(&broken.repaired.text);
    let rules = read(&reader, parsed.get_ref());
    if broken.faults.is_empty() {
        if let Some(rules) = &rules {
            check::check(&reader, rules, !reader.has_errors());
        }
    } else {
        // Where the parser gave up, something that is missing may well be there.
        let spoilt: Vec<usize> = (broken.faults.iter())
            .map(|(at, _)| reader.line_of(at.start) - 1)
            .collect();
        reader.retain(|code, line| present(code) && !spoilt.contains(&line));
    }
    source::report(&reader, &broken);
    reader.finish()
}

/// Whether a finding is about something that stands in the file, not about something that was not found in it.
fn present(code: Code) -> bool {
    use Code::{R004, R005, R006, R008, R010, R012, R014, R026};
    matches!(code, R004 | R005 | R006 | R008 | R010 | R012 | R014 | R026)
}

/// Reads a file without the checks that look across it. What has faults is left out, so the result is whole only if the
/// reader found no error.
pub(super) fn read(reader: &Reader<'_>, parsed: &DeTable<'_>) -> Option<RuleSet> {
    let root = Table::new(
        reader,
        parsed,
        "文件".to_owned(),
        0..reader.text.lines().next().map_or(0, str::len),
    );
    let (head, subject) = head::head(&root);
    let attributes = head::attributes(&root);
    let period = head::period(&root);
    let score = head::score(&root);
    let names = names::names(&root, subject, &attributes);
    let components = items::components(&root, subject);
    let mut items = items::items(&root, &names);
    for (index, item) in items.iter_mut().enumerate() {
        item.slot = index;
    }
    let groups = items::groups(&root, &names, &mut items);
    let (grades, ladder) = ladder::grades(&root, &names);
    let not_rated = ladder::not_rated(&root, &names);
    let overrides = ladder::overrides(&root, &names);
    let lists = ladder::lists(&root, &names);
    let consequences = ladder::consequences(&root, &names);
    let cases = cases::cases(&root, &names);
    root.done();
    let head = head?;
    let (period, counts_from) = period?;
    let ruleset = RuleSet {
        file: reader.file.to_owned(),
        source_text: reader.text.to_owned(),
        digest: hex::encode(Sha256::digest(reader.text.as_bytes())),
        head,
        schema: names.attributes.clone(),
        attributes,
        period,
        counts_from,
        score: score?,
        components,
        item_index: items
            .iter()
            .enumerate()
            .map(|(index, item)| (item.id.clone(), index))
            .collect(),
        items,
        versions: Vec::new(),
        groups,
        grades,
        ladder,
        not_rated,
        overrides,
        lists,
        consequences,
        cases,
        compiled: engine::Compiled::default(),
    };
    Some(ruleset.judging_itself())
}
