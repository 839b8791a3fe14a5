//! Signing in to the pages, as a browser does it.

use axum::http::header;
use wuxin::service::{Role, second_factor_code};

use crate::{
    house::{Answer, House, PINE, form},
    on_both,
    support::TestStore,
};

on_both!(
    an_official_signs_in_by_the_pages_and_out_again,
    a_company_sees_its_own_home_and_no_desk
);

/// The cookie that an answer sets, as a browser sends it back.
fn cookie_of(answer: &Answer, name: &str) -> Option<String> {
    answer
        .headers
        .get_all(header::SET_COOKIE)
        .iter()
        .filter_map(|value| value.to_str().unwrap().split(';').next())
        .find(|pair| pair.starts_with(&format!("{name}=")))
        .map(str::to_owned)
}

fn csrf_of(page: &Answer) -> String {
    let text = page.text();
    let rest = text.split("name=\"csrf\" value=\"").nth(1).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

fn an_official_signs_in_by_the_pages_and_out_again(test: &TestStore) {
    let house = House::new(test);
    let seat = house.signed_in(Role::Reviewer, Some("512002"));
    let door = house.get("/sign-in?to=/desk?x=1");
    let visitor = cookie_of(&door, "__Host-wuxin-visitor").unwrap();
    let fields = [
        ("csrf", &*csrf_of(&door)),
        ("login", &seat.login),
        ("password", &seat.password),
        ("to", "/desk?x=1"),
    ];
    let half = house.send(form("/sign-in", Some(&visitor), &fields));
    assert_eq!(half.status, 303, "{}", half.text());
    assert_eq!(half.header("location"), "/sign-in/code?to=%2Fdesk%3Fx%3D1");
    let first = cookie_of(&half, "__Host-wuxin").unwrap();
    // Half signed in is not signed in.
    let asked = house.send(
        axum::http::Request::get("/desk")
            .header(header::COOKIE, &first)
            .body(axum::body::Body::empty())
            .unwrap(),
    );
    assert_eq!(asked.header("location"), "/sign-in/code?to=%2Fdesk");
    house
        .hand
        .set(house.hand.now() + chrono::TimeDelta::seconds(60));
    let code = second_factor_code(seat.factor.as_ref().unwrap(), house.hand.now()).unwrap();
    let page = house.send(
        axum::http::Request::get("/sign-in/code?to=/desk?x=1")
            .header(header::COOKIE, &first)
            .body(axum::body::Body::empty())
            .unwrap(),
    );
    let fields = [
        ("csrf", &*csrf_of(&page)),
        ("code", &code),
        ("to", "/desk?x=1"),
    ];
    let whole = house.send(form("/sign-in/code", Some(&first), &fields));
    assert_eq!(whole.status, 303, "{}", whole.text());
    assert_eq!(whole.header("location"), "/desk?x=1");
    let second = cookie_of(&whole, "__Host-wuxin").unwrap();
    assert_ne!(first, second, "the id changes with every step");
    let seat = crate::house::Seat {
        cookie: second,
        ..seat
    };
    let desk = house.page(&seat, "/desk");
    assert_eq!(desk.status, 200, "{}", desk.text());
    assert!(desk.text().contains("复核") && desk.text().contains("认定记录"));
    assert_eq!(desk.header("cache-control"), "no-store");
    let seat = crate::house::Seat {
        csrf: csrf_of(&desk),
        ..seat
    };
    let out = house.submit(&seat, "/sign-out", &[]);
    assert_eq!(out.header("location"), "/sign-in");
    let after = house.page(&seat, "/desk");
    assert_eq!(after.header("location"), "/sign-in?to=%2Fdesk");
}

fn a_company_sees_its_own_home_and_no_desk(test: &TestStore) {
    let house = House::new(test);
    let seat = house.company_user(PINE);
    let mine = house.page(&seat, "/my");
    assert_eq!(mine.status, 200, "{}", mine.text());
    assert!(mine.text().contains(PINE));
    assert_eq!(house.page(&seat, "/desk").status, 403);
    let official = house.signed_in(Role::Officer, None);
    assert_eq!(house.page(&official, "/my").status, 403);
}
