//! 受理率, 调解率, 处理率 of a period, with what each counts beside the figures.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    parse,
    reading::{ComplaintQuestion, in_role},
};
use crate::{
    domain::{Day, Region},
    procedure::complaint::{
        Complaint, CountsFrom, Group, Grouping, Period, RateValue, level_code, level_title, tally,
    },
    service::{
        App, Error, FieldFault,
        permission::{Action, Actor},
    },
    store::{Db, companies, complaints as kept},
};

/// Complaints read at once.
const CHUNK: usize = 1_000;

/// Of which period, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatisticsQuestion {
    /// Absent: the first day of this year.
    pub from: Option<Day>,
    /// Absent: today.
    pub until: Option<Day>,
    /// Of offices of this division, or within it.
    pub district: Option<Region>,
}

/// The rates of a period, as they are on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ComplaintStatistics {
    pub from: String,
    pub until: String,
    pub as_of: String,
    /// The offices it is about: a division code; absent: all.
    pub division: Option<String>,
    /// Whether the definitions were compared with a document that binds the city; otherwise 待核实.
    pub verified: bool,
    pub basis: String,
    /// Which day puts a complaint into the period: `first_received` or `last_received`.
    pub counts_from: String,
    pub definitions: Vec<RateDefinition>,
    /// All together first, then by level, district and company.
    pub groups: Vec<GroupFigures>,
}

/// What a rate counts, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RateDefinition {
    pub rate: String,
    pub title: String,
    pub numerator: String,
    pub denominator: String,
}

/// The figures of one level, district or company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GroupFigures {
    /// `all`, `level`, `district` or `company`.
    pub by: String,
    /// Level, division code or company's code; empty for all, and where no company was named.
    pub key: String,
    pub title: String,
    /// Complaints counted here, each once, at the office that has it.
    pub complaints: u64,
    /// Left for another body: counted in no rate.
    pub transferred: u64,
    pub rates: Vec<RateFigure>,
}

/// One rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RateFigure {
    pub rate: String,
    pub numerator: u64,
    pub denominator: u64,
    /// Open and not yet due: in neither of them.
    pub not_due: u64,
    /// Percent with two digits, half up; null where there is nothing to count (0 of 0).
    #[schema(example = "83.33")]
    pub percent: Option<String>,
}

/// The rates of complaints that offices of the caller's division have.
pub fn complaint_statistics(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    question: &StatisticsQuestion,
    now: DateTime<Utc>,
) -> Result<ComplaintStatistics, Error> {
    in_role(actor, Action::ReadComplaint)?;
    let as_of = Day::of(now);
    let period = Period {
        from: question
            .from
            .or_else(|| Day::from_ymd(as_of.year(), 1, 1))
            .unwrap_or(as_of),
        until: question.until.unwrap_or(as_of),
    };
    if period.from > period.until {
        let what = format!("起始日期 {} 晚于截止日期 {}", period.from, period.until);
        return Err(Error::Invalid(vec![FieldFault::new("from", "E006", what)]));
    }
    let narrowed = ComplaintQuestion {
        district: question.district.clone(),
        ..ComplaintQuestion::default()
    };
    let complaints = read(db, app, narrowed.filter(actor), period)?;
    let groups = tally(&complaints, period, as_of, &app.complaints);
    let division = question.district.as_ref().or(actor.region.as_ref());
    told(db, app, groups, (period, as_of), division)
}

/// The rates of this year of all offices, for everybody: all together, by level and by district; no company.
pub(in crate::service) fn public_rates(
    db: &mut Db,
    app: &App,
    as_of: Day,
) -> Result<ComplaintStatistics, Error> {
    let period = Period {
        from: Day::from_ymd(as_of.year(), 1, 1).unwrap_or(as_of),
        until: as_of,
    };
    let complaints = read(db, app, kept::Filter::default(), period)?;
    let mut groups = tally(&complaints, period, as_of, &app.complaints);
    groups.retain(|group| !matches!(group.of, Grouping::Company(_)));
    told(db, app, groups, (period, as_of), None)
}

fn told(
    db: &mut Db,
    app: &App,
    groups: Vec<Group>,
    (period, as_of): (Period, Day),
    division: Option<&Region>,
) -> Result<ComplaintStatistics, Error> {
    let policy = &app.complaints;
    Ok(ComplaintStatistics {
        from: period.from.to_string(),
        until: period.until.to_string(),
        as_of: as_of.to_string(),
        division: division.map(ToString::to_string),
        verified: policy.verified,
        basis: policy.basis.clone(),
        counts_from: match policy.counts_from {
            CountsFrom::FirstReceived => "first_received",
            CountsFrom::LastReceived => "last_received",
        }
        .to_owned(),
        definitions: policy
            .rates
            .iter()
            .map(|rule| RateDefinition {
                rate: rule.id.clone(),
                title: rule.title.clone(),
                numerator: rule.numerator.clone(),
                denominator: rule.denominator.clone(),
            })
            .collect(),
        groups: groups
            .into_iter()
            .map(|group| figures(db, app, group))
            .collect::<Result<_, _>>()?,
    })
}

fn read(
    db: &mut Db,
    app: &App,
    filter: kept::Filter,
    period: Period,
) -> Result<Vec<Complaint>, Error> {
    let filter = kept::Filter {
        // No office receives before the first one did.
        from: match app.complaints.counts_from {
            CountsFrom::FirstReceived => Some(period.from),
            CountsFrom::LastReceived => None,
        },
        until: Some(period.until),
        ..filter
    };
    let mut complaints = Vec::new();
    let mut before: Option<String> = None;
    loop {
        let page = kept::page(db, &filter, before.as_deref(), CHUNK)?;
        for row in &page.rows {
            complaints.push(parse(row)?);
        }
        before = page.next;
        if before.is_none() {
            return Ok(complaints);
        }
    }
}

fn figures(db: &mut Db, app: &App, group: Group) -> Result<GroupFigures, Error> {
    let (by, key, title) = match &group.of {
        Grouping::All => ("all", String::new(), "合计".to_owned()),
        Grouping::Level(level) => (
            "level",
            level_code(*level).to_owned(),
            level_title(*level).to_owned(),
        ),
        Grouping::District(district) => {
            ("district", district.to_string(), app.regions.path(district))
        }
        Grouping::Company(None) => ("company", String::new(), "未指明企业".to_owned()),
        Grouping::Company(Some(company)) => (
            "company",
            company.to_string(),
            companies::find(db, company)?.map_or_else(|| company.to_string(), |found| found.name),
        ),
    };
    Ok(GroupFigures {
        by: by.to_owned(),
        key,
        title,
        complaints: group.complaints,
        transferred: group.transferred,
        rates: group.rates.iter().map(figure).collect(),
    })
}

fn figure(value: &RateValue) -> RateFigure {
    RateFigure {
        rate: value.rate.clone(),
        numerator: value.numerator,
        denominator: value.denominator,
        not_due: value.not_due,
        percent: value.percent(),
    }
}
