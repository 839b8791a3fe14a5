//! How a draw went: attempts, substitutions, and whether it was revealed and its results published in time.

use super::{Drawn, Evidence};
use crate::{
    domain::Day,
    draw::{
        plan::Object,
        published::{Attempt, Published},
        roster,
        words::{Id, Instant},
    },
};

/// When the results of a task were due and published. Whoever keeps the results gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultPublication {
    /// Number of the draw.
    pub task: Id,
    /// Last day.
    pub due_on: Day,
    /// Nothing: not yet.
    pub published_on: Option<Day>,
}

/// One draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawWay {
    pub draw: Id,
    pub attempts: u64,
    /// Of the last attempt.
    pub reveal_by: Instant,
    pub revealed_at: Option<Instant>,
    /// Attempts that were revealed late, or are overdue.
    pub late: u64,
    /// Reasons of the redraws, in their order.
    pub redraws: Vec<String>,
    /// Substitutions of all attempts, in their order.
    pub substitutions: Vec<Change>,
}

/// A substitution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub attempt: u32,
    pub number: u32,
    /// Of an object; else of an officer.
    pub of_object: bool,
    pub reason: String,
}

/// Publication of results.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResultsOnTime {
    pub known: u64,
    pub in_time: u64,
    /// Published after the last day, or not published and the last day is over.
    pub late: Vec<Id>,
}

/// The year of a draw: that of its visits once they are known, of its commitment before.
pub(super) fn year_of(file: &Published) -> Option<i32> {
    let last = file.attempts.last()?;
    Some(match &last.reveal {
        Some(part) => part.body.plan.window.from.year(),
        None => last.commitment.body.committed_at.day().year(),
    })
}

/// The attempts of a file that were revealed and have a result.
pub(super) fn drawn(file: &Published) -> Vec<Drawn<'_>> {
    let count = file.attempts.len();
    let attempts = file.attempts.iter().enumerate();
    let drawn = attempts.filter_map(|(index, attempt)| {
        let plan = &attempt.reveal.as_ref()?.body.plan;
        let outcome = &attempt.result.as_ref()?.body;
        Some(Drawn {
            draw: &file.draw,
            attempt: attempt.commitment.body.number,
            stands: index + 1 == count,
            visits: visits(attempt, &plan.objects, outcome),
            plan,
            outcome,
        })
    });
    drawn.collect()
}

/// Who visits whom after all substitutions.
fn visits<'e>(
    attempt: &'e Attempt,
    objects: &'e [Object],
    outcome: &'e crate::draw::Outcome,
) -> Vec<(&'e Object, Vec<&'e Id>)> {
    let mut visits: Vec<(&Id, Vec<&Id>)> = (outcome.teams.iter())
        .map(|team| (&team.object, team.officers.iter().collect()))
        .collect();
    for part in &attempt.substitutions {
        match &part.body.change {
            roster::Change::Object {
                out,
                r#in,
                officers,
            } => {
                visits.retain(|(object, _)| *object != out);
                visits.push((r#in, officers.iter().collect()));
            }
            roster::Change::Officer { object, out, r#in } => {
                let of = |(id, _): &&mut (&Id, _)| *id == object;
                if let Some((_, officers)) = visits.iter_mut().find(of) {
                    officers.retain(|one| *one != out);
                    officers.push(r#in);
                }
            }
        }
    }
    let find = |id: &Id| objects.iter().find(|one| one.id == *id);
    (visits.into_iter())
        .filter_map(|(id, officers)| Some((find(id)?, officers)))
        .collect()
}

impl DrawWay {
    pub(super) fn of(file: &Published, now: Instant) -> Option<Self> {
        let last = file.attempts.last()?;
        let revealed = |one: &Attempt| one.reveal.as_ref().map(|part| part.body.revealed_at);
        let late = (file.attempts.iter())
            .filter(|one| revealed(one).unwrap_or(now) > one.commitment.body.reveal_by);
        let redraws = (file.attempts.iter()).filter_map(|one| one.commitment.body.redraw.as_ref());
        let substitutions = file.attempts.iter().flat_map(|attempt| {
            let number = attempt.commitment.body.number;
            (attempt.substitutions.iter()).map(move |part| Change {
                attempt: number,
                number: part.body.number,
                of_object: matches!(part.body.change, roster::Change::Object { .. }),
                reason: part.body.reason.clone(),
            })
        });
        Some(Self {
            draw: file.draw.clone(),
            attempts: file.attempts.len() as u64,
            reveal_by: last.commitment.body.reveal_by,
            revealed_at: revealed(last),
            late: late.count() as u64,
            redraws: redraws.map(|one| one.reason.clone()).collect(),
            substitutions: substitutions.collect(),
        })
    }
}

impl ResultsOnTime {
    pub(super) fn of(evidence: &Evidence<'_>) -> Self {
        let today = evidence.now.day();
        let mut found = Self::default();
        for one in evidence.results {
            if one.due_on.year() != evidence.year {
                continue;
            }
            found.known += 1;
            if one.published_on.unwrap_or(today) > one.due_on {
                found.late.push(one.task.clone());
            } else if one.published_on.is_some() {
                found.in_time += 1;
            }
        }
        found
    }
}
