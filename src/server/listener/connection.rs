//! One connection, from its first byte to its end.

use super::Answer;
use super::hall::{Hall, Place, Quiet};
use super::io::{RequestBody, ResponseBody, Socket};
use super::state::State;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::sync::CancellationToken;

/// Serves the connection until either side closes it.
pub(super) async fn run(
    stream: TcpStream,
    peer: SocketAddr,
    place: Place,
    site: impl Answer,
    hall: Arc<Hall>,
    stop: CancellationToken,
) {
    let state = Arc::new(State::new());
    let socket = Socket { stream, state: Arc::clone(&state), discarded: 0, _place: place };
    let service = Front { site, peer, state: Arc::clone(&state) };
    let mut builder = http1::Builder::new();
    // hyper's own timeout starts at the end of the previous response, so it would also act as the idle timeout.
    builder.max_buf_size(hall.limits.head_bytes).header_read_timeout(None);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(socket), service).with_upgrades());
    let mut stopping = pin!(stop.cancelled());
    let mut stopped = None;
    let mut watchdog = Watchdog { state, hall, timer: None, quiet: None, was_passed_over: false };
    poll_fn(|cx| {
        // Errors are ignored: connections fail whenever clients disconnect.
        if connection.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        if stopped.is_none() && stopping.as_mut().poll(cx).is_ready() {
            stopped = Some(Instant::now());
            connection.as_mut().graceful_shutdown();
            if connection.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
        }
        let end = watchdog.poll_end(cx, stopped);
        if std::mem::take(&mut watchdog.was_passed_over) {
            connection.as_mut().graceful_shutdown();
            if connection.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
        }
        end
    })
    .await;
}

/// Decides when the server closes the connection.
struct Watchdog {
    state: Arc<State>,
    hall: Arc<Hall>,
    /// Armed lazily: fires at or before the deadline, so that most requests do not touch it.
    timer: Option<Pin<Box<Sleep>>>,
    quiet: Option<Quiet>,
    /// Whether it was chosen for eviction and then became busy. It is closed after its response, so that a client
    /// cannot keep its connections alive by using each of them occasionally.
    was_passed_over: bool,
}

impl Watchdog {
    /// Ready when the connection should be closed. Must be polled after the connection.
    fn poll_end(&mut self, cx: &mut Context<'_>, stopped: Option<Instant>) -> Poll<()> {
        let evicted = self.evicted(cx);
        loop {
            if self.timer.as_ref().is_some_and(|timer| timer.is_elapsed()) {
                self.timer = None;
            }
            let deadline = self.state.deadline(&self.hall.limits, stopped, evicted);
            let Some((deadline, reason)) = deadline else { return Poll::Pending };
            if deadline <= Instant::now() {
                self.hall.closed(reason);
                return Poll::Ready(());
            }
            let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
            if timer.deadline() > deadline {
                timer.as_mut().reset(deadline);
            }
            ready!(timer.as_mut().poll(cx));
        }
    }

    /// Returns when the connection is closed, if it was chosen for eviction. Requests handled in the meantime do not
    /// postpone it.
    fn evicted(&mut self, cx: &mut Context<'_>) -> Option<Instant> {
        if self.state.is_quiet() {
            let (hall, state) = (&self.hall, &self.state);
            let quiet = self.quiet.get_or_insert_with(|| hall.quiet());
            return quiet.evicted(cx, || state.evictable_at(&hall.limits));
        }
        if let Some(quiet) = self.quiet.take() {
            self.was_passed_over = quiet.pass_on();
        }
        None
    }
}

/// Wraps the site: adds the peer's address and reports the phases of a request.
#[derive(Clone, Debug)]
struct Front<S> {
    site: S,
    peer: SocketAddr,
    state: Arc<State>,
}

impl<S: Answer> Service<Request<Incoming>> for Front<S> {
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    /// Boxed, because hyper reserves its size in every connection, including idle ones.
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        self.state.head_ended(!request.body().is_end_stream());
        let state = Arc::clone(&self.state);
        let mut request = request.map(|body| {
            if body.is_end_stream() {
                Body::empty()
            } else {
                Body::new(RequestBody { body, state: Arc::clone(&state) })
            }
        });
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let response = self.site.clone().answer(request);
        Box::pin(async move {
            let response = response.await;
            state.response_began();
            Ok(response.map(|body| ResponseBody { body, state }))
        })
    }
}
