//! No file takes long: hostile ones are refused, large ones are read at once.

use super::*;
use crate::rules::Code;

/// No text may take long, exhaust the stack or panic.
#[test]
fn hostile_files_are_answered_quickly() {
    let deep = |open: &str, close: &str, n: usize| open.repeat(n) + close.repeat(n).as_str();
    let when = |text: String| YANTAI.replacen("people >= 10", &text, 1);
    let many = |one: &dyn Fn(usize) -> String, n: usize| -> String {
        YANTAI.to_owned() + &(0..n).map(one).collect::<String>()
    };
    let item = |n: usize, component: &str| {
        format!(
            "[[item]]\nid = \"X{n:05}\"\ncomponent = \"{component}\"\nclause = \"1\"\ntitle = \"t\"\npoints = -1\n"
        )
    };
    let table: Vec<(&str, String)> = vec![
        (
            "brackets in a value",
            format!("{YANTAI}x = {}", deep("[", "]", 100_000)),
        ),
        (
            "brackets never closed",
            format!("{YANTAI}x = {}", "[".repeat(100_000)),
        ),
        (
            "inline tables",
            format!("{YANTAI}x = {}", "{a=".repeat(50_000)),
        ),
        (
            "a long dotted key",
            format!("{YANTAI}[{}a]", "a.".repeat(100_000)),
        ),
        ("parentheses", when(deep("(", ")", 100_000))),
        ("nots", when("not ".repeat(100_000) + "main")),
        ("minuses", when("-".repeat(100_000) + "1 > 0")),
        (
            "a long sum",
            when("1".to_owned() + &"+1".repeat(100_000) + " > people"),
        ),
        (
            "a long product",
            when("1".to_owned() + &"*1".repeat(400) + " > people"),
        ),
        (
            "a long or",
            when("people > 1".to_owned() + &" or people > 1".repeat(100_000)),
        ),
        ("quotes", format!("{YANTAI}x = {}", "“".repeat(200_000))),
        ("full-width", "＝“".repeat(200_000)),
        ("many unknown names", many(&|n| item(n, "nowhere"), 5000)),
        ("many items", many(&|n| item(n, "bad"), 6000)),
        (
            "many grades",
            many(
                &|n| {
                    format!(
                        "[[grade]]\nid = \"g{n}\"\nfrom = {n}\nwhen = \"score > {n}.5 and bad < {n}\"\n"
                    )
                },
                3000,
            ),
        ),
        (
            "many records",
            many(
                &|_| {
                    "[[case]]\ntitle = \"t\"\nas_of = 2026-01-01\nrecords = [{ item = \"nothing\", decided_on = 2026-01-01 }]\nexpect = {}\n".to_owned()
                },
                5000,
            ),
        ),
        ("many bad lines", many(&|_| "x ==== 1\n".to_owned(), 20_000)),
        ("too large", "#".repeat(5 << 20)),
    ];
    for (what, source) in table {
        let start = std::time::Instant::now();
        let found = RuleSet::load("yantai-2022.toml", &source).unwrap_err();
        let took = start.elapsed();
        assert!(!found.is_empty(), "{what} is no fault");
        // Generous: tests are not optimised and share the machine.
        assert!(took.as_secs() < 20, "{what}: {took:?}");
        eprintln!("{what}: {took:?}");
    }
}

/// 300 items and 100 cases of three records, with what makes checks work: bands, lookups, caps, groups, conditions.
fn large_policy() -> String {
    use std::fmt::Write as _;
    let mut text = small(
        "kind = \"rolling\"\nmonths = 12",
        "base = 100\nmin = 0\nmax = 100",
        "[[component]]\nid = \"bad\"\n",
    )
    .replace("verified = true", "verified = false");
    for n in 0..300 {
        let points = match n % 3 {
            0 => "-2".to_owned(),
            1 => "{ by = \"level\", city = -3, county = -1 }".to_owned(),
            _ => "{ by = \"people\", bands = [{ below = 10, points = -1 }, { from = 10, points = -2 }] }".to_owned(),
        };
        write!(
            text,
            "[[item]]\nid = \"I{n:03}\"\ncomponent = \"bad\"\nclause = \"附件 第{n}项\"\ntitle = \"第{n}种情形\"\n\
             points = {points}\ncap = -30\nwhen = \"people >= 1 and (level == 'city' or level == 'county')\"\n\
             repeat = {{ within = \"12 months\", multiply = [1, 1.5, 2] }}\n"
        )
        .unwrap();
    }
    for n in 0..30 {
        let items: Vec<String> = (n * 10..n * 10 + 10)
            .map(|n| format!("\"I{n:03}\""))
            .collect();
        write!(
            text,
            "[[group]]\nid = \"G{n}\"\nitems = [{}]\ncap = -60\n",
            items.join(", ")
        )
        .unwrap();
    }
    text.push_str("[[grade]]\nid = \"A\"\nfrom = 80\n[[grade]]\nid = \"B\"\nfrom = 60\nbelow = 80\n[[grade]]\nid = \"C\"\n");
    for n in 0..20 {
        write!(
            text,
            "[[override]]\nid = \"V{n}\"\ntitle = \"多次\"\nclause = \"第{n}条\"\nat_best = \"B\"\nwhen = \"has('I{n:03}') and count('G{n}', '6 months') >= {} and score < 9{}.5\"\n",
            n + 2,
            n % 10
        )
        .unwrap();
    }
    for n in 0..100 {
        let records: Vec<String> = (0..3)
            .map(|k| format!("{{ item = \"I{:03}\", decided_on = 2026-01-0{}, people = 3, level = \"city\" }}", n * 3 + k, k + 1))
            .collect();
        write!(
            text,
            "[[case]]\ntitle = \"例{n}\"\nas_of = 2026-06-30\nrecords = [{}]\nexpect = {{ score = 94, grade = \"A\" }}\n",
            records.join(", ")
        )
        .unwrap();
    }
    text
}

#[test]
fn a_large_policy_is_read_and_checked_quickly() {
    let source = large_policy();
    let start = std::time::Instant::now();
    let loaded = RuleSet::load("test.toml", &source).unwrap();
    let took = start.elapsed();
    let codes: Vec<Code> = loaded.warnings.iter().map(|one| one.code).collect();
    assert_eq!(codes, [Code::R042]);
    assert_eq!(loaded.ruleset.items().len(), 300);
    let start = std::time::Instant::now();
    let failed = loaded.ruleset.case_diagnostics();
    eprintln!(
        "{} bytes: read and checked in {took:?}, 100 cases in {:?}",
        source.len(),
        start.elapsed()
    );
    assert!(failed.is_empty(), "{:?}", failed[0]);
    // Generous: tests are not optimised and share the machine.
    assert!(took.as_secs() < 5, "{took:?}");
}
