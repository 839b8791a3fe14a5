//! A changed file is found out, whichever field it is.

use serde_json::{Value, json};
use wuxin::draw::{self, FindingCode, Instant, Published, Wanted};

use crate::world::{
    LATER, OBSERVED, REVEALED, VISITED, any_plan, at, because, bytes, generator, id, lottery,
    numbers, observed, plain, revealed, terms,
};

/// State and findings, as other implementations write them.
pub fn verdict(text: &str, now: Instant) -> String {
    let report = draw::verify(text, now);
    let mut findings: Vec<(&str, &str)> = (report.findings.iter())
        .map(|one| (one.code.as_str(), one.at.as_str()))
        .collect();
    findings.sort_by_key(|(code, at)| format!("{code} {at}"));
    findings.dedup();
    let said = json!({ "state": report.state, "findings": findings });
    String::from_utf8(draw::canonical::bytes(&said)).unwrap()
}

fn codes(text: &str, now: &str) -> Vec<&'static str> {
    let report = draw::verify(text, at(now));
    let mut codes: Vec<&str> = report
        .findings
        .iter()
        .map(|one| one.code.as_str())
        .collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// The pointers of all values of a document that are neither list nor object, and of all lists.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                places(value, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(items) => {
            found.push(at.to_owned());
            for (index, item) in items.iter().enumerate() {
                places(item, &format!("{at}/{index}"), found);
            }
        }
        _ => found.push(at.to_owned()),
    }
}

/// Another value of the same form, so that only the meaning is wrong.
fn changed_value(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_u64().unwrap() + 1),
        Value::String(text) if text.len() == 64 && hex::decode(text).is_ok() => {
            json!(format!(
                "{}{}",
                if text.starts_with('0') { "1" } else { "0" },
                &text[1..]
            ))
        }
        Value::String(text) if draw::Instant::parse(text).is_ok() => {
            json!(draw::Instant::at(at(text).seconds() + 1).unwrap())
        }
        Value::String(text) if wuxin::domain::Day::parse(text).is_ok() && text.contains('-') => {
            json!(wuxin::domain::Day::parse(text).unwrap().next())
        }
        Value::String(text) if text.starts_with("5120") => json!("512081"),
        Value::String(text) => json!(format!("{text}9")),
        Value::Null => json!(1),
        Value::Array(items) if items.is_empty() => json!(["X"]),
        Value::Array(items) => json!(items[1..]),
        other => panic!("{other}"),
    }
}

/// A file with each of its values changed in turn.
pub fn changed(file: &Published) -> Vec<(String, String)> {
    let value = serde_json::to_value(file).unwrap();
    let mut found = Vec::new();
    places(&value, "", &mut found);
    let change = |place: String| {
        let mut value = value.clone();
        let there = value.pointer_mut(&place).unwrap();
        *there = changed_value(there);
        (place, value.to_string())
    };
    found.into_iter().map(change).collect()
}

/// Files that are not files of a draw.
pub fn misshapen(file: &Published) -> Vec<String> {
    let text = serde_json::to_string(file).unwrap();
    let mut files: Vec<String> = [
        "",
        "null",
        "[]",
        "{}",
        "{\"a\":1,\"a\":2}",
        "\u{feff}{}",
        "[1.5]",
    ]
    .iter()
    .map(|text| (*text).to_owned())
    .collect();
    files.push("[".repeat(50_000));
    files.push(format!("{text} x"));
    for (from, to) in [
        ("\"number\":1", "\"number\":1.0"),
        ("\"number\":1", "\"number\":1e0"),
        ("\"number\":1", "\"number\":-1"),
        ("\"number\":1", "\"number\":4294967296"),
        ("\"number\":1", "\"number\":1,\"number\":1"),
        ("\"number\":1", "\"number\":1,\"more\":1"),
        ("\"number\":1,", ""),
        ("wuxin-draw-1", "wuxin-draw-2"),
        ("2026-07-06T01:00:00Z", "2026-07-06T25:00:00Z"),
        ("2026-07-06T01:00:00Z", "2026-02-29T01:00:00Z"),
        ("2026-07-06T01:00:00Z", "2026-07-06T01:00:60Z"),
        ("2026-07-06T01:00:00Z", "0026-07-06T01:00:00Z"),
        ("2026-07-06T01:00:00Z", "٢٠٢٦-07-06T01:00:00Z"),
        ("2026-07-10", "2026/7/10"),
        ("XM-00001", "xm-00001"),
        ("XM-00001", "ＸＭ-00001"),
        ("XM-00001", "XM-0000\\ud800"),
        ("XM-00001", "\\u0058M-00001"),
        ("示例小区1", "示例小区\\ud83d\\ude00"),
        ("\"project\"", "\"street\""),
        ("\"kind\":\"lottery\"", "\"kind\":\"lotto\""),
        ("\"redraw\":null", "\"redraw\":[]"),
        ("\"attempts\":[", "\"attempts\":[null,"),
    ] {
        let other = text.replacen(from, to, 1);
        assert_ne!(other, text, "{from}");
        files.push(other);
    }
    files
}

#[test]
fn each_field_changed_in_turn_is_named() {
    let mut random = generator(11);
    let file = revealed(plain(6, 2, 5), &mut random).unwrap();
    assert!(!file.attempts[0].substitutions.is_empty());
    assert_eq!(codes(&file.text(), LATER), [""; 0]);
    let all = changed(&file);
    assert!(all.len() > 150, "{}", all.len());
    for (place, text) in all {
        let report = draw::verify(&text, at(LATER));
        let malformed = report.findings[0].code == FindingCode::FileMalformed;
        // The part that holds the field is named, not only the file.
        let part: Vec<&str> = place.split('/').take(4).collect();
        let part = part.join("/");
        let named = report.findings.iter().any(|one| {
            one.at.starts_with(&part)
                || place.starts_with(&one.at) && one.at.len() > "/attempts/0".len()
        });
        let whole = ["/digest", "/draw", "/attempts", "/attempts/0/substitutions"]
            .contains(&place.as_str());
        assert!(
            malformed || named || (whole && !report.findings.is_empty()),
            "{place}: {:?}",
            report.findings
        );
    }
}

/// Someone who changes a field and makes all the digests anew is still found out by what the field means.
#[test]
fn a_forger_who_seals_again_is_found_by_the_meaning() {
    let mut random = generator(12);
    let file = revealed(plain(6, 2, 5), &mut random).unwrap();
    type Change = fn(&mut Published);
    let table: [(&[&str], Change); 14] = [
        (&["secret-wrong", "seed-wrong"], |file| {
            let reveal = file.attempts[0].reveal.as_mut().unwrap();
            reveal.body.secret.0[0] ^= 1;
        }),
        (&["plan-wrong"], |file| {
            file.attempts[0].reveal.as_mut().unwrap().body.salt.0[0] ^= 1;
        }),
        (&["plan-wrong"], |file| {
            let plan = &mut file.attempts[0].reveal.as_mut().unwrap().body.plan;
            plan.objects[0].name.push('x');
        }),
        (&["seed-wrong", "strata-wrong"], |file| {
            let event = file.attempts[0].event.as_mut().unwrap();
            event.body.value = numbers(&mut generator(99));
        }),
        (&["event-value", "seed-wrong"], |file| {
            let event = file.attempts[0].event.as_mut().unwrap();
            event.body.value = draw::EventValue::lottery("1 2 3");
        }),
        (&["strata-wrong"], |file| {
            let result = file.attempts[0].result.as_mut().unwrap();
            result.body.strata[0].drawn.swap(0, 1);
        }),
        (&["strata-wrong"], |file| {
            let result = file.attempts[0].result.as_mut().unwrap();
            result.body.strata[0].reserve.swap(0, 1);
        }),
        (&["teams-wrong"], |file| {
            let result = file.attempts[0].result.as_mut().unwrap();
            result.body.teams[0].officers.swap(0, 1);
        }),
        (&["substitute-wrong"], |file| {
            let part = &mut file.attempts[0].substitutions[0];
            if let draw::Change::Officer { r#in, .. } = &mut part.body.change {
                *r#in = id("川M9999");
            }
        }),
        (&["substitute-unapproved"], |file| {
            let part = &mut file.attempts[0].substitutions[0];
            part.body.approved_by = part.body.requested_by.clone();
        }),
        (&["substitute-time"], |file| {
            file.attempts[0].substitutions[0].body.at = at(OBSERVED.replace("14:", "13:").as_str());
        }),
        (&["reveal-late"], |file| {
            file.attempts[0].commitment.body.reveal_by = at("2026-08-12T01:59:59Z");
        }),
        (&["event-not-future"], |file| {
            file.attempts[0].commitment.body.committed_at = at("2026-07-06T13:30:00Z");
        }),
        (&["redraw-unapproved"], |file| {
            file.attempts[0].commitment.body.redraw = Some(because("没有第一次"));
        }),
    ];
    for (expected, change) in table {
        let mut forged = file.clone();
        change(&mut forged);
        let found = codes(&seal(forged).text(), LATER);
        for code in expected {
            assert!(found.contains(code), "{code}: {found:?}");
        }
        assert!(
            !found
                .iter()
                .any(|code| code.ends_with("digest") || code.ends_with("chain")),
            "{found:?}"
        );
    }
}

/// The file with every part sealed anew.
fn seal(mut file: Published) -> Published {
    let mut before = None;
    for attempt in &mut file.attempts {
        let commitment = draw::Part::seal(attempt.commitment.body.clone(), before);
        let mut last = commitment.digest;
        before = Some(last);
        attempt.commitment = commitment;
        fn again<T: serde::Serialize + Clone>(part: &mut draw::Part<T>, last: &mut draw::Bytes32) {
            *part = draw::Part::seal(part.body.clone(), Some(*last));
            *last = part.digest;
        }
        attempt
            .event
            .iter_mut()
            .for_each(|part| again(part, &mut last));
        attempt
            .reveal
            .iter_mut()
            .for_each(|part| again(part, &mut last));
        attempt
            .result
            .iter_mut()
            .for_each(|part| again(part, &mut last));
        for part in &mut attempt.substitutions {
            again(part, &mut last);
        }
    }
    file.sealed()
}

#[test]
fn a_secret_revealed_late_never_or_wrongly_is_flagged() {
    let mut random = generator(13);
    let (file, mut secrets) = observed(None, plain(6, 2, 5), &mut random).unwrap();
    assert_eq!(codes(&file.text(), "2026-08-20T00:00:00Z"), [""; 0]);
    assert_eq!(
        codes(&file.text(), "2026-08-20T00:00:01Z"),
        ["reveal-missing"]
    );
    let late = draw::reveal(file.clone(), &secrets, at("2026-08-20T00:00:01Z")).unwrap();
    assert_eq!(codes(&late.text(), LATER), ["reveal-late"]);
    secrets.secret.0[7] ^= 1;
    let fault = draw::reveal(file, &secrets, at(REVEALED)).unwrap_err();
    assert_eq!(
        fault.to_string(),
        "保密文件不属于这次抽取：秘密数与承诺不符"
    );
}

#[test]
fn clocks_that_go_back_are_refused_and_found() {
    let mut random = generator(14);
    let plan = plain(6, 2, 5);
    let (secret, salt) = (bytes(&mut random), bytes(&mut random));
    let mut past = terms(None);
    past.committed_at = lottery().expected_at();
    assert!(draw::commit(None, plan.clone(), past, secret, salt).is_err());
    let (file, secrets) = draw::commit(None, plan, terms(None), secret, salt).unwrap();
    let value = numbers(&mut random);
    assert!(draw::observe(file.clone(), value.clone(), at("2026-07-06T13:29:59Z")).is_err());
    let file = draw::observe(file, value, at(OBSERVED)).unwrap();
    assert!(draw::reveal(file.clone(), &secrets, at("2026-07-06T13:59:59Z")).is_err());
    let wanted = Wanted::Object {
        out: id("XM-00001"),
    };
    let early = draw::substitute(
        &file,
        secrets.clone(),
        &wanted,
        because("无人"),
        at("2026-07-06T13:59:59Z"),
    );
    assert!(early.is_err());

    let mut forged = draw::reveal(file, &secrets, at(REVEALED)).unwrap();
    let event = forged.attempts[0].event.as_mut().unwrap();
    event.body.observed_at = at("2026-07-06T00:59:59Z");
    assert_eq!(codes(&seal(forged.clone()).text(), LATER), ["event-early"]);
    forged.attempts[0].reveal.as_mut().unwrap().body.revealed_at = at("2026-07-06T00:00:00Z");
    assert_eq!(
        codes(&seal(forged).text(), LATER),
        ["event-early", "reveal-before-event"]
    );
}

#[test]
fn redraws_are_numbered_reasoned_approved_and_stay_in_the_file() {
    let mut random = generator(15);
    let plan = plain(6, 2, 5);
    let (first, secrets) = observed(None, plan.clone(), &mut random).unwrap();
    let first = draw::reveal(first, &secrets, at(REVEALED)).unwrap();
    let (second, secrets) = observed(Some(first.clone()), plan.clone(), &mut random).unwrap();
    let second = draw::reveal(second, &secrets, at(REVEALED)).unwrap();
    assert_eq!(second.attempts.len(), 2);
    assert_eq!(codes(&second.text(), LATER), [""; 0]);
    // The first attempt cannot be taken out again.
    let mut without = second.clone();
    without.attempts.remove(0);
    let found = codes(&without.sealed().text(), LATER);
    assert_eq!(found, ["attempt-number", "part-chain", "redraw-unapproved"]);
    // Alone, or without a reason, nobody draws again.
    let (secret, salt) = (bytes(&mut random), bytes(&mut random));
    let mut alone = because("再来一次");
    alone.approved_by = alone.requested_by.clone();
    for redraw in [None, Some(alone), Some(because(" \u{3000}"))] {
        let again = draw::commit(
            Some(first.clone()),
            plan.clone(),
            terms(redraw),
            secret,
            salt,
        );
        assert_eq!(again.unwrap_err(), draw::StepFault::Redraw);
    }
}

#[test]
fn a_missing_contribution_ends_the_attempt_in_the_open() {
    let mut random = generator(16);
    let values = [bytes(&mut random), bytes(&mut random), bytes(&mut random)];
    let names = ["市司法局", "市物业服务行业协会", "市纪委监委派驻组"];
    let parties = names.iter().zip(&values).map(|(name, value)| draw::Party {
        name: (*name).to_owned(),
        commitment: draw::contribution_digest(name, value),
    });
    let mut terms = terms(None);
    terms.event = draw::Event::Contributions {
        parties: parties.collect(),
        expected_at: at("2026-07-06T02:00:00Z"),
    };
    let (secret, salt) = (bytes(&mut random), bytes(&mut random));
    let (file, secrets) = draw::commit(None, plain(6, 2, 5), terms, secret, salt).unwrap();
    let given = |values: [Option<draw::Bytes32>; 3]| draw::EventValue::Contributions {
        contributions: (names.iter().zip(values))
            .map(|(name, value)| draw::Contribution {
                name: (*name).to_owned(),
                value,
            })
            .collect(),
    };
    let all = given(values.map(Some));
    let whole = draw::observe(file.clone(), all, at(OBSERVED)).unwrap();
    let whole = draw::reveal(whole, &secrets, at(REVEALED)).unwrap();
    assert_eq!(codes(&whole.text(), LATER), [""; 0]);

    let false_one = given([Some(values[0]), Some(values[0]), Some(values[2])]);
    let fault = draw::observe(file.clone(), false_one, at(OBSERVED)).unwrap_err();
    assert!(fault.to_string().contains("市物业服务行业协会"), "{fault}");

    let missing = given([Some(values[0]), None, Some(values[2])]);
    let over = draw::observe(file, missing, at(OBSERVED)).unwrap();
    let report = draw::verify(&over.text(), at(LATER));
    assert_eq!(report.state, Some(draw::State::Aborted));
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(draw::result(&over, &secrets), Err(draw::StepFault::Aborted));
    // What was frozen may be shown, but there is no result.
    let shown = draw::reveal(over.clone(), &secrets, at(REVEALED)).unwrap();
    assert!(shown.attempts[0].result.is_none());
    assert_eq!(codes(&shown.text(), LATER), [""; 0]);
    let mut forged = shown;
    forged.attempts[0].result = whole.attempts[0].result.clone();
    assert_eq!(codes(&seal(forged).text(), LATER), ["result-early"]);
    // And it is drawn again, in the open.
    let (again, _) = observed(Some(over), plain(6, 2, 5), &mut random).unwrap();
    assert!(draw::verify(&again.text(), at(VISITED)).is_clean());
}

#[test]
fn a_drand_round_has_its_time_and_its_proof() {
    let mut random = generator(17);
    // The sample chain: a first round at 1692803367, then one every 3 seconds.
    let round = |round: u64, expected_at: &str| draw::Event::Drand {
        chain: draw::Bytes32([0x52; 32]),
        genesis: 1_692_803_367,
        period: 3,
        round,
        expected_at: at(expected_at),
    };
    let genesis = draw::Instant::at(1_692_803_367).unwrap().to_string();
    assert_eq!(round(1, &genesis).fault(), None);
    assert!(round(0, &genesis).fault().is_some());
    assert!(round(2, &genesis).fault().is_some());
    assert!(round(u64::MAX, &genesis).fault().is_some());
    let signature = bytes(&mut random).0.repeat(2);
    let randomness = draw::Bytes32::digest(&[&signature]);
    let proof = |signature: &[u8]| draw::EventValue::Drand {
        randomness,
        signature: Some(hex::encode(signature)),
    };
    let event = round(1, &genesis);
    assert_eq!(event.value_fault(&proof(&signature)), None);
    assert!(event.value_fault(&proof(&signature[1..])).is_some());
    assert!(event.value_fault(&numbers(&mut random)).is_some());
}

#[test]
fn infeasible_teams_leave_nothing_but_an_open_end() {
    let mut random = generator(18);
    let mut plan = plain(6, 3, 4);
    plan.caps.officer_visits = 1;
    let (file, secrets) = observed(None, plan, &mut random).unwrap();
    let fault = draw::result(&file, &secrets).unwrap_err();
    assert!(
        fault.to_string().contains("需要 6 人次，最多 4 人次"),
        "{fault}"
    );
    let shown = draw::reveal(file, &secrets, at(REVEALED)).unwrap();
    assert!(shown.attempts[0].result.is_none());
    let report = draw::verify(&shown.text(), at(LATER));
    assert_eq!(
        (report.state, report.is_clean()),
        (Some(draw::State::Infeasible), true)
    );
}

#[test]
fn random_files_are_clean() {
    let mut random = generator(19);
    let mut revealed_files = 0;
    for _ in 0..150 {
        if let Ok(file) = revealed(any_plan(&mut random, 12, 10), &mut random) {
            revealed_files += 1;
            let report = draw::verify(&file.text(), at(LATER));
            assert!(report.is_clean(), "{report:?}");
            assert_eq!(Published::parse(&file.text()).unwrap(), file);
        }
    }
    assert!(revealed_files > 60, "{revealed_files}");
}
