//! Rows to records, then record by record.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{
    Difference, DifferenceClass, Expected, FieldDifference, Form, Found, Shown, sight::unseen,
};

/// Name of the version where it is told as a field: theirs is later than anything that was sent.
const VERSION: &str = "record_version";
const DIGEST: &str = "digest";

/// Compares. The order of either side does not matter; rows that are wholly equal count once.
pub fn compare(expected: &[Expected], shown: &[Shown]) -> Found {
    let sides = Sides::new(expected);
    let rows: BTreeSet<&Shown> = shown.iter().collect();
    let mut found = Found {
        expected: sides.records.values().filter(|one| one.visible).count(),
        shown: rows.iter().filter(|row| row.visible).count(),
        ..Found::default()
    };
    let mut of_record: BTreeMap<Uuid, Vec<&Shown>> = BTreeMap::new();
    for row in rows {
        match sides.record_of(row, &of_record) {
            Some(record) => of_record.entry(record).or_default().push(row),
            None if row.visible => found.differences.push(unknown(row)),
            None => {}
        }
    }
    for (id, ours) in &sides.records {
        if ours.in_flight {
            found.in_flight.push(*id);
            continue;
        }
        let rows = of_record.remove(id).unwrap_or_default();
        let mut differences = of_one(ours, &rows);
        match unseen(ours, &rows, &differences) {
            None => found.seen.push(*id),
            Some(instead) => {
                found.unseen.push((*id, instead));
                // What must not be visible is never excused: it is taken down again.
                if ours.fresh && ours.visible {
                    found.slow.push(*id);
                    differences.retain(|one| one.class == DifferenceClass::Extra);
                }
            }
        }
        found.differences.extend(differences);
    }
    found.differences.sort();
    // Rows without an id of ours that differ only in what is not told.
    found.differences.dedup_by_key(|one| one.key());
    found
}

/// What should be there, by record and by what a platform without our ids knows it by.
struct Sides<'a> {
    records: BTreeMap<Uuid, &'a Expected>,
    by_company: BTreeMap<&'a str, Vec<Uuid>>,
}

impl<'a> Sides<'a> {
    fn new(expected: &'a [Expected]) -> Self {
        let records: BTreeMap<Uuid, &Expected> =
            expected.iter().map(|one| (one.record_id, one)).collect();
        let mut by_company: BTreeMap<&str, Vec<Uuid>> = BTreeMap::new();
        for (id, one) in &records {
            by_company.entry(&one.uscc).or_default().push(*id);
        }
        Self {
            records,
            by_company,
        }
    }

    /// The record that a row is about. Without an id of ours it is the one of the same company and decision: rather one that
    /// is to be visible and has no row yet, and of those the one that is most like the row.
    fn record_of(&self, row: &Shown, taken: &BTreeMap<Uuid, Vec<&Shown>>) -> Option<Uuid> {
        if let Some(id) = row.record_id {
            return self.records.contains_key(&id).then_some(id);
        }
        let candidates = self.by_company.get(row.uscc.as_deref()?)?;
        candidates
            .iter()
            .filter_map(|id| self.records.get(id))
            .filter(|one| {
                let same = |number: &String| plain(number) == plain(&one.decision_no);
                row.decision_no.as_ref().is_none_or(same)
            })
            .min_by_key(|one| {
                let free = one.visible && !taken.contains_key(&one.record_id);
                (!free, !one.visible, of_row(one, row).len(), one.record_id)
            })
            .map(|one| one.record_id)
    }
}

/// Brackets of numbers are written in many ways.
fn plain(number: &str) -> String {
    let bracket = |c| match c {
        '[' | '［' | '【' | '(' | '（' => '〔',
        ']' | '］' | '】' | ')' | '）' => '〕',
        other => other,
    };
    let kept = number.chars().filter(|c| !c.is_whitespace());
    kept.map(bracket).collect()
}

/// The differences of one record.
fn of_one(ours: &Expected, rows: &[&Shown]) -> Vec<Difference> {
    let visible = rows.iter().filter(|row| row.visible).count();
    if !ours.visible {
        let seen = rows.iter().find(|row| row.visible);
        let extra = seen.map(|row| about(ours, DifferenceClass::Extra, row.version));
        return extra.into_iter().collect();
    }
    // The row that fits best; a visible one before one that nobody sees.
    let best = rows
        .iter()
        .min_by_key(|row| (!row.visible, of_row(ours, row).len(), **row));
    let Some(best) = best else {
        return vec![about(ours, DifferenceClass::Missing, None)];
    };
    let mut found = of_row(ours, best);
    if visible > 1 {
        let extra = about(ours, DifferenceClass::Extra, None);
        found.push(Difference {
            repeated: true,
            ..extra
        });
    }
    found
}

/// What differs between a record that is to be visible and the row about it.
fn of_row(ours: &Expected, row: &Shown) -> Vec<Difference> {
    use DifferenceClass::{FieldDiff, Missing, NameChanged, StaleVersion, StatusDiff};
    let of = |class| about(ours, class, row.version);
    if row.version.is_some_and(|theirs| theirs < ours.version) {
        return vec![of(StaleVersion)];
    }
    let mut found = Vec::new();
    let mut with = |class, fields: Vec<FieldDifference>| {
        if !fields.is_empty() {
            found.push(Difference {
                fields,
                ..of(class)
            });
        }
    };
    let Form {
        status,
        name,
        digest,
        fields,
    } = &ours.form;
    let one = |field: &str, ours: &Option<String>, theirs: &Option<String>| {
        let ours = ours.as_deref().unwrap_or_default();
        differing(field, ours, theirs.as_deref()?)
    };
    let statuses = one("status", status, &row.form.status);
    let hidden = !row.visible && statuses.is_none();
    with(StatusDiff, statuses.into_iter().collect());
    let names = one("subject_name", name, &row.form.name);
    let mut others: Vec<FieldDifference> = row
        .form
        .fields
        .iter()
        .filter_map(|(field, theirs)| {
            let ours = fields.get(field).map_or("", String::as_str);
            differing(field, ours, theirs)
        })
        .collect();
    if let Some(theirs) = row.version.filter(|theirs| *theirs > ours.version) {
        others.push(FieldDifference {
            field: VERSION.to_owned(),
            ours: ours.version.to_string(),
            theirs: theirs.to_string(),
        });
    }
    if let Some(digests) = one(DIGEST, digest, &row.form.digest) {
        others.push(digests);
    }
    others.sort();
    with(NameChanged, names.into_iter().collect());
    with(FieldDiff, others);
    // Held, by its status to be seen, and not seen.
    if hidden {
        found.push(of(Missing));
    }
    found
}

fn differing(field: &str, ours: &str, theirs: &str) -> Option<FieldDifference> {
    let (ours, theirs) = (ours.trim(), theirs.trim());
    (ours != theirs).then(|| FieldDifference {
        field: field.to_owned(),
        ours: ours.to_owned(),
        theirs: theirs.to_owned(),
    })
}

fn about(ours: &Expected, class: DifferenceClass, theirs: Option<u32>) -> Difference {
    Difference {
        class,
        record_id: Some(ours.record_id),
        uscc: ours.uscc.clone(),
        decision_no: ours.decision_no.clone(),
        known: true,
        repeated: false,
        ours: Some(ours.version),
        theirs,
        fields: Vec::new(),
    }
}

/// Visible there and never sent from here.
fn unknown(row: &Shown) -> Difference {
    Difference {
        class: DifferenceClass::Extra,
        record_id: row.record_id,
        uscc: row.uscc.clone().unwrap_or_default(),
        decision_no: row.decision_no.clone().unwrap_or_default(),
        known: false,
        repeated: false,
        ours: None,
        theirs: row.version,
        fields: Vec::new(),
    }
}
