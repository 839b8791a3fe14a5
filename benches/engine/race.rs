//! Contenders in turns, medians, and the table.

use std::{
    fmt,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};

use super::outcome::Outcome;

/// How long it takes, and what comes of it.
pub fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let began = Instant::now();
    let done = std::hint::black_box(work());
    (began.elapsed(), done)
}

/// One round of a contender: how long it took, and what it arrived at (nothing, if it only marks a limit).
type Run<'a> = Box<dyn FnMut() -> anyhow::Result<(Duration, Option<Outcome>)> + 'a>;

struct Contender<'a> {
    job: &'static str,
    name: String,
    run: Run<'a>,
    times: Vec<Duration>,
}

/// Everybody who does the same jobs.
pub struct Race<'a> {
    records: usize,
    contenders: Vec<Contender<'a>>,
    /// The one of each job that the others are compared with.
    first: Vec<(&'static str, usize)>,
}

impl<'a> Race<'a> {
    pub fn new(records: usize) -> Self {
        Self {
            records,
            contenders: Vec::new(),
            first: Vec::new(),
        }
    }

    /// Enters the contender with which the others of the job are compared.
    pub fn enter_first(
        &mut self,
        job: &'static str,
        name: &str,
        work: impl FnMut() -> anyhow::Result<Outcome> + 'a,
    ) {
        self.first.push((job, self.contenders.len()));
        self.enter(job, name, work);
    }

    pub fn enter(
        &mut self,
        job: &'static str,
        name: &str,
        mut work: impl FnMut() -> anyhow::Result<Outcome> + 'a,
    ) {
        self.enter_timed(job, name, move || {
            let (time, outcome) = timed(&mut work);
            Ok((time, Some(outcome?)))
        });
    }

    /// Enters what does less than the job, to show a limit.
    pub fn enter_limit(&mut self, job: &'static str, name: &str, mut work: impl FnMut() + 'a) {
        self.enter_timed(job, name, move || Ok((timed(&mut work).0, None)));
    }

    /// Enters a contender that takes its own time.
    pub fn enter_timed(
        &mut self,
        job: &'static str,
        name: &str,
        run: impl FnMut() -> anyhow::Result<(Duration, Option<Outcome>)> + 'a,
    ) {
        self.contenders.push(Contender {
            job,
            name: name.to_owned(),
            run: Box::new(run),
            times: Vec::new(),
        });
    }

    /// Runs everybody in turns.
    ///
    /// # Errors
    /// If anybody arrives at another result than the first contender of the job did.
    pub fn run(&mut self, rounds: usize) -> anyhow::Result<()> {
        let mut expected: Vec<(&str, Outcome)> = Vec::new();
        // The first round warms everybody up and is not counted.
        for round in 0..=rounds {
            for contender in &mut self.contenders {
                let (time, outcome) = (contender.run)().with_context(|| contender.name.clone())?;
                if let Some(outcome) = outcome {
                    match expected.iter().find(|(job, _)| *job == contender.job) {
                        None => expected.push((contender.job, outcome)),
                        Some((job, known)) => ensure!(
                            *known == outcome,
                            "{job}: {} gives {outcome:?} instead of {known:?}",
                            contender.name
                        ),
                    }
                }
                if round > 0 {
                    contender.times.push(time);
                }
            }
        }
        Ok(())
    }

    fn line(&self, f: &mut fmt::Formatter<'_>, contender: &Contender<'_>) -> fmt::Result {
        let time = seconds(&contender.times);
        let best = contender.times.iter().min();
        let best = best.map_or(f64::NAN, |best| best.as_secs_f64() * 1e3);
        let ratio = self.compared_with(contender).map_or(f64::NAN, |first| {
            let pairs = contender.times.iter().zip(&first.times);
            median(pairs.map(|(own, first)| own.as_secs_f64() / first.as_secs_f64()))
        });
        writeln!(
            f,
            "{:<4}{:<44} {:>10.2} {best:>10.2} {:>12.2} {ratio:>10.2}",
            contender.job,
            contender.name,
            time * 1e3,
            self.records as f64 / time / 1e6,
        )
    }

    fn compared_with(&self, contender: &Contender<'_>) -> Option<&Contender<'_>> {
        let first = self.first.iter().find(|(job, _)| *job == contender.job);
        first.and_then(|(_, index)| self.contenders.get(*index))
    }
}

impl fmt::Display for Race<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (who, best, rate) = ("who", "best", "M records/s");
        writeln!(
            f,
            "{:<4}{who:<44} {:>10} {best:>10} {rate:>12} {:>10}",
            "job", "ms", "x the time"
        )?;
        for (job, _) in &self.first {
            for contender in self.contenders.iter().filter(|one| one.job == *job) {
                self.line(f, contender)?;
            }
        }
        Ok(())
    }
}

/// Prints one time by itself.
pub fn say(what: &str, times: &[Duration]) {
    let time = seconds(times);
    let shown = match time {
        ..1e-3 => format!("{:.1} µs", time * 1e6),
        _ => format!("{:.1} ms", time * 1e3),
    };
    println!("{what:<48} {shown:>12}");
}

pub fn seconds(times: &[Duration]) -> f64 {
    median(times.iter().map(Duration::as_secs_f64))
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
