//! Which step is lawful, for whom and when, and what follows from it.

use chrono::{DateTime, Utc};

use super::{
    case::{Case, Content, Effect, Event, Outcome},
    illegal::Illegal,
    rule,
    step::{Method, Step},
};
use crate::domain::{Calendar, Day, Deadline, DeadlineRules, RecordStatus};

/// Days after publication on which a notice counts as served (《民事诉讼法》 (2023) art. 95).
const PUBLICATION_DAYS: u32 = 30;

/// What the versions of a record say that a step depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The current version.
    pub version: i64,
    pub status: RecordStatus,
    /// The first day on which it can have been known: determined or confirmed, whichever was earlier.
    pub known_from: Day,
    /// The day from which the bureau has to give notice; absent where it has not: drafts, favourable records, and those that
    /// came from a file, whose notice was given before.
    pub notify_from: Option<Day>,
    /// The last version whose content was corrected.
    pub corrected_in: Option<i64>,
    pub rectify_by: Option<Day>,
    pub rectified_on: Option<Day>,
    /// The day of determination (认定).
    pub decided_on: Option<Day>,
    /// Everybody who entered or corrected it.
    pub makers: Vec<String>,
    /// Who confirmed it.
    pub confirmer: Option<String>,
    /// What a notice would tell.
    pub content: Content,
}

/// How periods are counted.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    pub rules: &'a DeadlineRules,
    pub calendar: &'a Calendar,
}

impl Terms<'_> {
    pub(super) fn count(
        &self,
        rule: &str,
        start_event: &str,
        start: Day,
    ) -> Result<Deadline, Illegal> {
        let period = self.rules.get(rule)?.period;
        Ok(Deadline::count(
            rule,
            period,
            start_event,
            start,
            self.calendar,
        )?)
    }
}

/// Takes a step: the event to append, and what it makes of the record.
///
/// # Errors
/// [`Illegal`]: what stands against it. Nothing has changed then.
pub fn apply(
    case: &Case,
    record: &Standing,
    step: &Step,
    by: &str,
    now: DateTime<Utc>,
    terms: Terms<'_>,
) -> Result<(Event, Effect), Illegal> {
    let taken = Taken {
        case,
        record,
        step: step.chinese(),
        by,
        today: Day::of(now),
        terms,
    };
    let mut content = None;
    let starts = match step {
        Step::Notice { .. } => {
            taken.notice()?;
            content = Some(record.content.clone());
            None
        }
        Step::Served {
            method,
            delivered_on,
            ..
        } => Some(taken.served(method, *delivered_on)?),
        Step::Object {
            received_on, joint, ..
        } => Some(taken.object(*received_on, *joint)?),
        Step::WithdrawObjection { .. } => {
            taken.under_examination()?;
            None
        }
        Step::Uphold { exceptionally, .. } | Step::Reject { exceptionally, .. } => {
            taken.examined(exceptionally.is_some())?;
            None
        }
        Step::Rectification { rectified_on, .. } => Some(taken.rectification(*rectified_on)?),
        Step::Accept { .. } | Step::Refuse { .. } => {
            taken.checked()?;
            None
        }
        Step::Extend { rectify_by, .. } => {
            taken.extend(*rectify_by)?;
            None
        }
    };
    let submitted = case.open_rectification().map(|open| open.rectified_on);
    let effect = Effect::of(step, submitted);
    let event = Event {
        step: step.clone(),
        by: by.to_owned(),
        at: now,
        version: record.version + i64::from(effect != Effect::Nothing),
        content,
        starts,
    };
    Ok((event, effect))
}

/// A step that somebody wants to take.
struct Taken<'a> {
    case: &'a Case,
    record: &'a Standing,
    step: &'static str,
    by: &'a str,
    today: Day,
    terms: Terms<'a>,
}

impl Taken<'_> {
    fn notice(&self) -> Result<(), Illegal> {
        self.in_status(&[RecordStatus::Confirmed])?;
        match self.case.current_notice(self.record.corrected_in) {
            Some(notice) => Err(Illegal::NoticeIssued(notice.number.clone())),
            None => Ok(()),
        }
    }

    fn served(&self, method: &Method, delivered_on: Day) -> Result<Deadline, Illegal> {
        self.counting()?;
        let issued = self.case.notice.as_ref().ok_or(Illegal::NoNotice)?;
        let notice = self
            .case
            .current_notice(self.record.corrected_in)
            .ok_or_else(|| Illegal::NoticeStale(issued.number.clone()))?;
        if notice.served.is_some() {
            return Err(Illegal::NoticeServed(notice.number.clone()));
        }
        self.between("送达日期", delivered_on, notice.issued_on)?;
        let served_on = match method {
            Method::Publication => delivered_on.plus_days(PUBLICATION_DAYS),
            Method::Direct | Method::Post | Method::Left { .. } | Method::Electronic { .. } => {
                delivered_on
            }
        };
        self.terms.count(rule::OBJECTION, "served", served_on)
    }

    fn object(&self, received_on: Day, joint: bool) -> Result<Deadline, Illegal> {
        if let Some(open) = self.case.open_objection() {
            return Err(Illegal::ObjectionOpen(open.number.clone()));
        }
        // One that came from a file with the mark on it has an objection that is not registered yet.
        self.counting()?;
        if let Some(last) = &self.case.objection {
            let corrected_since = self.record.corrected_in > Some(last.version);
            if last.outcome == Some(Outcome::Rejected) && !corrected_since {
                return Err(Illegal::ObjectionAnswered(last.number.clone()));
            }
        }
        self.between("收到异议的日期", received_on, self.record.known_from)?;
        // Without service the period has not begun to run, so that nothing can be late.
        let notice = self.case.current_notice(self.record.corrected_in);
        if let Some(served) = notice.and_then(|notice| notice.served.as_ref())
            && received_on > served.objection.due
        {
            let due = served.objection.due;
            return Err(Illegal::Late { received_on, due });
        }
        let rule = if joint {
            rule::EXAMINE_JOINT
        } else {
            rule::EXAMINE
        };
        self.terms.count(rule, "received", received_on)
    }

    fn under_examination(&self) -> Result<&str, Illegal> {
        self.counting()?;
        match self.case.open_objection() {
            Some(open) => Ok(&open.registered_by),
            None => Err(Illegal::NoObjection { step: self.step }),
        }
    }

    fn examined(&self, exceptionally: bool) -> Result<(), Illegal> {
        let registered_by = self.under_examination()?;
        let (actor, step) = (self.by.to_owned(), self.step);
        if self.record.makers.iter().any(|maker| maker == self.by) {
            return Err(Illegal::Maker { actor, step });
        }
        if registered_by == self.by {
            return Err(Illegal::SamePerson { actor, step });
        }
        if self.record.confirmer.as_deref() == Some(self.by) && !exceptionally {
            return Err(Illegal::Confirmer { actor, step });
        }
        Ok(())
    }

    fn rectification(&self, rectified_on: Day) -> Result<Deadline, Illegal> {
        self.counting()?;
        self.not_rectified()?;
        if self.case.open_rectification().is_some() {
            return Err(Illegal::RectificationOpen);
        }
        self.between("整改完成日期", rectified_on, self.record.known_from)?;
        self.terms.count(rule::CHECK, "submitted", self.today)
    }

    fn checked(&self) -> Result<(), Illegal> {
        self.counting()?;
        self.not_rectified()?;
        let step = self.step;
        let open = self.case.open_rectification();
        let open = open.ok_or(Illegal::NoRectification { step })?;
        if open.registered_by == self.by {
            let actor = self.by.to_owned();
            return Err(Illegal::SamePerson { actor, step });
        }
        Ok(())
    }

    fn extend(&self, given: Day) -> Result<(), Illegal> {
        self.counting()?;
        self.not_rectified()?;
        let old = self.record.rectify_by.ok_or(Illegal::NoRectifyBy)?;
        let from = old.next().max(self.today);
        // The longest extension there is, counted from the later of the old day and today.
        let longest = self.terms.rules.get(rule::RECTIFY)?.period;
        let until = longest.last_day(old.max(self.today), self.terms.calendar)?;
        if (from..=until).contains(&given) {
            return Ok(());
        }
        Err(Illegal::Extension { given, from, until })
    }

    /// It is confirmed, with or without the mark of an objection.
    fn counting(&self) -> Result<(), Illegal> {
        self.in_status(&[RecordStatus::Confirmed, RecordStatus::Disputed])
    }

    fn in_status(&self, lawful: &[RecordStatus]) -> Result<(), Illegal> {
        let (status, step) = (self.record.status, self.step);
        if lawful.contains(&status) {
            return Ok(());
        }
        Err(Illegal::Status { status, step })
    }

    fn not_rectified(&self) -> Result<(), Illegal> {
        match self.record.rectified_on {
            Some(day) => Err(Illegal::Rectified(day)),
            None => Ok(()),
        }
    }

    fn between(&self, what: &'static str, day: Day, from: Day) -> Result<(), Illegal> {
        let until = self.today;
        if (from..=until).contains(&day) {
            return Ok(());
        }
        Err(Illegal::Day {
            what,
            day,
            from,
            until,
        })
    }
}
