//! The pages of `docs/codes` and the table of codes, held together both ways; every example is run.

use std::{collections::BTreeSet, fs};

use wuxin::{
    domain::Day,
    rules::{Code, Diagnostic, RuleSet, Severity, check_versions},
};

use super::{all_blocks, blocks, read, root};

/// The text of a table and everything below it, by the first name of its header.
fn chunks(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = vec![(String::new(), String::new())];
    for line in text.lines() {
        let header = line
            .strip_prefix('[')
            .map(|rest| rest.trim_start_matches('['));
        if let Some(header) = header {
            let name = header.split(['.', ']', ' ']).next().unwrap_or_default();
            found.push((name.to_owned(), String::new()));
        }
        let last = found.last_mut().unwrap();
        last.1.push_str(line);
        last.1.push('\n');
    }
    found
}

/// An example put into the whole file that all examples share.
fn whole(base: &str, example: &str) -> String {
    let own = chunks(example);
    let replaced: BTreeSet<&str> = own.iter().map(|(name, _)| name.as_str()).collect();
    let rest = chunks(base)
        .into_iter()
        .filter(|(name, _)| name.is_empty() || !replaced.contains(name.as_str()))
        .map(|(_, text)| text);
    rest.collect::<String>() + example
}

/// The files of an example: one, or several that `# 文件 NAME` begins.
fn files(example: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in example.lines() {
        if let Some(name) = line.strip_prefix("# 文件 ") {
            found.push((name.to_owned(), String::new()));
            continue;
        }
        if found.is_empty() {
            found.push(("base.toml".to_owned(), String::new()));
        }
        let last = found.last_mut().unwrap();
        last.1.push_str(line);
        last.1.push('\n');
    }
    if found.is_empty() {
        found.push(("base.toml".to_owned(), String::new()));
    }
    found
}

/// Everything that is told about an example, as `wuxin rules check` tells it.
fn told(base: &str, example: &str, as_of: Option<Day>) -> Vec<(Diagnostic, String)> {
    let mut found = Vec::new();
    let mut rulesets = Vec::new();
    for (name, text) in files(example) {
        let text = whole(base, &text);
        match RuleSet::load(&name, &text) {
            Ok(loaded) => {
                let all = loaded
                    .warnings
                    .into_iter()
                    .chain(loaded.ruleset.case_diagnostics());
                found.extend(all.map(|one| (one, text.clone())));
                rulesets.push(loaded.ruleset);
            }
            Err(all) => found.extend(all.into_iter().map(|one| (one, text.clone()))),
        }
    }
    let all: Vec<&RuleSet> = rulesets.iter().collect();
    for one in check_versions(&all, as_of) {
        let text = all
            .iter()
            .find(|rules| rules.file() == one.file)
            .unwrap()
            .text();
        found.push((one, text.to_owned()));
    }
    found
}

fn shown(found: &[(Diagnostic, String)]) -> String {
    found.iter().map(|(one, text)| one.render(text)).collect()
}

fn base() -> String {
    let page = read("docs/codes/README.md");
    let (_, text) = blocks(&page, "toml,base").into_iter().next().unwrap();
    text
}

/// The examples of a kind, `wrong` or `right`, each with its line and the day of `--as-of`.
fn examples(page: &str, kind: &str) -> Vec<(usize, Option<Day>, String)> {
    let opening = format!("toml,{kind}");
    all_blocks(page)
        .into_iter()
        .filter_map(|(at, info, text)| {
            let rest = info.strip_prefix(&opening)?;
            let day = rest.strip_prefix(",as_of=").map(|day| day.parse().unwrap());
            Some((at, day, text))
        })
        .collect()
}

#[test]
fn the_file_that_the_examples_share_has_no_finding() {
    let base = base();
    let found = told(&base, "", None);
    assert!(found.is_empty(), "{}", shown(&found));
}

#[test]
fn every_code_has_its_page_and_every_page_its_code() {
    let pages: BTreeSet<String> = fs::read_dir(root().join("docs/codes"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name != "README.md")
        .collect();
    let codes: BTreeSet<String> = Code::ALL.iter().map(|code| format!("{code}.md")).collect();
    assert_eq!(pages, codes);
    let index = read("docs/codes/README.md");
    for code in Code::ALL {
        let page = read(&code.path());
        assert_eq!(
            page,
            code.page(),
            "the program holds another page of {code}"
        );
        assert!(
            page.starts_with(&format!("# {code} {}\n", code.chinese())),
            "{code}"
        );
        let (kind, word) = match code.severity() {
            Severity::Error => ("**错误**", "(error)"),
            Severity::Warning => ("**提示**", "(warning)"),
        };
        assert!(
            page.contains(kind) && page.contains(word),
            "{code} is {kind}"
        );
        assert!(
            page.to_lowercase().contains(&code.title().to_lowercase()),
            "{code}"
        );
        let row = format!("| [{code}]({code}.md) |");
        let row = index.lines().find(|line| line.starts_with(&row));
        let row = row.unwrap_or_else(|| panic!("the index has no row for {code}"));
        assert!(
            row.contains(code.chinese()) && row.contains(code.title()),
            "{row}"
        );
    }
}

#[test]
fn the_examples_of_every_page_give_its_code_and_no_other() {
    let base = base();
    let mut faults = String::new();
    for code in Code::ALL {
        let page = read(&code.path());
        let (wrong, right) = (examples(&page, "wrong"), examples(&page, "right"));
        assert!(
            !wrong.is_empty() && !right.is_empty(),
            "{code} needs a wrong and a right example"
        );
        for (line, as_of, text) in wrong {
            let found = told(&base, &text, as_of);
            let codes: BTreeSet<Code> = found.iter().map(|(one, _)| one.code).collect();
            if codes != BTreeSet::from([*code]) {
                faults += &format!("{code}:{line} gives {codes:?}\n{}\n", shown(&found));
            }
        }
        for (line, as_of, text) in right {
            let found = told(&base, &text, as_of);
            if !found.is_empty() {
                faults += &format!("{code}:{line} is not right\n{}\n", shown(&found));
            }
        }
    }
    assert!(faults.is_empty(), "{faults}");
}
