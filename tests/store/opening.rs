//! From a URL to a database.

use std::thread;

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use wuxin::store::{OpenError, Store, StoreError, companies};

use crate::support::{TestStore, postgres, synthetic::*};

#[test]
fn a_mistyped_url_is_refused_and_leaves_no_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("wuxin.db");
    for url in [
        path.display().to_string(),
        format!("sqlit:{}", path.display()),
        format!("sqlite://{}", path.display()),
        format!("sqlite:file:{}?mode=rwc", path.display()),
        "postgers://u:secret@localhost/wuxin".to_owned(),
    ] {
        let error = Store::open(&url, 1).unwrap_err();
        assert!(
            matches!(error, OpenError::Scheme(_) | OpenError::SqlitePath(_)),
            "{url}: {error}"
        );
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn a_right_url_makes_the_file_but_not_its_directory() {
    let directory = tempfile::tempdir().unwrap();
    let inside = format!("sqlite:{}", directory.path().join("a 库.db").display());
    let store = Store::open(&inside, 1).unwrap();
    assert_eq!(store.read(companies::count).unwrap(), 0);
    assert_eq!(store.url(), inside);
    let deeper = format!("sqlite:{}", directory.path().join("no/wuxin.db").display());
    assert!(matches!(
        Store::open(&deeper, 1),
        Err(OpenError::NoDirectory(_))
    ));
    assert!(matches!(
        Store::open(&inside, 0),
        Err(OpenError::NoConnections)
    ));
}

#[test]
fn a_file_of_another_program_is_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("other.db");
    SqliteConnection::establish(path.to_str().unwrap())
        .unwrap()
        .batch_execute("CREATE TABLE note (text TEXT)")
        .unwrap();
    let text = directory.path().join("text.db");
    std::fs::write(
        &text,
        "this is no database, but a text of some length".repeat(50),
    )
    .unwrap();
    for (path, foreign) in [(&path, true), (&text, false)] {
        let before = std::fs::read(path).unwrap();
        let error = Store::open(&format!("sqlite:{}", path.display()), 1).unwrap_err();
        assert_eq!(
            matches!(error, OpenError::ForeignFile(_)),
            foreign,
            "{error}"
        );
        assert_eq!(std::fs::read(path).unwrap(), before);
    }
}

#[test]
fn everybody_shares_the_database_in_memory() {
    let store = Store::open("sqlite::memory:", 8).unwrap();
    thread::scope(|scope| {
        for number in 0..8 {
            let store = store.clone();
            scope.spawn(move || {
                store
                    .write(|db| companies::put(db, &[company(number, "示例")], at(0)))
                    .unwrap();
            });
        }
    });
    assert_eq!(store.read(companies::count).unwrap(), 8);
}

#[test]
fn a_server_that_cannot_be_reached_is_told_without_the_password() {
    let directory = tempfile::tempdir().unwrap();
    let host = directory.path().display().to_string().replace('/', "%2F");
    for url in [
        format!("postgres://wuxin:s3cret@{host}/wuxin"),
        "postgres://wuxin:s3cret@localhost:port/wuxin".to_owned(),
        "postgres://wuxin:s3cret@[::1/wuxin".to_owned(),
        "postgres://wuxin@localhost:1/wuxin?password=s3cret&nonsense=1".to_owned(),
        "postgres://wuxin:s3/cret@localhost/wuxin".to_owned(),
    ] {
        let error = Store::open(&url, 1).unwrap_err();
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(
                !text.contains("s3cret") && !text.contains("cret@"),
                "{text}"
            );
        }
    }
}

#[test]
fn several_processes_may_open_a_new_database_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite:{}", directory.path().join("wuxin.db").display());
    let server = TestStore::postgres();
    for url in [&sqlite, &server.url] {
        thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(move || Store::open(url, 1).unwrap());
            }
        });
    }
}

#[test]
fn a_database_of_a_newer_version_is_refused() {
    for test in [TestStore::sqlite(), TestStore::postgres()] {
        test.store
            .write(|db| {
                let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')";
                diesel::RunQueryDsl::execute(diesel::sql_query(newer), db)?;
                Ok::<_, StoreError>(())
            })
            .unwrap();
        let error = Store::open(&test.url, 1).unwrap_err();
        assert!(
            matches!(&error, OpenError::Newer { versions, .. } if *versions == ["9999"]),
            "{error}"
        );
    }
}

#[test]
fn a_backup_opens_as_what_it_was_and_overwrites_nothing() {
    let test = TestStore::sqlite();
    let all = [company(1, "示例甲"), company(2, "示例乙")];
    test.store
        .write(|db| companies::put(db, &all, at(0)))
        .unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("backup.db");
    test.store.backup(&file).unwrap();
    let restored = Store::open(&format!("sqlite:{}", file.display()), 1).unwrap();
    assert_eq!(restored.read(companies::all).unwrap(), all);
    let again = test.store.backup(&file);
    assert!(matches!(again, Err(StoreError::Database(_))));
    let elsewhere = TestStore::postgres().store.backup(&file);
    assert!(matches!(elsewhere, Err(StoreError::Unsupported(_))));
}

#[test]
fn the_private_server_is_one_for_the_whole_test_process() {
    assert_eq!(postgres::server_url(), postgres::server_url());
}
