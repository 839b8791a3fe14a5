//! Companies and contracts.

use std::collections::BTreeSet;

use wuxin::{
    domain::{Company, CompanyStatus, Region},
    store::{Counts, StoreError, companies, companies::Search, contracts},
};

use crate::{
    on_both,
    support::{TestStore, synthetic::*},
};

on_both!(
    a_second_import_changes_nothing_and_a_changed_company_is_counted,
    names_outside_the_basic_plane_come_back_as_they_were,
    names_are_found_by_fragment_in_any_width_and_case,
    pages_follow_one_another_without_a_gap_or_a_repeat,
    contracts_are_known_by_company_project_and_first_day,
    a_file_that_names_a_company_twice_is_refused,
    a_nul_character_is_refused_before_it_reaches_a_database,
);

fn put(test: &TestStore, companies: &[Company]) -> Counts {
    test.store
        .write(|db| companies::put(db, companies, at(0)))
        .unwrap()
        .counts
}

fn names(test: &TestStore, search: Search) -> Vec<String> {
    let page = test
        .store
        .read(|db| companies::search(db, &search, None, 100))
        .unwrap();
    page.rows.into_iter().map(|company| company.name).collect()
}

fn a_second_import_changes_nothing_and_a_changed_company_is_counted(test: &TestStore) {
    let mut all: Vec<Company> = (1..=2_500)
        .map(|number| company(number, &format!("示例{number}号物业")))
        .collect();
    let counts = |new, changed, unchanged| Counts {
        new,
        changed,
        unchanged,
    };
    assert_eq!(put(test, &all), counts(2_500, 0, 0));
    assert_eq!(put(test, &all), counts(0, 0, 2_500));
    all[7].status = CompanyStatus::Deregistered;
    all.push(company(9_999, "示例新物业"));
    assert_eq!(put(test, &all), counts(1, 1, 2_499));
    let stored = test.store.read(companies::all).unwrap();
    all.sort_by_key(|company| company.uscc);
    assert_eq!(stored, all);
    let known = BTreeSet::from([uscc(1), uscc(123_456)]);
    let unknown = test
        .store
        .read(|db| companies::unknown(db, &known))
        .unwrap();
    assert_eq!(unknown, [uscc(123_456)]);
}

fn names_outside_the_basic_plane_come_back_as_they_were(test: &TestStore) {
    // GB 18030 has all of them; the second is beyond the basic plane, the last is an ideographic variation sequence.
    let mut odd = company(
        1,
        "示例𠮷祥物业（㐂）\u{3400}\u{9FFF}\u{2A6DF}\u{30000}葛\u{E0100}'\"%_\\😀",
    );
    odd.address = Some("一行\n二行\t\u{3000}".to_owned());
    odd.phone = Some(String::new());
    put(test, std::slice::from_ref(&odd));
    let found = test.store.read(|db| companies::find(db, &uscc(1))).unwrap();
    assert_eq!(found, Some(odd));
    assert_eq!(
        test.store.read(|db| companies::find(db, &uscc(2))).unwrap(),
        None
    );
}

fn names_are_found_by_fragment_in_any_width_and_case(test: &TestStore) {
    let mut elsewhere = company(5, "示例Ｄ物业");
    elsewhere.region = Some(Region::parse("512021").unwrap());
    put(
        test,
        &[
            company(1, "示例（资阳）ABC 物业"),
            company(2, "示例𠮷祥物业"),
            company(3, "示例100%物业"),
            company(4, "示例100_物业"),
            elsewhere,
        ],
    );
    let search = |name: &str| Search {
        name: name.to_owned(),
        ..Search::default()
    };
    let table: [(&str, &[&str]); 8] = [
        ("资阳）ａｂｃ物", &["示例（资阳）ABC 物业"]),
        ("(资 阳)", &["示例（资阳）ABC 物业"]),
        ("𠮷", &["示例𠮷祥物业"]),
        ("%", &["示例100%物业"]),
        ("0_", &["示例100_物业"]),
        ("\\", &[]),
        ("没有", &[]),
        ("a\0b", &[]),
    ];
    for (fragment, expected) in table {
        assert_eq!(names(test, search(fragment)), expected, "{fragment}");
    }
    assert_eq!(names(test, search("")).len(), 5);
    let mut in_region = search("物业");
    for (region, expected) in [
        ("512000", 5),
        ("512021", 1),
        ("512002", 4),
        ("512002001", 0),
    ] {
        in_region.region = Some(Region::parse(region).unwrap());
        assert_eq!(names(test, in_region.clone()).len(), expected, "{region}");
    }
    let closed = Search {
        status: Some(CompanyStatus::Revoked),
        ..Search::default()
    };
    assert_eq!(names(test, closed), Vec::<String>::new());
}

fn pages_follow_one_another_without_a_gap_or_a_repeat(test: &TestStore) {
    // Equal names, so that the code has to decide; characters whose order differs between UTF-16 and UTF-8.
    let pool = [
        "示例甲物业",
        "示例甲物业",
        "示例\u{FFE5}物业",
        "示例\u{20000}物业",
        "示例a",
        "示例B",
    ];
    let all: Vec<Company> = (0..47_usize)
        .map(|number| company(number as u32, pool[number % pool.len()]))
        .collect();
    put(test, &all);
    let everything = Search::default();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = test
            .store
            .read(|db| companies::search(db, &everything, after.as_ref(), 10))
            .unwrap();
        seen.extend(page.rows);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let mut expected = all;
    expected.sort_by_key(|company| (wuxin::domain::normalise_name(&company.name), company.uscc));
    assert_eq!(seen, expected);
    let page = test
        .store
        .read(|db| companies::page(db, Some(&uscc(39)), 8))
        .unwrap();
    assert_eq!(page.rows.len(), 7);
    assert_eq!(page.next, None);
}

fn contracts_are_known_by_company_project_and_first_day(test: &TestStore) {
    let mut all = vec![
        contract("P1", 1, None, Some("2024-12-31")),
        contract("P1", 2, Some("2025-01-01"), None),
        contract("P2", 2, Some("2020-01-01"), Some("2022-12-31")),
        contract("P2", 2, Some("2023-01-01"), None),
    ];
    let written = test
        .store
        .write(|db| contracts::put(db, &all, at(0)))
        .unwrap();
    assert_eq!(written.counts.new, 4);
    assert_eq!(written.companies, BTreeSet::from([uscc(1), uscc(2)]));
    all[1].until = Some(day("2026-06-30"));
    let written = test
        .store
        .write(|db| contracts::put(db, &all, at(1)))
        .unwrap();
    let counts = Counts {
        new: 0,
        changed: 1,
        unchanged: 3,
    };
    assert_eq!(written.counts, counts);
    assert_eq!(written.companies, BTreeSet::from([uscc(2)]));
    let of_company = test
        .store
        .read(|db| contracts::of_company(db, &uscc(2)))
        .unwrap();
    assert_eq!(of_company, all[1..]);
    let of_project = test
        .store
        .read(|db| contracts::of_project(db, "P1"))
        .unwrap();
    assert_eq!(of_project, all[..2]);
    assert_eq!(test.store.read(contracts::all).unwrap(), all);
    let remove = || {
        test.store
            .write(|db| contracts::remove(db, &all[2], at(9)))
            .unwrap()
    };
    assert_eq!((remove(), remove()), (true, false));
    assert_eq!(test.store.read(contracts::all).unwrap().len(), 3);
}

fn a_file_that_names_a_company_twice_is_refused(test: &TestStore) {
    let all = [
        company(1, "示例甲"),
        company(2, "示例乙"),
        company(1, "示例丙"),
    ];
    let error = test
        .store
        .write(|db| companies::put(db, &all, at(0)))
        .unwrap_err();
    assert!(
        matches!(&error, StoreError::Twice { keys, .. } if *keys == [uscc(1).to_string()]),
        "{error}"
    );
    assert_eq!(test.store.read(companies::count).unwrap(), 0);
}

fn a_nul_character_is_refused_before_it_reaches_a_database(test: &TestStore) {
    let error = test
        .store
        .write(|db| companies::put(db, &[company(1, "示例\0甲")], at(0)))
        .unwrap_err();
    assert!(matches!(error, StoreError::Nul { .. }), "{error}");
}
