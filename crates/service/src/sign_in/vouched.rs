//! The way to begin a phone's session without a password: an issuer that the operator trusts vouches for the person.

use super::{Begun, SignInService, Start};
use crate::error::ServiceError;
use domain::account::{Account, Began, Session, SignIn, SignedIn};
use domain::error::ErrorCode;
use std::net::IpAddr;
use store::RevokeScope;

impl SignInService {
    /// Signs a phone's app in to an account that its issuer has vouched for.
    ///
    /// # Errors
    /// `invalid_credentials` if the account is disabled or was deleted in the meantime, or `unavailable`.
    pub async fn by_assertion(&self, account: &Account, sign_in: SignIn, ip: IpAddr) -> Result<Begun, ServiceError> {
        let device = self.device(account, sign_in).await?;
        let start = Start { account: account.id, name: device.name, ip, at: self.clock.now() };
        let session =
            Session { device: Some(device.id), began: Began::Assertion, ..start.phone(self.random.uuid()?.into()) };
        self.sessions.begin(&session).await?;
        // Read after the session is stored, so that a request that disables the account either finds it or is found here.
        let Some((_, account)) = self.sessions.living(session.id).await? else {
            self.sessions.end(account.id, RevokeScope::One(session.id)).await?;
            return Err(ErrorCode::InvalidCredentials.into());
        };
        let token = self.tokens.issue(&session)?;
        let signed_in = SignedIn { token, device_id: session.device, account: account.view() };
        Ok(Begun { signed_in, device_secret: None, session: session.id })
    }
}
