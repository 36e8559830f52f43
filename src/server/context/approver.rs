//! Who may decide about a ticket.

use super::RequestContext;
use crate::error::{ApiError, ErrorCode};
use domain::account::{Account, SessionKind};
use domain::ids::TicketId;
use domain::ticket::{Phone, Ticket};
use service::audit::Event;

impl RequestContext {
    /// Runs a step that requires an approver of the ticket, and writes its entry to the audit log.
    ///
    /// # Errors
    /// Those of [`Self::approver`], and those of the step.
    pub async fn as_approver<T>(
        &self,
        event: Event,
        id: TicketId,
        step: impl AsyncFnOnce(Phone) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let approver = match self.phone_caller().await {
            Ok((phone, _)) => Ok(phone),
            Err(error) => match self.app.tickets.find(id).await {
                Ok(ticket) if ticket.device.is_some() => self.browser_approver(error).await.map(|(phone, _)| phone),
                _ => Err(error),
            },
        };
        let account = approver.as_ref().ok().map(|phone| phone.account);
        let outcome = match approver {
            Ok(phone) => step(phone).await,
            Err(error) => Err(error),
        };
        self.audit(event, account, &outcome);
        outcome
    }

    /// Returns who may decide about the ticket: a phone, or about a device also a browser, because a code can be typed
    /// anywhere.
    ///
    /// # Errors
    /// Those of [`Self::phone_caller`], or `step_up_required`.
    pub async fn approver(&self, ticket: &Ticket) -> Result<(Phone, Account), ApiError> {
        if ticket.device.is_some() { self.device_approver().await } else { self.phone_caller().await }
    }

    /// Returns who may decide about devices.
    ///
    /// # Errors
    /// Those of [`Self::approver`].
    pub async fn device_approver(&self) -> Result<(Phone, Account), ApiError> {
        match self.phone_caller().await {
            Ok(found) => Ok(found),
            Err(error) => self.browser_approver(error).await,
        }
    }

    /// Returns the caller as an approver, if it is a signed-in browser that is no phone; otherwise `error`.
    ///
    /// A session that began by a code must have verified the password: a PC that was approved by mistake must not give
    /// itself another session that outlives its own.
    async fn browser_approver(&self, error: ApiError) -> Result<(Phone, Account), ApiError> {
        if error.code == ErrorCode::Unavailable {
            return Err(error);
        }
        match self.by_credential(SessionKind::Pc).await {
            Ok(caller) => {
                if !caller.may_end_others(self.app.clock.now()) {
                    return Err(ErrorCode::StepUpRequired.into());
                }
                Ok((caller.as_approver(), caller.account))
            }
            Err(failure) if failure.code == ErrorCode::Unavailable => Err(failure),
            Err(_) => Err(error),
        }
    }
}
