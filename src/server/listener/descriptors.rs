//! The limit on open files, and so on connections.

/// Returns the current limit on open files.
#[cfg(unix)]
pub fn limit() -> usize {
    use rustix::process::{Resource, getrlimit};
    match getrlimit(Resource::Nofile).current {
        Some(limit) => usize::try_from(limit).unwrap_or(usize::MAX),
        // No limit.
        None => usize::MAX,
    }
}

/// Raises the soft limit to the hard one, which needs no privilege: systemd and shells set a soft limit of 1,024 for
/// the sake of programs that use `select`.
#[cfg(unix)]
pub fn raise() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current == maximum {
        tracing::info!(descriptors = limit(), "open files: the limit cannot be raised");
        return;
    }
    match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        Ok(()) => tracing::info!(from = current, descriptors = limit(), "open files: raised the limit"),
        Err(error) => tracing::warn!(%error, descriptors = limit(), "open files: could not raise the limit"),
    }
}

/// Returns the limit on open files, which is unknown here.
#[cfg(not(unix))]
pub fn limit() -> usize {
    1_024
}

/// Does nothing: there is no limit to raise.
#[cfg(not(unix))]
pub fn raise() {}
