//! A plan as people bring it: a head, and lists of objects, officers and recusals as rows of text. Every fault of every
//! row is found in one go; what is left is a [`Plan`] in its one form.

mod reader;
mod sheet;
#[cfg(test)]
mod tests;

pub use sheet::{List, Sheet};

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    plan::{
        ALGORITHM, Caps, Item, Object, ObjectKind, Officer, Plan, Recusal, Sampling, TeamRule,
        Window,
    },
    words::{Id, says_something},
};
use crate::domain::{Day, Fault, Region, Uscc};

use reader::Reader;
use sheet::{PLAN, TWICE, place};

/// Everything of a plan but its lists, in the words of the frozen plan.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Head {
    pub draw: Id,
    pub plan: Id,
    pub item: Item,
    pub window: Window,
    pub sampling: Sampling,
    pub caps: Caps,
    pub team: TeamRule,
    #[serde(default)]
    pub needs: Vec<Id>,
}
/// Puts a plan together; `file` names the head in faults. Every fault of the three lists, or those of the whole.
pub fn assemble(
    file: &str,
    head: Head,
    objects: &Sheet,
    officers: &Sheet,
    recusals: &Sheet,
) -> Result<Plan, Vec<Fault>> {
    let mut faults = Vec::new();
    let objects = read(objects, &mut faults, object, |one| one.id.to_string());
    let officers = read(officers, &mut faults, officer, |one| one.id.to_string());
    let recusals = read(recusals, &mut faults, recusal, |one| {
        format!("{} / {}", one.officer, one.object)
    });
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut plan = Plan {
        algorithm: ALGORITHM.to_owned(),
        draw: head.draw,
        plan: head.plan,
        item: head.item,
        window: head.window,
        sampling: head.sampling,
        caps: head.caps,
        team: head.team,
        needs: head.needs,
        objects,
        officers,
        recusals,
    };
    plan.sort();
    let faults: Vec<Fault> = (plan.faults().iter())
        .map(|fault| place(file, None, "", "").fault(PLAN, &fault.to_string(), ""))
        .collect();
    match faults.is_empty() {
        true => Ok(plan),
        false => Err(faults),
    }
}
/// The rows of a sheet that are right, with the faults of the others and of those that come twice.
fn read<T>(
    sheet: &Sheet,
    faults: &mut Vec<Fault>,
    read: impl Fn(&mut Reader<'_>) -> Option<T>,
    key: impl Fn(&T) -> String,
) -> Vec<T> {
    let mut seen = BTreeMap::new();
    let mut list = Vec::new();
    for (number, row) in &sheet.rows {
        let mut reader = Reader {
            sheet,
            number: *number,
            row,
            faults,
        };
        let Some(one) = read(&mut reader) else {
            continue;
        };
        let key = key(&one);
        match seen.get(&key) {
            Some(first) => {
                let what = format!("与第{first}行重复（编号按半角、大写、无空格比较）");
                let here = place(&sheet.name, Some(*number), "id", &key);
                faults.push(here.fault(TWICE, &what, "请删去一行，或者改正编号"));
            }
            None => {
                seen.insert(key, *number);
                list.push(one);
            }
        }
    }
    list
}

fn object(row: &mut Reader<'_>) -> Option<Object> {
    let kind = row.needed("kind", |text| match text.to_lowercase().as_str() {
        "company" | "企业" => Ok(ObjectKind::Company),
        "project" | "项目" => Ok(ObjectKind::Project),
        _ => Err("应为 company（企业）或者 project（项目）".to_owned()),
    });
    let company = |text: &str| {
        let code = Uscc::parse(text).map_err(|fault| fault.to_string())?;
        Id::parse(code.as_str()).map_err(|fault| fault.to_string())
    };
    let (id, company) = if kind == Some(ObjectKind::Company) {
        let id = row.needed("id", company);
        let given = row.text("company").to_owned();
        let owner = if given.is_empty() {
            id.clone()
        } else {
            row.needed("company", company)
        };
        (id, owner)
    } else {
        (row.needed("id", id), row.needed("company", company))
    };
    let name = row.needed("name", words);
    let district = row.needed("district", region);
    let grade = row.needed("grade", self::id);
    let needs = row.ids("needs");
    let visits = row.count("visits");
    Some(Object {
        id: id?,
        kind: kind?,
        company: company?,
        name: name?,
        district: district?,
        grade: grade?,
        needs: needs?,
        visits: visits?,
    })
}

fn officer(row: &mut Reader<'_>) -> Option<Officer> {
    let id = row.needed("id", id);
    let name = row.needed("name", words);
    let district = row.needed("district", region);
    let until = row.needed("certificate_until", |text| {
        Day::parse(text).map_err(|fault| fault.to_string())
    });
    let qualifications = row.ids("qualifications");
    let interests = row.ids("interests");
    let assigned = row.count("assigned");
    Some(Officer {
        id: id?,
        name: name?,
        district: district?,
        certificate_until: until?,
        qualifications: qualifications?,
        interests: interests?,
        assigned: assigned?,
    })
}

fn recusal(row: &mut Reader<'_>) -> Option<Recusal> {
    let officer = row.needed("officer", id);
    let object = row.needed("object", id);
    let reason = row.needed("reason", words);
    Some(Recusal {
        officer: officer?,
        object: object?,
        reason: reason?,
    })
}
fn id(text: &str) -> Result<Id, String> {
    Id::parse(text).map_err(|fault| fault.to_string())
}

fn region(text: &str) -> Result<Region, String> {
    Region::parse(text).map_err(|fault| fault.to_string())
}

fn words(text: &str) -> Result<String, String> {
    match says_something(text) {
        true => Ok(text.to_owned()),
        false => Err("没有内容".to_owned()),
    }
}
