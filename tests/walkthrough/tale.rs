//! The company, the people and the way to ask the service.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use wuxin::{
    domain::Uscc,
    feed::canonical::{Op, RepairState, Status},
    service::{
        self,
        Role::{Decider, Legal, Officer, Publisher, Reviewer},
    },
    store::feed,
};

use crate::{
    house::{BAMBOO, House, Person},
    page::{Page, Words},
};

/// What is shown of a record for the platform.
const COLUMNS: [&str; 9] = [
    "record_version",
    "op",
    "status",
    "list_name",
    "decision_no",
    "display_until",
    "repair_state",
    "exit_date",
    "exit_reason",
];

pub struct Tale<'h> {
    pub house: &'h House,
    pub page: Page,
    pub officer: Person,
    /// Confirms the record.
    pub reviewer: Person,
    /// Examines the objection and the rectification.
    pub examiner: Person,
    pub lawyer: Person,
    pub decider: Person,
    pub publisher: Person,
    /// Ids once they are known.
    pub record: String,
    pub entry: String,
}

/// An instant in Asia/Shanghai.
fn instant(text: &str) -> DateTime<Utc> {
    format!("{}:00+08:00", text.replace(' ', "T"))
        .parse()
        .unwrap()
}

impl<'h> Tale<'h> {
    pub fn begin(house: &'h House) -> Self {
        let mut tale = Self {
            house,
            page: Page::default(),
            officer: house.person(Officer, None),
            reviewer: house.person(Reviewer, None),
            examiner: house.person(Reviewer, None),
            lawyer: house.person(Legal, None),
            decider: house.person(Decider, None),
            publisher: house.person(Publisher, None),
            record: String::new(),
            entry: String::new(),
        };
        tale.page
            .heading(1, ("一家企业走完全程", "One company, all the way"));
        tale.page.say((
            "从双随机抽查发现问题，到列入名单，再到信用修复移出。企业、人员、文号均为虚构；下面的得分、期限、文书编号和拒绝理由都是系统在测试中\
             （`tests/walkthrough.rs`）实际给出的，不是手写的：页面与运行结果逐字节一致，否则测试失败。时间为北京时间；记录和事项的编号是随机的，此处略去。",
            "From the finding of a spot check to the list, and off it by credit repair. Company, people and numbers are invented; scores, periods, \
             document numbers and refusals are what the service answered in `tests/walkthrough.rs`, which fails if a byte of this page differs. Answers are in Chinese, \
             as officers and companies read them. Times are those of Asia/Shanghai; random ids are left out.",
        ));
        tale
    }

    pub fn end(self) -> Page {
        for text in [self.page.chinese(), self.page.english()] {
            for id in [&self.record, &self.entry] {
                assert!(
                    !text.contains(id.as_str()),
                    "the page tells a random id: {id}"
                );
            }
        }
        self.page
    }

    /// Sets the clock, runs the nightly jobs, and opens a section.
    pub fn at(&mut self, when: &str, (chinese, english): Words) {
        let now = instant(when);
        self.house.hand.set(now);
        let app = &self.house.app;
        app.store
            .write(|db| service::expire_due(db, app, now))
            .unwrap();
        app.store
            .write(|db| service::rescore_due(db, app, now))
            .unwrap();
        self.page.heading(
            3,
            (&format!("{when}　{chinese}"), &format!("{when} {english}")),
        );
    }

    #[track_caller]
    pub fn get(&self, person: &Person, path: &str) -> Value {
        let answer = self.house.get_as(person, path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    /// A refusal, with accounts by what they do in this tale.
    pub fn refusal(&mut self, lead: Words, mut problem: Value) {
        let mut detail = text(&problem["detail"]).to_owned();
        for (person, name) in [(&self.reviewer, "复核人甲"), (&self.examiner, "复核人乙")] {
            detail = detail.replace(&person.id, name);
        }
        problem["detail"] = json!(detail);
        self.page.refusal(lead, &problem);
    }

    /// What anybody sees of the company.
    pub fn company(&self) -> Value {
        let answer = self.house.get(&format!("/api/v1/companies/{BAMBOO}"));
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    pub fn score(&self) -> String {
        let seen = self.company();
        format!(
            "{} {}",
            seen["score"].as_str().unwrap(),
            seen["grade"].as_str().unwrap()
        )
    }

    pub fn process(&self) -> Value {
        self.get(
            &self.examiner,
            &format!("/api/v1/records/{}/process", self.record),
        )
    }

    /// A step of the record upon what is there now.
    pub fn try_record(&self, person: &Person, step: &str, mut body: Value) -> crate::house::Answer {
        let process = self.process();
        for seen in ["version", "events"] {
            body[seen] = process[seen].clone();
        }
        let path = format!("/api/v1/records/{}/{step}", self.record);
        self.house.post(person, &path, &body)
    }

    #[track_caller]
    pub fn record_step(&self, person: &Person, step: &str, body: Value) {
        let answer = self.try_record(person, step, body);
        assert_eq!(answer.status, 200, "{step}: {}", answer.text());
    }

    pub fn entry(&self, person: &Person) -> Value {
        self.get(person, &format!("/api/v1/entries/{}", self.entry))
    }

    pub fn try_entry(&self, person: &Person, mut step: Value) -> crate::house::Answer {
        step["version"] = self.entry(&self.officer)["version"].clone();
        let path = format!("/api/v1/entries/{}/steps", self.entry);
        self.house.post(person, &path, &step)
    }

    #[track_caller]
    pub fn entry_step(&self, person: &Person, step: Value) -> Value {
        let answer = self.try_entry(person, step);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// Issues a document, and checks that what is kept has the digest that was told: number and digest.
    #[track_caller]
    pub fn document(&self, matter: &str, content: &Value) -> (String, String) {
        let id = if matter == "entries" {
            &self.entry
        } else {
            &self.record
        };
        let path = format!("/api/v1/{matter}/{id}/documents");
        let answer = self.house.post(&self.officer, &path, content);
        assert_eq!(answer.status, 201, "{}", answer.text());
        let view = answer.json();
        let path = format!(
            "/api/v1/documents/{}?original=true",
            view["id"].as_str().unwrap()
        );
        let printed = self.house.get_as(&self.officer, &path);
        assert_eq!(printed.status, 200);
        let digest = hex::encode(Sha256::digest(&printed.body));
        assert_eq!(view["digest"], digest);
        (view["mark"].as_str().unwrap().to_owned(), digest)
    }

    /// The board of deadlines (`GET /api/v1/deadlines`) of this company.
    pub fn board(&mut self) {
        let path = format!("/api/v1/deadlines?company={BAMBOO}");
        let board = self.get(&self.officer, &path);
        let columns = ["what", "who", "period", "start_on"];
        let rows: Vec<Vec<String>> = board
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| {
                row["matter"] == self.record.as_str() || row["matter"] == self.entry.as_str()
            })
            .map(|row| {
                let mut cells = vec![row["due_on"].as_str().unwrap_or("—").to_owned()];
                cells.extend(columns.map(|name| text(&row[name]).to_owned()));
                cells.push(text(&row["standing"]).to_owned());
                cells
            })
            .collect();
        assert!(!rows.is_empty(), "{board}");
        self.page.table(
            &[
                ("届满", "due"),
                ("期限", "what"),
                ("责任方", "duty"),
                ("长度", "length"),
                ("起算", "from"),
                ("状况", "standing"),
            ],
            &rows,
        );
    }

    /// What lies in the outbox for the platform, in order.
    pub fn platform(&mut self) {
        let app = &self.house.app;
        let company = Uscc::parse(BAMBOO).unwrap();
        let changes = app
            .store
            .read(|db| feed::changes_of_company(db, &app.target, &company))
            .unwrap();
        let mut rows = Vec::new();
        for change in changes {
            let sent: Value = serde_json::from_str(&change.change.payload).unwrap();
            let text = |name: &str| match &sent[name] {
                Value::String(text) => coded(name, text),
                Value::Null => "—".to_owned(),
                other => other.to_string(),
            };
            rows.push(COLUMNS.iter().map(|name| text(name)).collect());
        }
        self.page.table(&COLUMNS.map(|name| (name, name)), &rows);
    }
}

/// A code with its word.
fn coded(name: &str, code: &str) -> String {
    let word = match name {
        "op" => Op::from_code(code).map(Op::chinese),
        "status" => Status::from_code(code).map(Status::chinese),
        "repair_state" => RepairState::from_code(code).map(RepairState::chinese),
        _ => None,
    };
    word.map_or_else(|| code.to_owned(), |word| format!("{code} {word}"))
}

/// A text without its quotation marks.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value}"))
}

/// Some fields of an answer, in the order asked for.
pub fn only(value: &Value, fields: &[&str]) -> Value {
    let mut kept = json!({});
    for field in fields {
        if let Some(found) = value.get(field) {
            kept[*field] = found.clone();
        }
    }
    kept
}
