//! The use cases of tickets. Every change goes through [`apply`] and one compare-and-swap.

mod device;
mod redeem;

pub use redeem::{Purpose, Redeem};

use super::watch::Watch;
use crate::error::ServiceError;
use crate::metrics::{Metrics, Transport};
use crate::qr;
use crate::security::binding::Binding;
use crate::security::random::Random;
use crate::security::secret;
use clock::{Clock, rfc3339};
use domain::error::ErrorCode;
use domain::ids::{AccountId, Secret, SecretHash, TicketId};
use domain::ticket::{
    Decision, Event, Issued, Phone, Requester, RequesterView, RequestingApp, Scanned, StatusView, Ticket, TicketState,
    TicketStatus, TicketView, apply,
};
use std::sync::Arc;
use std::time::Duration;
use store::feed::Feed;
use store::{RETENTION, StoreError, Swap, TicketStore};
use tokio_util::sync::CancellationToken;

/// Maximum duration of a long poll: below the 30-second timeout of common reverse proxies.
const LONGEST_WAIT: Duration = Duration::from_secs(25);
/// Recommended seconds between two checks of a client that can only poll.
pub const POLL_INTERVAL: u64 = 2;

/// The use cases of tickets.
#[derive(Clone, Debug)]
pub struct TicketService {
    store: Arc<dyn TicketStore>,
    feed: Feed<TicketId, Arc<Ticket>>,
    metrics: Metrics,
    clock: Clock,
    random: Random,
    shutdown: CancellationToken,
    ttl: Duration,
    scan_page: String,
    code_page: Option<String>,
}

/// Where a phone opens tickets.
#[derive(Clone, Debug)]
pub struct PhonePages {
    /// The URL without its query.
    pub scan: String,
    /// The URL in codes, with a slash at its end, before the short form of the id.
    pub code: String,
}

impl TicketService {
    /// Creates the service for the tickets in `store`, which live for `ttl`. Codes have the short URL if the QR code's
    /// alphabet for digits and capitals has all its characters: host names may be spelled in capitals.
    pub fn new(
        store: Arc<dyn TicketStore>,
        metrics: Metrics,
        clock: Clock,
        random: Random,
        shutdown: CancellationToken,
        ttl: Duration,
        pages: PhonePages,
    ) -> Self {
        let code_page = Some(pages.code.to_ascii_uppercase()).filter(|page| qr::is_alphanumeric(page));
        Self { store, feed: Feed::default(), metrics, clock, random, shutdown, ttl, scan_page: pages.scan, code_page }
    }

    /// Issues a ticket to the browser whose secret has that hash.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn issue(
        &self,
        requester: Requester,
        browser: SecretHash,
        known_accounts: Vec<AccountId>,
        app: Option<RequestingApp>,
    ) -> Result<Arc<Ticket>, ServiceError> {
        let created_at = self.clock.now();
        let ticket = Arc::new(Ticket {
            id: self.random.uuid()?.into(),
            version: 0,
            browser,
            requester,
            known_accounts,
            app,
            device: None,
            created_at,
            expires_at: created_at + self.ttl,
            state: TicketState::Pending,
        });
        self.store.insert(Arc::clone(&ticket)).await?;
        self.metrics.ticket(TicketStatus::Pending);
        Ok(ticket)
    }

    /// Returns the response for a new ticket.
    ///
    /// # Errors
    /// `unavailable`, if the public URL is too long for a QR code.
    pub fn issued(&self, ticket: &Ticket) -> Result<Issued, ServiceError> {
        let url = self.url(ticket.id);
        let svg = match &self.code_page {
            Some(page) => qr::svg(&format!("{page}{}", ticket.id.to_code()))?,
            None => qr::svg(&url)?,
        };
        Ok(Issued {
            id: ticket.id,
            url,
            svg,
            status: TicketStatus::Pending,
            expires_in: ticket.expires_in(self.clock.now()),
            poll_interval: POLL_INTERVAL,
        })
    }

    /// Returns the ticket itself, for a page.
    ///
    /// # Errors
    /// `ticket_not_found` or `unavailable`.
    pub async fn find(&self, id: TicketId) -> Result<Arc<Ticket>, ServiceError> {
        Ok(self.store.get(id).await?.ok_or(ErrorCode::TicketNotFound)?)
    }

    /// Returns the ticket itself, for the browser that requested it.
    ///
    /// # Errors
    /// Those of [`Self::check`].
    pub async fn find_own(&self, id: TicketId, browser: Binding) -> Result<Arc<Ticket>, ServiceError> {
        let ticket = self.find(id).await?;
        if browser.owns(&ticket) { Ok(ticket) } else { Err(ErrorCode::WrongBrowser.into()) }
    }

    /// Returns the ticket as its browser may see it.
    ///
    /// # Errors
    /// `ticket_not_found`, `wrong_browser` or `unavailable`.
    pub async fn check(&self, id: TicketId, browser: Binding) -> Result<TicketView, ServiceError> {
        Ok(self.find_own(id, browser).await?.view(self.clock.now()))
    }

    /// Subscribes to the ticket's changes.
    ///
    /// # Errors
    /// Those of [`Self::check`].
    pub async fn watch(&self, id: TicketId, browser: Binding) -> Result<Watch, ServiceError> {
        let subscription = self.feed.subscribe(id);
        let ticket = self.find_own(id, browser).await?;
        Ok(Watch::new(subscription, ticket, self.clock.clone()))
    }

    /// Returns the ticket as soon as its status is not `seen`, or after 25 seconds, or when the server shuts down.
    pub async fn wait(&self, mut watch: Watch, seen: TicketStatus) -> TicketView {
        let _waiting = self.metrics.waiting(Transport::LongPoll);
        tokio::select! {
            () = watch.differs_from(seen) => {}
            () = self.clock.sleep(LONGEST_WAIT) => {}
            () = self.shutdown.cancelled() => {}
        }
        watch.view()
    }

    /// Records that a phone scanned the code: the phone owns the ticket from now on and gets a fresh confirm token.
    ///
    /// # Errors
    /// The transition's, `ticket_not_found` or `unavailable`.
    pub async fn scan(&self, id: TicketId, phone: Phone) -> Result<Scanned, ServiceError> {
        let token = self.random.secret()?;
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
                app: ticket.app_view(),
                user_code: ticket.device.as_ref().map(|device| device.user_code),
            },
        })
    }

    /// Approves the sign-in from the phone. Returns the ticket, which may be for an app.
    ///
    /// # Errors
    /// The transition's, `ticket_not_found` or `unavailable`.
    pub async fn confirm(&self, id: TicketId, phone: Phone, token: String) -> Result<Arc<Ticket>, ServiceError> {
        self.change(id, Event::Confirm(decision(phone, token))).await
    }

    /// Declines the sign-in from the phone.
    ///
    /// # Errors
    /// The transition's, `ticket_not_found` or `unavailable`.
    pub async fn cancel(&self, id: TicketId, phone: Phone, token: String) -> Result<StatusView, ServiceError> {
        self.change(id, Event::Cancel(decision(phone, token))).await?;
        Ok(StatusView::new(TicketStatus::Cancelled.as_str()))
    }

    /// Cancels the ticket from the PC.
    ///
    /// # Errors
    /// The transition's, `ticket_not_found` or `unavailable`.
    pub async fn abandon(&self, id: TicketId, browser: Binding) -> Result<StatusView, ServiceError> {
        let ticket = self.find_own(id, browser).await?;
        let browser = ticket.browser;
        self.change_from(ticket, Event::Abandon { browser }).await?;
        Ok(StatusView::new(TicketStatus::Cancelled.as_str()))
    }

    /// Expires overdue tickets, and deletes those that ended long ago.
    ///
    /// # Errors
    /// If the store is down.
    pub async fn sweep(&self) -> Result<(), ServiceError> {
        for id in self.store.overdue(self.clock.now()).await? {
            match self.change(id, Event::Expire).await {
                Err(error) if error.code() == ErrorCode::Unavailable => return Err(error),
                // Otherwise it reached another end, or was deleted, between the two steps.
                _ => {}
            }
        }
        Ok(self.store.forget(self.clock.now() - RETENTION).await?)
    }

    /// Publishes locally what other nodes change, for as long as it is polled.
    pub async fn follow(&self) {
        self.store.follow(&self.feed).await;
    }

    /// Checks that the store responds.
    ///
    /// # Errors
    /// If it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.store.ping().await
    }

    async fn change(&self, id: TicketId, event: Event) -> Result<Arc<Ticket>, ServiceError> {
        self.change_from(self.find(id).await?, event).await
    }

    /// Applies the event and swaps; on a lost race reads the ticket again and retries.
    async fn change_from(&self, mut current: Arc<Ticket>, event: Event) -> Result<Arc<Ticket>, ServiceError> {
        loop {
            let next = apply(&current, event.clone(), self.clock.now())?;
            // A repeated event, which is idempotent.
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
