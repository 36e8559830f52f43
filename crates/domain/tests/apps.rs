//! The rules for apps: authorization requests, their steps, and grants.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "apps/grants.rs"]
mod grants;
#[path = "apps/requests.rs"]
mod requests;
#[path = "apps/steps.rs"]
mod steps;

use domain::authorization::{AuthorizationRequest, Parameters, RequestError, Target, read_request};
use domain::client::{Client, Scopes};
use domain::ids::AccountId;
use domain::time::Timestamp;
use std::sync::Arc;
use uuid::Uuid;

const CALLBACK: &str = "https://app.example/callback";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn client() -> Client {
    Client {
        redirect_uris: vec![CALLBACK.to_owned(), "https://app.example/other".to_owned()],
        scopes: Scopes::parse("openid profile email offline_access"),
        ..Client::new("grafana".parse().unwrap(), "Grafana".to_owned())
    }
}

fn account(number: u128) -> AccountId {
    Uuid::from_u128(number).into()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_800_000_000_000 + seconds * 1000)
}

/// A request that asks for nothing special.
fn plain() -> Vec<(String, String)> {
    pairs(&[
        ("client_id", "grafana"),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", "openid profile"),
        ("state", "s"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ])
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The plain request with parameters replaced, added, or, if the value is empty, removed.
fn with(changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut request = plain();
    for (name, value) in changes {
        request.retain(|(known, _)| known != name);
        if !value.is_empty() {
            request.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
    request
}

fn read(pairs: &[(String, String)], client: &Client) -> Result<AuthorizationRequest, RequestError> {
    let shared = Arc::new(client.clone());
    let (target, client) = Target::read(Parameters::new(pairs), |_| Some(shared)).unwrap();
    read_request(Parameters::new(pairs), target, &client, None)
}
