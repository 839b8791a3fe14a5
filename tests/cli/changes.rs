//! `wuxin rules show` and `wuxin rules diff`.

use crate::{done, draft, run, small};

/// The draft with higher points for complaints at the city and another first day.
fn newer(folder: &std::path::Path) -> String {
    let text = std::fs::read_to_string(draft()).unwrap();
    let text = text
        .replace(
            "points = { by = \"level\", city = -2, county = -1.5,",
            "points = { by = \"level\", city = -4, county = -9,",
        )
        .replace("effective_from = 2023-07-01", "effective_from = 2027-01-01");
    let path = folder.join("newer.toml");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn the_table_is_written_as_text_page_and_workbook() {
    let folder = tempfile::tempdir().unwrap();
    let rules = draft();
    let rules = rules.to_str().unwrap();
    let text = done(folder.path(), &["rules", "show", rules]);
    assert!(text.contains("【未经核对官方文本】") && text.contains("扣0.5分/处"));
    assert_eq!(text, done(folder.path(), &["rules", "show", rules]));
    let page = done(folder.path(), &["rules", "show", rules, "--format", "html"]);
    assert!(page.starts_with("<!DOCTYPE html>") && page.trim_end().ends_with("</html>"));
    let book = ["rules", "show", rules, "--format", "xlsx"];
    let (code, _, stderr) = run(folder.path(), &book);
    assert_eq!(code, 2, "{stderr}");
    done(
        folder.path(),
        &[&book[..], &["--out", "table.xlsx"]].concat(),
    );
    let bytes = std::fs::read(folder.path().join("table.xlsx")).unwrap();
    assert!(bytes.starts_with(b"PK"));
}

#[test]
fn the_exit_code_tells_of_differences_only_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let old = draft();
    let (old, new) = (old.to_str().unwrap(), newer(folder.path()));
    let same = done(folder.path(), &["rules", "diff", old, old, "--exit-code"]);
    assert!(same.contains("两个文件的内容没有差别。"), "{same}");
    let told = done(folder.path(), &["rules", "diff", old, &new]);
    // Long lines are broken anywhere.
    let joined = told.replace('\n', "");
    assert!(joined.contains("区县级的分值：扣1.5分改为扣9分"), "{told}");
    let (code, stdout, _) = run(folder.path(), &["rules", "diff", old, &new, "--exit-code"]);
    assert_eq!((code, stdout), (1, told));
}

#[test]
fn those_who_move_are_listed_with_their_reasons() {
    let folder = small();
    let old = draft();
    let new = newer(folder.path());
    let arguments = [
        "rules",
        "diff",
        old.to_str().unwrap(),
        &new,
        "--records",
        "records.csv",
        "--companies",
        "companies.csv",
        "--projects",
        "projects.csv",
        "--as-of",
        "2026-06-30",
    ];
    let text = done(folder.path(), &arguments);
    assert!(
        text.contains("新标准自2027-01-01起施行，2026-06-30尚未施行"),
        "{text}"
    );
    let json = done(
        folder.path(),
        &[&arguments[..], &["--format", "json"]].concat(),
    );
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    let impact = &report["impact"];
    assert_eq!(impact["subjects"], 5, "{json}");
    let moves = impact["moves"].as_array().unwrap();
    assert_eq!(moves.len() as u64, impact["moved"].as_u64().unwrap());
    assert_eq!(moves[0]["subject"], "91512002EXA000027F", "{json}");
    let reasons = moves[0]["reasons"].to_string();
    assert!(
        reasons.contains("CMP-01") && reasons.contains("1次共扣1.5分改为1次共扣9分"),
        "{reasons}"
    );
}

#[test]
fn what_is_stored_is_scored_under_both() {
    let folder = small();
    let database = ["--database", "sqlite:stored.db"];
    let import = [
        "import",
        "--companies",
        "companies.csv",
        "--projects",
        "projects.csv",
        "--records",
        "records.csv",
    ];
    done(folder.path(), &[&import[..], &database].concat());
    let old = draft();
    let new = newer(folder.path());
    let diff = [
        "rules",
        "diff",
        old.to_str().unwrap(),
        &new,
        "--as-of",
        "2026-06-30",
    ];
    let (code, _, stderr) = run(folder.path(), &diff);
    assert_eq!(code, 2, "{stderr}");
    let text = done(folder.path(), &[&diff[..], &database].concat());
    assert!(text.contains("共评价5个对象"), "{text}");
    assert!(text.contains("雁江示例竹里物业服务有限公司"), "{text}");
}
