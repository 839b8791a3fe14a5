//! What each rectification and each upheld objection alone would give.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::{Action, Deed, OutlookFault, Stand, case::Case};
use crate::{
    domain::{Record, RecordStatus},
    rules::{
        RuleSet,
        account::reached,
        model::{Direction, Item},
        outcome::Line,
    },
};

/// All that concern what counts, and of the others that may matter those that change something; better grades first, then by how much the
/// score moves to the better.
pub(super) fn actions(
    case: &mut Case<'_>,
    now: &Stand,
    lines: &[Line],
) -> Result<Vec<Action>, OutlookFault> {
    let lines: HashMap<&str, &Line> = lines
        .iter()
        .filter_map(|line| Some((line.record.as_deref()?, line)))
        .collect();
    let mut found = Vec::new();
    for index in 0..case.records.len() {
        let record = &case.records[index];
        let Some(line) = lines.get(record.id.as_str()).copied() else {
            continue;
        };
        let Some(item) = case.rules.item_of(record) else {
            continue;
        };
        let live = reached(line);
        let against = case.has_veto(record) || is_against(case.rules, item, line);
        for deed in [Deed::Rectify, Deed::Object] {
            let record = &case.records[index];
            let open = match deed {
                Deed::Rectify => may_rectify(case, record),
                Deed::Object => record.status != RecordStatus::Revoked,
            };
            let disputed = record.status == RecordStatus::Disputed;
            let (disputed, rectify_by) = (disputed, record.rectify_by);
            if !open || !(against || disputed && deed == Deed::Object) {
                continue;
            }
            let stand = match deed {
                Deed::Rectify if !case.heeds_rectification(record) => now.clone(),
                _ => case.after(&[(index, deed)])?,
            };
            let shown = live && against || disputed && deed == Deed::Object;
            if !shown && stand == *now {
                continue;
            }
            found.push(Action {
                deed,
                cited: case.cited(line),
                points: line.points,
                disputed,
                rectify_by,
                difference: stand.score - now.score,
                better_grade: case.is_better(&stand, now),
                stand,
            });
        }
    }
    let direction = case.rules.score_rule().direction;
    let key = |action: &Action| (!action.better_grade, loss(direction, action.difference));
    found.sort_by_key(key);
    Ok(found)
}

/// A difference as a loss: the smaller, the better.
pub(super) fn loss(direction: Direction, difference: Decimal) -> Decimal {
    match direction {
        Direction::Merit => -difference,
        Direction::Demerit => difference,
    }
}

fn may_rectify(case: &Case<'_>, record: &Record) -> bool {
    matches!(
        record.status,
        RecordStatus::Confirmed | RecordStatus::Disputed
    ) && record.rectified_on.is_none_or(|on| on > case.as_of)
        && record.occurred_on.is_none_or(|on| on <= case.as_of)
}

/// Whether a record speaks against its subject: by what it counts or counted with, else by what its item can give.
fn is_against(rules: &RuleSet, item: &Item, line: &Line) -> bool {
    let bad = |points: Decimal| match rules.score_rule().direction {
        Direction::Merit => points.is_sign_negative() && !points.is_zero(),
        Direction::Demerit => points.is_sign_positive() && !points.is_zero(),
    };
    let own = line.before.unwrap_or(line.points);
    if reached(line) {
        return bad(own);
    }
    item.points
        .range()
        .is_some_and(|(low, high)| bad(low) || bad(high))
}
