//! The cookies that a response sets.

use super::RequestContext;
use crate::error::{ApiError, ErrorCode};
use crate::server::security::cookie::{self, Lifetime, Name};
use axum::http::{HeaderValue, header};
use domain::account::{SessionKind, SignedIn};
use domain::ids::{AccountId, SessionId, TicketId};
use service::security::device_binding;
use service::sign_in::{Begun, Collected};

impl RequestContext {
    /// Sets the cookies of a session that just began.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn keep_sign_in(&self, begun: &Begun, remember: bool) -> Result<(), ApiError> {
        let SignedIn { token, device_id, account } = &begun.signed_in;
        let Some(device) = device_id else {
            self.rotate_binding()?;
            return self.keep_pc_session(token.reveal(), account.id, begun.session);
        };
        let keep = if remember { Lifetime::Forever } else { Lifetime::Session };
        self.set_cookie(Name::Phone, token.reveal(), keep)?;
        let secret = begun.device_secret.as_ref().ok_or(ErrorCode::Unavailable)?;
        self.set_cookie(Name::Device, &device_binding::cookie(device, secret), Lifetime::Forever)?;
        self.remember_account(account.id, begun.session)
    }

    /// Sets the cookies of the PC session that was collected with a ticket.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn keep_collected(&self, collected: &Collected) -> Result<(), ApiError> {
        // A repeated call finds the secret already replaced, unless the first response was lost.
        if self.browser().newest() == Some(collected.browser) {
            self.rotate_binding()?;
        }
        self.keep_pc_session(collected.redeemed.token.reveal(), collected.redeemed.account.id, collected.session)
    }

    fn keep_pc_session(&self, token: &str, account: AccountId, session: SessionId) -> Result<(), ApiError> {
        self.set_cookie(Name::Pc, token, Lifetime::Seconds(self.app.config.pc_session_ttl))?;
        self.remember_account(account, session)
    }

    /// Sets the cookie that proves that this account has signed in on this browser.
    fn remember_account(&self, account: AccountId, session: SessionId) -> Result<(), ApiError> {
        let cookie = self.client.cookie(Name::Known);
        let devices = self.app.tokens.device_cookies();
        self.set_cookie(Name::Known, &devices.remember(cookie, account, session), Lifetime::Forever)
    }

    /// Sets the phone's confirm token, for the buttons that work without script.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn keep_confirm_token(&self, ticket: TicketId, token: &str) -> Result<(), ApiError> {
        let value = format!("{ticket}~{token}");
        self.set_cookie(Name::Confirm, &value, Lifetime::Seconds(self.app.config.ticket_ttl))
    }

    /// Removes the browser's session cookie of that kind.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn forget_session(&self, kind: SessionKind) -> Result<(), ApiError> {
        self.set_cookie(Name::of_session(kind), "", Lifetime::Remove)?;
        self.rotate_binding().map(drop)
    }

    /// Adds a cookie to the response.
    ///
    /// # Errors
    /// `unavailable`, if the value is not a valid header value, which none of ours is.
    pub fn set_cookie(&self, name: Name, value: &str, lifetime: Lifetime) -> Result<(), ApiError> {
        let value = HeaderValue::from_str(&cookie::set(name, value, lifetime, self.client.secure))
            .map_err(|_| ErrorCode::Unavailable)?;
        self.response.append_header(header::SET_COOKIE, value);
        Ok(())
    }
}
