//! The same rules written out by hand, for these rules alone: what a programmer would write who may recompile for every
//! policy and explains nothing.

use rayon::prelude::*;

use super::{
    outcome::Outcome,
    workload::{
        BASE, Columns, EACH, Ends, Folded, HIGHEST, LOWEST, NEVER, REPEATS, Rules, VETO_RANK,
        component_of,
    },
};

/// Companies that one thread takes at once.
const CHUNK: usize = 250;

/// One record on one day.
struct Live {
    item: usize,
    matter: usize,
    value: i64,
    first: u16,
    again: u16,
}

/// The sums of one company, used again for the next one.
struct Sums {
    items: [i64; 64],
    /// The last days on which the next record of an item is a repeat of the last and the last but one.
    last: [[u16; 2]; 64],
    /// The highest value of each matter so far, by the row of its first record, and its row.
    highest: [(i64, u8); EACH],
    live: Vec<Live>,
}

impl Sums {
    fn new() -> Self {
        Self {
            items: [0; 64],
            last: [[0; 2]; 64],
            highest: [(0, u8::MAX); EACH],
            live: Vec::with_capacity(EACH),
        }
    }

    fn clear(&mut self) {
        self.items = [0; 64];
        self.last = [[0; 2]; 64];
        self.highest = [(0, u8::MAX); EACH];
        self.live.clear();
    }

    /// Of equals, the earlier one stays.
    fn take(&mut self, live: Live) {
        let known = &mut self.highest[live.matter];
        if known.1 == u8::MAX || live.value.abs() > known.0.abs() {
            *known = (live.value, self.live.len() as u8);
        }
        self.live.push(live);
    }

    fn add_up(&mut self) {
        for (row, live) in self.live.iter().enumerate() {
            if usize::from(self.highest[live.matter].1) != row {
                continue;
            }
            let [once, twice] = self.last[live.item];
            let repeats = usize::from(once >= live.first) + usize::from(twice >= live.first);
            self.last[live.item] = [live.again, once];
            self.items[live.item] += live.value * REPEATS[repeats] / 2;
        }
    }

    /// Caps, total, grade.
    fn grade(&self, rules: &Rules, vetoed: bool, outcome: &mut Outcome) {
        let mut components = [0; 8];
        for (item, sum) in self.items.iter().enumerate() {
            let (low, high) = rules.items[item].bounds;
            components[component_of(item)] += (*sum).clamp(low, high);
        }
        let mut score = BASE;
        for (sum, (low, high)) in components.iter().zip(&rules.components) {
            score += (*sum).clamp(*low, *high);
        }
        let veto = if vetoed { VETO_RANK } else { 0 };
        outcome.add_capped(score.clamp(LOWEST, HIGHEST), veto);
    }
}

/// From the columns of the records as they are.
pub fn plain<const FULL: bool>(rules: &Rules, columns: &Columns, ends: &Ends, day: u16) -> Outcome {
    let mut outcome = Outcome::default();
    let mut sums = Sums::new();
    for begin in (0..columns.item.len()).step_by(EACH) {
        sums.clear();
        let mut vetoed = false;
        for row in begin..begin + EACH {
            let (item, first) = (usize::from(columns.item[row]), columns.decided[row]);
            if !columns.counts[row] || first > day {
                continue;
            }
            let rule = &rules.items[item];
            let last = match columns.until[row] {
                0 => ends.of(item, first),
                own => own,
            };
            if last < day {
                continue;
            }
            vetoed |= rule.veto;
            let worth = rules.worth(item, i64::from(columns.chosen[row]));
            let halved = rule.halved && columns.rectified[row] <= day;
            let value = if halved { worth / 2 } else { worth };
            if FULL {
                let own = (row - begin) as u8;
                let matter = if rule.highest {
                    columns.matter[row]
                } else {
                    own
                };
                sums.take(Live {
                    item,
                    matter: usize::from(matter),
                    value,
                    first,
                    again: if rule.repeats {
                        ends.year_after(first)
                    } else {
                        0
                    },
                });
            } else {
                sums.items[item] += value;
            }
        }
        if FULL {
            sums.add_up();
        }
        sums.grade(rules, vetoed, &mut outcome);
    }
    outcome
}

/// From columns with everything folded in that does not depend on the day.
pub fn folded<const FULL: bool>(rules: &Rules, folded: &Folded, day: u16) -> Outcome {
    companies::<FULL>(rules, folded, day, 0..folded.item.len())
}

/// That on all threads of the pool.
pub fn folded_in_parallel<const FULL: bool>(rules: &Rules, folded: &Folded, day: u16) -> Outcome {
    let step = CHUNK * EACH;
    let rows = folded.item.len();
    let parts = (0..rows.div_ceil(step)).into_par_iter();
    parts
        .map(|part| companies::<FULL>(rules, folded, day, part * step..rows.min((part + 1) * step)))
        .reduce(Outcome::default, Outcome::and)
}

fn companies<const FULL: bool>(
    rules: &Rules,
    folded: &Folded,
    day: u16,
    rows: std::ops::Range<usize>,
) -> Outcome {
    let mut outcome = Outcome::default();
    let mut sums = Sums::new();
    for begin in rows.step_by(EACH) {
        sums.clear();
        let mut vetoed = false;
        let rows = begin..begin + EACH;
        let (items, matters) = (&folded.item[rows.clone()], &folded.matter[rows.clone()]);
        let (firsts, lasts) = (&folded.first[rows.clone()], &folded.last[rows.clone()]);
        let (befores, afters) = (&folded.before[rows.clone()], &folded.after[rows.clone()]);
        let (rectified, again) = (&folded.rectified[rows.clone()], &folded.again[rows]);
        for row in 0..EACH {
            if firsts[row] > day || lasts[row] < day {
                continue;
            }
            let item = usize::from(items[row]);
            vetoed |= rules.items[item].veto;
            let value = i64::from(match rectified[row] <= day {
                true => afters[row],
                false => befores[row],
            });
            if FULL {
                sums.take(Live {
                    item,
                    matter: usize::from(matters[row]),
                    value,
                    first: firsts[row],
                    again: again[row],
                });
            } else {
                sums.items[item] += value;
            }
        }
        if FULL {
            sums.add_up();
        }
        sums.grade(rules, vetoed, &mut outcome);
    }
    outcome
}

/// The limit of memory: every column is read once and added up.
pub fn read_only(folded: &Folded) -> i64 {
    let narrow = |column: &[u8]| column.iter().map(|value| i64::from(*value)).sum::<i64>();
    let days = |column: &[u16]| column.iter().map(|value| i64::from(*value)).sum::<i64>();
    let points = |column: &[i16]| column.iter().map(|value| i64::from(*value)).sum::<i64>();
    let never = i64::from(NEVER);
    narrow(&folded.item) + narrow(&folded.matter) + days(&folded.first) + days(&folded.last) - never
        + days(&folded.rectified)
        + days(&folded.again)
        + points(&folded.before)
        + points(&folded.after)
}
