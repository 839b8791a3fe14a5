//! Exact numbers for the sums of the engine.
//!
//! Points are decimals of few places, so that a subject's are nearly always whole multiples of one small unit: they are
//! added as `i64` counts of it. Where a value has more places, or sums could leave `i64`, the same code runs on
//! [`Decimal`]. Both are exact; an overflow of either is `None`, never a wrapped number.

use std::fmt::Debug;

use rust_decimal::Decimal;

/// A factor of points, such as 1.5 for a second occurrence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Factor {
    pub value: Decimal,
    /// Numerator over [`Factor::places`], which are as few as it needs.
    units: i64,
    /// Power of ten.
    places: i64,
}

impl Factor {
    /// `None` if it is too large for the narrow form.
    pub fn new(value: Decimal) -> Option<Self> {
        let least = value.normalize();
        Some(Self {
            value,
            units: i64::try_from(least.mantissa()).ok()?,
            places: 10_i64.checked_pow(least.scale())?,
        })
    }

    /// By how much a product is greater than what is multiplied before its places are divided away.
    pub fn room(value: Decimal) -> Decimal {
        let numerator = Decimal::try_from_i128_with_scale(value.normalize().mantissa(), 0);
        numerator.map_or(Decimal::MAX, |numerator| numerator.abs().max(Decimal::ONE))
    }

    /// A factor for decimals alone.
    pub fn wide(value: Decimal) -> Self {
        Self {
            value,
            units: 0,
            places: 1,
        }
    }
}

/// What points are added up in.
pub(super) trait Quantity: Copy + Ord + Default + Send + Sync + Debug {
    /// A decimal in units of 10^-scale; `None` if it is no whole number of them or does not fit.
    fn read(value: Decimal, scale: u32) -> Option<Self>;
    fn decimal(self, scale: u32) -> Decimal;
    fn plus(self, other: Self) -> Option<Self>;
    fn minus(self, other: Self) -> Option<Self>;
    /// Exact, given that the value leaves room for the places of the factor.
    fn times(self, factor: &Factor) -> Option<Self>;
    fn magnitude(self) -> Self;
    fn is_negative(self) -> bool;

    fn is_zero(self) -> bool {
        self == Self::default()
    }

    /// Within a signed cap: a negative cap bounds from below, a positive one from above.
    fn within(self, cap: Self) -> Self {
        if cap.is_negative() {
            self.max(cap)
        } else {
            self.min(cap)
        }
    }
}

impl Quantity for i64 {
    fn read(value: Decimal, scale: u32) -> Option<Self> {
        let (mantissa, own) = (value.mantissa(), value.scale());
        let units = match own.checked_sub(scale) {
            None => {
                let small = i64::try_from(mantissa).ok()?;
                return small.checked_mul(10_i64.checked_pow(scale - own)?);
            }
            Some(0) => mantissa,
            Some(more) => {
                let step = 10_i128.checked_pow(more)?;
                (mantissa % step == 0).then_some(mantissa / step)?
            }
        };
        Self::try_from(units).ok()
    }

    fn decimal(self, scale: u32) -> Decimal {
        Decimal::new(self, scale)
    }

    fn plus(self, other: Self) -> Option<Self> {
        self.checked_add(other)
    }

    fn minus(self, other: Self) -> Option<Self> {
        self.checked_sub(other)
    }

    fn times(self, factor: &Factor) -> Option<Self> {
        let product = self.checked_mul(factor.units)?;
        (product % factor.places == 0).then_some(product / factor.places)
    }

    fn magnitude(self) -> Self {
        self.saturating_abs()
    }

    fn is_negative(self) -> bool {
        self < 0
    }
}

impl Quantity for Decimal {
    fn read(value: Decimal, _scale: u32) -> Option<Self> {
        Some(value)
    }

    fn decimal(self, _scale: u32) -> Decimal {
        self
    }

    fn plus(self, other: Self) -> Option<Self> {
        self.checked_add(other)
    }

    fn minus(self, other: Self) -> Option<Self> {
        self.checked_sub(other)
    }

    fn times(self, factor: &Factor) -> Option<Self> {
        self.checked_mul(factor.value)
    }

    fn magnitude(self) -> Self {
        self.abs()
    }

    fn is_negative(self) -> bool {
        !Decimal::is_zero(&self) && self.is_sign_negative()
    }
}

/// Values brought within a signed cap of their sum: the latest give way first.
pub(super) fn reduce<Q: Quantity>(values: &mut [Q], cap: Q) -> Option<()> {
    let sum = values
        .iter()
        .try_fold(Q::default(), |sum, value| sum.plus(*value))?;
    let mut excess = sum.minus(sum.within(cap))?;
    for value in values.iter_mut().rev() {
        if excess.is_zero() {
            break;
        }
        if !value.is_zero() && value.is_negative() == excess.is_negative() {
            let taken = if excess.is_negative() {
                excess.max(*value)
            } else {
                excess.min(*value)
            };
            *value = value.minus(taken)?;
            excess = excess.minus(taken)?;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_decimal_is_read_in_whole_units_or_not_at_all() {
        for (text, scale, units) in [
            ("-0.5", 2, Some(-50)),
            ("1.50", 1, Some(15)),
            ("1.55", 1, None),
            ("0.000", 0, Some(0)),
            ("92233720368547758.07", 2, Some(i64::MAX)),
            ("92233720368547758.08", 2, None),
        ] {
            assert_eq!(i64::read(decimal(text), scale), units, "{text} {scale}");
        }
    }

    #[test]
    fn a_factor_is_exact_where_there_is_room_for_its_places() {
        let half = Factor::new(decimal("0.50")).unwrap();
        assert_eq!(30_i64.times(&half), Some(15));
        assert_eq!(3_i64.times(&half), None);
        assert_eq!(i64::MAX.times(&half), None);
    }

    #[test]
    fn a_cap_takes_from_the_latest_first() {
        for (mut values, cap, capped) in [
            (vec![-2, -2, -2], -5, vec![-2, -2, -1]),
            (vec![-2, 1, -6], -5, vec![-2, 1, -4]),
            (vec![3, 3, -1], 4, vec![3, 2, -1]),
            (vec![1, 2], 4, vec![1, 2]),
        ] {
            reduce(&mut values, cap).unwrap();
            assert_eq!(values, capped);
        }
    }
}
