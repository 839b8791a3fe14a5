//! `wuxin draw verify`: everything from the published file alone.

use std::path::PathBuf;

use super::{files, instant, now};
use crate::{
    cli::{
        Failure,
        output::{TextOrJson, print, print_json},
    },
    draw::{self, Bytes32, Instant, Report},
};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Verify {
    /// The published file
    file: PathBuf,
    /// Digest of a commitment as it was announced at the time; may be repeated, one for each attempt
    #[arg(long, value_name = "HEX", value_parser = bytes)]
    commitment: Vec<Bytes32>,
    /// Judge what is overdue at this instant [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    as_of: Option<Instant>,
    #[arg(long, value_enum, default_value = "text")]
    format: TextOrJson,
}

fn bytes(text: &str) -> Result<Bytes32, String> {
    Bytes32::parse(text).map_err(|fault| fault.to_string())
}

impl Verify {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let content = files::read(&self.file)?;
        // What is no UTF-8 is no JSON either; the report says so.
        let content = String::from_utf8(content).unwrap_or_default();
        let report = draw::verify(&content, self.as_of.unwrap_or_else(now));
        let announced = self.commitment.is_empty() || self.commitment == report.commitments;
        match self.format {
            TextOrJson::Json => print_json(&serde_json::json!({
                "file": self.file.display().to_string(),
                "ok": report.is_clean() && announced,
                "announced": (!self.commitment.is_empty()).then_some(announced),
                "draw": report.draw,
                "state": report.state,
                "commitments": report.commitments,
                "drawn": report.drawn,
                "substitutions": report.substitutions,
                "findings": report.findings,
            }))?,
            TextOrJson::Text => print(&told(&report, announced))?,
        }
        match report.is_clean() && announced {
            true => Ok(()),
            false => Err(Failure::Said),
        }
    }
}

fn told(report: &Report, announced: bool) -> String {
    let mut told = String::new();
    if let (Some(draw), Some(state)) = (&report.draw, report.state) {
        told.push_str(&format!("抽查 {draw}：{}\n", state.chinese()));
    }
    if let Some(drawn) = report.drawn {
        told.push_str(&format!(
            "抽中 {drawn} 个对象，替换 {} 次\n",
            report.substitutions
        ));
    }
    for (number, digest) in (1..).zip(&report.commitments) {
        told.push_str(&format!(
            "第 {number} 次抽取的承诺：{digest}，请与当时的公告核对\n"
        ));
    }
    if !announced {
        told.push_str("与公告的承诺不同\n");
    }
    for finding in &report.findings {
        told.push_str(&format!(
            "[{}] {}：{}\n",
            finding.code.as_str(),
            finding.at,
            finding.text
        ));
    }
    told.push_str(&match report.findings.len() {
        0 if announced => "全部相符\n".to_owned(),
        count => format!("有 {} 处不符\n", count + usize::from(!announced)),
    });
    told
}
