//! What the public may see: a company's score with every line, its published entries, the lists, a search by name.
//!
//! Three kinds of nothing are kept apart: a company that is not registered here ([`Error::NotInScope`]), one without
//! records as of a day, and a look-up that failed ([`Error::Store`]).

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    App, Error, entries,
    scoring::{Explanation, read_explanation},
};
use crate::{
    domain::{Company, Day, Region, Uscc},
    listing::Entry,
    rules::{Line, RuleSet},
    store::{
        Db,
        companies::{self, Cursor, Search},
        scores::{self, CurrentScore},
    },
};

/// A company as it may look itself up.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CompanyLookup {
    pub uscc: String,
    pub name: String,
    pub region: Option<String>,
    pub region_name: Option<String>,
    /// `active`, `suspended`, `revoked` or `deregistered`.
    pub status: String,
    /// The day for which all of this holds.
    pub as_of: String,
    pub ruleset: RuleSetRef,
    /// With exactly the decimals of the rule set.
    pub score: String,
    pub grade: String,
    pub grade_title: Option<String>,
    pub rated: bool,
    pub components: Vec<ComponentValue>,
    /// Every record, counted or not and why, and the lines of caps and averages.
    #[schema(value_type = Vec<Object>)]
    pub lines: Vec<Line>,
    /// List entries that are public now.
    pub lists: Vec<Listed>,
    pub consequences: Vec<String>,
    /// Last day of the trial run (试运行), while it lasts: until then nothing is done about lists and consequences.
    pub shadow_until: Option<String>,
    /// The first later day on which the result could differ without a new record.
    pub next_change_on: Option<String>,
    /// How the score moved: month ends, then today.
    pub trend: Vec<ScorePoint>,
}

/// The version of the rules that made a score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RuleSetRef {
    pub id: String,
    pub title: String,
    /// SHA-256 of the rule file.
    pub digest: String,
    /// False for a draft or a text that was not compared with the official one.
    pub verified: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ComponentValue {
    pub id: String,
    pub title: String,
    pub value: String,
}

/// A public list entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Listed {
    /// Of the entry; its page is `/lists/{id}` while it is public.
    pub id: String,
    pub list: String,
    pub list_title: String,
    pub class: String,
    pub severity: Option<String>,
    pub decision_no: String,
    pub decided_on: String,
    pub organ: String,
    pub reason: String,
    pub basis: String,
    pub display_until: String,
    /// Under objection (异议).
    pub disputed: bool,
}

/// A score on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ScorePoint {
    pub day: String,
    pub score: String,
    pub grade: String,
}

/// A page of companies found by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct SearchPage {
    pub companies: Vec<ListedCompany>,
    #[serde(skip)]
    pub next: Option<Cursor>,
}

/// A company in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ListedCompany {
    pub uscc: String,
    pub name: String,
    pub region: Option<String>,
    pub region_name: Option<String>,
    pub score: Option<String>,
    pub grade: Option<String>,
    pub rated: bool,
    /// `active`, `suspended`, `revoked` or `deregistered`.
    pub status: String,
    pub as_of: Option<String>,
}

/// A list with its public entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PublicList {
    pub id: String,
    pub title: String,
    pub class: String,
    /// False: shown with 待核实.
    pub verified: bool,
    pub entries: Vec<(ListedCompany, Listed)>,
}

/// Looks a company up.
pub fn company(
    db: &mut Db,
    app: &App,
    uscc: Uscc,
    now: DateTime<Utc>,
) -> Result<CompanyLookup, Error> {
    let company = companies::find(db, &uscc)?.ok_or(Error::NotInScope(uscc))?;
    let today = Day::of(now);
    let ruleset = app.rules.in_force(today)?;
    let (as_of, explanation) = score_on_file(db, ruleset, uscc, today)?;
    let Explanation { score, trend } = explanation;
    let published = entries::published_of(db, uscc, today)?;
    let grade_title = ruleset
        .grades()
        .iter()
        .find(|grade| Some(&grade.id) == score.grade.as_ref());
    let mut trend: Vec<ScorePoint> = trend
        .into_iter()
        .map(|point| ScorePoint {
            day: point.day.to_string(),
            score: point.score,
            grade: point.grade,
        })
        .collect();
    trend.push(ScorePoint {
        day: as_of.to_string(),
        score: score.score.to_string(),
        grade: score.grade.clone().unwrap_or_default(),
    });
    Ok(CompanyLookup {
        uscc: uscc.to_string(),
        name: company.name.clone(),
        region: company.region.as_ref().map(ToString::to_string),
        region_name: region_name(app, company.region.as_ref()),
        status: company.status.as_str().to_owned(),
        as_of: as_of.to_string(),
        ruleset: reference(ruleset),
        grade_title: grade_title.and_then(|grade| grade.title.clone()),
        components: ruleset
            .components()
            .iter()
            .filter_map(|component| {
                Some(ComponentValue {
                    id: component.id.clone(),
                    title: component.title.clone(),
                    value: score.components.get(&component.id)?.normalize().to_string(),
                })
            })
            .collect(),
        score: score.score.to_string(),
        grade: score.grade.unwrap_or_default(),
        rated: score.rated,
        lines: score.lines.unwrap_or_default(),
        lists: published
            .iter()
            .filter_map(|entry| listed(app, entry))
            .collect(),
        consequences: score.consequences,
        shadow_until: ruleset
            .shadow_until()
            .filter(|last| today <= *last)
            .map(|last| last.to_string()),
        next_change_on: score.next_change_on.map(|day| day.to_string()),
        trend,
    })
}

/// The stored score of a company, and the day for which it holds: today, unless a day has passed on which it could have
/// changed and the nightly run has not been yet.
pub(super) fn score_on_file(
    db: &mut Db,
    ruleset: &RuleSet,
    uscc: Uscc,
    today: Day,
) -> Result<(Day, Explanation), Error> {
    let missing = || Error::NotScored(uscc);
    let current = scores::current(db, &uscc, ruleset.id())?.ok_or_else(missing)?;
    let stored = scores::find(db, &uscc, ruleset.id(), current.seq)?.ok_or_else(missing)?;
    let explanation = read_explanation(&stored.result.explanation)?;
    Ok((holds_on(&current, today), explanation))
}

pub(super) fn holds_on(current: &CurrentScore, today: Day) -> Day {
    match current.next_change_on {
        Some(change) if change <= today => change.previous(),
        _ => today,
    }
}

/// Number of companies registered here.
pub fn company_count(db: &mut Db) -> Result<u64, Error> {
    Ok(companies::count(db)?.unsigned_abs())
}

/// Whether the database answers a question.
pub fn reachable(db: &mut Db) -> Result<(), Error> {
    companies::count(db)?;
    Ok(())
}

/// A search by name.
#[derive(Debug, Clone)]
pub struct Question {
    /// Part of the name.
    pub name: String,
    /// Only companies supervised in this division.
    pub region: Option<Region>,
    /// Only companies registered here by this instant, so that all pages are of one moment.
    pub snapshot: DateTime<Utc>,
    /// Where the page before ended.
    pub after: Option<Cursor>,
    /// Companies on a page.
    pub limit: usize,
}

/// Companies whose name contains a text, by name.
pub fn search(
    db: &mut Db,
    app: &App,
    question: &Question,
    now: DateTime<Utc>,
) -> Result<SearchPage, Error> {
    let wanted = Search {
        name: question.name.clone(),
        region: question.region.clone(),
        status: None,
        known_at: Some(question.snapshot),
    };
    let page = companies::search(db, &wanted, question.after.as_ref(), question.limit)?;
    Ok(SearchPage {
        companies: in_list(db, app, &page.rows, now)?,
        next: page.next,
    })
}

/// All lists with their public entries; a list whose type is switched off is left out.
pub fn public_lists(db: &mut Db, app: &App, now: DateTime<Utc>) -> Result<Vec<PublicList>, Error> {
    let published = entries::published(db, Day::of(now))?;
    let mut lists = Vec::new();
    let shown = |id: &str| published.iter().any(|entry| entry.list == id);
    for list in app
        .lists
        .iter()
        .filter(|list| list.enabled() || shown(list.id()))
    {
        let of_list: Vec<&Entry> = published
            .iter()
            .filter(|entry| entry.list == list.id())
            .collect();
        let codes: Vec<Uscc> = of_list.iter().map(|entry| entry.company).collect();
        let mut known = companies::of_codes(db, &codes)?;
        known.sort_by_key(|company| company.uscc);
        let companies = in_list(db, app, &known, now)?;
        let mut entries = Vec::new();
        for entry in of_list {
            let code = entry.company.to_string();
            let company = companies.iter().find(|company| company.uscc == code);
            if let (Some(company), Some(listed)) = (company, listed(app, entry)) {
                entries.push((company.clone(), listed));
            }
        }
        lists.push(PublicList {
            id: list.id().to_owned(),
            title: list.title().to_owned(),
            class: list.class().as_str().to_owned(),
            verified: list.verified(),
            entries,
        });
    }
    Ok(lists)
}

pub(super) fn in_list(
    db: &mut Db,
    app: &App,
    companies: &[Company],
    now: DateTime<Utc>,
) -> Result<Vec<ListedCompany>, Error> {
    let today = Day::of(now);
    let ruleset = app.rules.in_force(today)?;
    let codes: Vec<Uscc> = companies.iter().map(|company| company.uscc).collect();
    let scores = scores::of_companies(db, &codes, ruleset.id())?;
    Ok(companies
        .iter()
        .map(|company| {
            let score = scores.iter().find(|score| score.company == company.uscc);
            ListedCompany {
                uscc: company.uscc.to_string(),
                name: company.name.clone(),
                region: company.region.as_ref().map(ToString::to_string),
                region_name: region_name(app, company.region.as_ref()),
                score: score.map(|score| with_decimals(score, ruleset)),
                grade: score.map(|score| score.grade.clone()),
                rated: score.is_some_and(|score| score.rated),
                status: company.status.as_str().to_owned(),
                as_of: score.map(|score| holds_on(score, today).to_string()),
            }
        })
        .collect())
}

fn with_decimals(score: &CurrentScore, ruleset: &RuleSet) -> String {
    let mut value = score.score.decimal();
    value.rescale(ruleset.decimals());
    value.to_string()
}

fn region_name(app: &App, region: Option<&Region>) -> Option<String> {
    region.map(|region| app.regions.path(region))
}

pub(super) fn reference(ruleset: &RuleSet) -> RuleSetRef {
    RuleSetRef {
        id: ruleset.id().to_owned(),
        title: ruleset.title().to_owned(),
        digest: ruleset.digest().to_owned(),
        verified: ruleset.verified(),
    }
}

pub(super) fn listed(app: &App, entry: &Entry) -> Option<Listed> {
    let published = entry.public()?;
    let list = app.lists.get(&entry.list)?;
    let decision = &published.decided.decision;
    Some(Listed {
        id: entry.id.to_string(),
        list: entry.list.clone(),
        list_title: list.title().to_owned(),
        class: list.class().as_str().to_owned(),
        severity: entry.severity.map(|severity| severity.as_str().to_owned()),
        decision_no: decision.number.to_string(),
        decided_on: decision.decided_on.to_string(),
        organ: decision.organ.to_string(),
        reason: decision.reason.to_string(),
        basis: decision.basis.to_string(),
        display_until: published.decided.display.until.to_string(),
        disputed: published.dispute.is_some(),
    })
}
