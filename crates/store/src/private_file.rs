//! Files that no other user of the machine can read: the database and the signing keys.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

/// Creates a file that only its owner can read, regardless of the umask.
///
/// # Errors
/// If it cannot be created, in particular because it exists already.
pub fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Warns if others than its owner can access a file; `content` describes what they would find. The mode is not changed,
/// because an operator may have set it on purpose.
#[cfg(unix)]
pub fn warn_if_shared(path: &Path, content: &str) {
    use std::os::unix::fs::PermissionsExt;
    let Ok(metadata) = fs::metadata(path) else { return };
    let mode = metadata.permissions().mode() & 0o777;
    if metadata.is_file() && mode & 0o077 != 0 {
        let (file, mode) = (path.display(), format!("{mode:04o}"));
        tracing::warn!(%file, mode, "other users of this machine can get at {content}: chmod 600 it");
    }
}

/// Does nothing: file modes are specific to Unix.
#[cfg(not(unix))]
pub fn warn_if_shared(_: &Path, _: &str) {}
