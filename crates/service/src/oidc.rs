//! The use cases of the OpenID Connect provider: what an app asks for, and what it gets.
//!
//! `authorize` and `interaction` decide about requests, `exchange` about codes and refresh tokens, `device` about
//! devices, `inspect` about access tokens, `logout` about the end, of which `backchannel` tells the apps. Each reads its
//! facts from the stores when it is asked; a token only says which grant it
//! belongs to.

mod authorize;
mod backchannel;
mod claims;
mod device;
mod error;
mod exchange;
mod inspect;
mod interaction;
mod logout;
pub mod sites;

pub use authorize::{AuthorizationResponse, Next};
pub use device::{DeviceAuthorization, DeviceService, Poll};
pub use error::OAuthError;
pub use exchange::{TokenRequest, TokenResponse};
pub use inspect::Introspection;
pub use interaction::{ConsentQuestion, InteractionError};
pub use logout::{Logout, LogoutRequest};

use crate::clients::Registry;
use crate::error::ServiceError;
use crate::http_client::HttpClient;
use crate::security::grant_token::GrantTokens;
use crate::security::oidc_keys::OidcKeys;
use crate::security::random::Random;
use crate::session::{Caller, SessionService};
use clock::{Clock, rfc3339};
use domain::authorization::ConnectedApp;
use domain::client::{Client, ClientId};
use domain::ids::{AccountId, Secret};
use domain::oauth::OAuthErrorCode;
use std::sync::Arc;
use std::time::Duration;
use store::grants::{Connection, GrantStore};
use store::notices::NoticeStore;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The use cases of the OpenID Connect provider.
#[derive(Clone, Debug)]
pub struct OidcService {
    /// Interactions, grants and consents.
    pub grants: Arc<dyn GrantStore>,
    /// Notices to apps of ended sessions.
    pub notices: Arc<dyn NoticeStore>,
    /// Sends them.
    pub http: HttpClient,
    /// Live sessions.
    pub sessions: SessionService,
    /// The apps.
    pub clients: Registry,
    /// Signs ID tokens.
    pub keys: OidcKeys,
    /// Codes, refresh tokens and opaque access tokens.
    pub tokens: Arc<GrantTokens>,
    /// The time source.
    pub clock: Clock,
    /// The source of ids.
    pub random: Random,
    /// The public URL without a slash at its end.
    pub issuer: Arc<str>,
}

/// How a client says who it is.
#[derive(Clone, Debug)]
pub struct ClientCredentials {
    /// The client id.
    pub id: String,
    /// The secret; a public client has none.
    pub secret: Option<Secret>,
}

impl OidcService {
    /// Authenticates a client.
    ///
    /// # Errors
    /// `invalid_client`, whatever the reason.
    pub fn client(&self, credentials: &ClientCredentials) -> Result<Arc<Client>, OAuthError> {
        let client = self.clients.current().client(&credentials.id);
        let client = client.filter(|client| match &credentials.secret {
            Some(secret) => crate::clients::verify_secret(client, secret.reveal()),
            None => client.is_public,
        });
        client.ok_or(OAuthError::Refused(OAuthErrorCode::InvalidClient, "the client is unknown or its secret wrong"))
    }

    /// Returns the apps that an account is connected to and that still exist.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn connections(&self, account: AccountId) -> Result<Vec<ConnectedApp>, ServiceError> {
        let clients = self.clients.current();
        let found = self.grants.connections(account, self.clock.now()).await?;
        let view = |connection: Connection| {
            let client = clients.client(connection.client.as_str())?;
            Some(ConnectedApp {
                client_id: connection.client,
                name: client.name.clone(),
                logo_url: client.logo_url.clone(),
                scope: connection.scopes.to_string(),
                since: rfc3339(connection.since),
            })
        };
        Ok(found.into_iter().filter_map(view).collect())
    }

    /// Disconnects the caller's account from an app: its tokens end at once, and it has to ask for consent again.
    ///
    /// # Errors
    /// `step_up_required` or `unavailable`.
    pub async fn disconnect(&self, caller: &Caller, client: &ClientId) -> Result<(), ServiceError> {
        let now = self.clock.now();
        caller.check_may_end_others(now)?;
        Ok(self.grants.disconnect(caller.account.id, client, now).await?)
    }

    /// Deletes interactions that are over, which strangers can make, and grants that ended long ago.
    ///
    /// # Errors
    /// If the store is down.
    pub async fn sweep(&self) -> Result<(), ServiceError> {
        self.grants.forget_interactions(self.clock.now()).await?;
        self.grants.forget_grants(self.clock.now() - claims::RETENTION).await?;
        Ok(())
    }
}
