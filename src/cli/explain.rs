//! `wuxin explain`: how one score came about, as a sum that can be followed with a pocket calculator.

use clap::ValueEnum;

use super::{
    Failure, Shared,
    facts::{Asked, OnFile},
    output::{print, print_json, table},
    runtime,
};
use crate::{
    clock::Clock,
    domain::Day,
    rules::{self, Account, RuleSet},
    service,
    web::{self, pages::Tape},
};

/// How one score came about, row by row, from files or from what is stored
#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    #[command(flatten)]
    asked: Asked,
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// Formats of an explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// One JSON document
    Json,
    /// A page of its own, to hand over or to print
    Html,
}

impl Explain {
    pub(super) fn run(&self, shared: &Shared) -> Result<(), Failure> {
        match self.asked.files(shared)? {
            Some(read) => {
                let account = offline(&read)?;
                self.print(&read.ruleset, &account, &read.name())
            }
            None => self.stored(shared),
        }
    }

    fn stored(&self, shared: &Shared) -> Result<(), Failure> {
        let app = runtime::open(&shared.settings()?)?;
        let uscc = self.asked.uscc()?;
        let now = Clock::System.now();
        let found = app.store.read(|db| match self.asked.as_of {
            Some(day) => service::explanation_on(db, &app, uscc, day),
            None => service::explanation(db, &app, uscc, now),
        })?;
        let day = self.asked.as_of.unwrap_or_else(|| Day::of(now));
        let ruleset = app.rules.in_force(day)?;
        let name = format!("{}（{}）", found.name, found.uscc);
        self.print(ruleset, &found.account, &name)
    }

    fn print(&self, ruleset: &RuleSet, account: &Account, name: &str) -> Result<(), Failure> {
        match self.format {
            Format::Json => print_json(account),
            Format::Html => {
                let page = web::account_page(ruleset, account, name);
                print(&page.map_err(|fault| Failure::Input(fault.to_string()))?)
            }
            Format::Table => print(&shown(ruleset, account, name)),
        }
    }
}

fn offline(read: &OnFile) -> Result<Account, Failure> {
    let scores = rules::score(&read.ruleset, &read.facts(), read.as_of)
        .map_err(|faults| read.failure(&faults))?;
    let own = scores.iter().find(|score| score.subject == read.subject);
    let own = own.ok_or_else(|| {
        let what = format!("{} 没有评分对象「{}」", read.as_of, read.subject);
        Failure::Input(what)
    })?;
    Account::of(&read.ruleset, own).map_err(|fault| Failure::Input(fault.to_string()))
}

fn shown(ruleset: &RuleSet, account: &Account, name: &str) -> String {
    let part = web::account_part(ruleset, account);
    let mut text = format!("{name}\n{} {}\n", ruleset.title(), account.as_of);
    for component in &part.components {
        for tape in &component.tapes {
            text.push_str(&rows(tape));
        }
    }
    text.push_str(&rows(&part.total));
    text.push('\n');
    let conclusions: Vec<Vec<String>> = part
        .conclusions
        .into_iter()
        .map(|one| vec![one.kind.to_owned(), one.text, one.clause, one.why])
        .collect();
    text.push_str(&table(&["结论", "", "依据", "说明"], &conclusions));
    if !part.uncounted.is_empty() {
        let uncounted: Vec<Vec<String>> = part
            .uncounted
            .into_iter()
            .map(|one| vec![one.label, one.meta, one.date, one.why])
            .collect();
        text.push('\n');
        text.push_str(&table(
            &["未计分的记录", "依据", "日期", "原因"],
            &uncounted,
        ));
    }
    text
}

fn rows(tape: &Tape) -> String {
    let rows: Vec<Vec<String>> = tape
        .rows
        .iter()
        .map(|row| {
            vec![
                row.label.clone(),
                row.does.clone(),
                row.running.clone(),
                format!("{} {}", row.clause, row.date).trim().to_owned(),
                row.note.clone(),
            ]
        })
        .collect();
    let head = [tape.caption.as_str(), "加减", "累计", "依据", "说明"];
    format!("\n{}", table(&head, &rows))
}
