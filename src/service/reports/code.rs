//! The code of a report: thirty characters that can be typed by hand.
//!
//! ```text
//! 85 bits  the first 17 characters of the company's code, as a number to the base of 31 (the 18th follows from them)
//! 15 bits  days since 2020-01-01
//! 45 bits  HMAC-SHA-256 over "wuxin report 1|CODE|DAY|DIGEST", its first bits
//!  5 bits  sum of the characters before, so that a slip of the hand is told from a forgery
//! ```
//!
//! Written in Crockford's base 32 in six groups of five. Reading forgives case, spaces, dashes, and O for 0, I and L for
//! 1. To guess a signature takes 2^44 questions on the average; the public interface allows some hundred a minute.

use std::fmt;

use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::domain::{Day, Uscc};

/// Crockford's alphabet: no I, L, O, U.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// The alphabet of unified social credit codes (GB 32100-2015).
const CREDIT: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const LENGTH: usize = 30;
const PAYLOAD: usize = 20;
const SEAL: usize = 9;
const DAY_BITS: u32 = 15;

/// Company and day of a report, with the seal that proves its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportCode {
    company: Uscc,
    as_of: Day,
    /// 45 bits, five in a byte.
    seal: [u8; SEAL],
}

/// Why a text is no code of a report.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeFault {
    #[error("查验码应为 30 位，现为 {0} 位")]
    Length(usize),
    #[error("查验码第 {position} 位「{found}」不是查验码所用的字符")]
    Letter { position: usize, found: char },
    #[error("查验码有误，请逐位核对（可能有一位录错或两位颠倒）")]
    Sum,
    #[error("查验码有误，不含有效的统一社会信用代码或日期")]
    Content,
    #[error("日期 {0} 不在查验码可表示的范围内")]
    Day(Day),
}

impl ReportCode {
    /// Signs a result: the company's, as of the day, with this digest.
    ///
    /// # Errors
    /// A day before 2020, or after 2109.
    pub fn sign(key: &[u8], company: Uscc, as_of: Day, digest: &str) -> Result<Self, CodeFault> {
        days_of(as_of).ok_or(CodeFault::Day(as_of))?;
        Ok(Self {
            company,
            as_of,
            seal: seal(key, company, as_of, digest),
        })
    }

    /// Reads what somebody typed.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(typed: &str) -> Result<Self, CodeFault> {
        let kept: Vec<char> = typed
            .chars()
            .map(narrowed)
            .filter(|c| !c.is_whitespace() && !"-–—－‐_".contains(*c))
            .collect();
        if kept.len() != LENGTH {
            return Err(CodeFault::Length(kept.len()));
        }
        let mut values = [0_u8; LENGTH];
        for (at, (value, found)) in values.iter_mut().zip(&kept).enumerate() {
            *value = value_of(*found).ok_or(CodeFault::Letter {
                position: at + 1,
                found: *found,
            })?;
        }
        let (content, sum) = values.split_at(LENGTH - 1);
        if sum != [sum_of(content)] {
            return Err(CodeFault::Sum);
        }
        let (payload, sealed) = content.split_at(PAYLOAD);
        let number = payload
            .iter()
            .fold(0_u128, |number, value| number << 5 | u128::from(*value));
        let mut seal = [0; SEAL];
        seal.copy_from_slice(sealed);
        Ok(Self {
            company: company_of(number >> DAY_BITS).ok_or(CodeFault::Content)?,
            as_of: day_of(number & ((1 << DAY_BITS) - 1)).ok_or(CodeFault::Content)?,
            seal,
        })
    }

    pub fn company(&self) -> Uscc {
        self.company
    }

    pub fn as_of(&self) -> Day {
        self.as_of
    }

    /// Whether this code was signed, with this key, over the result that has this digest.
    pub fn proves(&self, key: &[u8], digest: &str) -> bool {
        seal(key, self.company, self.as_of, digest)
            .ct_eq(&self.seal)
            .into()
    }

    fn values(&self) -> [u8; LENGTH] {
        let number = number_of(self.company) << DAY_BITS | days_of(self.as_of).unwrap_or_default();
        let mut values = [0; LENGTH];
        for (at, value) in values.iter_mut().take(PAYLOAD).enumerate() {
            *value = low_five(number >> (5 * (PAYLOAD - 1 - at)));
        }
        values[PAYLOAD..LENGTH - 1].copy_from_slice(&self.seal);
        values[LENGTH - 1] = sum_of(&values[..LENGTH - 1]);
        values
    }
}

impl fmt::Display for ReportCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, value) in self.values().iter().enumerate() {
            if at > 0 && at % 5 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(LETTERS[usize::from(value % 32)]))?;
        }
        Ok(())
    }
}

fn seal(key: &[u8], company: Uscc, as_of: Day, digest: &str) -> [u8; SEAL] {
    // A key of any length is taken.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return [0; SEAL];
    };
    mac.update(format!("wuxin report 1|{company}|{as_of}|{digest}").as_bytes());
    let bytes = mac.finalize().into_bytes();
    let number = bytes
        .iter()
        .take(8)
        .fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    let mut seal = [0; SEAL];
    for (at, value) in seal.iter_mut().enumerate() {
        *value = low_five(number >> (59 - 5 * at));
    }
    seal
}

fn low_five(number: u128) -> u8 {
    u8::try_from(number & 31).unwrap_or_default()
}

/// A weighted sum to the base of 31, a prime: one wrong character, or two neighbours exchanged, changes it, but for a
/// character that is taken for the one 31 away (0 and Z).
fn sum_of(values: &[u8]) -> u8 {
    let weighted = values.iter().zip(1_u32..);
    let sum: u32 = weighted
        .map(|(value, weight)| u32::from(*value) * (weight % 31))
        .sum();
    u8::try_from(sum % 31).unwrap_or_default()
}

/// Full-width characters as the narrow ones that are meant, in capitals.
fn narrowed(c: char) -> char {
    let narrow = match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ => c,
    };
    narrow.to_ascii_uppercase()
}

fn value_of(c: char) -> Option<u8> {
    let meant = match c {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let found = LETTERS
        .iter()
        .position(|letter| char::from(*letter) == meant)?;
    u8::try_from(found).ok()
}

fn number_of(company: Uscc) -> u128 {
    let value = |byte: u8| {
        CREDIT
            .iter()
            .position(|letter| *letter == byte)
            .unwrap_or(0) as u128
    };
    let first = company.as_str().bytes().take(17);
    first.fold(0, |number, byte| number * 31 + value(byte))
}

fn company_of(mut number: u128) -> Option<Uscc> {
    let mut letters = [0_u8; 17];
    for letter in letters.iter_mut().rev() {
        *letter = CREDIT[usize::try_from(number % 31).ok()?];
        number /= 31;
    }
    if number > 0 {
        return None;
    }
    Uscc::complete(std::str::from_utf8(&letters).ok()?).ok()
}

fn epoch() -> Option<Day> {
    Day::from_ymd(2020, 1, 1)
}

fn days_of(day: Day) -> Option<u128> {
    let days = (day.date() - epoch()?.date()).num_days();
    u128::try_from(days)
        .ok()
        .filter(|days| *days < 1 << DAY_BITS)
}

fn day_of(days: u128) -> Option<Day> {
    Some(epoch()?.plus_days(u32::try_from(days).ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: &[u8] = b"a key of thirty-two bytes, or so";

    fn company(seventeen: &str) -> Uscc {
        Uscc::complete(seventeen).unwrap()
    }

    fn signed() -> ReportCode {
        let day = Day::parse("2026-07-09").unwrap();
        ReportCode::sign(KEY, company("91512002MA6000001"), day, "abc").unwrap()
    }

    #[test]
    fn a_code_is_six_groups_and_always_the_same() {
        insta::assert_snapshot!(signed(), @"5E0EW-ZGJ3Z-PB1HD-TY2AD-8641X-ESE2B");
    }

    #[test]
    fn a_code_is_read_however_it_was_typed() {
        let code = signed();
        let text = code.to_string();
        for typed in [
            text.clone(),
            text.replace('-', ""),
            text.to_lowercase().replace('-', " "),
            text.replace('0', "o").replace('1', "l"),
            text.replace('-', "－").replace('0', "０"),
        ] {
            assert_eq!(ReportCode::parse(&typed), Ok(code), "{typed}");
        }
    }

    #[test]
    fn it_proves_this_result_with_this_key_alone() {
        let code = signed();
        assert!(code.proves(KEY, "abc"));
        assert!(!code.proves(KEY, "abd"));
        assert!(!code.proves(b"another key", "abc"));
        let other = ReportCode {
            as_of: code.as_of.next(),
            ..code
        };
        assert!(!other.proves(KEY, "abc"));
    }

    #[test]
    fn what_is_no_code_is_told_with_its_place() {
        let text = signed().to_string().replace('-', "");
        assert_eq!(ReportCode::parse("ABC"), Err(CodeFault::Length(3)));
        assert_eq!(ReportCode::parse(""), Err(CodeFault::Length(0)));
        let letter = format!("{}U{}", &text[..4], &text[5..]);
        let fault = CodeFault::Letter {
            position: 5,
            found: 'U',
        };
        assert_eq!(ReportCode::parse(&letter), Err(fault));
        let early = Day::parse("2019-12-31").unwrap();
        let refused = ReportCode::sign(KEY, company("91512002MA6000001"), early, "abc");
        assert_eq!(refused, Err(CodeFault::Day(early)));
    }

    proptest! {
        #[test]
        fn every_code_comes_back(
            letters in prop::collection::vec(0_usize..31, 9),
            division in 100_000_u32..1_000_000,
            days in 0_u32..32_768,
        ) {
            let tail: String = letters.iter().map(|at| char::from(CREDIT[*at])).collect();
            let company = company(&format!("91{division}{tail}"));
            let day = epoch().unwrap().plus_days(days);
            let code = ReportCode::sign(KEY, company, day, "x").unwrap();
            prop_assert_eq!(ReportCode::parse(&code.to_string()), Ok(code));
        }

        #[test]
        fn one_slip_of_the_hand_is_noticed(at in 0_usize..29, other in 0_usize..32) {
            let text = signed().to_string().replace('-', "");
            let mut typed = text.clone().into_bytes();
            let before = value_of(char::from(typed[at])).unwrap();
            typed[at] = LETTERS[other];
            let after = u8::try_from(other).unwrap();
            // 0 and Z are 31 apart, which the sum does not see; the seal does.
            prop_assume!(before != after && before.abs_diff(after) != 31);
            let typed = String::from_utf8(typed).unwrap();
            prop_assert_eq!(ReportCode::parse(&typed), Err(CodeFault::Sum));
        }

        #[test]
        fn nothing_typed_breaks_it(typed in "\\PC{0,80}") {
            let _ = ReportCode::parse(&typed);
        }
    }
}
