//! Rounds, medians, and the table.

use std::{
    fmt,
    time::{Duration, Instant},
};

/// What one thing and its baseline did.
#[derive(Debug)]
struct Line {
    what: String,
    unit: &'static str,
    own: f64,
    baseline: (&'static str, f64),
    /// Median of the ratios of the rounds, own to baseline.
    ratio: f64,
}

/// Everything measured, as it is printed.
#[derive(Debug, Default)]
pub struct Table(Vec<Line>);

/// Times of a thing and of its baseline, taken in turns.
#[derive(Debug, Default)]
pub struct Rounds {
    own: Vec<Duration>,
    baseline: Vec<Duration>,
}

/// How long it takes, and what comes of it.
pub fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let began = Instant::now();
    let done = std::hint::black_box(work());
    (began.elapsed(), done)
}

impl Rounds {
    pub fn add(&mut self, own: Duration, baseline: Duration) {
        self.own.push(own);
        self.baseline.push(baseline);
    }
}

impl Table {
    /// Adds a line: `count` units were done in each round.
    pub fn line(
        &mut self,
        what: impl Into<String>,
        unit: &'static str,
        count: usize,
        baseline: &'static str,
        rounds: &Rounds,
    ) {
        let rate = |times: &[Duration]| median(times.iter().map(|time| per_second(count, *time)));
        let ratios = rounds.own.iter().zip(&rounds.baseline);
        let ratio =
            median(ratios.map(|(own, baseline)| baseline.as_secs_f64() / own.as_secs_f64()));
        self.0.push(Line {
            what: what.into(),
            unit,
            own: rate(&rounds.own),
            baseline: (baseline, rate(&rounds.baseline)),
            ratio,
        });
    }
}

fn per_second(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64().max(f64::EPSILON)
}

/// The middle one; the mean of the two in the middle.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<46} {:>12} {:<10} {:>12}  {:<28} {:>8}",
            "what", "per second", "unit", "per second", "baseline", "ratio"
        )?;
        for line in &self.0 {
            write!(f, "{:<46} {:>12.0} {:<10}", line.what, line.own, line.unit)?;
            let (name, rate) = line.baseline;
            write!(f, " {rate:>12.0}  {name:<28}")?;
            // As 1:n where the baseline is the faster one.
            let ratio = if line.ratio < 1.0 {
                format!("1:{:.1}", 1.0 / line.ratio)
            } else {
                format!("{:.1}:1", line.ratio)
            };
            writeln!(f, " {ratio:>8}")?;
        }
        Ok(())
    }
}
