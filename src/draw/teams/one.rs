//! One object's team: which officers, in the object's order, make the first team that fits.

use crate::draw::plan::DistrictRule;

/// The candidates of one object in its order, and what a team of them needs.
pub(in crate::draw) struct Choice {
    size: usize,
    rule: DistrictRule,
    needs: u32,
    candidates: Vec<Candidate>,
    /// Qualifications held by the candidates from each position on.
    onward: Vec<u32>,
}

#[derive(Clone, Copy)]
struct Candidate {
    officer: usize,
    qualifications: u32,
    local: bool,
}

/// What a team has so far.
#[derive(Clone, Copy, Default)]
struct Held {
    qualifications: u32,
    locals: usize,
    others: usize,
}

impl Choice {
    /// Candidates are `(officer, qualifications, local)`.
    pub(super) fn new(
        size: usize,
        rule: DistrictRule,
        needs: u32,
        candidates: impl Iterator<Item = (usize, u32, bool)>,
    ) -> Self {
        let candidates: Vec<Candidate> = candidates
            .map(|(officer, qualifications, local)| Candidate {
                officer,
                qualifications: qualifications & needs,
                local,
            })
            .collect();
        let mut onward = vec![0; candidates.len() + 1];
        for (position, one) in candidates.iter().enumerate().rev() {
            onward[position] = onward[position + 1] | one.qualifications;
        }
        Self {
            size,
            rule,
            needs,
            candidates,
            onward,
        }
    }

    /// The officer at each position of a team.
    pub(in crate::draw) fn officers(&self, team: &[usize]) -> Vec<usize> {
        team.iter()
            .map(|position| self.candidates[*position].officer)
            .collect()
    }

    /// The first team, in lexicographic order of positions, of officers with visits left; with `after`, the first one
    /// behind it.
    pub(in crate::draw) fn team(
        &self,
        left: &[u32],
        after: Option<&[usize]>,
    ) -> Option<Vec<usize>> {
        let mut chosen = Vec::with_capacity(self.size);
        self.extend(left, after, 0, Held::default(), &mut chosen)
            .then_some(chosen)
    }

    /// The first officer, in the object's order, who makes a team with those that stay.
    pub(in crate::draw) fn join(
        &self,
        staying: &[usize],
        left: &[u32],
        barred: &[usize],
    ) -> Option<usize> {
        let stay = |one: &&Candidate| staying.contains(&one.officer);
        let held =
            (self.candidates.iter().filter(stay)).fold(Held::default(), |held, one| held.with(one));
        let joins = |one: &&Candidate| {
            left[one.officer] > 0
                && !staying.contains(&one.officer)
                && !barred.contains(&one.officer)
                && self.fits(held.with(one), 0, 0)
        };
        self.candidates.iter().find(joins).map(|one| one.officer)
    }

    fn extend(
        &self,
        left: &[u32],
        after: Option<&[usize]>,
        from: usize,
        held: Held,
        chosen: &mut Vec<usize>,
    ) -> bool {
        let slot = chosen.len();
        let missing = self.size - slot;
        // Behind `after`: no smaller position as long as the beginning is the same, and a larger last one.
        let first = match after {
            Some(team) if missing == 1 => team[slot] + 1,
            Some(team) => team[slot],
            None => from,
        };
        for position in first..(self.candidates.len() + 1).saturating_sub(missing) {
            let candidate = &self.candidates[position];
            if left[candidate.officer] == 0 {
                continue;
            }
            let held = held.with(candidate);
            if !self.fits(held, missing - 1, position + 1) {
                continue;
            }
            chosen.push(position);
            let after = after.filter(|team| team[slot] == position);
            if missing == 1 || self.extend(left, after, position + 1, held, chosen) {
                return true;
            }
            chosen.pop();
        }
        false
    }

    /// Whether what is held can still become a team with `missing` members from position `from` on.
    fn fits(&self, held: Held, missing: usize, from: usize) -> bool {
        let onward = if missing == 0 { 0 } else { self.onward[from] };
        if self.needs & !held.qualifications & !onward != 0 {
            return false;
        }
        let lacking = match self.rule {
            DistrictRule::OneLocal => usize::from(held.locals == 0),
            DistrictRule::Mixed => usize::from(held.locals == 0) + usize::from(held.others == 0),
            DistrictRule::Any | DistrictRule::Same | DistrictRule::Other => 0,
        };
        lacking <= missing
    }
}

impl Held {
    fn with(self, one: &Candidate) -> Self {
        Self {
            qualifications: self.qualifications | one.qualifications,
            locals: self.locals + usize::from(one.local),
            others: self.others + usize::from(!one.local),
        }
    }
}
