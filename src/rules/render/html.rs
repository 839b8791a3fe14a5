//! A page that stands alone and prints on A4: no script, nothing from outside, everything escaped.

use askama::Template;

use super::paper::{Block, Cell, Paper};

#[derive(Template)]
#[template(path = "rules/paper.html")]
struct Page<'p> {
    paper: &'p Paper,
}

impl Paper {
    /// The document as one HTML page.
    ///
    /// # Errors
    /// What the template says; it has nothing that can fail.
    pub fn html(&self) -> Result<String, askama::Error> {
        Page { paper: self }.render()
    }
}

impl Cell {
    fn lines(&self) -> Vec<String> {
        self.shown().split('\n').map(str::to_owned).collect()
    }

    fn is_number(&self) -> bool {
        matches!(self, Self::Number(_))
    }
}
