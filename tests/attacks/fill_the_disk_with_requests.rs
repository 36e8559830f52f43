//! A stranger wants the server's disk to be full. Each request to sign in to an app is a row until the person has signed
//! in, so they send many, with everything in them as long as it can be.

use super::app::{self, APP};
use super::server::Server;
use domain::ids::InteractionId;
use service::clients::Clients;
use std::time::Duration;
use testkit::{Answer, Client};

/// Sends a request with these parameters more.
async fn ask(server: &Server, more: &[(&str, &str)]) -> Answer {
    server.app.clients.replace(Clients::parse(APP).unwrap());
    app::ask(&Client::new(server), more).await
}

fn interaction_of(answer: &Answer) -> InteractionId {
    let location = answer.header("location");
    let (_, id) = location.rsplit_once("%3Fi%3D").unwrap_or_else(|| panic!("{location}"));
    id.parse().unwrap()
}

#[tokio::test]
async fn a_request_is_short_whatever_it_says() {
    let server = Server::start().await;
    let long = "x".repeat(5_000);
    let (state, nonce) = (&long[..4_096], &long[..512]);
    let more = [
        ("state", state),
        ("nonce", nonce),
        ("ui_locales", &long),
        ("display", &long[..1_000]),
        ("login_hint", &long[..2_000]),
    ];
    let id = interaction_of(&ask(&server, &more).await);
    let kept = server.app.oidc.grants.interaction(id).await.unwrap().unwrap();
    assert_eq!(kept.request.target.state.as_deref(), Some(state));
    let length = serde_json::to_string(&kept.request).unwrap().len();
    assert!(length < 5_500, "{length}");
    for (name, value) in [("state", &long[..4_097]), ("nonce", &long[..513])] {
        let refused = ask(&server, &[(name, value)]).await.header("location");
        assert!(refused.starts_with("https://map.example/callback?error=invalid_request"), "{refused}");
    }
}

#[tokio::test]
async fn a_request_is_deleted_when_it_is_over() {
    let (server, hand) = Server::still(&[]).await;
    let early = interaction_of(&ask(&server, &[]).await);
    hand.advance(Duration::from_secs(5 * 60));
    let late = interaction_of(&ask(&server, &[]).await);
    hand.advance(Duration::from_secs(10 * 60));
    server.app.oidc.sweep().await.unwrap();
    let grants = &server.app.oidc.grants;
    assert_eq!(grants.interaction(early).await.unwrap(), None);
    assert!(grants.interaction(late).await.unwrap().is_some());
}
