//! The walk-through of `docs/walkthrough.zh-CN.md` and `docs/walkthrough.md`: one made-up company from a spot check to the
//! removal from the list, through the real router. Every value of the pages comes from this run; `WUXIN_BLESS=1` rewrites them.
#![cfg(test)]

mod support;

#[path = "http/house.rs"]
#[allow(dead_code, reason = "each test program uses its own part of it")]
mod house;
#[path = "walkthrough/listing.rs"]
mod listing;
#[path = "walkthrough/page.rs"]
mod page;
#[path = "walkthrough/record.rs"]
mod record;
#[path = "walkthrough/tale.rs"]
mod tale;

use std::{fs, path::Path};

use support::TestStore;
use tale::Tale;

#[test]
fn the_walk_through_is_what_the_service_does() {
    let test = TestStore::sqlite();
    let house = house::House::new(&test);
    let mut tale = Tale::begin(&house);
    record::told(&mut tale);
    listing::told(&mut tale);
    let page = tale.end();
    for (name, made) in [
        ("walkthrough.zh-CN.md", page.chinese()),
        ("walkthrough.md", page.english()),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("docs")
            .join(name);
        if std::env::var_os("WUXIN_BLESS").is_some() {
            fs::write(&path, made).unwrap();
            continue;
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        let differs = kept.lines().zip(made.lines()).position(|(a, b)| a != b);
        assert!(
            kept == made,
            "docs/{name} is not what the service does (first in line {:?}); look at the change, then WUXIN_BLESS=1 cargo test \
             --test walkthrough",
            differs.map(|line| line + 1)
        );
    }
}
