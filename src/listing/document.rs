//! The decision document (列入决定书) and what it must say. A draft is parsed into one, or everything that is missing is
//! named at once.
//!
//! Required parts: 《中华人民共和国行政处罚法》 art. 59 and 国办发〔2020〕49号 part 4 (八), by analogy; the credit repair notice served
//! with it (两书同达): 国办发〔2025〕22号; 60 days and 6 months: 《中华人民共和国行政复议法》 art. 20, 《中华人民共和国行政诉讼法》 art. 46.

use serde::{Deserialize, Serialize};

use super::{digest::DocumentDigest, heard::Heard, types::Severity, words::words};
use crate::domain::{Day, Span, Text};

/// Days within which administrative review (行政复议) can be asked for.
pub const REVIEW_DAYS: u32 = 60;
/// Months within which a suit (行政诉讼) can be brought.
pub const LAWSUIT_MONTHS: u32 = 6;

words! {
    /// The parts of a decision document; the code is the field of the draft.
    Part {
        Number = "number" | "决定书文号",
        Facts = "facts" | "认定的事实",
        Evidence = "evidence" | "证据",
        Reason = "reason" | "列入事由",
        Clauses = "clauses" | "法律依据（条款）",
        Severity = "severity" | "失信严重程度",
        Measures = "measures" | "惩戒或者管理措施（没有的，写明空列表）",
        MeasureCitation = "measures.catalogue" | "措施所引《全国失信惩戒措施基础清单》条目",
        Removal = "removal" | "移出条件和程序",
        RepairRoute = "repair.route" | "信用修复途径",
        RepairNotice = "repair.notice" | "《信用修复告知书》文号",
        Heard = "heard" | "陈述申辩及采纳情况",
        ReviewOrgan = "remedies.review_organ" | "行政复议机关",
        ReviewDays = "remedies.review_days" | "行政复议期限（60日）",
        Court = "remedies.court" | "行政诉讼的管辖法院",
        LawsuitMonths = "remedies.lawsuit_months" | "行政诉讼期限（6个月）",
        Organ = "organ" | "决定机关",
        Dated = "dated" | "决定日期",
        Seal = "seal" | "印章",
        Digest = "digest" | "决定书摘要（SHA-256）",
    }
}

/// A draft of a decision as it comes in: anything may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DecisionParts {
    /// Document number (决定书文号).
    pub number: Option<String>,
    pub facts: Option<String>,
    pub evidence: Option<Vec<String>>,
    pub reason: Option<String>,
    /// Clauses it rests on.
    pub clauses: Option<Vec<String>>,
    /// At most the severity of which notice was given (行政处罚法 art. 45); absent on a favourable list.
    pub severity: Option<Severity>,
    /// How long it is displayed, within the bounds of the type; absent: the longest.
    pub term: Option<Span>,
    /// An empty list says that there are none.
    pub measures: Option<Vec<MeasureParts>>,
    /// Conditions and procedure of removal.
    pub removal: Option<String>,
    pub repair: Option<RepairParts>,
    pub heard: Option<Heard>,
    pub remedies: Option<RemedyParts>,
    /// The deciding organ.
    pub organ: Option<String>,
    /// The day it is made: today.
    pub dated: Option<Day>,
    /// Whose seal it bears.
    pub seal: Option<String>,
    pub digest: Option<DocumentDigest>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MeasureParts {
    pub measure: Option<String>,
    /// Entry of 《全国失信惩戒措施基础清单》 it rests on.
    pub catalogue: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RepairParts {
    pub route: Option<String>,
    /// Number of the 信用修复告知书.
    pub notice: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RemedyParts {
    pub review_organ: Option<String>,
    pub review_days: Option<u32>,
    pub court: Option<String>,
    pub lawsuit_months: Option<u32>,
}

/// A measure (惩戒或者管理措施) with the entry of the national catalogue it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    pub measure: Text,
    pub catalogue: Text,
}

/// Where the company can turn (救济途径).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remedies {
    pub review_organ: Text,
    pub court: Text,
}

/// What a decision to the company's disadvantage says besides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Burden {
    pub severity: Severity,
    pub measures: Vec<Measure>,
    pub removal: Text,
    pub repair_route: Text,
    pub repair_notice: Text,
    pub remedies: Remedies,
}

/// A complete decision document. Only [`DecisionDocument::parse`] makes one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionDocument {
    pub number: Text,
    pub facts: Text,
    /// At least one.
    pub evidence: Vec<Text>,
    pub reason: Text,
    /// At least one.
    pub clauses: Vec<Text>,
    pub heard: Heard,
    pub organ: Text,
    pub dated: Day,
    pub seal: Text,
    pub digest: DocumentDigest,
    /// `None` on a favourable list.
    pub burden: Option<Burden>,
}

impl DecisionDocument {
    /// The document that a draft makes.
    ///
    /// # Errors
    /// Every part that is missing, empty or not what the law says.
    pub fn parse(draft: &DecisionParts, adverse: bool) -> Result<Self, Vec<Part>> {
        let mut reader = Reader::default();
        let number = reader.text(Part::Number, &draft.number);
        let facts = reader.text(Part::Facts, &draft.facts);
        let evidence = reader.texts(Part::Evidence, &draft.evidence);
        let reason = reader.text(Part::Reason, &draft.reason);
        let clauses = reader.texts(Part::Clauses, &draft.clauses);
        let burden = adverse.then(|| reader.burden(draft));
        let heard = reader.given(Part::Heard, draft.heard.clone());
        let organ = reader.text(Part::Organ, &draft.organ);
        let dated = reader.given(Part::Dated, draft.dated);
        let seal = reader.text(Part::Seal, &draft.seal);
        let digest = reader.given(Part::Digest, draft.digest.clone());
        let whole = || {
            Some(Self {
                number: number?,
                facts: facts?,
                evidence: evidence?,
                reason: reason?,
                clauses: clauses?,
                heard: heard?,
                organ: organ?,
                dated: dated?,
                seal: seal?,
                digest: digest?,
                burden: match burden {
                    None => None,
                    Some(burden) => Some(burden?),
                },
            })
        };
        match whole() {
            Some(document) if reader.missing.is_empty() => Ok(document),
            _ => Err(reader.missing),
        }
    }

    /// The clauses as one text.
    pub(super) fn basis(&self) -> Option<Text> {
        let all: Vec<&str> = self.clauses.iter().map(Text::as_str).collect();
        Text::parse(&all.join("；")).ok()
    }
}

/// Reads parts and remembers what was missing.
#[derive(Default)]
struct Reader {
    missing: Vec<Part>,
}

impl Reader {
    fn given<T>(&mut self, part: Part, value: Option<T>) -> Option<T> {
        if value.is_none() && !self.missing.contains(&part) {
            self.missing.push(part);
        }
        value
    }

    fn text(&mut self, part: Part, value: &Option<String>) -> Option<Text> {
        let text = value.as_deref().and_then(|raw| Text::parse(raw).ok());
        self.given(part, text)
    }

    /// At least one, none of them empty.
    fn texts(&mut self, part: Part, values: &Option<Vec<String>>) -> Option<Vec<Text>> {
        let texts = values
            .as_ref()
            .filter(|values| !values.is_empty())
            .and_then(|values| values.iter().map(|raw| Text::parse(raw).ok()).collect());
        self.given(part, texts)
    }

    fn burden(&mut self, draft: &DecisionParts) -> Option<Burden> {
        let severity = self.given(Part::Severity, draft.severity);
        let measures = self.measures(draft.measures.as_deref());
        let removal = self.text(Part::Removal, &draft.removal);
        let repair = draft.repair.clone().unwrap_or_default();
        let repair_route = self.text(Part::RepairRoute, &repair.route);
        let repair_notice = self.text(Part::RepairNotice, &repair.notice);
        let told = draft.remedies.clone().unwrap_or_default();
        let review_organ = self.text(Part::ReviewOrgan, &told.review_organ);
        let days = told.review_days.filter(|days| *days == REVIEW_DAYS);
        let days = self.given(Part::ReviewDays, days);
        let court = self.text(Part::Court, &told.court);
        let months = told
            .lawsuit_months
            .filter(|months| *months == LAWSUIT_MONTHS);
        let months = self.given(Part::LawsuitMonths, months);
        days.and(months)?;
        Some(Burden {
            severity: severity?,
            measures: measures?,
            removal: removal?,
            repair_route: repair_route?,
            repair_notice: repair_notice?,
            remedies: Remedies {
                review_organ: review_organ?,
                court: court?,
            },
        })
    }

    fn measures(&mut self, given: Option<&[MeasureParts]>) -> Option<Vec<Measure>> {
        let given = self.given(Part::Measures, given)?;
        let read: Vec<Option<Measure>> = given
            .iter()
            .map(|one| {
                let measure = self.text(Part::Measures, &one.measure);
                let catalogue = self.text(Part::MeasureCitation, &one.catalogue);
                Some(Measure {
                    measure: measure?,
                    catalogue: catalogue?,
                })
            })
            .collect();
        read.into_iter().collect()
    }
}
