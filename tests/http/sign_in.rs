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
    a_company_sees_its_own_home_and_no_desk,
    a_form_of_no_session_or_another_is_refused,
    cookies_say_how_they_may_be_used,
    a_session_that_was_given_from_outside_is_not_taken,
    one_is_never_sent_to_another_site,
    a_session_that_is_over_is_told_and_nothing_is_done,
    too_many_failures_are_answered_with_when_to_come_back,
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

fn a_form_of_no_session_or_another_is_refused(test: &TestStore) {
    let house = House::new(test);
    let seat = house.signed_in(Role::Admin, None);
    let other = house.signed_in(Role::Admin, None);
    let path = "/desk/accounts";
    let body = |csrf: Option<&str>| {
        let mut fields = vec![("name", "示例乙"), ("role", "officer"), ("region", "")];
        fields.extend(csrf.map(|csrf| ("csrf", csrf)));
        house.send(form(path, Some(&seat.cookie), &fields)).status
    };
    for csrf in [
        None,
        Some(""),
        Some("0"),
        Some(&*other.csrf),
        Some(&seat.csrf[1..]),
    ] {
        assert_eq!(body(csrf), 403, "{csrf:?}");
    }
    let twice = [("csrf", &*seat.csrf), ("csrf", &*seat.csrf)];
    assert_eq!(
        house.send(form(path, Some(&seat.cookie), &twice)).status,
        403
    );
    // The right token, from the page of another site.
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let fields = [
            ("csrf", &*seat.csrf),
            ("name", "示例乙"),
            ("role", "officer"),
            ("region", ""),
        ];
        let mut request = form(path, Some(&seat.cookie), &fields);
        request.headers_mut().insert(name, value.parse().unwrap());
        assert_eq!(house.send(request).status, 403, "{name} {value}");
    }
    assert!(!house.page(&seat, path).text().contains("示例乙"));
    assert_eq!(body(Some(&seat.csrf)), 303);
    // The door has forms too.
    let fields = [
        ("csrf", ""),
        ("login", &*seat.login),
        ("password", &*seat.password),
    ];
    assert_eq!(house.send(form("/sign-in", None, &fields)).status, 403);
}

fn cookies_say_how_they_may_be_used(test: &TestStore) {
    let house = House::new(test);
    let seat = house.signed_in(Role::Officer, None);
    let door = house.get("/sign-in");
    let visitor = cookie_of(&door, "__Host-wuxin-visitor").unwrap();
    let fields = [
        ("csrf", &*csrf_of(&door)),
        ("login", &*seat.login),
        ("password", &*seat.password),
    ];
    let signed = house.send(form("/sign-in", Some(&visitor), &fields));
    assert_eq!(signed.header("location"), "/desk");
    for (answer, name) in [(&door, "__Host-wuxin-visitor="), (&signed, "__Host-wuxin=")] {
        let cookie = answer.header("set-cookie");
        assert!(cookie.starts_with(name), "{cookie}");
        assert!(
            cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"),
            "{cookie}"
        );
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
    let out = house.submit(&seat, "/sign-out", &[]);
    assert!(out.header("set-cookie").ends_with("Secure; Max-Age=0"));
    for path in ["/sign-in", "/sign-in/code", "/desk"] {
        let answer = house.get(path);
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("x-robots-tag"), "noindex", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"));
    }
}

fn a_session_that_was_given_from_outside_is_not_taken(test: &TestStore) {
    let house = House::new(test);
    let seat = house.signed_in(Role::Officer, None);
    let door = house.get("/sign-in");
    let visitor = cookie_of(&door, "__Host-wuxin-visitor").unwrap();
    let planted = "__Host-wuxin=0123456789abcdef";
    let fields = [
        ("csrf", &*csrf_of(&door)),
        ("login", &*seat.login),
        ("password", &*seat.password),
    ];
    let both = format!("{visitor}; {planted}");
    let signed = house.send(form("/sign-in", Some(&both), &fields));
    let fresh = cookie_of(&signed, "__Host-wuxin").unwrap();
    assert!(fresh != planted && fresh != seat.cookie);
    // Signing in over a session ends it.
    let both = format!("{visitor}; {}", seat.cookie);
    assert_eq!(
        house.send(form("/sign-in", Some(&both), &fields)).status,
        303
    );
    assert_eq!(house.page(&seat, "/desk").status, 303);
}

fn one_is_never_sent_to_another_site(test: &TestStore) {
    let house = House::new(test);
    let seat = house.signed_in(Role::Officer, None);
    for to in [
        "https://evil.example/",
        "//evil.example/desk",
        "/\\evil.example",
        "/desk\\..",
        "javascript:alert(1)",
        "/desk\r\nx: y",
        "/sign-out",
        "",
    ] {
        let door = house.get("/sign-in");
        let visitor = cookie_of(&door, "__Host-wuxin-visitor").unwrap();
        let fields = [
            ("csrf", &*csrf_of(&door)),
            ("login", &*seat.login),
            ("password", &*seat.password),
            ("to", to),
        ];
        let answer = house.send(form("/sign-in", Some(&visitor), &fields));
        assert_eq!(answer.header("location"), "/desk", "{to:?}");
    }
}

fn a_session_that_is_over_is_told_and_nothing_is_done(test: &TestStore) {
    let house = House::new(test);
    let seat = house.signed_in(Role::Admin, None);
    house
        .hand
        .set(house.hand.now() + chrono::TimeDelta::minutes(31));
    let fields = [("name", "示例丙"), ("role", "officer"), ("region", "")];
    let answer = house.submit(&seat, "/desk/accounts", &fields);
    assert_eq!(answer.status, 401);
    let text = answer.text();
    assert!(
        text.contains("没有保存") && text.contains("href=\"/sign-in\""),
        "{text}"
    );
    let fresh = house.signed_in(Role::Admin, None);
    assert!(
        !house
            .page(&fresh, "/desk/accounts")
            .text()
            .contains("示例丙")
    );
}

fn too_many_failures_are_answered_with_when_to_come_back(test: &TestStore) {
    let house = House::new(test);
    let seat = house.signed_in(Role::Officer, None);
    let door = house.get("/sign-in");
    let visitor = cookie_of(&door, "__Host-wuxin-visitor").unwrap();
    let csrf = csrf_of(&door);
    let mut told = Vec::new();
    for login in [&*seat.login, "nobody.of.that.name"] {
        let fields = [
            ("csrf", &*csrf),
            ("login", login),
            ("password", "not the password"),
        ];
        let answers: Vec<_> = (0..6)
            .map(|_| {
                let answer = house.send(form("/sign-in", Some(&visitor), &fields));
                let text = answer.text().replace(login, "");
                (
                    answer.status.as_u16(),
                    answer.header("retry-after").to_owned(),
                    text,
                )
            })
            .collect();
        assert_eq!(answers[4].0, 422);
        assert_eq!((answers[5].0, &*answers[5].1), (429, "60"));
        told.push(answers);
    }
    assert_eq!(
        told[0], told[1],
        "a name that is none is answered as one that is"
    );
}
