//! The site's static files: embedded in release builds, read from disk in development.

use crate::routes::STATIC;
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::sync::LazyLock;

/// The output of scripts/frontend.mjs. A file may have a brotli-compressed copy beside it, ending in `.br`.
#[derive(RustEmbed)]
#[folder = "target/site"]
#[exclude = "*.d.ts"]
#[allow_missing = true]
struct Files;

/// The same for the page that scans, which scripts/frontend.mjs builds apart, because nothing else loads them.
#[derive(RustEmbed)]
#[folder = "target/scanner"]
#[allow_missing = true]
struct Scanner;

/// Folder of the scanner's files below [`root`].
pub const SCANNER: &str = "scan/";
/// The script in it that runs as a worker.
pub const SCANNER_WORKER: &str = "scan/worker.js";

/// Returns the path prefix of this build's files. It contains a hash of all their contents, so responses below it are
/// immutable.
pub fn root() -> &'static str {
    static ROOT: LazyLock<String> = LazyLock::new(|| {
        let mut digest = Sha256::new();
        let of_scanner = Scanner::iter().map(|name| format!("{SCANNER}{name}").into());
        let mut names: Vec<_> = Files::iter().chain(of_scanner).collect();
        names.sort_unstable();
        for name in names {
            if let Some(file) = get(&name) {
                digest.update(name.as_bytes());
                digest.update(file.metadata.sha256_hash());
            }
        }
        digest.finalize()[..8].iter().fold(STATIC.to_owned(), |mut path, byte| {
            // Writing to a string cannot fail.
            let _ = write!(path, "{byte:02x}");
            path
        })
    });
    &ROOT
}

/// Returns that file, if it exists.
pub fn get(name: &str) -> Option<EmbeddedFile> {
    match name.strip_prefix(SCANNER) {
        Some(name) => Scanner::get(name),
        None => Files::get(name),
    }
}
