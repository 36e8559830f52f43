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

/// Returns the path prefix of this build's files. It contains a hash of all their contents, so responses below it are
/// immutable.
pub fn root() -> &'static str {
    static ROOT: LazyLock<String> = LazyLock::new(|| {
        let mut digest = Sha256::new();
        let mut names: Vec<_> = Files::iter().collect();
        names.sort_unstable();
        for name in names {
            if let Some(file) = Files::get(&name) {
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
    Files::get(name)
}
