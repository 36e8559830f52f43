//! What people change about their own accounts: name, picture and password; and their deletion.
//!
//! A session that began by a code changes nothing before its person has entered the password: a PC that was approved by
//! mistake must neither deface nor take over an account. A new password and a deletion ask for the password each time.

use crate::account::{AccountError, AccountService, is_allowed};
use crate::error::ServiceError;
use crate::picture::{self, Crop, PictureError};
use crate::security::rate_limit::RateLimits;
use crate::session::Caller;
use crate::sign_in::SignInService;
use clock::Clock;
use domain::account::{Account, AccountChange, KnownAccount, Picture, SessionKind};
use domain::error::ErrorCode;
use domain::limits::Key;
use std::net::IpAddr;
use std::sync::Arc;
use store::Credentials;

/// The use cases of people's own settings.
#[derive(Clone, Debug)]
pub struct SettingsService {
    /// Accounts.
    pub accounts: AccountService,
    /// Verifies passwords, with the limits on guessing.
    pub sign_in: SignInService,
    /// Rate limits.
    pub limits: Arc<RateLimits>,
    /// The time source.
    pub clock: Clock,
    /// Whether people may change their names and pictures and delete their accounts.
    pub is_on: bool,
}

/// Who enters a password: the caller, the accounts that signed in on this device before, and the address.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    /// The caller.
    pub caller: &'a Caller,
    /// The known accounts.
    pub known: &'a [KnownAccount],
    /// The address.
    pub ip: IpAddr,
}

impl SettingsService {
    /// Changes the display name; an empty one stands for the username. Returns the account as it is then.
    ///
    /// # Errors
    /// `self_service_off`, `step_up_required`, `rate_limited`, `token_revoked` or `unavailable`.
    pub async fn rename(&self, caller: &Caller, name: String) -> Result<Account, ServiceError> {
        self.admit(caller).await?;
        self.change(caller, AccountChange { display_name: Some(name), ..AccountChange::default() }).await
    }

    /// Admits a change of the name or the picture, and counts it. Call it before a picture is received.
    ///
    /// # Errors
    /// Those of [`Self::rename`].
    pub async fn admit(&self, caller: &Caller) -> Result<(), ServiceError> {
        self.check_is_on()?;
        caller.check_may_end_others(self.clock.now())?;
        Ok(self.limits.charge(Key::ChangeBy(caller.account.id)).await?)
    }

    /// Makes a picture of a file: of that part of it, or of its middle.
    ///
    /// # Errors
    /// `picture_too_large`, `picture_format`, `picture_damaged`, or `invalid_request` if the part is not within the picture.
    pub async fn draw(&self, file: Vec<u8>, crop: Option<Crop>) -> Result<Picture, ServiceError> {
        let drawn = picture::prepare(file, crop).await;
        Ok(drawn.map_err(|error| match error {
            PictureError::TooLarge => ErrorCode::PictureTooLarge,
            PictureError::Format => ErrorCode::PictureFormat,
            PictureError::Damaged => ErrorCode::PictureDamaged,
            PictureError::Crop => ErrorCode::InvalidRequest,
        })?)
    }

    /// Changes the picture of a caller who was admitted, and who is authenticated again: receiving and drawing a picture
    /// takes time, in which the session may have ended.
    ///
    /// # Errors
    /// `self_service_off`, `step_up_required`, `token_revoked` or `unavailable`.
    pub async fn set_picture(&self, caller: &Caller, picture: Picture) -> Result<Account, ServiceError> {
        self.check_is_on()?;
        caller.check_may_end_others(self.clock.now())?;
        self.change(caller, AccountChange { picture: Some(Some(picture)), ..AccountChange::default() }).await
    }

    /// Removes the picture.
    ///
    /// # Errors
    /// Those of [`Self::rename`].
    pub async fn remove_picture(&self, caller: &Caller) -> Result<Account, ServiceError> {
        self.admit(caller).await?;
        self.change(caller, AccountChange { picture: Some(None), ..AccountChange::default() }).await
    }

    /// Changes the password from `old` to `new`, and ends all sessions but the caller's, and all that apps were granted.
    /// Of several changes at the same time one counts, and the others find that `old` is wrong.
    ///
    /// # Errors
    /// `invalid_password`, `no_password`, `invalid_credentials`, `rate_limited` or `unavailable`.
    pub async fn change_password(&self, asker: Asker<'_>, old: String, new: String) -> Result<(), ServiceError> {
        is_allowed(&new).map_err(refusal)?;
        let verified = self.verify(asker, old).await?;
        let changed = self.accounts.change_password(&verified, new, asker.caller.session.id).await;
        let ended = changed.map_err(refusal)?.ok_or(ErrorCode::InvalidCredentials)?;
        self.sign_in.sessions.announce(&ended);
        Ok(())
    }

    /// Deletes the caller's account. `username` confirms that the person knows what is deleted. An account without a
    /// password is only deleted from its phone, which its issuer signed in: nothing else is proof enough.
    ///
    /// # Errors
    /// `self_service_off`, `wrong_username`, `no_password`, `invalid_credentials`, `rate_limited` or `unavailable`.
    pub async fn delete(&self, asker: Asker<'_>, username: &str, password: String) -> Result<(), ServiceError> {
        self.check_is_on()?;
        let Caller { account, session } = asker.caller;
        if username.trim() != account.username {
            return Err(ErrorCode::WrongUsername.into());
        }
        let is_on_a_phone = session.kind == SessionKind::Phone;
        if !is_on_a_phone || self.accounts.has_password(account).await? {
            self.verify(asker, password).await?;
        }
        let ended = self.accounts.delete(account.id).await?;
        self.sign_in.sessions.announce(&ended.unwrap_or_default());
        Ok(())
    }

    /// Verifies the caller's password, with the limits of a sign-in. No other account's password counts, not even that of a new account
    /// by the same name.
    async fn verify(&self, asker: Asker<'_>, password: String) -> Result<Credentials, ServiceError> {
        let Caller { account, .. } = asker.caller;
        if !self.accounts.has_password(account).await? {
            return Err(ErrorCode::NoPassword.into());
        }
        let verified = self.sign_in.counted_guess(&account.username, password, asker.known, asker.ip).await?;
        if verified.account.id == account.id { Ok(verified) } else { Err(ErrorCode::InvalidCredentials.into()) }
    }

    async fn change(&self, caller: &Caller, change: AccountChange) -> Result<Account, ServiceError> {
        let changed = self.accounts.change(caller.account.id, &change).await.map_err(refusal)?;
        Ok(changed.ok_or(ErrorCode::TokenRevoked)?)
    }

    fn check_is_on(&self) -> Result<(), ErrorCode> {
        if self.is_on { Ok(()) } else { Err(ErrorCode::SelfServiceOff) }
    }
}

fn refusal(error: AccountError) -> ServiceError {
    match error {
        AccountError::Password => ErrorCode::InvalidPassword.into(),
        AccountError::Hash(error) => error.into(),
        AccountError::Store(error) => error.into(),
        AccountError::Name(_) | AccountError::Invalid(_) | AccountError::Taken => ErrorCode::InvalidRequest.into(),
    }
}
