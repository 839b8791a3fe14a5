//! Passwords: what one must be like (NIST SP 800-63B, 5.1.1.2: long, not known, no rules of composition), and their hash.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString},
};
use data_encoding::BASE32_NOPAD;

use crate::{
    secret::Secret,
    service::{Error, FieldFault},
};

/// Shortest password, characters.
const SHORTEST: usize = 12;
/// Longest, bytes: a longer one only costs time.
const LONGEST: usize = 256;

/// Passwords long enough that everybody tries first, folded.
const COMMON: &[&str] = &[
    "123456789012",
    "1234567890123",
    "12345678901234567890",
    "1234567890ab",
    "1234567890abc",
    "1234567890qwe",
    "123456123456",
    "123123123123",
    "111111111111",
    "000000000000",
    "888888888888",
    "666666666666",
    "987654321098",
    "112233445566",
    "abcdefghijkl",
    "abcdefghijklm",
    "abcd12345678",
    "abc123abc123",
    "a1b2c3d4e5f6",
    "aaaaaaaaaaaa",
    "qwertyuiop12",
    "qwertyuiop123",
    "qwertyuiop[]",
    "qwertyuiopasdfghjkl",
    "qwerty123456",
    "qwertyqwerty",
    "1qaz2wsx3edc",
    "1qaz2wsx3edc4rfv",
    "qazwsxedcrfv",
    "asdfghjkl123",
    "zxcvbnm12345",
    "password1234",
    "password12345",
    "password123456",
    "passwordpassword",
    "p@ssw0rd1234",
    "administrator",
    "admin1234567",
    "admin123456789",
    "adminadminadmin",
    "administrator1",
    "letmeinletmein",
    "iloveyou1234",
    "woaini123456",
    "woaini1314520",
    "woainiwoaini",
    "5201314520131",
    "13145201314520",
    "zhongguo1234",
    "ziyang123456",
    "ziyangzhujian",
    "sichuan12345",
    "wuye12345678",
    "wuxinwuxinwuxin",
    "welcome12345",
    "changeme1234",
    "changemechangeme",
    "correcthorsebatterystaple",
];

/// Parameters that Argon2 does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Argon2 with {memory_kib} KiB and {passes} passes: {cause}")]
pub struct HasherError {
    pub memory_kib: u32,
    pub passes: u32,
    pub cause: String,
}

/// Argon2id with one lane.
#[derive(Debug, Clone)]
pub struct Hasher(Argon2<'static>);

impl Hasher {
    /// A hasher that takes this much memory and this many passes over it. OWASP: 19,456 KiB and 2.
    ///
    /// # Errors
    /// Parameters that Argon2 does not have.
    pub fn new(memory_kib: u32, passes: u32) -> Result<Self, HasherError> {
        let params = Params::new(memory_kib, passes, 1, None).map_err(|cause| HasherError {
            memory_kib,
            passes,
            cause: cause.to_string(),
        })?;
        Ok(Self(Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            params,
        )))
    }

    /// The hash of a password, as a PHC string.
    pub(super) fn hash(&self, password: &Secret, salt: &[u8; 16]) -> Result<String, Error> {
        let fault = |fault: argon2::password_hash::Error| Error::Hashing(fault.to_string());
        let salt = SaltString::encode_b64(salt).map_err(fault)?;
        let hash = self
            .0
            .hash_password(password.reveal().as_bytes(), &salt)
            .map_err(fault)?;
        Ok(hash.to_string())
    }

    /// Whether a password is the one of a hash. Without a hash it is not, after the same work.
    pub(super) fn fits(&self, password: &Secret, hash: Option<&str>) -> bool {
        let bytes = password.reveal().as_bytes();
        let bytes = &bytes[..bytes.len().min(LONGEST + 1)];
        match hash.and_then(|hash| PasswordHash::new(hash).ok()) {
            Some(hash) => self.0.verify_password(bytes, &hash).is_ok(),
            None => {
                let mut out = [0; 32];
                // What it gives is of no use; that it was computed is.
                let done = self.0.hash_password_into(bytes, &[0; 16], &mut out);
                std::hint::black_box((done.is_ok(), out));
                false
            }
        }
    }
}

/// What is wrong with a new password of somebody of these names.
pub(super) fn faults(password: &Secret, names: &[&str]) -> Vec<FieldFault> {
    let text = password.reveal();
    let folded = text.to_lowercase();
    let is_name = names.iter().any(|name| {
        let name = name.trim().to_lowercase();
        // A name of a few letters may be in any password; the rest of it must be long enough without the name.
        !name.is_empty()
            && folded.contains(&name)
            && folded.replace(&name, "").chars().count() < SHORTEST / 2
    });
    let fault = match () {
        () if text.chars().count() < SHORTEST => ("S002", "密码至少 12 个字符"),
        () if text.len() > LONGEST => ("S002", "密码过长"),
        () if text.contains('\0') => ("S002", "密码中不能有空字符"),
        () if is_name => ("S003", "密码不能由登录名或者姓名组成"),
        () if COMMON.contains(&folded.as_str()) || is_monotonous(&folded) => {
            ("S004", "密码过于常见，容易被猜到")
        }
        () => return Vec::new(),
    };
    vec![FieldFault::new("new", fault.0, fault.1)]
}

/// At most three different characters.
fn is_monotonous(text: &str) -> bool {
    let different: std::collections::BTreeSet<char> = text.chars().collect();
    different.len() <= 3
}

/// A password to be handed over once: 100 bits, in groups that can be read out.
pub(super) fn temporary(randomness: &[u8; 32]) -> Secret {
    let letters = BASE32_NOPAD.encode(&randomness[..15]).to_lowercase();
    let groups: Vec<&str> = (0..20)
        .step_by(5)
        .filter_map(|at| letters.get(at..at + 5))
        .collect();
    Secret::new(groups.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(password: &str) -> Vec<String> {
        let faults = faults(&Secret::new(password), &["zhang.san", "张三"]);
        faults.into_iter().map(|fault| fault.code).collect()
    }

    #[test]
    fn a_password_is_long_and_not_known_and_nothing_else_is_asked() {
        let table: &[(&str, &[&str])] = &[
            ("", &["S002"]),
            ("短短短短短短短短短短短", &["S002"]),
            ("十二个汉字就够长了没有问题", &[]),
            ("only letters here", &[]),
            ("eleven char", &["S002"]),
            ("Password1234", &["S004"]),
            ("123456789012", &["S004"]),
            ("zzzzzzzzzzzzzz", &["S004"]),
            ("zhang.san123", &["S003"]),
            ("ZHANG.SANzhang.san", &["S003"]),
            ("zhang.san walks at night", &[]),
            ("a\0bcdefghijklmnop", &["S002"]),
        ];
        for (password, expected) in table {
            assert_eq!(codes(password), *expected, "{password}");
        }
        assert_eq!(codes(&"长".repeat(200)), ["S002"]);
    }

    #[test]
    fn every_common_password_is_one_that_length_alone_would_let_through() {
        for common in COMMON {
            assert!(common.chars().count() >= SHORTEST, "{common}");
            assert_eq!(*common, common.to_lowercase());
        }
    }

    #[test]
    fn a_hash_fits_its_password_alone_and_says_how_it_was_made() {
        let hasher = Hasher::new(64, 1).unwrap();
        let right = Secret::new("an evening by the river");
        let hash = hasher.hash(&right, &[7; 16]).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{hash}");
        assert!(hasher.fits(&right, Some(&hash)));
        for (password, hash) in [
            ("an evening by the river ", Some(hash.as_str())),
            ("", Some(hash.as_str())),
            ("an evening by the river", None),
            ("an evening by the river", Some("garbage")),
        ] {
            assert!(!hasher.fits(&Secret::new(password), hash), "{password}");
        }
        // Other parameters still read it.
        assert!(Hasher::new(128, 2).unwrap().fits(&right, Some(&hash)));
        assert!(Hasher::new(1, 1).is_err());
    }

    #[test]
    fn a_password_that_was_given_is_one_that_may_be_used() {
        let given = temporary(&[3; 32]);
        assert_eq!(given.reveal().len(), 23);
        let other = temporary(&[0x9c; 32]);
        assert_ne!(given, other);
    }
}
