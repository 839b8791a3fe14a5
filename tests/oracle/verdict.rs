//! Steps 11 to 14, earlier grades, and the day of the next change.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use wuxin::rules::RuleSet;

use crate::{
    calendar::{calendar_period, calendar_period_end, full_years, months_earlier, span_end},
    case::{Case, Fault},
    condition::{self, Answers, Failed, Node, Value},
    fraction::Fraction,
    policy::Override,
    sum::{Counted, Total, Window},
};

/// How far a chain of earlier grades that depend on earlier grades is followed beyond what is asked for.
const CHAIN: usize = 12;

/// A subject on a day, before its grade.
pub struct Standing<'c, 'a> {
    pub case: &'c Case<'a>,
    pub subject: String,
    pub day: NaiveDate,
    /// Whether it is the day asked about, and not an earlier period.
    pub today: bool,
    /// Ranks of earlier grades, the latest first.
    pub earlier: Vec<Option<usize>>,
    pub counted: Vec<Counted<'a>>,
    pub total: Total,
    pub not_rated: Option<String>,
}

/// What becomes of a subject.
#[derive(Debug)]
pub struct Outcome {
    pub subject: String,
    pub score: Fraction,
    pub grade: Option<String>,
    pub rated: bool,
    pub components: Vec<(String, Option<Fraction>)>,
    pub lists: Vec<String>,
    pub consequences: Vec<String>,
    /// Whether each record counts, and for how much.
    pub records: BTreeMap<String, (bool, Fraction)>,
}

impl<'a> Case<'a> {
    /// All subjects on a day.
    pub fn evaluate(&self, rules: &RuleSet, day: NaiveDate) -> Result<Vec<Outcome>, Vec<Fault>> {
        let faults = self.faults_of_records(rules, day);
        if !faults.is_empty() {
            return Err(faults);
        }
        let subjects = self.subjects(day);
        let standings = self.standings(&subjects, day)?;
        let mut outcomes = Vec::new();
        let mut faults = Vec::new();
        for standing in &standings {
            match standing.outcome(&standings) {
                Ok(outcome) => outcomes.push(outcome),
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() {
            Ok(outcomes)
        } else {
            Err(faults)
        }
    }

    /// What a subject stands on, on a later day: everything a change of which is a change. `among` are those ranked today.
    pub fn state(&self, subject: &str, among: &[String], day: NaiveDate) -> Result<String, Fault> {
        let alone = [subject.to_owned()];
        let among = if self.policy.by_rank() { among } else { &alone };
        let own = among.iter().position(|one| one == subject).unwrap();
        let earlier = self.earlier_grades(among, day)?.swap_remove(own);
        Ok(self.standing(subject, day, true, earlier)?.signature())
    }

    fn standings(
        &self,
        subjects: &[String],
        day: NaiveDate,
    ) -> Result<Vec<Standing<'_, 'a>>, Vec<Fault>> {
        let earlier = self
            .earlier_grades(subjects, day)
            .map_err(|fault| vec![fault])?;
        let mut standings = Vec::new();
        let mut faults = Vec::new();
        for (subject, earlier) in subjects.iter().zip(earlier) {
            match self.standing(subject, day, true, earlier) {
                Ok(standing) => standings.push(standing),
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() {
            Ok(standings)
        } else {
            Err(faults)
        }
    }

    fn standing(
        &self,
        subject: &str,
        day: NaiveDate,
        today: bool,
        earlier: Vec<Option<usize>>,
    ) -> Result<Standing<'_, 'a>, Fault> {
        let counted = self.counted(subject, day, Window::Score)?;
        let total = self.total(subject, day, &counted)?;
        let mut standing = Standing {
            case: self,
            subject: subject.to_owned(),
            day,
            today,
            earlier,
            counted,
            total,
            not_rated: None,
        };
        for rule in &self.policy.not_rated {
            if standing.not_rated.is_none() && standing.holds(&rule.when, None, None)? {
                standing.not_rated = Some(rule.title.clone());
            }
        }
        if standing.not_rated.is_none() && standing.total.unrated {
            standing.not_rated = Some("未评级".to_owned());
        }
        Ok(standing)
    }

    /// For each subject the ranks of its earlier grades: as they were given, else computed, the oldest first so that each
    /// finds those before it.
    fn earlier_grades(
        &self,
        subjects: &[String],
        day: NaiveDate,
    ) -> Result<Vec<Vec<Option<usize>>>, Fault> {
        let (grading, asked) = self.depths();
        let reach = if grading == 0 { asked } else { asked + CHAIN };
        let mut computed = vec![vec![None; reach + asked + 1]; subjects.len()];
        let all_given = (subjects.iter())
            .all(|subject| (1..=asked).all(|n| self.given(subject, day, n).is_some()));
        if !all_given {
            for n in (1..=reach).rev() {
                let end = self.earlier_end(day, n);
                let mut standings = Vec::new();
                for (subject, computed) in subjects.iter().zip(&computed) {
                    let known =
                        |k: usize| self.given(subject, end, k).unwrap_or(computed[n + k - 1]);
                    let earlier = (1..=grading).map(known).collect();
                    standings.push(self.standing(subject, end, false, earlier)?);
                }
                for (index, standing) in standings.iter().enumerate() {
                    let exists = self
                        .registered_on(&subjects[index])
                        .is_none_or(|on| on <= end);
                    if exists && standing.not_rated.is_none() {
                        computed[index][n - 1] = standing.grade(&standings)?.0;
                    }
                }
            }
        }
        let known = |(subject, computed): (&String, &Vec<Option<usize>>)| {
            let grade = |n: usize| self.given(subject, day, n).unwrap_or(computed[n - 1]);
            (1..=asked).map(grade).collect()
        };
        Ok(subjects.iter().zip(&computed).map(known).collect())
    }

    /// How many earlier periods grading looks at, and how many grading and listing together.
    fn depths(&self) -> (usize, usize) {
        let deepest = |conditions: Vec<&String>| {
            let depths = conditions
                .into_iter()
                .map(|when| condition::read(when).earlier_periods());
            depths.max().unwrap_or(0)
        };
        let lists = self.policy.list.iter().map(|list| &list.when).collect();
        let grading = deepest(self.grading_conditions());
        (grading, grading.max(deepest(lists)))
    }

    fn grading_conditions(&self) -> Vec<&String> {
        let policy = self.policy;
        (policy.grade.iter().filter_map(|grade| grade.when.as_ref()))
            .chain(policy.not_rated.iter().map(|rule| &rule.when))
            .chain(policy.overrides.iter().map(|rule| &rule.when))
            .collect()
    }

    /// The day whose grade is that of the n-th earlier period.
    fn earlier_end(&self, day: NaiveDate, n: usize) -> NaiveDate {
        let n = n as u32;
        match self.policy.period.kind.as_str() {
            "open" => months_earlier(day, 12 * n),
            "rolling" => months_earlier(day, self.policy.period.months.unwrap() * n),
            kind => calendar_period_end(kind, calendar_period(kind, day).unwrap() - n as i32),
        }
    }

    /// The grade given for the n-th earlier period, if one is. A title of not_rated is a period without a grade.
    fn given(&self, subject: &str, day: NaiveDate, n: usize) -> Option<Option<usize>> {
        let mut past: Vec<(NaiveDate, &str)> = Vec::new();
        for one in self.facts.history {
            if one.subject == subject && one.period_end.date() < day {
                past.push((one.period_end.date(), &one.grade));
            }
        }
        past.sort_unstable();
        let kind = self.policy.period.kind.as_str();
        let found = match calendar_period(kind, day) {
            Some(own) => {
                let wanted = own - n as i32;
                past.iter()
                    .rev()
                    .find(|(end, _)| calendar_period(kind, *end) == Some(wanted))
            }
            None => past.iter().rev().nth(n - 1),
        };
        found.map(|(_, grade)| self.policy.rank(grade))
    }
}

impl Standing<'_, '_> {
    fn holds(
        &self,
        when: &str,
        score: Option<Fraction>,
        grade: Option<usize>,
    ) -> Result<bool, Fault> {
        let knows = Knows {
            standing: self,
            score: score.unwrap_or(self.total.score),
            grade,
        };
        condition::read(when)
            .holds(&knows)
            .map_err(|code| Fault::of(&self.subject, code))
    }

    /// Step 11: the rank of the first grade that fits a score.
    fn ladder(&self, score: Fraction, all: &[Standing<'_, '_>]) -> Result<Option<usize>, Fault> {
        let policy = self.case.policy;
        if policy.grade.is_empty() {
            return Ok(None);
        }
        for grade in &policy.grade {
            let in_share = grade
                .top
                .as_ref()
                .is_none_or(|top| self.place(score, all) <= places(top, all));
            if !in_share || !grade.bounds.hold(score) {
                continue;
            }
            match &grade.when {
                Some(when) if !self.holds(when, Some(score), None)? => {}
                _ => return Ok(policy.rank(&grade.id)),
            }
        }
        Err(Fault::of(&self.subject, "D018"))
    }

    /// The place of a score among the rated: one more than there are others ahead; of equal ones as the file says.
    fn place(&self, score: Fraction, all: &[Standing<'_, '_>]) -> i128 {
        let mut place = 1;
        for other in all {
            let theirs = other.total.score;
            let better = if self.case.policy.demerit() {
                theirs < score
            } else {
                theirs > score
            };
            let tied = theirs == score && self.case.policy.score.ties.as_deref() == Some("worse");
            if other.not_rated.is_none() && other.subject != self.subject && (better || tied) {
                place += 1;
            }
        }
        place
    }

    /// Steps 11 and 12: the rank of the grade and the score, after overrides and vetoes.
    fn grade(&self, all: &[Standing<'_, '_>]) -> Result<(Option<usize>, Fraction), Fault> {
        let policy = self.case.policy;
        let ladder = self.ladder(self.total.score, all)?;
        let mut score: Option<Fraction> = None;
        let mut given: Vec<usize> = Vec::new();
        for rule in &policy.overrides {
            if !self.holds(&rule.when, None, ladder)? {
                continue;
            }
            if let Some(set) = rule.score {
                let set = self.case.rounded(set.0);
                let worse = |one: Fraction, other: Fraction| {
                    if policy.demerit() {
                        one.max(other)
                    } else {
                        one.min(other)
                    }
                };
                score = Some(score.map_or(set, |score| worse(score, set)));
                given.extend(self.ladder(set, all)?);
            }
            given.extend(ladder.and_then(|ladder| effect(policy, rule, ladder)));
        }
        for one in &self.counted {
            // Items that only an older version has do not veto.
            let vetoes = policy.items(&one.item.id).is_some();
            if let (Some(veto), Some(ladder), true) = (&one.item.veto, ladder, vetoes) {
                given.push(ladder.max(policy.rank(veto).unwrap()));
            }
        }
        Ok((
            given.into_iter().max().or(ladder),
            score.unwrap_or(self.total.score),
        ))
    }

    fn outcome(&self, all: &[Standing<'_, '_>]) -> Result<Outcome, Fault> {
        let policy = self.case.policy;
        let (rank, score) = match &self.not_rated {
            Some(_) => (None, self.total.score),
            None => self.grade(all)?,
        };
        let grade = self
            .not_rated
            .clone()
            .or_else(|| Some(policy.grades()[rank?].to_owned()));
        let mut lists = Vec::new();
        for list in &policy.list {
            if self.not_rated.is_none() && self.holds(&list.when, Some(score), rank)? {
                lists.push(list.id.clone());
            }
        }
        let mut consequences = Vec::new();
        for consequence in &policy.consequence {
            let by_grade = self.not_rated.is_none()
                && consequence.grade.is_some()
                && consequence.grade == grade;
            let by_list = consequence
                .list
                .as_ref()
                .is_some_and(|list| lists.contains(list));
            if by_grade || by_list {
                consequences.push(consequence.title.clone());
            }
        }
        let mut records = BTreeMap::new();
        for record in self.case.records(&self.subject, self.day) {
            let counted = self.counted.iter().find(|one| one.record.id == record.id);
            let points = counted.map_or(Fraction::ZERO, |one| one.points);
            let told = counted.is_some_and(Counted::is_told);
            records.insert(record.id.clone(), (told, points));
        }
        let ids = policy
            .component
            .iter()
            .map(|component| component.id.clone());
        Ok(Outcome {
            subject: self.subject.clone(),
            score,
            grade,
            rated: self.not_rated.is_none(),
            components: ids.zip(self.total.components.clone()).collect(),
            lists,
            consequences,
            records,
        })
    }

    /// Records' points, components, the score, and the truth of every comparison and function of a condition.
    fn signature(&self) -> String {
        let policy = self.case.policy;
        let knows = Knows {
            standing: self,
            score: self.total.score,
            grade: None,
        };
        let lists = policy.list.iter().map(|list| &list.when);
        let mut truths = Vec::new();
        for when in self.case.grading_conditions().into_iter().chain(lists) {
            for fact in condition::read(when).facts() {
                truths.push(fact.holds(&knows));
            }
        }
        let counted: Vec<_> = (self.counted.iter())
            .map(|one| (one.record.id.as_str(), one.points))
            .collect();
        format!(
            "{:?} {:?} {} {:?} {truths:?}",
            counted, self.total.components, self.total.score, self.not_rated
        )
    }
}

/// What an override alone makes of the ladder's grade; none for a score, which is graded again.
fn effect(policy: &crate::policy::Policy, rule: &Override, ladder: usize) -> Option<usize> {
    let last = policy.grades().len() - 1;
    if let Some(grade) = &rule.grade {
        return policy.rank(grade);
    }
    if let Some(best) = &rule.at_best {
        return Some(ladder.max(policy.rank(best).unwrap()));
    }
    rule.drop.map(|steps| (ladder + steps).min(last))
}

/// A share of the rated as a number of places, rounded half up.
fn places(share: &str, all: &[Standing<'_, '_>]) -> i128 {
    let percent: rust_decimal::Decimal = share.trim_end_matches('%').parse().unwrap();
    let rated = all.iter().filter(|one| one.not_rated.is_none()).count();
    let places = Fraction::from(percent) * Fraction::whole(rated as i64);
    places
        .divided_by(Fraction::whole(100))
        .unwrap()
        .rounded(0, "half_up")
        .floor()
}

/// What a condition about a subject may ask.
struct Knows<'s, 'c, 'a> {
    standing: &'s Standing<'c, 'a>,
    score: Fraction,
    grade: Option<usize>,
}

impl Answers for Knows<'_, '_, '_> {
    fn name(&self, name: &str) -> Value {
        let standing = self.standing;
        let case = standing.case;
        if let Some(field) = name.strip_prefix("subject.") {
            return case.field(&standing.subject, field, standing.day);
        }
        match name {
            "score" => Value::Number(self.score),
            "grade" => self.grade.map_or(Value::Missing, Value::Grade),
            id => {
                let index = case
                    .policy
                    .component
                    .iter()
                    .position(|one| one.id == id)
                    .unwrap();
                standing.total.components[index].map_or(Value::Missing, Value::Number)
            }
        }
    }

    fn call(&self, name: &str, arguments: &[Node]) -> Result<Value, Failed> {
        let standing = self.standing;
        let (case, subject, day) = (standing.case, standing.subject.as_str(), standing.day);
        let policy = case.policy;
        let earlier = |n: usize| standing.earlier.get(n - 1).copied().flatten();
        match name {
            "previous_grade" => {
                let n = arguments.first().map_or(1, Node::count);
                return Ok(earlier(n).map_or(Value::Missing, Value::Grade));
            }
            "consecutive" => {
                for n in 1..=arguments[1].count() {
                    let past = Past {
                        grade: earlier(n),
                        now: self,
                    };
                    if !arguments[0].holds(&past)? {
                        return Ok(Value::Truth(false));
                    }
                }
                return Ok(Value::Truth(true));
            }
            _ => {}
        }
        let target = arguments[0].text();
        if name == "on_list" {
            let on = |one: &wuxin::rules::OnList| one.subject == subject && one.list == target;
            return Ok(Value::Truth(
                standing.today && case.facts.on_lists.iter().any(on),
            ));
        }
        let span = arguments.get(1).map(Node::text);
        if name == "years_without" || name == "unrectified" {
            let all = case
                .taken(subject, day, Window::All, false, &|item| {
                    policy.belongs(item, target)
                })
                .map_err(|fault| fault.code)?;
            let own: Vec<_> = all
                .iter()
                .filter(|one| policy.belongs(one.item, target))
                .collect();
            if name == "years_without" {
                let since = own.last().map(|one| full_years(one.date, day));
                let exists = case.registered_on(subject).map(|on| full_years(on, day));
                let years = since.into_iter().chain(exists).min().unwrap_or(100);
                return Ok(Value::Number(Fraction::whole(years)));
            }
            let open = own.iter().any(|one| {
                let rectified = one.record.rectified_on.is_some_and(|on| on.date() <= day);
                !rectified && span.is_none_or(|span| span_end(one.date, span) < day)
            });
            return Ok(Value::Truth(open));
        }
        let window = span.map_or(Window::Score, Window::Span);
        let counted = case
            .counted(subject, day, window)
            .map_err(|fault| fault.code)?;
        let own: Vec<_> = counted
            .iter()
            .filter(|one| policy.belongs(one.item, target))
            .collect();
        Ok(match name {
            "has" => Value::Truth(!own.is_empty()),
            "count" => Value::Number(Fraction::whole(own.len() as i64)),
            _ => {
                let of_item = policy.items(target).is_some();
                let points = own
                    .iter()
                    .map(|one| if of_item { one.capped } else { one.points });
                Value::Number(points.fold(Fraction::ZERO, |sum, points| sum + points))
            }
        })
    }

    fn rank(&self, grade: &str) -> Option<usize> {
        self.standing.case.policy.rank(grade)
    }
}

/// The inside of `consecutive`: `grade` is that of an earlier period.
struct Past<'k> {
    grade: Option<usize>,
    now: &'k dyn Answers,
}

impl Answers for Past<'_> {
    fn name(&self, _: &str) -> Value {
        self.grade.map_or(Value::Missing, Value::Grade)
    }

    fn call(&self, name: &str, _: &[Node]) -> Result<Value, Failed> {
        panic!("no function {name} inside of consecutive")
    }

    fn rank(&self, grade: &str) -> Option<usize> {
        self.now.rank(grade)
    }
}
