//! The ledger file: one taken batch per line, on the disk before it is answered.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use super::platform::Commit;

/// Why a ledger file is not used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("ledger {path:?}: {source}")]
    Io { path: PathBuf, source: io::Error },
    #[error("ledger {path:?}, line {line}: {why}")]
    Line {
        path: PathBuf,
        line: usize,
        why: String,
    },
}

/// An open ledger file, at its end.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    /// Where the last whole line ends.
    end: u64,
}

impl Journal {
    /// Opens or creates a ledger and reads what it holds. A last line without its end was never answered: it goes.
    pub(super) fn open(path: &Path) -> Result<(Self, Vec<Commit>), JournalError> {
        let io = |source| JournalError::Io {
            path: path.to_owned(),
            source,
        };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(path).map_err(io)?;
        let mut commits = Vec::new();
        let (mut end, mut line) = (0, Vec::new());
        let mut reader = BufReader::new(&mut file);
        loop {
            line.clear();
            let read = reader.read_until(b'\n', &mut line).map_err(io)?;
            if !line.ends_with(b"\n") {
                break;
            }
            let commit = serde_json::from_slice(&line).map_err(|error| JournalError::Line {
                path: path.to_owned(),
                line: commits.len() + 1,
                why: error.to_string(),
            })?;
            commits.push(commit);
            end += read as u64;
        }
        let mut journal = Self { file, end };
        journal.rewind().map_err(io)?;
        Ok((journal, commits))
    }

    /// Adds a batch and waits until it is on the disk.
    pub(super) fn append(&mut self, commit: &Commit) -> io::Result<()> {
        let mut line = serde_json::to_vec(commit)?;
        line.push(b'\n');
        let written = self
            .file
            .write_all(&line)
            .and_then(|()| self.file.sync_data());
        if written.is_err() {
            // Nothing of a line that was not kept may stand before the next one.
            self.rewind()?;
        } else {
            self.end += line.len() as u64;
        }
        written
    }

    fn rewind(&mut self) -> io::Result<()> {
        self.file.set_len(self.end)?;
        self.file.seek(SeekFrom::Start(self.end)).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::samples::at;

    fn commit(key: &str) -> Commit {
        let terms = super::super::platform::Terms::default();
        Commit {
            key: key.into(),
            body: "{}\n".into(),
            received_at: at(1, 0),
            commit_at: at(1, 0),
            terms,
        }
    }

    #[test]
    fn a_ledger_is_read_back_and_a_torn_last_line_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.jsonl");
        let (mut journal, held) = Journal::open(&path).unwrap();
        assert_eq!(held, []);
        journal.append(&commit("a")).unwrap();
        OpenOptions::new()
            .append(true)
            .open(&path)
            .unwrap()
            .write_all(b"{\"key\":\"\xe7")
            .unwrap();
        let (mut journal, held) = Journal::open(&path).unwrap();
        assert_eq!(held, [commit("a")]);
        journal.append(&commit("c")).unwrap();
        assert_eq!(Journal::open(&path).unwrap().1, [commit("a"), commit("c")]);
    }

    #[test]
    fn a_line_that_is_no_batch_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.jsonl");
        std::fs::write(&path, "nonsense\n").unwrap();
        let error = Journal::open(&path).unwrap_err().to_string();
        assert!(error.contains("line 1"), "{error}");
    }
}
