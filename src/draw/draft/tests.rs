//! Plans as they are brought, right and wrong.

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
        let ok = Sheet::from_json(List::Officers, "p.json", &wrong)
            .map(|sheet| assemble("p", head("1"), &Sheet::default(), &sheet, &Sheet::default()));
        assert!(!matches!(ok, Ok(Ok(_))), "{wrong}");
    }
}
