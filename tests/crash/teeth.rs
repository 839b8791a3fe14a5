//! The proof has teeth: each guarantee is broken on purpose, and a test of the proof must fail of it, saying why.
//!
//! Built with the feature `mutants`, the publisher carries the faults of `src/service/publish/mutants.rs`; `WUXIN_MUTANT`
//! names the one that acts. One build serves them all: this test runs its own program again, once for each.

use std::process::Command;

/// A fault, and the test that must find it.
struct Mutant {
    guarantee: &'static str,
    name: &'static str,
    test: &'static str,
    /// `WUXIN_MATRIX` of that test.
    cases: &'static str,
    /// What the test says when it fails.
    says: &'static str,
}

const MATRIX: &str = "matrix::killed_at_every_point_every_effect_reaches_the_platform_exactly_once";
const REVOKED: &str =
    "guarantees::g1_what_was_revoked_before_it_went_is_never_shown_and_its_tombstone_stands";
const LATE: &str =
    "guarantees::g3_g4_a_batch_of_unknown_fate_is_asked_about_twice_and_goes_again_as_the_same_one";
const REFUSED: &str =
    "guarantees::g6_a_refused_record_blocks_no_other_and_a_refused_withdrawal_alarms_at_once";

const fn mutant(
    guarantee: &'static str,
    name: &'static str,
    test: &'static str,
    cases: &'static str,
    says: &'static str,
) -> Mutant {
    Mutant {
        guarantee,
        name,
        test,
        cases,
        says,
    }
}

const COMPARED: &str =
    "guarantees::g9_what_the_platform_shows_is_compared_and_what_must_not_be_seen_is_taken_down";

const MUTANTS: [Mutant; 19] = [
    mutant("G1", "unlawful_state", REVOKED, "", "3 resurrected"),
    mutant(
        "G2",
        "by_create_time",
        "guarantees::g2_a_change_that_is_committed_after_a_later_one_went_is_sent",
        "",
        "a change was left behind",
    ),
    mutant("G3", "key_regenerated", LATE, "", "doubled"),
    mutant(
        "G4",
        "probe_dropped",
        LATE,
        "",
        "sent again after 0 answers",
    ),
    mutant(
        "G4",
        "first_absence_believed",
        LATE,
        "",
        "sent again after 1 answers",
    ),
    mutant(
        "G4",
        "marked_before_the_reply",
        MATRIX,
        "sent/fail_before_commit/add",
        "3 lost",
    ),
    mutant(
        "G5",
        "withdrawals_last",
        MATRIX,
        "leased/slow_publish/withdraw",
        "another batch went before the withdrawals",
    ),
    mutant("G5", "unsent_withdrawal_dropped", REVOKED, "", "3 lost"),
    mutant(
        "G5",
        "versions_together",
        "guarantees::g5_a_later_version_waits_while_an_earlier_one_is_of_unknown_fate",
        "",
        "version 2 did not wait",
    ),
    mutant(
        "G6",
        "rejected_blocks_others",
        REFUSED,
        "",
        "others were held up",
    ),
    mutant(
        "G6",
        "quiet_refusal",
        REFUSED,
        "",
        "nobody was told of the withdrawal",
    ),
    mutant(
        "G7",
        "zero_report_dropped",
        "guarantees::g7_an_empty_slot_is_reported_as_zero",
        "",
        "no report of zero",
    ),
    mutant(
        "G8",
        "fence_dropped",
        "guarantees::g8_a_publisher_that_was_paused_past_its_lease_sends_nothing",
        "",
        "it sent after its lease was lost",
    ),
    mutant(
        "G7",
        "missed_slot_left_out",
        "jobs::a_slot_that_was_missed_is_caught_up_once",
        "",
        "oldest first",
    ),
    mutant(
        "G9",
        "comparison_sees_nothing",
        COMPARED,
        "",
        "lost withdrawals were not found",
    ),
    mutant(
        "G9",
        "half_a_listing_compared",
        COMPARED,
        "",
        "a listing that broke off was compared",
    ),
    mutant(
        "G9",
        "extra_left_standing",
        COMPARED,
        "",
        "what must not be visible was left standing",
    ),
    mutant(
        "G9",
        "taken_for_seen",
        COMPARED,
        "",
        "called gone while it is still shown",
    ),
    // Found by the crashes too.
    mutant(
        "G4",
        "probe_dropped",
        MATRIX,
        "sent/drop_reply/*",
        "sent again after 0 answers",
    ),
];

/// Runs one test of this program; whether it passed, and what it said.
fn run(mutant: &Mutant, acts: bool) -> (bool, String) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", mutant.test, "--nocapture"])
        .env_remove("WUXIN_MUTANT")
        .env("WUXIN_MATRIX", mutant.cases);
    if acts {
        command.env("WUXIN_MUTANT", mutant.name);
    }
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(
        said.contains("running 1 test"),
        "there is no test {}",
        mutant.test
    );
    (output.status.success(), said)
}

#[test]
fn every_mutant_is_killed() {
    let mut survivors = Vec::new();
    let mut sound: Vec<(&str, &str)> = Vec::new();
    for mutant in &MUTANTS {
        if !sound.contains(&(mutant.test, mutant.cases)) {
            let (passed, said) = run(mutant, false);
            assert!(passed, "{} fails without a mutant:\n{said}", mutant.test);
            sound.push((mutant.test, mutant.cases));
        }
        let (passed, said) = run(mutant, true);
        let found = said.contains(mutant.says);
        if passed || !found {
            survivors.push(format!(
                "{} {}: passed {passed}, said {:?} {found}\n{said}",
                mutant.guarantee, mutant.name, mutant.says
            ));
        }
        println!(
            "{} {} -> {} {}: {:?}",
            mutant.guarantee,
            mutant.name,
            if passed || !found {
                "SURVIVES"
            } else {
                "killed by"
            },
            mutant.test,
            mutant.says
        );
    }
    assert!(survivors.is_empty(), "{}", survivors.join("\n"));
    for guarantee in 1..=9 {
        let name = format!("G{guarantee}");
        let broken = MUTANTS.iter().any(|mutant| mutant.guarantee == name);
        assert!(broken, "nothing breaks {name}");
    }
    println!("{} mutants, 0 survive", MUTANTS.len());
}
