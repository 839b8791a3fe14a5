//! `wuxin draw substitute`: the next in order, with a reason and a second person.

use std::path::PathBuf;

use super::{
    Because,
    files::{self, Mode},
    id, now, refused,
};
use crate::{
    cli::{Failure, output::print_json},
    draw::{self, Id, Wanted},
};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Substitute {
    /// The published file, with the value of the event
    file: PathBuf,
    /// The secret file; it is written anew
    #[arg(long, value_name = "FILE")]
    secret: PathBuf,
    /// The drawn object that cannot be visited, or whose officer cannot visit it
    #[arg(long, value_name = "ID", value_parser = id)]
    object: Id,
    /// The officer who cannot visit the object; without it the object itself is replaced
    #[arg(long, value_name = "ID", value_parser = id)]
    officer: Option<Id>,
    #[command(flatten)]
    because: Because,
}

impl Substitute {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let wanted = match &self.officer {
            Some(officer) => Wanted::Officer {
                object: self.object.clone(),
                out: officer.clone(),
            },
            None => Wanted::Object {
                out: self.object.clone(),
            },
        };
        let published = files::published(&self.file)?;
        let secrets = files::secrets(&self.secret)?;
        let because = self.because.whole()?;
        let secrets =
            draw::substitute(&published, secrets, &wanted, because, now()).map_err(refused)?;
        files::replace(&self.secret, &files::secrets_text(&secrets)?, Mode::Secret)?;
        print_json(&secrets.substitutions.last())
    }
}
