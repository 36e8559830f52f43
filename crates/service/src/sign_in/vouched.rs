//! The ways to begin a session without a password: an issuer that the operator trusts vouches for the person.

use super::{Begun, PC, SignInService, Start};
use crate::error::ServiceError;
use crate::security::secret;
use domain::account::{Account, Began, Session, SignIn, SignedIn};
use domain::error::ErrorCode;
use domain::ids::Secret;
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
        self.begin_vouched(&session, None).await
    }

    /// Signs a browser in to an account that another provider has vouched for: a phone's, or a PC's if that is its kind.
    ///
    /// # Errors
    /// Those of [`Self::by_assertion`].
    pub async fn by_provider(&self, account: &Account, sign_in: SignIn, ip: IpAddr) -> Result<Begun, ServiceError> {
        let id = self.random.uuid()?.into();
        if sign_in.device_kind == PC {
            let start = Start { account: account.id, name: sign_in.device_name, ip, at: self.clock.now() };
            let session = Session { began: Began::Assertion, ..start.pc(id, self.pc_session_ttl) };
            return self.begin_vouched(&session, None).await;
        }
        let device = self.device(account, sign_in).await?;
        let device_secret = self.random.secret()?;
        let start = Start { account: account.id, name: device.name, ip, at: self.clock.now() };
        let session = Session {
            device: Some(device.id),
            device_secret: Some(secret::hash(&device_secret)),
            began: Began::Assertion,
            ..start.phone(id)
        };
        self.begin_vouched(&session, Some(device_secret)).await
    }

    async fn begin_vouched(&self, session: &Session, device_secret: Option<Secret>) -> Result<Begun, ServiceError> {
        self.sessions.begin(session).await?;
        // Read after the session is stored, so that a request that disables the account either finds it or is found here.
        let Some((_, account)) = self.sessions.living(session.id).await? else {
            self.sessions.end(session.account, RevokeScope::One(session.id)).await?;
            return Err(ErrorCode::InvalidCredentials.into());
        };
        let token = self.tokens.issue(session)?;
        let signed_in = SignedIn { token, device_id: session.device.clone(), account: account.view() };
        Ok(Begun { signed_in, device_secret, session: session.id })
    }
}
