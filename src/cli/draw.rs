//! `wuxin draw`: spot-check draws that anyone can check, from files alone; one file per subcommand. `docs/draw.md`
//! says what the files hold and why.

mod commit;
mod contribute;
mod files;
mod observe;
mod reveal;
mod substitute;
mod verify;

use super::Failure;
use crate::draw::{Id, Instant, Redraw};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Draw {
    /// Freeze a plan: publishes what binds it, keeps the plan and the secret in a file of mode 0600
    Commit(commit::Commit),
    /// Make the commitment and the value of a party that contributes to an event
    Contribute(contribute::Contribute),
    /// Publish the value of the event
    Observe(observe::Observe),
    /// Who was drawn, for those who hold the secret file; nothing is published
    Show(reveal::Show),
    /// The next in order for an object or officer that cannot take part; kept in the secret file until the reveal
    Substitute(substitute::Substitute),
    /// Publish secret, plan and result after the last visit
    Reveal(reveal::Reveal),
    /// Check a published file: everything is computed again, everything that does not fit is named
    Verify(verify::Verify),
}

impl Draw {
    pub(super) fn run(&self) -> Result<(), Failure> {
        match self {
            Self::Commit(commit) => commit.run(),
            Self::Contribute(contribute) => contribute.run(),
            Self::Observe(observe) => observe.run(),
            Self::Show(show) => show.run(),
            Self::Substitute(substitute) => substitute.run(),
            Self::Reveal(reveal) => reveal.run(),
            Self::Verify(verify) => verify.run(),
        }
    }
}

/// Why something is done outside the order, and which two people stand behind it.
#[derive(Debug, Clone, clap::Args)]
struct Because {
    #[arg(long)]
    reason: Option<String>,
    #[arg(long, value_name = "ID", value_parser = id)]
    requested_by: Option<Id>,
    /// Another person than the one who asks
    #[arg(long, value_name = "ID", value_parser = id)]
    approved_by: Option<Id>,
}

impl Because {
    fn whole(&self) -> Result<Redraw, Failure> {
        match (&self.reason, &self.requested_by, &self.approved_by) {
            (Some(reason), Some(requested_by), Some(approved_by)) => Ok(Redraw {
                reason: reason.trim().to_owned(),
                requested_by: requested_by.clone(),
                approved_by: approved_by.clone(),
            }),
            _ => Err(Failure::Usage(
                "this needs --reason, --requested-by and --approved-by".to_owned(),
            )),
        }
    }
}

fn id(text: &str) -> Result<Id, String> {
    Id::parse(text).map_err(|fault| fault.to_string())
}

fn instant(text: &str) -> Result<Instant, String> {
    Instant::parse(text).map_err(|fault| fault.to_string())
}

fn now() -> Instant {
    Instant::of(crate::clock::Clock::System.now())
}

/// A step that cannot be taken is the caller's to mend.
fn refused(fault: impl std::fmt::Display) -> Failure {
    Failure::Input(fault.to_string())
}
