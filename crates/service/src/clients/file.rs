//! Reads the file.

use super::{Clients, ClientsError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Largest file, in bytes: thousands of entries.
pub const MAX_FILE: u64 = 1024 * 1024;

/// Why the file is not used. The text names the setting, the file, and each line at fault.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("QR_LOGIN_CLIENTS_FILE: {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// It is too large.
    #[error("QR_LOGIN_CLIENTS_FILE: {}: is larger than {MAX_FILE} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// Its content is not valid.
    #[error("QR_LOGIN_CLIENTS_FILE: {}:\n{source}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Everything that is wrong.
        source: ClientsError,
    },
}

/// Reads and validates the file.
///
/// # Errors
/// [`FileError`].
pub fn load(path: &Path) -> Result<Clients, FileError> {
    let unreadable = |source| FileError::Unreadable { path: path.to_owned(), source };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut text = String::new();
    file.take(MAX_FILE + 1).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > MAX_FILE {
        return Err(FileError::TooLarge { path: path.to_owned() });
    }
    warn_if_writable(path);
    Clients::parse(&text).map_err(|source| FileError::Invalid { path: path.to_owned(), source })
}

/// Warns if others may write to the file: they could register an app of their own.
fn warn_if_writable(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path).map(|data| data.permissions().mode()).unwrap_or_default();
        if mode & 0o002 != 0 {
            tracing::warn!(path = %path.display(), "everyone on this machine may change the apps: chmod o-w");
        }
    }
}
