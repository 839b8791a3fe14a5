//! The list entry: reviewed, told, heard, decided, public, disputed, repaired, gone.

use serde_json::{Value, json};

use crate::{
    house::BAMBOO,
    record,
    tale::{Tale, only, text},
};

const REASON: &str = "信用等级为B级（示例）";
const FACTS: &str = "经评价，你单位信用等级为B级，评分说明附后（示例）";

pub fn told(tale: &mut Tale) {
    tale.page.heading(2, ("列入名单", "The list"));
    let notice = noticed(tale);
    let answer = heard(tale);
    let decision = decided(tale, &notice, &answer);
    published(tale);
    disputed(tale);
    tale.page.heading(
        2,
        ("整改、信用修复、移出", "Rectification, repair, removal"),
    );
    rectified(tale);
    repaired(tale);
    removed(tale, &decision);
}

fn contact() -> Value {
    json!({ "address": "示例市示例路1号", "phone": "000-0000000" })
}

fn service(day: &str) -> Value {
    json!({ "method": { "method": "direct" }, "delivered_on": day, "proof": "送达回证（示例）" })
}

fn with(mut body: Value, action: &str) -> Value {
    body["action"] = json!(action);
    body
}

fn noticed(tale: &mut Tale) -> String {
    tale.at("2026-07-09 09:00", ("法制审核", "The legal review"));
    let officer = tale.officer.clone();
    let issue = |mark: &str, digest: &str| json!({ "action": "issue_notice", "number": mark, "digest": digest });
    let early = tale
        .try_entry(&officer, issue("示〔2026〕0号", &"0".repeat(64)))
        .problem(409, "illegal-step");
    tale.refusal(
        (
            "未经法制审核就制发事先告知书：",
            "A prior notice before the legal review:",
        ),
        early,
    );
    let lawyer = tale.lawyer.clone();
    let opinion = "事实清楚，条款适用正确，程序合法（示例）";
    tale.entry_step(&lawyer, json!({ "action": "review", "opinion": opinion }));
    tale.page.say((
        &format!("法制审核人通过：「{opinion}」。"),
        "The legal reviewer is in favour.",
    ));

    tale.at(
        "2026-07-10 09:00",
        (
            "事先告知书：制发、送达",
            "The prior notice is issued and served",
        ),
    );
    let clauses = tale.entry(&officer)["entry"]["evidence"]["clauses"].clone();
    let content = json!({
        "kind": "notice", "facts": FACTS, "evidence": ["评分说明（示例）", "双随机抽查表（示例）"],
        "reason": REASON, "clauses": clauses,
        "measures": [{ "title": "列为重点监管对象，增加检查频次", "basis": "示例清单第1项" }],
        "display_period": "三个月至一年", "contact": contact(),
    });
    let (mark, digest) = tale.document("entries", &content);
    tale.entry_step(&officer, issue(&mark, &digest));
    let noticed = tale.entry_step(&officer, with(service("2026-07-10"), "serve_notice"));
    let (state, due) = (
        text(&noticed["state_name"]).to_owned(),
        text(&noticed["due_on"]).to_owned(),
    );
    tale.page.say((
        &format!("《列入名单事先告知书》文号 **{mark}**，当日送达；状态 {state}，陈述申辩至 {due}（5个工作日，起始日不计，周末不算）。"),
        &format!("Document **{mark}**, served on the same day; the state is {state}, the window for statements ends on {due}."),
    ));
    mark
}

/// The number of the statement and of its answer.
fn heard(tale: &mut Tale) -> (String, String) {
    tale.at("2026-07-15 14:00", ("收到陈述申辩", "A statement comes in"));
    let (officer, decider, lawyer) = (
        tale.officer.clone(),
        tale.decider.clone(),
        tale.lawyer.clone(),
    );
    let (number, answer) = ("陈〔2026〕1号", "示建复〔2026〕1号");
    tale.entry_step(
        &officer,
        json!({ "action": "receive_statement", "kind": "statement", "number": number, "received_on": "2026-07-15",
            "digest": "1".repeat(64) }),
    );
    tale.page.say((
        "企业在期限内陈述：已经补充公示。未答复之前不能决定；决定人此刻能做什么，系统逐项说明（`GET /api/v1/entries/{id}` 的 `steps`）：",
        "The company says that it has published meanwhile. Nothing is decided before that is answered; what the decider can do now, as the service says it (`steps`):",
    ));
    let rows: Vec<Vec<String>> = tale.entry(&decider)["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| {
            let open = if step["open"] == true {
                "可以"
            } else {
                "不可以"
            };
            vec![
                step["title"].as_str().unwrap().to_owned(),
                open.to_owned(),
                step["why_not"].as_str().unwrap_or_default().to_owned(),
            ]
        })
        .collect();
    assert!(!rows.is_empty());
    tale.page.table(
        &[("步骤", "step"), ("此刻", "now"), ("理由", "why not")],
        &rows,
    );
    tale.page
        .say(("**期限看板之二**：", "**The periods, second look:**"));
    tale.board();

    tale.at(
        "2026-07-16 10:00",
        ("书面答复陈述申辩", "The statement is answered in writing"),
    );
    let reason = "补充公示在检查之后，不影响认定（示例）";
    tale.entry_step(
        &lawyer,
        json!({ "action": "answer_statement", "number": number, "answer": answer, "adopted": false,
            "reason": reason, "digest": "2".repeat(64) }),
    );
    tale.page.say((
        &format!("法制审核人以 {answer} 答复 {number}：不采纳，「{reason}」。（登记陈述的人不能自己答复。）"),
        &format!("The legal reviewer answers {number} by {answer}: not adopted, with the reason."),
    ));
    (number.to_owned(), answer.to_owned())
}

fn decide(
    tale: &Tale,
    day: &str,
    number: &str,
    repair: &str,
    digest: &str,
    answer: &(String, String),
) -> Value {
    let clauses = tale.entry(&tale.officer)["entry"]["evidence"]["clauses"].clone();
    json!({
        "action": "decide", "number": number, "facts": FACTS, "evidence": ["评分说明（示例）", "双随机抽查表（示例）"],
        "reason": REASON, "clauses": clauses, "severity": "一般", "term": null,
        "measures": [{ "measure": "列为重点监管对象，增加检查频次", "catalogue": "示例清单第1项" }],
        "removal": "公示期满自动移出；最短公示期满并完成整改的可以申请提前移出",
        "repair": { "route": "向“信用中国”网站申请（示例）", "notice": repair },
        "heard": { "heard": "answered", "statement": answer.0, "answer": answer.1 },
        "remedies": { "review_organ": "示例市人民政府", "review_days": 60, "court": "示例市人民法院", "lawsuit_months": 6 },
        "organ": "示例市住房和城乡建设局", "dated": day, "seal": "示例市住房和城乡建设局", "digest": digest,
    })
}

/// The number of the decision.
fn decided(tale: &mut Tale, notice: &str, answer: &(String, String)) -> String {
    let (officer, decider) = (tale.officer.clone(), tale.decider.clone());
    tale.at(
        "2026-07-17 23:59",
        (
            "期限届满前一分钟：不能决定",
            "One minute before the window closes: no decision",
        ),
    );
    let early = decide(
        tale,
        "2026-07-17",
        "示〔2026〕0号",
        "示〔2026〕0号",
        &"0".repeat(64),
        answer,
    );
    let early = tale.try_entry(&decider, early).problem(409, "illegal-step");
    tale.refusal(
        (
            "决定人在期限最后一天 23:59 决定：",
            "The decider decides at 23:59 of its last day:",
        ),
        early,
    );

    tale.at(
        "2026-07-20 09:00",
        ("决定列入：两书同达", "The decision, with the repair notice"),
    );
    let repair_notice = json!({
        "kind": "repair_notice", "decision_name": "《列入名单决定书》，2026年7月20日作出",
        "display_until": "2027-07-20", "display_min_until": "2026-10-20",
        "conditions": ["最短公示期届满", "完成整改", "作出信用承诺"],
        "materials": ["信用修复申请书", "整改验收单", "信用承诺书"],
        "route": "登录“信用中国”网站提出申请（示例）", "contact": contact(),
    });
    let (repair, _) = tale.document("entries", &repair_notice);
    let clauses = tale.entry(&officer)["entry"]["evidence"]["clauses"].clone();
    let mut content = json!({
        "kind": "decision", "notice_number": notice, "facts": FACTS,
        "evidence": ["评分说明（示例）", "双随机抽查表（示例）"], "reason": REASON, "clauses": clauses,
        "measures": [{ "title": "列为重点监管对象，增加检查频次", "basis": "示例清单第1项" }],
        "heard": "你单位提出已补充公示。经复核，补充公示在检查之后，不予采纳。",
        "listed_on": "2026-07-20", "display_from": "2026-07-20", "display_until": "2027-07-20", "display_min_until": "2026-10-20",
        "removal_conditions": ["最短公示期届满", "完成整改", "作出信用承诺"],
        "removal_procedure": "符合条件的，可以申请移出；最长公示期届满的，自动移出。",
        "repair_route": "登录“信用中国”网站提出申请（示例）",
        "remedies": { "review_organ": "示例市人民政府", "court": "示例市人民法院" },
    });
    let path = format!("/api/v1/entries/{}/documents", tale.entry);
    let incomplete = tale
        .house
        .post(&officer, &path, &content)
        .problem(422, "invalid");
    tale.refusal(
        (
            "决定书缺一项必备内容，不能出具，文号不消耗：",
            "A decision document with a blank is not issued and takes no number:",
        ),
        incomplete.clone(),
    );
    let faults: Vec<Vec<String>> = incomplete["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| {
            ["code", "detail"]
                .map(|name| fault[name].as_str().unwrap().to_owned())
                .to_vec()
        })
        .collect();
    tale.page
        .table(&[("代码", "code"), ("缺什么", "missing")], &faults);
    content["repair_notice_number"] = json!(repair);
    let (number, digest) = tale.document("entries", &content);
    let decision = decide(tale, "2026-07-20", &number, &repair, &digest, answer);
    let by_officer = tale
        .try_entry(&officer, decision.clone())
        .problem(403, "forbidden");
    tale.page
        .refusal(("经办人自己作决定：", "The officer decides:"), &by_officer);
    let decided = tale.entry_step(&decider, decision);
    let state = text(&decided["state_name"]).to_owned();
    assert_eq!(tale.company()["lists"], json!([]));
    tale.page.say((
        &format!("决定人决定列入：《列入名单决定书》**{number}**，《信用修复告知书》**{repair}**；状态 {state}，尚未公示。"),
        &format!("The decider decides: **{number}**, with the repair notice **{repair}**; the state is {state}, nothing is public yet."),
    ));

    tale.at(
        "2026-07-21 10:00",
        (
            "决定书与信用修复告知书送达",
            "Decision and repair notice are served",
        ),
    );
    let mut served = with(service("2026-07-21"), "serve_decision");
    let alone = tale
        .try_entry(&officer, served.clone())
        .problem(409, "illegal-step");
    tale.refusal(
        (
            "只送决定书，不送信用修复告知书：",
            "The decision is served without the repair notice:",
        ),
        alone,
    );
    served["repair_notice"] = json!(repair);
    let served = tale.entry_step(&officer, served);
    let state = text(&served["state_name"]).to_owned();
    tale.page.say((
        &format!("两书同时送达，状态 {state}。"),
        &format!("Both are served; the state is {state}."),
    ));
    number
}

fn published(tale: &mut Tale) {
    tale.at("2026-07-22 09:00", ("公示", "Publication"));
    let publisher = tale.publisher.clone();
    tale.entry_step(
        &publisher,
        json!({ "action": "publish", "digest": "3".repeat(64), "exceptionally": null }),
    );
    tale.page.say((
        "公众查询这家企业，看到（`GET /api/v1/companies/{uscc}` 的 `lists`）：",
        "The public sees (`lists` of the look-up):",
    ));
    seen(tale);
    tale.page.say((
        "同一事务中写入待推送记录，信用平台将收到（部分字段）：",
        "In the same transaction the record for the credit platform is written (some of its fields):",
    ));
    tale.platform();
}

fn seen(tale: &mut Tale) {
    let mut lists = tale.company()["lists"].clone();
    for one in lists.as_array_mut().unwrap() {
        one.as_object_mut().unwrap().remove("id");
    }
    tale.page.json(&lists);
}

fn disputed(tale: &mut Tale) {
    let (officer, decider) = (tale.officer.clone(), tale.decider.clone());
    tale.at(
        "2026-07-24 10:00",
        (
            "对公示提出异议：即时标注",
            "An objection to the publication: marked at once",
        ),
    );
    tale.entry_step(
        &officer,
        json!({ "action": "dispute", "number": "异〔2026〕2号" }),
    );
    let page = tale.house.get(&format!("/companies/{BAMBOO}")).text();
    assert!(page.contains("异议处理中"));
    let disputed = tale.company()["lists"][0]["disputed"].clone();
    assert_eq!(disputed, true);
    tale.page.say((
        &format!("网站上显示“异议处理中”，接口中 `disputed` 为 {disputed}。**期限看板之三**："),
        &format!("The site says 异议处理中, the interface `disputed` {disputed}. **The periods, third look:**"),
    ));
    tale.board();

    tale.at(
        "2026-07-27 15:00",
        (
            "异议答复：不成立，去除标注",
            "The objection is answered: not upheld",
        ),
    );
    let answer = "经核查，认定事实和适用条款无误（示例）";
    tale.entry_step(
        &decider,
        json!({ "action": "settle_dispute", "answer": answer, "upheld": false }),
    );
    let disputed = tale.company()["lists"][0]["disputed"].clone();
    tale.page.say((
        &format!("决定人答复：「{answer}」。`disputed` 为 {disputed}。标注和去除都写入待推送记录："),
        &format!("The decider answers with the reason; `disputed` is {disputed}. The platform hears of both:"),
    ));
    tale.platform();
}

fn rectified(tale: &mut Tale) {
    tale.at(
        "2026-07-28 10:00",
        ("企业报告整改", "The company reports its rectification"),
    );
    let (officer, examiner) = (tale.officer.clone(), tale.examiner.clone());
    tale.record_step(
        &officer,
        "rectification",
        json!({ "statement": "已公示2026年上半年公共收益收支（示例）", "rectified_on": "2026-07-27", "evidence": [] }),
    );
    let before = tale.score();
    tale.page.say((
        &format!("经办人登记整改报告；复核之前得分不变：**{before}**。"),
        &format!(
            "The officer registers the report; before it is checked the score stays: **{before}**."
        ),
    ));

    tale.at(
        "2026-07-30 10:00",
        (
            "另一人复核，认可整改",
            "Another person checks and accepts it",
        ),
    );
    tale.record_step(
        &examiner,
        "accept",
        json!({ "opinion": "现场复核属实（示例）" }),
    );
    let after = tale.score();
    assert_ne!(before, after);
    tale.page.say((
        &format!("认可整改后按规则减轻扣分：**{before}** → **{after}**。名单不因此自动移出。记录的全部经过："),
        &format!("By the rules less is deducted now: **{before}** to **{after}**. The entry does not end by that. The whole way of the record:"),
    ));
    record::history(tale);
}

fn apply() -> Value {
    json!({ "action": "request_exit", "exit": { "exit": "repaired", "application": "修复申请〔2026〕1号",
        "fulfilment": "整改验收单（示例）", "commitment": "信用承诺书（示例）" } })
}

fn repaired(tale: &mut Tale) {
    let (officer, lawyer) = (tale.officer.clone(), tale.lawyer.clone());
    tale.at(
        "2026-10-20 10:00",
        (
            "最短公示期的最后一天：不能修复",
            "The last day of the shortest display: no repair",
        ),
    );
    let early = tale
        .try_entry(&officer, apply())
        .problem(409, "illegal-step");
    tale.refusal(
        ("早一天提请信用修复：", "An application one day early:"),
        early,
    );

    tale.at(
        "2026-10-21 10:00",
        (
            "申请信用修复，受理",
            "Repair is applied for and accepted for examination",
        ),
    );
    tale.entry_step(&officer, apply());
    let approve =
        json!({ "action": "approve_exit", "number": "示〔2026〕0号", "digest": "0".repeat(64) });
    let decider = tale.decider.clone();
    let skipped = tale
        .try_entry(&decider, approve.clone())
        .problem(409, "illegal-step");
    tale.refusal(
        (
            "尚未受理就批准移出：",
            "The removal is approved before the application is accepted:",
        ),
        skipped,
    );
    tale.entry_step(
        &lawyer,
        json!({ "action": "accept_repair", "number": "示建修受〔2026〕1号" }),
    );
    let own = tale.try_entry(&lawyer, approve).problem(403, "forbidden");
    tale.refusal(
        (
            "受理的人自己批准移出：",
            "Whoever accepted it approves the removal:",
        ),
        own,
    );
    tale.page.say((
        "法制审核人受理（示建修受〔2026〕1号）。此时的期限：",
        "The legal reviewer accepts it. The periods now:",
    ));
    tale.board();
}

fn removed(tale: &mut Tale, decision: &str) {
    tale.at(
        "2026-10-26 10:00",
        ("另一人决定移出", "Another person decides the removal"),
    );
    let decider = tale.decider.clone();
    let clauses = tale.entry(&decider)["entry"]["evidence"]["clauses"].clone();
    let content = json!({
        "kind": "removal", "decision_number": decision, "listed_on": "2026-07-20", "removed_on": "2026-10-26",
        "reason": "最短公示期已届满，已完成整改并作出信用承诺（示例）", "clauses": clauses,
        "measures_ended": "对你单位采取的措施同时解除。",
        "remedies": { "review_organ": "示例市人民政府", "court": "示例市人民法院" },
    });
    let (mark, digest) = tale.document("entries", &content);
    let removed = tale.entry_step(
        &decider,
        json!({ "action": "approve_exit", "number": mark, "digest": digest }),
    );
    assert_eq!(removed["state"], "removed");
    let (state, lists) = (
        text(&removed["state_name"]).to_owned(),
        tale.company()["lists"].clone(),
    );
    assert_eq!(lists, json!([]));
    tale.page.say((
        &format!("《移出名单决定书》**{mark}**，状态 {state}；公众查询的 `lists` 为 {lists}。信用平台先后收到："),
        &format!("Document **{mark}**; the state is {state}, `lists` of the look-up is {lists}. What the platform gets, in order:"),
    ));
    tale.platform();
    tale.page.say(("移出之后的得分：", "The score after it:"));
    tale.page
        .json(&only(&tale.company(), &["score", "grade", "as_of"]));
    tale.page
        .say(("名单事项的全部经过：", "The whole way of the entry:"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let events = tale.entry(&decider)["events"].clone();
    let rows: Vec<Vec<String>> = events
        .as_array()
        .unwrap()
        .iter()
        .map(|event| {
            let kind = event["kind"]["kind"].as_str().or(event["kind"].as_str());
            vec![
                text(&event["at"]).chars().take(10).collect(),
                kind.unwrap_or_default().to_owned(),
                text(&event["actor"]["role"]),
                text(&event["reason"]),
            ]
        })
        .collect();
    tale.page.table(
        &[
            ("日期", "day"),
            ("事件", "event"),
            ("身份", "capacity"),
            ("理由", "reason"),
        ],
        &rows,
    );
    let path = format!("/api/v1/documents?company={BAMBOO}");
    let documents = tale.get(&tale.officer, &path);
    let rows: Vec<Vec<String>> = documents
        .as_array()
        .unwrap()
        .iter()
        .map(|document| {
            vec![
                text(&document["mark"]),
                text(&document["title"]),
                text(&document["issued_at"]).chars().take(10).collect(),
            ]
        })
        .collect();
    assert_eq!(rows.len(), 5);
    tale.page.say((
        "出具的文书（`wuxin document list`）：",
        "The documents that were issued (`wuxin document list`):",
    ));
    tale.page.table(
        &[("文号", "number"), ("名称", "title"), ("日期", "day")],
        &rows,
    );
}
