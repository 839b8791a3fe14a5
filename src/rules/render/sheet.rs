//! What the scoring table says, in its order.

use rust_decimal::Decimal;

use super::{
    conditions::sentence,
    words::{
        attribute, average, code, codes, interval, notes, number, percent, points, signed, span,
        subject,
    },
};
use crate::rules::{
    Case, Combine, Component, Direction, GradeStep, Item, Level, Missing, Override, PeriodKind,
    Rounding, RuleSet, Trigger, model::Effect,
};

/// A rule set as a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    pub title: String,
    /// Label and value: who issued it, under which number, in force when.
    pub heading: Vec<(&'static str, String)>,
    /// Not checked against the official text.
    pub draft: bool,
    /// Sentences.
    pub general: Vec<String>,
    pub parts: Vec<Part>,
    pub grades: Vec<GradeRow>,
    /// Who gets no grade.
    pub not_rated: Vec<Clause>,
    pub overrides: Vec<Clause>,
    pub lists: Vec<Clause>,
    pub consequences: Vec<Clause>,
    pub examples: Vec<Annex>,
}

/// A component with its items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub title: String,
    pub clause: String,
    /// Sentences about the component as a whole.
    pub intro: Vec<String>,
    pub items: Vec<ItemRow>,
    /// About groups of items.
    pub notes: Vec<String>,
}

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRow {
    pub number: usize,
    pub clause: String,
    pub title: String,
    /// In words.
    pub points: String,
    /// The number, where it is one.
    pub fixed: Option<Decimal>,
    pub notes: Vec<String>,
    /// Kinds of record, who enters, who confirms, evidence.
    pub process: Vec<String>,
    /// Days to rectify, in words; empty if there is no term.
    pub rectify: String,
}

/// A step of the ladder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GradeRow {
    pub grade: String,
    pub title: String,
    pub range: String,
}

/// A provision with its clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    pub clause: String,
    pub title: String,
    pub text: String,
}

/// A worked example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annex {
    pub title: String,
    pub records: Vec<String>,
    pub result: String,
}

impl RuleSet {
    /// The rule set as the official scoring table.
    pub fn sheet(&self) -> Sheet {
        let mut number = 0;
        Sheet {
            title: self.title().to_owned(),
            heading: heading(self),
            draft: !self.verified(),
            general: general(self),
            parts: (self.components().iter().enumerate())
                .map(|(index, component)| part(self, index, component, &mut number))
                .collect(),
            grades: self.ladder().iter().map(|step| grade(self, step)).collect(),
            not_rated: (self.not_rated().iter())
                .map(|rule| Clause {
                    clause: rule.clause.clone(),
                    title: rule.title.clone(),
                    text: format!("{}的，不评定等级", sentence(self, &rule.when.expr)),
                })
                .collect(),
            overrides: (self.overrides().iter())
                .map(|rule| self.override_clause(rule))
                .collect(),
            lists: lists(self),
            consequences: consequences(self),
            examples: self.cases().iter().map(|case| annex(self, case)).collect(),
        }
    }

    fn override_clause(&self, rule: &Override) -> Clause {
        let grade = |rank: usize| self.grade_id(rank).unwrap_or_default().to_owned();
        let effect = match rule.effect {
            Effect::Grade(rank) => format!("直接定为{}级", grade(rank)),
            Effect::AtBest(rank) => format!("等级不高于{}级", grade(rank)),
            Effect::Score(score) => format!("总分定为{}分", number(score)),
            Effect::Drop(steps) => format!("等级下降{steps}级"),
        };
        Clause {
            clause: rule.clause.clone(),
            title: rule.title.clone(),
            text: format!("{}的，{effect}", sentence(self, &rule.when.expr)),
        }
    }
}

fn heading(rules: &RuleSet) -> Vec<(&'static str, String)> {
    let force = match rules.effective_until() {
        Some(until) => format!("{} 至 {until}", rules.effective_from()),
        None => format!("自 {} 起", rules.effective_from()),
    };
    let mut heading = vec![
        ("发布机关", rules.authority().to_owned()),
        ("文号", rules.document().to_owned()),
        ("施行日期", force),
        ("来源", rules.source().to_owned()),
    ];
    heading.retain(|(_, value)| !value.is_empty());
    heading
}

fn general(rules: &RuleSet) -> Vec<String> {
    let rule = rules.score_rule();
    let mut said = vec![
        format!("本标准用于评价{}。", subject(rules.subject())),
        format!("记录以{}为计分日期。", rules.counts_from().chinese()),
        match rules.period() {
            PeriodKind::Open => "各条记录在其有效期内计分，没有规定有效期的长期有效。".to_owned(),
            PeriodKind::Rolling(months) => format!("计分日期起{months}个月内的记录计分。"),
            PeriodKind::CalendarYear => "按自然年计分，每年重新开始。".to_owned(),
            PeriodKind::HalfYear => "按半年计分，每半年重新开始。".to_owned(),
            PeriodKind::Quarter => "按季度计分，每季度重新开始。".to_owned(),
            PeriodKind::Month => "按月计分，每月重新开始。".to_owned(),
        },
    ];
    let mut total = match rule.base.is_zero() {
        true => "总分为各部分得分之和".to_owned(),
        false => format!("总分以{}分为基准，加上各部分得分", number(rule.base)),
    };
    if (rules.components().iter()).any(|component| component.weight != Decimal::ONE) {
        total.push_str("（得分先乘以权重）");
    }
    total.push_str(&limits(rule.min, rule.max));
    said.push(format!("{total}。"));
    let rounding = match rule.rounding {
        Rounding::HalfUp => "四舍五入",
        Rounding::HalfEven => "四舍六入五成双",
        Rounding::Down => "其余舍去",
        Rounding::Up => "其余进位",
    };
    said.push(match rule.decimals {
        0 => format!("总分取整数，{rounding}。"),
        places => format!("总分保留{places}位小数，{rounding}。"),
    });
    if rule.direction == Direction::Demerit {
        said.push("分值越高，表示信用越差。".to_owned());
    }
    said.push(match rule.disputed_counts {
        true => "异议处理期间，记录照常计分。".to_owned(),
        false => "异议处理期间，记录暂停计分。".to_owned(),
    });
    if rules.judges_by_own_date() {
        said.push("记录按其计分日期施行的版本评判。".to_owned());
    }
    said
}

fn limits(least: Option<Decimal>, most: Option<Decimal>) -> String {
    let mut words = String::new();
    if let Some(least) = least {
        words.push_str(&format!("，最低{}分", number(least)));
    }
    if let Some(most) = most {
        words.push_str(&format!("，最高{}分", number(most)));
    }
    words
}

fn part(rules: &RuleSet, index: usize, component: &Component, count: &mut usize) -> Part {
    let own = |item: &&Item| item.component == index;
    let items: Vec<ItemRow> = (rules.items().iter().filter(own))
        .map(|item| {
            *count += 1;
            row(rules, item, *count)
        })
        .collect();
    let groups = rules.groups().iter().filter(|group| {
        let first = group.items.first();
        first.is_some_and(|first| rules.items()[*first].component == index)
    });
    let notes = groups.map(|group| {
        let titles: Vec<&str> = (group.items.iter())
            .map(|item| rules.items()[*item].title.as_str())
            .collect();
        let mut note = format!("{}（{}）", group.title, titles.join("、"));
        note.push_str(if group.highest {
            "只计分值最大的一项"
        } else {
            "合并计算"
        });
        if let Some(cap) = group.cap {
            let direction = rules.score_rule().direction;
            note.push_str(&format!("，合计最多{}", signed(direction, cap)));
        }
        if let Some(clause) = &group.clause {
            note.push_str(&format!("（{clause}）"));
        }
        note
    });
    Part {
        title: component.title.clone(),
        clause: component.clause.clone().unwrap_or_default(),
        intro: intro(component),
        notes: notes.collect(),
        items,
    }
}

fn intro(component: &Component) -> Vec<String> {
    let mut said = Vec::new();
    if let Level::Project {
        average: by,
        assessed_only,
    } = component.level
    {
        said.push(format!("按项目分别计算，{}后计入企业", average(by)));
        if assessed_only {
            said.push("没有计分记录的项目不参加平均".to_owned());
        }
    }
    if !component.base.is_zero() {
        said.push(format!("基础分{}分", number(component.base)));
    }
    let bounds = limits(component.floor, component.cap);
    if !bounds.is_empty() {
        said.push(bounds.trim_start_matches('，').to_owned());
    }
    match component.combine {
        Combine::Sum => {}
        Combine::Mean => said.push("取各条记录的平均分".to_owned()),
        Combine::Last => said.push("取最近一条记录的分".to_owned()),
        Combine::Max => said.push("取各条记录的最高分".to_owned()),
        Combine::Min => said.push("取各条记录的最低分".to_owned()),
    }
    if component.weight != Decimal::ONE {
        said.push(format!("权重{}", number(component.weight)));
    }
    match component.missing {
        Missing::Zero => {}
        Missing::Renormalise => said.push("没有记录的，由其余部分按权重折算".to_owned()),
        Missing::NotRated => said.push("没有记录的，不评定等级".to_owned()),
        Missing::Default(score) => said.push(format!("没有记录的，按{}分计", number(score))),
    }
    said
}

fn row(rules: &RuleSet, item: &Item, number: usize) -> ItemRow {
    let mut process = Vec::new();
    if !item.kinds.is_empty() {
        let kinds: Vec<&str> = item.kinds.iter().map(|kind| kind.chinese()).collect();
        process.push(format!("记录类型：{}", kinds.join("、")));
    }
    for (label, who) in [
        ("录入", &item.record_by),
        ("认定", &item.confirm_by),
        ("依据", &item.evidence),
    ] {
        if !who.is_empty() {
            process.push(format!("{label}：{}", codes(who)));
        }
    }
    ItemRow {
        number,
        clause: item.clause.clone(),
        title: item.title.clone(),
        points: points(rules, item),
        fixed: match (&item.points, &item.times) {
            (crate::rules::PointsForm::Fixed(points), None) if item.has_points => Some(*points),
            _ => None,
        },
        notes: notes(rules, item),
        process,
        rectify: (item.rectify_days).map_or_else(String::new, |days| format!("{days}日内")),
    }
}

fn grade(rules: &RuleSet, step: &GradeStep) -> GradeRow {
    let grade = &rules.grades()[step.rank];
    let mut range = match step.top {
        Some(top) => format!("按得分排名前{}", percent(top)),
        None if rules.needs_population() => "其余".to_owned(),
        None => interval(&step.range, "分"),
    };
    if let Some(when) = &step.when {
        range.push_str(&format!("，且{}", sentence(rules, &when.expr)));
    }
    GradeRow {
        grade: grade.id.clone(),
        title: grade.title.clone().unwrap_or_default(),
        range,
    }
}

fn lists(rules: &RuleSet) -> Vec<Clause> {
    let clause = |list: &crate::rules::ListRule| {
        let mut text = format!("{}的，提出列入建议", sentence(rules, &list.when.expr));
        if let Some(term) = list.term {
            text.push_str(&format!("；期限{}", span(term)));
        }
        if let Some(severity) = list.severity {
            text.push_str(&format!("；程度{}", severity.chinese()));
        }
        if let Some(basis) = &list.legal_basis {
            text.push_str(&format!("；法律依据：{basis}"));
        }
        Clause {
            clause: list.clause.clone(),
            title: list.title.clone(),
            text,
        }
    };
    rules.lists().iter().map(clause).collect()
}

fn consequences(rules: &RuleSet) -> Vec<Clause> {
    let clause = |consequence: &crate::rules::Consequence| {
        let of = match consequence.trigger {
            Trigger::Grade(rank) => format!("{}级", rules.grade_id(rank).unwrap_or_default()),
            Trigger::List(index) => format!("列入{}", rules.lists()[index].title),
        };
        let mut said = Vec::new();
        if let Some(share) = consequence.sampling {
            said.push(format!("抽查比例{}", percent(share)));
        }
        said.extend(consequence.measures.iter().cloned());
        Clause {
            clause: consequence.clause.clone().unwrap_or_default(),
            title: format!("{of}：{}", consequence.title),
            text: said.join("；"),
        }
    };
    rules.consequences().iter().map(clause).collect()
}

fn annex(rules: &RuleSet, case: &Case) -> Annex {
    let record = |record: &crate::domain::Record| {
        let title = rules.item(&record.item).map(|item| item.title.clone());
        let mut words = title.unwrap_or_else(|| record.item.clone());
        if let Some(day) = rules.counts_from().of(record) {
            words = format!("{day} {words}");
        }
        if let Some(points) = record.points {
            let direction = rules.score_rule().direction;
            words.push_str(&format!("，{}", signed(direction, points.decimal())));
        }
        for (name, value) in &record.attributes {
            let value = value.to_string();
            words.push_str(&format!("，{}{}", attribute(rules, name), code(&value)));
        }
        if let Some(day) = record.rectified_on {
            words.push_str(&format!("，{day}整改"));
        }
        words
    };
    let mut result = Vec::new();
    if let Some(score) = case.expect.score {
        result.push(format!("得{}分", number(score)));
    }
    if let Some(grade) = case.expect.grade() {
        result.push(grade.to_owned());
    }
    if let Some(lists) = &case.expect.lists {
        let titles: Vec<&str> = (lists.iter())
            .filter_map(|id| rules.list(id))
            .map(|list| list.title.as_str())
            .collect();
        if !titles.is_empty() {
            result.push(titles.join("、"));
        }
    }
    Annex {
        title: format!("{}（{}）", case.title, case.as_of),
        records: case.records.iter().map(record).collect(),
        result: result.join("，"),
    }
}
