//! What a table is read from: a file or an upload, watched for progress and for failures below the parser.

use std::{
    fmt,
    io::{self, Read, Seek, SeekFrom},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// Anything that can be read from any place, on any thread.
pub(super) trait Input: Read + Seek + Send {}
impl<R: Read + Seek + Send> Input for R {}

/// How far reading is, and the first failure of the input, seen from outside the thread that reads.
#[derive(Debug, Clone, Default)]
pub(super) struct Watch {
    position: Arc<AtomicU64>,
    failure: Arc<Mutex<Option<String>>>,
}

impl Watch {
    pub fn position(&self) -> u64 {
        self.position.load(Ordering::Relaxed)
    }

    /// The first failure of the input itself, apart from what a parser makes of it.
    pub fn failure(&self) -> Option<String> {
        let failure = self.failure.lock();
        failure.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note<T>(&self, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result
            && error.kind() != io::ErrorKind::Interrupted
        {
            let failure = self.failure.lock();
            failure
                .unwrap_or_else(PoisonError::into_inner)
                .get_or_insert_with(|| error.to_string());
        }
        result
    }
}

/// An input with its watch.
pub(super) struct Watched {
    input: Box<dyn Input>,
    watch: Watch,
}

impl Watched {
    pub fn new(input: impl Input + 'static) -> Self {
        Self {
            input: Box::new(input),
            watch: Watch::default(),
        }
    }

    pub fn watch(&self) -> Watch {
        self.watch.clone()
    }

    /// Reads until the buffer is full or the input ends.
    pub fn read_full(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.watch.note(self.input.read(buffer))?;
        // A reader that claims more than fits would make slices of the buffer panic.
        if read > buffer.len() {
            return self.watch.note(Err(io::Error::other("reader overran")));
        }
        self.watch
            .position
            .fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl Seek for Watched {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = self.watch.note(self.input.seek(to))?;
        self.watch.position.store(position, Ordering::Relaxed);
        Ok(position)
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched")
            .field("watch", &self.watch)
            .finish_non_exhaustive()
    }
}
