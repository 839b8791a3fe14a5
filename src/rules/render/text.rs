//! A sheet for a terminal.

use super::{Clause, Sheet};

const NUMERALS: [&str; 20] = [
    "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二", "十三", "十四",
    "十五", "十六", "十七", "十八", "十九", "二十",
];

/// The number of a section as laws write it.
pub(super) fn numeral(index: usize) -> String {
    NUMERALS
        .get(index)
        .map_or_else(|| (index + 1).to_string(), |&word| word.to_owned())
}

impl Sheet {
    /// Its sections with their numbers, empty ones left out.
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n", self.title);
        if self.draft {
            text.push_str("【未经核对官方文本】\n");
        }
        for (label, value) in &self.heading {
            text.push_str(&format!("{label}：{value}\n"));
        }
        let mut section = 0;
        let mut open = |text: &mut String, title: &str| {
            text.push_str(&format!("\n{}、{title}\n", numeral(section)));
            section += 1;
        };
        open(&mut text, "总则");
        for sentence in &self.general {
            text.push_str(&format!("  {sentence}\n"));
        }
        for part in &self.parts {
            open(&mut text, &part.title);
            if !part.intro.is_empty() {
                text.push_str(&format!("  {}。\n", part.intro.join("；")));
            }
            for item in &part.items {
                text.push_str(&format!(
                    "  {}. {}（{}）\n",
                    item.number, item.title, item.clause
                ));
                let mut said = vec![item.points.clone()];
                said.extend(item.notes.iter().cloned());
                if !item.rectify.is_empty() {
                    said.push(format!("{}整改", item.rectify));
                }
                text.push_str(&format!("     {}\n", said.join("；")));
                if !item.process.is_empty() {
                    text.push_str(&format!("     {}\n", item.process.join("；")));
                }
            }
            for note in &part.notes {
                text.push_str(&format!("  注：{note}。\n"));
            }
        }
        if !self.grades.is_empty() {
            open(&mut text, "等级划分");
            for grade in &self.grades {
                let title = match grade.title.as_str() {
                    "" => String::new(),
                    title => format!("（{title}）"),
                };
                text.push_str(&format!("  {}级{title}：{}\n", grade.grade, grade.range));
            }
        }
        for (title, clauses) in self.provisions() {
            open(&mut text, title);
            for clause in clauses {
                text.push_str(&format!("  {}\n", clause.in_one_line()));
            }
        }
        if !self.examples.is_empty() {
            text.push_str("\n附：计分示例\n");
            for (index, example) in self.examples.iter().enumerate() {
                text.push_str(&format!("  {}. {}\n", index + 1, example.title));
                for record in &example.records {
                    text.push_str(&format!("     {record}\n"));
                }
                text.push_str(&format!("     结果：{}\n", example.result));
            }
        }
        text
    }

    /// The provisions after the ladder that there are, with their titles.
    pub fn provisions(&self) -> impl Iterator<Item = (&'static str, &[Clause])> {
        [
            ("不评定等级的情形", &self.not_rated),
            ("直接定级和等级限制", &self.overrides),
            ("名单", &self.lists),
            ("结果应用", &self.consequences),
        ]
        .into_iter()
        .filter(|(_, clauses)| !clauses.is_empty())
        .map(|(title, clauses)| (title, clauses.as_slice()))
    }
}

impl Clause {
    fn in_one_line(&self) -> String {
        let mut line = self.title.clone();
        if !self.text.is_empty() {
            line.push_str(&format!("：{}", self.text));
        }
        if !self.clause.is_empty() {
            line.push_str(&format!("（{}）", self.clause));
        }
        line
    }
}
