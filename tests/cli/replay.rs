//! `wuxin replay`, and `wuxin score --known-at`.

use crate::{done, run, small};

#[test]
fn what_was_scored_comes_out_again() {
    let folder = small();
    let path = folder.path();
    let import = [
        "import",
        "--companies",
        "companies.csv",
        "--projects",
        "projects.csv",
        "--records",
        "records.csv",
    ];
    done(path, &import);
    let said = done(path, &["replay", "--all"]);
    assert!(said.starts_with("5 replayed, 0 differ"), "{said}");
    let said = done(
        path,
        &["replay", "--sample", "2", "--seed", "s", "--format", "json"],
    );
    assert!(
        said.starts_with(r#"{"replayed":2,"overlapped":0"#),
        "{said}"
    );

    let stored = |more: &[&str]| {
        let mut arguments = vec![
            "score",
            "--database",
            "sqlite:wuxin.db",
            "--as-of",
            "2026-06-30",
        ];
        arguments.extend(["--format", "json", "--explain"]);
        arguments.extend(more);
        run(path, &arguments)
    };
    let now = stored(&[]);
    assert_eq!(now.0, 0, "{}", now.2);
    // Far in the future everything is known as it is now; long ago nothing was.
    assert_eq!(stored(&["--known-at", "2100-01-01T00:00:00+08:00"]), now);
    let (code, stdout, stderr) = stored(&["--known-at", "2000-01-01T00:00:00+08:00"]);
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(stderr.contains("评分规则的留存文本"), "{stderr}");
    let one = stored(&["--company", "91512002EXA000027F"]);
    let inside = one.1.trim().trim_start_matches('[').trim_end_matches(']');
    assert!(one.0 == 0 && now.1.contains(inside));
    let (code, _, stderr) = stored(&["--company", "91000000000000000K"]);
    assert_eq!(code, 1);
    assert!(stderr.contains("不在本系统登记的企业范围内"), "{stderr}");

    let said = done(path, &["replay", "--acknowledge", "试验"]);
    assert_eq!(said, "0 difference(s) acknowledged\n");
}
