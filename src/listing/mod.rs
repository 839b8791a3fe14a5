//! The lawful life of a list entry (名单条目): from a proposal with its evidence to its publication and its exit.
//!
//! Pure: it knows the vocabulary in `domain` and nothing else; files come as text, the clock as an argument. A score
//! never lists a company: it opens a proposal, and people do the rest. [`Entry::propose`] and [`apply`] are the only
//! ways an entry comes to be or changes; each gives the event that says what happened, and [`fold`] builds the same
//! entry from its events again.

mod action;
pub mod clocks;
mod conflict;
mod digest;
mod document;
mod entry;
mod event;
mod fold;
mod heard;
mod illegal;
mod personal;
mod standing;
pub mod table;
mod transition;
mod types;
mod words;

#[cfg(test)]
mod tests;

pub use crate::domain::{Text, TextError};
pub use action::{Action, Actor, ActorId, DecisionService, Role, StepName, SubmissionKind};
pub use conflict::{Conflict, conflicts};
pub use digest::{DigestError, DocumentDigest};
pub use document::{
    Burden, DecisionDocument, DecisionParts, LAWSUIT_MONTHS, Measure, MeasureParts, Part,
    REVIEW_DAYS, Remedies, RemedyParts, RepairParts,
};
pub use entry::{
    Closing, Decided, Decision, Display, Entry, Evidence, HigherApproval, Issued, Link,
    LinkedPerson, Method, Notice, Noticed, Proposal, Published, Review, Served, Shielded, Standing,
    State,
};
pub use event::{Event, EventKind};
pub use fold::{FoldError, fold};
pub use heard::{Answer, Heard, HeardOne, Hearing, Submission, Waiver};
pub use illegal::Illegal;
pub use standing::{
    Acceptance, Corrected, Correction, Dispute, Exit, ExitRequest, Restoration, RestorationRequest,
    RevocationCause, Shield, ShieldCause,
};
pub use table::StateName;
pub use transition::{FeedIntent, OpenStep, Transition, apply};
pub use types::{
    BasisLevel, DisplayRule, ExportAs, LegalBasis, ListClass, ListType, ListTypes, Severity,
    TypesError,
};
