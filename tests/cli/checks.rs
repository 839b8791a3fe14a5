//! `wuxin check`: the libraries go in and out as files; every faulty cell is told.

use crate::{
    done,
    program::{said, wuxin},
    small,
};

#[test]
fn a_library_is_stored_once_or_every_faulty_cell_is_told_and_an_export_is_read_back() {
    let folder = small();
    let folder = folder.path();
    let import = [
        "import",
        "--companies",
        "companies.csv",
        "--projects",
        "projects.csv",
    ];
    done(folder, &import);
    let hire = ["account", "add", "--name", "示例", "--role", "officer"];
    let officer = done(folder, &hire).trim().to_owned();
    let check = |arguments: &[&str]| {
        let mut command = wuxin(folder);
        command
            .arg("check")
            .args(arguments)
            .env("WUXIN_TOKEN", &officer);
        said(&command.output().unwrap())
    };
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write(
        "items.csv",
        "事项编码,事项名称,检查依据,公布日期,检查方式,生效日期\n\
         WY-01,收费公示检查,《物业管理条例》第四十条,2026-05-20,现场检查,2026-01-01\n",
    );
    let (code, stdout, _) = check(&["items", "import", "items.csv"]);
    assert_eq!(
        (code, stdout.as_str()),
        (0, "1 rows, 0 faulty; 1 new or changed, 0 known\nstored\n")
    );
    write(
        "officers.csv",
        "工号,姓名,执法证号,证件有效期至,辖区,回避\nM1,示例甲,ZF1,2027-12-31,雁江区,XM-01:亲属任职\n\
         M2,示例乙,ZF2,2026-02-30,999999,XM-99\n",
    );
    let (code, stdout, stderr) = check(&["officers", "import", "officers.csv"]);
    assert_eq!(code, 1);
    assert_eq!(
        stdout,
        "2 rows, 1 faulty; 0 new or changed, 0 known\nnothing was stored\n"
    );
    for told in ["第3行，certificate_until列", "E031", "XM-99", "2026-02-30"] {
        assert!(stderr.contains(told), "{told}: {stderr}");
    }
    let (code, stdout, _) = check(&["officers", "import", "officers.csv", "--keep-going"]);
    assert_eq!(code, 1, "the faulty row is still to be mended");
    assert!(stdout.starts_with("2 rows, 1 faulty; 1 new"), "{stdout}");
    for (library, file) in [
        ("officers", "out.xlsx"),
        ("officers", "out.csv"),
        ("items", "items.xlsx"),
        ("items", "again.csv"),
    ] {
        assert_eq!(check(&[library, "export", file]).0, 0, "{file}");
        let (code, stdout, stderr) = check(&[library, "import", file]);
        assert_eq!(code, 0, "{file}: {stderr}");
        assert!(
            stdout.starts_with("1 rows, 0 faulty; 0 new or changed, 1 known"),
            "{stdout}"
        );
    }
    let (_, listed, _) = check(&["officers", "list", "--format", "json"]);
    assert!(
        listed.contains("\"version\": 1") || listed.contains("\"version\":1"),
        "{listed}"
    );
}
