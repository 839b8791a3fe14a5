//! Who visits whom: the first feasible team of every object, with a deterministic, bounded way back.
//!
//! The search in words (`docs/draw.md` has it in full, with its bound, so that others can write it again):
//!
//! 1. Every object must have a team if workload did not matter; else the constraint in its way is named.
//! 2. The visits must suffice altogether, for each qualification and in each district; else the workload is named.
//! 3. One object after the other takes its first feasible team. One that finds none moves to the front, and all start
//!    anew: those who have little choice choose first. Each object moves at most once.
//! 4. If that was not enough, the same order is searched completely, the last choice being changed first.
//!
//! Every team taken, in 3 and 4, is a step; there are at most [`step_limit`] of them.

mod one;
mod pool;

pub(super) use pool::Pool;

use one::Choice;
use rayon::prelude::*;

use super::{
    outcome::{Constraint, Infeasible},
    plan::Object,
};

/// Steps of the search for so many drawn objects.
pub const fn step_limit(drawn: u64) -> u64 {
    100_000 + 100 * drawn
}

/// The team of every drawn object, as indexes of officers, in the order of the objects.
pub(super) fn teams(pool: &Pool<'_>, drawn: &[&Object]) -> Result<Vec<Vec<usize>>, Infeasible> {
    let unlimited = pool.unlimited();
    let choices: Vec<Choice> = (drawn.par_iter())
        .map(|object| pool.choice(object, None))
        .collect();
    let alone =
        (drawn.iter().zip(&choices)).find(|(_, choice)| choice.team(&unlimited, None).is_none());
    if let Some((object, _)) = alone {
        return Err(Infeasible::Team {
            object: object.id.clone(),
            unmet: unmet(pool, object, &unlimited),
        });
    }
    let balances = pool.balances(drawn);
    if let Some((scope, needed, available)) =
        (balances.iter()).find(|(_, needed, available)| needed > available)
    {
        return Err(Infeasible::Workload {
            scope: scope.clone(),
            needed: *needed,
            available: *available,
        });
    }
    let mut search = Search {
        choices: &choices,
        left: pool.left(),
        teams: vec![None; drawn.len()],
        steps: 0,
        limit: step_limit(drawn.len() as u64),
    };
    let found = match search.greedy()? {
        Ok(()) => true,
        Err(order) => search.complete(&order)?,
    };
    if !found {
        let (_, needed, available) = balances.into_iter().next().unwrap_or_default();
        return Err(Infeasible::Workload {
            scope: "joint".to_owned(),
            needed,
            available,
        });
    }
    let teams = search.teams.into_iter().zip(&choices);
    Ok(teams
        .map(|(team, choice)| choice.officers(&team.unwrap_or_default()))
        .collect())
}

/// The constraints each of which, left out alone, gives the object a team.
fn unmet(pool: &Pool<'_>, object: &Object, unlimited: &[u32]) -> Vec<Constraint> {
    let alone = [
        Constraint::Certificate,
        Constraint::Recusal,
        Constraint::District,
        Constraint::Qualification,
    ];
    let found: Vec<Constraint> = (alone.into_iter())
        .filter(|one| {
            let choice = pool.choice(object, Some(*one));
            choice.team(unlimited, None).is_some()
        })
        .collect();
    match found.is_empty() {
        true => vec![Constraint::Several],
        false => found,
    }
}

struct Search<'c> {
    choices: &'c [Choice],
    /// Visits each officer can still make.
    left: Vec<u32>,
    /// By object: positions in its order.
    teams: Vec<Option<Vec<usize>>>,
    steps: u64,
    limit: u64,
}

impl Search<'_> {
    /// Part 3. The inner error is the order in which part 4 has to search.
    fn greedy(&mut self) -> Result<Result<(), Vec<usize>>, Infeasible> {
        let count = self.choices.len();
        let mut order: Vec<usize> = (0..count).collect();
        let mut moved = vec![false; count];
        'anew: loop {
            for place in 0..count {
                let object = order[place];
                if self.take(object)? {
                    continue;
                }
                for other in &order[..place] {
                    self.give_back(*other);
                }
                if moved[object] {
                    return Ok(Err(order));
                }
                moved[object] = true;
                order[..=place].rotate_right(1);
                continue 'anew;
            }
            return Ok(Ok(()));
        }
    }

    /// Part 4; whether there are teams for all.
    fn complete(&mut self, order: &[usize]) -> Result<bool, Infeasible> {
        let mut place = 0;
        while place < order.len() {
            if self.take(order[place])? {
                place += 1;
                continue;
            }
            // This object has no further team: forget where it stood and change the choice before it.
            self.teams[order[place]] = None;
            if place == 0 {
                return Ok(false);
            }
            place -= 1;
            self.release(order[place]);
        }
        Ok(true)
    }

    /// Takes the object's next team behind the one it stands at; whether there was one.
    fn take(&mut self, object: usize) -> Result<bool, Infeasible> {
        let choice = &self.choices[object];
        let Some(team) = choice.team(&self.left, self.teams[object].as_deref()) else {
            return Ok(false);
        };
        if self.steps == self.limit {
            return Err(Infeasible::SearchLimit { steps: self.steps });
        }
        self.steps += 1;
        for officer in choice.officers(&team) {
            self.left[officer] -= 1;
        }
        self.teams[object] = Some(team);
        Ok(true)
    }

    /// Gives the visits of a team back; the object still stands at it.
    fn release(&mut self, object: usize) {
        let team = self.teams[object].as_deref().unwrap_or_default();
        for officer in self.choices[object].officers(team) {
            self.left[officer] += 1;
        }
    }

    fn give_back(&mut self, object: usize) {
        self.release(object);
        self.teams[object] = None;
    }
}
