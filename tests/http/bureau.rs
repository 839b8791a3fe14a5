//! People who walk a list entry through its steps over HTTP.

use serde_json::{Value, json};
use wuxin::service::Role::{Decider, Legal, Officer, Publisher};

use crate::house::{Answer, House, Person, july};

/// The people of the bureau.
pub struct Bureau<'a> {
    house: &'a House,
    pub officer: Person,
    pub lawyer: Person,
    pub decider: Person,
    pub publisher: Person,
}

pub const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

impl<'a> Bureau<'a> {
    pub fn of(house: &'a House) -> Self {
        Self {
            house,
            officer: house.person(Officer, None),
            lawyer: house.person(Legal, None),
            decider: house.person(Decider, None),
            publisher: house.person(Publisher, None),
        }
    }

    /// The proposal that the rules opened.
    pub fn proposed(&self, company: &str, list: &str) -> Value {
        let all = self
            .house
            .get_as(&self.officer, "/api/v1/entries?state=proposed")
            .json();
        all.as_array()
            .unwrap()
            .iter()
            .find(|entry| entry["company"] == company && entry["list"] == list)
            .unwrap_or_else(|| panic!("{company} {list}: {all}"))
            .clone()
    }

    pub fn try_step(&self, person: &Person, entry: &Value, step: Value) -> Answer {
        let mut body = step;
        body["version"] = entry["version"].clone();
        let path = format!("/api/v1/entries/{}/steps", entry["id"].as_str().unwrap());
        self.house.post(person, &path, &body)
    }

    #[track_caller]
    pub fn step(&self, person: &Person, entry: &Value, step: Value, state: &str) -> Value {
        let answer = self.try_step(person, entry, step);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let entry = answer.json();
        assert_eq!(entry["state"], state, "{entry}");
        entry
    }

    pub fn noticed(&self, entry: &Value) -> Value {
        let reviewed = self.step(
            &self.lawyer,
            entry,
            json!({ "action": "review", "opinion": "事实清楚" }),
            "proposed",
        );
        let issued = self.step(&self.officer, &reviewed, issue(), "issued");
        self.step(&self.officer, &issued, serve("2026-07-01"), "noticed")
    }

    pub fn decided(&self, entry: &Value) -> Value {
        let noticed = self.noticed(entry);
        self.house.hand.set(july(9));
        self.step(&self.decider, &noticed, decide(&noticed), "decided")
    }

    pub fn served(&self, entry: &Value) -> Value {
        let decided = self.decided(entry);
        self.step(
            &self.officer,
            &decided,
            serve_decision("2026-07-09"),
            "served",
        )
    }

    pub fn published(&self, entry: &Value) -> Value {
        let served = self.served(entry);
        self.step(&self.publisher, &served, publish(), "published")
    }
}

pub fn issue() -> Value {
    json!({ "action": "issue_notice", "number": "示建告〔2026〕1号", "digest": DIGEST })
}

pub fn serve(day: &str) -> Value {
    json!({
        "action": "serve_notice", "method": { "method": "direct" }, "delivered_on": day, "proof": "送达回证",
    })
}

/// A complete decision of 9 July.
pub fn decide(entry: &Value) -> Value {
    json!({
        "action": "decide", "number": "示建信决〔2026〕1号", "facts": "评价为 B 级以下，说明附后", "evidence": ["评分说明"],
        "reason": "信用等级为 B 级以下", "clauses": ["第十六条"], "severity": entry["severity"], "term": null,
        "measures": [{ "measure": "列为重点监管对象", "catalogue": "第十一项" }],
        "removal": "公示期满自动移出；最短公示期满并完成整改的可以申请提前移出",
        "repair": { "route": "向信用中国网站申请", "notice": "示建修〔2026〕1号" },
        "heard": { "heard": "nothing" },
        "remedies": {
            "review_organ": "示例市人民政府", "review_days": 60, "court": "示例市人民法院", "lawsuit_months": 6,
        },
        "organ": "示例市住房和城乡建设局", "dated": "2026-07-09", "seal": "示例市住房和城乡建设局", "digest": DIGEST,
    })
}

pub fn serve_decision(day: &str) -> Value {
    json!({
        "action": "serve_decision", "method": { "method": "direct" }, "delivered_on": day, "proof": "送达回证",
        "repair_notice": "示建修〔2026〕1号",
    })
}

pub fn publish() -> Value {
    json!({ "action": "publish", "digest": DIGEST, "exceptionally": null })
}
