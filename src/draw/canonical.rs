//! JSON that has one form only: strict reading, and the canonical bytes of RFC 8785.
//!
//! Everything that is hashed goes through here. Numbers are whole and within ±(2^53 - 1), so that the formatting of
//! floating-point numbers, the hard half of RFC 8785, never matters; anything else is refused, not rounded.

use std::fmt;

use serde::{
    Deserialize, Serialize,
    de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

/// The largest whole number that every reader of JSON holds exactly: 2^53 - 1.
const LARGEST: u64 = (1 << 53) - 1;

/// A text that is not JSON of this kind; says where and why in the reader's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotCanonical(pub String);

/// Reads a JSON text; refuses a name given twice in one object and numbers that are not whole or too large.
pub fn parse(text: &str) -> Result<Value, NotCanonical> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Strict
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value));
    value.map_err(|fault| NotCanonical(fault.to_string()))
}

/// Reads a typed value and demands that it is written exactly as this type writes it: no name missing, none unknown,
/// every day, code and digest in its one form.
pub fn exactly<T: Serialize + for<'de> Deserialize<'de>>(value: &Value) -> Result<T, NotCanonical> {
    let read: T = serde_path_to_error::deserialize(value)
        .map_err(|fault| NotCanonical(format!("{}: {}", fault.path(), fault.inner())))?;
    let written = serde_json::to_value(&read).map_err(|fault| NotCanonical(fault.to_string()))?;
    if *value == written {
        return Ok(read);
    }
    let place = difference(value, &written, String::new()).unwrap_or_default();
    Err(NotCanonical(format!(
        "{place}: missing, unknown, or not in its one form"
    )))
}

/// The first place at which two values differ, as a JSON pointer.
fn difference(left: &Value, right: &Value, at: String) -> Option<String> {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            let names = left.keys().chain(right.keys());
            names
                .map(|name| (name, left.get(name), right.get(name)))
                .find_map(|(name, left, right)| match (left, right) {
                    (Some(left), Some(right)) => difference(left, right, format!("{at}/{name}")),
                    _ => Some(format!("{at}/{name}")),
                })
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            (left.iter().zip(right).enumerate())
                .find_map(|(index, (left, right))| difference(left, right, format!("{at}/{index}")))
        }
        _ => (left != right).then_some(at),
    }
}

/// The canonical bytes of a value (RFC 8785): no white space, names sorted by their UTF-16 code units.
pub fn bytes(value: &Value) -> Vec<u8> {
    let mut out = String::new();
    write(value, &mut out);
    out.into_bytes()
}

/// The canonical bytes of an object without one of its fields.
pub fn bytes_without(fields: &Map<String, Value>, field: &str) -> Vec<u8> {
    let mut out = String::new();
    write_fields(fields, Some(field), &mut out);
    out.into_bytes()
}

/// The canonical bytes of anything that serialises to whole numbers, texts, lists and objects.
pub fn bytes_of(value: &impl Serialize) -> Vec<u8> {
    // Types of this room have text keys and no maps of their own, which is all that can fail here.
    bytes(&serde_json::to_value(value).unwrap_or_default())
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(fields) => write_fields(fields, None, out),
        Value::String(text) => write_text(text, out),
        // `null`, `true`, `false`, and whole numbers in decimal.
        plain => out.push_str(&plain.to_string()),
    }
}

fn write_fields(fields: &Map<String, Value>, without: Option<&str>, out: &mut String) {
    let mut fields: Vec<(&String, &Value)> = (fields.iter())
        .filter(|(name, _)| Some(name.as_str()) != without)
        .collect();
    // Code units of UTF-16 and bytes of UTF-8 put ASCII, which nearly all names are, in the same order.
    fields.sort_by(
        |(left, _), (right, _)| match left.is_ascii() && right.is_ascii() {
            true => left.cmp(right),
            false => left.encode_utf16().cmp(right.encode_utf16()),
        },
    );
    out.push('{');
    for (index, (name, value)) in fields.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_text(name, out);
        out.push(':');
        write(value, out);
    }
    out.push('}');
}

/// RFC 8785, 3.2.2.2: two-character escapes where JSON has one, `\u00xx` for the other controls, all else as it is.
fn write_text(text: &str, out: &mut String) {
    out.push('"');
    if !(text.bytes()).any(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        out.push_str(text);
        out.push('"');
        return;
    }
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Reads any value, strictly.
struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON with whole numbers")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        if value > LARGEST {
            return Err(E::custom(format_args!("{value} is above 2^53 - 1")));
        }
        Ok(value.into())
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        if value.unsigned_abs() > LARGEST {
            return Err(E::custom(format_args!("{value} is below -(2^53 - 1)")));
        }
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Err(E::custom(format_args!("{value} is not a whole number")))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Strict)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            let value = fields.next_value_seed(Strict)?;
            if map.contains_key(&name) {
                return Err(A::Error::custom(format_args!("{name:?} is given twice")));
            }
            map.insert(name, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> Result<String, NotCanonical> {
        Ok(String::from_utf8(bytes(&parse(text)?)).unwrap())
    }

    /// RFC 8785, 3.2.3: the example of sorting.
    #[test]
    fn names_are_sorted_by_utf16_code_units() {
        let text = r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh",
            "1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#;
        let expected = "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\
            \"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\
            \"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}";
        assert_eq!(canonical(text).unwrap(), expected);
    }

    /// RFC 8785, 3.2.2: the strings and literals of its sample object, whose numbers are not whole.
    #[test]
    fn texts_and_literals_are_written_as_in_the_rfc() {
        let text = r#"{ "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false] }"#;
        let expected =
            "{\"literals\":[null,true,false],\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
        assert_eq!(canonical(text).unwrap(), expected);
    }

    #[test]
    fn whole_numbers_within_the_safe_range_only() {
        let table = [
            ("0", Some("0")),
            ("-7", Some("-7")),
            ("9007199254740991", Some("9007199254740991")),
            ("-9007199254740991", Some("-9007199254740991")),
            ("9007199254740992", None),
            ("-9007199254740992", None),
            ("18446744073709551616", None),
            ("1.0", None),
            ("1e2", None),
            ("-0", None),
            ("01", None),
        ];
        for (text, expected) in table {
            assert_eq!(canonical(text).ok().as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn what_readers_disagree_about_is_refused() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":1}"#,
            r#"["\ud800"]"#,
            "[1] 2",
            "[1,]",
            "[NaN]",
            "",
            "\u{feff}1",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn a_place_that_is_not_in_its_one_form_is_named() {
        #[derive(Debug, Serialize, Deserialize)]
        struct Row {
            days: Vec<crate::domain::Day>,
            note: Option<String>,
        }
        let fault = |text: &str| {
            exactly::<Row>(&parse(text).unwrap())
                .unwrap_err()
                .to_string()
        };
        assert!(fault(r#"{"days":["2026/7/1"],"note":null}"#).starts_with("/days/0:"));
        assert!(fault(r#"{"days":[]}"#).starts_with("/note:"));
        assert!(fault(r#"{"days":[],"note":null,"more":1}"#).starts_with("/more:"));
        assert!(fault(r#"{"days":["x"],"note":null}"#).starts_with("days[0]:"));
    }
}
