//! Starts the server from its settings, and shuts it down gracefully.

mod error;

pub use error::RunError;

use super::config::{DatabaseConfig, ServeConfig};
use super::state::{App, AppState, Parts};
use super::{demo, listener, router, signals};
use clock::{Clock, rfc3339};
use service::clients::{self, Clients, Registry};
use service::metrics::Metrics;
use service::security::oidc_keys::OidcKeys;
use service::security::random::Random;
use service::security::sealing::Sealing;
use service::security::signing_key::{KeySource, SigningKeys};
use service::security::token::Tokens;
use service::sweeper;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use store::connect;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use url::Url;

/// How long in-flight requests may take to finish after the signal to stop.
const GRACE: Duration = Duration::from_secs(8);
/// Backlog of pending connections; the system may allow fewer. All waiting PCs reconnect at once after a restart.
const BACKLOG: u32 = 4096;
/// The same for the listener for operations.
const OPS_BACKLOG: u32 = 128;
/// Size of a connection's send buffer, in bytes, which Linux doubles: about the size of the largest file.
const SEND_BUFFER: u32 = 64 * 1024;

/// Runs the server until it is signalled to stop.
///
/// # Errors
/// [`RunError`], before any request is served.
pub async fn serve(config: ServeConfig, database: DatabaseConfig, clock: Clock) -> Result<(), RunError> {
    let shutdown = CancellationToken::new();
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    listener::descriptors::raise();
    let addr = config.addr;
    let refused = |error| RunError::Listen(addr, error);
    // Bind first so that a taken port fails fast; listen only once the stores are open.
    let socket = bind(addr).map_err(refused)?;
    let address = socket.local_addr()?;
    let ops_addr = config.ops_addr.unwrap_or(addr);
    let ops_refused = |error| RunError::ListenOps(ops_addr, error);
    let ops = config.ops_addr.map(bind).transpose().map_err(ops_refused)?;
    let public_url = config.public_url(address);
    let app = build(config, &database, public_url, clock, shutdown.clone()).await?;
    // Connects early for the first requests. A failure is no reason not to start.
    if let Err(error) = app.tickets.ping().await {
        tracing::warn!(%error, "starting without the store of tickets");
    }
    if app.config.demo {
        demo::prepare(&app).await?;
    }
    let listener = socket.listen(BACKLOG).map_err(refused)?;
    let ops = ops.map(|ops| ops.listen(OPS_BACKLOG)).transpose().map_err(ops_refused)?;
    let stop = shutdown.clone();
    let (listens, listening) = oneshot::channel();
    let (file, registry) = (app.config.clients_file.clone(), app.clients.clone());
    tokio::spawn(async move {
        signals::until_stop(file, registry, listens).await;
        tracing::info!("stopping");
        stop.cancel();
    });
    // A supervisor that reads this line may send a signal immediately.
    let _ = listening.await;
    announce(&app, address, ops.as_ref().and_then(|ops| ops.local_addr().ok()));
    if !app.config.demo {
        // Runs in the background: it takes some hundredths of a second if such an account exists.
        let accounts = app.accounts.clone();
        tokio::spawn(async move { demo::warn_of_leftovers(&accounts).await });
    }
    if let Some(ops) = ops {
        let limits = app.connections.for_operations();
        // Its connections are not in the metrics, which are about the main listener.
        let serving = listener::serve(
            ops,
            router::operations_site(app.clone()),
            limits,
            Vec::new(),
            Metrics::default(),
            shutdown.clone(),
        );
        tokio::spawn(serving);
    }
    listen(listener, app, shutdown).await
}

fn bind(addr: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if addr.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Without SO_REUSEADDR a restart fails while old connections are in TIME_WAIT.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    // Inherited by accepted connections. By default Linux allows up to 4 MB for each client that requests and does not
    // read.
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(addr)?;
    Ok(socket)
}

/// Opens the stores and the key, and assembles the server's state.
///
/// # Errors
/// [`RunError`].
pub async fn build(
    config: ServeConfig,
    database: &DatabaseConfig,
    public_url: Url,
    clock: Clock,
    shutdown: CancellationToken,
) -> Result<AppState, RunError> {
    let stores = connect::connect(&database.database_url, config.redis_url.as_deref(), clock.clone()).await?;
    let keys = SigningKeys::open(key_source(&config, database))?;
    let tokens = Tokens::new(public_url.origin().ascii_serialization(), &keys)?;
    let random = Random::default();
    let oidc_keys = open_oidc_keys(&config, database, random.clone())?;
    let clients = Registry::new(load_clients(&config)?);
    let sealing = Sealing::new(connections_key_source(&config, database), random.clone());
    if clients.current().upstreams().next().is_some() {
        sealing.prepare().await?;
    }
    let parts = Parts { stores, tokens, oidc_keys, sealing, clients };
    Ok(App::new(config, public_url, parts, clock, random, shutdown)?)
}

/// Reads the apps. Without a file there are none.
fn load_clients(config: &ServeConfig) -> Result<Clients, RunError> {
    let Some(file) = &config.clients_file else { return Ok(Clients::default()) };
    let clients = clients::load(file)?;
    for warning in clients.warnings() {
        tracing::warn!("QR_LOGIN_CLIENTS_FILE: {warning}");
    }
    tracing::info!("apps: {}", clients.summary());
    Ok(clients)
}

/// Serves until `shutdown`, then lets in-flight requests finish.
///
/// # Errors
/// If the listener fails.
pub async fn listen(listener: TcpListener, app: AppState, shutdown: CancellationToken) -> Result<(), RunError> {
    let sweeping = tokio::spawn(sweeper::run(
        app.tickets.clone(),
        app.sessions.clone(),
        app.oidc.clone(),
        app.vouching.clone(),
        app.connected_services.clone(),
        app.clock.clone(),
        shutdown.clone(),
    ));
    let following = tokio::spawn({
        let (tickets, sessions) = (app.tickets.clone(), app.sessions.clone());
        async move { tokio::join!(tickets.follow(), sessions.follow()) }
    });
    let (limits, trusted) = (app.connections.clone(), app.config.trusted_proxies.clone());
    let metrics = app.metrics.clone();
    let serving = listener::serve(listener, router::site(app), limits, trusted, metrics, shutdown.clone());
    tokio::select! {
        () = serving => {}
        () = async {
            shutdown.cancelled().await;
            tokio::time::sleep(GRACE).await;
        } => tracing::warn!("some connections did not end in time"),
    }
    following.abort();
    let _ = sweeping.await;
    Ok(())
}

/// The name of the file of the keys of OpenID Connect.
const OIDC_KEY: &str = "oidc-key";

/// Returns the source of the keys that sign session tokens.
fn key_source(config: &ServeConfig, database: &DatabaseConfig) -> KeySource {
    match &config.signing_key {
        Some(pem) => KeySource::Text(pem.clone()),
        None => key_source_of(config.signing_key_file.as_ref(), database, "signing-key", "QR_LOGIN_SIGNING_KEY_FILE"),
    }
}

/// Opens the keys of OpenID Connect. A server without apps leaves no file in the working directory.
fn open_oidc_keys(config: &ServeConfig, database: &DatabaseConfig, random: Random) -> Result<OidcKeys, RunError> {
    let file = config.oidc_key_file.as_ref();
    if config.clients_file.is_none() && file.is_none() && is_remote(database) {
        return Ok(OidcKeys::open(KeySource::File(own_key_file(database, OIDC_KEY)), random)?.idle());
    }
    let keys = OidcKeys::open(key_source_of(file, database, OIDC_KEY, "QR_LOGIN_OIDC_KEY_FILE"), random)?;
    keys.prepare();
    Ok(keys)
}

/// Returns the source of the keys that encrypt the tokens of connections.
fn connections_key_source(config: &ServeConfig, database: &DatabaseConfig) -> KeySource {
    let set = config.connections_key_file.as_ref();
    match key_source_of(set, database, "connections-key", "QR_LOGIN_CONNECTIONS_KEY_FILE") {
        KeySource::File(file) if set.is_none() => KeySource::File(file.with_extension("txt")),
        source => source,
    }
}

/// Returns the file of the setting, or else one of our own; an in-memory database has none.
fn key_source_of(set: Option<&PathBuf>, database: &DatabaseConfig, name: &str, setting: &str) -> KeySource {
    if let Some(file) = set {
        return KeySource::File(file.clone());
    }
    if store::sqlite::is_in_memory(&database.database_url) {
        return KeySource::Fresh;
    }
    let file = own_key_file(database, name);
    if is_remote(database) {
        tracing::warn!(file = %file.display(), "{setting} is not set: other nodes will not take our tokens");
    }
    KeySource::File(file)
}

/// Returns the file beside the database, or for a remote database one in the working directory.
fn own_key_file(database: &DatabaseConfig, name: &str) -> PathBuf {
    let beside = connect::database_file(&database.database_url);
    beside.unwrap_or_else(|| "qr-login".into()).with_extension(format!("{name}.pem"))
}

fn is_remote(database: &DatabaseConfig) -> bool {
    let url = &database.database_url;
    !store::sqlite::is_in_memory(url) && connect::database_file(url).is_none()
}

/// Prints where to go to standard output, so that scripts can parse it.
fn announce(app: &App, address: SocketAddr, ops: Option<SocketAddr>) {
    let pc = if address.ip().is_unspecified() {
        format!("http://localhost:{}", address.port())
    } else {
        format!("http://{address}")
    };
    let phone = app.public_url.as_str().trim_end_matches('/');
    let mut lines = vec!["qr-login is ready".to_owned(), format!("  PC      {pc}"), format!("  phone   {phone}")];
    if address.ip().is_loopback() && app.config.public_url.is_none() {
        let everywhere = format!("--addr 0.0.0.0:{}", address.port());
        lines.push(format!(
            "          Only this computer can open that. For phones on its network, start with {everywhere}"
        ));
    }
    lines.extend(ops.map(|ops| format!("  health  http://{ops}/healthz")));
    if app.config.demo {
        let accounts = demo::ACCOUNTS.iter();
        lines.extend(accounts.map(|(name, password)| format!("  account {name}  password {password}")));
    }
    // The reader may be gone, which is no reason to stop. `println!` would panic.
    let _ = io::stdout().write_all((lines.join("\n") + "\n").as_bytes());
    tracing::info!(%address, public_url = %app.public_url, started_at = rfc3339(app.clock.now()), "listening");
}
