//! `wuxin draw` as a script sees it, from the plan to the verified file.

use std::{fs, path::Path, time::Duration};

use serde_json::{Value, json};
use wuxin::draw::Instant;

use crate::program::{said, wuxin};

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    said(&wuxin(folder).arg("draw").args(arguments).output().unwrap())
}

fn done(folder: &Path, arguments: &[&str]) -> Value {
    let (code, stdout, stderr) = run(folder, arguments);
    assert_eq!(code, 0, "{arguments:?}: {stderr}");
    serde_json::from_str(&stdout).unwrap()
}

const OBJECTS: &str = "编号,类型,所属企业,名称,区县,信用等级,资格要求,本年已检查次数\n\
    xm-01,项目,91512002MA6ABCD10P,示例一小区,512002,A,,0\n\
    ＸＭ－０２,项目,91512002MA6ABCD10P,示例二小区,512002,A,,0\n\
    XM-03,项目,91512021MA7K2P3Q9A,示例三小区,512002,A,电梯,1\n\
    91512021MA7K2P3Q9A,企业,,示例企业,512002,A,,1\n";
const OFFICERS: &str = "id,name,district,certificate_until,qualifications,interests,assigned\n\
    m1,示例甲,512002,2099-12-31,电梯,,0\n\
    m2,示例乙,512002,2099-12-31,电梯,,0\n\
    m3,示例丙,512000,2099-12-31,,xm-01,0\n\
    m4,示例丁,512000,2099-12-31,,,0\n";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let plan = json!({
        "draw": "资物-2026-7", "plan": "2026-WY",
        "item": {"code": "WY-03", "title": "物业服务收费公示检查", "basis": "《示例条例》第一条", "published_on": "2026-05-20"},
        "window": {"from": "2026-07-10", "until": "2098-08-10"},
        "sampling": {"rounding": "up", "strata": [{"district": "512002", "grade": "A", "basis_points": 5000}]},
        "caps": {"objects": 10, "company_visits": 2, "officer_visits": 20},
        "team": {"size": 2, "districts": "any"},
    });
    fs::write(folder.path().join("plan.json"), plan.to_string()).unwrap();
    fs::write(folder.path().join("objects.csv"), OBJECTS).unwrap();
    let (officers, _, _) = encoding_rs::GB18030.encode(OFFICERS);
    fs::write(folder.path().join("officers.csv"), officers).unwrap();
    folder
}

/// An event so many seconds from now.
fn event(seconds: i64) -> (Instant, String) {
    let now = Instant::of(wuxin::clock::Clock::System.now());
    let at = Instant::at(now.seconds() + seconds).unwrap();
    let event = json!({"kind": "lottery", "game": "排列5", "issue": "26180", "numbers": 5, "order": "published", "expected_at": at});
    (at, event.to_string())
}

fn commit<'a>(event: &'a str, by: &'a str) -> Vec<&'a str> {
    vec![
        "commit",
        "--plan",
        "plan.json",
        "--objects",
        "objects.csv",
        "--officers",
        "officers.csv",
        "--event",
        event,
        "--reveal-by",
        by,
        "--out",
        "draw.json",
        "--secret-out",
        "secret.json",
    ]
}

#[test]
fn a_draw_from_commitment_to_verification() {
    let folder = folder();
    let folder = folder.path();
    let (expected_at, event) = event(3);
    let by = Instant::at(expected_at.seconds() + 3600)
        .unwrap()
        .to_string();
    let made = done(folder, &commit(&event, &by));
    assert_eq!(
        (&made["objects"], &made["officers"], &made["attempt"]),
        (&json!(4), &json!(4), &json!(1))
    );
    let public = fs::read_to_string(folder.join("draw.json")).unwrap();
    for hidden in ["XM-0", "示例一小区", "M1", "secret\":"] {
        assert!(
            !public.contains(hidden),
            "{hidden} is public before the event"
        );
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(folder.join("secret.json"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // Neither file is written over.
    let (code, stdout, stderr) = run(folder, &commit(&event, &by));
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(stderr.contains("draw.json"), "{stderr}");

    // Before its time the event has no value.
    let (code, _, stderr) = run(folder, &["observe", "draw.json", "--value", "3 5 5 0 9"]);
    assert!(code == 1 && stderr.contains("时间倒退"), "{stderr}");
    let (code, _, stderr) = run(folder, &["reveal", "draw.json", "--secret", "secret.json"]);
    assert!(code == 1 && stderr.contains("还没有公布"), "{stderr}");
    while Instant::of(wuxin::clock::Clock::System.now()) < expected_at {
        std::thread::sleep(Duration::from_millis(50));
    }
    let (code, _, stderr) = run(folder, &["observe", "draw.json", "--value", "3 5"]);
    assert!(
        code == 1 && stderr.contains("不是 5 个公布的号码"),
        "{stderr}"
    );
    let observed = done(
        folder,
        &["observe", "draw.json", "--value", "０3, 05 5 0 9"],
    );
    assert_eq!(observed["value"]["numbers"], "3 5 5 0 9");

    let shown = done(
        folder,
        &[
            "show",
            "draw.json",
            "--secret",
            "secret.json",
            "--format",
            "json",
        ],
    );
    let object = shown["result"]["teams"][0]["object"]
        .as_str()
        .unwrap()
        .to_owned();
    let reserve = shown["result"]["strata"][0]["reserve"][0]
        .as_str()
        .unwrap()
        .to_owned();
    let (code, _, stderr) = run(
        folder,
        &[
            "substitute",
            "draw.json",
            "--secret",
            "secret.json",
            "--object",
            &object,
            "--reason",
            "已撤场",
            "--requested-by",
            "甲",
            "--approved-by",
            "甲",
        ],
    );
    assert!(code == 1 && stderr.contains("另一人批准"), "{stderr}");
    let change = done(
        folder,
        &[
            "substitute",
            "draw.json",
            "--secret",
            "secret.json",
            "--object",
            &object,
            "--reason",
            "已撤场",
            "--requested-by",
            "甲",
            "--approved-by",
            "乙",
        ],
    );
    assert_eq!(change["change"]["in"], json!(reserve));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(folder.join("secret.json"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    let waiting = done(folder, &["verify", "draw.json", "--format", "json"]);
    assert_eq!(
        (&waiting["ok"], &waiting["state"]),
        (&json!(true), &json!("observed"))
    );
    let revealed = done(folder, &["reveal", "draw.json", "--secret", "secret.json"]);
    assert_eq!(
        (&revealed["drawn"], &revealed["substitutions"]),
        (&json!(2), &json!(1))
    );
    let commitment = made["commitment"].as_str().unwrap();
    let verified = done(
        folder,
        &[
            "verify",
            "draw.json",
            "--commitment",
            commitment,
            "--format",
            "json",
        ],
    );
    assert_eq!(verified["findings"], json!([]));
    assert_eq!(
        (&verified["ok"], &verified["announced"]),
        (&json!(true), &json!(true))
    );
    let (code, stdout, _) = run(folder, &["verify", "draw.json"]);
    assert_eq!(code, 0);
    for words in [
        "抽查 资物-2026-7：已公开",
        "抽中 2 个对象，替换 1 次",
        "全部相符",
        commitment,
    ] {
        assert!(stdout.contains(words), "{words}: {stdout}");
    }
    let other = "0".repeat(64);
    assert_eq!(
        run(folder, &["verify", "draw.json", "--commitment", &other]).0,
        1
    );

    // Python says the same from the same file.
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/draw_verify.py");
    let python = |file: &str| {
        let output = std::process::Command::new("python3")
            .arg(&script)
            .arg(file)
            .current_dir(folder)
            .output();
        said(&output.unwrap())
    };
    let (code, stdout, stderr) = python("draw.json");
    assert_eq!(
        (code, stdout.as_str()),
        (0, "state: revealed\neverything fits\n"),
        "{stderr}"
    );

    let text = fs::read_to_string(folder.join("draw.json")).unwrap();
    fs::write(folder.join("bad.json"), text.replace("已撤场", "另有安排")).unwrap();
    let (code, stdout, _) = run(folder, &["verify", "bad.json", "--format", "json"]);
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((code, &report["ok"]), (1, &json!(false)));
    assert_eq!(report["findings"][1]["code"], "part-digest");
    assert_eq!(report["findings"][1]["at"], "/attempts/0/substitutions/0");
    assert_eq!(python("bad.json").0, 1);

    // Drawn again, in the open, behind the first attempt.
    let (_, event) = self::event(60);
    let mut again = commit(&event, "2098-01-01T00:00:00Z");
    again[12] = "again.json";
    again[14] = "secret-2.json";
    again.extend(["--redraw-of", "draw.json"]);
    assert_eq!(run(folder, &again).0, 2);
    again.extend([
        "--reason",
        "首次抽取后名录有误",
        "--requested-by",
        "甲",
        "--approved-by",
        "乙",
    ]);
    assert_eq!(done(folder, &again)["attempt"], 2);
    assert_eq!(
        done(folder, &["verify", "again.json", "--format", "json"])["state"],
        "committed"
    );
}

#[test]
fn a_plan_that_cannot_be_used_leaves_no_file() {
    let folder = folder();
    let folder = folder.path();
    let (at, event) = event(60);
    let by = Instant::at(at.seconds() + 3600).unwrap().to_string();
    let refused = |expected: &[&str]| {
        let (code, stdout, stderr) = run(folder, &commit(&event, &by));
        assert_eq!((code, stdout.as_str()), (1, ""), "{stderr}");
        for words in expected {
            assert!(stderr.contains(words), "{words}: {stderr}");
        }
        assert!(!folder.join("draw.json").exists() && !folder.join("secret.json").exists());
    };
    let objects = format!(
        "{OBJECTS}x m-0１,项目,91512002MA6ABCD10P,重复,512002,A,,0\nxm-09,项目,9151,错,雁江,A,,x\n"
    );
    fs::write(folder.join("objects.csv"), objects).unwrap();
    fs::write(
        folder.join("officers.csv"),
        OFFICERS.replace("m1,示例甲,512002", "m1,示例甲,"),
    )
    .unwrap();
    refused(&[
        "第6行，id列，值「XM-01」：[S003] 与第2行重复",
        "第7行，company列",
        "第7行，district列",
        "第7行，visits列",
        "officers.csv，第2行，district列：[S001] 必须填写",
    ]);
    fs::write(folder.join("objects.csv"), OBJECTS).unwrap();
    fs::write(folder.join("officers.csv"), OFFICERS).unwrap();
    let plan = fs::read_to_string(folder.join("plan.json")).unwrap();
    fs::write(
        folder.join("plan.json"),
        plan.replace("\"objects\":10", "\"objects\":1"),
    )
    .unwrap();
    refused(&["共抽 2 个，年度计划只剩 1 个"]);
    fs::write(
        folder.join("plan.json"),
        plan.replace("2026-05-20", "2999-05-20"),
    )
    .unwrap();
    refused(&["2999-05-20 才公布"]);
    fs::write(
        folder.join("plan.json"),
        plan.replace("\"size\":2", "\"size\":2.5"),
    )
    .unwrap();
    refused(&["2.5 is not a whole number"]);
    fs::write(
        folder.join("plan.json"),
        plan.replace("\"up\"", "\"sideways\""),
    )
    .unwrap();
    refused(&["sampling.rounding"]);
    fs::write(folder.join("plan.json"), &plan).unwrap();
    fs::write(folder.join("officers.csv"), b"id,name\n\xff\xff,x\n").unwrap();
    refused(&["neither UTF-8 nor GB18030"]);
    let (code, _, _) = run(folder, &["verify", "nothing.json"]);
    assert_eq!(code, 1);
    assert_eq!(run(folder, &["verify"]).0, 2);
}

#[test]
fn parties_contribute_and_a_beacon_is_read_as_it_is_given() {
    let folder = folder();
    let folder = folder.path();
    let one = done(folder, &["contribute", "--name", "市司法局"]);
    let other = done(folder, &["contribute", "--name", "行业协会"]);
    let (at, _) = event(1);
    let party = |one: &Value| json!({"name": one["name"], "commitment": one["commitment"]});
    let event = json!({"kind": "contributions", "parties": [party(&one), party(&other)], "expected_at": at});
    fs::write(folder.join("event.json"), event.to_string()).unwrap();
    let by = Instant::at(at.seconds() + 3600).unwrap().to_string();
    done(folder, &commit("@event.json", &by));
    std::thread::sleep(Duration::from_millis(2100));
    let value = json!([{"name": "行业协会", "value": other["value"]}, {"name": "路人", "value": one["value"]}]);
    let (code, _, stderr) = run(
        folder,
        &["observe", "draw.json", "--value", &value.to_string()],
    );
    assert!(code == 1 && stderr.contains("路人 is no party"), "{stderr}");
    let value = json!([{"name": "行业协会", "value": other["value"]}]);
    done(
        folder,
        &["observe", "draw.json", "--value", &value.to_string()],
    );
    let over = done(folder, &["verify", "draw.json", "--format", "json"]);
    assert_eq!(
        (&over["ok"], &over["state"]),
        (&json!(true), &json!("aborted"))
    );
}
