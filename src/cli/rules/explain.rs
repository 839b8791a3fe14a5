//! `wuxin rules explain`: the page of a code, from the program itself.

use crate::{
    cli::{Failure, output::print},
    rules::{Code, Severity},
};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Explain {
    /// Codes such as R020; without one, all codes with their titles
    #[arg(value_name = "CODE")]
    codes: Vec<String>,
}

impl Explain {
    pub(super) fn run(&self) -> Result<(), Failure> {
        if self.codes.is_empty() {
            return print(&index());
        }
        let pages: Vec<&str> = self
            .codes
            .iter()
            .map(|name| {
                Code::named(name).map(Code::page).ok_or_else(|| {
                    Failure::Input(format!(
                        "there is no code {name:?}; `wuxin rules explain` lists all"
                    ))
                })
            })
            .collect::<Result<_, _>>()?;
        print(&pages.join("\n"))
    }
}

/// Every code on a line.
fn index() -> String {
    Code::ALL
        .iter()
        .map(|code| {
            let kind = match code.severity() {
                Severity::Error => "错误",
                Severity::Warning => "提示",
            };
            format!("{code}  {kind}  {}  ({})\n", code.chinese(), code.title())
        })
        .collect()
}
