//! Whether a printed credit report is what the bureau said: the code on it proves company, day and result.
//!
//! Nothing is stored for it. The code carries company and day and is signed over the digest of the stored result; whoever
//! types it is told the result that the signature fits, from the store, and whether it is still the current one.

mod code;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{App, Error};
use crate::{
    domain::{Day, Uscc},
    store::{Db, companies, scores},
};

pub use code::{CodeFault, ReportCode};

/// What became of a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum ReportCheck {
    /// The report was made here and says this.
    Genuine(GenuineReport),
    /// Well formed, and no report of this service has it.
    Unknown,
    /// Not a code: where it was mistyped, in words.
    Mistyped { fault: String },
    /// This service signs no reports: it has no key.
    NotOffered,
}

/// What a genuine report says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GenuineReport {
    /// In groups, as printed.
    pub code: String,
    pub uscc: String,
    pub name: String,
    /// The day the report is of.
    pub as_of: String,
    pub score: String,
    pub grade: String,
    pub rated: bool,
    /// Whether the company's result is still the same; if not, look it up.
    pub current: bool,
}

/// The code to print on a report of a company's result as of a day; `None` without a key in the settings.
///
/// # Errors
/// A company that is not registered here or not scored by that day, or a day that no code can carry.
pub fn report_code(
    db: &mut Db,
    app: &App,
    uscc: Uscc,
    as_of: Day,
) -> Result<Option<ReportCode>, Error> {
    let Some(key) = &app.report_key else {
        return Ok(None);
    };
    companies::find(db, &uscc)?.ok_or(Error::NotInScope(uscc))?;
    let ruleset = app.rules.in_force(as_of)?;
    let marks = scores::marks_until(db, &uscc, as_of)?;
    let mark = marks
        .iter()
        .filter(|mark| mark.ruleset == ruleset.id())
        .max_by_key(|mark| mark.seq)
        .ok_or(Error::NotScored(uscc))?;
    let signed = ReportCode::sign(key.reveal().as_bytes(), uscc, as_of, &mark.digest);
    signed
        .map(Some)
        .map_err(|fault| Error::Feed(fault.to_string()))
}

/// Tells what a typed code proves.
///
/// # Errors
/// If the store fails; a code that proves nothing is an answer, not an error.
pub fn check_report(
    db: &mut Db,
    app: &App,
    typed: &str,
    now: DateTime<Utc>,
) -> Result<ReportCheck, Error> {
    let Some(key) = &app.report_key else {
        return Ok(ReportCheck::NotOffered);
    };
    let code = match ReportCode::parse(typed) {
        Ok(code) => code,
        Err(fault) => {
            return Ok(ReportCheck::Mistyped {
                fault: fault.to_string(),
            });
        }
    };
    let Some(company) = companies::find(db, &code.company())? else {
        return Ok(ReportCheck::Unknown);
    };
    let marks = scores::marks_until(db, &company.uscc, code.as_of())?;
    let proved = |mark: &&scores::Mark| code.proves(key.reveal().as_bytes(), &mark.digest);
    let Some(mark) = marks.iter().find(proved) else {
        return Ok(ReportCheck::Unknown);
    };
    let today = app.rules.in_force(Day::of(now))?;
    let current = scores::current(db, &company.uscc, today.id())?;
    let mut score = mark.score.decimal();
    if let Some(made_by) = app.rules.iter().find(|one| one.id() == mark.ruleset) {
        score.rescale(made_by.decimals());
    }
    Ok(ReportCheck::Genuine(GenuineReport {
        code: code.to_string(),
        uscc: company.uscc.to_string(),
        name: company.name,
        as_of: code.as_of().to_string(),
        score: score.to_string(),
        grade: mark.grade.clone(),
        rated: mark.rated,
        current: current.is_some_and(|one| one.ruleset == mark.ruleset && one.seq == mark.seq),
    }))
}
