//! A server per test, on a separate port, with an in-memory database.

use clap::Parser;
use clock::{Clock, ClockHand};
use domain::account::AccountChange;
use qr_login::server::config::{DatabaseConfig, ServeConfig};
use qr_login::server::listener::ConnectionLimits;
use qr_login::server::run::{self, RunError};
use qr_login::server::state::AppState;
use std::net::SocketAddr;
use std::sync::{Arc, Once};
use std::time::Duration;
use testkit::Place;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use testkit::PASSWORD;

/// Poll interval.
const LOOK: Duration = Duration::from_millis(5);

/// Parsed like the command line, so that the defaults are the real ones.
#[derive(Debug, Parser)]
struct Settings {
    #[command(flatten)]
    serve: ServeConfig,
    #[command(flatten)]
    database: DatabaseConfig,
}

/// Parses settings, given as on the command line. By default the database is in memory and rate limits are off.
pub fn settings(flags: &[&str]) -> (ServeConfig, DatabaseConfig) {
    let mut line = vec!["qr-login"];
    if !flags.contains(&"--database-url") {
        line.extend(["--database-url", "sqlite::memory:"]);
    }
    if !flags.contains(&"--rate-limit") {
        line.extend(["--rate-limit", "off"]);
    }
    line.extend(flags);
    let settings = Settings::parse_from(line);
    (settings.serve, settings.database)
}

/// A running server, stopped at the end of the test.
#[derive(Debug)]
pub struct Server {
    /// The address it listens on.
    pub address: SocketAddr,
    /// Its state.
    pub app: AppState,
    /// Stops it.
    pub stop: CancellationToken,
    /// Completes when it has stopped.
    pub running: JoinHandle<Result<(), RunError>>,
}

/// Makes `tracing` remember that each event is wanted. It decides so once, when the event first occurs, and a test that
/// begins to capture the log at that moment could be missed.
fn want_all_events() {
    static WANTED: Once = Once::new();
    WANTED.call_once(|| {
        let discards = tracing_subscriber::fmt().with_writer(std::io::sink).finish();
        tracing::subscriber::set_global_default(discards).unwrap();
    });
}

impl Server {
    /// Starts it with the defaults, but without rate limits.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// Starts it with these flags.
    pub async fn with(flags: &[&str]) -> Self {
        Self::limited(flags, |_| {}).await
    }

    /// Starts it with these flags and changed connection limits.
    pub async fn limited(flags: &[&str], change: impl FnOnce(&mut ConnectionLimits)) -> Self {
        Self::by(Clock::default(), flags, change).await
    }

    /// Starts it with these flags and a manual clock, which the test moves. Timers, such as the 25 seconds of a long
    /// poll, then do not fire unless the test moves the clock.
    pub async fn still(flags: &[&str]) -> (Self, ClockHand) {
        let (clock, hand) = Clock::manual();
        (Self::by(clock, flags, |_| {}).await, hand)
    }

    async fn by(clock: Clock, flags: &[&str], change: impl FnOnce(&mut ConnectionLimits)) -> Self {
        want_all_events();
        let (serve, database) = settings(flags);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let public_url = serve.public_url(listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        let mut app = run::build(serve, &database, public_url, clock, stop.clone()).await.unwrap();
        change(&mut Arc::get_mut(&mut app).unwrap().connections);
        Self::of(listener, app, stop)
    }

    /// Serves with this state.
    pub fn of(listener: TcpListener, app: AppState, stop: CancellationToken) -> Self {
        let address = listener.local_addr().unwrap();
        let running = tokio::spawn(run::listen(listener, app.clone(), stop.clone()));
        Self { address, app, stop, running }
    }

    /// Returns the URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Returns the origin of the server's own pages.
    pub fn origin(&self) -> String {
        self.url("")
    }

    /// Creates an account with [`PASSWORD`], unless it exists.
    pub async fn account(&self, name: &str) {
        if !self.app.accounts.exists(name).await.unwrap() {
            let display_name = Some(format!("{name} the tester"));
            let about = AccountChange { display_name, ..AccountChange::default() };
            self.app.accounts.add(name, &about, PASSWORD.to_owned()).await.unwrap();
        }
    }

    /// Sends raw bytes and returns everything received until the server closes the connection.
    pub async fn raw(&self, request: &[u8]) -> String {
        let exchange = async {
            let mut socket = TcpStream::connect(self.address).await.unwrap();
            socket.write_all(request).await.unwrap();
            let mut answer = Vec::new();
            socket.read_to_end(&mut answer).await.unwrap();
            String::from_utf8(answer).unwrap()
        };
        within(exchange).await
    }
}

impl Place for Server {
    fn origin(&self) -> String {
        self.url("")
    }

    async fn account(&self, name: &str) {
        self.account(name).await;
    }
}

/// Awaits with a timeout, so that a hanging test fails.
pub async fn within<T>(what: impl Future<Output = T>) -> T {
    testkit::within("what must come soon", what).await
}

/// Waits until `condition` holds, while the server runs.
pub async fn until(condition: impl Fn() -> bool) {
    until_async(async || condition()).await;
}

/// The same for a condition that queries the server.
pub async fn until_async(mut condition: impl AsyncFnMut() -> bool) {
    within(async {
        while !condition().await {
            tokio::time::sleep(LOOK).await;
        }
    })
    .await;
}
