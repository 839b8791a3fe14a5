//! A draw of 10,000 objects and 500 officers, and its verification, beside a loop that only computes as many hashes.
//!
//! `cargo bench --bench draw`; `benches/README.md` has a run.

use std::time::{Duration, Instant as Watch};

use clap::Parser;
use sha2::{Digest, Sha256};
use wuxin::{
    domain::{Day, Region},
    draw::{
        self, ALGORITHM, Bytes32, Caps, DistrictRule, Event, EventValue, Id, Instant, Item,
        NumberOrder, Object, ObjectKind, Officer, Plan, Quota, Rounding, Sampling, Seed, TeamRule,
        Terms, Window,
    },
};

/// What is measured.
#[derive(Debug, Clone, Parser)]
struct Options {
    /// Times each is run, in turns; medians are printed.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    #[arg(long, default_value_t = 500)]
    officers: usize,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

const GRADES: [&str; 4] = ["A", "B", "C", "D"];
const DISTRICTS: [&str; 3] = ["512002", "512021", "512022"];

fn id(text: &str) -> anyhow::Result<Id> {
    Ok(Id::parse(text)?)
}

/// A city: projects over three districts and four grades; officers with districts, qualifications and interests.
fn plan(objects: usize, officers: usize, basis_points: u32) -> anyhow::Result<Plan> {
    let district = |n: usize| Region::parse(DISTRICTS[n % 3]);
    let mut strata = Vec::new();
    for district in DISTRICTS {
        for grade in GRADES {
            strata.push(Quota {
                district: Region::parse(district)?,
                grade: id(grade)?,
                basis_points: Some(basis_points),
                count: None,
            });
        }
    }
    let mut plan = Plan {
        algorithm: ALGORITHM.to_owned(),
        draw: id("BENCH")?,
        plan: id("2026")?,
        item: Item {
            code: id("WY-03")?,
            title: "物业服务收费公示检查".to_owned(),
            basis: "《示例条例》第一条".to_owned(),
            published_on: Day::parse("2026-05-20")?,
        },
        window: Window {
            from: Day::parse("2026-07-10")?,
            until: Day::parse("2026-08-10")?,
        },
        sampling: Sampling {
            rounding: Rounding::Up,
            strata,
        },
        caps: Caps {
            objects: None,
            company_visits: 2,
            officer_visits: 60,
        },
        team: TeamRule {
            size: 2,
            districts: DistrictRule::OneLocal,
        },
        needs: Vec::new(),
        objects: Vec::new(),
        officers: Vec::new(),
        recusals: Vec::new(),
    };
    for n in 0..objects {
        let needs = if n % 10 == 0 {
            vec![id("电梯")?]
        } else {
            Vec::new()
        };
        plan.objects.push(Object {
            id: id(&format!("XM-{n:06}"))?,
            kind: ObjectKind::Project,
            company: id(&format!("QY-{:05}", n / 20))?,
            name: format!("示例小区{n}"),
            district: district(n)?,
            grade: id(GRADES[n / 3 % 4])?,
            needs,
            visits: 0,
        });
    }
    for n in 0..officers {
        let qualifications = if n % 3 == 0 {
            vec![id("电梯")?]
        } else {
            Vec::new()
        };
        plan.officers.push(Officer {
            id: id(&format!("川M{n:04}"))?,
            name: format!("示例执法员{n}"),
            district: district(n)?,
            certificate_until: Day::parse(if n % 20 == 7 {
                "2026-08-01"
            } else {
                "2028-08-01"
            })?,
            qualifications,
            interests: vec![id(&format!("QY-{:05}", n % 500))?],
            assigned: u32::try_from(n % 3)?,
        });
    }
    plan.sort();
    anyhow::ensure!(plan.faults().is_empty(), "{:?}", plan.faults());
    Ok(plan)
}

/// A revealed file of the plan.
fn file(plan: &Plan) -> anyhow::Result<String> {
    let terms = Terms {
        event: Event::Lottery {
            game: "快乐8".to_owned(),
            issue: "2026180".to_owned(),
            numbers: 3,
            order: NumberOrder::Ascending,
            expected_at: Instant::parse("2026-07-06T13:30:00Z")?,
        },
        committed_at: Instant::parse("2026-07-06T01:00:00Z")?,
        reveal_by: Instant::parse("2026-08-20T00:00:00Z")?,
        redraw: None,
    };
    let (secret, salt) = (Bytes32([1; 32]), Bytes32([2; 32]));
    let (published, secrets) = draw::commit(None, plan.clone(), terms, secret, salt)?;
    let value = EventValue::lottery("3 5 8");
    let published = draw::observe(published, value, Instant::parse("2026-07-06T14:00:00Z")?)?;
    Ok(draw::reveal(published, &secrets, Instant::parse("2026-08-12T00:00:00Z")?)?.text())
}

/// A plain loop: one SHA-256 over as many bytes for every object, and for every drawn object and officer.
fn only_hash(plan: &Plan, drawn: usize) -> u8 {
    let seed = [7_u8; 32];
    let mut sum = 0;
    let mut hash = |first: &str, second: &str| {
        let mut hash = Sha256::new();
        hash.update(seed);
        hash.update(b"off");
        hash.update(first);
        hash.update(second);
        sum ^= hash.finalize()[0];
    };
    for object in &plan.objects {
        hash("[\"512002\",\"A\"]", object.id.as_str());
    }
    for object in &plan.objects[..drawn] {
        for officer in &plan.officers {
            hash(object.id.as_str(), officer.id.as_str());
        }
    }
    sum
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let began = Watch::now();
    let done = work();
    (began.elapsed(), done)
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1000.0
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    println!("objects  drawn  officers    draw ms  only hashing ms   ratio  verify ms  file MB");
    for (objects, basis_points) in [
        (2_500, 1_000),
        (5_000, 1_000),
        (10_000, 1_000),
        (20_000, 1_000),
        (2_500, 10_000),
        (5_000, 10_000),
        (10_000, 10_000),
    ] {
        let plan = plan(objects, options.officers, basis_points)?;
        let text = file(&plan)?;
        let now = Instant::parse("2026-09-01T00:00:00Z")?;
        let (mut draws, mut loops, mut verifies) = (Vec::new(), Vec::new(), Vec::new());
        let mut drawn = 0;
        for round in 0..options.rounds.max(1) {
            let seed = Seed(Bytes32([u8::try_from(round % 256)?; 32]));
            let (time, outcome) = timed(|| draw::draw(&plan, seed));
            draws.push(time);
            drawn = outcome?.teams.len();
            let (time, sum) = timed(|| only_hash(&plan, drawn));
            std::hint::black_box(sum);
            loops.push(time);
            let (time, report) = timed(|| draw::verify(&text, now));
            anyhow::ensure!(report.is_clean(), "{report:?}");
            verifies.push(time);
        }
        let (draw, alone, verify) = (median(draws), median(loops), median(verifies));
        println!(
            "{objects:>7} {drawn:>6} {:>9} {draw:>10.1} {alone:>16.1} {:>7.2} {verify:>10.1} {:>8.1}",
            options.officers,
            draw / alone,
            text.len() as f64 / 1e6,
        );
    }
    Ok(())
}
