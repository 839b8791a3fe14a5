//! Unified social credit codes (统一社会信用代码), GB 32100-2015.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::fold_code;

/// The 31 characters of GB 32100-2015: digits and capitals without I, O, S, V, Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// What each byte stands for in [`ALPHABET`]; 31 where it stands for nothing.
const DIGITS: [u8; 256] = {
    let mut digits = [31; 256];
    let mut value = 0;
    while value < ALPHABET.len() {
        digits[ALPHABET[value] as usize] = value as u8;
        value += 1;
    }
    digits
};
/// Weights of the first 17 characters: 3^(i-1) mod 31.
const WEIGHTS: [u32; 17] = [
    1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
];
/// Weights of characters 9 to 16 in the organisation code (GB 11714-1997).
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// A valid unified social credit code: 18 characters whose last one checks.
///
/// The inner check digit (character 17, of the organisation code in characters 9 to 17) is not required: registries
/// have issued codes that break it. [`Uscc::inner_check_holds`] tells, and intake shows it as a warning.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Uscc([u8; 18]);

/// Why a text is not a unified social credit code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UsccError {
    #[error("统一社会信用代码应为18位，「{value}」有{length}位")]
    Length { value: String, length: usize },
    #[error(
        "统一社会信用代码「{value}」第{position}位是「{character}」，应为数字或大写字母（不含 I、O、S、V、Z）"
    )]
    Character {
        value: String,
        position: usize,
        character: char,
    },
    #[error("统一社会信用代码「{value}」第3至8位应为行政区划数字")]
    Division { value: String },
    #[error("统一社会信用代码「{value}」校验码不符：第18位应为「{expected}」，请核对是否录错")]
    Check { value: String, expected: char },
}

impl Uscc {
    /// Folds (full width, lower case, spaces) and checks a code by GB 32100-2015.
    pub fn parse(raw: &str) -> Result<Self, UsccError> {
        if let Some(code) = Self::parse_folded(raw) {
            return Ok(code);
        }
        let value = fold_code(raw);
        let length = value.chars().count();
        if length != 18 {
            return Err(UsccError::Length { value, length });
        }
        let mut bytes = [0_u8; 18];
        let mut sum = 0;
        for (index, character) in value.chars().enumerate() {
            let digit = digit_value(character).ok_or_else(|| UsccError::Character {
                value: value.clone(),
                position: index + 1,
                character,
            })?;
            bytes[index] = ALPHABET[digit as usize];
            sum += WEIGHTS.get(index).map_or(0, |weight| weight * digit);
        }
        if !bytes[2..8].iter().all(u8::is_ascii_digit) {
            return Err(UsccError::Division { value });
        }
        let expected = ALPHABET[((31 - sum % 31) % 31) as usize];
        if bytes[17] != expected || bytes.iter().take(17).all(|byte| *byte == b'0') {
            return Err(UsccError::Check {
                value,
                expected: expected as char,
            });
        }
        Ok(Self(bytes))
    }

    /// A code that needs no folding, if it is valid: what nearly every cell of a file holds.
    fn parse_folded(text: &str) -> Option<Self> {
        let bytes: [u8; 18] = text.as_bytes().try_into().ok()?;
        let digits = bytes.map(|byte| DIGITS[usize::from(byte)]);
        let sum: u32 = (digits.iter().zip(WEIGHTS))
            .map(|(digit, weight)| weight * u32::from(*digit))
            .sum();
        let valid = digits.iter().all(|digit| *digit < 31)
            && bytes[2..8].iter().all(u8::is_ascii_digit)
            && u32::from(digits[17]) == (31 - sum % 31) % 31
            && digits[..17].iter().any(|digit| *digit != 0);
        valid.then_some(Self(bytes))
    }

    /// Completes 17 characters with their check character; for generators of synthetic data.
    pub fn complete(first_seventeen: &str) -> Result<Self, UsccError> {
        let mut sum = 0;
        for (character, weight) in first_seventeen.chars().zip(WEIGHTS) {
            sum += weight * digit_value(character).unwrap_or(0);
        }
        let check = ALPHABET[((31 - sum % 31) % 31) as usize] as char;
        Self::parse(&format!("{first_seventeen}{check}"))
    }

    /// The code as 18 ASCII characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The division (行政区划) the code was registered in, characters 3 to 8. Not where the company works.
    pub fn division(&self) -> &str {
        &self.as_str()[2..8]
    }

    /// Whether the organisation code inside (characters 9 to 17) satisfies its own check digit (GB 11714-1997).
    pub fn inner_check_holds(&self) -> bool {
        let sum: u32 = self.0[8..16]
            .iter()
            .zip(ORGANISATION_WEIGHTS)
            .map(|(byte, weight)| weight * organisation_value(*byte))
            .sum();
        let expected = match 11 - sum % 11 {
            10 => b'X',
            11 => b'0',
            digit => b'0' + digit as u8,
        };
        self.0[16] == expected
    }
}

fn digit_value(character: char) -> Option<u32> {
    let byte = u8::try_from(character).ok()?;
    let digit = DIGITS[usize::from(byte)];
    (digit < 31).then_some(u32::from(digit))
}

fn organisation_value(byte: u8) -> u32 {
    match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        _ => u32::from(byte - b'A') + 10,
    }
}

impl fmt::Display for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Uscc({})", self.as_str())
    }
}

impl FromStr for Uscc {
    type Err = UsccError;
    fn from_str(raw: &str) -> Result<Self, UsccError> {
        Self::parse(raw)
    }
}

impl TryFrom<String> for Uscc {
    type Error = UsccError;
    fn try_from(raw: String) -> Result<Self, UsccError> {
        Self::parse(&raw)
    }
}

impl From<Uscc> for String {
    fn from(code: Uscc) -> Self {
        code.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Structurally valid and synthetic: they name no registered company.
    const VALID: [&str; 4] = [
        "91000000000000000K",
        "91512002MA6ABCD10P",
        "91512021MA7K2P3Q9A",
        "91512022MA62U8WX9Y",
    ];

    #[test]
    fn valid_codes_are_accepted_and_folded() {
        for code in VALID {
            assert_eq!(Uscc::parse(code).unwrap().as_str(), code);
            assert_eq!(Uscc::parse(&code.to_lowercase()).unwrap().as_str(), code);
        }
    }

    #[test]
    fn every_single_substitution_is_refused() {
        for code in VALID {
            for position in 0..18 {
                for replacement in ALPHABET {
                    let mut changed = code.as_bytes().to_vec();
                    if changed[position] == *replacement {
                        continue;
                    }
                    changed[position] = *replacement;
                    let changed = String::from_utf8(changed).unwrap();
                    assert!(Uscc::parse(&changed).is_err(), "{changed} was accepted");
                }
            }
        }
    }

    #[test]
    fn each_fault_names_its_value() {
        let table = [
            ("9151", "有4位"),
            ("91512002MA6ABCD10I", "第18位是「I」"),
            ("91512002MA6ABCD10Q", "第18位应为「P」"),
            ("9151A002MA6ABCD10P", "行政区划"),
            ("000000000000000000", "校验码"),
            ("物业服务企业信用代码一二三四五六七八", "第1位是「物」"),
        ];
        for (raw, part) in table {
            let text = Uscc::parse(raw).unwrap_err().to_string();
            assert!(text.contains(part), "{raw}: {text}");
        }
    }

    #[test]
    fn the_inner_check_is_a_warning_only() {
        assert!(
            Uscc::parse("91512021MA7K2P3Q9A")
                .unwrap()
                .inner_check_holds()
        );
        let broken = Uscc::complete("91512021MA7K2P3Q8").unwrap();
        assert!(!broken.inner_check_holds());
    }

    /// Registered codes are not part of the project: a file of them, one a line, may be named by `WUXIN_USCC_LIST`.
    #[test]
    fn registered_codes_are_accepted_where_a_list_is_given() {
        let Ok(path) = std::env::var("WUXIN_USCC_LIST") else {
            return;
        };
        let list = std::fs::read_to_string(path).unwrap();
        for code in list.lines().filter(|line| !line.is_empty()) {
            let parsed = Uscc::parse(code).unwrap();
            assert_eq!(parsed.as_str(), code);
        }
    }
}
