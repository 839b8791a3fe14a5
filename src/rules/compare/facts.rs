//! What a rule set says, part by part: each part has a key that survives renaming, and each of its facts a key to compare
//! and the words to tell.

use crate::rules::{
    Interval, Item, PointsForm, RuleSet, Trigger,
    render::{
        Voice, applies_to, component_facts, condition, content, effect, expected, general_facts,
        group_rule, number, points_words, process_facts, range, rectified, repeat, same_matter,
        sampling, situation, step_range, term, validity,
    },
};

/// The parts of a rule set, in the order in which changes are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Head,
    General,
    Component,
    Item,
    Group,
    Grade,
    NotRated,
    Override,
    List,
    Consequence,
    Field,
    Case,
}

impl Part {
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Head => "文件",
            Self::General => "总则",
            Self::Component => "部分",
            Self::Item => "评分条目",
            Self::Group => "条目组",
            Self::Grade => "等级",
            Self::NotRated => "不评级的情形",
            Self::Override => "一票否决和等级限制",
            Self::List => "名单",
            Self::Consequence => "结果应用",
            Self::Field => "填写事项",
            Self::Case => "示例",
        }
    }
}

/// One thing that a part says. Equal keys say the same, whatever the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fact {
    pub name: String,
    pub key: String,
    pub words: String,
}

/// One part: an item, a grade, a list ...
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub part: Part,
    /// Unique within its kind of part.
    pub id: String,
    /// How it is called: `AQ-01「…」`.
    pub label: String,
    pub clause: Option<String>,
    pub facts: Vec<Fact>,
}

/// Says each fact in both voices.
struct Said<'r> {
    titles: Voice<'r>,
    ids: Voice<'r>,
    facts: Vec<Fact>,
}

impl<'r> Said<'r> {
    fn new(rules: &'r RuleSet) -> Self {
        Self {
            titles: Voice::titles(rules),
            ids: Voice::ids(rules),
            facts: Vec::new(),
        }
    }

    fn plain(&mut self, name: &'static str, words: impl Into<String>) {
        let words = words.into();
        self.facts.push(Fact {
            name: name.to_owned(),
            key: words.clone(),
            words,
        });
    }

    /// A fact that names other parts.
    fn both(&mut self, name: &'static str, say: impl Fn(&Voice<'r>) -> String) {
        self.facts.push(Fact {
            name: name.to_owned(),
            key: say(&self.ids),
            words: say(&self.titles),
        });
    }

    /// A fact whose order does not matter.
    fn unordered(&mut self, name: &'static str, words: &str, separator: &str) {
        let mut parts: Vec<&str> = words.split(separator).collect();
        parts.sort_unstable();
        self.facts.push(Fact {
            name: name.to_owned(),
            key: parts.join(separator),
            words: words.to_owned(),
        });
    }

    fn optional(&mut self, name: &'static str, words: Option<String>) {
        if let Some(words) = words {
            self.plain(name, words);
        }
    }

    fn entry(self, part: Part, id: &str, label: String, clause: Option<&str>) -> Entry {
        Entry {
            part,
            id: id.to_owned(),
            label,
            clause: clause.map(str::to_owned),
            facts: self.facts,
        }
    }
}

/// Everything that the file says.
pub(super) fn entries(rules: &RuleSet) -> Vec<Entry> {
    let mut all = vec![head(rules), general(rules)];
    all.extend(components(rules));
    all.extend(rules.items().iter().map(|item| item_entry(rules, item)));
    all.extend(groups(rules));
    all.extend(grades(rules));
    all.extend(outcomes(rules));
    all.extend(fields(rules));
    all.extend(cases(rules));
    all
}

fn head(rules: &RuleSet) -> Entry {
    let mut said = Said::new(rules);
    said.plain("规则编号", rules.id());
    said.plain("办法编号", rules.policy());
    said.plain("名称", rules.title());
    said.plain("制定机关", rules.authority());
    said.plain("文号", rules.document());
    said.plain("文本来源", rules.source());
    said.plain(
        "核对情况",
        match rules.verified() {
            true => "已核对官方文本",
            false => "未经核对官方文本",
        },
    );
    said.plain("施行日期", rules.effective_from().to_string());
    let until = rules.effective_until().map(|day| day.to_string());
    said.plain("失效日期", until.unwrap_or_else(|| "未规定".to_owned()));
    said.entry(Part::Head, "", "文件".to_owned(), None)
}

fn general(rules: &RuleSet) -> Entry {
    let mut said = Said::new(rules);
    // The weights are told with the components.
    let facts = |voice: &Voice<'_>| -> Vec<(&'static str, String)> {
        general_facts(voice)
            .into_iter()
            .filter(|(name, _)| !["总分", "权重"].contains(name))
            .collect()
    };
    for (name, words) in facts(&said.titles) {
        said.plain(name, words);
    }
    said.plain("基准分", format!("{}分", number(rules.score_rule().base)));
    said.entry(Part::General, "", "总则".to_owned(), None)
}

fn components(rules: &RuleSet) -> Vec<Entry> {
    let all = rules.components().iter().map(|component| {
        let mut said = Said::new(rules);
        said.plain("名称", &component.title);
        said.optional("依据", component.clause.clone());
        for (name, words) in component_facts(&said.titles, component) {
            said.plain(name, words);
        }
        let label = format!("{}「{}」", component.id, component.title);
        said.entry(
            Part::Component,
            &component.id,
            label,
            component.clause.as_deref(),
        )
    });
    all.collect()
}

fn item_entry(rules: &RuleSet, item: &Item) -> Entry {
    let mut said = Said::new(rules);
    said.plain("评分内容", &item.title);
    said.plain("条款", &item.clause);
    said.both("所属部分", |voice| voice.component(item.component));
    if let Some(group) = item.group {
        said.both("所属条目组", |voice| voice.group(group));
    }
    points(&mut said, item);
    let cap = |cap: rust_decimal::Decimal| number(cap.abs());
    said.optional(
        "单次封顶",
        item.per_record_cap.map(|value| format!("{}分", cap(value))),
    );
    said.optional(
        "累计封顶",
        item.cap.map(|value| format!("{}分", cap(value))),
    );
    said.optional("有效期", item.valid_for.map(validity));
    if let Some(when) = &item.when {
        said.both("条件", |voice| condition(voice, when));
    }
    said.optional("同一事项", same_matter(item.same_matter));
    said.optional("重复发生", item.repeat.as_ref().map(repeat));
    said.optional("整改后", item.rectified.map(rectified));
    said.optional(
        "跨期",
        item.recurs.then(|| "未整改的，以后每期继续计分".to_owned()),
    );
    if let Some(rank) = item.veto {
        said.both("等级限制", |voice| {
            format!("等级最高为{}", voice.grade(rank))
        });
    }
    for (name, words) in process_facts(item) {
        said.unordered(name, &words, "、");
    }
    said.optional(
        "整改期限",
        item.rectify_days.map(|days| format!("{days}日")),
    );
    said.optional(
        "性质",
        item.severity.map(|gravity| gravity.chinese().to_owned()),
    );
    let label = format!("{}「{}」", item.id, item.title);
    said.entry(Part::Item, &item.id, label, Some(&item.clause))
}

/// A table of points is told row by row; the order of choices does not matter.
fn points(said: &mut Said<'_>, item: &Item) {
    let (titles, ids) = (said.titles, said.ids);
    let first_line = |voice: &Voice<'_>| {
        let words = points_words(voice, item);
        let line = words.lines().next().unwrap_or_default().to_owned();
        line.trim_end_matches('：').to_owned()
    };
    let mut push = |name: String, key: String, words: String| {
        said.facts.push(Fact { name, key, words });
    };
    push("分值".to_owned(), first_line(&ids), first_line(&titles));
    match &item.points {
        PointsForm::Lookup { table, .. } => {
            for (choice, points) in table {
                let name = format!("{}的分值", titles.choice(choice));
                push(name, number(*points), titles.points(*points));
            }
        }
        PointsForm::Bands { by, bands } => {
            for band in bands {
                let words = range(&band.range, &|value| titles.amount(by, value));
                push(
                    format!("{words}的分值"),
                    number(band.points),
                    titles.points(band.points),
                );
            }
        }
        PointsForm::Fixed(_) | PointsForm::Chosen { .. } | PointsForm::Value { .. } => {}
    }
}

fn groups(rules: &RuleSet) -> Vec<Entry> {
    let all = rules.groups().iter().map(|group| {
        let mut said = Said::new(rules);
        said.plain("名称", &group.title);
        said.optional("依据", group.clause.clone());
        let rule = group_rule(&said.titles, group);
        said.plain("合计", rule.trim_start_matches('，'));
        said.plain("取法", if group.highest { "取最高" } else { "相加" });
        let label = format!("{}「{}」", group.id, group.title);
        said.entry(Part::Group, &group.id, label, group.clause.as_deref())
    });
    all.collect()
}

fn grades(rules: &RuleSet) -> Vec<Entry> {
    let mut said = Said::new(rules);
    let order: Vec<&str> = rules
        .grades()
        .iter()
        .map(|grade| grade.id.as_str())
        .collect();
    said.plain("高低顺序", order.join("、"));
    let order = said.entry(Part::Grade, "", "等级".to_owned(), None);
    let each = rules.grades().iter().enumerate().map(|(rank, grade)| {
        let mut said = Said::new(rules);
        said.optional("名称", grade.title.clone());
        let steps = || rules.ladder().iter().filter(|step| step.rank == rank);
        said.both("划分", |voice| {
            let steps: Vec<String> = steps()
                .map(|step| {
                    let range = match step.range == Interval::default() && step.top.is_none() {
                        true => "其余".to_owned(),
                        false => step_range(voice, step),
                    };
                    match &step.when {
                        Some(when) => format!("{range}且{}", condition(voice, when)),
                        None => range,
                    }
                })
                .collect();
            steps.join("；")
        });
        let label = format!("等级{}", Voice::titles(rules).grade_titled(rank));
        said.entry(Part::Grade, &grade.id, label, None)
    });
    std::iter::once(order).chain(each).collect()
}

fn outcomes(rules: &RuleSet) -> Vec<Entry> {
    let mut all = Vec::new();
    for rule in rules.not_rated() {
        let mut said = Said::new(rules);
        said.plain("依据", &rule.clause);
        said.both("条件", |voice| condition(voice, &rule.when));
        let label = format!("「{}」", rule.title);
        all.push(said.entry(Part::NotRated, &rule.title, label, Some(&rule.clause)));
    }
    for rule in rules.overrides() {
        let mut said = Said::new(rules);
        said.plain("情形", &rule.title);
        said.plain("依据", &rule.clause);
        said.both("条件", |voice| condition(voice, &rule.when));
        said.both("处理", |voice| effect(voice, rule.effect));
        let label = format!("{}「{}」", rule.id, rule.title);
        all.push(said.entry(Part::Override, &rule.id, label, Some(&rule.clause)));
    }
    for list in rules.lists() {
        let mut said = Said::new(rules);
        said.plain("名称", &list.title);
        said.plain("性质", list_class(list.class));
        said.plain("依据", &list.clause);
        said.optional("法律依据", list.legal_basis.clone());
        said.both("列入条件", |voice| condition(voice, &list.when));
        let severity = list.severity.map(|gravity| gravity.chinese().to_owned());
        said.optional("严重程度", severity);
        said.optional("期限", list.term.map(|_| term(list)));
        let label = format!("{}「{}」", list.id, list.title);
        all.push(said.entry(Part::List, &list.id, label, Some(&list.clause)));
    }
    for one in rules.consequences() {
        let mut said = Said::new(rules);
        said.optional("依据", one.clause.clone());
        said.optional("抽查比例", sampling(one));
        said.unordered("措施", &one.measures.join("；"), "；");
        let label = format!("{}「{}」", applies_to(&said.titles, one), one.title);
        let trigger = match one.trigger {
            Trigger::Grade(rank) => rules.grades().get(rank).map(|grade| &grade.id),
            Trigger::List(index) => rules.lists().get(index).map(|list| &list.id),
        };
        let trigger = trigger.map_or("", String::as_str);
        let id = format!("{trigger}/{}", one.title);
        all.push(said.entry(Part::Consequence, &id, label, one.clause.as_deref()));
    }
    all
}

fn list_class(class: crate::rules::ListClass) -> &'static str {
    use crate::rules::ListClass;
    match class {
        ListClass::Red => "红名单",
        ListClass::Warning => "警示名单",
        ListClass::Watch => "重点关注名单",
        ListClass::Serious => "严重失信主体名单",
    }
}

fn fields(rules: &RuleSet) -> Vec<Entry> {
    let all = rules.attributes().iter().map(|attribute| {
        let mut said = Said::new(rules);
        let title = said.titles.attribute_title(&attribute.name);
        said.plain("名称", title.clone());
        let words = content(&said.titles, &attribute.kind);
        let key = content(&said.ids, &attribute.kind);
        let mut values: Vec<&str> = key.split(['、', '：']).collect();
        values.sort_unstable();
        said.facts.push(Fact {
            name: "填写内容".to_owned(),
            key: values.join("、"),
            words,
        });
        said.optional("单位", attribute.unit.clone());
        let label = format!("{}「{title}」", attribute.name);
        said.entry(Part::Field, &attribute.name, label, None)
    });
    all.collect()
}

fn cases(rules: &RuleSet) -> Vec<Entry> {
    let all = rules.cases().iter().map(|case| {
        let mut said = Said::new(rules);
        said.plain("评价日", case.as_of.to_string());
        said.both("情况", |voice| situation(voice, case).join("；"));
        said.both("结果", |voice| expected(voice, case).join("；"));
        said.entry(Part::Case, &case.title, format!("「{}」", case.title), None)
    });
    all.collect()
}
