//! The audit log: one line for each step of a login, accepted or refused, always with the same fields, so that people
//! and programs such as fail2ban can parse it. A line contains no client input and no secret.

use crate::metrics::Metrics;
use clock::Clock;
use domain::error::ErrorCode;
use domain::ids::AccountId;
use domain::limits::Key;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::memory::limits::MemoryLimits;

/// What was attempted. The names are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Sign in by password.
    SignIn,
    /// Scan a code.
    Scan,
    /// Approve a sign-in.
    Confirm,
    /// Decline a sign-in.
    Cancel,
    /// Redeem an approved ticket.
    Redeem,
    /// End other sessions.
    Revoke,
    /// End the caller's own session.
    SignOut,
    /// Verify the password in a session that began by a code.
    StepUp,
    /// Sign in to an app.
    Authorize,
    /// Enter a device's code.
    UserCode,
    /// Give a device its tokens.
    Device,
    /// Disconnect an app.
    Disconnect,
    /// Sign a phone in by an assertion.
    Vouch,
    /// Sign in by another provider.
    Provider,
    /// Connect the account to a service.
    Connect,
    /// End such a connection.
    EndConnection,
    /// Make or remove the key that scripts get a service's tokens by.
    ConnectionKey,
    /// Give a script a service's token.
    ConnectionToken,
    /// Change the person's own name.
    Profile,
    /// Change the person's own picture.
    Picture,
    /// Change the person's own password.
    Password,
    /// Delete the person's own account.
    Delete,
}

impl Event {
    /// Returns the name in the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Scan => "scan",
            Self::Confirm => "confirm",
            Self::Cancel => "cancel",
            Self::Redeem => "redeem",
            Self::Revoke => "revoke",
            Self::SignOut => "sign_out",
            Self::StepUp => "step_up",
            Self::Authorize => "authorize",
            Self::UserCode => "user_code",
            Self::Device => "device",
            Self::Disconnect => "disconnect",
            Self::Vouch => "vouch",
            Self::Provider => "provider",
            Self::Connect => "connect",
            Self::EndConnection => "end_connection",
            Self::ConnectionKey => "connection_key",
            Self::ConnectionToken => "connection_token",
            Self::Profile => "profile",
            Self::Picture => "picture",
            Self::Password => "password",
            Self::Delete => "delete",
        }
    }
}

/// Writes the audit log.
#[derive(Clone, Debug)]
pub struct Audit(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Limits the logged refusals per address. `None` if rate limits are off.
    refusals: Option<MemoryLimits>,
    /// Number of lines suppressed since the last one.
    left_out: AtomicU64,
    metrics: Metrics,
}

impl Audit {
    /// Creates the log. If `is_limited`, refusals of one kind to one address beyond [`Key::RefusalNoted`] are counted
    /// instead of logged, so that a flood neither fills the disk nor makes the journal drop other lines.
    pub fn new(is_limited: bool, metrics: Metrics, clock: Clock) -> Self {
        let refusals = is_limited.then(|| MemoryLimits::new(clock));
        Self(Arc::new(Inner { refusals, left_out: AtomicU64::new(0), metrics }))
    }

    /// Logs an event: at `info` if accepted, at `warn` if refused. The server's own failures are logged where they
    /// occur.
    pub fn record(&self, event: Event, account: Option<AccountId>, address: IpAddr, outcome: Result<(), ErrorCode>) {
        let event = event.name();
        let account = OrDash(account);
        match outcome {
            // Outside of the request's span, so that the line has the same format whatever else is logged.
            Ok(()) => tracing::info!(parent: None, event, outcome = "accepted", %address, %account, "audit"),
            Err(ErrorCode::Unavailable) => {}
            Err(code) if !self.is_noted(address, event, code) => {
                self.0.left_out.fetch_add(1, Ordering::Relaxed);
                self.0.metrics.audit_line_left_out();
            }
            Err(code) => {
                let left_out = Some(self.0.left_out.swap(0, Ordering::Relaxed)).filter(|count| *count > 0);
                tracing::warn!(
                    parent: None, event, outcome = "refused", reason = code.name(), %address, %account, left_out, "audit"
                );
            }
        }
    }

    fn is_noted(&self, address: IpAddr, event: &'static str, reason: ErrorCode) -> bool {
        let Some(refusals) = &self.0.refusals else { return true };
        let key = Key::RefusalNoted(address, event, reason.name());
        let site = key.of_site();
        refusals.count(&key.narrowed()).is_zero() && site.is_none_or(|site| refusals.count(&site).is_zero())
    }
}

struct OrDash(Option<AccountId>);

impl fmt::Display for OrDash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(id) => id.fmt(f),
            None => f.write_str("-"),
        }
    }
}
