//! Files that no other user of the machine may read: the database and the signing keys.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

/// Makes a new file that only its owner may read, whatever the umask.
///
/// # Errors
/// When it cannot be made, above all because there is one.
pub fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Warns when others than its owner may use a file; `content` says what they find there. The mode is left as it is, for an
/// operator may have given it on purpose.
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

/// Other systems have other means than modes.
#[cfg(not(unix))]
pub fn warn_if_shared(_: &Path, _: &str) {}
