//! What every contender must arrive at.

use serde::Deserialize;

use super::workload::GRADES;

/// Enough of the result of all companies to tell two results apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub struct Outcome {
    /// The sum of score, in hundredths, times one more than the rank of the grade.
    pub checksum: i64,
    /// Companies of each grade, best first.
    pub grades: [u64; 5],
}

impl Outcome {
    pub fn add(&mut self, score: i64, rank: usize) {
        self.checksum += score * (rank as i64 + 1);
        self.grades[rank] += 1;
    }

    /// Grades a score; the grade is no better than `veto`.
    pub fn add_capped(&mut self, score: i64, veto: usize) {
        let rank = GRADES.iter().take_while(|from| score < **from).count();
        self.add(score, rank.max(veto));
    }

    /// That of some days alike.
    pub fn times(self, days: i64) -> Self {
        Self {
            checksum: self.checksum * days,
            grades: self.grades.map(|count| count * days.unsigned_abs()),
        }
    }

    pub fn and(self, other: Self) -> Self {
        let mut grades = self.grades;
        for (all, more) in grades.iter_mut().zip(other.grades) {
            *all += more;
        }
        Self {
            checksum: self.checksum + other.checksum,
            grades,
        }
    }
}

impl std::iter::Sum for Outcome {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Self::and)
    }
}
