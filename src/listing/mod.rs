//! The lawful life of a list entry (名单条目): from a proposal with its evidence to its publication and its exit.
//!
//! Pure: it knows the vocabulary in `domain` and nothing else; files come as text, the clock as an argument. A score
//! never lists a company: it opens a proposal, and people do the rest. [`Entry::propose`] and [`apply`] are the only
//! ways an entry comes to be or changes; each gives the event that says what happened, and [`fold`] builds the same
//! entry from its events again.

mod action;
mod conflict;
mod entry;
mod event;
mod illegal;
mod text;
mod transition;
mod types;

#[cfg(test)]
mod life_tests;
#[cfg(test)]
mod table_tests;
#[cfg(test)]
mod tests;

pub use action::{Action, Actor, ActorId, DecisionDraft, DecisionService, Role};
pub use conflict::{Conflict, conflicts};
pub use entry::{
    Closing, Decided, Decision, Display, Dispute, Entry, Evidence, Exit, ExitRequest, Heard,
    Method, Notice, Noticed, Proposal, Published, Review, Standing, State, Waiver,
};
pub use event::{Event, EventKind, FoldError, fold};
pub use illegal::{Illegal, StateName};
pub use text::{DocumentDigest, Text, TextError};
pub use transition::{FeedIntent, Transition, apply};
pub use types::{
    BasisLevel, DisplayRule, ExportAs, LegalBasis, ListClass, ListType, ListTypes, Severity,
    TypesError,
};
