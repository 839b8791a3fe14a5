//! Who complained and how to reach them: kept apart from the complaint, read by the handling office alone.

use std::fmt;

use super::Text;

/// The complainant. Cannot be shown by accident: no `Serialize`, and `Debug` says only what is there.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Contact {
    pub name: Option<Text>,
    pub phone: Option<Text>,
    pub address: Option<Text>,
}

impl Contact {
    /// Whether there is nothing in it: an anonymous complaint.
    pub fn is_empty(&self) -> bool {
        self.name.is_none() && self.phone.is_none() && self.address.is_none()
    }

    /// Whether the complainant can be asked again (回访).
    pub fn reachable(&self) -> bool {
        self.phone.is_some() || self.address.is_some()
    }
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |field: &Option<Text>| field.as_ref().map(|_| "***");
        f.debug_struct("Contact")
            .field("name", &shown(&self.name))
            .field("phone", &shown(&self.phone))
            .field("address", &shown(&self.address))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nobody() {
        let text = |raw| Some(Text::parse(raw).unwrap());
        let contact = Contact {
            name: text("示例甲"),
            phone: text("13800000000"),
            address: None,
        };
        let shown = format!("{contact:?}");
        assert!(
            !shown.contains("示例甲") && !shown.contains("1380"),
            "{shown}"
        );
        assert!(contact.reachable() && !contact.is_empty());
        assert!(Contact::default().is_empty() && !Contact::default().reachable());
    }
}
