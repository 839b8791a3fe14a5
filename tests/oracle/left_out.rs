//! Where engine and page are known to differ, or the page is silent: what the tests leave out until it is settled. Set one to
//! `false` to see the case.

/// `next_change_on` of calendar periods misses changes of earlier grades at turns after the next one.
pub const LATER_TURNS: bool = false;
/// It also names days on which an earlier grade changes without changing the truth of the comparison that reads it.
pub const EARLIER_GRADES_THEMSELVES: bool = false;
/// A company is told of drafts, revoked and suspended records about projects that it manages on other days only.
pub const ELSEWHERE: bool = false;
/// Whether a component that is missing and leaves the subject unrated is present for one that renormalises.
pub const UNRATED_AND_RENORMALISED: bool = false;
/// Groups over items of components that are not sums: whether they touch what a record's line says.
pub const GROUPS_OF_OTHER_THAN_SUMS: bool = false;
/// With a ladder by rank, `next_change_on` misses changes of earlier grades that come from other subjects' events.
pub const RANKED_EARLIER_GRADES: bool = false;
