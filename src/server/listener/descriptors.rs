//! How many files, and so connections, the process may open.

/// How many files the process may open now.
#[cfg(unix)]
pub fn limit() -> usize {
    use rustix::process::{Resource, getrlimit};
    match getrlimit(Resource::Nofile).current {
        Some(limit) => usize::try_from(limit).unwrap_or(usize::MAX),
        // No limit.
        None => usize::MAX,
    }
}

/// Raises the soft limit to the hard one, as a process may do for itself: systemd and shells give a soft limit of 1,024,
/// which is for programs that use `select`.
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

/// How many files the process may open now, as far as is known.
#[cfg(not(unix))]
pub fn limit() -> usize {
    1_024
}

/// There is nothing to raise.
#[cfg(not(unix))]
pub fn raise() {}
