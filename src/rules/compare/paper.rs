//! Changes and their effect as a document.

use std::collections::BTreeMap;

use super::{Change, Impact, Kind, Part};
use crate::rules::{
    RuleSet,
    render::{Block, Cell, Paper, Section, Table, ordinal},
};

/// What changed, as a document.
pub fn changes_paper(old: &RuleSet, new: &RuleSet, changes: &[Change]) -> Paper {
    let head = |rules: &RuleSet| {
        let document = match rules.document().is_empty() {
            true => String::new(),
            false => format!("，{}", rules.document()),
        };
        format!(
            "{}（{}{document}，自{}起施行）",
            rules.title(),
            rules.id(),
            rules.effective_from()
        )
    };
    let mut paper = Paper {
        title: new.title().to_owned(),
        subtitle: "修改对照".to_owned(),
        mark: None,
        facts: vec![
            ("原标准".to_owned(), head(old)),
            ("新标准".to_owned(), head(new)),
        ],
        sections: Vec::new(),
    };
    if changes.is_empty() {
        paper.sections.push(Section {
            title: String::new(),
            sheet: "修改对照",
            blocks: vec![Block::Paragraph("两个文件的内容没有差别。".to_owned())],
        });
        return paper;
    }
    paper.facts.push((
        "修改".to_owned(),
        format!(
            "共{}处，新增{}处，删除{}处，修改{}处；修改后的内容自{}起执行",
            changes.len(),
            count(changes, Kind::Added),
            count(changes, Kind::Removed),
            count(changes, Kind::Changed),
            new.effective_from()
        ),
    ));
    let mut parts: BTreeMap<Part, Vec<&Change>> = BTreeMap::new();
    for change in changes {
        parts.entry(change.part).or_default().push(change);
    }
    for (index, (part, changes)) in parts.into_iter().enumerate() {
        let blocks = changes
            .iter()
            .enumerate()
            .map(|(at, change)| Block::Paragraph(format!("{}．{}。", at + 1, change.sentence())));
        paper.sections.push(Section {
            title: format!("{}、{}", ordinal(index + 1), part.chinese()),
            sheet: "修改对照",
            blocks: blocks.collect(),
        });
    }
    paper
}

fn count(changes: &[Change], kind: Kind) -> usize {
    changes.iter().filter(|change| change.kind == kind).count()
}

/// Who moves, as a section of a document. `names`: names of subjects, where they are known.
pub fn impact_sections(impact: &Impact, names: &BTreeMap<String, String>) -> Vec<Section> {
    let mut blocks = Vec::new();
    blocks.extend(
        impact
            .not_yet
            .clone()
            .map(|text| Block::Paragraph(format!("{text}。"))),
    );
    blocks.push(Block::Paragraph(format!(
        "按{}试算，共评价{}个对象，其中{}个的得分、等级或者名单有变动。",
        impact.as_of, impact.subjects, impact.moved
    )));
    blocks.push(Block::Heading("（一）等级变动".to_owned()));
    blocks.push(Block::Table(matrix(impact)));
    if !impact.moves.is_empty() {
        blocks.push(Block::Heading("（二）变动的对象和原因".to_owned()));
        let mut moves = Table::new(&[
            ("对象", 24),
            ("原得分", 8),
            ("新得分", 8),
            ("原等级", 10),
            ("新等级", 10),
            ("原因", 40),
        ]);
        for one in &impact.moves {
            let name = names.get(&one.subject).map(|name| format!("\n{name}"));
            let score = |score: Option<rust_decimal::Decimal>| {
                Cell::text(score.map_or_else(|| "—".to_owned(), |score| score.to_string()))
            };
            moves.rows.push(vec![
                Cell::text(format!("{}{}", one.subject, name.unwrap_or_default())),
                score(one.old_score),
                score(one.new_score),
                Cell::text(&one.old_grade),
                Cell::text(&one.new_grade),
                Cell::text(one.reasons.join("\n")),
            ]);
        }
        blocks.push(Block::Table(moves));
    }
    vec![Section {
        title: "影响试算".to_owned(),
        sheet: "影响试算",
        blocks,
    }]
}

/// Old grades down, new grades across.
fn matrix(impact: &Impact) -> Table {
    let mut across: Vec<&str> = Vec::new();
    for step in &impact.matrix {
        if !across.contains(&step.new.as_str()) {
            across.push(&step.new);
        }
    }
    let place = |grade: &&str| impact.ladder.iter().position(|known| known == grade);
    across.sort_by_key(|grade| place(grade).unwrap_or(usize::MAX));
    let mut columns = vec![("原等级＼新等级", 24)];
    columns.extend(across.iter().map(|grade| (*grade, 12)));
    let mut table = Table::new(&columns);
    // The steps come by old grade, best first.
    for steps in impact.matrix.chunk_by(|a, b| a.old == b.old) {
        let subjects = |grade: &&str| {
            let step = steps.iter().find(|step| step.new == *grade);
            step.map_or_else(|| Cell::text("—"), |step| Cell::number(step.subjects, ""))
        };
        let old = steps.first().map_or("", |step| step.old.as_str());
        let cells = std::iter::once(Cell::text(old)).chain(across.iter().map(subjects));
        table.rows.push(cells.collect());
    }
    table
}
