//! The seed of a draw, and the keys that put objects and officers in order.

use serde::{Deserialize, Serialize};

use super::{
    canonical,
    event::{Event, EventValue},
    plan::{ALGORITHM, Plan},
    words::{Bytes32, Id},
};
use crate::domain::Region;

/// What decides everything that the plan leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seed(pub Bytes32);

/// `C = SHA-256(salt || canonical plan)`.
pub fn plan_digest(salt: &Bytes32, plan: &Plan) -> Bytes32 {
    Bytes32::digest(&[&salt.0, &canonical::bytes_of(plan)])
}

/// `K = SHA-256(s)`.
pub fn secret_digest(secret: &Bytes32) -> Bytes32 {
    Bytes32::digest(&[&secret.0])
}

impl Seed {
    /// `SHA-256("wuxin-draw-v1" || C || K || E || value of E || s)`. C, K and s are 32 bytes each, E and its value
    /// canonical JSON, which shows its own end: no two different inputs give the same bytes. Nothing if the
    /// event has no whole value.
    pub fn of(
        plan_digest: &Bytes32,
        secret_digest: &Bytes32,
        event: &Event,
        value: &EventValue,
        secret: &Bytes32,
    ) -> Option<Self> {
        let value = value.for_seed()?;
        Some(Self(Bytes32::digest(&[
            ALGORITHM.as_bytes(),
            &plan_digest.0,
            &secret_digest.0,
            &canonical::bytes_of(event),
            &value,
            &secret.0,
        ])))
    }

    /// Keys of the objects of one stratum: `SHA-256(seed || "obj" || stratum || id)`.
    pub(super) fn objects(self, district: &Region, grade: &Id) -> impl Fn(&Id) -> Bytes32 {
        let stratum = canonical::bytes_of(&(district, grade));
        move |id| Bytes32::digest(&[&self.0.0, b"obj", &stratum, &quoted(id)])
    }

    /// Keys of the officers for one object: `SHA-256(seed || "off" || object || officer)`. The officer is given quoted.
    pub(super) fn officers(self, object: &Id) -> impl FnMut(&[u8]) -> Bytes32 {
        // There are objects times officers of these: each is one digest over one buffer, whose beginning stays.
        let mut text = [&self.0.0[..], b"off", &quoted(object)].concat();
        let object = text.len();
        move |officer| {
            text.truncate(object);
            text.extend_from_slice(officer);
            Bytes32::digest(&[&text])
        }
    }
}

/// The canonical JSON of an id: no character of an id is escaped.
pub(super) fn quoted(id: &Id) -> Vec<u8> {
    format!("\"{id}\"").into_bytes()
}
