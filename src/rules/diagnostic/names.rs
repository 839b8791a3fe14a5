//! Misspelt names and what was probably meant.

use crate::rules::source::half_width;

/// Most known names that are looked through.
const MOST: usize = 2000;

/// The known name nearest to a misspelt one, if any is near enough; full-width letters count as plain ones.
fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let name = plain(name);
    let length = name.chars().count();
    let limit = (length / 3).clamp(1, 3);
    known
        .into_iter()
        .take(MOST)
        .filter(|other| other.chars().count().abs_diff(length) <= limit)
        .map(|other| (distance(&name, &plain(other)), other))
        .filter(|(steps, _)| *steps <= limit)
        .min()
        .map(|(_, other)| other)
}

fn plain(name: &str) -> String {
    name.chars()
        .map(|c| half_width(c).unwrap_or(c))
        .collect::<String>()
        .to_lowercase()
}

/// Edits (insert, delete, replace, swap neighbours) between two texts.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().take(64).collect();
    let right: Vec<char> = right.chars().take(64).collect();
    let mut rows: Vec<Vec<usize>> = vec![(0..=right.len()).collect()];
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let replaced = rows[i][j] + usize::from(a != b);
            let mut best = replaced.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[left.len()][right.len()]
}

/// Help for a name that is not known: the nearest one, or all of them if they are few.
pub(in crate::rules) fn suggest<'n>(
    name: &str,
    known: impl IntoIterator<Item = &'n str>,
) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(name, known.iter().copied()) {
        Some(other) => format!("是否应为「{other}」？"),
        None if known.is_empty() => String::new(),
        None if known.len() <= 24 => format!("可用的有：{}", known.join("、")),
        None => format!("可用的有：{} 等", known[..24].join("、")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_names_are_suggested() {
        assert_eq!(
            nearest("rectifed", ["rectified", "repeat"]),
            Some("rectified")
        );
        assert_eq!(nearest("colour", ["cap", "floor"]), None);
        assert_eq!(nearest("baisc", ["basic", "bad"]), Some("basic"));
    }
}
