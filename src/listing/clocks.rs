//! Every period that runs for an entry: whose it is, since when, until when.
//!
//! Worked out from the entry each time, so that a change of the calendar changes what is due and nothing else.

use super::{
    entry::{Decided, Entry, Noticed, Published, State},
    standing::ExitRequest,
    types::ListType,
};
use crate::domain::{Calendar, CalendarError, Day, Deadline, Period, Span};

pub const STATEMENT: &str = "entry.statement";
pub const STATEMENT_REPLY: &str = "entry.statement_reply";
pub const DECIDE: &str = "entry.decide";
pub const SERVE: &str = "entry.serve";
pub const PUBLISH: &str = "entry.publish";
pub const REVIEW_REMEDY: &str = "entry.review_remedy";
pub const LAWSUIT_REMEDY: &str = "entry.lawsuit_remedy";
pub const DISPUTE: &str = "entry.dispute";
pub const DISPUTE_JOINT: &str = "entry.dispute_joint";
pub const REPAIR_ACCEPT: &str = "entry.repair_accept";
pub const REPAIR_RESULT: &str = "entry.repair_result";
pub const REPAIR_EXTENSION: &str = "entry.repair_extension";
pub const WITHDRAW: &str = "entry.withdraw";
pub const DISPLAY_END: &str = "entry.display_end";

/// Ids of all kinds of deadline that an entry has.
pub const ALL: [&str; 14] = [
    STATEMENT,
    STATEMENT_REPLY,
    DECIDE,
    SERVE,
    PUBLISH,
    REVIEW_REMEDY,
    LAWSUIT_REMEDY,
    DISPUTE,
    DISPUTE_JOINT,
    REPAIR_ACCEPT,
    REPAIR_RESULT,
    REPAIR_EXTENSION,
    WITHDRAW,
    DISPLAY_END,
];

/// A period that runs, and whose last day is in a year without a calendar: 待节假日安排公布, not a guess.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uncounted {
    pub rule: &'static str,
    pub period: Period,
    pub start_event: String,
    pub start: Day,
    pub fault: CalendarError,
}

impl Entry {
    /// Every deadline that runs, the earliest first.
    pub fn clocks(&self, list: &ListType, calendar: &Calendar) -> Vec<Deadline> {
        self.all_clocks(list, calendar).0
    }

    /// The periods that run and cannot be counted with this calendar.
    pub fn clocks_beyond_calendar(&self, list: &ListType, calendar: &Calendar) -> Vec<Uncounted> {
        self.all_clocks(list, calendar).1
    }

    fn all_clocks(&self, list: &ListType, calendar: &Calendar) -> (Vec<Deadline>, Vec<Uncounted>) {
        let mut clocks = Clocks {
            list,
            calendar,
            running: Vec::new(),
            beyond: Vec::new(),
        };
        match &self.state {
            State::Noticed(noticed) => clocks.noticed(noticed),
            State::Decided(decided) => {
                let decided_on = decided.decision.decided_on;
                clocks.run(SERVE, "decided", decided_on);
                clocks.publish(decided);
                clocks.standing(decided);
            }
            State::Served(served) => {
                clocks.publish(&served.decided);
                clocks.remedies(served.served_on);
                clocks.standing(&served.decided);
            }
            State::Published(published) => clocks.public(published),
            State::Shielded(shielded) => clocks.public(&shielded.published),
            State::Proposed { .. }
            | State::Issued(_)
            | State::Removed { .. }
            | State::Dropped { .. }
            | State::NotListed { .. }
            | State::Revoked { .. } => {}
        }
        clocks.running.sort_by_key(|clock| clock.due);
        (clocks.running, clocks.beyond)
    }
}

struct Clocks<'a> {
    list: &'a ListType,
    calendar: &'a Calendar,
    running: Vec<Deadline>,
    beyond: Vec<Uncounted>,
}

impl Clocks<'_> {
    fn run(&mut self, rule: &'static str, start_event: &str, start: Day) {
        // Every type has every kind: its file would not have been read otherwise.
        let Some(period) = self.list.deadline(rule).map(|rule| rule.period) else {
            return;
        };
        match Deadline::count(rule, period, start_event, start, self.calendar) {
            Ok(deadline) => self.running.push(deadline),
            Err(fault) => self.beyond.push(Uncounted {
                rule,
                period,
                start_event: start_event.to_owned(),
                start,
                fault,
            }),
        }
    }

    /// A day that was worked out when it mattered, and stays.
    fn stored(&mut self, rule: &str, period: Period, from: (&str, Day), due: Day, calendar: &str) {
        self.running.push(Deadline {
            rule: rule.to_owned(),
            period,
            start_event: from.0.to_owned(),
            start: from.1,
            due,
            calendar: calendar.to_owned(),
        });
    }

    fn noticed(&mut self, noticed: &Noticed) {
        let notice = &noticed.notice;
        let window = Period::WorkingDays(self.list.window_working_days());
        let served = ("served", notice.served_on);
        if noticed.waiver.is_none() {
            self.stored(
                STATEMENT,
                window,
                served,
                notice.window_end,
                &notice.calendar,
            );
        }
        for one in noticed
            .submissions
            .iter()
            .filter(|one| one.answer.is_none())
        {
            // Several may run at once: the number tells them apart.
            let received = format!("received {}", one.number);
            self.run(STATEMENT_REPLY, &received, one.received_on);
        }
        match &noticed.waiver {
            Some(waiver) => self.run(DECIDE, "waived", waiver.recorded_on),
            None => self.run(DECIDE, "window_closed", notice.window_end),
        }
    }

    fn publish(&mut self, decided: &Decided) {
        let period = Period::WorkingDays(self.list.publish_working_days());
        let decided_on = ("decided", decided.decision.decided_on);
        let (due, calendar) = (decided.publish_by, &decided.calendar);
        self.stored(PUBLISH, period, decided_on, due, calendar);
    }

    fn remedies(&mut self, served_on: Day) {
        self.run(REVIEW_REMEDY, "decision_served", served_on);
        self.run(LAWSUIT_REMEDY, "decision_served", served_on);
    }

    fn public(&mut self, published: &Published) {
        if let Some(served_on) = published.served_on {
            self.remedies(served_on);
        }
        match &published.dispute {
            Some(dispute) if dispute.upheld => {
                self.run(WITHDRAW, "dispute_received", dispute.received_on);
            }
            Some(dispute) => {
                let rule = if dispute.joint {
                    DISPUTE_JOINT
                } else {
                    DISPUTE
                };
                self.run(rule, "dispute_received", dispute.received_on);
            }
            None => {}
        }
        self.standing(&published.decided);
    }

    fn standing(&mut self, decided: &Decided) {
        if let Some(request) = &decided.exit_request {
            self.exit(request);
        }
        let display = decided.display;
        let days = (display.until.date() - display.from.date()).num_days();
        let period = Period::Span(Span::Days(u32::try_from(days).unwrap_or(0)));
        let from = ("decided", display.from);
        self.stored(DISPLAY_END, period, from, display.until, &decided.calendar);
    }

    fn exit(&mut self, request: &ExitRequest) {
        let since = request.since();
        if !request.is_repair() {
            self.run(WITHDRAW, "became_known", since);
            return;
        }
        if request.accepted.is_none() {
            self.run(REPAIR_ACCEPT, "application_received", since);
        }
        let result = match request.extended {
            Some(_) => REPAIR_EXTENSION,
            None => REPAIR_RESULT,
        };
        self.run(result, "application_received", since);
    }
}
