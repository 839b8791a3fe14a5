//! `wuxin document`: documents and their templates.

use std::{fs, path::PathBuf};

use super::{
    Failure, Shared,
    output::{TextOrJson, print, print_json, table},
    runtime::{self, caller},
};
use crate::{
    clock::Clock,
    domain::{MatterKind, Uscc},
    service::documents::{self, Content, Kind, Question},
};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Document {
    /// Issue a document about an entry or a record; prints it without its text
    Issue {
        #[arg(long, conflicts_with = "record", required_unless_present = "record")]
        entry: Option<String>,
        #[arg(long)]
        record: Option<String>,
        /// JSON of the content with its `kind`, or @FILE
        content: String,
    },
    /// Print the HTML of a document, exactly as it was issued
    Show { id: String },
    /// Documents by kind, year and number
    List {
        #[arg(long, value_parser = kind)]
        kind: Option<Kind>,
        #[arg(long)]
        year: Option<i64>,
        #[arg(long, value_parser = uscc)]
        company: Option<Uscc>,
        #[arg(long, conflicts_with = "record")]
        entry: Option<String>,
        #[arg(long)]
        record: Option<String>,
        #[arg(long, value_enum, default_value = "text")]
        format: TextOrJson,
    },
    /// Mark a document void; its number stays taken
    Void {
        id: String,
        #[arg(long)]
        reason: String,
    },
    /// Check the templates of a folder, and print samples to look at
    CheckTemplates {
        /// Folder with documents.toml [default: of the settings, or those built in]
        folder: Option<PathBuf>,
        /// Write a sample of every kind into this folder
        #[arg(long, value_name = "FOLDER")]
        samples: Option<PathBuf>,
    },
}

fn kind(raw: &str) -> Result<Kind, String> {
    raw.parse().map_err(|_| {
        let known = Kind::ALL.map(Kind::as_str);
        known.join(", ")
    })
}

fn uscc(raw: &str) -> Result<Uscc, String> {
    Uscc::parse(raw).map_err(|fault| fault.to_string())
}

impl Document {
    pub(super) fn run(&self, shared: &Shared) -> Result<(), Failure> {
        if let Self::CheckTemplates { folder, samples } = self {
            return check(shared, folder.as_ref(), samples.as_ref());
        }
        let app = runtime::open(&shared.settings()?)?;
        let actor = caller(&app)?;
        let now = Clock::System.now();
        match self {
            Self::CheckTemplates { .. } => Ok(()),
            Self::Issue {
                entry,
                record,
                content,
            } => {
                let content = read_content(content)?;
                let matter = match (entry, record) {
                    (Some(id), _) => (MatterKind::Entry, id.as_str()),
                    (None, record) => (MatterKind::Record, record.as_deref().unwrap_or_default()),
                };
                let issued = app
                    .store
                    .write(|db| documents::issue(db, &app, &actor, matter, &content, now))?;
                print_json(&issued)
            }
            Self::Show { id } => {
                let (_, html) = app.store.read(|db| documents::document(db, &actor, id))?;
                print(&String::from_utf8_lossy(&html))
            }
            Self::List {
                kind,
                year,
                company,
                entry,
                record,
                format,
            } => {
                let question = Question {
                    kind: *kind,
                    year: *year,
                    company: *company,
                    entry: entry.clone(),
                    record: record.clone(),
                };
                let found = app
                    .store
                    .read(|db| documents::documents(db, &actor, &question))?;
                match format {
                    TextOrJson::Json => print_json(&found),
                    TextOrJson::Text => {
                        let rows: Vec<Vec<String>> = found
                            .into_iter()
                            .map(|one| {
                                let void = one.void.map_or_else(String::new, |void| {
                                    format!("作废：{}", void.reason)
                                });
                                vec![
                                    one.id,
                                    one.mark,
                                    one.title,
                                    one.company,
                                    one.issued_at,
                                    void,
                                ]
                            })
                            .collect();
                        let head = ["id", "number", "title", "company", "issued", ""];
                        print(&table(&head, &rows))
                    }
                }
            }
            Self::Void { id, reason } => {
                let voided = app
                    .store
                    .write(|db| documents::void(db, &actor, id, reason, now))?;
                print_json(&voided)
            }
        }
    }
}

fn check(
    shared: &Shared,
    folder: Option<&PathBuf>,
    samples: Option<&PathBuf>,
) -> Result<(), Failure> {
    let settings = shared.settings()?;
    let folder = folder.or(settings.documents.as_ref());
    let templates = crate::service::templates(folder.map(PathBuf::as_path))
        .map_err(|faults| Failure::Input(faults.to_string()))?;
    let mut said = String::new();
    for kind in Kind::ALL {
        let (title, mark) = (templates.title(kind), templates.mark(kind, 2026, 1));
        said += &format!("{kind}  {title}  {mark}  {}\n", templates.digest(kind));
        let Some(samples) = samples else { continue };
        let data = documents::sample_data(kind, title, &mark);
        let page = templates
            .render(kind, &data)
            .map_err(|fault| Failure::Input(format!("{kind}: {fault:?}")))?;
        let file = samples.join(format!("{kind}.html"));
        fs::write(&file, page).map_err(|fault| Failure::file(&file, &fault))?;
    }
    print(&said)
}

fn read_content(given: &str) -> Result<Content, Failure> {
    let json = match given.strip_prefix('@') {
        Some(path) => {
            let path = PathBuf::from(path);
            fs::read_to_string(&path).map_err(|fault| Failure::file(&path, &fault))?
        }
        None => given.to_owned(),
    };
    serde_json::from_str(&json).map_err(|fault| Failure::Input(format!("content: {fault}")))
}
