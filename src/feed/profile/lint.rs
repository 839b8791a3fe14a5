//! What can be wrong between the parts of a profile: fields and codes, charset, transport, receipts.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Charset, Condition, FieldRule, Format, Profile, Source, Transport, WithdrawalForm, file::Lines,
    reader::Reader,
};
use crate::feed::canonical::{FIELD_NAMES, INSTANT_FIELDS, MONEY_FIELDS, is_date_field};

/// Longest value that a field of fixed length has.
const FIXED: [(&str, usize); 8] = [
    ("record_id", 36),
    ("uscc", 18),
    ("authority_uscc", 18),
    ("source_uscc", 18),
    ("area_code", 6),
    ("digest", 64),
    ("decision_date", 8),
    ("list_date", 8),
];

pub(super) fn lint(profile: &Profile, lines: &Lines, reader: &mut Reader<'_>) {
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for (field, line) in profile.fields.iter().zip(&lines.fields) {
        if names.insert(&field.name, *line).is_some() {
            let what = format!("field {:?} is named twice", field.name);
            reader.fault(*line, what, "take one of the two out");
        }
        source(profile, field, *line, reader);
        length(field, *line, reader);
        form(field, *line, reader);
        conditions(field, *line, reader);
        charset(profile, field, *line, reader);
    }
    code_tables(profile, lines, reader);
    groups(profile, lines, reader);
    if lines.withdrawal_known {
        withdrawals(profile, lines, reader);
    }
    if lines.transport_known {
        transport(profile, lines, reader);
        receipts(profile, lines, reader);
    }
}

fn source(profile: &Profile, field: &FieldRule, line: usize, reader: &mut Reader<'_>) {
    let name = &field.name;
    match &field.source {
        Source::Field(from) if !FIELD_NAMES.contains(&from.as_str()) => {
            let what = format!(
                "field {name:?} comes from {from:?}, which the canonical record does not have"
            );
            let fix = match nearest(from) {
                Some(near) => format!("did you mean {near:?}?"),
                None => "docs/feeds.md lists the fields of the record".to_owned(),
            };
            reader.fault(line, what, fix);
        }
        Source::Field(from) => {
            if field.required && from.starts_with("exit_") {
                let what = format!("field {name:?} is required, but only a removal has {from}");
                let fix = "write required_when = { status = [\"1\"] } instead of required = true";
                reader.fault(line, what, fix);
            }
        }
        Source::Constant(_) => {
            if field.codes.is_some() || field.format.is_some() || field.open_end {
                let what = format!("field {name:?} is a constant with codes, format or open_end");
                reader.fault(line, what, "write the constant as the platform wants it");
            }
        }
    }
    if let Some(table) = &field.codes
        && !profile.codes.contains_key(table)
    {
        let what = format!("field {name:?} uses code table {table:?}, which is not in [codes]");
        reader.fault(line, what, format!("add [codes.{table}] or mend the name"));
    }
}

/// A known field that differs in a letter or two.
fn nearest(wrong: &str) -> Option<&'static str> {
    let near = |known: &&&str| {
        let letters = |text: &str| text.chars().filter(|c| *c != '_').collect::<BTreeSet<_>>();
        let differing = letters(known).symmetric_difference(&letters(wrong)).count();
        differing <= 2 && known.len().abs_diff(wrong.len()) <= 2
    };
    FIELD_NAMES.iter().find(near).copied()
}

fn length(field: &FieldRule, line: usize, reader: &mut Reader<'_>) {
    let name = &field.name;
    if field.max == Some(0) {
        let what = format!("field {name:?} has a longest length of zero");
        reader.fault(line, what, "write the length of the platform's field");
        return;
    }
    let fixed = FIXED
        .iter()
        .find(|(from, _)| field.from() == Some(from) && field.codes.is_none());
    if let (Some((_, needed)), Some(max)) = (fixed, field.max)
        && max < *needed
    {
        let what = format!("field {name:?} takes {max}, but every value has at least {needed}");
        reader.fault(line, what, "every record would be refused: mend max");
    }
}

fn form(field: &FieldRule, line: usize, reader: &mut Reader<'_>) {
    let name = &field.name;
    let Some(from) = field.from() else { return };
    let fits = match field.format {
        None => true,
        Some(Format::Date(_)) => is_date_field(from),
        Some(Format::DateTime | Format::DateTimeCompact) => INSTANT_FIELDS.contains(&from),
        Some(Format::WanYuan | Format::Yuan) => MONEY_FIELDS.contains(&from),
    };
    if !fits {
        let what = format!("the format of field {name:?} does not fit {from}");
        let fix = "dates: iso, compact, slash; changed_at: datetime, datetime-compact; money: wan-yuan, yuan";
        reader.fault(line, what, fix);
    }
    if field.format.is_none() && MONEY_FIELDS.contains(&from) {
        let what = format!("field {name:?} is money without a format");
        reader.fault(line, what, "write format = \"wan-yuan\" or \"yuan\"");
    }
    if field.open_end && !is_date_field(from) {
        let what = format!("field {name:?} has open_end, but {from} is no date");
        reader.fault(line, what, "take open_end out");
    }
}

fn conditions(field: &FieldRule, line: usize, reader: &mut Reader<'_>) {
    let both = [
        ("when", &field.when),
        ("required_when", &field.required_when),
    ];
    for (key, condition) in both {
        let Some(Condition(wanted)) = condition else {
            continue;
        };
        for from in wanted.keys() {
            if !FIELD_NAMES.contains(&from.as_str()) {
                let what = format!(
                    "{key} of field {:?} asks for {from:?}, which the canonical record does not have",
                    field.name
                );
                reader.fault(line, what, "docs/feeds.md lists the fields of the record");
            }
        }
    }
}

fn charset(profile: &Profile, field: &FieldRule, line: usize, reader: &mut Reader<'_>) {
    let constant = match &field.source {
        Source::Constant(text) => text.as_str(),
        Source::Field(_) => "",
    };
    for text in [field.name.as_str(), constant] {
        if let Some((_, character)) = profile.charset.unmappable(text) {
            let what = format!(
                "field {:?} has {character:?}, which is not in {}",
                field.name,
                profile.charset.as_str()
            );
            reader.fault(line, what, "write it in characters the platform has");
        }
    }
    if matches!(profile.transport, Transport::XmlFile { .. }) && !is_xml_name(&field.name) {
        let what = format!(
            "field {:?} cannot be the name of an XML element",
            field.name
        );
        reader.fault(
            line,
            what,
            "letters, digits, _ and -, not beginning with a digit",
        );
    }
}

fn is_xml_name(name: &str) -> bool {
    let first = |c: char| c.is_alphabetic() || c == '_';
    name.starts_with(first)
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
        && !name.to_ascii_lowercase().starts_with("xml")
}

fn code_tables(profile: &Profile, lines: &Lines, reader: &mut Reader<'_>) {
    for (name, table) in &profile.codes {
        let line = lines.codes.get(name).copied().unwrap_or(1);
        let users: Vec<&FieldRule> = profile
            .fields
            .iter()
            .filter(|field| field.codes.as_ref() == Some(name))
            .collect();
        if users.is_empty() {
            let what = format!("code table {name:?} is not used");
            reader.fault(line, what, "use it in a field or take it out");
        }
        let needed: &[&str] = match profile.withdrawal {
            WithdrawalForm::Delete => &["1", "2", "3"],
            WithdrawalForm::Status => &["1", "2"],
        };
        if users.iter().any(|field| field.from() == Some("op")) {
            for code in needed.iter().filter(|code| !table.contains_key(**code)) {
                let what = format!("code table {name:?} has no line for op {code}");
                reader.fault(line, what, format!("add {code} = \"...\""));
            }
        }
        for (ours, theirs) in table {
            if let Some((_, character)) = profile.charset.unmappable(theirs) {
                let charset = profile.charset.as_str();
                let what = format!("code {ours:?} of {name:?} has {character:?}, not in {charset}");
                reader.fault(line, what, "write it in characters the platform has");
            }
        }
    }
}

fn groups(profile: &Profile, lines: &Lines, reader: &mut Reader<'_>) {
    let mut members: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (field, line) in profile.fields.iter().zip(&lines.fields) {
        if let Some(group) = &field.group {
            members.entry(group).or_default().push(*line);
        }
    }
    for (group, found) in members {
        if let [line] = found[..] {
            let what = format!("group {group:?} has one field only");
            reader.fault(line, what, "write required = true, or add the others");
        }
    }
}

fn withdrawals(profile: &Profile, lines: &Lines, reader: &mut Reader<'_>) {
    let needed = match profile.withdrawal {
        WithdrawalForm::Delete => "op",
        WithdrawalForm::Status => "status",
    };
    if !mapped(profile, needed) {
        let what = format!("withdrawals go by {needed}, but no required field comes from it");
        let fix = format!("map {needed}, or choose the other form of withdrawal");
        reader.fault(lines.withdrawal, what, fix);
    }
}

fn mapped(profile: &Profile, from: &str) -> bool {
    (profile.fields.iter()).any(|field| field.from() == Some(from) && field.required)
}

fn transport(profile: &Profile, lines: &Lines, reader: &mut Reader<'_>) {
    let needed: &[&str] = match &profile.transport {
        Transport::HttpJson { .. } => &["record_id", "record_version", "op", "uscc", "digest"],
        Transport::HttpCounts { .. } => &["record_id", "record_version", "uscc"],
        _ => &["uscc"],
    };
    for from in needed.iter().filter(|from| !mapped(profile, from)) {
        let what = format!(
            "canonical field {from:?} must be mapped and required, receipts are matched by it"
        );
        let fix = format!("add a field with from = {from:?} and required = true");
        reader.fault(lines.transport, what, fix);
    }
    if profile.transport.paths().is_some() && profile.charset != Charset::Utf8 {
        let what = format!(
            "the {} transport sends UTF-8, not {}",
            profile.transport.as_str(),
            profile.charset.as_str()
        );
        reader.fault(lines.charset, what, "write charset = \"UTF-8\"");
    }
    if let Transport::HttpCounts { answer, .. } = &profile.transport
        && !answer.query
        && !answer.repeats_succeed
    {
        reader.fault(
            lines.transport,
            "the platform cannot be asked and refuses what it has already",
            "a batch of unknown fate could neither be asked about nor sent again: use xml-file or xlsx-manual",
        );
    }
}

fn receipts(profile: &Profile, lines: &Lines, reader: &mut Reader<'_>) {
    let files = profile.transport.naming().is_some();
    let Some(columns) = &profile.receipts else {
        if files {
            reader.fault(
                lines.transport,
                "files without [receipts]: nothing would ever be known of a batch",
                "add [receipts] with the columns of the platform's return file",
            );
        }
        return;
    };
    if !files {
        let fix = "take it out: the answers of HTTP platforms are read as docs/feeds.md says";
        reader.fault(lines.receipts, "[receipts] is for files only", fix);
        return;
    }
    let field = profile
        .fields
        .iter()
        .find(|field| field.name == columns.matches);
    match field.map(FieldRule::from) {
        Some(Some("record_id" | "decision_no")) => {}
        _ => {
            let what = format!(
                "receipts match field {:?}, which does not tell records apart",
                columns.matches
            );
            let fix = "matches names the field that comes from record_id or decision_no";
            reader.fault(lines.receipts, what, fix);
        }
    }
}
