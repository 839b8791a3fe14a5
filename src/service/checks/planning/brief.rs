//! A draft of a task, read: every faulty field is named.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::de::DeserializeOwned;

use crate::{
    domain::{Day, Region},
    draw::{
        Caps, DistrictRule, Id, Item, ObjectKind, Rounding, Sampling, TeamRule, Window,
        draft::Head, says_something,
    },
    service::{
        App, Error, FieldFault,
        checks::{
            fields::Fields,
            library::items,
            task::{CheckRatio, CheckTaskDraft},
        },
    },
    store::Db,
};

/// A draft that was read.
pub(in crate::service::checks) struct Brief {
    pub head: Head,
    pub district: Region,
    pub kinds: Vec<ObjectKind>,
    /// Hundredths of a per cent by grade, instead of the rule set's.
    pub ratios: BTreeMap<Id, u32>,
}

/// The division of a draft.
pub(in crate::service::checks) fn district(
    app: &App,
    draft: &CheckTaskDraft,
) -> Result<Region, Vec<FieldFault>> {
    let mut faults = Vec::new();
    let mut read = Fields {
        faults: &mut faults,
    };
    let region = read.district(app, "district", &Some(draft.district.clone()));
    region.ok_or(faults)
}

/// A word of a field, in the words of the frozen plan.
pub(in crate::service::checks) fn word<T: DeserializeOwned>(raw: &str) -> Result<T, String> {
    serde_json::from_value(serde_json::Value::String(raw.to_owned()))
        .map_err(|_| format!("「{raw}」不是约定的值"))
}

pub(in crate::service::checks) fn typed(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Reads a draft; every faulty field is named.
pub(in crate::service::checks) fn read_task(
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
    let ratios = ratios(&mut read, "ratios", &draft.ratios)
        .into_iter()
        .map(|(grade, (points, _))| (grade, points))
        .collect();
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

/// Ratios by grade in hundredths of a per cent, with their reasons.
pub(in crate::service::checks) fn ratios(
    read: &mut Fields<'_>,
    at: &str,
    rows: &[CheckRatio],
) -> BTreeMap<Id, (u32, String)> {
    let mut ratios = BTreeMap::new();
    for (index, one) in rows.iter().enumerate() {
        let field = |name: &str| format!("{at}/{index}/{name}");
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
            && (ratios.insert(grade, (percent, one.reason.trim().to_owned()))).is_some()
        {
            read.fault(&field("grade"), "E006", "同一等级写了两次");
        }
    }
    ratios
}

/// Hundredths of a per cent, if that is what the number of per cent is exactly.
pub(super) fn basis_points(percent: Decimal) -> Option<u32> {
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
