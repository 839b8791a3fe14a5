//! The visit of a spot check (抽查检查): from the arrival of the drawn officers to the signature of the company.
//!
//! ```text
//! due --arrive--> on_site --record--> recorded --confirm (every officer)--> confirmed --sign----------------> closed
//!  |                 |                  |  ^ record again: nobody has confirmed      --refuse_signature--> unsigned
//!  |                 |                  +--+                                         unsigned --witness (every officer)--> closed
//!  +----hinder-------+--> hindered --confirm (every officer)--> not_possible
//! anything that was begun --annul (another person)--> annulled
//! ```
//!
//! [`apply`] is the only way to an [`Event`]; a [`Case`] is its events added up. Who was drawn, what may be checked and until
//! when are arguments: [`Standing`]. What was found against a company is a [`Line::Differs`], and nothing else: an inspection
//! whose lines all agree finds nothing, whatever else is written.
//!
//! Sources: result codes as in the handbooks of 双随机、一公开 and in real systems; at least two officers with certificates
//! after 《行政处罚法》 (2021) art. 42; a refused signature witnessed by both after 《市场监督管理行政处罚程序规定》 art. 29.

mod apply;
mod case;
mod illegal;
mod report;
mod step;
#[cfg(test)]
mod table_tests;
#[cfg(test)]
mod tests;

pub use apply::{Standing, Taker, apply};
pub use case::{Case, Event, Signature, State};
pub use illegal::{Illegal, ReportFault};
pub use report::{Answer, Checklist, Clause, Finding, Line, Report, ResultCode, Scale};
pub use step::Step;

/// Ids of the kinds of deadline that a spot check can have (`rules/deadlines.toml`).
pub mod rule {
    /// From the end of a task until its results are public.
    pub const PUBLISH: &str = "check.publish";
}
