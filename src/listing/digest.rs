//! Digests of documents.

use serde::{Deserialize, Serialize};

use crate::domain::sha256_hex;

/// SHA-256 of a document as it was issued or received, in lower-case hex.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DocumentDigest(String);

/// What is no digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("文书摘要「{0}」格式不对，应为64位十六进制 SHA-256")]
pub struct DigestError(pub String);

impl DocumentDigest {
    pub fn parse(raw: &str) -> Result<Self, DigestError> {
        let digest = sha256_hex(raw).ok_or_else(|| DigestError(raw.trim().to_owned()))?;
        Ok(Self(digest))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for DocumentDigest {
    type Error = DigestError;
    fn try_from(raw: String) -> Result<Self, DigestError> {
        Self::parse(&raw)
    }
}

impl From<DocumentDigest> for String {
    fn from(digest: DocumentDigest) -> Self {
        digest.0
    }
}
