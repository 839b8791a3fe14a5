//! Random plans, and whole published files made from them.

use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use wuxin::{
    domain::{Day, Region},
    draw::{
        self, ALGORITHM, Bytes32, Caps, DistrictRule, Event, EventValue, Id, Infeasible, Instant,
        Item, NumberOrder, Object, ObjectKind, Officer, Plan, Published, Quota, Recusal, Redraw,
        Rounding, Sampling, Secrets, StepFault, TeamRule, Terms, Wanted, Window,
    },
};

pub const DISTRICTS: [&str; 3] = ["512002", "512021", "512022"];
pub const GRADES: [&str; 3] = ["A", "B", "未评级"];

pub fn id(text: &str) -> Id {
    Id::parse(text).unwrap()
}

pub fn region(text: &str) -> Region {
    Region::parse(text).unwrap()
}

pub fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

pub fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

pub fn bytes(random: &mut impl Rng) -> Bytes32 {
    Bytes32(random.random())
}

pub fn generator(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// A plan of one district and one grade: `objects` of which `count` are drawn, and `officers` without limits.
pub fn plain(objects: usize, count: u32, officers: usize) -> Plan {
    Plan {
        algorithm: ALGORITHM.to_owned(),
        draw: id("资物双随机-2026-07"),
        plan: id("2026-WY"),
        item: Item {
            code: id("WY-03"),
            title: "物业服务收费公示检查".to_owned(),
            basis: "《示例条例》第一条".to_owned(),
            published_on: day("2026-05-20"),
        },
        window: Window {
            from: day("2026-07-10"),
            until: day("2026-08-10"),
        },
        sampling: Sampling {
            rounding: Rounding::Up,
            strata: vec![Quota {
                district: region(DISTRICTS[0]),
                grade: id("A"),
                basis_points: None,
                count: Some(count),
            }],
        },
        caps: Caps {
            objects: None,
            company_visits: 2,
            officer_visits: 100_000,
        },
        team: TeamRule {
            size: 2,
            districts: DistrictRule::Any,
        },
        needs: Vec::new(),
        objects: (0..objects)
            .map(|n| project(n, DISTRICTS[0], "A"))
            .collect(),
        officers: (0..officers).map(|n| officer(n, DISTRICTS[0])).collect(),
        recusals: Vec::new(),
    }
}

pub fn project(n: usize, district: &str, grade: &str) -> Object {
    Object {
        id: id(&format!("XM-{n:05}")),
        kind: ObjectKind::Project,
        company: id(&format!("QY-{n:05}")),
        name: format!("示例小区{n}"),
        district: region(district),
        grade: id(grade),
        needs: Vec::new(),
        visits: 0,
    }
}

pub fn officer(n: usize, district: &str) -> Officer {
    Officer {
        id: id(&format!("川M{n:04}")),
        name: format!("示例执法员{n}"),
        district: region(district),
        certificate_until: day("2028-12-31"),
        qualifications: Vec::new(),
        interests: Vec::new(),
        assigned: 0,
    }
}

/// Any plan without faults; small ones are often infeasible.
pub fn any_plan(random: &mut ChaCha8Rng, most_objects: usize, most_officers: usize) -> Plan {
    let mut plan = plain(0, 0, 0);
    let skills = ["消防", "电梯", "LIFT-2"];
    let some = |random: &mut ChaCha8Rng, chance: f64| -> Vec<Id> {
        let held = skills.iter().filter(|_| random.random_bool(chance));
        let mut held: Vec<Id> = held.map(|skill| id(skill)).collect();
        held.sort();
        held
    };
    plan.team.size = *[2, 2, 2, 3].choose(random).unwrap();
    plan.team.districts = *[
        DistrictRule::Any,
        DistrictRule::Same,
        DistrictRule::Other,
        DistrictRule::OneLocal,
        DistrictRule::Mixed,
    ]
    .choose(random)
    .unwrap();
    plan.sampling.rounding = *[Rounding::Up, Rounding::Down, Rounding::HalfUp]
        .choose(random)
        .unwrap();
    plan.needs = some(random, 0.1);
    plan.caps.officer_visits = random.random_range(1..12);
    plan.caps.objects = random.random_bool(0.3).then(|| random.random_range(1..30));
    let companies = random.random_range(1..=most_objects);
    let visits: Vec<u32> = (0..companies).map(|_| random.random_range(0..3)).collect();
    for n in 0..random.random_range(1..=most_objects) {
        let mut object = project(
            n,
            DISTRICTS.choose(random).unwrap(),
            GRADES.choose(random).unwrap(),
        );
        let company = random.random_range(0..companies);
        object.company = id(&format!("QY-{company:05}"));
        object.visits = visits[company];
        object.needs = some(random, 0.1);
        if random.random_bool(0.3) && !plan.objects.iter().any(|one| one.id == object.company) {
            object.id = object.company.clone();
            object.kind = ObjectKind::Company;
        }
        plan.objects.push(object);
    }
    plan.sampling.strata.clear();
    for district in DISTRICTS {
        for grade in GRADES {
            let counted = random.random_bool(0.1);
            plan.sampling.strata.push(Quota {
                district: region(district),
                grade: id(grade),
                basis_points: (!counted).then(|| random.random_range(0..=10_000)),
                count: counted.then(|| random.random_range(0..2)),
            });
        }
    }
    for n in 0..random.random_range(1..=most_officers) {
        let homes = ["512002", "512021", "512022", "512000", "512002001"];
        let mut one = officer(n, homes.choose(random).unwrap());
        if random.random_bool(0.1) {
            one.certificate_until = day("2026-08-09");
        }
        one.qualifications = some(random, 0.4);
        one.assigned = random.random_range(0..3);
        let mut interests = Vec::new();
        for object in &plan.objects {
            if random.random_bool(0.03) {
                interests.push(object.company.clone());
            }
        }
        interests.sort();
        interests.dedup();
        one.interests = interests;
        if let Some(object) = plan
            .objects
            .choose(random)
            .filter(|_| random.random_bool(0.2))
        {
            plan.recusals.push(Recusal {
                officer: one.id.clone(),
                object: object.id.clone(),
                reason: "近亲属任职".to_owned(),
            });
        }
        plan.officers.push(one);
    }
    plan.sort();
    assert_eq!(plan.faults(), []);
    plan
}

pub fn lottery() -> Event {
    Event::Lottery {
        game: "快乐8".to_owned(),
        issue: "2026180".to_owned(),
        numbers: 20,
        order: NumberOrder::Ascending,
        expected_at: at("2026-07-06T13:30:00Z"),
    }
}

pub fn numbers(random: &mut ChaCha8Rng) -> EventValue {
    let mut drawn = rand::seq::index::sample(random, 80, 20).into_vec();
    drawn.sort_unstable();
    let words: Vec<String> = drawn.iter().map(|n| format!("{:02}", n + 1)).collect();
    EventValue::lottery(&words.join(" "))
}

pub fn terms(redraw: Option<Redraw>) -> Terms {
    Terms {
        event: lottery(),
        committed_at: at("2026-07-06T01:00:00Z"),
        reveal_by: at("2026-08-20T00:00:00Z"),
        redraw,
    }
}

pub fn because(reason: &str) -> Redraw {
    Redraw {
        reason: reason.to_owned(),
        requested_by: id("张三"),
        approved_by: id("李四"),
    }
}

pub const OBSERVED: &str = "2026-07-06T14:00:00Z";
pub const VISITED: &str = "2026-07-20T02:00:00Z";
pub const REVEALED: &str = "2026-08-12T02:00:00Z";
pub const LATER: &str = "2026-09-01T00:00:00Z";

/// A committed and observed attempt behind those of `before`.
pub fn observed(
    before: Option<Published>,
    plan: Plan,
    random: &mut ChaCha8Rng,
) -> Result<(Published, Secrets), StepFault> {
    let redraw = before.as_ref().map(|_| because("首次抽取因公告有误作废"));
    let (secret, salt) = (bytes(random), bytes(random));
    let (file, secrets) = draw::commit(before, plan, terms(redraw), secret, salt)?;
    Ok((draw::observe(file, numbers(random), at(OBSERVED))?, secrets))
}

/// A revealed file with as many substitutions as can be had, up to four.
pub fn revealed(plan: Plan, random: &mut ChaCha8Rng) -> Result<Published, StepFault> {
    let (file, mut secrets) = observed(None, plan, random)?;
    if let Ok(outcome) = draw::result(&file, &secrets) {
        for team in outcome.teams.iter().take(2) {
            let officer = Wanted::Officer {
                object: team.object.clone(),
                out: team.officers[0].clone(),
            };
            let object = Wanted::Object {
                out: team.object.clone(),
            };
            for wanted in [officer, object] {
                let because = because("本人申请回避，或者现场无法开展");
                let next = draw::substitute(&file, secrets.clone(), &wanted, because, at(VISITED));
                secrets = next.unwrap_or(secrets);
            }
        }
    }
    draw::reveal(file, &secrets, at(REVEALED))
}

/// What both kinds of result look like to other implementations.
pub fn told(result: &Result<wuxin::draw::Outcome, Infeasible>) -> String {
    let bytes = match result {
        Ok(outcome) => draw::canonical::bytes_of(outcome),
        Err(fault) => draw::canonical::bytes_of(&serde_json::json!({ "infeasible": fault })),
    };
    String::from_utf8(bytes).unwrap()
}
