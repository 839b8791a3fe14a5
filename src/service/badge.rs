//! The grade that a company may show on its own site, and the page of one public list entry.

use chrono::{DateTime, Utc};

use super::{
    App, Error, entries,
    lookup::{Listed, ListedCompany, holds_on, in_list, listed},
};
use crate::{
    domain::{CompanyStatus, Day, Uscc},
    listing::{Entry, ListClass, Standing, State},
    store::{Db, companies, entries as kept, scores},
};

/// A grade that may be shown elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownGrade {
    pub uscc: Uscc,
    pub grade: String,
    pub title: String,
    /// Place on the ladder, the best first, and how many steps it has.
    pub place: usize,
    pub steps: usize,
    pub as_of: Day,
    /// The rules were not compared with a published text.
    pub verified: bool,
}

/// The grade of a company, if it may be shown as a badge: the company is active and graded, the rules are past their trial
/// run, and it is on no list but a favourable one.
///
/// # Errors
/// A company that is not registered here, or not scored.
pub fn shown_grade(
    db: &mut Db,
    app: &App,
    uscc: Uscc,
    now: DateTime<Utc>,
) -> Result<Option<ShownGrade>, Error> {
    let today = Day::of(now);
    let company = companies::find(db, &uscc)?.ok_or(Error::NotInScope(uscc))?;
    let ruleset = app.rules.in_force(today)?;
    let current = scores::current(db, &uscc, ruleset.id())?.ok_or(Error::NotScored(uscc))?;
    let adverse = entries::published_of(db, uscc, today)?
        .iter()
        .any(|entry| entry.class != ListClass::Red);
    let ladder = ruleset.grades();
    let place = ladder.iter().position(|grade| grade.id == current.grade);
    let may = company.status == CompanyStatus::Active
        && current.rated
        && !adverse
        && !ruleset.in_shadow_on(today);
    Ok(place.filter(|_| may).map(|place| ShownGrade {
        uscc,
        grade: current.grade.clone(),
        title: ladder[place].title.clone().unwrap_or_default(),
        place,
        steps: ladder.len(),
        as_of: holds_on(&current, today),
        verified: ruleset.verified(),
    }))
}

/// What the address of a list entry shows.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant)]
pub enum PublicEntry {
    Shown(ListedCompany, Listed),
    /// It was public once and is not any more; nothing of it is told.
    Gone,
}

/// One entry, while it is public.
///
/// # Errors
/// [`Error::Missing`] if there is none, or it was never public: the two are not told apart.
pub fn public_entry(
    db: &mut Db,
    app: &App,
    id: &str,
    now: DateTime<Utc>,
) -> Result<PublicEntry, Error> {
    let missing = || Error::Missing {
        what: "名单公示信息",
        id: id.to_owned(),
    };
    let row = kept::by_id(db, id)?.ok_or_else(missing)?;
    let entry = entries::parse(&row)?;
    if !was_public(&entry) {
        return Err(missing());
    }
    let today = Day::of(now);
    let visible = entries::published_of(db, entry.company, today)?;
    let Some(shown) = visible.iter().find(|one| one.id == entry.id) else {
        return Ok(PublicEntry::Gone);
    };
    let known = companies::of_codes(db, &[entry.company])?;
    let company = in_list(db, app, &known, now)?.into_iter().next();
    match (company, listed(app, shown)) {
        (Some(company), Some(listed)) => Ok(PublicEntry::Shown(company, listed)),
        _ => Err(missing()),
    }
}

fn was_public(entry: &Entry) -> bool {
    match &entry.state {
        State::Published(_) | State::Shielded(_) => true,
        State::Removed { was, .. } | State::Revoked { was, .. } => {
            matches!(was, Standing::Published(_) | Standing::Shielded(_))
        }
        _ => false,
    }
}
