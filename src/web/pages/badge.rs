//! The grade as an image for other sites, and the page that says how to embed it.

use std::fmt::{self, Write};

use askama::Template;

use super::{HOSTILE, Page, Section, Tone, sample_code, svg::escaped};

/// How to embed a badge.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "pages/badge.html")]
pub struct BadgePage {
    pub page: Page,
    /// As typed; may be empty.
    pub asked: String,
    /// What is wrong with it; may be empty.
    pub fault: String,
    /// Why there is no badge for this company; may be empty.
    pub refused: String,
    /// Empty with `code`.
    pub uscc: String,
    pub alt: String,
    /// HTML to be copied; empty where there is no badge.
    pub code: String,
}

/// What stands on a badge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadgeImage {
    /// `AAA`.
    pub grade: String,
    /// `信用优秀`; may be empty.
    pub title: String,
    pub tone: Tone,
    pub uscc: String,
    pub as_of: String,
    /// Where to check it: an address without a scheme, `credit.example/companies/…`.
    pub check: String,
    /// The rules were compared with a published text.
    pub verified: bool,
}

impl BadgeImage {
    /// An SVG of 260 by 64, without a style sheet or a script: it is shown on pages of others.
    ///
    /// # Errors
    /// None in practice: writing into a string does not fail.
    pub fn draw(&self) -> Result<String, fmt::Error> {
        let mut out = String::new();
        let (grade, title) = (escaped(&self.grade), escaped(&self.title));
        let (uscc, as_of, check) = (
            escaped(&self.uscc),
            escaped(&self.as_of),
            escaped(&self.check),
        );
        let ground = match self.tone {
            Tone::Good => "#1d6545",
            Tone::Fair => "#285a86",
            Tone::Poor => "#7d5200",
            Tone::Bad => "#98302a",
            Tone::Plain => "#55626d",
        };
        let draft = if self.verified {
            ""
        } else {
            "（规则待核实）"
        };
        write!(
            out,
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="260" height="64" viewBox="0 0 260 64" role="img" aria-labelledby="t"><title id="t">物业服务企业信用等级 {grade} {title}{draft}，截至 {as_of}，统一社会信用代码 {uscc}，核对：{check}</title><a href="/companies/{uscc}"><rect width="260" height="64" rx="6" fill="#ffffff" stroke="{ground}"/><rect x="0.5" y="0.5" width="76" height="63" rx="6" fill="{ground}"/><g font-family="sans-serif"><text x="38" y="41" font-size="24" font-weight="700" fill="#ffffff" text-anchor="middle"{fit}>{grade}</text><text x="86" y="20" font-size="12" font-weight="700" fill="#1d2730">{title}{draft}</text><text x="86" y="37" font-size="10" fill="#55626d">截至 {as_of} · 点击核对</text><text x="86" y="53" font-size="10" fill="#55626d">{uscc}</text></g></a></svg>"##,
            fit = match self.grade.chars().count() {
                0..=4 => "",
                _ => r#" textLength="64" lengthAdjust="spacingAndGlyphs""#,
            },
        )?;
        Ok(out)
    }

    pub fn samples() -> Vec<Self> {
        let sample = |grade: &str, title: &str, tone, verified| Self {
            grade: grade.into(),
            title: title.into(),
            tone,
            uscc: sample_code("91512002MA6000001"),
            as_of: "2026-06-30".into(),
            check: "credit.example/companies/".into(),
            verified,
        };
        vec![
            sample("AAA", "信用优秀", Tone::Good, true),
            sample("C", "信用差", Tone::Bad, false),
            sample(HOSTILE, HOSTILE, Tone::Plain, false),
        ]
    }
}

impl BadgePage {
    pub fn samples() -> Vec<Self> {
        let sample = |asked: &str, fault: &str, refused: &str, code: &str| Self {
            page: Page::sample("企业信用标识", Section::None, !asked.is_empty()),
            asked: asked.into(),
            fault: fault.into(),
            refused: refused.into(),
            uscc: sample_code("91512002MA6000001"),
            alt: "示例安居物业服务有限公司的信用等级标识".into(),
            code: code.into(),
        };
        vec![
            sample("", "", "", ""),
            sample(HOSTILE, "统一社会信用代码应为18位", "", ""),
            sample("91512002MA6000001", "", "该企业目前不提供标识。", ""),
            sample("91512002MA6000001", "", "", HOSTILE),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_badge_says_grade_day_and_code() {
        let svg = BadgeImage::samples()[0].draw().unwrap();
        for words in [
            "AAA",
            "信用优秀",
            "2026-06-30",
            "91512002MA6000001",
            "credit.example",
        ] {
            assert!(svg.contains(words), "{words}: {svg}");
        }
        assert!(!svg.contains("待核实"));
    }

    #[test]
    fn a_badge_runs_nothing_and_loads_nothing() {
        for image in BadgeImage::samples() {
            let svg = image.draw().unwrap();
            assert!(!svg.contains("<script") && !svg.contains("style="), "{svg}");
            assert!(!svg.contains("<image") && !svg.contains("url("), "{svg}");
            assert_eq!(image.verified, !svg.contains("待核实"));
        }
    }
}
