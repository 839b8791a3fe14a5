//! Administrative divisions: city, county, street, community. Codes by GB/T 2260 and the statistical division codes.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::fold_code;

/// A division code: 6 digits (city or county), 9 (street, 街道 or 镇), 12 (community, 社区). A shorter code contains the
/// longer ones that begin with it; a city's code (ending in `00`) contains its counties.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(String);

/// A text that is not a division code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("行政区划代码「{0}」格式不对，应为6位（市、区县）、9位（街道、镇）或12位（社区）数字")]
pub struct RegionError(pub String);

/// The four levels that receive complaints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegionLevel {
    City,
    County,
    Street,
    Community,
}

impl Region {
    pub fn parse(raw: &str) -> Result<Self, RegionError> {
        let code = fold_code(raw);
        let digits = code.bytes().all(|byte| byte.is_ascii_digit());
        if digits && matches!(code.len(), 6 | 9 | 12) {
            Ok(Self(code))
        } else {
            Err(RegionError(raw.trim().to_owned()))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn level(&self) -> RegionLevel {
        match self.0.len() {
            6 if self.0.ends_with("00") => RegionLevel::City,
            6 => RegionLevel::County,
            9 => RegionLevel::Street,
            _ => RegionLevel::Community,
        }
    }

    /// Whether `other` is this division or lies in it.
    pub fn contains(&self, other: &Self) -> bool {
        match self.level() {
            RegionLevel::City => other.0.starts_with(&self.0[..4]),
            _ => other.0.starts_with(&self.0),
        }
    }

    /// The division one level up; a city has none.
    pub fn parent(&self) -> Option<Self> {
        match self.level() {
            RegionLevel::City => None,
            RegionLevel::County => Some(Self(format!("{}00", &self.0[..4]))),
            RegionLevel::Street => Some(Self(self.0[..6].to_owned())),
            RegionLevel::Community => Some(Self(self.0[..9].to_owned())),
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Region {
    type Error = RegionError;
    fn try_from(raw: String) -> Result<Self, RegionError> {
        Self::parse(&raw)
    }
}

impl From<Region> for String {
    fn from(region: Region) -> Self {
        region.0
    }
}

/// The divisions a bureau works with, read from `rules/regions.csv` (`code,name`).
#[derive(Debug, Clone, Default)]
pub struct Regions(BTreeMap<Region, String>);

/// A fault of the table of divisions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegionsError {
    #[error("regions, line {line}: expected `code,name`, found {text:?}")]
    Line { line: usize, text: String },
    #[error("regions, line {line}: {source}")]
    Code { line: usize, source: RegionError },
    #[error("regions, line {line}: {code} is listed twice")]
    Twice { line: usize, code: Region },
    #[error("regions: {code} has no line for the division above it, {parent}")]
    Orphan { code: Region, parent: Region },
}

impl Regions {
    /// Reads `code,name` lines after a header line; every division but a city needs the one above it.
    pub fn parse(text: &str) -> Result<Self, RegionsError> {
        let mut names = BTreeMap::new();
        let lines = text
            .trim_start_matches('\u{FEFF}')
            .lines()
            .enumerate()
            .skip(1);
        for (index, content) in lines.filter(|(_, content)| !content.trim().is_empty()) {
            let line = index + 1;
            let (code, name) = content.split_once(',').ok_or_else(|| RegionsError::Line {
                line,
                text: content.to_owned(),
            })?;
            let code = Region::parse(code).map_err(|source| RegionsError::Code { line, source })?;
            if names.insert(code.clone(), name.trim().to_owned()).is_some() {
                return Err(RegionsError::Twice { line, code });
            }
        }
        for code in names.keys() {
            if let Some(parent) = code.parent().filter(|parent| !names.contains_key(parent)) {
                return Err(RegionsError::Orphan {
                    code: code.clone(),
                    parent,
                });
            }
        }
        Ok(Self(names))
    }

    pub fn name(&self, region: &Region) -> Option<&str> {
        self.0.get(region).map(String::as_str)
    }

    /// The code whose name this is, if exactly one division has it.
    pub fn by_name(&self, name: &str) -> Option<&Region> {
        let mut found = self.0.iter().filter(|(_, known)| known.as_str() == name);
        match (found.next(), found.next()) {
            (Some((code, _)), None) => Some(code),
            _ => None,
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Region, &str)> {
        self.0.iter().map(|(code, name)| (code, name.as_str()))
    }

    /// Names from the county down, joined: `雁江区莲花街道`.
    pub fn path(&self, region: &Region) -> String {
        let above = match region.level() {
            RegionLevel::City | RegionLevel::County => String::new(),
            _ => region
                .parent()
                .map_or_else(String::new, |parent| self.path(&parent)),
        };
        above + self.name(region).unwrap_or(region.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(code: &str) -> Region {
        Region::parse(code).unwrap()
    }

    #[test]
    fn a_city_contains_its_counties_streets_and_communities() {
        let table = [
            ("512000", "512002", true),
            ("512000", "512021001", true),
            ("512002", "512002001003", true),
            ("512002001", "512002002001", false),
            ("512002", "512000", false),
            ("512000", "511000", false),
        ];
        for (outer, inner, expected) in table {
            assert_eq!(
                region(outer).contains(&region(inner)),
                expected,
                "{outer} {inner}"
            );
        }
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for text in ["", "5120", "51200A", "雁江区", "5120020011"] {
            assert!(Region::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_table_must_be_a_tree() {
        let table =
            Regions::parse("code,name\n512000,资阳市\n512002,雁江区\n512002001,某街道\n").unwrap();
        assert_eq!(table.path(&region("512002001")), "雁江区某街道");
        assert_eq!(table.by_name("雁江区"), Some(&region("512002")));
        assert!(matches!(
            Regions::parse("code,name\n512002,雁江区\n"),
            Err(RegionsError::Orphan { .. })
        ));
        assert!(matches!(
            Regions::parse("code,name\n512000,资阳市\n512000,资阳市\n"),
            Err(RegionsError::Twice { line: 3, .. })
        ));
    }
}
