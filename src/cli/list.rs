//! `wuxin list`: the steps of a list entry, for scripts and operators.
//!
//! A step is taken in the name of an account, by its token (`WUXIN_TOKEN`): the same roles and the same two people are
//! needed as over HTTP.

use std::{fs, path::PathBuf};

use super::{
    Failure, Shared,
    output::{TextOrJson, print, print_json, table},
    runtime,
};
use crate::{
    clock::Clock,
    domain::Uscc,
    listing::{Action, Severity, Text},
    service::{self, Actor, App, ProposalByHand},
};

#[derive(Debug, clap::Subcommand)]
pub(super) enum List {
    /// Entries, by company
    Show {
        /// Only those in this state
        #[arg(long)]
        state: Option<String>,
        /// One entry with its events
        #[arg(long, conflicts_with = "state")]
        id: Option<String>,
        #[arg(long, value_enum, default_value = "text")]
        format: TextOrJson,
    },
    /// Propose a company by hand
    Propose {
        #[arg(long, value_parser = uscc)]
        company: Uscc,
        /// Id of the list type: watch, red, warning
        #[arg(long)]
        list: String,
        /// 轻微, 一般 or 严重; none on a favourable list
        #[arg(long, value_parser = severity)]
        severity: Option<Severity>,
        /// Clause it falls under; may be repeated
        #[arg(long, required = true, value_parser = text)]
        clause: Vec<Text>,
        #[arg(long, value_parser = text)]
        reason: Text,
    },
    /// Take a step; the action is JSON as in the HTTP interface
    Step {
        id: String,
        /// Version of the entry that was seen
        #[arg(long)]
        version: i64,
        /// JSON, or @FILE
        action: String,
    },
}

fn uscc(raw: &str) -> Result<Uscc, String> {
    Uscc::parse(raw).map_err(|fault| fault.to_string())
}

fn text(raw: &str) -> Result<Text, String> {
    Text::parse(raw).map_err(|fault| fault.to_string())
}

fn severity(raw: &str) -> Result<Severity, String> {
    Severity::ALL
        .iter()
        .copied()
        .find(|known| known.as_str() == raw)
        .ok_or_else(|| "轻微, 一般 or 严重".to_owned())
}

impl List {
    pub(super) fn run(&self, shared: &Shared) -> Result<(), Failure> {
        let app = runtime::open(&shared.settings()?)?;
        let actor = caller(&app)?;
        let now = Clock::System.now();
        match self {
            Self::Show { id: Some(id), .. } => {
                print_json(&app.store.read(|db| service::read_entry(db, &actor, id))?)
            }
            Self::Show { state, format, .. } => {
                let states: Vec<&str> = state.as_deref().into_iter().collect();
                let entries = app
                    .store
                    .read(|db| service::list_entries(db, &actor, &states))?;
                match format {
                    TextOrJson::Json => print_json(&entries),
                    TextOrJson::Text => {
                        let rows: Vec<Vec<String>> = entries
                            .into_iter()
                            .map(|entry| {
                                vec![
                                    entry.id,
                                    entry.company,
                                    entry.list,
                                    entry.state,
                                    entry.version.to_string(),
                                    entry.due_on.unwrap_or_default(),
                                ]
                            })
                            .collect();
                        print(&table(
                            &["id", "company", "list", "state", "version", "due"],
                            &rows,
                        ))
                    }
                }
            }
            Self::Propose {
                company,
                list,
                severity,
                clause,
                reason,
            } => {
                let proposal = ProposalByHand {
                    company: *company,
                    list: list.clone(),
                    severity: *severity,
                    clauses: clause.clone(),
                    reason: reason.clone(),
                };
                let entry = app
                    .store
                    .write(|db| service::propose_entry(db, &app, &actor, &proposal, now))?;
                print_json(&entry)
            }
            Self::Step {
                id,
                version,
                action,
            } => {
                let action = read_action(action)?;
                let entry = app.store.write(|db| {
                    service::step_entry(db, &app, &actor, id, *version, &action, now)
                })?;
                print_json(&entry)
            }
        }
    }
}

fn read_action(given: &str) -> Result<Action, Failure> {
    let json = match given.strip_prefix('@') {
        Some(path) => {
            let path = PathBuf::from(path);
            fs::read_to_string(&path).map_err(|fault| Failure::file(&path, &fault))?
        }
        None => given.to_owned(),
    };
    serde_json::from_str(&json).map_err(|fault| Failure::Input(format!("action: {fault}")))
}

pub(super) fn caller(app: &App) -> Result<Actor, Failure> {
    let token = std::env::var("WUXIN_TOKEN")
        .map_err(|_| Failure::Usage("set WUXIN_TOKEN to the token of an account".to_owned()))?;
    app.store
        .read(|db| service::authenticate(db, &token))?
        .ok_or_else(|| Failure::Input("the token in WUXIN_TOKEN is not valid".to_owned()))
}
