//! Whether a version of a record has reached the public.

use std::fmt;

use serde::Serialize;

use super::{Difference, DifferenceClass, Expected, Shown};

/// What the public sees instead of what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unseen {
    /// It should see the entry and does not.
    NotShown,
    /// It sees an earlier version.
    Version(u32),
    /// The platform tells no versions, and what it shows is not what was sent.
    Other,
    /// It should not see the entry and does.
    StillShown,
}

impl fmt::Display for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotShown => f.write_str("not shown"),
            Self::Version(version) => write!(f, "version {version} is shown"),
            Self::Other => f.write_str("shown with other content"),
            Self::StillShown => f.write_str("still shown"),
        }
    }
}

/// Judges a record by its rows and what differs about it; none: it is as it should be seen.
pub(super) fn unseen(
    ours: &Expected,
    rows: &[&Shown],
    differences: &[Difference],
) -> Option<Unseen> {
    let shown: Vec<&&Shown> = rows.iter().filter(|row| row.visible).collect();
    if !ours.visible {
        return (!shown.is_empty()).then_some(Unseen::StillShown);
    }
    if shown.is_empty() {
        return Some(Unseen::NotShown);
    }
    if let Some(newest) = shown.iter().filter_map(|row| row.version).max() {
        return (newest < ours.version).then_some(Unseen::Version(newest));
    }
    let differs = |one: &Difference| one.class != DifferenceClass::Extra;
    differences.iter().any(differs).then_some(Unseen::Other)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::feed::reconcile::{Form, compare};

    fn ours(visible: bool) -> Expected {
        Expected {
            record_id: Uuid::from_u128(7),
            uscc: "甲".to_owned(),
            decision_no: "示例1号".to_owned(),
            version: 3,
            visible,
            in_flight: false,
            fresh: false,
            form: Form {
                name: Some("示例".to_owned()),
                ..Form::default()
            },
        }
    }

    fn row(version: Option<u32>, visible: bool, name: &str) -> Shown {
        Shown {
            record_id: Some(Uuid::from_u128(7)),
            version,
            visible,
            form: Form {
                name: Some(name.to_owned()),
                ..Form::default()
            },
            ..Shown::default()
        }
    }

    #[test]
    fn a_version_is_seen_or_it_is_said_what_is_seen_instead() {
        type Case = (bool, Vec<Shown>, Option<Unseen>);
        let table: [Case; 9] = [
            (true, vec![], Some(Unseen::NotShown)),
            (
                true,
                vec![row(Some(3), false, "示例")],
                Some(Unseen::NotShown),
            ),
            (
                true,
                vec![row(Some(2), true, "示例")],
                Some(Unseen::Version(2)),
            ),
            (
                true,
                vec![row(Some(2), true, "示例"), row(Some(3), true, "示例")],
                None,
            ),
            // Another name under the right version is a difference, and the version is seen.
            (true, vec![row(Some(3), true, "别名")], None),
            (true, vec![row(None, true, "示例")], None),
            (true, vec![row(None, true, "别名")], Some(Unseen::Other)),
            (
                false,
                vec![row(Some(1), true, "示例")],
                Some(Unseen::StillShown),
            ),
            (false, vec![row(Some(3), false, "示例")], None),
        ];
        for (visible, rows, instead) in table {
            let found = compare(&[ours(visible)], &rows);
            let unseen: Vec<Unseen> = found.unseen.iter().map(|(_, instead)| *instead).collect();
            assert_eq!(unseen, Vec::from_iter(instead), "{rows:?}");
            assert_eq!(found.seen.len(), usize::from(instead.is_none()), "{rows:?}");
            // Taken lately: what may still come is no difference; what must be gone is.
            let fresh = Expected {
                fresh: true,
                ..ours(visible)
            };
            let lately = compare(&[fresh], &rows);
            let excused = visible && instead.is_some();
            assert_eq!(lately.slow.len(), usize::from(excused), "{rows:?}");
            let extra = |one: &Difference| one.class == DifferenceClass::Extra;
            let kept = match excused {
                true => found.differences.iter().filter(|one| extra(one)).count(),
                false => found.differences.len(),
            };
            assert_eq!(lately.differences.len(), kept, "{rows:?}");
        }
    }
}
