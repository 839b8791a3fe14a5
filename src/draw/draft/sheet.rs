//! Lists as tables of text, from CSV or JSON, with the columns that are known.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::Fault;

/// Which list a sheet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    Objects,
    Officers,
    Recusals,
}

/// A list as a table of text: the name of its file, and its rows by column.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    pub(super) name: String,
    pub(super) rows: Vec<(u64, BTreeMap<&'static str, String>)>,
}

/// Column, its Chinese name, whether it must be there.
type Column = (&'static str, &'static str, bool);

impl List {
    /// The columns of this list: name, Chinese name, whether it must be there.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Objects => &[
                ("id", "编号", true),
                ("kind", "类型", true),
                ("company", "所属企业", false),
                ("name", "名称", true),
                ("district", "区县", true),
                ("grade", "信用等级", true),
                ("needs", "资格要求", false),
                ("visits", "本年已检查次数", false),
            ],
            Self::Officers => &[
                ("id", "证号", true),
                ("name", "姓名", true),
                ("district", "辖区", true),
                ("certificate_until", "证件有效期至", true),
                ("qualifications", "资格", false),
                ("interests", "利害关系", false),
                ("assigned", "已分配次数", false),
            ],
            Self::Recusals => &[
                ("officer", "证号", true),
                ("object", "回避对象", true),
                ("reason", "理由", true),
            ],
        }
    }

    fn column(self, header: &str) -> Option<&'static str> {
        let header = header.trim();
        (self.columns().iter())
            .find(|(name, chinese, _)| name.eq_ignore_ascii_case(header) || *chinese == header)
            .map(|(name, ..)| *name)
    }
}

/// Kinds of faults.
pub(super) const MISSING: &str = "S001";
pub(super) const WRONG: &str = "S002";
pub(super) const TWICE: &str = "S003";
const COLUMN: &str = "S004";
pub(super) const PLAN: &str = "S005";

impl Sheet {
    /// A table with a header row; each row comes with the number a spreadsheet shows.
    pub fn from_table(
        list: List,
        name: &str,
        header: &[String],
        rows: impl IntoIterator<Item = (u64, Vec<String>)>,
    ) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut columns = Vec::new();
        for title in header {
            let column = list.column(title.trim_start_matches('\u{FEFF}'));
            match column {
                Some(column) if !columns.contains(&column) => columns.push(column),
                Some(_) => faults.push(place(name, Some(1), title, title).fault(
                    COLUMN,
                    "这一列出现了两次",
                    "请删去一列",
                )),
                None => faults.push(place(name, Some(1), title, title).fault(
                    COLUMN,
                    "不认识这一列",
                    "请用说明中的列名",
                )),
            }
        }
        for (column, chinese, needed) in list.columns() {
            if *needed && !columns.contains(column) && faults.is_empty() {
                let what = format!("缺少列「{chinese}」（{column}）");
                faults.push(place(name, Some(1), column, "").fault(COLUMN, &what, "请补上这一列"));
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let rows = rows
            .into_iter()
            .map(|(number, cells)| (number, columns.iter().copied().zip(cells).collect()));
        Ok(Self {
            name: name.to_owned(),
            rows: rows.collect(),
        })
    }

    /// A list of JSON objects; texts, whole numbers, and lists of texts.
    pub fn from_json(list: List, name: &str, value: &Value) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut rows = Vec::new();
        let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
        if !value.is_array() {
            faults.push(place(name, None, "", "").fault(WRONG, "应为一个列表", ""));
        }
        for (number, item) in (1..).zip(items) {
            let mut row = BTreeMap::new();
            for (field, value) in item.as_object().into_iter().flatten() {
                let here = || place(name, Some(number), field, &value.to_string());
                let Some(column) = list.column(field) else {
                    faults.push(here().fault(COLUMN, "不认识这一项", "请用说明中的名称"));
                    continue;
                };
                match cell(value) {
                    Some(text) => drop(row.insert(column, text)),
                    None => faults.push(here().fault(WRONG, "应为文本、整数或者文本的列表", "")),
                }
            }
            if !item.is_object() {
                faults.push(place(name, Some(number), "", "").fault(WRONG, "应为一个对象", ""));
            }
            rows.push((number, row));
        }
        if faults.is_empty() {
            return Ok(Self {
                name: name.to_owned(),
                rows,
            });
        }
        Err(faults)
    }
}

fn cell(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(items) => {
            let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            texts.map(|texts| texts.join(";"))
        }
        _ => None,
    }
}
/// Where a fault is.
pub(super) struct Place(Fault);

pub(super) fn place(file: &str, row: Option<u64>, column: &str, value: &str) -> Place {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Place(Fault {
        file: file.to_owned(),
        row,
        column: some(column),
        value: some(value),
        code: "",
        what: String::new(),
        fix: String::new(),
    })
}

impl Place {
    pub(super) fn fault(self, code: &'static str, what: &str, fix: &str) -> Fault {
        Fault {
            code,
            what: what.to_owned(),
            fix: fix.to_owned(),
            ..self.0
        }
    }
}
