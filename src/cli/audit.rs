//! `wuxin audit`: the audit trail, and whether it is still what was written.

use super::{
    Failure, Shared,
    output::{TextOrJson, print, print_json, table},
    runtime::{self, caller, local},
};
use crate::{
    domain::Uscc,
    service::audit::{AuditQuestion, AuditVerified, read_audit, verify_audit},
};

/// The audit trail.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Audit {
    /// Lines of the trail, the latest first; in the name of an account, by its token (WUXIN_TOKEN)
    List {
        #[arg(long, value_parser = uscc)]
        company: Option<Uscc>,
        /// Older than the line of this number
        #[arg(long, value_name = "ID")]
        before: Option<i64>,
        /// Lines at most, 1 to 1000 [default: 100]
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
        #[arg(long, value_enum, default_value = "text")]
        format: TextOrJson,
    },
    /// Compute the chain over the trail again and name the first row that does not fit
    Verify {
        /// What an earlier run printed and you kept elsewhere: it must still be in the chain
        #[arg(long, value_name = "NUMBER:DIGEST", value_parser = head)]
        head: Option<(i64, String)>,
        #[arg(long, value_enum, default_value = "text")]
        format: TextOrJson,
    },
}

fn uscc(raw: &str) -> Result<Uscc, String> {
    Uscc::parse(raw).map_err(|fault| fault.to_string())
}

fn head(raw: &str) -> Result<(i64, String), String> {
    let wanted = || "a number, a colon and 64 hex digits".to_owned();
    let (number, digest) = raw.split_once(':').ok_or_else(wanted)?;
    let number: i64 = number.parse().map_err(|_| wanted())?;
    let is_digest = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    (number > 0 && is_digest)
        .then(|| (number, digest.to_lowercase()))
        .ok_or_else(wanted)
}

impl Audit {
    pub(super) fn run(&self, shared: &Shared) -> Result<(), Failure> {
        let app = runtime::open(&shared.settings()?)?;
        match self {
            Self::List {
                company,
                before,
                limit,
                format,
            } => {
                let actor = caller(&app)?;
                let question = AuditQuestion {
                    company: *company,
                    before: *before,
                    limit: *limit,
                };
                let page = app.store.read(|db| read_audit(db, &actor, &question))?;
                if *format == TextOrJson::Json {
                    return print_json(&page);
                }
                let rows: Vec<Vec<String>> = page
                    .lines
                    .into_iter()
                    .map(|line| {
                        vec![
                            line.id.to_string(),
                            local(line.at),
                            line.actor,
                            line.action,
                            line.subject,
                        ]
                    })
                    .collect();
                print(&table(&["id", "at", "actor", "action", "subject"], &rows))
            }
            Self::Verify { head, format } => {
                let known = head.as_ref().map(|(number, digest)| (*number, &**digest));
                let found = app.store.read(|db| verify_audit(db, known))?;
                match format {
                    TextOrJson::Json => print_json(&found)?,
                    TextOrJson::Text => print(&words(&found))?,
                }
                match found.broken {
                    None => Ok(()),
                    Some(_) => Err(Failure::Said),
                }
            }
        }
    }
}

fn words(found: &AuditVerified) -> String {
    let mut text = format!(
        "{} rows, {} linked and as written\n",
        found.rows, found.linked
    );
    if let Some(broken) = &found.broken {
        text.push_str(&format!(
            "broken at row {} (link {}): {}\n",
            broken.row, broken.link, broken.why
        ));
    } else if found.rows > found.linked {
        text.push_str(&format!(
            "{} rows are not linked yet\n",
            found.rows - found.linked
        ));
    }
    if let Some(head) = &found.head {
        text.push_str(&format!("head {head}\n"));
    }
    text
}
