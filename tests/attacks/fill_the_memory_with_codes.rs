//! An attacker wants the server to run out of memory. Each code is kept for minutes, so they request codes from the
//! 65,536 networks of their /48, or from a botnet.

use super::server::{Server, settings};
use clock::Clock;
use domain::limits::Key;
use qr_login::server::state::{App, Parts};
use service::clients::Registry;
use service::security::oidc_keys::OidcKeys;
use service::security::random::Random;
use service::security::sealing::Sealing;
use service::security::signing_key::{KeySource, SigningKeys};
use service::security::token::Tokens;
use std::sync::Arc;
use store::connect::connect;
use store::memory::MemoryTickets;
use testkit::{Client, Pc, Phone};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn one_ipv6_site_is_limited_however_many_addresses_it_has() {
    let (server, _clock) = Server::still(&["--rate-limit", "on", "--trusted-proxies", "127.0.0.1"]).await;
    // Each request comes from another /64 of the site.
    for network in 0..5_000 {
        let address = format!("2001:db8:0:{network:x}::1").parse().unwrap();
        let _ = server.app.limits.charge(Key::Generate(address)).await;
    }
    let client = Client::new(&server);
    let from = |address: &str| Pc(client.clone().always("x-forwarded-for", address));
    from("2001:db8:0:ffff::1").generate().await.refused(429, "rate_limited");
    from("2001:db8:1::1").ticket().await;
    from("203.0.113.7").ticket().await;
}

/// Starts a server that stores at most that many tickets.
async fn with_room_for(tickets: usize) -> Server {
    let (config, database) = settings(&[]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let public_url = config.public_url(listener.local_addr().unwrap());
    let clock = Clock::default();
    let mut stores = connect(&database.database_url, None, clock.clone()).await.unwrap();
    stores.tickets = Arc::new(MemoryTickets::with_room_for(tickets));
    let tokens = Tokens::new(public_url.origin().ascii_serialization(), &SigningKeys::open(KeySource::Fresh).unwrap());
    let stop = CancellationToken::new();
    let random = Random::default();
    let oidc_keys = OidcKeys::open(KeySource::Fresh, random.clone()).unwrap();
    let sealing = Sealing::new(KeySource::Fresh, random.clone());
    let parts = Parts { stores, tokens: tokens.unwrap(), oidc_keys, sealing, clients: Registry::default() };
    let app = App::new(config, public_url, parts, clock, random, stop.clone()).unwrap();
    Server::of(listener, app, stop)
}

#[tokio::test]
async fn existing_codes_work_while_there_is_no_room_for_new_ones() {
    let server = with_room_for(3).await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    for _ in 0..2 {
        pc.ticket().await;
    }
    let refused = pc.generate().await;
    refused.refused(503, "unavailable");
    assert_eq!(refused.header("retry-after"), "10");
    assert_eq!(Client::new(&server).get("/").await.status, 503);
    phone.approve(&id).await;
    pc.redeem(&id).await.ok();
}
