//! Types of list (名单类型) as `rules/lists.toml` defines them: what is listed, how long, by which basis.
//!
//! The law's own bounds are checked here, so that a type that is read is a lawful one. Sources: 国办发〔2020〕49号
//! part 4 (who may set up a list of the seriously untrustworthy), 国办发〔2025〕22号 and 信用修复管理办法 (display periods).

mod file;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use file::TypesError;

use crate::domain::date;
use crate::domain::{Day, DeadlineRule, Span};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),+ }
        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant),+];
            /// The word used in files and shown to people.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

words! {
    /// What a list is to the company on it.
    ListClass {
        Red = "red",
        Warning = "warning",
        Watch = "watch",
        Serious = "serious",
    }
}

words! {
    /// Gravity of dishonest conduct (失信严重程度), in rising order.
    Severity {
        Minor = "轻微",
        General = "一般",
        Serious = "严重",
    }
}

words! {
    /// As what the credit platform receives an entry.
    ExportAs {
        /// Not exported at all.
        None = "none",
        SeriousList = "serious_list",
        Red = "red",
        KeyWatch = "key_watch",
    }
}

words! {
    /// Rank of a document that a list rests on.
    BasisLevel {
        Law = "法律",
        AdministrativeRegulation = "行政法规",
        CentralPolicy = "党中央国务院文件",
        DepartmentRule = "部门规章",
        LocalRegulation = "地方性法规",
        LocalRule = "地方政府规章",
        Normative = "规范性文件",
    }
}

impl ListClass {
    /// Whether being on it is a disadvantage; only such lists have a severity.
    pub fn is_adverse(self) -> bool {
        self != Self::Red
    }
}

impl BasisLevel {
    /// Whether a list of the seriously untrustworthy may rest on it (国办发〔2020〕49号 part 4 (六) and (七)).
    pub fn carries_serious_list(self) -> bool {
        self <= Self::LocalRegulation
    }
}

/// A legal basis (法律依据) entered for a list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalBasis {
    pub level: BasisLevel,
    pub title: String,
    pub number: String,
    pub article: String,
    #[serde(deserialize_with = "date::day")]
    pub effective_from: Day,
    /// Last day in force, if an end is known.
    #[serde(default, deserialize_with = "date::optional_day")]
    pub effective_until: Option<Day>,
    /// Who checked and approved it.
    pub approved_by: Vec<String>,
}

impl LegalBasis {
    /// Whether it is of sufficient rank and approved by two people.
    pub fn carries_serious_list(&self) -> bool {
        let people: BTreeSet<&str> = self.approved_by.iter().map(|name| name.trim()).collect();
        let named = people.iter().filter(|name| !name.is_empty()).count();
        self.level.carries_serious_list() && named >= 2
    }

    fn in_force_on(&self, day: Day) -> bool {
        self.effective_from <= day && self.effective_until.is_none_or(|until| day <= until)
    }
}

/// How entries of one severity are displayed (公示期限). Spans are months or years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DisplayRule {
    /// Whether such entries are published as a rule.
    pub publish: bool,
    /// No early exit by repair until the last day of this span is over.
    pub min: Option<Span>,
    /// Display ends with the last day of this span.
    pub max: Span,
}

/// One type of list. Fields are read through methods where the law ties them together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListType {
    id: String,
    title: String,
    class: ListClass,
    enabled: bool,
    export_as: ExportAs,
    two_person: bool,
    verified: bool,
    legal_basis: Vec<LegalBasis>,
    window_working_days: u32,
    by_publication_days: u32,
    publish_working_days: u32,
    higher_approval: bool,
    deadlines: BTreeMap<String, DeadlineRule>,
    display: Displays,
    /// A basis that was entered and approved carries it, whatever the file says of `enabled`.
    carried: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Displays {
    minor: Option<DisplayRule>,
    general: Option<DisplayRule>,
    serious: Option<DisplayRule>,
    merit: Option<DisplayRule>,
}

impl ListType {
    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn title(&self) -> &str {
        &self.title
    }

    pub fn class(&self) -> ListClass {
        self.class
    }

    /// A type that is not enabled takes no entry. A list of the seriously untrustworthy is enabled by a basis that two
    /// people approved, and by nothing else.
    pub fn enabled(&self) -> bool {
        self.enabled || self.carried
    }

    /// The type with the bases that were entered and approved besides those of the file.
    pub fn with_bases(&self, bases: &[LegalBasis]) -> Self {
        let mut with = self.clone();
        with.legal_basis.extend_from_slice(bases);
        with.carried |=
            self.class == ListClass::Serious && bases.iter().any(LegalBasis::carries_serious_list);
        with
    }

    pub fn export_as(&self) -> ExportAs {
        self.export_as
    }

    /// Whether maker and checker must be two people; always so on adverse lists.
    pub fn two_person(&self) -> bool {
        self.two_person
    }

    /// False: shown with 待核实.
    pub fn verified(&self) -> bool {
        self.verified
    }

    pub fn legal_basis(&self) -> &[LegalBasis] {
        &self.legal_basis
    }

    /// Length of the window for statement and hearing (陈述申辩), in working days from service.
    pub fn window_working_days(&self) -> u32 {
        self.window_working_days
    }

    /// Days after which a published notice counts as served (公告送达).
    pub fn by_publication_days(&self) -> u32 {
        self.by_publication_days
    }

    /// Working days from the decision within which it is published.
    pub fn publish_working_days(&self) -> u32 {
        self.publish_working_days
    }

    /// Whether a decision needs the next higher organ's agreement (上级同意) before it is served.
    pub fn higher_approval(&self) -> bool {
        self.higher_approval
    }

    /// The kind of deadline with this id (`entry.repair_accept`).
    pub fn deadline(&self, id: &str) -> Option<&DeadlineRule> {
        self.deadlines.get(id)
    }

    /// All kinds of deadline of its entries, by id.
    pub fn deadlines(&self) -> impl Iterator<Item = &DeadlineRule> {
        self.deadlines.values()
    }

    /// How entries of this severity are displayed; `None` on a favourable list.
    pub fn display(&self, severity: Option<Severity>) -> Option<DisplayRule> {
        match severity {
            None => self.display.merit,
            Some(Severity::Minor) => self.display.minor,
            Some(Severity::General) => self.display.general,
            Some(Severity::Serious) => self.display.serious,
        }
    }

    /// Whether an entry may be made on this day: `serious` needs a basis in force.
    pub fn has_basis_on(&self, day: Day) -> bool {
        self.class != ListClass::Serious
            || self
                .legal_basis
                .iter()
                .any(|basis| basis.carries_serious_list() && basis.in_force_on(day))
    }
}

/// The types a bureau has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListTypes(Vec<ListType>);

impl ListTypes {
    pub fn get(&self, id: &str) -> Option<&ListType> {
        self.0.iter().find(|list| list.id == id)
    }

    pub fn iter(&self) -> impl Iterator<Item = &ListType> {
        self.0.iter()
    }
}
