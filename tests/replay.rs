//! Two times everywhere: which day a score is for, and when it was known. Versions of a policy, trial runs, and the replay of
//! every stored score. On both databases.
#![cfg(test)]

mod support;

#[path = "replay/bureau.rs"]
mod bureau;
#[path = "replay/nightly.rs"]
mod nightly;
#[path = "replay/one_company.rs"]
mod one_company;
#[path = "replay/replaying.rs"]
mod replaying;
#[path = "replay/upgrade.rs"]
mod upgrade;
#[path = "replay/versions.rs"]
mod versions;
