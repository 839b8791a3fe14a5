//! The text of a rule file before it is TOML: what a Chinese keyboard leaves where ASCII belongs, put right so that
//! everything else in the file can still be read and told in the same run.

use std::ops::Range;

use toml::de::DeTable;

use super::{diagnostic::Code, document::Reader};

/// Largest file, in bytes. A policy of 300 items and 100 cases has about 150 000.
pub(super) const LARGEST: usize = 4 << 20;
/// Most syntax faults of one file that are told.
const MOST: usize = 100;

/// Most characters of a corrected line that are shown.
const SHOWN: usize = 160;
/// Most quotes of a line that are tried as the end of one string.
const CLOSERS: usize = 16;

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
        '\u{200B}' | '\u{FEFF}' => Some(' '),
        c if c.is_whitespace() && !c.is_ascii() => Some(' '),
        _ => None,
    }
}

/// The text in ASCII, if full-width characters in it can be meant so.
pub(super) fn plain(text: &str) -> Option<String> {
    let plain: String = text.chars().map(|c| half_width(c).unwrap_or(c)).collect();
    (plain != text).then_some(plain)
}

/// A text whose full-width characters outside quotes and comments have become ASCII.
#[derive(Debug, Default)]
pub(super) struct Repaired {
    pub text: String,
    /// What was replaced: its byte in the original, and the characters that stood there.
    pub wrong: Vec<(usize, String)>,
    /// From a byte of `text` on, the byte of the original.
    moves: Vec<(usize, usize)>,
}

impl Repaired {
    /// The place in the original of a place in the repaired text.
    pub fn original(&self, at: &Range<usize>) -> Range<usize> {
        let one = |at: usize| {
            let next = self.moves.partition_point(|(start, _)| *start <= at);
            let (start, original) = next
                .checked_sub(1)
                .and_then(|index| self.moves.get(index))
                .copied()
                .unwrap_or_default();
            let end = self.moves.get(next).map_or(usize::MAX, |(_, end)| *end);
            (original + (at - start)).min(end)
        };
        one(at.start)..one(at.end)
    }

    fn keep(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Puts other text in the place of some of the original.
    fn replace(&mut self, at: usize, wrong: &str, right: &str) {
        self.wrong.push((at, wrong.to_owned()));
        self.moves.push((self.text.len(), at));
        self.text.push_str(right);
        self.moves.push((self.text.len(), at + wrong.len()));
    }
}

/// What a text is, which decides what may stand outside quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Toml,
    Predicate,
}

/// Puts a TOML text right.
fn repair_toml(text: &str) -> Repaired {
    repair(text, Kind::Toml)
}

/// Puts a predicate right.
pub(super) fn repair_predicate(text: &str) -> Repaired {
    repair(text, Kind::Predicate)
}

fn repair(text: &str, kind: Kind) -> Repaired {
    let mut out = Repaired::default();
    let (mut at, mut line_end) = (0, 0);
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if line_end <= at {
            line_end = rest.find('\n').map_or(text.len(), |end| at + end);
        }
        let line = &text[at..line_end.max(at)];
        at += match c {
            '#' | '＃' if kind == Kind::Toml => {
                match c {
                    '#' => out.keep("#"),
                    _ => out.replace(at, "＃", "#"),
                }
                out.keep(&line[c.len_utf8()..]);
                line.len()
            }
            '"' | '\'' if kind == Kind::Toml && rest.starts_with(&c.to_string().repeat(3)) => {
                let length = triple(rest, c);
                out.keep(&rest[..length]);
                length
            }
            _ if is_quote(c) => quoted(&mut out, at, line, c, kind),
            _ => bare(&mut out, text, at, c, kind),
        };
    }
    out
}

/// The length of a string of three quotes.
fn triple(rest: &str, quote: char) -> usize {
    let fence = quote.to_string().repeat(3);
    let mut from = 3;
    while let Some(found) = rest.get(from..).and_then(|tail| tail.find(&fence)) {
        let end = from + found;
        let escaped = quote == '"'
            && rest[..end]
                .bytes()
                .rev()
                .take_while(|byte| *byte == b'\\')
                .count()
                % 2
                == 1;
        if !escaped {
            return end + 3;
        }
        from = end + 1;
    }
    rest.len()
}

fn is_quote(c: char) -> bool {
    matches!(
        c,
        '"' | '\'' | '“' | '”' | '‘' | '’' | '「' | '」' | '＂' | '＇'
    )
}

/// A string on one line; its closing quote may be of another width than the opening one.
fn quoted(out: &mut Repaired, at: usize, line: &str, open: char, kind: Kind) -> usize {
    let plain = open.is_ascii();
    let single = matches!(open, '\'' | '‘' | '’' | '＇');
    let ascii = if single || kind == Kind::Predicate && !plain {
        '\''
    } else {
        '"'
    };
    let mut closers: Vec<(usize, char)> = Vec::new();
    let mut escaped = false;
    for (offset, c) in line.char_indices().skip(1) {
        let closes = match c {
            '"' | '\'' => c == open || !plain,
            _ => is_quote(c),
        };
        if closes && !escaped {
            closers.push((offset, c));
            if closers.len() == CLOSERS {
                break;
            }
        }
        escaped = c == '\\' && !escaped && ascii == '"' && kind == Kind::Toml;
    }
    let ends = |(offset, c): &(usize, char)| {
        let after = line[offset + c.len_utf8()..].trim_start();
        after.is_empty()
            || after.starts_with(|c: char| {
                matches!(
                    half_width(c).unwrap_or(c),
                    ',' | ']' | '}' | '=' | '#' | '.' | ')' | ';' | '!'
                ) || kind == Kind::Predicate && c.is_ascii_alphabetic()
            })
    };
    let first_ascii = closers.iter().find(|(_, c)| plain && *c == open);
    let close = first_ascii
        .filter(|close| ends(close))
        .or_else(|| closers.iter().find(|close| ends(close)))
        .or(first_ascii)
        .or_else(|| closers.first());
    let put = |out: &mut Repaired, at: usize, c: char| {
        let right = if plain { open } else { ascii };
        if c == right {
            out.text.push(c);
        } else {
            out.replace(
                at,
                c.encode_utf8(&mut [0; 4]),
                right.encode_utf8(&mut [0; 4]),
            );
        }
    };
    put(out, at, open);
    let Some(&(offset, c)) = close else {
        out.keep(&line[open.len_utf8()..]);
        return line.len();
    };
    out.keep(&line[open.len_utf8()..offset]);
    put(out, at + offset, c);
    offset + c.len_utf8()
}

/// What stands outside quotes and comments.
fn bare(out: &mut Repaired, text: &str, at: usize, c: char, kind: Kind) -> usize {
    let length = c.len_utf8();
    if c.is_ascii() {
        out.text.push(c);
        return length;
    }
    let wrong = &text[at..at + length];
    let after = &text[at + length..];
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let right = match (kind, c) {
        (Kind::Predicate, '≥') => ">=",
        (Kind::Predicate, '≤') => "<=",
        (Kind::Predicate, '≠') => "!=",
        (Kind::Predicate, '×') => "*",
        (Kind::Predicate, '÷') => "/",
        // TOML has no colon but in times of day: an author who writes one means "=".
        (Kind::Toml, '：')
            if !(digit(out.text.chars().next_back()) && digit(after.chars().next())) =>
        {
            "="
        }
        (Kind::Toml, '；') => {
            let rest = after.trim_start_matches([' ', '\t', '\r']);
            if rest.is_empty() || rest.starts_with(['\n', '#', '＃']) {
                " "
            } else {
                ","
            }
        }
        (Kind::Toml, c) if is_word_start(c) => {
            let run = &text[at..];
            let run = &run[..run.find(|c| !in_word(c)).unwrap_or(run.len())];
            out.replace(at, run, &format!("\"{run}\""));
            return run.len();
        }
        _ => match half_width(c) {
            Some(half) => {
                out.replace(at, wrong, half.encode_utf8(&mut [0; 4]));
                return length;
            }
            None => {
                out.keep(wrong);
                return length;
            }
        },
    };
    out.replace(at, wrong, right);
    length
}

/// A letter that is neither ASCII nor the full-width form of it.
fn is_word_start(c: char) -> bool {
    c.is_alphabetic() && !c.is_ascii() && half_width(c).is_none()
}

/// Characters of a Chinese word or title that an author may leave without quotes.
fn in_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '（' | '）' | '《' | '》' | '〔' | '〕' | '·')
}

/// What is wrong with a text that is not TOML, and the text put right as far as that goes.
pub(super) struct Broken {
    pub repaired: Repaired,
    /// Faults that remain: places in the repaired text and what the parser says.
    pub faults: Vec<(Range<usize>, String)>,
}

/// Puts a text right that is not TOML.
pub(super) fn mend(text: &str) -> Broken {
    let repaired = repair_toml(text);
    let (_, errors) = DeTable::parse_recoverable(&repaired.text);
    let faults = errors
        .iter()
        .map(|error| {
            let at = error.span().unwrap_or(0..0);
            (at, error.message().to_owned())
        })
        .collect();
    Broken { repaired, faults }
}

/// Tells every fault of the text itself: one finding for each line, with the line as it should be.
pub(super) fn report(reader: &Reader<'_>, broken: &Broken) {
    let repaired = &broken.repaired;
    let mut lines: Vec<(usize, Vec<&(usize, String)>)> = Vec::new();
    for wrong in &repaired.wrong {
        let line = reader.original.line_of(wrong.0);
        match lines.last_mut() {
            Some((last, all)) if *last == line => all.push(wrong),
            _ => lines.push((line, vec![wrong])),
        }
    }
    let right: Vec<&str> = repaired.text.split('\n').collect();
    for (line, wrong) in &lines {
        let corrected = right.get(*line).map_or("", |line| line.trim());
        let corrected: String = corrected.chars().take(SHOWN).collect();
        let mut shown: Vec<&str> = Vec::new();
        for (_, text) in wrong {
            if shown.len() < 8 && !shown.contains(&text.as_str()) {
                shown.push(text);
            }
        }
        let words = shown.iter().any(|text| text.starts_with(is_word_start));
        let names: Vec<String> = shown.iter().map(|text| named(text)).collect();
        let at = wrong[0].0..wrong[0].0 + wrong[0].1.len();
        let message = if words {
            format!("这里要用半角符号，汉字要加引号：{}", names.join(""))
        } else {
            format!("这里是全角符号{}", names.join(""))
        };
        reader.report_at_original(Code::R001, at, message, format!("请改为：{corrected}"));
    }
    let mut last = None;
    for (at, message) in broken.faults.iter().take(MOST) {
        let line = reader.original.line_of(repaired.original(at).start);
        // What follows from a fault on the same line is not told again.
        if last.replace(line) == Some(line) {
            continue;
        }
        reader.report(
            Code::R001,
            at.clone(),
            format!("不是合法的 TOML：{}", chinese(message)),
            advice(reader.text, at.start),
        );
    }
}

/// A character as it is shown: spaces by name.
fn named(text: &str) -> String {
    match text {
        "\u{3000}" => "「全角空格」".to_owned(),
        _ if text
            .chars()
            .all(|c| c.is_whitespace() || matches!(c, '\u{200B}' | '\u{FEFF}')) =>
        {
            "「不可见的空白」".to_owned()
        }
        _ => format!("「{text}」"),
    }
}

/// The parser's messages that authors meet most, in Chinese.
fn chinese(message: &str) -> String {
    const KNOWN: [(&str, &str); 10] = [
        ("string values must be quoted", "文字要加引号"),
        ("duplicate key", "同一个键写了两次"),
        ("unclosed array", "方括号没有配对，缺 ]"),
        ("unclosed inline table", "花括号没有配对，缺 }"),
        ("invalid basic string", "引号没有配对"),
        ("invalid literal string", "单引号没有配对"),
        ("key with no value", "键后面没有 = 和值"),
        ("missing value", "等号后面没有值"),
        (
            "unexpected key or value",
            "这里多了一个键或值，前面可能缺逗号或换行",
        ),
        ("recursion limit", "嵌套太深"),
    ];
    let known = KNOWN.iter().find(|(english, _)| message.contains(english));
    known.map_or_else(
        || message.to_owned(),
        |(english, chinese)| {
            if message == *english {
                (*chinese).to_owned()
            } else {
                format!("{chinese}（{message}）")
            }
        },
    )
}

fn advice(text: &str, at: usize) -> String {
    let line = text[..at.min(text.len())]
        .rsplit('\n')
        .next()
        .unwrap_or_default();
    let rest = text.get(at..).unwrap_or_default();
    if rest.starts_with(':') && !line.contains('"') {
        "TOML 用 = 赋值，不用冒号".to_owned()
    } else if rest.starts_with(';') {
        "TOML 的行末不写分号，列表里用逗号".to_owned()
    } else {
        "请检查引号、括号、等号和逗号".to_owned()
    }
}
