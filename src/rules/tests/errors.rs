//! Every mistake is found when the file is loaded, with a stable code and its place.

use super::*;
use crate::rules::{Code, Severity, check_versions, overlapping_versions};

fn codes(source: &str) -> Vec<Code> {
    match RuleSet::load("yantai-2022.toml", source) {
        Ok(_) => Vec::new(),
        Err(found) => found
            .iter()
            .filter(|one| one.severity == Severity::Error)
            .map(|one| one.code)
            .collect(),
    }
}

#[test]
fn each_mistake_has_its_code() {
    let table = [
        (
            "subject = \"company\"",
            "subject = \"company\"\nold_records = \"oldest\"",
            "R005",
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
        assert!(
            found.iter().any(|one| *one == code),
            "{from} -> {to}: {found:?}"
        );
    }
    assert!(codes(YANTAI).is_empty());
}

fn rendered(from: &str, to: &str) -> String {
    let source = YANTAI.replacen(from, to, 1);
    RuleSet::load("yantai-2022.toml", &source)
        .unwrap_err()
        .iter()
        .filter(|one| one.severity == Severity::Error)
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
        = 说明：docs/codes/R011.md
    "##);
    insta::assert_snapshot!(rendered("people >= 10", "level == 'town' and people > 1"), @r##"
    yantai-2022.toml:100:18: 错误[R013] 「level」没有选项「town」
        |
    100 | when = "level == 'town' and people > 1"
        |                  ^^^^^^
        = 可用的有：national、province、city、county、street
        = 说明：docs/codes/R013.md
    "##);
    insta::assert_snapshot!(rendered("people >= 10", "people >= 10 && main"), @r##"
    yantai-2022.toml:100:22: 错误[R010] 条件里不能写「&&」
        |
    100 | when = "people >= 10 && main"
        |                      ^^
        = 请改为 and
        = 说明：docs/codes/R010.md
    "##);
    insta::assert_snapshot!(rendered("people >= 10", "（people >= 10"), @r##"
    yantai-2022.toml:100:9: 错误[R010] 条件里有全角符号「（」
        |
    100 | when = "（people >= 10"
        |         ^^
        = 请改为：(people >= 10
        = 说明：docs/codes/R010.md
    yantai-2022.toml:100:22: 错误[R010] 括号没有配对
        |
    100 | when = "（people >= 10"
        |                       ^
        = 这里应当是右括号 )
        = 说明：docs/codes/R010.md
    "##);
    insta::assert_snapshot!(rendered("bad == 0", "grade == 'B'"), @r##"
    yantai-2022.toml:152:9: 错误[R011] 这里等级还没有评出，不能用 grade
        |
    152 | when = "grade == 'B'"
        |         ^^^^^
        = 请用 score、分项或 previous_grade(1)
        = 说明：docs/codes/R011.md
    "##);
    insta::assert_snapshot!(rendered("count('BAD-07', '6 months')", "count('BAD-07', '6 moons')"), @r##"
    yantai-2022.toml:169:42: 错误[R014] 期限「6 moons」格式不对，应为「90 days」「12 months」或「3 years」，数值为正整数
        |
    169 | when = "has('BAD-31') or count('BAD-07', '6 moons') >= 3"
        |                                          ^^^^^^^^^
        = 如 '6 months'
        = 说明：docs/codes/R014.md
    "##);
}

#[test]
fn full_width_punctuation_is_shown_with_its_fix() {
    insta::assert_snapshot!(rendered("months = 12", "months ＝ 12"), @r##"
    yantai-2022.toml:33:8: 错误[R001] 这里是全角符号「＝」
       |
    33 | months ＝ 12
       |        ^^
       = 请改为：months = 12
       = 说明：docs/codes/R001.md
    "##);
    insta::assert_snapshot!(rendered("title = \"处数\"", "title = “处数”"), @r##"
    yantai-2022.toml:24:9: 错误[R001] 这里是全角符号「“」「”」
       |
    24 | title = “处数”
       |         ^^
       = 请改为：title = "处数"
       = 说明：docs/codes/R001.md
    "##);
}

/// Everything about a text, as `line:column code message` and help.
fn told(source: &str) -> String {
    match RuleSet::load("yantai-2022.toml", source) {
        Ok(_) => String::new(),
        Err(found) => found
            .iter()
            .filter(|one| one.severity == Severity::Error)
            .map(|one| {
                let said = format!(
                    "{}:{} {} {} = {}",
                    one.line, one.column, one.code, one.message, one.help
                );
                said.trim_end().to_owned() + "\n"
            })
            .collect(),
    }
}

/// The text with these replacements, each of which must be possible.
fn changed(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(YANTAI.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    })
}

#[test]
fn full_width_text_hides_no_other_fault() {
    let source = changed(&[
        ("months = 12", "months　＝　１２"),
        (
            "title = \"处数\"\ntype = \"integer\"",
            "title = “处数”\ntype = \"integr\"",
        ),
        (
            "values = [\"national\", \"province\"",
            "values ＝ [“national\", \"province”",
        ),
        ("cap = 80", "cap：80；"),
        ("title = \"优良信息\"", "title = 优良信息 ＃ 最高40分"),
        (
            "national = 46, province = 4, city = 3,",
            "national = 46，province = 4、 city = ３，",
        ),
        ("people >= 10", "people ≥ １０ and peple ＞ 3"),
        ("points = -20", "points = －20"),
        ("from = 80\nbelow = 85", "from = 80\nbelow = “85”"),
    ]);
    insta::assert_snapshot!(told(&source), @r##"
    16:8 R001 这里是全角符号「＝」「“」「”」 = 请改为：values = ["national", "province", "city", "county", "street"]
    24:9 R001 这里是全角符号「“」「”」 = 请改为：title = "处数"
    25:8 R005 [attribute.places] 的 type 不能是「integr」 = 是否应为「integer」？
    33:7 R001 这里是全角符号「全角空格」「＝」「１」「２」 = 请改为：months = 12
    48:4 R001 这里是全角符号「：」「；」 = 请改为：cap=80
    52:9 R001 这里要用半角符号，汉字要加引号：「优良信息」「＃」 = 请改为：title = "优良信息" # 最高40分
    72:39 R001 这里是全角符号「，」「、」「３」 = 请改为：points = { by = "level", national = 46,province = 4, city = 3, county = 2, street = 0.5 }
    100:16 R010 条件里有全角符号「≥」「１」「０」「＞」 = 请改为：people >= 10 and peple > 3
    100:25 R011 没有声明「peple」 = 是否应为「people」？
    109:9 R030 没有声明字段「places」 = 可用的有：level、people、tenure_years
    124:10 R001 这里是全角符号「－」 = 请改为：points = -20
    140:9 R001 这里是全角符号「“」「”」 = 请改为：below = "85"
    140:9 R004 [[grade]]「AA」 的 below 应为数字（不加引号），这里写的是文字 =
    "##);
}

#[test]
fn a_fault_of_the_text_hides_no_wrong_value() {
    let source = changed(&[
        ("[[group]]\nid = \"honours\"", "[[group]]\nid = \"honours"),
        ("cap = 80", "cap = \"80\""),
        ("people >= 10", "people >== 10"),
    ]);
    insta::assert_snapshot!(told(&source), @r##"
    48:7 R004 [[component]]「basic」 的 cap 应为数字（不加引号），这里写的是文字 =
    100:18 R010 条件里不能写「=」 = 请改为 ==
    128:14 R001 不是合法的 TOML：引号没有配对（invalid basic string, expected `"`） = 请检查引号、括号、等号和逗号
    "##);
}

#[test]
fn full_width_characters_inside_quotes_and_comments_are_left_alone() {
    for (from, to) in [
        ("title = \"处数\"", "title = \"处数（“每处”）：１，２\""),
        ("title = \"处数\"", "title = \"处数\"  # ＝“”：，"),
        ("title = \"处数\"", "title = \"\"\"处数，\n“二”＝\"\"\""),
    ] {
        assert!(codes(&YANTAI.replacen(from, to, 1)).is_empty(), "{to}");
    }
}

#[test]
fn one_faulty_place_does_not_hide_those_of_other_items() {
    let source = changed(&[
        (
            "title = \"烟台市物业服务企业信用信息管理办法（示例）\"\n",
            "",
        ),
        ("cap = -6", "cap = 6"),
        ("points = -23", "points = \"-23\""),
        ("{ from = 5, points = 2 }", "{ from = 6, points = 2 }"),
        ("class = \"watch\"", "class = \"black\""),
    ]);
    let found = codes(&source);
    for code in [Code::R003, Code::R004, Code::R005] {
        assert!(found.contains(&code), "{code}: {found:?}");
    }
    let source = changed(&[
        ("cap = -6", "cap = 6"),
        ("points = -23", "points = \"-23\""),
        ("{ from = 5, points = 2 }", "{ from = 6, points = 2 }"),
    ]);
    assert_eq!(codes(&source), [Code::R023, Code::R027, Code::R004]);
}

#[test]
fn versions_of_one_policy_follow_each_other() {
    let old = rules(YANTAI);
    let next = |from: &str| {
        rules(
            &YANTAI
                .replacen(
                    "effective_from = 2022-07-01\neffective_until = 2027-06-30",
                    from,
                    1,
                )
                .replacen("id = \"yantai-2022\"", "id = \"yantai-next\"", 1),
        )
    };
    let told = |others: &[&RuleSet], as_of: Option<&str>| -> Vec<Code> {
        check_versions(others, as_of.map(day))
            .iter()
            .map(|one| one.code)
            .collect()
    };
    let follows = next("effective_from = 2027-07-01");
    assert!(told(&[&follows, &old], Some("2027-06-01")).is_empty());
    assert_eq!(told(&[&old], Some("2027-05-01")), [Code::R054]);
    assert!(told(&[&old], Some("2027-04-30")).is_empty());
    assert_eq!(
        told(&[&old, &next("effective_from = 2027-07-02")], None),
        [Code::R053]
    );
    assert_eq!(
        told(&[&old, &next("effective_from = 2027-06-30")], None),
        [Code::R031]
    );
    // One that ends within another that stays in force.
    let within = rules(&changed(&[
        ("effective_from = 2022-07-01", "effective_from = 2023-01-01"),
        (
            "effective_until = 2027-06-30",
            "effective_until = 2023-12-31",
        ),
        ("id = \"yantai-2022\"", "id = \"yantai-within\""),
    ]));
    assert_eq!(told(&[&within, &old, &follows], None), [Code::R031]);
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
