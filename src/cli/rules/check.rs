//! `wuxin rules check`: lints rule sets and runs their worked cases.

use std::{fs, path::PathBuf};

use crate::{
    cli::{
        Failure,
        output::{TextOrJson, print, print_json},
    },
    rules::{Diagnostic, RuleSet, Severity},
};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Check {
    /// Rule sets
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[arg(long, value_enum, default_value = "text")]
    format: TextOrJson,
}

impl Check {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let mut found = Vec::new();
        let mut rendered = String::new();
        for path in &self.files {
            let source = fs::read_to_string(path).map_err(|fault| Failure::file(path, &fault))?;
            let (diagnostics, cases) = examine(&path.display().to_string(), &source);
            for diagnostic in &diagnostics {
                rendered.push_str(&diagnostic.render(&source));
                rendered.push('\n');
            }
            let errors = count(&diagnostics, Severity::Error);
            let warnings = count(&diagnostics, Severity::Warning);
            rendered.push_str(&format!(
                "{}: {errors} error(s), {warnings} warning(s), {cases} case(s) run\n",
                path.display()
            ));
            found.extend(diagnostics);
        }
        match self.format {
            TextOrJson::Text => print(&rendered)?,
            TextOrJson::Json => print_json(&found)?,
        }
        if count(&found, Severity::Error) > 0 {
            return Err(Failure::Said);
        }
        Ok(())
    }
}

/// All that is to say about a file, and how many cases were run.
fn examine(name: &str, source: &str) -> (Vec<Diagnostic>, usize) {
    match RuleSet::load(name, source) {
        Ok(loaded) => {
            let mut found = loaded.warnings;
            found.extend(loaded.ruleset.case_diagnostics());
            (found, loaded.ruleset.cases().len())
        }
        Err(found) => (found, 0),
    }
}

fn count(found: &[Diagnostic], severity: Severity) -> usize {
    found
        .iter()
        .filter(|diagnostic| diagnostic.severity == severity)
        .count()
}
