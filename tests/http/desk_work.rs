//! What officials do at the desk: what is due, and how it is reached.

use serde_json::{Value, json};
use wuxin::service::Role::{Admin, Legal, Officer, Reviewer};

use crate::{
    bureau::Bureau,
    house::{House, MULBERRY, PINE, form, july},
    on_both,
    support::TestStore,
};

on_both!(
    the_first_page_says_what_is_due,
    an_account_sees_what_is_due_in_its_own_division,
    a_step_of_an_entry_is_taken_by_its_form,
    what_is_due_leads_to_its_entry,
);

/// A confirmed record of 示例松鹤, of 雁江区: a notice is due on 10 July. Its id.
fn confirmed(house: &House) -> String {
    let (officer, reviewer) = (house.person(Officer, None), house.person(Reviewer, None));
    let draft = json!({
        "item": "CMP-01", "kind": "complaint", "company": PINE, "project": "XM-01",
        "decided_on": "2026-06-29", "rectify_by": "2026-07-20", "attributes": { "level": "city" },
    });
    let id = house.enter(&officer, &draft);
    let path = format!("/api/v1/records/{id}/confirm");
    let answer = house.post(&reviewer, &path, &json!({ "version": 1 }));
    assert_eq!(answer.status, 200, "{}", answer.text());
    id
}

/// The periods of a record, as the interface tells them.
fn board(house: &House, id: &str) -> Vec<Value> {
    let officer = house.person(Officer, None);
    let all = house
        .get_as(&officer, "/api/v1/deadlines?limit=1000")
        .json();
    let rows = all.as_array().unwrap().iter();
    rows.filter(|row| row["matter"] == id).cloned().collect()
}

fn the_first_page_says_what_is_due(test: &TestStore) {
    let house = House::new(test);
    let id = confirmed(&house);
    let page = |day: u32| {
        house.hand.set(july(day));
        let seat = house.signed_in(Officer, Some("512002"));
        house.page(&seat, "/desk").text()
    };
    let rows = board(&house, &id);
    assert_eq!(rows.len(), 2, "{rows:?}");
    let text = page(1);
    assert!(text.contains("今天要做什么"), "{text}");
    for row in &rows {
        for part in ["what", "title", "standing", "basis"] {
            let part = row[part].as_str().unwrap();
            assert!(text.contains(part), "{part}: {text}");
        }
        let due = format!("期限至 {}", row["due_on"].as_str().unwrap());
        assert!(text.contains(&due), "{due}: {text}");
    }
    // What is overdue comes first, and is marked.
    let text = page(13);
    let late = text.find("逾期 3 日").unwrap_or_else(|| panic!("{text}"));
    let next = text.find("期限至 2026-07-20").unwrap();
    assert!(late < next && text.contains("class=\"flag bad\""), "{text}");
}

fn an_account_sees_what_is_due_in_its_own_division(test: &TestStore) {
    let house = House::new(test);
    let id = confirmed(&house);
    let title = board(&house, &id)[0]["title"].as_str().unwrap().to_owned();
    let sees = |role, region| {
        let seat = house.signed_in(role, region);
        house.page(&seat, "/desk").text()
    };
    assert!(sees(Reviewer, None).contains(&title));
    assert!(sees(Officer, Some("512002")).contains(&title));
    assert!(!sees(Officer, Some("512021")).contains(&title));
    // Who keeps accounts has no business with periods; where nothing runs, that is said.
    assert!(!sees(Admin, None).contains("今天要做什么"));
    let nothing = sees(Officer, Some("512099"));
    assert!(nothing.contains("没有正在计算的期限"), "{nothing}");
}

fn a_step_of_an_entry_is_taken_by_its_form(test: &TestStore) {
    let house = House::new(test);
    let proposed = Bureau::of(&house).proposed(MULBERRY, "watch");
    let path = format!("/desk/entries/{}", proposed["id"].as_str().unwrap());
    let step = format!("{path}/steps/review");
    let lawyer = house.signed_in(Legal, None);
    let listed = house.page(&lawyer, "/desk/entries?state=proposed").text();
    assert!(listed.contains(&path), "{listed}");
    let none = house.page(&lawyer, "/desk/entries?state=revoked").text();
    assert!(none.contains("没有这一状态的事项"), "{none}");
    let text = house.page(&lawyer, &path).text();
    for part in ["提请列入", &step] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let text = house.page(&lawyer, &step).text();
    for part in ["name=\"version\" value=\"1\"", "name=\"opinion\""] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // What is missing stands at its field; what the form does not have, above it.
    let answer = house.submit(&lawyer, &step, &[("version", "1"), ("opinion", " ")]);
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("opinion-error"), "{}", answer.text());
    let fields = [
        ("version", "1"),
        ("opinion", "其一"),
        ("state", "published"),
    ];
    let answer = house.submit(&lawyer, &step, &fields);
    assert_eq!(answer.status, 422);
    assert!(
        answer.text().contains("表单没有这一项"),
        "{}",
        answer.text()
    );
    assert_eq!(
        house.submit(&lawyer, &step, &[("opinion", "其一")]).status,
        400
    );
    // Without the token of the session, by another role, of another division: nothing.
    let fields = [("version", "1"), ("opinion", "事实清楚")];
    let bare = house.send(form(&step, Some(&lawyer.cookie), &fields));
    assert_eq!(bare.status, 403);
    let officer = house.signed_in(Officer, None);
    assert_eq!(house.submit(&officer, &step, &fields).status, 403);
    let text = house.page(&officer, &path).text();
    assert!(
        text.contains("现在不能办理") && !text.contains(&step),
        "{text}"
    );
    let stranger = house.signed_in(Legal, Some("512021"));
    assert_eq!(house.page(&stranger, &path).status, 403);
    assert_eq!(house.submit(&stranger, &step, &fields).status, 403);
    let unknown = format!("{path}/steps/expire");
    assert_eq!(house.page(&lawyer, &unknown).status, 404);
    // Taken once; a second form of the same page comes back with what has happened and what was typed.
    let answer = house.submit(&lawyer, &step, &fields);
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(answer.header("location"), path);
    let text = house.page(&lawyer, &path).text();
    assert!(text.contains("事实清楚"), "{text}");
    let again = [("version", "1"), ("opinion", "再次审核的意见")];
    let answer = house.submit(&lawyer, &step, &again);
    assert_eq!(answer.status, 409);
    let text = answer.text();
    for part in [
        "打开表单后发生了",
        "再次审核的意见",
        "事实清楚",
        "name=\"version\" value=\"2\"",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

fn what_is_due_leads_to_its_entry(test: &TestStore) {
    let house = House::new(test);
    let bureau = Bureau::of(&house);
    let entry = bureau.noticed(&bureau.proposed(MULBERRY, "watch"));
    let officer = house.signed_in(Officer, None);
    let path = format!("/desk/entries/{}", entry["id"].as_str().unwrap());
    let text = house.page(&officer, "/desk").text();
    assert!(text.contains(&format!("href=\"{path}\"")), "{text}");
    let text = house.page(&officer, &path).text();
    for part in ["期限至 ", "送达事先告知书", "制作事先告知书"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}
