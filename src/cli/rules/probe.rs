//! What `wuxin rules check --probe` prints: warnings in words, after the findings.

use crate::rules::{Probe, RuleSet, Search, probe};

/// Options of the probe.
#[derive(Debug, clap::Args)]
pub(super) struct Probing {
    /// Also search for perverse effects and for numbers that no case notices
    #[arg(long)]
    pub probe: bool,
    /// Where the random search begins; the same seed finds the same
    #[arg(long, value_name = "N", default_value_t = 1, requires = "probe")]
    seed: u64,
    /// Random sets of records to try
    #[arg(long, value_name = "N", default_value_t = 2000, requires = "probe")]
    probe_cases: u32,
}

impl Probing {
    pub(super) fn of(&self, rules: &RuleSet) -> Probe {
        probe(
            rules,
            Search {
                seed: self.seed,
                rounds: self.probe_cases,
            },
        )
    }
}

/// In words.
pub(super) fn told(name: &str, found: &Probe) -> String {
    let mut told = String::new();
    for one in &found.perverse {
        told.push_str(&format!("{name}: 反常效果：{}\n", one.effect.chinese()));
        let situation = (one.situation.as_ref()).map(|words| format!("，{words}"));
        let situation = situation.unwrap_or_default();
        told.push_str(&format!("  评价日 {}{situation}\n", one.as_of));
        for (index, record) in one.records.iter().enumerate() {
            let last = index + 1 == one.records.len();
            let mark = if last { "→" } else { " " };
            told.push_str(&format!("  {mark} {record}\n"));
        }
        told.push_str(&format!("  之前：{}；之后：{}\n", one.before, one.after));
        told.push_str(&format!("  原因：{}\n", one.mechanism.chinese()));
    }
    for one in &found.unnoticed {
        told.push_str(&format!(
            "{name}:{}:{}: {}：改成 {} 没有一个案例发现\n",
            one.line,
            one.column,
            one.text,
            one.changed_to.join(" 或 ")
        ));
    }
    let effects = if found.searched {
        format!("反常效果 {} 种", found.perverse.len())
    } else {
        "按排名定级，没有探查反常效果".to_owned()
    };
    told.push_str(&format!(
        "{name}: 共试 {} 个数，{} 个没有案例发现；{effects}\n",
        found.numbers,
        found.unnoticed.len(),
    ));
    told
}
