//! Sign-out that an app asks for (OpenID Connect RP-Initiated Logout 1.0).

use super::OidcService;
use super::claims::IdTokenClaims;
use crate::error::ServiceError;
use crate::security::oidc_keys::{JwtType, VerifyError};
use crate::session::Caller;
use domain::account::SessionKind;
use domain::client::Client;
use domain::ids::AccountId;
use std::sync::Arc;
use url::form_urlencoded::Serializer;

/// A request to sign out.
#[derive(Clone, Debug, Default)]
pub struct LogoutRequest {
    /// `id_token_hint`: an ID token of ours, expired or not.
    pub hint: Option<String>,
    /// `client_id`.
    pub client_id: Option<String>,
    /// `post_logout_redirect_uri`.
    pub redirect_uri: Option<String>,
    /// `state`, returned unchanged.
    pub state: Option<String>,
    /// Whether the person has confirmed on our page.
    pub is_confirmed: bool,
}

/// What to do with a request to sign out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Logout {
    /// Ask the person: the app has not proven that it knows who is signed in.
    Ask,
    /// End the session of this browser, then continue at the app's URL, if it has sent one.
    End(Option<String>),
    /// No person is signed in: continue at the app's URL, if it has sent one.
    Nobody(Option<String>),
    /// The app's URL is not registered, or the hint is not ours: show a page, do not redirect.
    Refuse,
}

impl OidcService {
    /// Decides about a request to sign out. Nothing changes yet.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn logout(&self, request: &LogoutRequest, caller: Option<&Caller>) -> Result<Logout, ServiceError> {
        let hint = match &request.hint {
            Some(hint) => match self.hint(hint).await? {
                Some(claims) => Some(claims),
                None => return Ok(Logout::Refuse),
            },
            None => None,
        };
        let named = hint.as_ref().map(|claims| claims.aud.as_str());
        if named.is_some_and(|named| request.client_id.as_deref().is_some_and(|id| id != named)) {
            return Ok(Logout::Refuse);
        }
        let client = named.or(request.client_id.as_deref()).and_then(|id| self.clients.current().client(id));
        let Ok(continue_at) = continue_at(request, client.as_ref()) else { return Ok(Logout::Refuse) };
        let Some(caller) = caller else { return Ok(Logout::Nobody(continue_at)) };
        // A phone's session is the person's key to every computer: no app ends it without a question.
        let is_known =
            hint.is_some_and(|claims| claims.sub == caller.account.id) && caller.session.kind == SessionKind::Pc;
        Ok(if is_known || request.is_confirmed { Logout::End(continue_at) } else { Logout::Ask })
    }

    /// Returns the account of an `id_token_hint`, if it is an ID token of ours, expired or not.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn hinted_account(&self, hint: &str) -> Result<Option<AccountId>, ServiceError> {
        Ok(self.hint(hint).await?.map(|claims| claims.sub))
    }

    async fn hint(&self, token: &str) -> Result<Option<IdTokenClaims>, ServiceError> {
        match self.keys.verify::<IdTokenClaims>(token, JwtType::IdToken).await {
            Ok(claims) => Ok((claims.iss == *self.issuer).then_some(claims)),
            Err(VerifyError::Refused(_)) => Ok(None),
            Err(VerifyError::Keys(error)) => Err(error.into()),
        }
    }
}

/// Returns where to continue: exactly a registered URL, with the state.
fn continue_at(request: &LogoutRequest, client: Option<&Arc<Client>>) -> Result<Option<String>, ()> {
    let Some(uri) = &request.redirect_uri else { return Ok(None) };
    let is_registered = client.is_some_and(|client| client.post_logout_redirect_uris.contains(uri));
    if !is_registered {
        return Err(());
    }
    let Some(state) = &request.state else { return Ok(Some(uri.clone())) };
    let mark = if uri.contains('?') { '&' } else { '?' };
    let query = Serializer::new(String::new()).append_pair("state", state).finish();
    Ok(Some(format!("{uri}{mark}{query}")))
}
