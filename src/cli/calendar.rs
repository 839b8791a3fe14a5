//! `wuxin calendar`: files of working days, before they are used.

use std::{fs, path::PathBuf};

use super::{
    Failure,
    output::{print, table},
};
use crate::domain::{Calendar, CalendarError, Day};

#[derive(Debug, clap::Subcommand)]
pub(super) enum CalendarCommand {
    /// Validate files of years and show their working days by month
    Check {
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

impl CalendarCommand {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let Self::Check { files } = self;
        let mut texts = Vec::with_capacity(files.len());
        for file in files {
            let text = fs::read_to_string(file).map_err(|fault| Failure::file(file, &fault))?;
            // One by one first, so that a fault names its file.
            Calendar::parse([text.as_str()])
                .map_err(|fault| Failure::Input(format!("{}: {fault}", file.display())))?;
            texts.push(text);
        }
        let fault = |fault: CalendarError| Failure::Input(fault.to_string());
        let calendar = Calendar::parse(texts.iter().map(String::as_str)).map_err(fault)?;
        let mut said = String::new();
        for year in calendar.years() {
            let days = working_days(&calendar, year.year).map_err(fault)?;
            let total: u32 = days.iter().sum();
            let rows: Vec<Vec<String>> = days
                .iter()
                .enumerate()
                .map(|(month, days)| {
                    vec![format!("{}-{:02}", year.year, month + 1), days.to_string()]
                })
                .chain([vec![year.year.to_string(), total.to_string()]])
                .collect();
            said += &format!("{}\n", year.source);
            said += &table(&["month", "working days"], &rows);
            said += match year.verified {
                true => "compared with the official text; ",
                false => "NOT compared with the official text; ",
            };
            said += &match year.approved_by_two() {
                true => format!("approved by {}\n\n", year.approved_by.join(", ")),
                false => "NOT approved by two people (approved_by)\n\n".to_owned(),
            };
        }
        said += &format!("calendar version {}\n", calendar.version());
        print(&said)
    }
}

/// Working days of the months of a year.
fn working_days(calendar: &Calendar, year: i32) -> Result<[u32; 12], CalendarError> {
    let mut days = [0; 12];
    let mut next = Day::from_ymd(year, 1, 1);
    while let Some(day) = next.filter(|day| day.year() == year) {
        days[day.month() as usize - 1] += u32::from(calendar.is_working_day(day)?);
        next = Some(day.next());
    }
    Ok(days)
}
