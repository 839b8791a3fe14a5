//! Where settings come from, and what a wrong one does.

use std::path::Path;

use crate::{
    program::{said, wuxin},
    run,
};

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.contains("-wal") && !name.contains("-shm"))
        .collect();
    names.sort();
    names
}

#[test]
fn a_flag_goes_over_the_environment_and_that_over_the_file_and_that_over_the_default() {
    for (flag, environment, file, wanted) in [
        (true, true, true, "flag.db"),
        (false, true, true, "environment.db"),
        (false, false, true, "file.db"),
        (false, false, false, "wuxin.db"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = wuxin(folder.path());
        command.args(["account", "list"]);
        if file {
            std::fs::write(
                folder.path().join("wuxin.toml"),
                "database_url = \"sqlite:file.db\"\n",
            )
            .unwrap();
        }
        if environment {
            command.env("WUXIN_DATABASE_URL", "sqlite:environment.db");
        }
        if flag {
            command.args(["--database", "sqlite:flag.db"]);
        }
        assert_eq!(said(&command.output().unwrap()).0, 0);
        let made: Vec<String> = files(folder.path())
            .into_iter()
            .filter(|name| name.ends_with(".db"))
            .collect();
        assert_eq!(made, [wanted]);
    }
}

#[test]
fn a_mistyped_database_creates_nothing_and_is_the_callers_fault() {
    let cases = [
        ("sqlit:wuxin.db", "names no database"),
        ("wuxin.db", "names no database"),
        ("postgre://user:secret@host/db", "names no database"),
        ("sqlite:", "path of a file"),
        ("sqlite://wuxin.db", "path of a file"),
        (
            "sqlite:no/such/folder/wuxin.db",
            "the directory does not exist",
        ),
        ("postgres://user:a#secret@host/db", "percent-encode"),
    ];
    for (url, why) in cases {
        let folder = tempfile::tempdir().unwrap();
        let (code, stdout, stderr) = run(folder.path(), &["account", "list", "--database", url]);
        assert_eq!((code, stdout.as_str()), (1, ""), "{url}: {stderr}");
        assert!(stderr.contains(why), "{url}: {stderr}");
        assert!(!stderr.contains("secret"), "{url}: {stderr}");
        assert_eq!(files(folder.path()), Vec::<String>::new(), "{url}");
    }
}

#[test]
fn a_database_of_another_program_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("notes.txt"),
        "not a database, but somebody's notes\n",
    )
    .unwrap();
    let (code, _, stderr) = run(
        folder.path(),
        &["account", "list", "--database", "sqlite:notes.txt"],
    );
    assert_ne!(code, 0, "{stderr}");
    let notes = std::fs::read_to_string(folder.path().join("notes.txt")).unwrap();
    assert_eq!(notes, "not a database, but somebody's notes\n");
}

#[test]
fn a_database_server_that_does_not_answer_exits_3_and_shows_no_password() {
    let folder = tempfile::tempdir().unwrap();
    let url = "postgres://nobody:secret@127.0.0.1:1/wuxin";
    let (code, stdout, stderr) = run(folder.path(), &["account", "list", "--database", url]);
    assert_eq!((code, stdout.as_str()), (3, ""));
    assert!(
        stderr.contains("nobody:***@127.0.0.1:1") && !stderr.contains("secret"),
        "{stderr}"
    );
}

#[test]
fn a_platform_that_does_not_answer_exits_3_only_if_something_waits_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let output = wuxin(folder.path())
        .args(["publish"])
        .env("WUXIN_PUBLISH_URL", "http://127.0.0.1:1/")
        .output()
        .unwrap();
    assert_eq!(said(&output).0, 0);
}

#[test]
fn a_misspelt_setting_is_named_and_a_file_that_is_not_there_too() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("wuxin.toml"),
        "databse_url = \"sqlite:x.db\"\n",
    )
    .unwrap();
    let (code, _, stderr) = run(folder.path(), &["account", "list"]);
    assert_eq!(code, 1);
    assert!(
        stderr.contains("wuxin.toml") && stderr.contains("databse_url"),
        "{stderr}"
    );
    let (code, _, stderr) = run(folder.path(), &["account", "list", "--config", "none.toml"]);
    assert_eq!(code, 1);
    assert!(stderr.contains("none.toml"), "{stderr}");
    assert_eq!(files(folder.path()), ["wuxin.toml"]);
}
