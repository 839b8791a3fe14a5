//! Where a company's score comes from and where it can go: the account of the stored score, and the outlook from the day
//! for which it holds. Both tell nothing about records that the look-up does not tell.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    App, Error, RuleSetRef, entries,
    lookup::{reference, score_on_file},
    rescore::every_dossier,
    scoring::{is_fact, on_lists, score_dossiers},
};
use crate::{
    domain::{Day, Uscc},
    rules::{Account, Ask, Facts, Outlook, OutlookFault, RuleSet},
    store::{
        Db, companies,
        dossiers::{self, Dossier},
    },
};

/// A company's score as a sum that can be followed row by row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CompanyExplanation {
    pub uscc: String,
    pub name: String,
    /// The day for which it holds.
    pub as_of: String,
    pub ruleset: RuleSetRef,
    pub account: Account,
}

/// What time, rectifications and upheld objections would make of a company's score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CompanyOutlook {
    pub uscc: String,
    pub name: String,
    pub ruleset: RuleSetRef,
    pub outlook: Outlook,
}

/// The account of a company's stored score.
///
/// # Errors
/// [`Error::Stale`] if the stored score was made by another text of the rules and has not been computed again yet.
pub fn explanation(
    db: &mut Db,
    app: &App,
    uscc: Uscc,
    now: DateTime<Utc>,
) -> Result<CompanyExplanation, Error> {
    let company = companies::find(db, &uscc)?.ok_or(Error::NotInScope(uscc))?;
    let today = Day::of(now);
    let ruleset = app.rules.in_force(today)?;
    let (as_of, explanation) = score_on_file(db, ruleset, uscc, today)?;
    let account =
        Account::of(ruleset, &explanation.score).map_err(|source| Error::Stale { uscc, source })?;
    Ok(CompanyExplanation {
        uscc: uscc.to_string(),
        name: company.name,
        as_of: as_of.to_string(),
        ruleset: reference(ruleset),
        account,
    })
}

/// The account of what a company's score is on a day by the records stored now.
pub fn explanation_on(
    db: &mut Db,
    app: &App,
    uscc: Uscc,
    day: Day,
) -> Result<CompanyExplanation, Error> {
    let ruleset = app.rules.in_force(day)?;
    let dossiers = everybody_who_matters(db, ruleset, uscc)?;
    let codes: Vec<Uscc> = dossiers.iter().map(|one| one.company.uscc).collect();
    let entries = entries::of_companies(db, &codes)?;
    let scored = score_dossiers(ruleset, &dossiers, &entries, day)?;
    let own = scored.into_iter().find(|(company, _)| *company == uscc);
    let (_, explanation) = own.ok_or(Error::NotScored(uscc))?;
    let account =
        Account::of(ruleset, &explanation.score).map_err(|source| Error::Stale { uscc, source })?;
    let name = dossiers.into_iter().map(|one| one.company);
    let company = name.into_iter().find(|company| company.uscc == uscc);
    Ok(CompanyExplanation {
        uscc: uscc.to_string(),
        name: company.map(|company| company.name).unwrap_or_default(),
        as_of: day.to_string(),
        ruleset: reference(ruleset),
        account,
    })
}

/// The company alone; all companies where grades go by rank.
fn everybody_who_matters(
    db: &mut Db,
    ruleset: &RuleSet,
    uscc: Uscc,
) -> Result<Vec<Dossier>, Error> {
    let own = dossiers::find(db, &uscc)?.ok_or(Error::NotInScope(uscc))?;
    if ruleset.needs_population() {
        return every_dossier(db);
    }
    Ok(vec![own])
}

/// A company's outlook from the day for which its stored score holds. Grades by rank depend on everybody and are left out.
pub fn outlook(
    db: &mut Db,
    app: &App,
    uscc: Uscc,
    ask: Ask,
    now: DateTime<Utc>,
) -> Result<CompanyOutlook, Error> {
    let own = dossiers::find(db, &uscc)?.ok_or(Error::NotInScope(uscc))?;
    let today = Day::of(now);
    let ruleset = app.rules.in_force(today)?;
    let (as_of, _) = score_on_file(db, ruleset, uscc, today)?;
    from(db, ruleset, vec![own], uscc, ask, as_of)
}

/// A company's outlook from a day by what is stored now; grades by rank are told among all companies.
pub fn outlook_on(
    db: &mut Db,
    app: &App,
    uscc: Uscc,
    ask: Ask,
    day: Day,
) -> Result<CompanyOutlook, Error> {
    let ruleset = app.rules.in_force(day)?;
    let dossiers = everybody_who_matters(db, ruleset, uscc)?;
    from(db, ruleset, dossiers, uscc, ask, day)
}

fn from(
    db: &mut Db,
    ruleset: &RuleSet,
    dossiers: Vec<Dossier>,
    uscc: Uscc,
    ask: Ask,
    day: Day,
) -> Result<CompanyOutlook, Error> {
    let codes: Vec<Uscc> = dossiers.iter().map(|one| one.company.uscc).collect();
    let listed = on_lists(ruleset, &entries::of_companies(db, &codes)?);
    let (mut companies, mut contracts, mut records) = (Vec::new(), Vec::new(), Vec::new());
    for dossier in dossiers {
        companies.push(dossier.company);
        contracts.extend(dossier.contracts);
        records.extend(dossier.records.into_iter().filter(is_fact));
    }
    // A record of a project alone is in the dossier of every company that had the project.
    records.sort_by(|a, b| a.id.cmp(&b.id));
    records.dedup_by(|a, b| a.id == b.id);
    let facts = Facts {
        companies: &companies,
        contracts: &contracts,
        contracts_known: true,
        records: &records,
        history: &[],
        on_lists: &listed,
    };
    let outlook = Outlook::of(ruleset, &facts, uscc.as_str(), day, ask);
    let outlook = outlook.map_err(|fault| match fault {
        OutlookFault::NoSubject { .. } => Error::NotScored(uscc),
        OutlookFault::Facts(faults) => Error::Score {
            ruleset: ruleset.id().to_owned(),
            faults,
        },
    })?;
    let company = companies.into_iter().find(|company| company.uscc == uscc);
    Ok(CompanyOutlook {
        uscc: uscc.to_string(),
        name: company.map(|company| company.name).unwrap_or_default(),
        ruleset: reference(ruleset),
        outlook,
    })
}
