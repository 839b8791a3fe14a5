//! Plans, tasks and draws as open data: tables that spreadsheets open, the licence in their first line.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{FairnessView, public_plan, public_plans};
use crate::{
    draw::{Id, Object, ObjectKind, Published, year::YearFile},
    intake::harmless,
    service::{
        Error,
        checks::{from_json, list_draws, reading::draw_file},
    },
    store::Db,
};

/// What stands in the first line of every table, and beside every list.
pub const LICENCE: &str = "开放数据许可：可免费复制、传播和再利用，请注明来源";

/// A table of open data: the header in Chinese, then the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenTable {
    pub head: Vec<&'static str>,
    pub rows: Vec<Vec<String>>,
}

impl OpenTable {
    /// UTF-8 with a byte order mark, which spreadsheets need; no cell is taken for a formula. The first line is a comment.
    ///
    /// # Errors
    /// None in practice: it is written to memory.
    pub fn csv(&self) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::from(format!("\u{FEFF}# {LICENCE}\r\n"));
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(&mut bytes);
        writer.write_record(&self.head)?;
        for row in &self.rows {
            writer.write_record(row.iter().map(|cell| harmless(cell)))?;
        }
        writer.flush()?;
        drop(writer);
        Ok(bytes)
    }
}

fn percent(points: u32) -> String {
    format!("{}.{:02}", points / 100, points % 100)
}

/// How many of which grade, in every task of a plan and all its versions.
pub fn plan_table(db: &mut Db, id: &str) -> Result<OpenTable, Error> {
    let file = public_plan(db, id)?;
    let mut rows = Vec::new();
    for part in &file.versions {
        let version = &part.body;
        for one in &version.planned {
            let task = version.content.task(&one.task);
            let ratio = task.and_then(|task| version.content.ratio(task, &one.grade));
            rows.push(vec![
                file.plan.to_string(),
                version.number.to_string(),
                one.task.to_string(),
                task.map_or_else(String::new, |task| ids(&task.items)),
                task.map_or_else(String::new, |task| task.quarter.to_string()),
                one.district.to_string(),
                one.grade.to_string(),
                ratio.map_or_else(String::new, |ratio| percent(ratio.basis_points)),
                ratio.map_or_else(String::new, |ratio| ratio.basis.clone()),
                one.objects.to_string(),
                one.drawn.to_string(),
            ]);
        }
    }
    Ok(OpenTable {
        head: vec![
            "计划编号",
            "版本",
            "任务编号",
            "抽查事项",
            "季度",
            "区县",
            "信用等级",
            "抽取比例（%）",
            "比例依据",
            "检查对象数",
            "计划抽取数",
        ],
        rows,
    })
}

/// The tasks of every plan that holds, and how far the draw of each is.
pub fn tasks_table(db: &mut Db, now: DateTime<Utc>) -> Result<OpenTable, Error> {
    let draws: BTreeMap<String, String> = (list_draws(db, now)?.into_iter())
        .map(|draw| (draw.id, draw.state_name))
        .collect();
    let plans = public_plans(db)?;
    let rows = plans.iter().flat_map(|file| tasks_of(file, &draws));
    Ok(OpenTable {
        head: vec![
            "计划编号",
            "年份",
            "任务编号",
            "抽查事项",
            "区县",
            "季度",
            "对象类型",
            "检查对象数",
            "计划抽取数",
            "进展",
        ],
        rows: rows.collect(),
    })
}

fn tasks_of(file: &YearFile, draws: &BTreeMap<String, String>) -> Vec<Vec<String>> {
    let Some(version) = file.last() else {
        return Vec::new();
    };
    let row = |task: &crate::draw::year::YearTask| {
        let mine = || version.planned.iter().filter(|one| one.task == task.id);
        let state = draws.get(task.id.as_str());
        vec![
            file.plan.to_string(),
            version.content.year.to_string(),
            task.id.to_string(),
            ids(&task.items),
            task.district.to_string(),
            task.quarter.to_string(),
            (task.objects.iter().map(|kind| kind_name(*kind)))
                .collect::<Vec<_>>()
                .join("、"),
            mine().map(|one| one.objects).sum::<u64>().to_string(),
            mine().map(|one| one.drawn).sum::<u64>().to_string(),
            state.cloned().unwrap_or_else(|| "未开始".to_owned()),
        ]
    };
    version.content.in_order().into_iter().map(row).collect()
}

/// Every draw that was committed to; who is drawn is not in it.
pub fn draws_table(db: &mut Db, now: DateTime<Utc>) -> Result<OpenTable, Error> {
    let row = |draw: crate::service::checks::DrawLine| {
        vec![
            draw.id,
            draw.state_name,
            draw.attempts.to_string(),
            draw.committed_at,
            draw.commitment,
            draw.reveal_by,
            draw.revealed_at.unwrap_or_default(),
            if draw.late { "是" } else { "否" }.to_owned(),
        ]
    };
    Ok(OpenTable {
        head: vec![
            "抽查编号",
            "状态",
            "抽取次数",
            "承诺时间",
            "承诺摘要",
            "公开期限",
            "公开时间",
            "公开逾期",
        ],
        rows: list_draws(db, now)?.into_iter().map(row).collect(),
    })
}

/// The objects of a draw and what became of them.
///
/// # Errors
/// A draw that is not revealed: nobody is warned.
pub fn objects_table(db: &mut Db, id: &str) -> Result<OpenTable, Error> {
    let file: Published = from_json(&draw_file(db, id)?)?;
    let last = file.attempts.last();
    let Some(reveal) = last.and_then(|attempt| attempt.reveal.as_ref()) else {
        return Err(Error::WrongState {
            what: "抽查",
            id: id.to_owned(),
            found: "未公开",
            step: "查看检查对象名单",
        });
    };
    let outcome = last
        .and_then(|attempt| attempt.result.as_ref())
        .map(|part| &part.body);
    let mut order: BTreeMap<&Id, (&str, usize)> = BTreeMap::new();
    let mut officers: BTreeMap<&Id, String> = BTreeMap::new();
    for stratum in outcome.iter().flat_map(|outcome| &outcome.strata) {
        for (words, members) in [("抽中", &stratum.drawn), ("后备", &stratum.reserve)] {
            order.extend(
                (1_usize..)
                    .zip(members)
                    .map(|(place, id)| (id, (words, place))),
            );
        }
    }
    for team in outcome.iter().flat_map(|outcome| &outcome.teams) {
        officers.insert(&team.object, ids(&team.officers));
    }
    let row = |object: &Object| {
        let (words, place) = order.get(&object.id).copied().unwrap_or(("未参加抽取", 0));
        vec![
            file.draw.to_string(),
            object.id.to_string(),
            kind_name(object.kind).to_owned(),
            object.company.to_string(),
            object.name.clone(),
            object.district.to_string(),
            object.grade.to_string(),
            words.to_owned(),
            if place == 0 {
                String::new()
            } else {
                place.to_string()
            },
            officers.get(&object.id).cloned().unwrap_or_default(),
        ]
    };
    Ok(OpenTable {
        head: vec![
            "抽查编号",
            "对象编号",
            "类型",
            "所属企业",
            "名称",
            "区县",
            "信用等级",
            "结果",
            "顺序",
            "抽取时的检查组",
        ],
        rows: reveal.body.plan.objects.iter().map(row).collect(),
    })
}

/// The strata of a fairness report.
pub fn fairness_table(report: &FairnessView) -> OpenTable {
    let row = |one: &super::fair::FairStratum| {
        let test = one.test.as_ref();
        let visited = (report.coverage.iter())
            .find(|row| (&row.district, &row.grade) == (&one.district, &one.grade));
        vec![
            report.year.to_string(),
            one.district.clone(),
            one.grade.clone(),
            one.draws.to_string(),
            one.objects.to_string(),
            one.expected.clone(),
            one.realised.clone(),
            one.never.to_string(),
            one.expected_never.clone(),
            one.most.to_string(),
            test.map_or_else(String::new, |test| test.statistic.clone()),
            test.map_or_else(String::new, |test| test.freedom.to_string()),
            test.map_or_else(String::new, |test| test.limit.clone()),
            visited.map_or_else(String::new, |row| row.visited.to_string()),
            visited.map_or_else(String::new, |row| row.companies_visited.to_string()),
        ]
    };
    OpenTable {
        head: vec![
            "年份",
            "区县",
            "信用等级",
            "抽取次数",
            "对象数",
            "平均应抽次数",
            "平均实抽次数",
            "未抽到对象数",
            "预期未抽到数",
            "单个对象最多次数",
            "卡方",
            "自由度",
            "界限（千分之一）",
            "已检查对象数",
            "已检查企业数",
        ],
        rows: report.strata.iter().map(row).collect(),
    }
}

fn kind_name(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Company => "企业",
        ObjectKind::Project => "项目",
    }
}

fn ids(ids: &[Id]) -> String {
    ids.iter().map(Id::as_str).collect::<Vec<_>>().join(";")
}
