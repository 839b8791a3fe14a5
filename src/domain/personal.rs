//! No identity number and no mobile number leaves the system in a free text.

use chrono::NaiveDate;

use super::half_width;

/// What was found in a text; the display is masked, because faults are shown and logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Personal {
    IdentityNumber,
    MobileNumber,
}

impl Personal {
    pub fn chinese(self) -> &'static str {
        match self {
            Self::IdentityNumber => "疑似身份证号码",
            Self::MobileNumber => "疑似手机号码",
        }
    }
}

/// The first thing in `text` that looks like an identity number (18 digits, the last may be X, or 15 digits) or a
/// mobile number, with the masked digits. Numbers written with spaces or hyphens inside are found too.
pub fn find_personal(text: &str) -> Option<(Personal, String)> {
    let folded: Vec<char> = text.chars().map(half_width).collect();
    // Pass 1: unbroken runs, judged by their length alone. Pass 2: runs joined over separators, where a date range
    // would look like an identity number too; these must also have a birthday and a check digit, or the grouping
    // in which mobile numbers are written.
    runs(&folded, |_| false)
        .find_map(|run| by_length(&run))
        .or_else(|| runs(&folded, is_separator).find_map(|run| by_content(&run)))
}

fn is_separator(c: char) -> bool {
    matches!(
        c,
        ' ' | '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '.' | '_'
    )
}

/// Runs of digits (with a closing X), where characters for which `joins` holds do not break a run.
fn runs(text: &[char], joins: fn(char) -> bool) -> impl Iterator<Item = String> {
    let mut found = Vec::new();
    let mut run = String::new();
    for c in text {
        let closes =
            matches!(c, 'x' | 'X') && run.chars().filter(char::is_ascii_digit).count() >= 17;
        if c.is_ascii_digit() || (joins(*c) && !run.is_empty()) {
            run.push(*c);
            continue;
        }
        if closes {
            run.push('X');
        }
        if !run.is_empty() {
            found.push(std::mem::take(&mut run));
        }
    }
    found.push(run);
    found.into_iter()
}

fn by_length(run: &str) -> Option<(Personal, String)> {
    let national = run.strip_prefix("86").filter(|rest| rest.len() == 11);
    match run.len() {
        18 | 15 => Some((Personal::IdentityNumber, masked(run))),
        11 if is_mobile(run) => Some((Personal::MobileNumber, masked(run))),
        13 => national
            .filter(|rest| is_mobile(rest))
            .map(|rest| (Personal::MobileNumber, masked(rest))),
        _ => windows(run, 18)
            .find(|window| is_identity_number(window))
            .map(|window| (Personal::IdentityNumber, masked(window))),
    }
}

fn by_content(run: &str) -> Option<(Personal, String)> {
    let digits: String = run.chars().filter(|c| !is_separator(*c)).collect();
    if let Some(window) = windows(&digits, 18).find(|window| is_identity_number(window)) {
        return Some((Personal::IdentityNumber, masked(window)));
    }
    let groups: Vec<&str> = run.split(is_separator).filter(|g| !g.is_empty()).collect();
    groups
        .windows(3)
        .filter(|three| [three[0].len(), three[1].len(), three[2].len()] == [3, 4, 4])
        .map(<[&str]>::concat)
        .find(|number| is_mobile(number))
        .map(|number| (Personal::MobileNumber, masked(&number)))
}

/// Every stretch of `length` characters of an ASCII run.
fn windows(run: &str, length: usize) -> impl Iterator<Item = &str> {
    (0..=run.len().saturating_sub(length)).filter_map(move |start| run.get(start..start + length))
}

fn is_mobile(run: &str) -> bool {
    let bytes = run.as_bytes();
    bytes.len() == 11 && bytes[0] == b'1' && (b'3'..=b'9').contains(&bytes[1])
}

/// GB 11643-1999: a birthday in characters 7 to 14 and a check character by ISO 7064 MOD 11-2.
fn is_identity_number(run: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: &[u8; 11] = b"10X98765432";
    let bytes = run.as_bytes();
    let Some(birthday) = run.get(6..14) else {
        return false;
    };
    let sum: u32 = bytes
        .iter()
        .zip(WEIGHTS)
        .map(|(byte, weight)| u32::from(byte.wrapping_sub(b'0')) * weight)
        .sum();
    bytes[..17].iter().all(u8::is_ascii_digit)
        && bytes[17] == CHECKS[(sum % 11) as usize]
        && (b"1900".as_slice()..=b"2099".as_slice()).contains(&&bytes[6..10])
        && NaiveDate::parse_from_str(birthday, "%Y%m%d").is_ok()
}

fn masked(run: &str) -> String {
    let keep = run.get(..3).unwrap_or_default();
    let last = run.get(run.len().saturating_sub(1)..).unwrap_or_default();
    format!("{keep}{}{last}", "*".repeat(run.len().saturating_sub(4)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_and_mobile_numbers_are_found_however_they_are_written() {
        use Personal::{IdentityNumber, MobileNumber};
        let table = [
            ("负责人（身份证110101199003070011）拒不整改", IdentityNumber),
            ("11010119900307001x", IdentityNumber),
            ("１１０１０１１９９００３０７００１Ｘ", IdentityNumber),
            ("旧证110101900307001。", IdentityNumber),
            ("110101 19900307 1030", IdentityNumber),
            ("电话13800138000投诉", MobileNumber),
            ("+8613800138000", MobileNumber),
            ("138-0013-8000", MobileNumber),
            ("138 0013 8000", MobileNumber),
        ];
        for (text, expected) in table {
            let found = find_personal(text);
            assert_eq!(
                found.as_ref().map(|(what, _)| *what),
                Some(expected),
                "{text}"
            );
            let (_, shown) = found.unwrap();
            assert!(shown.contains("***"), "{shown}");
        }
    }

    #[test]
    fn ordinary_numbers_are_not_taken_for_personal_ones() {
        for text in [
            "自2026-03-01至2027-02-28，共365天",
            "川建罚〔2026〕第00123号",
            "座机028-12345678，金额1234567.89元",
            "91512002MA6ABCD10P",
            "案件编号20260301000000123456789",
            "2026.01.01-2026.12.31 2027.01.01",
            "",
        ] {
            assert_eq!(find_personal(text), None, "{text}");
        }
    }
}
