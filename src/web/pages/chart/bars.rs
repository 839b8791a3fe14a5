//! Bars, whole and in parts. They lie: Chinese labels need the width, and a telephone has the height.

use std::fmt::{self, Write};

use rust_decimal::Decimal;

use super::{
    About, Bar, Stack,
    canvas::{LINE, SERIES, fitted, is_wide, legend_places, name_of, open, width_of},
};
use crate::web::pages::svg::{escaped, number};

const THICK: f64 = 18.0;

/// Where labels, bars and figures lie.
struct Rows {
    width: f64,
    /// Where bars begin; on a narrow drawing the label has a line of its own.
    left: f64,
    /// Room for the figures right of the longest bar.
    right: f64,
    pitch: f64,
    top: f64,
    most: f64,
}

impl Rows {
    fn new<'a>(
        width: f64,
        top: f64,
        labels: impl Iterator<Item = &'a str>,
        figures: impl Iterator<Item = f64>,
        most: f64,
    ) -> Self {
        let longest = labels.map(width_of).fold(0.0, f64::max);
        let figures = figures.fold(0.0, f64::max);
        let wide = is_wide(width);
        Self {
            width,
            left: if wide {
                longest.min(width * 0.34) + 12.0
            } else {
                0.0
            },
            right: (figures + 12.0).min(width * 0.45),
            pitch: if wide { 32.0 } else { 46.0 },
            top,
            most: most.max(f64::MIN_POSITIVE),
        }
    }

    fn height(&self, rows: usize) -> f64 {
        // A page has tens of rows; beyond that the figure would only be less exact.
        #[expect(clippy::cast_precision_loss, reason = "rows of a page")]
        let rows = rows as f64;
        self.top + rows * self.pitch + 4.0
    }

    fn y(&self, row: usize) -> f64 {
        let lead = if is_wide(self.width) { 6.0 } else { LINE };
        self.height(row) - 4.0 + lead
    }

    fn length(&self, value: f64) -> f64 {
        let room = (self.width - self.left - self.right).max(1.0);
        (value / self.most).clamp(0.0, 1.0) * room
    }

    fn label(&self, out: &mut String, row: usize, label: &str) -> fmt::Result {
        let y = self.y(row);
        if is_wide(self.width) {
            let (x, y) = (self.left - 12.0, y + 13.5);
            let text = fitted(label, self.left - 12.0);
            write!(
                out,
                r#"<text class="label" x="{x:.1}" y="{y:.1}" text-anchor="end">{text}</text>"#
            )
        } else {
            let text = fitted(label, self.width);
            let y = y - 5.0;
            write!(out, r#"<text class="label" x="0" y="{y:.1}">{text}</text>"#)
        }
    }

    fn figure(&self, out: &mut String, row: usize, length: f64, text: &str) -> fmt::Result {
        let (x, y) = (self.left + length + 6.0, self.y(row) + 13.5);
        let text = fitted(text, self.width - x);
        write!(
            out,
            r#"<text class="value" x="{x:.1}" y="{y:.1}">{text}</text>"#
        )
    }

    /// The line from which bars are measured.
    fn base(&self, out: &mut String, rows: usize) -> fmt::Result {
        let (x, top, bottom) = (self.left, self.top, self.height(rows));
        write!(
            out,
            r#"<line class="base" x1="{x:.1}" y1="{top:.1}" x2="{x:.1}" y2="{bottom:.1}"/>"#
        )
    }
}

pub(super) fn bars(about: About<'_>, bars: &[Bar], width: f64) -> Result<String, fmt::Error> {
    let most = bars.iter().map(|bar| number(bar.value)).fold(0.0, f64::max);
    let rows = Rows::new(
        width,
        0.0,
        bars.iter().map(|bar| bar.label.as_str()),
        bars.iter().map(|bar| width_of(&bar.shown) * 1.1),
        most,
    );
    let mut out = String::new();
    open(&mut out, about, width, rows.height(bars.len()))?;
    for (row, bar) in bars.iter().enumerate() {
        rows.label(&mut out, row, &bar.label)?;
        let length = rows.length(number(bar.value));
        if length > 0.0 {
            let (x, y, tone) = (rows.left, rows.y(row), bar.tone.class());
            write!(
                out,
                r#"<rect class="bar {tone}" x="{x:.1}" y="{y:.1}" width="{length:.1}" height="{THICK}"/>"#
            )?;
        }
        rows.figure(&mut out, row, length, &bar.shown)?;
    }
    rows.base(&mut out, bars.len())?;
    out.push_str("</svg>");
    Ok(out)
}

pub(super) fn stacked(
    about: About<'_>,
    series: &[String],
    stacks: &[Stack],
    width: f64,
) -> Result<String, fmt::Error> {
    let parts = |stack: &Stack| -> Vec<Decimal> {
        let part = |at| stack.parts.get(at).copied().unwrap_or_default();
        (0..series.len())
            .map(|at| part(at).max(Decimal::ZERO))
            .collect()
    };
    // A sum that cannot be held is no sum: the largest number there is stands for it.
    let total = |stack: &Stack| {
        let add = |sum: Decimal, part: &Decimal| sum.checked_add(*part).unwrap_or(Decimal::MAX);
        parts(stack).iter().fold(Decimal::ZERO, add)
    };
    let totals: Vec<String> = stacks
        .iter()
        .map(|stack| total(stack).normalize().to_string())
        .collect();
    let names: Vec<&str> = series.iter().map(String::as_str).collect();
    let (places, top) = legend_places(&names, width);
    let rows = Rows::new(
        width,
        top,
        stacks.iter().map(|stack| stack.label.as_str()),
        totals.iter().map(|text| width_of(text) * 1.2),
        stacks
            .iter()
            .map(|stack| number(total(stack)))
            .fold(0.0, f64::max),
    );
    let mut out = String::new();
    open(&mut out, about, width, rows.height(stacks.len()))?;
    let id = name_of(about, width);
    patterns(&mut out, &id, series.len().min(SERIES))?;
    for ((place, name), at) in places.iter().zip(&names).zip(0..) {
        let (x, y, style) = (place.0, place.1 + 2.0, at % SERIES);
        write!(
            out,
            r#"<rect class="part" fill="url(#{id}-p{style})" x="{x:.1}" y="{y:.1}" width="26" height="14"/><text x="{:.1}" y="{:.1}">{}</text>"#,
            x + 34.0,
            y + 11.0,
            escaped(name),
        )?;
    }
    for (row, stack) in stacks.iter().enumerate() {
        rows.label(&mut out, row, &stack.label)?;
        let (mut x, y) = (rows.left, rows.y(row));
        for (at, part) in parts(stack).iter().enumerate() {
            let length = rows.length(number(*part));
            if length <= 0.0 {
                continue;
            }
            let style = at % SERIES;
            write!(
                out,
                r#"<rect class="part" fill="url(#{id}-p{style})" x="{x:.1}" y="{y:.1}" width="{length:.1}" height="{THICK}"/>"#
            )?;
            let text = part.normalize().to_string();
            if width_of(&text) + 10.0 <= length {
                let (middle, base) = (x + length / 2.0, y + 13.5);
                write!(
                    out,
                    r#"<text class="inside" x="{middle:.1}" y="{base:.1}" text-anchor="middle">{text}</text>"#
                )?;
            }
            x += length;
        }
        if let Some(text) = totals.get(row) {
            rows.figure(&mut out, row, x - rows.left, text)?;
        }
    }
    rows.base(&mut out, stacks.len())?;
    out.push_str("</svg>");
    Ok(out)
}

/// A ground and a drawing upon it for each series: plain, slanted, dotted, level, crossed, upright.
fn patterns(out: &mut String, id: &str, series: usize) -> fmt::Result {
    const MARKS: [&str; SERIES] = [
        "",
        r#"<path class="mark" d="M-2 2L2 -2M0 8L8 0M6 10L10 6"/>"#,
        r#"<circle class="spot" cx="4" cy="4" r="1.6"/>"#,
        r#"<path class="mark" d="M0 4H8"/>"#,
        r#"<path class="mark" d="M0 0L8 8M0 8L8 0"/>"#,
        r#"<path class="mark" d="M4 0V8"/>"#,
    ];
    out.push_str("<defs>");
    for (style, mark) in MARKS.iter().enumerate().take(series) {
        write!(
            out,
            r#"<pattern id="{id}-p{style}" width="8" height="8" patternUnits="userSpaceOnUse"><rect class="ground s{style}" width="8" height="8"/>{mark}</pattern>"#
        )?;
    }
    out.push_str("</defs>");
    Ok(())
}
