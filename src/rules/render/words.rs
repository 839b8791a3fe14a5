//! The words of the field for the values of a rule set, and the voice that names its parts.

use rust_decimal::Decimal;

use crate::{
    domain::{AttributeType, AttributeValue, Span, SubjectKind},
    rules::{
        Attribute, Average, Direction, Interval, ListClass, RuleSet, model::Trigger,
        predicate::Target,
    },
};

/// A number without trailing zeros.
pub(in crate::rules) fn number(value: Decimal) -> String {
    if value.is_zero() {
        return "0".to_owned();
    }
    value.normalize().to_string()
}

/// A share of one as a percentage.
pub(in crate::rules) fn percent(share: Decimal) -> String {
    format!("{}%", number(share * Decimal::ONE_HUNDRED))
}

/// `加2分`, `扣2分`; for demerits `记2分`, `减2分`.
pub(in crate::rules) fn points(direction: Direction, value: Decimal) -> String {
    format!("{}{}分", sign_word(direction, value), number(value.abs()))
}

pub(in crate::rules) fn sign_word(direction: Direction, value: Decimal) -> &'static str {
    match (direction, value < Decimal::ZERO) {
        (Direction::Merit, true) => "扣",
        (Direction::Merit, false) => "加",
        (Direction::Demerit, true) => "减",
        (Direction::Demerit, false) => "记",
    }
}

pub(in crate::rules) fn span(span: Span) -> String {
    match span {
        Span::Days(n) => format!("{n}日"),
        Span::Months(n) => format!("{n}个月"),
        Span::Years(n) => format!("{n}年"),
    }
}

pub(in crate::rules) fn subject(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Company => "物业服务企业",
        SubjectKind::Project => "物业项目",
        SubjectKind::Manager => "项目负责人",
    }
}

pub(in crate::rules) fn average(average: Average) -> &'static str {
    match average {
        Average::Area => "按管理面积加权平均",
        Average::Households => "按户数加权平均",
        Average::ContractValue => "按合同金额加权平均",
        Average::Equal => "取各项目的平均值",
        Average::Sum => "各项目得分相加",
    }
}

pub(in crate::rules) fn list_class(class: ListClass) -> &'static str {
    match class {
        ListClass::Red => "红名单（守信激励）",
        ListClass::Warning => "警示名单（行业内提示）",
        ListClass::Watch => "重点关注名单（行业监管）",
        ListClass::Serious => "严重失信主体名单",
    }
}

/// Numbers between two ends, in the words of laws: 以上 and 以下 include the number, 超过 and 不满 do not.
pub(in crate::rules) fn range(range: &Interval, show: &dyn Fn(Decimal) -> String) -> String {
    let lower = range.lower.map(|bound| match bound.inclusive {
        true => format!("{}以上", show(bound.value)),
        false => format!("超过{}", show(bound.value)),
    });
    let upper = range.upper.map(|bound| match bound.inclusive {
        true => format!("{}以下", show(bound.value)),
        false => format!("不满{}", show(bound.value)),
    });
    match (lower, upper) {
        (Some(lower), Some(upper)) => format!("{lower}、{upper}"),
        (Some(end), None) | (None, Some(end)) => end,
        (None, None) => "其余".to_owned(),
    }
}

/// Words that rule files use for levels, bodies, answers and evidence; a word that is not known stays as the author wrote it.
pub(in crate::rules) fn code(word: &str) -> &str {
    match word {
        "national" => "国家级",
        "province" | "provincial" => "省级",
        "city" | "municipal" => "市级",
        "county" | "district" => "区县级",
        "street" => "街道级",
        "community" => "社区级",
        "satisfied" => "满意",
        "acceptable" => "基本满意",
        "unsatisfied" => "不满意",
        "main" => "主要责任",
        "equal" => "同等责任",
        "minor" => "次要责任",
        "full" => "全部责任",
        "none" => "无责任",
        other => other,
    }
}

/// Who enters or confirms records.
pub(in crate::rules) fn body(word: &str) -> &str {
    match word {
        "national" => "国家",
        "province" => "省",
        "city" => "市",
        "county" | "district" => "区县",
        "street" => "街道",
        "community" => "社区",
        "owners" => "业主",
        "company" => "企业",
        other => other,
    }
}

pub(in crate::rules) fn evidence(word: &str) -> &str {
    match word {
        "photo" => "照片",
        "inspection_form" => "检查表",
        "spot_check_form" => "双随机抽查表",
        "rectification_notice" => "整改通知书",
        "complaint_form" => "投诉受理单",
        "revisit_record" => "回访记录",
        "mediation_record" => "调解记录",
        "petition_record" => "信访登记",
        "penalty_decision" => "行政处罚决定书",
        "official_circular" => "通报文件",
        "official_letter" => "公函",
        "investigation_report" => "调查报告",
        "court_judgment" => "生效裁判文书",
        "accident_report" => "事故调查报告",
        "order_to_leave" => "责令退出通知书",
        "donation_receipt" => "捐赠凭证",
        "filing" => "申报材料",
        "credit_commitment" => "信用承诺书",
        "survey_report" => "满意度调查报告",
        "certificate" => "证书",
        "award_document" | "commendation" => "表彰文件",
        "media_report" => "媒体报道",
        other => other,
    }
}

/// How the parts of a rule set are named: by their titles for readers, by their ids to tell whether two files say the same.
#[derive(Debug, Clone, Copy)]
pub(in crate::rules) struct Voice<'r> {
    pub rules: &'r RuleSet,
    by_id: bool,
}

impl<'r> Voice<'r> {
    /// Names parts by their titles.
    pub fn titles(rules: &'r RuleSet) -> Self {
        Self {
            rules,
            by_id: false,
        }
    }

    /// Names parts by their ids, so that a new title of one part changes nothing elsewhere.
    pub fn ids(rules: &'r RuleSet) -> Self {
        Self { rules, by_id: true }
    }

    pub fn direction(&self) -> Direction {
        self.rules.score_rule().direction
    }

    pub fn points(&self, value: Decimal) -> String {
        points(self.direction(), value)
    }

    fn quoted(&self, id: &str, title: &str) -> String {
        format!("「{}」", if self.by_id { id } else { title })
    }

    pub fn item(&self, index: usize) -> String {
        let item = self.rules.items().get(index);
        item.map_or_else(String::new, |item| self.quoted(&item.id, &item.title))
    }

    /// An item as a record cites it: by its clause.
    pub fn cited(&self, item: &str) -> String {
        match self.rules.item(item) {
            Some(known) if !self.by_id => known.clause.clone(),
            _ => item.to_owned(),
        }
    }

    pub fn group(&self, index: usize) -> String {
        let group = self.rules.groups().get(index);
        group.map_or_else(String::new, |group| self.quoted(&group.id, &group.title))
    }

    pub fn component(&self, index: usize) -> String {
        let component = self.rules.components().get(index);
        component.map_or_else(String::new, |one| self.quoted(&one.id, &one.title))
    }

    pub fn list(&self, index: usize) -> String {
        let list = self.rules.lists().get(index);
        list.map_or_else(String::new, |list| self.quoted(&list.id, &list.title))
    }

    /// The records of an item, or of the kind that a group or a component names.
    pub fn records_of(&self, target: Target) -> String {
        match target {
            Target::Item(index) => format!("{}记录", self.item(index)),
            Target::Group(index) => format!("{}类记录", self.group(index)),
            Target::Component(index) => format!("{}类记录", self.component(index)),
        }
    }

    /// `C级`; grades that are not plain letters stay as they are.
    pub fn grade(&self, rank: usize) -> String {
        let id = self.rules.grades().get(rank).map_or("", |grade| &grade.id);
        let plain = id
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-".contains(c));
        format!("{id}{}", if plain { "级" } else { "" })
    }

    /// `C级（信用差）`.
    pub fn grade_titled(&self, rank: usize) -> String {
        let title = self
            .rules
            .grades()
            .get(rank)
            .and_then(|grade| grade.title.as_ref());
        match title {
            Some(title) if !self.by_id => format!("{}（{title}）", self.grade(rank)),
            _ => self.grade(rank),
        }
    }

    pub fn trigger(&self, trigger: Trigger) -> String {
        match trigger {
            Trigger::Grade(rank) => self.grade_titled(rank),
            Trigger::List(index) => self.list(index),
        }
    }

    pub fn attribute(&self, name: &str) -> Option<&'r Attribute> {
        self.rules.attributes().iter().find(|one| one.name == name)
    }

    pub fn attribute_title(&self, name: &str) -> String {
        let title = self.attribute(name).and_then(|one| one.title.clone());
        match title {
            Some(title) if !self.by_id => title,
            _ => name.to_owned(),
        }
    }

    pub fn unit(&self, name: &str) -> String {
        let unit = self.attribute(name).and_then(|one| one.unit.clone());
        unit.filter(|_| !self.by_id).unwrap_or_default()
    }

    /// A number as a value of an attribute, with its unit.
    pub fn amount(&self, name: &str, value: Decimal) -> String {
        match self.attribute(name).map(|one| &one.kind) {
            Some(AttributeType::Percent) => percent(value),
            _ => format!("{}{}", number(value), self.unit(name)),
        }
    }

    pub fn choice(&self, value: &str) -> String {
        if self.by_id { value } else { code(value) }.to_owned()
    }

    /// A value as a record holds it.
    pub fn value(&self, name: &str, value: &AttributeValue) -> String {
        match value {
            AttributeValue::Choice(choice) => self.choice(choice),
            AttributeValue::Integer(whole) => self.amount(name, Decimal::from(*whole)),
            AttributeValue::Decimal(decimal) => self.amount(name, *decimal),
            AttributeValue::Boolean(flag) => if *flag { "是" } else { "否" }.to_owned(),
            AttributeValue::Day(day) => day.to_string(),
            AttributeValue::Text(text) => text.clone(),
        }
    }

    pub fn score(&self, value: Decimal) -> String {
        format!("{}分", number(value))
    }
}
