//! Everybody has the odds that the ratio gives, nobody is ever out of reach, and lists cannot be arranged.

use std::collections::{BTreeMap, BTreeSet};

use rand::seq::SliceRandom;
use wuxin::draw::{self, Bytes32, DistrictRule, Id, Plan, Seed, order};

use crate::world::{DISTRICTS, GRADES, day, generator, id, plain, project, region};

/// The seed with this number; seeds are hashed again, so that any different ones will do.
fn seed(number: u64) -> Seed {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    Seed(Bytes32(bytes))
}

fn ids(count: usize) -> Vec<Id> {
    (0..count)
        .map(|n| project(n, DISTRICTS[0], "A").id)
        .collect()
}

/// For each seed the places of the objects in drawn order: `places[object]`.
fn places(seed: Seed, ids: &[Id]) -> Vec<usize> {
    let mut places = vec![0; ids.len()];
    let first = ids.as_ptr();
    for (place, one) in order(seed, &region(DISTRICTS[0]), &id("A"), ids)
        .into_iter()
        .enumerate()
    {
        // `order` gives the very ids back; the distance is the index.
        let index = (std::ptr::from_ref(one) as usize - first as usize) / size_of::<Id>();
        places[index] = place;
    }
    places
}

/// Pearson's statistic against equal counts.
fn chi_square(counts: &[u64]) -> f64 {
    let expected = counts.iter().sum::<u64>() as f64 / counts.len() as f64;
    counts
        .iter()
        .map(|count| (*count as f64 - expected).powi(2) / expected)
        .sum()
}

/// The value that chi-square exceeds once in 10,000 (Wilson and Hilferty).
fn critical(freedom: usize) -> f64 {
    let part = 2.0 / (9.0 * freedom as f64);
    freedom as f64 * (1.0 - part + 3.719 * part.sqrt()).powi(3)
}

#[test]
fn over_100_000_seeds_everyone_is_drawn_as_often_as_the_ratio_says() {
    const SEEDS: u64 = 100_000;
    for population in [3, 10] {
        let ids = ids(population);
        let mut by_place = vec![vec![0_u64; population]; population];
        let mut together = BTreeMap::<(usize, usize), u64>::new();
        let halves = std::thread::scope(|scope| {
            let half = |from: u64| {
                let ids = &ids;
                scope.spawn(move || {
                    let seeds = (from..SEEDS).step_by(2);
                    seeds
                        .map(|number| places(seed(number), ids))
                        .collect::<Vec<_>>()
                })
            };
            [half(0), half(1)].map(|half| half.join().unwrap())
        });
        for places in halves.iter().flatten() {
            for (object, place) in places.iter().enumerate() {
                by_place[object][*place] += 1;
            }
            let at = |wanted: usize| places.iter().position(|place| *place == wanted).unwrap();
            let (one, other) = (at(0), at(1));
            *together
                .entry((one.min(other), one.max(other)))
                .or_default() += 1;
        }
        for drawn in 1..population {
            let share = drawn as f64 / population as f64;
            let sigma = (share * (1.0 - share) / SEEDS as f64).sqrt();
            for (object, by_place) in by_place.iter().enumerate() {
                let times: u64 = by_place[..drawn].iter().sum();
                let off = (times as f64 / SEEDS as f64 - share) / sigma;
                assert!(
                    off.abs() < 4.0,
                    "{drawn} of {population}, object {object}: {off} sigma"
                );
            }
        }
        println!(
            "{population} objects, {SEEDS} seeds      chi-square  freedom  exceeded once in 10,000"
        );
        let pairs: Vec<u64> = together.values().copied().collect();
        assert_eq!(pairs.len(), population * (population - 1) / 2);
        let place = |place: usize| {
            by_place
                .iter()
                .map(|object| object[place])
                .collect::<Vec<_>>()
        };
        for (what, counts) in [
            ("first place", place(0)),
            ("last place", place(population - 1)),
            ("drawn together, 2 of them", pairs),
        ] {
            let (statistic, limit) = (chi_square(&counts), critical(counts.len() - 1));
            println!(
                "{what:<30} {statistic:>10.2} {:>8} {limit:>10.2}",
                counts.len() - 1
            );
            assert!(statistic < limit, "{what}");
        }
    }
}

/// The first of N is drawn for every n; so it is enough that everyone comes first for some seed, in every N. Of the
/// objects up to N, the first is the one with the smallest place among all 200, since others do not move them.
#[test]
fn nobody_is_out_of_reach_for_all_n_and_population_up_to_200() {
    let ids = ids(200);
    let mut first = vec![BTreeSet::new(); ids.len() + 1];
    let mut seeds = 0;
    while first
        .iter()
        .enumerate()
        .any(|(population, first)| first.len() < population)
    {
        assert!(
            seeds < 10_000,
            "after {seeds} seeds somebody has never come first"
        );
        let places = places(seed(seeds), &ids);
        let mut foremost = 0;
        for population in 1..=ids.len() {
            if places[population - 1] < places[foremost] {
                foremost = population - 1;
            }
            first[population].insert(foremost);
        }
        if seeds < 20 {
            // What is said above, held for a population in the middle.
            let population = 10 + 9 * seeds as usize;
            let alone = order(
                seed(seeds),
                &region(DISTRICTS[0]),
                &id("A"),
                &ids[..population],
            );
            let foremost = (0..population)
                .min_by_key(|object| places[*object])
                .unwrap();
            assert_eq!(alone[0], &ids[foremost]);
        }
        seeds += 1;
    }
    println!("everyone of every population up to 200 came first within {seeds} seeds");
}

#[test]
fn the_order_of_the_list_does_not_matter_and_a_row_more_moves_no_other() {
    let mut random = generator(21);
    for round in 0..40 {
        let plan = plain(30, 10, 6);
        let mut shuffled = plan.clone();
        shuffled.objects.shuffle(&mut random);
        shuffled.officers.shuffle(&mut random);
        shuffled.sort();
        assert_eq!(plan, shuffled);

        let more = project(100 + round, DISTRICTS[0], "A");
        let mut larger = plan.clone();
        larger.objects.push(more.clone());
        larger.sort();
        let whole = |plan: &Plan| -> Vec<Id> {
            let stratum = draw::draw(plan, seed(round as u64))
                .unwrap()
                .strata
                .remove(0);
            [stratum.drawn, stratum.reserve].concat()
        };
        let mut without = whole(&larger);
        without.retain(|one| *one != more.id);
        assert_eq!(without, whole(&plan));
    }
}

/// Pairs that come out over many seeds, of one object and these officers.
fn pairs(plan: &Plan, seeds: u64) -> BTreeSet<Vec<Id>> {
    let pair = |number| {
        let mut officers = draw::draw(plan, seed(number))
            .unwrap()
            .teams
            .remove(0)
            .officers;
        officers.sort();
        officers
    };
    (0..seeds).map(pair).collect()
}

#[test]
fn every_feasible_pair_of_officers_is_reached_and_no_other() {
    let mut plan = plain(1, 1, 8);
    assert_eq!(pairs(&plan, 600).len(), 28);

    plan.needs = vec![id("电梯")];
    plan.team.districts = DistrictRule::Mixed;
    for (n, one) in plan.officers.iter_mut().enumerate() {
        if n < 3 {
            one.qualifications = vec![id("电梯")];
        }
        if n % 2 == 0 {
            one.district = region(DISTRICTS[1]);
        }
    }
    plan.officers[7].certificate_until = day("2026-08-09");
    plan.officers[6].interests = vec![plan.objects[0].company.clone()];
    let feasible: BTreeSet<Vec<Id>> = (0..6)
        .flat_map(|a| (a + 1..6).map(move |b| (a, b)))
        .filter(|(a, b)| *a < 3 && a % 2 != b % 2)
        .map(|(a, b)| vec![plan.officers[a].id.clone(), plan.officers[b].id.clone()])
        .collect();
    assert_eq!(feasible.len(), 7);
    assert_eq!(pairs(&plan, 400), feasible);
}

#[test]
fn who_is_drawn_says_nothing_about_who_visits() {
    let plan = plain(4, 1, 4);
    let mut table = BTreeMap::<(Id, Vec<Id>), u64>::new();
    for number in 0..4000 {
        let mut team = draw::draw(&plan, seed(number)).unwrap().teams.remove(0);
        team.officers.sort();
        *table.entry((team.object, team.officers)).or_default() += 1;
    }
    let counts: Vec<u64> = table.values().copied().collect();
    assert_eq!(counts.len(), 4 * 6);
    let (statistic, limit) = (chi_square(&counts), critical(23));
    println!(
        "object and pair, 24 cells: chi-square {statistic:.2}, exceeded once in 10,000: {limit:.2}"
    );
    assert!(statistic < limit);
}

/// The same office, its districts and grades: strata do not share their order.
#[test]
fn strata_are_ordered_apart() {
    let ids = ids(50);
    let of = |district: &str, grade: &str| {
        let ordered = order(seed(1), &region(district), &id(grade), &ids);
        ordered.into_iter().cloned().collect::<Vec<_>>()
    };
    let orders: BTreeSet<Vec<Id>> = (DISTRICTS.iter())
        .flat_map(|district| GRADES.iter().map(move |grade| (district, grade)))
        .map(|(district, grade)| of(district, grade))
        .collect();
    assert_eq!(orders.len(), 9);
}
