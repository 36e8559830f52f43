//! A server of the test's own, on a port of its own, with a database in memory.

use clap::Parser;
use clock::{Clock, ClockHand};
use qr_login::server::config::{DatabaseConfig, ServeConfig};
use qr_login::server::listener::ConnectionLimits;
use qr_login::server::run::{self, RunError};
use qr_login::server::state::AppState;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use testkit::Place;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use testkit::PASSWORD;

/// Between two looks at what cannot be listened to.
const LOOK: Duration = Duration::from_millis(5);

/// The same settings as the command line reads, so that defaults are the real ones.
#[derive(Debug, Parser)]
struct Settings {
    #[command(flatten)]
    serve: ServeConfig,
    #[command(flatten)]
    database: DatabaseConfig,
}

/// Reads settings, given as on the command line. The database is in memory and the rate limit off unless flags say
/// otherwise.
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

/// A running server; it stops with the test.
#[derive(Debug)]
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its parts.
    pub app: AppState,
    /// Tells it to stop.
    pub stop: CancellationToken,
    /// Its end.
    pub running: JoinHandle<Result<(), RunError>>,
}

impl Server {
    /// With the defaults, but without a rate limit.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// With these flags.
    pub async fn with(flags: &[&str]) -> Self {
        Self::limited(flags, |_| {}).await
    }

    /// With these flags, and connections limited otherwise than by default.
    pub async fn limited(flags: &[&str], change: impl FnOnce(&mut ConnectionLimits)) -> Self {
        Self::by(Clock::default(), flags, change).await
    }

    /// With these flags and a clock that stands still until the test moves it. What waits by the clock, such as a long poll
    /// for its 25 seconds, then ends for another reason or not at all.
    pub async fn still(flags: &[&str]) -> (Self, ClockHand) {
        let (clock, hand) = Clock::manual();
        (Self::by(clock, flags, |_| {}).await, hand)
    }

    async fn by(clock: Clock, flags: &[&str], change: impl FnOnce(&mut ConnectionLimits)) -> Self {
        let (serve, database) = settings(flags);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let public_url = serve.public_url(listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        let mut app = run::build(serve, &database, public_url, clock, stop.clone()).await.unwrap();
        change(&mut Arc::get_mut(&mut app).unwrap().connections);
        Self::of(listener, app, stop)
    }

    /// Serves these parts.
    pub fn of(listener: TcpListener, app: AppState, stop: CancellationToken) -> Self {
        let address = listener.local_addr().unwrap();
        let running = tokio::spawn(run::listen(listener, app.clone(), stop.clone()));
        Self { address, app, stop, running }
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The origin of the server's own pages.
    pub fn origin(&self) -> String {
        self.url("")
    }

    /// Makes an account with [`PASSWORD`], unless it is there.
    pub async fn account(&self, name: &str) {
        if !self.app.accounts.exists(name).await.unwrap() {
            self.app.accounts.add(name, Some(format!("{name} the tester")), PASSWORD.to_owned()).await.unwrap();
        }
    }

    /// Sends bytes as they are and returns all that comes back until the server closes.
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

/// Waits for what must come soon; a test that hangs fails.
pub async fn within<T>(what: impl Future<Output = T>) -> T {
    testkit::within("what must come soon", what).await
}

/// Waits until `condition` holds, letting the server work meanwhile.
pub async fn until(condition: impl Fn() -> bool) {
    until_async(async || condition()).await;
}

/// The same where the condition is asked of the server.
pub async fn until_async(mut condition: impl AsyncFnMut() -> bool) {
    within(async {
        while !condition().await {
            tokio::time::sleep(LOOK).await;
        }
    })
    .await;
}
