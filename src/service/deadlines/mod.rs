//! Running periods of matters: kept beside what pure functions say is running, worked out again when the calendar changes,
//! shown on a board, and reminded of.
//!
//! A use case that changes a matter works out its running [`Deadline`](crate::domain::Deadline)s and calls [`keep`] in its own transaction; what is
//! stored follows, with a history that is only ever added to.

mod board;
mod following;
mod keeping;
mod recounting;
mod reminding;

pub use crate::{domain::MatterKind, store::deadlines::ClockState};
pub(super) use board::row;
pub use board::{
    BoardRow, Happened, OverduePublication, Past, Question, board, history, overdue_publications,
};
pub use following::follow_all;
pub(super) use following::{follow_complaint, follow_entry, follow_record};
pub use keeping::{Kept, Waiting, keep, keep_waiting};
pub use recounting::{Recounted, recount};
pub use reminding::{Reminder, remind, reminders};

use crate::{
    domain::{Region, Uscc},
    store::deadlines::Subject,
};

/// What periods run for: a list entry, a record, a complaint or a spot check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matter {
    pub kind: MatterKind,
    /// Its id.
    pub id: String,
    /// The company concerned, if one is known.
    pub company: Option<Uscc>,
    /// The division whose accounts see it; absent: accounts of the whole city only.
    pub region: Option<Region>,
    /// In words, for the board: 示例物业服务有限公司列入重点关注名单.
    pub title: String,
}

impl Matter {
    fn subject(&self) -> Subject {
        Subject {
            kind: self.kind,
            id: self.id.clone(),
            company: self.company,
            region: self.region.clone(),
            title: self.title.clone(),
        }
    }
}
