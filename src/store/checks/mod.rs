//! Spot checks: the libraries of items and officers in versions, tasks with their events, the published files, the secrets
//! apart from them, and the ledger of who is visited by whom. But for the state of a task everything is only added; what the
//! JSON of a row means is for the service to say.

mod library;
mod plans;
mod tasks;
mod visits;

pub use library::{Kind, Version, add_version, current, history, library};
pub use plans::{
    PlanRow, append_plan, create_plan, find_plan, plan_events, plan_file, plan_files, plans,
    put_plan_file,
};
pub use tasks::{
    Event, NewEvent, Task, append, create, events, file, find, put_file, put_secret, secret, tasks,
};
pub use visits::{Visit, enter, of_attempt, of_task, of_year};
