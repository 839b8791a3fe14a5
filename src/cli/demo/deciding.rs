//! How the demo's entries are decided: a statement heard and answered, and the decision with its documents.

use serde_json::json;

use super::{
    Stage,
    papers::{self, Paper},
    shanghai,
    steps::{document, text},
};
use crate::{
    cli::Failure,
    domain::Day,
    listing::{
        Action, DecisionParts, Heard, LAWSUIT_MONTHS, MeasureParts, Noticed, REVIEW_DAYS,
        RemedyParts, RepairParts, State,
    },
    service::EntryView,
};

pub(super) const FACTS: &str = "经评价，达到名单列入条件，评分说明附后（示例）";
pub(super) const EVIDENCE: &str = "评分说明（示例）";
pub(super) const REMOVAL: &str =
    "公示期满自动移出；最短公示期满并且完成整改的，可以申请提前移出（示例）";
pub(super) const ROUTE: &str = "通过“信用中国”网站或者政务服务大厅申请（示例）";
pub(super) const MEASURE: &str = "列为重点监管对象，增加检查频次";
pub(super) const CATALOGUE: &str = "示例清单第1项";
/// Numbers of the statement of one company, and of its answer.
const STATEMENT: (&str, &str) = ("示陈〔2026〕1号", "示建复〔2026〕1号");

/// The company makes a statement on 6 July, and is answered on the 7th.
pub(super) fn hear(stage: &Stage, entry: &EntryView) -> Result<EntryView, Failure> {
    let (number, answer) = STATEMENT;
    stage.hand.set(shanghai(7, 6, 10));
    let statement = papers::read(json!({
        "action": "receive_statement", "kind": "statement", "number": number, "received_on": "2026-07-06",
        "digest": document(&format!("statement {}", entry.id))?,
    }))?;
    let (app, people) = (&stage.app, &stage.people);
    let heard = people
        .officer
        .step(app, entry, &statement, stage.hand.now())?;
    stage.hand.set(shanghai(7, 7, 10));
    let answer = papers::read(json!({
        "action": "answer_statement", "number": number, "answer": answer, "adopted": false,
        "reason": "所述情况不影响认定（示例）", "digest": document(&format!("answer {}", entry.id))?,
    }))?;
    Ok(people.legal.step(app, &heard, &answer, stage.hand.now())?)
}

fn is_adverse(entry: &EntryView) -> bool {
    entry.entry.class.is_adverse()
}

fn noticed(entry: &EntryView) -> Result<&Noticed, Failure> {
    match &entry.entry.state {
        State::Noticed(noticed) => Ok(noticed),
        _ => Err(Failure::Input(format!("{} is not noticed", entry.id))),
    }
}

pub(super) fn reason(entry: &EntryView) -> &'static str {
    match entry.list.as_str() {
        "red" => "信用等级达到 AA 级以上（示例）",
        _ => "信用等级为 B 级以下或有一票否决情形（示例）",
    }
}

/// Decides to list; an adverse decision and its repair notice are issued before.
pub(super) fn decide(
    stage: &Stage,
    entry: &EntryView,
    number: usize,
) -> Result<EntryView, Failure> {
    if !is_adverse(entry) {
        let number = format!("示建信决〔2026〕{number}号");
        return decide_by(stage, entry, outside(&number, "decision", entry)?, "");
    }
    let noticed = noticed(entry)?;
    let heard = if noticed.submissions.is_empty() {
        "你单位在规定期限内未提出陈述、申辩。"
    } else {
        "你单位的陈述已经书面答复，不予采纳。"
    };
    let repair = papers::repair_notice(stage, entry)?;
    let notice = noticed.notice.number.as_str();
    let paper = papers::decision(stage, entry, notice, &repair, heard)?;
    decide_by(stage, entry, paper, repair.mark.as_str())
}

/// Decides by this document and the repair notice of that number.
pub(super) fn decide_by(
    stage: &Stage,
    entry: &EntryView,
    paper: Paper,
    repair: &str,
) -> Result<EntryView, Failure> {
    let heard = if noticed(entry)?.submissions.is_empty() {
        Heard::Nothing
    } else {
        Heard::Answered {
            statement: text(STATEMENT.0)?,
            answer: text(STATEMENT.1)?,
        }
    };
    let clauses = &entry.entry.evidence.clauses;
    let now = stage.hand.now();
    let words = |words: &str| Some(words.to_owned());
    let measure = MeasureParts {
        measure: words(MEASURE),
        catalogue: words(CATALOGUE),
    };
    let draft = DecisionParts {
        number: Some(paper.mark.to_string()),
        facts: words(FACTS),
        evidence: Some(vec![EVIDENCE.to_owned()]),
        reason: words(reason(entry)),
        clauses: Some(clauses.iter().map(ToString::to_string).collect()),
        severity: entry.entry.severity,
        term: None,
        measures: Some(if is_adverse(entry) {
            vec![measure]
        } else {
            Vec::new()
        }),
        removal: words(REMOVAL),
        repair: Some(RepairParts {
            route: words(ROUTE),
            notice: words(repair),
        }),
        heard: Some(heard),
        remedies: Some(RemedyParts {
            review_organ: words("示例市人民政府"),
            review_days: Some(REVIEW_DAYS),
            court: words("示例市人民法院"),
            lawsuit_months: Some(LAWSUIT_MONTHS),
        }),
        organ: Some(stage.app.authority.name.clone()),
        dated: Some(Day::of(now)),
        seal: Some(stage.app.authority.name.clone()),
        digest: Some(paper.digest),
    };
    let action = Action::Decide(Box::new(draft));
    Ok(stage.people.decider.step(&stage.app, entry, &action, now)?)
}

/// A document that was made outside: favourable lists have none here.
pub(super) fn outside(mark: &str, what: &str, entry: &EntryView) -> Result<Paper, Failure> {
    Ok(Paper {
        mark: text(mark)?,
        digest: document(&format!("{what} {}", entry.id))?,
    })
}
