//! What is done with tickets. Every change goes through [`apply`] and one compare-and-swap.

use super::watch::Watch;
use crate::error::ServiceError;
use crate::metrics::{Metrics, Transport};
use crate::qr;
use crate::security::binding::Binding;
use crate::security::secret;
use clock::{Clock, rfc3339};
use domain::error::ErrorCode;
use domain::ids::{AccountId, Secret, SecretHash, TicketId};
use domain::ticket::{
    Decision, Event, Issued, Phone, Requester, RequesterView, Scanned, StatusView, Ticket, TicketState, TicketStatus,
    TicketView, apply,
};
use domain::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use store::feed::Feed;
use store::{RETENTION, StoreError, Swap, TicketStore};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How long one long poll lasts at the most: below the 30 seconds after which common proxies give up.
const LONGEST_WAIT: Duration = Duration::from_secs(25);
/// Seconds between two checks of a client that can only poll.
pub const POLL_INTERVAL: u64 = 2;

/// A redeem that is decided and not yet written down.
#[derive(Clone, Debug)]
pub struct Redeem {
    /// The phone that approved.
    pub phone: Phone,
    /// When the ticket was redeemed: now, or for a repeat, the first time.
    pub at: Timestamp,
    /// Hash of the secret that the ticket is bound to.
    pub browser: SecretHash,
    /// Whether the same browser has redeemed the ticket before.
    pub is_repeat: bool,
    next: Arc<Ticket>,
}

/// The use cases of tickets.
#[derive(Clone, Debug)]
pub struct TicketService {
    store: Arc<dyn TicketStore>,
    feed: Feed<TicketId, Arc<Ticket>>,
    metrics: Metrics,
    clock: Clock,
    shutdown: CancellationToken,
    ttl: Duration,
    scan_page: String,
}

impl TicketService {
    /// Tickets in `store` that live for `ttl` and whose codes lead to `scan_page`, a URL without a query.
    pub fn new(
        store: Arc<dyn TicketStore>,
        metrics: Metrics,
        clock: Clock,
        shutdown: CancellationToken,
        ttl: Duration,
        scan_page: String,
    ) -> Self {
        Self { store, feed: Feed::default(), metrics, clock, shutdown, ttl, scan_page }
    }

    /// A new ticket for the browser whose secret has that hash.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn issue(
        &self,
        requester: Requester,
        browser: SecretHash,
        known_accounts: Vec<AccountId>,
    ) -> Result<Arc<Ticket>, ServiceError> {
        let created_at = self.clock.now();
        let ticket = Arc::new(Ticket {
            id: Uuid::new_v4().into(),
            version: 0,
            browser,
            requester,
            known_accounts,
            created_at,
            expires_at: created_at + self.ttl,
            state: TicketState::Pending,
        });
        self.store.insert(Arc::clone(&ticket)).await?;
        self.metrics.ticket(TicketStatus::Pending);
        Ok(ticket)
    }

    /// What the PC is told of a new ticket.
    ///
    /// # Errors
    /// `unavailable`, when the public URL is too long for a QR code.
    pub fn issued(&self, ticket: &Ticket) -> Result<Issued, ServiceError> {
        let url = self.scan_url(ticket.id);
        let svg = qr::svg(&url)?;
        Ok(Issued {
            id: ticket.id,
            url,
            svg,
            status: TicketStatus::Pending,
            expires_in: ticket.expires_in(self.clock.now()),
            poll_interval: POLL_INTERVAL,
        })
    }

    /// Exactly what the QR encodes.
    fn scan_url(&self, id: TicketId) -> String {
        format!("{}?id={id}", self.scan_page)
    }

    /// The ticket itself, for a page.
    ///
    /// # Errors
    /// `ticket_not_found` or `unavailable`.
    pub async fn find(&self, id: TicketId) -> Result<Arc<Ticket>, ServiceError> {
        Ok(self.store.get(id).await?.ok_or(ErrorCode::TicketNotFound)?)
    }

    /// The ticket itself, for the browser that asked for it.
    ///
    /// # Errors
    /// As [`Self::check`].
    pub async fn find_own(&self, id: TicketId, browser: Binding) -> Result<Arc<Ticket>, ServiceError> {
        let ticket = self.find(id).await?;
        if browser.owns(&ticket) { Ok(ticket) } else { Err(ErrorCode::WrongBrowser.into()) }
    }

    /// The ticket as its browser may see it.
    ///
    /// # Errors
    /// `ticket_not_found`, `wrong_browser` or `unavailable`.
    pub async fn check(&self, id: TicketId, browser: Binding) -> Result<TicketView, ServiceError> {
        Ok(self.find_own(id, browser).await?.view(self.clock.now()))
    }

    /// Follows the ticket's changes.
    ///
    /// # Errors
    /// As [`Self::check`].
    pub async fn watch(&self, id: TicketId, browser: Binding) -> Result<Watch, ServiceError> {
        let subscription = self.feed.subscribe(id);
        let ticket = self.find_own(id, browser).await?;
        Ok(Watch::new(subscription, ticket, self.clock.clone()))
    }

    /// The ticket as soon as its status is not `seen`, or after 25 seconds, or when the server stops.
    pub async fn wait(&self, mut watch: Watch, seen: TicketStatus) -> TicketView {
        let _waiting = self.metrics.waiting(Transport::LongPoll);
        tokio::select! {
            () = watch.differs_from(seen) => {}
            () = self.clock.sleep(LONGEST_WAIT) => {}
            () = self.shutdown.cancelled() => {}
        }
        watch.view()
    }

    /// A phone read the code: the ticket is its own from now on, and it gets a fresh confirm token.
    ///
    /// # Errors
    /// The transition's, `ticket_not_found` or `unavailable`.
    pub async fn scan(&self, id: TicketId, phone: Phone) -> Result<Scanned, ServiceError> {
        let token = secret::generate()?;
        let confirm = secret::hash(&token);
        let ticket = self.change(id, Event::Scan { phone, confirm }).await?;
        Ok(Scanned {
            confirm_token: token,
            expires_in: ticket.expires_in(self.clock.now()),
            requester: RequesterView {
                ip: ticket.requester.ip.clone(),
                browser: ticket.requester.browser.clone(),
                os: ticket.requester.os.clone(),
                requested_at: rfc3339(ticket.created_at),
            },
        })
    }

    /// The person approves on the phone.
    ///
    /// # Errors
    /// The transition's, `ticket_not_found` or `unavailable`.
    pub async fn confirm(&self, id: TicketId, phone: Phone, token: String) -> Result<StatusView, ServiceError> {
        self.change(id, Event::Confirm(decision(phone, token))).await?;
        Ok(StatusView::new(TicketStatus::Confirmed.as_str()))
    }

    /// The person declines on the phone.
    ///
    /// # Errors
    /// The transition's, `ticket_not_found` or `unavailable`.
    pub async fn cancel(&self, id: TicketId, phone: Phone, token: String) -> Result<StatusView, ServiceError> {
        self.change(id, Event::Cancel(decision(phone, token))).await?;
        Ok(StatusView::new(TicketStatus::Cancelled.as_str()))
    }

    /// The person at the PC gives up.
    ///
    /// # Errors
    /// The transition's, `ticket_not_found` or `unavailable`.
    pub async fn abandon(&self, id: TicketId, browser: Binding) -> Result<StatusView, ServiceError> {
        let ticket = self.find_own(id, browser).await?;
        let browser = ticket.browser;
        self.change_from(ticket, Event::Abandon { browser }).await?;
        Ok(StatusView::new(TicketStatus::Cancelled.as_str()))
    }

    /// What a redeem by this browser would make of the ticket now. Nothing changes yet.
    ///
    /// # Errors
    /// The transition's, `ticket_not_found`, `wrong_browser` or `unavailable`.
    pub async fn prepare_redeem(&self, id: TicketId, browser: Binding) -> Result<Redeem, ServiceError> {
        let ticket = self.find_own(id, browser).await?;
        let next = apply(&ticket, Event::Redeem { browser: ticket.browser }, self.clock.now())?;
        let is_repeat = next.version == ticket.version;
        match &next.state {
            TicketState::Redeemed { phone, at, .. } => {
                Ok(Redeem { phone: phone.clone(), at: *at, browser: next.browser, is_repeat, next: Arc::new(next) })
            }
            _ => Err(ErrorCode::NotConfirmed.into()),
        }
    }

    /// Writes a redeem down: of any number of attempts, exactly one succeeds.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn redeem(&self, redeem: &Redeem) -> Result<Swap, ServiceError> {
        self.swap(&redeem.next).await
    }

    /// Marks tickets whose time is over, and forgets those that ended long ago.
    ///
    /// # Errors
    /// When the store is down.
    pub async fn sweep(&self) -> Result<(), ServiceError> {
        for id in self.store.overdue(self.clock.now()).await? {
            match self.change(id, Event::Expire).await {
                Ok(_) => {}
                // It came to another end, or was forgotten, between the two steps.
                Err(error) if error.code() != ErrorCode::Unavailable => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.store.forget(self.clock.now() - RETENTION).await?)
    }

    /// Publishes at this node what other nodes change, for as long as it is polled.
    pub async fn follow(&self) {
        self.store.follow(&self.feed).await;
    }

    /// Whether the store answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.store.ping().await
    }

    async fn change(&self, id: TicketId, event: Event) -> Result<Arc<Ticket>, ServiceError> {
        self.change_from(self.find(id).await?, event).await
    }

    /// Applies and swaps; reads again and retries when another call changed the ticket meanwhile.
    async fn change_from(&self, mut current: Arc<Ticket>, event: Event) -> Result<Arc<Ticket>, ServiceError> {
        loop {
            let next = apply(&current, event.clone(), self.clock.now())?;
            // An idempotent repeat.
            if next.version == current.version {
                return Ok(current);
            }
            let next = Arc::new(next);
            if self.swap(&next).await? == Swap::Done {
                return Ok(next);
            }
            current = self.find(current.id).await?;
        }
    }

    async fn swap(&self, next: &Arc<Ticket>) -> Result<Swap, ServiceError> {
        let outcome = self.store.swap(Arc::clone(next)).await?;
        if outcome == Swap::Done {
            self.metrics.ticket(next.state.status());
            tracing::debug!(ticket = %next.id, status = next.state.status().as_str(), "ticket changed");
            self.feed.publish(next.id, Arc::clone(next));
        }
        Ok(outcome)
    }
}

fn decision(phone: Phone, token: String) -> Decision {
    let confirm = secret::hash(&Secret::new(token));
    Decision { account: phone.account, device: phone.device, session: phone.session, confirm }
}
