//! The phase of a connection, and the deadline that follows from it.

use super::limits::ConnectionLimits;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

/// Why the server closes a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Reason {
    /// The head was not complete in time.
    Head,
    /// The body was not complete in time.
    Body,
    /// No further request came in time.
    Idle,
    /// The response was not read in time.
    Unread,
    /// It was evicted.
    Room,
    /// Its address has too many connections.
    Address,
    /// The server shuts down.
    Stop,
}

impl Reason {
    /// Returns the name used in the metrics.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Body => "body",
            Self::Idle => "idle",
            Self::Unread => "unread",
            Self::Room => "room",
            Self::Address => "address",
            Self::Stop => "stop",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The client sends a request's head.
    Head,
    /// The client sends a request's body.
    Body,
    /// The server handles the request, or holds it (long poll).
    Work,
    /// The client reads the response.
    Response,
    /// The client may send another request.
    Idle,
    /// The client sends the rest of a body that the server has refused.
    Refused,
}

#[derive(Clone, Copy, Debug)]
struct Progress {
    phase: Phase,
    since: Instant,
    /// Since when writes have made no progress.
    stalled: Option<Instant>,
    /// Whether the handler dropped a request's body before its end.
    has_unread_body: bool,
}

/// Shared by the socket, the service and the bodies of one connection, which all run in one task.
#[derive(Debug)]
pub(super) struct State(Mutex<Progress>);

impl State {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Progress { phase: Phase::Head, since: Instant::now(), stalled: None, has_unread_body: false }))
    }

    /// Records that bytes were read.
    pub(super) fn received(&self) {
        let mut progress = self.lock();
        if progress.phase == Phase::Idle {
            progress.enter(Phase::Head);
        }
    }

    /// Records that a write made progress.
    pub(super) fn sent(&self) {
        self.lock().stalled = None;
    }

    /// Records that a write is pending: the send buffer is full.
    pub(super) fn stalled(&self) {
        self.lock().stalled.get_or_insert_with(Instant::now);
    }

    /// Records that the head is complete.
    pub(super) fn head_ended(&self, has_body: bool) {
        self.lock().enter(if has_body { Phase::Body } else { Phase::Work });
    }

    /// Records that the body is complete, or that the handler dropped it.
    pub(super) fn body_ended(&self) {
        let mut progress = self.lock();
        if progress.phase == Phase::Body {
            progress.enter(Phase::Work);
        }
    }

    /// Records that the handler dropped the body before its end, so that the connection ends with this response.
    pub(super) fn body_refused(&self) {
        self.lock().has_unread_body = true;
        self.body_ended();
    }

    /// Records that the server has sent all it will send. Returns whether the client may still be sending a body.
    pub(super) fn is_refusing(&self) -> bool {
        let mut progress = self.lock();
        if progress.has_unread_body && progress.phase != Phase::Refused {
            progress.enter(Phase::Refused);
        }
        progress.has_unread_body
    }

    /// Records that the response is ready.
    pub(super) fn response_began(&self) {
        self.lock().enter(Phase::Response);
    }

    /// Records that hyper has the whole response.
    pub(super) fn response_ended(&self) {
        self.lock().enter(Phase::Idle);
    }

    /// Returns whether the connection waits for its client, which sends nothing or does not read, so that it can be
    /// evicted.
    pub(super) fn is_quiet(&self) -> bool {
        let progress = self.lock();
        progress.stalled.is_some() || matches!(progress.phase, Phase::Head | Phase::Body | Phase::Idle | Phase::Refused)
    }

    /// Returns when the connection would be closed if it were chosen for eviction now.
    pub(super) fn evictable_at(&self, limits: &ConnectionLimits) -> Instant {
        let Progress { since, stalled, .. } = *self.lock();
        match stalled {
            Some(stalled) => stalled + limits.unread_grace,
            None => since + limits.grace,
        }
    }

    /// Returns when to close the connection, and why; `None` while the server handles a request. `stopped` is when
    /// shutdown began, `evicted` when the connection is closed because it was chosen for eviction.
    pub(super) fn deadline(
        &self,
        limits: &ConnectionLimits,
        stopped: Option<Instant>,
        evicted: Option<Instant>,
    ) -> Option<(Instant, Reason)> {
        let Progress { phase, since, stalled, .. } = *self.lock();
        let deadline = match phase {
            Phase::Head => Some((since + limits.head, Reason::Head)),
            Phase::Body => Some((since + limits.body, Reason::Body)),
            Phase::Work => None,
            Phase::Response => Some((since + limits.response, Reason::Unread)),
            Phase::Idle => Some((since + limits.idle, Reason::Idle)),
            Phase::Refused => Some((since + limits.refused, Reason::Body)),
        };
        // Independent of the phase: the end of a response may still be in hyper's buffer.
        let unread = stalled.map(|stalled| (stalled + limits.stall, Reason::Unread));
        let stop = stopped.and_then(|stopped| match phase {
            _ if stalled.is_some() => None,
            Phase::Head | Phase::Idle => Some((stopped, Reason::Stop)),
            Phase::Body | Phase::Refused => Some((stopped + limits.farewell, Reason::Stop)),
            Phase::Work | Phase::Response => None,
        });
        let room = evicted.map(|end| (end, Reason::Room));
        [deadline, unread, stop, room].into_iter().flatten().min_by_key(|(end, _)| *end)
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

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some seconds")]
mod tests {
    use super::*;
    use std::time::Duration;

    const fn limits() -> ConnectionLimits {
        let seconds = Duration::from_secs;
        ConnectionLimits {
            head: seconds(10),
            body: seconds(20),
            refused: seconds(2),
            idle: seconds(150),
            response: seconds(120),
            stall: seconds(30),
            ping: seconds(45),
            grace: Duration::from_millis(250),
            unread_grace: seconds(1),
            farewell: seconds(1),
            head_bytes: 16 * 1024,
            connections: 16,
            quiet: 16,
            per_address: None,
        }
    }

    /// Returns the seconds until the deadline, and its reason.
    fn left(state: &State, stopped: bool, is_evicted: bool) -> Option<(u64, Reason)> {
        let now = Instant::now();
        let evicted = is_evicted.then(|| state.evictable_at(&limits()));
        let (end, reason) = state.deadline(&limits(), stopped.then_some(now), evicted)?;
        Some((end.saturating_duration_since(now).as_secs_f64().round() as u64, reason))
    }

    #[test]
    fn there_is_a_deadline_only_while_the_client_is_waited_for() {
        let state = State::new();
        assert_eq!(left(&state, false, false), Some((10, Reason::Head)));
        state.head_ended(true);
        assert_eq!(left(&state, false, false), Some((20, Reason::Body)));
        assert_eq!(left(&state, true, false), Some((1, Reason::Stop)));
        state.body_ended();
        assert_eq!((left(&state, false, false), left(&state, true, false)), (None, None));
        assert!(!state.is_quiet());
        state.response_began();
        assert_eq!(left(&state, true, false), Some((120, Reason::Unread)));
        state.stalled();
        state.response_ended();
        // The end of the response is still unread.
        assert_eq!(left(&state, true, false), Some((30, Reason::Unread)));
        assert!(state.is_quiet());
        assert_eq!(left(&state, true, true), Some((1, Reason::Room)));
        state.sent();
        assert!(state.is_quiet());
        assert_eq!(left(&state, false, false), Some((150, Reason::Idle)));
        assert_eq!(left(&state, false, true), Some((0, Reason::Room)));
        assert_eq!(left(&state, true, false), Some((0, Reason::Stop)));
        state.received();
        assert_eq!(left(&state, false, false), Some((10, Reason::Head)));
    }

    #[test]
    fn the_rest_of_a_refused_body_has_a_short_deadline() {
        let state = State::new();
        state.head_ended(true);
        assert!(!state.is_refusing());
        state.body_refused();
        assert_eq!(left(&state, false, false), None, "the handler works");
        state.response_began();
        state.response_ended();
        assert!(state.is_refusing() && state.is_quiet());
        assert_eq!(left(&state, false, false), Some((2, Reason::Body)));
        assert_eq!(left(&state, true, false), Some((1, Reason::Stop)));
        assert_eq!(left(&state, false, true), Some((0, Reason::Room)));
        state.received();
        assert_eq!(left(&state, false, false), Some((2, Reason::Body)), "what it sends gains no time");
    }

    #[test]
    fn time_runs_from_the_first_byte_and_not_from_the_last() {
        let ago = Instant::now() - Duration::from_secs(4);
        let state =
            State(Mutex::new(Progress { phase: Phase::Head, since: ago, stalled: None, has_unread_body: false }));
        state.received();
        assert_eq!(left(&state, false, false), Some((6, Reason::Head)));
        let state = State(Mutex::new(Progress {
            phase: Phase::Response,
            since: ago,
            stalled: Some(ago),
            has_unread_body: false,
        }));
        state.stalled();
        assert_eq!(left(&state, false, false), Some((26, Reason::Unread)));
        state.sent();
        assert_eq!(left(&state, false, false), Some((116, Reason::Unread)));
    }
}
