//! Sessions that begin by a ticket.

use super::start::{Start, session_of};
use super::{Collected, SignInService};
use crate::error::ServiceError;
use crate::security::binding::Binding;
use crate::ticket::{Purpose, Redeem};
use domain::account::{Account, Session};
use domain::error::ErrorCode;
use domain::ids::TicketId;
use domain::ticket::{Phone, Redeemed};
use std::net::IpAddr;
use std::time::Duration;
use store::{RevokeScope, Swap};

/// A session that a ticket was redeemed for.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The redeem.
    pub redeem: Redeem,
    /// The session.
    pub session: Session,
    /// Its account.
    pub account: Account,
}

impl SignInService {
    /// Redeems a ticket for a browser's session; see [`Self::deliver`].
    ///
    /// # Errors
    /// Those of [`Self::deliver`].
    pub async fn by_ticket(
        &self,
        id: TicketId,
        browser: Binding,
        name: String,
        ip: IpAddr,
    ) -> Result<Collected, ServiceError> {
        let delivery = self.deliver(id, browser, Purpose::Browser, name, ip, self.pc_session_ttl).await?;
        self.collected(&delivery.redeem, &delivery.session, &delivery.account)
    }

    /// Redeems a ticket that a phone approved. Of any number of attempts exactly one succeeds; it is idempotent for the
    /// same browser for half a minute.
    ///
    /// The session is stored first, under an id derived from the ticket, and the ticket is redeemed second. So if the
    /// database fails in between, nothing is lost: the PC retries and finds the ticket still confirmed. The approving
    /// phone's session is checked in between, so that ending it in the meantime ends this session, too.
    ///
    /// # Errors
    /// The transition's, `ticket_not_found`, `wrong_browser`, `token_revoked` if the phone that approved was signed out
    /// or its account disabled, or `unavailable`.
    pub async fn deliver(
        &self,
        id: TicketId,
        browser: Binding,
        purpose: Purpose,
        name: String,
        ip: IpAddr,
        ttl: Duration,
    ) -> Result<Delivery, ServiceError> {
        let mut kept = None;
        loop {
            let redeem = match self.tickets.prepare_redeem(id, browser, purpose).await {
                Ok(redeem) => redeem,
                Err(error) => {
                    // Lost the race with the expiry: no client will ever get this session's token.
                    if let Some(session) = kept.filter(|_| error.code() == ErrorCode::TicketExpired) {
                        self.end(&session).await?;
                    }
                    return Err(error);
                }
            };
            let start = Start { account: redeem.phone.account, name: name.clone(), ip, at: redeem.at };
            let session = start.pc(session_of(id, redeem.browser), ttl);
            if redeem.is_repeat {
                let (_, account) = self.sessions.living(session.id).await?.ok_or(ErrorCode::AlreadyUsed)?;
                return Ok(Delivery { redeem, session, account });
            }
            self.sessions.begin(&session).await?;
            let Some(account) = self.approver(&redeem).await? else {
                self.end(&session).await?;
                return Err(ErrorCode::TokenRevoked.into());
            };
            if self.tickets.redeem(&redeem).await? == Swap::Done {
                return Ok(Delivery { redeem, session, account });
            }
            // Another request was faster: the next iteration finds its result.
            kept = Some(session);
        }
    }

    fn collected(&self, redeem: &Redeem, session: &Session, account: &Account) -> Result<Collected, ServiceError> {
        let left = session.expires_at.map_or(Duration::ZERO, |end| end.saturating_duration_since(self.clock.now()));
        let redeemed = Redeemed {
            token: self.tokens.issue(session)?,
            token_type: "Bearer".to_owned(),
            expires_in: u64::try_from(left.as_millis().div_ceil(1000)).unwrap_or(u64::MAX),
            account: account.view(),
        };
        Ok(Collected { redeemed, browser: redeem.browser, session: session.id })
    }

    async fn end(&self, session: &Session) -> Result<(), ServiceError> {
        self.sessions.end(session.account, RevokeScope::One(session.id)).await
    }

    /// Returns the account behind an approval, if the approving phone's session is live, the account is enabled, and the
    /// approval was not voided since.
    async fn approver(&self, redeem: &Redeem) -> Result<Option<Account>, ServiceError> {
        let Phone { account, session, .. } = &redeem.phone;
        Ok(match session {
            Some(session) => {
                let living = self.sessions.living(*session).await?;
                let is_valid =
                    |session: &Session| session.approvals_void_until.is_none_or(|at| redeem.approved_at > at);
                living.filter(|(session, _)| is_valid(session)).map(|(_, account)| account)
            }
            // Approved on a node of an earlier version, which did not record the session.
            None => self.accounts.by_id(*account).await?.filter(|account| !account.disabled),
        }
        .filter(|found| found.id == *account))
    }
}
