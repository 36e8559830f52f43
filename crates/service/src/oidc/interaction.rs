//! Interactions: authorization requests that wait for a person. Each step reads again what is stored, and trusts no URL.

use super::OidcService;
use super::authorize::{AuthorizationResponse, Next};
use crate::error::ServiceError;
use crate::security::binding::Binding;
use crate::session::Caller;
use domain::authorization::{AuthorizationErrorCode, Interaction, Step, Target};
use domain::client::{Client, Scopes, Site};
use domain::ids::{AccountId, InteractionId};
use domain::ticket::RequestingApp;
use std::sync::Arc;

/// Why an interaction cannot go on. There is no app to redirect to: show a page.
#[derive(Debug, thiserror::Error)]
pub enum InteractionError {
    /// It is unknown, expired, answered already, or belongs to another browser, and the caller is not told which.
    #[error("the authorization request is over")]
    Over,
    /// The server failed.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<store::StoreError> for InteractionError {
    fn from(error: store::StoreError) -> Self {
        Self::Service(error.into())
    }
}

/// What the consent page shows.
#[derive(Clone, Debug)]
pub struct ConsentQuestion {
    /// The interaction.
    pub interaction: InteractionId,
    /// The app.
    pub client: Arc<Client>,
    /// What it would learn.
    pub scopes: Scopes,
    /// Where the browser returns to: the host of the redirect URI, or its scheme if it has none.
    pub returns_to: String,
}

impl OidcService {
    /// Continues an interaction in the browser that began it.
    ///
    /// # Errors
    /// [`InteractionError`].
    pub async fn resume(
        &self,
        id: InteractionId,
        browser: &Binding,
        caller: Option<&Caller>,
    ) -> Result<Next, InteractionError> {
        let (interaction, client) = self.open(id, browser).await?;
        let request = &interaction.request;
        let step = self.step(request, &client, caller, Some(&interaction)).await?;
        let response = match (step, caller) {
            (Step::Consent, _) => return Ok(Next::Consent(id)),
            (Step::Grant, Some(caller)) => self.grant(request, &client, caller, Some(&interaction)).await?,
            (Step::Refuse(code), _) => self.refusal(&request.target, code, None),
            _ => return Ok(Next::SignIn(id)),
        };
        // Last, so that a failure before it loses nothing. A code that was made in vain expires.
        if self.grants.take_interaction(id).await? { Ok(Next::Respond(response)) } else { Err(InteractionError::Over) }
    }

    /// Returns an interaction of this browser, and its client as it is registered now.
    ///
    /// # Errors
    /// [`InteractionError`].
    pub async fn open(
        &self,
        id: InteractionId,
        browser: &Binding,
    ) -> Result<(Interaction, Arc<Client>), InteractionError> {
        let found = self.grants.interaction(id).await?.ok_or(InteractionError::Over)?;
        let client = self.party(&found.request.target).ok_or(InteractionError::Over)?;
        if !browser.knows(found.browser) || self.clock.now() >= found.expires_at() {
            return Err(InteractionError::Over);
        }
        Ok((found, client))
    }

    /// Returns who a request is for, as registered now: an app, or a site behind a proxy.
    pub(super) fn party(&self, target: &Target) -> Option<Arc<Client>> {
        let clients = self.clients.current();
        let found = match Site::host_of(&target.client, &target.redirect_uri) {
            Some(host) => clients.site(host).map(|site| Arc::new(site.client())),
            None => clients.client(target.client.as_str()),
        };
        found.filter(|client| client.allows_redirect(&target.redirect_uri))
    }

    /// Returns what an interaction waits for, and its app as a phone shows it. Changes nothing.
    ///
    /// # Errors
    /// [`InteractionError`].
    pub async fn peek(
        &self,
        id: InteractionId,
        browser: &Binding,
        caller: Option<&Caller>,
    ) -> Result<(Step, RequestingApp), InteractionError> {
        let (interaction, client) = self.open(id, browser).await?;
        let step = self.step(&interaction.request, &client, caller, Some(&interaction)).await?;
        Ok((step, Self::requesting_app(&interaction, &client)))
    }

    /// Returns what the consent page asks.
    ///
    /// # Errors
    /// [`InteractionError`].
    pub async fn question(&self, id: InteractionId, browser: &Binding) -> Result<ConsentQuestion, InteractionError> {
        let (interaction, client) = self.open(id, browser).await?;
        let returns_to = place_of(&interaction.request.target.redirect_uri);
        Ok(ConsentQuestion { interaction: id, client, scopes: interaction.request.scopes, returns_to })
    }

    /// Records that the person who is signed in on this browser consents. Without effect if the interaction waits for
    /// something else, such as a sign-in.
    ///
    /// # Errors
    /// [`InteractionError`].
    pub async fn allow(&self, id: InteractionId, browser: &Binding, caller: &Caller) -> Result<(), InteractionError> {
        let (interaction, client) = self.open(id, browser).await?;
        if self.step(&interaction.request, &client, Some(caller), Some(&interaction)).await? == Step::Consent {
            self.consent(&interaction, &client, caller.account.id).await?;
        }
        Ok(())
    }

    /// Ends the interaction with `access_denied`.
    ///
    /// # Errors
    /// [`InteractionError`].
    pub async fn deny(&self, id: InteractionId, browser: &Binding) -> Result<AuthorizationResponse, InteractionError> {
        let (interaction, _) = self.open(id, browser).await?;
        if !self.grants.take_interaction(id).await? {
            return Err(InteractionError::Over);
        }
        let description = Some("the person declined");
        Ok(self.refusal(&interaction.request.target, AuthorizationErrorCode::AccessDenied, description))
    }

    /// Records that a phone approved a sign-in to an app: the tap is also the consent. Without effect if the interaction
    /// is over by now.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn approved_by_phone(&self, app: &RequestingApp, account: AccountId) -> Result<(), ServiceError> {
        let Some(interaction) = self.grants.interaction(app.interaction).await? else { return Ok(()) };
        // A site is missing here, too: it needs no consent.
        let Some(client) = self.clients.current().client(app.client.as_str()) else { return Ok(()) };
        // Consent covers what the phone has shown, and nothing else.
        let is_same =
            interaction.request.target.client == app.client && interaction.request.scopes.to_string() == app.scope;
        if is_same { self.consent(&interaction, &client, account).await } else { Ok(()) }
    }

    /// Returns the app as a phone shows it that scans the code of this interaction.
    pub fn requesting_app(interaction: &Interaction, client: &Client) -> RequestingApp {
        RequestingApp {
            interaction: interaction.id,
            client: client.id.clone(),
            name: client.name.clone(),
            logo_url: client.logo_url.clone(),
            scope: interaction.request.scopes.to_string(),
            login_hint: interaction.request.login_hint.clone(),
        }
    }

    /// A native app is not remembered, because any program can claim to be it.
    async fn consent(
        &self,
        interaction: &Interaction,
        client: &Client,
        account: AccountId,
    ) -> Result<(), ServiceError> {
        Ok(self.grants.consent(interaction, account, !client.is_native, self.clock.now()).await?)
    }
}

/// Returns the host of a URI, for people; of a custom scheme, the scheme.
fn place_of(uri: &str) -> String {
    let Ok(url) = url::Url::parse(uri) else { return String::new() };
    match url.host_str() {
        Some(host) if !host.is_empty() => host.to_owned(),
        _ => format!("{}:", url.scheme()),
    }
}
