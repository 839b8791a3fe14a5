//! The sections of a profile that only some transports need.

use std::collections::BTreeMap;

use super::{
    CountAnswer, Envelope, Naming, Paths, ReceiptColumns, ReceiptWord,
    reader::{Reader, Section},
};

const RECEIPT_WORDS: [(&str, ReceiptWord); 5] = [
    ("accepted", ReceiptWord::Accepted),
    ("updated", ReceiptWord::Updated),
    ("duplicate", ReceiptWord::Duplicate),
    ("rejected", ReceiptWord::Rejected),
    ("unmatched", ReceiptWord::Unmatched),
];

/// A section that this transport needs.
fn needed_table<'t>(
    reader: &mut Reader<'t>,
    top: &mut Section<'t>,
    key: &'static str,
    why: &str,
) -> Option<Section<'t>> {
    let found = reader.table(top, key);
    if found.is_none() && !top.has(key) {
        let line = reader.line_of(top, "transport");
        reader.fault(
            line,
            format!("there is no [{key}]"),
            format!("add it: {why}"),
        );
    }
    found
}

pub(super) fn paths<'t>(
    reader: &mut Reader<'t>,
    top: &mut Section<'t>,
    needs_records: bool,
) -> Option<Paths> {
    let mut section = needed_table(reader, top, "paths", "where batches are posted to")?;
    let batches = reader.text(&mut section, "batches");
    let batches = reader.needed(&section, "batches", batches, "\"api/batches\"");
    let mut records = reader.text(&mut section, "records");
    if needs_records {
        records = reader.needed(&section, "records", records, "\"api/records\"");
    }
    let listing = reader.text(&mut section, "listing");
    reader.close(&section);
    for (key, path) in [
        ("batches", &batches),
        ("records", &records),
        ("listing", &listing),
    ] {
        let plain = |part: &str| {
            !matches!(part, "" | "." | "..") && !part.contains(['?', '#', '\\', ':', '%'])
        };
        if let Some(path) = path
            && !path.split('/').all(plain)
        {
            let line = reader.line_of(&section, key);
            let fix = "a path must be relative, without `..`, a query or a fragment";
            reader.fault(line, format!("path {path:?}"), fix);
        }
    }
    let batches = batches?;
    (!needs_records || records.is_some()).then_some(Paths {
        batches,
        records,
        listing,
    })
}

pub(super) fn envelope<'t>(reader: &mut Reader<'t>, top: &mut Section<'t>) -> Envelope {
    let Some(mut section) = reader.table(top, "envelope") else {
        return Envelope::default();
    };
    let batch = reader.text(&mut section, "batch");
    let records = reader.text(&mut section, "records");
    let records = reader.needed(&section, "records", records, "\"records\"");
    let constants = match reader.table(&mut section, "constants") {
        Some(mut table) => reader.pairs(&mut table),
        None => Vec::new(),
    };
    reader.close(&section);
    let mut names: Vec<&str> = constants.iter().map(|(name, ..)| name.as_str()).collect();
    names.extend(batch.as_deref());
    names.extend(records.as_deref());
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|two| two[0] == two[1]) {
        let what = format!("{:?} is twice in [envelope]", twice[0]);
        reader.fault(section.line, what, "every name stands for one thing");
    }
    Envelope {
        batch,
        records: records.unwrap_or_default(),
        constants: constants
            .into_iter()
            .map(|(name, value, _)| (name, value))
            .collect(),
    }
}

pub(super) fn count_answer<'t>(
    reader: &mut Reader<'t>,
    top: &mut Section<'t>,
) -> Option<CountAnswer> {
    let why = "the names of total, success and failed in the answer";
    let mut section = needed_table(reader, top, "answer", why)?;
    let batch = reader.text(&mut section, "batch");
    let mut names = Vec::new();
    for (key, example) in [
        ("total", "\"totalSize\""),
        ("success", "\"successSize\""),
        ("failed", "\"failSize\""),
    ] {
        let name = reader.text(&mut section, key);
        names.push(reader.needed(&section, key, name, example));
    }
    let code = reader.text(&mut section, "code");
    let ok = reader.text(&mut section, "ok");
    let repeats_succeed = reader.flag(&mut section, "repeats_succeed");
    let repeats_succeed = reader.needed(&section, "repeats_succeed", repeats_succeed, "true");
    let query = reader.flag(&mut section, "query");
    let query = reader.needed(&section, "query", query, "false");
    reader.close(&section);
    let code = match (code, ok) {
        (Some(code), Some(ok)) => Some((code, ok)),
        (None, None) => None,
        _ => {
            let line = section.line;
            reader.fault(
                line,
                "code and ok belong together",
                "name the field (code) and what it says when all is well (ok)",
            );
            None
        }
    };
    let mut names = names.into_iter();
    Some(CountAnswer {
        batch,
        total: names.next()??,
        success: names.next()??,
        failed: names.next()??,
        code,
        repeats_succeed: repeats_succeed?,
        query: query?,
    })
}

pub(super) fn naming<'t>(reader: &mut Reader<'t>, top: &mut Section<'t>) -> Option<Naming> {
    let mut section = needed_table(reader, top, "naming", "how the files are named")?;
    let pattern = reader.text(&mut section, "pattern");
    let pattern = reader.needed(&section, "pattern", pattern, "\"{YYYYMMDD}_{seq5}.xml\"");
    let dept = reader.text(&mut section, "dept").unwrap_or_default();
    let table = reader.text(&mut section, "table").unwrap_or_default();
    reader.close(&section);
    match Naming::parse(&pattern?, &dept, &table) {
        Ok(naming) => Some(naming),
        Err(fault) => {
            let line = reader.line_of(&section, "pattern");
            let fix = "parts are {deptN}, {tableN}, {YYYYMMDD}, {YYYY-MM-DD} and {seqN}";
            reader.fault(line, fault.to_string(), fix);
            None
        }
    }
}

pub(super) fn receipts<'t>(
    reader: &mut Reader<'t>,
    top: &mut Section<'t>,
) -> Option<ReceiptColumns> {
    let mut section = reader.table(top, "receipts")?;
    let record = reader.text(&mut section, "record");
    let record = reader.needed(&section, "record", record, "\"唯一标识\"");
    let matches = reader.text(&mut section, "matches");
    let matches = reader.needed(&section, "matches", matches, "\"xyptguid\"");
    let version = reader.text(&mut section, "version");
    let result = reader.text(&mut section, "result");
    let result = reader.needed(&section, "result", result, "\"处理结果\"");
    let code = reader.text(&mut section, "code");
    let field = reader.text(&mut section, "field");
    let message = reader.text(&mut section, "message");
    let only_failures = reader.flag(&mut section, "only_failures").unwrap_or(false);
    let table = reader.table(&mut section, "results");
    let mut results = BTreeMap::new();
    if let Some(mut table) = table {
        for (theirs, ours, line) in reader.pairs(&mut table) {
            let found = RECEIPT_WORDS.iter().find(|(word, _)| *word == ours);
            match found {
                Some((_, word)) => drop(results.insert(theirs, *word)),
                None => {
                    let all: Vec<&str> = RECEIPT_WORDS.iter().map(|(word, _)| *word).collect();
                    let what = format!("[receipts.results] {theirs} is {ours:?}");
                    reader.fault(line, what, format!("write one of: {}", all.join(", ")));
                }
            }
        }
    }
    if results.is_empty() {
        let fix = "add [receipts.results] with a line for each word: \"成功\" = \"accepted\"";
        reader.fault(section.line, "no word of a result is known", fix);
    }
    reader.close(&section);
    Some(ReceiptColumns {
        record: record?,
        matches: matches?,
        version,
        result: result?,
        code,
        field,
        message,
        results,
        only_failures,
    })
}
