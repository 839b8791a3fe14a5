//! From an account to the part of a page that shows it.

use rust_decimal::Decimal;

use super::{badge, signed};
use crate::{
    rules::{Account, Conclusion, ConclusionKind, Factored, Op, Row, RowKind, RuleSet, Section},
    web::pages::{
        AccountFile, AccountPart, ComponentPart, Conclusion as Shown, SITE_CSS, Tape, TapeRow,
        Tone, UncountedRow,
    },
};

/// Records up to which components stand open.
const OPEN: usize = 12;

/// Decimals that are shown at most; the interface gives all.
const PLACES: u32 = 6;

pub(in crate::web) fn account(rules: &RuleSet, account: &Account) -> AccountPart {
    let records = |section: &Section| {
        let rows = section.rows.iter();
        rows.filter(|row| row.record.is_some()).count()
    };
    let open = account.sections.iter().map(records).sum::<usize>() <= OPEN;
    let mut components: Vec<ComponentPart> = Vec::new();
    let mut under_way = Vec::new();
    let mut counted = 0;
    for section in &account.sections {
        counted += records(section);
        under_way.push(tape(rules, section));
        if section.project.is_none() {
            components.push(ComponentPart {
                title: section.title.clone(),
                clause: section.clause.clone(),
                value: section.subtotal.map_or_else(|| "—".to_owned(), figure),
                records: std::mem::take(&mut counted),
                tapes: std::mem::take(&mut under_way),
                open,
            });
        }
    }
    let mut uncounted: Vec<_> = account.uncounted.iter().collect();
    uncounted.sort_by_key(|one| std::cmp::Reverse(one.date));
    AccountPart {
        total: tape(rules, &account.total),
        conclusions: account.conclusions.iter().map(conclusion).collect(),
        components,
        uncounted: uncounted
            .into_iter()
            .map(|one| UncountedRow {
                label: one.label.clone(),
                meta: joined([one.clause.clone(), in_project(one.project.as_deref())]),
                date: one.date.map(|day| day.to_string()).unwrap_or_default(),
                why: one.why.clone().unwrap_or_default(),
            })
            .collect(),
    }
}

/// The account as a file of its own.
pub(in crate::web) fn account_file(rules: &RuleSet, found: &Account, subject: &str) -> AccountFile {
    AccountFile {
        title: format!("得分如何算出：{subject}"),
        subject: subject.to_owned(),
        as_of: found.as_of.to_string(),
        score: found.score.to_string(),
        grade: badge(
            Some(rules),
            found.grade.as_deref().unwrap_or_default(),
            found.rated,
        ),
        ruleset: format!(
            "《{}》 版本 {}",
            rules.title(),
            rules.digest().chars().take(12).collect::<String>()
        ),
        verified: rules.verified(),
        account: account(rules, found),
        css: SITE_CSS,
    }
}

fn tape(rules: &RuleSet, section: &Section) -> Tape {
    let mut caption = section.title.clone();
    match &section.project {
        Some(project) => caption.push_str(&format!(" · 项目 {project}")),
        None if section.rows.iter().any(|row| row.kind == RowKind::Project) => {
            caption.push_str(" · 各项目合计");
        }
        None => {}
    }
    Tape {
        caption,
        rows: section.rows.iter().map(|row| shown(rules, row)).collect(),
    }
}

fn shown(rules: &RuleSet, row: &Row) -> TapeRow {
    let amount = match row.op {
        Op::Add { amount } => amount,
        _ => Decimal::ZERO,
    };
    let better = match rules.score_rule().direction {
        crate::rules::Direction::Merit => amount.is_sign_positive(),
        crate::rules::Direction::Demerit => amount.is_sign_negative(),
    };
    let step = row.record.is_none();
    TapeRow {
        label: row.label.clone(),
        clause: row.clause.clone(),
        date: row.date.map(|day| day.to_string()).unwrap_or_default(),
        note: joined([
            (row.factored.as_ref())
                .map(|from| factored(from, row.op))
                .unwrap_or_default(),
            row.why.clone().unwrap_or_default(),
        ]),
        does: does(row.op),
        running: match (row.kind, row.op) {
            // As it stands on the page: with the places that the rules say.
            (RowKind::Rounded | RowKind::Override, _) => minus(&row.running.to_string()),
            // One of several of which a later row takes one.
            (_, Op::Note { .. }) => String::new(),
            _ => figure(row.running),
        },
        tone: match () {
            () if step || amount.is_zero() => Tone::Plain,
            () if better => Tone::Good,
            () => Tone::Bad,
        },
        step,
    }
}

/// `−1 × 0.5 = −0.5`.
fn factored(from: &Factored, op: Op) -> String {
    let mut text = figure(from.points);
    for factor in &from.by {
        text.push_str(&format!(" × {}", factor.normalize()));
    }
    match op {
        Op::Add { amount } | Op::Note { value: amount } => format!("{text} = {}", figure(amount)),
        _ => text,
    }
}

/// `−2`, `95 × 2000`, `÷ 3000`.
fn does(op: Op) -> String {
    match op {
        Op::Add { amount } => signed(rounded(amount)),
        Op::AddProduct { value, weight } => {
            format!("+{} × {}", bracketed(value), weight.normalize())
        }
        Op::Multiply { by } => format!("× {}", figure(by)),
        Op::Divide { by } => format!("÷ {}", figure(by)),
        Op::AtMost { bound } => format!("不高于 {}", figure(bound)),
        Op::AtLeast { bound } => format!("不低于 {}", figure(bound)),
        Op::Round { decimals, rounding } => {
            let how = match rounding {
                crate::rules::Rounding::HalfUp => "四舍五入",
                crate::rules::Rounding::HalfEven => "四舍六入五成双",
                crate::rules::Rounding::Down => "舍去",
                crate::rules::Rounding::Up => "进位",
            };
            match decimals {
                0 => format!("{how}到整数"),
                places => format!("{how}到 {places} 位小数"),
            }
        }
        Op::Set { to } => format!("定为 {}", minus(&to.to_string())),
        Op::Note { value } => format!("（{}）", figure(value)),
    }
}

fn bracketed(value: Decimal) -> String {
    let text = figure(value);
    if value.is_sign_negative() {
        format!("({text})")
    } else {
        text
    }
}

fn rounded(value: Decimal) -> Decimal {
    value.round_dp(PLACES).normalize()
}

/// A figure with a typographic minus and at most [`PLACES`] decimals.
pub(super) fn figure(value: Decimal) -> String {
    minus(&rounded(value).to_string())
}

fn minus(text: &str) -> String {
    text.replace('-', "−")
}

/// What there is of these, with a dot between.
pub(super) fn joined<const N: usize>(parts: [String; N]) -> String {
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" · ")
}

pub(super) fn in_project(project: Option<&str>) -> String {
    project
        .map(|code| format!("项目 {code}"))
        .unwrap_or_default()
}

fn conclusion(found: &Conclusion) -> Shown {
    let named = match found.title.as_str() {
        "" => found.id.clone(),
        title => format!("{} {title}", found.id),
    };
    let (kind, text) = match found.kind {
        ConclusionKind::Ladder => ("按得分定级", named),
        ConclusionKind::Override => ("直接定级", found.title.clone()),
        ConclusionKind::Veto => ("一票否决", found.title.clone()),
        ConclusionKind::Grade => ("等级", named),
        ConclusionKind::NotRated => ("不评级", found.title.clone()),
        ConclusionKind::List => ("名单", found.title.clone()),
        ConclusionKind::Consequence => ("评价结果的应用", found.title.clone()),
    };
    Shown {
        kind,
        text,
        clause: found.clause.clone(),
        why: found.why.clone().unwrap_or_default(),
        follows: found.kind == ConclusionKind::Consequence,
    }
}
