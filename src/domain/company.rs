//! Property-management companies (物业服务企业).

use serde::{Deserialize, Serialize};

use super::{Day, Region, Uscc};

/// A company as the registry knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Company {
    pub uscc: Uscc,
    pub name: String,
    /// Where it is supervised.
    pub region: Option<Region>,
    pub registered_on: Option<Day>,
    pub status: CompanyStatus,
    /// Name only; no identity number is kept.
    pub legal_representative: Option<String>,
    pub address: Option<String>,
    /// For notices; never exported.
    pub phone: Option<String>,
}

/// Registration status (登记状态).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum CompanyStatus {
    /// 存续
    #[default]
    Active,
    /// 停业
    Suspended,
    /// 吊销
    Revoked,
    /// 注销
    Deregistered,
}

/// A status that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "企业状态「{0}」不存在，应为 active（存续）、suspended（停业）、revoked（吊销）或 deregistered（注销）"
)]
pub struct CompanyStatusError(pub String);

impl CompanyStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
            Self::Deregistered => "deregistered",
        }
    }

    /// Reads the code or the Chinese word.
    pub fn parse(raw: &str) -> Result<Self, CompanyStatusError> {
        match raw.trim().to_lowercase().as_str() {
            "active" | "存续" | "在业" | "在营" | "开业" | "正常" => Ok(Self::Active),
            "suspended" | "停业" | "歇业" => Ok(Self::Suspended),
            "revoked" | "吊销" => Ok(Self::Revoked),
            "deregistered" | "注销" => Ok(Self::Deregistered),
            _ => Err(CompanyStatusError(raw.trim().to_owned())),
        }
    }
}
