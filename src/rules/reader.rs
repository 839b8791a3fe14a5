//! The file being read: its text, the places of its original, and everything found wrong with it so far.

use std::{
    cell::{Cell, RefCell},
    ops::Range,
};

use super::{
    diagnostic::{Code, Diagnostic, Severity, Source, suggest},
    source::Repaired,
};

/// Most findings of one file that are told.
const MOST: usize = 1000;
/// Misspelt names of one file for which the nearest known one is looked up.
const SUGGESTIONS: usize = 200;

/// A finding before its line and column are known; bytes of the original.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    start: usize,
    end: usize,
    code: Code,
    message: String,
    help: String,
}

/// The file being read, and everything found wrong with it so far.
#[derive(Debug)]
pub(super) struct Reader<'s> {
    pub file: &'s str,
    /// What is read: the file, or the file put right.
    pub text: &'s str,
    pub original: Source<'s>,
    repaired: Option<&'s Repaired>,
    suggestions: Cell<usize>,
    found: RefCell<Vec<Finding>>,
}

impl<'s> Reader<'s> {
    pub fn new(file: &'s str, text: &'s str) -> Self {
        Self {
            file,
            text,
            original: Source::new(file, text),
            repaired: None,
            suggestions: Cell::new(SUGGESTIONS),
            found: RefCell::default(),
        }
    }

    /// A reader of a text put right; findings show their place in the original.
    pub fn of_repaired(file: &'s str, original: &'s str, repaired: &'s Repaired) -> Self {
        Self {
            text: &repaired.text,
            repaired: Some(repaired),
            ..Self::new(file, original)
        }
    }

    /// Notes a finding about some bytes of `text`.
    pub fn report(
        &self,
        code: Code,
        at: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let at = self
            .repaired
            .map_or_else(|| at.clone(), |text| text.original(&at));
        self.report_at_original(code, at, message, help);
    }

    /// Notes a finding about some bytes of the file as it is.
    pub fn report_at_original(
        &self,
        code: Code,
        at: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.found.borrow_mut().push(Finding {
            start: at.start,
            end: at.end,
            code,
            message: message.into(),
            help: help.into(),
        });
    }

    /// Help for a name that is not known.
    pub fn suggest<'n>(&self, name: &str, known: impl IntoIterator<Item = &'n str>) -> String {
        match self.suggestions.get().checked_sub(1) {
            Some(left) => {
                self.suggestions.set(left);
                suggest(name, known)
            }
            None => String::new(),
        }
    }

    /// The line of a byte of `text`, from 1.
    pub fn line_of(&self, at: usize) -> usize {
        let at = self
            .repaired
            .map_or(at, |text| text.original(&(at..at)).start);
        self.original.line_of(at) + 1
    }

    pub fn has_errors(&self) -> bool {
        self.found
            .borrow()
            .iter()
            .any(|one| one.code.severity() == Severity::Error)
    }

    /// Forgets findings that are not to be told.
    pub fn retain(&self, keep: impl Fn(Code, usize) -> bool) {
        self.found
            .borrow_mut()
            .retain(|one| keep(one.code, self.original.line_of(one.start)));
    }

    /// Everything found, in the order of the file.
    pub fn finish(self) -> Vec<Diagnostic> {
        let mut found = self.found.into_inner();
        found.sort();
        found.dedup();
        let untold = found.len().saturating_sub(MOST);
        let mut told: Vec<Diagnostic> = found
            .into_iter()
            .take(MOST)
            .map(|one| {
                let span = one.start..one.end;
                self.original
                    .diagnostic(one.code, span, one.message, one.help)
            })
            .collect();
        if untold > 0 {
            told.push(self.original.diagnostic(
                Code::R009,
                0..0,
                format!("还有 {untold} 处没有列出"),
                "请先改正上面的各处".to_owned(),
            ));
        }
        told
    }
}
