//! One work on many: several at once where there are many, else right here.

use rayon::prelude::*;

/// To hand so few to other threads would take longer than the work on them.
const FEW: usize = 16;

/// What the work makes of each, in order. The scratch is made once for many and filled again for each.
pub(super) fn each<T: Sync, S, O: Send>(
    all: &[T],
    scratch: impl Fn() -> S + Sync + Send,
    work: impl Fn(&mut S, usize, &T) -> O + Sync + Send,
) -> Vec<O> {
    if all.len() < FEW {
        let mut scratch = scratch();
        let numbered = all.iter().enumerate();
        return numbered
            .map(|(index, one)| work(&mut scratch, index, one))
            .collect();
    }
    all.par_iter()
        .enumerate()
        .map_init(scratch, |scratch, (index, one)| work(scratch, index, one))
        .collect()
}
