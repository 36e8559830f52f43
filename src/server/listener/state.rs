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
    /// The server stops.
    Stop,
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

    /// When the client's time is over, and why; never while it is the server's turn. `stopped` is since when the server
    /// stops, `for_others` whether a quiet connection is to end for others.
    pub(super) fn deadline(
        &self,
        limits: &ConnectionLimits,
        stopped: Option<Instant>,
        for_others: bool,
    ) -> Option<(Instant, Reason)> {
        let Progress { phase, since, stalled } = *self.lock();
        let deadline = match phase {
            Phase::Head => Some((since + limits.head, Reason::Head)),
            Phase::Body => Some((since + limits.body, Reason::Body)),
            Phase::Work => None,
            Phase::Response => Some((since + limits.response, Reason::Unread)),
            Phase::Idle => Some((since + limits.idle, Reason::Idle)),
        };
        // The end of a response may be unread, whatever is next.
        let unread = stalled.map(|stalled| (stalled + limits.stall, Reason::Unread));
        let stop = stopped.and_then(|stopped| match phase {
            _ if stalled.is_some() => None,
            Phase::Head | Phase::Idle => Some((stopped, Reason::Stop)),
            Phase::Body => Some((stopped + limits.farewell, Reason::Stop)),
            Phase::Work | Phase::Response => None,
        });
        let room = for_others.then_some((since + limits.grace, Reason::Room));
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
            idle: seconds(150),
            response: seconds(120),
            stall: seconds(30),
            ping: seconds(45),
            grace: Duration::from_millis(250),
            farewell: seconds(1),
            head_bytes: 16 * 1024,
            connections: 16,
            quiet: 16,
            per_address: None,
        }
    }

    /// Seconds of which the deadline is away, and why it is one.
    fn left(state: &State, stopped: bool, for_others: bool) -> Option<(u64, Reason)> {
        let now = Instant::now();
        let (end, reason) = state.deadline(&limits(), stopped.then_some(now), for_others)?;
        Some((end.saturating_duration_since(now).as_secs_f64().round() as u64, reason))
    }

    #[test]
    fn only_a_client_has_to_hurry() {
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
        // Something of the response is still to be read.
        assert_eq!(left(&state, true, false), Some((30, Reason::Unread)));
        assert!(!state.is_quiet());
        state.sent();
        assert!(state.is_quiet());
        assert_eq!(left(&state, false, false), Some((150, Reason::Idle)));
        assert_eq!(left(&state, false, true), Some((0, Reason::Room)));
        assert_eq!(left(&state, true, false), Some((0, Reason::Stop)));
        state.received();
        assert_eq!(left(&state, false, false), Some((10, Reason::Head)));
    }

    #[test]
    fn time_runs_from_the_first_byte_and_not_from_the_last() {
        let ago = Instant::now() - Duration::from_secs(4);
        let state = State(Mutex::new(Progress { phase: Phase::Head, since: ago, stalled: None }));
        state.received();
        assert_eq!(left(&state, false, false), Some((6, Reason::Head)));
        let state = State(Mutex::new(Progress { phase: Phase::Response, since: ago, stalled: Some(ago) }));
        state.stalled();
        assert_eq!(left(&state, false, false), Some((26, Reason::Unread)));
        state.sent();
        assert_eq!(left(&state, false, false), Some((116, Reason::Unread)));
    }
}
