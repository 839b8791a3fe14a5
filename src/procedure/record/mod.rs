//! The life of a record beside its versions: notice to the company, objection, rectification, extension.
//!
//! ```text
//! confirmed --notice--> issued --served--> served          (a correction makes the notice stale: issue it again)
//!     |                                      | object, within the period; before service it has not begun
//!     +---------------- object --------------+
//!                          v
//!                      disputed --uphold--> corrected (confirmed again) or revoked
//!                          |----reject----> confirmed, as it was
//!                          +----withdraw--> confirmed, as it was
//! open --rectification--> submitted --accept--> rectified     extend: another last day for it
//!                             +-------refuse--> open
//! ```
//!
//! The versions say what a record is ([`RecordStatus`](crate::domain::RecordStatus)), the events here how it got there.
//! [`apply`] is the only way to an [`Event`]; a [`Case`] is its events added up; [`clocks`] tells what is running. Who may
//! take a step by role is for the service to say; that maker and checker are two people is said here.
//!
//! Sources: 记分告知单 with clause, points, days for rectification and objection as in use by city bureaus; objection in 3 or
//! 7 working days after 《山东省社会信用条例》 art. 39; ways of service after 《民事诉讼法》 (2023) arts. 87 to 95.

mod apply;
mod case;
mod clocks;
mod illegal;
mod step;
#[cfg(test)]
mod table_tests;
#[cfg(test)]
mod tests;

pub use apply::{Standing, Terms, apply};
pub use case::{
    Case, Content, Effect, Event, Notice, Objection, Outcome, Rectification, Service, Verdict,
};
pub use clocks::clocks;
pub use illegal::Illegal;
pub use step::{FileDigest, FileDigestError, Method, Remedy, Step};

/// Ids of the kinds of deadline that a record can have (`rules/deadlines.toml`).
pub mod rule {
    /// From confirmation until the notice is served.
    pub const NOTIFY: &str = "record.notify";
    /// From service until the company has objected.
    pub const OBJECTION: &str = "record.objection";
    /// From receipt of an objection until it is answered.
    pub const EXAMINE: &str = "record.examine";
    /// The same where other bodies have to be asked.
    pub const EXAMINE_JOINT: &str = "record.examine_joint";
    /// From the report of a rectification until it is checked.
    pub const CHECK: &str = "record.rectification_check";
    /// Until the company has rectified; the day stands in the record.
    pub const RECTIFY: &str = "record.rectify";
}
