//! `wuxin what-if`: what time, rectifications and upheld objections would make of one score.

use super::{
    Failure, Shared,
    facts::Asked,
    output::{TextOrJson, print, print_json, table},
    runtime,
};
use crate::{
    clock::Clock,
    domain::Day,
    rules::{Ask, Outlook, OutlookFault, RuleSet},
    service,
    web::{self, pages::ChangeRow},
};

/// What time, rectifications and upheld objections would make of one score
#[derive(Debug, clap::Args)]
pub(super) struct WhatIf {
    #[command(flatten)]
    asked: Asked,
    /// How far to look ahead
    #[arg(long, value_name = "MONTHS", default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=240))]
    months: u32,
    /// Up to how many actions every combination is tried
    #[arg(long, value_name = "N", default_value_t = 15, value_parser = exact)]
    exact: usize,
    #[arg(long, value_enum, default_value = "text")]
    format: TextOrJson,
}

/// More would take longer than anybody waits.
const MOST_EXACT: usize = 24;

fn exact(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(exact) if exact <= MOST_EXACT => Ok(exact),
        _ => Err(format!("a number from 0 to {MOST_EXACT}")),
    }
}

impl WhatIf {
    pub(super) fn run(&self, shared: &Shared) -> Result<(), Failure> {
        let ask = Ask {
            months: self.months,
            exact: self.exact,
        };
        if let Some(read) = self.asked.files(shared)? {
            let found = Outlook::of(&read.ruleset, &read.facts(), &read.subject, read.as_of, ask);
            let found = found.map_err(|fault| match fault {
                OutlookFault::Facts(faults) => read.failure(&faults),
                fault @ OutlookFault::NoSubject { .. } => Failure::Input(fault.to_string()),
            })?;
            return self.print(&read.ruleset, &found, &read.name());
        }
        let app = runtime::open(&shared.settings()?)?;
        let uscc = self.asked.uscc()?;
        let day = (self.asked.as_of).unwrap_or_else(|| Day::of(Clock::System.now()));
        let found = (app.store).read(|db| service::outlook_on(db, &app, uscc, ask, day))?;
        let ruleset = app.rules.in_force(day)?;
        let name = format!("{}（{}）", found.name, found.uscc);
        self.print(ruleset, &found.outlook, &name)
    }

    fn print(&self, ruleset: &RuleSet, found: &Outlook, name: &str) -> Result<(), Failure> {
        match self.format {
            TextOrJson::Json => print_json(found),
            TextOrJson::Text => print(&shown(ruleset, found, name)),
        }
    }
}

fn shown(ruleset: &RuleSet, found: &Outlook, name: &str) -> String {
    let part = web::outlook_part(ruleset, found);
    let mut text = format!(
        "{name}\n{} {}：{} 分{}\n",
        ruleset.title(),
        found.as_of,
        found.now.score,
        found
            .now
            .grade
            .as_ref()
            .map(|grade| format!("，{grade}"))
            .unwrap_or_default(),
    );
    for caveat in &part.caveats {
        text.push_str(&format!("{caveat}\n"));
    }
    text.push_str(&format!("\n今后会怎样（到 {}）\n", part.until));
    let changes: Vec<Vec<String>> = part.changes.iter().map(change).collect();
    text.push_str(&table(&["自", "得分", "等级", "记录"], &changes));
    if part.left_out > 0 {
        text.push_str(&format!("其余 {} 次没有列出\n", part.left_out));
    }
    text.push_str("\n怎样提高等级\n");
    for line in &part.gap {
        text.push_str(&format!("- {line}\n"));
    }
    for way in &part.ways {
        text.push_str(&format!("- {}。{}\n", way.title, way.note));
        for step in &way.steps {
            text.push_str(&format!("    {step}\n"));
        }
    }
    if !part.actions.is_empty() {
        let actions: Vec<Vec<String>> = part
            .actions
            .into_iter()
            .map(|one| {
                vec![
                    one.deed.to_owned(),
                    one.label,
                    one.difference,
                    one.result,
                    one.meta,
                    one.date,
                ]
            })
            .collect();
        text.push('\n');
        let head = ["只办这一项", "事项", "得分增减", "结果", "依据", "日期"];
        text.push_str(&table(&head, &actions));
        if part.actions_left_out > 0 {
            text.push_str(&format!("其余 {} 项没有列出\n", part.actions_left_out));
        }
    }
    text
}

fn change(row: &ChangeRow) -> Vec<String> {
    vec![
        row.on.clone(),
        row.score.clone(),
        row.grade
            .as_ref()
            .map(|grade| grade.id.clone())
            .unwrap_or_default(),
        row.records.join("；"),
    ]
}
