//! Signatures over timestamp, nonce and body, where a platform wants them.

use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use serde::Deserialize;
use sha2::Sha256;
use sm3::Sm3;

use crate::secret::Secret;

/// How requests are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Signing {
    #[serde(rename = "hmac-sm3")]
    HmacSm3,
    #[serde(rename = "hmac-sha256")]
    HmacSha256,
}

/// Signs requests with a key that is shared with the platform.
#[derive(Debug, Clone)]
pub struct Signer {
    signing: Signing,
    key: Secret,
    /// Names the key, if the platform has several.
    app: Option<String>,
}

impl Signer {
    pub fn new(signing: Signing, key: Secret, app: Option<String>) -> Self {
        Self { signing, key, app }
    }

    /// The headers of one request: `X-Timestamp` in seconds, `X-Nonce`, `X-App-Key`, and `X-Signature`, hex over
    /// `timestamp LF nonce LF body`. Every try has a time and a nonce of its own; the body stays the same.
    pub fn headers(
        &self,
        now: DateTime<Utc>,
        nonce: &str,
        body: &[u8],
    ) -> Vec<(&'static str, String)> {
        let timestamp = now.timestamp().to_string();
        let message = [timestamp.as_bytes(), b"\n", nonce.as_bytes(), b"\n", body].concat();
        let mut headers = vec![
            ("X-Timestamp", timestamp),
            ("X-Nonce", nonce.to_owned()),
            ("X-Signature", self.signature(&message)),
        ];
        headers.extend(self.app.clone().map(|app| ("X-App-Key", app)));
        headers
    }

    fn signature(&self, message: &[u8]) -> String {
        let key = self.key.reveal().as_bytes();
        // A key of any length is taken: these cannot fail.
        match self.signing {
            Signing::HmacSm3 => Hmac::<Sm3>::new_from_slice(key)
                .map(|mac| hex::encode(mac.chain_update(message).finalize().into_bytes())),
            Signing::HmacSha256 => Hmac::<Sha256>::new_from_slice(key)
                .map(|mac| hex::encode(mac.chain_update(message).finalize().into_bytes())),
        }
        .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::samples::at;

    #[test]
    fn signatures_are_those_of_the_standards() {
        // RFC 4231, test case 2.
        let key = || Secret::new("Jefe");
        let sha = Signer::new(Signing::HmacSha256, key(), None);
        assert_eq!(
            sha.signature(b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        // By the definition of HMAC (RFC 2104) over SM3 (GB/T 32905-2016), computed step by step.
        let mut padded = b"Jefe".to_vec();
        padded.resize(64, 0);
        let pad = |with: u8| padded.iter().map(|byte| byte ^ with).collect::<Vec<_>>();
        let hash = |parts: &[&[u8]]| <Sm3 as sm3::Digest>::digest(parts.concat()).to_vec();
        let inner = hash(&[&pad(0x36), b"text"]);
        let expected = hex::encode(hash(&[&pad(0x5c), &inner]));
        let sm3 = Signer::new(Signing::HmacSm3, key(), Some("k1".into()));
        assert_eq!(sm3.signature(b"text"), expected);
        let headers = sm3.headers(at(10, 0), "n", b"{}");
        let timestamp = at(10, 0).timestamp();
        assert_eq!(headers[0], ("X-Timestamp", timestamp.to_string()));
        assert_eq!(
            headers[2].1,
            sm3.signature(format!("{timestamp}\nn\n{{}}").as_bytes())
        );
        assert_eq!(headers[3], ("X-App-Key", "k1".into()));
        assert!(!format!("{sm3:?}").contains("Jefe"));
    }
}
