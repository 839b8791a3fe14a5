//! Three implementations, one result: the library, `docs/draw_verify.py` and `draw-verify.js` in a real browser.

use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use wuxin::draw::{self, Seed};

use crate::{
    tamper::{self, verdict},
    world::{LATER, any_plan, at, bytes, generator, plain, revealed, told},
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What the Python script says about each job.
pub fn python(jobs: &[Value]) -> Vec<String> {
    let mut child = Command::new("python3")
        .arg(root().join("docs/draw_verify.py"))
        .arg("--batch")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|fault| {
            panic!("this test needs python3 (Debian: apt install python3): {fault}")
        });
    let lines: String = jobs.iter().map(|job| format!("{job}\n")).collect();
    let mut input = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    said.lines().map(str::to_owned).collect()
}

/// The document of a page that loads the script and then runs `code`.
pub fn chromium(body: &str, code: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let script = root().join("src/web/assets/draw-verify.js");
    fs::copy(script, folder.path().join("draw-verify.js")).unwrap();
    fs::write(folder.path().join("code.js"), code).unwrap();
    let page = folder.path().join("page.html");
    let html = format!(
        "<!doctype html><meta charset=utf-8><body>{body}<script src=draw-verify.js></script><script src=code.js></script>"
    );
    fs::write(&page, html).unwrap();
    let output = Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ])
        .args(["--virtual-time-budget=60000", "--dump-dom"])
        .arg(format!(
            "--user-data-dir={}",
            folder.path().join("profile").display()
        ))
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap_or_else(|fault| {
            panic!("this test needs Chromium (Debian: apt install chromium): {fault}")
        });
    let dom = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    dom
}

/// What the script says about each job in a browser.
fn browser(jobs: &[Value]) -> Vec<String> {
    let code = format!(
        "const jobs = {};\nconst said = jobs.map((job) => {{ try {{ return WuxinDraw.batch(job); }} \
         catch (fault) {{ return `${{fault.stack}}`.replaceAll('\\n', ' '); }} }});\n\
         document.getElementById('said').textContent = said.join('\\n');",
        json!(jobs)
    );
    let dom = chromium("<pre id=said></pre>", &code);
    let said = dom.split("<pre id=\"said\">").nth(1).unwrap();
    let said = said.split("</pre>").next().unwrap();
    let said = said
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    said.lines().map(str::to_owned).collect()
}

fn agree(jobs: &[Value], ours: &[String]) {
    for (name, said) in [("python", python(jobs)), ("browser", browser(jobs))] {
        assert_eq!(said.len(), ours.len(), "{name}");
        for ((job, ours), said) in jobs.iter().zip(ours).zip(&said) {
            assert_eq!(said, ours, "{name}: {job}");
        }
    }
}

#[test]
fn a_thousand_random_draws_are_the_same_to_the_byte_in_three_implementations() {
    let mut random = generator(1);
    let mut jobs = Vec::new();
    let mut ours = Vec::new();
    let mut kinds = BTreeSet::new();
    for round in 0..1000 {
        let (objects, officers) = if round % 10 == 0 { (60, 30) } else { (14, 9) };
        let mut plan = any_plan(&mut random, objects, officers);
        if round % 3 == 0 {
            // Roomy enough to be feasible most of the time.
            plan.caps.officer_visits = 40;
            plan.caps.objects = None;
            plan.sampling.strata.iter_mut().for_each(|quota| {
                quota.count = None;
                quota.basis_points = Some(4000);
            });
        }
        let seed = Seed(bytes(&mut random));
        let result = draw::draw(&plan, seed);
        kinds.insert(match &result {
            Ok(_) => "feasible".to_owned(),
            Err(fault) => serde_json::to_value(fault).unwrap()["constraint"].to_string(),
        });
        jobs.push(json!({ "plan": plan, "seed": seed }));
        ours.push(told(&result));
    }
    let feasible = ours
        .iter()
        .filter(|said| !said.contains("infeasible"))
        .count();
    assert!(feasible > 300, "only {feasible} are feasible");
    assert!(kinds.len() >= 4, "{kinds:?}");
    agree(&jobs, &ours);
}

#[test]
fn whole_files_right_and_tampered_are_judged_alike() {
    let mut random = generator(2);
    let mut files = Vec::new();
    while files.len() < 60 {
        let plan = any_plan(&mut random, 12, 9);
        if let Ok(file) = revealed(plan, &mut random) {
            files.push(file.text());
        }
    }
    files.push(revealed(plain(6, 2, 4), &mut random).unwrap().text());
    let small = revealed(plain(4, 1, 4), &mut random).unwrap();
    files.extend(tamper::changed(&small).into_iter().map(|(_, text)| text));
    files.extend(tamper::misshapen(&small));
    let jobs: Vec<Value> = files
        .iter()
        .map(|file| json!({ "file": file, "now": LATER }))
        .collect();
    let ours: Vec<String> = files.iter().map(|file| verdict(file, at(LATER))).collect();
    assert!(ours.len() > 240, "{}", ours.len());
    agree(&jobs, &ours);
}

#[test]
fn the_page_says_what_fits_and_what_does_not() {
    let mut random = generator(3);
    let file = revealed(plain(6, 2, 4), &mut random).unwrap().text();
    let shown = |text: &str| {
        let code = format!(
            "const files = new DataTransfer();\n\
             files.items.add(new File([{}], 'draw.json'));\n\
             const chosen = document.getElementById('draw-file');\n\
             chosen.files = files.files;\n\
             chosen.dispatchEvent(new Event('change'));",
            json!(text)
        );
        chromium(
            "<input type=file id=draw-file><div id=draw-report></div>",
            &code,
        )
    };
    let dom = shown(&file);
    for words in [
        "资物双随机-2026-07",
        "已公开",
        "全部相符",
        "请与当时的公告核对",
    ] {
        assert!(dom.contains(words), "{words}: {dom}");
    }
    let dom = shown(&file.replace("2026-08-12T02:00:00Z", "2026-08-22T02:00:00Z"));
    for words in [
        "公开逾期（reveal-late /attempts/0/reveal）",
        "文件的摘要不符",
        "处不符",
    ] {
        assert!(dom.contains(words), "{words}: {dom}");
    }
    let dom = shown("\u{feff}{}");
    assert!(
        dom.contains("文件格式不对") && !dom.contains("程序出错"),
        "{dom}"
    );
}

#[test]
fn the_script_is_small_alone_and_has_our_words() {
    let script = fs::read_to_string(root().join("src/web/assets/draw-verify.js")).unwrap();
    for code in draw::FindingCode::ALL {
        let row = format!("\"{}\": \"{}\"", code.as_str(), code.chinese());
        assert!(script.contains(&row), "{row}");
    }
    for outside in ["import ", "fetch(", "XMLHttpRequest", "innerHTML", "eval("] {
        assert!(!script.contains(outside), "{outside}");
    }
    assert!(script.len() < 33_000, "{} bytes", script.len());
}
