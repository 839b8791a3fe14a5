//! How texts are normalised before they are checked, sent and digested.

use crate::domain::half_width;

/// A licence name: half width, without white space and invisible characters.
pub(super) fn name(raw: &str) -> String {
    raw.chars()
        .map(half_width)
        .filter(|c| !c.is_whitespace() && !is_noise(*c))
        .collect()
}

/// A document number: as a name, and every kind of bracket becomes 〔〕, so that one decision has one spelling.
pub(super) fn document_number(raw: &str) -> String {
    name(raw)
        .chars()
        .map(|c| match c {
            '(' | '[' | '{' | '【' | '『' | '〖' => '〔',
            ')' | ']' | '}' | '】' | '』' | '〗' => '〕',
            _ => c,
        })
        .collect()
}

/// A free text: line ends are `\n`, control and invisible characters go, nothing else changes.
pub(super) fn free(raw: &str) -> String {
    let text: String = raw
        .replace("\r\n", "\n")
        .replace('\t', " ")
        .chars()
        .filter(|c| *c == '\n' || !is_noise(*c))
        .collect();
    text.trim().to_owned()
}

/// Characters nobody sees: controls, zero-width characters, text direction marks.
fn is_noise(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_thing_become_one() {
        assert_eq!(
            name(" 资阳（示例） 物业\u{200B}ＡＢ有限公司"),
            "资阳(示例)物业AB有限公司"
        );
        for raw in [
            "川建罚(2026)1号",
            "川建罚（２０２６）1 号",
            "川建罚[2026]1号",
            "川建罚【2026】1号",
        ] {
            assert_eq!(document_number(raw), "川建罚〔2026〕1号", "{raw}");
        }
        assert_eq!(free("  一\r\n二\u{0}\u{202E}三\t四 "), "一\n二三 四");
    }
}
