//! The record: found, confirmed, told, objected to, kept.

use serde_json::{Value, json};

use crate::{
    house::BAMBOO,
    tale::{Tale, only, text},
};

pub fn told(tale: &mut Tale) {
    tale.page.heading(2, ("记分", "The record"));
    found(tale);
    confirmed(tale);
    noticed(tale);
    objected(tale);
}

fn found(tale: &mut Tale) {
    tale.at(
        "2026-07-01 09:00",
        (
            "抽查发现问题，经办人录入",
            "A spot check finds something; an officer enters it",
        ),
    );
    let before = tale.company();
    tale.page.say((
        "录入之前，任何人都能查到这家企业的得分和等级：",
        "Before it, this is what anybody sees of the company:",
    ));
    tale.page.json(&only(
        &before,
        &["uscc", "name", "region_name", "score", "grade", "as_of"],
    ));
    assert_eq!(before["grade"], "A");
    let draft = json!({
        "item": "SPOT-02", "kind": "spot_check", "company": BAMBOO, "project": "XM-03",
        "occurred_on": "2026-06-30", "decided_on": "2026-06-30", "rectify_by": "2026-07-31",
        "reason": "2026年上半年公共收益收支未公示",
    });
    let officer = tale.officer.clone();
    let entered = tale.house.post(&officer, "/api/v1/records", &draft);
    assert_eq!(entered.status, 201, "{}", entered.text());
    let entered = entered.json();
    tale.record = entered["id"].as_str().unwrap().to_owned();
    assert_eq!(tale.score(), "70.25 A", "a draft does not count");
    tale.page.say((
        "经办人录入（`POST /api/v1/records`）：",
        "The officer enters (`POST /api/v1/records`):",
    ));
    tale.page.json(&draft);
    let (status, score) = (text(&entered["status"]), tale.score());
    tale.page.say((
        &format!("系统答复：状态 {status}（草稿）。草稿不计分：得分仍为 **{score}**。"),
        &format!(
            "The answer: status {status}. A draft does not count: the score is still **{score}**."
        ),
    ));
    let confirm = format!("/api/v1/records/{}/confirm", tale.record);
    let own = tale
        .house
        .post(&officer, &confirm, &json!({ "version": 1 }))
        .problem(403, "forbidden");
    tale.refusal(
        (
            "经办人自己认定自己录入的记录：",
            "The officer confirms what the officer entered:",
        ),
        own,
    );
}

fn confirmed(tale: &mut Tale) {
    tale.at(
        "2026-07-01 15:00",
        (
            "复核人认定，得分下降",
            "A reviewer confirms it; the score falls",
        ),
    );
    let before = tale.score();
    let confirm = format!("/api/v1/records/{}/confirm", tale.record);
    let reviewer = tale.reviewer.clone();
    let answer = tale
        .house
        .post(&reviewer, &confirm, &json!({ "version": 1 }));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let after = tale.score();
    assert_ne!(before, after);
    tale.page.say((
        &format!("得分由 **{before}** 变为 **{after}**。查询结果中这一条的说明："),
        &format!("The score goes from **{before}** to **{after}**. The line of it that everybody can look up:"),
    ));
    line(tale);
    let path = format!("/api/v1/companies/{BAMBOO}/explanation");
    let account = tale.house.get(&path).json()["account"].clone();
    let rows: Vec<Vec<String>> = account["sections"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|section| section["project"] == "XM-03")
        .flat_map(|section| section["rows"].as_array().unwrap())
        .map(|row| {
            ["label", "clause", "date", "amount", "running", "why"]
                .map(|name| row[name].as_str().unwrap_or_default().to_owned())
                .to_vec()
        })
        .collect();
    assert!(rows.len() > 2);
    tale.page.say((
        "项目 XM-03 的得分逐行相加（`GET …/explanation`），每一行都有依据条款：",
        "The score of project XM-03 adds up row by row (`GET …/explanation`), each with its clause:",
    ));
    tale.page.table(
        &[
            ("项目", "row"),
            ("依据", "clause"),
            ("日期", "date"),
            ("加减", "amount"),
            ("累计", "running"),
            ("说明", "why"),
        ],
        &rows,
    );
    let proposals = tale.get(&tale.officer, "/api/v1/entries?state=proposed");
    let ours = proposals
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["company"] == BAMBOO && entry["list"] == "watch")
        .unwrap_or_else(|| panic!("{proposals}"));
    tale.entry = ours["id"].as_str().unwrap().to_owned();
    let shown = only(
        ours,
        &["list", "state", "state_name", "severity", "version"],
    );
    let clauses: Vec<&str> = ours["entry"]["evidence"]["clauses"]
        .as_array()
        .unwrap()
        .iter()
        .map(text)
        .collect();
    let clauses = clauses.join("、");
    let lists = tale.company()["lists"].clone();
    assert_eq!(lists, json!([]));
    tale.page.say((
        &format!(
            "等级跌入重点关注名单的条件（依据 {clauses}），系统**只**打开一件提请，不列入任何企业；公众仍看不到名单信息（`lists` 为 {lists}）："
        ),
        &format!(
            "The grade meets the condition of the watch list ({clauses}). The service opens a proposal and lists nobody; the public sees no list (`lists` is {lists}):"
        ),
    ));
    tale.page.json(&shown);
}

/// The line of the score that the record has.
fn line(tale: &mut Tale) {
    let seen = tale.company();
    let lines = seen["lines"].as_array().unwrap();
    let ours = lines
        .iter()
        .find(|line| line["record"] == tale.record.as_str())
        .unwrap_or_else(|| panic!("{seen}"));
    let mut shown = ours.clone();
    shown.as_object_mut().unwrap().remove("record");
    tale.page.json(&shown);
}

fn noticed(tale: &mut Tale) {
    tale.at(
        "2026-07-02 10:00",
        (
            "记分告知单：制发、送达",
            "The notice of the record is issued and served",
        ),
    );
    let (mark, _) = tale.document(
        "records",
        &json!({
            "kind": "record_notice", "objection_route": "可以书面提交本机关。",
            "contact": { "address": "示例市示例路1号", "phone": "000-0000000" },
        }),
    );
    let officer = tale.officer.clone();
    tale.record_step(&officer, "notice", json!({ "number": mark }));
    let content = tale.process()["case"]["notice"]["content"].clone();
    tale.page.say((
        &format!("系统出具《信用记分告知单》，文号 **{mark}**（同类同年连续编号，所存文书与其 SHA-256 摘要一致）。告知的内容被固定下来："),
        &format!("The service issues document **{mark}** (gap-free numbers of its kind and year; its bytes match the SHA-256 that is kept). What is told is kept as told:"),
    ));
    tale.page.json(&content);
    tale.record_step(
        &officer,
        "served",
        json!({ "method": { "method": "direct" }, "delivered_on": "2026-07-02", "proof": "送达回证（示例）" }),
    );
    tale.page.say((
        "当日直接送达，异议期限起算；名单事项尚未告知，没有期限在走。**期限看板之一**：",
        "It is served on the same day and the period to object runs. **The periods, first look:**",
    ));
    tale.board();
}

fn objected(tale: &mut Tale) {
    tale.at(
        "2026-07-06 10:00",
        (
            "企业提出异议，记录即时标注",
            "The company objects; the record is marked at once",
        ),
    );
    let officer = tale.officer.clone();
    tale.record_step(
        &officer,
        "object",
        json!({ "number": "异〔2026〕1号", "grounds": "已于6月29日在小区公示栏公示", "received_on": "2026-07-06" }),
    );
    let (status, score) = (text(&tale.process()["status"]).to_owned(), tale.score());
    tale.page.say((
        &format!("记录状态变为 {status}（异议中）；本规则集规定异议期间照常计分，得分 **{score}**："),
        &format!("The record is {status}; this rule set counts a disputed record, the score is **{score}**:"),
    ));
    line(tale);

    tale.page.say((
        "同时，三个工作日的核查期限起算，完成整改的期限照常：",
        "The period to examine it runs:",
    ));
    tale.board();

    tale.at(
        "2026-07-08 16:00",
        (
            "另一人核查，驳回并说明理由",
            "Another person examines it and rejects it with reasons",
        ),
    );
    let reject = json!({ "reason": "现场复核：公示栏照片摄于7月3日，晚于检查日" });
    let (reviewer, examiner) = (tale.reviewer.clone(), tale.examiner.clone());
    let same = tale
        .try_record(&reviewer, "reject", reject.clone())
        .problem(403, "forbidden");
    tale.refusal(
        (
            "认定这条记录的复核人自己核查异议：",
            "The reviewer who confirmed the record examines the objection:",
        ),
        same,
    );
    tale.record_step(&examiner, "reject", reject.clone());
    let (status, after) = (text(&tale.process()["status"]).to_owned(), tale.score());
    assert_eq!(score, after);
    tale.page.say((
        &format!(
            "另一名复核人驳回：「{}」。状态恢复为 {status}，标注去除，得分 **{after}**。全部经过（版本和事件，只增不改）：",
            reject["reason"].as_str().unwrap()
        ),
        &format!("Another reviewer rejects it with that reason. The status is {status} again, the mark is gone, the score is **{after}**. Its whole way, which can only be added to:"),
    ));
    history(tale);
}

/// The way of the record so far.
pub fn history(tale: &mut Tale) {
    let names = [
        (&tale.officer.id, "经办人"),
        (&tale.reviewer.id, "复核人甲"),
        (&tale.examiner.id, "复核人乙"),
    ];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rows: Vec<Vec<String>> = tale.process()["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            let who = text(&line["actor"]);
            let name = names.iter().find(|(id, _)| **id == who).unwrap().1;
            let number = match (&line["version"], &line["event"]) {
                (Value::Null, event) => format!("事件 {event}"),
                (version, _) => format!("版本 {version}"),
            };
            let day = text(&line["at"])[..10].to_owned();
            vec![
                day,
                number,
                text(&line["what"]),
                name.to_owned(),
                text(&line["reason"]),
            ]
        })
        .collect();
    tale.page.table(
        &[
            ("日期", "day"),
            ("编号", "number"),
            ("事项", "what"),
            ("何人", "who"),
            ("理由", "reason"),
        ],
        &rows,
    );
}
