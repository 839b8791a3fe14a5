//! `wuxin demo --check`, the whole main job, in an empty folder.
#![cfg(test)]

#[path = "support/program.rs"]
#[allow(dead_code, reason = "each test program uses its own part of it")]
mod program;

use program::{said, wuxin};

#[test]
fn the_demo_verifies_itself_in_an_empty_folder_and_again_in_the_same_one() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("wuxin-demo")).unwrap();
    std::fs::write(folder.path().join("wuxin-demo/mine.txt"), "keep").unwrap();
    for _ in 0..2 {
        let output = wuxin(folder.path())
            .args(["demo", "--check"])
            .output()
            .unwrap();
        let (code, stdout, stderr) = said(&output);
        assert_eq!(code, 0, "{stderr}");
        assert_eq!(stdout, "");
        assert!(stderr.ends_with("verified\n"), "{stderr}");
    }
    let mut here: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    here.sort();
    assert_eq!(here, ["wuxin-demo"], "files outside of its folder");
    let mine = std::fs::read_to_string(folder.path().join("wuxin-demo/mine.txt")).unwrap();
    assert_eq!(mine, "keep");
}
