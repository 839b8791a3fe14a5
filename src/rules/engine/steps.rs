//! Steps 4 to 7 on the records of a run and the runs of a group: matters, repetition, caps, groups.

use super::{
    columns::{Bundle, Cold, Hot},
    quantity::{Factor, Quantity, reduce},
    tally::{Live, RunSum, Sums},
};
use crate::{domain::Day, rules::model::SameMatter};

/// A run in which time and rectification alone decide.
pub(super) fn plain_sum<Q: Quantity>(
    hot: &[Hot<Q>],
    day: Day,
    cap: Option<Q>,
) -> Option<RunSum<Q>> {
    let mut count = 0;
    let mut sum = Q::default();
    for one in hot {
        if one.from <= day && day <= one.last {
            let rectified = one.rectified.is_some_and(|on| on <= day);
            sum = sum.plus(if rectified { one.amended } else { one.plain })?;
            count += 1;
        }
    }
    let sum = cap.map_or(sum, |cap| sum.within(cap));
    Some(RunSum {
        count,
        capped: sum,
        last: sum,
    })
}

/// Step 4: one record for each matter.
pub(super) fn same_matter<Q: Quantity>(
    cold: &[Cold],
    policy: SameMatter,
    matters: u32,
    start: usize,
    sums: &mut Sums<Q>,
) {
    let Sums {
        lives,
        losers,
        best,
        ..
    } = sums;
    best.clear();
    best.resize(matters as usize, None);
    let matter_of = |live: &Live<Q>| Some(cold[live.at as usize].matter? as usize);
    for (index, live) in lives.iter().enumerate().skip(start) {
        let Some(matter) = matter_of(live) else {
            continue;
        };
        let better = best[matter].is_none_or(|kept: usize| {
            policy == SameMatter::Highest
                && live.points.magnitude() > lives[kept].points.magnitude()
        });
        if better {
            best[matter] = Some(index);
        }
    }
    let first = losers.len();
    for (index, live) in lives.iter().enumerate().skip(start) {
        match matter_of(live).and_then(|matter| best[matter]) {
            Some(kept) if kept != index => losers.push((live.entry, lives[kept].entry)),
            _ => {}
        }
    }
    let mut lost = losers[first..].iter().map(|(loser, _)| *loser).peekable();
    let mut index = 0;
    lives.retain(|live| {
        index += 1;
        index <= start || lost.next_if_eq(&live.entry).is_none()
    });
}

/// Step 5.
pub(super) fn repeated<Q: Quantity>(
    hot: &[Hot<Q>],
    cold: &[Cold],
    factors: &[Factor],
    lives: &mut [Live<Q>],
) -> Option<()> {
    let Some(heaviest) = factors.last() else {
        return Some(());
    };
    // Dates ascend, and so do the ends of their spans.
    let mut over = 0;
    for position in 0..lives.len() {
        let date = hot[lives[position].at as usize].from;
        while over < position && cold[lives[over].at as usize].repeats_until < date {
            over += 1;
        }
        let earlier = position - over;
        let live = &mut lives[position];
        live.nth = u32::try_from(earlier + 1).unwrap_or(u32::MAX);
        live.points = live
            .points
            .times(factors.get(earlier).unwrap_or(heaviest))?;
    }
    Some(())
}

/// Step 6: the sum of a run, and where they are asked for what is left of each record.
pub(super) fn capped<Q: Quantity>(
    lives: &mut [Live<Q>],
    cap: Option<Q>,
    recorded: bool,
) -> Option<RunSum<Q>> {
    let mut sum = Q::default();
    for live in &mut *lives {
        sum = sum.plus(live.points)?;
        live.capped = live.points;
    }
    if let Some(cap) = cap {
        if recorded && sum.within(cap) != sum {
            let mut values: Vec<Q> = lives.iter().map(|live| live.points).collect();
            reduce(&mut values, cap)?;
            for (live, value) in lives.iter_mut().zip(values) {
                live.capped = value;
            }
        }
        sum = sum.within(cap);
    }
    for live in &mut *lives {
        live.last = live.capped;
    }
    Some(RunSum {
        count: u32::try_from(lives.len()).unwrap_or(u32::MAX),
        capped: sum,
        last: sum,
    })
}

/// Step 7 for the runs of one group.
pub(super) fn grouped<Q: Quantity>(
    bundle: &Bundle,
    highest: bool,
    cap: Option<Q>,
    recorded: bool,
    sums: &mut Sums<Q>,
) -> Option<()> {
    let first = bundle.runs.start;
    let Sums { runs, lives, .. } = sums;
    let runs = &mut runs[first as usize..bundle.runs.end as usize];
    let own = lives.partition_point(|live| live.run < first);
    let others = lives.partition_point(|live| live.run < bundle.runs.end);
    let lives = &mut lives[own..others];
    if highest {
        // Of equals the one that the group names first, which is the order of the runs.
        let mut best = 0;
        for index in 1..runs.len() {
            if runs[index].capped.magnitude() > runs[best].capped.magnitude() {
                best = index;
            }
        }
        for (index, run) in runs.iter_mut().enumerate() {
            if index != best {
                run.last = Q::default();
            }
        }
        for live in lives.iter_mut() {
            if (live.run - first) as usize != best {
                live.last = Q::default();
            }
        }
    }
    let Some(cap) = cap else { return Some(()) };
    let sum = (runs.iter()).try_fold(Q::default(), |sum, run| sum.plus(run.last))?;
    if sum.within(cap) == sum {
        return Some(());
    }
    if !recorded {
        let mut values: Vec<Q> = runs.iter().map(|run| run.last).collect();
        reduce(&mut values, cap)?;
        for (run, value) in runs.iter_mut().zip(values) {
            run.last = value;
        }
        return Some(());
    }
    // Across items the latest record gives way first.
    let mut order: Vec<usize> = (0..lives.len()).collect();
    order.sort_unstable_by_key(|index| lives[*index].entry);
    let mut values: Vec<Q> = order.iter().map(|index| lives[*index].last).collect();
    reduce(&mut values, cap)?;
    for run in runs.iter_mut() {
        run.last = Q::default();
    }
    for (index, value) in order.into_iter().zip(values) {
        lives[index].last = value;
        let run = &mut runs[(lives[index].run - first) as usize];
        run.last = run.last.plus(value)?;
    }
    Some(())
}
