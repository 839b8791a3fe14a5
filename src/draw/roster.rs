//! Substitutes after the draw: never chosen, always the next in order.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    outcome::Outcome,
    plan::{Object, Plan},
    teams::Pool,
    words::{Id, Instant, says_something},
};

/// A numbered substitution with its reason and the two people behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Substitution {
    /// From 1, without gaps.
    pub number: u32,
    pub change: Change,
    pub reason: String,
    pub requested_by: Id,
    /// Another person.
    pub approved_by: Id,
    pub at: Instant,
}

/// Who goes and who comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    /// A drawn object that cannot be visited; the next of its stratum's reserve comes in, with its first feasible team.
    Object {
        out: Id,
        r#in: Id,
        officers: Vec<Id>,
    },
    /// An officer that cannot visit an object; the next in the object's order who makes a feasible team comes in.
    Officer { object: Id, out: Id, r#in: Id },
}

/// What is asked for: who goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    Object { out: Id },
    Officer { object: Id, out: Id },
}

/// Why there is no substitute.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubstituteFault {
    #[error("对象「{0}」不在检查任务中")]
    NotDrawn(Id),
    #[error("对象「{0}」所在层没有后备对象了")]
    NoReserve(Id),
    #[error("对象「{object}」的检查组中没有「{officer}」")]
    NotInTeam { object: Id, officer: Id },
    #[error("对象「{0}」组不成检查组：资格、辖区、回避和剩余工作量合在一起没有合适的人员")]
    NoTeam(Id),
}

impl Substitution {
    /// Whether it says why, and two different people stand behind it.
    pub fn is_approved(&self) -> bool {
        says_something(&self.reason) && self.requested_by != self.approved_by
    }
}

impl Change {
    pub fn wanted(&self) -> Wanted {
        match self {
            Self::Object { out, .. } => Wanted::Object { out: out.clone() },
            Self::Officer { object, out, .. } => Wanted::Officer {
                object: object.clone(),
                out: out.clone(),
            },
        }
    }
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Object {
                out,
                r#in,
                officers,
            } => {
                let officers: Vec<&str> = officers.iter().map(Id::as_str).collect();
                write!(f, "对象 {out} 换为 {in}，检查组 {}", officers.join("、"))
            }
            Self::Officer { object, out, r#in } => {
                write!(f, "对象 {object} 的执法人员 {out} 换为 {in}")
            }
        }
    }
}

/// The state of a task: who visits whom now, and who would come next.
pub(super) struct Roster<'p> {
    pool: Pool<'p>,
    objects: BTreeMap<&'p Id, &'p Object>,
    /// The reserve of each stratum that is left, in order, by the objects of the stratum.
    reserves: Vec<Vec<Id>>,
    stratum: BTreeMap<Id, usize>,
    teams: BTreeMap<Id, Vec<usize>>,
    left: Vec<u32>,
    /// Officers taken off an object: they do not come back to it.
    barred: BTreeMap<Id, BTreeSet<usize>>,
}

impl<'p> Roster<'p> {
    /// The task as it was drawn. The outcome must be the plan's own.
    pub(super) fn new(plan: &'p Plan, outcome: &Outcome) -> Self {
        let pool = Pool::new(plan, outcome.seed);
        let mut left = pool.left();
        let mut teams = BTreeMap::new();
        for team in &outcome.teams {
            let officers: Vec<usize> = team
                .officers
                .iter()
                .filter_map(|id| pool.index(id))
                .collect();
            for officer in &officers {
                left[*officer] = left[*officer].saturating_sub(1);
            }
            teams.insert(team.object.clone(), officers);
        }
        let mut stratum = BTreeMap::new();
        for (index, one) in outcome.strata.iter().enumerate() {
            for id in one.drawn.iter().chain(&one.reserve) {
                stratum.insert(id.clone(), index);
            }
        }
        let reserve = |one: &super::Stratum| one.reserve.iter().rev().cloned().collect();
        Self {
            pool,
            objects: plan.objects.iter().map(|one| (&one.id, one)).collect(),
            reserves: outcome.strata.iter().map(reserve).collect(),
            stratum,
            teams,
            left,
            barred: BTreeMap::new(),
        }
    }

    /// The one change that may follow from what is wanted.
    pub(super) fn next(&self, wanted: &Wanted) -> Result<Change, SubstituteFault> {
        match wanted {
            Wanted::Object { out } => self.next_object(out),
            Wanted::Officer { object, out } => self.next_officer(object, out),
        }
    }

    fn next_object(&self, out: &Id) -> Result<Change, SubstituteFault> {
        let team = (self.teams.get(out)).ok_or_else(|| SubstituteFault::NotDrawn(out.clone()))?;
        let next = (self.stratum.get(out))
            .and_then(|stratum| self.reserves[*stratum].last())
            .and_then(|id| self.objects.get(id))
            .ok_or_else(|| SubstituteFault::NoReserve(out.clone()))?;
        let mut left = self.left.clone();
        team.iter().for_each(|officer| left[*officer] += 1);
        let choice = self.pool.choice(next, None);
        let team = choice
            .team(&left, None)
            .ok_or_else(|| SubstituteFault::NoTeam(next.id.clone()))?;
        Ok(Change::Object {
            out: out.clone(),
            r#in: next.id.clone(),
            officers: self.ids(&choice.officers(&team)),
        })
    }

    fn next_officer(&self, id: &Id, out: &Id) -> Result<Change, SubstituteFault> {
        let object = (self.objects.get(id))
            .filter(|object| self.teams.contains_key(&object.id))
            .ok_or_else(|| SubstituteFault::NotDrawn(id.clone()))?;
        let team = &self.teams[id];
        let going = (self.pool.index(out))
            .filter(|officer| team.contains(officer))
            .ok_or_else(|| SubstituteFault::NotInTeam {
                object: id.clone(),
                officer: out.clone(),
            })?;
        let staying: Vec<usize> = team.iter().copied().filter(|one| *one != going).collect();
        let mut barred = self.barred.get(id).cloned().unwrap_or_default();
        barred.insert(going);
        let barred: Vec<usize> = barred.into_iter().collect();
        let coming = (self.pool.choice(object, None))
            .join(&staying, &self.left, &barred)
            .ok_or_else(|| SubstituteFault::NoTeam(id.clone()))?;
        Ok(Change::Officer {
            object: id.clone(),
            out: out.clone(),
            r#in: self.pool.id(coming).clone(),
        })
    }

    /// Makes a change that [`Roster::next`] gave.
    pub(super) fn apply(&mut self, change: &Change) {
        match change {
            Change::Object {
                out,
                r#in,
                officers,
            } => {
                for officer in self.teams.remove(out).unwrap_or_default() {
                    self.left[officer] += 1;
                }
                if let Some(stratum) = self.stratum.get(out) {
                    self.reserves[*stratum].pop();
                }
                let officers: Vec<usize> = officers
                    .iter()
                    .filter_map(|id| self.pool.index(id))
                    .collect();
                for officer in &officers {
                    self.left[*officer] = self.left[*officer].saturating_sub(1);
                }
                self.teams.insert(r#in.clone(), officers);
            }
            Change::Officer { object, out, r#in } => {
                let (Some(going), Some(coming), Some(team)) = (
                    self.pool.index(out),
                    self.pool.index(r#in),
                    self.teams.get_mut(object),
                ) else {
                    return;
                };
                team.retain(|officer| *officer != going);
                team.push(coming);
                self.left[going] += 1;
                self.left[coming] = self.left[coming].saturating_sub(1);
                self.barred.entry(object.clone()).or_default().insert(going);
            }
        }
    }

    fn ids(&self, officers: &[usize]) -> Vec<Id> {
        officers
            .iter()
            .map(|one| self.pool.id(*one).clone())
            .collect()
    }
}
