//! `wuxin rules check`: lints rule sets, one by one and beside each other, and runs their worked cases.

use std::{collections::BTreeMap, fs, path::PathBuf};

use super::probe::{self, Probing};
use crate::{
    cli::{
        Failure,
        output::{TextOrJson, print, print_json},
    },
    domain::Day,
    rules::{Code, Diagnostic, Probe, RuleSet, Severity, check_versions},
};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Check {
    /// Rule sets; versions of one policy are also checked beside each other
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Also tell which policy ends within 60 days of this day without a successor among the files
    #[arg(long, value_name = "DATE")]
    as_of: Option<Day>,
    #[command(flatten)]
    probing: Probing,
    #[arg(long, value_enum, default_value = "text")]
    format: TextOrJson,
}

/// One file and all that is to say about it.
struct Examined {
    name: String,
    source: String,
    ruleset: Option<RuleSet>,
    found: Vec<Diagnostic>,
}

impl Check {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let mut unread = Vec::new();
        let mut files = Vec::new();
        for path in &self.files {
            match fs::read(path) {
                Ok(bytes) => files.push(examine(path.display().to_string(), bytes)),
                Err(fault) => unread.push(Failure::file(path, &fault)),
            }
        }
        self.beside_each_other(&mut files);
        let probed = self.probed(&files);
        match self.format {
            TextOrJson::Text => {
                print(&files.iter().map(Examined::told).collect::<String>())?;
                let told = probed.iter().map(|(name, found)| probe::told(name, found));
                print(&told.collect::<String>())?;
            }
            TextOrJson::Json => {
                let all: Vec<&Diagnostic> = files.iter().flat_map(|file| &file.found).collect();
                if self.probing.probe {
                    print_json(&serde_json::json!({ "findings": all, "probes": probed }))?;
                } else {
                    print_json(&all)?;
                }
            }
        }
        for failure in &unread {
            failure.print();
        }
        if !unread.is_empty() || files.iter().any(|file| file.count(Severity::Error) > 0) {
            return Err(Failure::Said);
        }
        Ok(())
    }

    /// By file; those whose cases fail have something else to be mended first.
    fn probed<'f>(&self, files: &'f [Examined]) -> BTreeMap<&'f str, Probe> {
        let sound = files
            .iter()
            .filter(|file| self.probing.probe && file.count(Severity::Error) == 0);
        sound
            .filter_map(|file| Some((file.name.as_str(), self.probing.of(file.ruleset.as_ref()?))))
            .collect()
    }

    fn beside_each_other(&self, files: &mut [Examined]) {
        let rulesets: Vec<&RuleSet> = (files.iter())
            .filter_map(|file| file.ruleset.as_ref())
            .collect();
        for diagnostic in check_versions(&rulesets, self.as_of) {
            if let Some(file) = files.iter_mut().find(|file| file.name == diagnostic.file) {
                file.found.push(diagnostic);
            }
        }
    }
}

fn examine(name: String, bytes: Vec<u8>) -> Examined {
    let source = match String::from_utf8(bytes) {
        Ok(source) => source,
        Err(fault) => {
            let valid = fault.utf8_error().valid_up_to();
            let source = String::from_utf8_lossy(fault.as_bytes()).into_owned();
            let found = vec![Diagnostic::new(
                &name,
                &source,
                Code::R001,
                valid..valid + 1,
                "文件不是 UTF-8 编码".to_owned(),
                "请用 UTF-8 另存（多半存成了 GBK）".to_owned(),
            )];
            return Examined {
                name,
                source,
                ruleset: None,
                found,
            };
        }
    };
    let (ruleset, found) = match RuleSet::load(&name, &source) {
        Ok(loaded) => {
            let mut found = loaded.warnings;
            found.extend(loaded.ruleset.case_diagnostics());
            (Some(loaded.ruleset), found)
        }
        Err(found) => (None, found),
    };
    Examined {
        name,
        source,
        ruleset,
        found,
    }
}

impl Examined {
    fn count(&self, severity: Severity) -> usize {
        let found = self.found.iter();
        found.filter(|one| one.severity == severity).count()
    }

    /// The findings with their lines, and how many there are.
    fn told(&self) -> String {
        let mut told: String = (self.found.iter())
            .map(|one| one.render(&self.source) + "\n")
            .collect();
        told.push_str(&format!(
            "{}: {} error(s), {} warning(s), {} case(s) run\n",
            self.name,
            self.count(Severity::Error),
            self.count(Severity::Warning),
            self.ruleset.as_ref().map_or(0, |rules| rules.cases().len()),
        ));
        told
    }
}
