//! The files of a draw: read whole, written whole or not at all.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use encoding_rs::GB18030;

use crate::{
    cli::Failure,
    domain::Fault,
    draw::{
        Published, Secrets,
        draft::{List, Sheet},
    },
};

/// Who may read a file that is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Public,
    /// 0600: nobody but the owner.
    Secret,
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|fault| Failure::file(path, &fault))
}

fn text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(read(path)?)
        .map_err(|_| Failure::Input(format!("{}: not UTF-8", path.display())))
}

/// The argument itself, or what the file behind `@` holds.
pub(super) fn argument(given: &str) -> Result<String, Failure> {
    match given.strip_prefix('@') {
        Some(path) => text(Path::new(path)),
        None => Ok(given.to_owned()),
    }
}

pub(super) fn published(path: &Path) -> Result<Published, Failure> {
    Published::parse(&text(path)?)
        .map_err(|fault| Failure::Input(format!("{}: {fault}", path.display())))
}

pub(super) fn secrets(path: &Path) -> Result<Secrets, Failure> {
    Secrets::parse(&text(path)?)
        .map_err(|fault| Failure::Input(format!("{}: {fault}", path.display())))
}

pub(super) fn secrets_text(secrets: &Secrets) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(secrets);
    text.map(|text| text + "\n")
        .map_err(|fault| Failure::Input(fault.to_string()))
}

/// Writes a file that must not be there yet.
pub(super) fn create(path: &Path, content: &str, mode: Mode) -> Result<(), Failure> {
    write_new(path, content, mode).map_err(|fault| Failure::file(path, &fault))
}

/// Puts a whole file in the place of one that may be there.
pub(super) fn replace(path: &Path, content: &str, mode: Mode) -> Result<(), Failure> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.new", std::process::id()));
    let beside = PathBuf::from(beside);
    write_new(&beside, content, mode)
        .and_then(|()| fs::rename(&beside, path))
        .map_err(|fault| {
            // The first fault is the one to tell; a file left beside is harmless and says what it is.
            let _ = fs::remove_file(&beside);
            Failure::file(path, &fault)
        })
}

fn write_new(path: &Path, content: &str, mode: Mode) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if mode == Mode::Secret {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()
}

/// A list from CSV: UTF-8 with or without a byte order mark, else strict GB18030.
pub(super) fn sheet(list: List, path: &Path) -> Result<Sheet, Failure> {
    let bytes = read(path)?;
    let name = path.display().to_string();
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(fault) => GB18030
            .decode_without_bom_handling_and_without_replacement(fault.as_bytes())
            .map(std::borrow::Cow::into_owned)
            .ok_or_else(|| Failure::Input(format!("{name}: neither UTF-8 nor GB18030")))?,
    };
    let text = text.trim_start_matches('\u{FEFF}');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    // Rows as a spreadsheet counts them: the header is the first, a quoted cell of several lines is one row.
    for (number, row) in (1..).zip(reader.records()) {
        let row = row.map_err(|fault| Failure::Input(format!("{name}: {fault}")))?;
        let cells: Vec<String> = row.iter().map(str::to_owned).collect();
        if cells.iter().any(|cell| !cell.trim().is_empty()) {
            rows.push((number, cells));
        }
    }
    let mut rows = rows.into_iter();
    let header = rows.next().map(|(_, cells)| cells).unwrap_or_default();
    Sheet::from_table(list, &name, &header, rows).map_err(faults)
}

pub(super) fn faults(faults: Vec<Fault>) -> Failure {
    Failure::Faults(faults)
}
