//! Where a page ended: a cursor is bound to its question, and what is written in it is nobody's business but ours.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::Problem;
use crate::service::CompanyCursor;

/// A cursor as it goes out.
pub fn pack(bound: &impl Serialize) -> Result<String, Problem> {
    let json = serde_json::to_vec(bound).map_err(|_| Problem::new("internal"))?;
    Ok(URL_SAFE_NO_PAD.encode(json))
}

/// A cursor as it comes back. Whoever forges one asks a question that they may ask anyhow.
///
/// # Errors
/// A problem, if it is none.
pub fn unpack<T: DeserializeOwned>(
    cursor: &str,
    sound: impl FnOnce(&T) -> bool,
) -> Result<T, Problem> {
    URL_SAFE_NO_PAD
        .decode(cursor)
        .ok()
        .and_then(|json| serde_json::from_slice(&json).ok())
        .filter(sound)
        .ok_or_else(|| Problem::new("bad-request").detail("翻页参数无法识别，请重新查询"))
}

/// A cursor that answers another question.
pub fn of_another_question() -> Problem {
    Problem::new("bad-request").detail("翻页参数属于另一次查询，请重新查询")
}

/// Where a page of a search for companies ended, and the instant of its first page.
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
        pack(self)
    }

    /// Reads a cursor.
    ///
    /// # Errors
    /// A problem, if it is none or belongs to another question.
    pub fn unpack(cursor: &str, name: &str, region: Option<&str>) -> Result<Self, Problem> {
        let bound = unpack(cursor, |bound: &Self| !bound.after.name_key.contains('\0'))?;
        if bound.name != name || bound.region.as_deref() != region {
            return Err(of_another_question());
        }
        Ok(bound)
    }
}
