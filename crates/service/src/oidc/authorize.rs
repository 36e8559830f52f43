//! Authorization requests: grant, refuse, or let a person answer first, in an interaction.

use super::{DAY, OidcService};
use crate::error::ServiceError;
use crate::security::grant_token::{GrantToken, Kind};
use crate::session::Caller;
use domain::authorization::{
    AuthorizationErrorCode, AuthorizationRequest, Facts, Interaction, ResponseMode, SignedInFacts, Step, Target,
    granted_scopes, next_step,
};
use domain::client::{Client, Consent, Scope, Scopes};
use domain::error::ErrorCode;
use domain::grant::Grant;
use domain::ids::{InteractionId, SecretHash};
use url::form_urlencoded::Serializer;

/// What the browser does next.
#[derive(Clone, Debug)]
pub enum Next {
    /// Return to the app.
    Respond(AuthorizationResponse),
    /// Sign in; the interaction continues afterwards.
    SignIn(InteractionId),
    /// Show the consent page.
    Consent(InteractionId),
}

/// The response to an authorization request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationResponse {
    /// The app's URL.
    pub redirect_uri: String,
    /// How the parameters are sent.
    pub mode: ResponseMode,
    /// The parameters.
    pub parameters: Vec<(&'static str, String)>,
}

impl AuthorizationResponse {
    /// Returns the URL of a response by query. The redirect URI stays as it is registered, byte by byte.
    pub fn url(&self) -> String {
        let mark = if self.redirect_uri.contains('?') { '&' } else { '?' };
        let query = Serializer::new(String::new()).extend_pairs(&self.parameters).finish();
        format!("{}{mark}{query}", self.redirect_uri)
    }
}

impl OidcService {
    /// Decides about a request, made by the browser whose secret has that hash.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn authorize(
        &self,
        request: AuthorizationRequest,
        client: &Client,
        caller: Option<&Caller>,
        browser: SecretHash,
    ) -> Result<Next, ServiceError> {
        let step = self.step(&request, client, caller, None).await?;
        match (step, caller) {
            (Step::Grant, Some(caller)) => Ok(Next::Respond(self.grant(&request, client, caller, None).await?)),
            (Step::Refuse(code), _) => Ok(Next::Respond(self.refusal(&request.target, code, None))),
            (step, _) => {
                let interaction = Interaction {
                    id: self.random.uuid()?.into(),
                    browser,
                    request,
                    consented_by: None,
                    started_at: self.clock.now(),
                };
                self.grants.put_interaction(&interaction).await?;
                Ok(match step {
                    Step::Consent => Next::Consent(interaction.id),
                    _ => Next::SignIn(interaction.id),
                })
            }
        }
    }

    /// Returns the response that refuses a request. `iss` is part of every response (RFC 9207).
    pub fn refusal(
        &self,
        target: &Target,
        code: AuthorizationErrorCode,
        description: Option<&str>,
    ) -> AuthorizationResponse {
        let mut parameters = vec![("error", code.as_str().to_owned())];
        parameters.extend(description.map(|text| ("error_description", text.to_owned())));
        self.response(target, parameters)
    }

    fn response(&self, target: &Target, mut parameters: Vec<(&'static str, String)>) -> AuthorizationResponse {
        parameters.extend(target.state.clone().map(|state| ("state", state)));
        parameters.push(("iss", self.issuer.to_string()));
        AuthorizationResponse { redirect_uri: target.redirect_uri.clone(), mode: target.response_mode, parameters }
    }

    pub(super) async fn step(
        &self,
        request: &AuthorizationRequest,
        client: &Client,
        caller: Option<&Caller>,
        interaction: Option<&Interaction>,
    ) -> Result<Step, ServiceError> {
        let consented = match caller {
            Some(caller) if client.consent == Consent::Ask => {
                self.grants.consented(caller.account.id, &client.id).await?
            }
            _ => None,
        };
        let now = self.clock.now();
        let signed_in = caller.map(|caller| SignedInFacts {
            account: caller.account.id,
            groups: &caller.account.groups,
            auth_time: caller.session.created_at,
            consented: consented.as_ref(),
            may_consent_for_good: caller.may_end_others(now),
        });
        Ok(next_step(&Facts { client, request, signed_in, interaction, now }))
    }

    /// Makes a grant, and returns its code to the app. `token_revoked` if the session has ended since it was read.
    pub(super) async fn grant(
        &self,
        request: &AuthorizationRequest,
        client: &Client,
        caller: &Caller,
        interaction: Option<&Interaction>,
    ) -> Result<AuthorizationResponse, ServiceError> {
        let now = self.clock.now();
        let refresh_ttl = DAY * client.refresh_days;
        let scopes = granted_scopes(request, caller.account.id, caller.may_end_others(now), interaction);
        let is_offline = scopes.contains(Scope::OfflineAccess);
        let session_end = caller.session.expires_at.filter(|_| !is_offline);
        let grant = Grant {
            id: self.random.uuid()?.into(),
            client: client.id.clone(),
            account: caller.account.id,
            session: caller.session.id,
            scopes,
            resource: request.resource.clone(),
            nonce: request.nonce.clone(),
            redirect_uri: request.target.redirect_uri.clone(),
            code_challenge: request.code_challenge.clone(),
            code_used_at: None,
            counter: 0,
            rotated_at: None,
            auth_time: caller.session.created_at,
            began: caller.session.began,
            created_at: now,
            expires_at: session_end.unwrap_or(now + refresh_ttl),
            revoked_at: None,
        };
        if !self.grants.put_grant(&grant).await? {
            return Err(ErrorCode::TokenRevoked.into());
        }
        let code = self.tokens.issue(Kind::Code, &GrantToken { grant: grant.id, number: 0, scopes: Scopes::default() });
        Ok(self.response(&request.target, vec![("code", code.reveal().to_owned())]))
    }
}
