//! The plan as the store has it now: objects with their grades, officers, and limits counted from earlier draws.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::brief::{basis_points, read_task};
use crate::{
    domain::{Company, CompanyStatus, Day, Region, Uscc},
    draw::{
        ALGORITHM, Caps, Id, Object, ObjectKind, Officer, Plan, Quota, Recusal, Sampling, StepFault,
    },
    rules::{RuleSet, Trigger},
    service::{
        App, Error, FieldFault,
        checks::{library::officers, task::CheckTaskDraft, visiting::made_in, years::in_force},
    },
    store::{Db, checks as kept, companies, contracts, scores},
};

/// What those are called that the rule set gives no grade.
const UNRATED: &str = "未评级";

/// A plan with what had to be left out of it.
pub(in crate::service::checks) struct Framed {
    pub plan: Plan,
    pub left_out: Vec<LeftOut>,
}

/// What is not in the plan, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LeftOut {
    pub id: String,
    pub reason: String,
}

/// The whole plan as the store has it now.
pub(in crate::service::checks) fn frame(
    db: &mut Db,
    app: &App,
    draft: &CheckTaskDraft,
    now: DateTime<Utc>,
) -> Result<Framed, Error> {
    let brief = read_task(db, app, draft, now)?;
    let head = brief.head;
    let rules = app.rules.in_force(Day::of(now))?;
    let visits = kept::of_year(db, head.window.from.year())?;
    let left = left_of_plan(db, &head.plan, &head.draw, &visits)?;
    let made = made_in(db, head.window.from.year())?;
    let earlier = Earlier::of(visits, made, |task| task == head.draw.as_str());
    let gathered = gather(db, app, (&brief.district, &brief.kinds), &earlier, now)?;
    let strata = strata(rules, &gathered.objects, &brief.ratios)?;
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
        caps: Caps {
            objects: head.caps.objects.into_iter().chain(left).min(),
            ..head.caps
        },
        team: head.team,
        needs: head.needs,
        objects: gathered.objects,
        officers: gathered.officers,
        recusals: gathered.recusals,
    };
    plan.sort();
    match plan.faults() {
        faults if faults.is_empty() => Ok(Framed {
            plan,
            left_out: gathered.left_out,
        }),
        faults => Err(StepFault::Plan(faults).into()),
    }
}

/// Objects that the yearly plan still allows, if it has a cap and is kept here.
fn left_of_plan(
    db: &mut Db,
    plan: &Id,
    draw: &Id,
    visits: &[kept::Visit],
) -> Result<Option<u32>, Error> {
    let Some(version) = in_force(db, plan.as_str())? else {
        return Ok(None);
    };
    let of_plan = |visit: &&kept::Visit| {
        visit.task != draw.as_str()
            && (version.content.tasks.iter()).any(|task| task.id.as_str() == visit.task)
    };
    let used = u32::try_from(visits.iter().filter(of_plan).count()).unwrap_or(u32::MAX);
    Ok((version.content.caps.visits).map(|allowed| allowed.saturating_sub(used)))
}

/// What may be drawn, and who may inspect.
pub(in crate::service::checks) struct Gathered {
    /// By id.
    pub objects: Vec<Object>,
    /// By id.
    pub officers: Vec<Officer>,
    pub recusals: Vec<Recusal>,
    pub left_out: Vec<LeftOut>,
}

/// Objects of these kinds in a division with their grades, and the officers at work, with what the year gave them to do.
pub(in crate::service::checks) fn gather(
    db: &mut Db,
    app: &App,
    (district, kinds): (&Region, &[ObjectKind]),
    earlier: &Earlier,
    now: DateTime<Utc>,
) -> Result<Gathered, Error> {
    let rules = app.rules.in_force(Day::of(now))?;
    let mut left_out = Vec::new();
    let mut found = candidates(db, district, kinds, Day::of(now), &mut left_out)?;
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
            visits: earlier.visits_to(&one.company),
        };
        if objects.insert(id, object).is_some() {
            left_out.push(out(&one.id, "同一编号有几个对象，只抽其一"));
        }
    }
    let objects: Vec<Object> = objects.into_values().collect();
    let (officers, recusals) = staff(db, &objects, earlier, &mut left_out)?;
    Ok(Gathered {
        objects,
        officers,
        recusals,
        left_out,
    })
}

/// What earlier draws of the year gave companies and officers to do.
pub(in crate::service::checks) struct Earlier {
    /// Draws that visit a company: visits of one draw to a company and its projects are one.
    visits: BTreeMap<Uscc, BTreeSet<String>>,
    assigned: BTreeMap<String, u32>,
}

impl Earlier {
    /// Of all visits of a year but those that some draws give, and of those that were made, of whichever attempt: what was
    /// drawn again and had been visited by then was visited.
    pub fn of(
        year: Vec<kept::Visit>,
        made: Vec<kept::Visit>,
        without: impl Fn(&str) -> bool,
    ) -> Self {
        let (mut visits, mut assigned) = (BTreeMap::<_, BTreeSet<_>>::new(), BTreeMap::new());
        let given = year.into_iter().filter(|one| !without(&one.task));
        let mut counted = BTreeSet::new();
        for visit in made.into_iter().chain(given) {
            let draw = format!("{} {}", visit.task, visit.attempt);
            if !counted.insert((draw.clone(), visit.object)) {
                continue;
            }
            for officer in visit.officers {
                *assigned.entry(officer).or_default() += 1;
            }
            visits.entry(visit.company).or_default().insert(draw);
        }
        Self { visits, assigned }
    }

    fn visits_to(&self, company: &Uscc) -> u32 {
        let number = self.visits.get(company).map_or(0, BTreeSet::len);
        u32::try_from(number).unwrap_or(u32::MAX)
    }

    fn assigned_to(&self, officer: &Id) -> u32 {
        self.assigned.get(officer.as_str()).copied().unwrap_or(0)
    }
}

/// The officers at work, and their recusals that bear on these objects.
fn staff(
    db: &mut Db,
    objects: &[Object],
    earlier: &Earlier,
    left_out: &mut Vec<LeftOut>,
) -> Result<(Vec<Officer>, Vec<Recusal>), Error> {
    let ids: BTreeSet<&Id> = objects
        .iter()
        .flat_map(|one| [&one.id, &one.company])
        .collect();
    let (mut staff, mut recusals) = (Vec::new(), Vec::new());
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
        staff.push(Officer {
            assigned: earlier.assigned_to(&officer.id),
            id: officer.id,
            name: officer.name,
            district: officer.district,
            certificate_until: officer.certificate_until,
            qualifications: officer.qualifications,
            interests: officer.interests,
        });
    }
    Ok((staff, recusals))
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

/// Sampling ratios of the rule set by grade: `sampling` of the `[[consequence]]` of each, in hundredths of a per cent, with the
/// words it stands under.
pub(in crate::service::checks) fn sampling(rules: &RuleSet) -> BTreeMap<Id, (u32, String)> {
    let mut found = BTreeMap::new();
    for one in rules.consequences() {
        if let (Trigger::Grade(rank), Some(share)) = (one.trigger, one.sampling)
            && let Some(id) = (rules.grades().get(rank)).and_then(|grade| Id::parse(&grade.id).ok())
            && let Some(points) = basis_points(share * Decimal::ONE_HUNDRED)
        {
            let clause = one.clause.as_deref().unwrap_or(&one.title);
            let basis = format!("{} {clause}", rules.title());
            found.insert(id, (points, basis));
        }
    }
    found
}

/// One row for each district and grade there is, by the draft's ratios or the rule set's.
fn strata(
    rules: &RuleSet,
    objects: &[Object],
    ratios: &BTreeMap<Id, u32>,
) -> Result<Vec<Quota>, Error> {
    let of_rules = sampling(rules);
    let (mut strata, mut faults) = (BTreeMap::new(), BTreeMap::new());
    for object in objects {
        match ratios
            .get(&object.grade)
            .or_else(|| of_rules.get(&object.grade).map(|(points, _)| points))
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
