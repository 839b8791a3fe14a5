//! Names of a predicate: what each place sees.

use std::ops::Range;

use super::{Place, Typed, Typer};
use crate::{
    domain::{AttributeType, SubjectKind},
    rules::{
        diagnostic::Code,
        predicate::{GradeTerm, Num, ProjectField, SubjectField, lex::Fault},
    },
};

impl Typer<'_> {
    pub(super) fn name(&self, name: &str, at: &Range<usize>) -> Result<Typed, Fault> {
        if self.past {
            return match name {
                "grade" => Ok(Typed::Grade(GradeTerm::Current)),
                _ => Err(Fault::new(
                    Code::R011,
                    at.clone(),
                    format!("consecutive 里不能用「{name}」"),
                    "以前各期只存有等级，请只用 grade，如 consecutive(grade <= 'C', 2)",
                )),
            };
        }
        if self.place == Place::Item {
            let found = self.names.attributes.get_key_value(name);
            return match found.map(|(name, kind)| (name.clone(), kind)) {
                Some((name, AttributeType::Choice(values))) => {
                    Ok(Typed::Choice(name, values.clone()))
                }
                Some((
                    name,
                    AttributeType::Integer | AttributeType::Decimal | AttributeType::Percent,
                )) => Ok(Typed::Number(Num::Attribute(name))),
                Some((name, AttributeType::Boolean)) => Ok(Typed::FlagAttribute(name)),
                Some((name, AttributeType::Day)) => Ok(Typed::DayAttribute(name)),
                Some((name, AttributeType::Text)) => Ok(Typed::TextAttribute(name)),
                None => Err(self.unknown(name, at)),
            };
        }
        match name {
            "score" => Ok(Typed::Number(Num::Score)),
            "grade" if self.place == Place::AfterGrade => Ok(Typed::Grade(GradeTerm::Current)),
            "grade" => Err(Fault::new(
                Code::R011,
                at.clone(),
                "这里等级还没有评出，不能用 grade",
                "请用 score、分项或 previous_grade(1)",
            )),
            _ => match self.names.components.iter().position(|known| known == name) {
                Some(index) => Ok(Typed::Number(Num::Component(index))),
                None => Err(self.unknown(name, at)),
            },
        }
    }

    fn unknown(&self, name: &str, at: &Range<usize>) -> Fault {
        let known: Vec<&str> = match self.place {
            Place::Item => self
                .names
                .attributes
                .keys()
                .map(String::as_str)
                .chain([
                    "project.area",
                    "project.households",
                    "subject.age_months",
                    "subject.projects",
                ])
                .collect(),
            place => self
                .names
                .components
                .iter()
                .map(String::as_str)
                .chain(["score"])
                .chain((place == Place::AfterGrade).then_some("grade"))
                .collect(),
        };
        Fault::new(
            Code::R011,
            at.clone(),
            format!("没有声明「{name}」"),
            self.reader.suggest(name, known),
        )
    }

    pub(super) fn field(
        &self,
        owner: &str,
        field: &str,
        at: &Range<usize>,
    ) -> Result<Typed, Fault> {
        let unknown = |known: &[&str]| {
            Fault::new(
                Code::R011,
                at.clone(),
                format!("没有「{owner}.{field}」"),
                self.reader
                    .suggest(&format!("{owner}.{field}"), known.iter().copied()),
            )
        };
        match owner {
            "project" if self.place == Place::Item => match field {
                "area" => Ok(Typed::Number(Num::Project(ProjectField::Area))),
                "households" => Ok(Typed::Number(Num::Project(ProjectField::Households))),
                "contract_value" => Ok(Typed::Number(Num::Project(ProjectField::ContractValue))),
                _ => Err(unknown(&[
                    "project.area",
                    "project.households",
                    "project.contract_value",
                ])),
            },
            "project" => Err(Fault::new(
                Code::R011,
                at.clone(),
                "project 只能用在条目的条件里",
                "",
            )),
            "subject" if self.names.subject != SubjectKind::Company => Err(Fault::new(
                Code::R011,
                at.clone(),
                "subject 的字段只有企业才有",
                "本规则的评价对象不是企业",
            )),
            "subject" if !self.past => match field {
                "age_months" => Ok(Typed::Number(Num::Subject(SubjectField::AgeMonths))),
                "projects" => Ok(Typed::Number(Num::Subject(SubjectField::Projects))),
                _ => Err(unknown(&["subject.age_months", "subject.projects"])),
            },
            _ => Err(unknown(&[
                "project.area",
                "project.households",
                "subject.age_months",
                "subject.projects",
            ])),
        }
    }
}
