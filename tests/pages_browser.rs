//! The public pages in a real Chromium, from a real server on a loopback port. (Chromium cannot tell a document or draw a
//! picture with script switched off; that the pages have none, and that their policy forbids it, is asserted instead.)
#![cfg(test)]

#[allow(dead_code, reason = "made for the tests of the interface")]
#[path = "http/bureau.rs"]
mod bureau;
#[allow(dead_code, reason = "made for the tests of the interface")]
#[path = "http/house.rs"]
mod house;
mod support;

use std::{
    fmt::Write as _,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
};

use bureau::Bureau;
use house::{House, MULBERRY, PINE, Silent, july};
use support::TestStore;
use tokio::net::TcpListener;
use wuxin::service::{self, ImportFiles};

/// Records beside the small city, so that the page of 示例松鹤 is as long as one of a large company.
fn many_records() -> String {
    let mut csv = String::from("id,item,kind,company,project,body,decided_on,matter,level\n");
    for number in 0..170 {
        let (year, month) = (2024 + number / 60, 1 + number / 5 % 12);
        let (year, month) = if year == 2026 && month > 6 {
            (2025, month)
        } else {
            (year, month)
        };
        let level = ["city", "county", "street", "community"][number % 4];
        writeln!(
            csv,
            "m{number:03},CMP-01,complaint,{PINE},XM-0{},示例一街道办事处,{year}-{month:02}-{:02},M-{number},{level}",
            1 + number % 2,
            1 + number % 28,
        )
        .unwrap();
    }
    csv
}

struct Browser {
    profile: tempfile::TempDir,
    origin: String,
}

impl Browser {
    fn run(&self, width: u32, arguments: &[&str], path: &str) -> Vec<u8> {
        let profile = self.profile.path().display();
        let output = Command::new("chromium")
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
            ])
            .arg(format!("--user-data-dir={profile}"))
            .arg(format!("--window-size={width},2400"))
            .args(arguments)
            .arg(format!("{}{path}", self.origin))
            .output()
            .unwrap_or_else(|fault| {
                panic!("this test needs Chromium (Debian: apt install chromium): {fault}")
            });
        assert!(
            output.status.success(),
            "chromium: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        output.stdout
    }

    /// The document as the browser holds it.
    fn dom(&self, path: &str) -> String {
        String::from_utf8(self.run(1200, &["--dump-dom"], path)).unwrap()
    }

    fn picture(&self, path: &str, name: &str, width: u32) {
        let file = folder().join(format!("{name}-{width}.png"));
        let _ = fs::remove_file(&file);
        let argument = format!("--screenshot={}", file.display());
        self.run(width, &[&argument], path);
        let png = fs::read(&file).unwrap();
        assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"), "{name}");
        assert!(png.len() > 10_000, "{name}: {} bytes", png.len());
    }
}

/// Where the pictures are, to be looked at.
fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn the_pages_are_shown_by_a_browser() {
    let test = TestStore::sqlite();
    let house = House::new(&test);
    let directory = tempfile::tempdir().unwrap();
    let records = directory.path().join("records.csv");
    fs::write(&records, many_records()).unwrap();
    let files = ImportFiles {
        records: Some(records),
        ..ImportFiles::default()
    };
    let report = service::import(&house.app, &files, "import", &mut Silent, july(1)).unwrap();
    assert!(report.stored, "{report:?}");
    let bureau = Bureau::of(&house);
    bureau.published(&bureau.proposed(MULBERRY, "watch"));
    house.hand.set(july(10));
    let due = |db: &mut _| service::rescore_due(db, &house.app, july(10));
    house.app.store.write(due).unwrap();

    let runtime = tokio::runtime::Runtime::new().unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = runtime.block_on(TcpListener::bind(address)).unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = runtime.spawn(wuxin::web::serve(listener, house.router.clone(), async {
        let _ = stopped.await;
    }));
    let browser = Browser {
        profile: tempfile::tempdir().unwrap(),
        origin,
    };

    let score = house.score(PINE);
    let company = format!("/companies/{PINE}");
    let watched = format!("/companies/{MULBERRY}");
    let pages: [(&str, &str, &[&str]); 8] = [
        (
            "home",
            "/",
            &["查一查物业服务企业的信用", "5 家企业", "草案"],
        ),
        (
            "search",
            "/search?q=%E7%A4%BA%E4%BE%8B",
            &["资阳示例松鹤物业服务有限公司", "badge bad", "暂不评级"],
        ),
        (
            "company",
            &company,
            &[
                &score,
                "附件3 第1项",
                "<svg",
                "<table",
                "得分如何算出",
                "四舍五入到 2 位小数",
                "今后会怎样",
                "怎样提高等级",
                "得分变化",
                "2026-07-10",
            ],
        ),
        (
            "watched",
            &watched,
            &[
                "已列入重点关注名单",
                "示建信决〔2026〕1号",
                "公示至 2027-07-09",
                "badge bad",
                "得分如何算出",
                "等级由 C 定为 C",
                "第十四条第一项",
            ],
        ),
        (
            "lists",
            "/lists",
            &["名单公示", "乐至示例桑田物业服务有限公司", "诚信红榜"],
        ),
        (
            "rules",
            "/rules",
            &["<table", "附件1 第1项", "每处扣0.5分", "AAA"],
        ),
        ("draws", "/draws", &["抽查公开", "目前没有抽查"]),
        (
            "not-in-scope",
            "/companies/91512002EXA0009990",
            &["本系统没有收录这个代码", "91512002EXA0009990"],
        ),
    ];
    for (name, path, words) in pages {
        let dom = browser.dom(path);
        assert!(!dom.contains("<script") && !dom.contains("（）"), "{name}");
        for word in words {
            assert!(dom.contains(word), "{name} lacks {word}: {dom}");
        }
        browser.picture(path, name, 1200);
        browser.picture(path, name, 390);
    }
    // The one page with a script: it is loaded under the policy of its own, and nothing is reported before a file is chosen.
    let verifier = browser.dom("/draws/verify");
    for part in [
        r#"id="draw-file""#,
        r#"id="draw-report""#,
        "/static/draw-verify.js",
        "文件不会上传",
    ] {
        assert!(verifier.contains(part), "{part}: {verifier}");
    }
    let dom = browser.dom(&company);
    let place = |word: &str| dom.find(word).unwrap_or_else(|| panic!("{word}: {dom}"));
    assert!(place("class=\"figure\"") < place("<svg"));
    assert!(place("<svg") < place("id=\"account\""));
    assert!(place("id=\"account\"") < place("id=\"outlook\""));
    // A hundred and seventy records beside those of the small city, and nothing left out.
    assert!(
        dom.matches("投诉").count() >= 170 && dom.len() < 100_000,
        "{} bytes",
        dom.len()
    );
    stop.send(()).unwrap();
    runtime.block_on(server).unwrap().unwrap();
}
