use super::{Change, Kind, Part, compare};
use crate::rules::RuleSet;

const ZIYANG: &str = include_str!("../../../rules/ziyang-draft.toml");
const SHIPPED: [&str; 3] = [
    ZIYANG,
    include_str!("../../../rules/yantai-2022.toml"),
    include_str!("../../../rules/shandong-2019.toml"),
];

fn load(source: &str) -> RuleSet {
    match RuleSet::load("test.toml", source) {
        Ok(loaded) => loaded.ruleset,
        Err(found) => panic!("{found:#?}"),
    }
}

/// What changes in the draft where this text becomes that one.
fn edited(from: &str, to: &str) -> Vec<Change> {
    assert_eq!(ZIYANG.matches(from).count(), 1, "{from}");
    compare(&load(ZIYANG), &load(&ZIYANG.replace(from, to)))
}

fn sentences(changes: &[Change]) -> String {
    let all: Vec<String> = changes.iter().map(Change::sentence).collect();
    all.join("\n")
}

#[test]
fn nothing_differs_from_itself() {
    for source in SHIPPED {
        assert_eq!(compare(&load(source), &load(source)), []);
    }
}

#[test]
fn order_comments_and_the_way_values_are_written_are_no_change() {
    let old = load(ZIYANG);
    // The items of annex 6 before those of annex 1.
    let (start, end) = ("# ---- 附件1", "# ---- 附件7");
    let annexes = &ZIYANG[ZIYANG.find(start).unwrap()..ZIYANG.find(end).unwrap()];
    let at = annexes.find("# ---- 附件6").unwrap();
    let turned = format!("{}{}", &annexes[at..], &annexes[..at]);
    let new = ZIYANG.replace(annexes, &turned);
    assert_ne!(new, ZIYANG);
    assert_eq!(compare(&old, &load(&new)), []);
    let rewritten = ZIYANG
        .replace("points = -1\n", "points = -1.0 # 每次\n")
        .replace("when = \"people >= 10\"", "when = \"(people>=10.0)\"")
        .replace(
            "record_by = [\"street\", \"county\"]",
            "record_by = [\"county\", \"street\"]",
        )
        .replace(
            "{ by = \"level\", city = -2, county = -1.5,",
            "{ by = \"level\", county = -1.5, city = -2,",
        );
    assert_ne!(rewritten, ZIYANG);
    assert_eq!(sentences(&compare(&old, &load(&rewritten))), "");
}

#[test]
fn changes_are_told_in_words() {
    let table = [
        (
            "points = -2\ncap = -6\nvalid_for = \"12 months\"\nrectified = { multiply = 0.5 }\nrecord_by = [\"county\", \"city\"]",
            "points = -3\ncap = -9\nvalid_for = \"1 year\"\nrectified = { multiply = 0 }\nrecord_by = [\"city\"]",
            "SPOT-01「公示的服务内容、收费标准与实际不符」：分值：每次扣2分改为每次扣3分；累计封顶：6分改为9分；有效期：有效期12个月改为有效期1年；整改后：整改完成后按50%计分改为整改完成后不再计分；录入：区县、市改为市（附件2 第1项）",
        ),
        (
            "average = \"area\"",
            "average = \"households\"",
            "projects「项目服务质量」：项目：各项目得分按管理面积加权平均改为各项目得分按户数加权平均",
        ),
        (
            "weight = 0.6",
            "weight = 0.7",
            "projects「项目服务质量」：权重：占总分的权重为0.6改为占总分的权重为0.7",
        ),
        (
            "at_best = \"A\"",
            "at_best = \"B\"",
            "V3「群体上访发生后24个月内，等级不高于A」：处理：等级最高为A级（信用合格）改为等级最高为B级（信用较差）（第十四条第三项）",
        ),
        (
            "sampling = \"50%\"",
            "sampling = \"60%\"",
            "B级（信用较差）「加强监管」：抽查比例：50%改为60%",
        ),
        (
            "effective_from = 2023-07-01",
            "effective_from = 2027-01-01",
            "文件：施行日期：2023-07-01改为2027-01-01",
        ),
        (
            "title = \"违法行为超过六个月未整改，降一级\"\n",
            "title = \"逾期未整改，降一级\"\n",
            "V4「逾期未整改，降一级」：情形：违法行为超过六个月未整改，降一级改为逾期未整改，降一级（第十四条第四项）",
        ),
    ];
    for (from, to, sentence) in table {
        assert_eq!(sentences(&edited(from, to)), sentence);
    }
}

#[test]
fn a_new_title_of_an_item_changes_the_item_alone() {
    let changes = edited(
        "title = \"挪用、骗取、套用、侵占住宅专项维修资金\"",
        "title = \"违规使用维修资金\"",
    );
    assert_eq!(
        sentences(&changes),
        "PEN-08「违规使用维修资金」：评分内容：挪用、骗取、套用、侵占住宅专项维修资金改为违规使用维修资金（附件4 第8项）"
    );
}

#[test]
fn moving_an_item_and_taking_one_away_are_told() {
    let moved = edited(
        "id = \"HON-07\"\ncomponent = \"honours\"",
        "id = \"HON-07\"\ncomponent = \"conduct\"",
    );
    assert_eq!(moved.len(), 1);
    assert!(
        sentences(&moved).contains("所属部分：「优良信息」改为「不良信息」"),
        "{moved:?}"
    );
    // What no file has any more, no case may cite.
    let all = ZIYANG.replace("  { item = \"HON-07\", decided_on = 2026-03-02 },\n", "");
    let start = all.find("[[item]]\nid = \"HON-07\"").unwrap();
    let end = start + all[start..].find("# ---- 附件6").unwrap();
    let without = load(&format!("{}{}", &all[..start], &all[end..]));
    let all = load(&all);
    let gone = compare(&all, &without);
    assert_eq!(gone.len(), 1, "{gone:?}");
    assert_eq!((gone[0].part, gone[0].kind), (Part::Item, Kind::Removed));
    assert_eq!(gone[0].id, "HON-07");
    let back = compare(&without, &all);
    assert_eq!((back[0].part, back[0].kind), (Part::Item, Kind::Added));
}

/// What the table around this place is called: its id and its title.
fn names_of(source: &str, at: usize) -> Vec<String> {
    let start = source[..at].rfind("\n[").map_or(0, |start| start + 1);
    let table = &source[start..];
    let end = table[1..].find("\n[").map_or(table.len(), |end| end + 1);
    let named = table[..end].lines().filter_map(|line| {
        let value = line
            .strip_prefix("id = ")
            .or_else(|| line.strip_prefix("title = "))?;
        Some(value.split('#').next()?.trim().trim_matches('"').to_owned())
    });
    match table.starts_with("[ruleset]") {
        true => vec!["文件".to_owned()],
        false if table.starts_with("[score]") || table.starts_with("[period]") => {
            vec!["总则".to_owned()]
        }
        false => named.collect(),
    }
}

#[test]
fn every_change_of_a_single_number_is_found_and_named() {
    let old = load(ZIYANG);
    let bytes = ZIYANG.as_bytes();
    // The cases repeat themselves: one number in fifteen of theirs.
    let cases = ZIYANG.find("[[case]]").unwrap();
    let (mut tried, mut seen, mut at, mut unlike) = (0, 0, 0, Vec::new());
    while at < bytes.len() {
        if bytes[at] == b'#' {
            at += ZIYANG[at..].find('\n').unwrap_or(1);
        }
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let len = bytes[at..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count();
        let (from, to) = (at, at + len);
        at = to;
        seen += 1;
        if from > cases && seen % 15 != 0 {
            continue;
        }
        let next = (ZIYANG[from..to].parse::<u64>().unwrap() + 1).to_string();
        let text = format!("{}{next}{}", &ZIYANG[..from], &ZIYANG[to..]);
        let Ok(loaded) = RuleSet::load("test.toml", &text) else {
            continue;
        };
        tried += 1;
        let told = sentences(&compare(&old, &loaded.ruleset));
        let names = [names_of(ZIYANG, from), names_of(&text, from)].concat();
        if !names.iter().any(|name| told.contains(name)) {
            let line = ZIYANG[..from].lines().count();
            unlike.push(format!("line {line} ({names:?}): {told}"));
        }
    }
    assert!(tried > 400, "{tried}");
    assert!(unlike.is_empty(), "{tried} tried:\n{}", unlike.join("\n"));
}
