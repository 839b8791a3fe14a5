//! The vocabulary of the house: what a company, a project, a record, a day and a point are.
//!
//! Everything here is pure: no I/O, no clock, no randomness. Types cannot hold invalid values; text becomes a
//! type through a `parse` function whose error names the value that was wrong. These errors are written in
//! Chinese, because an officer reads them beside the row of a workbook.

mod attribute;
mod calendar;
mod company;
pub(crate) mod date;
mod day;
mod deadline;
mod fault;
mod matter;
mod personal;
mod points;
mod project;
mod record;
mod region;
mod text;
mod uscc;

pub use attribute::{AttributeError, AttributeSchema, AttributeType, AttributeValue};
pub use calendar::{Calendar, CalendarError, CalendarYear};
pub use company::{Company, CompanyStatus, CompanyStatusError};
pub use day::{Day, DayError, Span, SpanError};
pub use deadline::{
    Clock, Deadline, DeadlineError, DeadlineRule, DeadlineRules, Duty, Period, PeriodError,
};
pub use fault::Fault;
pub use matter::{MatterKind, MatterKindError};
pub use personal::{Personal, find_personal};
pub use points::{Points, PointsError};
pub use project::Contract;
pub use record::{
    Body, Record, RecordKind, RecordKindError, RecordStatus, RecordStatusError, SubjectKind,
};
pub use region::{Region, RegionError, RegionLevel, Regions, RegionsError};
pub(crate) use text::half_width;
pub use text::{Text, TextError, fold_code, normalise_name, sha256_hex};
pub use uscc::{Uscc, UsccError};
