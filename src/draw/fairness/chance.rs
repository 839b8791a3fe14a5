//! Pearson's statistic and what it may be by chance.

/// A chi-square test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChiSquare {
    pub statistic: f64,
    pub freedom: u64,
    /// What the statistic exceeds by chance once in 1,000.
    pub limit: f64,
}

impl ChiSquare {
    /// With at least one degree of freedom.
    pub(super) fn new(statistic: f64, freedom: u64) -> Option<Self> {
        (freedom > 0).then(|| Self {
            statistic,
            freedom,
            limit: limit(freedom),
        })
    }

    /// Whether chance explains it.
    pub fn passes(&self) -> bool {
        self.statistic <= self.limit
    }
}

/// The 99.9 per cent point: of the usual tables up to ten degrees of freedom, by Wilson and Hilferty's approximation above,
/// where it is off by less than one per cent.
fn limit(freedom: u64) -> f64 {
    const TABLE: [f64; 10] = [
        10.828, 13.816, 16.266, 18.467, 20.515, 22.458, 24.322, 26.124, 27.877, 29.588,
    ];
    const NORMAL: f64 = 3.090;
    let row = freedom
        .checked_sub(1)
        .and_then(|row| usize::try_from(row).ok());
    if let Some(point) = row.and_then(|row| TABLE.get(row)) {
        return *point;
    }
    let freedom = freedom as f64;
    let part = 2.0 / (9.0 * freedom);
    freedom * (1.0 - part + NORMAL * part.sqrt()).powi(3)
}

/// The chance that at least two of these independent events happen.
pub(super) fn at_least_two(chances: &[f64]) -> f64 {
    let (mut none, mut one) = (1.0, 0.0);
    for chance in chances {
        one = one * (1.0 - chance) + none * chance;
        none *= 1.0 - chance;
    }
    (1.0_f64 - none - one).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_those_of_the_tables() {
        // 99.9 per cent points of the usual tables.
        for (freedom, table) in [(3, 16.266), (11, 31.264), (30, 59.703), (100, 149.449)] {
            let off = (limit(freedom) - table).abs() / table;
            assert!(off < 0.01, "{freedom}: {} for {table}", limit(freedom));
        }
        assert_eq!(ChiSquare::new(1.0, 0), None);
    }

    #[test]
    fn two_of_several_events() {
        assert_eq!(at_least_two(&[]), 0.0);
        assert_eq!(at_least_two(&[0.5]), 0.0);
        assert_eq!(at_least_two(&[0.5, 0.5]), 0.25);
        assert_eq!(at_least_two(&[0.5, 0.5, 0.5]), 0.5);
        assert_eq!(at_least_two(&[1.0, 1.0]), 1.0);
    }
}
