//! Who may import whom.

use super::source::{Source, sources};
use std::collections::{BTreeMap, BTreeSet};

/// The modules between which there must be no circle: those of the root, and in `server` one level more for the large ones.
fn node(path: &str) -> String {
    let parts: Vec<&str> = path.split("::").collect();
    let depth = match parts.as_slice() {
        ["server", "security" | "store" | "service" | "http" | "listener", third, ..]
            if third.starts_with(char::is_lowercase) =>
        {
            3
        }
        ["server", second, ..] if second.starts_with(char::is_lowercase) => 2,
        _ => 1,
    };
    parts[..depth].join("::")
}

#[test]
fn modules_form_no_circle() {
    let files = sources(&["src"]);
    let nodes: BTreeSet<String> = files.iter().map(|file| node(&file.module())).collect();
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files.iter().filter(|file| !file.path.ends_with("tests.rs")) {
        let from = node(&file.module());
        let imports = file.imports();
        let to = imports.iter().map(|path| node(path)).filter(|to| *to != from && nodes.contains(to));
        edges.entry(from.clone()).or_default().extend(to);
    }
    assert!(edges["server::router"].contains("server::http::pages"), "imports are read: {edges:?}");
    // Takes away what imports nothing that is left; a circle stays.
    loop {
        let done: Vec<String> = edges
            .iter()
            .filter(|(_, imported)| imported.iter().all(|to| !edges.contains_key(to)))
            .map(|(from, _)| from.clone())
            .collect();
        if done.is_empty() {
            break;
        }
        for node in done {
            edges.remove(&node);
        }
    }
    assert!(edges.is_empty(), "a circle among {edges:#?}");
}

/// Files under `folder` that import something which begins with one of these.
fn importers(folder: &str, forbidden: &[&str]) -> Vec<String> {
    let imports = |file: &Source| {
        let names = file.imports();
        forbidden.iter().any(|forbidden| names.iter().any(|name| name.starts_with(forbidden)))
    };
    sources(&[folder]).iter().filter(|file| imports(file)).map(|file| file.path.clone()).collect()
}

#[test]
fn services_alone_call_stores() {
    for folder in ["src/api", "src/pages", "src/components", "src/islands", "src/wire", "src/server/http"] {
        assert_eq!(importers(folder, &["server::store"]), Vec::<String>::new());
    }
    let in_security = importers("src/server/security", &["server::store"]);
    assert!(in_security.iter().all(|path| path.starts_with("src/server/security/rate_limit")), "{in_security:?}");
}

#[test]
fn a_page_gets_values_and_calls_nobody() {
    for folder in ["src/pages", "src/components", "src/islands"] {
        assert_eq!(importers(folder, &["server::service", "server::context", "server::state"]), Vec::<String>::new());
    }
}

#[test]
fn stores_and_policies_know_no_requests() {
    for folder in ["src/server/store", "src/server/security", "src/server/service"] {
        assert_eq!(
            importers(folder, &["server::http", "server::context", "server::state", "pages"]),
            Vec::<String>::new()
        );
    }
}
