//! The vectors of the specification: files that other implementations are tested with, and the numbers on its pages.

use std::{fmt::Write as _, fs, path::PathBuf};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use wuxin::draw::{
    self, Bytes32, EventValue, Plan, Published, Quota, Recusal, Seed, Wanted, canonical,
};

use crate::{
    peers::python,
    tamper::{changed, misshapen, verdict},
    world::{
        DISTRICTS, LATER, OBSERVED, REVEALED, VISITED, any_plan, at, because, bytes, generator, id,
        officer, plain, project, region, revealed, terms, told,
    },
};

fn at_root(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Compares with the file, or writes it with `WUXIN_WRITE_VECTORS=1`.
fn same_as_file(path: &str, content: &str) {
    if std::env::var("WUXIN_WRITE_VECTORS").is_ok() {
        fs::create_dir_all(at_root("fixtures/draw")).unwrap();
        fs::write(at_root(path), content).unwrap();
    }
    let kept = fs::read_to_string(at_root(path)).unwrap_or_default();
    assert!(
        kept == content,
        "{path} is not what the library gives; WUXIN_WRITE_VECTORS=1 writes it"
    );
}

fn example_plan() -> Plan {
    let mut plan = plain(5, 2, 3);
    plan.sampling.strata.push(Quota {
        district: region(DISTRICTS[1]),
        grade: id("未评级"),
        basis_points: Some(5000),
        count: None,
    });
    plan.objects.push(project(5, DISTRICTS[1], "未评级"));
    plan.objects.push(project(6, DISTRICTS[1], "未评级"));
    plan.officers.push(officer(3, DISTRICTS[1]));
    plan.officers[1].interests = vec![id("QY-00002")];
    plan.recusals.push(Recusal {
        officer: id("川M0000"),
        object: id("XM-00005"),
        reason: "近亲属在该企业任职".to_owned(),
    });
    plan
}

/// The file of the specification: secret 32 times 0x01, salt 32 times 0x02, one object substituted.
fn example() -> Published {
    let (secret, salt) = (Bytes32([1; 32]), Bytes32([2; 32]));
    let (file, secrets) = draw::commit(None, example_plan(), terms(None), secret, salt).unwrap();
    let value = EventValue::lottery("1 4 9 12 17 20 23 28 31 36 40 44 45 52 56 61 66 70 73 80");
    let file = draw::observe(file, value, at(OBSERVED)).unwrap();
    let first = draw::result(&file, &secrets)
        .unwrap()
        .teams
        .remove(0)
        .object;
    let wanted = Wanted::Object { out: first };
    let secrets =
        draw::substitute(&file, secrets, &wanted, because("项目已撤场"), at(VISITED)).unwrap();
    draw::reveal(file, &secrets, at(REVEALED)).unwrap()
}

fn sha(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    parts.iter().for_each(|part| hash.update(part));
    hex::encode(hash.finalize())
}

fn j(value: &impl serde::Serialize) -> Vec<u8> {
    canonical::bytes_of(value)
}

/// The table of the pages, from the formulas alone.
fn steps(file: &Published) -> String {
    let attempt = &file.attempts[0];
    let commitment = &attempt.commitment.body;
    let plan = j(&attempt.reveal.as_ref().unwrap().body.plan);
    let event = j(&commitment.event);
    let EventValue::Lottery { numbers } = &attempt.event.as_ref().unwrap().body.value else {
        panic!()
    };
    let value = j(numbers);
    let c = sha(&[&[2; 32], &plan]);
    let k = sha(&[&[1; 32]]);
    let raw = |text: &str| hex::decode(text).unwrap();
    let seed = sha(&[
        b"wuxin-draw-v1",
        &raw(&c),
        &raw(&k),
        &event,
        &value,
        &[1; 32],
    ]);
    let result = &attempt.result.as_ref().unwrap().body;
    assert_eq!(result.seed.0.to_string(), seed);
    let object = &result.strata[0].drawn[0];
    let officer = &result.teams[0].officers[0];
    let object_key = sha(&[&raw(&seed), b"obj", br#"["512002","A"]"#, &j(object)]);
    let officer_key = sha(&[&raw(&seed), b"off", &j(object), &j(officer)]);
    let mut table = String::from("| | |\n|---|---|\n");
    let text = |bytes: &[u8]| format!("`{}`", String::from_utf8_lossy(bytes));
    for (what, value) in [
        (
            "H(J(plan))",
            format!("`{}` ({} bytes)", sha(&[&plan]), plan.len()),
        ),
        ("C", format!("`{c}`")),
        ("K", format!("`{k}`")),
        ("E", text(&event)),
        ("v", text(&value)),
        ("seed", format!("`{seed}`")),
        (
            &format!("H(seed, \"obj\", `[\"512002\",\"A\"]`, `\"{object}\"`)"),
            format!("`{object_key}`"),
        ),
        (
            &format!("H(seed, \"off\", `\"{object}\"`, `\"{officer}\"`)"),
            format!("`{officer_key}`"),
        ),
        (
            "commitment.digest",
            format!("`{}`", attempt.commitment.digest),
        ),
        ("digest", format!("`{}`", file.digest)),
    ] {
        writeln!(table, "| {what} | {value} |").unwrap();
    }
    table
}

#[test]
fn the_example_and_its_steps_are_those_of_the_pages() {
    let file = example();
    assert_eq!(
        verdict(&file.text(), at(LATER)),
        r#"{"findings":[],"state":"revealed"}"#
    );
    same_as_file("fixtures/draw/example.json", &file.text());
    let steps = steps(&file);
    for path in ["docs/draw.md", "docs/draw.zh-CN.md"] {
        let page = fs::read_to_string(at_root(path)).unwrap();
        assert!(page.contains(&steps), "{path} needs\n{steps}");
    }
}

#[test]
fn the_jobs_have_their_answers() {
    let mut random = generator(77);
    let (mut jobs, mut answers) = (String::new(), String::new());
    let mut add = |job: Value, answer: String| {
        writeln!(jobs, "{job}").unwrap();
        writeln!(answers, "{answer}").unwrap();
    };
    for _ in 0..24 {
        let plan = any_plan(&mut random, 8, 7);
        let seed = Seed(bytes(&mut random));
        add(
            json!({ "plan": plan, "seed": seed }),
            told(&draw::draw(&plan, seed)),
        );
    }
    let file = revealed(plain(4, 1, 4), &mut random).unwrap();
    let mut files = vec![file.text()];
    files.extend(changed(&file).into_iter().step_by(9).map(|(_, text)| text));
    files.extend(
        misshapen(&file)
            .into_iter()
            .filter(|text| text.len() < 20_000)
            .step_by(3),
    );
    for file in files {
        let answer = verdict(&file, at(LATER));
        add(json!({ "file": file, "now": LATER }), answer);
    }
    same_as_file("fixtures/draw/jobs.jsonl", &jobs);
    same_as_file("fixtures/draw/answers.jsonl", &answers);
    let jobs: Vec<Value> = jobs
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(python(&jobs).join("\n") + "\n", answers);
}

#[test]
fn every_finding_and_fault_is_on_both_pages() {
    for path in ["docs/draw.md", "docs/draw.zh-CN.md"] {
        let page = fs::read_to_string(at_root(path)).unwrap();
        for code in draw::FindingCode::ALL {
            let row = page.lines().find(|line| {
                let first = line.split('|').nth(1).unwrap_or_default();
                line.starts_with('|') && first.contains(&format!("`{}`", code.as_str()))
            });
            let row = row.unwrap_or_else(|| panic!("{path} has no row for {}", code.as_str()));
            assert!(
                path == "docs/draw.md" || row.contains(code.chinese()),
                "{path}: {row}"
            );
        }
        for list in [
            draw::draft::List::Objects,
            draw::draft::List::Officers,
            draw::draft::List::Recusals,
        ] {
            for (name, chinese, _) in list.columns() {
                assert!(
                    page.contains(&format!("`{name}` {chinese}")),
                    "{path}: {name} {chinese}"
                );
            }
        }
        for code in ["S001", "S002", "S003", "S004", "S005"] {
            assert!(page.contains(code), "{path}: {code}");
        }
    }
}
