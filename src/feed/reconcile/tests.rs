use std::collections::BTreeMap;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::feed::{
    Profile,
    outcome::{Answer, Attempt},
    profile::{HTTP_JSON, render},
    receipts::ReceiptTable,
    samples::record,
};

fn id(number: u8) -> Uuid {
    crate::feed::samples::id(number)
}

fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let own = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
    pairs.iter().map(own).collect()
}

fn ours(number: u8, version: u32, visible: bool) -> Expected {
    Expected {
        record_id: id(number),
        uscc: format!("USCC{number}"),
        decision_no: format!("资建物决〔2026〕{number}号"),
        version,
        visible,
        in_flight: false,
        fresh: false,
        form: Form {
            status: Some("0".to_owned()),
            name: Some(format!("示例{number}")),
            digest: Some(format!("d{number}-{version}")),
            fields: texts(&[("reason", "甲"), ("until", "2029-02-28")]),
        },
    }
}

/// The row of a platform that shows a record as it should.
fn row(one: &Expected) -> Shown {
    Shown {
        record_id: Some(one.record_id),
        uscc: Some(one.uscc.clone()),
        decision_no: Some(one.decision_no.clone()),
        version: Some(one.version),
        visible: true,
        form: one.form.clone(),
    }
}

fn classes(found: &Found) -> Vec<(DifferenceClass, Option<Uuid>)> {
    let one = |one: &Difference| (one.class, one.record_id);
    found.differences.iter().map(one).collect()
}

/// What may be wrong with one record, and how it is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Planted {
    Nothing,
    Lost,
    Old,
    Renamed,
    OtherField,
    OtherDigest,
    OtherStatus,
    /// Withdrawn here, shown there.
    Back,
    /// Withdrawn here and there.
    Gone,
    /// On its way, and an old version is there.
    Flying,
    Twice,
}

const PLANTED: [Planted; 11] = [
    Planted::Nothing,
    Planted::Lost,
    Planted::Old,
    Planted::Renamed,
    Planted::OtherField,
    Planted::OtherDigest,
    Planted::OtherStatus,
    Planted::Back,
    Planted::Gone,
    Planted::Flying,
    Planted::Twice,
];

impl Planted {
    fn class(self) -> Option<DifferenceClass> {
        use DifferenceClass::*;
        match self {
            Self::Nothing | Self::Gone | Self::Flying => None,
            Self::Lost => Some(Missing),
            Self::Old => Some(StaleVersion),
            Self::Renamed => Some(NameChanged),
            Self::OtherField | Self::OtherDigest => Some(FieldDiff),
            Self::OtherStatus => Some(StatusDiff),
            Self::Back | Self::Twice => Some(Extra),
        }
    }

    fn plant(self, number: u8) -> (Expected, Vec<Shown>) {
        let mut one = ours(number, 2, !matches!(self, Self::Back | Self::Gone));
        one.in_flight = self == Self::Flying;
        let mut shown = row(&one);
        match self {
            Self::Nothing => {}
            Self::Lost | Self::Gone => return (one, Vec::new()),
            Self::Old | Self::Back | Self::Flying => {
                shown.version = Some(1);
                shown.form.digest = Some("old".to_owned());
                shown.form.name = Some("旧名".to_owned());
            }
            Self::Renamed => shown.form.name = Some("别名".to_owned()),
            Self::OtherField => drop(shown.form.fields.insert("reason".into(), "乙".into())),
            Self::OtherDigest => shown.form.digest = Some("other".to_owned()),
            Self::OtherStatus => shown.form.status = Some("2".to_owned()),
            Self::Twice => {
                let mut old = shown.clone();
                old.version = Some(1);
                return (one, vec![old, shown]);
            }
        }
        (one, vec![shown])
    }
}

/// Everything against everything, by id alone.
fn naive(expected: &[Expected], shown: &[Shown]) -> Vec<(DifferenceClass, Option<Uuid>)> {
    use DifferenceClass::*;
    let mut found = Vec::new();
    for one in expected {
        if one.in_flight {
            continue;
        }
        let mut same: Vec<&Shown> = Vec::new();
        for row in shown {
            if row.record_id == Some(one.record_id) && !same.contains(&row) {
                same.push(row);
            }
        }
        let mut say = |class| found.push((class, Some(one.record_id)));
        match (one.visible, same.as_slice()) {
            (false, []) => {}
            (false, _) => say(Extra),
            (true, []) => say(Missing),
            (true, [row]) if row.version < Some(one.version) => say(StaleVersion),
            (true, [row]) => {
                if row.form.status != one.form.status {
                    say(StatusDiff);
                }
                if row.form.name != one.form.name {
                    say(NameChanged);
                }
                if row.form.fields != one.form.fields || row.form.digest != one.form.digest {
                    say(FieldDiff);
                }
            }
            (true, rows) => {
                assert!(
                    rows.iter().any(|fits| **fits == row(one)),
                    "a case the test does not make"
                );
                say(Extra);
            }
        }
    }
    for row in shown {
        if expected
            .iter()
            .all(|one| Some(one.record_id) != row.record_id)
        {
            found.push((Extra, row.record_id));
        }
    }
    found.sort();
    found.dedup();
    found
}

proptest! {
    #[test]
    fn equal_sets_have_no_difference(numbers in proptest::collection::btree_set(0_u8..60, 0..30)) {
        let expected: Vec<Expected> = numbers.iter().map(|number| ours(*number, 3, number % 4 != 0)).collect();
        let shown: Vec<Shown> = expected.iter().filter(|one| one.visible).map(row).collect();
        let found = compare(&expected, &shown);
        prop_assert_eq!(found.differences, Vec::new());
        prop_assert_eq!((found.expected, found.shown), (shown.len(), shown.len()));
    }

    #[test]
    fn each_planted_difference_is_found_once_in_whatever_order(
        planted in proptest::collection::vec(0..PLANTED.len(), 0..24),
        strangers in proptest::collection::btree_set(200_u8..255, 0..4),
        seed in any::<u64>(),
        nameless in any::<bool>(),
    ) {
        let (mut expected, mut shown, mut told) = (Vec::new(), Vec::new(), Vec::new());
        for (number, kind) in (0_u8..).zip(planted) {
            let (one, rows) = PLANTED[kind].plant(number);
            told.extend(PLANTED[kind].class().map(|class| (class, Some(one.record_id))));
            expected.push(one);
            shown.extend(rows);
        }
        let stranger = |number: &u8| row(&ours(*number, 1, true));
        told.extend(strangers.iter().map(|number| (DifferenceClass::Extra, Some(id(*number)))));
        shown.extend(strangers.iter().map(stranger));
        told.sort();

        let found = compare(&expected, &shown);
        prop_assert_eq!(classes(&found), told.clone());
        prop_assert_eq!(classes(&found), naive(&expected, &shown));
        prop_assert!(found.differences.is_sorted());

        let order = |index: usize| (index as u64 + 1).wrapping_mul(seed | 1) >> 7;
        let mut mixed: Vec<(u64, Shown)> = shown.iter().cloned().enumerate().map(|(at, row)| (order(at), row)).collect();
        mixed.sort_by_key(|(key, _)| *key);
        let mixed: Vec<Shown> = mixed.into_iter().map(|(_, row)| row).collect();
        expected.reverse();
        prop_assert_eq!(compare(&expected, &mixed), found.clone());

        // A platform that does not keep our ids is compared by company and decision.
        if nameless {
            let known = shown.iter().filter(|row| expected.iter().any(|one| Some(one.record_id) == row.record_id));
            let without: Vec<Shown> = known.map(|row| Shown { record_id: None, ..row.clone() }).collect();
            let of_ours: Vec<_> = found.differences.iter().filter(|one| one.known).cloned().collect();
            prop_assert_eq!(compare(&expected, &without).differences, of_ours);
        }
    }
}

#[test]
fn a_listed_again_record_takes_the_row_and_the_tombstone_takes_none() {
    let tombstone = ours(1, 2, false);
    let again = Expected {
        record_id: id(2),
        ..ours(1, 1, true)
    };
    let mut shown = row(&again);
    shown.record_id = None;
    shown.decision_no = Some("资建物决[2026]1号".to_owned());
    let found = compare(
        &[tombstone.clone(), again.clone()],
        std::slice::from_ref(&shown),
    );
    assert_eq!(found.differences, Vec::new());
    let gone = Expected {
        visible: false,
        ..again
    };
    assert_eq!(
        classes(&compare(&[tombstone, gone], &[shown])).len(),
        1,
        "one row is one difference"
    );
}

#[test]
fn what_the_platform_does_not_tell_is_no_difference() {
    let one = ours(1, 2, true);
    let bare = Shown {
        record_id: Some(one.record_id),
        visible: true,
        ..Shown::default()
    };
    assert_eq!(
        compare(std::slice::from_ref(&one), std::slice::from_ref(&bare)).differences,
        Vec::new()
    );
    let unseen = Shown {
        visible: false,
        ..bare
    };
    assert_eq!(
        classes(&compare(&[one], &[unseen])),
        [(DifferenceClass::Missing, Some(id(1)))],
        "held and not shown"
    );
}

#[test]
fn a_later_version_than_was_ever_sent_is_told_as_a_field() {
    let one = ours(1, 2, true);
    let mut later = row(&one);
    later.version = Some(7);
    let found = compare(&[one], &[later]);
    let [difference] = &found.differences[..] else {
        panic!("{found:?}")
    };
    assert_eq!(difference.class, DifferenceClass::FieldDiff);
    assert_eq!(difference.fields[0].field, "record_version");
    assert_eq!(difference.key(), format!("FIELD_DIFF {}", id(1)));
}

fn of_canonical(profile: &Profile, number: u8, version: u32) -> Expected {
    let record = record(number, version, false);
    Expected {
        record_id: record.fields().record_id,
        uscc: record.fields().uscc.to_string(),
        decision_no: record.fields().decision_no.clone(),
        version,
        visible: true,
        in_flight: false,
        fresh: false,
        form: form_of(profile, &record).unwrap(),
    }
}

#[test]
fn an_export_is_read_by_the_columns_of_the_profile_in_either_charset() {
    let profile = Profile::parse(Profile::shipped("xlsx-manual").unwrap()).unwrap();
    let rendered = render(&profile, &record(1, 1, false)).unwrap();
    let one = of_canonical(&profile, 1, 1);
    let names: Vec<&str> = rendered
        .fields()
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    let cells: Vec<String> = names
        .iter()
        .map(|name| rendered.text(name).unwrap())
        .collect();
    let csv = format!("{},上报时间\n{},2026\n", names.join(","), cells.join(","));
    let gb = encoding_rs::GB18030.encode(&csv).0.into_owned();
    for bytes in [csv.clone().into_bytes(), gb] {
        let table = ReceiptTable::read(&bytes).unwrap();
        let shown = read_table(&profile, &table).unwrap();
        assert_eq!(
            compare(std::slice::from_ref(&one), &shown).differences,
            Vec::new()
        );
    }
    // Taken down by status, as this platform does it.
    let down = csv.replace("正常", "撤销");
    let shown = read_table(&profile, &ReceiptTable::read(down.as_bytes()).unwrap()).unwrap();
    assert!(!shown[0].visible);
    assert_eq!(
        classes(&compare(std::slice::from_ref(&one), &shown)),
        [(DifferenceClass::StatusDiff, Some(id(1)))]
    );
    let faults = [
        ("甲,乙\n1,2\n", "统一社会信用代码"),
        ("统一社会信用代码,备注\n,有\n", "record 2"),
    ];
    for (text, part) in faults {
        let table = ReceiptTable::read(text.as_bytes()).unwrap();
        let fault = read_table(&profile, &table).unwrap_err().to_string();
        assert!(fault.contains(part), "{fault}");
    }
}

fn answered(status: u16, body: &str) -> Attempt {
    Attempt::Answered(Answer {
        status,
        content_type: Some("application/json".to_owned()),
        retry_after: None,
        date: None,
        body: body.as_bytes().to_vec(),
    })
}

#[test]
fn a_listing_that_is_not_whole_is_no_listing() {
    let profile = Profile::parse(HTTP_JSON).unwrap();
    let good = format!(
        r#"{{"records":[{{"record_id":"{}","record_version":2,"status":"0","uscc":null}}],"next":"n","total":1}}"#,
        id(1)
    );
    let page = read_listing(&profile, &answered(200, &good)).unwrap();
    assert_eq!(
        (page.rows.len(), page.next.as_deref(), page.total),
        (1, Some("n"), Some(1))
    );
    for (status, body) in [
        (500, good.as_str()),
        (200, "{}"),
        (200, r#"{"records":[{}]}"#),
        (200, "<html>"),
        (200, r#"{"records":["#),
    ] {
        assert!(
            read_listing(&profile, &answered(status, body)).is_err(),
            "{status} {body}"
        );
    }
}

#[test]
fn a_record_that_is_not_there_is_told_only_in_the_platforms_own_words() {
    let profile = Profile::parse(HTTP_JSON).unwrap();
    let own = format!(r#"{{"error":"not_found","id":"{}"}}"#, id(1));
    assert_eq!(read_record(&profile, id(1), &answered(404, &own)), Ok(None));
    for (status, body) in [(404, "{}"), (200, "<html>"), (502, &*own)] {
        assert!(read_record(&profile, id(1), &answered(status, body)).is_err());
    }
    let held = format!(
        r#"{{"record_id":"{}","record_version":3,"digest":"d","withdrawn":true,"visible":true}}"#,
        id(1)
    );
    let row = read_record(&profile, id(1), &answered(200, &held))
        .unwrap()
        .unwrap();
    assert_eq!((row.version, row.visible), (Some(3), true));
    assert!(read_record(&profile, id(2), &answered(200, &held)).is_err());
}
