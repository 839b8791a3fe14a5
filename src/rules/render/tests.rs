use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::{
    super::RuleSet,
    words::{Voice, number},
};

const SHIPPED: [(&str, &str); 3] = [
    (
        "ziyang-draft.toml",
        include_str!("../../../rules/ziyang-draft.toml"),
    ),
    (
        "yantai-2022.toml",
        include_str!("../../../rules/yantai-2022.toml"),
    ),
    (
        "shandong-2019.toml",
        include_str!("../../../rules/shandong-2019.toml"),
    ),
];

fn load(source: &str) -> RuleSet {
    match RuleSet::load("test.toml", source) {
        Ok(loaded) => loaded.ruleset,
        Err(found) => panic!("{found:#?}\n{source}"),
    }
}

const HEAD: &str = r#"
[ruleset]
id = "t"
title = "测试办法"
effective_from = 2026-01-01
subject = "company"
[attribute.people]
title = "上访人数"
type = "integer"
unit = "人"
[attribute.share]
title = "收缴率"
type = "percent"
[attribute.level]
title = "受理层级"
type = "choice"
values = ["city", "street"]
[attribute.told]
title = "已报告"
type = "boolean"
[attribute.due]
title = "应办日期"
type = "day"
[period]
kind = "rolling"
months = 12
counts_from = "decided_on"
[score]
direction = "merit"
base = 100
decimals = 1
rounding = "half_up"
[[component]]
id = "bad"
title = "不良信息"
weight = 1
combine = "sum"
missing = "zero"
[[grade]]
id = "A"
title = "好"
from = 80
[[grade]]
id = "B"
title = "中"
from = 60
below = 80
[[grade]]
id = "C"
title = "差"
below = 60
[[list]]
id = "watch"
title = "黑榜"
class = "watch"
clause = "第九条"
when = "grade == 'C'"
"#;

fn item(rest: &str) -> String {
    format!(
        "{HEAD}\n[[item]]\nid = \"X\"\ncomponent = \"bad\"\nclause = \"第1项\"\ntitle = \"乱收费\"\n{rest}\n"
    )
}

#[test]
fn conditions_on_records_read_as_sentences() {
    let table = [
        ("people >= 10", "上访人数不少于10人"),
        ("10 <= people", "上访人数不少于10人"),
        (
            "people > 10 and share < 80%",
            "上访人数超过10人，并且收缴率少于80%",
        ),
        (
            "level == 'city' or level != 'street'",
            "受理层级为市级，或者受理层级不是街道级",
        ),
        ("told", "已报告为是"),
        ("told == false", "已报告为否"),
        ("due < '2026-03-01'", "应办日期早于2026-03-01"),
        (
            "people >= project.households * 10%",
            "上访人数不少于项目总户数的10%",
        ),
        ("subject.age_months < 12", "设立不满12个月"),
        ("subject.projects >= 3", "在管项目不少于3个"),
        (
            "not (people >= 10) and (told or level == 'city')",
            "不符合“上访人数不少于10人”，并且（已报告为是，或者受理层级为市级）",
        ),
    ];
    for (text, sentence) in table {
        let rules = load(&item(&format!("points = -1\nwhen = \"{text}\"")));
        let when = rules.items()[0].when.as_ref().unwrap();
        assert_eq!(
            super::condition(&Voice::titles(&rules), when),
            sentence,
            "{text}"
        );
    }
}

#[test]
fn conditions_on_subjects_read_as_sentences() {
    let table = [
        ("has('X')", "有「乱收费」记录"),
        ("has('X', '12 months')", "12个月内有「乱收费」记录"),
        ("not has('bad')", "没有「不良信息」类记录"),
        (
            "count('X', '36 months') >= 2",
            "36个月内有2次以上「乱收费」记录",
        ),
        (
            "points('bad', '6 months') <= -8",
            "6个月内「不良信息」类记录累计扣8分以上",
        ),
        ("consecutive(grade <= 'B', 2)", "此前连续2期等级为B级或更差"),
        (
            "previous_grade(1) == 'C' and grade == 'C'",
            "上一期等级为C级，并且等级为C级",
        ),
        (
            "unrectified('X', '6 months')",
            "有「乱收费」记录超过6个月未整改",
        ),
        ("not unrectified('X')", "没有「乱收费」记录未整改的情形"),
        ("on_list('watch')", "已列入「黑榜」"),
        ("not on_list('watch')", "未列入「黑榜」"),
        (
            "years_without('bad') >= 3",
            "连续3年以上没有「不良信息」类记录",
        ),
        (
            "score < 60 or bad <= -20",
            "总分低于60分，或者「不良信息」得分不高于-20分",
        ),
    ];
    for (text, sentence) in table {
        let source = format!(
            "{}\n[[override]]\nid = \"V\"\ntitle = \"否决\"\nclause = \"第八条\"\ngrade = \"C\"\nwhen = \"{text}\"\n",
            item("points = -1")
        );
        let rules = load(&source);
        let when = &rules.overrides()[0].when;
        assert_eq!(
            super::condition(&Voice::titles(&rules), when),
            sentence,
            "{text}"
        );
    }
}

#[test]
fn points_and_notes_read_as_sentences() {
    let table = [
        ("points = -2\ncap = -60", "每次扣2分", "累计最多扣60分"),
        (
            "points = -2\ntimes = \"people\"\nper_record_cap = -6",
            "每人扣2分",
            "单次最多扣6分",
        ),
        (
            "points = { by = \"level\", city = -2, street = -1 }\nsame_matter = \"highest\"",
            "按受理层级：\n市级扣2分\n街道级扣1分",
            "同一事项取分值最高的一次",
        ),
        (
            "points = { by = \"share\", bands = [{ below = 0.6, points = -3 }, { from = 0.6, points = 0 }] }\nrectified = { multiply = 0 }",
            "按收缴率：\n不满60%的，扣3分\n60%以上的，加0分",
            "整改完成后不再计分",
        ),
        (
            "points = { min = -5, max = -1, suggested = -3 }\nvalid_for = \"6 months\"\nrectified = { multiply = 0.5 }",
            "每次扣1至5分，一般扣3分，由认定单位裁量并说明理由",
            "有效期6个月\n整改完成后按50%计分",
        ),
        (
            "points = -3\nrepeat = { within = \"12 months\", multiply = [1, 1.5, 2] }\nveto = \"B\"",
            "每次扣3分",
            "12个月内重复发生的，第1次按1倍、第2次按1.5倍、第3次起按2倍计分\n计分期间，等级最高为B级（中）",
        ),
        (
            "points = -3\nvalid_for = \"until_rectified\"\nrecurs = \"each_period\"",
            "每次扣3分",
            "整改完成前一直有效\n未整改的，以后每期继续计分",
        ),
    ];
    for (text, points, notes) in table {
        let rules = load(&item(text));
        let voice = Voice::titles(&rules);
        let item = &rules.items()[0];
        assert_eq!(super::points_words(&voice, item), points, "{text}");
        let found = super::items::notes(&voice, &rules.components()[0], item);
        assert_eq!(found.join("\n"), notes, "{text}");
    }
}

#[test]
fn the_general_part_reads_as_articles() {
    let rules = load(&item("points = -1"));
    let paper = rules.paper();
    let text: Vec<String> = paper.sections[0]
        .blocks
        .iter()
        .map(|block| match block {
            super::Block::Paragraph(text) => text.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    insta::assert_snapshot!(text.join("\n"), @r"
    1．评价对象为物业服务企业。
    2．以评价日之前12个月为计分期间，只计期间内的记录。
    3．记录以认定日期为准；期间的起算日不计入，届满日计入。
    4．分数越高，信用越好。
    5．总分＝基准分100分＋「不良信息」，扣分以负数计入。
    6．总分不设上限和下限。
    7．总分保留1位小数，四舍五入，只取舍一次。
    8．记录在异议处理期间照常计分。
    9．评价日以前的记录，一律按评价日有效的标准计分。
    ");
}

/// Everything numeric that a rule set holds, outside conditions and cases, as it may be read.
fn numbers(rules: &RuleSet) -> Vec<(String, Decimal)> {
    use super::super::{Effect, PointsForm};
    let mut all = Vec::new();
    for item in rules.items() {
        let mut add = |value: Option<Decimal>| {
            all.extend(value.map(|value| (item.id.clone(), value)));
        };
        match &item.points {
            PointsForm::Fixed(points) => add(item.has_points.then_some(*points)),
            PointsForm::Lookup { table, .. } => table.iter().for_each(|row| add(Some(row.1))),
            PointsForm::Bands { bands, .. } => bands.iter().for_each(|band| {
                add(Some(band.points));
                add(band
                    .range
                    .lower
                    .map(|bound| bound.value)
                    .filter(|v| !v.is_zero()));
                add(band.range.upper.map(|bound| bound.value));
            }),
            PointsForm::Chosen {
                min,
                max,
                suggested,
            } => {
                [Some(*min), Some(*max), *suggested]
                    .into_iter()
                    .for_each(&mut add);
            }
            PointsForm::Value { .. } => {}
        }
        add(item.cap);
        add(item.per_record_cap);
        add(item.rectified.filter(|factor| !factor.is_zero()));
        add(item.rectify_days.map(Decimal::from));
        if let Some(repeat) = &item.repeat {
            repeat.multiply.iter().for_each(|factor| add(Some(*factor)));
        }
    }
    for component in rules.components() {
        let values = [
            Some(component.base),
            component.floor,
            component.cap,
            Some(component.weight),
        ];
        let values = values.into_iter().flatten();
        all.extend(values.map(|value| (component.id.clone(), value)));
    }
    for step in rules.ladder() {
        let ends = [step.range.lower, step.range.upper].into_iter().flatten();
        all.extend(ends.map(|bound| ("ladder".to_owned(), bound.value)));
    }
    for one in rules.overrides() {
        if let Effect::Score(score) = one.effect {
            all.push((one.id.clone(), score));
        }
    }
    all
}

#[test]
fn everything_that_a_file_says_is_in_its_rendering() {
    for (file, source) in SHIPPED {
        let rules = load(source);
        let paper = rules.paper();
        let texts = paper.texts();
        let whole = texts.join("\n");
        for item in rules.items() {
            for wanted in [&item.title, &item.clause] {
                assert!(texts.iter().any(|text| text == wanted), "{file}: {wanted}");
            }
        }
        let titled = (rules
            .overrides()
            .iter()
            .map(|one| (&one.title, &one.clause)))
        .chain(rules.lists().iter().map(|one| (&one.title, &one.clause)))
        .chain(
            rules
                .not_rated()
                .iter()
                .map(|one| (&one.title, &one.clause)),
        );
        for (title, clause) in titled {
            assert!(
                whole.contains(title.as_str()) && whole.contains(clause.as_str()),
                "{title}"
            );
        }
        for one in rules.consequences() {
            assert!(whole.contains(&one.title), "{}", one.title);
            one.measures
                .iter()
                .for_each(|one| assert!(whole.contains(one.as_str()), "{one}"));
        }
        for case in rules.cases() {
            assert!(whole.contains(&case.title), "{}", case.title);
            let score = case.expect.score.map(|score| score.to_string());
            assert!(
                score.is_none_or(|score| whole.contains(&score)),
                "{}",
                case.title
            );
        }
        let read: BTreeSet<&str> = whole
            .split(|c: char| !(c.is_ascii_digit() || c == '.' || c == '%'))
            .collect();
        for (part, value) in numbers(&rules) {
            let plain = number(value.abs());
            let share = format!("{}%", number(value.abs() * Decimal::ONE_HUNDRED));
            assert!(
                read.contains(plain.as_str()) || read.contains(share.as_str()),
                "{file}: {part}: {value}"
            );
        }
    }
}

#[test]
fn it_reads_as_if_no_program_had_made_it() {
    for (file, source) in SHIPPED {
        let texts = load(source).paper().texts().join("\n");
        for word in [
            "==", "!=", "<=", ">=", "true", "false", "until_", "has(", "count(", "None",
        ] {
            assert!(!texts.contains(word), "{file}: {word}");
        }
        // Latin words: grades, codes of projects and matters; nothing of the rule language.
        let words: BTreeSet<&str> = texts
            .split(|c: char| !c.is_ascii_lowercase() && c != '_')
            .filter(|word| word.len() > 1)
            .collect();
        assert_eq!(words, BTreeSet::new(), "{file}");
    }
}

#[test]
fn text_lines_up_and_stays_within_its_width() {
    use unicode_width::UnicodeWidthStr;
    for (file, source) in SHIPPED {
        let paper = load(source).paper();
        for width in [80, 120] {
            let text = paper.text(width);
            let widest = text.lines().map(str::width).max().unwrap_or(0);
            // A closing mark may hang over the end of its line.
            assert!(widest <= width + 8, "{file}: {widest} of {width}");
            assert_eq!(text, paper.text(width));
        }
    }
}

#[test]
fn markup_in_a_file_is_text_on_the_page() {
    let source = item("points = -1").replace("测试办法", "<script>alert(1)</script>");
    let page = load(&source).paper().html().unwrap();
    assert!(!page.contains("<script"), "{page}");
    assert!(page.contains("&#60;script&#62;"), "{page}");
    assert!(page.contains("未经核对官方文本"));
}
