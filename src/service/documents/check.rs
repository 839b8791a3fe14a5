//! Blanks against data: what is missing, and the least that a document can hold.

use serde_json::Value;

use super::kind::Blank;

/// A required blank without a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Where it is, as in a JSON pointer without its first stroke: `measures/1/basis`.
    pub place: String,
    /// In words: 第2项措施所引清单条目.
    pub name: String,
}

/// The required blanks that the data leaves empty, in the order of the form.
pub(super) fn missing(blanks: &[Blank], also: &[String], data: &Value) -> Vec<Missing> {
    let needed = |blank: &&Blank| blank.required || also.iter().any(|path| path == blank.path);
    let mut found = Vec::new();
    for blank in blanks.iter().filter(needed) {
        let (first, rest) = blank.path.split_once('.').unwrap_or((blank.path, ""));
        let holder = data.get(first).unwrap_or(&Value::Null);
        match (holder, rest) {
            // An empty list is told by the list's own name.
            (Value::Array(items), rest) if !rest.is_empty() => {
                for (at, item) in items.iter().enumerate() {
                    if is_empty(item.get(rest)) {
                        found.push(Missing {
                            place: format!("{first}/{at}/{rest}"),
                            name: format!("第{}项{}", at + 1, blank.name),
                        });
                    }
                }
            }
            // No list at all: likewise.
            (_, rest) if !rest.is_empty() && blanks.iter().any(|blank| blank.path == first) => {}
            (holder, rest) => {
                let value = if rest.is_empty() {
                    Some(holder)
                } else {
                    holder.get(rest)
                };
                if is_empty(value) {
                    found.push(Missing {
                        place: blank.path.replace('.', "/"),
                        name: blank.name.to_owned(),
                    });
                }
            }
        }
    }
    found
}

fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        // A list is filled if it has elements, and none of them is a blank text.
        Some(Value::Array(items)) => {
            items.is_empty()
                || items
                    .iter()
                    .any(|item| !item.is_object() && is_empty(Some(item)))
        }
        Some(_) => false,
    }
}

/// The same data without what may be left out.
pub(super) fn least(blanks: &[Blank], also: &[String], whole: &Value) -> Value {
    let mut data = whole.clone();
    let spare = |blank: &&Blank| !blank.required && !also.iter().any(|path| path == blank.path);
    for blank in blanks.iter().filter(spare) {
        let (first, rest) = blank.path.split_once('.').unwrap_or((blank.path, ""));
        match data.get_mut(first) {
            Some(Value::Array(items)) if !rest.is_empty() => {
                for item in items {
                    item[rest] = Value::Null;
                }
            }
            Some(Value::Object(map)) if !rest.is_empty() => {
                map.insert(rest.to_owned(), Value::Null);
            }
            Some(value) if rest.is_empty() => *value = Value::Null,
            _ => {}
        }
    }
    data
}
