//! A sheet as a page to print: A4, no script, nothing from elsewhere.

use askama::Template;

use super::{Sheet, text::numeral};

#[derive(Template)]
#[template(path = "rules/sheet.html")]
struct Page<'s> {
    sheet: &'s Sheet,
}

impl Page<'_> {
    /// Number of the section of a part; the general provisions come first.
    fn part_numeral(&self, index0: &usize) -> String {
        numeral(index0 + 1)
    }

    fn grades_numeral(&self) -> String {
        numeral(self.sheet.parts.len() + 1)
    }

    fn provision_numeral(&self, index0: &usize) -> String {
        let before = self.sheet.parts.len() + 1 + usize::from(!self.sheet.grades.is_empty());
        numeral(before + index0)
    }
}

impl Sheet {
    /// A whole page.
    ///
    /// # Errors
    /// Those of writing into a string: none that are known.
    pub fn to_html(&self) -> Result<String, askama::Error> {
        Page { sheet: self }.render()
    }
}
