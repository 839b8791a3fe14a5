//! Signed-in pages: every page, every role, at home and elsewhere, companies, and nobody, against one table. And accounts by three administrators.

use std::collections::BTreeSet;

use axum::{body::Body, http::Request};
use wuxin::service::Role::{self, Admin, Auditor, Officer, Reviewer, Security};

use crate::{
    bureau::Bureau,
    house::{Answer, House, ORANGE, PINE, Seat, form},
    matrix::routes_of,
    on_both,
    support::TestStore,
};

on_both!(
    every_page_is_for_those_of_the_table,
    an_account_needs_two_people,
    nobody_reaches_accounts_of_another_division,
    a_form_has_no_field_that_the_page_does_not,
);

/// The sources that name routes of signed-in pages. A file with such routes stands here, and each route of it in [`TABLE`].
const SOURCES: &[&str] = &[
    include_str!("../../src/web/desk.rs"),
    include_str!("../../src/web/desk/entries.rs"),
    include_str!("../../src/web/accounts.rs"),
    include_str!("../../src/web/my.rs"),
];

/// The door, which everybody reaches as far as they have come.
const DOOR: &[(&str, &str)] = &[
    ("get", "/sign-in"),
    ("post", "/sign-in"),
    ("get", "/sign-in/code"),
    ("post", "/sign-in/code"),
    ("get", "/sign-in/second-factor"),
    ("post", "/sign-in/second-factor"),
    ("post", "/sign-in/second-factor/new"),
    ("get", "/sign-in/password"),
    ("post", "/sign-in/password"),
    ("post", "/sign-out"),
    ("post", "/sign-out/everywhere"),
];

/// One page. The marks are for officer, reviewer, legal, decider, publisher, auditor, admin, security of the division of the thing.
struct Row {
    method: &'static str,
    path: &'static str,
    marks: &'static str,
    /// Whether it is for companies; each sees its own.
    company: bool,
    /// What an account of another division gets where the role may.
    elsewhere: u16,
    fields: &'static [(&'static str, &'static str)],
}

const fn row(method: &'static str, path: &'static str, marks: &'static str) -> Row {
    Row {
        method,
        path,
        marks,
        company: false,
        elsewhere: 403,
        fields: &[],
    }
}

const TABLE: &[Row] = &[
    Row {
        elsewhere: 200,
        ..row("get", "/desk", "xxxxxxxx")
    },
    Row {
        company: true,
        ..row("get", "/my", "........")
    },
    Row {
        company: true,
        ..row("get", "/my/records", "........")
    },
    Row {
        company: true,
        ..row("get", "/my/records/{id}", "........")
    },
    Row {
        company: true,
        ..row("get", "/my/score", "........")
    },
    Row {
        company: true,
        ..row("get", "/my/report", "........")
    },
    Row {
        elsewhere: 200,
        ..row("get", "/desk/entries", "x.xxxx..")
    },
    row("get", "/desk/entries/{id}", "x.xxxx.."),
    row("get", "/desk/entries/{id}/steps/{step}", "x.xxxx.."),
    Row {
        fields: &[("version", "1"), ("opinion", "事实清楚")],
        ..row("post", "/desk/entries/{id}/steps/{step}", "..x.....")
    },
    // A list is narrowed to the account's own division.
    Row {
        elsewhere: 200,
        ..row("get", "/desk/accounts", ".....xxx")
    },
    Row {
        fields: &[
            ("name", "示例新人"),
            ("role", "officer"),
            ("region", "512002"),
        ],
        ..row("post", "/desk/accounts", "......x.")
    },
    Row {
        elsewhere: 200,
        ..row("get", "/desk/company-accounts", "x.......")
    },
    Row {
        fields: &[
            ("name", "示例经办"),
            ("uscc", PINE),
            ("letter", "示例第1号"),
        ],
        ..row("post", "/desk/company-accounts", "x.......")
    },
    row("post", "/desk/accounts/{id}/approve", ".......x"),
    row("post", "/desk/accounts/{id}/end", "......xx"),
    row("post", "/desk/accounts/{id}/unlock", ".......x"),
    Row {
        fields: &[("login", "someone")],
        ..row("post", "/desk/accounts/{id}/password", ".......x")
    },
];

#[test]
fn the_table_has_every_page_of_the_router() {
    let table: BTreeSet<(String, String)> = TABLE
        .iter()
        .map(|row| (row.method.to_owned(), row.path.to_owned()))
        .collect();
    assert_eq!(table.len(), TABLE.len(), "a row twice");
    assert_eq!(table, routes_of(SOURCES));
    let door: BTreeSet<(String, String)> = DOOR
        .iter()
        .map(|(method, path)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    assert_eq!(door, routes_of(&[include_str!("../../src/web/door.rs")]));
}

/// The id of the newest account of that name, from the page of somebody who sees it.
fn id_of(page: &Answer, name: &str) -> String {
    let text = page.text();
    let after = text
        .split(name)
        .nth(1)
        .unwrap_or_else(|| panic!("no {name}: {text}"));
    let rest = after.split("/desk/accounts/").nth(1).unwrap();
    rest.split('/').next().unwrap().to_owned()
}

fn path_of(row: &Row, id: &str) -> String {
    row.path.replace("{id}", id).replace("{step}", "review")
}

fn ask(house: &House, row: &Row, id: &str, seat: Option<&Seat>) -> Answer {
    let path = path_of(row, id);
    match (row.method, seat) {
        ("get", Some(seat)) => house.page(seat, &path),
        ("get", None) => house.get(&path),
        (_, Some(seat)) => house.submit(seat, &path, row.fields),
        (_, None) => house.send(form(&path, None, row.fields)),
    }
}

fn every_page_is_for_those_of_the_table(test: &TestStore) {
    let house = House::new(test);
    let home = Role::ALL.map(|role| house.signed_in(role, Some("512002")));
    let city = Role::ALL.map(|role| house.signed_in(role, None));
    let elsewhere = Role::ALL.map(|role| house.signed_in(role, Some("512021")));
    let companies = [house.company_user(PINE), house.company_user(ORANGE)];
    let maker = house.signed_in(Admin, None);
    let mut made = 0;
    let mut fresh = || {
        made += 1;
        let name = format!("示例待批{made}号");
        let fields = [("name", &*name), ("role", "officer"), ("region", "512002")];
        assert_eq!(house.submit(&maker, "/desk/accounts", &fields).status, 303);
        id_of(&house.page(&maker, "/desk/accounts"), &name)
    };
    let bureau = Bureau::of(&house);
    let list = house.get_as(&bureau.officer, "/api/v1/entries?state=proposed");
    let entry = list
        .json()
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["company"] == PINE)
        .unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for row in TABLE {
        let name = format!("{} {}", row.method, row.path);
        let nobody = ask(&house, row, "A0", None);
        match row.method {
            "get" => {
                assert_eq!(nobody.status, 303, "{name}");
                let back = format!("/sign-in?to={}", path_of(row, "A0").replace('/', "%2F"));
                assert_eq!(nobody.header("location"), back);
            }
            _ => assert_eq!(nobody.status, 401, "{name}"),
        }
        for seat in &companies {
            let answer = ask(&house, row, "A0", Some(seat));
            let expected = match (row.company, row.path.contains("{id}")) {
                (true, false) => 200,
                // Nothing of that id is the company's.
                (true, true) => 404,
                (false, _) => 403,
            };
            assert_eq!(
                answer.status,
                expected,
                "{name}, company: {}",
                answer.text()
            );
        }
        for (place, mark) in row.marks.chars().enumerate() {
            for (seats, its_own) in [(&home, true), (&city, true), (&elsewhere, false)] {
                // A fresh account each time, so that no refusal comes from its state.
                let id = match row.path.contains("{id}") {
                    _ if row.path.starts_with("/desk/entries/") => entry.clone(),
                    true if mark == 'x' => fresh(),
                    _ => maker.id.clone(),
                };
                let answer = ask(&house, row, &id, Some(&seats[place]));
                let status = answer.status.as_u16();
                let who = format!(
                    "{name}, {} (own: {its_own}): {}",
                    Role::ALL[place],
                    answer.text()
                );
                match (mark, its_own) {
                    ('x', true) => assert!(matches!(status, 200 | 303 | 409), "{who}"),
                    ('x', false) => assert_eq!(status, row.elsewhere, "{who}"),
                    _ => assert_eq!(status, 403, "{who}"),
                }
                assert_eq!(answer.header("cache-control"), "no-store", "{who}");
                assert_eq!(answer.header("x-robots-tag"), "noindex", "{who}");
            }
        }
    }
}

fn an_account_needs_two_people(test: &TestStore) {
    let house = House::new(test);
    let (admin, security) = (
        house.signed_in(Admin, None),
        house.signed_in(Security, None),
    );
    let auditor = house.signed_in(Auditor, None);
    let fields = [
        ("name", "示例新任复核"),
        ("role", "reviewer"),
        ("region", ""),
    ];
    assert_eq!(house.submit(&admin, "/desk/accounts", &fields).status, 303);
    let page = house.page(&security, "/desk/accounts");
    assert!(page.text().contains("待批准"), "{}", page.text());
    let id = id_of(&page, "示例新任复核");
    let act = |seat: &Seat, what: &str, fields: &[(&str, &str)]| {
        house.submit(seat, &format!("/desk/accounts/{id}/{what}"), fields)
    };
    // No password before the approval; no approval by who made it, or by who reads.
    let login = [("login", "new.reviewer")];
    assert_eq!(act(&security, "password", &login).status, 409);
    for seat in [&admin, &auditor] {
        assert_eq!(act(seat, "approve", &[]).status, 403);
    }
    assert_eq!(act(&security, "approve", &[]).status, 303);
    assert_eq!(act(&security, "approve", &[]).status, 409, "once");
    let given = act(&security, "password", &login);
    assert_eq!(given.status, 200);
    let text = given.text();
    let password = text.split("初始密码 <code>").nth(1).unwrap();
    assert_eq!(password.split('<').next().unwrap().len(), 23);
    let again = house.page(&security, "/desk/accounts").text();
    assert!(!again.contains("初始密码 <code>"), "shown once");
    // Nobody acts on themselves.
    for (seat, what) in [(&admin, "end"), (&security, "approve"), (&security, "end")] {
        let path = format!("/desk/accounts/{}/{what}", seat.id);
        assert_eq!(house.submit(seat, &path, &[]).status, 403, "{what}");
    }
    let path = format!("/desk/accounts/{}/password", security.id);
    assert_eq!(house.submit(&security, &path, &login).status, 403);
    // An account that was ended is out at once.
    let other = house.signed_in(Reviewer, None);
    let path = format!("/desk/accounts/{}/end", other.id);
    assert_eq!(house.submit(&admin, &path, &[]).status, 303);
    assert_eq!(house.page(&other, "/desk").status, 303);
}

fn nobody_reaches_accounts_of_another_division(test: &TestStore) {
    let house = House::new(test);
    let officer = house.signed_in(Officer, Some("512002"));
    let stranger = house.signed_in(Officer, Some("512021"));
    let fields = [
        ("name", "示例松鹤经办"),
        ("uscc", PINE),
        ("letter", "示例第1号"),
    ];
    let path = "/desk/company-accounts";
    assert_eq!(house.submit(&officer, path, &fields).status, 303);
    assert!(house.page(&officer, path).text().contains("示例松鹤经办"));
    assert!(!house.page(&stranger, path).text().contains("示例松鹤经办"));
    assert_eq!(house.submit(&stranger, path, &fields).status, 403);
    // What is wrong stands at its field, and what was typed stays.
    let wrong = [("name", "示例某人"), ("uscc", "91512002"), ("letter", "")];
    let answer = house.submit(&officer, path, &wrong);
    assert_eq!(answer.status, 422);
    let text = answer.text();
    for part in [
        "uscc-error",
        "letter-error",
        "value=\"示例某人\"",
        "value=\"91512002\"",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

fn a_form_has_no_field_that_the_page_does_not(test: &TestStore) {
    let house = House::new(test);
    let admin = house.signed_in(Admin, None);
    let base = [("name", "示例甲"), ("role", "officer"), ("region", "")];
    for extra in [
        "approved",
        "approved_by",
        "made_by",
        "id",
        "uscc",
        "token_hash",
    ] {
        let mut fields = base.to_vec();
        fields.push((extra, "1"));
        let answer = house.submit(&admin, "/desk/accounts", &fields);
        assert_eq!(answer.status, 400, "{extra}");
    }
    let twice = [&base[..], &[("role", "admin")]].concat();
    assert_eq!(house.submit(&admin, "/desk/accounts", &twice).status, 400);
    assert!(
        !house
            .page(&admin, "/desk/accounts")
            .text()
            .contains("示例甲")
    );
    // A token in the place of a cookie is none, and a cookie is no token.
    let bearer = Request::get("/desk").header("authorization", format!("Bearer {}", admin.cookie));
    assert_eq!(house.send(bearer.body(Body::empty()).unwrap()).status, 303);
    let person = house.person(Admin, None);
    let cookie = format!("__Host-wuxin={}", person.token);
    let asked = Request::get("/desk").header("cookie", cookie);
    assert_eq!(house.send(asked.body(Body::empty()).unwrap()).status, 303);
    let api = Request::get("/api/v1/entries").header("cookie", &admin.cookie);
    assert_eq!(house.send(api.body(Body::empty()).unwrap()).status, 401);
}
