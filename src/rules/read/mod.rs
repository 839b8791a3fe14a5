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
    RuleSet,
    document::{Reader, Table},
    source::report_syntax,
};

/// Reads a file without the checks that look across it.
pub(super) fn read(reader: &Reader<'_>) -> Option<RuleSet> {
    let parsed = match DeTable::parse(reader.text) {
        Ok(parsed) => parsed,
        Err(_) => {
            report_syntax(reader);
            return None;
        }
    };
    let root = Table::new(
        reader,
        parsed.get_ref(),
        "文件".to_owned(),
        0..reader.text.lines().next().map_or(0, str::len),
    );
    let head = head::head(&root);
    let attributes = head::attributes(&root);
    let period = head::period(&root);
    let score = head::score(&root);
    let subject = head.as_ref().map(|head| head.subject)?;
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
    if reader.has_errors() {
        return None;
    }
    let head = head?;
    let (period, counts_from) = period?;
    Some(RuleSet {
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
        groups,
        grades,
        ladder,
        not_rated,
        overrides,
        lists,
        consequences,
        cases,
    })
}
