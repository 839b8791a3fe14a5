//! A step line of (day, score) over bands of grades, as inline SVG.
//!
//! Looks come from classes in the style sheet, never from `style`, so that a strict content security policy holds.
//! Geometry is floating point; it is drawn, not counted.

use std::fmt::{self, Write};

use chrono::Datelike;
use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::Tone;
use crate::domain::Day;

/// Finished markup; only this module and [`super::chart`] make one, with every text escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Svg(pub(super) String);

impl fmt::Display for Svg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text as a QR code; none if it is too long for one.
pub fn qr(text: &str, title: &str) -> Option<Svg> {
    /// Modules that must stay free around it (ISO/IEC 18004).
    const QUIET: usize = 4;
    let code = qrcode::QrCode::new(text).ok()?;
    let side = code.width();
    let dark = code.to_colors();
    let path: String = dark
        .iter()
        .enumerate()
        .filter(|(_, module)| **module == qrcode::Color::Dark)
        .map(|(at, _)| format!("M{} {}h1v1h-1z", at % side + QUIET, at / side + QUIET))
        .collect();
    let whole = side + 2 * QUIET;
    Some(Svg(format!(
        "<svg class=\"qr\" viewBox=\"0 0 {whole} {whole}\" role=\"img\" aria-label=\"{}\"><path d=\"{path}\"></path></svg>",
        escaped(title)
    )))
}

/// The scores of one grade: from here up to the next band.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    pub label: String,
    pub from: Decimal,
    pub tone: Tone,
}

/// What to draw.
#[derive(Debug, Clone, Copy)]
pub struct StepChart<'a> {
    /// Unique in the page; letters, digits and hyphens, anything else is dropped.
    pub id: &'a str,
    pub title: &'a str,
    pub description: &'a str,
    /// Oldest first; each score holds until the next.
    pub points: &'a [(Day, Decimal)],
    /// Last day drawn.
    pub until: Day,
    /// Best first.
    pub bands: &'a [Band],
    /// Width in user units, at least 200; the text keeps its size.
    pub width: u16,
}

const HEIGHT: f64 = 260.0;
const LEFT: f64 = 40.0;
const RIGHT: f64 = 44.0;
const TOP: f64 = 18.0;
const BOTTOM: f64 = 30.0;

/// Where days and scores lie on the canvas.
struct Scale {
    width: f64,
    first: f64,
    days: f64,
    low: f64,
    high: f64,
}

impl Scale {
    fn x(&self, day: Day) -> f64 {
        let offset = f64::from(day.date().num_days_from_ce()) - self.first;
        LEFT + (offset / self.days).clamp(0.0, 1.0) * (self.width - LEFT - RIGHT)
    }

    fn y(&self, score: f64) -> f64 {
        let share = (score - self.low) / (self.high - self.low);
        HEIGHT - BOTTOM - share.clamp(0.0, 1.0) * (HEIGHT - TOP - BOTTOM)
    }
}

impl StepChart<'_> {
    /// The chart; `None` without a point.
    pub fn draw(&self) -> Option<Svg> {
        let mut out = String::new();
        self.write(&mut out).ok().flatten()?;
        Some(Svg(out))
    }

    fn write(&self, out: &mut String) -> Result<Option<()>, fmt::Error> {
        let (Some(first), Some(last)) = (self.points.first(), self.points.last()) else {
            return Ok(None);
        };
        let until = self.until.max(last.0);
        let scale = self.scale(first.0, until);
        let id: String = self
            .id
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
            .collect();
        write!(
            out,
            r#"<svg class="chart" viewBox="0 0 {} {HEIGHT}" role="img" aria-labelledby="{id}-t {id}-d"><title id="{id}-t">{}</title><desc id="{id}-d">{}</desc>"#,
            scale.width,
            escaped(self.title),
            escaped(self.description),
        )?;
        self.write_bands(out, &scale)?;
        write_rows(out, &scale)?;
        write_days(out, &scale, first.0, until)?;
        self.write_line(out, &scale, until)?;
        out.push_str("</svg>");
        Ok(Some(()))
    }

    /// Scores from a multiple of the step below the lowest to one above the highest.
    fn scale(&self, first: Day, until: Day) -> Scale {
        let values = self.points.iter().map(|point| number(point.1));
        let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        let step = step_of(high - low);
        let first = f64::from(first.date().num_days_from_ce());
        Scale {
            width: f64::from(self.width.max(200)),
            first,
            days: (f64::from(until.date().num_days_from_ce()) - first).max(1.0),
            low: ((low - step * 0.5) / step).floor() * step,
            high: ((high + step * 0.5) / step).ceil() * step,
        }
    }

    fn write_bands(&self, out: &mut String, scale: &Scale) -> fmt::Result {
        let right = scale.width - RIGHT;
        let mut above = scale.high;
        for band in self.bands {
            let from = number(band.from).clamp(scale.low, scale.high);
            let (top, bottom) = (scale.y(above), scale.y(from));
            above = above.min(from);
            let height = bottom - top;
            if height < 0.5 {
                continue;
            }
            let tone = band.tone.class();
            let wide = right - LEFT;
            write!(
                out,
                r#"<rect class="band {tone}" x="{LEFT}" y="{top:.1}" width="{wide:.1}" height="{height:.1}"/>"#
            )?;
            if from > scale.low {
                let edge =
                    format!(r#"x1="{LEFT}" y1="{bottom:.1}" x2="{right:.1}" y2="{bottom:.1}""#);
                write!(out, r#"<line class="edge" {edge}/>"#)?;
            }
            if height >= 11.0 {
                let (x, y) = (right + 6.0, f64::midpoint(top, bottom) + 4.0);
                let label = escaped(&band.label);
                write!(
                    out,
                    r#"<text class="grade {tone}" x="{x:.1}" y="{y:.1}">{label}</text>"#
                )?;
            }
        }
        Ok(())
    }

    fn write_line(&self, out: &mut String, scale: &Scale, until: Day) -> fmt::Result {
        out.push_str(r#"<path class="line" d=""#);
        for (index, (day, score)) in self.points.iter().enumerate() {
            let (x, y) = (scale.x(*day), scale.y(number(*score)));
            match index {
                0 => write!(out, "M{x:.1} {y:.1}")?,
                _ => write!(out, "H{x:.1}V{y:.1}")?,
            }
        }
        write!(out, r#"H{:.1}"/>"#, scale.x(until))?;
        let Some((_, score)) = self.points.last() else {
            return Ok(());
        };
        let (x, y) = (scale.x(until), scale.y(number(*score)));
        write!(
            out,
            r#"<circle class="now" cx="{x:.1}" cy="{y:.1}" r="4"/>"#
        )?;
        let above = y - 10.0;
        write!(
            out,
            r#"<text class="value" x="{x:.1}" y="{above:.1}" text-anchor="end">{score}</text>"#
        )
    }
}

/// Lines and numbers of the score axis.
fn write_rows(out: &mut String, scale: &Scale) -> fmt::Result {
    let step = step_of(scale.high - scale.low);
    let right = scale.width - RIGHT;
    let mut value = (scale.low / step).ceil() * step;
    while value <= scale.high + step * 0.01 {
        let y = scale.y(value);
        write!(
            out,
            r#"<line class="row" x1="{LEFT}" y1="{y:.1}" x2="{right:.1}" y2="{y:.1}"/>"#
        )?;
        let (x, base) = (LEFT - 8.0, y + 4.0);
        write!(
            out,
            r#"<text class="tick" x="{x}" y="{base:.1}" text-anchor="end">{value}</text>"#
        )?;
        value += step;
    }
    Ok(())
}

/// Dates of the time axis: the two ends, and on a wide chart what lies between.
fn write_days(out: &mut String, scale: &Scale, first: Day, until: Day) -> fmt::Result {
    let span = u32::try_from((until.date() - first.date()).num_days()).unwrap_or(0);
    let parts: u32 = match (scale.width >= 600.0, span) {
        (_, 0..=6) => 1,
        (true, _) => 4,
        (false, _) => 2,
    };
    let y = HEIGHT - 8.0;
    for part in 0..=parts {
        let day = if part == parts {
            until
        } else {
            first.plus_days(span * part / parts)
        };
        let anchor = match part {
            0 => "start",
            _ if part == parts => "end",
            _ => "middle",
        };
        let x = scale.x(day);
        write!(
            out,
            r#"<text class="tick" x="{x:.1}" y="{y}" text-anchor="{anchor}">{day}</text>"#
        )?;
    }
    Ok(())
}

/// A round step that divides the range into four to eight rows.
pub(super) fn step_of(range: f64) -> f64 {
    let steps = [
        0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0,
    ];
    let fits = |step: &&f64| range / **step <= 6.0;
    steps.iter().find(fits).copied().unwrap_or(range / 5.0)
}

pub(super) fn number(value: Decimal) -> f64 {
    value.to_f64().unwrap_or_default()
}

/// Text for element content; control characters, which XML forbids, are dropped.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !c.is_control()) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn chart(points: &[(Day, Decimal)], title: &str) -> Option<String> {
        let bands = [
            Band {
                label: "A<B".into(),
                from: Decimal::from(80),
                tone: Tone::Good,
            },
            Band {
                label: "C".into(),
                from: Decimal::ZERO,
                tone: Tone::Bad,
            },
        ];
        let chart = StepChart {
            id: "a\"b",
            title,
            description: "说明",
            points,
            until: day("2026-06-30"),
            bands: &bands,
            width: 360,
        };
        chart.draw().map(|svg| svg.to_string())
    }

    #[test]
    fn each_score_holds_until_the_next() {
        let points = [
            (day("2026-01-01"), Decimal::from(70)),
            (day("2026-04-01"), Decimal::from(90)),
        ];
        let svg = chart(&points, "变化").unwrap();
        let path = svg
            .split(r#"class="line" d=""#)
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        insta::assert_snapshot!(path, @"M40.0 194.7H178.0V53.3H316.0");
    }

    #[test]
    fn nothing_is_drawn_without_a_point() {
        assert_eq!(chart(&[], "变化"), None);
    }

    #[test]
    fn hostile_texts_stay_text_and_no_style_is_inline() {
        let svg = chart(
            &[(day("2026-06-30"), Decimal::from(-3))],
            "<script>\u{0}&\"",
        )
        .unwrap();
        assert!(
            svg.contains("<title id=\"ab-t\">&lt;script&gt;&amp;&quot;</title>"),
            "{svg}"
        );
        assert!(!svg.contains("style=") && !svg.contains("NaN"), "{svg}");
    }

    #[test]
    fn any_range_of_scores_is_drawn_inside_the_canvas() {
        for (low, high) in [(0, 0), (-1_000_000_000, 1_000_000_000), (5, 6)] {
            let points = [
                (day("1900-01-01"), Decimal::from(low)),
                (day("9999-12-31"), Decimal::from(high)),
            ];
            let svg = chart(&points, "变化").unwrap();
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
            assert!(svg.matches("class=\"row\"").count() < 14, "{svg}");
        }
    }
}
