//! Scheduled jobs as everybody may ask about them: which there are, when they are due, what their runs came to.
//!
//! The loop that runs them is [`crate::jobs`].

mod reading;
mod schedule;
mod slots;
mod timetable;

pub use reading::{JobLine, JobRunLine, RunningLine, job_lines, job_runs, read_jobs};
pub use schedule::{Due, MOST_CAUGHT_UP, Schedule, ScheduleError, retry_after};
pub use slots::{
    JobLease, Standing, begin_by_hand, begin_job, end_by_hand, end_job, keep_job, know_job,
    last_slot, standing,
};
pub use timetable::{JobName, Timetable};
