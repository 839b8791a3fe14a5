//! What a comparison says of earlier findings, and of what is looked for.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::SYSTEM;
use crate::{
    feed::reconcile::{DifferenceClass, Found},
    service::{Error, publish::keep_looks},
    store::{
        Db,
        feed::{self as outbox, Comparison, NewStanding, Standing},
    },
};

/// What this comparison saw of what is looked for, where its latest change is the one that is.
pub(super) fn sights(
    db: &mut Db,
    comparison: &Comparison,
    found: &Found,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let mut looks = Vec::new();
    for look in outbox::looks(db, &comparison.target)? {
        let changes = outbox::changes_of(db, &comparison.target, &look.of.record_id)?;
        let told = |one: &&outbox::Change| one.state != outbox::ChangeState::Superseded;
        if changes
            .iter()
            .rfind(told)
            .is_some_and(|last| last.seq == look.of.change)
        {
            looks.push(look);
        }
    }
    let source = match comparison.source.as_str() {
        "file" => outbox::Source::File,
        "records" => outbox::Source::Records,
        _ => outbox::Source::Listing,
    };
    keep_looks(db, &looks, found, source, at)?;
    Ok(())
}

/// Earlier findings: found again, or gone, or left as they are where this comparison could not see them. What a person has
/// explained stays explained while it stays as it was; what must not be visible has to be answered for each time.
pub(super) fn judge(
    db: &mut Db,
    comparison: &Comparison,
    found: &Found,
    earlier: &[outbox::KeptDifference],
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let fresh = outbox::differences_of(db, &comparison.id)?;
    let say = |state, words: String| NewStanding {
        state,
        actor: SYSTEM.to_owned(),
        words,
        change: None,
    };
    for old in earlier {
        let id = &comparison.id;
        let key = &old.difference.key;
        if let Some(same) = fresh.iter().find(|one| one.difference.key == *key) {
            let words = format!("found again by comparison {id}");
            outbox::add_standing(db, old.id, &say(Standing::Again, words), at)?;
            let ours_visible =
                old.difference.known && old.difference.class == DifferenceClass::Extra.as_str();
            if let Some((standing, _)) = &old.standing
                && standing.state == Standing::Explained
                && same.difference == old.difference
                && !ours_visible
            {
                outbox::add_standing(db, same.id, standing, at)?;
            }
            continue;
        }
        let flying = |one: &Uuid| old.difference.record_id.as_deref() == Some(&*one.to_string());
        let unseen = comparison.source == "records" && !old.difference.known;
        if !unseen && !found.in_flight.iter().chain(&found.slow).any(flying) {
            let words = format!("not found by comparison {id}");
            outbox::add_standing(db, old.id, &say(Standing::Gone, words), at)?;
        }
    }
    Ok(())
}
