//! Visits of spot checks and their results, as pages show them.

use super::{frame, segment};
use crate::{
    service::{App, AttemptResults, CheckResults, CompanyCheck, ObjectResult, ShownVisit},
    web::pages::{
        CheckResultsPage, ItemRow, OfficerRow, ResultRow, ResultsPart, Section, VisitPage,
    },
};

pub(in crate::web) fn visit(app: &App, shown: ShownVisit) -> VisitPage {
    let officers = shown.officers.into_iter().map(|one| OfficerRow {
        name: one.name,
        certificate: one.certificate,
    });
    let items = shown.items.into_iter().map(|one| ItemRow {
        title: one.title,
        basis: one.basis,
    });
    VisitPage {
        page: frame(app, "检查信息", Section::Draws, true),
        task: shown.task,
        object_name: shown.object_name,
        company_name: shown.company_name,
        uscc: shown.company,
        arrived_on: shown.arrived_on.unwrap_or_default(),
        state: shown.state_name,
        over: shown.over,
        officers: officers.collect(),
        items: items.collect(),
    }
}

fn row(one: ObjectResult) -> ResultRow {
    let codes: Vec<String> = one.codes.into_iter().map(|code| code.name).collect();
    ResultRow {
        name: one.name,
        company_name: one.company_name,
        uscc: one.company,
        state: one.state_name,
        visited_on: one.visited_on.unwrap_or_default(),
        codes: codes.join("、"),
        rectify_by: one.rectify_by.unwrap_or_default(),
    }
}

/// The clock of a publication in words.
fn clock(one: &AttemptResults) -> String {
    let due = match &one.due_on {
        Some(due) => format!("应于 {due} 前公开"),
        None => "公开期限待节假日安排公布".to_owned(),
    };
    match &one.published_on {
        Some(day) if one.late => format!("{due}，公开于 {day}，逾期 {} 日", one.days_late),
        Some(day) => format!("{due}，公开于 {day}"),
        None if one.late => format!("{due}，已逾期 {} 日", one.days_late),
        None => due,
    }
}

pub(in crate::web) fn results_of_check(app: &App, found: CheckResults) -> CheckResultsPage {
    let path: String = found.id.bytes().map(segment).collect();
    let parts = found.attempts.into_iter().map(|one| ResultsPart {
        title: format!("第 {} 次抽取", one.attempt),
        clock: clock(&one),
        late: one.late,
        rows: one
            .objects
            .map(|objects| objects.into_iter().map(row).collect()),
    });
    CheckResultsPage {
        page: frame(app, "抽查检查结果", Section::Draws, true),
        heading: format!("抽查 {} 检查结果", found.id),
        window: format!("检查期间 {} 至 {}", found.from, found.until),
        csv: format!("/api/v1/draws/{path}/results.csv"),
        parts: parts.collect(),
    }
}

pub(in crate::web) fn company_checks(
    app: &App,
    uscc: &str,
    found: Vec<CompanyCheck>,
) -> CheckResultsPage {
    let parts = found.into_iter().map(|one| ResultsPart {
        title: format!("抽查 {}", one.task),
        clock: format!("公开于 {}", one.published_on),
        late: false,
        rows: Some(vec![row(one.result)]),
    });
    CheckResultsPage {
        page: frame(app, "抽查检查结果", Section::Draws, true),
        heading: format!("{uscc} 的抽查检查结果"),
        window: String::new(),
        csv: String::new(),
        parts: parts.collect(),
    }
}
