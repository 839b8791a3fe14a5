//! The plan of a draw put together from the store: items, objects with their grades, officers, limits counted from earlier
//! draws; and what it would give.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::{Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

use super::{
    fields::Fields,
    library::{items, officers},
    task::{CheckTaskDraft, Open},
};
use crate::{
    domain::{Company, CompanyStatus, Day, Region, Uscc},
    draw::{
        ALGORITHM, Bytes32, Caps, DistrictRule, Id, Infeasible, Item, Object, ObjectKind, Officer,
        Plan, Quota, Recusal, Rounding, Sampling, Seed, StepFault, TeamRule, Window, canonical,
        draft::Head, draw, says_something,
    },
    rules::{RuleSet, Trigger},
    service::{
        App, Error, FieldFault,
        permission::{Action, Actor},
    },
    store::{Db, checks as kept, companies, contracts, scores},
};

/// What those are called that the rule set gives no grade.
const UNRATED: &str = "未评级";
/// Trial draws: enough to meet a bottleneck that depends on who is drawn, few enough to wait for.
const TRIALS: u64 = 16;

/// A draft that was read.
pub(super) struct Brief {
    pub head: Head,
    pub district: Region,
    kinds: Vec<ObjectKind>,
    /// Hundredths of a per cent by grade, instead of the rule set's.
    ratios: BTreeMap<Id, u32>,
}

/// A plan with what had to be left out of it.
pub(super) struct Framed {
    pub plan: Plan,
    pub left_out: Vec<LeftOut>,
}

/// What a plan would give, before it is frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CheckSimulation {
    pub strata: Vec<ExpectedStratum>,
    /// Objects drawn altogether.
    pub drawn: u64,
    pub officers: usize,
    /// Companies visited as often as the limit allows, and their projects: cannot be drawn.
    pub passed: Vec<String>,
    /// Objects and officers that could not be taken into the plan, each with the reason.
    pub left_out: Vec<LeftOut>,
    /// The constraint that makes the plan infeasible; absent: it is feasible in all trial draws.
    pub infeasible: Option<String>,
    pub trials: u64,
}

/// One stratum: how many there are and how many are drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExpectedStratum {
    pub district: String,
    pub grade: String,
    pub percent: String,
    /// Those that may be drawn.
    pub eligible: u64,
    pub drawn: u64,
    /// Chance of each, per cent.
    pub odds: String,
}

/// What is not in the plan, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LeftOut {
    pub id: String,
    pub reason: String,
}

/// The division of a draft.
pub(super) fn district(app: &App, draft: &CheckTaskDraft) -> Result<Region, Vec<FieldFault>> {
    let mut faults = Vec::new();
    let mut read = Fields {
        faults: &mut faults,
    };
    let region = read.district(app, "district", &Some(draft.district.clone()));
    region.ok_or(faults)
}

/// A word of a field, in the words of the frozen plan.
fn word<T: DeserializeOwned>(raw: &str) -> Result<T, String> {
    serde_json::from_value(serde_json::Value::String(raw.to_owned()))
        .map_err(|_| format!("「{raw}」不是约定的值"))
}

fn typed(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Reads a draft; every faulty field is named.
pub(super) fn read_task(
    db: &mut Db,
    app: &App,
    draft: &CheckTaskDraft,
    now: DateTime<Utc>,
) -> Result<Brief, Error> {
    let mut faults = Vec::new();
    let district = district(app, draft)
        .map_err(|found| faults.extend(found))
        .ok();
    let mut read = Fields {
        faults: &mut faults,
    };
    let id = read.needed("id", &typed(&draft.id), Id::parse);
    let plan = read.needed("plan", &typed(&draft.plan), Id::parse);
    let from = read.needed("from", &typed(&draft.from), Day::parse);
    let until = read.needed("until", &typed(&draft.until), Day::parse);
    let window = from.zip(until).map(|(from, until)| Window { from, until });
    if let Some(window) = window
        && window.until < window.from
    {
        let what = format!("最后一天 {} 早于第一天 {}", window.until, window.from);
        read.fault("until", "E003", what);
    }
    let rounding = read.optional("rounding", &draft.rounding, word::<Rounding>);
    let districts = read.optional("districts", &draft.districts, word::<DistrictRule>);
    let both = vec![ObjectKind::Company, ObjectKind::Project];
    let kinds = read.optional("objects", &draft.objects, |raw| match raw {
        "both" => Ok(both.clone()),
        one => word::<ObjectKind>(one).map(|kind| vec![kind]),
    });
    let ratios = ratios(&mut read, draft);
    let mut needs = read
        .ids("needs", &Some(draft.needs.join(";")))
        .unwrap_or_default();
    let item = item(db, draft, window, Day::of(now), &mut needs, &mut faults)?;
    match (district, id, plan, window, item) {
        (Some(district), Some(id), Some(plan), Some(window), Some(item)) if faults.is_empty() => {
            needs.sort();
            needs.dedup();
            Ok(Brief {
                head: Head {
                    draw: id,
                    plan,
                    item,
                    window,
                    sampling: Sampling {
                        rounding: rounding.unwrap_or(Rounding::Up),
                        strata: Vec::new(),
                    },
                    caps: Caps {
                        objects: draft.allowed,
                        company_visits: draft.company_visits,
                        officer_visits: draft.officer_visits,
                    },
                    team: TeamRule {
                        size: draft.team_size.unwrap_or(2),
                        districts: districts.unwrap_or(DistrictRule::Any),
                    },
                    needs,
                },
                district,
                kinds: kinds.unwrap_or_else(|| vec![ObjectKind::Company]),
                ratios,
            })
        }
        _ => Err(Error::Invalid(faults)),
    }
}

fn ratios(read: &mut Fields<'_>, draft: &CheckTaskDraft) -> BTreeMap<Id, u32> {
    let mut ratios = BTreeMap::new();
    for (index, one) in draft.ratios.iter().enumerate() {
        let field = |name: &str| format!("ratios/{index}/{name}");
        let grade = read.needed(&field("grade"), &typed(&one.grade), Id::parse);
        let percent = read.needed(&field("percent"), &typed(&one.percent), |raw| {
            let number = Decimal::from_str_exact(raw.trim_end_matches(['%', '％'])).ok();
            number
                .and_then(basis_points)
                .ok_or("抽取比例应为 0 至 100，至多两位小数")
        });
        if !says_something(&one.reason) {
            read.fault(&field("reason"), "E008", "比例与评分规则不同，须写明理由");
        }
        if let (Some(grade), Some(percent)) = (grade, percent)
            && ratios.insert(grade, percent).is_some()
        {
            read.fault(&field("grade"), "E006", "同一等级写了两次");
        }
    }
    ratios
}

/// Hundredths of a per cent, if that is what the number of per cent is exactly.
fn basis_points(percent: Decimal) -> Option<u32> {
    let points = percent * Decimal::ONE_HUNDRED;
    let whole = points.is_integer().then(|| points.to_u32()).flatten()?;
    (whole <= 10_000).then_some(whole)
}

/// The items as one: several are one merged visit. Adds what they need.
fn item(
    db: &mut Db,
    draft: &CheckTaskDraft,
    window: Option<Window>,
    today: Day,
    needs: &mut Vec<Id>,
    faults: &mut Vec<FieldFault>,
) -> Result<Option<Item>, Error> {
    let known = items(db)?;
    let mut chosen = Vec::new();
    for (index, raw) in draft.items.iter().enumerate() {
        let mut fault = |code: &str, what: String| {
            faults.push(FieldFault::new(&format!("items/{index}"), code, what));
        };
        let item = Id::parse(raw)
            .ok()
            .and_then(|id| known.iter().find(|one| one.id == id));
        let Some(item) = item else {
            fault("E001", format!("抽查事项清单中没有「{raw}」"));
            continue;
        };
        match item.published_on {
            Some(day) if day <= today => chosen.push((item, day)),
            Some(day) => fault("E040", format!("事项「{}」{day} 才公布，还不能用", item.id)),
            None => fault("E040", format!("事项「{}」没有公布，不能用", item.id)),
        }
        if let Some(window) = window {
            if window.from < item.effective_from {
                let what = format!("事项「{}」{} 才生效", item.id, item.effective_from);
                fault("E040", what);
            }
            if let Some(until) = item.effective_until.filter(|until| *until < window.until) {
                fault("E040", format!("事项「{}」{until} 失效", item.id));
            }
        }
        needs.extend(item.qualifications.iter().cloned());
    }
    if draft.items.is_empty() {
        faults.push(FieldFault::new("items", "E008", "须选择抽查事项"));
    }
    chosen.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
    chosen.dedup_by(|(a, _), (b, _)| a.id == b.id);
    let joined = |texts: Vec<&str>, between: &str| texts.join(between);
    let code = joined(chosen.iter().map(|(one, _)| one.id.as_str()).collect(), "/");
    let Some(published_on) = chosen.iter().map(|(_, day)| *day).max() else {
        return Ok(None);
    };
    let code = match Id::parse(&code) {
        Ok(code) => code,
        Err(why) => {
            faults.push(FieldFault::new("items", "E006", why.to_string()));
            return Ok(None);
        }
    };
    Ok(Some(Item {
        code,
        title: joined(
            chosen.iter().map(|(one, _)| one.title.as_str()).collect(),
            "、",
        ),
        basis: joined(
            chosen.iter().map(|(one, _)| one.basis.as_str()).collect(),
            "；",
        ),
        published_on,
    }))
}

/// The whole plan as the store has it now.
pub(super) fn frame(
    db: &mut Db,
    app: &App,
    draft: &CheckTaskDraft,
    now: DateTime<Utc>,
) -> Result<Framed, Error> {
    let brief = read_task(db, app, draft, now)?;
    let head = brief.head;
    let rules = app.rules.in_force(Day::of(now))?;
    let mut left_out = Vec::new();
    let mut earlier = kept::of_year(db, head.window.from.year())?;
    earlier.retain(|visit| visit.task != head.draw.as_str());
    let mut visits: BTreeMap<Uscc, BTreeSet<&str>> = BTreeMap::new();
    let mut assigned: BTreeMap<&str, u32> = BTreeMap::new();
    for visit in &earlier {
        // Visits of one draw to a company and its projects are one.
        visits.entry(visit.company).or_default().insert(&visit.task);
        for officer in &visit.officers {
            *assigned.entry(officer).or_default() += 1;
        }
    }
    let visits_of = |company: &Uscc| {
        let number = visits.get(company).map_or(0, BTreeSet::len);
        u32::try_from(number).unwrap_or(u32::MAX)
    };
    let mut found = candidates(
        db,
        &brief.district,
        &brief.kinds,
        Day::of(now),
        &mut left_out,
    )?;
    let codes: BTreeSet<Uscc> = found.iter().map(|one| one.company).collect();
    let codes: Vec<Uscc> = codes.into_iter().collect();
    let grades: BTreeMap<Uscc, String> = scores::of_companies(db, &codes, rules.id())?
        .into_iter()
        .filter(|score| score.rated)
        .map(|score| (score.company, score.grade))
        .collect();
    let mut objects = BTreeMap::new();
    found.sort_by(|a, b| (&a.id, a.company).cmp(&(&b.id, b.company)));
    for one in found {
        let grade = grades.get(&one.company).map_or(UNRATED, String::as_str);
        let (Ok(id), Ok(grade), Ok(company)) = (
            Id::parse(&one.id),
            Id::parse(grade),
            Id::parse(one.company.as_str()),
        ) else {
            left_out.push(out(&one.id, "编号或者等级不能用作抽查编号"));
            continue;
        };
        let object = Object {
            id: id.clone(),
            kind: one.kind,
            company,
            name: one.name,
            district: one.district,
            grade,
            needs: Vec::new(),
            visits: visits_of(&one.company),
        };
        if objects.insert(id, object).is_some() {
            left_out.push(out(&one.id, "同一编号有几个对象，只抽其一"));
        }
    }
    let objects: Vec<Object> = objects.into_values().collect();
    let strata = strata(rules, &objects, &brief.ratios)?;
    let ids: BTreeSet<&Id> = objects
        .iter()
        .flat_map(|one| [&one.id, &one.company])
        .collect();
    let (mut officers_of_plan, mut recusals) = (Vec::new(), Vec::new());
    for officer in officers(db)? {
        if !officer.active {
            left_out.push(out(officer.id.as_str(), "不在岗"));
            continue;
        }
        for one in officer
            .recusals
            .iter()
            .filter(|one| ids.contains(&one.object))
        {
            recusals.push(Recusal {
                officer: officer.id.clone(),
                object: one.object.clone(),
                reason: one.reason.clone(),
            });
        }
        officers_of_plan.push(Officer {
            assigned: assigned.get(officer.id.as_str()).copied().unwrap_or(0),
            id: officer.id,
            name: officer.name,
            district: officer.district,
            certificate_until: officer.certificate_until,
            qualifications: officer.qualifications,
            interests: officer.interests,
        });
    }
    let mut plan = Plan {
        algorithm: ALGORITHM.to_owned(),
        draw: head.draw,
        plan: head.plan,
        item: head.item,
        window: head.window,
        sampling: Sampling {
            strata,
            ..head.sampling
        },
        caps: head.caps,
        team: head.team,
        needs: head.needs,
        objects,
        officers: officers_of_plan,
        recusals,
    };
    plan.sort();
    match plan.faults() {
        faults if faults.is_empty() => Ok(Framed { plan, left_out }),
        faults => Err(StepFault::Plan(faults).into()),
    }
}

/// One that may be drawn, before its grade is known.
struct Candidate {
    id: String,
    kind: ObjectKind,
    company: Uscc,
    name: String,
    district: Region,
}

fn out(id: &str, reason: &str) -> LeftOut {
    LeftOut {
        id: id.to_owned(),
        reason: reason.to_owned(),
    }
}

/// Active companies, and projects under contract on the day, of a division.
fn candidates(
    db: &mut Db,
    within: &Region,
    kinds: &[ObjectKind],
    today: Day,
    left_out: &mut Vec<LeftOut>,
) -> Result<Vec<Candidate>, Error> {
    let all: BTreeMap<Uscc, Company> = companies::all(db)?
        .into_iter()
        .map(|one| (one.uscc, one))
        .collect();
    let mut found = Vec::new();
    let mut add = |kind, id: String, company, name: &str, region: Option<&Region>| match region {
        None => left_out.push(out(&id, "没有登记辖区")),
        Some(region) if within.contains(region) => found.push(Candidate {
            id,
            kind,
            company,
            name: name.to_owned(),
            district: county(region),
        }),
        Some(_) => {}
    };
    if kinds.contains(&ObjectKind::Company) {
        for one in all
            .values()
            .filter(|one| one.status == CompanyStatus::Active)
        {
            let (id, region) = (one.uscc.to_string(), one.region.as_ref());
            add(ObjectKind::Company, id, one.uscc, &one.name, region);
        }
    }
    if kinds.contains(&ObjectKind::Project) {
        for one in contracts::all(db)?
            .iter()
            .filter(|one| one.in_force_on(today))
        {
            let company = all.get(&one.company);
            if company.is_some_and(|company| company.status == CompanyStatus::Active) {
                let (id, region) = (one.project.clone(), one.region.as_ref());
                add(ObjectKind::Project, id, one.company, &one.name, region);
            }
        }
    }
    Ok(found)
}

/// The county that a division lies in; a city is itself.
fn county(region: &Region) -> Region {
    let mut at = region.clone();
    while at.as_str().len() > 6 {
        match at.parent() {
            Some(parent) => at = parent,
            None => break,
        }
    }
    at
}

/// One row for each district and grade there is, by the draft's ratios or the rule set's.
fn strata(
    rules: &RuleSet,
    objects: &[Object],
    ratios: &BTreeMap<Id, u32>,
) -> Result<Vec<Quota>, Error> {
    let mut of_rules: BTreeMap<Id, u32> = BTreeMap::new();
    for one in rules.consequences() {
        if let (Trigger::Grade(rank), Some(share)) = (one.trigger, one.sampling)
            && let Some(id) = rules
                .grades()
                .get(rank)
                .and_then(|grade| Id::parse(&grade.id).ok())
            && let Some(points) = basis_points(share * Decimal::ONE_HUNDRED)
        {
            of_rules.insert(id, points);
        }
    }
    let (mut strata, mut faults) = (BTreeMap::new(), BTreeMap::new());
    for object in objects {
        match ratios
            .get(&object.grade)
            .or_else(|| of_rules.get(&object.grade))
        {
            Some(points) => {
                strata.insert((&object.district, &object.grade), *points);
            }
            None => *faults.entry(&object.grade).or_insert(0_u32) += 1,
        }
    }
    if !faults.is_empty() {
        let fault = |(grade, number): (&&Id, &u32)| {
            let what = format!(
                "评分规则 {} 没有规定等级「{grade}」（{number} 个对象）的抽取比例，请在 ratios 中给出并写明理由",
                rules.id()
            );
            FieldFault::new("ratios", "E041", what)
        };
        return Err(Error::Invalid(faults.iter().map(fault).collect()));
    }
    let quota = |((district, grade), points): ((&Region, &Id), u32)| Quota {
        district: district.clone(),
        grade: grade.clone(),
        basis_points: Some(points),
        count: None,
    };
    Ok(strata.into_iter().map(quota).collect())
}

/// Draws with made-up seeds: the first constraint that nothing can satisfy.
pub(super) fn trial(plan: &Plan) -> Result<(), Infeasible> {
    let bytes = canonical::bytes_of(plan);
    for number in 0..TRIALS {
        let seed = Bytes32::digest(&[b"wuxin-trial", &bytes, &number.to_be_bytes()]);
        draw(plan, Seed(seed))?;
    }
    Ok(())
}

/// What the task would give if it were frozen now.
pub fn simulate_check(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    id: &str,
    now: DateTime<Utc>,
) -> Result<CheckSimulation, Error> {
    let open = Open::find(db, actor, Action::ReadCheck, id)?;
    let Framed { plan, left_out } = frame(db, app, &open.task.draft, now)?;
    // How many are drawn does not depend on the seed.
    let drawn = draw(&plan, Seed(Bytes32([0; 32]))).ok();
    let numbers: BTreeMap<(&Region, &Id), u64> = (drawn.iter())
        .flat_map(|outcome| &outcome.strata)
        .map(|one| ((&one.district, &one.grade), one.drawn.len() as u64))
        .collect();
    let cap = plan.caps.company_visits;
    let passed = plan.objects.iter().filter(|one| one.visits >= cap);
    let expected = plan.sampling.strata.iter().map(|row| {
        let within = |one: &&Object| one.district == row.district && one.grade == row.grade;
        let open = plan
            .objects
            .iter()
            .filter(within)
            .filter(|one| one.visits < cap);
        let eligible = open.count() as u64;
        let number = numbers.get(&(&row.district, &row.grade)).copied();
        let points = row.basis_points.unwrap_or_default();
        ExpectedStratum {
            district: row.district.to_string(),
            grade: row.grade.to_string(),
            percent: (Decimal::from(points) / Decimal::ONE_HUNDRED)
                .normalize()
                .to_string(),
            eligible,
            drawn: number.unwrap_or_default(),
            odds: match (number, eligible) {
                (Some(number), 1..) => {
                    let share = Decimal::from(number * 100) / Decimal::from(eligible);
                    share.round_dp(2).normalize().to_string()
                }
                _ => String::new(),
            },
        }
    });
    let strata: Vec<ExpectedStratum> = expected.collect();
    Ok(CheckSimulation {
        drawn: strata.iter().map(|one| one.drawn).sum(),
        strata,
        officers: plan.officers.len(),
        passed: passed.map(|one| one.id.to_string()).collect(),
        left_out,
        infeasible: trial(&plan).err().map(|why| why.to_string()),
        trials: TRIALS,
    })
}
