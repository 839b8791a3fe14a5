//! What comes after the publication: hidden and shown again, back after a repair, and what the platform hears of it.

use serde_json::{Value, json};
use wuxin::{
    service::Role::{Decider, Legal, Officer},
    store::feed as outbox,
};

use crate::{
    bureau::{Bureau, DIGEST, decide, publish},
    house::{BAMBOO, House, MULBERRY, PINE, july},
    on_both,
    support::TestStore,
};

on_both!(
    a_red_entry_is_hidden_beside_an_adverse_one_and_comes_back,
    a_red_entry_that_was_withdrawn_without_a_step_comes_back_too,
    two_entries_of_one_company_end_in_the_same_night,
    a_record_that_was_withdrawn_stays_so_and_the_entry_comes_back_under_a_new_one,
    statements_are_answered_before_the_decision,
    a_stay_hides_an_entry_everywhere,
    the_serious_list_needs_a_basis_that_two_people_approved,
    an_entry_tells_what_runs_and_what_can_be_done,
);

/// What the outbox holds for a company, in order.
fn payloads(house: &House, company: &str) -> Vec<Value> {
    let code = company.parse().unwrap();
    let target = &house.app.target;
    let read = |db: &mut wuxin::service::Db| outbox::changes_of_company(db, target, &code);
    let changes = house.app.store.read(read).unwrap().into_iter();
    changes
        .map(|known| serde_json::from_str(&known.change.payload).unwrap())
        .collect()
}

/// (record, version, op, status, previous record) of everything in the outbox for a company, in order.
fn told(house: &House, company: &str) -> Vec<(String, i64, String, String, Value)> {
    let code = company.parse().unwrap();
    let target = &house.app.target;
    let changes = house
        .app
        .store
        .read(|db| outbox::changes_of_company(db, target, &code))
        .unwrap();
    changes
        .into_iter()
        .map(|known| {
            let payload: Value = serde_json::from_str(&known.change.payload).unwrap();
            let word = |name: &str| payload[name].as_str().unwrap().to_owned();
            (
                known.change.record_id,
                known.change.version,
                known.change.op,
                word("status"),
                payload["previous_record_id"].clone(),
            )
        })
        .collect()
}

/// Version, operation and status only.
fn short(house: &House, company: &str) -> Vec<String> {
    let told = told(house, company);
    told.into_iter()
        .map(|(_, version, op, status, _)| format!("{version} {op}/{status}"))
        .collect()
}

fn watch_by_hand(house: &House, bureau: &Bureau<'_>, company: &str) -> Value {
    let body = json!({
        "company": company, "list": "watch", "severity": "一般", "clauses": ["第十六条"], "reason": "示例事由",
        "persons": [{ "name": "示例甲", "link": "legal_representative" }],
    });
    let answer = house.post(&bureau.officer, "/api/v1/entries", &body);
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

fn read(house: &House, bureau: &Bureau<'_>, entry: &Value) -> Value {
    let path = format!("/api/v1/entries/{}", entry["id"].as_str().unwrap());
    house.get_as(&bureau.officer, &path).json()
}

fn a_red_entry_is_hidden_beside_an_adverse_one_and_comes_back(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::of(&house);
    let watch = bureau.noticed(&watch_by_hand(&house, &bureau, PINE));
    let red = bureau.published(&bureau.proposed(PINE, "red"));
    let shown = || house.get("/api/v1/lists").text().contains(PINE);
    assert!(shown());
    let decided = bureau.step(&bureau.decider, &watch, decide(&watch), "decided");
    assert_eq!(read(&house, &bureau, &red)["state"], "shielded");
    assert!(!shown());
    let exit = json!({ "action": "request_exit", "exit": {
        "exit": "revoked", "explanation": "处罚被撤销", "cause": "annulled", "known_on": "2026-07-09",
    } });
    let requested = bureau.step(&bureau.officer, &decided, exit, "decided");
    let approve =
        json!({ "action": "approve_exit", "number": "示建信撤〔2026〕1号", "digest": DIGEST });
    bureau.step(&bureau.decider, &requested, approve, "revoked");
    let back = read(&house, &bureau, &red);
    assert_eq!(back["state"], "published");
    assert!(shown());
    let kinds: Vec<&str> = back["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|event| event["kind"]["kind"].as_str())
        .collect();
    assert_eq!(kinds[kinds.len() - 2..], ["shielded", "unshielded"]);
    // Taken down, and shown again as a new record, which names the old one.
    assert_eq!(short(&house, PINE), ["1 1/0", "2 3/1", "1 1/0"]);
    let told = told(&house, PINE);
    assert_ne!(told[2].0, told[0].0);
    assert_eq!(told[2].4, json!(told[0].0));
}

fn two_entries_of_one_company_end_in_the_same_night(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::of(&house);
    let watch = bureau.noticed(&watch_by_hand(&house, &bureau, PINE));
    let red = bureau.published(&bureau.proposed(PINE, "red"));
    let decided = bureau.step(&bureau.decider, &watch, decide(&watch), "decided");
    assert_eq!(read(&house, &bureau, &red)["state"], "shielded");
    let night = "2027-07-09T16:05:00Z".parse().unwrap();
    house.hand.set(night);
    let app = &house.app;
    let ended = app
        .store
        .write(|db| wuxin::service::expire_due(db, app, night))
        .unwrap();
    assert_eq!(ended, 2);
    for entry in [&red, &decided] {
        assert_eq!(read(&house, &bureau, entry)["state"], "removed");
    }
    assert_eq!(
        short(&house, PINE),
        ["1 1/0", "2 3/1"],
        "it was gone already"
    );
}

/// Until hiding was a step of its own, a red entry was withdrawn for good and stayed public by its state.
fn a_red_entry_that_was_withdrawn_without_a_step_comes_back_too(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::of(&house);
    let watch = bureau.noticed(&watch_by_hand(&house, &bureau, PINE));
    bureau.published(&bureau.proposed(PINE, "red"));
    house
        .app
        .store
        .write(|db| {
            let company = PINE.parse().unwrap();
            let shown = outbox::changes_of_company(db, &house.app.target, &company)?;
            let gone = outbox::NewChange {
                version: 2,
                op: "3".to_owned(),
                withdrawal: true,
                digest: "0".repeat(64),
                ..shown[0].change.clone()
            };
            outbox::enqueue(db, &gone, july(9))
        })
        .unwrap();
    let decided = bureau.step(&bureau.decider, &watch, decide(&watch), "decided");
    let exit = json!({ "action": "request_exit", "exit": { "exit": "revoked", "explanation": "处罚被撤销" } });
    let requested = bureau.step(&bureau.officer, &decided, exit, "decided");
    let approve =
        json!({ "action": "approve_exit", "number": "示建信撤〔2026〕1号", "digest": DIGEST });
    bureau.step(&bureau.decider, &requested, approve, "revoked");
    let told = told(&house, PINE);
    assert_eq!(told.len(), 3);
    assert_ne!(told[2].0, told[0].0);
    assert_eq!((told[2].1, told[2].2.as_str()), (1, "1"));
    assert_eq!(told[2].4, json!(told[0].0));
}

fn a_record_that_was_withdrawn_stays_so_and_the_entry_comes_back_under_a_new_one(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::of(&house);
    let published = bureau.published(&bureau.proposed(MULBERRY, "watch"));
    house.hand.set("2026-10-12T01:00:00Z".parse().unwrap());
    let ask = json!({ "action": "request_exit", "exit": {
        "exit": "repaired", "application": "申请1号", "fulfilment": "整改验收单", "commitment": "信用承诺书",
        "received_on": "2026-10-12",
    } });
    let asked = bureau.step(&bureau.officer, &published, ask, "published");
    let accept = json!({ "action": "accept_repair", "number": "受理1号" });
    let accepted = bureau.step(&bureau.lawyer, &asked, accept, "published");
    let approve =
        json!({ "action": "approve_exit", "number": "示建信移〔2026〕1号", "digest": DIGEST });
    let removed = bureau.step(&bureau.decider, &accepted, approve, "removed");
    let fraud =
        json!({ "action": "request_restoration", "fraud": "验收单系伪造", "digest": DIGEST });
    let requested = bureau.step(&bureau.officer, &removed, fraud, "removed");
    house.hand.set("2026-10-14T01:00:00Z".parse().unwrap());
    let restore = json!({
        "action": "restore", "number": "示建信恢〔2026〕1号", "reason": "以欺骗手段取得修复", "digest": DIGEST,
    });
    let restored = bureau.step(&bureau.decider, &requested, restore, "published");
    let company = house.get(&format!("/api/v1/companies/{MULBERRY}")).json();
    assert_eq!(company["lists"][0]["display_until"], "2027-10-14");
    bureau.step(
        &bureau.officer,
        &restored,
        json!({ "action": "dispute", "number": "异议1号" }),
        "published",
    );
    let id = published["id"].as_str().unwrap();
    let told = told(&house, MULBERRY);
    assert_eq!(
        short(&house, MULBERRY),
        ["1 1/0", "2 2/0", "3 3/1", "1 1/0", "2 2/2"]
    );
    let old: Vec<bool> = told.iter().map(|change| change.0 == id).collect();
    assert_eq!(old, [true, true, true, false, false]);
    assert_eq!(told[3].0, told[4].0);
    assert_eq!((&told[3].4, &told[4].4), (&json!(id), &json!(id)));
    assert_eq!(told[0].4, Value::Null);
    // The platform hears that a repair is under way, and why the entry left: not how the duties were fulfilled.
    let fields = |name: &str| -> Vec<Value> {
        let payloads = payloads(&house, MULBERRY);
        payloads
            .iter()
            .map(|payload| payload[name].clone())
            .collect()
    };
    assert_eq!(fields("repair_state"), ["0", "1", "2", "0", "0"]);
    assert_eq!(fields("exit_reason")[2], "信用修复，提前移出名单");
    assert_eq!(fields("org_code")[0], MULBERRY[8..17]);
    assert_eq!(fields("remark")[4], "异议处理中（异议1号）");
    assert!(
        !payloads(&house, MULBERRY)
            .iter()
            .any(|one| one.to_string().contains("整改验收单"))
    );
}

fn statements_are_answered_before_the_decision(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::of(&house);
    let noticed = bureau.noticed(&bureau.proposed(MULBERRY, "watch"));
    let receive = json!({
        "action": "receive_statement", "kind": "hearing", "number": "听证申请1号", "received_on": "2026-07-01",
        "digest": DIGEST,
    });
    let asked = bureau.step(&bureau.officer, &noticed, receive, "noticed");
    house.hand.set(july(9));
    let refused = bureau
        .try_step(&bureau.decider, &asked, decide(&asked))
        .problem(409, "illegal-step");
    assert!(refused["detail"].as_str().unwrap().contains("听证申请1号"));
    let hold = json!({
        "action": "hold_hearing", "number": "听证申请1号", "held_on": "2026-07-08", "minutes": "听证笔录1号",
        "digest": DIGEST,
    });
    let held = bureau.step(&bureau.officer, &asked, hold, "noticed");
    let answer = json!({
        "action": "answer_statement", "number": "听证申请1号", "answer": "答复1号", "adopted": true, "reason": "部分采纳",
        "digest": DIGEST,
    });
    let answered = bureau.step(&bureau.lawyer, &held, answer, "noticed");
    let told = bureau
        .try_step(&bureau.decider, &answered, decide(&answered))
        .problem(409, "illegal-step");
    assert!(
        told["detail"].as_str().unwrap().contains("不一致"),
        "{told}"
    );
    let mut incomplete = decide(&answered);
    incomplete["seal"] = Value::Null;
    incomplete["measures"] = json!([{ "measure": "列为重点监管对象" }]);
    let missing = bureau
        .try_step(&bureau.decider, &answered, incomplete)
        .problem(409, "illegal-step");
    let detail = missing["detail"].as_str().unwrap();
    assert!(
        detail.contains("印章") && detail.contains("基础清单"),
        "{detail}"
    );
    let mut leaking = decide(&answered);
    leaking["facts"] = json!("联系人13800138000");
    bureau
        .try_step(&bureau.decider, &answered, leaking)
        .problem(409, "illegal-step");
    let mut whole = decide(&answered);
    whole["heard"] = json!({ "heard": "each", "answers": [
        { "statement": "听证申请1号", "answer": "答复1号", "adopted": true },
    ] });
    bureau.step(&bureau.decider, &answered, whole, "decided");
}

fn a_stay_hides_an_entry_everywhere(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::of(&house);
    let published = bureau.published(&bureau.proposed(MULBERRY, "watch"));
    let company = format!("/api/v1/companies/{MULBERRY}");
    let page = format!("/companies/{MULBERRY}");
    let paths = ["/api/v1/lists", "/lists", &company, &page];
    let seen = || paths.map(|path| house.get(path).text().contains("示建信决〔2026〕1号"));
    assert_eq!(seen(), [true; 4]);
    let stay = json!({
        "action": "shield", "cause": { "cause": "stay" }, "document": "停止执行裁定1号", "digest": DIGEST,
    });
    let hidden = bureau.step(&bureau.officer, &published, stay, "shielded");
    assert_eq!(seen(), [false; 4]);
    let unshield = json!({ "action": "unshield", "reason": "裁定已撤销" });
    bureau.step(&bureau.decider, &hidden, unshield, "published");
    assert_eq!(seen(), [true; 4]);
    assert_eq!(short(&house, MULBERRY), ["1 1/0", "2 2/3", "3 2/0"]);
}

fn the_serious_list_needs_a_basis_that_two_people_approved(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::of(&house);
    let propose = |severity: &str| {
        let body = json!({
            "company": BAMBOO, "list": "serious", "severity": severity, "clauses": ["第十条"], "reason": "示例事由",
        });
        house.post(&bureau.officer, "/api/v1/entries", &body)
    };
    propose("严重").problem(409, "illegal-step");
    let draft = json!({
        "list": "serious", "level": "地方性法规", "title": "示例市物业信用条例", "number": "示例公告第1号", "article": "第十条",
        "effective_from": "2026-01-01", "effective_until": "2027-12-31",
    });
    let entered = house
        .post(&bureau.lawyer, "/api/v1/list-bases", &draft)
        .json();
    let step = |name: &str| {
        format!(
            "/api/v1/list-bases/{}/{name}",
            entered["id"].as_str().unwrap()
        )
    };
    house
        .post(&bureau.lawyer, &step("approve"), &json!({}))
        .problem(403, "forbidden");
    let once = house
        .post(&bureau.decider, &step("approve"), &json!({}))
        .json();
    assert_eq!(once["carries"], false);
    house
        .post(&bureau.decider, &step("approve"), &json!({}))
        .problem(409, "conflict");
    propose("严重").problem(409, "illegal-step");
    let second = house.person(Legal, None);
    let twice = house.post(&second, &step("approve"), &json!({})).json();
    assert_eq!(twice["carries"], true);
    assert_eq!(twice["approved_by"].as_array().unwrap().len(), 2);
    let proposed = propose("严重");
    assert_eq!(proposed.status, 201, "{}", proposed.text());
    let served = bureau.served(&proposed.json());
    // Taken back before the publication: nothing goes out.
    let path = step("withdraw");
    let reason = json!({ "reason": "条例已废止" });
    house
        .post(&bureau.decider, &path, &reason)
        .problem(403, "forbidden");
    let withdrawn = house.post(&bureau.lawyer, &path, &reason).json();
    assert_eq!(withdrawn["carries"], false);
    bureau
        .try_step(&bureau.publisher, &served, publish())
        .problem(409, "illegal-step");
    assert_eq!(short(&house, BAMBOO), Vec::<String>::new());
    house
        .post(&bureau.lawyer, &path, &reason)
        .problem(409, "conflict");
    assert_eq!(read(&house, &bureau, &served)["state"], "served");
}

fn an_entry_tells_what_runs_and_what_can_be_done(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::of(&house);
    let entry = bureau.proposed(MULBERRY, "watch");
    let path = format!("/api/v1/entries/{}", entry["id"].as_str().unwrap());
    let steps = |person| {
        let view = house.get_as(person, &path).json();
        let steps = view["steps"].as_array().unwrap().clone();
        steps
            .into_iter()
            .map(|step| {
                let open = if step["open"] == true { "+" } else { "-" };
                assert_eq!(step["why_not"].is_null(), step["open"] == true);
                format!("{open}{}", step["action"].as_str().unwrap())
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(steps(&bureau.lawyer), ["+review", "+drop", "-issue_notice"]);
    assert_eq!(
        steps(&bureau.officer),
        ["-review", "-drop", "-issue_notice"]
    );
    let noticed = bureau.noticed(&entry);
    let runs: Vec<&str> = noticed["deadlines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|clock| clock["rule"].as_str().unwrap())
        .collect();
    assert_eq!(runs, ["entry.statement", "entry.decide"]);
    let may = steps(&bureau.officer);
    assert!(may.contains(&"+receive_statement".to_owned()), "{may:?}");
    // Another division sees nothing of it.
    for role in [Officer, Decider] {
        let stranger = house.person(role, Some("512021"));
        house.get_as(&stranger, &path).problem(403, "forbidden");
    }
}
