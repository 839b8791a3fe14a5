//! A page in two languages: the words around differ, what the service said is the same.

use serde_json::Value;

/// Chinese, then English.
pub type Words<'a> = (&'a str, &'a str);

#[derive(Debug, Default)]
pub struct Page {
    chinese: String,
    english: String,
}

impl Page {
    pub fn chinese(&self) -> &str {
        &self.chinese
    }

    pub fn english(&self) -> &str {
        &self.english
    }

    fn both(&mut self, chinese: &str, english: &str) {
        for (page, text) in [(&mut self.chinese, chinese), (&mut self.english, english)] {
            if !page.is_empty() {
                page.push('\n');
            }
            page.push_str(text.trim_end());
            page.push('\n');
        }
    }

    pub fn heading(&mut self, level: usize, (chinese, english): Words) {
        let marks = "#".repeat(level);
        self.both(&format!("{marks} {chinese}"), &format!("{marks} {english}"));
    }

    pub fn say(&mut self, (chinese, english): Words) {
        self.both(chinese, english);
    }

    /// What the service answered.
    pub fn json(&mut self, value: &Value) {
        let text = serde_json::to_string_pretty(value).unwrap();
        let block = format!("```text\n{text}\n```");
        self.both(&block, &block);
    }

    /// A refusal in the service's own words.
    pub fn refusal(&mut self, (chinese, english): Words, problem: &Value) {
        let words = |lead: &str, name: &str| {
            format!(
                "> **{name}** {lead}\n>\n> {} `{}`：{}",
                problem["status"],
                problem["type"].as_str().unwrap(),
                problem["detail"].as_str().unwrap(),
            )
        };
        self.both(&words(chinese, "拒绝。"), &words(english, "Refused."));
    }

    pub fn table(&mut self, heads: &[Words], rows: &[Vec<String>]) {
        let table = |head: Vec<&str>| {
            let rule = vec!["---"; head.len()].join("|");
            let mut text = format!("| {} |\n|{rule}|\n", head.join(" | "));
            for row in rows {
                text.push_str(&format!("| {} |\n", row.join(" | ").replace('\n', " ")));
            }
            text
        };
        self.both(
            &table(heads.iter().map(|head| head.0).collect()),
            &table(heads.iter().map(|head| head.1).collect()),
        );
    }
}
