//! Files with faults: each is told with its place, its value, what is wrong and what to do; nothing is on stdout.

use std::{
    io::{BufWriter, Write},
    path::Path,
    process::Command,
};

use crate::{at, draft, program::said, run, small};

/// Scores with one file of the small ones replaced; `bad` says which by its flag.
fn stderr_of(folder: &Path, flag: &str, bad: &Path) -> (i32, String, String) {
    let rules = draft();
    let mut arguments = vec![
        "score",
        "--as-of",
        "2026-06-30",
        "--rules",
        rules.to_str().unwrap(),
    ];
    for (known, file) in [
        ("--companies", "companies.csv"),
        ("--projects", "projects.csv"),
        ("--records", "records.csv"),
    ] {
        let file = if known == flag {
            bad.to_str().unwrap()
        } else {
            file
        };
        arguments.extend([known, file]);
    }
    run(folder, &arguments)
}

/// What is said about a file of `fixtures/bad`.
fn told(flag: &str, name: &str) -> String {
    let bad = at("fixtures/bad").join(name);
    let (code, stdout, stderr) = stderr_of(small().path(), flag, &bad);
    assert_eq!((code, stdout.as_str()), (1, ""), "{stderr}");
    stderr
}

#[test]
fn bytes_that_are_no_text_are_named_by_their_offset() {
    insta::assert_snapshot!(told("--companies", "bad-bytes.csv"), @r"
    bad-bytes.csv：[I004] 文件是 UTF-8 编码，但偏移 246（从0起）处的字节 0xFF 不是有效的 UTF-8。请在表格软件中另存为「CSV UTF-8（逗号分隔）」或 XLSX 后重新导入
    1 fault(s); nothing was done
    ");
}

#[test]
fn a_column_that_stands_twice_is_named() {
    insta::assert_snapshot!(told("--companies", "duplicated-header.csv"), @r"
    duplicated-header.csv，第1行，D列，值「name」：[I011] 表头重复。请只保留其中一列
    1 fault(s); nothing was done
    ");
}

#[test]
fn a_date_that_does_not_exist() {
    insta::assert_snapshot!(told("--records", "no-such-date.csv"), @r"
    no-such-date.csv，第3行，decided_on列，值「2026-02-30」：[I034] 日期「2026-02-30」不存在，请核对年月日。请填写 2026-03-01 这样的日期；表格中显示为五位数字的，请先把单元格格式改为日期
    1 fault(s); nothing was done
    ");
}

#[test]
fn points_out_of_their_range_and_points_without_a_reason() {
    insta::assert_snapshot!(told("--records", "points-out-of-range.csv"), @r"
    points-out-of-range.csv，第3行，points列，值「-6」：[D005] 分值 -6 不在 -5 到 -2 之间。请改为范围内的分值
    points-out-of-range.csv，第4行，reason列：[D006] 选定了分值却没有写理由。请在 reason 写明选定该分值的理由
    2 fault(s); nothing was done
    ");
}

#[test]
fn contracts_that_overlap() {
    insta::assert_snapshot!(told("--projects", "project-overlap.csv"), @r"
    project-overlap.csv，第3行，项目编码列，值「XM-04」：[I051] 合同期（2026-01-01 至 未定）与第2行（91512002EXA000027F，2017-03-01 至 2026-01-31）重叠。同一项目同一天只能有一份有效合同，请改正起止日期
    1 fault(s); nothing was done
    ");
}

#[test]
fn an_item_that_the_rules_do_not_know_with_the_likely_one() {
    insta::assert_snapshot!(told("--records", "unknown-item.csv"), @r"
    unknown-item.csv，第3行，item列，值「INS-99」：[D001] 规则里没有条目「INS-99」。是否应为「INS-09」？
    1 fault(s); nothing was done
    ");
}

#[test]
fn a_code_with_a_wrong_check_character() {
    insta::assert_snapshot!(told("--companies", "wrong-check-digit.csv"), @r"
    wrong-check-digit.csv，第3行，uscc列，值「91512002EXA000027A」：[I031] 统一社会信用代码「91512002EXA000027A」校验码不符：第18位应为「F」，请核对是否录错。请与营业执照核对后改正
    1 fault(s); nothing was done
    ");
}

#[test]
fn every_bad_file_is_covered_here() {
    let source = include_str!("bad_files.rs");
    for entry in std::fs::read_dir(at("fixtures/bad")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            source.contains(&format!("{name:?}")),
            "{name} is not tested"
        );
    }
}

#[test]
fn a_file_in_gbk_is_fine() {
    let (code, stdout, stderr) = stderr_of(
        small().path(),
        "--companies",
        &at("fixtures/bad").join("gbk.csv"),
    );
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(stdout.contains("91512021EXA000035T"), "{stdout}");
}

#[test]
fn a_file_that_is_not_there() {
    insta::assert_snapshot!(told("--companies", "../none.csv").replace(env!("CARGO_MANIFEST_DIR"), ""), @r"
    none.csv：[I001] 文件不存在。请检查文件名和读取权限
    1 fault(s); nothing was done
    ");
}

#[test]
fn a_workbook_that_breaks_off_is_told_from_one_that_is_no_workbook() {
    let folder = small();
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet()
        .write_row(0, 0, ["uscc", "name"])
        .unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let path = folder.path().join("half.xlsx");
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let (code, stdout, stderr) = stderr_of(folder.path(), "--companies", &path);
    assert_eq!((code, stdout.as_str()), (1, ""));
    insta::assert_snapshot!(stderr, @r"
    half.xlsx：[I007] 工作簿不完整或已损坏。请重新下载或导出，确认能用表格软件打开后再导入
    1 fault(s); nothing was done
    ");
}

#[test]
fn a_line_of_200_megabytes_is_refused_in_little_memory() {
    let folder = small();
    let path = folder.path().join("long.csv");
    let mut out = BufWriter::new(std::fs::File::create(&path).unwrap());
    out.write_all("uscc,name\n91512002EXA000019L,".as_bytes())
        .unwrap();
    for _ in 0..200 {
        out.write_all(&[b'x'; 1_000_000]).unwrap();
    }
    out.write_all(b"\n").unwrap();
    out.into_inner().unwrap().sync_all().unwrap();
    // 128 MB of address space, program and all: less than the line.
    let output = Command::new("sh")
        .current_dir(folder.path())
        .args([
            "-c",
            "ulimit -v 131072; exec \"$@\"",
            "sh",
            env!("CARGO_BIN_EXE_wuxin"),
        ])
        .args([
            "score",
            "--as-of",
            "2026-06-30",
            "--records",
            "records.csv",
            "--companies",
            "long.csv",
            "--rules",
        ])
        .arg(draft())
        .output()
        .unwrap();
    let (code, stdout, stderr) = said(&output);
    assert_eq!((code, stdout.as_str()), (1, ""), "{stderr}");
    insta::assert_snapshot!(stderr, @r"
    long.csv，第2行，name列：[I025] 单元格内容超过 64 KiB。请检查这一行是否缺少换行、逗号或引号，或者缩短内容
    1 fault(s); nothing was done
    ");
}
