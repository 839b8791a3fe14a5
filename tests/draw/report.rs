//! The fairness of a year: honest draws pass, the defects of real systems show, and nothing of a draw that waits is counted.

use wuxin::draw::{
    Published,
    fairness::{ChiSquare, Evidence, Fairness, ResultPublication, fairness},
};

use crate::world::{LATER, at, day, generator, id, observed, plain, revealed};

const DRAWS: usize = 12;

/// Twelve draws of the same forty objects, ten each, by twelve officers; substitutions in each.
fn year() -> Vec<Published> {
    let mut random = generator(77);
    let draw = |n: usize| {
        let mut plan = plain(40, 10, 12);
        plan.draw = id(&format!("CC-{n:02}"));
        revealed(plan, &mut random).unwrap()
    };
    (0..DRAWS).map(draw).collect()
}

fn report(files: &[Published], results: &[ResultPublication]) -> Fairness {
    fairness(&Evidence {
        year: 2026,
        files,
        results,
        now: at(LATER),
    })
}

fn told(what: &str, test: Option<ChiSquare>) -> ChiSquare {
    let test = test.unwrap();
    let ChiSquare {
        statistic,
        freedom,
        limit,
    } = test;
    println!("{what:<34} {statistic:>10.2} {freedom:>8} {limit:>10.2}");
    test
}

#[test]
fn honest_draws_pass() {
    let files = year();
    let found = report(&files, &[]);
    assert_eq!(found.draws.len(), DRAWS);
    assert_eq!(found.odds.len(), DRAWS);
    assert!(
        found
            .odds
            .iter()
            .all(|one| (one.eligible, one.drawn) == (40, 10))
    );
    let [stratum] = &found.strata[..] else {
        panic!("{:?}", found.strata)
    };
    assert_eq!((stratum.draws, stratum.objects), (12, 40));
    assert!((stratum.expected - 3.0).abs() < 1e-9 && (stratum.realised - 3.0).abs() < 1e-9);
    // 40 (3/4)^12
    assert!(
        (stratum.expected_never - 1.267).abs() < 0.001,
        "{}",
        stratum.expected_never
    );
    println!("12 draws, 10 of 40 objects            chi-square  freedom  exceeded once in 1,000");
    assert!(told("objects against their odds", stratum.test).passes());
    let places = found.places.unwrap();
    assert_eq!(places.expected, [30.0; 4]);
    assert_eq!(places.drawn.iter().sum::<u64>(), 120);
    assert!(told("four parts of the list", places.test).passes());

    // Ten visits a draw by two of twelve: pairs that meet again are as many as chance brings together.
    let (again, expected) = (found.pairs.repeated.len() as f64, found.pairs.expected);
    println!("pairs that met again: {again}, expected {expected:.1}");
    assert!(
        (again - expected).abs() < 5.0 * expected.sqrt(),
        "{again} for {expected}"
    );
    assert!(
        found
            .pairs
            .repeated
            .windows(2)
            .all(|pair| pair[0].draws >= pair[1].draws)
    );
    let [covered] = &found.coverage[..] else {
        panic!("{:?}", found.coverage)
    };
    assert_eq!((covered.objects, covered.companies), (40, 40));
    assert_eq!(covered.visited, covered.companies_visited);
    for draw in &found.draws {
        assert_eq!((draw.attempts, draw.late, draw.redraws.len()), (1, 0, 0));
        assert_eq!(draw.substitutions.len(), 4, "{}", draw.draw);
        assert_eq!(
            draw.substitutions
                .iter()
                .filter(|one| one.of_object)
                .count(),
            2
        );
    }
}

#[test]
fn a_list_whose_end_is_never_drawn_shows() {
    // What skip-sampling of real systems does: the same places every time.
    let mut files = year();
    for file in &mut files {
        let result = file.attempts[0].result.as_mut().unwrap();
        let stratum = &mut result.body.strata[0];
        let mut all = [stratum.drawn.clone(), stratum.reserve.clone()].concat();
        all.sort();
        stratum.reserve = all.split_off(10);
        stratum.drawn = all;
    }
    let found = report(&files, &[]);
    println!("the first ten of forty, every time    chi-square  freedom  exceeded once in 1,000");
    assert!(!told("objects against their odds", found.strata[0].test).passes());
    assert!(!told("four parts of the list", found.places.unwrap().test).passes());
    assert_eq!(found.strata[0].never, 30);
    assert_eq!(found.strata[0].most, 12);
}

#[test]
fn one_draw_leaves_nothing_to_compare_and_other_years_are_other_reports() {
    let files = year();
    let found = report(&files[..1], &[]);
    assert_eq!(found.strata[0].test, None);
    assert_eq!(found.pairs.repeated, []);
    assert!(found.pairs.expected.abs() < 1e-9);
    let other = fairness(&Evidence {
        year: 2025,
        files: &files,
        results: &[],
        now: at(LATER),
    });
    assert_eq!(
        (other.draws.len(), other.strata.len(), other.places),
        (0, 0, None)
    );
}

#[test]
fn a_draw_that_waits_says_only_that_it_is_overdue() {
    let mut random = generator(78);
    let (waiting, _) = observed(None, plain(40, 10, 12), &mut random).unwrap();
    let found = report(std::slice::from_ref(&waiting), &[]);
    assert_eq!(
        (found.odds.len(), found.coverage.len(), found.pairs.met),
        (0, 0, 0)
    );
    assert_eq!((found.draws[0].late, found.draws[0].revealed_at), (1, None));
}

#[test]
fn results_that_were_published_late_are_counted_where_that_is_known() {
    let result = |task: &str, due: &str, published: Option<&str>| ResultPublication {
        task: id(task),
        due_on: day(due),
        published_on: published.map(day),
    };
    let results = [
        result("CC-1", "2026-08-20", Some("2026-08-20")),
        result("CC-2", "2026-08-20", Some("2026-08-21")),
        result("CC-3", "2026-08-20", None),
        result("CC-4", "2026-09-20", None),
        result("CC-5", "2025-08-20", None),
    ];
    let found = report(&[], &results).results;
    assert_eq!((found.known, found.in_time), (4, 1));
    assert_eq!(found.late, [id("CC-2"), id("CC-3")]);
}
