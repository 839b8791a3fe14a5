//! Files of a record: photographs and papers that it, an objection or a rectification rests on.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::checks::{missing, permitted};
use crate::{
    procedure::record::Event,
    service::{
        App, Error, FieldFault,
        permission::{Action, Actor},
    },
    store::{
        Db,
        attachments::{self, Attachment},
        audit,
        blobs::{BlobError, Media, Received},
        inspections,
        records::{self, RecordVersion},
    },
};

/// What a file may be about.
const ABOUT: [&str; 3] = ["record", "objection", "rectification"];
/// Characters of a name.
const LONGEST_NAME: usize = 200;

/// A file that was received, and what its sender says of it.
#[derive(Debug, Clone)]
pub struct NewAttachment {
    pub received: Received,
    pub name: String,
    /// `record`, `objection` or `rectification`.
    pub about: String,
}

/// A file of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AttachmentView {
    /// SHA-256 of its bytes: its name in addresses and in the evidence of steps.
    pub digest: String,
    /// Media type, by what the bytes are.
    pub media: String,
    /// Bytes.
    pub size: i64,
    pub name: String,
    /// `record`, `objection` or `rectification`.
    pub about: String,
    pub actor: String,
    pub at: String,
    /// Numbers of the events that rest on it.
    pub cited_in: Vec<usize>,
}

impl AttachmentView {
    pub(super) fn of(file: &Attachment, events: &[Event]) -> Self {
        let cites = |event: &Event| {
            let mut evidence = event.step.evidence().iter();
            evidence.any(|digest| digest.as_str() == file.digest)
        };
        Self {
            digest: file.digest.clone(),
            media: file.media.clone(),
            size: file.size,
            name: file.name.clone(),
            about: file.about.clone(),
            actor: file.actor.clone(),
            at: file.at.to_rfc3339(),
            cited_in: (1..)
                .zip(events)
                .filter(|(_, event)| cites(event))
                .map(|(seq, _)| seq)
                .collect(),
        }
    }
}

/// Whether the actor may attach a file of that name to a record, before its bytes are taken: the number of bytes it may have.
///
/// # Errors
/// [`Error::Refused`], [`Error::Missing`], [`Error::Invalid`] for the name, [`BlobError::TooLarge`] if the record has no room.
pub fn may_attach(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    id: &str,
    name: &str,
    about: &str,
) -> Result<u64, Error> {
    of_record(db, actor, Action::AttachFile, id)?;
    labels(name, about)?;
    let room = room(db, app, id)?;
    if room == 0 {
        return Err(no_room(app));
    }
    Ok(room.min(app.attachment_bytes))
}

/// Keeps that a file which was received belongs to a record. The same content again changes nothing.
pub fn attach(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    id: &str,
    new: &NewAttachment,
    now: DateTime<Utc>,
) -> Result<AttachmentView, Error> {
    let current = of_record(db, actor, Action::AttachFile, id)?;
    labels(&new.name, &new.about)?;
    suits(&new.name, new.received.media)?;
    let Received {
        digest,
        media,
        size,
    } = &new.received;
    if let Some(known) = attachments::find(db, id, digest)? {
        return Ok(AttachmentView::of(&known, &[]));
    }
    if *size > room(db, app, id)? {
        return Err(no_room(app));
    }
    let kept = attachments::add(
        db,
        &Attachment {
            company: current.record.company,
            record: id.to_owned(),
            digest: digest.clone(),
            media: media.as_str().to_owned(),
            size: i64::try_from(*size).unwrap_or(i64::MAX),
            name: new.name.trim().to_owned(),
            about: new.about.clone(),
            actor: actor.id.clone(),
            at: now,
        },
    )?;
    let event = audit::NewAudit {
        company: current.record.company,
        actor: actor.id.clone(),
        action: "record.attach".to_owned(),
        subject: format!("record {id}"),
        data: serde_json::json!({ "digest": digest, "name": kept.name, "about": kept.about })
            .to_string(),
    };
    audit::append(db, &event, now)?;
    Ok(AttachmentView::of(&kept, &[]))
}

/// One file of a record that the actor may see; its bytes are read from [`App::attachments`].
pub fn read_attachment(
    db: &mut Db,
    actor: &Actor,
    id: &str,
    digest: &str,
) -> Result<Attachment, Error> {
    of_record(db, actor, Action::ReadRecord, id)?;
    attachments::find(db, id, digest)?.ok_or_else(|| Error::Missing {
        what: "附件",
        id: digest.to_owned(),
    })
}

/// What the folder of attachments and the database say of each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CheckedAttachments {
    /// Files that are there and what they should be.
    pub sound: usize,
    /// In the database, not in the folder.
    pub missing: Vec<String>,
    /// In the folder with other content than their name says.
    pub changed: Vec<String>,
    /// In the folder, of no record: left by an upload that was refused or broken off. One that is under way is among them.
    pub orphaned: Vec<String>,
    /// Uploads that did not come to their end, or are under way.
    pub unfinished: Vec<String>,
}

impl CheckedAttachments {
    /// Whether every record has its files as they were.
    pub fn is_sound(&self) -> bool {
        self.missing.is_empty() && self.changed.is_empty()
    }
}

/// Reads every file and compares it with its name.
pub fn check_attachments(app: &App) -> Result<CheckedAttachments, Error> {
    // The folder first: a file that comes meanwhile is then no orphan.
    let files = app.attachments.all()?;
    let mut kept = BTreeSet::new();
    let mut after: Option<String> = None;
    loop {
        let page = app
            .store
            .read(|db| inspections::digests(db, after.as_deref(), 1_000))?;
        kept.extend(page.rows);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    loop {
        let page = app
            .store
            .read(|db| attachments::digests(db, after.as_deref(), 1_000))?;
        kept.extend(page.rows.into_iter().map(|(digest, _)| digest));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let mut found = CheckedAttachments {
        orphaned: files
            .into_keys()
            .filter(|name| !kept.contains(name))
            .collect(),
        unfinished: app
            .attachments
            .unfinished()?
            .iter()
            .map(|path| path.display().to_string())
            .collect(),
        ..CheckedAttachments::default()
    };
    for digest in kept {
        match app.attachments.read(&digest) {
            Ok(_) => found.sound += 1,
            Err(BlobError::Missing(_)) => found.missing.push(digest),
            Err(BlobError::Changed { .. }) => found.changed.push(digest),
            Err(fault) => return Err(fault.into()),
        }
    }
    Ok(found)
}

fn of_record(db: &mut Db, actor: &Actor, action: Action, id: &str) -> Result<RecordVersion, Error> {
    let current = records::current(db, id)?.ok_or_else(|| missing(id))?;
    permitted(db, actor, action, &current)?;
    Ok(current)
}

/// Bytes that a record may still have.
fn room(db: &mut Db, app: &App, id: &str) -> Result<u64, Error> {
    let taken: u64 = attachments::of_record(db, id)?
        .iter()
        .map(|file| u64::try_from(file.size).unwrap_or(0))
        .sum();
    Ok(app.record_attachment_bytes.saturating_sub(taken))
}

fn no_room(app: &App) -> Error {
    let limit = app.record_attachment_bytes;
    let what = format!("记录的附件合计超过 {limit} 字节的上限");
    Error::Invalid(vec![FieldFault::new("", "E012", what)])
}

/// A name is a label for people, never a path; it may not look like one.
pub(in crate::service) fn labels(name: &str, about: &str) -> Result<(), Error> {
    let mut faults = Vec::new();
    let name = name.trim();
    let deceives = |c: char| {
        c.is_control()
            || matches!(c, '/' | '\\' | ':')
            // Marks that turn the direction of what follows: `photo\u{202E}gpj.exe`.
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    let long = name.chars().count() > LONGEST_NAME;
    if name.is_empty() || long || name.starts_with('.') || name.chars().any(deceives) {
        let what =
            format!("附件名称须有1至{LONGEST_NAME}个字，不能以点开头，不能含路径分隔符和控制字符");
        faults.push(FieldFault::new("name", "E013", what));
    }
    if !ABOUT.contains(&about) {
        let what = format!("附件用途「{about}」不存在，应为 record、objection 或 rectification");
        faults.push(FieldFault::new("about", "E013", what));
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(Error::Invalid(faults))
}

/// A name that ends like one of another kind of file lies.
pub(in crate::service) fn suits(name: &str, media: Media) -> Result<(), Error> {
    let Some((_, extension)) = name.trim().rsplit_once('.') else {
        return Ok(());
    };
    let extension = extension.to_ascii_lowercase();
    if media.extensions().contains(&extension.as_str()) {
        return Ok(());
    }
    let what = format!(
        "附件名称以「.{extension}」结尾，内容却是 {}",
        media.as_str()
    );
    Err(Error::Invalid(vec![FieldFault::new("name", "E013", what)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_label_and_no_path() {
        for name in ["现场照片1.jpg", "a b.pdf", "扫描件"] {
            assert!(labels(name, "record").is_ok(), "{name}");
        }
        let long = "长".repeat(201);
        for name in [
            "",
            " ",
            ".",
            "..",
            "../x.jpg",
            "..\\x.jpg",
            "C:x.jpg",
            "/etc/passwd",
            "a\0b.jpg",
            "a\nb.jpg",
            "photo\u{202E}gpj.exe",
            long.as_str(),
        ] {
            assert!(labels(name, "record").is_err(), "{name:?}");
        }
        assert!(labels("a.jpg", "complaint").is_err());
    }

    #[test]
    fn a_name_that_ends_like_another_kind_lies() {
        for (name, media, suited) in [
            ("a.JPEG", Media::Jpeg, true),
            ("a", Media::Pdf, true),
            ("a.pdf", Media::Jpeg, false),
            ("a.pdf.exe", Media::Pdf, false),
        ] {
            assert_eq!(suits(name, media).is_ok(), suited, "{name}");
        }
    }
}
