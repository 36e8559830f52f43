//! Someone who reads the history of a shared browser, or the access log of a proxy, wants a password: one that was
//! typed into the wrong field by mistake, if the URL of the next page contains it.

use super::server::{PASSWORD, Server};
use testkit::{Answer, Client};

/// A password in the username field.
const TYPED: &str = "correct \"horse\" 张三";
const IN_THE_PAGE: &str = "correct &quot;horse&quot; 张三";
const COOKIE: &str = "qr_typed";

async fn fail(client: &Client, page: &str) -> Answer {
    let form = [("username", TYPED), ("password", "x"), ("page", page), ("next", "/app"), ("device_kind", "phone")];
    client.post("/api/login", &form).await
}

#[tokio::test]
async fn the_next_page_repeats_the_username_but_no_url_does() {
    let server = Server::start().await;
    let client = Client::new(&server).plain_forms();
    let id = testkit::Pc::new(&server).ticket().await;
    for page in
        ["", &format!("/confirm?id={id}"), &format!("/confirm?id={id}&username=correct"), "https://evil.example"]
    {
        let failed = fail(&client, page).await;
        let location = failed.leads_to();
        for part in ["username", "correct", "horse", "%E5%BC%A0", "+"] {
            assert!(!location.contains(part), "{location}");
        }
        let cookie = failed.set_cookie(COOKIE).expect("the name travels in a cookie");
        assert!(cookie.contains("HttpOnly") && cookie.contains("Max-Age=60"), "{cookie}");
        assert!(!cookie.contains("correct"), "a cookie's value cannot hold any text as it is: {cookie}");

        let shown = client.get(&location).await;
        assert!(shown.body.contains(&format!("value=\"{IN_THE_PAGE}\"")), "{page}: {}", shown.body);
        assert_eq!(client.cookie(COOKIE), None, "shown once");
        assert!(!client.get(&location).await.body.contains(IN_THE_PAGE), "shown once");
    }
}

#[tokio::test]
async fn nothing_is_left_for_the_next_person() {
    let server = Server::start().await;
    server.account("dong").await;
    let form = [("username", "dong"), ("password", PASSWORD)];
    let signed_in = Client::new(&server).plain_forms().post("/api/login", &form).await;
    assert_eq!(signed_in.set_cookie(COOKIE), None, "a sign-in that succeeded is not repeated");
    let app = Client::new(&server).post("/api/login", &[("username", TYPED), ("password", "x")]).await;
    assert_eq!(app.set_cookie(COOKIE), None, "an app shows no page");
    let foreign = Client::new(&server).plain_forms().always("origin", "https://evil.example");
    assert_eq!(fail(&foreign, "").await.set_cookie(COOKIE), None, "another site plants no name");
}

#[tokio::test]
async fn a_link_cannot_prefill_the_form() {
    let server = Server::start().await;
    let id = testkit::Pc::new(&server).ticket().await;
    for page in ["/?tab=password".to_owned(), format!("/confirm?id={id}")] {
        let page = Client::new(&server).get(&format!("{page}&username=planted&error=invalid_credentials")).await;
        assert!(page.body.contains("name=\"username\"") && !page.body.contains("value=\"planted"), "{}", page.body);
    }
    let client = Client::new(&server);
    for planted in ["%22%3E", "====", "_w", "\u{7f}", ""] {
        client.plant(COOKIE, planted);
        assert_eq!(client.get("/?tab=password").await.status, 200, "{planted:?}");
    }
}
