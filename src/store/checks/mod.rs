//! Spot checks: the libraries of items and officers in versions, tasks with their events, the published files, the secrets
//! apart from them, and the ledger of who is visited by whom. But for the state of a task everything is only added; what the
//! JSON of a row means is for the service to say.

mod library;
mod plans;
mod tasks;
mod trail;
mod visits;

pub use library::{Kind, Version, add_version, current, history, library};
pub use plans::{
    PlanRow, all_files as plan_files, append as append_plan, create as create_plan,
    events as plan_events, file as plan_file, find as find_plan, plans, put_file as put_plan_file,
};
pub use tasks::{Task, append, create, events, file, find, put_file, put_secret, secret, tasks};
pub use trail::{Event, NewEvent};
pub use visits::{Visit, enter, of_attempt, of_task, of_year};
