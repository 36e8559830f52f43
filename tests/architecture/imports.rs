//! Which modules may import which.

use super::source::{Source, sources};
use std::collections::{BTreeMap, BTreeSet};

/// Maps a module to its node in the import graph: the root's modules, and one level more for the large ones in
/// `server`.
fn node(path: &str) -> String {
    let parts: Vec<&str> = path.split("::").collect();
    let depth = match parts.as_slice() {
        ["server", "security" | "http" | "listener", third, ..] if third.starts_with(char::is_lowercase) => 3,
        ["server", second, ..] if second.starts_with(char::is_lowercase) => 2,
        _ => 1,
    };
    parts[..depth].join("::")
}

#[test]
fn modules_have_no_import_cycle() {
    assert!(circle_of("src").is_empty(), "a circle among {:#?}", circle_of("src"));
    for member in ["domain", "service", "store"] {
        let circle = circle_of(&format!("crates/{member}/src"));
        assert!(circle.is_empty(), "a circle among {circle:#?}");
    }
}

/// Returns the import cycles among the modules of a crate.
fn circle_of(folder: &str) -> BTreeMap<String, BTreeSet<String>> {
    let files = sources(&[folder]);
    let nodes: BTreeSet<String> = files.iter().map(|file| node(&file.module())).collect();
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files.iter().filter(|file| !file.path.ends_with("tests.rs")) {
        let from = node(&file.module());
        let imports = file.imports();
        let to = imports.iter().map(|path| node(path)).filter(|to| *to != from && nodes.contains(to));
        edges.entry(from.clone()).or_default().extend(to);
    }
    assert!(edges.values().any(|imported| !imported.is_empty()), "imports are read: {edges:?}");
    // Repeatedly remove modules whose imports are all removed; a cycle remains.
    loop {
        let done: Vec<String> = edges
            .iter()
            .filter(|(_, imported)| imported.iter().all(|to| !edges.contains_key(to)))
            .map(|(from, _)| from.clone())
            .collect();
        if done.is_empty() {
            return edges;
        }
        for node in done {
            edges.remove(&node);
        }
    }
}

/// Returns the files under `folder` that name the crate.
fn users(folder: &str, name: &str) -> Vec<String> {
    let path = format!("{name}::");
    let names = |file: &Source| {
        let text = file.program();
        text.match_indices(&path)
            .any(|(at, _)| !text[..at].ends_with(|c: char| c.is_alphanumeric() || "_:".contains(c)))
    };
    sources(&[folder]).iter().filter(|file| names(file)).map(|file| file.path.clone()).collect()
}

/// Returns the files under `folder` with an import that starts with one of these.
fn importers(folder: &str, forbidden: &[&str]) -> Vec<String> {
    let imports = |file: &Source| {
        let names = file.imports();
        forbidden.iter().any(|forbidden| names.iter().any(|name| name.starts_with(forbidden)))
    };
    sources(&[folder]).iter().filter(|file| imports(file)).map(|file| file.path.clone()).collect()
}

#[test]
fn only_services_call_stores() {
    for folder in ["src/api", "src/pages", "src/components", "src/islands", "src/wire", "src/server/http"] {
        assert_eq!(users(folder, "store"), Vec::<String>::new());
    }
}

#[test]
fn pages_depend_on_neither_services_nor_server_state() {
    for folder in ["src/pages", "src/components", "src/islands"] {
        assert_eq!(importers(folder, &["server::context", "server::state"]), Vec::<String>::new());
        assert_eq!(users(folder, "service"), Vec::<String>::new());
    }
}

#[test]
fn policies_do_not_depend_on_the_http_layer() {
    let above = ["server::http", "server::context", "server::state", "pages"];
    assert_eq!(importers("src/server/security", &above), Vec::<String>::new());
}
