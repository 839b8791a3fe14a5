use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::{
    listing::{Action, StepName},
    procedure::{
        complaint::{Step as ComplaintStep, StepName as ComplaintStepName},
        record::Step as RecordStep,
    },
};

const DIGEST: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// Something lawful to type into a field.
fn sound(spec: &Spec) -> String {
    match spec.kind {
        Kind::Line | Kind::Area if spec.at == "to.office" => "512021".into(),
        Kind::Line if spec.at == "term" => "3 years".into(),
        Kind::Line | Kind::Area => "示例".into(),
        Kind::Lines if spec.at == "evidence" && spec.label.contains("附件") => DIGEST.into(),
        Kind::Lines => "其一\n其二".into(),
        Kind::Pairs(..) => "甲｜乙".into(),
        Kind::Day => "2026-07-01".into(),
        Kind::Number => "60".into(),
        Kind::Flag => "true".into(),
        Kind::Choice(words) => words[0].0.into(),
        Kind::Document => format!("{DIGEST} 物信〔2026〕1号"),
        Kind::Digest => DIGEST.into(),
    }
}

fn typed(form: &StepForm, all: bool) -> Vec<(String, String)> {
    form.fields
        .iter()
        .filter(|spec| spec.required || all)
        .filter(|spec| {
            spec.only.is_none_or(|(at, value)| {
                let chosen = form.fields.iter().find(|other| other.at == at);
                chosen.is_some_and(|other| sound(other) == value)
            })
        })
        // Either an office or another body.
        .filter(|spec| spec.at != "to.body")
        .map(|spec| (spec.at.to_owned(), sound(spec)))
        .collect()
}

fn every(forms: Forms, reads: impl Fn(Value) -> Result<(), String>) {
    for form in forms.steps {
        for all in [false, true] {
            let mut fields = typed(form, all);
            if form.step == "transfer" && !all {
                fields.push(("to.office".into(), "512021".into()));
            }
            let json = form.json(forms.tag, &fields).unwrap();
            reads(json.clone()).unwrap_or_else(|fault| panic!("{fault}: {json}"));
        }
    }
}

#[test]
fn what_a_form_gives_is_a_step() {
    every(ENTRIES, |json| {
        let read: Result<Action, _> = serde_json::from_value(json);
        read.map(|_| ()).map_err(|fault| fault.to_string())
    });
    every(RECORDS, |json| {
        let read: Result<RecordStep, _> = serde_json::from_value(json);
        read.map(|_| ()).map_err(|fault| fault.to_string())
    });
    every(COMPLAINTS, |json| {
        let read: Result<ComplaintStep, _> = serde_json::from_value(json);
        read.map(|_| ()).map_err(|fault| fault.to_string())
    });
}

#[test]
fn every_step_of_a_person_has_a_form() {
    let of =
        |forms: Forms| -> BTreeSet<&str> { forms.steps.iter().map(|form| form.step).collect() };
    let entries = StepName::ALL.iter();
    assert_eq!(
        of(ENTRIES),
        entries
            .filter(|step| **step != StepName::Expire)
            .map(|step| step.as_str())
            .collect()
    );
    assert_eq!(of(RECORDS), RecordStep::NAMES.into_iter().collect());
    let complaints = ComplaintStepName::ALL.into_iter();
    assert_eq!(
        of(COMPLAINTS),
        complaints
            .filter(|step| *step != ComplaintStepName::ProposeRecord)
            .map(|step| step.as_str())
            .collect()
    );
}

#[test]
fn what_belongs_to_another_choice_is_left_empty() {
    let form = ENTRIES.get("request_exit").unwrap();
    let named = |pairs: &[(&str, &str)]| -> Vec<String> {
        let typed: Vec<_> = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let wrong = form.json("action", &typed).err().unwrap_or_default();
        wrong.into_iter().map(|one| one.name).collect()
    };
    assert_eq!(
        named(&[("exit.exit", "repaired")]),
        ["exit.application", "exit.fulfilment", "exit.commitment"]
    );
    assert_eq!(
        named(&[("exit.exit", "revoked"), ("exit.application", "修1")]),
        ["exit.application", "exit.explanation"]
    );
    assert!(named(&[("exit.exit", "revoked"), ("exit.explanation", "依据撤销")]).is_empty());
}

#[test]
fn what_is_missing_or_unknown_is_named() {
    let form = RECORDS.get("object").unwrap();
    let given = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    };
    let named = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        let wrong = form.json("step", &given(pairs)).unwrap_err();
        wrong.into_iter().map(|one| (one.name, one.what)).collect()
    };
    let pair = |name: &str, what: &str| (name.to_owned(), what.to_owned());
    assert_eq!(
        named(&[("number", " "), ("received_on", "七月一日")]),
        [
            pair("number", "请填写"),
            pair("grounds", "请填写"),
            pair("received_on", "日期应为 2026-07-01 的形式"),
        ]
    );
    let whole = [
        ("number", "异1"),
        ("grounds", "不实"),
        ("received_on", "2026-07-01"),
    ];
    assert_eq!(
        named(&[&whole[..], &[("status", "revoked")]].concat()),
        [pair("status", "表单没有这一项")]
    );
    assert_eq!(
        named(&[&whole[..], &[("number", "异2")]].concat()),
        [pair("number", "这一项提交了两次")]
    );
}

proptest! {
    /// Whatever is typed becomes JSON or named faults, and JSON never says another step.
    #[test]
    fn nothing_typed_changes_the_step(
        index in 0..ENTRIES.steps.len(),
        values in proptest::collection::vec(("[a-z._]{0,12}", ".{0,40}"), 0..8),
    ) {
        let form = &ENTRIES.steps[index];
        match form.json(ENTRIES.tag, &values) {
            Ok(json) => prop_assert_eq!(&json["action"], form.step),
            Err(wrong) => prop_assert!(!wrong.is_empty()),
        }
    }
}
