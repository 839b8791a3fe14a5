//! The bodies of the fuzz targets (`tests/fuzz`) over seeds and over seeds with bytes changed, always the same ones.
#![cfg(test)]

#[path = "fuzz/bodies.rs"]
mod bodies;

use std::{fs, path::Path, time::Instant};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Every file of a folder with this ending.
fn files(folder: &str, ending: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.retain(|path| path.extension().is_some_and(|found| found == ending));
    paths.sort();
    assert!(!paths.is_empty(), "no seeds in {}", folder.display());
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// A seed with a few pieces removed, doubled, taken from elsewhere or replaced by bytes that mean something somewhere.
fn mutated(seeds: &[Vec<u8>], random: &mut ChaCha8Rng) -> Vec<u8> {
    const PIECES: [&[u8]; 30] = [
        b"\"",
        b"'",
        b"[",
        b"]]",
        b"{",
        b"}",
        b"=",
        b",",
        b"\n",
        b"\r",
        b"\0",
        b"#",
        b".",
        b"-",
        b"(",
        b")",
        b"not ",
        b" and ",
        b"1e9",
        b"99999999999999999999",
        b"-0",
        b"0.00000000001",
        b"\xEF\xBB\xBF",
        b"\xFF",
        b"'''",
        b"\"\"\"",
        b"9999-12-31",
        b"10%",
        b"inf",
        "，＝“”𠮷".as_bytes(),
    ];
    let mut bytes = seeds[random.random_range(0..seeds.len())].clone();
    for _ in 0..random.random_range(1..6) {
        let at = random.random_range(0..=bytes.len());
        let end = (at + random.random_range(0..24)).min(bytes.len());
        let piece: Vec<u8> = match random.random_range(0..5) {
            0 => Vec::new(),
            1 => [&bytes[at..end], &bytes[at..end]].concat(),
            2 => {
                let other = &seeds[random.random_range(0..seeds.len())];
                let from = random.random_range(0..=other.len());
                other[from..(from + random.random_range(0..40)).min(other.len())].to_vec()
            }
            3 => PIECES[random.random_range(0..PIECES.len())].to_vec(),
            _ => vec![random.random()],
        };
        bytes.splice(at..end, piece);
    }
    bytes
}

/// Runs a body over the seeds and so many mutated ones; none may take long.
fn run(body: fn(&[u8]), seeds: &[Vec<u8>], mutations: usize) {
    let mut random = ChaCha8Rng::seed_from_u64(20_240_229);
    let generated = (0..mutations).map(|_| mutated(seeds, &mut random));
    for input in seeds.iter().cloned().chain(generated) {
        let start = Instant::now();
        if let Err(panic) = std::panic::catch_unwind(|| body(&input)) {
            eprintln!("{}", String::from_utf8_lossy(&input));
            std::panic::resume_unwind(panic);
        }
        let seconds = start.elapsed().as_secs();
        assert!(
            seconds < 5,
            "{seconds} s for:\n{}",
            String::from_utf8_lossy(&input)
        );
    }
}

/// The tables of the rule files, few at a time, so that a mutation is met soon.
fn small_rule_files() -> Vec<Vec<u8>> {
    let mut seeds = files("src/rules/tests", "toml");
    let reference =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md")).unwrap();
    let blocks = reference
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next());
    seeds.extend(blocks.map(|block| block.as_bytes().to_vec()));
    seeds
}

#[test]
fn rule_files_are_read_or_refused() {
    run(bodies::rule_file, &files("rules", "toml"), 0);
    run(bodies::rule_file, &small_rule_files(), 1_500);
}

#[test]
fn conditions_are_read_or_refused() {
    let conditions = [
        "people >= 10",
        "not (level == 'city' and rate > 10%) or seen < '2024-01-01'",
        "main == true and note != 'x' and project.area / people > 0.5",
        "project.households > 0 and people / project.households >= 10%",
        "has('B1', '6 months') and count('bad') >= 3",
        "points('B1') / (score - 100) < -1.5",
        "consecutive(grade <= 'B', 2) or previous_grade(2) == 'A'",
        "years_without('bad') >= 3 and not on_list('red')",
        "unrectified('B1', '30 days') and grade < 'A'",
        "subject.age_months < 12 or subject.projects * 2 == 4",
        "((((bad < 0))))",
    ];
    let mut seeds = Vec::new();
    for place in 0..4_u8 {
        seeds.extend(
            conditions
                .iter()
                .map(|text| [&[place], text.as_bytes()].concat()),
        );
    }
    let deep = |open: &str, close: &str| {
        [
            b"\x02",
            format!("{}1{}", open.repeat(5_000), close.repeat(5_000)).as_bytes(),
        ]
        .concat()
    };
    seeds.extend([
        deep("(", ")"),
        deep("not ", ""),
        deep("-", ""),
        deep("1+", ""),
        deep("has(", ")"),
    ]);
    // As many steps to the left as the limits on width, depth and length together allow.
    let wide = format!(
        "\x02{}1{} > 0",
        "(".repeat(10),
        format!("{})", "+1".repeat(94)).repeat(10)
    );
    seeds.push(wide.into_bytes());
    run(bodies::predicate, &seeds[..44], 3_000);
    run(bodies::predicate, &seeds, 0);
}

#[test]
fn files_of_records_are_read_or_refused() {
    let mut seeds = files("fixtures/small", "csv");
    seeds.extend(files("fixtures/bad", "csv"));
    seeds.push(
        "id,item,company,decided_on,people,level\nr1,B1,91512002MA0000001X,2024-02-29,3,city\n"
            .into(),
    );
    run(bodies::records, &seeds, 3_000);
}
