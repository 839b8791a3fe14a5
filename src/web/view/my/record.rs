//! The page of one record: where its procedure stands, and how to object or to report a rectification.

use chrono::{DateTime, Utc};

use super::{record_row, state};
use crate::{
    domain::{Day, DeadlineRule, Duty, RecordKind, RecordStatus},
    procedure::record::{Case, Objection, Outcome, Verdict, rule},
    service::{App, AttachmentView, ClockView, CompanyRecord, CompanyRecordView},
    web::pages::{
        desk::Frame,
        my::{FileRow, Guide, MyRecordPage, PeriodRow},
    },
};

pub(in crate::web) fn record_page(
    app: &App,
    page: Frame,
    found: &CompanyRecordView,
) -> MyRecordPage {
    let record = &found.record;
    let about = |clock: &ClockView| {
        let kept = record.periods.iter().find(|row| row.rule == clock.rule);
        PeriodRow {
            title: record.title.clone(),
            what: clock.title.clone(),
            who: match clock.duty {
                Duty::Bureau => "主管部门",
                Duty::Company => "企业",
            }
            .to_owned(),
            due: clock.due.to_string(),
            standing: kept.map(|row| row.standing.clone()).unwrap_or_default(),
            late: clock.overdue,
            basis: clock.basis.clone(),
            verified: clock.verified,
            href: String::new(),
        }
    };
    let organ = &app.authority.name;
    let stands = record.record.status != RecordStatus::Revoked;
    let adverse = record.record.kind != Some(RecordKind::Honour);
    let guides = [
        (stands && adverse).then(|| to_object(found, organ)),
        stands.then(|| to_rectify(found, organ)).flatten(),
    ];
    MyRecordPage {
        page,
        row: record_row(record),
        why: record.why.clone().unwrap_or_default(),
        facts: facts(record),
        periods: found.process.clocks.iter().map(about).collect(),
        fault: found.process.clocks_fault.clone(),
        guides: guides.into_iter().flatten().collect(),
        files: found.process.attachments.iter().map(file).collect(),
    }
}

fn facts(found: &CompanyRecord) -> Vec<(String, String)> {
    let (record, case) = (&found.record, &found.case);
    let day = |day: Option<Day>| day.map(|day| day.to_string());
    let notice = case.notice.as_ref();
    let served = notice.and_then(|notice| notice.served.as_ref());
    [
        ("编号", Some(record.id.clone())),
        ("状态", Some(state(found))),
        ("发生日期", day(record.occurred_on)),
        ("认定日期", day(record.decided_on)),
        ("认定单位", record.body.clone()),
        ("告知单", notice.map(|notice| notice.number.clone())),
        ("送达日期", day(served.map(|served| served.served_on))),
        (
            "可提出异议至",
            day(served.map(|served| served.objection.due)),
        ),
        ("整改期限", day(record.rectify_by)),
        ("整改完成", day(record.rectified_on)),
        ("异议", case.objection.as_ref().map(objected)),
        ("整改报告", reported(case)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    .collect()
}

fn objected(objection: &Objection) -> String {
    let outcome = match objection.outcome {
        None => "正在核查",
        Some(Outcome::Withdrawn) => "已撤回",
        Some(Outcome::Corrected) => "成立，记录已更正",
        Some(Outcome::Revoked) => "成立，记录已撤销",
        Some(Outcome::Rejected) => "不成立",
    };
    format!(
        "{}，{} 收到，{outcome}",
        objection.number, objection.received_on
    )
}

fn reported(case: &Case) -> Option<String> {
    let report = case.rectification.as_ref()?;
    let verdict = match report.verdict {
        None => "正在复核",
        Some(Verdict::Accepted) => "复核通过",
        Some(Verdict::Refused) => "复核未通过",
    };
    Some(format!("{} 完成整改，{verdict}", report.rectified_on))
}

fn guide(id: &str, title: &str, rule: &DeadlineRule, lines: Vec<String>) -> Guide {
    Guide {
        id: id.to_owned(),
        title: title.to_owned(),
        lines,
        basis: rule.basis.clone(),
        verified: rule.verified,
    }
}

fn to_object(found: &CompanyRecordView, organ: &str) -> Guide {
    let case = &found.record.case;
    let runs = found
        .process
        .clocks
        .iter()
        .find(|clock| clock.rule == rule::OBJECTION);
    let served = case
        .notice
        .as_ref()
        .and_then(|notice| notice.served.as_ref());
    let lines = match (runs, case.objection.as_ref(), served) {
        (Some(clock), ..) => vec![
            format!("可在 {} 前（含当日）提出异议。", clock.due),
            format!(
                "以书面形式向{organ}提出，写明告知单文号{}和理由，附证明材料，加盖公章。",
                case.notice
                    .as_ref()
                    .map(|notice| format!("（{}）", notice.number))
                    .unwrap_or_default()
            ),
        ],
        (None, Some(open), _) if open.outcome.is_none() => vec![format!(
            "异议 {} 已于 {} 登记，{}最迟 {} 答复；不需要再次提出。",
            open.number, open.received_on, organ, open.examine.due
        )],
        (None, Some(ended), _) => vec![format!("异议已经办结：{}。", objected(ended))],
        (None, None, Some(served)) => vec![format!(
            "提出异议的期限已于 {} 届满。",
            served.objection.due
        )],
        (None, None, None) => vec![format!(
            "记分告知单尚未送达。送达后 {}内可以向{organ}提出异议。",
            found.objection.period.chinese()
        )],
    };
    guide("object", "如何提出异议", &found.objection, lines)
}

/// Absent where nothing has to be rectified.
fn to_rectify(found: &CompanyRecordView, organ: &str) -> Option<Guide> {
    let (record, case) = (&found.record.record, &found.record.case);
    let by = record.rectify_by?;
    let open = case.open_rectification();
    let late =
        (found.process.clocks.iter()).any(|clock| clock.rule == rule::RECTIFY && clock.overdue);
    let refused =
        (case.rectification.as_ref()).is_some_and(|last| last.verdict == Some(Verdict::Refused));
    let lines = match (record.rectified_on, open) {
        (Some(day), _) => vec![format!("已于 {day} 完成整改，不需要再报告。")],
        (None, Some(open)) => vec![format!(
            "整改报告已经登记，{organ}最迟 {} 完成复核；不需要再次报告。",
            open.check.due
        )],
        (None, None) => {
            let mut lines = vec![format!("须在 {by} 前（含当日）完成整改。")];
            if late {
                lines.push("期限已过，请尽快完成整改并报告。".to_owned());
            }
            if refused {
                lines.push("上次报告的整改没有通过复核，须重新整改后再次报告。".to_owned());
            }
            lines.push(format!(
                "完成后以书面形式向{organ}报告，说明整改措施和完成日期，附照片等证明材料；复核通过后，按规则重新计算。"
            ));
            lines
        }
    };
    Some(guide(
        "rectify",
        "如何整改和报告",
        &found.rectification,
        lines,
    ))
}

/// A file; of what the bureau put in evidence the name is not told, as it may name who complained.
fn file(found: &AttachmentView) -> FileRow {
    let (name, about) = match found.about.as_str() {
        "objection" => (found.name.clone(), "异议材料"),
        "rectification" => (found.name.clone(), "整改材料"),
        _ => ("认定材料".to_owned(), "主管部门留存"),
    };
    let day = DateTime::parse_from_rfc3339(&found.at)
        .map(|at| Day::of(at.with_timezone(&Utc)).to_string());
    let size = format!("{} KiB", found.size.max(0).unsigned_abs().div_ceil(1024));
    let mut meta = vec![about.to_owned(), found.media.clone(), size];
    meta.extend(day);
    FileRow { name, meta }
}
