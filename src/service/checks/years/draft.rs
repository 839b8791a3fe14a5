//! A yearly plan as typed, read into the plan that is frozen; every faulty field is named.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    domain::{Day, Region},
    draw::{
        DistrictRule, Id, ObjectKind, Rounding, TeamRule, Window,
        year::{GradeRatio, RulesRef, YearCaps, YearPlan, YearTask},
    },
    service::{
        App, Error, FieldFault,
        checks::{
            CheckItem,
            fields::Fields,
            library::items,
            planning::{ratios, sampling, typed, word},
            task::CheckRatio,
        },
    },
    store::Db,
};

/// The plan of a year as an officer fills it in; codes are text as typed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct YearPlanDraft {
    /// Number of the plan (计划编号).
    #[schema(example = "JH-2026")]
    pub id: String,
    #[schema(example = 2026)]
    pub year: i32,
    /// Division code; every task lies within.
    #[schema(example = "512002")]
    pub district: String,
    /// Ratios other than those of the rule set, each with a reason.
    #[serde(default)]
    pub ratios: Vec<CheckRatio>,
    /// Visits to one company in the year; a merged visit is one.
    pub company_visits: u32,
    /// Visits of one officer in the year.
    pub officer_visits: u32,
    /// Objects drawn in all tasks together; left out: no limit.
    #[serde(default)]
    pub visits: Option<u32>,
    pub tasks: Vec<YearTaskDraft>,
}

/// One task of a plan as filled in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct YearTaskDraft {
    /// Number of the draw (抽查编号).
    #[schema(example = "CC-2026-01")]
    pub id: String,
    /// Ids of items; several make one merged visit (综合查一次).
    pub items: Vec<String>,
    /// Left out: the plan's.
    #[serde(default)]
    pub district: Option<String>,
    /// 1 to 4.
    pub quarter: u32,
    /// `company` (left out), `project` or `both`.
    #[serde(default)]
    pub objects: Option<String>,
    /// `up` (left out), `down` or `half_up`.
    #[serde(default)]
    pub rounding: Option<String>,
    /// Ratios of this task instead of the plan's, each with a reason.
    #[serde(default)]
    pub ratios: Vec<CheckRatio>,
    /// Officers in a team; 2 if left out.
    #[serde(default)]
    pub team_size: Option<u32>,
    /// `any` (left out), `same`, `other`, `one_local` or `mixed`.
    #[serde(default)]
    pub districts: Option<String>,
    /// Qualifications that every team needs beside those of the items.
    #[serde(default)]
    pub needs: Vec<String>,
}

/// The division of a plan.
pub(super) fn district(app: &App, draft: &YearPlanDraft) -> Result<Region, Vec<FieldFault>> {
    let mut faults = Vec::new();
    let mut read = Fields {
        faults: &mut faults,
    };
    let region = read.district(app, "district", &typed(&draft.district));
    region.ok_or(faults)
}

/// Reads a plan; its ratios are those of the rule set in force unless it says otherwise.
pub(super) fn read_plan(
    db: &mut Db,
    app: &App,
    draft: &YearPlanDraft,
    now: DateTime<Utc>,
) -> Result<(YearPlan, RulesRef), Error> {
    let rules = app.rules.in_force(Day::of(now))?;
    let known = items(db)?;
    let mut faults = Vec::new();
    let within = district(app, draft)
        .map_err(|found| faults.extend(found))
        .ok();
    let mut read = Fields {
        faults: &mut faults,
    };
    let id = read.needed("id", &typed(&draft.id), Id::parse);
    let mut rows = sampling(rules);
    rows.extend(ratios(&mut read, "ratios", &draft.ratios));
    let (Some(plan), Some(district)) = (id, within) else {
        return Err(Error::Invalid(faults));
    };
    let mut content = YearPlan {
        plan,
        year: draft.year,
        district,
        ratios: rows.into_iter().map(row).collect(),
        caps: YearCaps {
            company_visits: draft.company_visits,
            officer_visits: draft.officer_visits,
            visits: draft.visits,
        },
        tasks: Vec::new(),
    };
    for (index, task) in draft.tasks.iter().enumerate() {
        let quarter = content.quarter(task.quarter);
        let read = read_task(
            app,
            &content.district,
            (index, task),
            (&known, quarter),
            &mut faults,
        );
        content.tasks.extend(read);
    }
    content.sort();
    if faults.is_empty() {
        let fault = |fault: crate::draw::year::YearFault| {
            FieldFault::new("tasks", "E042", fault.to_string())
        };
        faults.extend(content.faults().into_iter().map(fault));
    }
    match faults.is_empty() {
        true => Ok((
            content,
            RulesRef {
                id: rules.id().to_owned(),
                digest: rules.digest().to_owned(),
            },
        )),
        false => Err(Error::Invalid(faults)),
    }
}

fn row((grade, (basis_points, basis)): (Id, (u32, String))) -> GradeRatio {
    GradeRatio {
        grade,
        basis_points,
        basis,
    }
}

fn read_task(
    app: &App,
    within: &Region,
    (index, draft): (usize, &YearTaskDraft),
    (known, quarter): (&[CheckItem], Option<Window>),
    faults: &mut Vec<FieldFault>,
) -> Option<YearTask> {
    let at = |name: &str| format!("tasks/{index}/{name}");
    let mut read = Fields { faults };
    let id = read.needed(&at("id"), &typed(&draft.id), Id::parse);
    let district = match &draft.district {
        None => Some(within.clone()),
        given => read.district(app, &at("district"), given),
    };
    let rounding = read.optional(&at("rounding"), &draft.rounding, word::<Rounding>);
    let districts = read.optional(&at("districts"), &draft.districts, word::<DistrictRule>);
    let kinds = read.optional(&at("objects"), &draft.objects, |raw| match raw {
        "both" => Ok(vec![ObjectKind::Company, ObjectKind::Project]),
        one => word::<ObjectKind>(one).map(|kind| vec![kind]),
    });
    let of_task = ratios(&mut read, &at("ratios"), &draft.ratios);
    let mut needs = read.ids(&at("needs"), &Some(draft.needs.join(";")))?;
    let mut items = Vec::new();
    for raw in &draft.items {
        let found = Id::parse(raw).ok();
        let found = found.and_then(|id| known.iter().find(|one| one.id == id));
        let Some(item) = found else {
            read.fault(&at("items"), "E001", format!("抽查事项清单中没有「{raw}」"));
            continue;
        };
        if let Some(quarter) = quarter
            && let Some(why) = unusable(item, quarter)
        {
            read.fault(&at("items"), "E040", why);
        }
        needs.extend(item.qualifications.iter().cloned());
        items.push(item.id.clone());
    }
    needs.sort();
    needs.dedup();
    Some(YearTask {
        id: id?,
        items,
        district: district?,
        quarter: draft.quarter,
        objects: kinds.unwrap_or_else(|| vec![ObjectKind::Company]),
        rounding: rounding.unwrap_or(Rounding::Up),
        ratios: of_task.into_iter().map(row).collect(),
        team: TeamRule {
            size: draft.team_size.unwrap_or(2),
            districts: districts.unwrap_or(DistrictRule::Any),
        },
        needs,
    })
}

/// Why an item cannot be checked in a quarter at all.
fn unusable(item: &CheckItem, quarter: Window) -> Option<String> {
    let id = &item.id;
    match item.published_on {
        None => return Some(format!("事项「{id}」没有公布，不能列入计划")),
        Some(day) if day > quarter.until => {
            return Some(format!("事项「{id}」{day} 才公布，不能列入该季度"));
        }
        Some(_) => {}
    }
    if item.effective_from > quarter.until {
        return Some(format!("事项「{id}」{} 才生效", item.effective_from));
    }
    let until = item.effective_until.filter(|until| *until < quarter.from)?;
    Some(format!("事项「{id}」{until} 失效"))
}
