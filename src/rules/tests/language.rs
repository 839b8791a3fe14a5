//! A whole policy, from its file to its JSON.

use super::*;

#[test]
fn the_worked_cases_of_a_policy_pass() {
    let loaded = RuleSet::load("rules/yantai-2022.toml", YANTAI).unwrap();
    let codes: Vec<_> = loaded.warnings.iter().map(|one| one.code).collect();
    assert_eq!(codes, ["R042", "R040", "R040", "R040", "R040"]);
    for case in loaded.ruleset.run_cases() {
        assert!(case.passed, "{}: {:?}", case.title, case.differences);
    }
    assert!(loaded.ruleset.case_diagnostics().is_empty());
}

#[test]
fn a_case_that_fails_says_how() {
    let source = YANTAI.replace(
        "expect = { score = 76, grade = \"A\" }",
        "expect = { score = 75, grade = \"B\" }",
    );
    let rules = rules(&source);
    let found = rules.case_diagnostics();
    assert_eq!(found.len(), 1);
    insta::assert_snapshot!(found[0].render(&source), @r##"
    test.toml:189:1: 错误[R033] 案例「人数不足十人不计分」的结果不符
        |
    189 | [[case]]
        | ^^^^^^^^
        = 得分应为 75，算得 76；等级应为 B，算得 A
    "##);
}

#[test]
fn the_json_is_that_of_the_contract() {
    let rules = rules(YANTAI);
    let records = [
        record("r1", "BAD-07", "2026-03-01"),
        record("r0", "BASE-01", "2026-03-01"),
    ];
    let mut found = one(&rules, &records, &[], "2026-06-30");
    insta::assert_json_snapshot!(found, @r##"
    {
      "subject": "91512002MA00000015",
      "subject_kind": "company",
      "ruleset": "yantai-2022",
      "as_of": "2026-06-30",
      "score": "74.00",
      "grade": "A",
      "rated": true,
      "components": {
        "basic": "76",
        "good": "0",
        "bad": "-2"
      },
      "lists": [],
      "consequences": [],
      "next_change_on": "2027-03-02",
      "lines": [
        {
          "record": "r0",
          "item": "BASE-01",
          "clause": "附件1 第1项",
          "points": "76",
          "counted": true,
          "why": null,
          "component": "basic",
          "date": "2026-03-01",
          "expires_on": "2027-03-01"
        },
        {
          "record": "r1",
          "item": "BAD-07",
          "clause": "附件3 第7项",
          "points": "-2",
          "counted": true,
          "why": null,
          "component": "bad",
          "date": "2026-03-01",
          "expires_on": "2027-03-01",
          "workings": {
            "raw": "-2",
            "occurrence": 1,
            "repeated": "1",
            "points": "-2",
            "capped": "-2"
          }
        },
        {
          "record": null,
          "item": "basic",
          "clause": "",
          "points": "76",
          "counted": true,
          "why": "基础信息：分项得分",
          "step": "component",
          "component": "basic"
        },
        {
          "record": null,
          "item": "good",
          "clause": "",
          "points": "0",
          "counted": true,
          "why": "优良信息：没有记录",
          "step": "component",
          "component": "good"
        },
        {
          "record": null,
          "item": "bad",
          "clause": "",
          "points": "-2",
          "counted": true,
          "why": "不良信息：分项得分",
          "step": "component",
          "component": "bad"
        },
        {
          "record": null,
          "item": "score",
          "clause": "",
          "points": "74",
          "counted": true,
          "why": "总分 74",
          "step": "total",
          "grade": "A"
        }
      ]
    }
    "##);
    let text = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<Score>(&text).unwrap(), found);
    found.lines = None;
    assert!(!serde_json::to_string(&found).unwrap().contains("lines"));
}

#[test]
fn companies_without_a_record_are_scored_too_and_scores_come_in_order() {
    let rules = rules(YANTAI);
    let companies = [company(3), company(2)];
    let records = [record("r1", "BAD-07", "2026-03-01")];
    let facts = Facts {
        companies: &companies,
        records: &records,
        ..Facts::default()
    };
    let found = score(&rules, &facts, day("2026-06-30")).unwrap();
    let mut subjects: Vec<_> = [1, 2, 3].map(|n| uscc(n).to_string()).to_vec();
    subjects.sort();
    assert_eq!(
        found
            .iter()
            .map(|one| one.subject.clone())
            .collect::<Vec<_>>(),
        subjects
    );
    let idle = found
        .iter()
        .find(|one| one.subject == uscc(3).as_str())
        .unwrap();
    // Below 60 without bad information is B.
    assert_eq!(
        (idle.score, idle.grade.as_deref(), idle.next_change_on),
        (dec("0.00"), Some("B"), None)
    );
}

#[test]
fn a_thousand_companies_with_a_hundred_records_each_are_scored_quickly() {
    let rules = rules(YANTAI);
    let items = ["BASE-01", "BAD-07", "BAD-31", "GOOD-01"];
    let records: Vec<Record> = (0..100_000_u32)
        .map(|n| {
            let date = day("2023-01-01").plus_days(n * 7 % 1200);
            record(&format!("r{n}"), items[n as usize % 4], &date.to_string()).with(|r| {
                r.company = Some(uscc(n / 100));
                attr(r, "level", AttributeValue::Choice("city".into()));
            })
        })
        .collect();
    let facts = Facts {
        records: &records,
        ..Facts::default()
    };
    let start = std::time::Instant::now();
    let found = score(&rules, &facts, day("2026-01-01")).unwrap();
    assert_eq!(found.len(), 1000);
    // Generous: test builds are not optimised.
    let took = start.elapsed();
    assert!(took.as_secs() < 20, "{took:?}");
}

#[test]
fn projects_and_managers_are_subjects_too() {
    let body = "[[component]]\nid = \"bad\"\n[[item]]\nid = \"B1\"\ncomponent = \"bad\"\nclause = \"1\"\ntitle = \"违规\"\npoints = -2\nwhen = \"project.area > 10\"\n";
    let source = |kind: &str| {
        small("kind = \"open\"", "base = 100", body)
            .replace("subject = \"company\"", &format!("subject = \"{kind}\""))
    };
    let contracts = [contract("P1", 1, Some("11")), contract("P2", 1, Some("9"))];
    let record = |id: &str, project: &str| {
        record(id, "B1", "2024-01-01").with(|r| {
            r.project = Some(project.into());
            r.manager = Some("M7".into());
        })
    };
    let records = [record("r1", "P1"), record("r2", "P2")];
    let facts = Facts {
        contracts: &contracts,
        contracts_known: true,
        records: &records,
        ..Facts::default()
    };
    let found = |kind: &str| -> Vec<(String, String)> {
        score(&rules(&source(kind)), &facts, day("2024-02-01"))
            .unwrap()
            .into_iter()
            .map(|one| (one.subject, one.score.to_string()))
            .collect()
    };
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(
        found("project"),
        [pair("P1", "98.00"), pair("P2", "100.00")]
    );
    assert_eq!(found("manager"), [pair("M7", "98.00")]);
}
