//! The audit log: one line for each step of a login, good or refused, in the same fields, so that a person or a program
//! such as fail2ban can follow what happened. Nothing in a line was typed by a client, and nothing in it is a secret.

use crate::error::{ApiError, ErrorCode};
use crate::ids::AccountId;
use std::fmt;
use std::net::IpAddr;

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

/// Writes the line of an event: at `info` when it was accepted, at `warn` when it was refused. What the server itself
/// could not do is logged where it failed.
pub fn record<T>(event: Event, account: Option<AccountId>, address: IpAddr, outcome: &Result<T, ApiError>) {
    let event = event.name();
    let account = OrDash(account);
    match outcome.as_ref().map_err(|error| error.code) {
        Ok(_) => tracing::info!(event, outcome = "accepted", %address, %account, "audit"),
        Err(ErrorCode::Unavailable) => {}
        Err(code) => {
            tracing::warn!(event, outcome = "refused", reason = code.name(), %address, %account, "audit");
        }
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
