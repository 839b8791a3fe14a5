//! Backups: a copy of the database and of the attachments, checked before it counts as one.
//!
//! ```text
//! FOLDER/
//!     wuxin-20260701T183000000Z.db      a whole database; copies of other days beside it
//!     wuxin-20260701T183000000Z.json    what it holds, its size and SHA-256
//!     attachments/                      every file that any copy needs, by content
//!     *.unfinished                      on its way; after a crash rubbish, and gone with the next run
//! ```
//!
//! A copy gets its name by a rename, after it was synced, opened, checked by SQLite page by page and counted. Whatever happens
//! before, there is no copy that is not whole.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::App;
use crate::store::{
    StoreError,
    backup::{Contents, CopyError, inspect},
    blobs::{BlobError, Blobs},
};

const UNFINISHED: &str = "unfinished";

/// What a copy is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub taken_at: DateTime<Utc>,
    pub bytes: u64,
    /// Of the file, 64 hex digits.
    pub sha256: String,
    /// Versions of the schema.
    pub schema: Vec<String>,
    /// Rows of each table.
    pub rows: BTreeMap<String, i64>,
    /// Files of attachments that were there.
    pub attachments: usize,
}

/// What a backup came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum BackedUp {
    /// A copy of a SQLite database.
    Copy {
        file: PathBuf,
        manifest: Manifest,
        /// Files of attachments that no earlier copy had.
        attachments_copied: usize,
        /// Older copies that were let go.
        removed: Vec<PathBuf>,
    },
    /// The operator's own backup of a PostgreSQL database is recent enough.
    ByOperator { marker: PathBuf, hours_old: i64 },
}

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("backup.folder is not set")]
    NoFolder,
    #[error("{}: the folder is not there; it is not made, as it may be a disk that is away", .0.display())]
    FolderAway(PathBuf),
    #[error("{}: another backup is being made there", .0.display())]
    Busy(PathBuf),
    #[error("{}: {source}", .path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Copy(#[from] CopyError),
    #[error("{}: the copy holds {found} rows of {table}, the database held {before} before and {after} after", .file.display())]
    Count {
        file: PathBuf,
        table: String,
        before: i64,
        found: i64,
        after: i64,
    },
    #[error("{}: {what} is not what the manifest says", .file.display())]
    Manifest { file: PathBuf, what: &'static str },
    #[error("attachments: {0}")]
    Attachments(#[from] BlobError),
    #[error(
        "PostgreSQL is backed up by its operator with pg_dump; set backup.marker to a file that this writes when it is done"
    )]
    NoMarker,
    #[error(
        "PostgreSQL is backed up by its operator: {} is {hours_old} h old, {allowed} h are allowed", .marker.display()
    )]
    Stale {
        marker: PathBuf,
        hours_old: i64,
        allowed: i64,
    },
}

impl BackedUp {
    /// In a line.
    pub fn summary(&self) -> String {
        match self {
            Self::Copy {
                file,
                manifest,
                attachments_copied,
                removed,
            } => format!(
                "{}: {} bytes, {} rows, {} attachments ({attachments_copied} new); {} older let go",
                file.display(),
                manifest.bytes,
                manifest.rows.values().sum::<i64>(),
                manifest.attachments,
                removed.len()
            ),
            Self::ByOperator { marker, hours_old } => format!(
                "the operator's own backup is {hours_old} h old ({})",
                marker.display()
            ),
        }
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> BackupError + use<> {
    let path = path.to_owned();
    move |source| BackupError::Io { path, source }
}

/// Makes a backup, or looks at the operator's.
pub fn back_up(app: &App, now: DateTime<Utc>) -> Result<BackedUp, BackupError> {
    if !app.store.is_embedded() {
        return watch(app, now);
    }
    let folder = app.backup.folder.as_deref().ok_or(BackupError::NoFolder)?;
    if !folder.is_dir() {
        return Err(BackupError::FolderAway(folder.to_owned()));
    }
    let lock_file = folder.join(".lock");
    let lock = File::create(&lock_file).map_err(at(&lock_file))?;
    // Held until this process lets go of it, however it ends.
    lock.try_lock()
        .map_err(|_| BackupError::Busy(folder.to_owned()))?;
    for left in files(folder)? {
        if left.extension().is_some_and(|ending| ending == UNFINISHED) {
            fs::remove_file(&left).map_err(at(&left))?;
        }
    }
    let name = now.format("wuxin-%Y%m%dT%H%M%S%3fZ").to_string();
    let file = folder.join(format!("{name}.db"));
    let unfinished = folder.join(format!("{name}.db.{UNFINISHED}"));
    let before = app.store.contents()?;
    app.store.backup(&unfinished)?;
    let after = app.store.contents()?;
    File::open(&unfinished)
        .and_then(|copy| copy.sync_all())
        .map_err(at(&unfinished))?;
    let copy = inspect(&unfinished)?;
    compare(&unfinished, &before, &copy, &after)?;
    // After the database: then every row has its file.
    let (attachments, attachments_copied) = app
        .attachments
        .copy_to(&Blobs::new(folder.join("attachments")))?;
    let (bytes, sha256) = digest(&unfinished)?;
    let manifest = Manifest {
        taken_at: now,
        bytes,
        sha256,
        schema: copy.schema,
        rows: copy.rows,
        attachments,
    };
    write_manifest(&file, &manifest)?;
    fs::rename(&unfinished, &file).map_err(at(&file))?;
    sync(folder)?;
    let removed = let_go(folder, app.backup.keep)?;
    Ok(BackedUp::Copy {
        file,
        manifest,
        attachments_copied,
        removed,
    })
}

/// Checks a copy: its pages, its references, and what its manifest says, if it has one.
pub fn verify(file: &Path) -> Result<(Contents, Option<Manifest>), BackupError> {
    let contents = inspect(file)?;
    let path = file.with_extension("json");
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok((contents, None)),
        Err(fault) => return Err(at(&path)(fault)),
    };
    let differs = |what| BackupError::Manifest {
        file: file.to_owned(),
        what,
    };
    let manifest: Manifest = serde_json::from_str(&text).map_err(|_| differs("its own form"))?;
    if manifest.rows != contents.rows {
        return Err(differs("the number of rows"));
    }
    if manifest.schema != contents.schema {
        return Err(differs("the schema"));
    }
    if (manifest.bytes, manifest.sha256.clone()) != digest(file)? {
        return Err(differs("the content"));
    }
    Ok((contents, Some(manifest)))
}

/// What is only ever added to cannot have fewer rows than before, nor more than after; if nobody wrote meanwhile, all counts
/// are the same.
fn compare(
    file: &Path,
    before: &Contents,
    copy: &Contents,
    after: &Contents,
) -> Result<(), BackupError> {
    let rows = |contents: &Contents, table: &str| contents.rows.get(table).copied().unwrap_or(0);
    let quiet = before == after;
    for table in after.rows.keys() {
        let (least, found, most) = (rows(before, table), rows(copy, table), rows(after, table));
        let bounded = quiet || before.append_only.contains(table);
        if bounded && !(least..=most).contains(&found) {
            return Err(BackupError::Count {
                file: file.to_owned(),
                table: table.clone(),
                before: least,
                found,
                after: most,
            });
        }
    }
    Ok(())
}

fn watch(app: &App, now: DateTime<Utc>) -> Result<BackedUp, BackupError> {
    let marker = app.backup.marker.clone().ok_or(BackupError::NoMarker)?;
    let written = fs::metadata(&marker)
        .and_then(|metadata| metadata.modified())
        .map_err(at(&marker))?;
    let hours_old = (now - DateTime::<Utc>::from(written)).num_hours();
    let allowed = app.backup.marker_hours;
    if hours_old > allowed {
        return Err(BackupError::Stale {
            marker,
            hours_old,
            allowed,
        });
    }
    Ok(BackedUp::ByOperator { marker, hours_old })
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, BackupError> {
    let listed = fs::read_dir(folder).map_err(at(folder))?;
    let mut found = listed
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<Vec<_>>>()
        .map_err(at(folder))?;
    found.sort();
    Ok(found)
}

/// The copies in a folder, the oldest first.
fn copies(folder: &Path) -> Result<Vec<PathBuf>, BackupError> {
    let is_copy = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("wuxin-") && name.ends_with(".db")
    };
    Ok(files(folder)?.into_iter().filter(is_copy).collect())
}

/// Removes the oldest copies beyond `keep`, never the last one. Attachments stay: a later copy may need them.
fn let_go(folder: &Path, keep: usize) -> Result<Vec<PathBuf>, BackupError> {
    let mut copies = copies(folder)?;
    copies.truncate(copies.len().saturating_sub(keep.max(1)));
    for copy in &copies {
        fs::remove_file(copy).map_err(at(copy))?;
        let manifest = copy.with_extension("json");
        match fs::remove_file(&manifest) {
            Err(fault) if fault.kind() != io::ErrorKind::NotFound => {
                return Err(at(&manifest)(fault));
            }
            _ => {}
        }
    }
    Ok(copies)
}

fn write_manifest(file: &Path, manifest: &Manifest) -> Result<(), BackupError> {
    let path = file.with_extension("json");
    let unfinished = file.with_extension(format!("json.{UNFINISHED}"));
    let text = serde_json::to_vec_pretty(manifest)
        .map_err(|fault| at(&unfinished)(io::Error::other(fault)))?;
    fs::write(&unfinished, text)
        .and_then(|()| File::open(&unfinished)?.sync_all())
        .and_then(|()| fs::rename(&unfinished, &path))
        .map_err(at(&path))
}

/// Size and SHA-256 of a file.
fn digest(file: &Path) -> Result<(u64, String), BackupError> {
    let mut hash = Sha256::new();
    let bytes = File::open(file)
        .and_then(|mut file| io::copy(&mut file, &mut hash))
        .map_err(at(file))?;
    Ok((bytes, hex::encode(hash.finalize())))
}

/// Makes the renames in a folder durable.
#[cfg(unix)]
fn sync(folder: &Path) -> Result<(), BackupError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(at(folder))
}

/// Folders cannot be synced there.
#[cfg(not(unix))]
fn sync(_: &Path) -> Result<(), BackupError> {
    Ok(())
}
