//! Worked cases: records that the rules can use, days in force, something expected, every item covered.

use std::{collections::HashSet, ops::Range};

use crate::rules::{RuleSet, cases::Case, diagnostic::Code, document::Reader};

/// Records of cases that the rules cannot use, grades that do not exist, and items that no case covers.
pub(super) fn check(reader: &Reader<'_>, rules: &RuleSet) {
    for case in rules.cases() {
        telling(reader, rules, case);
        for (record, place) in case.records.iter().zip(&case.places) {
            for fault in rules.check_record(record) {
                reader.report(
                    Code::R032,
                    place.clone(),
                    format!(
                        "案例「{}」的记录有误：[{}] {}",
                        case.title, fault.code, fault.what
                    ),
                    fault.fix,
                );
            }
        }
        for (past, place) in case.history.iter().zip(&case.past_places) {
            if !rules.is_result(&past.grade) {
                unknown(reader, rules, &past.grade, place);
            }
        }
        let Some(grade) = &case.expect.grade else {
            continue;
        };
        if !rules.is_result(grade) {
            unknown(reader, rules, grade, &grade.at);
        } else if rules.needs_population() {
            reader.report(
                Code::R032,
                grade.at.clone(),
                "按排名评级时，单个案例评不出等级",
                "请删去 expect 里的 grade，只写 score",
            );
        }
    }
    covered(reader, rules);
}

fn unknown(reader: &Reader<'_>, rules: &RuleSet, grade: &str, at: &Range<usize>) {
    reader.report(
        Code::R030,
        at.clone(),
        format!("没有等级「{grade}」"),
        reader.suggest(grade, rules.results()),
    );
}

/// Items that no case uses.
fn covered(reader: &Reader<'_>, rules: &RuleSet) {
    let used: HashSet<&str> = rules
        .cases()
        .iter()
        .flat_map(|case| &case.records)
        .map(|record| record.item.as_str())
        .collect();
    for item in rules.items() {
        if !used.contains(item.id.as_str()) {
            reader.report(
                Code::R040,
                item.at.clone(),
                format!("没有案例用到条目「{}」", item.id),
                "请在某个 [[case]] 里加一条这样的记录",
            );
        }
    }
}

/// What a case cannot test: days on which the version is not in force, and nothing at all.
fn telling(reader: &Reader<'_>, rules: &RuleSet, case: &Case) {
    if !rules.in_force_on(case.as_of) {
        reader.report(
            Code::R060,
            case.at.clone(),
            format!(
                "案例「{}」的日期 {} 不在本版本的有效期内",
                case.title, case.as_of
            ),
            "那一天不由本版本计分；请改 as_of，或核对 effective_from 和 effective_until",
        );
    }
    let expect = &case.expect;
    let nothing = expect.score.is_none()
        && expect.grade().is_none()
        && expect.rated.is_none()
        && expect.lists.is_none()
        && expect.consequences.is_none()
        && expect.components.is_empty()
        && expect.next_change_on.is_none();
    if nothing {
        reader.report(
            Code::R061,
            case.at.clone(),
            format!("案例「{}」的 expect 是空的，什么也没有核对", case.title),
            "请写出手工算得的 score，例如 expect = { score = \"98.00\" }",
        );
    }
}
