//! From what a company sees of itself to its own pages.

mod record;

use super::{
    badge,
    company::{components, list_entry},
    path_segment, reference,
};
use crate::{
    domain::{Day, Duty, Points, RecordStatus},
    procedure::record::rule,
    service::{
        App, CompanyEntry, CompanyLookup, CompanyMatters, CompanyRecord, ReportCode,
        deadlines::BoardRow,
    },
    web::{
        Problem,
        pages::{
            Tone,
            desk::Frame,
            my::{EntryRow, MyReportPage, PeriodRow, RecordRow, ShownCode, Todo},
            svg,
        },
    },
};

pub(in crate::web) use record::record_page;

/// Where no calendar says the last day.
const NO_DAY: &str = "待节假日安排公布";

fn href(record: &str) -> String {
    format!("/my/records/{}", path_segment(record))
}

fn due(row: &BoardRow) -> &str {
    row.due_on.as_deref().unwrap_or(NO_DAY)
}

/// What the company can do now, in the order of its periods.
pub(in crate::web) fn todo(matters: &CompanyMatters) -> Vec<Todo> {
    let own = matters
        .periods
        .iter()
        .filter(|row| row.duty == Duty::Company);
    own.filter_map(|row| {
        let record = matters
            .records
            .iter()
            .find(|one| one.record.id == row.matter);
        let text = match record {
            Some(record) => of_record(record, row)?,
            None if row.overdue => return None,
            None => format!(
                "{}：{}，最后一日 {}，{}",
                row.title,
                row.what,
                due(row),
                row.standing
            ),
        };
        Some(Todo {
            text,
            href: record.map(|one| href(&one.record.id)).unwrap_or_default(),
        })
    })
    .collect()
}

fn of_record(record: &CompanyRecord, row: &BoardRow) -> Option<String> {
    let title = &record.title;
    let last = due(row);
    let standing = &row.standing;
    match row.rule.as_str() {
        rule::OBJECTION if row.overdue => None,
        rule::OBJECTION => {
            let number = (record.case.notice.as_ref())
                .map(|notice| format!("（{}）", notice.number))
                .unwrap_or_default();
            Some(format!(
                "对「{title}」的记分告知单{number}可在 {last} 前（含当日）提出异议，{standing}"
            ))
        }
        rule::RECTIFY => Some(format!(
            "「{title}」须在 {last} 前（含当日）完成整改并报告，{standing}"
        )),
        _ => Some(format!(
            "「{title}」：{}，最后一日 {last}，{standing}",
            row.what
        )),
    }
}

pub(in crate::web) fn periods(matters: &CompanyMatters) -> Vec<PeriodRow> {
    let row = |row: &BoardRow| {
        let record = matters
            .records
            .iter()
            .find(|one| one.record.id == row.matter);
        PeriodRow {
            title: record.map_or_else(|| row.title.clone(), |one| one.title.clone()),
            what: row.what.clone(),
            who: row.who.clone(),
            due: due(row).to_owned(),
            standing: row.standing.clone(),
            late: row.overdue,
            basis: row.basis.clone(),
            verified: row.verified,
            href: record.map(|one| href(&one.record.id)).unwrap_or_default(),
        }
    };
    matters.periods.iter().map(row).collect()
}

pub(in crate::web) fn entries(entries: &[CompanyEntry]) -> Vec<EntryRow> {
    let row = |entry: &CompanyEntry| {
        let until = entry
            .display_until
            .as_ref()
            .map(|day| format!("公示至 {day}"));
        let meta: Vec<String> = entry.decision_no.clone().into_iter().chain(until).collect();
        EntryRow {
            list: entry.list_title.clone(),
            state: entry.state.to_owned(),
            meta: meta.join(" "),
            href: match entry.public {
                true => format!("/lists/{}", path_segment(&entry.id)),
                false => String::new(),
            },
        }
    };
    entries.iter().map(row).collect()
}

pub(in crate::web) fn record_row(found: &CompanyRecord) -> RecordRow {
    let record = &found.record;
    let day = record.decided_on.or(record.occurred_on);
    let meta = [
        day.map(|day| day.to_string()),
        record.project.as_ref().map(|code| format!("项目 {code}")),
        (found.case.notice.as_ref()).map(|notice| format!("告知单 {}", notice.number)),
        (!found.counted).then(|| "未计分".to_owned()),
    ];
    let points = Points::parse(&found.points).ok().map(Points::decimal);
    let clock = |row: &BoardRow| match row.rule.as_str() {
        rule::OBJECTION if row.overdue => None,
        rule::OBJECTION => Some(format!(
            "可在 {} 前（含当日）提出异议，{}",
            due(row),
            row.standing
        )),
        rule::RECTIFY => Some(format!(
            "须在 {} 前（含当日）完成整改，{}",
            due(row),
            row.standing
        )),
        _ => Some(format!(
            "{}（{}）：最后一日 {}，{}",
            row.what,
            row.who,
            due(row),
            row.standing
        )),
    };
    RecordRow {
        href: href(&record.id),
        title: found.title.clone(),
        clause: found.clause.clone(),
        points: points.map_or_else(
            || found.points.clone(),
            |points| format!("{} 分", super::signed(points)),
        ),
        tone: match points {
            Some(points) if found.counted && points.is_sign_negative() => Tone::Bad,
            Some(points) if found.counted && !points.is_zero() => Tone::Good,
            _ => Tone::Plain,
        },
        meta: meta.into_iter().flatten().collect(),
        state: state(found),
        clocks: found.periods.iter().filter_map(clock).collect(),
    }
}

fn state(found: &CompanyRecord) -> String {
    let status = found.record.status.chinese();
    match found.record.rectified_on {
        Some(_) if found.record.status != RecordStatus::Revoked => format!("{status}，已整改"),
        _ => status.to_owned(),
    }
}

/// The report to print. `origin` is `https://host`, as far as that could be told.
///
/// # Errors
/// If no rule set is in force.
pub(in crate::web) fn report_page(
    app: &App,
    page: Frame,
    found: &CompanyLookup,
    code: Option<ReportCode>,
    origin: &str,
    today: Day,
) -> Result<MyReportPage, Problem> {
    let rules = app.rules.in_force(today)?;
    Ok(MyReportPage {
        page,
        name: found.name.clone(),
        uscc: found.uscc.clone(),
        district: found.region_name.clone().unwrap_or_default(),
        score: found.score.clone(),
        grade: badge(Some(rules), &found.grade, found.rated),
        as_of: found.as_of.clone(),
        ruleset: reference(rules),
        digest: found.ruleset.digest.clone(),
        components: components(rules, found),
        lists: found.lists.iter().map(list_entry).collect(),
        recorded: found.lines.iter().any(|line| line.record.is_some()),
        shadow_until: found.shadow_until.clone(),
        made_on: today.to_string(),
        code: code.map(|code| {
            let path = format!("/report/{code}");
            let address = format!("{origin}{path}");
            ShownCode {
                code: code.to_string(),
                picture: svg::qr(&address, "核验地址的二维码"),
                path,
                address,
            }
        }),
    })
}
