//! What the versions and the rules say of a record, as its procedure wants to know it.

use crate::{
    domain::{Day, Record, RecordKind, RecordStatus},
    procedure::record::{Case, Content, Event, Standing},
    rules::RuleSet,
    service::{Error, lookup::score_on_file},
    store::{
        Db,
        records::{Cause, RecordVersion, events},
    },
};

/// The procedure of a record so far.
pub(super) struct Process {
    pub events: Vec<Event>,
    pub case: Case,
}

impl Process {
    pub fn read(db: &mut Db, id: &str) -> Result<Self, Error> {
        let stored = events::of_record(db, id)?;
        let events: Vec<Event> = stored
            .iter()
            .map(|stored| serde_json::from_str(&stored.event.data))
            .collect::<Result<_, _>>()
            .map_err(|source| Error::Stored {
                what: "记录的事件",
                source,
            })?;
        let case = Case::of(&events);
        Ok(Self { events, case })
    }
}

/// What the versions, oldest first, say; `current` is the last of them.
pub(super) fn standing(
    current: &RecordVersion,
    versions: &[RecordVersion],
    content: Content,
) -> Standing {
    let record = &current.record;
    let made_by = |causes: &'static [Cause]| {
        versions
            .iter()
            .filter(move |version| causes.contains(&version.cause))
    };
    let counting = |version: &&RecordVersion| {
        let status = version.record.status;
        matches!(status, RecordStatus::Confirmed | RecordStatus::Disputed)
    };
    let counted_from = versions.iter().find(counting).unwrap_or(current);
    let counted_from = Day::of(counted_from.recorded_at);
    let confirmed = made_by(&[Cause::Confirmed]).next_back();
    let corrected =
        made_by(&[Cause::Corrected, Cause::Imported]).rfind(|version| version.version > 1);
    let notify_from = confirmed
        .filter(|_| record.kind != Some(RecordKind::Honour))
        .map(|confirmed| {
            let corrected = corrected.filter(|corrected| corrected.version > confirmed.version);
            Day::of(corrected.unwrap_or(confirmed).recorded_at)
        });
    Standing {
        version: current.version,
        status: record.status,
        known_from: record
            .decided_on
            .map_or(counted_from, |decided| decided.min(counted_from)),
        notify_from,
        corrected_in: corrected.map(|version| version.version),
        rectify_by: record.rectify_by,
        rectified_on: record.rectified_on,
        decided_on: record.decided_on,
        makers: made_by(&[Cause::Entered, Cause::Imported, Cause::Corrected])
            .map(|version| version.actor.clone())
            .collect(),
        confirmer: confirmed.map(|version| version.actor.clone()),
        content,
    }
}

/// What a notice tells of a record: its points are those that the company's score has for it, else in the words of the rules.
pub(super) fn told(
    db: &mut Db,
    ruleset: &RuleSet,
    record: &Record,
    today: Day,
) -> Result<Content, Error> {
    let item = ruleset.item(&record.item);
    let scored = match record.company {
        Some(company) => match score_on_file(db, ruleset, company, today) {
            Ok((_, explanation)) => explanation
                .score
                .lines
                .iter()
                .flatten()
                .find(|line| line.record.as_deref() == Some(record.id.as_str()))
                .map(|line| line.before.unwrap_or(line.points).to_string()),
            // The rules give the points of a company that is not scored.
            Err(Error::NotScored(_)) => None,
            Err(fault) => return Err(fault),
        },
        None => None,
    };
    Ok(Content {
        clause: item.map_or_else(String::new, |item| item.clause.clone()),
        title: item.map_or_else(|| record.item.clone(), |item| item.title.clone()),
        points: scored
            .or_else(|| item.map(|item| ruleset.points_of(item)))
            .unwrap_or_default(),
        rectify_by: record.rectify_by,
    })
}
