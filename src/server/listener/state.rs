//! Where a connection stands: whose turn it is, and since when.

use super::limits::ConnectionLimits;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

/// Why the server closes a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Reason {
    /// A head did not come to its end in time.
    Head,
    /// A body did not come to its end in time.
    Body,
    /// There was no other request.
    Idle,
    /// The client did not read the response.
    Unread,
    /// Others need the place.
    Room,
    /// Its address has too many.
    Address,
}

impl Reason {
    /// The name in the metrics.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Body => "body",
            Self::Idle => "idle",
            Self::Unread => "unread",
            Self::Room => "room",
            Self::Address => "address",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The client sends a request's head.
    Head,
    /// The client sends a request's body.
    Body,
    /// The server works, or waits for something to tell.
    Work,
    /// The client reads the response.
    Response,
    /// The client may send another request.
    Idle,
}

#[derive(Clone, Copy, Debug)]
struct Progress {
    phase: Phase,
    since: Instant,
    /// Since when the client takes no bytes, while there are some.
    stalled: Option<Instant>,
}

/// Shared by the socket, the service and the bodies of one connection, all of which run in its one task.
#[derive(Debug)]
pub(super) struct State(Mutex<Progress>);

impl State {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Progress { phase: Phase::Head, since: Instant::now(), stalled: None }))
    }

    /// Bytes came.
    pub(super) fn received(&self) {
        let mut progress = self.lock();
        if progress.phase == Phase::Idle {
            progress.enter(Phase::Head);
        }
    }

    /// Bytes went out.
    pub(super) fn sent(&self) {
        self.lock().stalled = None;
    }

    /// The client's window is full.
    pub(super) fn stalled(&self) {
        self.lock().stalled.get_or_insert_with(Instant::now);
    }

    /// A head is complete.
    pub(super) fn head_ended(&self, has_body: bool) {
        self.lock().enter(if has_body { Phase::Body } else { Phase::Work });
    }

    /// The body is complete, or unwanted.
    pub(super) fn body_ended(&self) {
        let mut progress = self.lock();
        if progress.phase == Phase::Body {
            progress.enter(Phase::Work);
        }
    }

    /// The response is ready.
    pub(super) fn response_began(&self) {
        self.lock().enter(Phase::Response);
    }

    /// hyper has the whole response.
    pub(super) fn response_ended(&self) {
        self.lock().enter(Phase::Idle);
    }

    /// Whether it is the client's turn, so that it costs nobody an answer to close now.
    pub(super) fn is_quiet(&self) -> bool {
        let progress = self.lock();
        progress.stalled.is_none() && matches!(progress.phase, Phase::Head | Phase::Body | Phase::Idle)
    }

    /// When the client's time is over, and what it will have failed to do; never while it is the server's turn.
    /// `stopped` is since when the server stops.
    pub(super) fn deadline(&self, limits: &ConnectionLimits, stopped: Option<Instant>) -> Option<(Instant, Reason)> {
        let Progress { phase, since, stalled } = *self.lock();
        let deadline = match phase {
            Phase::Head => Some((since + limits.head, Reason::Head)),
            Phase::Body => Some((since + limits.body, Reason::Body)),
            Phase::Work => None,
            Phase::Response => Some((since + limits.response, Reason::Unread)),
            Phase::Idle => Some((since + limits.idle, Reason::Idle)),
        };
        if let Some(stalled) = stalled {
            let unread = stalled + limits.stall;
            // What is still to be read may be the end of a response, whatever came after it.
            return Some((
                deadline.filter(|_| phase == Phase::Response).map_or(unread, |(end, _)| end.min(unread)),
                Reason::Unread,
            ));
        }
        match (deadline, stopped) {
            // Nothing is under way.
            (Some((_, reason @ (Reason::Head | Reason::Idle))), Some(stopped)) => Some((stopped, reason)),
            (Some((end, Reason::Body)), Some(stopped)) => Some((end.min(stopped + limits.farewell), Reason::Body)),
            _ => deadline,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress {
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.since = Instant::now();
    }
}
