//! The published plan: its versions one after the other, each sealed and tied to the one before. Nothing is taken out.

use serde::{Deserialize, Serialize};

use super::{YearPlan, expected::Expected};
use crate::{
    domain::Region,
    draw::{
        canonical::{self, NotCanonical},
        published::{Part, digest_of},
        words::{Bytes32, Id, Instant, says_something},
    },
};

/// What the first field of a published plan says.
pub const PLAN_FORMAT: &str = "wuxin-check-plan-1";

/// The plan that everybody may read: version 0, and its amendments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearFile {
    /// Always [`PLAN_FORMAT`].
    pub format: String,
    /// Number of the plan.
    pub plan: Id,
    pub versions: Vec<Part<YearVersion>>,
    /// SHA-256 of the canonical JSON of the file without this field.
    pub digest: Bytes32,
}

/// One version of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearVersion {
    /// 0: the plan; 1, 2, 3 ...: its amendments.
    pub number: u32,
    pub content: YearPlan,
    /// Where the ratios were taken from.
    pub rules: RulesRef,
    /// What the ratios gave of the objects there were.
    pub planned: Vec<PlannedStratum>,
    /// Why it was amended; `null` in the first version.
    pub reason: Option<String>,
    pub requested_by: Id,
    /// Another person.
    pub approved_by: Id,
    pub frozen_at: Instant,
}

/// A rule set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesRef {
    pub id: String,
    pub digest: String,
}

/// How many of how many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedStratum {
    pub task: Id,
    pub district: Region,
    pub grade: Id,
    pub objects: u64,
    pub drawn: u64,
}

/// What is wrong with a published plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum YearFindingCode {
    FileDigest,
    PartDigest,
    PartChain,
    VersionNumber,
    PlanOther,
    PlanInvalid,
    Unapproved,
    ReasonMissing,
    ClockBack,
}

/// A finding and where it is, as a JSON pointer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct YearFinding {
    pub code: YearFindingCode,
    pub at: String,
}

impl PlannedStratum {
    /// The numbers of a simulation that are frozen with the plan.
    pub fn of(expected: &Expected) -> Vec<Self> {
        let row = |one: &super::ExpectedStratum| Self {
            task: one.task.clone(),
            district: one.district.clone(),
            grade: one.grade.clone(),
            objects: one.objects,
            drawn: one.planned,
        };
        expected.strata.iter().map(row).collect()
    }
}

impl YearFile {
    /// Adds a version behind those there are; the first one begins the file.
    #[must_use]
    pub fn with(before: Option<Self>, version: YearVersion) -> Self {
        let mut file = before.unwrap_or_else(|| Self {
            format: PLAN_FORMAT.to_owned(),
            plan: version.content.plan.clone(),
            versions: Vec::new(),
            digest: Bytes32([0; 32]),
        });
        let previous = file.versions.last().map(|part| part.digest);
        file.versions.push(Part::seal(version, previous));
        file.digest = file.own_digest();
        file
    }

    /// Reads a file whose every field is in its place and in its one form.
    pub fn parse(text: &str) -> Result<Self, NotCanonical> {
        let file: Self = canonical::exactly(&canonical::parse(text)?)?;
        match file.format.as_str() {
            PLAN_FORMAT if !file.versions.is_empty() => Ok(file),
            PLAN_FORMAT => Err(NotCanonical("/versions: none".to_owned())),
            other => Err(NotCanonical(format!("/format: {other:?}"))),
        }
    }

    /// As it is published: indented, since people look at it.
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// The version that holds.
    pub fn last(&self) -> Option<&YearVersion> {
        self.versions.last().map(|part| &part.body)
    }

    fn own_digest(&self) -> Bytes32 {
        digest_of(&serde_json::to_value(self).unwrap_or_default())
    }

    /// Everything that is wrong with the file; sorted.
    pub fn findings(&self) -> Vec<YearFinding> {
        use YearFindingCode::*;
        let mut found = Vec::new();
        let mut find = |wrong: bool, code, at: &str| {
            if wrong {
                let at = at.to_owned();
                found.push(YearFinding { code, at });
            }
        };
        find(self.own_digest() != self.digest, FileDigest, "/digest");
        let mut before: Option<&Part<YearVersion>> = None;
        for (index, part) in self.versions.iter().enumerate() {
            let at = format!("/versions/{index}");
            let body = &part.body;
            let whole = serde_json::to_value(part).unwrap_or_default();
            find(digest_of(&whole) != part.digest, PartDigest, &at);
            let previous = before.map(|part| part.digest);
            find(part.previous != previous, PartChain, &at);
            find(body.number as usize != index, VersionNumber, &at);
            find(body.content.plan != self.plan, PlanOther, &at);
            find(!body.content.faults().is_empty(), PlanInvalid, &at);
            find(body.requested_by == body.approved_by, Unapproved, &at);
            let says_why = body.reason.as_deref().is_some_and(says_something);
            find(says_why != (index > 0), ReasonMissing, &at);
            let back = before.is_some_and(|before| before.body.frozen_at > body.frozen_at);
            find(back, ClockBack, &at);
            before = Some(part);
        }
        found.sort();
        found
    }
}
