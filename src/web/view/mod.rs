//! From what the use cases say to what a page shows: Chinese words, signs, tones. Pure.

mod account;
mod company;
pub(super) mod my;
mod open;
mod outlook;
mod plans;
mod rules;
mod statistics;
mod visits;

use rust_decimal::Decimal;

use super::pages::{
    Badge, DrawRow, DrawVerifyPage, DrawsPage, Found, HomePage, ListGroup, ListRow, ListsPage,
    Page, ResultsPage, RulesetRef, Section, Tone,
};
use crate::{
    domain::{CompanyStatus, Day, Uscc, fold_code},
    rules::{Interval, Level, RuleSet},
    service::{App, DrawLine, Listed, ListedCompany, PublicList, SearchPage},
};

pub(super) use account::{account, account_file};
pub(super) use company::{CompanyView, Prospects, company};
pub(super) use open::{badge_image, badge_page, entry, open_data, report};
pub(super) use outlook::outlook;
pub(super) use plans::{fairness, plan, plans};
pub(super) use rules::rules;
pub(super) use statistics::statistics;
pub(super) use visits::{company_checks, results_of_check, visit};

const SITE: &str = "物业服务企业信用公示";

/// The frame around a page.
pub(super) fn frame(app: &App, title: &str, section: Section, noindex: bool) -> Page {
    Page {
        site: SITE.to_owned(),
        bureau: app.authority.name.clone(),
        title: title.to_owned(),
        noindex,
        section,
    }
}

pub(super) fn home(app: &App, companies: u64, today: Day) -> HomePage {
    HomePage {
        page: frame(app, "信用查询", Section::Search, false),
        rulesets: app
            .rules
            .iter()
            .filter(|rules| rules.in_force_on(today))
            .map(reference)
            .collect(),
        as_of: today.to_string(),
        companies,
    }
}

/// What is wrong with a question, if it is one that cannot be asked.
pub(super) fn fault_of_query(query: &str) -> Option<String> {
    let folded = fold_code(query);
    if folded.chars().count() < 2 {
        return Some("请输入企业名称中的两个字以上，或完整的统一社会信用代码".to_owned());
    }
    // Eighteen letters and digits are meant as a code, and this one does not check.
    let looks_like_code = folded.len() >= 15 && folded.bytes().all(|b| b.is_ascii_alphanumeric());
    looks_like_code
        .then(|| Uscc::parse(&folded).err().map(|fault| fault.to_string()))
        .flatten()
}

pub(super) fn results(
    app: &App,
    query: &str,
    page: &SearchPage,
    next: Option<String>,
    fault: Option<String>,
    today: Day,
) -> ResultsPage {
    let rules = app.rules.in_force(today).ok();
    let found = page.companies.iter().map(|company| Found {
        name: company.name.clone(),
        uscc: company.uscc.clone(),
        district: company.region_name.clone().unwrap_or_default(),
        status: status_word(&company.status),
        grade: company
            .grade
            .as_deref()
            .map(|grade| badge(rules, grade, company.rated)),
    });
    ResultsPage {
        page: frame(app, "查询结果", Section::Search, true),
        query: query.to_owned(),
        as_of: today.to_string(),
        found: found.collect(),
        next,
        fault,
    }
}

pub(super) fn lists(app: &App, lists: &[PublicList], today: Day) -> ListsPage {
    let row = |(company, listed): &(ListedCompany, Listed)| list_row(company, listed);
    let groups = lists.iter().map(|list| ListGroup {
        title: list.title.clone(),
        note: list_note(&list.class).to_owned(),
        verified: list.verified,
        tone: tone_of_list(&list.class),
        rows: list.entries.iter().map(row).collect(),
    });
    ListsPage {
        page: frame(app, "名单公示", Section::Lists, true),
        as_of: today.to_string(),
        groups: groups.collect(),
    }
}

fn list_row(company: &ListedCompany, listed: &Listed) -> ListRow {
    ListRow {
        id: listed.id.clone(),
        name: company.name.clone(),
        uscc: company.uscc.clone(),
        reason: listed.reason.clone(),
        decision: listed.decision_no.clone(),
        decided_on: listed.decided_on.clone(),
        until: listed.display_until.clone(),
        disputed: listed.disputed,
    }
}

pub(super) fn draws(app: &App, lines: Vec<DrawLine>) -> DrawsPage {
    let row = |line: DrawLine| DrawRow {
        // An id may hold `/`, brackets and Chinese characters.
        path: path_segment(&line.id),
        id: line.id,
        state: line.state_name,
        attempts: line.attempts,
        committed_at: line.committed_at,
        commitment: line.commitment,
        reveal_by: line.reveal_by,
        revealed_at: line.revealed_at.unwrap_or_default(),
        late: line.late,
    };
    DrawsPage {
        page: frame(app, "抽查公开", Section::Draws, false),
        rows: lines.into_iter().map(row).collect(),
    }
}

/// A text as one segment of an address.
fn path_segment(text: &str) -> String {
    text.bytes().map(segment).collect()
}

/// A byte of a path segment (RFC 3986).
fn segment(byte: u8) -> String {
    match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    }
}

pub(super) fn draw_verify(app: &App) -> DrawVerifyPage {
    DrawVerifyPage {
        page: frame(app, "核验抽查", Section::Draws, false),
    }
}

fn reference(rules: &RuleSet) -> RulesetRef {
    RulesetRef {
        title: rules.title().to_owned(),
        document: rules.document().to_owned(),
        digest: rules.digest().chars().take(12).collect(),
        effective: format!("{} 起施行", rules.effective_from()),
        draft: rules.title().contains("草案"),
        verified: rules.verified(),
    }
}

fn status_word(status: &str) -> Option<String> {
    match CompanyStatus::parse(status).ok()? {
        CompanyStatus::Active => None,
        CompanyStatus::Suspended => Some("停业".to_owned()),
        CompanyStatus::Revoked => Some("吊销".to_owned()),
        CompanyStatus::Deregistered => Some("注销".to_owned()),
    }
}

fn badge(rules: Option<&RuleSet>, grade: &str, rated: bool) -> Badge {
    let ladder = rules.map(RuleSet::grades).unwrap_or_default();
    let place = ladder.iter().position(|known| known.id == grade);
    let title = place
        .and_then(|place| ladder[place].title.clone())
        .unwrap_or_default();
    Badge {
        id: grade.to_owned(),
        title,
        tone: place
            .filter(|_| rated)
            .map_or(Tone::Plain, |place| tone_of(place, ladder.len())),
    }
}

/// Best two grades good, the worst bad, the one before it poor, what is between fair.
fn tone_of(place: usize, steps: usize) -> Tone {
    match steps.saturating_sub(place) {
        1 if steps > 1 => Tone::Bad,
        2 if steps > 2 => Tone::Poor,
        _ if place < 2 => Tone::Good,
        _ => Tone::Fair,
    }
}

fn tone_of_list(class: &str) -> Tone {
    match class {
        "red" => Tone::Good,
        "warning" => Tone::Poor,
        _ => Tone::Bad,
    }
}

fn list_note(class: &str) -> &'static str {
    match class {
        "red" => "信用评价结果优良、公示期内未被列入重点关注名单的企业。",
        "warning" => "需要提醒注意的企业，只在行业内提示，不向信用平台推送。",
        "watch" => "行业内加强监管的企业，不是严重失信主体名单，不限制企业依法从事经营活动。",
        _ => "依法认定的严重失信主体。",
    }
}

fn signed(points: Decimal) -> String {
    let value = points.normalize();
    match () {
        () if value.is_zero() => "0".to_owned(),
        () if value.is_sign_negative() => format!("−{}", value.abs()),
        () => format!("+{value}"),
    }
}

fn range_words(range: &Interval) -> String {
    let lower = range.lower.map(|bound| {
        let word = if bound.inclusive {
            "分以上"
        } else {
            "分以上（不含）"
        };
        format!("{} {word}", bound.value.normalize())
    });
    let upper = range.upper.map(|bound| match bound.inclusive {
        true => format!("{} 分以下", bound.value.normalize()),
        false => format!("不满 {} 分", bound.value.normalize()),
    });
    let words: Vec<String> = lower.into_iter().chain(upper).collect();
    match words.is_empty() {
        true => "其余".to_owned(),
        false => words.join("，"),
    }
}

fn bounds_words(component: &crate::rules::Component) -> String {
    let mut words = Vec::new();
    if let Level::Project { .. } = component.level {
        words.push("各项目得分加权平均".to_owned());
    }
    if !component.base.is_zero() {
        words.push(format!("基准 {} 分", component.base.normalize()));
    }
    if let Some(cap) = component.cap {
        words.push(format!("封顶 {} 分", cap.normalize()));
    }
    if let Some(floor) = component.floor {
        words.push(format!("最低 {} 分", floor.normalize()));
    }
    if component.weight != Decimal::ONE {
        words.push(format!("权重 {}", component.weight.normalize()));
    }
    words.join("，")
}
