//! A sign-in to an app by a scan: one tap says who, where, and what the app learns.

use super::provider::*;
use crate::server::until_async;
use serde_json::json;
use testkit::{Phone, browser_phone, sign_in};

/// Starts a sign-in in a browser that is not signed in, and returns the id of its interaction.
async fn started(browser: &Browser, changes: testkit::Fields<'_>) -> String {
    let page = browser.authorize(changes).await;
    let next = next_of(&page).unwrap();
    let path = response_of(&next).remove("next").unwrap_or_else(|| panic!("{next}"));
    path.strip_prefix("/oauth/continue?i=").unwrap().to_owned()
}

async fn ticket_for(browser: &Browser, interaction: &str) -> String {
    browser.0.post("/api/qrcode/generate", &[("interaction", interaction)]).await.text("id")
}

#[tokio::test]
async fn one_tap_signs_in_and_consents() {
    let provider = Provider::start().await;
    let phone = Phone::new(&*provider, "dong").await;
    let browser = provider.browser();
    let i = started(&browser, &[("scope", "openid profile email")]).await;
    let page = browser.0.get(&format!("/?next=%2Foauth%2Fcontinue%3Fi%3D{i}")).await;
    assert!(page.body.contains("Sign in to Grafana"), "{}", page.body);
    let ticket = ticket_for(&browser, &i).await;
    let scanned = phone.scan(&ticket).await;
    let app = json!({"client_id": "web", "name": "Grafana", "logo_url": null, "scope": "openid profile email"});
    assert_eq!(scanned.ok()["requester"]["app"], app);
    phone.confirm(&ticket, &scanned.text("confirm_token")).await.ok();
    browser.0.post("/api/qrcode/redeem", &[("id", &ticket)]).await.ok();
    let done = browser.0.get(&format!("/oauth/continue?i={i}")).await;
    let response = response_of(&next_of(&done).unwrap());
    assert_eq!(response["iss"], provider.issuer());
    assert_eq!(response["state"], "s");
    let tokens = provider.exchange(&response["code"]).await.ok();
    assert_eq!(header(&tokens["id_token"])["alg"], "RS256");
    let claims = claims(&tokens["id_token"]);
    assert_eq!(claims["acr"], "urn:qr-login:acr:scan");
    assert_eq!(claims["amr"], json!(["mca", "user"]));
    assert_eq!(claims["preferred_username"], "dong");
    // The consent is remembered.
    assert!(browser.authorize(&[("prompt", "none")]).await.header("location").contains("code="));
}

/// A PC that was approved by mistake must not get an app that stays when it is signed out.
#[tokio::test]
async fn a_pc_by_a_code_lets_no_app_stay_unless_the_phone_has_shown_it() {
    let provider = Provider::start().await;
    let phone = Phone::new(&*provider, "dong").await;
    let browser = provider.signed_in("dong").await;
    let scope = [("scope", "openid offline_access")];
    let i = started(&browser, &scope).await;
    // Neither the form of the page that it was not shown, nor one more sign-in that names no app.
    for _ in 0..2 {
        browser.0.post("/oauth/consent", &[("i", &i), ("answer", "allow")]).await;
        let next = next_of(&browser.0.get(&format!("/oauth/continue?i={i}")).await).unwrap();
        assert!(next.starts_with("/?next="), "{next}");
        browser.scan_with(&phone).await;
    }
    let silent = browser.authorize(&[scope[0], ("prompt", "none")]).await;
    assert_eq!(response_of(&next_of(&silent).unwrap())["error"], "consent_required");

    let ticket = ticket_for(&browser, &i).await;
    phone.approve(&ticket).await;
    browser.0.post("/api/qrcode/redeem", &[("id", &ticket)]).await.ok();
    let done = browser.0.get(&format!("/oauth/continue?i={i}")).await;
    let tokens = provider.exchange(&response_of(&next_of(&done).unwrap())["code"]).await.ok();
    assert!(tokens["refresh_token"].is_string());
    // What the person has agreed to is not asked again, but the app does not stay by an answer that this PC gave alone.
    let again = browser.authorize(&scope).await;
    let tokens = provider.exchange(&response_of(&next_of(&again).unwrap())["code"]).await.ok();
    assert_eq!((&tokens["scope"], tokens.get("refresh_token")), (&json!("openid"), None));

    let other = provider.signed_in("guang").await;
    other.step_up().await;
    let page = other.authorize(&scope).await;
    assert!(next_of(&page).unwrap().starts_with("/oauth/continue"), "after the password the page asks");
}

#[tokio::test]
async fn the_page_that_the_pc_shows_has_a_code_for_the_app() {
    let provider = Provider::start().await;
    let phone = Phone::new(&*provider, "dong").await;
    let browser = provider.browser();
    let i = started(&browser, &[]).await;
    let page = browser.0.get(&format!("/?next=%2Foauth%2Fcontinue%3Fi%3D{i}")).await;
    let ticket = page.body.split_once("data-ticket=\"").unwrap().1.split_once("id&quot;:&quot;").unwrap().1;
    let ticket = ticket.split_once("&quot;").unwrap().0;
    assert_eq!(phone.scan(ticket).await.ok()["requester"]["app"]["name"], "Grafana");
}

#[tokio::test]
async fn the_phone_shows_the_app_and_what_it_would_learn() {
    let provider = Provider::start().await;
    let phone = browser_phone(&*provider, "dong").await.plain_forms();
    let browser = provider.browser();
    let scope = "openid profile email groups offline_access";
    let i = started(&browser, &[("scope", scope), ("login_hint", "guang")]).await;
    let ticket = ticket_for(&browser, &i).await;
    phone.post("/api/qrcode/scan", &[("id", &ticket)]).await;
    let page = phone.get(&format!("/confirm?id={ticket}")).await.body;
    for words in [
        "Sign in to Grafana",
        "Your name, username and picture",
        "Your e-mail address",
        "Your groups",
        "while you are signed out",
        "The app expects guang",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

#[tokio::test]
async fn a_code_that_is_not_for_an_app_consents_to_nothing() {
    let provider = Provider::start().await;
    let browser = provider.signed_in("dong").await;
    let page = browser.authorize(&[]).await;
    let continued = browser.0.get(&next_of(&page).unwrap()).await;
    assert!(continued.body.contains("action=\"/oauth/consent\""), "{}", continued.body);
}

#[tokio::test]
async fn what_the_phone_declines_signs_in_nowhere() {
    let provider = Provider::start().await;
    let phone = Phone::new(&*provider, "dong").await;
    let browser = provider.browser();
    let i = started(&browser, &[]).await;
    let ticket = ticket_for(&browser, &i).await;
    let token = phone.token_for(&ticket).await;
    phone.cancel(&ticket, &token).await.ok();
    browser.0.post("/api/qrcode/redeem", &[("id", &ticket)]).await.refused(410, "ticket_cancelled");
    let next = next_of(&browser.0.get(&format!("/oauth/continue?i={i}")).await).unwrap();
    assert!(next.starts_with("/?next="), "{next}");
}

#[tokio::test]
async fn a_tap_consents_to_its_own_interaction_alone() {
    let provider = Provider::start().await;
    let phone = Phone::new(&*provider, "dong").await;
    let browser = provider.browser();
    let native = [
        ("client_id", "native"),
        ("redirect_uri", "app.immich:///oauth-callback"),
        ("code_challenge", &challenge()),
        ("code_challenge_method", "S256"),
    ];
    let (one, two) = (started(&browser, &native).await, started(&browser, &native).await);
    let ticket = ticket_for(&browser, &one).await;
    phone.approve(&ticket).await;
    browser.0.post("/api/qrcode/redeem", &[("id", &ticket)]).await.ok();
    let first = browser.0.get(&format!("/oauth/continue?i={one}")).await;
    let location = next_of(&first).unwrap();
    assert!(location.starts_with("app.immich:///oauth-callback?code="), "{location}");
    let second = browser.0.get(&format!("/oauth/continue?i={two}")).await;
    assert!(second.body.contains("action=\"/oauth/consent\""), "{}", second.body);
}

#[tokio::test]
async fn a_password_signs_in_to_an_app_too_without_a_redirect_after_its_form() {
    let provider = Provider::start().await;
    provider.account("dong").await;
    let browser = provider.browser();
    let i = started(&browser, &[("login_hint", "dong")]).await;
    let next = format!("/oauth/continue?i={i}");
    let page = browser.0.get(&format!("/?tab=password&next={}", next.replace('/', "%2F").replace('?', "%3F"))).await;
    assert!(page.body.contains("value=\"dong\""), "the hint is filled in: {}", page.body);
    let form = [("username", "dong"), ("password", testkit::PASSWORD), ("device_kind", "pc"), ("next", &next)];
    let plain = Browser(browser.0.clone().plain_forms().always("origin", &provider.origin()));
    let hop = plain.0.post("/api/login", &form).await;
    assert_eq!((hop.status.as_u16(), next_of(&hop)), (200, Some(next)), "{}", hop.body);
    assert_eq!(hop.header("cross-origin-opener-policy"), "unsafe-none");
    let response = plain.until_app(hop).await;
    let tokens = provider.exchange(&response["code"]).await.ok();
    assert_eq!(claims(&tokens["id_token"])["amr"], json!(["pwd"]));
}

#[tokio::test]
async fn a_popup_keeps_its_opener_all_the_way() {
    let provider = Provider::start().await;
    let browser = provider.browser();
    let page = browser.authorize(&[]).await;
    let to_page = next_of(&page).unwrap();
    let i = response_of(&to_page).remove("next").unwrap();
    let steps = [page, browser.0.get(&to_page).await, browser.0.get(&i).await];
    for step in &steps {
        assert_eq!(step.header("cross-origin-opener-policy"), "unsafe-none", "{step:?}");
    }
    let wrong = [("username", "nobody"), ("password", "wrong"), ("next", i.as_str())];
    let failed = browser.0.clone().plain_forms().post("/api/login", &wrong).await;
    assert_eq!(failed.status.as_u16(), 303);
    assert_eq!(failed.header("cross-origin-opener-policy"), "unsafe-none");
    // Everything else stays isolated.
    assert_eq!(browser.0.get("/").await.header("cross-origin-opener-policy"), "same-origin");
}

#[tokio::test]
async fn a_person_who_signs_in_in_another_tab_goes_on_here() {
    let provider = Provider::start().await;
    let phone = Phone::new(&*provider, "dong").await;
    let browser = provider.browser();
    let i = started(&browser, &[]).await;
    browser.scan_with(&phone).await;
    let path = format!("/?next=%2Foauth%2Fcontinue%3Fi%3D{i}");
    until_async(async || browser.0.get(&path).await.header("location") == format!("/oauth/continue?i={i}")).await;
}

#[tokio::test]
async fn on_a_phone_the_person_is_signed_in_already_and_only_consents() {
    let provider = Provider::start().await;
    let phone = Browser(browser_phone(&*provider, "dong").await);
    let code = phone.code(&[]).await;
    let tokens = provider.exchange(&code).await.ok();
    assert_eq!(claims(&tokens["id_token"])["amr"], json!(["pwd"]));
    sign_in(&*provider, "dong").await.ok();
    assert!(provider.works(tokens["access_token"].as_str().unwrap()).await, "another phone changes nothing");
}
