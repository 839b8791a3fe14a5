//! Folding of text that people type: full width to half width, stray spaces away.

/// Folds a code (USCC, item code, region code): full-width ASCII to half width, upper case, surrounding and inner
/// white space and zero-width characters removed.
pub fn fold_code(raw: &str) -> String {
    let folded = |byte: u8| byte.is_ascii_graphic() && !byte.is_ascii_lowercase();
    if raw.bytes().all(folded) {
        return raw.to_owned();
    }
    raw.chars()
        .map(half_width)
        .filter(|c| !c.is_whitespace() && !is_invisible(*c))
        .flat_map(char::to_uppercase)
        .collect()
}

/// The form of a name used for look-up: half width, lower case, no white space. Stored beside the name, because the
/// two databases disagree about case and collation.
pub fn normalise_name(raw: &str) -> String {
    raw.chars()
        .map(half_width)
        .filter(|c| !c.is_whitespace() && !is_invisible(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

fn half_width(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{FEFF}' | '\u{2060}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_folded() {
        assert_eq!(
            fold_code(" ９１５１２００２ma6abcd10p\u{FEFF}"),
            "91512002MA6ABCD10P"
        );
        assert_eq!(normalise_name("资阳（示例）物业 ABC"), "资阳(示例)物业abc");
    }
}
