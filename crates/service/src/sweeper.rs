//! What runs in the background: cleanup, notices to apps, and polls of services.

use super::connections::ConnectionService;
use super::oidc::OidcService;
use super::session::SessionService;
use super::ticket::TicketService;
use super::vouching::VouchingService;
use crate::error::ServiceError;
use clock::Clock;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Interval between sweeps of ended tickets. No request depends on it: waiters wake by the ticket's own deadline.
const TICKETS_EVERY: Duration = Duration::from_secs(30);
/// Interval between sweeps of ended sessions.
const SESSIONS_EVERY: Duration = Duration::from_secs(3600);
/// Interval between sweeps of interactions and grants, most of which live for minutes.
const GRANTS_EVERY: Duration = Duration::from_secs(600);

/// Runs until the server shuts down.
pub async fn run(
    tickets: TicketService,
    sessions: SessionService,
    oidc: OidcService,
    vouching: VouchingService,
    connections: ConnectionService,
    clock: Clock,
    shutdown: CancellationToken,
) {
    let sweeping = async {
        tokio::join!(
            sweep("tickets", TICKETS_EVERY, &clock, || tickets.sweep()),
            sweep("sessions", SESSIONS_EVERY, &clock, || sessions.sweep()),
            sweep("grants", GRANTS_EVERY, &clock, || oidc.sweep()),
            sweep("assertions", GRANTS_EVERY, &clock, || vouching.sweep()),
            sweep("connections", GRANTS_EVERY, &clock, || connections.sweep()),
        )
    };
    let notices = oidc.send_logout_notices(shutdown.clone());
    let polling = connections.poll(shutdown.clone());
    let cleaning = async {
        tokio::select! {
            _ = sweeping => {}
            () = shutdown.cancelled() => {}
        }
    };
    tokio::join!(cleaning, notices, polling);
}

/// Sweeps immediately and then after each pause.
async fn sweep<S>(what: &str, pause: Duration, clock: &Clock, once: impl Fn() -> S)
where
    S: Future<Output = Result<(), ServiceError>>,
{
    loop {
        if let Err(error) = once().await {
            tracing::warn!(%error, "{what} were not swept");
        }
        clock.sleep(pause).await;
    }
}
