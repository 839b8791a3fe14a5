//! Divisions by code and by name. The table of divisions is indexed once, because a file may have a million rows.

use std::collections::HashMap;

use crate::domain::{Region, Regions, normalise_name};

use super::{
    values::not_scientific,
    wrong::{self, Wrong, nearest},
};

/// A table of divisions, made for look-ups.
#[derive(Debug, Default)]
pub(super) struct RegionIndex {
    /// By folded name and by folded path (`雁江区莲花街道`); none where several have the name.
    by_name: HashMap<String, Option<Region>>,
    names: HashMap<Region, String>,
}

impl RegionIndex {
    pub fn new(regions: &Regions) -> Self {
        let mut index = Self::default();
        for (region, name) in regions.iter() {
            let (name, path) = (normalise_name(name), normalise_name(&regions.path(region)));
            if path != name {
                index.add(path, region);
            }
            index.add(name, region);
            index.names.insert(region.clone(), regions.path(region));
        }
        index
    }

    fn add(&mut self, name: String, region: &Region) {
        self.by_name
            .entry(name)
            .and_modify(|known| *known = None)
            .or_insert_with(|| Some(region.clone()));
    }

    /// Reads a code that the table has, or a name that one division has.
    pub fn parse(&self, text: &str) -> Result<Region, Wrong> {
        not_scientific(text)?;
        match self.by_name.get(&normalise_name(text)) {
            Some(Some(region)) => return Ok(region.clone()),
            Some(None) => {
                return Err(Wrong::new(
                    wrong::UNKNOWN_REGION,
                    format!("名称「{text}」有多个行政区划使用"),
                    "请改填行政区划代码，或写明上级区县，例如「示例区示例街道」",
                ));
            }
            None => {}
        }
        let region = Region::parse(text).ok();
        match region {
            Some(region) if self.names.contains_key(&region) => Ok(region),
            Some(region) => Err(Wrong::new(
                wrong::UNKNOWN_REGION,
                format!("行政区划代码「{region}」不在辖区表内"),
                self.suggest_code(&region),
            )),
            None => Err(Wrong::new(
                wrong::REGION,
                format!("「{text}」不是行政区划代码，也不是辖区内的名称"),
                self.suggest_name(text),
            )),
        }
    }

    fn suggest_code(&self, region: &Region) -> String {
        let mut known: Vec<&Region> = self.names.keys().collect();
        known.retain(|code| code.level() == region.level());
        known.sort();
        let near = nearest(region.as_str(), known.iter().map(|code| code.as_str()));
        let near = near.and_then(|code| known.iter().find(|known| known.as_str() == code));
        match near.and_then(|code| Some((code, self.names.get(code)?))) {
            Some((code, name)) => format!("是否应为 {code}（{name}）？"),
            None => "请按辖区表填写行政区划代码或名称".to_owned(),
        }
    }

    fn suggest_name(&self, text: &str) -> String {
        let mut known: Vec<&str> = self.by_name.keys().map(String::as_str).collect();
        known.sort_unstable();
        match nearest(&normalise_name(text), known.into_iter()) {
            Some(name) => format!("是否应为「{name}」？"),
            None => "请按辖区表填写行政区划代码或名称".to_owned(),
        }
    }
}
