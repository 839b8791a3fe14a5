//! A rule set as the official scoring table (评分标准): what an officer knows from the annex of a 办法.
//!
//! `sheet` says what stands where, `words` turns numbers, spans and points into Chinese, `conditions` predicates; `text` and
//! `html` lay a sheet out. A workbook is written at the edge, from the same sheet.

mod conditions;
mod html;
mod sheet;
mod text;
pub(super) mod words;

pub use sheet::{Annex, Clause, GradeRow, ItemRow, Part, Sheet};
