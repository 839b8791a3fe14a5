//! Lines over columns: each with a dash and a mark of its own.

use std::fmt::{self, Write};

use super::{
    About, Line,
    canvas::{fitted, legend_places, open, width_of},
};
use crate::web::pages::svg::{escaped, number, step_of};

const PLOT: f64 = 200.0;
const BOTTOM: f64 = 26.0;
const RIGHT: f64 = 20.0;
/// Looks of lines; further ones begin again.
const STYLES: usize = 4;

struct Plot {
    left: f64,
    right: f64,
    top: f64,
    /// Of the whole drawing.
    width: f64,
    high: f64,
    columns: usize,
}

impl Plot {
    #[expect(clippy::cast_precision_loss, reason = "columns of a page")]
    fn x(&self, column: usize) -> f64 {
        let steps = self.columns.saturating_sub(1).max(1) as f64;
        let share = match self.columns {
            1 => 0.5,
            _ => column as f64 / steps,
        };
        self.left + share * (self.right - self.left)
    }

    fn y(&self, value: f64) -> f64 {
        self.top + PLOT - (value / self.high).clamp(0.0, 1.0) * PLOT
    }
}

pub(super) fn lines(
    about: About<'_>,
    columns: &[String],
    lines: &[Line],
    width: f64,
) -> Result<String, fmt::Error> {
    let values = lines.iter().flat_map(|line| line.values.iter().flatten());
    let most = values.map(|value| number(*value)).fold(0.0, f64::max);
    let step = step_of(most.max(1.0));
    let high = ((most.max(1.0)) / step).ceil() * step;
    let names: Vec<&str> = lines.iter().map(|line| line.name.as_str()).collect();
    let (places, legend) = legend_places(&names, width);
    // Half of a name of a column sticks out beyond the first and the last mark.
    let longest = columns
        .iter()
        .map(|name| width_of(name))
        .fold(0.0, f64::max);
    let margin = (longest / 2.0 + 2.0).clamp(RIGHT, width / 5.0);
    let plot = Plot {
        left: (width_of(&high.to_string()) + 14.0).max(margin),
        right: width - margin,
        width,
        top: legend + 12.0,
        high,
        columns: columns.len(),
    };
    let mut out = String::new();
    open(&mut out, about, width, plot.top + PLOT + BOTTOM)?;
    for ((place, name), at) in places.iter().zip(&names).zip(0..) {
        let (x, y, style) = (place.0, place.1 + 9.0, at % STYLES);
        let end = x + 26.0;
        write!(
            out,
            r#"<path class="series l{style}" d="M{x:.1} {y:.1}H{end:.1}"/>"#
        )?;
        mark(&mut out, style, x + 13.0, y)?;
        let (x, y, name) = (x + 34.0, y + 4.0, escaped(name));
        write!(out, r#"<text x="{x:.1}" y="{y:.1}">{name}</text>"#)?;
    }
    rows(&mut out, &plot, step)?;
    dates(&mut out, &plot, columns)?;
    for (at, line) in lines.iter().enumerate() {
        series(&mut out, &plot, line, at % STYLES)?;
    }
    out.push_str("</svg>");
    Ok(out)
}

fn rows(out: &mut String, plot: &Plot, step: f64) -> fmt::Result {
    let mut value = 0.0;
    while value <= plot.high + step * 0.01 {
        let (left, right, y) = (plot.left, plot.right, plot.y(value));
        let (x, base) = (left - 8.0, y + 4.0);
        write!(
            out,
            r#"<line class="row" x1="{left:.1}" y1="{y:.1}" x2="{right:.1}" y2="{y:.1}"/><text class="tick" x="{x:.1}" y="{base:.1}" text-anchor="end">{value}</text>"#
        )?;
        value += step;
    }
    Ok(())
}

/// Names of columns, as many as have room; the last is always there.
fn dates(out: &mut String, plot: &Plot, columns: &[String]) -> fmt::Result {
    let longest = columns
        .iter()
        .map(|name| width_of(name))
        .fold(0.0, f64::max);
    let room = (plot.x(1) - plot.x(0)).max(1.0);
    let mut every = 1_usize;
    let mut reach = room;
    while reach < longest + 12.0 && every < columns.len() {
        every += 1;
        reach += room;
    }
    let y = plot.top + PLOT + 19.0;
    let last = columns.len().saturating_sub(1);
    for (at, name) in columns.iter().enumerate() {
        if !(last - at).is_multiple_of(every) {
            continue;
        }
        let x = plot.x(at);
        let anchor = match at {
            _ if columns.len() == 1 => "middle",
            _ if x - longest / 2.0 < 0.0 => "start",
            _ if x + longest / 2.0 > plot.width => "end",
            _ => "middle",
        };
        let name = fitted(name, plot.right);
        write!(
            out,
            r#"<text class="tick" x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{name}</text>"#
        )?;
    }
    Ok(())
}

fn series(out: &mut String, plot: &Plot, line: &Line, style: usize) -> fmt::Result {
    let mut path = String::new();
    let mut drawing = false;
    let mut last = None;
    let points = line.values.iter().take(plot.columns).enumerate();
    for (at, value) in points.clone() {
        let Some(value) = value else {
            drawing = false;
            continue;
        };
        let (x, y) = (plot.x(at), plot.y(number(*value)));
        let pen = if drawing { 'L' } else { 'M' };
        write!(path, "{pen}{x:.1} {y:.1}")?;
        drawing = true;
        last = Some((x, y, value.normalize()));
    }
    write!(out, r#"<path class="series l{style}" d="{path}"/>"#)?;
    for (at, value) in points {
        if let Some(value) = value {
            mark(out, style, plot.x(at), plot.y(number(*value)))?;
        }
    }
    let Some((x, y, value)) = last else {
        return Ok(());
    };
    let (x, y) = (x + RIGHT.min(plot.width - x), (y - 9.0).max(12.0));
    write!(
        out,
        r#"<text class="value" x="{x:.1}" y="{y:.1}" text-anchor="end">{value}</text>"#
    )
}

fn mark(out: &mut String, style: usize, x: f64, y: f64) -> fmt::Result {
    match style {
        0 => write!(
            out,
            r#"<circle class="point l0" cx="{x:.1}" cy="{y:.1}" r="3.5"/>"#
        ),
        1 => {
            let (x, y) = (x - 3.5, y - 3.5);
            write!(
                out,
                r#"<rect class="point l1" x="{x:.1}" y="{y:.1}" width="7" height="7"/>"#
            )
        }
        2 => {
            let y = y - 5.0;
            write!(
                out,
                r#"<path class="point l2" d="M{x:.1} {y:.1}l5 5l-5 5l-5 -5z"/>"#
            )
        }
        _ => {
            let y = y - 5.0;
            write!(
                out,
                r#"<path class="point l3" d="M{x:.1} {y:.1}l5 9h-10z"/>"#
            )
        }
    }
}
