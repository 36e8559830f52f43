//! Waits for one ticket to change.

use clock::Clock;
use domain::ids::{SecretHash, TicketId};
use domain::ticket::{Ticket, TicketStatus, TicketView};
use std::sync::Arc;
use std::time::Duration;
use store::feed::Subscription;

/// A ticket and a subscription to its changes.
#[derive(Debug)]
pub struct Watch {
    subscription: Subscription<TicketId, Arc<Ticket>>,
    ticket: Arc<Ticket>,
    clock: Clock,
}

impl Watch {
    /// Watches `ticket`, which must be read after the subscription began.
    pub fn new(subscription: Subscription<TicketId, Arc<Ticket>>, ticket: Arc<Ticket>, clock: Clock) -> Self {
        Self { subscription, ticket, clock }
    }

    /// Returns the ticket as its browser may see it now.
    pub fn view(&self) -> TicketView {
        self.ticket.view(self.clock.now())
    }

    /// Returns the hash of the secret that the ticket is bound to.
    pub fn browser(&self) -> SecretHash {
        self.ticket.browser
    }

    /// Returns once the status is not `seen`: because it changed or expired.
    pub async fn differs_from(&mut self, seen: TicketStatus) {
        loop {
            let status = self.ticket.status_at(self.clock.now());
            if status != seen {
                return;
            }
            if status.is_final() {
                std::future::pending::<()>().await;
            }
            // One millisecond more, so that a rounded deadline does not wake us just before it.
            let left = self.ticket.expires_at.saturating_duration_since(self.clock.now()) + Duration::from_millis(1);
            tokio::select! {
                news = self.subscription.next() => {
                    if news.version > self.ticket.version {
                        self.ticket = news;
                    }
                }
                () = self.clock.sleep(left) => {}
            }
        }
    }
}
