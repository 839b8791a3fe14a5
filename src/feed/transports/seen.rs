//! What a platform shows, asked over the wire: its listing page by page, or record by record.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Carrier, HttpJson};
use crate::feed::{
    profile::Profile,
    reconcile::{ReadError, Shown, read_listing, read_record},
};

/// Pages that are read before a listing counts as endless.
const MOST_PAGES: usize = 10_000;

/// What was seen, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// Everything that the platform shows.
    Listing(Vec<Shown>),
    /// Only what was asked for: what it shows beyond that stays unseen.
    Records(Vec<Shown>),
}

impl Carrier {
    /// Whether the platform can be asked at all what it shows.
    pub fn can_be_asked(&self) -> bool {
        match self {
            Self::Receipts(http) | Self::Counts { http, .. } => {
                http.paths().listing.is_some() || http.paths().records.is_some()
            }
            Self::Folder(_) | Self::Manual => false,
        }
    }

    /// What the platform shows: by its listing if it has one, else of these records.
    ///
    /// # Errors
    /// The first answer that is not whole and plain: half a listing would make everything else look missing.
    pub async fn seen(
        &self,
        profile: &Profile,
        records: &[Uuid],
        now: &(dyn Fn() -> DateTime<Utc> + Send + Sync),
    ) -> Result<Seen, ReadError> {
        let http = match self {
            Self::Receipts(http) | Self::Counts { http, .. } => http,
            Self::Folder(_) | Self::Manual => return Err(ReadError::NotAsked),
        };
        if http.paths().listing.is_some() {
            return http.listed(profile, now).await.map(Seen::Listing);
        }
        if http.paths().records.is_none() {
            return Err(ReadError::NotAsked);
        }
        http.held(profile, records, now).await.map(Seen::Records)
    }

    /// What the public sees of these records: each is asked about, or, where that is not possible, the listing.
    ///
    /// # Errors
    /// As [`Carrier::seen`].
    pub async fn seen_of(
        &self,
        profile: &Profile,
        records: &[Uuid],
        now: &(dyn Fn() -> DateTime<Utc> + Send + Sync),
    ) -> Result<Seen, ReadError> {
        match self {
            Self::Receipts(http) | Self::Counts { http, .. } if http.paths().records.is_some() => {
                http.held(profile, records, now).await.map(Seen::Records)
            }
            _ => self.seen(profile, records, now).await,
        }
    }
}

impl HttpJson {
    async fn held(
        &self,
        profile: &Profile,
        records: &[Uuid],
        now: &(dyn Fn() -> DateTime<Utc> + Send + Sync),
    ) -> Result<Vec<Shown>, ReadError> {
        let mut rows = Vec::new();
        for record in records {
            let attempt = self.query_record(*record, now()).await;
            rows.extend(read_record(profile, *record, &attempt)?);
        }
        Ok(rows)
    }

    async fn listed(
        &self,
        profile: &Profile,
        now: &(dyn Fn() -> DateTime<Utc> + Send + Sync),
    ) -> Result<Vec<Shown>, ReadError> {
        let platform = |why: String| ReadError::Platform(why);
        let (mut rows, mut begun) = (Vec::new(), BTreeSet::new());
        let mut after: Option<String> = None;
        loop {
            let attempt = self.query_listing(after.as_deref(), now()).await;
            let page = read_listing(profile, &attempt)?;
            rows.extend(page.rows);
            let Some(next) = page.next else {
                let total = page.total.unwrap_or(rows.len() as u64);
                return if total == rows.len() as u64 {
                    Ok(rows)
                } else {
                    let found = rows.len();
                    Err(platform(format!(
                        "it counts {total} rows and listed {found}"
                    )))
                };
            };
            if begun.len() == MOST_PAGES || !begun.insert(next.clone()) {
                return Err(platform(format!("its listing does not end: page {next:?}")));
            }
            after = Some(next);
        }
    }
}
