//! From what the use cases say to what a page shows: Chinese words, signs, tones. Pure.

use std::collections::BTreeSet;

use rust_decimal::{Decimal, RoundingStrategy};

use super::{
    Problem,
    pages::{
        Badge, CompanyPage, Component, Found, HomePage, Line, ListEntry, ListGroup, ListRow,
        ListsPage, MovePoint, Movement, Nothing, NothingPage, Page, ResultsPage, RuleComponent,
        RuleGrade, RuleItem, RulesPage, RulesetRef, Section, Tone, svg::Band,
    },
};
use crate::{
    domain::{CompanyStatus, Day, Uscc, fold_code},
    rules::{Interval, Item, Level, PointsForm, RuleSet, Validity},
    service::{App, CompanyLookup, Listed, PublicList, SearchPage},
};

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

/// A company's page: its score, or that nothing is recorded about it.
#[allow(clippy::large_enum_variant)]
pub(super) enum CompanyView {
    Score(CompanyPage),
    Nothing(NothingPage),
}

pub(super) fn company(
    app: &App,
    found: &CompanyLookup,
    today: Day,
) -> Result<CompanyView, Problem> {
    let page = frame(app, &found.name, Section::Search, true);
    let about_records = found.lines.iter().any(|line| line.record.is_some());
    if !about_records && found.lists.is_empty() {
        return Ok(CompanyView::Nothing(NothingPage {
            page,
            nothing: Nothing::NoRecord {
                name: found.name.clone(),
                uscc: found.uscc.clone(),
                district: found.region_name.clone().unwrap_or_default(),
                as_of: found.as_of.clone(),
            },
        }));
    }
    let rules = app.rules.in_force(today)?;
    let line = |line: &crate::rules::Line| shown_line(rules, line);
    let records = || found.lines.iter().filter(|line| line.record.is_some());
    let mut counted: Vec<Line> = records().filter(|found| found.counted).map(line).collect();
    let mut not_counted: Vec<Line> = records().filter(|found| !found.counted).map(line).collect();
    for lines in [&mut counted, &mut not_counted] {
        lines.sort_by(|a, b| b.date.cmp(&a.date));
    }
    Ok(CompanyView::Score(CompanyPage {
        page,
        name: found.name.clone(),
        uscc: found.uscc.clone(),
        district: found.region_name.clone().unwrap_or_default(),
        status: status_word(&found.status),
        as_of: found.as_of.clone(),
        score: found.score.clone(),
        grade: badge(Some(rules), &found.grade, found.rated),
        ruleset: reference(rules),
        components: components(rules, found),
        counted,
        not_counted,
        limits: steps(found, |line| !is_sum(line)),
        sums: steps(found, is_sum),
        movement: movement(rules, found, today),
        next_change: found
            .next_change_on
            .as_ref()
            .map(|day| next_change(found, day)),
        lists: found.lists.iter().map(list_entry).collect(),
        consequences: found.consequences.clone(),
    }))
}

pub(super) fn lists(app: &App, lists: &[PublicList], today: Day) -> ListsPage {
    let row = |(company, listed): &(crate::service::ListedCompany, Listed)| ListRow {
        name: company.name.clone(),
        uscc: company.uscc.clone(),
        reason: listed.reason.clone(),
        decision: listed.decision_no.clone(),
        decided_on: listed.decided_on.clone(),
        until: listed.display_until.clone(),
        disputed: listed.disputed,
    };
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

pub(super) fn rules(app: &App, rules: &RuleSet) -> RulesPage {
    let grades = rules.ladder().iter().filter_map(|step| {
        let grade = rules.grades().get(step.rank)?;
        Some(RuleGrade {
            grade: badge(Some(rules), &grade.id, true),
            range: match step.top {
                Some(top) => format!(
                    "按得分排名，前 {}%",
                    (top * Decimal::ONE_HUNDRED).normalize()
                ),
                None => range_words(&step.range),
            },
        })
    });
    let components = rules
        .components()
        .iter()
        .enumerate()
        .map(|(index, component)| RuleComponent {
            title: component.title.clone(),
            bounds: bounds_words(component),
            items: rules
                .items()
                .iter()
                .filter(|item| item.component == index)
                .map(|item| rule_item(rules, item))
                .collect(),
        });
    let rounding = format!("总分保留 {} 位小数。", rules.decimals());
    RulesPage {
        page: frame(app, "计分规则", Section::Rules, false),
        ruleset: reference(rules),
        authority: rules.authority().to_owned(),
        summary: vec![
            "总分为基准分与各部分得分乘以权重之和。".to_owned(),
            rounding,
            format!(
                "记录自{}起计分，有效期见各条目。",
                rules.counts_from().chinese()
            ),
        ],
        grades: grades.collect(),
        components: components.collect(),
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

fn list_entry(listed: &Listed) -> ListEntry {
    ListEntry {
        list: listed.list_title.clone(),
        reason: listed.reason.clone(),
        decision: listed.decision_no.clone(),
        organ: listed.organ.clone(),
        decided_on: listed.decided_on.clone(),
        until: listed.display_until.clone(),
        disputed: listed.disputed,
        tone: tone_of_list(&listed.class),
    }
}

fn shown_line(rules: &RuleSet, line: &crate::rules::Line) -> Line {
    let title = rules
        .item(&line.item)
        .map_or(line.item.as_str(), |item| item.title.as_str());
    let note = line.why.clone().unwrap_or_default();
    Line {
        title: title.to_owned(),
        clause: line.clause.clone(),
        points: signed(line.points),
        date: line.date.map(|day| day.to_string()).unwrap_or_default(),
        body: line
            .project
            .as_ref()
            .map(|code| format!("项目 {code}"))
            .unwrap_or_default(),
        note,
        disputed: line.why.as_ref().is_some_and(|why| why.contains("异议")),
        tone: match () {
            () if !line.counted || line.points.is_zero() => Tone::Plain,
            () if line.points.is_sign_negative() => Tone::Bad,
            () => Tone::Good,
        },
    }
}

/// Whether a line is arithmetic: a step of a component or of the total. Others say what overrode it.
fn is_sum(line: &crate::rules::Line) -> bool {
    line.component.is_some() || line.item == "score"
}

/// The steps without a record, in words.
fn steps(found: &CompanyLookup, wanted: impl Fn(&crate::rules::Line) -> bool) -> Vec<String> {
    found
        .lines
        .iter()
        .filter(|line| line.record.is_none() && wanted(line))
        .filter_map(step_words)
        .collect()
}

/// `项目 XM-07：项目服务质量：项目得分，权重 52000，97 分（第五条）`.
fn step_words(line: &crate::rules::Line) -> Option<String> {
    let mut words = String::new();
    if let Some(project) = &line.project {
        words.push_str(&format!("项目 {project}："));
    }
    words.push_str(line.why.as_ref()?);
    if line.component.is_some() {
        words.push_str(&format!("，{} 分", two_places(&line.points.to_string())));
    }
    if !line.clause.is_empty() {
        words.push_str(&format!("（{}）", line.clause));
    }
    Some(words)
}

fn components(rules: &RuleSet, found: &CompanyLookup) -> Vec<Component> {
    found
        .components
        .iter()
        .map(|value| {
            let rule = rules
                .components()
                .iter()
                .find(|component| component.id == value.id);
            Component {
                title: value.title.clone(),
                points: two_places(&value.value),
                note: rule.map(bounds_words).unwrap_or_default(),
            }
        })
        .collect()
}

/// At most two decimals, for reading; the interface gives the exact value.
fn two_places(value: &str) -> String {
    let shown = Decimal::from_str_exact(value)
        .map(|value| {
            value
                .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
                .normalize()
        })
        .map_or_else(|_| value.to_owned(), |value| value.to_string());
    shown.replace('-', "−")
}

/// The steps of the trend: only the points at which the score or the grade is another one.
fn movement(rules: &RuleSet, found: &CompanyLookup, today: Day) -> Option<Movement> {
    let mut points: Vec<MovePoint> = Vec::new();
    for point in &found.trend {
        let at = MovePoint {
            day: Day::parse(&point.day).ok()?,
            score: Decimal::from_str_exact(&point.score).ok()?,
            grade: point.grade.clone(),
        };
        let same = points
            .last()
            .is_some_and(|last| last.score == at.score && last.grade == at.grade);
        if !same {
            points.push(at);
        }
    }
    let as_of = Day::parse(&found.as_of).unwrap_or(today);
    Movement::draw(&found.name, points, as_of, &bands(rules))
}

fn bands(rules: &RuleSet) -> Vec<Band> {
    let steps = rules.grades().len();
    rules
        .ladder()
        .iter()
        .filter_map(|step| {
            Some(Band {
                label: rules.grades().get(step.rank)?.id.clone(),
                from: step.range.lower.map_or(Decimal::ZERO, |bound| bound.value),
                tone: tone_of(step.rank, steps),
            })
        })
        .collect()
}

fn next_change(found: &CompanyLookup, day: &str) -> String {
    let expiring = found
        .lines
        .iter()
        .filter(|line| {
            line.counted
                && line
                    .expires_on
                    .is_some_and(|last| last.next().to_string() == *day)
        })
        .filter_map(|line| line.record.as_ref())
        .collect::<BTreeSet<_>>()
        .len();
    match expiring {
        0 => format!("{day} 起，没有新的记录得分也可能变化"),
        count => format!("{day} 起，{count} 条记录到期，不再计分"),
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

fn rule_item(rules: &RuleSet, item: &Item) -> RuleItem {
    let span = |validity: &Validity| match validity {
        Validity::For(span) => span_words(&span.to_string()),
        Validity::UntilRectified => "整改完成前".to_owned(),
    };
    RuleItem {
        title: item.title.clone(),
        clause: item.clause.clone(),
        points: points_words(rules, item),
        cap: item.cap.map(signed).unwrap_or_default(),
        validity: item.valid_for.as_ref().map(span).unwrap_or_default(),
    }
}

fn span_words(span: &str) -> String {
    let (number, unit) = span.split_once(' ').unwrap_or((span, ""));
    match unit.trim_end_matches('s') {
        "day" => format!("{number} 日"),
        "month" => format!("{number} 个月"),
        "year" => format!("{number} 年"),
        _ => span.to_owned(),
    }
}

fn points_words(rules: &RuleSet, item: &Item) -> String {
    let attribute = |name: &str| {
        let known = rules
            .attributes()
            .iter()
            .find(|attribute| attribute.name == name);
        known
            .and_then(|attribute| attribute.title.clone())
            .unwrap_or_else(|| name.to_owned())
    };
    let base = match &item.points {
        PointsForm::Fixed(points) => signed(*points),
        PointsForm::Lookup { by, table } => {
            let rows: Vec<String> = table
                .iter()
                .map(|(value, points)| format!("{} {}", choice_word(value), signed(*points)))
                .collect();
            format!("按{}：{}", attribute(by), rows.join("，"))
        }
        PointsForm::Bands { by, bands } => {
            let rows: Vec<String> = bands
                .iter()
                .map(|band| {
                    format!(
                        "{}：{}",
                        range_words(&band.range).replace('分', ""),
                        signed(band.points)
                    )
                })
                .collect();
            format!("按{}：{}", attribute(by), rows.join("；"))
        }
        PointsForm::Chosen { min, max, .. } => format!("{} 至 {}", signed(*max), signed(*min)),
        PointsForm::Value { by } => format!("按{}", attribute(by)),
    };
    match &item.times {
        Some(times) => format!("{base} × {}", attribute(times)),
        None => base,
    }
}

/// Words for the values that rule files use for levels.
fn choice_word(value: &str) -> &str {
    match value {
        "national" => "国家级",
        "province" => "省级",
        "city" => "市级",
        "county" | "district" => "区县级",
        "street" => "街道级",
        "community" => "社区级",
        other => other,
    }
}
