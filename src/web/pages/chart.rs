//! Bars, stacked bars and lines as inline SVG, each with the table that says the same in figures.
//!
//! Looks come from classes in the style sheet, so that a strict content security policy holds. Nothing is told by
//! colour alone: bars carry their figure, series differ by pattern, dash and mark, and the table stands beside.
//! A chart is drawn twice, for a wide and for a narrow page; the style sheet shows one. Write it with
//! `{% call ui::chart(chart) %}{% endcall %}` of `pages/macros.html`.

mod bars;
mod canvas;
mod lines;

use rust_decimal::Decimal;

use super::{HOSTILE, Svg, Tone};

/// Width of the drawing for a wide page, in user units; text is 12 of them high.
const WIDE: f64 = 720.0;
/// Width of the drawing for a telephone.
const NARROW: f64 = 340.0;

/// A chart with its table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// Unique in the page: letters, digits and hyphens.
    pub id: String,
    pub title: String,
    pub wide: Svg,
    pub narrow: Svg,
    /// Headings of the table: what a row is, then each column of figures.
    pub head: Vec<String>,
    pub rows: Vec<ChartRow>,
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartRow {
    pub label: String,
    /// As many as the head has after its first; `—` where there is no figure.
    pub cells: Vec<String>,
}

/// What every chart says about itself.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// Unique in the page; letters, digits and hyphens, anything else is dropped.
    pub id: &'a str,
    pub title: &'a str,
    /// What a reader who does not see it should know, in a sentence.
    pub description: &'a str,
    /// What a row of the table is: `等级`, `月份`.
    pub of: &'a str,
    /// What the figures count: `企业（家）`, `比率（%）`.
    pub figures: &'a str,
}

/// One bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    pub label: String,
    /// Its length; below zero it has none, and its figure stands.
    pub value: Decimal,
    /// The figure as text: `12 家（30.0%）`.
    pub shown: String,
    pub tone: Tone,
}

/// One bar of parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack {
    pub label: String,
    /// One a series; what is missing counts as none.
    pub parts: Vec<Decimal>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub name: String,
    /// One a column; `None` leaves a gap.
    pub values: Vec<Option<Decimal>>,
}

impl Chart {
    /// Bars beside each other, from zero; `None` without a bar.
    pub fn bars(about: About<'_>, bars: &[Bar]) -> Option<Self> {
        let draw = |width| bars::bars(about, bars, width);
        let rows = bars.iter().map(|bar| ChartRow {
            label: bar.label.clone(),
            cells: vec![bar.shown.clone()],
        });
        Self::of(
            about,
            vec![about.of.to_owned(), about.figures.to_owned()],
            rows.collect(),
            draw,
        )
    }

    /// Bars whose parts are those of up to six series; `None` without a bar or a series.
    pub fn stacked(about: About<'_>, series: &[String], stacks: &[Stack]) -> Option<Self> {
        if series.is_empty() {
            return None;
        }
        let draw = |width| bars::stacked(about, series, stacks, width);
        let rows = stacks.iter().map(|stack| ChartRow {
            label: stack.label.clone(),
            cells: (0..series.len())
                .map(|at| stack.parts.get(at).map_or_else(none, shown))
                .collect(),
        });
        let head = std::iter::once(about.of.to_owned()).chain(series.iter().cloned());
        Self::of(about, head.collect(), rows.collect(), draw)
    }

    /// Up to four lines over the same columns, the axis from zero; `None` without a column or a figure.
    pub fn lines(about: About<'_>, columns: &[String], lines: &[Line]) -> Option<Self> {
        if !lines
            .iter()
            .any(|line| line.values.iter().any(Option::is_some))
        {
            return None;
        }
        let draw = |width| lines::lines(about, columns, lines, width);
        let cell = |line: &Line, at: usize| match line.values.get(at) {
            Some(Some(value)) => shown(value),
            _ => none(),
        };
        let rows = columns.iter().enumerate().map(|(at, column)| ChartRow {
            label: column.clone(),
            cells: lines.iter().map(|line| cell(line, at)).collect(),
        });
        let names = lines.iter().map(|line| line.name.clone());
        let head = std::iter::once(about.of.to_owned()).chain(names);
        Self::of(about, head.collect(), rows.collect(), draw)
    }

    fn of(
        about: About<'_>,
        head: Vec<String>,
        rows: Vec<ChartRow>,
        draw: impl Fn(f64) -> Result<String, std::fmt::Error>,
    ) -> Option<Self> {
        if rows.is_empty() {
            return None;
        }
        Some(Self {
            id: canvas::identifier(about.id),
            title: about.title.to_owned(),
            // Writing into a string does not fail.
            wide: Svg(draw(WIDE).ok()?),
            narrow: Svg(draw(NARROW).ok()?),
            head,
            rows,
        })
    }

    /// One of each kind, and one with hostile text.
    pub fn samples() -> Vec<Self> {
        let about = |id, title, of, figures| About {
            id,
            title,
            description: "示例数据，与任何企业无关。",
            of,
            figures,
        };
        let bar = |label: &str, value: i64, tone| Bar {
            label: label.to_owned(),
            value: Decimal::from(value),
            shown: format!("{value} 家"),
            tone,
        };
        let grades = [
            bar("AAA 信用优秀", 12, Tone::Good),
            bar("AA 信用良好", 31, Tone::Good),
            bar("A 信用较好", 0, Tone::Fair),
            bar("B 信用一般", 7, Tone::Poor),
            bar("C 信用较差", 2, Tone::Bad),
        ];
        let hostile = [bar(HOSTILE, -3, Tone::Plain)];
        let texts = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let stack = |label: &str, parts: &[i64]| Stack {
            label: label.to_owned(),
            parts: parts.iter().copied().map(Decimal::from).collect(),
        };
        let series: Vec<String> = texts(&["维修养护", "收费", "安全", "其他"]);
        let stacks = [
            stack("雁江区", &[41, 17, 9, 3]),
            stack("安岳县", &[18, 20, 0]),
            stack("乐至县", &[]),
        ];
        let months: Vec<String> = (1..=12).map(|month| format!("2026-{month:02}")).collect();
        let line = |name: &str, values: &[i64]| Line {
            name: name.to_owned(),
            values: values
                .iter()
                .map(|value| (*value >= 0).then(|| Decimal::new(*value, 1)))
                .collect(),
        };
        let lines = [
            line("受理率", &[912, 930, 941, -1, 955, 960, 958, 971]),
            line("处理率", &[640, 702, 688, -1, 731, 745, 790, 812]),
        ];
        [
            Self::bars(about("grades", "等级分布", "等级", "企业（家）"), &grades),
            Self::bars(about("hostile", HOSTILE, "等级", "企业（家）"), &hostile),
            Self::stacked(about("kinds", "投诉类别", "县区", "件"), &series, &stacks),
            Self::lines(about("rates", "投诉办理", "月份", "%"), &months, &lines),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn none() -> String {
    "—".to_owned()
}

fn shown(value: &Decimal) -> String {
    value.normalize().to_string()
}

#[cfg(test)]
mod tests;
