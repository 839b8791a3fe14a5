//! Projects (物业项目) and the contracts under which companies manage them.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Day, Region, Uscc};

/// One management contract: a company manages a project between two days. A project that changed hands has several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    /// Code of the project.
    pub project: String,
    /// Name of the project.
    pub name: String,
    pub company: Uscc,
    pub region: Option<Region>,
    /// Managed floor area, square metres.
    pub area: Option<Decimal>,
    /// Number of households (户数).
    pub households: Option<u32>,
    /// First day, inclusive; absent: since ever.
    pub from: Option<Day>,
    /// Last day, inclusive; absent: open.
    pub until: Option<Day>,
    /// Yuan a year.
    pub contract_value: Option<Decimal>,
    /// Grade of service agreed (服务等级).
    pub service_grade: Option<String>,
}

impl Contract {
    /// Whether the company manages the project on that day.
    pub fn in_force_on(&self, day: Day) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }

    /// Whether two contracts share a day.
    pub fn overlaps(&self, other: &Self) -> bool {
        let starts_before_end = |start: Option<Day>, end: Option<Day>| match (start, end) {
            (Some(start), Some(end)) => start <= end,
            _ => true,
        };
        starts_before_end(self.from, other.until) && starts_before_end(other.from, self.until)
    }
}
