//! The published file: one JSON document that grows with the draw, each part sealed and tied to the one before.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    canonical::{self, NotCanonical},
    event::{Event, EventValue},
    outcome::Outcome,
    plan::Plan,
    roster::Substitution,
    words::{Bytes32, Id, Instant, says_something},
};

/// What the first field of a published file says.
pub const FORMAT: &str = "wuxin-draw-1";

/// The file that everybody may read. Before the reveal it holds nothing that tells who is drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// Always [`FORMAT`].
    pub format: String,
    /// Number of the draw.
    pub draw: Id,
    /// The draw and its redraws, all of them, in order.
    pub attempts: Vec<Attempt>,
    /// SHA-256 of the canonical JSON of the file without this field.
    pub digest: Bytes32,
}

/// One draw from commitment to result. What has not happened yet is `null`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    pub commitment: Part<Commitment>,
    pub event: Option<Part<Observed>>,
    pub reveal: Option<Part<Reveal>>,
    /// Absent in a revealed attempt only if it has no result: a contribution missing, or no feasible teams.
    pub result: Option<Part<Outcome>>,
    pub substitutions: Vec<Part<Substitution>>,
}

/// A part of the file with the digest of the part before it and its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part<T> {
    #[serde(flatten)]
    pub body: T,
    /// Of the commitment: the commitment of the attempt before, `null` in the first. Of the others: the part before.
    pub previous: Option<Bytes32>,
    /// SHA-256 of the canonical JSON of the part without this field.
    pub digest: Bytes32,
}

/// What is published before the event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commitment {
    pub algorithm: String,
    /// Attempts are numbered from 1.
    pub number: u32,
    /// `C`.
    pub plan_digest: Bytes32,
    /// `K`.
    pub secret_digest: Bytes32,
    /// `E`.
    pub event: Event,
    pub committed_at: Instant,
    /// A later reveal is late, in public.
    pub reveal_by: Instant,
    /// In every attempt but the first.
    pub redraw: Option<Redraw>,
}

/// Why it is drawn again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redraw {
    pub reason: String,
    pub requested_by: Id,
    /// Another person.
    pub approved_by: Id,
}

/// The value of the event, published when it is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    pub value: EventValue,
    pub observed_at: Instant,
}

/// What was committed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reveal {
    /// `s`.
    pub secret: Bytes32,
    pub salt: Bytes32,
    pub plan: Plan,
    pub revealed_at: Instant,
}

impl Redraw {
    /// Whether it says why, and two different people stand behind it.
    pub fn is_approved(&self) -> bool {
        says_something(&self.reason) && self.requested_by != self.approved_by
    }
}

impl<T: Serialize> Part<T> {
    /// Seals a part behind the one with this digest.
    pub fn seal(body: T, previous: Option<Bytes32>) -> Self {
        let mut part = Self {
            body,
            previous,
            digest: Bytes32([0; 32]),
        };
        part.digest = digest_of(&serde_json::to_value(&part).unwrap_or_default());
        part
    }
}

impl Attempt {
    /// Digest of the part that stands last, before the substitutions.
    pub(super) fn last(&self) -> Bytes32 {
        let event = self.event.as_ref().map(|part| part.digest);
        let reveal = self.reveal.as_ref().map(|part| part.digest);
        let result = self.result.as_ref().map(|part| part.digest);
        result
            .or(reveal)
            .or(event)
            .unwrap_or(self.commitment.digest)
    }
}

impl Published {
    /// Reads a file whose every field is in its place and in its one form.
    pub fn parse(text: &str) -> Result<Self, NotCanonical> {
        Self::read(&canonical::parse(text)?)
    }

    pub(super) fn read(value: &Value) -> Result<Self, NotCanonical> {
        let file: Self = canonical::exactly(value)?;
        match file.format.as_str() {
            FORMAT if !file.attempts.is_empty() => Ok(file),
            FORMAT => Err(NotCanonical("/attempts: none".to_owned())),
            other => Err(NotCanonical(format!("/format: {other:?}"))),
        }
    }

    /// The file with its digest made anew.
    #[must_use]
    pub fn sealed(mut self) -> Self {
        self.digest = digest_of(&serde_json::to_value(&self).unwrap_or_default());
        self
    }

    /// As it is published: indented, since people look at it.
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

/// SHA-256 of the canonical JSON of an object without its field `digest`.
pub(super) fn digest_of(value: &Value) -> Bytes32 {
    let bytes = match value.as_object() {
        Some(fields) => canonical::bytes_without(fields, "digest"),
        None => canonical::bytes(value),
    };
    Bytes32::digest(&[&bytes])
}
