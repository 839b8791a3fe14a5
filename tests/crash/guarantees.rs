//! What the feed guarantees, one test each, where a crash is not what endangers it (`matrix` has the crashes).

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use wuxin::{
    clock::Clock,
    config::Settings,
    domain::Uscc,
    service::{App, PublishReport, Publisher, Reconciled, Scope, reconcile_nightly},
};

use crate::{
    judge::{Verdict, judge},
    matrix::{Place, in_a_file, standing, stands_still},
    program::Platform,
    stage::{ENTRIES, Op, Wanted, drive, repair, revoke_all, settings_on},
};

/// A publisher in this process and a real platform.
struct Desk {
    place: Place,
    platform: Platform,
    settings: Settings,
    app: Arc<App>,
    runtime: tokio::runtime::Runtime,
}

impl Desk {
    fn new(op: Op) -> Self {
        let place = in_a_file(op);
        let platform = Platform::start(place.folder.path(), "127.0.0.1:0");
        let settings = settings_on(&place.database, &platform.url());
        let app = Arc::new(App::open(&settings).unwrap());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        Self {
            place,
            platform,
            settings,
            app,
            runtime,
        }
    }

    fn run(&self, scope: Scope, at: DateTime<Utc>) -> PublishReport {
        let publisher = Publisher::new(&self.settings.publish).unwrap();
        let now = move || at;
        let report = publisher.run(&self.app, scope, &now);
        self.runtime.block_on(report).unwrap()
    }

    fn compare(&self, at: DateTime<Utc>) -> Reconciled {
        let publisher = Publisher::new(&self.settings.publish).unwrap();
        let now = move || at;
        let run = reconcile_nightly(&self.app, &publisher, &now);
        self.runtime.block_on(run).unwrap()
    }

    fn drive(&self, from: DateTime<Utc>) -> Vec<String> {
        self.runtime
            .block_on(drive(&self.app, &self.settings, from))
    }

    fn judge(&self, wanted: impl Fn(usize) -> Wanted) -> Verdict {
        judge(&self.app, &self.platform.ledger(), wanted)
    }

    /// How often a batch was sent.
    fn sends(&self) -> usize {
        let ledger = self.platform.ledger();
        let requests = ledger["requests"].as_array().unwrap();
        requests
            .iter()
            .filter(|request| request["method"] == "POST" && request["key"].is_string())
            .count()
    }
}

const NOTHING: [String; 0] = [];

#[test]
fn g1_what_was_revoked_before_it_went_is_never_shown_and_its_tombstone_stands() {
    let desk = Desk::new(Op::WithdrawUnsent);
    assert_eq!(desk.drive(Clock::System.now()), NOTHING);
    let verdict = desk.judge(|number| Op::WithdrawUnsent.wanted(number));
    assert_eq!(verdict.faults, NOTHING);
}

#[test]
fn g2_a_change_that_is_committed_after_a_later_one_went_is_sent() {
    let desk = Desk::new(Op::Add);
    let now = Clock::System.now();
    assert_eq!(desk.run(Scope::Now, now).accepted, ENTRIES);
    // Its event is older than the batch: the transaction took its time.
    let ledger = desk.platform.ledger();
    repair(
        &desk.app,
        ledger["records"][0]["record_id"].as_str().unwrap(),
    );
    let report = desk.run(Scope::Now, now + TimeDelta::minutes(1));
    assert_eq!(report.accepted, 1, "a change was left behind: {report:?}");
}

#[test]
fn g3_g4_a_batch_of_unknown_fate_is_asked_about_twice_and_goes_again_as_the_same_one() {
    let desk = Desk::new(Op::Add);
    // It answers an error, says twice that it has nothing, and then commits all the same.
    desk.platform.switch("late_commit", "4", "submit");
    let began = Clock::System.now();
    assert_eq!(desk.drive(began), NOTHING);
    assert_eq!(
        desk.sends(),
        2,
        "the platform committed before it was asked"
    );
    let passed = (Clock::System.now() - began).to_std().unwrap();
    std::thread::sleep(Duration::from_millis(5_000).saturating_sub(passed));
    let verdict = desk.judge(|number| Op::Add.wanted(number));
    assert_eq!(verdict.faults, NOTHING);
}

#[test]
fn g5_a_later_version_waits_while_an_earlier_one_is_of_unknown_fate() {
    let desk = Desk::new(Op::Add);
    desk.platform.switch("drop_reply", "", "submit");
    let now = Clock::System.now();
    assert_eq!(desk.run(Scope::Now, now).waiting, 1);
    revoke_all(&desk.app);
    let report = desk.run(Scope::Now, now + TimeDelta::milliseconds(1));
    assert_eq!(
        (report.sends, report.probes),
        (0, 0),
        "version 2 did not wait: {report:?}"
    );
    assert_eq!(desk.drive(now + TimeDelta::hours(1)), NOTHING);
    let verdict = desk.judge(|number| Op::WithdrawInDoubt.wanted(number));
    assert_eq!(verdict.faults, NOTHING);
}

#[test]
fn g6_a_refused_record_blocks_no_other_and_a_refused_withdrawal_alarms_at_once() {
    let desk = Desk::new(Op::WithdrawAndUpdate);
    let refused = Uscc::complete(&format!("91512002EX{:07}", 0)).unwrap();
    desk.platform
        .switch("reject_uscc", refused.as_str(), "submit");
    let report = desk.run(Scope::Now, Clock::System.now());
    assert_eq!(
        (report.accepted, report.rejected),
        (ENTRIES - 1, 1),
        "others were held up: {report:?}"
    );
    assert_eq!(
        report.alarms.len(),
        1,
        "nobody was told of the withdrawal: {report:?}"
    );
}

#[test]
fn g7_an_empty_slot_is_reported_as_zero() {
    let desk = Desk::new(Op::Add);
    let now = Clock::System.now();
    assert_eq!(desk.run(Scope::Slot, now).accepted, ENTRIES);
    let report = desk.run(Scope::Slot, now + TimeDelta::days(1));
    assert_eq!(report.sends, 1, "no report of zero: {report:?}");
    let ledger = desk.platform.ledger();
    let empty = ledger["batches"]
        .as_object()
        .unwrap()
        .values()
        .filter(|batch| batch["receipts"].as_array().unwrap().is_empty());
    assert_eq!(empty.count(), 1);
    assert_eq!(
        desk.run(Scope::Now, now + TimeDelta::days(2)).sends,
        0,
        "out of a slot nothing is reported"
    );
}

#[test]
fn g8_a_publisher_that_was_paused_past_its_lease_sends_nothing() {
    let desk = Desk::new(Op::Add);
    let stands = desk.place.folder.path().join("stands");
    let url = desk.platform.url();
    // A real process, which has chosen what to send and then stands still.
    let mut paused = standing(&desk.place, &url, "chosen", &stands);
    assert!(stands_still(&mut paused, &stands));
    // Six minutes later another one acts, and does not learn what became of its batch.
    desk.platform.switch("drop_reply", "", "submit");
    let later = Clock::System.now() + TimeDelta::minutes(6);
    let report = desk.run(Scope::Now, later);
    assert_eq!((report.sends, report.waiting), (1, 1), "{report:?}");
    std::fs::remove_file(&stands).unwrap();
    let status = paused.end(Duration::from_secs(60));
    assert_eq!(desk.sends(), 1, "it sent after its lease was lost");
    assert!(!status.success(), "{status}");
    assert_eq!(desk.drive(later + TimeDelta::hours(1)), NOTHING);
    let verdict = desk.judge(|number| Op::Add.wanted(number));
    assert_eq!(verdict.faults, NOTHING);
}

#[test]
fn g9_what_the_platform_shows_is_compared_and_what_must_not_be_seen_is_taken_down() {
    let desk = Desk::new(Op::Withdraw);
    let now = Clock::System.now();
    desk.platform.switch("lose_delete", "", "submit");
    assert_eq!(desk.run(Scope::Now, now).accepted, ENTRIES);
    // Confirmed is not gone.
    let minutes = |number| now + TimeDelta::minutes(number);
    assert_eq!(
        desk.run(Scope::Now, minutes(2)).seen,
        0,
        "called gone while it is still shown"
    );
    desk.platform.heal();
    desk.platform.switch("truncate", "", "query");
    let broken = desk.compare(minutes(3));
    assert!(
        broken.comparison.failed.is_some() && broken.found.is_empty(),
        "a listing that broke off was compared"
    );
    desk.platform.heal();
    let found = desk.compare(minutes(4));
    assert_eq!(
        found.found.len(),
        ENTRIES,
        "lost withdrawals were not found"
    );
    assert_eq!(
        found.repairs, ENTRIES,
        "what must not be visible was left standing"
    );
    let after = desk.compare(minutes(5));
    assert!(after.found.is_empty() && after.is_clean(), "{after:?}");
    let verdict = desk.judge(|number| Op::Withdraw.wanted(number));
    let lost = |fault: &&String| fault.contains("resurrected");
    assert_eq!(verdict.faults.iter().find(lost), None);
}
