//! `wuxin feed check`: lints profiles; every fault of every file in one run, then a sample of each operation.

use std::{fs, path::PathBuf};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    cli::{
        Failure,
        output::{TextOrJson, print, print_json},
    },
    feed::{
        profile::{Profile, ProfileError, ProfileFault, render},
        sample::{SampleKind, sample},
    },
};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Check {
    /// Profile files, or names of shipped profiles
    #[arg(required = true, value_name = "PROFILE")]
    profiles: Vec<String>,
    #[arg(long, value_enum, default_value = "text")]
    format: TextOrJson,
}

/// One profile and all that is to say about it.
#[derive(Debug, Serialize)]
struct Checked {
    file: String,
    faults: Vec<ProfileFault>,
    samples: Vec<Shown>,
}

/// A synthetic record under the profile, or why it does not fit.
#[derive(Debug, Serialize)]
struct Shown {
    operation: &'static str,
    /// Of a list entry, or of a penalty if the profile takes only those.
    record: &'static str,
    fields: Map<String, Value>,
    refused: Vec<String>,
}

impl Check {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let mut unread = Vec::new();
        let mut checked = Vec::new();
        for name in &self.profiles {
            match text_of(name) {
                Ok(text) => checked.push(check(name, &text)?),
                Err(failure) => unread.push(failure),
            }
        }
        match self.format {
            TextOrJson::Json => print_json(&checked)?,
            TextOrJson::Text => print(&checked.iter().map(told).collect::<String>())?,
        }
        for failure in &unread {
            failure.print();
        }
        let sound = checked.iter().all(|one| {
            one.faults.is_empty() && one.samples.iter().all(|shown| shown.refused.is_empty())
        });
        if sound && unread.is_empty() {
            Ok(())
        } else {
            Err(Failure::Said)
        }
    }
}

/// A file of this name, else the shipped profile.
fn text_of(name: &str) -> Result<String, Failure> {
    let path = PathBuf::from(name);
    match (Profile::shipped(name), fs::read_to_string(&path)) {
        (_, Ok(text)) => Ok(text),
        (Some(shipped), Err(_)) => Ok(shipped.to_owned()),
        (None, Err(fault)) => Err(Failure::file(&path, &fault)),
    }
}

fn check(name: &str, text: &str) -> Result<Checked, Failure> {
    let (faults, samples) = match Profile::read(name, text) {
        Ok(profile) => (Vec::new(), samples(&profile)?),
        Err(ProfileError { faults, .. }) => (faults, Vec::new()),
    };
    Ok(Checked {
        file: name.to_owned(),
        faults,
        samples,
    })
}

/// Of list entries if the profile takes them, else of penalties; if neither fits, what is wrong with the first.
fn samples(profile: &Profile) -> Result<Vec<Shown>, Failure> {
    let entries = shown(profile, false)?;
    let fits = |shown: &[Shown]| shown.iter().all(|one| one.refused.is_empty());
    if fits(&entries) {
        return Ok(entries);
    }
    let penalties = shown(profile, true)?;
    Ok(if fits(&penalties) { penalties } else { entries })
}

fn shown(profile: &Profile, penalty: bool) -> Result<Vec<Shown>, Failure> {
    SampleKind::ALL
        .into_iter()
        .map(|kind| {
            let record = sample(kind, penalty).map_err(Failure::Input)?;
            let (fields, refused) = match render(profile, &record) {
                Ok(rendered) => (rendered.to_map(), Vec::new()),
                Err(faults) => {
                    let told = faults.iter().map(ToString::to_string).collect();
                    (Map::new(), told)
                }
            };
            Ok(Shown {
                operation: kind.as_str(),
                record: if penalty { "penalty" } else { "list entry" },
                fields,
                refused,
            })
        })
        .collect()
}

fn told(checked: &Checked) -> String {
    let mut text = String::new();
    for ProfileFault { line, what, fix } in &checked.faults {
        text.push_str(&format!("{}:{line}: {what}; {fix}\n", checked.file));
    }
    for shown in &checked.samples {
        text.push_str(&format!("--- {} ({})\n", shown.operation, shown.record));
        for (name, value) in &shown.fields {
            text.push_str(&format!("{name} = {value}\n"));
        }
        for why in &shown.refused {
            text.push_str(&format!("refused: {why}\n"));
        }
    }
    let refused = checked.samples.iter().filter(|one| !one.refused.is_empty());
    text.push_str(&format!(
        "{}: {} fault(s), {} sample(s) refused\n",
        checked.file,
        checked.faults.len(),
        refused.count()
    ));
    text
}
