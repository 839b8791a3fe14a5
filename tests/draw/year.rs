//! The plan of a year: what is refused with which constraint, what it is expected to give, and a file that shows every change.

use std::collections::BTreeSet;

use wuxin::draw::{
    Id, Object, ObjectKind, Officer, Rounding, TeamRule,
    year::{
        Expected, GradeRatio, Population, RulesRef, YearCaps, YearFault, YearFile, YearFindingCode,
        YearInfeasible, YearPlan, YearTask, YearVersion, expect,
    },
};

use crate::world::{DISTRICTS, at, day, id, plain, project, region};

fn ratio(grade: &str, basis_points: u32) -> GradeRatio {
    GradeRatio {
        grade: id(grade),
        basis_points,
        basis: "示例办法第三十条".to_owned(),
    }
}

fn task(name: &str, quarter: u32) -> YearTask {
    YearTask {
        id: id(name),
        items: vec![id("WY-01")],
        district: region(DISTRICTS[0]),
        quarter,
        objects: vec![ObjectKind::Company, ObjectKind::Project],
        rounding: Rounding::Up,
        ratios: Vec::new(),
        team: TeamRule {
            size: 2,
            districts: wuxin::draw::DistrictRule::Any,
        },
        needs: Vec::new(),
    }
}

fn plan(tasks: Vec<YearTask>) -> YearPlan {
    YearPlan {
        plan: id("JH-2026"),
        year: 2026,
        district: region(DISTRICTS[0]),
        ratios: vec![ratio("A", 2_000), ratio("B", 5_000)],
        caps: YearCaps {
            company_visits: 2,
            officer_visits: 40,
            visits: None,
        },
        tasks,
    }
}

/// Objects of one district, each of a company of its own, and officers.
struct World {
    objects: Vec<Object>,
    officers: Vec<Officer>,
    done: BTreeSet<Id>,
}

impl World {
    fn new(a: usize, b: usize) -> Self {
        let officers = plain(1, 1, 10).officers;
        let one = |n: usize, grade: &str| {
            let object = project(n, DISTRICTS[0], grade);
            Object {
                company: id(&format!("QY-{n:03}")),
                ..object
            }
        };
        let mut objects: Vec<Object> = (0..a).map(|n| one(n, "A")).collect();
        objects.extend((a..a + b).map(|n| one(n, "B")));
        objects.sort_by(|a, b| a.id.cmp(&b.id));
        Self {
            objects,
            officers,
            done: BTreeSet::new(),
        }
    }

    fn expect(&self, plan: &YearPlan) -> Expected {
        assert_eq!(plan.faults(), []);
        let population = Population {
            objects: &self.objects,
            officers: &self.officers,
            recusals: &[],
            done: &self.done,
        };
        expect(plan, &population, 16)
    }

    fn refused(&self, plan: &YearPlan) -> YearInfeasible {
        let expected = self.expect(plan);
        expected.infeasible.expect("infeasible")
    }
}

#[test]
fn a_feasible_plan_gives_what_its_ratios_say_in_every_year() {
    let world = World::new(20, 6);
    let expected = world.expect(&plan(vec![task("CC-1", 1), task("CC-2", 3)]));
    assert_eq!(expected.infeasible, None);
    assert_eq!(expected.trials, 16);
    let rows: Vec<_> = (expected.strata.iter())
        .map(|one| {
            (
                one.task.as_str(),
                one.grade.as_str(),
                one.objects,
                one.planned,
                one.drawn,
            )
        })
        .collect();
    // 20% of 20, half of 6; nobody can be drawn more than twice, so that the second draw is whole too.
    assert_eq!(
        rows,
        [
            ("CC-1", "A", 20, 4, 64),
            ("CC-1", "B", 6, 3, 48),
            ("CC-2", "A", 20, 4, 64),
            ("CC-2", "B", 6, 3, 48),
        ]
    );
    assert_eq!(expected.visits, 16 * 14);
    let visits: u64 = expected.companies.iter().map(|one| one.visits).sum();
    assert_eq!(visits, 16 * 14);
    assert!(expected.companies.iter().all(|one| one.most <= 2));
    let officers: u64 = expected.officers.iter().map(|one| one.visits).sum();
    assert_eq!(officers, 2 * 16 * 14);
    assert_eq!(expected.items.len(), 1);
    assert_eq!(expected.items[0].visits, 16 * 14);
}

#[test]
fn a_merged_visit_counts_once_and_in_each_of_its_items() {
    let merged = YearTask {
        items: vec![id("WY-01"), id("WY-02"), id("WY-03")],
        ..task("CC-1", 2)
    };
    let expected = World::new(20, 6).expect(&plan(vec![merged]));
    assert_eq!(expected.visits, 16 * 7);
    let items: Vec<u64> = expected.items.iter().map(|one| one.visits).collect();
    assert_eq!(items, [16 * 7; 3]);
}

#[test]
fn a_company_and_its_projects_are_visited_once_in_a_draw() {
    let mut world = World::new(20, 6);
    for object in &mut world.objects {
        object.company = id("QY-000");
    }
    let expected = world.expect(&plan(vec![task("CC-1", 1)]));
    assert_eq!(
        (expected.companies.len(), expected.companies[0].visits),
        (1, 16)
    );
    assert_eq!(expected.companies[0].objects, 26);
}

#[test]
fn tasks_that_were_drawn_are_not_drawn_again_and_their_visits_count() {
    let mut world = World::new(4, 0);
    let all = GradeRatio {
        basis_points: 10_000,
        ..ratio("A", 0)
    };
    let mut plan = plan(vec![task("CC-1", 1), task("CC-2", 2)]);
    plan.ratios = vec![all];
    plan.caps.company_visits = 1;
    assert!(matches!(
        world.refused(&plan),
        YearInfeasible::CompanyVisits { .. }
    ));
    world.done.insert(id("CC-1"));
    // As the ledger would have it: everybody was visited in the first task.
    for object in &mut world.objects {
        object.visits = 1;
    }
    match world.refused(&plan) {
        YearInfeasible::CompanyVisits {
            tasks,
            visited,
            allowed,
            ..
        } => {
            assert_eq!((tasks, visited, allowed), (vec![id("CC-2")], 1, 1));
        }
        other => panic!("{other}"),
    }
    plan.caps.company_visits = 2;
    assert_eq!(world.expect(&plan).infeasible, None);
}

#[test]
fn an_infeasible_plan_is_refused_with_the_constraint() {
    let two = || plan(vec![task("CC-1", 1), task("CC-2", 2)]);
    let world = World::new(20, 6);

    let mut over = two();
    over.caps.visits = Some(13);
    let why = world.refused(&over);
    assert_eq!(
        why,
        YearInfeasible::PlanCap {
            drawn: 14,
            allowed: 13
        }
    );
    assert_eq!(why.to_string(), "全年共抽 14 个，超过计划上限 13 个");
    over.caps.visits = Some(14);
    assert_eq!(world.expect(&over).infeasible, None);

    let mut elsewhere = two();
    elsewhere.district = region("512000");
    elsewhere.tasks[1].district = region(DISTRICTS[1]);
    assert_eq!(
        world.refused(&elsewhere),
        YearInfeasible::EmptyTask { task: id("CC-2") }
    );

    // Certain: all of grade B, twice, and once allowed.
    let mut certain = two();
    certain.ratios[1].basis_points = 10_000;
    certain.caps.company_visits = 1;
    match world.refused(&certain) {
        YearInfeasible::CompanyVisits { company, tasks, .. } => {
            assert_eq!(
                (company, tasks),
                (id("QY-020"), vec![id("CC-1"), id("CC-2")])
            );
        }
        other => panic!("{other}"),
    }

    // Nobody is certain, but three halves of six are nine visits and six are allowed.
    let mut halves = plan(vec![task("CC-1", 1), task("CC-2", 2), task("CC-3", 3)]);
    halves.caps.company_visits = 1;
    assert_eq!(
        world.refused(&halves),
        YearInfeasible::StratumVisits {
            district: region(DISTRICTS[0]),
            grade: id("B"),
            needed: 9,
            available: 6,
        }
    );

    let mut tired = two();
    tired.caps.officer_visits = 2;
    assert_eq!(
        world.refused(&tired),
        YearInfeasible::OfficerVisits {
            scope: "all".to_owned(),
            needed: 28,
            available: 20,
        }
    );
    let mut unskilled = two();
    unskilled.tasks[0].needs = vec![id("电梯")];
    assert_eq!(
        world.refused(&unskilled),
        YearInfeasible::OfficerVisits {
            scope: "need:电梯".to_owned(),
            needed: 7,
            available: 0,
        }
    );
    // What only a draw finds: no officer is from elsewhere.
    let mut crossed = two();
    crossed.tasks[1].team.districts = wuxin::draw::DistrictRule::Other;
    match world.refused(&crossed) {
        YearInfeasible::Task { task, why } => {
            assert_eq!(task, id("CC-2"));
            assert!(why.to_string().contains("卡在"), "{why}");
        }
        other => panic!("{other}"),
    }
    // Certificates end before the fourth quarter does.
    let late = plan(vec![task("CC-4", 4)]);
    let mut ending = World::new(20, 6);
    for officer in &mut ending.officers {
        officer.certificate_until = day("2026-12-30");
    }
    assert!(matches!(
        ending.refused(&late),
        YearInfeasible::OfficerVisits { available: 0, .. }
    ));
}

#[test]
fn what_is_wrong_with_a_plan_in_itself_is_named() {
    let good = plan(vec![task("CC-1", 1), task("CC-2", 2)]);
    assert_eq!(good.faults(), []);
    let change = |change: &dyn Fn(&mut YearPlan)| {
        let mut plan = good.clone();
        change(&mut plan);
        plan.faults()
    };
    type Change<'c> = &'c dyn Fn(&mut YearPlan);
    let cases: [(Change<'_>, YearFault); 8] = [
        (&|plan| plan.year = 26, YearFault::Year(26)),
        (&|plan| plan.tasks.clear(), YearFault::NoTask),
        (
            &|plan| plan.tasks.reverse(),
            YearFault::Unsorted("任务".to_owned()),
        ),
        (
            &|plan| plan.tasks[0].items.clear(),
            YearFault::NoItem(id("CC-1")),
        ),
        (
            &|plan| plan.tasks[0].quarter = 5,
            YearFault::Quarter {
                task: id("CC-1"),
                quarter: 5,
            },
        ),
        (
            &|plan| plan.tasks[1].district = region(DISTRICTS[1]),
            YearFault::District {
                task: id("CC-2"),
                district: region(DISTRICTS[1]),
                within: region(DISTRICTS[0]),
            },
        ),
        (
            &|plan| plan.ratios[0].basis_points = 10_001,
            YearFault::Ratio {
                grade: id("A"),
                basis_points: 10_001,
            },
        ),
        (
            &|plan| plan.ratios[1].basis = "　".to_owned(),
            YearFault::Silent(id("B")),
        ),
    ];
    for (fault, told) in cases {
        assert_eq!(change(fault), [told]);
    }
}

#[test]
fn quarters_are_those_of_the_calendar() {
    let plan = plan(vec![task("CC-1", 1)]);
    let days = |quarter| {
        let window = plan.quarter(quarter)?;
        Some((window.from.to_string(), window.until.to_string()))
    };
    let told = |from: &str, until: &str| Some((from.to_owned(), until.to_owned()));
    assert_eq!(days(1), told("2026-01-01", "2026-03-31"));
    assert_eq!(days(2), told("2026-04-01", "2026-06-30"));
    assert_eq!(days(4), told("2026-10-01", "2026-12-31"));
    assert_eq!((days(0), days(5)), (None, None));
}

fn version(number: u32) -> YearVersion {
    YearVersion {
        number,
        content: plan(vec![task("CC-1", 1)]),
        rules: RulesRef {
            id: "示例规则".to_owned(),
            digest: "00".repeat(32),
        },
        planned: Vec::new(),
        reason: (number > 0).then(|| "新增专项".to_owned()),
        requested_by: id("科员"),
        approved_by: id("科长"),
        frozen_at: at(&format!("2026-0{}-05T01:00:00Z", number + 1)),
    }
}

#[test]
fn the_file_of_a_plan_is_read_back_and_any_changed_byte_shows() {
    let file = (0..3).fold(None, |file, number| {
        Some(YearFile::with(file, version(number)))
    });
    let file = file.unwrap();
    assert_eq!(file.findings(), []);
    assert_eq!(file.last().unwrap().number, 2);
    let text = file.text();
    assert_eq!(YearFile::parse(&text).unwrap(), file);

    let codes = |file: &YearFile| -> Vec<YearFindingCode> {
        file.findings().into_iter().map(|one| one.code).collect()
    };
    use YearFindingCode::*;
    let mut changed = file.clone();
    changed.versions[1].body.content.caps.company_visits = 9;
    assert_eq!(codes(&changed), [FileDigest, PartDigest]);
    let mut shortened = file.clone();
    shortened.versions.remove(1);
    assert_eq!(codes(&shortened), [FileDigest, PartChain, VersionNumber]);
    // Sealed anew by somebody who has the program: what is unlawful still shows.
    type Change = fn(&mut YearVersion);
    let unlawful: [(Change, YearFindingCode); 5] = [
        (|one| one.reason = None, ReasonMissing),
        (|one| one.approved_by = one.requested_by.clone(), Unapproved),
        (|one| one.frozen_at = at("2025-01-01T00:00:00Z"), ClockBack),
        (|one| one.content.plan = id("JH-2"), PlanOther),
        (|one| one.content.tasks.clear(), PlanInvalid),
    ];
    for (change, code) in unlawful {
        let mut second = version(1);
        change(&mut second);
        let first = YearFile::with(None, version(0));
        assert_eq!(codes(&YearFile::with(Some(first), second)), [code]);
    }
    // Every single changed byte of the text is found, or is no file any more.
    let bytes = text.as_bytes();
    for place in (0..bytes.len()).step_by(7) {
        let mut other = bytes.to_vec();
        other[place] ^= 1;
        let Ok(other) = String::from_utf8(other) else {
            continue;
        };
        match YearFile::parse(&other) {
            // White space between the parts says nothing.
            Ok(same) if same == file => assert!(bytes[place].is_ascii_whitespace()),
            Ok(read) => assert_ne!(read.findings(), [], "byte {place}"),
            Err(_) => {}
        }
    }
}
