//! `wuxin draw commit`: freezes a plan.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{
    Because,
    files::{self, Mode},
    instant, now, refused,
};
use crate::{
    cli::{Failure, account::randomness, output::print_json},
    draw::{
        self, Bytes32, Event, Instant, Plan, Terms,
        draft::{Head, List, Sheet, assemble},
    },
};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Commit {
    /// The plan as JSON; its lists may be in it or in files of their own
    #[arg(long, value_name = "FILE")]
    plan: PathBuf,
    /// Companies and projects as CSV
    #[arg(long, value_name = "FILE")]
    objects: Option<PathBuf>,
    /// Officers as CSV
    #[arg(long, value_name = "FILE")]
    officers: Option<PathBuf>,
    /// Recusals as CSV
    #[arg(long, value_name = "FILE")]
    recusals: Option<PathBuf>,
    /// The future public event, as JSON or @FILE: lottery, drand or contributions
    #[arg(long, value_name = "JSON")]
    event: String,
    /// Until when everything will be revealed: 2026-08-20T00:00:00Z
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    reveal_by: Instant,
    /// The file to publish; must not exist
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The file to keep secret; must not exist, is made with mode 0600
    #[arg(long, value_name = "FILE")]
    secret_out: PathBuf,
    /// The published file of the draw that is drawn again; its attempts stay in the new file
    #[arg(long, value_name = "FILE")]
    redraw_of: Option<PathBuf>,
    #[command(flatten)]
    because: Because,
}

impl Commit {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let plan = self.frozen()?;
        let event: Event = serde_json::from_str(&files::argument(&self.event)?)
            .map_err(|fault| Failure::Input(format!("--event: {fault}")))?;
        let (before, redraw) = match &self.redraw_of {
            Some(path) => (Some(files::published(path)?), Some(self.because.whole()?)),
            None => (None, None),
        };
        let terms = Terms {
            event,
            committed_at: now(),
            reveal_by: self.reveal_by,
            redraw,
        };
        let (secret, salt) = (Bytes32(randomness()?), Bytes32(randomness()?));
        let (published, secrets) =
            draw::commit(before, plan, terms, secret, salt).map_err(refused)?;
        if self.out.exists() {
            return Err(Failure::Input(format!(
                "{}: is there already",
                self.out.display()
            )));
        }
        // The secret first: a commitment whose secret is lost could never be revealed.
        files::create(
            &self.secret_out,
            &files::secrets_text(&secrets)?,
            Mode::Secret,
        )?;
        files::create(&self.out, &published.text(), Mode::Public)?;
        let commitment = published.attempts.last().map(|attempt| &attempt.commitment);
        print_json(&serde_json::json!({
            "draw": published.draw,
            "attempt": secrets.attempt,
            "objects": secrets.plan.objects.len(),
            "officers": secrets.plan.officers.len(),
            "commitment": commitment.map(|part| part.digest),
        }))
    }

    fn frozen(&self) -> Result<Plan, Failure> {
        let name = self.plan.display().to_string();
        let text = files::argument(&format!("@{name}"))?;
        let mut value = draw::canonical::parse(&text)
            .map_err(|fault| Failure::Input(format!("{name}: {fault}")))?;
        let mut list = |list: List, field: &str, file: &Option<PathBuf>| {
            let inside = value
                .as_object_mut()
                .and_then(|fields| fields.remove(field));
            sheet(list, &name, field, inside, file.as_deref())
        };
        let objects = list(List::Objects, "objects", &self.objects)?;
        let officers = list(List::Officers, "officers", &self.officers)?;
        let recusals = list(List::Recusals, "recusals", &self.recusals)?;
        let head: Head = serde_path_to_error::deserialize(&value).map_err(|fault| {
            Failure::Input(format!("{name}: {}: {}", fault.path(), fault.inner()))
        })?;
        assemble(&name, head, &objects, &officers, &recusals).map_err(files::faults)
    }
}

/// A list from the one place it is given in.
fn sheet(
    list: List,
    plan: &str,
    field: &str,
    inside: Option<Value>,
    file: Option<&Path>,
) -> Result<Sheet, Failure> {
    match (inside, file) {
        (Some(_), Some(file)) => Err(Failure::Usage(format!(
            "{field} are given twice: in {plan} and in {}",
            file.display()
        ))),
        (Some(value), None) => {
            Sheet::from_json(list, &format!("{plan}#{field}"), &value).map_err(files::faults)
        }
        (None, Some(file)) => files::sheet(list, file),
        (None, None) => Ok(Sheet::default()),
    }
}
