//! Every mistake is found when the file is loaded, with a stable code and its place.

use super::*;
use crate::rules::overlapping_versions;

fn codes(source: &str) -> Vec<&'static str> {
    match RuleSet::load("yantai-2022.toml", source) {
        Ok(_) => Vec::new(),
        Err(found) => found
            .iter()
            .filter(|one| one.severity == crate::rules::Severity::Error)
            .map(|one| one.code)
            .collect(),
    }
}

#[test]
fn each_mistake_has_its_code() {
    let table = [
        (
            "subject = \"company\"",
            "subject = \"company\"\nold_records = \"own_date\"",
            "R090",
        ),
        ("kind = \"rolling\"", "kind ＝ \"rolling\"", "R001"),
        ("rounding = \"half_up\"", "roundings = \"half_up\"", "R002"),
        ("months = 12\n", "", "R003"),
        ("cap = 80", "cap = \"80\"", "R004"),
        ("rounding = \"half_up\"", "rounding = \"halfup\"", "R005"),
        ("id = \"BAD-08\"", "id = \"BAD-07\"", "R006"),
        ("id = \"good\"", "id = \"basic\"", "R006"),
        ("clause = \"附件3 第7项\"\n", "", "R007"),
        ("clause = \"附件3 第7项\"", "clause = \" \"", "R007"),
        ("points = -2\n", "points = -2.00001\n", "R008"),
        ("points = -2\n", "points = 1e3\n", "R008"),
        ("people >= 10", "people >= ", "R010"),
        ("people >= 10", "people ≥ 10", "R010"),
        ("people >= 10", "peple >= 10", "R011"),
        ("people >= 10", "level >= 10", "R012"),
        ("people >= 10", "level == 'town'", "R013"),
        ("people >= 10", "has('BAD-07')", "R014"),
        ("has('BAD-31')\"\ngrade", "has('BAD-32')\"\ngrade", "R011"),
        ("from = 80\nbelow = 85", "from = 80\nbelow = 84", "R020"),
        ("from = 80\nbelow = 85", "from = 80\nto = 85", "R021"),
        ("from = 85\n", "from = 130\n", "R022"),
        (
            "{ from = 5, points = 2 }",
            "{ from = 6, points = 2 }",
            "R023",
        ),
        (
            "{ from = 5, points = 2 }",
            "{ from = 4, points = 2 }",
            "R024",
        ),
        ("city = 3, ", "", "R025"),
        ("{ min = -5, max = -1", "{ min = -1, max = -5", "R026"),
        ("cap = -6", "cap = 6", "R027"),
        ("per_record_cap = -3", "per_record_cap = 3", "R027"),
        (
            "title = \"不良信息\"",
            "title = \"不良信息\"\ncap = -20",
            "R027",
        ),
        (
            "title = \"不良信息\"",
            "title = \"不良信息\"\nmissing = \"renormalise\"",
            "R028",
        ),
        (
            "when = \"has('BAD-31')\"\ngrade",
            "when = \"score > 120\"\ngrade",
            "R029",
        ),
        (
            "when = \"has('BAD-31')\"\ngrade",
            "when = \"bad > 0\"\ngrade",
            "R029",
        ),
        ("component = \"basic\"", "component = \"basics\"", "R030"),
        ("veto = \"C\"", "veto = \"D\"", "R030"),
        (
            "effective_until = 2027-06-30",
            "effective_until = 2021-06-30",
            "R031",
        ),
        (
            "decided_on = 2026-03-01, people = 12",
            "occurred_on = 2026-03-01, people = 12",
            "R032",
        ),
        ("people >= 10", "people >= 10 and 1 > 2", "R034"),
        ("level = \"national\" }", "level = \"nation\" }", "R013"),
    ];
    for (from, to, code) in table {
        assert!(YANTAI.contains(from), "{from}");
        let found = codes(&YANTAI.replacen(from, to, 1));
        assert!(found.contains(&code), "{from} -> {to}: {found:?}");
    }
    assert!(codes(YANTAI).is_empty());
}

fn rendered(from: &str, to: &str) -> String {
    let source = YANTAI.replacen(from, to, 1);
    RuleSet::load("yantai-2022.toml", &source)
        .unwrap_err()
        .iter()
        .filter(|one| one.severity == crate::rules::Severity::Error)
        .map(|one| one.render(&source))
        .collect()
}

#[test]
fn predicate_errors_underline_their_place() {
    insta::assert_snapshot!(rendered("people >= 10", "peple >= 10"), @r##"
    yantai-2022.toml:100:9: 错误[R011] 没有声明「peple」
        |
    100 | when = "peple >= 10"
        |         ^^^^^
        = 是否应为「people」？
    "##);
    insta::assert_snapshot!(rendered("people >= 10", "level == 'town' and people > 1"), @r##"
    yantai-2022.toml:100:18: 错误[R013] 「level」没有选项「town」
        |
    100 | when = "level == 'town' and people > 1"
        |                  ^^^^^^
        = 可用的有：national、province、city、county、street
    "##);
    insta::assert_snapshot!(rendered("people >= 10", "people >= 10 && main"), @r##"
    yantai-2022.toml:100:22: 错误[R010] 条件里不能写「&&」
        |
    100 | when = "people >= 10 && main"
        |                      ^^
        = 请改为 and
    "##);
    insta::assert_snapshot!(rendered("people >= 10", "（people >= 10"), @r##"
    yantai-2022.toml:100:9: 错误[R010] 这里是全角符号「（」
        |
    100 | when = "（people >= 10"
        |         ^^
        = 请改用半角「(」
    "##);
    insta::assert_snapshot!(rendered("bad == 0", "grade == 'B'"), @r##"
    yantai-2022.toml:152:9: 错误[R011] 这里等级还没有评出，不能用 grade
        |
    152 | when = "grade == 'B'"
        |         ^^^^^
        = 请用 score、分项或 previous_grade(1)
    "##);
    insta::assert_snapshot!(rendered("count('BAD-07', '6 months')", "count('BAD-07', '6 moons')"), @r##"
    yantai-2022.toml:169:42: 错误[R014] 期限「6 moons」格式不对，应为「90 days」「12 months」或「3 years」，数值为正整数
        |
    169 | when = "has('BAD-31') or count('BAD-07', '6 moons') >= 3"
        |                                          ^^^^^^^^^
        = 如 '6 months'
    "##);
}

#[test]
fn full_width_punctuation_is_shown_with_its_fix() {
    insta::assert_snapshot!(rendered("months = 12", "months ＝ 12"), @r##"
    yantai-2022.toml:33:8: 错误[R001] 这里是全角符号「＝」
       |
    33 | months ＝ 12
       |        ^^
       = 请改用半角「=」
    "##);
    insta::assert_snapshot!(rendered("title = \"处数\"", "title = “处数”"), @r##"
    yantai-2022.toml:24:9: 错误[R001] 这里是全角符号「“」
       |
    24 | title = “处数”
       |         ^^
       = 请改用半角「"」
    "##);
}

#[test]
fn versions_of_one_policy_must_not_overlap() {
    let old = rules(YANTAI);
    let next = |from: &str| {
        rules(&YANTAI.replacen(
            "effective_from = 2022-07-01\neffective_until = 2027-06-30",
            from,
            1,
        ))
    };
    assert!(overlapping_versions(&[&old, &next("effective_from = 2027-07-01")]).is_empty());
    let found = overlapping_versions(&[&old, &next("effective_from = 2027-06-30")]);
    assert_eq!(found[0].code, "R031");
}

#[test]
fn a_condition_too_long_or_too_deep_for_the_stack_is_refused() {
    let sums = |terms: usize| vec!["1"; terms].join(" + ");
    for (condition, expected) in [
        (format!("people >= {}", sums(101)), None),
        (format!("people >= {}", sums(102)), Some("R010")),
        (format!("people >= {}", sums(50_000)), Some("R010")),
        (format!("people >= {}1", "-".repeat(50_000)), Some("R010")),
        (
            format!("{}people >= 1", "not ".repeat(50_000)),
            Some("R010"),
        ),
    ] {
        let found = codes(&YANTAI.replace("people >= 10", &condition));
        assert_eq!(found.first().copied(), expected, "{}", condition.len());
    }
}
