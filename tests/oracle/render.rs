//! A structure to the text of a rule file.

use std::fmt::Write;

use wuxin::rules::{Diagnostic, RuleSet};

use crate::spec::{ComponentSpec, Cond, Effect, ItemSpec, Ladder, Num, PointsSpec, Spec};

const SPANS: [&str; 9] = [
    "1 month",
    "30 days",
    "3 months",
    "6 months",
    "1 year",
    "12 months",
    "45 days",
    "1 day",
    "2 years",
];
const OPS: [&str; 6] = ["==", "!=", "<", "<=", ">", ">="];
pub const DATES: [&str; 4] = ["decided_on", "occurred_on", "entered_on", "published_on"];
pub const KINDS: [&str; 3] = ["inspection", "penalty", "honour"];

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Item,
    BeforeGrade,
    AfterGrade,
}

/// Renders a structure and loads it. What the loader refuses because it can never happen (a grade beyond the bounds of the
/// score, a condition that holds for no score) is left out, piece by piece.
/// `range` says when it is in force, if that matters.
pub fn load(spec: &Spec, range: &str) -> (String, RuleSet) {
    let mut spec = spec.clone();
    for attempt in 0.. {
        let text = render(&spec, range);
        let found = match RuleSet::load("random.toml", &text) {
            Ok(loaded) => return (text, loaded.ruleset),
            Err(found) => found,
        };
        let codes: Vec<&str> = found.iter().map(|one| one.code.as_str()).collect();
        if attempt > 40 {
            refused(&found, &text)
        } else if codes.contains(&"R022") || codes.contains(&"R020") || codes.contains(&"R021") {
            match &mut spec.ladder {
                Ladder::Bounds(steps) if !steps.is_empty() => {
                    steps.pop();
                }
                _ => spec.ladder = Ladder::None,
            }
        } else if codes.contains(&"R035") {
            for item in &mut spec.items {
                item.cap = item.cap.map(|cap| 3 * cap);
                item.times = item.times.map(|cap| cap.map(|cap| 3 * cap));
            }
        } else if codes.contains(&"R034") {
            spec.items.iter_mut().for_each(|item| item.when = None);
        } else if codes.contains(&"R029") {
            if spec.not_rated.pop().is_none() && spec.overrides.pop().is_none() {
                spec.lists.pop();
            }
        } else {
            refused(&found, &text)
        }
    }
    unreachable!("every attempt leaves less to refuse")
}

fn refused(found: &[Diagnostic], text: &str) -> ! {
    let found: String = found.iter().map(|one| one.render(text)).collect();
    panic!("{found}\n{text}");
}

fn tenths(value: i32) -> String {
    let sign = if value < 0 { "-" } else { "" };
    match (value.abs() / 10, value.abs() % 10) {
        (whole, 0) => format!("{sign}{whole}"),
        (whole, tenths) => format!("{sign}{whole}.{tenths}"),
    }
}

fn hundredths(value: i32) -> String {
    format!("{}.{:02}", value / 100, value % 100)
}

fn pick<T>(from: &[T], index: u8) -> &T {
    &from[usize::from(index) % from.len()]
}

fn op(index: u8) -> &'static str {
    OPS[usize::from(index) % OPS.len()]
}

fn render(spec: &Spec, range: &str) -> String {
    let range = if range.is_empty() {
        "effective_from = 2020-01-01"
    } else {
        range
    };
    Rendering {
        spec,
        range,
        grades: grades(&spec.ladder),
    }
    .file()
}

/// Letters, best first.
fn grades(ladder: &Ladder) -> Vec<String> {
    let steps = match ladder {
        Ladder::None => return Vec::new(),
        Ladder::Bounds(steps) => distinct(steps.iter().map(|step| step.0)).len(),
        Ladder::Rank(tops) => distinct(tops.iter().map(|top| i32::from(*top))).len(),
    };
    (0..=steps)
        .map(|step| ["A", "B", "C", "D", "E"][step].to_owned())
        .collect()
}

fn distinct(values: impl Iterator<Item = i32>) -> Vec<i32> {
    let mut values: Vec<i32> = values.collect();
    values.sort_unstable();
    values.dedup();
    values
}

struct Rendering<'s> {
    spec: &'s Spec,
    range: &'s str,
    grades: Vec<String>,
}

impl Rendering<'_> {
    fn company(&self) -> bool {
        self.spec.subject > 1
    }

    fn file(&self) -> String {
        let spec = self.spec;
        let subject = ["project", "manager", "company"][usize::from(spec.subject.min(2))];
        let mut text = format!(
            "[ruleset]\nid = \"random\"\ntitle = \"示例办法\"\nverified = true\n{}\nsubject = \"{subject}\"\n",
            self.range
        );
        text += "[attribute.level]\ntype = \"choice\"\nvalues = [\"city\", \"county\"]\n";
        for (name, kind) in [
            ("people", "integer"),
            ("rate", "percent"),
            ("value", "decimal"),
            ("main", "boolean"),
            ("seen", "day"),
            ("note", "text"),
        ] {
            _ = writeln!(text, "[attribute.{name}]\ntype = \"{kind}\"");
        }
        let kinds = [
            "open",
            "rolling",
            "calendar_year",
            "half_year",
            "quarter",
            "month",
        ];
        let kind = pick(&kinds, spec.period.kind);
        _ = writeln!(
            text,
            "[period]\nkind = \"{kind}\"\ncounts_from = \"{}\"",
            pick(&DATES, spec.period.counts_from)
        );
        if *kind == "rolling" {
            _ = writeln!(text, "months = {}", spec.period.months);
        }
        self.score(&mut text);
        for index in 0..spec.components.len() {
            self.component(&mut text, index);
        }
        for (index, item) in spec.items.iter().enumerate() {
            self.item(&mut text, index, item);
        }
        self.groups(&mut text);
        self.ladder(&mut text);
        self.subjects(&mut text);
        text
    }

    fn score(&self, text: &mut String) {
        let score = &self.spec.score;
        let roundings = ["half_up", "half_even", "down", "up"];
        _ = writeln!(
            text,
            "[score]\ndirection = \"{}\"\nbase = {}\ndecimals = {}\nrounding = \"{}\"\ndisputed = \"{}\"\nties = \"{}\"",
            if score.demerit { "demerit" } else { "merit" },
            tenths(score.base),
            score.decimals,
            pick(&roundings, score.rounding),
            if score.suspended {
                "suspended"
            } else {
                "counts"
            },
            if score.ties_worse { "worse" } else { "better" },
        );
        for (key, value) in [("min", score.min), ("max", score.max)] {
            if let Some(value) = value {
                _ = writeln!(text, "{key} = {}", tenths(value));
            }
        }
    }

    /// In hundredths. They sum to 1 where a component renormalises.
    fn weight(&self, index: usize) -> i32 {
        let components = &self.spec.components;
        if components.iter().all(|one| one.missing != 1) {
            return components[index].weight * 25;
        }
        let shares: &[i32] = match components.len() {
            1 => &[100],
            2 => &[40, 60],
            _ => &[20, 30, 50],
        };
        shares[index]
    }

    fn component(&self, text: &mut String, index: usize) {
        let ComponentSpec {
            base,
            floor,
            cap,
            combine,
            missing,
            by_project,
            ..
        } = &self.spec.components[index];
        let combines = ["sum", "mean", "last", "max", "min"];
        _ = writeln!(
            text,
            "[[component]]\nid = \"c{index}\"\nbase = {}\nweight = {}\ncombine = \"{}\"",
            tenths(*base),
            hundredths(self.weight(index)),
            pick(&combines, *combine),
        );
        let cap = cap.filter(|cap| *base < 0 || *cap >= 0);
        let floor = floor.filter(|floor| cap.is_none_or(|cap| *floor <= cap));
        for (key, value) in [("floor", floor), ("cap", cap)] {
            if let Some(value) = value {
                _ = writeln!(text, "{key} = {}", tenths(value));
            }
        }
        match missing {
            0 => {}
            1 => *text += "missing = \"renormalise\"\n",
            2 => *text += "missing = \"not_rated\"\n",
            _ => *text += "missing = { default = 7.5 }\n",
        }
        if let (Some((average, assessed)), true) = (by_project, self.company()) {
            let averages = ["area", "households", "contract_value", "equal", "sum"];
            let average = pick(&averages, *average);
            _ = writeln!(
                text,
                "level = \"project\"\naverage = \"{average}\"\nassessed_only = {assessed}"
            );
        }
    }

    /// The points of an item: their text, and whether they can be negative and positive.
    fn points(&self, item: &ItemSpec) -> (Option<String>, bool, bool) {
        let signs = |values: &[i32]| {
            (
                values.iter().any(|one| *one < 0),
                values.iter().any(|one| *one > 0),
            )
        };
        let (written, (falls, rises)) = match &item.points {
            PointsSpec::Absent if item.veto.is_some() && self.grades.len() > 1 => {
                (None, (false, false))
            }
            PointsSpec::Absent => (Some("-1".to_owned()), (true, false)),
            PointsSpec::Fixed(points) => (Some(tenths(*points)), signs(&[*points])),
            PointsSpec::Lookup([city, county]) => (
                Some(format!(
                    "{{ by = \"level\", city = {}, county = {} }}",
                    tenths(*city),
                    tenths(*county)
                )),
                signs(&[*city, *county]),
            ),
            PointsSpec::Bands(whole, bands, ends) => {
                let points: Vec<i32> = bands.iter().map(|band| band.1).collect();
                (Some(self.bands(*whole, bands, *ends)), signs(&points))
            }
            PointsSpec::Chosen(min, max) => (
                Some(format!(
                    "{{ min = {}, max = {} }}",
                    tenths(*min),
                    tenths(*max)
                )),
                signs(&[*min, *max]),
            ),
            PointsSpec::Value(true) => (Some("{ value = \"value\" }".to_owned()), (true, true)),
            PointsSpec::Value(false) => (Some("{ value = \"people\" }".to_owned()), (true, true)),
        };
        (written, falls, rises)
    }

    fn bands(&self, whole: bool, bands: &[(i32, i32)], ends: u8) -> String {
        let mut rows = Vec::new();
        let mut at = -2;
        for (index, (length, points)) in bands.iter().enumerate() {
            let (from, next) = (at, at + length);
            at = next;
            let mut row = String::new();
            // One end of a boundary includes it, the other does not.
            let closed_above = ends & 4 != 0;
            if index > 0 || ends & 1 != 0 {
                let key = if closed_above { "above" } else { "from" };
                _ = write!(row, "{key} = {from}, ");
            }
            if index + 1 < bands.len() || ends & 2 != 0 {
                let key = if closed_above { "to" } else { "below" };
                _ = write!(row, "{key} = {next}, ");
            }
            rows.push(format!("{{ {row}points = {} }}", tenths(*points)));
        }
        let by = if whole { "people" } else { "value" };
        format!("{{ by = \"{by}\", bands = [{}] }}", rows.join(", "))
    }

    fn item(&self, text: &mut String, index: usize, item: &ItemSpec) {
        let component = usize::from(item.component) % self.spec.components.len();
        _ = writeln!(
            text,
            "[[item]]\nid = \"I-{index}\"\ncomponent = \"c{component}\"\nclause = \"第{}条\"\ntitle = \"示例\"",
            index + 1
        );
        if !item.kinds.is_multiple_of(4) {
            _ = writeln!(text, "kinds = [\"{}\"]", pick(&KINDS, item.kinds));
        }
        let (points, falls, rises) = self.points(item);
        if let Some(points) = points {
            _ = writeln!(text, "points = {points}");
        }
        // A cap has the sign of what it bounds; where both are there, either.
        let signed = |cap: i32| {
            if falls && (!rises || cap % 2 == 0) {
                tenths(-cap)
            } else {
                tenths(cap)
            }
        };
        if let Some(per_record) = item.times {
            *text += "times = \"people\"\n";
            if let Some(cap) = per_record {
                _ = writeln!(text, "per_record_cap = {}", signed(cap));
            }
        }
        if let Some(cap) = item.cap {
            _ = writeln!(text, "cap = {}", signed(cap));
        }
        match item.valid_for {
            0 => {}
            1 => *text += "valid_for = \"until_rectified\"\n",
            span => _ = writeln!(text, "valid_for = \"{}\"", pick(&SPANS, span)),
        }
        if let Some(when) = &item.when {
            _ = writeln!(text, "when = \"{}\"", self.condition(when, Place::Item));
        }
        if item.same_matter > 0 {
            let word = ["sum", "highest", "first"][usize::from(item.same_matter)];
            _ = writeln!(text, "same_matter = \"{word}\"");
        }
        if let Some((within, factors)) = &item.repeat {
            let factors: Vec<String> = factors
                .iter()
                .map(|factor| tenths(i32::from(*factor) * 5))
                .collect();
            let within = pick(&SPANS, *within);
            _ = writeln!(
                text,
                "repeat = {{ within = \"{within}\", multiply = [{}] }}",
                factors.join(", ")
            );
        }
        if let Some(factor) = item.rectified {
            _ = writeln!(
                text,
                "rectified = {{ multiply = {} }}",
                hundredths(i32::from(factor) * 25)
            );
        }
        if item.recurs {
            *text += "recurs = \"each_period\"\n";
        }
        // To be at best the best is no limit.
        if let (Some(veto), true) = (item.veto, self.grades.len() > 1) {
            _ = writeln!(text, "veto = \"{}\"", pick(&self.grades[1..], veto));
        }
    }

    fn groups(&self, text: &mut String) {
        let spec = self.spec;
        let component = |item: usize| {
            &spec.components[usize::from(spec.items[item].component) % spec.components.len()]
        };
        let by_project = |item: usize| self.company() && component(item).by_project.is_some();
        let mut taken: Vec<usize> = Vec::new();
        for (index, group) in spec.groups.iter().enumerate() {
            let mut members: Vec<usize> = Vec::new();
            for item in &group.items {
                let item = usize::from(*item) % spec.items.len();
                let fits = members
                    .first()
                    .is_none_or(|first| by_project(*first) == by_project(item));
                if fits && !taken.contains(&item) {
                    members.push(item);
                    taken.push(item);
                }
            }
            let (mut falls, mut rises) = (false, false);
            for member in &members {
                let (_, low, high) = self.points(&spec.items[*member]);
                (falls, rises) = (falls || low, rises || high);
            }
            let ids: Vec<String> = members.iter().map(|item| format!("\"I-{item}\"")).collect();
            let combine = if group.highest { "highest" } else { "sum" };
            _ = writeln!(
                text,
                "[[group]]\nid = \"g{index}\"\nitems = [{}]\ncombine = \"{combine}\"",
                ids.join(", ")
            );
            if let Some(cap) = group.cap {
                let negative = falls && (!rises || cap % 2 == 0);
                _ = writeln!(text, "cap = {}", tenths(if negative { -cap } else { cap }));
            }
        }
    }

    fn ladder(&self, text: &mut String) {
        match &self.spec.ladder {
            Ladder::None => return,
            Ladder::Bounds(steps) => {
                // Best first: the greatest of a merit, the least of a demerit.
                let mut ends = distinct(steps.iter().map(|step| step.0));
                let (near, far) = if self.spec.score.demerit {
                    (["below", "to"], ["above", "from"])
                } else {
                    ends.reverse();
                    (["above", "from"], ["below", "to"])
                };
                let mut before: Option<(i32, bool)> = None;
                for (grade, end) in self.grades.iter().zip(ends) {
                    let (_, inclusive, when) = steps.iter().find(|step| step.0 == end).unwrap();
                    let key = near[usize::from(*inclusive)];
                    _ = writeln!(text, "[[grade]]\nid = \"{grade}\"\n{key} = {}", tenths(end));
                    if let Some((end, inclusive)) = before {
                        let key = far[usize::from(!inclusive)];
                        _ = writeln!(text, "{key} = {}", tenths(end));
                    }
                    if let Some(when) = when {
                        let when = self.condition(when, Place::BeforeGrade);
                        _ = writeln!(text, "when = \"{when}\"");
                    }
                    before = Some((end, *inclusive));
                }
            }
            Ladder::Rank(tops) => {
                for (grade, top) in self
                    .grades
                    .iter()
                    .zip(distinct(tops.iter().map(|top| i32::from(*top))))
                {
                    _ = writeln!(text, "[[grade]]\nid = \"{grade}\"\ntop = \"{top}%\"");
                }
            }
        }
        _ = writeln!(text, "[[grade]]\nid = \"{}\"", self.grades.last().unwrap());
    }

    fn subjects(&self, text: &mut String) {
        let spec = self.spec;
        for (index, when) in spec.not_rated.iter().enumerate() {
            let when = self.condition(when, Place::BeforeGrade);
            _ = writeln!(
                text,
                "[[not_rated]]\ntitle = \"不评级{index}\"\nclause = \"第五条\"\nwhen = \"{when}\""
            );
        }
        for (index, (when, effect)) in spec.overrides.iter().enumerate() {
            let effect = match effect {
                Effect::Score(score) => format!("score = {}", tenths(*score)),
                // Without grades there is nothing else to set.
                _ if self.grades.is_empty() => "score = 1.5".to_owned(),
                Effect::Grade(rank) => format!("grade = \"{}\"", pick(&self.grades, *rank)),
                Effect::AtBest(_) if self.grades.len() == 1 => "drop = 1".to_owned(),
                Effect::AtBest(rank) => format!("at_best = \"{}\"", pick(&self.grades[1..], *rank)),
                Effect::Drop(steps) => format!("drop = {steps}"),
            };
            let when = self.condition(when, Place::AfterGrade);
            _ = writeln!(
                text,
                "[[override]]\nid = \"O{index}\"\ntitle = \"示例\"\nclause = \"第六条\"\nwhen = \"{when}\"\n{effect}"
            );
        }
        for (index, when) in spec.lists.iter().enumerate() {
            let when = self.condition(when, Place::AfterGrade);
            _ = writeln!(
                text,
                "[[list]]\nid = \"l{index}\"\ntitle = \"示例名单\"\nclass = \"watch\"\nclause = \"第七条\"\nwhen = \"{when}\""
            );
        }
        for (index, (by_grade, which)) in spec.consequences.iter().enumerate() {
            let trigger = if *by_grade && !self.grades.is_empty() {
                format!("grade = \"{}\"", pick(&self.grades, *which))
            } else if !spec.lists.is_empty() {
                format!("list = \"l{}\"", usize::from(*which) % spec.lists.len())
            } else {
                continue;
            };
            _ = writeln!(text, "[[consequence]]\ntitle = \"后果{index}\"\n{trigger}");
        }
    }

    /// An item, a group or a component.
    fn target(&self, index: u8) -> String {
        let spec = self.spec;
        let (components, items) = (spec.components.len(), spec.items.len());
        match usize::from(index) % (components + items + spec.groups.len()) {
            n if n < components => format!("c{n}"),
            n if n < components + items => format!("I-{}", n - components),
            n => format!("g{}", n - components - items),
        }
    }

    fn function(&self, name: &str, target: u8, span: &Option<u8>) -> String {
        match span {
            Some(span) => format!(
                "{name}('{}', '{}')",
                self.target(target),
                pick(&SPANS, *span)
            ),
            None => format!("{name}('{}')", self.target(target)),
        }
    }

    fn condition(&self, cond: &Cond, place: Place) -> String {
        let all = |parts: &[Cond], word: &str| {
            let parts: Vec<String> = parts
                .iter()
                .map(|part| self.condition(part, place))
                .collect();
            format!("({})", parts.join(word))
        };
        let grade = |rank: u8| pick(&self.grades, rank);
        let in_item = place == Place::Item;
        let graded = !self.grades.is_empty() && !in_item;
        match cond {
            Cond::And(parts) => all(parts, " and "),
            Cond::Or(parts) => all(parts, " or "),
            Cond::Not(inner) => format!("not {}", self.condition(inner, place)),
            Cond::Compare(left, sign, right) => {
                format!(
                    "{} {} {}",
                    self.number(left, place),
                    op(*sign),
                    self.number(right, place)
                )
            }
            Cond::Text(equal, value) if in_item => {
                let sign = if *equal { "==" } else { "!=" };
                let words = ["level", "note"];
                format!(
                    "{} {sign} '{}'",
                    pick(&words, *value),
                    pick(&["city", "county"], value / 2)
                )
            }
            Cond::Day(sign, days) if in_item => {
                let day = wuxin::domain::Day::from_ymd(2023, 1, 1)
                    .unwrap()
                    .plus_days(u32::from(*days));
                format!("seen {} '{day}'", op(*sign))
            }
            Cond::Flag(form) if in_item => (*pick(
                &["main", "main == true", "main != true", "false != main"],
                *form,
            ))
            .to_owned(),
            Cond::Has(target, span) if !in_item => self.function("has", *target, span),
            Cond::Unrectified(target, span) if !in_item => {
                self.function("unrectified", *target, span)
            }
            Cond::OnList(list) if !in_item && !self.spec.lists.is_empty() => {
                format!("on_list('l{}')", usize::from(*list) % self.spec.lists.len())
            }
            Cond::Grade(sign, rank) if graded && place == Place::AfterGrade => {
                format!("grade {} '{}'", op(*sign), grade(*rank))
            }
            Cond::Previous(n, sign, rank) if graded => {
                format!("previous_grade({n}) {} '{}'", op(*sign), grade(*rank))
            }
            Cond::Consecutive(n, sign, rank, negated) if graded => {
                let not = if *negated { "not " } else { "" };
                format!(
                    "consecutive({not}grade {} '{}', {n})",
                    op(*sign),
                    grade(*rank)
                )
            }
            Cond::Text(_, n)
            | Cond::Day(n, _)
            | Cond::Flag(n)
            | Cond::Has(n, _)
            | Cond::Unrectified(n, _)
            | Cond::OnList(n)
            | Cond::Grade(n, _)
            | Cond::Previous(n, ..)
            | Cond::Consecutive(n, ..) => {
                format!("{} >= {}", if in_item { "people" } else { "score" }, n % 5)
            }
        }
    }

    fn number(&self, num: &Num, place: Place) -> String {
        let in_item = place == Place::Item;
        let halves = |value: i16| {
            let text = tenths(i32::from(value) * 5);
            if value < 0 { format!("({text})") } else { text }
        };
        let attributes = ["people", "value", "rate"];
        let projects = [
            "project.area",
            "project.households",
            "project.contract_value",
        ];
        match num {
            Num::Literal(value) => halves(*value),
            Num::Percent(value) => format!("{value}%"),
            Num::Subject(months) if self.company() => (if *months {
                "subject.age_months"
            } else {
                "subject.projects"
            })
            .to_owned(),
            Num::Project(field) if in_item => (*pick(&projects, *field)).to_owned(),
            Num::Attribute(name) if in_item => (*pick(&attributes, *name)).to_owned(),
            Num::Component(n) if !in_item => {
                format!("c{}", usize::from(*n) % self.spec.components.len())
            }
            Num::Count(target, span) if !in_item => self.function("count", *target, span),
            Num::Points(target, span) if !in_item => self.function("points", *target, span),
            Num::YearsWithout(target) if !in_item => self.function("years_without", *target, &None),
            Num::Negate(inner) => format!("-{}", self.number(inner, place)),
            Num::Arithmetic(sign, left, right) => format!(
                "({} {} {})",
                self.number(left, place),
                pick(&["+", "-", "*", "/"], *sign),
                self.number(right, place)
            ),
            _ if in_item => "people".to_owned(),
            _ => "score".to_owned(),
        }
    }
}
