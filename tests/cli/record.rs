//! The due process of a record from the command line, and what becomes of an upload that is killed or meets a full disk.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    done,
    program::{Running, said, wuxin},
    run, small,
};

const PDF: &[u8] = b"%PDF-1.7\n% synthetic\n%%EOF\n";

/// A folder with what the bureau has, and a token each of an officer and of a reviewer.
struct Office {
    folder: tempfile::TempDir,
    officer: String,
    reviewer: String,
}

impl Office {
    fn new() -> Self {
        let folder = small();
        let import = ["companies", "projects", "records"];
        let mut arguments = vec!["import".to_owned()];
        for name in import {
            arguments.extend([format!("--{name}"), format!("{name}.csv")]);
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        done(folder.path(), &arguments);
        let hire = |role: &str| {
            let arguments = ["account", "add", "--name", "示例", "--role", role];
            done(folder.path(), &arguments).trim().to_owned()
        };
        Self {
            officer: hire("officer"),
            reviewer: hire("reviewer"),
            folder,
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// `wuxin record ...` in somebody's name.
    fn record(&self, token: &str, arguments: &[&str]) -> (i32, String, String) {
        let mut command = wuxin(self.path());
        command
            .arg("record")
            .args(arguments)
            .env("WUXIN_TOKEN", token);
        said(&command.output().unwrap())
    }

    fn shown(&self) -> Value {
        let (code, stdout, stderr) =
            self.record(&self.officer, &["show", "r11", "--format", "json"]);
        assert_eq!(code, 0, "{stderr}");
        serde_json::from_str(&stdout).unwrap()
    }

    /// Files in the folder of attachments: those in their places, and unfinished ones.
    fn files(&self) -> (Vec<PathBuf>, Vec<PathBuf>) {
        let mut found = (Vec::new(), Vec::new());
        let Ok(folders) = fs::read_dir(self.path().join("wuxin-attachments")) else {
            return found;
        };
        for folder in folders {
            let folder = folder.unwrap();
            let files = fs::read_dir(folder.path()).unwrap();
            let files = files.map(|file| file.unwrap().path());
            if folder.file_name() == "unfinished" {
                found.1.extend(files);
            } else {
                found.0.extend(files);
            }
        }
        found
    }
}

#[test]
fn steps_are_taken_in_somebodys_name_and_the_record_shows_them() {
    let office = Office::new();
    fs::write(office.path().join("证明.pdf"), PDF).unwrap();
    let (code, stdout, stderr) = office.record(
        &office.officer,
        &["attach", "r11", "证明.pdf", "--about", "objection"],
    );
    assert_eq!(code, 0, "{stderr}");
    let digest = serde_json::from_str::<Value>(&stdout).unwrap()["digest"].clone();
    let step = |token: &str, events: i64, step: Value| {
        let version = office.shown()["version"].to_string();
        let (events, step) = (events.to_string(), step.to_string());
        let arguments = [
            "step",
            "r11",
            "--version",
            &version,
            "--events",
            &events,
            &step,
        ];
        office.record(token, &arguments)
    };
    let notice = json!({ "step": "notice", "number": "示建记告〔2026〕1号" });
    let (code, stdout, stderr) = step(&office.officer, 0, notice.clone());
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(serde_json::from_str::<Value>(&stdout).unwrap()["events"], 1);
    let (code, _, stderr) = step(&office.reviewer, 1, notice);
    assert_eq!(code, 1);
    assert!(stderr.contains("复核角色无权"), "{stderr}");
    let (code, _, stderr) = step(
        &office.officer,
        1,
        json!({ "step": "accept", "opinion": "x" }),
    );
    assert_eq!(code, 1, "{stderr}");
    let (code, _, stderr) = step(&office.officer, 1, json!({ "step": "notice" }));
    assert_eq!(code, 1);
    assert!(stderr.contains("number"), "{stderr}");

    let shown = office.shown();
    assert_eq!(shown["attachments"][0]["digest"], digest);
    assert_eq!(shown["case"]["notice"]["number"], "示建记告〔2026〕1号");
    let (code, text, _) = office.record(&office.officer, &["show", "r11"]);
    assert_eq!(code, 0);
    for expected in ["imported", "notice", "证明.pdf", digest.as_str().unwrap()] {
        assert!(text.contains(expected), "{text}");
    }
    let fetch = ["fetch", "r11", digest.as_str().unwrap(), "saved.pdf"];
    assert_eq!(office.record(&office.reviewer, &fetch).0, 0);
    assert_eq!(fs::read(office.path().join("saved.pdf")).unwrap(), PDF);
    let (code, _, stderr) = office.record(&office.reviewer, &fetch);
    assert_eq!(code, 1, "nothing is overwritten: {stderr}");
}

#[test]
fn the_check_tells_missing_changed_and_orphaned_files() {
    let office = Office::new();
    assert_eq!(done(office.path(), &["attachments", "check"]), "sound 0\n");
    for (name, mark) in [("a.pdf", "a"), ("b.pdf", "b"), ("c.pdf", "c")] {
        let bytes = format!("%PDF-1.7\n% {mark}\n%%EOF\n");
        fs::write(office.path().join(name), bytes).unwrap();
        assert_eq!(
            office.record(&office.officer, &["attach", "r11", name]).0,
            0
        );
    }
    assert_eq!(done(office.path(), &["attachments", "check"]), "sound 3\n");
    let mut files = office.files().0;
    files.sort();
    fs::remove_file(&files[0]).unwrap();
    fs::write(&files[1], b"other").unwrap();
    let orphan = office.path().join("wuxin-attachments/ff");
    fs::create_dir_all(&orphan).unwrap();
    fs::write(orphan.join("f".repeat(64)), b"").unwrap();
    let (code, stdout, stderr) = run(office.path(), &["attachments", "check"]);
    assert_eq!(code, 1, "{stderr}");
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    assert_eq!(
        stdout,
        format!(
            "sound 1\nmissing {}\nchanged {}\norphaned {}\n",
            name(&files[0]),
            name(&files[1]),
            "f".repeat(64)
        )
    );
    assert!(
        stderr.contains("1 attachments are missing and 1 changed"),
        "{stderr}"
    );
}

#[test]
fn an_upload_that_is_killed_leaves_no_file_under_a_final_name() {
    let office = Office::new();
    let pipe = office.path().join("photo.pdf");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let child = wuxin(office.path())
        .args(["record", "attach", "r11", "photo.pdf"])
        .env("WUXIN_TOKEN", &office.officer)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut running = Running(child);
    // Opens once the program reads.
    let mut sending = fs::OpenOptions::new().write(true).open(&pipe).unwrap();
    sending.write_all(PDF).unwrap();
    sending.flush().unwrap();
    let began = Instant::now();
    let received = |files: &[PathBuf]| {
        files
            .iter()
            .any(|file| fs::metadata(file).is_ok_and(|file| file.len() == PDF.len() as u64))
    };
    while !received(&office.files().1) {
        assert!(began.elapsed() < Duration::from_secs(20), "nothing arrived");
        std::thread::sleep(Duration::from_millis(5));
    }
    // All bytes are there, and the end is not.
    running.signal("KILL");
    running.end(Duration::from_secs(10));
    drop(sending);
    let (finished, unfinished) = office.files();
    assert_eq!(finished, Vec::<PathBuf>::new());
    assert_eq!(unfinished.len(), 1);
    assert_eq!(office.shown()["attachments"], json!([]));
    let told = done(office.path(), &["attachments", "check"]);
    assert!(told.starts_with("sound 0\nunfinished "), "{told}");
}

#[test]
fn a_full_disk_is_an_outside_failure_and_leaves_nothing() {
    let office = Office::new();
    let filling = "x".repeat(3_000_000);
    let bytes = format!("%PDF-1.7\n% {filling}\n%%EOF\n");
    fs::write(office.path().join("large.pdf"), bytes).unwrap();
    // No file may grow beyond two megabytes, and the signal for it is ignored: the write fails, as on a full disk.
    let program = env!("CARGO_BIN_EXE_wuxin");
    let script =
        format!("trap '' XFSZ; ulimit -f 2000; exec {program} record attach r11 large.pdf");
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(office.path())
        .env("WUXIN_TOKEN", &office.officer)
        .output()
        .unwrap();
    let (code, stdout, stderr) = said(&output);
    assert_eq!((code, stdout.as_str()), (3, ""), "{stderr}");
    assert!(stderr.contains("unfinished"), "names the file: {stderr}");
    assert_eq!(office.files(), (Vec::new(), Vec::new()));
    assert_eq!(office.shown()["attachments"], json!([]));
}
