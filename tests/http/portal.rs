//! What a company sees of itself: its records, its periods, its score and its report, and nothing of another company.

use serde_json::{Value, json};
use wuxin::{
    config::{Report, Secret, Settings},
    service::Role::{Officer, Reviewer},
};

use crate::{
    bureau::Bureau,
    house::{BAMBOO, House, ORANGE, PINE, Person, Seat},
    on_both,
    support::TestStore,
};

on_both!(
    a_company_follows_its_record_from_the_notice_to_the_rectification,
    nobody_reads_a_record_of_another_company,
    a_company_hears_of_a_listing_with_the_notice_and_not_before,
    the_score_is_told_line_by_line_with_what_would_change_it,
    the_code_of_a_report_proves_it_where_the_report_says,
    without_a_key_the_report_says_that_nobody_can_check_it,
    the_portal_is_for_companies_alone,
);

const PAGES: [&str; 4] = ["/my", "/my/records", "/my/score", "/my/report"];

/// A record of 示例松鹤, entered and confirmed, and the people who work on it.
struct Matter<'h> {
    house: &'h House,
    officer: Person,
    reviewer: Person,
    examiner: Person,
    id: String,
}

impl<'h> Matter<'h> {
    fn draft(house: &'h House) -> Self {
        let officer = house.person(Officer, None);
        let draft = json!({
            "item": "CMP-01", "kind": "complaint", "company": PINE, "project": "XM-01",
            "decided_on": "2026-06-29", "rectify_by": "2026-07-20", "attributes": { "level": "city" },
        });
        Self {
            id: house.enter(&officer, &draft),
            house,
            officer,
            reviewer: house.person(Reviewer, None),
            examiner: house.person(Reviewer, None),
        }
    }

    fn confirm(&self) {
        let path = format!("/api/v1/records/{}/confirm", self.id);
        let confirmed = self
            .house
            .post(&self.reviewer, &path, &json!({ "version": 1 }));
        assert_eq!(confirmed.status, 200, "{}", confirmed.text());
    }

    fn step(&self, person: &Person, step: &str, mut body: Value) {
        let path = |step: &str| format!("/api/v1/records/{}/{step}", self.id);
        let process = self.house.get_as(person, &path("process")).json();
        for seen in ["version", "events"] {
            body[seen] = process[seen].clone();
        }
        let answer = self.house.post(person, &path(step), &body);
        assert_eq!(answer.status, 200, "{step}: {}", answer.text());
    }

    fn served(&self) {
        let number = json!({ "number": "示建记告〔2026〕1号" });
        self.step(&self.officer, "notice", number);
        let served = json!({ "method": { "method": "direct" }, "delivered_on": "2026-07-01", "proof": "送达回证" });
        self.step(&self.officer, "served", served);
    }

    fn page(&self) -> String {
        format!("/my/records/{}", self.id)
    }
}

#[track_caller]
fn shows(house: &House, seat: &Seat, path: &str, parts: &[&str]) -> String {
    let answer = house.page(seat, path);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    let text = answer.text();
    for part in parts {
        assert!(text.contains(part), "{path}: {part}: {text}");
    }
    text
}

fn a_company_follows_its_record_from_the_notice_to_the_rectification(test: &TestStore) {
    let house = House::new(test);
    let pine = house.company_user(PINE);
    let matter = Matter::draft(&house);
    let draft = house.page(&pine, &matter.page());
    assert_eq!(
        draft.status,
        404,
        "nothing is determined yet: {}",
        draft.text()
    );
    assert!(!shows(&house, &pine, "/my/records", &[]).contains(&matter.id));
    matter.confirm();
    shows(
        &house,
        &pine,
        "/my/records",
        &[&matter.page(), "项目 XM-01", "已认定"],
    );
    let told = ["记分告知单尚未送达", "10个工作日", "待核实"];
    shows(&house, &pine, &matter.page(), &told);
    matter.served();
    let todo = [
        "（示建记告〔2026〕1号）可在 2026-07-15 前（含当日）提出异议，尚余 10 个工作日",
        "须在 2026-07-20 前（含当日）完成整改并报告",
        &matter.page(),
    ];
    shows(&house, &pine, "/my", &todo);
    let own = [
        "可在 2026-07-15 前（含当日）提出异议。",
        "告知单文号（示建记告〔2026〕1号）",
        "须在 2026-07-20 前（含当日）完成整改。",
        "本市未规定，由主管部门确定",
        "送达日期",
        "没有登记的材料",
    ];
    shows(&house, &pine, &matter.page(), &own);
    let objection =
        json!({ "number": "异〔2026〕1号", "grounds": "与事实不符", "received_on": "2026-07-01" });
    matter.step(&matter.officer, "object", objection);
    let text = shows(
        &house,
        &pine,
        &matter.page(),
        &["异〔2026〕1号", "最迟 2026-07-06 答复", "异议中"],
    );
    assert!(
        !text.contains("加盖公章"),
        "it is not asked to object twice: {text}"
    );
    let opinion = json!({ "reason": "现场照片与事实相符" });
    matter.step(&matter.examiner, "reject", opinion);
    shows(&house, &pine, &matter.page(), &["异议已经办结", "不成立"]);
    let report = json!({ "statement": "已整改", "rectified_on": "2026-07-01" });
    matter.step(&matter.officer, "rectification", report);
    shows(&house, &pine, &matter.page(), &["最迟 2026-07-08 完成复核"]);
    matter.step(&matter.examiner, "accept", json!({ "opinion": "属实" }));
    shows(
        &house,
        &pine,
        &matter.page(),
        &["已于 2026-07-01 完成整改", "复核通过", "已整改"],
    );
    let home = shows(&house, &pine, "/my", &["目前没有需要企业办理的事项"]);
    assert!(!home.contains("提出异议，"), "{home}");
}

fn nobody_reads_a_record_of_another_company(test: &TestStore) {
    let house = House::new(test);
    let matter = Matter::draft(&house);
    matter.confirm();
    matter.served();
    for uscc in [ORANGE, BAMBOO] {
        let other = house.company_user(uscc);
        let foreign = house.page(&other, &matter.page());
        let unknown = house.page(&other, "/my/records/00000000");
        assert_eq!(
            (foreign.status.as_u16(), unknown.status.as_u16()),
            (404, 404)
        );
        // But for the id that was asked for, and that of the request, the answers are the same.
        let plain = |answer: &crate::house::Answer, id: &str| {
            let request = answer.header("x-request-id").to_owned();
            answer.text().replace(id, "ID").replace(&request, "REQUEST")
        };
        assert_eq!(plain(&foreign, &matter.id), plain(&unknown, "00000000"));
        for path in PAGES {
            let asked = format!("{path}?uscc={PINE}&company={PINE}");
            let text = shows(&house, &other, &asked, &[uscc]);
            assert!(
                !text.contains(PINE) && !text.contains(&matter.id),
                "{asked}: {text}"
            );
        }
    }
}

fn a_company_hears_of_a_listing_with_the_notice_and_not_before(test: &TestStore) {
    let house = House::new(test);
    let pine = house.company_user(PINE);
    let bureau = Bureau::of(&house);
    let entry = bureau.proposed(PINE, "red");
    let before = shows(&house, &pine, "/my", &["没有正在计算的期限"]);
    assert!(!before.contains("名单事项"), "{before}");
    bureau.noticed(&entry);
    let after = shows(&house, &pine, "/my", &["名单事项"]);
    assert!(!after.contains("没有正在计算的期限"), "{after}");
}

fn the_score_is_told_line_by_line_with_what_would_change_it(test: &TestStore) {
    let house = House::new(test);
    let bamboo = house.company_user(BAMBOO);
    let parts = [
        "70.25",
        "得分如何算出",
        "今后会怎样",
        "怎样提高等级",
        "逐项试算",
    ];
    shows(&house, &bamboo, "/my/score", &parts);
    shows(&house, &bamboo, "/my", &["70.25", "可以办理的事项"]);
}

fn signing(test: &TestStore) -> House {
    let settings = Settings {
        report: Report {
            key: Some(Secret::new("a key of thirty-two bytes, or so")),
            key_file: None,
        },
        ..Settings::default()
    };
    House::with_settings(test, settings)
}

fn the_code_of_a_report_proves_it_where_the_report_says(test: &TestStore) {
    let house = signing(test);
    let pine = house.company_user(PINE);
    let digest =
        house.get(&format!("/api/v1/companies/{PINE}")).json()["ruleset"]["digest"].clone();
    let parts = [
        PINE,
        "98.20",
        "2026-07-01",
        digest.as_str().unwrap(),
        "没有公示中的名单信息",
    ];
    let text = shows(&house, &pine, "/my/report", &parts);
    let path = text.split("<a href=\"/report/").nth(1).unwrap();
    let code = path.split('"').next().unwrap();
    let checked = house.get(&format!("/report/{code}"));
    assert_eq!(checked.status, 200);
    for part in ["核验通过", PINE, "98.20", "该结果至今没有变化"] {
        assert!(checked.text().contains(part), "{part}: {}", checked.text());
    }
    // After another record the report is what it was, and no longer the last word.
    let matter = Matter::draft(&house);
    matter.confirm();
    let later = house.get(&format!("/report/{code}")).text();
    assert!(
        later.contains("核验通过") && later.contains("98.20"),
        "{later}"
    );
    assert!(!later.contains("该结果至今没有变化"), "{later}");
    let anew = shows(&house, &pine, "/my/report", &[]);
    assert!(!anew.contains(code), "another result has another code");
}

fn without_a_key_the_report_says_that_nobody_can_check_it(test: &TestStore) {
    let house = House::new(test);
    let pine = house.company_user(PINE);
    let text = shows(
        &house,
        &pine,
        "/my/report",
        &["98.20", "没有配置信用报告密钥"],
    );
    assert!(!text.contains("查验码 <code>"), "{text}");
}

fn the_portal_is_for_companies_alone(test: &TestStore) {
    let house = House::new(test);
    let official = house.signed_in(Officer, Some("512002"));
    for path in PAGES.into_iter().chain(["/my/records/x"]) {
        assert_eq!(house.page(&official, path).status, 403, "{path}");
        let nobody = house.get(path);
        assert_eq!(nobody.status, 303, "{path}");
        let back = format!("/sign-in?to={}", path.replace('/', "%2F"));
        assert_eq!(nobody.header("location"), back);
    }
}
