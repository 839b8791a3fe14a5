//! The documentation, held to the code: columns, codes, settings, problems and steps are all there, and the examples work.
#![cfg(test)]

#[path = "docs/codes.rs"]
mod codes;
#[path = "docs/complaints.rs"]
mod complaints;
#[path = "docs/papers.rs"]
mod papers;

use std::{collections::BTreeSet, fs, path::Path};

use wuxin::{
    config::ENVIRONMENT,
    domain::DeadlineRules,
    intake,
    listing::{Action, StepName},
    procedure::{inspection, record},
    rules::{Code, RuleSet},
    web,
};

const SECTIONS: [(&str, &[intake::Column]); 7] = [
    ("companies.csv", intake::COMPANY_COLUMNS),
    ("projects.csv", intake::CONTRACT_COLUMNS),
    ("records.csv", intake::RECORD_COLUMNS),
    ("history.csv", intake::HISTORY_COLUMNS),
    ("complaints.csv", intake::COMPLAINT_COLUMNS),
    ("check-items.csv", intake::CHECK_ITEM_COLUMNS),
    ("check-officers.csv", intake::CHECK_OFFICER_COLUMNS),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|fault| panic!("{path}: {fault}"))
}

/// The fenced blocks of a page, each with the line it stands on and what follows its opening fence.
fn all_blocks(page: &str) -> Vec<(usize, String, String)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, String, String)> = None;
    for (index, line) in page.lines().enumerate() {
        open = match (open, line.strip_prefix("```")) {
            (None, Some(info)) => Some((index + 1, info.to_owned(), String::new())),
            (None, None) => None,
            (Some(block), Some(_)) => {
                found.push(block);
                None
            }
            (Some((at, info, text)), None) => Some((at, info, format!("{text}{line}\n"))),
        };
    }
    assert!(open.is_none(), "a block is not closed");
    found
}

/// The fenced blocks of a page that open with this word.
fn blocks(page: &str, opening: &str) -> Vec<(usize, String)> {
    all_blocks(page)
        .into_iter()
        .filter(|(_, info, _)| info == opening)
        .map(|(at, _, text)| (at, text))
        .collect()
}

/// The part of a page under the heading that holds this text, up to the next heading of the same level.
fn section<'p>(page: &'p str, heading: &str) -> &'p str {
    let start = page
        .match_indices("\n## ")
        .find(|(at, _)| {
            page[at + 1..]
                .lines()
                .next()
                .unwrap_or_default()
                .contains(heading)
        })
        .unwrap_or_else(|| panic!("no section {heading}"))
        .0;
    let rest = &page[start + 1..];
    rest.find("\n## ").map_or(rest, |end| &rest[..end])
}

/// Every `"X000"` in the sources under these paths, tests left out.
fn codes_in(paths: &[&str], letter: char) -> BTreeSet<String> {
    fn walk(path: &Path, letter: char, found: &mut BTreeSet<String>) {
        if path.is_dir() {
            for entry in fs::read_dir(path).unwrap() {
                walk(&entry.unwrap().path(), letter, found);
            }
            return;
        }
        let text = fs::read_to_string(path).unwrap();
        for (at, _) in text.match_indices(&format!("\"{letter}")) {
            let code: String = text[at + 1..].chars().take_while(|c| *c != '"').collect();
            if code.len() == 4 && code[1..].bytes().all(|byte| byte.is_ascii_digit()) {
                found.insert(code);
            }
        }
    }
    let mut found = BTreeSet::new();
    for path in paths {
        walk(&root().join(path), letter, &mut found);
    }
    assert!(!found.is_empty(), "no code {letter}... in {paths:?}");
    found
}

fn missing<'c>(page: &str, codes: impl IntoIterator<Item = &'c str>) -> Vec<&'c str> {
    codes
        .into_iter()
        .filter(|code| !page.contains(code))
        .collect()
}

#[test]
fn every_column_of_every_file_is_described_with_its_names() {
    let page = read("docs/files.md");
    for (file, columns) in SECTIONS {
        let section = section(&page, file);
        for column in columns {
            let row = section
                .lines()
                .find(|line| line.starts_with(&format!("| `{}` ", column.name)))
                .unwrap_or_else(|| panic!("{file}: no row for {}", column.name));
            let names: Vec<&str> = [column.chinese]
                .into_iter()
                .chain(column.synonyms.iter().copied())
                .collect();
            assert!(
                missing(row, names).is_empty(),
                "{file}: {} needs its names: {row}",
                column.name
            );
            let said = row.split('|').nth(4).unwrap_or_default().trim();
            assert_eq!(said == "yes", column.required, "{file}: {}", column.name);
        }
    }
}

#[test]
fn every_fault_of_files_and_data_is_described() {
    let page = read("docs/files.md");
    for (code, what) in intake::CODES {
        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| {code} |")));
        let row = row.unwrap_or_else(|| panic!("no row for {code}"));
        assert!(row.contains(what), "{code} is {what}: {row}");
    }
    let data = codes_in(&["src/rules", "src/service"], 'D');
    let absent = missing(&page, data.iter().map(String::as_str));
    assert!(absent.is_empty(), "{absent:?}");
}

#[test]
fn every_finding_about_rules_is_listed_in_both_languages() {
    for (path, chinese) in [("docs/rules.md", false), ("docs/rules.zh-CN.md", true)] {
        let page = read(path);
        for code in Code::ALL {
            let start = format!("| [{code}](codes/{code}.md) |");
            let row = page.lines().find(|line| line.starts_with(&start));
            let row = row.unwrap_or_else(|| panic!("{path} has no row for {code}"));
            let said = if chinese {
                code.chinese()
            } else {
                code.title()
            };
            assert!(row.contains(said), "{path}: {code} is {said}: {row}");
        }
    }
}

#[test]
fn every_fault_of_a_request_is_described() {
    let page = read("docs/http.md");
    for letter in ['E', 'F'] {
        let codes = codes_in(&["src/service", "src/web"], letter);
        let absent = missing(&page, codes.iter().map(String::as_str));
        assert!(absent.is_empty(), "{absent:?}");
    }
}

#[test]
fn whole_rule_sets_in_the_pages_load_and_their_cases_pass() {
    for path in ["docs/rules.md", "docs/rules.zh-CN.md"] {
        let mut cases = 0;
        let examples: Vec<_> = blocks(&read(path), "toml")
            .into_iter()
            .filter(|(_, text)| text.contains("[ruleset]"))
            .collect();
        assert!(!examples.is_empty(), "{path} has no whole rule set");
        for (line, text) in examples {
            let loaded = match RuleSet::load(path, &text) {
                Ok(loaded) => loaded,
                Err(found) => panic!(
                    "{path}:{line}\n{}",
                    found
                        .iter()
                        .map(|one| one.render(&text))
                        .collect::<String>()
                ),
            };
            let failed: Vec<String> = loaded
                .ruleset
                .case_diagnostics()
                .iter()
                .map(|one| one.render(&text))
                .collect();
            assert!(failed.is_empty(), "{path}:{line}\n{}", failed.join("\n"));
            cases += loaded.ruleset.cases().len();
        }
        assert!(cases > 0, "{path} has no worked case");
    }
}

#[test]
fn the_table_of_roundings_is_what_the_rules_give() {
    for path in ["docs/rules.md", "docs/rules.zh-CN.md"] {
        let page = read(path);
        let cells = |line: &str| -> Vec<String> {
            line.split('|').map(|cell| cell.trim().to_owned()).collect()
        };
        let mut rows = page
            .lines()
            .skip_while(|line| !line.starts_with("| `rounding` | 8"));
        let values = cells(rows.next().unwrap());
        let mut checked = 0;
        for row in rows
            .skip(1)
            .take_while(|line| line.starts_with('|'))
            .map(cells)
        {
            let word = row[1].split('`').nth(1).unwrap();
            for (value, rounded) in values
                .iter()
                .zip(&row)
                .skip(2)
                .filter(|(value, _)| !value.is_empty())
            {
                let text = format!(
                    "[ruleset]\nid = \"r\"\ntitle = \"r\"\neffective_from = 2026-01-01\nsubject = \"company\"\n\
                     [period]\nkind = \"month\"\ncounts_from = \"decided_on\"\n[score]\nrounding = \"{word}\"\n\
                     [[component]]\nid = \"c\"\nbase = {value}\n\
                     [[case]]\ntitle = \"t\"\nas_of = 2026-01-01\nexpect = {{ score = \"{rounded}\" }}\n"
                );
                let rules = RuleSet::load("r.toml", &text).unwrap().ruleset;
                let failed = rules.case_diagnostics();
                assert!(failed.is_empty(), "{path}: {word} {value}: {failed:?}");
                checked += 1;
            }
        }
        assert_eq!(checked, 16, "{path}");
    }
}

/// Every key that the readers of the language ask for, from their source.
#[test]
fn every_key_of_the_language_is_in_the_reference() {
    let mut keys = BTreeSet::new();
    for file in ["head", "items", "ladder", "points", "cases", "names"] {
        let source = read(&format!("src/rules/read/{file}.rs"));
        for getter in [
            "text(",
            "needed_text(",
            "needed(",
            "number(",
            "points(",
            "flag(",
            "day(",
            "span(",
            "texts(",
            "whole(",
            "keyword(",
            "value(",
            "table(",
            "tables(",
            "string(",
            "strings(",
            "optional(",
            "list(&table, ",
            "word(",
        ] {
            for (at, _) in source.match_indices(&format!("{getter}\"")) {
                let rest = &source[at + getter.len() + 1..];
                let key: String = rest.chars().take_while(|c| *c != '"').collect();
                if key
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
                {
                    keys.insert(key);
                }
            }
        }
    }
    assert!(keys.len() > 60, "{keys:?}");
    for path in ["docs/rules.md", "docs/rules.zh-CN.md"] {
        let page = read(path);
        let named = |key: &&String| {
            let inner = [
                format!("`{key}`"),
                format!("`{key} "),
                format!(" {key}`"),
                format!("[{key}"),
                format!("{key} = "),
            ];
            inner.iter().any(|text| page.contains(text))
        };
        let absent: Vec<&String> = keys.iter().filter(|key| !named(key)).collect();
        assert!(absent.is_empty(), "{path}: {absent:?}");
    }
}

#[test]
fn what_the_pages_say_that_check_prints_is_printed() {
    for path in ["docs/rules.md", "docs/rules.zh-CN.md"] {
        let page = read(path);
        let (_, first) = blocks(&page, "toml").into_iter().next().unwrap();
        let (_, shown) = blocks(&page, "text").into_iter().next().unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("first.toml"), first).unwrap();
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_wuxin"))
            .args(["rules", "check", "first.toml"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        assert_eq!(
            format!("$ wuxin rules check first.toml\n{printed}"),
            shown,
            "{path}"
        );
    }
}

#[test]
fn fragments_of_rules_are_at_least_toml() {
    for path in [
        "docs/rules.md",
        "docs/rules.zh-CN.md",
        "docs/lists.md",
        "docs/feed.md",
        "docs/deadlines.md",
        "docs/documents.md",
    ] {
        for (line, text) in blocks(&read(path), "toml,fragment") {
            if let Err(fault) = toml::from_str::<toml::Table>(&text) {
                panic!("{path}:{line}: {fault}");
            }
        }
    }
}

#[test]
fn the_english_and_the_chinese_reference_have_the_same_chapters_and_examples() {
    let (english, chinese) = (read("docs/rules.md"), read("docs/rules.zh-CN.md"));
    let chapters = |page: &str| page.lines().filter(|line| line.starts_with("## ")).count();
    assert_eq!(chapters(&english), chapters(&chinese));
    let code = |page: &str| -> Vec<String> {
        ["toml", "toml,fragment"]
            .iter()
            .flat_map(|opening| blocks(page, opening))
            .map(|(_, text)| text)
            .collect()
    };
    assert_eq!(code(&english).len(), code(&chinese).len());
}

/// The variables and places of the table `ENVIRONMENT`, from its source.
fn environment() -> Vec<(String, String)> {
    ENVIRONMENT
        .iter()
        .map(|(variable, place)| ((*variable).to_owned(), place.join(".")))
        .collect()
}

/// The fields of the structures of settings, as `section.key`.
fn settings() -> Vec<String> {
    let source = read("src/config.rs");
    let mut found = Vec::new();
    for (name, section) in [
        ("Settings", ""),
        ("Authority", "authority."),
        ("Publish", "publish."),
        ("Report", "report."),
        ("Jobs", "jobs."),
        ("Backup", "backup."),
        ("Metrics", "metrics."),
        ("Log", "log."),
        ("Limits", "limits."),
        ("SignIn", "sign_in."),
    ] {
        let body = source
            .split(&format!("pub struct {name} {{"))
            .nth(1)
            .and_then(|rest| rest.split("\n}").next())
            .unwrap();
        for field in body
            .lines()
            .filter_map(|line| line.trim().strip_prefix("pub "))
        {
            let field = field.split(':').next().unwrap();
            let is_section = [
                "authority",
                "publish",
                "report",
                "jobs",
                "backup",
                "metrics",
                "log",
                "limits",
                "sign_in",
            ]
            .contains(&field);
            if !(section.is_empty() && is_section) {
                found.push(format!("{section}{field}"));
            }
        }
    }
    assert!(found.len() > 20);
    found
}

#[test]
fn every_variable_sets_a_setting() {
    let settings = settings();
    for (variable, place) in environment() {
        assert!(
            settings.contains(&place),
            "{variable} sets {place}, which is none"
        );
    }
}

#[test]
fn every_setting_is_described_with_its_variable() {
    let page = read("docs/settings.md");
    let variables = environment();
    for setting in settings() {
        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| `{setting}` |")))
            .unwrap_or_else(|| panic!("no row for {setting}"));
        match variables.iter().find(|(_, place)| *place == setting) {
            Some((variable, _)) => assert!(row.contains(&format!("`{variable}`")), "{row}"),
            None => assert!(!row.contains("WUXIN_"), "no variable sets {setting}: {row}"),
        }
    }
}

#[test]
fn the_sample_settings_are_read() {
    let page = read("docs/settings.md");
    let samples = blocks(&page, "toml");
    assert!(!samples.is_empty());
    let folder = tempfile::tempdir().unwrap();
    for (line, text) in samples {
        let path = folder.path().join("wuxin.toml");
        fs::write(
            &path,
            text.replace("/etc/wuxin", &folder.path().display().to_string()),
        )
        .unwrap();
        fs::write(folder.path().join("platform-token"), "token\n").unwrap();
        if let Err(fault) = wuxin::config::Settings::load(Some(&path), |_| None) {
            panic!("docs/settings.md:{line}: {fault}");
        }
    }
}

#[test]
fn every_problem_has_its_row() {
    let page = read("docs/http.md");
    for (name, status, title) in web::TYPES {
        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| `{name}` |")))
            .unwrap_or_else(|| panic!("no row for {name}"));
        assert!(
            row.contains(status.as_str()) && row.contains(title),
            "{row}"
        );
    }
}

#[test]
fn every_step_of_an_entry_has_an_example_that_is_read() {
    let page = read("docs/http.md");
    let mut seen = BTreeSet::new();
    for (line, text) in blocks(&page, "json,step") {
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let version = value
            .as_object_mut()
            .and_then(|step| step.remove("version"));
        assert!(
            version.is_some_and(|version| version.is_i64()),
            "docs/http.md:{line}"
        );
        let action: Action = serde_json::from_value(value)
            .unwrap_or_else(|fault| panic!("docs/http.md:{line}: {fault}"));
        seen.insert(action.name());
    }
    assert_eq!(seen, StepName::ALL.iter().copied().collect());
}

#[test]
fn every_step_of_a_record_has_an_example_that_is_read() {
    let mut seen = BTreeSet::new();
    for (line, text) in blocks(&read("docs/records.md"), "json,record-step") {
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        // The correction that may go with an upheld objection.
        if let Some(record) = value.as_object_mut().and_then(|step| step.remove("record")) {
            serde_json::from_value::<wuxin::service::RecordDraft>(record).unwrap();
        }
        let step: record::Step = serde_json::from_value(value)
            .unwrap_or_else(|fault| panic!("docs/records.md:{line}: {fault}"));
        seen.insert(step.name());
    }
    assert_eq!(seen, BTreeSet::from(record::Step::NAMES));
}

#[test]
fn every_step_of_a_visit_has_an_example_that_is_read() {
    let page = read("docs/checks.md");
    let mut seen = BTreeSet::new();
    for (line, text) in blocks(&page, "json,visit-step") {
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let version = value
            .as_object_mut()
            .and_then(|step| step.remove("version"));
        assert!(version.is_some(), "docs/checks.md:{line}");
        let step: inspection::Step = serde_json::from_value(value)
            .unwrap_or_else(|fault| panic!("docs/checks.md:{line}: {fault}"));
        seen.insert(step.name());
    }
    assert_eq!(seen, BTreeSet::from(inspection::Step::NAMES));
    for code in inspection::ResultCode::ALL {
        let row = format!("| `{}` | {} |", code.as_str(), code.chinese());
        assert!(page.contains(&row), "{row}");
    }
}

#[test]
fn every_kind_of_deadline_of_a_record_is_described() {
    let page = read("docs/records.md");
    let rules = DeadlineRules::parse(&read("rules/deadlines.toml")).unwrap();
    let of_records = rules.iter().map(|rule| rule.id.as_str());
    let kinds: Vec<&str> = of_records.filter(|id| id.starts_with("record.")).collect();
    assert_eq!(kinds.len(), 6);
    let absent = missing(&page, kinds);
    assert!(absent.is_empty(), "{absent:?}");
}

#[test]
fn every_route_is_described() {
    let page = read("docs/http.md");
    let document = serde_json::to_value(web::openapi()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    for (path, methods) in paths {
        for method in methods.as_object().unwrap().keys() {
            let route = format!("`{} {path}`", method.to_uppercase());
            assert!(page.contains(&route), "no {route}");
        }
    }
}

#[test]
fn every_figure_for_monitoring_is_described_and_there_is() {
    let page = read("docs/operations.md");
    let described: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `wuxin_"))
        .filter_map(|rest| rest.split('`').next())
        .collect();
    let known: BTreeSet<&str> = web::METRICS
        .iter()
        .filter_map(|metric| metric.name.strip_prefix("wuxin_"))
        .collect();
    assert_eq!(described, known);
}

#[test]
fn every_job_is_described_with_its_hour() {
    let page = read("docs/operations.md");
    let jobs = section(&page, "## Jobs");
    for job in wuxin::service::jobs::JobName::ALL {
        assert!(jobs.contains(&format!("\n| {job} | ")), "no row for {job}");
    }
}

#[test]
fn links_between_pages_lead_somewhere() {
    let mut pages: Vec<String> = fs::read_dir(root().join("docs"))
        .unwrap()
        .map(|entry| format!("docs/{}", entry.unwrap().file_name().to_string_lossy()))
        .collect();
    pages.extend(["README.md".to_owned(), "README.zh-CN.md".to_owned()]);
    for path in pages.iter().filter(|path| path.ends_with(".md")) {
        let text = read(path);
        for (at, _) in text.match_indices("](") {
            let target = text[at + 2..].split([')', '#']).next().unwrap_or_default();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            let file = root().join(path).parent().unwrap().join(target);
            assert!(file.exists(), "{path} links to {target}");
        }
    }
}

#[test]
fn the_score_example_prints_what_the_readme_says() {
    let run = |path: &str| {
        let readme = read(path);
        let command = blocks(&readme, "sh")
            .into_iter()
            .map(|(_, text)| text.replace("\\\n", " "))
            .find(|text| text.starts_with("wuxin score"))
            .unwrap();
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_wuxin"))
            .args(command.split_whitespace().skip(1))
            .current_dir(root())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let (_, shown) = blocks(&readme, "text").into_iter().next().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), shown, "{path}");
    };
    run("README.md");
    run("README.zh-CN.md");
}
