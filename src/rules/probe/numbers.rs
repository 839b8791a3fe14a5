//! Every number of a rule file, changed by one step: do the cases notice?

use std::ops::Range;

use rayon::prelude::*;
use rust_decimal::Decimal;
use toml::de::{DeArray, DeTable, DeValue};

use super::Unnoticed;
use crate::{domain::Span, rules::RuleSet};

/// Tables whose numbers are no rules: who issued it, the cases themselves, and what records may hold.
const NO_RULES: [&str; 3] = ["ruleset", "case", "attribute"];
/// Keys whose numbers do not enter a score.
const NO_SCORE: [&str; 3] = ["rectify_days", "sampling", "term"];

/// A change of the text.
struct Mutant {
    /// The number, for the report.
    at: Range<usize>,
    /// Its key.
    key: String,
    instead: String,
    /// All that is written anew: the number itself, or both sides of an edge that two neighbours share.
    edits: Vec<(Range<usize>, String)>,
}

/// The numbers that no case notices, and how many there are.
pub(super) fn unnoticed(rules: &RuleSet) -> (Vec<Unnoticed>, usize) {
    let text = rules.text();
    let mut mutants = Vec::new();
    if let Ok(parsed) = DeTable::parse(text) {
        for (key, value) in parsed.get_ref() {
            if !NO_RULES.contains(&key.get_ref().as_ref()) {
                walk(
                    text,
                    key.get_ref(),
                    key.span(),
                    value.get_ref(),
                    value.span(),
                    &mut mutants,
                );
            }
        }
    }
    mutants.sort_by_key(|mutant| (mutant.at.start, mutant.at.end));
    let silent: Vec<bool> = mutants
        .par_iter()
        .map(|mutant| !is_noticed(rules, mutant))
        .collect();
    let mut found: Vec<Unnoticed> = Vec::new();
    let mut numbers = 0;
    for same in (mutants.iter().zip(silent).collect::<Vec<_>>())
        .chunk_by(|(one, _), (other, _)| one.at == other.at)
    {
        numbers += 1;
        let (first, _) = &same[0];
        let changed_to: Vec<String> = (same.iter())
            .filter(|(_, silent)| *silent)
            .map(|(mutant, _)| mutant.instead.clone())
            .collect();
        if !changed_to.is_empty() {
            found.push(told(text, first, changed_to));
        }
    }
    (found, numbers)
}

/// A change that makes the file unusable, or a case fail, is noticed.
fn is_noticed(rules: &RuleSet, mutant: &Mutant) -> bool {
    let mut text = rules.text().to_owned();
    let mut edits: Vec<_> = mutant.edits.iter().collect();
    edits.sort_by_key(|(at, _)| std::cmp::Reverse(at.start));
    for (at, instead) in edits {
        text.replace_range(at.clone(), instead);
    }
    match RuleSet::load(rules.file(), &text) {
        Ok(loaded) => loaded.ruleset.run_cases().iter().any(|case| !case.passed),
        Err(_) => true,
    }
}

fn told(text: &str, mutant: &Mutant, changed_to: Vec<String>) -> Unnoticed {
    let before = &text[..mutant.at.start];
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let own = &text[mutant.at.clone()];
    Unnoticed {
        line: before.matches('\n').count() + 1,
        column: text[start..mutant.at.start].chars().count() + 1,
        text: if mutant.key == own {
            own.to_owned()
        } else {
            format!("{} = {own}", mutant.key)
        },
        changed_to,
    }
}

fn walk(
    text: &str,
    key: &str,
    key_at: Range<usize>,
    value: &DeValue<'_>,
    at: Range<usize>,
    mutants: &mut Vec<Mutant>,
) {
    if NO_SCORE.contains(&key) {
        return;
    }
    let mut add = |at: Range<usize>, instead: String| {
        mutants.push(Mutant {
            edits: vec![(at.clone(), instead.clone())],
            at,
            key: key.to_owned(),
            instead,
        });
    };
    match value {
        // Bounds are looked at beside their neighbours.
        DeValue::Integer(_) | DeValue::Float(_) if swapped(key).is_some() => {}
        DeValue::Integer(_) | DeValue::Float(_) => {
            for instead in stepped(&text[at.clone()]) {
                add(at.clone(), instead);
            }
        }
        DeValue::String(_) => numbers_in(text, key, at, &mut add),
        DeValue::Array(rows) => {
            edges(text, rows, mutants);
            for row in rows {
                walk(
                    text,
                    key,
                    key_at.clone(),
                    row.get_ref(),
                    row.span(),
                    mutants,
                );
            }
        }
        DeValue::Table(table) => {
            for (key, value) in table {
                walk(
                    text,
                    key.get_ref(),
                    key.span(),
                    value.get_ref(),
                    value.span(),
                    mutants,
                );
            }
        }
        DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}

/// The same bound, with or without its end.
fn swapped(key: &str) -> Option<&'static str> {
    match key {
        "from" => Some("above"),
        "above" => Some("from"),
        "to" => Some("below"),
        "below" => Some("to"),
        _ => None,
    }
}

/// Where a bound stands.
struct Edge<'t> {
    key: &'t str,
    key_at: Range<usize>,
    at: Range<usize>,
    value: Decimal,
}

/// The bounds of a ladder or of bands: an edge that two neighbours share is moved, or changes sides, on both at once.
fn edges(text: &str, rows: &DeArray<'_>, mutants: &mut Vec<Mutant>) {
    let mut edges: Vec<Edge<'_>> = Vec::new();
    for row in rows {
        let DeValue::Table(table) = row.get_ref() else {
            continue;
        };
        for (key, value) in table {
            let literal = &text[value.span()];
            if swapped(key.get_ref()).is_some()
                && let Ok(number) = literal.replace('_', "").parse::<Decimal>()
            {
                edges.push(Edge {
                    key: key.get_ref(),
                    key_at: key.span(),
                    at: value.span(),
                    value: number,
                });
            }
        }
    }
    edges.sort_by_key(|edge| (edge.value, edge.at.start));
    for shared in edges.chunk_by(|a, b| a.value == b.value) {
        let Edge { key, at, .. } = &shared[0];
        let mut add = |instead: String, edits| {
            mutants.push(Mutant {
                at: at.clone(),
                key: (*key).to_owned(),
                instead,
                edits,
            });
        };
        for instead in stepped(&text[at.clone()]) {
            let all = shared.iter().map(|edge| (edge.at.clone(), instead.clone()));
            add(instead.clone(), all.collect());
        }
        let other = |edge: &Edge<'_>| swapped(edge.key).unwrap_or_default().to_owned();
        let sides = shared.iter().map(|edge| (edge.key_at.clone(), other(edge)));
        add(other(&shared[0]), sides.collect());
    }
}

/// The numbers one unit of their last place above and below.
fn stepped(literal: &str) -> Vec<String> {
    let Ok(value) = literal.replace('_', "").parse::<Decimal>() else {
        return Vec::new();
    };
    let step = Decimal::new(1, value.scale());
    [value + step, value - step]
        .map(|value| value.to_string())
        .to_vec()
}

/// Numbers inside texts: of spans and shares, and of conditions but for the ids in quotes.
fn numbers_in(text: &str, key: &str, at: Range<usize>, add: &mut impl FnMut(Range<usize>, String)) {
    let own = &text[at.clone()];
    let counts = match key {
        "valid_for" | "within" | "top" | "weight" | "points" => true,
        "when" => false,
        _ => return,
    };
    let mut quoted: Option<usize> = None;
    let mut word = false;
    let mut position = 0;
    while let Some(character) = own[position..].chars().next() {
        let next = position + character.len_utf8();
        match (character, quoted) {
            ('\'', None) => quoted = Some(next),
            ('\'', Some(_)) => quoted = None,
            _ => {}
        }
        let inside_span = quoted.is_some_and(|start| {
            let end = own[start..].find('\'').map_or(own.len(), |end| start + end);
            Span::parse(&own[start..end]).is_ok()
        });
        if character.is_ascii_digit() && !word && (counts || quoted.is_none() || inside_span) {
            let length = own[position..]
                .find(|c: char| !c.is_ascii_digit() && c != '.')
                .unwrap_or(own.len() - position);
            let place = at.start + position..at.start + position + length;
            for instead in stepped(&text[place.clone()]) {
                add(place.clone(), instead);
            }
            position += length;
            continue;
        }
        word = character.is_alphanumeric() || character == '_';
        position = next;
    }
}
