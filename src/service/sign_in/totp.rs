//! Codes that change every thirty seconds: RFC 6238 with HMAC-SHA-1 and six digits, as every authenticator has it.

use chrono::{DateTime, Utc};
use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, Mac};
use sha1::Sha1;
use subtle::ConstantTimeEq;

const STEP_SECONDS: i64 = 30;
/// Clocks of telephones differ: one step before and one after are taken too.
const DRIFT: i64 = 1;

/// The secret as people type it: base32.
pub(super) fn secret(randomness: &[u8; 20]) -> String {
    BASE32_NOPAD.encode(randomness)
}

/// The time step whose code this is, unless that step, or one after it, was used before.
pub(super) fn step_of(secret: &str, code: &str, now: DateTime<Utc>, used: i64) -> Option<i64> {
    let key = BASE32_NOPAD.decode(secret.as_bytes()).ok()?;
    if key.is_empty() {
        return None;
    }
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let current = now.timestamp().div_euclid(STEP_SECONDS);
    (current - DRIFT..=current + DRIFT)
        .filter(|step| *step > used)
        .find(|step| {
            let expected = format!("{:06}", code_at(&key, *step));
            expected.as_bytes().ct_eq(code.as_bytes()).into()
        })
}

/// What an authenticator reads from a picture.
pub(super) fn uri(issuer: &str, login: &str, secret: &str) -> String {
    let label = format!("{}:{}", escape(issuer), escape(login));
    format!(
        "otpauth://totp/{label}?secret={secret}&issuer={}&algorithm=SHA1&digits=6&period=30",
        escape(issuer)
    )
}

/// The code that an authenticator shows at an instant; for tests and rehearsals.
pub fn code(secret: &str, now: DateTime<Utc>) -> Option<String> {
    let key = BASE32_NOPAD.decode(secret.as_bytes()).ok()?;
    let step = now.timestamp().div_euclid(STEP_SECONDS);
    Some(format!("{:06}", code_at(&key, step)))
}

fn code_at(key: &[u8], step: i64) -> u32 {
    // HMAC takes a key of any length, so that this never fails.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(key) else {
        return u32::MAX;
    };
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest[19] & 0x0f);
    let four = [
        digest[offset] & 0x7f,
        digest[offset + 1],
        digest[offset + 2],
        digest[offset + 3],
    ];
    u32::from_be_bytes(four) % 1_000_000
}

fn escape(text: &str) -> String {
    let keep = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    text.bytes()
        .map(|byte| match keep(&byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    /// RFC 6238, appendix B, the last six of its eight digits.
    #[test]
    fn the_codes_are_those_of_the_standard() {
        let secret = BASE32_NOPAD.encode(b"12345678901234567890");
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(&secret, at(seconds)).unwrap(), expected, "{seconds}");
            let step = step_of(&secret, expected, at(seconds), 0);
            assert_eq!(step, Some(seconds / 30));
        }
    }

    #[test]
    fn a_code_is_taken_once_and_only_near_its_time() {
        let secret = secret(&[9; 20]);
        let code = code(&secret, at(3_000)).unwrap();
        for (seconds, used, expected) in [
            (3_000, 0, Some(100)),
            (2_970, 0, Some(100)),
            (3_059, 0, Some(100)),
            (2_969, 0, None),
            (3_060, 0, None),
            (3_000, 100, None),
            (3_000, 101, None),
        ] {
            assert_eq!(
                step_of(&secret, &code, at(seconds), used),
                expected,
                "{seconds}"
            );
        }
        let spaced = format!("{} {}", &code[..3], &code[3..]);
        assert!(step_of(&secret, &spaced, at(3_000), 0).is_some());
        for wrong in ["", "00000", "0000000", "abcdef"] {
            assert_eq!(step_of(&secret, wrong, at(3_000), 0), None, "{wrong}");
        }
        assert_eq!(step_of("", &code, at(3_000), 0), None);
        assert_eq!(step_of("not base32!", &code, at(3_000), 0), None);
    }

    #[test]
    fn the_address_for_the_picture_is_escaped() {
        assert_eq!(
            uri("物信", "a:b&c", "ABC"),
            "otpauth://totp/%E7%89%A9%E4%BF%A1:a%3Ab%26c?secret=ABC&issuer=%E7%89%A9%E4%BF%A1&algorithm=SHA1&digits=6&period=30"
        );
    }
}
