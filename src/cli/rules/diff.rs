//! `wuxin rules diff`: what changed between two rule sets in words, and who moves because of it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::show::{load, page, write};
use crate::{
    cli::{
        Failure, Shared,
        files::{self, Read},
        runtime,
        score::{judge, take},
    },
    clock::Clock,
    domain::{Company, Contract, Day, Record},
    intake::Context,
    rules::{
        self, Facts, RuleSet, Score, ScoreFault,
        compare::{Change, Impact, changes_paper, compare, impact, impact_sections},
    },
    service,
};

/// Columns of text where nobody says how many.
const WIDTH: usize = 120;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Diff {
    /// The rule set as it was
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The rule set as it will be
    #[arg(value_name = "NEW")]
    new: PathBuf,
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Write to this file instead of stdout
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Exit with 1 if anything changed
    #[arg(long)]
    exit_code: bool,
    /// Records to score under both, CSV or XLSX (with --database: what is stored is scored)
    #[arg(long, value_name = "FILE")]
    records: Option<PathBuf>,
    /// Companies; those without a record are scored too
    #[arg(long, value_name = "FILE", requires = "records")]
    companies: Option<PathBuf>,
    /// Management contracts of projects
    #[arg(long, value_name = "FILE", requires = "records")]
    projects: Option<PathBuf>,
    /// Another version of the policy, for rule sets that judge records by the version of their own date; may be repeated
    #[arg(long, value_name = "FILE")]
    version: Vec<PathBuf>,
    /// The day to score for [default: today]
    #[arg(long, value_name = "DATE", value_parser = Day::parse)]
    as_of: Option<Day>,
}

/// What the differences are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For terminals
    Text,
    /// One JSON document
    Json,
    /// One page that prints on A4
    Html,
}

/// The JSON document.
#[derive(Serialize)]
struct Report<'r> {
    old: &'r str,
    new: &'r str,
    effective_from: Day,
    changes: &'r [Change],
    #[serde(skip_serializing_if = "Option::is_none")]
    impact: Option<&'r Impact>,
}

/// Everybody's scores under both, and the names of subjects that are known.
struct Scored {
    old: Vec<Score>,
    new: Vec<Score>,
    names: BTreeMap<String, String>,
}

impl Diff {
    pub(super) fn run(&self, shared: &Shared) -> Result<(), Failure> {
        let (old, new) = (load(&self.old)?, load(&self.new)?);
        let changes = compare(&old, &new);
        let as_of = self.as_of.unwrap_or_else(|| Day::of(Clock::System.now()));
        let (old_judge, new_judge) = self.judges(&old, &new)?;
        let scored = self.scored(shared, &old_judge, &new_judge, as_of)?;
        let effect = scored
            .as_ref()
            .map(|scored| impact(&old, &new, &scored.old, &scored.new, as_of));
        let text = match self.format {
            Format::Json => {
                let report = Report {
                    old: old.id(),
                    new: new.id(),
                    effective_from: new.effective_from(),
                    changes: &changes,
                    impact: effect.as_ref(),
                };
                serde_json::to_string(&report).map_err(|fault| Failure::Input(fault.to_string()))?
                    + "\n"
            }
            Format::Text | Format::Html => {
                let mut paper = changes_paper(&old, &new, &changes);
                if let (Some(effect), Some(scored)) = (&effect, &scored) {
                    paper
                        .sections
                        .extend(impact_sections(effect, &scored.names));
                }
                match self.format {
                    Format::Html => page(&paper)?,
                    _ => paper.text(WIDTH),
                }
            }
        };
        write(text.as_bytes(), self.out.as_deref())?;
        match self.exit_code && !changes.is_empty() {
            true => Err(Failure::Said),
            false => Ok(()),
        }
    }

    /// Both rule sets with the versions that judge records of their own dates.
    fn judges(&self, old: &RuleSet, new: &RuleSet) -> Result<(RuleSet, RuleSet), Failure> {
        let others: Vec<RuleSet> = (self.version.iter())
            .map(|path| load(path))
            .collect::<Result<_, _>>()?;
        let all: Vec<&RuleSet> = [old, new].into_iter().chain(&others).collect();
        let judge = |one: &RuleSet| {
            let judge = one.clone().succeeding(&all);
            judge.map_err(|fault| Failure::Input(fault.to_string()))
        };
        Ok((judge(old)?, judge(new)?))
    }

    fn scored(
        &self,
        shared: &Shared,
        old: &RuleSet,
        new: &RuleSet,
        as_of: Day,
    ) -> Result<Option<Scored>, Failure> {
        match &self.records {
            Some(records) => self.offline(records, old, new, as_of).map(Some),
            None if shared.database.is_some() => stored(shared, old, new, as_of).map(Some),
            None if self.as_of.is_some() => Err(Failure::Usage(
                "--as-of goes with --records or --database".to_owned(),
            )),
            None => Ok(None),
        }
    }

    fn offline(
        &self,
        records: &Path,
        old: &RuleSet,
        new: &RuleSet,
        as_of: Day,
    ) -> Result<Scored, Failure> {
        let mut faults = Vec::new();
        let titles = service::titles(old);
        let context = Context {
            regions: None,
            schema: old.schema(),
            titles: &titles,
        };
        let companies: Vec<Company> = match &self.companies {
            Some(path) => take(files::companies(path, &context), &mut faults),
            None => Vec::new(),
        };
        let contracts: Vec<Contract> = match &self.projects {
            Some(path) => take(files::contracts(path, &context), &mut faults),
            None => Vec::new(),
        };
        let before = take(judged(records, old), &mut faults);
        if !faults.is_empty() {
            faults.sort();
            return Err(Failure::Faults(faults));
        }
        // What only the newer rules refuse is part of the answer, not a fault of the file.
        let mut refused = Vec::new();
        let after = take(judged(records, new), &mut refused);
        for fault in &refused {
            eprintln!("left out under {}: {fault}", new.id());
        }
        let facts = |records| Facts {
            companies: &companies,
            contracts: &contracts,
            contracts_known: self.projects.is_some(),
            records,
            history: &[],
            on_lists: &[],
        };
        let names = companies
            .iter()
            .map(|company| (company.uscc.to_string(), company.name.clone()))
            .collect();
        Ok(Scored {
            old: rules::score(old, &facts(&before), as_of).map_err(unscored)?,
            new: rules::score(new, &facts(&after), as_of).map_err(unscored)?,
            names,
        })
    }
}

fn stored(shared: &Shared, old: &RuleSet, new: &RuleSet, as_of: Day) -> Result<Scored, Failure> {
    let app = runtime::open(&shared.settings()?)?;
    let service::ScoredUnder { mut scores, names } = app
        .store
        .read(|db| service::score_stored_under(db, &[old, new], as_of))?;
    let new = scores.pop().unwrap_or_default();
    let old = scores.pop().unwrap_or_default();
    Ok(Scored { old, new, names })
}

fn unscored(faults: Vec<ScoreFault>) -> Failure {
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    Failure::Input(told.join("\n"))
}

/// The records of a file, read and judged by a rule set.
fn judged(path: &Path, ruleset: &RuleSet) -> Read<Record> {
    let titles = service::titles(ruleset);
    let context = Context {
        regions: None,
        schema: ruleset.schema(),
        titles: &titles,
    };
    let mut read = files::records(path, &context);
    judge(ruleset, &mut read);
    read
}
