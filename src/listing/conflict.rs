//! Lists that exclude each other: a company on `watch` or `serious` cannot be on `red`.

use uuid::Uuid;

use super::{entry::Entry, types::ListClass};

/// A red entry and the adverse entry that excludes it; both stand, hidden or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Conflict {
    pub red: Uuid,
    pub adverse: Uuid,
}

/// The conflicts among these entries; those of other companies, and those that do not stand, do not count. To know
/// whether a red entry may be decided, give its entry among the others with `deciding` set to its id.
pub fn conflicts(entries: &[Entry], deciding: Option<Uuid>) -> Vec<Conflict> {
    let stands = |entry: &&Entry| entry.listed().is_some() || Some(entry.id) == deciding;
    let of = |classes: &'static [ListClass]| {
        entries
            .iter()
            .filter(stands)
            .filter(move |entry| classes.contains(&entry.class))
    };
    let adverse = &[ListClass::Watch, ListClass::Serious];
    let mut found: Vec<Conflict> = of(&[ListClass::Red])
        .flat_map(|red| {
            of(adverse)
                .filter(|entry| entry.company == red.company)
                .map(|entry| Conflict {
                    red: red.id,
                    adverse: entry.id,
                })
        })
        .collect();
    found.sort_unstable();
    found
}
