//! Exact fractions: what school arithmetic gives, with no places to run out of.

use std::{
    cmp::Ordering,
    fmt,
    ops::{Add, Mul, Neg, Sub},
};

use rust_decimal::Decimal;

/// A fraction in lowest terms, its denominator positive. Numbers too large for it end the test: the cases of this crate
/// stay far below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fraction {
    over: i128,
    under: i128,
}

const LARGE: &str = "a number of the case is too large for the reference";

impl Fraction {
    pub const ZERO: Self = Self { over: 0, under: 1 };
    pub const ONE: Self = Self { over: 1, under: 1 };

    fn new(over: i128, under: i128) -> Self {
        let (mut a, mut b) = (over.abs(), under.abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let sign = if under < 0 { -1 } else { 1 };
        Self {
            over: sign * over / a.max(1),
            under: sign * under / a.max(1),
        }
    }

    pub fn whole(value: i64) -> Self {
        Self::new(i128::from(value), 1)
    }

    pub fn is_zero(self) -> bool {
        self.over == 0
    }

    pub fn is_negative(self) -> bool {
        self.over < 0
    }

    pub fn abs(self) -> Self {
        if self.is_negative() { -self } else { self }
    }

    /// `None` for a division by zero.
    pub fn divided_by(self, other: Self) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        let over = self.over.checked_mul(other.under).expect(LARGE);
        Some(Self::new(
            over,
            self.under.checked_mul(other.over).expect(LARGE),
        ))
    }

    /// The largest whole number that is not greater.
    pub fn floor(self) -> i128 {
        self.over.div_euclid(self.under)
    }

    /// Rounded to so many places, by the name of the rounding.
    pub fn rounded(self, places: u32, rounding: &str) -> Self {
        let scale = Self::new(10_i128.pow(places), 1);
        let scaled = self * scale;
        let size = scaled.abs();
        let down = size.floor();
        let rest = size - Self::new(down, 1);
        let half = Self::new(1, 2);
        let up = match rounding {
            "half_up" => rest >= half,
            "half_even" => rest > half || (rest == half && down % 2 == 1),
            "down" => false,
            "up" => !rest.is_zero(),
            other => panic!("no rounding {other}"),
        };
        let size = if up { down + 1 } else { down };
        let value = Self::new(if scaled.is_negative() { -size } else { size }, 1);
        value.divided_by(scale).unwrap()
    }

    /// With exactly so many places; the value must have no more.
    pub fn with_places(self, places: u32) -> String {
        let scaled = self * Self::new(10_i128.pow(places), 1);
        assert_eq!(scaled.under, 1, "{self:?} has more than {places} places");
        let sign = if scaled.over < 0 { "-" } else { "" };
        let width = places as usize + 1;
        let digits = format!("{:0width$}", scaled.over.abs());
        let (before, after) = digits.split_at(digits.len() - places as usize);
        if places == 0 {
            format!("{sign}{before}")
        } else {
            format!("{sign}{before}.{after}")
        }
    }

    /// As components are shown: at most ten places, no zeros at the end.
    pub fn shown(self) -> String {
        let text = self.rounded(10, "half_even").with_places(10);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

impl From<Decimal> for Fraction {
    fn from(value: Decimal) -> Self {
        Self::new(value.mantissa(), 10_i128.pow(value.scale()))
    }
}

impl Add for Fraction {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let left = self.over.checked_mul(other.under).expect(LARGE);
        let right = other.over.checked_mul(self.under).expect(LARGE);
        let under = self.under.checked_mul(other.under).expect(LARGE);
        Self::new(left.checked_add(right).expect(LARGE), under)
    }
}

impl Sub for Fraction {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Neg for Fraction {
    type Output = Self;
    fn neg(self) -> Self {
        Self {
            over: -self.over,
            under: self.under,
        }
    }
}

impl Mul for Fraction {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let over = self.over.checked_mul(other.over).expect(LARGE);
        Self::new(over, self.under.checked_mul(other.under).expect(LARGE))
    }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fraction {
    fn cmp(&self, other: &Self) -> Ordering {
        (*self - *other).over.cmp(&0)
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.over, self.under)
    }
}

#[test]
fn fractions_are_rounded_and_written_as_the_file_says() {
    let of = |text: &str| Fraction::from(text.parse::<Decimal>().unwrap());
    for (value, places, rounding, written) in [
        ("84.85", 1, "half_up", "84.9"),
        ("84.85", 1, "half_even", "84.8"),
        ("-84.85", 1, "half_up", "-84.9"),
        ("-84.85", 1, "half_even", "-84.8"),
        ("-84.89", 1, "down", "-84.8"),
        ("-84.81", 1, "up", "-84.9"),
        ("-0.004", 2, "half_up", "0.00"),
        ("7", 0, "up", "7"),
        ("0.5", 0, "half_even", "0"),
    ] {
        let rounded = of(value).rounded(places, rounding);
        assert_eq!(rounded.with_places(places), written, "{value} {rounding}");
    }
    assert_eq!(Fraction::new(10, 3).shown(), "3.3333333333");
    assert_eq!(of("100.50").shown(), "100.5");
    assert_eq!(of("-0").shown(), "0");
}
