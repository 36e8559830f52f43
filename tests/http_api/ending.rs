//! Shutdown of the server, and stores that fail while it runs.

use super::server::{Server, settings, until, within};
use super::waiting::{start_waiting, start_watching};
use async_trait::async_trait;
use clock::{Clock, ClockHand};
use domain::ids::TicketId;
use domain::ticket::{Ticket, UserCode};
use domain::time::Timestamp;
use qr_login::server::state::{App, Parts};
use service::clients::Registry;
use service::security::oidc_keys::OidcKeys;
use service::security::random::Random;
use service::security::sealing::Sealing;
use service::security::signing_key::{KeySource, SigningKeys};
use service::security::token::Tokens;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::connect::connect;
use store::{StoreError, Swap, TicketStore};
use testkit::Socket;
use testkit::{Client, Pc, Phone, signed_in_pc};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn shutdown_ends_all_waits() {
    // With a manual clock, so that nothing else ends a wait.
    let (server, _hand) = Server::still(&[]).await;
    let phone = Phone::new(&server, "dong").await;
    let (_, signed_in) = signed_in_pc(&server, &phone).await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let mut socket = Socket::open(&pc.0, &id).await.unwrap();
    assert_eq!(socket.status().await, "pending");
    let poll = start_waiting(&server, &pc, &id, "pending").await;
    let watch = start_watching(&server, &signed_in).await;

    server.stop.cancel();
    let view = within(poll).await.unwrap().ok();
    assert_eq!((view["id"].as_str(), view["status"].as_str()), (Some(id.as_str()), Some("pending")));
    assert_eq!(socket.closed().await, CloseCode::Restart, "1012: come back in a moment");
    assert_eq!(within(watch).await.unwrap().ok()["status"], "signed_in");
    drop((socket, pc, phone, signed_in));
    within(server.running).await.unwrap().unwrap();
}

#[tokio::test]
async fn after_shutdown_no_connection_is_accepted() {
    let server = Server::start().await;
    assert_eq!(Client::new(&server).get("/healthz").await.status, 200);
    server.stop.cancel();
    within(server.running).await.unwrap().unwrap();
    assert!(tokio::net::TcpStream::connect(server.address).await.is_err());
}

/// A ticket store that can be made to fail: all operations, or only changes.
#[derive(Debug)]
struct Breakable {
    inner: Arc<dyn TicketStore>,
    down: AtomicBool,
    read_only: AtomicBool,
    /// Advances the clock by this much before the next change takes effect.
    delay: Mutex<Option<(ClockHand, Duration)>>,
}

impl Breakable {
    fn check(&self, writes: bool) -> Result<(), StoreError> {
        if self.down.load(Ordering::SeqCst) || (writes && self.read_only.load(Ordering::SeqCst)) {
            return Err(StoreError::unavailable("reach the tickets", "/var/lib/secret-path: disk full"));
        }
        Ok(())
    }
}

#[async_trait]
impl TicketStore for Breakable {
    async fn insert(&self, ticket: Arc<Ticket>) -> Result<(), StoreError> {
        self.check(true)?;
        self.inner.insert(ticket).await
    }

    async fn get(&self, id: TicketId) -> Result<Option<Arc<Ticket>>, StoreError> {
        self.check(false)?;
        self.inner.get(id).await
    }

    async fn by_user_code(&self, code: UserCode) -> Result<Option<Arc<Ticket>>, StoreError> {
        self.check(false)?;
        self.inner.by_user_code(code).await
    }

    async fn swap(&self, next: Arc<Ticket>) -> Result<Swap, StoreError> {
        self.check(true)?;
        if let Some((hand, delay)) = self.delay.lock().unwrap().take() {
            hand.advance(delay);
            return Ok(Swap::Lost);
        }
        self.inner.swap(next).await
    }

    async fn overdue(&self, now: Timestamp) -> Result<Vec<TicketId>, StoreError> {
        self.check(false)?;
        self.inner.overdue(now).await
    }

    async fn forget(&self, before: Timestamp) -> Result<(), StoreError> {
        self.check(true)?;
        self.inner.forget(before).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.check(false)
    }
}

/// Starts a server whose ticket store can be made to fail.
async fn breakable() -> (Server, Arc<Breakable>) {
    breakable_by(Clock::default(), Random::default()).await
}

async fn breakable_by(clock: Clock, random: Random) -> (Server, Arc<Breakable>) {
    let (config, database) = settings(&[]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let public_url = config.public_url(listener.local_addr().unwrap());
    let mut stores = connect(&database.database_url, None, clock.clone()).await.unwrap();
    let store = Arc::new(Breakable {
        inner: Arc::clone(&stores.tickets),
        down: AtomicBool::new(false),
        read_only: AtomicBool::new(false),
        delay: Mutex::default(),
    });
    stores.tickets = Arc::clone(&store) as Arc<dyn TicketStore>;
    let keys = SigningKeys::open(KeySource::Fresh).unwrap();
    let tokens = Tokens::new(public_url.origin().ascii_serialization(), &keys).unwrap();
    let stop = CancellationToken::new();
    let oidc_keys = OidcKeys::open(KeySource::Fresh, random.clone()).unwrap();
    let sealing = Sealing::new(KeySource::Fresh, random.clone());
    let parts = Parts { stores, tokens, oidc_keys, sealing, clients: Registry::default() };
    let app = App::new(config, public_url, parts, clock, random, stop.clone()).unwrap();
    (Server::of(listener, app, stop), store)
}

#[tokio::test]
async fn while_a_store_is_down_every_ticket_endpoint_says_unavailable_and_nothing_is_lost() {
    let (server, store) = breakable().await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let token = phone.token_for(&id).await;
    store.down.store(true, Ordering::SeqCst);
    for answer in [
        pc.generate().await,
        pc.check(&id).await,
        pc.wait(&id, "pending").await,
        pc.0.ask("/api/qrcode/ws", &[("id", &id)]).await,
        pc.redeem(&id).await,
        pc.abandon(&id).await,
        phone.scan(&id).await,
        phone.confirm(&id, &token).await,
        phone.cancel(&id, &token).await,
    ] {
        answer.refused(503, "unavailable");
        assert!(!answer.body.contains("disk") && !answer.body.contains("/var"), "{}", answer.body);
    }
    let ready = pc.0.get("/readyz").await;
    assert_eq!(ready.status, 503);
    assert!(ready.body.contains("\"tickets\":\"unavailable\"") && ready.body.contains("\"database\":\"ok\""));
    assert_eq!(pc.0.get("/healthz").await.status, 200);
    assert_eq!(pc.0.get("/").await.status, 503);
    assert_eq!(phone.client.get(&format!("/confirm?id={id}")).await.status, 503);
    phone.user_info().await.ok();

    store.down.store(false, Ordering::SeqCst);
    phone.confirm(&id, &token).await.ok();
    pc.redeem(&id).await.ok();
    // The last probe's result is cached for a second.
    within(async { while pc.0.get("/readyz").await.status != 200 {} }).await;
}

#[tokio::test]
async fn a_redeem_that_failed_halfway_can_be_retried() {
    let (server, store) = breakable().await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    phone.approve(&id).await;
    store.read_only.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        let answer = pc.redeem(&id).await;
        answer.refused(503, "unavailable");
        assert_eq!(answer.set_cookie("qr_pc"), None);
    }
    assert_eq!(pc.status(&id).await, "confirmed");
    store.read_only.store(false, Ordering::SeqCst);
    pc.redeem(&id).await.ok();
    pc.0.get("/api/userinfo").await.ok();
    assert_eq!(phone.client.get("/api/sessions").await.ok().as_array().unwrap().len(), 2, "one phone, one PC");
}

#[tokio::test]
async fn a_redeem_after_the_expiry_leaves_no_session() {
    let (clock, hand) = Clock::manual();
    let (server, store) = breakable_by(clock, Random::default()).await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    phone.approve(&id).await;
    // The ticket expires after the session was stored and before the ticket is redeemed.
    *store.delay.lock().unwrap() = Some((hand, Duration::from_secs(120)));
    let answer = pc.redeem(&id).await;
    answer.refused(410, "ticket_expired");
    assert_eq!(answer.set_cookie("qr_pc"), None);
    assert!(store.delay.lock().unwrap().is_none(), "the swap was not reached");
    assert_eq!(phone.client.get("/api/sessions").await.ok().as_array().unwrap().len(), 1, "the phone alone");
}

#[tokio::test]
async fn a_waiter_survives_an_unnoticed_outage() {
    let (server, store) = breakable().await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let mut socket = Socket::open(&pc.0, &id).await.unwrap();
    assert_eq!(socket.status().await, "pending");
    store.down.store(true, Ordering::SeqCst);
    phone.scan(&id).await.refused(503, "unavailable");
    store.down.store(false, Ordering::SeqCst);
    phone.scan(&id).await.ok();
    assert_eq!(socket.status().await, "scanned");
    drop(socket);
    until(|| super::waiting::waiting(&server, "websocket", 0)).await;
}

#[tokio::test]
async fn while_a_store_is_down_the_sign_in_page_says_so_and_keeps_its_code() {
    let (server, store) = breakable().await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let address = format!("/?ticket={id}");
    store.down.store(true, Ordering::SeqCst);
    for path in ["/", &address] {
        let page = pc.0.get(path).await;
        assert_eq!(page.status, 503);
        assert!(page.body.contains("data-phase=\"offline\""), "{}", page.body);
        let again = format!("http-equiv=\"refresh\" content=\"3;url={path}\"");
        assert!(page.body.contains(&again), "without script the page refreshes itself: {}", page.body);
    }
    store.down.store(false, Ordering::SeqCst);
    let page = pc.0.get(&address).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains(&id) && page.body.contains("data-phase=\"waiting\""));
}

#[tokio::test]
async fn without_random_bytes_no_code_is_issued_and_existing_ones_stay() {
    // One value for the dummy hash, and two for a code: its browser's secret and its id.
    let values = (0..3).map(|value| [value; 32]);
    let (server, _) = breakable_by(Clock::default(), Random::scripted(values)).await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    Client::new(&server).post("/api/qrcode/generate", &[]).await.unavailable();
    assert_eq!(Client::new(&server).get("/").await.status, 503);
    assert_eq!(pc.status(&id).await, "pending");
}
