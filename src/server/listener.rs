//! The HTTP/1.1 listener: a cap on connections, timeouts for every phase that waits for the client, and eviction of
//! quiet connections when the cap is reached. So a flood of connections cannot lock out other clients.
//!
//! It replaces `axum::serve`, which has neither timeouts nor a cap and gives hyper no timer.

mod connection;
pub mod descriptors;
mod hall;
mod io;
mod limits;
mod state;

pub use limits::ConnectionLimits;

use axum::extract::Request;
use axum::response::Response;
use hall::Hall;
use ipnet::IpNet;
use service::metrics::Metrics;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::yield_now;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// Pause after the first failure to accept; later ones are longer, up to [`LONGEST_PAUSE`].
const PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Quiet connections that are evicted at each failure to accept, so that as many can be accepted after the pause.
const EVICTED_AT_ONCE: usize = 16;

/// A handler for requests, which carry the client's address in their extensions.
pub trait Answer: Clone + Send + Sync + 'static {
    /// Returns the response to `request`.
    fn answer(self, request: Request) -> impl Future<Output = Response> + Send;
}

/// Serves `site` until `stop`, then returns once every connection has ended. Connections without a request in progress
/// are closed immediately. Connections from `trusted` proxies are exempt from the cap per address.
pub async fn serve(
    listener: TcpListener,
    site: impl Answer,
    limits: ConnectionLimits,
    trusted: Vec<IpNet>,
    metrics: Metrics,
    stop: CancellationToken,
) {
    let hall = Arc::new(Hall::new(limits, trusted, metrics));
    // A task of its own, so that it shares the workers with the tasks that serve. `block_on` polls its future on a separate
    // thread, which would accept more than the workers can serve.
    let accepting = tokio::spawn(accept_all(listener, site, Arc::clone(&hall), stop));
    // An error means that it panicked or was aborted: the listener is closed in either case.
    let _ = accepting.await;
    hall.empty().await;
}

/// Accepts connections until `stop`.
async fn accept_all(listener: TcpListener, site: impl Answer, hall: Arc<Hall>, stop: CancellationToken) {
    loop {
        let (stream, peer) = tokio::select! {
            accepted = accept(&listener, &hall) => accepted,
            () = stop.cancelled() => return,
        };
        // Disables Nagle's algorithm, or a page would wait for the delayed ACK of its first segment.
        let _ = stream.set_nodelay(true);
        let place = tokio::select! {
            place = hall.place(peer.ip()) => place,
            () = stop.cancelled() => return,
        };
        if let Some(place) = place {
            tokio::spawn(connection::run(stream, peer, place, site.clone(), Arc::clone(&hall), stop.clone()));
        }
        // Accepting is cheaper than serving, so let the accepted connections run before accepting more.
        yield_now().await;
    }
}

async fn accept(listener: &TcpListener, hall: &Hall) -> (TcpStream, SocketAddr) {
    let mut pause = PAUSE;
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // The client has disconnected already.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused
                ) => {}
            Err(error) => {
                if pause == PAUSE {
                    tracing::error!(%error, "cannot accept connections");
                }
                // Most often EMFILE: something else uses file descriptors that were reserved for connections.
                for _ in 0..EVICTED_AT_ONCE {
                    hall.evict();
                }
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}
