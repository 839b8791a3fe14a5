//! Photographs of a visit. They go with the records of what was found.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Visit, VisitOf, may};
use crate::{
    procedure::inspection::{Illegal, State},
    service::{
        App, Error, FieldFault,
        permission::{Action, Actor},
        records::{labels, suits},
    },
    store::{
        Db, audit,
        blobs::Received,
        inspections::{self, File},
    },
};

/// A file that was received, and what its sender calls it.
#[derive(Debug, Clone)]
pub struct NewPhoto {
    pub received: Received,
    pub name: String,
}

/// A file of a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PhotoView {
    /// SHA-256 of its bytes: its name in addresses and in reports.
    pub digest: String,
    /// Media type, by what the bytes are.
    pub media: String,
    /// Bytes.
    pub size: i64,
    pub name: String,
    pub actor: String,
    pub at: String,
}

impl PhotoView {
    pub(super) fn of(file: &File) -> Self {
        Self {
            digest: file.digest.clone(),
            media: file.media.clone(),
            size: file.size,
            name: file.name.clone(),
            actor: file.actor.clone(),
            at: file.at.to_rfc3339(),
        }
    }
}

/// Whether the actor may attach a file of that name, before its bytes are taken: the number of bytes it may have.
pub fn may_attach_photo(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    of: VisitOf<'_>,
    name: &str,
    now: DateTime<Utc>,
) -> Result<u64, Error> {
    let visit = on_site(db, app, actor, of, now)?;
    labels(name, "record")?;
    let room = room(db, app, &visit)?;
    if room == 0 {
        return Err(no_room(app));
    }
    Ok(room.min(app.attachment_bytes))
}

/// Keeps that a file which was received belongs to a visit. The same content again changes nothing.
pub fn attach_photo(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    of: VisitOf<'_>,
    new: &NewPhoto,
    now: DateTime<Utc>,
) -> Result<PhotoView, Error> {
    let visit = on_site(db, app, actor, of, now)?;
    labels(&new.name, "record")?;
    suits(&new.name, new.received.media)?;
    let known = inspections::files(db, &visit.key)?;
    if let Some(known) = known.iter().find(|one| one.digest == new.received.digest) {
        return Ok(PhotoView::of(known));
    }
    if new.received.size > room(db, app, &visit)? {
        return Err(no_room(app));
    }
    let file = File {
        digest: new.received.digest.clone(),
        media: new.received.media.as_str().to_owned(),
        size: i64::try_from(new.received.size).unwrap_or(i64::MAX),
        name: new.name.trim().to_owned(),
        actor: actor.id.clone(),
        at: now,
    };
    inspections::add_file(db, &visit.key, &file)?;
    let line = audit::NewAudit {
        company: Some(visit.company),
        actor: actor.id.clone(),
        action: "visit.attach".to_owned(),
        subject: format!("check task {} object {}", visit.key.task, visit.key.object),
        data: serde_json::json!({ "digest": file.digest, "name": file.name }).to_string(),
    };
    audit::append(db, &line, now)?;
    Ok(PhotoView::of(&file))
}

/// One file of a visit that the actor may see; its bytes are read from [`App::attachments`].
pub fn read_photo(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    of: VisitOf<'_>,
    digest: &str,
    now: DateTime<Utc>,
) -> Result<PhotoView, Error> {
    may(actor, Action::ReadCheck)?;
    let visit = Visit::find(db, app, actor, of, now)?;
    let files = inspections::files(db, &visit.key)?;
    let file = files.iter().find(|file| file.digest == digest);
    file.map(PhotoView::of).ok_or_else(|| Error::Missing {
        what: "照片",
        id: digest.to_owned(),
    })
}

/// The visit, if the actor makes it and it is not confirmed yet.
fn on_site(
    db: &mut Db,
    app: &App,
    actor: &Actor,
    of: VisitOf<'_>,
    now: DateTime<Utc>,
) -> Result<Visit, Error> {
    const STEP: &str = "上传照片";
    may(actor, Action::Inspect)?;
    let visit = Visit::find(db, app, actor, of, now)?;
    let in_team = |officer: &String| visit.team.contains(officer);
    if !visit.officer.as_ref().is_some_and(in_team) {
        return Err(Illegal::NotYours {
            step: STEP,
            team: visit.team,
        }
        .into());
    }
    if !matches!(visit.case.state, State::OnSite | State::Recorded) {
        let state = visit.case.state;
        return Err(Illegal::State { state, step: STEP }.into());
    }
    Ok(visit)
}

/// Bytes that a visit may still have: as many as a record.
fn room(db: &mut Db, app: &App, visit: &Visit) -> Result<u64, Error> {
    let files = inspections::files(db, &visit.key)?;
    let taken: u64 = files
        .iter()
        .map(|file| u64::try_from(file.size).unwrap_or(0))
        .sum();
    Ok(app.record_attachment_bytes.saturating_sub(taken))
}

fn no_room(app: &App) -> Error {
    let limit = app.record_attachment_bytes;
    let what = format!("一次检查的照片合计超过 {limit} 字节的上限");
    Error::Invalid(vec![FieldFault::new("", "E012", what)])
}
