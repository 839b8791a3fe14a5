//! Entries in every state, and a step of every kind.

use super::*;

/// A step with content that suits an entry and an instant; the papers are those of 4 March and of the decision's day.
pub(super) fn action(name: &str, entry: &Entry, when: &str) -> Action {
    let reason = text("理由");
    let number = text(&format!("{name}1号"));
    let digest = digest();
    match name {
        "review" => Action::Review { opinion: reason },
        "drop" => Action::Drop { reason },
        "issue_notice" => Action::IssueNotice { number, digest },
        "serve_notice" => Action::ServeNotice {
            method: Method::Direct,
            delivered_on: day("2026-03-04"),
            proof: text("送达回证"),
        },
        "receive" | "ask_hearing" => Action::ReceiveStatement {
            kind: match name {
                "receive" => SubmissionKind::Statement,
                _ => SubmissionKind::Hearing,
            },
            // One number a statement.
            number: text(&format!("{name}{}号", entry.version)),
            received_on: day("2026-03-05"),
            digest,
        },
        "hold_hearing" => Action::HoldHearing {
            number: waiting(entry),
            held_on: day("2026-03-06"),
            minutes: text("听证笔录"),
            digest,
        },
        "answer" => Action::AnswerStatement {
            number: waiting(entry),
            answer: number,
            adopted: false,
            reason,
            digest,
        },
        "waive" => Action::Waive { number, digest },
        "decide" => Action::Decide(Box::new(draft(entry, when))),
        "decide_not" => Action::DecideNot { reason },
        "approve_higher" => Action::ApproveHigher {
            organ: text("示例省住房和城乡建设厅"),
            number,
            digest,
        },
        "serve_decision" => Action::ServeDecision(DecisionService {
            method: Method::Direct,
            delivered_on: day("2026-03-12"),
            proof: text("送达回证"),
            repair_notice: Some(text("示例修复告知〔2026〕1号")),
        }),
        "publish" => Action::Publish {
            exceptionally: None,
            digest,
        },
        "dispute" => Action::Dispute {
            number,
            joint: false,
        },
        "reject" | "uphold" => Action::SettleDispute {
            answer: reason,
            upheld: name == "uphold",
        },
        "correct" => Action::Correct {
            correction: Correction {
                reason: Some(text("列入事由（更正）")),
                ..Correction::default()
            },
            explanation: reason,
            number,
            digest,
        },
        "shield" => Action::Shield {
            cause: ShieldCause::Stay,
            document: text("停止执行裁定"),
            digest: Some(digest),
        },
        "exclude" => Action::Shield {
            cause: ShieldCause::Excluded {
                by: uuid::Uuid::from_u128(9),
            },
            document: text("已被列入失信类名单"),
            digest: None,
        },
        "unshield" => Action::Unshield { reason },
        "ask_repair" => Action::RequestExit {
            exit: Exit::Repaired {
                application: number,
                fulfilment: text("已整改"),
                commitment: text("信用承诺书"),
                received_on: None,
            },
        },
        "ask_revoke" => Action::RequestExit {
            exit: Exit::Revoked {
                explanation: reason,
                cause: Some(RevocationCause::Annulled),
                known_on: None,
            },
        },
        "accept" => Action::AcceptRepair { number },
        "extend" => Action::ExtendRepair { reason },
        "approve" => Action::ApproveExit { number, digest },
        "refuse" => Action::RefuseExit { reason },
        "ask_restoration" => Action::RequestRestoration {
            fraud: text("验收记录系伪造"),
            digest,
        },
        "restore" => Action::Restore {
            number,
            reason,
            digest,
        },
        "refuse_restoration" => Action::RefuseRestoration { reason },
        "expire" => Action::Expire,
        other => panic!("no action {other}"),
    }
}

/// Number of the statement that waits for something; any, where none does.
fn waiting(entry: &Entry) -> Text {
    let number = match &entry.state {
        State::Noticed(noticed) => noticed.unanswered().map(|one| one.number.clone()),
        _ => None,
    };
    number.unwrap_or_else(|| text("无此编号"))
}

/// A complete decision that tells the statements as the file has them.
pub(super) fn draft(entry: &Entry, when: &str) -> DecisionParts {
    let words = |raw: &str| Some(raw.to_owned());
    let submissions = match &entry.state {
        State::Noticed(noticed) => noticed.submissions.clone(),
        _ => Vec::new(),
    };
    let answers: Vec<HeardOne> = submissions
        .into_iter()
        .filter_map(|one| {
            one.answer.map(|answer| HeardOne {
                statement: one.number,
                answer: answer.number,
                adopted: answer.adopted,
            })
        })
        .collect();
    DecisionParts {
        number: words("示例决定〔2026〕1号"),
        facts: words("经检查，三个项目未按约定提供服务"),
        evidence: Some(vec!["检查记录1号".to_owned(), "评分说明".to_owned()]),
        reason: words("列入事由"),
        clauses: Some(vec!["示例办法第二十条".to_owned()]),
        severity: Some(Severity::General),
        term: None,
        measures: Some(vec![MeasureParts {
            measure: words("列为重点监管对象"),
            catalogue: words("第十一项"),
        }]),
        removal: words("公示期满自动移出；最短公示期满并完成整改的，可以申请提前移出"),
        repair: Some(RepairParts {
            route: words("向信用中国网站申请"),
            notice: words("示例修复告知〔2026〕1号"),
        }),
        heard: Some(match answers.is_empty() {
            true => Heard::Nothing,
            false => Heard::Each { answers },
        }),
        remedies: Some(RemedyParts {
            review_organ: words("示例市人民政府"),
            review_days: Some(REVIEW_DAYS),
            court: words("示例市人民法院"),
            lawsuit_months: Some(LAWSUIT_MONTHS),
        }),
        organ: words("示例市住房和城乡建设局"),
        dated: Some(Day::of(at(when))),
        seal: words("示例市住房和城乡建设局"),
        digest: Some(digest()),
    }
}

/// Who takes a step when the samples are built; one person a role.
pub(super) fn role_of(action: &str) -> Role {
    match action {
        "review" | "accept" | "answer" => Role::LegalReviewer,
        "drop" | "decide" | "decide_not" | "reject" | "uphold" | "correct" | "unshield"
        | "extend" | "approve" | "refuse" | "restore" | "refuse_restoration" => Role::Decider,
        "publish" => Role::Publisher,
        "expire" | "exclude" => Role::System,
        _ => Role::Officer,
    }
}

const NOTICED: &[&str] = &["review", "issue_notice", "serve_notice"];
const T0: &str = "2026-03-04 17:00";
const T1: &str = "2026-03-12 00:00";
const T3: &str = "2026-06-13 00:00";
const T5: &str = "2027-03-13 00:00";

/// Name; the steps that lead there, by instant.
type Sample = (
    &'static str,
    &'static [(&'static str, &'static [&'static str])],
);

/// Every state, and the half-way ones.
pub(super) const SAMPLES: &[Sample] = &[
    ("proposed", &[]),
    ("reviewed", &[(T0, &["review"])]),
    ("issued", &[(T0, &["review", "issue_notice"])]),
    ("noticed", &[(T0, NOTICED)]),
    ("statement", &[(T0, NOTICED), (LATER, &["receive"])]),
    (
        "answered",
        &[(T0, NOTICED), (LATER, &["receive", "answer"])],
    ),
    ("hearing asked", &[(T0, NOTICED), (LATER, &["ask_hearing"])]),
    (
        "hearing held",
        &[(T0, NOTICED), (LATER, &["ask_hearing", "hold_hearing"])],
    ),
    ("waived", &[(T0, NOTICED), (LATER, &["waive"])]),
    ("decided", &[(T0, NOTICED), (T1, &["decide"])]),
    (
        "decided, revocation asked",
        &[(T0, NOTICED), (T1, &["decide", "ask_revoke"])],
    ),
    (
        "served",
        &[(T0, NOTICED), (T1, &["decide", "serve_decision"])],
    ),
    (
        "served, revocation asked",
        &[
            (T0, NOTICED),
            (T1, &["decide", "serve_decision", "ask_revoke"]),
        ],
    ),
    ("public", &[(T0, NOTICED), (T1, PUBLIC)]),
    (
        "disputed",
        &[(T0, NOTICED), (T1, PUBLIC), (T1, &["dispute"])],
    ),
    (
        "upheld",
        &[(T0, NOTICED), (T1, PUBLIC), (T1, &["dispute", "uphold"])],
    ),
    (
        "repair asked",
        &[(T0, NOTICED), (T1, PUBLIC), (T3, &["ask_repair"])],
    ),
    (
        "repair accepted",
        &[(T0, NOTICED), (T1, PUBLIC), (T3, &["ask_repair", "accept"])],
    ),
    (
        "repair extended",
        &[
            (T0, NOTICED),
            (T1, PUBLIC),
            (T3, &["ask_repair", "accept", "extend"]),
        ],
    ),
    (
        "revocation asked",
        &[(T0, NOTICED), (T1, PUBLIC), (T1, &["ask_revoke"])],
    ),
    (
        "shielded",
        &[(T0, NOTICED), (T1, PUBLIC), (T1, &["shield"])],
    ),
    (
        "excluded",
        &[(T0, NOTICED), (T1, PUBLIC), (T1, &["exclude"])],
    ),
    (
        "shielded, repair accepted",
        &[
            (T0, NOTICED),
            (T1, PUBLIC),
            (T3, &["ask_repair", "accept", "shield"]),
        ],
    ),
    (
        "shielded, repair asked",
        &[(T0, NOTICED), (T1, PUBLIC), (T3, &["ask_repair", "shield"])],
    ),
    (
        "shielded, revocation asked",
        &[(T0, NOTICED), (T1, PUBLIC), (T1, &["shield", "ask_revoke"])],
    ),
    ("expired", &[(T0, NOTICED), (T1, PUBLIC), (T5, &["expire"])]),
    (
        "repaired",
        &[
            (T0, NOTICED),
            (T1, PUBLIC),
            (T3, &["ask_repair", "accept", "approve"]),
        ],
    ),
    (
        "restoration asked",
        &[
            (T0, NOTICED),
            (T1, PUBLIC),
            (T3, &["ask_repair", "accept", "approve", "ask_restoration"]),
        ],
    ),
    (
        "restored",
        &[
            (T0, NOTICED),
            (T1, PUBLIC),
            (
                T3,
                &[
                    "ask_repair",
                    "accept",
                    "approve",
                    "ask_restoration",
                    "restore",
                ],
            ),
        ],
    ),
    ("dropped", &[(T0, &["review", "drop"])]),
    ("not listed", &[(T0, NOTICED), (LATER, &["decide_not"])]),
    (
        "revoked",
        &[(T0, NOTICED), (T1, &["decide", "ask_revoke", "approve"])],
    ),
];
const LATER: &str = "2026-03-11 09:00";
const PUBLIC: &[&str] = &["decide", "serve_decision", "publish"];

/// The entry in a sample state, with its events.
pub(super) fn sample(world: &World, name: &str) -> (Entry, Vec<Event>) {
    let (_, parts) = SAMPLES.iter().find(|(known, _)| *known == name).unwrap();
    let mut step = world.propose(proposal(1), "2026-03-02 09:00").unwrap();
    let mut events = vec![step.event.clone()];
    for (when, names) in *parts {
        for name in *names {
            let action = action(name, &step.entry, when);
            let actor = person(role_of(name), "经手");
            step = world
                .apply(&step.entry, &action, &actor, when)
                .unwrap_or_else(|fault| panic!("{name}: {fault}"));
            events.push(step.event.clone());
        }
    }
    (step.entry, events)
}
