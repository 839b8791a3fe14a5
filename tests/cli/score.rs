//! `wuxin score` offline, as the contract at the edge says.

use std::{collections::BTreeSet, path::Path};

use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use rust_xlsxwriter::Workbook;
use serde_json::Value;

use crate::{at, draft, run, small};

/// Scores the files of a folder as of 30 June 2026.
fn score(folder: &Path, files: [&str; 3], more: &[&str]) -> (i32, String, String) {
    let rules = draft();
    let mut arguments = vec![
        "score",
        "--rules",
        rules.to_str().unwrap(),
        "--as-of",
        "2026-06-30",
    ];
    for (flag, file) in ["--companies", "--projects", "--records"].iter().zip(files) {
        arguments.extend([flag, file]);
    }
    arguments.extend(more);
    run(folder, &arguments)
}

const CSV: [&str; 3] = ["companies.csv", "projects.csv", "records.csv"];

fn json(folder: &Path, files: [&str; 3]) -> String {
    let (code, stdout, stderr) = score(folder, files, &["--format", "json", "--explain"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    stdout
}

#[test]
fn the_json_has_the_keys_of_the_contract_in_their_order() {
    let folder = small();
    let (code, stdout, stderr) = score(folder.path(), CSV, &["--format", "json"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    let first = concat!(
        r#"[{"subject":"91512002EXA000019L","subject_kind":"company","ruleset":"ziyang-draft","as_of":"2026-06-30","#,
        r#""score":"98.20","grade":"AAA","rated":true,"#,
        r#""components":{"projects":"99.8333333333","basic":"18","survey":"86.5","honours":"3","conduct":"0"},"#,
        r#""lists":["red"],"consequences":["守信激励","红榜企业"],"next_change_on":"2026-11-19"},"#,
    );
    assert!(stdout.starts_with(first), "{stdout}");
    assert!(stdout.ends_with("}]\n"), "one document, one line end");
    let scores: Vec<Value> = serde_json::from_str(&stdout).unwrap();
    let subjects: Vec<&str> = scores
        .iter()
        .map(|score| score["subject"].as_str().unwrap())
        .collect();
    assert!(subjects.is_sorted_by(|a, b| a < b), "{subjects:?}");
    assert_eq!(subjects.len(), 5);
    for score in &scores {
        assert!(score.get("lines").is_none(), "lines only with --explain");
    }
}

#[test]
fn decimals_are_texts_with_exactly_the_places_of_the_rule_set_and_else_no_trailing_zeros() {
    let scores: Vec<Value> = serde_json::from_str(&json(small().path(), CSV)).unwrap();
    for score in scores {
        let total = score["score"].as_str().unwrap();
        assert_eq!(total.split_once('.').unwrap().1.len(), 2, "{total}");
        let components = score["components"].as_object().unwrap().values();
        let lines = score["lines"].as_array().unwrap();
        for value in components
            .chain(lines.iter().map(|line| &line["points"]))
            .filter(|value| !value.is_null())
        {
            let text = value.as_str().unwrap();
            let trailing = text.contains('.') && text.ends_with(['0', '.']);
            assert!(!trailing && text != "-0", "{text}");
        }
    }
}

#[test]
fn explained_lines_have_just_the_keys_of_the_contract_and_name_every_record_of_the_company() {
    let stdout = json(small().path(), CSV);
    let line = r#"{"record":"r17","item":"PEN-01","clause":""#;
    assert!(stdout.contains(line), "{stdout}");
    let scores: Vec<Value> = serde_json::from_str(&stdout).unwrap();
    let mut explained: Vec<&str> = scores
        .iter()
        .flat_map(|score| score["lines"].as_array().unwrap())
        .filter_map(|line| line["record"].as_str())
        .collect();
    explained.sort_unstable();
    explained.dedup();
    assert_eq!(explained.len(), 25, "{explained:?}");
    for line in scores
        .iter()
        .flat_map(|score| score["lines"].as_array().unwrap())
    {
        let keys: BTreeSet<&str> = line
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let agreed = ["record", "item", "clause", "points", "counted", "why"];
        assert_eq!(keys, BTreeSet::from(agreed), "{line}");
        assert!(
            line["counted"].is_boolean() && line["clause"].is_string(),
            "{line}"
        );
        assert!(
            line["counted"] == true || line["why"].is_string(),
            "not counted, and no reason: {line}"
        );
        assert!(
            line["counted"] == true || line["points"] == "0",
            "not counted, but points: {line}"
        );
    }
}

#[test]
fn companies_without_a_record_are_scored_too() {
    let folder = small();
    let records = std::fs::read_to_string(folder.path().join("records.csv")).unwrap();
    let header = records.lines().next().unwrap();
    std::fs::write(folder.path().join("none.csv"), format!("{header}\n")).unwrap();
    let files = ["companies.csv", "projects.csv", "none.csv"];
    let (code, stdout, _) = score(folder.path(), files, &["--format", "csv"]);
    assert_eq!(code, 0);
    insta::assert_snapshot!(stdout, @r"
    subject,subject_kind,ruleset,as_of,score,grade,rated,lists,next_change_on
    91512002EXA000019L,company,ziyang-draft,2026-06-30,76.00,A,true,,
    91512002EXA000027F,company,ziyang-draft,2026-06-30,76.00,A,true,,
    91512002EXA0000510,company,ziyang-draft,2026-06-30,76.00,设立不满一年，暂不评级,false,,2026-10-20
    91512021EXA000035T,company,ziyang-draft,2026-06-30,76.00,A,true,,
    91512022EXA0000434,company,ziyang-draft,2026-06-30,76.00,A,true,,
    ");
}

#[test]
fn the_table_is_for_people() {
    let (code, stdout, stderr) = score(small().path(), CSV, &[]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    insta::assert_snapshot!(stdout, @r"
    subject             score  grade                   lists  next change
    91512002EXA000019L  98.20  AAA                     red    2026-11-19
    91512002EXA000027F  70.25  A                              2027-03-03
    91512002EXA0000510  75.40  设立不满一年，暂不评级         2026-10-20
    91512021EXA000035T  84.13  A                              2026-07-29
    91512022EXA0000434  54.96  C                       watch  2026-11-13
    ");
}

#[test]
fn csv_has_one_row_a_subject() {
    let (code, stdout, stderr) = score(small().path(), CSV, &["--format", "csv"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    insta::assert_snapshot!(stdout, @r"
    subject,subject_kind,ruleset,as_of,score,grade,rated,lists,next_change_on
    91512002EXA000019L,company,ziyang-draft,2026-06-30,98.20,AAA,true,red,2026-11-19
    91512002EXA000027F,company,ziyang-draft,2026-06-30,70.25,A,true,,2027-03-03
    91512002EXA0000510,company,ziyang-draft,2026-06-30,75.40,设立不满一年，暂不评级,false,,2026-10-20
    91512021EXA000035T,company,ziyang-draft,2026-06-30,84.13,A,true,,2026-07-29
    91512022EXA0000434,company,ziyang-draft,2026-06-30,54.96,C,true,watch,2026-11-13
    ");
}

#[test]
fn rows_in_any_order_give_the_same_bytes() {
    let folder = small();
    let wanted = json(folder.path(), CSV);
    for seed in 1..=5 {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        for name in CSV {
            let text = std::fs::read_to_string(at("fixtures/small").join(name)).unwrap();
            let mut rows: Vec<&str> = text.lines().collect();
            rows[1..].shuffle(&mut rng);
            std::fs::write(folder.path().join(name), rows.join("\n")).unwrap();
        }
        assert_eq!(json(folder.path(), CSV), wanted, "shuffled by seed {seed}");
    }
}

/// The cells of a small file.
fn cells(name: &str) -> Vec<Vec<String>> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .from_path(at("fixtures/small").join(name))
        .unwrap()
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

#[test]
fn workbooks_give_the_same_bytes_as_csv() {
    let folder = small();
    let wanted = json(folder.path(), CSV);
    for name in CSV {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (row, values) in cells(name).iter().enumerate() {
            sheet
                .write_row(u32::try_from(row).unwrap(), 0, values)
                .unwrap();
        }
        book.save(folder.path().join(name.replace(".csv", ".xlsx")))
            .unwrap();
    }
    assert_eq!(
        json(
            folder.path(),
            ["companies.xlsx", "projects.xlsx", "records.xlsx"]
        ),
        wanted
    );
}

#[test]
fn chinese_headers_give_the_same_bytes() {
    let folder = small();
    let wanted = json(folder.path(), CSV);
    let names = [
        (
            "companies.csv",
            "uscc=统一社会信用代码 name=企业名称 region=行政区划 registered_on=成立日期 status=登记状态 \
          legal_representative=法定代表人 address=地址 phone=联系电话",
        ),
        (
            "projects.csv",
            "code=项目编码 name=项目名称 company=企业信用代码 region=行政区划 area=管理面积 households=户数 \
          from=合同开始日期 until=合同结束日期 contract_value=合同金额 service_grade=服务等级",
        ),
        (
            "records.csv",
            "id=记录编号 item=条目 kind=记录类型 company=企业信用代码 project=项目编码 body=记分主体 \
          decided_on=认定日期 points=分值 reason=理由 matter=事项 rectify_by=整改期限 rectified_on=整改完成日期 status=记录状态",
        ),
    ];
    for (file, names) in names {
        let mut rows = cells(file);
        for pair in names.split_whitespace() {
            let (english, chinese) = pair.split_once('=').unwrap();
            let column = rows[0].iter_mut().find(|name| *name == english).unwrap();
            chinese.clone_into(column);
        }
        let mut writer = csv::Writer::from_path(folder.path().join(file)).unwrap();
        rows.iter()
            .for_each(|row| writer.write_record(row).unwrap());
        writer.flush().unwrap();
    }
    assert_eq!(json(folder.path(), CSV), wanted);
}

#[test]
fn a_faulty_row_leaves_stdout_empty_and_keep_going_scores_the_rest() {
    let folder = small();
    std::fs::copy(
        at("fixtures/bad/points-out-of-range.csv"),
        folder.path().join("bad.csv"),
    )
    .unwrap();
    let files = ["companies.csv", "projects.csv", "bad.csv"];
    let (code, stdout, _) = score(folder.path(), files, &["--format", "json"]);
    assert_eq!((code, stdout.as_str()), (1, ""));
    let (code, stdout, stderr) = score(folder.path(), files, &["--format", "json", "--keep-going"]);
    assert_eq!(code, 1);
    assert!(
        stderr.contains("第3行") && stderr.contains("第4行"),
        "{stderr}"
    );
    let good = std::fs::read_to_string(folder.path().join("bad.csv")).unwrap();
    let good: Vec<&str> = good.lines().take(2).collect();
    std::fs::write(folder.path().join("good.csv"), good.join("\n")).unwrap();
    let rest = score(
        folder.path(),
        ["companies.csv", "projects.csv", "good.csv"],
        &["--format", "json"],
    );
    assert_eq!((0, stdout), (rest.0, rest.1));
}

#[test]
fn a_command_line_that_does_not_go_together_exits_2() {
    let folder = small();
    let rules = draft();
    let rules = rules.to_str().unwrap();
    for arguments in [
        vec!["score"],
        vec!["score", "--rules", rules],
        vec!["score", "--records", "records.csv", "--as-of", "2026-06-30"],
        vec!["score", "--rules", rules, "--records", "records.csv"],
        vec![
            "score",
            "--rules",
            rules,
            "--records",
            "records.csv",
            "--as-of",
            "2026-02-30",
        ],
        vec![
            "score",
            "--rules",
            rules,
            "--records",
            "records.csv",
            "--as-of",
            "2026-06-30",
            "--format",
            "xml",
        ],
        vec!["import"],
        vec!["no-such-command"],
    ] {
        let (code, stdout, stderr) = run(folder.path(), &arguments);
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}: {stderr}");
        assert_ne!(stderr, "");
    }
}

#[test]
fn rules_with_faults_score_nothing() {
    let folder = small();
    let text =
        std::fs::read_to_string(draft())
            .unwrap()
            .replacen("id = \"ziyang-draft\"", "id = 7", 1);
    std::fs::write(folder.path().join("broken.toml"), text).unwrap();
    let arguments = [
        "score",
        "--rules",
        "broken.toml",
        "--records",
        "records.csv",
        "--as-of",
        "2026-06-30",
    ];
    let (code, stdout, stderr) = run(folder.path(), &arguments);
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(
        stderr.contains("broken.toml:8:6") && stderr.contains("R004"),
        "{stderr}"
    );
}

/// The draft as two versions: until the end of June 2026, and from `second` on.
fn two_versions(folder: &Path, second: &str) -> [String; 2] {
    let text = std::fs::read_to_string(draft()).unwrap();
    let versions = [
        (
            "v1",
            "effective_from = 2023-07-01\neffective_until = 2026-06-30".to_owned(),
        ),
        ("v2", format!("effective_from = {second}")),
    ];
    versions.map(|(id, days)| {
        let text = text
            .replace(
                "id = \"ziyang-draft\"",
                &format!("id = \"{id}\"\npolicy = \"ziyang\""),
            )
            .replace("effective_from = 2023-07-01", &days);
        let name = format!("{id}.toml");
        std::fs::write(folder.join(&name), text).unwrap();
        name
    })
}

#[test]
fn the_version_in_force_on_the_day_scores() {
    let folder = small();
    let [one, two] = two_versions(folder.path(), "2026-08-01");
    let on = |day: &str, files: &[&str]| {
        let mut arguments = vec!["score", "--as-of", day, "--format", "json"];
        for file in files {
            arguments.extend(["--rules", file]);
        }
        for (flag, file) in ["--companies", "--projects", "--records"].iter().zip(CSV) {
            arguments.extend([*flag, file]);
        }
        run(folder.path(), &arguments)
    };
    let both = [one.as_str(), two.as_str()];
    let (code, june, stderr) = on("2026-06-30", &both);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(june.contains(r#""ruleset":"v1""#) && !june.contains("v2"));
    // Another version beside it changes no byte; the order of the files does not matter.
    assert_eq!(on("2026-06-30", &[&one]).1, june);
    assert_eq!(on("2026-06-30", &[&two, &one]).1, june);
    assert!(on("2026-08-01", &both).1.contains(r#""ruleset":"v2""#));
    let (code, stdout, stderr) = on("2026-07-15", &both);
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(
        stderr.contains("前一版本 v1 到 2026-06-30 为止；后一版本 v2 自 2026-08-01 起"),
        "{stderr}"
    );
    let (code, stdout, stderr) = on("2026-07-15", &[&one]);
    assert_eq!(code, 0, "one file is tried out on any day: {stderr}");
    assert!(stdout.contains("v1") && stderr.contains("warning: v1 is not in force"));
    two_versions(folder.path(), "2026-06-01");
    let (code, stdout, stderr) = on("2026-07-15", &both);
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(
        stderr.contains("R031") && stderr.contains("同时有效"),
        "{stderr}"
    );
}
