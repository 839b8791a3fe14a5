//! From the text of a profile file to a [`Profile`], with every fault on the way.

use std::collections::BTreeMap;

use toml::de::DeTable;

use super::{
    Charset, Condition, CountAnswer, DateFormat, Envelope, FieldRule, Format, LengthUnit, Naming,
    Paths, Profile, ProfileFault, ReceiptColumns, ReceiptWord, Source, Transport, WithdrawalForm,
    lint,
    reader::{Reader, Section},
};

const DATES: [(&str, DateFormat); 3] = [
    ("iso", DateFormat::Iso),
    ("compact", DateFormat::Compact),
    ("slash", DateFormat::Slash),
];

const FORMATS: [(&str, Format); 7] = [
    ("iso", Format::Date(DateFormat::Iso)),
    ("compact", Format::Date(DateFormat::Compact)),
    ("slash", Format::Date(DateFormat::Slash)),
    ("datetime", Format::DateTime),
    ("datetime-compact", Format::DateTimeCompact),
    ("wan-yuan", Format::WanYuan),
    ("yuan", Format::Yuan),
];

const RECEIPT_WORDS: [(&str, ReceiptWord); 5] = [
    ("accepted", ReceiptWord::Accepted),
    ("updated", ReceiptWord::Updated),
    ("duplicate", ReceiptWord::Duplicate),
    ("rejected", ReceiptWord::Rejected),
    ("unmatched", ReceiptWord::Unmatched),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    HttpJson,
    HttpCounts,
    XmlFile,
    CsvFile,
    XlsxManual,
}

const TRANSPORTS: [(&str, Kind); 5] = [
    ("http-json", Kind::HttpJson),
    ("http-counts", Kind::HttpCounts),
    ("xml-file", Kind::XmlFile),
    ("csv-file", Kind::CsvFile),
    ("xlsx-manual", Kind::XlsxManual),
];

/// Reads a profile as far as it goes. It is whole, and may be used, only if there is no fault; every fault is reported.
pub(super) fn read(text: &str) -> (Option<Profile>, Vec<ProfileFault>) {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader::new(text);
    for error in errors {
        let line = reader.line(error.span().map_or(0, |span| span.start));
        reader.fault(
            line,
            format!("no TOML: {}", error.message()),
            "mend the line",
        );
    }
    if !reader.faults.is_empty() {
        // What stands behind a broken line is not known.
        return (None, reader.faults);
    }
    let mut top = reader.section(document.get_ref(), "the profile", 0);
    let (profile, lines) = profile(&mut reader, &mut top);
    reader.close(&top);
    lint::lint(&profile, &lines, &mut reader);
    (Some(profile), reader.faults)
}

/// Lines of what lint speaks of.
pub(super) struct Lines {
    pub transport_known: bool,
    pub withdrawal_known: bool,
    pub transport: usize,
    pub charset: usize,
    pub withdrawal: usize,
    pub receipts: usize,
    /// In the order of the fields.
    pub fields: Vec<usize>,
    pub codes: BTreeMap<String, usize>,
}

fn profile<'t>(reader: &mut Reader<'t>, top: &mut Section<'t>) -> (Profile, Lines) {
    let id = reader.text(top, "id");
    let id = reader.needed(top, "id", id, "\"our-platform\"");
    let name = reader.text(top, "name");
    let name = reader.needed(top, "name", name, "\"示例平台\"");
    let version = reader.number(top, "version");
    let version = reader.needed(top, "version", version, "1");
    let charset = reader.word(
        top,
        "charset",
        &[
            ("UTF-8", Charset::Utf8),
            ("GB18030", Charset::Gb18030),
            ("GBK", Charset::Gbk),
        ],
    );
    let charset = reader.needed(top, "charset", charset, "\"UTF-8\"");
    let date_format = reader.word(top, "date_format", &DATES);
    let date_format = reader.needed(top, "date_format", date_format, "\"iso\"");
    let withdrawal = reader.word(
        top,
        "withdrawal",
        &[
            ("delete", WithdrawalForm::Delete),
            ("status", WithdrawalForm::Status),
        ],
    );
    let withdrawal = reader.needed(top, "withdrawal", withdrawal, "\"status\"");
    let batch_size = reader.number(top, "batch_size");
    let batch_size = reader.needed(top, "batch_size", batch_size, "500");
    let batch_size = batch_size.and_then(|size| in_range(reader, top, size));
    let kind = reader.word(top, "transport", &TRANSPORTS);
    let kind = reader.needed(top, "transport", kind, "\"http-json\"");
    let transport = kind.and_then(|kind| transport(reader, top, kind));
    let receipts = receipts(reader, top);
    let (codes, code_lines) = codes(reader, top);
    let (fields, field_lines) = fields(reader, top);
    let lines = Lines {
        transport_known: transport.is_some(),
        withdrawal_known: withdrawal.is_some(),
        transport: reader.line_of(top, "transport"),
        charset: reader.line_of(top, "charset"),
        withdrawal: reader.line_of(top, "withdrawal"),
        receipts: reader.line_of(top, "receipts"),
        fields: field_lines,
        codes: code_lines,
    };
    // What is absent has its fault already; the rest is looked at all the same.
    let profile = Profile {
        id: id.unwrap_or_default(),
        name: name.unwrap_or_default(),
        version: u32::try_from(version.unwrap_or_default()).unwrap_or(u32::MAX),
        transport: transport.unwrap_or(Transport::HttpJson {
            paths: Paths {
                batches: String::new(),
                records: None,
            },
            envelope: Envelope::default(),
        }),
        charset: charset.unwrap_or(Charset::Utf8),
        date_format: date_format.unwrap_or(DateFormat::Iso),
        withdrawal: withdrawal.unwrap_or(WithdrawalForm::Status),
        batch_size: batch_size.unwrap_or(1),
        fields,
        codes,
        receipts,
    };
    (profile, lines)
}

fn in_range<'t>(reader: &mut Reader<'t>, top: &Section<'t>, size: u64) -> Option<usize> {
    let found = usize::try_from(size).unwrap_or(usize::MAX);
    if (1..=super::LARGEST_BATCH).contains(&found) {
        return Some(found);
    }
    let line = reader.line_of(top, "batch_size");
    let fix = format!("expected 1 to {}", super::LARGEST_BATCH);
    reader.fault(line, format!("batch_size is {found}"), fix);
    None
}

fn transport<'t>(reader: &mut Reader<'t>, top: &mut Section<'t>, kind: Kind) -> Option<Transport> {
    let http = matches!(kind, Kind::HttpJson | Kind::HttpCounts);
    let paths = if http {
        paths(reader, top, kind == Kind::HttpJson)
    } else {
        None
    };
    let naming = if http { None } else { naming(reader, top) };
    let envelope = if http {
        envelope(reader, top)
    } else {
        Envelope::default()
    };
    match kind {
        Kind::HttpJson => Some(Transport::HttpJson {
            paths: paths?,
            envelope,
        }),
        Kind::HttpCounts => {
            let answer = count_answer(reader, top);
            Some(Transport::HttpCounts {
                paths: paths?,
                envelope,
                answer: answer?,
            })
        }
        Kind::XmlFile => Some(Transport::XmlFile { naming: naming? }),
        Kind::CsvFile => Some(Transport::CsvFile { naming: naming? }),
        Kind::XlsxManual => Some(Transport::XlsxManual { naming: naming? }),
    }
}

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

fn paths<'t>(reader: &mut Reader<'t>, top: &mut Section<'t>, needs_records: bool) -> Option<Paths> {
    let mut section = needed_table(reader, top, "paths", "where batches are posted to")?;
    let batches = reader.text(&mut section, "batches");
    let batches = reader.needed(&section, "batches", batches, "\"api/batches\"");
    let mut records = reader.text(&mut section, "records");
    if needs_records {
        records = reader.needed(&section, "records", records, "\"api/records\"");
    }
    reader.close(&section);
    for (key, path) in [("batches", &batches), ("records", &records)] {
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
    (!needs_records || records.is_some()).then_some(Paths { batches, records })
}

fn envelope<'t>(reader: &mut Reader<'t>, top: &mut Section<'t>) -> Envelope {
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

fn count_answer<'t>(reader: &mut Reader<'t>, top: &mut Section<'t>) -> Option<CountAnswer> {
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

fn naming<'t>(reader: &mut Reader<'t>, top: &mut Section<'t>) -> Option<Naming> {
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

fn receipts<'t>(reader: &mut Reader<'t>, top: &mut Section<'t>) -> Option<ReceiptColumns> {
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

type Codes = BTreeMap<String, BTreeMap<String, String>>;

fn codes<'t>(reader: &mut Reader<'t>, top: &mut Section<'t>) -> (Codes, BTreeMap<String, usize>) {
    let (mut codes, mut lines) = (BTreeMap::new(), BTreeMap::new());
    if let Some(mut section) = reader.table(top, "codes") {
        for (name, mut table) in reader.named_tables(&mut section) {
            lines.insert(name.clone(), table.line);
            let pairs = reader.pairs(&mut table).into_iter();
            codes.insert(
                name,
                pairs.map(|(ours, theirs, _)| (ours, theirs)).collect(),
            );
        }
    }
    (codes, lines)
}

fn fields<'t>(reader: &mut Reader<'t>, top: &mut Section<'t>) -> (Vec<FieldRule>, Vec<usize>) {
    let (mut fields, mut lines) = (Vec::new(), Vec::new());
    for mut section in reader.tables(top, "fields") {
        let name = reader.text(&mut section, "name");
        if let Some(name) = &name {
            section.name = format!("field {name:?}");
        }
        let name = reader.needed(&section, "name", name, "\"XX_MC\"");
        let field = field(reader, &mut section, name);
        reader.close(&section);
        if let Some(field) = field {
            fields.push(field);
            lines.push(section.line);
        }
    }
    if fields.is_empty() && !top.has("fields") {
        reader.fault(1, "there are no [[fields]]", "add one for each column");
    }
    (fields, lines)
}

fn field<'t>(
    reader: &mut Reader<'t>,
    section: &mut Section<'t>,
    name: Option<String>,
) -> Option<FieldRule> {
    let from = reader.text(section, "from");
    let constant = reader.text(section, "constant");
    let required = reader.flag(section, "required").unwrap_or(false);
    let required_when = condition(reader, section, "required_when");
    let when = condition(reader, section, "when");
    let group = reader.text(section, "group");
    let max = reader.number(section, "max");
    let unit = reader.word(
        section,
        "unit",
        &[("chars", LengthUnit::Chars), ("bytes", LengthUnit::Bytes)],
    );
    let codes = reader.text(section, "codes");
    let format = reader.word(section, "format", &FORMATS);
    let open_end = reader.flag(section, "open_end").unwrap_or(false);
    let join = reader.text(section, "join");
    let source = match (from, constant) {
        (Some(field), None) => Source::Field(field),
        (None, Some(text)) => Source::Constant(text),
        _ => {
            let what = format!("{} has neither or both of from and constant", section.name);
            let fix = "write from = \"uscc\" for a field of the record, or constant = \"...\"";
            reader.fault(section.line, what, fix);
            return None;
        }
    };
    Some(FieldRule {
        name: name?,
        source,
        required,
        required_when,
        when,
        group,
        max: max.map(|max| usize::try_from(max).unwrap_or(usize::MAX)),
        unit: unit.unwrap_or_default(),
        codes,
        format,
        open_end,
        join,
    })
}

fn condition<'t>(
    reader: &mut Reader<'t>,
    section: &mut Section<'t>,
    key: &'static str,
) -> Option<Condition> {
    let mut table = reader.table(section, key)?;
    let lists = reader.lists(&mut table).into_iter();
    Some(Condition(
        lists.map(|(field, values, _)| (field, values)).collect(),
    ))
}
