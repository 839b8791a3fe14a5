//! From an outlook to the part of a page that shows it.

use super::{
    account::{figure, in_project, joined},
    badge, signed,
};
use crate::{
    rules::{
        Block, BlockKind, Change, Cited, Deed, Direction, Distance, Moved, Outlook, Rank, RuleSet,
        Stand, Stops, Way,
    },
    web::pages::{ActionRow, ChangeRow, OutlookPart, WayPart},
};

/// Changes and actions on a page; the interface gives all.
const MOST_CHANGES: usize = 40;
const MOST_ACTIONS: usize = 20;
/// Records named with a change, and steps named with a way.
const MOST_RECORDS: usize = 3;
const MOST_STEPS: usize = 12;

pub(in crate::web) fn outlook(rules: &RuleSet, found: &Outlook) -> OutlookPart {
    let mut changes: Vec<ChangeRow> = Vec::new();
    let mut before = &found.now;
    let mut lists: Option<&Vec<String>> = None;
    let mut left_out = 0;
    for change in &found.timeline.changes {
        let same = change.stand == *before && lists.is_none_or(|lists| *lists == change.lists);
        let regraded = change.stand.grade != before.grade;
        (before, lists) = (&change.stand, Some(&change.lists));
        // A record that ends to count behind a cap moves nothing that a reader looks for here.
        if same {
            continue;
        }
        if changes.len() == MOST_CHANGES {
            left_out += 1;
        } else {
            changes.push(row(rules, change, regraded));
        }
    }
    let shown: Vec<_> = (found.actions.iter())
        .filter(|action| !action.difference.is_zero() || action.better_grade || action.disputed)
        .collect();
    OutlookPart {
        caveats: caveats(found),
        until: found.timeline.until.to_string(),
        changes,
        left_out,
        gap: gap(rules, found),
        ways: found.next_grade.ways.iter().map(way).collect(),
        actions_left_out: shown.len().saturating_sub(MOST_ACTIONS),
        actions: shown
            .into_iter()
            .take(MOST_ACTIONS)
            .map(|action| ActionRow {
                label: action.cited.title.clone(),
                meta: joined([
                    action.cited.clause.clone(),
                    in_project(action.cited.project.as_deref()),
                    if action.disputed {
                        "异议处理中".to_owned()
                    } else {
                        String::new()
                    },
                ]),
                date: date(&action.cited),
                deed: deed(action.deed),
                difference: signed(action.difference),
                result: stands(&action.stand),
                better: action.better_grade,
            })
            .collect(),
    }
}

fn row(rules: &RuleSet, change: &Change, regraded: bool) -> ChangeRow {
    let mut records: Vec<String> = change
        .records
        .iter()
        .take(MOST_RECORDS)
        .map(moved)
        .collect();
    if change.records.len() > MOST_RECORDS {
        records.push(format!("等 {} 条记录", change.records.len()));
    }
    let grade = change.stand.grade.as_deref();
    ChangeRow {
        on: change.on.to_string(),
        score: change.stand.score.to_string(),
        grade: grade
            .filter(|_| regraded)
            .map(|grade| badge(Some(rules), grade, change.stand.rated)),
        records,
    }
}

fn moved(moved: &Moved) -> String {
    let named = named(&moved.cited);
    match (moved.before, moved.after) {
        (Some(_), None) => format!("{named}不再计分"),
        (_, Some(after)) if moved.before.is_none() => {
            format!("{named}开始计分，{} 分", signed(after))
        }
        (_, Some(after)) => format!("{named}改计 {} 分", signed(after)),
        (None, None) => named,
    }
}

/// `「公示不全」（附件3 第7项，2026-03-01）`.
fn named(cited: &Cited) -> String {
    let mut within = vec![cited.clause.clone(), date(cited)];
    within.retain(|part| !part.is_empty());
    if within.is_empty() {
        return format!("「{}」", cited.title);
    }
    format!("「{}」（{}）", cited.title, within.join("，"))
}

fn date(cited: &Cited) -> String {
    cited.date.map(|day| day.to_string()).unwrap_or_default()
}

fn deed(deed: Deed) -> &'static str {
    match deed {
        Deed::Rectify => "整改",
        Deed::Object => "异议成立",
    }
}

/// `93.00 分，A`.
fn stands(stand: &Stand) -> String {
    match &stand.grade {
        Some(grade) => format!("{} 分，{grade}", stand.score),
        None => format!("{} 分", stand.score),
    }
}

fn caveats(found: &Outlook) -> Vec<String> {
    let mut said = vec![
        "按现有记录和现行规则推算：今后没有新的记录，已列入的名单不变。不是承诺，也不是决定。"
            .to_owned(),
    ];
    match found.rank {
        Rank::Unknown => said.push("等级按名次评定，取决于其他企业，这里只推算得分。".to_owned()),
        Rank::AmongGiven => said.push("等级按名次评定，按其他企业现有记录推算。".to_owned()),
        Rank::No => {}
    }
    match &found.timeline.stops {
        Stops::Asked => {}
        Stops::RulesEnd => said.push(format!("所用规则有效至 {}。", found.timeline.until)),
        Stops::TooMany => said.push("变动过多，只推算到此。".to_owned()),
        Stops::Fault { .. } => said.push(format!(
            "{} 之后的资料不齐，不能推算。",
            found.timeline.until
        )),
    }
    said
}

fn gap(rules: &RuleSet, found: &Outlook) -> Vec<String> {
    let next = &found.next_grade;
    let mut said = Vec::new();
    if next.at_best {
        said.push("已是最高等级。".to_owned());
        return said;
    }
    said.extend(next.blocks.iter().map(block));
    if let Some(distance) = &next.distance {
        said.push(away(rules, distance));
    }
    match &next.by_itself {
        Some(change) => said.push(format!(
            "不采取任何措施，{} 起为 {}。",
            change.on,
            stands(&change.stand)
        )),
        None if found.rank != Rank::Unknown && !rules.grades().is_empty() => said.push(format!(
            "不采取任何措施，到 {} 等级不会提高。",
            found.timeline.until
        )),
        None => {}
    }
    if let Some(everything) = &next.everything {
        said.push(format!(
            "即使全部整改、全部异议成立，也只到 {}，等级不会因此提高。",
            stands(everything)
        ));
    }
    said
}

fn block(block: &Block) -> String {
    let until = block
        .until
        .map(|day| format!("，到 {day} 为止"))
        .unwrap_or_default();
    let clause = match block.clause.as_str() {
        "" => String::new(),
        clause => format!("（{clause}）"),
    };
    match (block.kind, &block.ceiling) {
        (BlockKind::NotRated, _) => format!("{}{clause}{until}。", block.title),
        (_, Some(ceiling)) => format!(
            "受「{}」{clause}限制{until}：等级最高为 {ceiling}，得分再高也不能提高等级。",
            block.title
        ),
        (_, None) => format!("受「{}」{clause}限制{until}：得分已直接定出。", block.title),
    }
}

fn away(rules: &RuleSet, distance: &Distance) -> String {
    let side = match (rules.score_rule().direction, distance.inclusive) {
        (Direction::Merit, true) => "分及以上",
        (Direction::Merit, false) => "分以上",
        (Direction::Demerit, true) => "分及以下",
        (Direction::Demerit, false) => "分以下",
    };
    let more = if distance.conditional {
        "；该等级另有条件"
    } else {
        ""
    };
    format!(
        "距 {}（{} {side}）还差 {} 分{more}。",
        distance.grade,
        figure(distance.bound),
        figure(distance.points)
    )
}

fn way(way: &Way) -> WayPart {
    let count = |wanted: Deed| way.steps.iter().filter(|step| step.deed == wanted).count();
    let what = match (count(Deed::Rectify), count(Deed::Object)) {
        (rectified, 0) => format!("整改以下 {rectified} 条"),
        (0, objected) => format!("以下 {objected} 条异议成立"),
        (rectified, objected) => format!("整改 {rectified} 条，并有 {objected} 条异议成立"),
    };
    let mut steps: Vec<String> = way
        .steps
        .iter()
        .take(MOST_STEPS)
        .map(|step| format!("{}：{}", deed(step.deed), named(&step.cited)))
        .collect();
    if way.steps.len() > MOST_STEPS {
        steps.push(format!("等 {} 条", way.steps.len()));
    }
    WayPart {
        title: format!("{what}：{}", stands(&way.stand)),
        note: if way.smallest {
            "更少的办法都已试算，达不到。".to_owned()
        } else {
            "逐项累加找到的办法；可能有更少的办法。".to_owned()
        },
        steps,
    }
}
