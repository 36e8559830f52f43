//! Reads an authorization request. The client and the redirect URI first: until both are valid, no browser is
//! redirected (RFC 9700, section 4.11.2).

use super::AuthorizationErrorCode as Code;
use crate::account::account_hint;
use crate::client::{Client, ClientId, Scopes};
use crate::ids::AccountId;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::sync::Arc;

/// Maximum length of `state`, in bytes. Strangers have it stored; some frameworks put all that they want to remember into it.
const LONGEST_STATE: usize = 4096;
/// Maximum length of `nonce`, in bytes: many times what clients send.
const LONGEST_NONCE: usize = 512;
/// Length of an S256 code challenge: 256 bits in base64url (RFC 7636, section 4.2).
const CHALLENGE_LENGTH: usize = 43;

/// The parameters of a request, decoded, in order.
#[derive(Clone, Copy, Debug)]
pub struct Parameters<'a>(&'a [(String, String)]);

impl<'a> Parameters<'a> {
    /// Wraps decoded parameters.
    pub const fn new(pairs: &'a [(String, String)]) -> Self {
        Self(pairs)
    }

    /// Returns a parameter's value. One without a value counts as omitted (RFC 6749, section 3.1).
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.given(name).filter(|value| !value.is_empty())
    }

    /// Returns a parameter's value, even if it is empty.
    pub fn given(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Returns a parameter that occurs more than once, which RFC 6749, section 3.1 forbids.
    pub fn repeated(&self) -> Option<&'a str> {
        let mut known = HashSet::new();
        self.0.iter().map(|(name, _)| name.as_str()).find(|name| !known.insert(*name))
    }

    fn is_repeated(&self, name: &str) -> bool {
        self.0.iter().filter(|(key, _)| key == name).count() > 1
    }
}

/// Why a request leads to an error page instead of back to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTarget {
    /// `client_id` is missing or repeated.
    #[error("client_id is missing or repeated")]
    NoClient,
    /// No client has this id.
    #[error("no app has this client_id")]
    UnknownClient,
    /// `redirect_uri` is missing or repeated.
    #[error("redirect_uri is missing or repeated")]
    NoRedirectUri,
    /// The client has not registered this redirect URI.
    #[error("this redirect_uri is not registered for the app")]
    UnregisteredRedirectUri,
}

/// How the response reaches the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of the redirect URI.
    #[default]
    Query,
    /// In a form that the browser posts to the redirect URI (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

/// Where the response to a request goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The client.
    pub client: ClientId,
    /// One of its redirect URIs.
    pub redirect_uri: String,
    /// How the response is sent.
    pub response_mode: ResponseMode,
    /// Returned unchanged, also if it is empty.
    pub state: Option<String>,
}

impl Target {
    /// Reads and checks client and redirect URI.
    ///
    /// # Errors
    /// [`InvalidTarget`]: show a page, do not redirect.
    pub fn read(
        parameters: Parameters<'_>,
        find: impl FnOnce(&str) -> Option<Arc<Client>>,
    ) -> Result<(Self, Arc<Client>), InvalidTarget> {
        if parameters.is_repeated("client_id") {
            return Err(InvalidTarget::NoClient);
        }
        let client = find(parameters.get("client_id").ok_or(InvalidTarget::NoClient)?);
        let client = client.ok_or(InvalidTarget::UnknownClient)?;
        if parameters.is_repeated("redirect_uri") {
            return Err(InvalidTarget::NoRedirectUri);
        }
        let redirect_uri = parameters.get("redirect_uri").ok_or(InvalidTarget::NoRedirectUri)?;
        if !client.allows_redirect(redirect_uri) {
            return Err(InvalidTarget::UnregisteredRedirectUri);
        }
        let response_mode = match parameters.get("response_mode") {
            Some("form_post") => ResponseMode::FormPost,
            _ => ResponseMode::Query,
        };
        let state = parameters.given("state").map(str::to_owned);
        Ok((Self { client: client.id.clone(), redirect_uri: redirect_uri.to_owned(), response_mode, state }, client))
    }
}

/// What the client asks the server to do although it may not be necessary (`prompt`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompts {
    /// Show nothing.
    pub none: bool,
    /// Sign in again. Also stands for `select_account`: the phone that scans selects the account.
    pub login: bool,
    /// Ask for consent again.
    pub consent: bool,
}

/// A valid authorization request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// Where the response goes.
    pub target: Target,
    /// What the client would learn: those of the requested scopes that it may have.
    pub scopes: Scopes,
    /// Copied into the ID token.
    pub nonce: Option<String>,
    /// S256 challenge (RFC 7636).
    pub code_challenge: Option<String>,
    /// What to do although it may not be necessary.
    pub prompts: Prompts,
    /// Maximum age of the sign-in, in seconds.
    pub max_age: Option<u64>,
    /// Whether the client asks for a sign-in by scan (`acr_values`, RFC 9470).
    pub wants_scan: bool,
    /// The account that the client expects, as a username or an e-mail address. People read it.
    pub login_hint: Option<String>,
    /// The resource that the access token is for (RFC 8707).
    pub resource: Option<String>,
    /// The account of the `id_token_hint`.
    pub hinted: Option<AccountId>,
}

/// Why a request is refused, by a redirect to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestError {
    /// The error code.
    pub code: Code,
    /// `error_description`: plain ASCII without quotes or backslashes (RFC 6749, section 4.1.2.1).
    pub description: &'static str,
}

/// Authentication by scan, as a value of `acr`.
pub const ACR_SCAN: &str = "urn:qr-login:acr:scan";
/// Authentication by password, as a value of `acr`.
pub const ACR_PASSWORD: &str = "urn:qr-login:acr:password";
/// `acr` of a sign-in by an app's own backend.
pub const ACR_ASSERTION: &str = "urn:qr-login:acr:assertion";

const fn refuse(code: Code, description: &'static str) -> RequestError {
    RequestError { code, description }
}

const fn invalid(description: &'static str) -> RequestError {
    refuse(Code::InvalidRequest, description)
}

/// Reads the rest of a request whose target is valid. `hinted` is the account of its `id_token_hint`, if that is ours.
///
/// Unknown parameters and scopes are ignored, as the specifications demand.
///
/// # Errors
/// [`RequestError`], for the client.
pub fn read_request(
    parameters: Parameters<'_>,
    target: Target,
    client: &Client,
    hinted: Option<AccountId>,
) -> Result<AuthorizationRequest, RequestError> {
    if parameters.repeated().is_some() {
        return Err(invalid("a parameter is repeated"));
    }
    for (name, code) in [
        ("request", Code::RequestNotSupported),
        ("request_uri", Code::RequestUriNotSupported),
        ("registration", Code::RegistrationNotSupported),
    ] {
        if parameters.get(name).is_some() {
            return Err(refuse(code, "this parameter is not supported"));
        }
    }
    if target.state.as_ref().is_some_and(|state| state.len() > LONGEST_STATE) {
        return Err(invalid("state is too long"));
    }
    match parameters.get("response_type") {
        Some("code") => {}
        Some(_) => return Err(refuse(Code::UnsupportedResponseType, "response_type must be code")),
        None => return Err(invalid("response_type is missing")),
    }
    if !matches!(parameters.get("response_mode"), None | Some("query" | "form_post")) {
        return Err(invalid("response_mode must be query or form_post"));
    }
    let nonce = parameters.get("nonce").map(str::to_owned);
    if nonce.as_ref().is_some_and(|nonce| nonce.len() > LONGEST_NONCE) {
        return Err(invalid("nonce is too long"));
    }
    let resource = parameters.get("resource").map(str::to_owned);
    if resource.as_ref().is_some_and(|resource| !client.resources.contains(resource)) {
        return Err(refuse(Code::InvalidTarget, "this resource is not one of the app's"));
    }
    let max_age = match parameters.get("max_age").map(str::parse) {
        None => None,
        Some(Ok(seconds)) => Some(seconds),
        Some(Err(_)) => return Err(invalid("max_age must be a number of seconds")),
    };
    let acr_values = parameters.get("acr_values").unwrap_or_default();
    Ok(AuthorizationRequest {
        scopes: Scopes::parse(parameters.get("scope").unwrap_or_default()).intersection(&client.scopes),
        code_challenge: code_challenge(parameters, client)?,
        prompts: prompts(parameters)?,
        wants_scan: acr_values.split(' ').any(|value| value == ACR_SCAN),
        login_hint: parameters.get("login_hint").and_then(account_hint),
        target,
        nonce,
        max_age,
        resource,
        hinted,
    })
}

/// `plain` is not supported: it protects nothing that a stolen request would not reveal.
fn code_challenge(parameters: Parameters<'_>, client: &Client) -> Result<Option<String>, RequestError> {
    let challenge = parameters.get("code_challenge");
    match (challenge, parameters.get("code_challenge_method")) {
        (None, None) if client.require_pkce => Err(invalid("code_challenge is missing: this app must use PKCE")),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(invalid("code_challenge is missing")),
        (Some(challenge), Some("S256")) => {
            let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
            if challenge.len() != CHALLENGE_LENGTH || !challenge.bytes().all(is_base64url) {
                return Err(invalid("code_challenge must be 43 characters of base64url"));
            }
            Ok(Some(challenge.to_owned()))
        }
        (Some(_), _) => Err(invalid("code_challenge_method must be S256")),
    }
}

fn prompts(parameters: Parameters<'_>) -> Result<Prompts, RequestError> {
    let mut prompts = Prompts::default();
    let asked = parameters.get("prompt").unwrap_or_default();
    for value in asked.split(' ') {
        match value {
            "none" => prompts.none = true,
            "login" | "select_account" => prompts.login = true,
            "consent" => prompts.consent = true,
            _ => {}
        }
    }
    if prompts.none && asked.split(' ').filter(|value| !value.is_empty()).count() > 1 {
        return Err(invalid("prompt=none excludes other values"));
    }
    Ok(prompts)
}
