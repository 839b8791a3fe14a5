//! The dependency rule of the house, held: arrows point down only, and the pure rooms touch nothing outside.

#![cfg(test)]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Rooms from the top of the house down; a room may use itself and the rooms its line names.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("rules", &["domain"]),
    ("listing", &["domain"]),
    ("procedure", &["domain"]),
    ("draw", &["domain"]),
    ("ledger", &["domain"]),
    ("intake", &["domain", "rules"]),
    ("store", &["domain"]),
    ("feed", &["domain", "secret"]),
    (
        "service",
        &[
            "domain",
            "rules",
            "listing",
            "procedure",
            "draw",
            "ledger",
            "intake",
            "store",
            "feed",
            "config",
            "secret",
        ],
    ),
    ("jobs", &["domain", "service", "clock", "config"]),
    (
        "web",
        &[
            "domain",
            "rules",
            "listing",
            "procedure",
            "service",
            "clock",
            "config",
        ],
    ),
];

/// Rooms that do no I/O and read no clock.
const PURE: &[&str] = &["domain", "rules", "listing", "procedure", "draw", "ledger"];

/// What a pure room must not name.
const IMPURE: &[&str] = &[
    "diesel",
    "axum",
    "tokio",
    "reqwest",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "SystemTime",
    "Instant::now",
    "Utc::now",
    "Local::now",
    "rand::rng",
];

/// Words that only one room may name.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("diesel::", &["store"]),
    ("reqwest::", &["feed"]),
    ("axum::", &["web", "feed"]),
];

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push((path.clone(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    walk(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut found,
    );
    assert!(found.len() > 20, "the sources were not found");
    found.sort();
    found
}

fn room(path: &Path) -> String {
    let inside = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let first = inside.unwrap().components().next().unwrap();
    first
        .as_os_str()
        .to_string_lossy()
        .trim_end_matches(".rs")
        .to_owned()
}

/// Unit tests in files of their own.
fn is_test(path: &Path) -> bool {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    name.ends_with("tests") || path.components().any(|part| part.as_os_str() == "tests")
}

/// The code of a file: without comments and without its unit tests, which may use what they like.
fn code(text: &str) -> String {
    let until_tests = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    until_tests
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The rooms named after every `crate::`, also in a group: `crate::{domain::Day, store}`.
fn rooms_used(code: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.trim_start()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let mut names = Vec::new();
    for used in code.split("crate::").skip(1) {
        let Some(group) = used.strip_prefix('{') else {
            names.push(word(used));
            continue;
        };
        let mut depth = 0;
        let mut start = 0;
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => {
                    names.push(word(&group[start..at]));
                    break;
                }
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    names.push(word(&group[start..at]));
                    start = at + 1;
                }
                _ => {}
            }
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

#[test]
fn groups_of_imports_are_understood() {
    let code = "use crate::{\n    domain::{Day, Uscc},\n    store,\n};\nuse crate::rules::Line;";
    assert_eq!(rooms_used(code), ["domain", "store", "rules"]);
}

#[test]
fn arrows_point_down_only() {
    let mut faults = Vec::new();
    for (path, text) in sources() {
        let room = room(&path);
        if is_test(&path) {
            continue;
        }
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == room) else {
            continue;
        };
        for name in rooms_used(&code(&text)) {
            if name != room && !allowed.contains(&name.as_str()) {
                faults.push(format!("{}: {room} may not use {name}", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn pure_rooms_touch_nothing_outside() {
    let mut faults = Vec::new();
    for (path, text) in sources() {
        if is_test(&path) || !PURE.contains(&room(&path).as_str()) {
            continue;
        }
        for word in IMPURE.iter().filter(|word| code(&text).contains(**word)) {
            faults.push(format!("{} names {word}", path.display()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn sql_http_clients_and_servers_live_in_their_rooms() {
    let mut faults = Vec::new();
    for (path, text) in sources() {
        for (word, rooms) in ONLY_IN {
            let room = room(&path);
            if code(&text).contains(word) && !rooms.contains(&room.as_str()) && room != "cli" {
                faults.push(format!("{} names {word}", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_module_says_what_it_is_for() {
    let silent: Vec<_> = sources()
        .into_iter()
        .filter(|(path, text)| !is_test(path) && !text.starts_with("//!"))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert!(silent.is_empty(), "no //! at the top of {silent:?}");
}

#[test]
fn the_map_names_every_room() {
    let map = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let page =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/architecture.md"))
            .unwrap();
    for (path, _) in sources() {
        let room = room(&path);
        if ["lib", "main"].contains(&room.as_str()) {
            continue;
        }
        assert!(
            map.contains(&format!("pub mod {room};")),
            "lib.rs does not name {room}"
        );
        assert!(
            page.contains(&format!("`{room}")),
            "docs/architecture.md does not name {room}"
        );
    }
}

#[test]
fn migrations_have_the_same_names_on_both_databases() {
    let names = |backend: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("migrations")
            .join(backend);
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    assert!(!names("sqlite").is_empty());
    assert_eq!(names("sqlite"), names("postgres"));
}
