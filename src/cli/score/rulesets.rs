//! Which of the rule sets given scores the day.

use std::{fs, path::Path, path::PathBuf};

use super::Failure;
use crate::{
    domain::Day,
    rules::{self, RuleSet},
    service::RuleBook,
};

/// The version in force on the day. One file alone scores any day, with a warning where it is not in force: trying rules out
/// on other days is what it is for.
pub(in crate::cli) fn in_force(paths: &[PathBuf], day: Day) -> Result<RuleSet, Failure> {
    let mut sets = Vec::new();
    let mut faulty = false;
    for path in paths {
        match read(path)? {
            Some(ruleset) => sets.push(ruleset),
            None => faulty = true,
        }
    }
    let all: Vec<&RuleSet> = sets.iter().collect();
    for overlap in rules::overlapping_versions(&all) {
        eprintln!("{overlap}");
        faulty = true;
    }
    if faulty {
        return Err(Failure::Said);
    }
    let book = RuleBook::new(sets).map_err(|fault| Failure::Input(fault.to_string()))?;
    if let ([_], Some(only)) = (paths, book.iter().next()) {
        if !only.in_force_on(day) {
            eprintln!("warning: {} is not in force on {day}", only.id());
        }
        return Ok(only.clone());
    }
    let found = book.any_in_force(day).cloned();
    found.map_err(|gap| Failure::Input(format!("{day} 没有唯一有效的评分规则：{gap}")))
}

/// Reads a file; what is wrong with it goes to stderr.
fn read(path: &Path) -> Result<Option<RuleSet>, Failure> {
    let source = fs::read_to_string(path).map_err(|fault| Failure::file(path, &fault))?;
    match RuleSet::load(&path.display().to_string(), &source) {
        Ok(loaded) => Ok(Some(loaded.ruleset)),
        Err(found) => {
            for diagnostic in found {
                eprintln!("{}", diagnostic.render(&source));
            }
            Ok(None)
        }
    }
}
