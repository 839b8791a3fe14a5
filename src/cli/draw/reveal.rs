//! `wuxin draw show` and `wuxin draw reveal`: the result for the bureau alone, and for everybody.

use std::path::PathBuf;

use super::{
    files::{self, Mode},
    now, refused,
};
use crate::{
    cli::{
        Failure,
        output::{TextOrJson, print, print_json, table},
    },
    draw,
};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Show {
    /// The published file, with the value of the event
    file: PathBuf,
    #[arg(long, value_name = "FILE")]
    secret: PathBuf,
    #[arg(long, value_enum, default_value = "text")]
    format: TextOrJson,
}

impl Show {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let secrets = files::secrets(&self.secret)?;
        let outcome = draw::result(&files::published(&self.file)?, &secrets).map_err(refused)?;
        if self.format == TextOrJson::Json {
            return print_json(&serde_json::json!({
                "result": outcome,
                "substitutions": secrets.substitutions,
            }));
        }
        let rows: Vec<Vec<String>> = (outcome.teams.iter())
            .map(|team| {
                let officers: Vec<&str> = team.officers.iter().map(draw::Id::as_str).collect();
                vec![team.object.to_string(), officers.join("、")]
            })
            .collect();
        print(&table(&["对象", "检查组"], &rows))?;
        for one in &secrets.substitutions {
            print(&format!(
                "替换 {}：{}（{}）\n",
                one.number, one.change, one.reason
            ))?;
        }
        Ok(())
    }
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Reveal {
    /// The published file; it is written anew
    file: PathBuf,
    #[arg(long, value_name = "FILE")]
    secret: PathBuf,
    /// Write the new file here instead
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Reveal {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let secrets = files::secrets(&self.secret)?;
        let published = files::published(&self.file)?;
        let published = draw::reveal(published, &secrets, now()).map_err(refused)?;
        let out = self.out.as_ref().unwrap_or(&self.file);
        files::replace(out, &published.text(), Mode::Public)?;
        let last = published.attempts.last();
        let result = last.and_then(|attempt| attempt.result.as_ref());
        print_json(&serde_json::json!({
            "draw": published.draw,
            "attempt": secrets.attempt,
            "drawn": result.map(|part| part.body.teams.len()),
            "substitutions": secrets.substitutions.len(),
            "digest": published.digest,
        }))
    }
}
