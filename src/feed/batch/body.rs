//! The bytes of a batch, in the form of its transport.

use chrono::{DateTime, Datelike, Timelike, Utc};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};
use serde::{Serialize, Serializer, ser::SerializeMap};
use sm3::{Digest, Sm3};

use super::seal::SealError;
use crate::feed::{
    canonical::canonical_json,
    profile::{Charset, Envelope, Profile, Rendered, Transport},
};

/// What a batch says of itself.
#[derive(Debug, Serialize)]
pub(super) struct Head<'a> {
    pub key: &'a str,
    pub target: &'a str,
    pub sequence: u64,
    pub kind: super::BatchKind,
    /// The day of the slot, in Asia/Shanghai.
    pub day: crate::domain::Day,
    pub sealed_at: String,
    pub profile: &'a str,
    pub profile_version: u32,
    pub count: usize,
    pub withdrawals: usize,
}

/// A batch of JSON: what is always the same, the head, the records.
struct Json<'a> {
    envelope: &'a Envelope,
    head: Head<'a>,
    records: &'a [Rendered],
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in &self.envelope.constants {
            map.serialize_entry(name, value)?;
        }
        if let Some(name) = &self.envelope.batch {
            map.serialize_entry(name, &self.head)?;
        }
        map.serialize_entry(&self.envelope.records, self.records)?;
        map.end()
    }
}

/// Head and records as the platform gets them.
pub(super) fn body(
    profile: &Profile,
    head: Head<'_>,
    records: &[Rendered],
    sealed_at: DateTime<Utc>,
) -> Result<Vec<u8>, SealError> {
    match &profile.transport {
        Transport::HttpJson { envelope, .. } | Transport::HttpCounts { envelope, .. } => {
            serde_json::to_vec(&Json {
                envelope,
                head,
                records,
            })
            .map_err(|error| SealError::Json(error.to_string()))
        }
        Transport::XmlFile { .. } => Ok(encoded(profile.charset, &xml(profile, records))),
        Transport::CsvFile { .. } => csv(profile, records),
        Transport::XlsxManual { .. } => workbook(profile, &head, records, sealed_at)
            .map_err(|error| SealError::Workbook(error.to_string())),
    }
}

fn encoded(charset: Charset, text: &str) -> Vec<u8> {
    // Rendering has refused what the charset does not have.
    charset.encoding().encode(text).0.into_owned()
}

fn xml(profile: &Profile, records: &[Rendered]) -> String {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"{}\"?>\n<DATAS>\n",
        profile.charset.as_str()
    );
    for record in records {
        text.push_str("<DATA>");
        for rule in &profile.fields {
            let name = &rule.name;
            let value = record.text(name).unwrap_or_default();
            text.push_str(&format!("<{name}>{}</{name}>", escaped(&value)));
        }
        text.push_str("</DATA>\n");
    }
    text.push_str("</DATAS>\n");
    text
}

/// A text inside an element: `<`, `>`, `&`, quotes escaped; a line end as a reference, so that no parser folds it.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' => out.push_str("&#10;"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// RFC 4180 with a header; UTF-8 with a mark at the start, because spreadsheets take a file without one for GBK.
fn csv(profile: &Profile, records: &[Rendered]) -> Result<Vec<u8>, SealError> {
    let fault = |error: String| SealError::Csv(error);
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let row = |values: Vec<String>, writer: &mut csv::Writer<Vec<u8>>| writer.write_record(values);
    let names = profile.fields.iter().map(|rule| rule.name.clone());
    row(names.collect(), &mut writer).map_err(|error| fault(error.to_string()))?;
    for record in records {
        let values = profile
            .fields
            .iter()
            .map(|rule| record.text(&rule.name).unwrap_or_default());
        row(values.collect(), &mut writer).map_err(|error| fault(error.to_string()))?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| fault(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|error| fault(error.to_string()))?;
    let mut out = match profile.charset {
        Charset::Utf8 => vec![0xEF, 0xBB, 0xBF],
        _ => Vec::new(),
    };
    out.extend(encoded(profile.charset, &text));
    Ok(out)
}

/// Name of the hidden sheet that says which batch a workbook is.
pub const BATCH_SHEET: &str = "_batch";

/// Every cell is a text; the hidden sheet has number, key and the SM3 of the rows.
fn workbook(
    profile: &Profile,
    head: &Head<'_>,
    records: &[Rendered],
    sealed_at: DateTime<Utc>,
) -> Result<Vec<u8>, XlsxError> {
    let text = Format::new().set_num_format("@");
    let bold = Format::new().set_num_format("@").set_bold();
    let mut workbook = Workbook::new();
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made_at(sealed_at)?));
    let sheet = workbook.add_worksheet().set_name("数据")?;
    for (column, rule) in (0_u16..).zip(&profile.fields) {
        sheet.write_string_with_format(0, column, &rule.name, &bold)?;
    }
    for (row, record) in (1_u32..).zip(records) {
        for (column, rule) in (0_u16..).zip(&profile.fields) {
            let value = record.text(&rule.name).unwrap_or_default();
            sheet.write_string_with_format(row, column, &value, &text)?;
        }
    }
    let rows: Vec<_> = records.iter().map(|record| record.to_map()).collect();
    let rows = serde_json::to_value(rows).unwrap_or_default();
    let digest = hex::encode(Sm3::digest(canonical_json(&rows)));
    let said = [
        ("target", head.target.to_owned()),
        ("batch", head.sequence.to_string()),
        ("key", head.key.to_owned()),
        ("rows", head.count.to_string()),
        ("rows_sm3", digest),
        (
            "profile",
            format!("{} {}", head.profile, head.profile_version),
        ),
    ];
    let sheet = workbook.add_worksheet().set_name(BATCH_SHEET)?;
    for (row, (name, value)) in (0_u32..).zip(said) {
        sheet.write_string_with_format(row, 0, name, &text)?;
        sheet.write_string_with_format(row, 1, value, &text)?;
    }
    sheet.set_hidden(true);
    workbook.save_to_buffer()
}

/// When it was sealed, so that the same batch gives the same bytes.
fn made_at(at: DateTime<Utc>) -> Result<ExcelDateTime, XlsxError> {
    let field = |value: u32| u8::try_from(value).unwrap_or_default();
    let year = u16::try_from(at.year()).unwrap_or(2000);
    let (hour, minute) = (
        u16::try_from(at.hour()).unwrap_or_default(),
        field(at.minute()),
    );
    ExcelDateTime::from_ymd(year, field(at.month()), field(at.day()))?.and_hms(
        hour,
        minute,
        f64::from(at.second()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::{
        batch::{BatchKind, SealRequest, seal},
        samples::{at, fields},
    };

    fn sealed(name: &str, charset: &str, remark: &str) -> Vec<u8> {
        let text = Profile::shipped(name).unwrap();
        let from = ["\"UTF-8\"", "\"GB18030\""].map(|known| format!("charset = {known}"));
        let known = from.iter().find(|known| text.contains(*known)).unwrap();
        let profile = Profile::parse(&text.replace(known, &format!("charset = \"{charset}\"")));
        let mut record = fields(1);
        record.remark = Some(remark.into());
        let record = record.check().unwrap();
        let request = SealRequest {
            target: "示例平台",
            kind: BatchKind::Changes,
            sequence: 1,
            sealed_at: at(10, 0),
            records: &[record],
        };
        let profile = profile.unwrap();
        let first = seal(request, &profile).unwrap();
        assert_eq!(
            seal(request, &profile).unwrap(),
            first,
            "the same bytes again"
        );
        first.body
    }

    #[test]
    fn xml_is_escaped_and_in_the_charset_it_names() {
        let remark = "<&>\"'\n𠮷]]>";
        let text = String::from_utf8(sealed("xml-file", "UTF-8", remark)).unwrap();
        assert!(
            text.contains("<BZ>&lt;&amp;&gt;&quot;&apos;&#10;𠮷]]&gt;</BZ>"),
            "{text}"
        );
        let bytes = sealed("xml-file", "GB18030", remark);
        assert!(bytes.starts_with(b"<?xml version=\"1.0\" encoding=\"GB18030\"?>"));
        let (back, _, faulty) = encoding_rs::GB18030.decode(&bytes);
        assert!(
            !faulty && back.contains("<JGQC>资阳(示例)甲物业有限公司</JGQC>"),
            "{back}"
        );
        assert_eq!(back.replace("GB18030", "UTF-8"), text);
    }

    #[test]
    fn a_workbook_is_the_same_bytes_each_time() {
        let bytes = sealed("xlsx-manual", "GB18030", "=1+1");
        assert!(bytes.starts_with(b"PK"));
    }
}
