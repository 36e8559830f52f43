//! Old sign-ins that count as new ones, interactions that others finish, and consent that nobody gave.

use crate::oidc::oidf::{Person, stays};
use crate::oidc::provider::*;
use testkit::{Fields, Phone, browser_phone};

/// Starts a request that needs the person, and returns the id of its interaction.
async fn started(browser: &Browser, changes: Fields<'_>) -> String {
    let next = next_of(&browser.authorize(changes).await).unwrap();
    let path = response_of(&next).remove("next").unwrap_or(next);
    path.strip_prefix("/oauth/continue?i=").unwrap_or_else(|| panic!("no interaction: {path}")).to_owned()
}

async fn proceed(browser: &Browser, interaction: &str) -> testkit::Answer {
    browser.0.get(&format!("/oauth/continue?i={interaction}")).await
}

/// A session that began before the request satisfies neither `prompt=login` nor `max_age` nor a demand for a scan
#[tokio::test]
async fn m14_old_session_satisfies_a_new_sign_in() {
    let wants: [Fields<'_>; 6] = [
        &[("prompt", "login")],
        &[("prompt", "select_account")],
        &[("prompt", "login consent")],
        &[("max_age", "0")],
        &[("max_age", "4")],
        &[("acr_values", "urn:qr-login:acr:scan")],
    ];
    for changes in wants {
        let person = Person::new().await;
        let (_, first) = person.sign_in(&[]).await;
        person.wait(5);
        let interaction = started(&person.browser, changes).await;
        for _ in 0..3 {
            let next = next_of(&proceed(&person.browser, &interaction).await).unwrap();
            assert!(next.starts_with("/?next="), "{changes:?}: {next}");
        }
        // The old session consents to nothing here, either.
        person.browser.0.post("/oauth/consent", &[("i", &interaction), ("answer", "allow")]).await;
        let next = next_of(&proceed(&person.browser, &interaction).await).unwrap();
        assert!(next.starts_with("/?next="), "{changes:?}: {next}");
        person.browser.scan_with(&person.phone).await;
        let response = person.browser.until_app(proceed(&person.browser, &interaction).await).await;
        let tokens = person.exchange(&response["code"]).await.ok();
        let second = person.verified(&tokens, None).await;
        assert!(second["auth_time"].as_i64() > first["auth_time"].as_i64(), "{changes:?}");
    }
}

/// A number of seconds beyond all time is no reason to fail, and no age means none
#[tokio::test]
async fn m14_max_age_out_of_range() {
    let person = Person::new().await;
    person.sign_in(&[]).await;
    for endless in ["9223372036854775807", "18446744073709551615"] {
        assert_eq!(person.ask(&[("max_age", endless)]).await.scans, 0);
    }
    for wrong in ["-1", "1.5", "x", "99999999999999999999"] {
        person.error(&person.ask(&[("max_age", wrong)]).await, "s", &["invalid_request"]);
    }
}

/// Nobody but the browser that made the request can see it, sign in for it, answer it or take its code
#[tokio::test]
async fn m15_another_browser_finishes_it() {
    let provider = Provider::start().await;
    let phone = Phone::new(&*provider, "dong").await;
    let attacker = provider.browser();
    let interaction = started(&attacker, &[]).await;
    let strangers = [provider.browser(), provider.signed_in("guang").await];
    for victim in &strangers {
        // As if the attacker had sent a link to the sign-in page, or to the next step.
        let page = victim.0.get(&format!("/?next=%2Foauth%2Fcontinue%3Fi%3D{interaction}")).await;
        assert!(!page.body.contains("Grafana"), "{}", page.body);
        let ticket = victim.0.post("/api/qrcode/generate", &[("interaction", &interaction)]).await;
        assert!(!ticket.body.contains("Grafana"));
        stays(&proceed(victim, &interaction).await, 400);
        stays(&victim.0.post("/oauth/consent", &[("i", &interaction), ("answer", "allow")]).await, 400);
        stays(&victim.0.post("/oauth/consent", &[("i", &interaction), ("answer", "deny")]).await, 400);
    }
    strangers[0].scan_with(&phone).await;
    stays(&proceed(&strangers[0], &interaction).await, 400);
    // Who made the request is not signed in by any of that.
    let next = next_of(&proceed(&attacker, &interaction).await).unwrap();
    assert!(next.starts_with("/?next="), "{next}");
}

const NATIVE_URI: &str = "http://127.0.0.1:4000/callback";

/// The native app's request.
fn native<'a>(challenge: &'a str, uri: &'a str) -> [(&'a str, &'a str); 4] {
    [("client_id", "native"), ("redirect_uri", uri), ("code_challenge", challenge), ("code_challenge_method", "S256")]
}

/// Checks that the person is asked before the app gets anything.
async fn asks(browser: &Browser, changes: Fields<'_>) -> String {
    let interaction = started(browser, changes).await;
    let page = proceed(browser, &interaction).await;
    assert!(page.body.contains("action=\"/oauth/consent\""), "{changes:?}: {}", page.body);
    let silent = browser.authorize(&[changes, &[("prompt", "none")]].concat()).await;
    assert_eq!(response_of(&next_of(&silent).unwrap())["error"], "consent_required", "{changes:?}");
    interaction
}

async fn allow(browser: &Browser, interaction: &str) {
    browser.0.post("/oauth/consent", &[("i", interaction), ("answer", "allow")]).await;
    browser.until_app(proceed(browser, interaction).await).await;
}

/// A native app asks each time, because any program can pass as it
#[tokio::test]
async fn m16_consent_skipped_for_a_native_app() {
    let provider = Provider::start().await;
    let schemes = "\"app.immich:///oauth-callback\"";
    provider.edit_apps(schemes, &format!("{schemes}, \"https://terminal.example/callback\""));
    let browser = provider.signed_in("dong").await;
    let challenge = challenge();
    for uri in [NATIVE_URI, "app.immich:///oauth-callback", "https://terminal.example/callback"] {
        for _ in 0..2 {
            let interaction = asks(&browser, &native(&challenge, uri)).await;
            allow(&browser, &interaction).await;
        }
    }
}

/// An app without a secret that is redirected to the person's own device asks each time, too, whatever its block says
#[tokio::test]
async fn m16_consent_skipped_for_a_public_app_on_this_device() {
    let provider = Provider::start().await;
    let uri = "http://localhost:5173/callback";
    provider.edit_apps("https://map.example/callback", uri);
    let browser = provider.signed_in("dong").await;
    let challenge = challenge();
    let pkce = [("code_challenge", challenge.as_str()), ("code_challenge_method", "S256")];
    let request = [&[("client_id", "spa"), ("redirect_uri", uri)], &pkce[..]].concat();
    for _ in 0..2 {
        let interaction = asks(&browser, &request).await;
        allow(&browser, &interaction).await;
    }
}

/// More scopes, another person, a new `prompt=consent` and a disconnected app ask again
#[tokio::test]
async fn m16_consent_skipped_for_what_was_never_shown() {
    let provider = Provider::start().await;
    let browser = provider.signed_in("dong").await;
    let interaction = asks(&browser, &[("scope", "openid email")]).await;
    allow(&browser, &interaction).await;
    for covered in ["openid", "email openid", "openid nonsense"] {
        assert!(browser.authorize(&[("scope", covered)]).await.header("location").starts_with(CALLBACK), "{covered}");
    }
    browser.step_up().await;
    for more in ["openid email groups", "openid profile", "openid offline_access"] {
        asks(&browser, &[("scope", more)]).await;
    }
    let next = next_of(&browser.authorize(&[("prompt", "consent")]).await).unwrap();
    assert!(next.starts_with("/oauth/continue"), "{next}");
    asks(&provider.signed_in("guang").await, &[("scope", "openid")]).await;
    let phone = browser_phone(&*provider, "dong").await;
    phone.post("/api/apps/disconnect", &[("client_id", "web")]).await.ok();
    asks(&browser, &[("scope", "openid")]).await;
}

/// Consent to one app is none for another
#[tokio::test]
async fn m16_consent_taken_for_another_app() {
    let provider = Provider::start().await;
    provider
        .edit_apps("redirect_uris = [\"https://other.example/callback\"]", "redirect_uris = [\"https://o.example/\"]");
    let browser = provider.signed_in("dong").await;
    browser.code(&[]).await;
    // The operator's own app is silent, and its silence is no consent for others.
    let own = [("client_id", "other"), ("redirect_uri", "https://o.example/")];
    let challenge = challenge();
    let pkce = [("code_challenge", challenge.as_str()), ("code_challenge_method", "S256")];
    let silent = browser.authorize(&[&own[..], &pkce].concat()).await;
    assert!(next_of(&silent).unwrap().starts_with("https://o.example/?code="), "{silent:?}");
    asks(&browser, &native(&challenge, NATIVE_URI)).await;
}
