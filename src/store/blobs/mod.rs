//! The bytes of attachments: a folder outside the database, each file under the SHA-256 of its content.
//!
//! ```text
//! wuxin-attachments/
//!     5f/5f0c…e1      64 hex digits, in a folder by the first two
//!     unfinished/     uploads on their way; what lies there after a crash is rubbish
//! ```
//!
//! A file comes into its place by a rename after it was synced, so that under a final name there is always a whole file;
//! reading checks the digest. The same content is kept once, however many records have it.

mod media;

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

pub use media::Media;

const UNFINISHED: &str = "unfinished";

/// Why a file is not taken, or not given. What its sender reads is Chinese.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    #[error("附件是空的")]
    Empty,
    #[error("附件超过 {limit} 字节的上限")]
    TooLarge { limit: u64 },
    #[error("附件不是照片（JPEG、PNG、WebP、HEIC）或 PDF")]
    Unknown,
    #[error("附件声明为 {declared}，实际是 {}", .found.as_str())]
    Lies { declared: String, found: Media },
    #[error("附件不完整：没有 {} 的结尾", .0.as_str())]
    Truncated(Media),
    #[error("the attachment {0} is not in the folder")]
    Missing(String),
    #[error("the attachment {digest} has other content: {found}")]
    Changed { digest: String, found: String },
    #[error("{}: {source}", .path.display())]
    Io { path: PathBuf, source: io::Error },
}

/// A folder of files by content.
#[derive(Debug, Clone)]
pub struct Blobs {
    folder: PathBuf,
}

/// A file that is in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// 64 hex digits.
    pub digest: String,
    pub media: Media,
    pub size: u64,
}

/// A file on its way: dropped before it is finished, it is gone.
#[derive(Debug)]
pub struct Receiving<'b> {
    blobs: &'b Blobs,
    file: NamedTempFile,
    hash: Sha256,
    size: u64,
    limit: u64,
}

impl Blobs {
    /// The folder need not be there yet; it is made with the first file.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Begins to take a file of at most `limit` bytes.
    pub fn receive(&self, limit: u64) -> Result<Receiving<'_>, BlobError> {
        let unfinished = self.folder.join(UNFINISHED);
        fs::create_dir_all(&unfinished).map_err(at(&unfinished))?;
        Ok(Receiving {
            blobs: self,
            file: NamedTempFile::new_in(&unfinished).map_err(at(&unfinished))?,
            hash: Sha256::new(),
            size: 0,
            limit,
        })
    }

    /// The bytes of a file, after comparing them with its name.
    ///
    /// # Errors
    /// [`BlobError::Missing`], [`BlobError::Changed`], [`BlobError::Io`].
    pub fn read(&self, digest: &str) -> Result<Vec<u8>, BlobError> {
        let path = self.path(digest);
        let bytes = fs::read(&path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => BlobError::Missing(digest.to_owned()),
            _ => at(&path)(source),
        })?;
        let found = hex::encode(Sha256::digest(&bytes));
        if found != digest {
            let digest = digest.to_owned();
            return Err(BlobError::Changed { digest, found });
        }
        Ok(bytes)
    }

    /// Names and sizes of all files in their places. What is not named like one is left out.
    pub fn all(&self) -> Result<BTreeMap<String, u64>, BlobError> {
        let mut found = BTreeMap::new();
        for folder in entries(&self.folder)? {
            let name = folder.file_name();
            let Some(prefix) = name.to_str().filter(|name| is_hex(name, 2)) else {
                continue;
            };
            for file in entries(&folder.path())? {
                let name = file.file_name();
                let Some(name) = name.to_str().filter(|name| is_hex(name, 64)) else {
                    continue;
                };
                if name.starts_with(prefix) {
                    let size = file.metadata().map_err(at(&file.path()))?.len();
                    found.insert(name.to_owned(), size);
                }
            }
        }
        Ok(found)
    }

    /// Uploads that were never finished, or are on their way.
    pub fn unfinished(&self) -> Result<Vec<PathBuf>, BlobError> {
        let files = entries(&self.folder.join(UNFINISHED))?;
        Ok(files.iter().map(fs::DirEntry::path).collect())
    }

    /// Copies every file that `to` does not have, each compared with its name, and gives how many there are and how many were copied.
    ///
    /// # Errors
    /// [`BlobError::Changed`] for a file that is damaged here, [`BlobError::Io`].
    pub fn copy_to(&self, to: &Self) -> Result<(usize, usize), BlobError> {
        let all = self.all()?;
        let there = to.all()?;
        let mut copied = 0;
        for digest in all.keys().filter(|digest| !there.contains_key(*digest)) {
            let bytes = self.read(digest)?;
            let mut receiving = to.receive(u64::MAX)?;
            receiving.write(&bytes)?;
            receiving.put()?;
            copied += 1;
        }
        Ok((all.len(), copied))
    }

    fn path(&self, digest: &str) -> PathBuf {
        // A digest that is none leads to no file, wherever it points.
        let digest = if is_hex(digest, 64) { digest } else { "none" };
        self.folder.join(&digest[..2]).join(digest)
    }
}

impl Receiving<'_> {
    /// Puts the file into its place without looking at what it is: a copy of one that was looked at.
    fn put(self) -> Result<String, BlobError> {
        put(self.blobs, self.file, self.hash)
    }

    /// Takes a piece.
    ///
    /// # Errors
    /// [`BlobError::TooLarge`] as soon as it is, [`BlobError::Io`].
    pub fn write(&mut self, piece: &[u8]) -> Result<(), BlobError> {
        self.size += piece.len() as u64;
        if self.size > self.limit {
            return Err(BlobError::TooLarge { limit: self.limit });
        }
        self.hash.update(piece);
        let path = self.file.path().to_owned();
        self.file.write_all(piece).map_err(at(&path))
    }

    /// Looks at the whole file and puts it into its place, durably. `declared` is the media type that its sender gave.
    ///
    /// # Errors
    /// What is wrong with the file; [`BlobError::Io`].
    pub fn finish(self, declared: &str) -> Result<Received, BlobError> {
        let Self {
            blobs,
            file,
            hash,
            size,
            ..
        } = self;
        let unfinished = file.path().to_owned();
        if size == 0 {
            return Err(BlobError::Empty);
        }
        let bytes = fs::read(&unfinished).map_err(at(&unfinished))?;
        let media = Media::sniff(&bytes).ok_or(BlobError::Unknown)?;
        if media.as_str() != declared {
            return Err(BlobError::Lies {
                declared: declared.to_owned(),
                found: media,
            });
        }
        if !media.is_whole(&bytes) {
            return Err(BlobError::Truncated(media));
        }
        let digest = put(blobs, file, hash)?;
        Ok(Received {
            digest,
            media,
            size,
        })
    }
}

/// Puts a file into its place, durably: its digest.
fn put(blobs: &Blobs, file: NamedTempFile, hash: Sha256) -> Result<String, BlobError> {
    let digest = hex::encode(hash.finalize());
    let unfinished = file.path().to_owned();
    let path = blobs.path(&digest);
    let folder = blobs.folder.join(&digest[..2]);
    fs::create_dir_all(&folder).map_err(at(&folder))?;
    file.as_file().sync_all().map_err(at(&unfinished))?;
    // Over a file that is there already: the same content, or one that was damaged.
    file.persist(&path)
        .map_err(|fault| at(&path)(fault.error))?;
    for folder in [&folder, &blobs.folder] {
        sync_folder(folder).map_err(at(folder))?;
    }
    Ok(digest)
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> BlobError + use<> {
    let path = path.to_owned();
    move |source| BlobError::Io { path, source }
}

/// What is in a folder, by name; nothing if it is not there.
fn entries(folder: &Path) -> Result<Vec<fs::DirEntry>, BlobError> {
    let listed = match fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(fault)
            if matches!(
                fault.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(Vec::new());
        }
        Err(fault) => return Err(at(folder)(fault)),
    };
    let mut found = listed.collect::<io::Result<Vec<_>>>().map_err(at(folder))?;
    found.sort_by_key(fs::DirEntry::file_name);
    Ok(found)
}

fn is_hex(name: &str, length: usize) -> bool {
    name.len() == length
        && name
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Makes a rename in a folder durable.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

/// Folders cannot be synced there.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PDF: &[u8] = b"%PDF-1.7\nsynthetic\n%%EOF\n";

    fn take(blobs: &Blobs, bytes: &[u8], declared: &str) -> Result<Received, BlobError> {
        let mut receiving = blobs.receive(100)?;
        for piece in bytes.chunks(7) {
            receiving.write(piece)?;
        }
        receiving.finish(declared)
    }

    #[test]
    fn the_same_content_is_kept_once_and_read_back() {
        let place = tempfile::tempdir().unwrap();
        let blobs = Blobs::new(place.path().join("files"));
        let first = take(&blobs, PDF, "application/pdf").unwrap();
        assert_eq!(first.digest, hex::encode(Sha256::digest(PDF)));
        assert_eq!((first.media, first.size), (Media::Pdf, PDF.len() as u64));
        assert_eq!(take(&blobs, PDF, "application/pdf").unwrap(), first);
        assert_eq!(blobs.all().unwrap().len(), 1);
        assert_eq!(blobs.read(&first.digest).unwrap(), PDF);
        assert!(blobs.unfinished().unwrap().is_empty());
    }

    #[test]
    fn what_is_refused_leaves_nothing() {
        let place = tempfile::tempdir().unwrap();
        let blobs = Blobs::new(place.path());
        let large = [PDF, &[b' '; 80]].concat();
        let cut = &PDF[..PDF.len() - 6];
        let refused = |bytes: &[u8], declared: &str| {
            let fault = take(&blobs, bytes, declared).unwrap_err();
            assert!(blobs.all().unwrap().is_empty());
            assert!(blobs.unfinished().unwrap().is_empty());
            fault
        };
        assert!(matches!(refused(b"", "application/pdf"), BlobError::Empty));
        assert!(matches!(
            refused(&large, "application/pdf"),
            BlobError::TooLarge { limit: 100 }
        ));
        assert!(matches!(
            refused(b"<script>", "image/png"),
            BlobError::Unknown
        ));
        assert!(matches!(
            refused(PDF, "image/png"),
            BlobError::Lies {
                found: Media::Pdf,
                ..
            }
        ));
        assert!(matches!(
            refused(cut, "application/pdf"),
            BlobError::Truncated(Media::Pdf)
        ));
    }

    #[test]
    fn a_half_received_file_is_gone_when_it_is_dropped() {
        let place = tempfile::tempdir().unwrap();
        let blobs = Blobs::new(place.path());
        let mut receiving = blobs.receive(100).unwrap();
        receiving.write(&PDF[..9]).unwrap();
        assert_eq!(blobs.unfinished().unwrap().len(), 1);
        drop(receiving);
        assert!(blobs.unfinished().unwrap().is_empty() && blobs.all().unwrap().is_empty());
    }

    #[test]
    fn a_changed_or_missing_file_is_not_given() {
        let place = tempfile::tempdir().unwrap();
        let blobs = Blobs::new(place.path());
        let digest = take(&blobs, PDF, "application/pdf").unwrap().digest;
        fs::write(blobs.path(&digest), b"other").unwrap();
        assert!(matches!(
            blobs.read(&digest),
            Err(BlobError::Changed { .. })
        ));
        // Taken once more it is whole again.
        take(&blobs, PDF, "application/pdf").unwrap();
        assert_eq!(blobs.read(&digest).unwrap(), PDF);
        fs::remove_file(blobs.path(&digest)).unwrap();
        for name in [digest.as_str(), "../../../etc/passwd", "", "aé"] {
            assert!(
                matches!(blobs.read(name), Err(BlobError::Missing(_))),
                "{name}"
            );
        }
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_told() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("file");
        fs::write(&file, b"").unwrap();
        let fault = Blobs::new(&file).receive(1).unwrap_err();
        assert!(matches!(fault, BlobError::Io { .. }), "{fault}");
        assert!(Blobs::new(&file).all().unwrap().is_empty());
    }
}
