//! The rule book: every version of the policies that are configured, and which of them is in force when.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::{Error, OpenError, app::read};
use crate::{
    domain::{Day, SubjectKind},
    rules::{self, Diagnostic, RuleSet},
    store::{self, rulesets},
};

const DRAFT: (&str, &str) = (
    "ziyang-draft.toml",
    include_str!("../../rules/ziyang-draft.toml"),
);

/// Rule sets, by policy and first day. The versions of one policy share no day; where one judges old records by their own
/// date, it knows the others.
#[derive(Debug)]
pub struct RuleBook {
    /// Ids and digests in the order given, for [`RuleBook::keep`].
    given: Vec<(String, String)>,
    sets: Vec<RuleSet>,
}

/// Why no single version is in force on a day, in words that name the days around it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Gap {
    /// No version holds on the day; the neighbours in time.
    #[error("没有有效版本（{}；{}）", before(.earlier), after(.later))]
    None {
        /// The last version that ended before: id and last day.
        earlier: Option<(String, Day)>,
        /// The next version: id and first day.
        later: Option<(String, Day)>,
    },
    /// Several hold on the day.
    #[error("{} 同时有效", .0.join("、"))]
    Several(Vec<String>),
}

fn before(earlier: &Option<(String, Day)>) -> String {
    earlier.as_ref().map_or_else(
        || "此前没有版本".to_owned(),
        |(id, day)| format!("前一版本 {id} 到 {day} 为止"),
    )
}

fn after(later: &Option<(String, Day)>) -> String {
    later.as_ref().map_or_else(
        || "此后没有版本".to_owned(),
        |(id, day)| format!("后一版本 {id} 自 {day} 起"),
    )
}

impl RuleBook {
    /// Reads these files, and every `*.toml` of these folders; the draft that is built in, if there are none.
    pub fn read(paths: &[PathBuf]) -> Result<Self, OpenError> {
        let mut sources = Vec::new();
        for path in paths {
            for file in files(path)? {
                sources.push((file.display().to_string(), read(&file)?));
            }
        }
        if sources.is_empty() {
            sources.push((DRAFT.0.to_owned(), DRAFT.1.to_owned()));
        }
        Self::of_texts(&sources)
    }

    /// Compiles texts, each with the name to call it by.
    pub(super) fn of_texts(sources: &[(String, String)]) -> Result<Self, OpenError> {
        let mut sets = Vec::new();
        let mut faults = Vec::new();
        for (name, source) in sources {
            match RuleSet::load(name, source) {
                Ok(loaded) => sets.push(loaded.ruleset),
                Err(found) => faults.push(render(&found, source)),
            }
        }
        let all: Vec<&RuleSet> = sets.iter().collect();
        let overlaps = rules::overlapping_versions(&all);
        faults.extend(overlaps.iter().map(ToString::to_string));
        if !faults.is_empty() {
            return Err(OpenError::Rules(faults.join("\n")));
        }
        Self::new(sets).map_err(|fault| OpenError::Rules(fault.to_string()))
    }

    /// A book of these versions.
    ///
    /// # Errors
    /// Versions that cannot judge each other's records.
    pub fn new(mut sets: Vec<RuleSet>) -> Result<Self, rules::VersionFault> {
        let given = (sets.iter())
            .map(|one| (one.id().to_owned(), one.digest().to_owned()))
            .collect();
        let in_time = |a: &RuleSet, b: &RuleSet| {
            (a.policy(), a.effective_from(), a.id()).cmp(&(b.policy(), b.effective_from(), b.id()))
        };
        sets.sort_by(in_time);
        let plain = sets.clone();
        for one in sets.iter_mut().filter(|one| one.judges_by_own_date()) {
            let same = |other: &&RuleSet| other.policy() == one.policy();
            let versions: Vec<&RuleSet> = plain.iter().filter(same).collect();
            *one = one.clone().with_versions(&versions)?;
        }
        Ok(Self { given, sets })
    }

    /// The rule set for companies in force on a day.
    ///
    /// # Errors
    /// None or several: a day that no version covers, or two do, is an error that names the gap, never a guess.
    pub fn in_force(&self, day: Day) -> Result<&RuleSet, Error> {
        let companies = |one: &&RuleSet| one.subject() == SubjectKind::Company;
        the_one(self.sets.iter().filter(companies), day).map_err(|gap| Error::RuleSet { day, gap })
    }

    /// The rule set in force on a day, whatever it scores; for a book of one policy.
    ///
    /// # Errors
    /// As [`RuleBook::in_force`].
    pub fn any_in_force(&self, day: Day) -> Result<&RuleSet, Gap> {
        the_one(self.sets.iter(), day)
    }

    /// All versions of one policy, the earliest first.
    pub fn versions(&self, policy: &str) -> &[RuleSet] {
        let from = self.sets.partition_point(|one| one.policy() < policy);
        let until = self.sets.partition_point(|one| one.policy() <= policy);
        &self.sets[from..until]
    }

    /// The version of the same policy that ended last before this one began.
    pub(super) fn predecessor(&self, ruleset: &RuleSet) -> Option<&RuleSet> {
        let earlier = |other: &&RuleSet| other.effective_from() < ruleset.effective_from();
        let mut versions = self.versions(ruleset.policy()).iter();
        versions.rfind(earlier)
    }

    pub fn iter(&self) -> impl Iterator<Item = &RuleSet> {
        self.sets.iter()
    }

    /// Keeps the text of every rule set and that they were configured together, so that a stored score can be replayed under
    /// the versions that made it. Returns whether this is another book than the one kept last.
    pub fn keep(&self, db: &mut store::Db, now: DateTime<Utc>) -> Result<bool, Error> {
        let texts: Vec<(&str, &str)> = (self.given.iter())
            .map(|(id, digest)| (id.as_str(), digest.as_str()))
            .collect();
        let new = rulesets::put_book(db, &texts, now)?;
        if new {
            for one in &self.sets {
                rulesets::put(db, one.id(), one.digest(), one.text(), now)?;
            }
        }
        Ok(new)
    }
}

/// The first day after `day` on which a rule set itself brings a change, whatever the facts: its end, or the end of its
/// trial run.
pub(super) fn turn_after(ruleset: &RuleSet, day: Day) -> Option<Day> {
    let last_days = [ruleset.effective_until(), ruleset.shadow_until()];
    let ahead = last_days.into_iter().flatten().filter(|last| day <= *last);
    ahead.map(Day::next).min()
}

fn the_one<'a>(
    sets: impl Iterator<Item = &'a RuleSet> + Clone,
    day: Day,
) -> Result<&'a RuleSet, Gap> {
    let found: Vec<&RuleSet> = sets.clone().filter(|one| one.in_force_on(day)).collect();
    match found[..] {
        [one] => Ok(one),
        [] => {
            let ended = |one: &RuleSet| Some((one.id().to_owned(), one.effective_until()?));
            let begins = |one: &RuleSet| (one.id().to_owned(), one.effective_from());
            Err(Gap::None {
                earlier: sets
                    .clone()
                    .filter_map(ended)
                    .filter(|(_, last)| *last < day)
                    .max_by_key(|(_, last)| *last),
                later: sets
                    .map(begins)
                    .filter(|(_, first)| day < *first)
                    .min_by_key(|(_, first)| *first),
            })
        }
        _ => Err(Gap::Several(
            found.iter().map(|one| one.id().to_owned()).collect(),
        )),
    }
}

/// The file itself, or the rule files of a folder in the order of their names.
fn files(path: &Path) -> Result<Vec<PathBuf>, OpenError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let fault = |source| OpenError::Read {
        path: path.to_owned(),
        source,
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(fault)? {
        let file = entry.map_err(fault)?.path();
        if file
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            files.push(file);
        }
    }
    if files.is_empty() {
        return Err(OpenError::NoRules(path.to_owned()));
    }
    files.sort();
    Ok(files)
}

fn render(found: &[Diagnostic], source: &str) -> String {
    let rendered: Vec<String> = found.iter().map(|one| one.render(source)).collect();
    rendered.join("\n")
}
