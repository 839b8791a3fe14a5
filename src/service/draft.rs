//! A record as an officer fills it in, and how it becomes one: every faulty field is named.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Error, FieldFault};
use crate::domain::{
    AttributeSchema, AttributeValue, Day, Points, Record, RecordKind, RecordStatus, Uscc,
};

/// A record as an officer fills it in: every field is text as typed; what is absent or empty is not given.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RecordDraft {
    /// Id of the item of the rule set.
    #[schema(example = "INS-01")]
    pub item: Option<String>,
    /// `inspection`, `spot_check`, `complaint`, `penalty`, `honour`, `survey`, `basic` or `other`.
    pub kind: Option<String>,
    /// Unified social credit code; may be left out where a project is given.
    pub company: Option<String>,
    /// Code of the project.
    pub project: Option<String>,
    pub manager: Option<String>,
    #[schema(example = "2026-06-01")]
    pub occurred_on: Option<String>,
    pub decided_on: Option<String>,
    pub published_on: Option<String>,
    pub valid_until: Option<String>,
    /// Chosen points, for items whose points are chosen within a range.
    pub points: Option<String>,
    /// Why these points.
    pub reason: Option<String>,
    /// Key of the matter.
    pub matter: Option<String>,
    pub rectify_by: Option<String>,
    /// Values of the attributes that the rule set declares.
    pub attributes: BTreeMap<String, String>,
}

/// Reads a draft; every faulty field is named.
pub(super) fn read_draft(
    draft: &RecordDraft,
    id: String,
    schema: &AttributeSchema,
) -> Result<Record, Error> {
    let mut faults = Vec::new();
    let mut read = Fields {
        faults: &mut faults,
    };
    let record = Record {
        id,
        item: read.text(&draft.item).unwrap_or_default(),
        kind: read.parse("kind", &draft.kind, RecordKind::parse),
        company: read.parse("company", &draft.company, Uscc::parse),
        project: read.text(&draft.project),
        manager: read.text(&draft.manager),
        body: None,
        occurred_on: read.parse("occurred_on", &draft.occurred_on, Day::parse),
        decided_on: read.parse("decided_on", &draft.decided_on, Day::parse),
        entered_on: None,
        published_on: read.parse("published_on", &draft.published_on, Day::parse),
        valid_until: read.parse("valid_until", &draft.valid_until, Day::parse),
        points: read.parse("points", &draft.points, Points::parse),
        reason: read.text(&draft.reason),
        matter: read.text(&draft.matter),
        rectify_by: read.parse("rectify_by", &draft.rectify_by, Day::parse),
        rectified_on: None,
        status: RecordStatus::Draft,
        attributes: read.attributes(&draft.attributes, schema),
    };
    let given = |raw: &Option<String>| raw.as_deref().is_some_and(|text| !text.trim().is_empty());
    let subject = [&draft.company, &draft.project, &draft.manager];
    if !subject.into_iter().any(given) {
        let what = "须填写企业、项目或项目负责人";
        faults.push(FieldFault::new("company", "E005", what));
    }
    if faults.is_empty() {
        Ok(record)
    } else {
        Err(Error::Invalid(faults))
    }
}

/// Reads fields and keeps what is wrong with each.
struct Fields<'a> {
    faults: &'a mut Vec<FieldFault>,
}

impl Fields<'_> {
    fn text(&self, raw: &Option<String>) -> Option<String> {
        let text = raw.as_deref()?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn parse<T, E: std::fmt::Display>(
        &mut self,
        field: &str,
        raw: &Option<String>,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(raw)?;
        parse(&text)
            .map_err(|fault| {
                self.faults
                    .push(FieldFault::new(field, "E006", fault.to_string()));
            })
            .ok()
    }

    fn attributes(
        &mut self,
        given: &BTreeMap<String, String>,
        schema: &AttributeSchema,
    ) -> BTreeMap<String, AttributeValue> {
        let mut values = BTreeMap::new();
        for (name, raw) in given.iter().filter(|(_, raw)| !raw.trim().is_empty()) {
            let field = format!("attributes/{name}");
            let Some(kind) = schema.get(name) else {
                let what = format!("评分规则没有字段「{name}」");
                self.faults.push(FieldFault::new(&field, "E007", what));
                continue;
            };
            match kind.parse(raw) {
                Ok(value) => {
                    values.insert(name.clone(), value);
                }
                Err(fault) => {
                    self.faults
                        .push(FieldFault::new(&field, "E006", fault.to_string()));
                }
            }
        }
        values
    }
}
