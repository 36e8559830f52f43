//! The site's files: inside the binary when it was built for release, from the disk while developing.

use crate::routes::STATIC;
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::sync::LazyLock;

/// What scripts/frontend.mjs made. Beside a file may stand the same, brotli-compressed, ending in `.br`.
#[derive(RustEmbed)]
#[folder = "target/site"]
#[exclude = "*.d.ts"]
#[allow_missing = true]
struct Files;

/// Where this build's files are: the path changes with any of their bytes, so what it names never does.
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
            // Writing to a string never fails.
            let _ = write!(path, "{byte:02x}");
            path
        })
    });
    &ROOT
}

/// That file, if there is one.
pub fn get(name: &str) -> Option<EmbeddedFile> {
    Files::get(name)
}
