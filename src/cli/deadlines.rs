//! `wuxin deadlines`: the board of running periods.

use super::{
    Failure, Shared,
    output::{TextOrJson, print, print_json, table},
    runtime::{self, caller},
};
use crate::{
    clock::Clock,
    domain::{Day, MatterKind, Region, Uscc},
    service::deadlines::{self, Question},
};

/// In the name of an account, by its token (`WUXIN_TOKEN`).
#[derive(Debug, clap::Args)]
pub(super) struct Deadlines {
    /// Only of entry, record or complaint
    #[arg(long, value_parser = kind)]
    kind: Option<MatterKind>,
    #[arg(long, value_parser = uscc)]
    company: Option<Uscc>,
    /// Only in this division
    #[arg(long, value_parser = region)]
    region: Option<Region>,
    /// Only what is due on this day or before
    #[arg(long, value_parser = day)]
    until: Option<Day>,
    /// Rows at most, 1 to 1000 [default: 200]
    #[arg(long)]
    limit: Option<usize>,
    /// Reminders written on this day or later, instead of the board
    #[arg(long, value_name = "DAY", value_parser = day, conflicts_with_all = ["kind", "company", "region", "until", "limit", "of"])]
    reminders: Option<Day>,
    /// The history of one matter's periods, instead of the board; with --kind
    #[arg(long, value_name = "ID", requires = "kind", conflicts_with_all = ["company", "region", "until", "limit"])]
    of: Option<String>,
    #[arg(long, value_enum, default_value = "text")]
    format: TextOrJson,
}

fn kind(raw: &str) -> Result<MatterKind, String> {
    raw.parse()
        .map_err(|_| "entry, record or complaint".to_owned())
}

fn uscc(raw: &str) -> Result<Uscc, String> {
    Uscc::parse(raw).map_err(|fault| fault.to_string())
}

fn region(raw: &str) -> Result<Region, String> {
    Region::parse(raw).map_err(|fault| fault.to_string())
}

fn day(raw: &str) -> Result<Day, String> {
    Day::parse(raw).map_err(|fault| fault.to_string())
}

impl Deadlines {
    pub(super) fn run(&self, shared: &Shared) -> Result<(), Failure> {
        let app = runtime::open(&shared.settings()?)?;
        let actor = caller(&app)?;
        if let Some(since) = self.reminders {
            let since = since.begins_at();
            let found = app
                .store
                .read(|db| deadlines::reminders(db, &actor, since))?;
            let rows = found
                .iter()
                .map(|one| vec![one.at.clone(), one.said.clone()]);
            return self.show(&found, &["at", "reminder"], rows);
        }
        if let (Some(id), Some(kind)) = (&self.of, self.kind) {
            let found = app
                .store
                .read(|db| deadlines::history(db, &actor, kind, id))?;
            let rows = found.iter().flat_map(|period| {
                period.events.iter().map(|event| {
                    vec![
                        period.rule.clone(),
                        event.at.clone(),
                        event.cause.to_owned(),
                        event.said.clone(),
                    ]
                })
            });
            return self.show(&found, &["rule", "at", "cause", ""], rows);
        }
        let question = Question {
            kind: self.kind,
            company: self.company,
            region: self.region.clone(),
            until: self.until,
            limit: self.limit,
        };
        let now = Clock::System.now();
        let found = app
            .store
            .read(|db| deadlines::board(db, &app, &actor, &question, now))?;
        let rows = found.iter().map(|row| {
            vec![
                row.due_on.clone().unwrap_or_else(|| "—".to_owned()),
                row.standing.clone(),
                row.who.clone(),
                row.what.clone(),
                row.title.clone(),
                format!("{} {}", row.matter_kind, row.matter),
            ]
        });
        self.show(
            &found,
            &["due", "standing", "who", "what", "matter", "id"],
            rows,
        )
    }

    fn show(
        &self,
        found: &impl serde::Serialize,
        head: &[&str],
        rows: impl Iterator<Item = Vec<String>>,
    ) -> Result<(), Failure> {
        match self.format {
            TextOrJson::Json => print_json(found),
            TextOrJson::Text => print(&table(head, &rows.collect::<Vec<_>>())),
        }
    }
}
