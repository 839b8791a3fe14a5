//! A plan as people bring it: a head, and lists of objects, officers and recusals as rows of text. Every fault of every
//! row is found in one go; what is left is a [`Plan`] in its one form.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::{
    plan::{
        ALGORITHM, Caps, Item, Object, ObjectKind, Officer, Plan, Recusal, Sampling, TeamRule,
        Window,
    },
    words::{Id, says_something},
};
use crate::domain::{Day, Fault, Region, Uscc, fold_code};

/// Everything of a plan but its lists, in the words of the frozen plan.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Head {
    pub draw: Id,
    pub plan: Id,
    pub item: Item,
    pub window: Window,
    pub sampling: Sampling,
    pub caps: Caps,
    pub team: TeamRule,
    #[serde(default)]
    pub needs: Vec<Id>,
}

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
    name: String,
    rows: Vec<(u64, BTreeMap<&'static str, String>)>,
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
const MISSING: &str = "S001";
const WRONG: &str = "S002";
const TWICE: &str = "S003";
const COLUMN: &str = "S004";
const PLAN: &str = "S005";

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

/// Puts a plan together; `file` names the head in faults. Every fault of the three lists, or those of the whole.
pub fn assemble(
    file: &str,
    head: Head,
    objects: &Sheet,
    officers: &Sheet,
    recusals: &Sheet,
) -> Result<Plan, Vec<Fault>> {
    let mut faults = Vec::new();
    let objects = read(objects, &mut faults, object, |one| one.id.to_string());
    let officers = read(officers, &mut faults, officer, |one| one.id.to_string());
    let recusals = read(recusals, &mut faults, recusal, |one| {
        format!("{} / {}", one.officer, one.object)
    });
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut plan = Plan {
        algorithm: ALGORITHM.to_owned(),
        draw: head.draw,
        plan: head.plan,
        item: head.item,
        window: head.window,
        sampling: head.sampling,
        caps: head.caps,
        team: head.team,
        needs: head.needs,
        objects,
        officers,
        recusals,
    };
    plan.sort();
    let faults: Vec<Fault> = (plan.faults().iter())
        .map(|fault| place(file, None, "", "").fault(PLAN, &fault.to_string(), ""))
        .collect();
    match faults.is_empty() {
        true => Ok(plan),
        false => Err(faults),
    }
}

/// The rows of a sheet that are right, with the faults of the others and of those that come twice.
fn read<T>(
    sheet: &Sheet,
    faults: &mut Vec<Fault>,
    read: impl Fn(&mut Reader<'_>) -> Option<T>,
    key: impl Fn(&T) -> String,
) -> Vec<T> {
    let mut seen = BTreeMap::new();
    let mut list = Vec::new();
    for (number, row) in &sheet.rows {
        let mut reader = Reader {
            sheet,
            number: *number,
            row,
            faults,
        };
        let Some(one) = read(&mut reader) else {
            continue;
        };
        let key = key(&one);
        match seen.get(&key) {
            Some(first) => {
                let what = format!("与第{first}行重复（编号按半角、大写、无空格比较）");
                let here = place(&sheet.name, Some(*number), "id", &key);
                faults.push(here.fault(TWICE, &what, "请删去一行，或者改正编号"));
            }
            None => {
                seen.insert(key, *number);
                list.push(one);
            }
        }
    }
    list
}

fn object(row: &mut Reader<'_>) -> Option<Object> {
    let kind = row.needed("kind", |text| match text.to_lowercase().as_str() {
        "company" | "企业" => Ok(ObjectKind::Company),
        "project" | "项目" => Ok(ObjectKind::Project),
        _ => Err("应为 company（企业）或者 project（项目）".to_owned()),
    });
    let company = |text: &str| {
        let code = Uscc::parse(text).map_err(|fault| fault.to_string())?;
        Id::parse(code.as_str()).map_err(|fault| fault.to_string())
    };
    let (id, company) = if kind == Some(ObjectKind::Company) {
        let id = row.needed("id", company);
        let given = row.text("company").to_owned();
        let owner = if given.is_empty() {
            id.clone()
        } else {
            row.needed("company", company)
        };
        (id, owner)
    } else {
        (row.needed("id", id), row.needed("company", company))
    };
    let name = row.needed("name", words);
    let district = row.needed("district", region);
    let grade = row.needed("grade", self::id);
    let needs = row.ids("needs");
    let visits = row.count("visits");
    Some(Object {
        id: id?,
        kind: kind?,
        company: company?,
        name: name?,
        district: district?,
        grade: grade?,
        needs: needs?,
        visits: visits?,
    })
}

fn officer(row: &mut Reader<'_>) -> Option<Officer> {
    let id = row.needed("id", id);
    let name = row.needed("name", words);
    let district = row.needed("district", region);
    let until = row.needed("certificate_until", |text| {
        Day::parse(text).map_err(|fault| fault.to_string())
    });
    let qualifications = row.ids("qualifications");
    let interests = row.ids("interests");
    let assigned = row.count("assigned");
    Some(Officer {
        id: id?,
        name: name?,
        district: district?,
        certificate_until: until?,
        qualifications: qualifications?,
        interests: interests?,
        assigned: assigned?,
    })
}

fn recusal(row: &mut Reader<'_>) -> Option<Recusal> {
    let officer = row.needed("officer", id);
    let object = row.needed("object", id);
    let reason = row.needed("reason", words);
    Some(Recusal {
        officer: officer?,
        object: object?,
        reason: reason?,
    })
}

fn id(text: &str) -> Result<Id, String> {
    Id::parse(text).map_err(|fault| fault.to_string())
}

fn region(text: &str) -> Result<Region, String> {
    Region::parse(text).map_err(|fault| fault.to_string())
}

fn words(text: &str) -> Result<String, String> {
    match says_something(text) {
        true => Ok(text.to_owned()),
        false => Err("没有内容".to_owned()),
    }
}

/// One row on its way to a value; notes every fault.
struct Reader<'r> {
    sheet: &'r Sheet,
    number: u64,
    row: &'r BTreeMap<&'static str, String>,
    faults: &'r mut Vec<Fault>,
}

impl Reader<'_> {
    fn text(&self, column: &str) -> &str {
        self.row.get(column).map_or("", |text| text.trim())
    }

    fn needed<T>(
        &mut self,
        column: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.text(column).to_owned();
        let here = place(&self.sheet.name, Some(self.number), column, &text);
        if text.is_empty() {
            self.faults.push(here.fault(MISSING, "必须填写", ""));
            return None;
        }
        let parsed = parse(&text);
        parsed
            .map_err(|what| self.faults.push(here.fault(WRONG, &what, "")))
            .ok()
    }

    /// Ids between semicolons, commas or Chinese commas; sorted, each once.
    fn ids(&mut self, column: &'static str) -> Option<Vec<Id>> {
        let text = self.text(column).to_owned();
        let words = text.split([';', '；', ',', '，', '、']);
        let parsed: Result<BTreeSet<Id>, _> = words
            .filter(|word| !word.trim().is_empty())
            .map(Id::parse)
            .collect();
        match parsed {
            Ok(ids) => Some(ids.into_iter().collect()),
            Err(what) => {
                let here = place(&self.sheet.name, Some(self.number), column, &text);
                self.faults.push(here.fault(WRONG, &what.to_string(), ""));
                None
            }
        }
    }

    /// A whole number; nothing counts as 0.
    fn count(&mut self, column: &'static str) -> Option<u32> {
        let text = self.text(column).to_owned();
        if text.is_empty() {
            return Some(0);
        }
        let parsed = fold_code(&text).parse();
        parsed
            .map_err(|_| {
                let here = place(&self.sheet.name, Some(self.number), column, &text);
                self.faults
                    .push(here.fault(WRONG, "应为整数，不小于 0", ""));
            })
            .ok()
    }
}

/// Where a fault is.
struct Place(Fault);

fn place(file: &str, row: Option<u64>, column: &str, value: &str) -> Place {
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
    fn fault(self, code: &'static str, what: &str, fix: &str) -> Fault {
        Fault {
            code,
            what: what.to_owned(),
            fix: fix.to_owned(),
            ..self.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OBJECTS: &[&str] = &[
        "id", "类型", "company", "name", "district", "grade", "needs", "visits",
    ];
    const OFFICERS: &[&str] = &[
        "id",
        "name",
        "district",
        "certificate_until",
        "qualifications",
        "interests",
        "assigned",
    ];

    fn sheet(list: List, header: &[&str], rows: &[&[&str]]) -> Result<Sheet, Vec<Fault>> {
        let owned = |cells: &[&str]| {
            cells
                .iter()
                .map(|cell| (*cell).to_owned())
                .collect::<Vec<_>>()
        };
        let rows = (2..).zip(rows).map(|(number, row)| (number, owned(row)));
        Sheet::from_table(list, "f.csv", &owned(header), rows)
    }

    fn head(count: &str) -> Head {
        let text = format!(
            r#"{{"draw":"d-1","plan":"p-1",
            "item":{{"code":"wy-1","title":"收费公示","basis":"示例条例","published_on":"2026-05-01"}},
            "window":{{"from":"2026-07-01","until":"2026-07-31"}},
            "sampling":{{"rounding":"up","strata":[{{"district":"512002","grade":"a","count":{count}}}]}},
            "caps":{{"objects":null,"company_visits":2,"officer_visits":9}},
            "team":{{"size":2,"districts":"any"}}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    const RIGHT: &[&[&str]] = &[
        &[
            "xm-2",
            "项目",
            "91512002MA6ABCD10P",
            "示例二小区",
            "512002",
            "A",
            "",
            "",
        ],
        &[
            "ＸＭ－１",
            "project",
            "91512002ma6abcd10p",
            "示例一小区",
            "512002",
            "ａ",
            "电梯；消防",
            "0",
        ],
        &[
            "91512021MA7K2P3Q9A",
            "企业",
            "",
            "示例企业",
            "512002",
            "A",
            "",
            "1",
        ],
    ];
    const PEOPLE: &[&[&str]] = &[
        &["m2", "示例乙", "512002", "2027/1/1", "电梯", "", ""],
        &[
            "m1",
            "示例甲",
            "512002",
            "2027-01-01",
            "消防,电梯",
            "xm-2",
            "3",
        ],
    ];

    fn plan(
        count: &str,
        objects: &[&[&str]],
        officers: &[&[&str]],
        recusals: &[&[&str]],
    ) -> Result<Plan, Vec<String>> {
        let told = |faults: Vec<Fault>| faults.iter().map(ToString::to_string).collect::<Vec<_>>();
        let objects = sheet(List::Objects, OBJECTS, objects).map_err(told)?;
        let officers = sheet(List::Officers, OFFICERS, officers).map_err(told)?;
        let recusals =
            sheet(List::Recusals, &["officer", "object", "reason"], recusals).map_err(told)?;
        assemble("plan.json", head(count), &objects, &officers, &recusals).map_err(told)
    }

    #[test]
    fn rows_are_folded_and_sorted() {
        let plan = plan("1", RIGHT, PEOPLE, &[&["M2", "xm-1", "近亲属"]]).unwrap();
        let ids: Vec<&str> = plan.objects.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids, ["91512021MA7K2P3Q9A", "XM-1", "XM-2"]);
        assert_eq!(plan.objects[1].needs.len(), 2);
        assert_eq!(plan.officers[0].interests[0].as_str(), "XM-2");
        assert_eq!(plan.faults(), []);
    }

    /// Each case: objects, officers, recusals, and what the fault says.
    #[test]
    fn bad_data_is_named_with_its_row() {
        let with = |row: &'static [&'static str]| [RIGHT, &[row]].concat();
        let people = |row: &'static [&'static str]| [PEOPLE, &[row]].concat();
        type Rows = Vec<&'static [&'static str]>;
        let table: Vec<(Rows, Rows, Rows, &str)> = vec![
            (
                with(&[
                    "x m-１",
                    "项目",
                    "91512002MA6ABCD10P",
                    "三",
                    "512002",
                    "A",
                    "",
                    "",
                ]),
                PEOPLE.to_vec(),
                vec![],
                "第5行，id列，值「XM-1」：[S003] 与第3行重复",
            ),
            (
                with(&[
                    "xm-3",
                    "项目",
                    "91512002MA6ABCD10Q",
                    "三",
                    "512002",
                    "A",
                    "",
                    "",
                ]),
                PEOPLE.to_vec(),
                vec![],
                "第5行，company列，值「91512002MA6ABCD10Q」：[S002] 统一社会信用代码",
            ),
            (
                with(&["xm-3", "项目", "", "三", "512002", "A", "", ""]),
                PEOPLE.to_vec(),
                vec![],
                "company列：[S001]",
            ),
            (
                with(&[
                    "xm\"3",
                    "项目",
                    "91512002MA6ABCD10P",
                    "三",
                    "512002",
                    "A",
                    "",
                    "",
                ]),
                PEOPLE.to_vec(),
                vec![],
                "不能有「\"」",
            ),
            (
                with(&[
                    "xm-3",
                    "小区",
                    "91512002MA6ABCD10P",
                    "三",
                    "512002",
                    "A",
                    "",
                    "",
                ]),
                PEOPLE.to_vec(),
                vec![],
                "kind列，值「小区」",
            ),
            (
                with(&[
                    "xm-3",
                    "项目",
                    "91512002MA6ABCD10P",
                    "三",
                    "雁江",
                    "A",
                    "",
                    "",
                ]),
                PEOPLE.to_vec(),
                vec![],
                "行政区划代码「雁江」",
            ),
            (
                with(&[
                    "xm-3",
                    "项目",
                    "91512002MA6ABCD10P",
                    "三",
                    "512002",
                    "A",
                    "",
                    "-1",
                ]),
                PEOPLE.to_vec(),
                vec![],
                "值「-1」：[S002] 应为整数",
            ),
            (
                with(&[
                    "xm-3",
                    "项目",
                    "91512002MA6ABCD10P",
                    "三",
                    "512002",
                    "B",
                    "",
                    "",
                ]),
                PEOPLE.to_vec(),
                vec![],
                "对象「XM-3」所在的512002/B层没有抽取比例",
            ),
            (
                with(&[
                    "xm-3",
                    "项目",
                    "91512002MA6ABCD10P",
                    "三",
                    "512002",
                    "A",
                    "",
                    "2",
                ]),
                PEOPLE.to_vec(),
                vec![],
                "本年已检查次数不一致：0 和 2",
            ),
            (
                RIGHT.to_vec(),
                people(&["m3", "示例丙", "", "2027-01-01", "", "", ""]),
                vec![],
                "第4行，district列：[S001] 必须填写",
            ),
            (
                RIGHT.to_vec(),
                people(&["m3", "示例丙", "512002", "2027-02-30", "", "", ""]),
                vec![],
                "日期「2027-02-30」不存在",
            ),
            (
                RIGHT.to_vec(),
                people(&["Ｍ 1", "示例丙", "512002", "2027-02-20", "", "", ""]),
                vec![],
                "第4行，id列，值「M1」：[S003] 与第3行重复",
            ),
            (
                RIGHT.to_vec(),
                PEOPLE.to_vec(),
                vec![&["m9", "xm-1", "近亲属"]],
                "执法人员「M9」不在名录库中",
            ),
            (
                RIGHT.to_vec(),
                PEOPLE.to_vec(),
                vec![&["m1", "xm-9", "近亲属"]],
                "对象「XM-9」不在名录库中",
            ),
            (
                RIGHT.to_vec(),
                PEOPLE.to_vec(),
                vec![&["m1", "xm-1", "\u{3000}"]],
                "reason列：[S001]",
            ),
        ];
        for (objects, officers, recusals, expected) in table {
            let faults = plan("1", &objects, &officers, &recusals).unwrap_err();
            assert!(
                faults.iter().any(|one| one.contains(expected)),
                "{expected}: {faults:?}"
            );
        }
    }

    #[test]
    fn unknown_double_and_missing_columns_are_named() {
        let told = |header: &[&str]| {
            let faults = sheet(List::Recusals, header, &[]).unwrap_err();
            faults.iter().map(ToString::to_string).collect::<String>()
        };
        assert!(
            told(&["officer", "object", "reason", "note"])
                .contains("note列，值「note」：[S004] 不认识这一列")
        );
        assert!(told(&["officer", "证号", "object", "reason"]).contains("证号列"));
        assert!(told(&["officer", "reason"]).contains("缺少列「回避对象」"));
    }

    #[test]
    fn lists_in_json_are_the_same_rows() {
        let value = serde_json::json!([
            {"id": "m1", "name": "示例甲", "district": "512002", "certificate_until": "2027-01-01",
             "qualifications": ["消防", "电梯"], "assigned": 3}
        ]);
        let sheet = Sheet::from_json(List::Officers, "p.json", &value).unwrap();
        let mut faults = Vec::new();
        let read = read(&sheet, &mut faults, officer, |one| one.id.to_string());
        assert_eq!(
            (
                read.len(),
                faults.len(),
                read[0].qualifications.len(),
                read[0].assigned
            ),
            (1, 0, 2, 3)
        );
        for wrong in [
            serde_json::json!([{"id": 1.5}]),
            serde_json::json!([1]),
            serde_json::json!({}),
            serde_json::json!([{"id": true}]),
            serde_json::json!([{"who": "x"}]),
        ] {
            let ok = Sheet::from_json(List::Officers, "p.json", &wrong).map(|sheet| {
                assemble("p", head("1"), &Sheet::default(), &sheet, &Sheet::default())
            });
            assert!(!matches!(ok, Ok(Ok(_))), "{wrong}");
        }
    }
}
