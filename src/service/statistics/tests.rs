use proptest::prelude::*;

use super::*;

fn decimals(scores: &[(i64, i64)]) -> Vec<(Decimal, i64)> {
    scores
        .iter()
        .map(|(score, companies)| (Decimal::new(*score, 1), *companies))
        .collect()
}

#[test]
fn steps_stand_side_by_side_and_begin_below_the_lowest() {
    let found = steps(&decimals(&[(-12, 1), (799, 2), (800, 4), (1_000, 1)]));
    let of = |from: &str| found.iter().find(|step| step.from == from).unwrap();
    assert_eq!(found.first().unwrap().from, "-5");
    assert_eq!(
        (of("75").companies, of("80").companies, of("100").companies),
        (2, 4, 1)
    );
    assert_eq!(of("75").below, "80");
    assert_eq!(steps(&[]), []);
}

#[test]
fn a_share_is_rounded_half_up_and_there_is_none_of_nothing() {
    for (part, whole, share) in [
        (1, 8, Some("12.5")),
        (1, 3, Some("33.3")),
        (1, 16, Some("6.3")),
        (3, 3, Some("100.0")),
        (0, 5, Some("0.0")),
        (0, 0, None),
    ] {
        assert_eq!(percent(part, whole).as_deref(), share, "{part} of {whole}");
    }
}

#[test]
fn twelve_months_are_told_and_those_without_a_move_too() {
    let today = Day::parse("2026-03-31").unwrap();
    let first = months_back(today, 11);
    assert_eq!(first.to_string(), "2025-04-01");
    let moves = [sums::Moves {
        month: "2026-01".into(),
        up: 3,
        down: 1,
    }];
    let told = months(first, &moves);
    let named: Vec<&str> = told.iter().map(|one| one.month.as_str()).collect();
    assert_eq!(
        (named.len(), named[0], named[9], named[11]),
        (12, "2025-04", "2026-01", "2026-03")
    );
    assert_eq!((told[9].up, told[9].down, told[10].up), (3, 1, 0));
}

proptest! {
    #[test]
    fn every_company_is_in_one_step(scores in prop::collection::btree_map(-100_000_i64..100_000, 1_i64..9, 0..60)) {
        let scores: Vec<(i64, i64)> = scores.into_iter().collect();
        let by_score = decimals(&scores);
        let found = steps(&by_score);
        prop_assert!(found.len() <= STEPS);
        let all: i64 = found.iter().map(|step| step.companies).sum();
        prop_assert_eq!(all, scores.iter().map(|(_, companies)| companies).sum::<i64>());
        for pair in found.windows(2) {
            prop_assert_eq!(&pair[0].below, &pair[1].from);
        }
        if let (Some(first), Some(last)) = (by_score.first(), by_score.last()) {
            let bound = |text: &str| text.parse::<Decimal>().unwrap();
            prop_assert!(bound(&found[0].from) <= first.0);
            prop_assert!(last.0 < bound(&found[found.len() - 1].below));
        }
    }
}
