//! What is due, to whom, and with how many working days left.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    domain::{Calendar, Day, Duty, MatterKind, Region, Uscc},
    service::{Action, Actor, App, Error, Refusal},
    store::{
        Db,
        deadlines::{self as kept, Filter, StoredClock},
    },
};

/// Rows in one answer, if nothing else is asked for.
const ROWS: usize = 200;
/// Rows in one answer, at most.
const MOST_ROWS: usize = 1_000;

/// Which periods.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
pub struct Question {
    /// `entry`, `record` or `complaint`.
    #[param(value_type = Option<String>)]
    pub kind: Option<MatterKind>,
    #[param(value_type = Option<String>)]
    pub company: Option<Uscc>,
    /// In this division or in one inside it.
    #[param(value_type = Option<String>)]
    pub region: Option<Region>,
    /// Due on this day or before.
    #[param(value_type = Option<String>)]
    pub until: Option<Day>,
    /// 1 to 1000; 200 if absent.
    pub limit: Option<usize>,
}

/// A running period on the board.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BoardRow {
    /// `entry`, `record` or `complaint`.
    pub matter_kind: String,
    /// Id of the matter.
    pub matter: String,
    /// The matter in words.
    pub title: String,
    pub company: Option<String>,
    pub region: Option<String>,
    /// Which period of the matter: 1, 2, 3 ...
    pub number: i64,
    /// Id of the rule.
    pub rule: String,
    /// What has to be done, in words.
    pub what: String,
    /// `bureau` or `company`.
    #[schema(value_type = String)]
    pub duty: Duty,
    /// Who has to act, in words.
    pub who: String,
    /// 5个工作日
    pub period: String,
    pub start_event: String,
    pub start_on: String,
    /// Last day in time; absent where no calendar covers it.
    pub due_on: Option<String>,
    pub overdue: bool,
    /// Working days after today up to the last day; absent where the calendar does not say, and where it is overdue.
    pub working_days_left: Option<u32>,
    /// Calendar days since the last day; 0 while in time.
    pub days_late: i64,
    /// How it stands, in words: 尚余 3 个工作日, 今日届满, 逾期 2 日 (of the company's: 期限已过 2 日), 尚余 90 日 where no calendar
    /// says working days, 待节假日安排公布 where none says the last day.
    pub standing: String,
    pub basis: String,
    /// Whether the rule was compared with the official text.
    pub verified: bool,
    /// Version of the calendar it was worked out with.
    pub calendar: String,
}

/// The board: overdue ones first, the rest by their last day, those without one at the end. An account of a division sees its
/// own, and a role the kinds of matter that it reads.
///
/// # Errors
/// [`Error::Refused`] for a role without it, or for another division.
pub fn board(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    question: &Question,
    now: DateTime<Utc>,
) -> Result<Vec<BoardRow>, Error> {
    let region = narrowed(actor, question.region.as_ref())?;
    let kinds = match question.kind {
        Some(kind) => {
            actor.check_about(Action::ReadDeadlines, kind, region.as_ref())?;
            vec![kind]
        }
        None => kinds_of(actor),
    };
    let filter = Filter {
        kinds: Some(kinds),
        company: question.company,
        region,
        due_until: question.until,
        rules: None,
    };
    let limit = question.limit.unwrap_or(ROWS).clamp(1, MOST_ROWS);
    kept::running(db, &filter, limit)?
        .iter()
        .map(|clock| row(app, clock, Day::of(now)))
        .collect()
}

/// The kinds of matter that a role reads.
pub(super) fn kinds_of(actor: &Actor) -> Vec<MatterKind> {
    let all = MatterKind::ALL.into_iter();
    all.filter(|kind| actor.reads(*kind)).collect()
}

/// The division that is asked about, within the account's own.
pub(super) fn narrowed(actor: &Actor, asked: Option<&Region>) -> Result<Option<Region>, Refusal> {
    let region = asked.or(actor.region.as_ref());
    actor.check(Action::ReadDeadlines, region)?;
    Ok(region.cloned())
}

/// A period as it is shown.
pub(in crate::service) fn row(
    app: &App,
    kept: &StoredClock,
    today: Day,
) -> Result<BoardRow, Error> {
    let (subject, clock) = (&kept.subject, &kept.clock);
    let rule = app.deadlines.get(&clock.rule)?;
    let left = Left::of(clock.due, today, &app.calendar);
    Ok(BoardRow {
        matter_kind: subject.kind.as_str().to_owned(),
        matter: subject.id.clone(),
        title: subject.title.clone(),
        company: subject.company.map(|code| code.to_string()),
        region: subject.region.as_ref().map(ToString::to_string),
        number: kept.number,
        rule: clock.rule.clone(),
        what: rule.title.clone(),
        duty: rule.duty,
        who: who(rule.duty).to_owned(),
        period: clock.period.chinese(),
        start_event: clock.start_event.clone(),
        start_on: clock.start.to_string(),
        due_on: clock.due.map(|day| day.to_string()),
        overdue: matches!(left, Left::Late(_)),
        working_days_left: match left {
            Left::WorkingDays(days) => Some(days),
            Left::Late(_) | Left::Days(_) | Left::Unknown => None,
        },
        days_late: match left {
            Left::Late(days) => days,
            Left::WorkingDays(_) | Left::Days(_) | Left::Unknown => 0,
        },
        standing: left.words(rule.duty, clock.due == Some(today)),
        basis: rule.basis.clone(),
        verified: rule.verified,
        calendar: clock.calendar.clone(),
    })
}

/// Who has to act, in words.
pub(super) fn who(duty: Duty) -> &'static str {
    match duty {
        Duty::Bureau => "主管部门",
        Duty::Company => "企业",
    }
}

/// How much is left of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    WorkingDays(u32),
    /// Calendar days after the last day.
    Late(i64),
    /// Calendar days up to the last day, where a day in between is in no year that the calendar covers.
    Days(i64),
    /// No calendar says which is the last day.
    Unknown,
}

impl Left {
    pub(super) fn of(due: Option<Day>, today: Day, calendar: &Calendar) -> Self {
        match due {
            None => Self::Unknown,
            Some(due) if due < today => Self::Late((today.date() - due.date()).num_days()),
            Some(due) => calendar.working_days_left(today, due).map_or_else(
                |_| Self::Days((due.date() - today.date()).num_days()),
                Self::WorkingDays,
            ),
        }
    }

    fn words(self, duty: Duty, today: bool) -> String {
        match self {
            Self::Unknown => "待节假日安排公布".to_owned(),
            // A company that lets its time pass is late with nothing: it may have had nothing to say.
            Self::Late(days) if duty == Duty::Company => format!("期限已过 {days} 日"),
            Self::Late(days) => format!("逾期 {days} 日"),
            Self::Days(days) => format!("尚余 {days} 日"),
            Self::WorkingDays(_) if today => "今日届满".to_owned(),
            Self::WorkingDays(days) => format!("尚余 {days} 个工作日"),
        }
    }
}

/// A publication that is overdue, as everybody may know. The company is not named: what is overdue is that it be made public.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OverduePublication {
    /// What has to be done, in words.
    pub what: String,
    pub region: Option<String>,
    pub region_name: Option<String>,
    /// The day that it runs from.
    pub start_on: String,
    /// The day it should have been done by.
    pub due_on: String,
    /// Calendar days since then.
    pub days_late: i64,
    pub basis: String,
    pub verified: bool,
}

/// Overdue periods of rules that say `overdue_public`, the oldest first.
pub fn overdue_publications(
    db: &mut Db,
    app: &App,
    now: DateTime<Utc>,
) -> Result<Vec<OverduePublication>, Error> {
    let today = Day::of(now);
    let public = app.deadlines.iter().filter(|rule| rule.overdue_public);
    let filter = Filter {
        due_until: Some(today.previous()),
        rules: Some(public.map(|rule| rule.id.clone()).collect()),
        ..Filter::default()
    };
    let mut found = Vec::new();
    for kept in kept::running(db, &filter, MOST_ROWS)? {
        let Some(due) = kept.clock.due else { continue };
        let rule = app.deadlines.get(&kept.clock.rule)?;
        let region = kept.subject.region;
        found.push(OverduePublication {
            what: rule.title.clone(),
            region_name: region
                .as_ref()
                .and_then(|region| app.regions.name(region))
                .map(ToOwned::to_owned),
            region: region.map(|region| region.to_string()),
            start_on: kept.clock.start.to_string(),
            due_on: due.to_string(),
            days_late: (today.date() - due.date()).num_days(),
            basis: rule.basis.clone(),
            verified: rule.verified,
        });
    }
    Ok(found)
}

/// A period of a matter with everything that became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Past {
    pub number: i64,
    pub rule: String,
    /// `running`, `met`, `missed` or `unjudged`.
    pub state: &'static str,
    pub due_on: Option<String>,
    pub closed_on: Option<String>,
    pub days_late: i64,
    pub events: Vec<Happened>,
}

/// Something that became of a period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Happened {
    /// RFC 3339, UTC.
    pub at: String,
    /// `started`, `moved`, `recomputed`, `met`, `missed`, `unjudged` or `reminded`.
    pub cause: &'static str,
    /// In words; may be empty.
    pub said: String,
    /// Version of the calendar that was used; absent when the period is over.
    pub calendar: Option<String>,
}

/// The periods of one matter, ended ones too, each with its history.
pub fn history(db: &mut Db, actor: &Actor, kind: MatterKind, id: &str) -> Result<Vec<Past>, Error> {
    let mut periods = Vec::new();
    for kept in kept::of_matter(db, kind, id)? {
        actor.check_about(Action::ReadDeadlines, kind, kept.subject.region.as_ref())?;
        let events = kept::events(db, kind, id, kept.number)?;
        periods.push(Past {
            number: kept.number,
            rule: kept.clock.rule,
            state: kept.state.as_str(),
            due_on: kept.clock.due.map(|day| day.to_string()),
            closed_on: kept.closed_on.map(|day| day.to_string()),
            days_late: kept.days_late,
            events: events
                .into_iter()
                .map(|event| Happened {
                    at: event.at.to_rfc3339(),
                    cause: event.cause.as_str(),
                    said: event.detail,
                    calendar: event.after.map(|clock| clock.calendar),
                })
                .collect(),
        });
    }
    if periods.is_empty() {
        return Err(Error::Missing {
            what: "有期限的事项",
            id: id.to_owned(),
        });
    }
    Ok(periods)
}
