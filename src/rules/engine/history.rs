//! Grades of earlier periods: as they were given, and computed by the same rule set where none is given.
//!
//! The n-th earlier period is the n-th calendar period before the day's. For rolling periods of m months it is the state
//! n x m months earlier, for open ones n years earlier; a given history is then counted back entry by entry.

use super::{
    ranking::Ranking,
    standing::Standing,
    subjects::{Subject, World},
    tally::Question,
    time::{Window, earlier_end, ordinal},
};
use crate::{
    domain::Day,
    rules::{outcome::Fail, predicate::Expr},
};

/// Where grades themselves depend on earlier grades: how far back beyond what is asked for the chain is followed.
pub(super) const BEFORE: usize = 12;

/// Whose conditions are to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Grades,
    /// Those of lists as well.
    Lists,
}

/// How many earlier periods grading looks at, and how many are asked for.
pub(super) fn depths(world: &World<'_>, reach: Reach) -> (usize, usize) {
    let rules = world.rules;
    let deepest =
        |exprs: &mut dyn Iterator<Item = &Expr>| exprs.map(Expr::history).max().unwrap_or(0);
    let grading = deepest(
        &mut (rules.ladder().iter().filter_map(|step| step.when.as_ref()))
            .chain(rules.not_rated().iter().map(|rule| &rule.when))
            .chain(rules.overrides().iter().map(|rule| &rule.when))
            .map(|when| &when.expr),
    );
    match reach {
        Reach::Grades => (grading, grading),
        Reach::Lists => {
            let listing = deepest(&mut rules.lists().iter().map(|rule| &rule.when.expr));
            (grading, grading.max(listing))
        }
    }
}

/// For each subject asked for, the ranks of its earlier grades, the latest first.
pub(super) fn earlier_grades<'a>(
    world: &World<'a>,
    subjects: &[&Subject<'a>],
    day: Day,
    reach: Reach,
) -> Result<Vec<Vec<Option<usize>>>, (usize, Fail)> {
    let (grading, all) = depths(world, reach);
    let mut known: Vec<Vec<Option<usize>>> = vec![vec![None; all]; subjects.len()];
    if all == 0 {
        return Ok(known);
    }
    let is_given =
        |subject: &Subject<'_>| (1..=all).all(|n| given(world, subject, day, n).is_some());
    let reach = match (subjects.iter().all(|subject| is_given(subject)), grading) {
        (true, _) => 0,
        (false, 0) => all,
        (false, _) => all + BEFORE,
    };
    // From the oldest period on, so that each finds those before it.
    let mut computed: Vec<Vec<Option<usize>>> = vec![vec![None; reach + all + 1]; subjects.len()];
    for n in (1..=reach).rev() {
        let Some(end) = earlier_end(world.rules.period(), day, n) else {
            continue;
        };
        let question = |subject| Question {
            world,
            subject,
            day: end,
            window: Window::Score,
            current: false,
        };
        let mut standings = Vec::with_capacity(subjects.len());
        for (index, subject) in subjects.iter().enumerate() {
            let mut standing = Standing {
                previous: (1..=grading)
                    .map(|k| given(world, subject, end, k).unwrap_or(computed[index][n + k - 1]))
                    .collect(),
                ..Standing::default()
            };
            question(*subject)
                .stand::<false>(&mut standing)
                .map_err(|fail| (index, fail))?;
            standings.push(standing);
        }
        let ranking = Ranking::of(world.rules, &standings);
        for (index, (subject, standing)) in subjects.iter().zip(&standings).enumerate() {
            let registered = subject.company.and_then(|company| company.registered_on);
            if registered.is_none_or(|on| on <= end) {
                let verdict = question(*subject)
                    .graded(standing, &ranking)
                    .map_err(|fail| (index, fail))?;
                computed[index][n - 1] = verdict.grade;
            }
        }
    }
    for (index, subject) in subjects.iter().enumerate() {
        for n in 1..=all {
            known[index][n - 1] = given(world, subject, day, n).unwrap_or(computed[index][n - 1]);
        }
    }
    Ok(known)
}

/// The grade given for the n-th earlier period, if one is; a title that is no grade is a period without one.
fn given(world: &World<'_>, subject: &Subject<'_>, day: Day, n: usize) -> Option<Option<usize>> {
    let kind = world.rules.period();
    let mut earlier = subject.history.iter().rev().filter(|(end, _)| *end < day);
    let (_, grade) = match ordinal(kind, day) {
        Some(own) => {
            let wanted = own - i32::try_from(n).ok()?;
            earlier.find(|(end, _)| ordinal(kind, *end) == Some(wanted))?
        }
        None => earlier.nth(n - 1)?,
    };
    Some(world.rules.rank(grade))
}
