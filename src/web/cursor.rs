//! Where a page of a search ended: bound to its question and to the instant of its first page.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Problem;
use crate::service::CompanyCursor;

/// A cursor. Whoever forges one asks a question that they may ask anyhow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    pub name: String,
    pub region: Option<String>,
    pub snapshot: DateTime<Utc>,
    pub after: CompanyCursor,
}

impl Bound {
    pub fn pack(&self) -> Result<String, Problem> {
        let json = serde_json::to_vec(self).map_err(|_| Problem::new("internal"))?;
        Ok(URL_SAFE_NO_PAD.encode(json))
    }

    /// Reads a cursor.
    ///
    /// # Errors
    /// A problem, if it is none or belongs to another question.
    pub fn unpack(cursor: &str, name: &str, region: Option<&str>) -> Result<Self, Problem> {
        let bound: Self = URL_SAFE_NO_PAD
            .decode(cursor)
            .ok()
            .and_then(|json| serde_json::from_slice(&json).ok())
            .filter(|bound: &Self| !bound.after.name_key.contains('\0'))
            .ok_or_else(|| Problem::new("bad-request").detail("翻页参数无法识别，请重新查询"))?;
        if bound.name != name || bound.region.as_deref() != region {
            return Err(Problem::new("bad-request").detail("翻页参数属于另一次查询，请重新查询"));
        }
        Ok(bound)
    }
}
