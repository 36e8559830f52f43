//! The audit log: one line for each step of a login, good or refused, in the same fields, so that a person or a program
//! such as fail2ban can follow what happened. Nothing in a line was typed by a client, and nothing in it is a secret.

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

/// What was tried. The names are fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// To sign in by password.
    SignIn,
    /// To scan a code.
    Scan,
    /// To approve a sign-in.
    Confirm,
    /// To decline one.
    Cancel,
    /// To collect the approved session.
    Redeem,
    /// To end other sessions.
    Revoke,
    /// To end the caller's own session.
    SignOut,
    /// To give the password in a session that began by a code.
    StepUp,
}

impl Event {
    /// The name in the log.
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
        }
    }
}

/// Writes the lines.
#[derive(Clone, Debug)]
pub struct Audit(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// How many refusals of an address are noted. None when nothing is limited.
    refusals: Option<MemoryLimits>,
    /// Lines left out since the last one.
    left_out: AtomicU64,
    metrics: Metrics,
}

impl Audit {
    /// If `is_limited`, refusals of one kind to one address beyond [`Key::RefusalNoted`] are counted instead of written, so that a flood
    /// neither fills the disk nor makes the journal drop other lines.
    pub fn new(is_limited: bool, metrics: Metrics, clock: Clock) -> Self {
        let refusals = is_limited.then(|| MemoryLimits::new(clock));
        Self(Arc::new(Inner { refusals, left_out: AtomicU64::new(0), metrics }))
    }

    /// Writes the line of an event: at `info` when it was accepted, at `warn` when it was refused. What the server itself
    /// could not do is logged where it failed.
    pub fn record(&self, event: Event, account: Option<AccountId>, address: IpAddr, outcome: Result<(), ErrorCode>) {
        let event = event.name();
        let account = OrDash(account);
        match outcome {
            // Outside of the request's span, so that a line looks the same whatever else is logged.
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
