//! Sign-in by another provider comes back by the visitor's browser. An attacker wants the visitor to be signed in as the
//! attacker (login CSRF), a response that was seen elsewhere to be worth something (injection, replay), the response of one
//! provider to pass for that of another (mix-up), or the visitor to be led away (open redirect).

use super::idp::{Idp, begin, finish, moves_to, nobody};
use super::server::Server;
use service::clients::Clients;
use testkit::Client;

async fn site() -> (Server, Idp) {
    let (server, idp) = (Server::start().await, Idp::start().await);
    idp.register(&server, "provision = true");
    (server, idp)
}

#[tokio::test]
async fn login_csrf() {
    let (server, idp) = site().await;
    let (attacker, visitor) = (Client::new(&server), Client::new(&server));
    let asked = begin(&attacker, "idp", "/account").await;
    idp.issue(&idp.id_token(&server, &asked, &[]).await);
    let query = [("code", "c"), ("state", asked.get("state")), ("iss", idp.issuer.as_str())];
    // The visitor follows the attacker's link, with no sign-in begun, and in the middle of their own.
    nobody(&finish(&visitor, "idp", &query).await, 400);
    let own = begin(&visitor, "idp", "/account").await;
    nobody(&finish(&visitor, "idp", &query).await, 400);
    // Which it does not disturb.
    idp.issue(&idp.id_token(&server, &own, &[]).await);
    moves_to(&finish(&visitor, "idp", &[("code", "c"), ("state", own.get("state")), ("iss", &idp.issuer)]).await);
    // Nor does a page of another site begin one.
    let foreign = Client::new(&server).always("origin", "https://evil.example");
    let begun = foreign.post("/sign-in/idp", &[]).await;
    nobody(&begun, 403);
    assert_eq!(begun.set_cookie("qr_provider"), None);
    assert_eq!(Client::new(&server).get("/sign-in/idp").await.status, 405);
}

#[tokio::test]
async fn injection_and_replay() {
    let (server, mut idp) = site().await;
    let (victim, attacker) = (Client::new(&server), Client::new(&server));
    // The victim's code, in the attacker's own sign-in: the nonce and the verifier are others.
    let theirs = begin(&victim, "idp", "/account").await;
    let mine = begin(&attacker, "idp", "/account").await;
    assert_ne!(theirs.get("code_challenge"), mine.get("code_challenge"));
    idp.issue(&idp.id_token(&server, &theirs, &[]).await);
    let query = [("code", "stolen"), ("state", mine.get("state")), ("iss", idp.issuer.as_str())];
    nobody(&finish(&attacker, "idp", &query).await, 502);
    assert_eq!(idp.token_request().await.field("code"), "stolen");
    // A response counts once, also in its own browser.
    let query = [("code", "c"), ("state", theirs.get("state")), ("iss", idp.issuer.as_str())];
    moves_to(&finish(&victim, "idp", &query).await);
    nobody(&finish(&victim, "idp", &query).await, 400);
    for state in [None, Some(""), Some("x"), Some(theirs.get("nonce"))] {
        let again = begin(&victim, "idp", "/account").await;
        let query: Vec<_> =
            [("code", "c"), ("iss", idp.issuer.as_str())].into_iter().chain(state.map(|it| ("state", it))).collect();
        nobody(&finish(&victim, "idp", &query).await, 400);
        // Twice is none.
        let twice = [("state", again.get("state")), ("state", "x"), ("code", "c"), ("iss", &idp.issuer)];
        nobody(&finish(&victim, "idp", &twice).await, 400);
    }
}

#[tokio::test]
async fn mix_up() {
    let (server, honest) = site().await;
    let evil = Idp::start().await;
    let entries = honest.entry("idp", "provision = true") + &evil.entry("evil", "provision = true");
    server.app.clients.replace(Clients::parse(&entries).unwrap());
    let visitor = Client::new(&server);
    // The visitor chose `evil`, which sent them on to the honest provider; its response comes back as if from `evil`.
    let asked = begin(&visitor, "evil", "/account").await;
    evil.issue(&honest.id_token(&server, &asked, &[]).await);
    for (id, issuer, status) in [
        ("evil", honest.issuer.as_str(), 502),
        ("evil", "", 502),
        // Another provider's callback.
        ("idp", honest.issuer.as_str(), 400),
        // It says that it is `evil`, and presents the other's ID token.
        ("evil", evil.issuer.as_str(), 502),
    ] {
        let asked = begin(&visitor, "evil", "/account").await;
        evil.issue(&honest.id_token(&server, &asked, &[]).await);
        let mut query = vec![("code", "c"), ("state", asked.get("state"))];
        query.extend(Some(("iss", issuer)).filter(|(_, issuer)| !issuer.is_empty()));
        nobody(&finish(&visitor, id, &query).await, status);
    }
    assert!(evil.issuer != honest.issuer);
}

#[tokio::test]
async fn open_redirect() {
    let (server, idp) = site().await;
    for next in ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""] {
        let visitor = Client::new(&server);
        let asked = begin(&visitor, "idp", next).await;
        idp.issue(&idp.id_token(&server, &asked, &[]).await);
        let query = [("code", "c"), ("state", asked.get("state")), ("iss", idp.issuer.as_str())];
        assert_eq!(moves_to(&finish(&visitor, "idp", &query).await), "/account", "{next}");
    }
}
