//! Sign-outs that nobody asked for, or that end somewhere else.

use crate::oidc::oidf::stays;
use crate::oidc::provider::*;
use testkit::{Client, browser_phone};

const BYE: &str = "https://app.example/bye";

async fn hint(provider: &Provider, browser: &Browser) -> String {
    browser.tokens(provider, "openid").await["id_token"].as_str().unwrap().to_owned()
}

async fn is_signed_in(browser: &Browser) -> bool {
    browser.0.get("/api/userinfo").await.status.is_success()
}

/// After a sign-out nobody is redirected but to exactly what that app has registered
#[tokio::test]
async fn also_sign_out_redirects_anywhere() {
    let provider = Provider::start().await;
    let browser = provider.signed_in("dong").await;
    let hint = hint(&provider, &browser).await;
    let bad = [
        "https://evil.example/",
        "https://app.example/bye/",
        "https://app.example/bye?",
        "https://app.example/bye#x",
        "https://app.example/BYE",
        "https://app.example/callback",
        "https://app.example/bye@evil.example",
        "https://other.example/bye",
        "//evil.example/",
        "javascript:alert(1)",
    ];
    for uri in bad {
        for client_id in ["", "web", "other"] {
            let query = [("post_logout_redirect_uri", uri), ("id_token_hint", hint.as_str()), ("client_id", client_id)];
            let without_hint = [query[0], query[2]];
            for answer in
                [browser.0.ask("/oauth/logout", &query).await, provider.browser().0.ask("/oauth/logout", &query).await]
            {
                stays(&answer, 400);
                assert!(!answer.body.contains("evil.example"));
            }
            if client_id != "other" || uri != "https://other.example/bye" {
                stays(&browser.0.ask("/oauth/logout", &without_hint).await, 400);
            }
        }
    }
    let two = format!("/oauth/logout?post_logout_redirect_uri={BYE}&post_logout_redirect_uri=https://evil.example/");
    stays(&browser.0.get(&format!("{two}&id_token_hint={hint}")).await, 400);
    assert!(is_signed_in(&browser).await);
}

/// A page of another site cannot sign anybody out: without a hint of theirs the person is asked, and no other site can
/// answer
#[tokio::test]
async fn also_sign_out_by_another_site() {
    let provider = Provider::start().await;
    let browser = provider.signed_in("dong").await;
    let stranger = hint(&provider, &provider.signed_in("guang").await).await;
    for query in ["", "?client_id=web", &format!("?id_token_hint={stranger}"), "?confirm=yes", "?confirm=yes&state=x"] {
        stays(&browser.0.get(&format!("/oauth/logout{query}")).await, 200);
        assert!(is_signed_in(&browser).await, "{query}");
    }
    let elsewhere = browser.0.clone().always("origin", "https://evil.example");
    let answer = elsewhere.post("/oauth/logout", &[("confirm", "yes"), ("client_id", "web")]).await;
    let next = next_of(&answer).unwrap();
    assert!(next.starts_with("/oauth/logout?") && !next.contains("confirm"), "{next}");
    stays(&browser.0.get(&next).await, 200);
    assert!(is_signed_in(&browser).await);
}

/// No app ends the session of a phone without asking: it is the key to every computer
#[tokio::test]
async fn also_sign_out_of_the_phone() {
    let provider = Provider::start().await;
    let phone = Browser(browser_phone(&*provider, "dong").await);
    let hint = hint(&provider, &phone).await;
    let query = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", BYE), ("state", "x")];
    let question = phone.0.ask("/oauth/logout", &query).await;
    stays(&question, 200);
    assert!(is_signed_in(&phone).await);
    let form = [&query[..], &[("confirm", "yes")]].concat();
    let done = phone.0.post("/oauth/logout", &form).await;
    assert_eq!((done.status.as_u16(), next_of(&done)), (200, Some(format!("{BYE}?state=x"))));
    assert!(!is_signed_in(&phone).await);
}

/// A hint that names another app than the request is refused, and one that has expired is accepted
#[tokio::test]
async fn also_sign_out_with_a_foreign_or_an_old_hint() {
    let (provider, hand) = Provider::still().await;
    let browser = provider.signed_in("dong").await;
    let hint = hint(&provider, &browser).await;
    let foreign = [("id_token_hint", hint.as_str()), ("client_id", "other")];
    stays(&browser.0.ask("/oauth/logout", &foreign).await, 400);
    assert!(is_signed_in(&browser).await);
    hand.advance(std::time::Duration::from_secs(60 * 60));
    let own = [("id_token_hint", hint.as_str()), ("client_id", "web"), ("post_logout_redirect_uri", BYE)];
    assert_eq!(next_of(&browser.0.ask("/oauth/logout", &own).await).as_deref(), Some(BYE));
    assert!(!is_signed_in(&browser).await);
    // Twice is no fault.
    assert_eq!(next_of(&Client::new(&*provider).ask("/oauth/logout", &own).await).as_deref(), Some(BYE));
}

/// An app may also ask by POST
#[tokio::test]
async fn also_sign_out_by_post() {
    let provider = Provider::start().await;
    let browser = provider.signed_in("dong").await;
    let hint = hint(&provider, &browser).await;
    let form = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", BYE), ("state", "a b")];
    // As from a page of the app, whose POST brings none of our cookies.
    let stranger = Client::new(&*provider).always("origin", "https://app.example");
    let next = next_of(&stranger.post("/oauth/logout", &form).await).unwrap();
    let done = browser.0.get(&next).await;
    assert_eq!(next_of(&done), Some(format!("{BYE}?state=a+b")));
    assert!(!is_signed_in(&browser).await);
}
