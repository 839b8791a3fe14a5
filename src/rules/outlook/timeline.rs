//! The days on which something changes if nothing new is recorded.

use std::collections::{BTreeSet, HashMap};

use super::{Change, Moved, OutlookFault, Stops, Timeline, case::Case};
use crate::{
    domain::Day,
    rules::{
        account::fired,
        engine::Prepared,
        outcome::{Line, Score},
    },
};

/// Changes that are followed; a company with some hundred records has fewer in ten years.
const MOST: usize = 1000;

/// A timeline with what is asked about its days.
pub(super) struct Course {
    pub now: Score,
    pub timeline: Timeline,
    /// From each day on: the overrides and vetoes that hold, and whether the subject is rated.
    pub holds: Vec<(Day, BTreeSet<String>, bool)>,
}

/// From the day asked about, `months` ahead, as long as the rule set is in force.
pub(super) fn follow(case: &Case<'_>, months: u32) -> Result<Course, OutlookFault> {
    let facts = case.facts();
    let prepared = Prepared::new(case.rules, &facts);
    let now = prepared.score(case.as_of).map_err(OutlookFault::Facts)?;
    let now = case.own(now, case.as_of)?;
    let asked = case.as_of.plus_months(months);
    let (until, stops) = match case.rules.effective_until() {
        Some(last) if last < asked => (last.max(case.as_of), Stops::RulesEnd),
        _ => (asked, Stops::Asked),
    };
    let mut course = Course {
        holds: vec![(case.as_of, names(&now), now.rated)],
        timeline: Timeline {
            until,
            stops,
            changes: Vec::new(),
        },
        now,
    };
    let mut current = course.now.clone();
    for _ in 0..MOST {
        let Some(day) = current.next_change_on.filter(|day| *day <= until) else {
            return Ok(course);
        };
        let then = match prepared.score(day) {
            Ok(scores) => case.own(scores, day).map_err(|fault| fault.to_string()),
            Err(faults) => Err(OutlookFault::Facts(faults).to_string()),
        };
        let then = match then {
            Ok(then) => then,
            Err(what) => {
                course.timeline.until = day.previous();
                course.timeline.stops = Stops::Fault { what };
                return Ok(course);
            }
        };
        let change = Change {
            on: day,
            stand: case.stand_of(&then),
            lists: then.lists.clone(),
            records: moved(case, &current, &then),
        };
        // In a ranking another subject's change may be none of this one's.
        let same = change.records.is_empty()
            && change.stand == case.stand_of(&current)
            && change.lists == current.lists;
        if !same {
            course.timeline.changes.push(change);
        }
        course.holds.push((day, names(&then), then.rated));
        current = then;
    }
    course.timeline.until = current.as_of;
    course.timeline.stops = Stops::TooMany;
    Ok(course)
}

fn names(score: &Score) -> BTreeSet<String> {
    let lines = score.lines.as_deref().unwrap_or_default();
    fired(lines).map(|line| line.item.clone()).collect()
}

/// The records that count otherwise.
fn moved(case: &Case<'_>, before: &Score, after: &Score) -> Vec<Moved> {
    let counted = |line: &Line| line.counted.then_some(line.points);
    let records = |score: &'_ Score| -> HashMap<String, Option<rust_decimal::Decimal>> {
        let lines = score.lines.iter().flatten();
        lines
            .filter_map(|line| Some((line.record.clone()?, counted(line))))
            .collect()
    };
    let known = records(before);
    let lines = after.lines.iter().flatten();
    let mut found: Vec<Moved> = lines
        .filter_map(|line| {
            let before = known.get(line.record.as_ref()?).copied().flatten();
            let after = counted(line);
            (before != after).then(|| Moved {
                cited: case.cited(line),
                before,
                after,
                why: line.why.clone(),
            })
        })
        .collect();
    // A record of a project that went to another company is not among the lines any more.
    let named = records(after);
    for line in before.lines.iter().flatten() {
        if let (Some(record), Some(points)) = (&line.record, counted(line))
            && !named.contains_key(record)
        {
            found.push(Moved {
                cited: case.cited(line),
                before: Some(points),
                after: None,
                why: Some("项目非本企业管理".to_owned()),
            });
        }
    }
    found
}
