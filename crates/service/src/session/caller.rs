//! Who makes a request, and what their session permits.

use domain::account::{Account, Began, Session, SessionKind, SessionSummary, UserInfo};
use domain::error::ErrorCode;
use domain::ids::DeviceId;
use domain::ticket::Phone;
use domain::time::Timestamp;
use std::time::Duration;
use uuid::Uuid;

/// How long a verified password remains valid for the session.
const STEP_UP: Duration = Duration::from_secs(600);

/// The caller, authenticated by a live session.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The caller's account.
    pub account: Account,
    /// The session.
    pub session: Session,
}

impl Caller {
    /// Returns the caller as the phone of a ticket.
    ///
    /// # Errors
    /// `wrong_device`: a PC may not act as a phone.
    pub fn phone(&self) -> Result<Phone, ErrorCode> {
        if self.session.device.is_some() { Ok(self.as_approver()) } else { Err(ErrorCode::WrongDevice) }
    }

    /// Returns the caller as the approver of a device, which a PC may be, too.
    pub fn as_approver(&self) -> Phone {
        let device = self.session.device.clone();
        Phone {
            account: self.account.id,
            // The session stands for a PC, which has no device id.
            device: device.unwrap_or_else(|| DeviceId::from(Uuid::from(self.session.id))),
            session: Some(self.session.id),
            profile: self.account.profile(),
        }
    }

    /// Returns whether the caller may end other sessions of the account. A PC whose session began by a code may only do
    /// so after verifying the password: a PC that was approved by mistake must not lock its victim out.
    pub fn may_end_others(&self, now: Timestamp) -> bool {
        let Session { kind, began, stepped_up_at, .. } = &self.session;
        let has_stepped_up = stepped_up_at.is_some_and(|at| now < at + STEP_UP);
        *kind == SessionKind::Phone || *began != Began::Code || has_stepped_up
    }

    /// Returns the error of a caller who may not.
    pub(crate) fn check_may_end_others(&self, now: Timestamp) -> Result<(), ErrorCode> {
        if self.may_end_others(now) { Ok(()) } else { Err(ErrorCode::StepUpRequired) }
    }

    /// Returns the caller's own account and session.
    pub fn user_info(&self) -> UserInfo {
        UserInfo {
            account: self.account.view(),
            email: self.account.email.clone(),
            email_verified: self.account.email_verified,
            groups: self.account.groups.clone(),
            session: SessionSummary {
                id: self.session.id,
                kind: self.session.kind,
                device_id: self.session.device.clone(),
                began: self.session.began,
                name: self.session.name.clone(),
            },
        }
    }
}
