//! The text of a rule file before it is TOML: full-width punctuation that a Chinese keyboard leaves where ASCII belongs.

use toml::de::DeTable;

use super::document::Reader;

/// The ASCII character meant by a full-width one.
pub(super) fn half_width(c: char) -> Option<char> {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0),
        '“' | '”' | '「' | '」' => Some('"'),
        '‘' | '’' => Some('\''),
        '、' => Some(','),
        '。' => Some('.'),
        '【' => Some('['),
        '】' => Some(']'),
        '\u{3000}' => Some(' '),
        _ => None,
    }
}

/// Reports every fault of the TOML text itself.
pub(super) fn report_syntax(reader: &Reader<'_>) {
    let (_, errors) = DeTable::parse_recoverable(reader.text);
    for error in errors {
        let at = error.span().unwrap_or(0..reader.text.len().min(1));
        if let Some((place, wrong, right)) = full_width_near(reader.text, at.start) {
            reader.error(
                "R001",
                place..place + wrong.len_utf8(),
                format!("这里是全角符号「{wrong}」"),
                format!("请改用半角「{right}」"),
            );
        } else {
            reader.error(
                "R001",
                at,
                format!("不是合法的 TOML：{}", error.message()),
                "请检查引号、括号、等号和逗号",
            );
        }
    }
}

/// A full-width character outside quotes and comments on the line of this byte, the nearest one.
fn full_width_near(text: &str, at: usize) -> Option<(usize, char, char)> {
    let at = at.min(text.len());
    let start = text.as_bytes()[..at]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |newline| newline + 1);
    let line = text.get(start..)?.lines().next()?;
    let mut quote = None;
    let mut found: Vec<(usize, char, char)> = Vec::new();
    for (offset, c) in line.char_indices() {
        match (quote, c) {
            (None, '#') => break,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None, c) => {
                if let Some(half) = half_width(c) {
                    found.push((start + offset, c, half));
                }
            }
            _ => {}
        }
    }
    found
        .into_iter()
        .min_by_key(|(place, ..)| place.abs_diff(at))
}
