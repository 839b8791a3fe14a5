//! Sealing: the key and the exact bytes of a batch, fixed before the first byte leaves (feed G3).

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use sm3::{Digest, Sm3};

use super::{
    EntryVersion,
    body::{Head, body},
};
use crate::{
    domain::Day,
    feed::{
        canonical::{CanonicalRecord, Op},
        profile::{NamingError, Profile, RenderFault, render},
    },
};

/// What a batch carries, in the order in which batches go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchKind {
    Withdrawals,
    Changes,
    /// No record: the report of an empty slot.
    Zero,
}

/// What is sealed.
#[derive(Debug, Clone, Copy)]
pub struct SealRequest<'a> {
    /// Name of the target.
    pub target: &'a str,
    pub kind: BatchKind,
    /// Number of the batch, without gaps per target; the store gives it in the transaction that keeps the batch.
    pub sequence: u64,
    pub sealed_at: DateTime<Utc>,
    /// The records in outbox order; none for a zero report.
    pub records: &'a [CanonicalRecord],
}

/// A batch that never changes again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedBatch {
    /// Idempotency key: 64 hex digits.
    pub key: String,
    pub target: String,
    pub sequence: u64,
    pub kind: BatchKind,
    pub sealed_at: DateTime<Utc>,
    pub entries: Vec<SealedEntry>,
    /// What is sent, to the byte.
    pub body: Vec<u8>,
    /// SM3 of the body, 64 hex digits.
    pub digest: String,
}

/// What is remembered of a record in a sealed batch, to read its receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedEntry {
    #[serde(flatten)]
    pub entry: EntryVersion,
    pub op: Op,
    pub withdrawal: bool,
    /// Digest of the canonical record.
    pub digest: String,
}

/// Why a batch is not sealed. A record that does not fit must be taken out first: it never blocks the others (G6).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error("record {entry:?} does not fit the profile: {}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("；"))]
    Record {
        entry: EntryVersion,
        faults: Vec<RenderFault>,
    },
    #[error("a batch of {found} records is larger than the profile's {largest}")]
    TooMany { found: usize, largest: usize },
    #[error("entry {0:?} is twice in one batch")]
    Twice(EntryVersion),
    #[error("a {kind:?} batch cannot have {found} records, of which {withdrawals} are withdrawals")]
    Kind {
        kind: BatchKind,
        found: usize,
        withdrawals: usize,
    },
    #[error("the batch is not JSON: {0}")]
    Json(String),
    #[error("the batch is no CSV file: {0}")]
    Csv(String),
    #[error("the batch is no workbook: {0}")]
    Workbook(String),
    #[error("the batch has no file name: {0}")]
    Name(#[from] NamingError),
}

/// Fixes key and bytes. The same request under the same profile gives the same bytes.
pub fn seal(request: SealRequest<'_>, profile: &Profile) -> Result<SealedBatch, SealError> {
    let entries: Vec<SealedEntry> = request.records.iter().map(sealed_entry).collect();
    check(&request, &entries, profile)?;
    let mut records = Vec::with_capacity(request.records.len());
    for (record, sealed) in request.records.iter().zip(&entries) {
        let entry = sealed.entry;
        records
            .push(render(profile, record).map_err(|faults| SealError::Record { entry, faults })?);
    }
    let key = idempotency_key(&request);
    let local = request
        .sealed_at
        .with_timezone(&chrono_tz::Asia::Shanghai)
        .fixed_offset();
    let day = Day::of(request.sealed_at);
    let head = Head {
        key: &key,
        target: request.target,
        sequence: request.sequence,
        kind: request.kind,
        day,
        sealed_at: local.to_rfc3339_opts(SecondsFormat::Secs, false),
        profile: &profile.id,
        profile_version: profile.version,
        count: entries.len(),
        withdrawals: entries.iter().filter(|entry| entry.withdrawal).count(),
    };
    if let Some(naming) = profile.transport.naming() {
        // A number that has outgrown its digits is found now, not when the file is to be written.
        naming.name(day, request.sequence)?;
    }
    let body = body(profile, head, &records, request.sealed_at)?;
    let digest = hex::encode(Sm3::digest(&body));
    Ok(SealedBatch {
        key,
        target: request.target.to_owned(),
        sequence: request.sequence,
        kind: request.kind,
        sealed_at: request.sealed_at,
        entries,
        body,
        digest,
    })
}

fn sealed_entry(record: &CanonicalRecord) -> SealedEntry {
    let fields = record.fields();
    SealedEntry {
        entry: EntryVersion {
            record_id: fields.record_id,
            version: fields.record_version,
        },
        op: fields.op,
        withdrawal: record.is_withdrawal(),
        digest: record.digest().to_owned(),
    }
}

fn check(
    request: &SealRequest<'_>,
    entries: &[SealedEntry],
    profile: &Profile,
) -> Result<(), SealError> {
    let (found, largest) = (entries.len(), profile.batch_size);
    if found > largest {
        return Err(SealError::TooMany { found, largest });
    }
    let mut seen = std::collections::BTreeSet::new();
    if let Some(twice) = entries
        .iter()
        .find(|sealed| !seen.insert(sealed.entry.record_id))
    {
        return Err(SealError::Twice(twice.entry));
    }
    let withdrawals = entries.iter().filter(|sealed| sealed.withdrawal).count();
    let fits = match request.kind {
        BatchKind::Withdrawals => found > 0 && withdrawals == found,
        BatchKind::Changes => found > 0 && withdrawals == 0,
        BatchKind::Zero => found == 0,
    };
    let kind = request.kind;
    fits.then_some(()).ok_or(SealError::Kind {
        kind,
        found,
        withdrawals,
    })
}

/// SM3 over target, number and record versions. The number is in it because a record that was refused for the time
/// being goes again in a later batch, which must not get the answer of the first.
fn idempotency_key(request: &SealRequest<'_>) -> String {
    let mut hash = Sm3::new();
    hash.update(format!("{}\n{}\n", request.target, request.sequence));
    for record in request.records {
        let fields = record.fields();
        let (id, version, op) = (fields.record_id, fields.record_version, fields.op.code());
        hash.update(format!("{id}|{version}|{op}\n"));
    }
    hex::encode(hash.finalize())
}
