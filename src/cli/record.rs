//! `wuxin record`: the due process of a record, for scripts and operators.
//!
//! Everything is done in the name of an account, by its token (`WUXIN_TOKEN`): the same roles and the same two people are
//! needed as over HTTP.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use super::{
    Failure, Shared,
    output::{TextOrJson, print, print_json, table},
    runtime,
};
use crate::{
    clock::Clock,
    procedure::record::{Remedy, Step},
    service::{
        self, Actor, App, AttachmentView, Error, Media, NewAttachment, ProcessView, RecordDraft,
        RecordStep,
    },
};

/// Bytes read at once.
const PIECE: usize = 64 * 1024;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Record {
    /// A record with its history, running deadlines and attachments
    Show {
        id: String,
        #[arg(long, value_enum, default_value = "text")]
        format: TextOrJson,
    },
    /// Take a step: {"step": "notice", ...} with the fields of the HTTP interface
    Step {
        id: String,
        /// Version of the record that was seen
        #[arg(long)]
        version: i64,
        /// Number of events that were seen
        #[arg(long)]
        events: i64,
        /// JSON, or @FILE
        step: String,
    },
    /// Attach a photograph or a PDF
    Attach {
        id: String,
        file: PathBuf,
        /// record, objection or rectification
        #[arg(long, default_value = "record")]
        about: String,
    },
    /// Save an attachment, after comparing it with its digest
    Fetch {
        id: String,
        digest: String,
        /// Where to; must not be there yet
        to: PathBuf,
    },
}

impl Record {
    pub(super) fn run(&self, shared: &Shared) -> Result<(), Failure> {
        let app = runtime::open(&shared.settings()?)?;
        let actor = runtime::caller(&app)?;
        let now = Clock::System.now();
        match self {
            Self::Show { id, format } => {
                let shown = app
                    .store
                    .read(|db| service::read_process(db, &app, &actor, id, now))?;
                match format {
                    TextOrJson::Json => print_json(&shown),
                    TextOrJson::Text => print(&text(&shown)),
                }
            }
            Self::Step {
                id,
                version,
                events,
                step,
            } => {
                let asked = read_step(*version, *events, step)?;
                let done = app
                    .store
                    .write(|db| service::step_record(db, &app, &actor, id, &asked, now))?;
                print_json(&done)
            }
            Self::Attach { id, file, about } => print_json(&attach(&app, &actor, id, file, about)?),
            Self::Fetch { id, digest, to } => {
                let file = app
                    .store
                    .read(|db| service::read_attachment(db, &actor, id, digest))?;
                let bytes = app.attachments.read(&file.digest).map_err(Error::from)?;
                let mut target = File::create_new(to).map_err(|fault| Failure::file(to, &fault))?;
                std::io::Write::write_all(&mut target, &bytes)
                    .map_err(|fault| Failure::file(to, &fault))
            }
        }
    }
}

/// A step as JSON; `record` beside it is the correction of an upheld objection.
fn read_step(version: i64, events: i64, given: &str) -> Result<RecordStep, Failure> {
    let json = match given.strip_prefix('@') {
        Some(path) => {
            let path = PathBuf::from(path);
            fs::read_to_string(&path).map_err(|fault| Failure::file(&path, &fault))?
        }
        None => given.to_owned(),
    };
    let wrong = |fault: serde_json::Error| Failure::Input(format!("step: {fault}"));
    let mut value: serde_json::Value = serde_json::from_str(&json).map_err(wrong)?;
    let record = value
        .as_object_mut()
        .and_then(|object| object.remove("record"))
        .map(serde_json::from_value::<RecordDraft>)
        .transpose()
        .map_err(wrong)?;
    let mut step: Step = serde_json::from_value(value).map_err(wrong)?;
    if let (Step::Uphold { remedy, .. }, Some(_)) = (&mut step, &record) {
        *remedy = Remedy::Correct;
    }
    Ok(RecordStep {
        version,
        events,
        step,
        record,
    })
}

/// The type is what the bytes say; the name is that of the file, without its folder.
fn attach(
    app: &App,
    actor: &Actor,
    id: &str,
    path: &Path,
    about: &str,
) -> Result<AttachmentView, Failure> {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .ok_or_else(|| Failure::Input(format!("{}: no name", path.display())))?
        .to_owned();
    let limit = app
        .store
        .read(|db| service::may_attach(db, app, actor, id, &name, about))?;
    let fault = |fault: std::io::Error| Failure::file(path, &fault);
    let mut file = File::open(path).map_err(fault)?;
    let mut receiving = app.attachments.receive(limit).map_err(Error::from)?;
    let mut piece = vec![0; PIECE];
    let mut declared = None;
    loop {
        let length = file.read(&mut piece).map_err(fault)?;
        if length == 0 {
            break;
        }
        declared = declared.or_else(|| Media::sniff(&piece[..length]));
        receiving.write(&piece[..length]).map_err(Error::from)?;
    }
    let declared = declared.map_or("", Media::as_str);
    let new = NewAttachment {
        received: receiving.finish(declared).map_err(Error::from)?,
        name,
        about: about.to_owned(),
    };
    let now = Clock::System.now();
    Ok(app
        .store
        .write(|db| service::attach(db, app, actor, id, &new, now))?)
}

fn text(shown: &ProcessView) -> String {
    let mut text = format!(
        "{}  version {}, events {}, {}\n\n",
        shown.id, shown.version, shown.events, shown.status
    );
    let number = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
    let history: Vec<Vec<String>> = shown
        .history
        .iter()
        .map(|line| {
            vec![
                line.at.clone(),
                number(line.version),
                number(line.event),
                line.what.clone(),
                line.actor.clone(),
                line.reason.clone(),
            ]
        })
        .collect();
    text += &table(
        &["at", "version", "event", "what", "actor", "reason"],
        &history,
    );
    if let Some(fault) = &shown.clocks_fault {
        text += &format!("\n{fault}\n");
    }
    if !shown.clocks.is_empty() {
        let clocks: Vec<Vec<String>> = shown
            .clocks
            .iter()
            .map(|clock| {
                let mark = if clock.overdue { "overdue" } else { "" };
                vec![
                    clock.due.to_string(),
                    mark.to_owned(),
                    clock.rule.clone(),
                    clock.title.clone(),
                    clock.period.clone(),
                ]
            })
            .collect();
        text += "\n";
        text += &table(&["due", "", "rule", "title", "period"], &clocks);
    }
    if !shown.attachments.is_empty() {
        let files: Vec<Vec<String>> = shown
            .attachments
            .iter()
            .map(|file| {
                vec![
                    file.digest.clone(),
                    file.size.to_string(),
                    file.media.clone(),
                    file.about.clone(),
                    file.name.clone(),
                ]
            })
            .collect();
        text += "\n";
        text += &table(&["digest", "bytes", "type", "about", "name"], &files);
    }
    text
}
