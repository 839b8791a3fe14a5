//! Issue, read, list, void.

use chrono::{DateTime, Utc};
use minijinja::HtmlEscape;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::{Content, Kind, Missing, RenderFault, in_words, known};
use crate::{
    domain::{Company, Day, MatterKind, Region, Uscc},
    service::{Action, Actor, App, Error, FieldFault},
    store::{
        Db, audit, companies, contracts,
        documents::{self as kept, Filter, NewDocument, Void},
        entries, records,
    },
};

/// Documents in one answer.
const MOST: usize = 1_000;

/// A document, without its text.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DocumentView {
    pub id: String,
    /// `notice`, `decision`, `repair_notice`, `removal`, `not_listed`, `revocation` or `record_notice`.
    pub kind: String,
    /// 列入名单事先告知书
    pub title: String,
    /// The 文号.
    pub mark: String,
    pub year: i64,
    pub number: i64,
    /// `entry` or `record`.
    pub matter_kind: String,
    /// Id of the matter.
    pub matter: String,
    pub company: String,
    /// SHA-256 of the HTML, in hex.
    pub digest: String,
    /// SHA-256 of the wording it was made from, in hex.
    pub template_digest: String,
    pub issued_by: String,
    /// RFC 3339, UTC.
    pub issued_at: String,
    /// Absent while it holds.
    pub void: Option<Voided>,
}

/// Why a document does not hold.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Voided {
    pub reason: String,
    pub by: String,
    /// RFC 3339, UTC.
    pub at: String,
}

impl From<kept::Document> for DocumentView {
    fn from(document: kept::Document) -> Self {
        Self {
            id: document.id,
            kind: document.kind,
            title: document.title,
            mark: document.mark,
            year: document.year,
            number: document.number,
            matter_kind: document.matter_kind.as_str().to_owned(),
            matter: document.matter,
            company: document.company.to_string(),
            digest: document.digest,
            template_digest: document.template_digest,
            issued_by: document.issued_by,
            issued_at: document.issued_at.to_rfc3339(),
            void: document.void.map(|void| Voided {
                reason: void.reason,
                by: void.by,
                at: void.at.to_rfc3339(),
            }),
        }
    }
}

/// Issues a document about a matter, under the next number of its kind and year. Must be the caller's last word on failure:
/// an error undoes the whole transaction and gives the number back.
///
/// # Errors
/// [`Error::Invalid`] (E014) with every blank that has no value; [`Error::Missing`] for a matter that is none.
pub fn issue(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    matter: (MatterKind, &str),
    content: &Content,
    now: DateTime<Utc>,
) -> Result<DocumentView, Error> {
    let (company, region, known) = party(db, app, matter, now)?;
    actor.check_about(Action::IssueDocument, matter.0, region.as_ref())?;
    let kind = content.kind();
    if kind.matter() != matter.0 {
        let what = format!(
            "「{}」用于{}，不用于{}",
            app.documents.title(kind),
            kind.matter().chinese(),
            matter.0.chinese()
        );
        return Err(Error::Invalid(vec![FieldFault::new("kind", "E006", what)]));
    }
    let today = Day::of(now);
    let mut data = data(app, content, &company, today)?;
    known::fill(&mut data, known);
    let missing = app.documents.missing(kind, &data);
    if !missing.is_empty() {
        return Err(Error::Invalid(missing.iter().map(fault).collect()));
    }
    let year = today.year();
    let number = kept::next_number(db, kind.as_str(), i64::from(year))?;
    let mark = app.documents.mark(kind, year, number);
    data["number"] = mark.clone().into();
    let html = app
        .documents
        .render(kind, &data)
        .map_err(|fault| match fault {
            RenderFault::Missing(missing) => {
                Error::Invalid(missing.iter().map(self::fault).collect())
            }
            RenderFault::Template(fault) => Error::Template(fault.to_string()),
        })?
        .into_bytes();
    let new = NewDocument {
        kind: kind.as_str().to_owned(),
        year: i64::from(year),
        number,
        id: format!("{}-{year}-{number}", kind.as_str().replace('_', "-")),
        mark,
        matter_kind: matter.0,
        matter: matter.1.to_owned(),
        company: company.uscc,
        region,
        title: app.documents.title(kind).to_owned(),
        digest: hex::encode(Sha256::digest(&html)),
        template_digest: app.documents.digest(kind).to_owned(),
        html,
        issued_by: actor.id.clone(),
    };
    kept::add(db, &new, now)?;
    note(
        db,
        actor,
        "document.issue",
        &new.id,
        &company.uscc,
        &new.digest,
        now,
    )?;
    let (issued, _) = kept::find(db, &new.id)?.ok_or_else(|| absent(&new.id))?;
    Ok(issued.into())
}

/// A document with its bytes, exactly as they were issued.
pub fn document(db: &mut Db, actor: &Actor, id: &str) -> Result<(DocumentView, Vec<u8>), Error> {
    let (found, html) = kept::find(db, id)?.ok_or_else(|| absent(id))?;
    permitted(actor, Action::ReadDocument, &found)?;
    Ok((found.into(), html))
}

/// The page to show: of a void document with a line at its top that says so, which the document itself does not hold.
pub fn marked(view: &DocumentView, html: Vec<u8>) -> Vec<u8> {
    const BODY: &str = "<body>\n";
    let Some(void) = &view.void else { return html };
    let text = String::from_utf8_lossy(&html);
    let Some((head, rest)) = text.split_once(BODY) else {
        return html;
    };
    let day = DateTime::parse_from_rfc3339(&void.at)
        .map_or_else(|_| void.at.clone(), |at| in_words(Day::of(at.to_utc())));
    let line = format!(
        "<p class=\"void\">本文书已作废（{}）：{}</p>\n",
        HtmlEscape(&day),
        HtmlEscape(&void.reason)
    );
    [head, BODY, &line, rest].concat().into_bytes()
}

/// Which documents.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
pub struct Question {
    /// Kind of document.
    #[param(value_type = Option<String>)]
    pub kind: Option<Kind>,
    pub year: Option<i64>,
    /// Of this company.
    #[param(value_type = Option<String>)]
    pub company: Option<Uscc>,
    /// Of this entry.
    pub entry: Option<String>,
    /// Of this record.
    pub record: Option<String>,
}

/// Documents of the account's division, by kind, year and number; void ones too, with their reason.
pub fn documents(
    db: &mut Db,
    actor: &Actor,
    question: &Question,
) -> Result<Vec<DocumentView>, Error> {
    actor.check(Action::ReadDocument, actor.region.as_ref())?;
    let of = |kind: MatterKind, id: &Option<String>| id.clone().map(|id| (kind, id));
    let kinds = MatterKind::ALL.into_iter();
    let filter = Filter {
        kind: question.kind.map(|kind| kind.as_str().to_owned()),
        year: question.year,
        company: question.company,
        matter: of(MatterKind::Entry, &question.entry)
            .or_else(|| of(MatterKind::Record, &question.record)),
        region: actor.region.clone(),
        kinds: Some(kinds.filter(|kind| actor.reads(*kind)).collect()),
    };
    let found = kept::list(db, &filter, MOST)?;
    Ok(found.into_iter().map(DocumentView::from).collect())
}

/// Marks a document void, by somebody else than the one who issued it. Its number stays taken and its bytes stay as they are.
pub fn void(
    db: &mut Db,
    actor: &Actor,
    id: &str,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<DocumentView, Error> {
    let (found, _) = kept::find(db, id)?.ok_or_else(|| absent(id))?;
    permitted(actor, Action::VoidDocument, &found)?;
    actor.differs_from(&found.issued_by, Action::VoidDocument)?;
    if reason.trim().is_empty() {
        let what = "作废须写明理由";
        return Err(Error::Invalid(vec![FieldFault::new(
            "reason", "E004", what,
        )]));
    }
    if found.void.is_some() {
        return Err(Error::WrongState {
            what: "文书",
            id: id.to_owned(),
            found: "已作废",
            step: "再次作废",
        });
    }
    let void = Void {
        reason: reason.trim().to_owned(),
        by: actor.id.clone(),
        at: now,
    };
    kept::void(db, id, &void)?;
    note(
        db,
        actor,
        "document.void",
        id,
        &found.company,
        &void.reason,
        now,
    )?;
    let (found, _) = kept::find(db, id)?.ok_or_else(|| absent(id))?;
    Ok(found.into())
}

/// The data of a document: what its content says, and what is known without it.
fn data(app: &App, content: &Content, company: &Company, today: Day) -> Result<Value, Error> {
    let mut data = serde_json::to_value(content).map_err(|source| Error::Stored {
        what: "文书内容",
        source,
    })?;
    data["title"] = app.documents.title(content.kind()).into();
    // Until its number is taken, which is the last thing to be done.
    data["number"] = "（待编号）".into();
    data["date"] = today.to_string().into();
    data["organ"] = json!({ "name": app.authority.name });
    data["party"] = json!({
        "name": company.name,
        "uscc": company.uscc.as_str(),
        "address": company.address,
        "legal_representative": company.legal_representative,
    });
    Ok(data)
}

fn fault(missing: &Missing) -> FieldFault {
    let what = format!("{}没有填写", missing.name);
    let mut fault = FieldFault::new(&missing.place, "E014", what);
    if missing.place.starts_with("party/") {
        fault.fix = "请先在企业登记信息中补充".to_owned();
    }
    fault
}

/// The company that a matter is about, the division that it belongs to, and what it says by itself.
fn party(
    db: &mut Db,
    app: &App,
    (kind, id): (MatterKind, &str),
    now: DateTime<Utc>,
) -> Result<(Company, Option<Region>, Value), Error> {
    let unknown = || Error::Missing {
        what: kind.chinese(),
        id: id.to_owned(),
    };
    match kind {
        MatterKind::Entry => {
            let row = entries::by_id(db, id)?.ok_or_else(unknown)?;
            let company = registered(db, row.company)?;
            let region = company.region.clone();
            Ok((company, region, known::of_entry(app, &row)))
        }
        MatterKind::Record => {
            let record = records::current(db, id)?.ok_or_else(unknown)?.record;
            let code = record.company.ok_or_else(|| {
                let what = "该记录没有写明企业，不能出具文书";
                Error::Invalid(vec![FieldFault::new("company", "E002", what)])
            })?;
            let company = registered(db, code)?;
            // As of the record itself: the project's division before the company's.
            let place = match &record.project {
                Some(project) => contracts::of_project(db, project)?
                    .pop()
                    .and_then(|contract| contract.region),
                None => None,
            };
            let region = place.or_else(|| company.region.clone());
            let known = known::of_record(db, app, &record, now)?;
            Ok((company, region, known))
        }
        MatterKind::Complaint | MatterKind::Check => Err(unknown()),
    }
}

fn registered(db: &mut Db, code: Uscc) -> Result<Company, Error> {
    companies::find(db, &code)?.ok_or(Error::NotInScope(code))
}

fn permitted(actor: &Actor, action: Action, document: &kept::Document) -> Result<(), Error> {
    Ok(actor.check_about(action, document.matter_kind, document.region.as_ref())?)
}

fn note(
    db: &mut Db,
    actor: &Actor,
    action: &str,
    id: &str,
    company: &Uscc,
    said: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let event = audit::NewAudit {
        company: Some(*company),
        actor: actor.id.clone(),
        action: action.to_owned(),
        subject: format!("document {id}"),
        data: json!({ "said": said }).to_string(),
    };
    audit::append(db, &event, now)?;
    Ok(())
}

fn absent(id: &str) -> Error {
    Error::Missing {
        what: "文书",
        id: id.to_owned(),
    }
}
