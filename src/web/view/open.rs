//! One list entry, open data, badges, the check of a report.

use super::{frame, list_note, list_row, tone_of, tone_of_list};
use crate::{
    domain::Day,
    service::{App, Listed, ListedCompany, OPEN_DATA, ReportCheck, ShownGrade, Statistics},
    web::pages::{
        BadgeImage, BadgePage, EntryPage, OpenDataField, OpenDataFile, OpenDataPage, ReportOutcome,
        ReportPage, Section,
    },
};

/// What everybody may do with the figures.
const LICENCE: &str =
    "可以免费复制、发布、改编和商业使用，须注明来源和数据日期，不得使人误以为本单位认可其用途。";

pub(in crate::web) fn entry(
    app: &App,
    company: &ListedCompany,
    listed: &Listed,
    today: Day,
) -> EntryPage {
    EntryPage {
        page: frame(app, "名单公示信息", Section::Lists, true),
        as_of: today.to_string(),
        list: listed.list_title.clone(),
        note: list_note(&listed.class).to_owned(),
        verified: app
            .lists
            .get(&listed.list)
            .is_some_and(|list| list.verified()),
        tone: tone_of_list(&listed.class),
        organ: listed.organ.clone(),
        basis: listed.basis.clone(),
        row: list_row(company, listed),
    }
}

pub(in crate::web) fn open_data(app: &App, of: &Statistics) -> OpenDataPage {
    let kind = |kind: &str| match kind {
        "integer" => "整数",
        "decimal" => "小数",
        "day" => "日期（YYYY-MM-DD）",
        "month" => "月份（YYYY-MM）",
        _ => "文字",
    };
    let files = OPEN_DATA.iter().map(|file| OpenDataFile {
        name: file.name.to_owned(),
        title: file.title.to_owned(),
        fields: file
            .fields
            .iter()
            .map(|field| OpenDataField {
                name: field.name.to_owned(),
                kind: kind(field.kind).to_owned(),
                meaning: field.meaning.to_owned(),
            })
            .collect(),
    });
    OpenDataPage {
        page: frame(app, "开放数据", Section::None, false),
        licence: LICENCE.to_owned(),
        update: "每日；下载时按当时的数据生成，间隔不超过十分钟".to_owned(),
        as_of: of.as_of.clone(),
        files: files.collect(),
    }
}

/// `host` is where this service was asked, if that could be told.
pub(in crate::web) fn badge_image(shown: &ShownGrade, host: Option<&str>) -> BadgeImage {
    BadgeImage {
        grade: shown.grade.clone(),
        title: shown.title.clone(),
        tone: tone_of(shown.place, shown.steps),
        uscc: shown.uscc.to_string(),
        as_of: shown.as_of.to_string(),
        check: format!("{}/companies/{}", host.unwrap_or_default(), shown.uscc),
        verified: shown.verified,
    }
}

/// What came of the code that was typed.
pub(in crate::web) fn badge_page(
    app: &App,
    asked: &str,
    found: Result<Option<&ShownGrade>, String>,
    host: Option<&str>,
) -> BadgePage {
    let mut page = BadgePage {
        page: frame(app, "企业信用标识", Section::None, !asked.is_empty()),
        asked: asked.to_owned(),
        fault: String::new(),
        refused: String::new(),
        uscc: String::new(),
        alt: "物业服务企业信用等级，点击核对".to_owned(),
        code: String::new(),
    };
    match found {
        _ if asked.is_empty() => {}
        Err(fault) => page.fault = fault,
        Ok(None) => page.refused = "该企业目前不提供标识，原因见下方使用说明。".to_owned(),
        Ok(Some(shown)) => {
            let origin = host.map_or_else(String::new, |host| format!("https://{host}"));
            let (uscc, alt) = (shown.uscc, &page.alt);
            page.code = format!(
                "<a href=\"{origin}/companies/{uscc}\"><img src=\"{origin}/badge/{uscc}.svg\" width=\"260\" height=\"64\" alt=\"{alt}\"></a>"
            );
            page.uscc = uscc.to_string();
        }
    }
    page
}

/// `check` is absent while nothing was typed.
pub(in crate::web) fn report(app: &App, typed: &str, check: Option<ReportCheck>) -> ReportPage {
    let mut typed = typed.to_owned();
    let outcome = match check {
        None => ReportOutcome::Asking,
        Some(ReportCheck::Unknown) => ReportOutcome::Unknown,
        Some(ReportCheck::Mistyped { fault }) => ReportOutcome::Mistyped { fault },
        Some(ReportCheck::NotOffered) => ReportOutcome::NotOffered,
        Some(ReportCheck::Genuine(report)) => {
            typed = report.code;
            ReportOutcome::Genuine {
                name: report.name,
                uscc: report.uscc,
                as_of: report.as_of,
                score: report.score,
                grade: if report.rated {
                    report.grade
                } else {
                    format!("{}（不参评）", report.grade)
                },
                current: report.current,
            }
        }
    };
    ReportPage {
        page: frame(app, "信用报告核验", Section::None, true),
        typed,
        outcome,
    }
}
