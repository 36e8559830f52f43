//! Takes connections in and serves them by HTTP/1.1, so that clients that stall, flood or stay cannot keep others out.
//!
//! Each connection has a place of a bounded number. It may keep its place for as long as the server works for it, and
//! for a limited time while it is the client's turn. Where all places are taken, those for whom nothing is under way give
//! up theirs, the longest quiet first: an attacker can have the places, but not keep them.
//!
//! `axum::serve` has no limits of time or number, and gives hyper no timer.

mod connection;
pub mod descriptors;
mod hall;
mod io;
mod limits;
mod state;

pub use limits::ConnectionLimits;

use super::metrics::Metrics;
use axum::Router;
use hall::Hall;
use ipnet::IpNet;
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
/// Quiet connections that end with each failure to accept, so that as many can be accepted after a pause.
const ENDED_AT_ONCE: usize = 16;

/// Serves `router` until `stop`, then returns when every connection has ended. Those for which nothing is under way end
/// at once. Connections of the `trusted` proxies are not counted by address.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    trusted: Vec<IpNet>,
    metrics: Metrics,
    stop: CancellationToken,
) {
    let hall = Arc::new(Hall::new(limits, trusted, metrics));
    // As a task, so that it takes turns with those that serve. The future that the runtime blocks on has a thread to itself,
    // and would take in more than the others can serve.
    let taking_in = tokio::spawn(take_in(listener, router, Arc::clone(&hall), stop));
    // It fails only where it was aborted or panicked, and then nobody comes in any more either.
    let _ = taking_in.await;
    hall.empty().await;
}

/// Takes connections in until `stop`.
async fn take_in(listener: TcpListener, router: Router, hall: Arc<Hall>, stop: CancellationToken) {
    loop {
        let (stream, peer) = tokio::select! {
            accepted = accept(&listener, &hall) => accepted,
            () = stop.cancelled() => return,
        };
        // Without this a page waits for the delayed acknowledgement of its first segment.
        let _ = stream.set_nodelay(true);
        let place = tokio::select! {
            place = hall.place(peer.ip()) => place,
            () = stop.cancelled() => return,
        };
        if let Some(place) = place {
            tokio::spawn(connection::run(stream, peer, place, router.clone(), Arc::clone(&hall), stop.clone()));
        }
        // Taking in is cheaper than serving: those who are in have their turn before more come.
        yield_now().await;
    }
}

async fn accept(listener: &TcpListener, hall: &Hall) -> (TcpStream, SocketAddr) {
    let mut pause = PAUSE;
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // This client has gone already.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused
                ) => {}
            Err(error) => {
                if pause == PAUSE {
                    tracing::error!(%error, "cannot accept connections");
                }
                // Most often there is no descriptor left: something else has what was meant for connections.
                for _ in 0..ENDED_AT_ONCE {
                    hall.make_room();
                }
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}
