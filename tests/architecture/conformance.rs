//! The table of conformance tests lists exactly those that there are.

use super::source::sources;
use std::collections::BTreeSet;
use std::fs;

/// Returns the names of the tests that belong in the table.
fn tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in sources(&["tests"]) {
        for line in file.text.lines() {
            let line = line.trim_start().trim_start_matches("async ");
            let Some((name, _)) = line.strip_prefix("fn ").and_then(|rest| rest.split_once('(')) else { continue };
            let is_mistake = number_of(name).is_some() || name.starts_with("also_");
            if is_mistake || name.starts_with("oidcc_") {
                assert!(names.insert(name.to_owned()), "{name} is there twice");
            }
        }
    }
    names
}

/// Returns the number of a mistake, from a name such as `m05_…`.
fn number_of(name: &str) -> Option<u8> {
    name.strip_prefix('m')?.split_once('_')?.0.parse().ok()
}

#[test]
fn the_table_lists_every_conformance_test_and_none_else() {
    let page = fs::read_to_string("docs/conformance.md").unwrap();
    let lines = page.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" | passes |"));
    let listed: Vec<String> = lines
        .map(|line| {
            let (name, says) = line.split_once("` | ").unwrap();
            assert!(!says.trim().is_empty(), "{name} does not say what it checks");
            name.replace('-', "_")
        })
        .collect();
    assert_eq!(
        page.lines().filter(|line| line.starts_with("| `")).count(),
        listed.len(),
        "each line says that it passes"
    );
    let listed_once: BTreeSet<String> = listed.iter().cloned().collect();
    assert_eq!(listed_once.len(), listed.len());
    assert_eq!(listed_once, tests(), "run scripts/conformance.sh");
}

#[test]
fn every_classic_mistake_has_a_test() {
    let numbers: BTreeSet<u8> = tests().iter().filter_map(|name| number_of(name)).collect();
    // 19 comes with the device grant.
    assert!((1..=20).filter(|number| *number != 19).all(|number| numbers.contains(&number)), "{numbers:?}");
}
