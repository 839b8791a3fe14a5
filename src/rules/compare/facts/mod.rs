//! What a rule set says, part by part: each part has a key that survives renaming, and each of its facts a key to compare
//! and the words to tell.

mod items;
mod results;

use self::{
    items::item_entry,
    results::{grades, outcomes},
};
use crate::rules::{
    RuleSet,
    render::{
        Voice, component_facts, content, expected, general_facts, group_rule, number, situation,
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
