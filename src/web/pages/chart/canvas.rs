//! What all charts share: the frame, the width of text, the legend.

use std::fmt::{self, Write};

use super::About;
use crate::web::pages::svg::escaped;

/// Height of a line of the legend, and of a row's own label.
pub(super) const LINE: f64 = 20.0;
/// Series that differ in how they look; further ones begin again.
pub(super) const SERIES: usize = 6;

/// An id that is safe in an attribute.
pub(super) fn identifier(id: &str) -> String {
    id.chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect()
}

/// The opening of a drawing, with its name and description. `size` tells the two drawings of a chart apart.
pub(super) fn open(out: &mut String, about: About<'_>, width: f64, height: f64) -> fmt::Result {
    let id = name_of(about, width);
    write!(
        out,
        r#"<svg class="chart {class}" viewBox="0 0 {width} {height:.0}" role="img" aria-labelledby="{id}-t {id}-d"><title id="{id}-t">{}</title><desc id="{id}-d">{}</desc>"#,
        escaped(about.title),
        escaped(about.description),
        class = if is_wide(width) { "wide" } else { "narrow" },
    )
}

/// Ids of the two drawings of one chart differ.
pub(super) fn name_of(about: About<'_>, width: f64) -> String {
    let id = identifier(about.id);
    if is_wide(width) {
        id
    } else {
        format!("{id}-narrow")
    }
}

pub(super) fn is_wide(width: f64) -> bool {
    width >= super::WIDE
}

/// About how wide a text of 12 units is: a Chinese character is a square, a Latin one somewhat more than half.
pub(super) fn width_of(text: &str) -> f64 {
    let wide = |c: char| if c.is_ascii() { 7.0 } else { 12.0 };
    text.chars().filter(|c| !c.is_control()).map(wide).sum()
}

/// A text that fits, cut with an ellipsis where it does not: the table has the whole.
pub(super) fn fitted(text: &str, room: f64) -> String {
    if width_of(text) <= room {
        return escaped(text);
    }
    let mut kept = String::new();
    let mut used = 12.0;
    for c in text.chars().filter(|c| !c.is_control()) {
        used += width_of(c.encode_utf8(&mut [0; 4]));
        if used > room {
            break;
        }
        kept.push(c);
    }
    format!("{}…", escaped(&kept))
}

/// Where each entry of a legend stands, and how high the legend is.
pub(super) fn legend_places(names: &[&str], width: f64) -> (Vec<(f64, f64)>, f64) {
    let (mut x, mut y) = (0.0, 0.0);
    let mut places = Vec::with_capacity(names.len());
    for name in names {
        let wide = (34.0 + width_of(name) + 16.0).min(width);
        if x > 0.0 && x + wide > width {
            (x, y) = (0.0, y + LINE);
        }
        places.push((x, y));
        x += wide;
    }
    (places, y + LINE + 8.0)
}
