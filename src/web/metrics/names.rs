//! Every figure there is. `docs/operations.md` has a row for each.

/// A figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    pub name: &'static str,
    pub labels: &'static [&'static str],
    pub help: &'static str,
}

const fn metric(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Metric {
    Metric { name, labels, help }
}

pub const BUILD: &str = "wuxin_build_info";
pub const DATABASE_UP: &str = "wuxin_database_up";
pub const CONNECTIONS: &str = "wuxin_database_connections";
pub const CONNECTIONS_MAX: &str = "wuxin_database_connections_max";
pub const REQUESTS: &str = "wuxin_http_requests_total";
pub const REQUEST_SECONDS: &str = "wuxin_http_request_duration_seconds";
pub const CHANGES: &str = "wuxin_feed_changes";
pub const OLDEST_WAITING: &str = "wuxin_feed_oldest_waiting_seconds";
pub const UNSETTLED: &str = "wuxin_feed_unsettled_batches";
pub const UNKNOWN: &str = "wuxin_feed_unknown_batches";
pub const REJECTS: &str = "wuxin_feed_open_rejects";
pub const BREAKER: &str = "wuxin_feed_breaker_open";
pub const FROZEN: &str = "wuxin_feed_frozen";
pub const WITHDRAWALS: &str = "wuxin_feed_unconfirmed_withdrawals";
pub const OLDEST_WITHDRAWAL: &str = "wuxin_feed_oldest_unconfirmed_withdrawal_seconds";
pub const COMPARED: &str = "wuxin_feed_last_comparison_timestamp_seconds";
pub const NOT_COMPARED: &str = "wuxin_feed_last_comparison_failed";
pub const DRIFT: &str = "wuxin_feed_drift";
pub const ALARMS: &str = "wuxin_alarms";
pub const JOB_OFF: &str = "wuxin_job_off";
pub const JOB_RUNNING: &str = "wuxin_job_running";
pub const JOB_LATE: &str = "wuxin_job_late_seconds";
pub const JOB_OUTCOME: &str = "wuxin_job_last_outcome";
pub const JOB_SUCCESS: &str = "wuxin_job_last_success_timestamp_seconds";
pub const JOB_DURATION: &str = "wuxin_job_last_duration_seconds";
pub const JOB_FAILURES: &str = "wuxin_job_failures_in_a_row";

/// All of them.
pub const METRICS: &[Metric] = &[
    metric(BUILD, &["version"], "1; the version is the label"),
    metric(DATABASE_UP, &[], "1: the database answered; 0: it did not"),
    metric(
        CONNECTIONS,
        &["state"],
        "connections of this process to the database, idle and busy",
    ),
    metric(
        CONNECTIONS_MAX,
        &[],
        "connections that this process may have",
    ),
    metric(
        REQUESTS,
        &["method", "route", "status"],
        "requests that were answered",
    ),
    metric(
        REQUEST_SECONDS,
        &["method", "route"],
        "how long answers took",
    ),
    metric(
        CHANGES,
        &["state", "kind"],
        "changes in the outbox; kind is withdrawal or other",
    ),
    metric(
        OLDEST_WAITING,
        &[],
        "age of the change that has waited longest; 0: none waits",
    ),
    metric(UNSETTLED, &["state"], "batches that are not settled"),
    metric(UNKNOWN, &[], "batches whose fate is not known"),
    metric(
        REJECTS,
        &["class"],
        "refused changes that no later one has replaced; counted up to 1000",
    ),
    metric(
        BREAKER,
        &[],
        "1: the platform is left alone for a while, it failed too often",
    ),
    metric(FROZEN, &[], "1: nothing may be sent"),
    metric(
        WITHDRAWALS,
        &["state"],
        "withdrawals that the platform has not confirmed",
    ),
    metric(
        OLDEST_WITHDRAWAL,
        &[],
        "age of the oldest withdrawal that is not confirmed; 0: there is none",
    ),
    metric(
        COMPARED,
        &[],
        "when the platform was last compared; absent: never",
    ),
    metric(
        NOT_COMPARED,
        &[],
        "1: the last comparison could not be made",
    ),
    metric(
        DRIFT,
        &["class"],
        "differences that the last comparison found",
    ),
    metric(
        ALARMS,
        &["code"],
        "alarms of GET /healthz, by how many things each is about",
    ),
    metric(JOB_OFF, &["job"], "1: it does not run by its schedule"),
    metric(JOB_RUNNING, &["job"], "1: it runs now"),
    metric(
        JOB_LATE,
        &["job"],
        "how long ago its first slot that is not done was; 0: none is due",
    ),
    metric(
        JOB_OUTCOME,
        &["job", "outcome"],
        "1 for how its last run ended: done, failed, lost",
    ),
    metric(
        JOB_SUCCESS,
        &["job"],
        "when its last run that was done ended; absent: never",
    ),
    metric(JOB_DURATION, &["job"], "how long its last run took"),
    metric(
        JOB_FAILURES,
        &["job"],
        "runs by its schedule that failed since the last that was done; counted up to 20",
    ),
];

/// The labels of a figure and its help.
pub(super) fn known(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}
