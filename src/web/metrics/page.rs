//! The figures as text.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use prometheus::{GaugeVec, Opts, Registry, TextEncoder};

use super::{
    names::{self as n, known},
    requests::Requests,
};
use crate::service::{ConnectionCounts, figures::Figures, jobs::JobLine};

/// Figures as they are read.
#[derive(Default)]
struct Page {
    registry: Registry,
    gauges: BTreeMap<&'static str, GaugeVec>,
}

impl Page {
    fn set(&mut self, name: &'static str, labels: &[&str], value: f64) -> prometheus::Result<()> {
        let gauge = match self.gauges.get(name) {
            Some(gauge) => gauge.clone(),
            None => {
                let (help, labels) = known(name).map_or(("", &[][..]), |m| (m.help, m.labels));
                let gauge = GaugeVec::new(Opts::new(name, help), labels)?;
                self.registry.register(Box::new(gauge.clone()))?;
                self.gauges.insert(name, gauge.clone());
                gauge
            }
        };
        gauge.get_metric_with_label_values(labels)?.set(value);
        Ok(())
    }

    fn count(&mut self, name: &'static str, labels: &[&str], value: i64) -> prometheus::Result<()> {
        self.set(name, labels, value as f64)
    }

    fn flag(&mut self, name: &'static str, labels: &[&str], value: bool) -> prometheus::Result<()> {
        self.set(name, labels, f64::from(u8::from(value)))
    }

    fn feed(&mut self, figures: &Figures) -> prometheus::Result<()> {
        let feed = &figures.feed;
        // Each state is there, also with none in it: an alarm on what is absent never rings.
        for state in ["waiting", "batched", "accepted", "rejected", "superseded"] {
            for (kind, withdrawal) in [("withdrawal", true), ("other", false)] {
                let number = figures
                    .changes
                    .iter()
                    .filter(|(known, kind, _)| *known == state && *kind == withdrawal)
                    .map(|(_, _, number)| number)
                    .sum();
                self.count(n::CHANGES, &[state, kind], number)?;
            }
        }
        let oldest = feed.oldest_waiting_seconds.unwrap_or(0);
        self.count(n::OLDEST_WAITING, &[], oldest)?;
        for state in ["ready", "sending", "unknown", "busy", "refused"] {
            let of_state = feed.batches.iter().filter(|line| line.state == state);
            self.set(n::UNSETTLED, &[state], of_state.count() as f64)?;
        }
        self.set(n::UNKNOWN, &[], feed.unknown as f64)?;
        for class in ["DATA", "MAPPING", "AUTH", "TRANSIENT"] {
            let number = feed.rejects_by_class.get(class).copied().unwrap_or(0);
            self.set(n::REJECTS, &[class], number as f64)?;
        }
        self.flag(n::BREAKER, &[], feed.breaker.open_until.is_some())?;
        self.flag(n::FROZEN, &[], feed.frozen.is_some())?;
        let withdrawals = &feed.unconfirmed_withdrawals;
        for state in ["waiting", "batched", "rejected"] {
            let of_state = withdrawals.iter().filter(|line| line.state == state);
            self.set(n::WITHDRAWALS, &[state], of_state.count() as f64)?;
        }
        let ages = withdrawals.iter().map(|line| line.age_seconds);
        self.count(n::OLDEST_WITHDRAWAL, &[], ages.max().unwrap_or(0))?;
        self.flag(n::NOT_COMPARED, &[], figures.last_comparison_failed)?;
        if let Some((at, counts)) = &figures.compared {
            self.count(n::COMPARED, &[], at.timestamp())?;
            for (class, number) in [
                ("extra", counts.extra),
                ("missing", counts.missing),
                ("status_diff", counts.status_diff),
                ("stale_version", counts.stale_version),
                ("name_changed", counts.name_changed),
                ("field_diff", counts.field_diff),
            ] {
                self.count(n::DRIFT, &[class], number)?;
            }
        }
        Ok(())
    }

    fn job(&mut self, line: &JobLine, now: DateTime<Utc>) -> prometheus::Result<()> {
        let name = line.name;
        self.flag(n::JOB_OFF, &[name], line.off.is_some())?;
        self.flag(n::JOB_RUNNING, &[name], line.running.is_some())?;
        let late = line.next_run.map_or(0, |slot| (now - slot).num_seconds());
        self.count(n::JOB_LATE, &[name], late.max(0))?;
        let failures = i64::from(line.failures_in_a_row);
        self.count(n::JOB_FAILURES, &[name], failures)?;
        if let Some(at) = line.last_success {
            self.count(n::JOB_SUCCESS, &[name], at.timestamp())?;
        }
        if let Some(run) = &line.last_run {
            for outcome in ["done", "failed", "lost"] {
                self.flag(n::JOB_OUTCOME, &[name, outcome], run.outcome == outcome)?;
            }
            self.set(n::JOB_DURATION, &[name], run.duration_ms as f64 / 1000.0)?;
        }
        Ok(())
    }
}

/// The whole page; without figures the database did not answer.
pub(super) fn text(
    figures: Option<&Figures>,
    connections: ConnectionCounts,
    requests: Option<&Requests>,
    now: DateTime<Utc>,
) -> prometheus::Result<String> {
    let mut page = Page::default();
    page.set(n::BUILD, &[env!("CARGO_PKG_VERSION")], 1.0)?;
    page.flag(n::DATABASE_UP, &[], figures.is_some())?;
    page.set(n::CONNECTIONS, &["idle"], f64::from(connections.idle))?;
    page.set(n::CONNECTIONS, &["busy"], f64::from(connections.busy))?;
    page.set(n::CONNECTIONS_MAX, &[], f64::from(connections.most))?;
    if let Some(figures) = figures {
        page.feed(figures)?;
        for line in &figures.jobs {
            page.job(line, now)?;
        }
        for code in [
            "replay-difference",
            "feed-extra",
            "feed-drift",
            "feed-not-compared",
        ] {
            let alarm = figures.alarms.iter().find(|alarm| alarm.code == code);
            page.set(
                n::ALARMS,
                &[code],
                alarm.map_or(0.0, |one| one.count as f64),
            )?;
        }
    }
    let mut families = page.registry.gather();
    families.extend(requests.map(Requests::gather).unwrap_or_default());
    TextEncoder::new().encode_to_string(&families)
}
