//! A page of another origin wants its visitor's browser to connect a service, to give its key away, or to disconnect one
//! (CSRF); and another account of this server shows their own code to a visitor, so that the visitor connects their own account at
//! the service to the attacker's account here.

use super::server::Server;
use service::clients::Clients;
use testkit::{Receiver, browser_phone};

const OFFER: &str = r#"{"device_code": "d", "user_code": "WDJB-MJHT", "expires_in": 900,
    "verification_uri": "https://forge.example/device"}"#;

async fn site() -> (Server, Receiver) {
    let (server, forge) = (Server::start().await, Receiver::start().await);
    let entry = format!(
        "[[connection]]\nid = \"forge\"\nname = \"Forge\"\nclient_id = \"qr\"\ndevice_authorization_endpoint = \"{}\"\n\
         token_endpoint = \"{}\"\n",
        forge.url("/device"),
        forge.url("/token")
    );
    server.app.clients.replace(Clients::parse(&entry).unwrap());
    forge.answer("200 OK", OFFER);
    (server, forge)
}

#[tokio::test]
async fn by_a_form_of_another_origin() {
    let (server, mut forge) = site().await;
    let visitor = browser_phone(&server, "dong").await;
    let shown = visitor.post("/connections", &[("do", "start"), ("service", "forge")]).await.leads_to();
    forge.next().await;
    let id = shown.strip_prefix("/connections?id=").unwrap();
    for headers in [
        &[("origin", "https://evil.example")][..],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site"), ("origin", "http://login.evil.example")],
    ] {
        let page = headers.iter().fold(visitor.clone(), |page, (name, value)| page.always(name, value));
        for form in
            [[("do", "start"), ("service", "forge")], [("do", "disconnect"), ("id", id)], [("do", "key"), ("id", id)]]
        {
            let answer = page.post("/connections", &form).await;
            assert_eq!(answer.leads_to(), "/connections?error=cross_origin", "{headers:?} {form:?}");
        }
        let token = page.post(&format!("/api/connections/{id}/token"), &[]).await;
        token.refused(403, "cross_origin");
    }
    assert!(forge.try_next().is_none(), "the service was not asked");
    assert!(visitor.get(&shown).await.body.contains("WDJB-MJHT"), "the attempt is still there");
    // Nor is anything changed by a link.
    visitor.get("/connections?do=start&service=forge").await;
    assert!(forge.try_next().is_none());
}

#[tokio::test]
async fn by_a_link_to_the_attackers_own_code() {
    let (server, _forge) = site().await;
    let attacker = browser_phone(&server, "guang").await;
    let shown = attacker.post("/connections", &[("do", "start"), ("service", "forge")]).await.leads_to();
    let visitor = browser_phone(&server, "dong").await;
    let page = visitor.get(&shown).await.body;
    assert!(!page.contains("WDJB-MJHT") && !page.contains("data-connection"), "{page}");
    // The attacker's own page warns a visitor who is shown it.
    assert!(attacker.get(&shown).await.body.contains("If someone sent you this code"));
}
