//! Secrets that are compared carelessly, logged, or in a URL.

use std::fs;
use std::path::{Path, PathBuf};

/// Returns the Rust files below a folder.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] });
    files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

/// No secret is compared by `==`: hashes compare in constant time, and everything else is verified by a MAC
#[test]
fn m17_secrets_compared_with_equals() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in ["src", "crates/domain/src", "crates/service/src"].map(|folder| rust_files(&root.join(folder))).concat()
    {
        let text = fs::read_to_string(&file).unwrap();
        let program = text.split("#[cfg(test)]").next().unwrap();
        for line in program.lines().filter(|line| line.contains("reveal()") || line.contains("as_bytes()")) {
            let compares =
                ["== ", "!= ", ".eq(", ".ne(", "starts_with", ".contains("].iter().any(|it| line.contains(it));
            let is_length = line.contains("len()");
            assert!(!(compares && line.contains("reveal()")) || is_length, "{}: {line}", file.display());
        }
    }
    let ids = fs::read_to_string(root.join("crates/domain/src/ids.rs")).unwrap();
    let comparison = ids.split("impl PartialEq for SecretHash").nth(1).unwrap().split("\n}\n").next().unwrap();
    assert!(comparison.contains("ct_eq"), "{comparison}");
    assert!(!ids.contains("derive(PartialEq") || !ids.contains("PartialEq)]\npub struct SecretHash"));
}
