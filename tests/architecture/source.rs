//! The source files and their imports.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A Rust file of this repository.
pub struct Source {
    /// Path relative to the repository, separated by `/`.
    pub path: String,
    pub text: String,
}

impl Source {
    /// Returns the file without its unit tests, which are at the end.
    pub fn program(&self) -> &str {
        self.text.split("#[cfg(test)]").next().unwrap()
    }

    /// Returns its module in its crate, such as `server::http::pages` for `src/server/http/pages.rs`.
    pub fn module(&self) -> String {
        let (_, path) = self.path.split_once("src/").unwrap();
        path.trim_end_matches(".rs").replace('/', "::")
    }

    /// Returns the modules and items of this crate that it names, as paths from the root of the crate.
    pub fn imports(&self) -> BTreeSet<String> {
        let own: Vec<String> = self.module().split("::").map(str::to_owned).collect();
        let mut found = BTreeSet::new();
        let text = self.program();
        for (at, _) in text.match_indices("use ") {
            if at == 0 || text[..at].ends_with(['\n', ' ']) {
                let tree = &text[at + 4..at + text[at..].find(';').unwrap_or(4)];
                expand("", tree, &mut |path| found.extend(absolute(&own, path)));
            }
        }
        for (at, _) in text.match_indices("crate::") {
            let rest = &text[at + 7..];
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').unwrap_or(rest.len());
            found.insert(rest[..end].trim_end_matches(':').to_owned());
        }
        found
    }
}

/// Reads all files under these folders.
pub fn sources(folders: &[&str]) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = folders.iter().map(|folder| root.join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let relative = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                found.push(Source { path: relative, text: fs::read_to_string(&path).unwrap() });
            }
        }
    }
    assert!(!found.is_empty());
    found
}

/// Calls `found` for each path in a `use` tree.
fn expand(prefix: &str, tree: &str, found: &mut impl FnMut(&str)) {
    let tree = tree.trim();
    let Some((head, list)) = tree.split_once('{') else {
        found(&format!("{prefix}{tree}"));
        return;
    };
    let list = list.trim_end().trim_end_matches('}');
    let (mut depth, mut start) = (0, 0);
    for (at, c) in list.char_indices().chain([(list.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                if !list[start..at].trim().is_empty() {
                    expand(&format!("{prefix}{}", head.trim()), &list[start..at], found);
                }
                start = at + 1;
            }
            _ => {}
        }
    }
}

fn absolute(own: &[String], path: &str) -> Option<String> {
    if let Some(rest) = path.strip_prefix("crate::") {
        return Some(rest.to_owned());
    }
    let mut rest = path;
    let mut base = own.len();
    while let Some(parent) = rest.strip_prefix("super::") {
        rest = parent;
        base = base.checked_sub(1)?;
    }
    if rest.len() == path.len() {
        let child = path.strip_prefix("self::")?;
        return Some(format!("{}::{child}", own.join("::")));
    }
    Some([&own[..base].join("::"), rest].join("::").trim_start_matches("::").to_owned())
}
