//! The figures as files of open data, and what each column of them means.

use super::Statistics;
use crate::service::Error;

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataField {
    pub name: &'static str,
    /// `text`, `integer`, `decimal`, `day` or `month`.
    pub kind: &'static str,
    /// In Chinese.
    pub meaning: &'static str,
}

/// A file: UTF-8 with a byte order mark, commas, a heading (RFC 4180).
#[derive(Debug, Clone, Copy)]
pub struct DataFile {
    /// Last part of its address: `grades.csv`.
    pub name: &'static str,
    pub title: &'static str,
    pub fields: &'static [DataField],
    rows: fn(&Statistics) -> Vec<Vec<String>>,
}

const fn field(name: &'static str, kind: &'static str, meaning: &'static str) -> DataField {
    DataField {
        name,
        kind,
        meaning,
    }
}

const AS_OF: DataField = field("as_of", "day", "统计日期");

/// All files there are.
pub const OPEN_DATA: &[DataFile] = &[
    DataFile {
        name: "grades.csv",
        title: "信用等级分布",
        fields: &[
            AS_OF,
            field("ruleset", "text", "评分规则版本编号"),
            field("grade", "text", "信用等级，从高到低"),
            field("title", "text", "等级名称"),
            field("companies", "integer", "企业数"),
            field(
                "percent",
                "decimal",
                "占参评企业的百分比，保留一位小数；无参评企业时为空",
            ),
        ],
        rows: grades,
    },
    DataFile {
        name: "scores.csv",
        title: "得分分布",
        fields: &[
            AS_OF,
            field("from", "decimal", "分数段下限（含）"),
            field("below", "decimal", "分数段上限（不含）"),
            field("companies", "integer", "企业数"),
        ],
        rows: |of| {
            let row = |step: &super::ScoreStep| {
                vec![
                    of.as_of.clone(),
                    step.from.clone(),
                    step.below.clone(),
                    step.companies.to_string(),
                ]
            };
            of.scores.iter().map(row).collect()
        },
    },
    DataFile {
        name: "movement.csv",
        title: "得分变动",
        fields: &[
            AS_OF,
            field("month", "month", "月份"),
            field("up", "integer", "得分上升的次数"),
            field("down", "integer", "得分下降的次数"),
        ],
        rows: |of| {
            let row = |one: &super::MonthMoves| {
                vec![
                    of.as_of.clone(),
                    one.month.clone(),
                    one.up.to_string(),
                    one.down.to_string(),
                ]
            };
            of.movement.iter().map(row).collect()
        },
    },
    DataFile {
        name: "lists.csv",
        title: "公示中的名单",
        fields: &[
            AS_OF,
            field("list", "text", "名单编号"),
            field("title", "text", "名单名称"),
            field("companies", "integer", "公示中的企业数"),
        ],
        rows: |of| {
            let row = |list: &super::ListCount| {
                vec![
                    of.as_of.clone(),
                    list.list.clone(),
                    list.title.clone(),
                    list.companies.to_string(),
                ]
            };
            of.lists.iter().map(row).collect()
        },
    },
    DataFile {
        name: "complaints.csv",
        title: "投诉办理",
        fields: &[
            AS_OF,
            field("from", "day", "统计期首日"),
            field("until", "day", "统计期末日"),
            field(
                "by",
                "text",
                "分组：all 合计，level 层级，district 行政区划",
            ),
            field("key", "text", "层级代码或行政区划代码；合计为空"),
            field("title", "text", "分组名称"),
            field("complaints", "integer", "投诉件数"),
            field("rate", "text", "比率编号"),
            field("numerator", "integer", "分子"),
            field("denominator", "integer", "分母"),
            field("not_due", "integer", "尚未到期、未计入的件数"),
            field("percent", "decimal", "百分比，保留两位小数；分母为零时为空"),
        ],
        rows: complaints,
    },
];

fn grades(of: &Statistics) -> Vec<Vec<String>> {
    let row = |grade: &super::GradeShare| {
        vec![
            of.as_of.clone(),
            of.ruleset.id.clone(),
            grade.grade.clone(),
            grade.title.clone(),
            grade.companies.to_string(),
            grade.percent.clone().unwrap_or_default(),
        ]
    };
    of.grades.iter().map(row).collect()
}

fn complaints(of: &Statistics) -> Vec<Vec<String>> {
    let rates = &of.complaints;
    let mut rows = Vec::new();
    for group in &rates.groups {
        for rate in &group.rates {
            rows.push(vec![
                of.as_of.clone(),
                rates.from.clone(),
                rates.until.clone(),
                group.by.clone(),
                group.key.clone(),
                group.title.clone(),
                group.complaints.to_string(),
                rate.rate.clone(),
                rate.numerator.to_string(),
                rate.denominator.to_string(),
                rate.not_due.to_string(),
                rate.percent.clone().unwrap_or_default(),
            ]);
        }
    }
    rows
}

impl DataFile {
    /// The file with this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        OPEN_DATA.iter().find(|file| file.name == name)
    }

    /// Its bytes.
    ///
    /// # Errors
    /// If a row cannot be written.
    pub fn write(&self, of: &Statistics) -> Result<Vec<u8>, Error> {
        let fault = |fault: csv::Error| Error::Feed(fault.to_string());
        let mut writer = csv::Writer::from_writer(b"\xEF\xBB\xBF".to_vec());
        writer
            .write_record(self.fields.iter().map(|field| field.name))
            .map_err(fault)?;
        for row in (self.rows)(of) {
            writer.write_record(row).map_err(fault)?;
        }
        writer
            .into_inner()
            .map_err(|fault| Error::Feed(fault.to_string()))
    }
}
