//! From the text of a profile file to a [`Profile`], with every fault on the way.

use std::collections::BTreeMap;

use toml::de::DeTable;

use super::{
    Charset, Condition, DateFormat, Envelope, FieldRule, Format, LengthUnit, Paths, Profile,
    ProfileFault, Source, Transport, WithdrawalForm, lint,
    reader::{Reader, Section},
    sections::{count_answer, envelope, naming, paths, receipts},
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
                listing: None,
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
