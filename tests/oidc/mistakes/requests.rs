//! Programs that send their parameters where, how or as often as they must not.

use crate::oidc::provider::*;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use testkit::{Client, Fields, encode};

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

const PATHS: [&str; 3] = ["/oauth/token", "/oauth/introspect", "/oauth/revoke"];

/// Parameters in the URL are refused: they would be in every log
#[tokio::test]
async fn m18_parameters_in_the_url() {
    let provider = Provider::start().await;
    let code = provider.signed_in("dong").await.code(&[]).await;
    let form = encode(&code_form(&code, CALLBACK));
    let authorization = basic("web", SECRET);
    let headers = [("authorization", authorization.as_str())];
    for path in PATHS {
        for (query, body) in [(form.as_str(), "x=1"), ("x=1", form.as_str()), ("client_secret=x", form.as_str())] {
            let answer = provider.send(Method::POST, &format!("{path}?{query}"), &headers, body).await;
            oauth_error(&answer, 400, "invalid_request");
        }
    }
    provider.exchange(&code).await.ok();
}

/// An access token in the URL is none
#[tokio::test]
async fn m18_access_token_in_the_url() {
    let provider = Provider::start().await;
    let tokens = provider.signed_in("dong").await.tokens(&provider, "openid").await;
    let token = tokens["access_token"].as_str().unwrap();
    for method in [Method::GET, Method::POST] {
        let answer = provider.send(method, &format!("/oauth/userinfo?access_token={token}"), &[], "").await;
        assert_eq!(answer.status.as_u16(), 401);
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
}

/// A repeated parameter is refused, whichever it is
#[tokio::test]
async fn m18_repeated_parameters() {
    let provider = Provider::start().await;
    let code = provider.signed_in("dong").await.code(&[]).await;
    let form = code_form(&code, CALLBACK);
    for (name, value) in form.iter().copied().chain([("client_id", "web"), ("x", "y")]) {
        let twice = [&form[..], &[(name, value), (name, value)]].concat();
        oauth_error(&provider.call_as("web", "/oauth/token", &twice).await, 400, "invalid_request");
    }
    for path in ["/oauth/introspect", "/oauth/revoke"] {
        let twice = [("token", "a"), ("token", "b")];
        oauth_error(&provider.call_as("web", path, &twice).await, 400, "invalid_request");
    }
    provider.exchange(&code).await.ok();
    // A browser's request that repeats one goes back to the app, unless the URI itself is in doubt.
    for name in ["state", "scope", "nonce", "response_type", "prompt", "x"] {
        let path = format!("{}&{name}=1&{name}=2", authorize_path(&[(name, "")]));
        let answer = provider.browser().0.get(&path).await;
        assert_eq!(response_of(&next_of(&answer).unwrap())["error"], "invalid_request", "{name}");
    }
}

/// Nothing but a form is read
#[tokio::test]
async fn m18_wrong_content_type() {
    let provider = Provider::start().await;
    let code = provider.signed_in("dong").await.code(&[]).await;
    let form = encode(&code_form(&code, CALLBACK));
    let client = Client::new(&*provider).always("authorization", &basic("web", SECRET));
    for path in PATHS {
        for media_type in ["application/json", "text/plain", "multipart/form-data; boundary=x", "x", ""] {
            let answer = client.send(Method::POST, path, Some(media_type), form.clone().into_bytes()).await;
            oauth_error(&answer, 400, "invalid_request");
        }
        oauth_error(&client.send(Method::POST, path, None, Vec::new()).await, 400, "invalid_request");
    }
    let usual = "Application/X-WWW-Form-Urlencoded; charset=UTF-8";
    client.send(Method::POST, "/oauth/token", Some(usual), form.into_bytes()).await.ok();
}

/// An app proves who it is in one way, and its id is the same everywhere
#[tokio::test]
async fn m18_two_kinds_of_authentication_at_once() {
    let provider = Provider::start().await;
    let code = provider.signed_in("dong").await.code(&[]).await;
    let attempts: [(Option<String>, Fields<'_>, u16, &str); 12] = [
        (Some(basic("web", SECRET)), &[("client_secret", SECRET)], 400, "invalid_request"),
        (Some(basic("web", SECRET)), &[("client_id", "web"), ("client_secret", SECRET)], 400, "invalid_request"),
        (Some(basic("web", SECRET)), &[("client_id", "other")], 400, "invalid_request"),
        (Some(basic("web", "wrong")), &[], 401, "invalid_client"),
        (Some(basic("web", "")), &[], 401, "invalid_client"),
        (Some(basic("nobody", SECRET)), &[], 401, "invalid_client"),
        (Some("Basic !".to_owned()), &[("client_id", "web"), ("client_secret", SECRET)], 401, "invalid_client"),
        (Some("Bearer x".to_owned()), &[("client_id", "web"), ("client_secret", SECRET)], 401, "invalid_client"),
        (None, &[("client_id", "web"), ("client_secret", "wrong")], 401, "invalid_client"),
        (None, &[("client_id", "web")], 401, "invalid_client"),
        (None, &[("client_secret", SECRET)], 401, "invalid_client"),
        (None, &[], 401, "invalid_client"),
    ];
    for (authorization, more, status, error) in attempts {
        let form = [&code_form(&code, CALLBACK)[..], more].concat();
        let client = Client::new(&*provider);
        let client = match &authorization {
            Some(authorization) => client.always("authorization", authorization),
            None => client,
        };
        let answer = client.post("/oauth/token", &form).await;
        oauth_error(&answer, status, error);
        assert_eq!(answer.headers.contains_key("www-authenticate"), status == 401, "{authorization:?} {more:?}");
        if status == 401 {
            assert!(answer.header("www-authenticate").starts_with("Basic realm="));
        }
    }
    // Some clients name themselves in the body, too, or encode more than they must (RFC 6749, section 2.3.1).
    let encoded: String = SECRET.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let form = [code_form(&code, CALLBACK), vec![("client_id", "web")]].concat();
    let client = Client::new(&*provider).always("authorization", &basic("%77eb", &encoded));
    client.post("/oauth/token", &form).await.ok();
}

/// A secret with something behind it is another secret
#[tokio::test]
async fn m18_credentials_with_something_added() {
    let provider = Provider::start().await;
    for (id, secret) in [
        ("web", format!("{SECRET}&x=1")),
        ("web&x=1", SECRET.to_owned()),
        ("web", format!("{SECRET}:")),
        ("web", format!("{SECRET} ")),
        ("web", SECRET.to_lowercase()),
        ("Web", SECRET.to_owned()),
    ] {
        let client = Client::new(&*provider).always("authorization", &basic(id, &secret));
        oauth_error(&client.post("/oauth/introspect", &[("token", "x")]).await, 401, "invalid_client");
    }
}
