//! Batches as files for a person: their sealed bytes, never over other ones.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{
    Publisher,
    rows::{open_of, standing},
};
use crate::{
    domain::Day,
    feed::transports::keep_file,
    service::Error,
    store::{Db, feed as outbox},
};

/// A batch that was written to a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exported {
    pub batch: i64,
    pub records: usize,
    pub file: PathBuf,
    /// SM3 of the file.
    pub sm3: String,
}

impl Publisher {
    /// Writes a batch by its number, or every batch that was handed over and has no receipt, into a folder.
    ///
    /// # Errors
    /// [`Error::Missing`] if no batch has this number, [`Error::Feed`] if the profile makes no files, the batch was not
    /// handed over, or the file cannot be written.
    pub fn export(
        &self,
        db: &mut Db,
        number: Option<i64>,
        folder: &Path,
    ) -> Result<Vec<Exported>, Error> {
        let naming =
            self.profile.transport.naming().ok_or_else(|| {
                Error::Feed(format!("profile {} makes no files", self.profile.id))
            })?;
        let batches = match number {
            Some(number) => {
                let found = outbox::batch_numbered(db, &self.target, number)?;
                vec![found.ok_or_else(|| Error::Missing {
                    what: "推送批次",
                    id: number.to_string(),
                })?]
            }
            None => open_of(db, &self.target)?,
        };
        let mut exported = Vec::new();
        for batch in batches {
            let open = standing(db, batch)?;
            if number.is_none() && !open.handed_over {
                continue;
            }
            let batch = &open.batch;
            let name = naming
                .name(Day::of(batch.sealed_at), batch.number.unsigned_abs())
                .map_err(|fault| Error::Feed(fault.to_string()))?;
            let file = keep_file(folder, &name, &batch.sealed.body)
                .map_err(|fault| Error::Feed(fault.to_string()))?;
            exported.push(Exported {
                batch: batch.number,
                records: open.changes.len(),
                file,
                sm3: batch.sealed.digest.clone(),
            });
        }
        Ok(exported)
    }
}
