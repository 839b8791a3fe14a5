//! The rule language: a TOML file says how a policy scores, grades and lists; this room reads it, checks it, scores
//! with it and explains the result. Pure: no clock, no I/O.
//!
//! ```text
//! diagnostic what is told, and the table of every code
//! source     the text: full-width punctuation, put right
//! reader     the file being read, and what was found wrong with it
//! document   TOML values with their places
//! read       document -> model, every name resolved
//! predicate  conditions: text -> typed expression -> truth
//! model      what the file says
//! check      what no single field shows: gaps, overlaps, what can never happen
//! records    faults of a record that the rules cannot use
//! engine     facts -> scores, in the page's order of evaluation
//! account    a score and its lines -> a sum that can be followed with a pocket calculator
//! outlook    what if: what time does by itself, what a rectification or an upheld objection would give
//! versions   old records by the version of their own date
//! cases      the worked examples of a file
//! compare    two rule sets side by side: what changed in words, who moves
//! probe      numbers that no case notices, and perverse effects
//! render     a rule set as an official reads it: the scoring table in words
//! ```

mod account;
mod cases;
mod check;
pub mod compare;
mod diagnostic;
mod document;
mod engine;
mod model;
mod outcome;
mod outlook;
mod predicate;
mod probe;
mod read;
mod reader;
mod records;
pub mod render;
mod source;
#[cfg(test)]
mod tests;
mod versions;

use toml::de::DeTable;

use crate::domain::{AttributeSchema, Day, SubjectKind};

pub use account::{
    Account, AccountFault, Conclusion, ConclusionKind, Factored, Op, Row, RowKind, Section,
    Uncounted,
};
pub use cases::{Case, CaseOutcome};
pub use check::{check_versions, overlapping_versions};
pub use diagnostic::{Code, Diagnostic, Severity};
pub use engine::{Course, Explained, Mark, Prepared, Stretch, score};
pub use model::{
    Attribute, Average, Band, Bound, Combine, Component, Consequence, DateField, Direction, Effect,
    Grade, GradeStep, Gravity, Group, Interval, Item, Level, ListClass, ListRule, Missing,
    NotRated, Override, PeriodKind, PointsForm, Repeat, Rounding, SameMatter, ScoreRule, Trigger,
    Validity,
};
pub use outcome::{
    Components, Facts, Line, LineStep, OnList, PastGrade, RecordFault, Score, ScoreFault, Workings,
};
pub use outlook::{
    Action, Ask, Block, BlockKind, Change, Cited, Deed, Distance, Moved, NextGrade, Outlook,
    OutlookFault, Rank, Stand, Stops, Timeline, Way, WayStep,
};
pub use predicate::Condition;
pub use probe::{Effect as PerverseEffect, Mechanism, Perverse, Probe, Search, Unnoticed, probe};
use versions::Named;
pub use versions::VersionFault;

/// One version of one policy, compiled. Immutable.
#[derive(Debug, Clone)]
pub struct RuleSet {
    file: String,
    source_text: String,
    digest: String,
    head: read::Head,
    schema: AttributeSchema,
    attributes: Vec<Attribute>,
    period: PeriodKind,
    counts_from: DateField,
    score: ScoreRule,
    components: Vec<Component>,
    /// Its own, then those of earlier versions that judge the records of their time.
    items: Vec<Item>,
    item_index: Index,
    /// Where records are judged by their own date: the versions that do.
    versions: Vec<versions::Version>,
    groups: Vec<Group>,
    grades: Vec<Grade>,
    ladder: Vec<GradeStep>,
    not_rated: Vec<NotRated>,
    overrides: Vec<Override>,
    lists: Vec<ListRule>,
    consequences: Vec<Consequence>,
    cases: Vec<Case>,
    compiled: engine::Compiled,
}

/// Items by id. The hash is quick and seeded: it is asked for every record.
type Index = std::collections::HashMap<String, usize, foldhash::fast::RandomState>;

/// A rule set that may be used, and what its author should look at.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub ruleset: RuleSet,
    pub warnings: Vec<Diagnostic>,
}

impl RuleSet {
    /// Reads and checks a file; its worked cases are not run ([`RuleSet::run_cases`] does).
    ///
    /// # Errors
    /// Everything found, in the order of the file, if any of it is an error.
    pub fn load(file: &str, source: &str) -> Result<Loaded, Vec<Diagnostic>> {
        if source.len() > source::LARGEST {
            return Err(vec![read::too_large(file, source)]);
        }
        let Ok(parsed) = DeTable::parse(source) else {
            return Err(read::broken(file, source));
        };
        let reader = document::Reader::new(file, source);
        let ruleset = read::read(&reader, parsed.get_ref());
        if let Some(ruleset) = &ruleset {
            check::check(&reader, ruleset, !reader.has_errors());
        }
        let failed = reader.has_errors();
        let found = reader.finish();
        match ruleset {
            Some(ruleset) if !failed => Ok(Loaded {
                ruleset,
                warnings: found,
            }),
            _ => Err(found),
        }
    }

    pub fn id(&self) -> &str {
        &self.head.id
    }

    /// Of which policy it is a version.
    pub fn policy(&self) -> &str {
        &self.head.policy
    }

    pub fn title(&self) -> &str {
        &self.head.title
    }

    pub fn authority(&self) -> &str {
        &self.head.authority
    }

    /// Number of the document (文号).
    pub fn document(&self) -> &str {
        &self.head.document
    }

    /// Where it was read.
    pub fn source(&self) -> &str {
        &self.head.source
    }

    /// Whether it was checked against the official text.
    pub fn verified(&self) -> bool {
        self.head.verified
    }

    /// Inclusive.
    pub fn effective_from(&self) -> Day {
        self.head.effective_from
    }

    /// Inclusive.
    pub fn effective_until(&self) -> Option<Day> {
        self.head.effective_until
    }

    /// Whether it is in force on a day.
    pub fn in_force_on(&self, day: Day) -> bool {
        self.head.effective_from <= day
            && self.head.effective_until.is_none_or(|until| day <= until)
    }

    /// Last day, inclusive, of the trial run (试运行, 只积分不处理), if there is one: until then scores are computed as ever,
    /// and nothing is done about lists and consequences.
    pub fn shadow_until(&self) -> Option<Day> {
        self.head.shadow_until
    }

    /// Whether nothing is done about scores of a day.
    pub fn in_shadow_on(&self, day: Day) -> bool {
        self.head.shadow_until.is_some_and(|last| day <= last)
    }

    pub fn subject(&self) -> SubjectKind {
        self.head.subject
    }

    /// SHA-256 of the file, hex.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The text of the file.
    pub fn text(&self) -> &str {
        &self.source_text
    }

    /// The name the file was loaded under.
    pub fn file(&self) -> &str {
        &self.file
    }

    pub fn schema(&self) -> &AttributeSchema {
        &self.schema
    }

    /// The declared attributes with titles and units.
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    pub fn period(&self) -> PeriodKind {
        self.period
    }

    pub fn counts_from(&self) -> DateField {
        self.counts_from
    }

    pub fn score_rule(&self) -> &ScoreRule {
        &self.score
    }

    /// Places of the score.
    pub fn decimals(&self) -> u32 {
        self.score.decimals
    }

    pub fn components(&self) -> &[Component] {
        &self.components
    }

    pub fn items(&self) -> &[Item] {
        &self.items[..self.item_index.len()]
    }

    pub fn item(&self, id: &str) -> Option<&Item> {
        self.items.get(self.item_index(id)?)
    }

    fn item_index(&self, id: &str) -> Option<usize> {
        self.item_index.get(id).copied()
    }

    /// The items that records are judged by, those of earlier versions included.
    fn all_items(&self) -> &[Item] {
        &self.items
    }

    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Best first.
    pub fn grades(&self) -> &[Grade] {
        &self.grades
    }

    /// The steps of the ladder, in the order of the file.
    pub fn ladder(&self) -> &[GradeStep] {
        &self.ladder
    }

    pub fn not_rated(&self) -> &[NotRated] {
        &self.not_rated
    }

    pub fn overrides(&self) -> &[Override] {
        &self.overrides
    }

    pub fn lists(&self) -> &[ListRule] {
        &self.lists
    }

    pub fn list(&self, id: &str) -> Option<&ListRule> {
        self.lists.iter().find(|list| list.id == id)
    }

    pub fn consequences(&self) -> &[Consequence] {
        &self.consequences
    }

    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// Whether grades go by rank, so that a subject cannot be graded alone.
    pub fn needs_population(&self) -> bool {
        self.ladder.iter().any(|step| step.top.is_some())
    }

    /// The conditions about subjects: all but those of items.
    fn subject_conditions(&self) -> impl Iterator<Item = &Condition> {
        (self.ladder.iter().filter_map(|step| step.when.as_ref()))
            .chain(self.not_rated.iter().map(|rule| &rule.when))
            .chain(self.overrides.iter().map(|rule| &rule.when))
            .chain(self.lists.iter().map(|rule| &rule.when))
    }

    fn grade_id(&self, rank: usize) -> Option<&str> {
        self.grades.get(rank).map(|grade| grade.id.as_str())
    }

    fn rank(&self, id: &str) -> Option<usize> {
        self.grades.iter().position(|grade| grade.id == id)
    }
}
