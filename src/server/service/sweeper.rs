//! Tidies up in the background.

use super::session::SessionService;
use super::ticket::TicketService;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// How often ended tickets are looked for. Nobody waits for this: a waiter is woken by the ticket's own deadline.
const TICKETS_EVERY: Duration = Duration::from_secs(30);
/// How many rounds between two rounds of sessions.
const SESSIONS_EVERY: u32 = 120;

/// Runs until the server stops.
pub async fn run(tickets: TicketService, sessions: SessionService, shutdown: CancellationToken) {
    let mut rounds = interval(TICKETS_EVERY);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut round = 0_u32;
    loop {
        tokio::select! {
            _ = rounds.tick() => {}
            () = shutdown.cancelled() => return,
        }
        if let Err(error) = tickets.sweep().await {
            tracing::warn!(%error, "tickets were not swept");
        }
        if round.is_multiple_of(SESSIONS_EVERY)
            && let Err(error) = sessions.sweep().await
        {
            tracing::warn!(%error, "sessions were not swept");
        }
        round = round.wrapping_add(1);
    }
}
