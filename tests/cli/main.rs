//! The command line as a script sees it: stdout, stderr and the exit code of the real program.
#![cfg(test)]

#[path = "../support/program.rs"]
#[allow(dead_code, reason = "each test program uses its own part of it")]
mod program;

mod bad_files;
mod changes;
mod checks;
mod complaints;
mod explain;
mod feed;
mod import;
mod jobs;
mod office;
mod papers;
mod reconcile;
mod record;
mod replay;
mod rules;
mod score;
mod settings;

use std::path::{Path, PathBuf};

use program::{said, wuxin};

/// A file of the repository.
fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn draft() -> PathBuf {
    at("rules/ziyang-draft.toml")
}

/// A folder of its own with the three small files.
fn small() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["companies.csv", "projects.csv", "records.csv"] {
        std::fs::copy(at("fixtures/small").join(name), folder.path().join(name)).unwrap();
    }
    folder
}

/// Runs the program in a folder: exit code, stdout, stderr.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    said(&wuxin(folder).args(arguments).output().unwrap())
}

/// As [`run`], for a command that must succeed: its stdout.
fn done(folder: &Path, arguments: &[&str]) -> String {
    let (code, stdout, stderr) = run(folder, arguments);
    assert_eq!(code, 0, "{arguments:?}: {stderr}");
    stdout
}
