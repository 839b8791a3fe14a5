//! One subject's facts, from files or from the database: what `explain` and `what-if` ask about.

use std::path::{Path, PathBuf};

use super::{
    Failure, Shared, files,
    score::{Places, judge, rulesets, take},
};
use crate::{
    domain::{Company, Contract, Day, Record, SubjectKind, Uscc},
    intake::Context,
    rules::{Facts, PastGrade, RuleSet, ScoreFault},
    service,
};

/// Whom to ask about, and where the facts are.
#[derive(Debug, clap::Args)]
pub(super) struct Asked {
    /// Unified social credit code of the company (of another kind of subject: its code)
    #[arg(value_name = "USCC")]
    pub subject: String,
    /// Rule set
    #[arg(long, value_name = "FILE", requires = "records")]
    rules: Option<PathBuf>,
    /// Records, CSV or XLSX
    #[arg(long, value_name = "FILE", requires = "rules")]
    records: Option<PathBuf>,
    /// Companies
    #[arg(long, value_name = "FILE", requires = "rules")]
    companies: Option<PathBuf>,
    /// Management contracts of projects
    #[arg(long, value_name = "FILE", requires = "rules")]
    projects: Option<PathBuf>,
    /// Grades of earlier periods
    #[arg(long, value_name = "FILE", requires = "rules")]
    history: Option<PathBuf>,
    /// The day asked about [default: today, of what is stored]
    #[arg(long, value_name = "DATE", value_parser = Day::parse)]
    pub as_of: Option<Day>,
}

/// Facts that were read from files.
pub(super) struct OnFile {
    pub ruleset: RuleSet,
    pub subject: String,
    pub as_of: Day,
    companies: Vec<Company>,
    contracts: Vec<Contract>,
    contracts_known: bool,
    records: Vec<Record>,
    history: Vec<PastGrade>,
    places: Places,
}

impl Asked {
    /// Reads the files, if files are asked about; `None` if the database is.
    pub fn files(&self, shared: &Shared) -> Result<Option<OnFile>, Failure> {
        match (&self.rules, &self.records, self.as_of) {
            (Some(rules), Some(records), Some(as_of)) => self.read(rules, records, as_of).map(Some),
            (Some(_), Some(_), None) => Err(Failure::Usage(
                "--as-of is needed to ask about files".to_owned(),
            )),
            _ if shared.database.is_none() && std::env::var_os("WUXIN_DATABASE_URL").is_none() => {
                let what = "give --rules and --records to ask about files, or --database to ask about what is stored";
                Err(Failure::Usage(what.to_owned()))
            }
            _ => Ok(None),
        }
    }

    /// The code of a company.
    pub fn uscc(&self) -> Result<Uscc, Failure> {
        Uscc::parse(&self.subject).map_err(|fault| Failure::Input(fault.to_string()))
    }

    fn read(&self, rules: &Path, records: &Path, as_of: Day) -> Result<OnFile, Failure> {
        let ruleset = rulesets::in_force(&[rules.to_owned()], as_of)?;
        let subject = match ruleset.subject() {
            SubjectKind::Company => self.uscc()?.to_string(),
            SubjectKind::Project | SubjectKind::Manager => self.subject.trim().to_owned(),
        };
        let titles = service::titles(&ruleset);
        let context = Context {
            regions: None,
            schema: ruleset.schema(),
            titles: &titles,
        };
        let mut faults = Vec::new();
        let mut read = files::records(records, &context);
        judge(&ruleset, &mut read);
        let places = Places::of(&read);
        let records = take(read, &mut faults);
        let companies = (self.companies.as_ref())
            .map(|path| take(files::companies(path, &context), &mut faults));
        let contracts = (self.projects.as_ref())
            .map(|path| take(files::contracts(path, &context), &mut faults));
        let history = (self.history.as_ref())
            .map(|path| take(files::history(path, &context, &ruleset), &mut faults));
        if !faults.is_empty() {
            faults.sort();
            return Err(Failure::Faults(faults));
        }
        Ok(OnFile {
            subject,
            as_of,
            companies: companies.unwrap_or_default(),
            contracts_known: contracts.is_some(),
            contracts: contracts.unwrap_or_default(),
            records,
            history: history.unwrap_or_default(),
            places,
            ruleset,
        })
    }
}

impl OnFile {
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            companies: &self.companies,
            contracts: &self.contracts,
            contracts_known: self.contracts_known,
            records: &self.records,
            history: &self.history,
            on_lists: &[],
        }
    }

    /// Faults of the data, each with its row.
    pub fn failure(&self, faults: &[ScoreFault]) -> Failure {
        Failure::Faults(self.places.faults(&self.records, faults))
    }

    /// Name of the subject, if it is a company that is known, and its code.
    pub fn name(&self) -> String {
        let known = self
            .companies
            .iter()
            .find(|company| company.uscc.as_str() == self.subject);
        match known {
            Some(company) => format!("{}（{}）", company.name, self.subject),
            None => self.subject.clone(),
        }
    }
}
