//! Files in a folder that the platform, or a courier, takes them from; return files in another.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use sm3::{Digest, Sm3};

use crate::{
    domain::Day,
    feed::{
        batch::SealedBatch,
        canonical::Op,
        profile::{Naming, NamingError},
    },
};

/// Largest return file that is read, in bytes.
const LARGEST_RETURN: u64 = 64 * 1024 * 1024;

/// The folders of one target.
#[derive(Debug, Clone)]
pub struct Folder {
    out: PathBuf,
    returns: Option<PathBuf>,
    naming: Naming,
    profile: String,
}

/// What stands beside a batch file as `NAME.ok`: without it the file is not complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Manifest {
    /// Number of the batch.
    batch: u64,
    key: String,
    target: String,
    profile: String,
    file: String,
    bytes: usize,
    sm3: String,
    records: usize,
    adds: usize,
    updates: usize,
    withdrawals: usize,
    sent_at: String,
}

/// A file that came back for a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnFile {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Why a file is not there.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: io::Error },
    #[error(
        "{0} is there with other bytes; it is never overwritten: move it away and release the batch"
    )]
    OtherBytes(PathBuf),
    #[error("{path} has {bytes} bytes, more than {LARGEST_RETURN}")]
    Large { path: PathBuf, bytes: u64 },
    #[error(transparent)]
    Name(#[from] NamingError),
}

impl FolderError {
    /// Whether something else has the name.
    pub fn is_collision(&self) -> bool {
        matches!(self, Self::OtherBytes(_))
    }
}

impl Folder {
    pub fn new(out: PathBuf, returns: Option<PathBuf>, naming: Naming, profile: String) -> Self {
        Self {
            out,
            returns,
            naming,
            profile,
        }
    }

    /// Writes a batch and then its manifest; what is there already with the same bytes stays. Gives the name.
    pub fn put(&self, batch: &SealedBatch, now: DateTime<Utc>) -> Result<String, FolderError> {
        let name = self.name(batch)?;
        keep_file(&self.out, &name, &batch.body)?;
        let manifest = self.manifest(batch, &name, now);
        let ok = format!("{name}.ok");
        match self.known_manifest(&ok)? {
            // Written by an earlier try, at its own time.
            Some(known) if known.key == manifest.key && known.sm3 == manifest.sm3 => {}
            Some(_) => return Err(FolderError::OtherBytes(self.out.join(&ok))),
            None => {
                let text = serde_json::to_vec(&manifest).map_err(|fault| FolderError::Io {
                    path: self.out.join(&ok),
                    source: fault.into(),
                })?;
                keep_file(&self.out, &ok, &text)?;
            }
        }
        Ok(name)
    }

    /// Whether anything of a batch lies in the folder. The other side may take files away, so that nothing there says
    /// little.
    pub fn holds(&self, batch: &SealedBatch) -> Result<bool, FolderError> {
        let name = self.name(batch)?;
        let there = |name: &str| {
            let path = self.out.join(name);
            path.try_exists()
                .map_err(|source| FolderError::Io { path, source })
        };
        Ok(there(&name)? || there(&format!("{name}.ok"))?)
    }

    /// Files that came back for a batch: their names begin with its name without the ending. Unfinished ones (`.tmp`,
    /// hidden) are left.
    pub fn returns(&self, batch: &SealedBatch) -> Result<Vec<ReturnFile>, FolderError> {
        let Some(folder) = &self.returns else {
            return Ok(Vec::new());
        };
        let name = self.name(batch)?;
        let stem = name
            .rsplit_once('.')
            .map_or(name.as_str(), |(stem, _)| stem);
        let io = |source| FolderError::Io {
            path: folder.clone(),
            source,
        };
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).map_err(io)? {
            let path = entry.map_err(io)?.path();
            let file = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let after = file.strip_prefix(stem).and_then(|rest| rest.chars().next());
            if after.is_none_or(char::is_alphanumeric) || file.ends_with(".tmp") {
                continue;
            }
            found.push((file, path));
        }
        found.sort();
        found
            .into_iter()
            .map(|(name, path)| read(name, path))
            .collect()
    }

    fn name(&self, batch: &SealedBatch) -> Result<String, FolderError> {
        Ok(self.naming.name(Day::of(batch.sealed_at), batch.sequence)?)
    }

    fn known_manifest(&self, name: &str) -> Result<Option<Manifest>, FolderError> {
        let path = self.out.join(name);
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|_| FolderError::OtherBytes(path)),
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(FolderError::Io { path, source }),
        }
    }

    fn manifest(&self, batch: &SealedBatch, file: &str, now: DateTime<Utc>) -> Manifest {
        let count = |wanted: fn(Op, bool) -> bool| {
            let entries = batch.entries.iter();
            entries
                .filter(|sealed| wanted(sealed.op, sealed.withdrawal))
                .count()
        };
        let local = now.with_timezone(&chrono_tz::Asia::Shanghai).fixed_offset();
        Manifest {
            batch: batch.sequence,
            key: batch.key.clone(),
            target: batch.target.clone(),
            profile: self.profile.clone(),
            file: file.to_owned(),
            bytes: batch.body.len(),
            sm3: batch.digest.clone(),
            records: batch.entries.len(),
            adds: count(|op, withdrawal| op == Op::Add && !withdrawal),
            updates: count(|op, withdrawal| op != Op::Add && !withdrawal),
            withdrawals: count(|_, withdrawal| withdrawal),
            sent_at: local.to_rfc3339_opts(SecondsFormat::Secs, false),
        }
    }
}

fn read(name: String, path: PathBuf) -> Result<ReturnFile, FolderError> {
    let io = |source| FolderError::Io {
        path: path.clone(),
        source,
    };
    let bytes = fs::metadata(&path).map_err(io)?.len();
    if bytes > LARGEST_RETURN {
        return Err(FolderError::Large { path, bytes });
    }
    let bytes = fs::read(&path).map_err(io)?;
    Ok(ReturnFile { name, bytes })
}

/// Puts a file into a folder: written as `NAME.tmp`, synced, renamed, and the folder synced. A file of this name with the
/// same bytes is left as it is; one with other bytes is never overwritten.
pub fn keep_file(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, FolderError> {
    let path = folder.join(name);
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| FolderError::Io { path, source }
    };
    match fs::read(&path) {
        Ok(there) if Sm3::digest(&there) == Sm3::digest(bytes) => return Ok(path),
        Ok(_) => return Err(FolderError::OtherBytes(path)),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => {}
        Err(source) => return Err(FolderError::Io { path, source }),
    }
    let draft = folder.join(format!("{name}.tmp"));
    let mut file = File::create(&draft).map_err(io(&draft))?;
    file.write_all(bytes).map_err(io(&draft))?;
    file.sync_all().map_err(io(&draft))?;
    drop(file);
    fs::rename(&draft, &path).map_err(io(&path))?;
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(io(folder))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::{
        batch::{BatchKind, SealRequest, seal},
        profile::Profile,
        samples::{at, record},
    };

    fn sealed(sequence: u64, profile: &Profile) -> SealedBatch {
        let request = SealRequest {
            target: "示例平台",
            kind: BatchKind::Withdrawals,
            sequence,
            sealed_at: at(10, 0),
            records: &[record(1, 2, true)],
        };
        seal(request, profile).unwrap()
    }

    #[test]
    fn a_file_is_complete_with_its_manifest_and_never_overwritten() {
        let profile = Profile::parse(Profile::shipped("xml-file").unwrap()).unwrap();
        let naming = profile.transport.naming().unwrap().clone();
        let (out, back) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let folder = Folder::new(
            out.path().into(),
            Some(back.path().into()),
            naming,
            "xml-file".into(),
        );
        let batch = sealed(3, &profile);
        assert!(!folder.holds(&batch).unwrap());
        let name = folder.put(&batch, at(11, 0)).unwrap();
        assert_eq!(name, "000003_20260302_00003.xml");
        let text = fs::read_to_string(out.path().join(&name)).unwrap();
        assert!(text.contains("<DATAS>\n<DATA><XYPTGUID>"), "{text}");
        assert!(
            text.contains("<CHANGE_FLAG>2</CHANGE_FLAG><DQZT>1</DQZT>"),
            "{text}"
        );
        let ok = out.path().join(format!("{name}.ok"));
        let manifest: Manifest = serde_json::from_slice(&fs::read(&ok).unwrap()).unwrap();
        assert_eq!((manifest.records, manifest.withdrawals), (1, 1));
        assert_eq!(manifest.sm3, batch.digest);
        assert_eq!(manifest.sent_at, "2026-03-02T19:00:00+08:00");

        // A crash before the manifest, and a try after it: both leave the first bytes.
        let before = fs::read(&ok).unwrap();
        folder.put(&batch, at(12, 0)).unwrap();
        assert_eq!(fs::read(&ok).unwrap(), before);
        fs::remove_file(&ok).unwrap();
        folder.put(&batch, at(12, 0)).unwrap();
        assert!(ok.exists() && folder.holds(&batch).unwrap());
        let names: Vec<String> = fs::read_dir(out.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert!(
            names.iter().all(|name| !name.ends_with(".tmp")),
            "{names:?}"
        );

        fs::write(out.path().join(&name), b"other").unwrap();
        let fault = folder.put(&batch, at(12, 0)).unwrap_err();
        assert!(fault.is_collision(), "{fault}");
        assert_eq!(fs::read(out.path().join(&name)).unwrap(), b"other");
    }

    #[test]
    fn return_files_are_found_by_the_name_of_their_batch() {
        let profile = Profile::parse(Profile::shipped("xml-file").unwrap()).unwrap();
        let naming = profile.transport.naming().unwrap().clone();
        let back = tempfile::tempdir().unwrap();
        let folder = Folder::new(
            "/nowhere".into(),
            Some(back.path().into()),
            naming,
            String::new(),
        );
        for name in [
            "000003_20260302_00001.csv",
            "000003_20260302_00001_2.csv",
            "000003_20260302_000012.csv",
            "000003_20260302_00001.csv.tmp",
            "000003_20260302_00002.csv",
        ] {
            fs::write(back.path().join(name), name).unwrap();
        }
        let names: Vec<String> = folder
            .returns(&sealed(1, &profile))
            .unwrap()
            .into_iter()
            .map(|file| file.name)
            .collect();
        assert_eq!(
            names,
            ["000003_20260302_00001.csv", "000003_20260302_00001_2.csv"]
        );
    }
}
