//! The consent page, for a person who is signed in already.

use super::provider::*;
use testkit::Client;

async fn question(browser: &Browser, changes: testkit::Fields<'_>) -> (String, testkit::Answer) {
    let page = browser.0.get(&next_of(&browser.authorize(changes).await).unwrap()).await;
    assert!(page.body.contains("action=\"/oauth/consent\""), "{}", page.body);
    (field_of(&page.body, "i"), page)
}

#[tokio::test]
async fn it_names_the_app_the_person_and_what_is_shared() {
    let provider = Provider::start().await;
    let browser = provider.signed_in("dong").await;
    let (_, page) = question(&browser, &[("scope", "openid email")]).await;
    for words in ["Sign in to Grafana", "dong the tester", "Your e-mail address", "return to app.example"] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    assert!(!page.body.contains("Your groups"));
    assert_eq!(page.header("cross-origin-opener-policy"), "unsafe-none");
    assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
}

#[tokio::test]
async fn it_is_asked_once_and_again_for_more() {
    let provider = Provider::start().await;
    let browser = provider.signed_in("dong").await;
    browser.code(&[("scope", "openid email")]).await;
    assert!(browser.authorize(&[("scope", "openid")]).await.header("location").starts_with(CALLBACK));
    question(&browser, &[("scope", "openid groups")]).await;
    question(&browser, &[("scope", "openid"), ("prompt", "consent")]).await;
}

#[tokio::test]
async fn a_form_is_answered_by_a_page_that_moves_on() {
    let provider = Provider::start().await;
    let browser = provider.signed_in("dong").await;
    let (i, _) = question(&browser, &[]).await;
    let allowed = browser.0.post("/oauth/consent", &[("i", &i), ("answer", "allow")]).await;
    assert_eq!((allowed.status.as_u16(), next_of(&allowed)), (200, Some(format!("/oauth/continue?i={i}"))));
    assert!(!allowed.header("content-security-policy").contains("form-action"));
}

#[tokio::test]
async fn who_declines_returns_to_the_app_with_nothing() {
    let provider = Provider::start().await;
    let browser = provider.signed_in("dong").await;
    let (i, _) = question(&browser, &[]).await;
    let denied = browser.0.post("/oauth/consent", &[("i", &i), ("answer", "deny")]).await;
    let response = response_of(&next_of(&denied).unwrap());
    assert_eq!((response["error"].as_str(), response["state"].as_str()), ("access_denied", "s"));
    assert_eq!(response["iss"], provider.issuer());
    let again = browser.0.get(&format!("/oauth/continue?i={i}")).await;
    assert_eq!(again.status.as_u16(), 400, "it is over");
}

#[tokio::test]
async fn no_other_site_answers_for_the_person() {
    let provider = Provider::start().await;
    let browser = provider.signed_in("dong").await;
    let (i, _) = question(&browser, &[]).await;
    let elsewhere = browser.0.clone().always("origin", "https://evil.example");
    let forged = elsewhere.post("/oauth/consent", &[("i", &i), ("answer", "allow")]).await;
    assert_eq!(forged.status.as_u16(), 403, "{}", forged.body);
    let asked = browser.0.get(&format!("/oauth/continue?i={i}")).await;
    assert!(asked.body.contains("action=\"/oauth/consent\""), "{}", asked.body);
}

#[tokio::test]
async fn another_browser_can_neither_see_nor_answer_it() {
    let provider = Provider::start().await;
    let browser = provider.signed_in("dong").await;
    let (i, _) = question(&browser, &[]).await;
    for stranger in [provider.signed_in("guang").await.0, Client::new(&*provider)] {
        let seen = stranger.get(&format!("/oauth/continue?i={i}")).await;
        assert_eq!(seen.status.as_u16(), 400, "{}", seen.body);
        assert!(!seen.body.contains("Grafana"));
        let answered = stranger.post("/oauth/consent", &[("i", &i), ("answer", "allow")]).await;
        assert_eq!(answered.status.as_u16(), 400, "{}", answered.body);
    }
    browser.0.post("/oauth/consent", &[("i", &i), ("answer", "allow")]).await;
    let done = browser.0.get(&format!("/oauth/continue?i={i}")).await;
    assert!(next_of(&done).unwrap().starts_with(CALLBACK));
}

#[tokio::test]
async fn an_interaction_ends_after_a_quarter_of_an_hour_and_with_its_answer() {
    let (provider, hand) = Provider::still().await;
    let browser = provider.signed_in("dong").await;
    let (late, _) = question(&browser, &[]).await;
    hand.advance(std::time::Duration::from_secs(15 * 60));
    assert_eq!(browser.0.get(&format!("/oauth/continue?i={late}")).await.status.as_u16(), 400);
    let (i, _) = question(&browser, &[]).await;
    browser.0.post("/oauth/consent", &[("i", &i), ("answer", "allow")]).await;
    let path = format!("/oauth/continue?i={i}");
    let answers = futures::future::join_all((0..10).map(|_| browser.0.get(&path))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status.as_u16() == 303).count(), 1, "one code alone");
}
