//! Back-channel logout: when a session ends, its apps are told, each once, whatever state they are in.

use super::provider::*;
use crate::server::until_async;
use domain::logout_notice::LogoutNotice;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Value, json};
use std::time::Duration;
use testkit::{Phone, Received, Receiver};

/// Longer than anything waits for its next attempt.
const DAY: Duration = Duration::from_secs(86_400);

/// Lets the receiver be told of the sessions of that app.
pub fn tells(provider: &Provider, apps: &[(&str, &Receiver)]) {
    let mut text = APPS.to_owned();
    for (app, receiver) in apps {
        let id = format!("id = \"{app}\"\n");
        assert!(text.contains(&id));
        let uri = receiver.url("/logout?app=1");
        text = text.replace(&id, &format!("{id}backchannel_logout_uri = \"{uri}\"\n"));
    }
    provider.apps(&text);
}

/// Verifies a logout token as an app has to (section 2.6), and returns its claims.
pub async fn verified(provider: &Provider, received: &Received, app: &str) -> Value {
    assert!(received.head.starts_with("POST /logout?app=1 HTTP/1.1\r\n"), "{received:?}");
    assert_eq!(received.body.matches('&').count(), 0, "nothing but the token");
    let token = received.field("logout_token");
    let keys = provider.browser().0.get("/oauth/jwks.json").await.ok();
    let keys: JwkSet = serde_json::from_value(keys).unwrap();
    let header = jsonwebtoken::decode_header(&token).unwrap();
    assert_eq!((header.alg, header.typ.as_deref()), (Algorithm::RS256, Some("logout+jwt")));
    let key = DecodingKey::from_jwk(keys.find(&header.kid.unwrap()).unwrap()).unwrap();
    let mut rules = Validation::new(Algorithm::RS256);
    // The test's clock may be far ahead.
    rules.validate_exp = false;
    rules.set_audience(&[app]);
    rules.set_issuer(&[provider.issuer()]);
    let claims = decode::<Value>(&token, &key, &rules).unwrap().claims;
    let now = provider.app.clock.now().as_secs();
    let (iat, exp) = (claims["iat"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
    // A test that moves the clock until it hears something has moved it on by now.
    assert!(iat <= now && exp == iat + 120, "{claims}");
    assert_eq!(claims["events"], json!({"http://schemas.openid.net/event/backchannel-logout": {}}));
    assert!(claims["jti"].as_str().is_some_and(|jti| jti.len() >= 22));
    assert_eq!(claims.get("nonce"), None);
    claims
}

/// Moves the clock until the receiver hears something.
pub async fn hears(receiver: &mut Receiver, hand: &clock::ClockHand, step: Duration) -> Received {
    let mut heard = None;
    until_async(async || {
        heard = receiver.try_next();
        if heard.is_none() {
            hand.advance(step);
        }
        heard.is_some()
    })
    .await;
    heard.unwrap()
}

/// Returns what is still to be sent, ever.
async fn left(provider: &Provider) -> Vec<LogoutNotice> {
    let end = provider.app.clock.now() + DAY * 10_000;
    provider.app.oidc.notices.due_notices(end, &[], 1000).await.unwrap()
}

pub async fn none_is_left(provider: &Provider) {
    until_async(async || left(provider).await.is_empty()).await;
}

/// Signs a browser in to `other`, and returns its session.
async fn joins_other(provider: &Provider, browser: &Browser) -> String {
    let changes = [
        ("client_id", "other"),
        ("redirect_uri", "https://other.example/callback"),
        ("code_challenge", &challenge()),
        ("code_challenge_method", "S256"),
    ];
    let response = browser.until_app(browser.authorize(&changes).await).await;
    let mut form = code_form(&response["code"], "https://other.example/callback");
    form.push(("code_verifier", VERIFIER));
    let tokens = provider.call_as("other", "/oauth/token", &form).await.ok();
    claims(&tokens["id_token"])["sid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_app_of_a_session_is_told_once_and_no_other() {
    let provider = Provider::start().await;
    let (mut web, mut other, mut closed) = (Receiver::start().await, Receiver::start().await, Receiver::start().await);
    tells(&provider, &[("web", &web), ("other", &other), ("closed", &closed)]);
    let browser = provider.signed_in("dong").await;
    let elsewhere = provider.signed_in("dong").await;
    let id_token = browser.tokens(&provider, "openid").await["id_token"].clone();
    // Twice in the same session, and once in another one.
    browser.tokens(&provider, "openid profile").await;
    elsewhere.tokens(&provider, "openid").await;
    joins_other(&provider, &browser).await;
    browser.0.post("/api/logout", &[]).await.ok();
    for (receiver, app) in [(&mut web, "web"), (&mut other, "other")] {
        let told = verified(&provider, &receiver.next().await, app).await;
        assert_eq!((&told["sub"], &told["sid"]), (&claims(&id_token)["sub"], &claims(&id_token)["sid"]));
    }
    until_async(async || left(&provider).await.len() == 1).await;
    for receiver in [&mut web, &mut other, &mut closed] {
        assert!(receiver.try_next().is_none());
    }
}

#[tokio::test]
async fn an_app_hears_of_every_way_a_session_ends() {
    let (provider, hand) = Provider::still().await;
    let mut web = Receiver::start().await;
    tells(&provider, &[("web", &web)]);
    for way in ["revoke", "others", "disable", "password", "sign-out", "delete", "expiry"] {
        let phone = Phone::new(&*provider, way).await;
        let browser = provider.browser();
        browser.scan_with(&phone).await;
        let tokens = browser.tokens(&provider, "openid").await;
        let session = claims(&tokens["id_token"])["sid"].as_str().unwrap().to_owned();
        // What the command line does, from another process.
        let accounts = &provider.app.accounts;
        match way {
            "revoke" => drop(phone.client.post("/api/sessions/revoke", &[("session_id", &session)]).await.ok()),
            "others" => drop(phone.client.post("/api/sessions/revoke-others", &[]).await.ok()),
            "disable" => drop(accounts.set_disabled(way, true).await.unwrap()),
            "password" => drop(accounts.set_password(way, "another password".to_owned()).await.unwrap()),
            "sign-out" => drop(accounts.sign_out(way).await.unwrap()),
            "delete" => drop(accounts.delete(way).await.unwrap()),
            _ => hand.advance(DAY * 400),
        }
        let told = hears(&mut web, &hand, Duration::from_secs(1)).await;
        assert_eq!(verified(&provider, &told, "web").await["sid"], session, "{way}");
        none_is_left(&provider).await;
    }
    assert!(web.try_next().is_none());
}

#[tokio::test]
async fn a_phone_that_signs_in_again_ends_the_apps_of_its_browser() {
    let provider = Provider::start().await;
    let mut web = Receiver::start().await;
    tells(&provider, &[("web", &web)]);
    let browser = Browser(testkit::browser_phone(&*provider, "dong").await);
    let tokens = browser.tokens(&provider, "openid").await;
    browser
        .0
        .clone()
        .always("sec-fetch-site", "same-origin")
        .post("/api/login", &[("username", "dong"), ("password", testkit::PASSWORD)])
        .await
        .ok();
    let told = verified(&provider, &web.next().await, "web").await;
    assert_eq!(told["sid"], claims(&tokens["id_token"])["sid"]);
}

#[tokio::test]
async fn an_app_that_fails_is_told_again_until_it_accepts() {
    let (provider, hand) = Provider::still().await;
    let mut web = Receiver::start().await;
    tells(&provider, &[("web", &web)]);
    let browser = provider.signed_in("dong").await;
    browser.tokens(&provider, "openid").await;
    web.answer("503 Service Unavailable", "");
    browser.0.post("/api/logout", &[]).await.ok();
    let mut ids = vec![verified(&provider, &web.next().await, "web").await["jti"].clone()];
    for status in ["500 Internal Server Error", "429 Too Many Requests", "200 OK"] {
        until_async(async || left(&provider).await.iter().all(|one| one.due_at > provider.app.clock.now())).await;
        web.answer(status, "");
        let told = hears(&mut web, &hand, Duration::from_secs(60)).await;
        ids.push(verified(&provider, &told, "web").await["jti"].clone());
    }
    none_is_left(&provider).await;
    hand.advance(DAY);
    ids.dedup();
    assert_eq!(ids.len(), 4, "an app that remembers what it has seen must take the repetition");
    assert!(web.try_next().is_none());
}

#[tokio::test]
async fn an_app_that_is_down_is_told_when_it_is_back() {
    let (provider, hand) = Provider::still().await;
    let web = Receiver::start().await;
    tells(&provider, &[("web", &web)]);
    let browser = provider.signed_in("dong").await;
    browser.tokens(&provider, "openid").await;
    let address = web.address();
    drop(web);
    browser.0.post("/api/logout", &[]).await.ok();
    until_async(async || left(&provider).await[0].attempts == 1).await;
    let mut web = Receiver::at(address).await;
    let told = hears(&mut web, &hand, Duration::from_secs(5)).await;
    verified(&provider, &told, "web").await;
    none_is_left(&provider).await;
}

#[tokio::test]
async fn an_app_that_refuses_is_not_told_again() {
    let (provider, hand) = Provider::still().await;
    let (mut web, mut other, mut elsewhere) =
        (Receiver::start().await, Receiver::start().await, Receiver::start().await);
    tells(&provider, &[("web", &web), ("other", &other)]);
    let redirect = format!("Location: {}", elsewhere.url("/internal"));
    for (status, header) in [("400 Bad Request", ""), ("404 Not Found", ""), ("307 Temporary Redirect", &*redirect)] {
        web.answer_with(status, header, "{\"error\":\"invalid_request\"}");
        let browser = provider.signed_in("dong").await;
        browser.tokens(&provider, "openid").await;
        browser.0.post("/api/logout", &[]).await.ok();
        web.next().await;
        none_is_left(&provider).await;
    }
    hand.advance(DAY);
    let browser = provider.signed_in("dong").await;
    joins_other(&provider, &browser).await;
    browser.0.post("/api/logout", &[]).await.ok();
    other.next().await;
    assert!(web.try_next().is_none());
    assert!(elsewhere.try_next().is_none(), "a redirect is not followed");
}

#[tokio::test]
async fn an_app_that_hangs_delays_no_other() {
    let provider = Provider::start().await;
    let (web, mut other) = (Receiver::start().await, Receiver::start().await);
    tells(&provider, &[("web", &web), ("other", &other)]);
    web.hang();
    let phone = Phone::new(&*provider, "dong").await;
    // More than it gets at once.
    let browsers = futures::future::join_all((0..12).map(async |_| {
        let browser = provider.browser();
        browser.scan_with(&phone).await;
        browser.tokens(&provider, "openid").await;
        browser
    }));
    let browsers = browsers.await;
    let session = joins_other(&provider, &browsers[0]).await;
    phone.client.post("/api/sessions/revoke-others", &[]).await.ok();
    assert_eq!(verified(&provider, &other.next().await, "other").await["sid"], session);
    let waiting = left(&provider).await;
    let tried = waiting.iter().filter(|notice| notice.attempts > 0).count();
    assert!(waiting.len() == 12 && tried <= 8, "{waiting:?}");
    // A sign-out does not wait, either: it has been answered.
    browsers[1].0.get("/api/userinfo").await.refused(401, "token_revoked");
}

#[tokio::test]
async fn a_code_is_worth_nothing_once_its_session_has_ended() {
    let provider = Provider::start().await;
    let mut web = Receiver::start().await;
    tells(&provider, &[("web", &web)]);
    let browser = provider.signed_in("dong").await;
    // The app would sign the person in, and never hear of the end.
    let code = browser.code(&[("scope", "openid offline_access")]).await;
    browser.0.post("/api/logout", &[]).await.ok();
    oauth_error(&provider.exchange(&code).await, 400, "invalid_grant");
    assert!(left(&provider).await.is_empty() && web.try_next().is_none());
}

#[tokio::test]
async fn an_app_that_stays_connected_is_told_and_stays_connected() {
    let provider = Provider::start().await;
    let mut web = Receiver::start().await;
    tells(&provider, &[("web", &web)]);
    let browser = provider.signed_in("dong").await;
    let tokens = browser.tokens(&provider, "openid offline_access").await;
    browser.0.post("/api/logout", &[]).await.ok();
    verified(&provider, &web.next().await, "web").await;
    assert!(provider.works(tokens["access_token"].as_str().unwrap()).await);
}

#[tokio::test]
async fn an_app_that_this_node_does_not_know_is_told_when_it_does() {
    let (provider, hand) = Provider::still().await;
    let mut web = Receiver::start().await;
    tells(&provider, &[("web", &web)]);
    let browser = provider.signed_in("dong").await;
    browser.tokens(&provider, "openid").await;
    provider.apps(APPS);
    browser.0.post("/api/logout", &[]).await.ok();
    until_async(async || left(&provider).await[0].attempts == 1).await;
    assert!(web.try_next().is_none());
    tells(&provider, &[("web", &web)]);
    let told = hears(&mut web, &hand, Duration::from_secs(5)).await;
    verified(&provider, &told, "web").await;
}
