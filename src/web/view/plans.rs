//! Plans of a year and the fairness report as pages of tables.

use rust_decimal::Decimal;

use super::{frame, path_segment};
use crate::{
    service::{App, FairTest, FairnessView, YearFile, YearTask, YearVersion},
    web::pages::{
        Chart, CheckReportPage, ReportCell as Cell, ReportLink, ReportPart, Section, Tone,
        chart::{About, Bar},
    },
};

fn link(name: &str, path: String) -> ReportLink {
    ReportLink {
        name: name.to_owned(),
        path,
    }
}

fn district(app: &App, region: &crate::domain::Region) -> String {
    app.regions
        .name(region)
        .map_or_else(|| region.to_string(), str::to_owned)
}

/// A district that a report names by its code.
fn named(app: &App, code: &str) -> String {
    crate::domain::Region::parse(code)
        .map_or_else(|_| code.to_owned(), |region| district(app, &region))
}

fn percent(points: u32) -> String {
    format!("{}.{:02}%", points / 100, points % 100)
}

pub(in crate::web) fn plans(app: &App, files: &[YearFile]) -> CheckReportPage {
    let row = |file: &YearFile| {
        let last = file.last()?;
        let path = format!("/plans/{}", path_segment(file.plan.as_str()));
        Some(vec![
            Cell::link(file.plan.as_str(), path),
            Cell::number(last.content.year),
            Cell::text(district(app, &last.content.district)),
            Cell::number(last.content.tasks.len()),
            Cell::number(last.number),
            Cell::text(last.frozen_at.to_string()),
            Cell::link("查看", format!("/fairness/{}", last.content.year)),
        ])
    };
    CheckReportPage {
        page: frame(app, "年度抽查计划", Section::Draws, false),
        lead: "年度计划审定后公布，不再改动；调整另编序号、写明理由，原计划仍然保留。".to_owned(),
        data: vec![
            link("计划（JSON）", "/api/v1/plans".to_owned()),
            link("任务（CSV）", "/api/v1/plan-tasks.csv".to_owned()),
            link("抽取（CSV）", "/api/v1/draws.csv".to_owned()),
        ],
        charts: Vec::new(),
        parts: vec![ReportPart {
            title: "已公布的计划".to_owned(),
            note: String::new(),
            head: vec![
                "计划编号",
                "年份",
                "辖区",
                "任务数",
                "调整次数",
                "公布时间",
                "公平性报告",
            ],
            rows: files.iter().filter_map(row).collect(),
            none: "目前没有公布的年度计划。",
        }],
    }
}

pub(in crate::web) fn plan(app: &App, file: &YearFile) -> CheckReportPage {
    let id = path_segment(file.plan.as_str());
    let title = format!("年度抽查计划 {}", file.plan);
    let parts = match file.last() {
        None => Vec::new(),
        Some(version) => vec![
            tasks(app, version),
            ratios(version),
            caps(version),
            versions(file),
        ],
    };
    CheckReportPage {
        page: frame(app, &title, Section::Draws, false),
        lead: "抽取比例由信用等级决定；一次检查几个事项（综合查一次）只算一次。".to_owned(),
        data: vec![
            link("计划文件（JSON）", format!("/api/v1/plans/{id}")),
            link(
                "各层抽取数（CSV）",
                format!("/api/v1/plans/{id}/strata.csv"),
            ),
        ],
        charts: Vec::new(),
        parts,
    }
}

fn tasks(app: &App, version: &YearVersion) -> ReportPart {
    let row = |task: &&YearTask| {
        let mine = || version.planned.iter().filter(|one| one.task == task.id);
        let items: Vec<&str> = task.items.iter().map(|id| id.as_str()).collect();
        vec![
            Cell::text(task.id.as_str()),
            Cell::text(items.join("、")),
            Cell::text(district(app, &task.district)),
            Cell::text(format!("第 {} 季度", task.quarter)),
            Cell::number(mine().map(|one| one.objects).sum::<u64>()),
            Cell::number(mine().map(|one| one.drawn).sum::<u64>()),
        ]
    };
    ReportPart {
        title: "任务".to_owned(),
        note: String::new(),
        head: vec![
            "任务编号",
            "抽查事项",
            "区县",
            "时间",
            "检查对象",
            "计划抽取",
        ],
        rows: version.content.in_order().iter().map(row).collect(),
        none: "没有任务。",
    }
}

fn ratios(version: &YearVersion) -> ReportPart {
    let of_plan = version
        .content
        .ratios
        .iter()
        .map(|row| ("全部".to_owned(), row));
    let of_tasks = (version.content.tasks.iter())
        .flat_map(|task| task.ratios.iter().map(|row| (task.id.to_string(), row)));
    let rows = of_plan.chain(of_tasks).map(|(task, row)| {
        vec![
            Cell::text(task),
            Cell::text(row.grade.as_str()),
            Cell::number(percent(row.basis_points)),
            Cell::text(row.basis.clone()),
        ]
    });
    ReportPart {
        title: "抽取比例".to_owned(),
        note: String::new(),
        head: vec!["任务", "信用等级", "比例", "依据"],
        rows: rows.collect(),
        none: "没有比例。",
    }
}

fn caps(version: &YearVersion) -> ReportPart {
    let caps = version.content.caps;
    let visits = caps
        .visits
        .map_or_else(|| "不限".to_owned(), |cap| cap.to_string());
    let row = |name: &str, value: String| vec![Cell::text(name), Cell::number(value)];
    ReportPart {
        title: "次数上限".to_owned(),
        note: String::new(),
        head: vec!["上限", "次数"],
        rows: vec![
            row("每家企业每年接受检查", caps.company_visits.to_string()),
            row("每名执法人员每年检查", caps.officer_visits.to_string()),
            row("全年抽取对象", visits),
        ],
        none: "",
    }
}

fn versions(file: &YearFile) -> ReportPart {
    let rows = file.versions.iter().map(|part| {
        let version = &part.body;
        let name = match version.number {
            0 => "计划".to_owned(),
            number => format!("第 {number} 次调整"),
        };
        vec![
            Cell::text(name),
            Cell::text(version.frozen_at.to_string()),
            Cell::text(version.reason.clone().unwrap_or_default()),
            Cell::text(part.digest.to_string()),
        ]
    });
    ReportPart {
        title: "版本".to_owned(),
        note: "每个版本由编制和审定两人经手，摘要把它与前一版本连在一起。".to_owned(),
        head: vec!["版本", "公布时间", "理由", "摘要"],
        rows: rows.collect(),
        none: "",
    }
}

fn test_cells(test: Option<&FairTest>) -> [Cell; 2] {
    match test {
        None => [Cell::text("不足两次抽取"), Cell::text("—")],
        Some(test) => [
            Cell::number(&test.statistic).flagged(!test.passes),
            Cell::number(format!("{}（自由度 {}）", test.limit, test.freedom)),
        ],
    }
}

pub(in crate::web) fn fairness(app: &App, report: &FairnessView) -> CheckReportPage {
    let year = report.year;
    CheckReportPage {
        page: frame(
            app,
            &format!("{year}年双随机公平性报告"),
            Section::Draws,
            false,
        ),
        lead: "由已公开的抽取文件算出，任何人都可以重算。尚未公开的抽取不计入，以免惊动检查对象。"
            .to_owned(),
        data: vec![
            link("JSON", format!("/api/v1/fairness/{year}")),
            link("各层（CSV）", format!("/api/v1/fairness/{year}/strata.csv")),
        ],
        charts: [places_drawn(report), visited(app, report)]
            .into_iter()
            .flatten()
            .collect(),
        parts: vec![
            strata(app, report),
            places(report),
            coverage(app, report),
            pairs(report),
            ways(report),
        ],
    }
}

/// How many of each quarter of the list were drawn.
fn places_drawn(report: &FairnessView) -> Option<Chart> {
    let places = report.places.as_ref()?;
    let quarters = places.expected.iter().zip(&places.drawn).enumerate();
    let bars: Vec<Bar> = quarters
        .map(|(part, (expected, drawn))| Bar {
            label: format!("第 {} 段", part + 1),
            value: Decimal::from(*drawn),
            shown: format!("抽中 {drawn} 个（预期 {expected}）"),
            tone: Tone::Fair,
        })
        .collect();
    let about = About {
        id: "places-chart",
        title: "名单各段抽中的对象",
        description: "对象按编号分成四段，横条长度为各段抽中的次数，应当彼此相近。",
        of: "名单",
        figures: "抽中（预期）",
    };
    Chart::bars(about, &bars)
}

/// Which share of the objects was visited, by district and grade.
fn visited(app: &App, report: &FairnessView) -> Option<Chart> {
    let bars: Vec<Bar> = (report.coverage.iter())
        .map(|one| {
            let objects = Decimal::from(one.objects.max(1));
            let share = (Decimal::from(one.visited * 100) / objects).round_dp(1);
            Bar {
                label: format!("{} {}", named(app, &one.district), one.grade),
                value: share,
                shown: format!("{} / {}（{share}%）", one.visited, one.objects),
                tone: Tone::Good,
            }
        })
        .collect();
    let about = About {
        id: "coverage-chart",
        title: "已检查对象的比例",
        description: "横条长度为各区县、各信用等级已检查对象占该等级对象的百分比。",
        of: "区县和信用等级",
        figures: "已检查 / 对象（比例）",
    };
    Chart::bars(about, &bars)
}

fn strata(app: &App, report: &FairnessView) -> ReportPart {
    let row = |one: &crate::service::FairStratum| {
        let [statistic, limit] = test_cells(one.test.as_ref());
        vec![
            Cell::text(named(app, &one.district)),
            Cell::text(&one.grade),
            Cell::number(one.draws),
            Cell::number(one.objects),
            Cell::number(&one.expected),
            Cell::number(&one.realised),
            Cell::number(format!("{} / {}", one.never, one.expected_never)),
            Cell::number(one.most),
            statistic,
            limit,
        ]
    };
    ReportPart {
        title: "抽取机会与实际次数".to_owned(),
        note: "每次抽取中同一区县、同一等级的对象机会相等。卡方不超过界限时，各对象次数的差别可以用机会解释；公平的抽取超过界限的机会是千分之一。".to_owned(),
        head: vec![
            "区县", "信用等级", "抽取次数", "对象数", "平均应抽", "平均实抽", "未抽到（实际/预期）", "最多",
            "卡方", "界限",
        ],
        rows: report.strata.iter().map(row).collect(),
        none: "本年没有已公开的抽取。",
    }
}

fn places(report: &FairnessView) -> ReportPart {
    let mut rows = Vec::new();
    let mut note = "对象按编号排列，分成四段：名单的哪一段都不应当多抽或者少抽。".to_owned();
    if let Some(places) = &report.places {
        for (part, (expected, drawn)) in places.expected.iter().zip(&places.drawn).enumerate() {
            rows.push(vec![
                Cell::text(format!("第 {} 段", part + 1)),
                Cell::number(expected),
                Cell::number(drawn),
            ]);
        }
        if let Some(test) = &places.test {
            let word = if test.passes {
                "可以用机会解释"
            } else {
                "不能用机会解释"
            };
            note.push_str(&format!(
                "卡方 {}，界限 {}：{word}。",
                test.statistic, test.limit
            ));
        }
    }
    ReportPart {
        title: "名单中的位置".to_owned(),
        note,
        head: vec!["名单", "预期抽中", "实际抽中"],
        rows,
        none: "本年没有可以比较的抽取。",
    }
}

fn coverage(app: &App, report: &FairnessView) -> ReportPart {
    let row = |one: &crate::service::FairCoverage| {
        vec![
            Cell::text(named(app, &one.district)),
            Cell::text(&one.grade),
            Cell::number(format!("{} / {}", one.visited, one.objects)),
            Cell::number(format!("{} / {}", one.companies_visited, one.companies)),
        ]
    };
    ReportPart {
        title: "覆盖".to_owned(),
        note: "替换以后实际检查的对象和企业。".to_owned(),
        head: vec!["区县", "信用等级", "已检查对象", "已检查企业"],
        rows: report.coverage.iter().map(row).collect(),
        none: "本年没有已公开的抽取。",
    }
}

fn pairs(report: &FairnessView) -> ReportPart {
    let row = |one: &crate::service::FairPair| {
        vec![
            Cell::text(&one.officer),
            Cell::text(&one.company),
            Cell::number(one.draws),
        ]
    };
    ReportPart {
        title: "同一人员再次检查同一企业".to_owned(),
        note: format!(
            "共有 {} 对人员与企业相遇，其中再次相遇 {} 对；单凭机会预期 {} 对。",
            report.pairs_met,
            report.pairs_repeated.len(),
            report.pairs_expected,
        ),
        head: vec!["执法人员", "企业", "次数"],
        rows: report.pairs_repeated.iter().map(row).collect(),
        none: "没有再次相遇的。",
    }
}

fn ways(report: &FairnessView) -> ReportPart {
    let row = |one: &crate::service::FairDraw| {
        let path = format!("/api/v1/draws/{}", path_segment(&one.draw));
        let reasons: Vec<&str> = (one.redraws.iter().chain(&one.substitutions))
            .map(String::as_str)
            .collect();
        vec![
            Cell::link(&one.draw, path),
            Cell::number(one.attempts),
            Cell::number(one.substituted_objects),
            Cell::number(one.substituted_officers),
            Cell::text(reasons.join("；")),
            Cell::text(
                one.revealed_at
                    .clone()
                    .unwrap_or_else(|| "未公开".to_owned()),
            ),
            Cell::text(if one.late > 0 { "逾期" } else { "否" }).flagged(one.late > 0),
        ]
    };
    ReportPart {
        title: "重抽、替换与公开".to_owned(),
        note: match report.results_known {
            0 => String::new(),
            known => format!(
                "检查结果的公示：已知期限 {known} 项，按期 {} 项，逾期 {} 项。",
                report.results_in_time,
                report.results_late.len()
            ),
        },
        head: vec![
            "抽查编号",
            "抽取次数",
            "替换对象",
            "替换人员",
            "理由",
            "公开时间",
            "公开逾期",
        ],
        rows: report.draws.iter().map(row).collect(),
        none: "本年没有抽取。",
    }
}
