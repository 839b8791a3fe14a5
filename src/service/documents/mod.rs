//! Documents (文书): print-ready HTML from the bureau's templates, each with a number of its kind and year that has no gap.
//!
//! A document is issued in one transaction with what it goes with: its number, its bytes and their digest are stored together or
//! not at all, and never change. One that should not have been issued is void (作废) and keeps its number.

mod check;
mod content;
mod kind;
mod known;
mod sample;
mod template;
mod using;

pub use check::Missing;
pub use content::{
    Contact, Content, Decision, Measure, NotListed, Notice, RecordLine, RecordNotice, Remedies,
    Removal, RepairNotice, Revocation,
};
pub use kind::{Blank, Kind, KindError};
pub use sample::{content as sample_content, data as sample_data};
pub use template::{HEAD, RenderFault, TemplateFault, Templates, TemplatesError, in_words};
pub use using::{DocumentView, Question, Voided, document, documents, issue, marked, void};

/// Templates that are compiled in: file name and text.
pub(super) const BUILT_IN: &[(&str, &str)] = &[
    (
        "documents.toml",
        include_str!("../../../rules/documents/documents.toml"),
    ),
    (
        "document.css",
        include_str!("../../../rules/documents/document.css"),
    ),
    (
        "notice.html",
        include_str!("../../../rules/documents/notice.html"),
    ),
    (
        "decision.html",
        include_str!("../../../rules/documents/decision.html"),
    ),
    (
        "repair_notice.html",
        include_str!("../../../rules/documents/repair_notice.html"),
    ),
    (
        "removal.html",
        include_str!("../../../rules/documents/removal.html"),
    ),
    (
        "not_listed.html",
        include_str!("../../../rules/documents/not_listed.html"),
    ),
    (
        "revocation.html",
        include_str!("../../../rules/documents/revocation.html"),
    ),
    (
        "record_notice.html",
        include_str!("../../../rules/documents/record_notice.html"),
    ),
];

/// The text of a built-in file.
pub(super) fn built_in(name: &str) -> Result<String, String> {
    BUILT_IN
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| (*text).to_owned())
        .ok_or_else(|| "没有这个文件".to_owned())
}

#[cfg(test)]
mod tests;
