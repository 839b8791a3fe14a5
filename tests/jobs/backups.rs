//! Copies: whole or not there at all, and as good as what they were taken of.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use serde_json::Value;
use wuxin::{
    config::Settings,
    domain::Uscc,
    service::{backup::verify, jobs::JobName},
    store::{StoreError, audit},
};

use crate::{
    program::{Running, said, wuxin},
    support::TestStore,
    watch::{Watch, july},
};

const PDF: &[u8] = b"%PDF-1.7\nsynthetic\n%%EOF\n";

/// Runs the program in a folder: exit code, stdout, stderr.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    said(&wuxin(folder).args(arguments).output().unwrap())
}

fn done(folder: &Path, arguments: &[&str]) -> String {
    let (code, stdout, stderr) = run(folder, arguments);
    assert_eq!(code, 0, "{arguments:?}: {stderr}");
    stdout
}

/// A folder with the small city imported and an empty folder `copies`.
fn city() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let small = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/small");
    let mut arguments = vec!["import".to_owned()];
    for name in ["companies", "projects", "records"] {
        arguments.push(format!("--{name}"));
        arguments.push(small.join(format!("{name}.csv")).display().to_string());
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    done(folder.path(), &arguments);
    fs::create_dir(folder.path().join("copies")).unwrap();
    folder
}

fn in_folder(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    found.sort();
    found
}

/// What the service would say of everybody.
fn scores(folder: &Path) -> String {
    let arguments = [
        "score",
        "--database",
        "sqlite:wuxin.db",
        "--as-of",
        "2026-07-01",
        "--explain",
        "--format",
        "json",
    ];
    done(folder, &arguments)
}

#[test]
fn a_restored_copy_is_what_was_copied() {
    let folder = city();
    let at = folder.path();
    let before = scores(at);
    let said: Value =
        serde_json::from_str(&done(at, &["backup", "--to", "copies", "--format", "json"])).unwrap();
    assert_eq!(said["kind"], "copy");
    let copy = at.join(said["file"].as_str().unwrap());
    assert!(said["manifest"]["rows"]["record"].as_i64().unwrap() > 10);

    // Life goes on, and then the disk is lost.
    done(
        at,
        &["account", "add", "--name", "示例甲", "--role", "officer"],
    );
    assert_eq!(done(at, &["account", "list"]).lines().count(), 2);
    for file in in_folder(at, ".db")
        .into_iter()
        .chain(in_folder(at, "-wal"))
    {
        fs::remove_file(file).unwrap();
    }
    for file in in_folder(at, "-shm") {
        fs::remove_file(file).unwrap();
    }
    fs::copy(&copy, at.join("wuxin.db")).unwrap();
    assert_eq!(scores(at), before);
    assert_eq!(
        done(at, &["account", "list"]).lines().count(),
        1,
        "made after the copy"
    );
    // The copy itself was not touched by that, and the restored database goes on working.
    let whole = done(at, &["backup", "verify", copy.to_str().unwrap()]);
    assert!(whole.contains("as its manifest says"), "{whole}");
    done(
        at,
        &["account", "add", "--name", "示例乙", "--role", "officer"],
    );
}

#[test]
fn a_backup_that_is_killed_leaves_no_copy_and_the_next_one_cleans_up() {
    let folder = city();
    let at = folder.path();
    let copies = at.join("copies");
    let mut caught = 0;
    for number in 0..8_u32 {
        let mut child = Running(
            wuxin(at)
                .args(["backup", "--to", "copies"])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap(),
        );
        // Killed as soon as the copy has begun, a little later each time.
        let began = Instant::now();
        while in_folder(&copies, ".unfinished").is_empty()
            && child.0.try_wait().unwrap().is_none()
            && began.elapsed() < Duration::from_secs(60)
        {
            std::thread::sleep(Duration::from_micros(200));
        }
        std::thread::sleep(Duration::from_millis(u64::from(number) * 3));
        child.0.kill().unwrap();
        child.0.wait().unwrap();
        caught += usize::from(!in_folder(&copies, ".unfinished").is_empty());
        for copy in in_folder(&copies, ".db") {
            verify(&copy).unwrap_or_else(|fault| panic!("after kill {number}: {fault}"));
        }
    }
    assert!(caught > 0, "no kill came in the middle");
    done(at, &["backup", "--to", "copies"]);
    assert_eq!(in_folder(&copies, ".unfinished"), Vec::<PathBuf>::new());
    let last = in_folder(&copies, ".db").pop().unwrap();
    assert!(verify(&last).unwrap().1.is_some());
}

#[test]
fn a_damaged_copy_is_told_from_a_whole_one() {
    let folder = city();
    let at = folder.path();
    done(at, &["backup", "--to", "copies"]);
    let copy = in_folder(&at.join("copies"), ".db").pop().unwrap();
    let whole = fs::read(&copy).unwrap();
    let text = copy.to_str().unwrap();
    let check = |bytes: &[u8]| {
        fs::write(&copy, bytes).unwrap();
        let (code, _, stderr) = run(at, &["backup", "verify", text]);
        (code, stderr)
    };
    assert_eq!(check(&whole).0, 0);
    // Cut off; a page in the middle overwritten; one letter of a name changed.
    let (code, said) = check(&whole[..whole.len() / 2]);
    assert!(code == 1 && said.contains("copies"), "{said}");
    let mut hurt = whole.clone();
    let middle = hurt.len() / 8192 * 4096;
    hurt[middle..middle + 4096].fill(0xA5);
    assert_eq!(check(&hurt).0, 1);
    let mut forged = whole.clone();
    let name = "示例松鹤".as_bytes();
    let place = forged
        .windows(name.len())
        .position(|at| at == name)
        .unwrap();
    forged[place..place + name.len()].copy_from_slice("示例柏鹤".as_bytes());
    let (code, said) = check(&forged);
    let seen = ["the content", "damaged"]
        .iter()
        .any(|word| said.contains(word));
    assert!(code == 1 && seen, "{said}");
    // Not a copy at all, and none there.
    let (code, said) = check(b"not a database, whatever its name says");
    assert_eq!(code, 1, "{said}");
    let (code, _, said) = run(at, &["backup", "verify", "copies/none.db"]);
    assert!(code == 1 && said.contains("no such file"), "{said}");
    assert!(!at.join("copies/none.db").exists(), "looking makes no file");
}

#[test]
fn the_nightly_job_copies_attachments_and_keeps_as_many_copies_as_told() {
    let test = TestStore::sqlite();
    let place = tempfile::tempdir().unwrap();
    let (files, copies) = (place.path().join("files"), place.path().join("copies"));
    fs::create_dir(&copies).unwrap();
    let mut settings = Settings {
        attachments: Some(files),
        ..Settings::default()
    };
    settings.backup.folder = Some(copies.clone());
    settings.backup.keep = 3;
    let watch = Watch::new(&test, july(1, 9, 0, 0), settings);
    let mut receiving = watch.app.attachments.receive(1_000).unwrap();
    receiving.write(PDF).unwrap();
    let digest = receiving.finish("application/pdf").unwrap().digest;
    watch.look(july(6, 9, 0, 0));
    assert_eq!(watch.done(JobName::Backup).len(), 5);
    let said = watch.runs(JobName::Backup).pop().unwrap().2;
    assert!(said.contains("1 attachments (0 new)"), "{said}");
    // The five were made at one instant of a clock that stands still, so under one name.
    for day in 7..11 {
        watch.look(july(day, 9, 0, 0));
    }
    let kept = in_folder(&copies, ".db");
    assert_eq!(kept.len(), 3, "{kept:?}");
    assert_eq!(in_folder(&copies, ".json").len(), 3);
    for copy in &kept {
        assert_eq!(verify(copy).unwrap().1.unwrap().attachments, 1);
    }
    let copied = copies.join("attachments").join(&digest[..2]).join(&digest);
    assert_eq!(fs::read(copied).unwrap(), PDF);
    // A disk that is away is a failure, not a copy elsewhere.
    fs::rename(&copies, place.path().join("away")).unwrap();
    watch.look(july(11, 9, 0, 0));
    let (_, how, why) = watch.runs(JobName::Backup).pop().unwrap();
    assert_eq!(how, "failed");
    assert!(why.contains("the folder is not there"), "{why}");
    assert!(!copies.exists());
}

#[test]
fn a_copy_taken_while_others_write_is_whole() {
    let test = TestStore::sqlite();
    let place = tempfile::tempdir().unwrap();
    let mut settings = Settings::default();
    settings.backup.folder = Some(place.path().to_owned());
    let watch = Watch::new(&test, july(1, 9, 0, 0), settings);
    let company = Uscc::complete("91512002MA0000001").unwrap();
    let line = audit::NewAudit {
        company: Some(company),
        actor: "示例".to_owned(),
        action: "sample".to_owned(),
        subject: "示例".to_owned(),
        data: "{}".to_owned(),
    };
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                let add = |db: &mut _| audit::append(db, &line, july(1, 9, 0, 0));
                test.store.write::<_, StoreError>(add).unwrap();
            }
        });
        for second in 0..3 {
            let now = july(1, 9, 0, second);
            let done = wuxin::service::backup::back_up(&watch.app, now);
            stop.store(second == 2, std::sync::atomic::Ordering::Relaxed);
            done.unwrap();
        }
    });
    for copy in in_folder(place.path(), ".db") {
        verify(&copy).unwrap();
    }
}

#[test]
fn a_postgresql_database_is_watched_not_copied() {
    let test = TestStore::postgres();
    let place = tempfile::tempdir().unwrap();
    let marker = place.path().join("pg_dump.done");
    let off = Watch::new(&test, july(1, 9, 0, 0), Settings::default());
    let why = off.line(JobName::Backup).off.unwrap();
    assert!(why.contains("pg_dump"), "{why}");

    let mut settings = Settings::default();
    settings.backup.marker = Some(marker.clone());
    fs::write(&marker, "").unwrap();
    let written = july(2, 1, 0, 0);
    let file = fs::File::options().write(true).open(&marker).unwrap();
    file.set_modified(written.into()).unwrap();
    let watch = Watch::new(&test, july(1, 9, 0, 0), settings);
    watch.look(july(2, 9, 0, 0));
    let (_, how, said) = watch.runs(JobName::Backup).pop().unwrap();
    assert_eq!(how, "done");
    assert!(said.contains("8 h old"), "{said}");
    watch.look(july(3, 9, 0, 0));
    let (_, how, said) = watch.runs(JobName::Backup).pop().unwrap();
    assert_eq!(how, "failed");
    assert!(said.contains("32 h old, 26 h are allowed"), "{said}");
}
