//! No sample without a test: each block of the documentation is listed here, with the file that runs it.

use super::documents::{READMES, blocks, path, read};
use std::collections::BTreeSet;
use std::fs;

/// Language, a text that is unique to the block, and the file in this folder whose tests run it.
const OF_THE_README: [(&str, &str, &str); 11] = [
    ("sh", "make run     #", "shell.rs"),
    ("sh", "sha256sum --check", "release.rs"),
    ("sh", "docker run", "release.rs"),
    ("nginx", "auth_request", "same_host.rs"),
    ("json", "\"avatar_url\"", "same_host.rs"),
    ("js", "jwtVerify", "tokens.rs"),
    ("sh", "/api/qrcode/generate", "shell.rs"),
    ("sh", "qr-login user add", "shell.rs"),
    ("ini", "ExecStart=", "service.rs"),
    ("sh", ".backup", "shell.rs"),
    ("sh", "make bench  ", "shell.rs"),
];

const OF_SEVERAL_NODES: [(&str, &str, &str); 2] =
    [("sh", "qr-login key new", "several_nodes.rs"), ("ini", "QR_LOGIN_REDIS_URL=rediss://", "several_nodes.rs")];

#[test]
fn every_block_of_the_documentation_is_run_by_a_test() {
    let documents = READMES.map(|readme| (readme, &OF_THE_README[..]));
    for (document, known) in documents.into_iter().chain([("docs/deploy/several-nodes.md", &OF_SEVERAL_NODES[..])]) {
        let blocks = blocks(document);
        for block in &blocks {
            let tested =
                |(language, text, _): &&(&str, &str, &str)| block.language == *language && block.text.contains(text);
            assert_eq!(known.iter().filter(tested).count(), 1, "{document}: no test runs this sample:\n{}", block.text);
        }
        assert_eq!(blocks.len(), known.len(), "{document}");
    }
}

/// Returns all attacks: files with tests in both folders, without their extensions. The other files are helpers.
fn attacks() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (folder, ending) in [("tests/attacks", ".rs"), ("end2end/tests/attacks", ".spec.ts")] {
        let Ok(files) = fs::read_dir(path(folder)) else { continue };
        let files = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        let is_attack =
            |file: &String| ["test]", "test("].iter().any(|test| read(&format!("{folder}/{file}")).contains(test));
        let files = files.filter(is_attack);
        names.extend(files.filter_map(|file| file.strip_suffix(ending).map(str::to_owned)));
    }
    names
}

#[test]
fn every_attack_is_listed_with_the_promise_it_tests() {
    let text = read("docs/security.md");
    for attack in attacks() {
        let is_named = [format!("`{attack}`"), format!("/{attack}.spec.ts`")].iter().any(|name| text.contains(name));
        assert!(is_named, "docs/security.md does not say which promise {attack} tries");
    }
}

#[test]
fn every_promise_names_existing_tests() {
    let text = read("docs/security.md");
    let promises = text.split("## What we promise").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows: Vec<_> = promises.lines().filter(|line| line.starts_with("| **")).collect();
    assert!(rows.len() > 10, "{promises}");
    let attacks = attacks();
    for row in rows {
        let tests = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let names: Vec<_> = tests.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "{row}");
        for name in names {
            assert!(if name.contains('/') { path(name).exists() } else { attacks.contains(name) }, "{name}: {row}");
        }
    }
}
