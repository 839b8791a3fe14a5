//! Each stage of scoring, as tables.

mod conditions;
mod grades;
mod points;
mod projects;
mod sums;
mod time;

use super::*;

fn component(extra: &str) -> String {
    format!("[[component]]\nid = \"bad\"\ntitle = \"不良\"\n{extra}\n")
}

fn item(extra: &str) -> String {
    format!(
        "[[item]]\nid = \"B1\"\ncomponent = \"bad\"\nclause = \"第1条\"\ntitle = \"违规\"\n{extra}\n"
    )
}

const OPEN: &str = "kind = \"open\"";

const LADDER: &str = "[[grade]]\nid = \"A\"\nfrom = 90\n[[grade]]\nid = \"B\"\nfrom = 80\nbelow = 90\n[[grade]]\nid = \"C\"\nfrom = 50\nbelow = 80\n[[grade]]\nid = \"D\"\nbelow = 50\n";

fn bad(extra: &str) -> RuleSet {
    rules(&small(OPEN, "base = 100", &(component("") + &item(extra))))
}
