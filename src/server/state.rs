//! The state shared by all requests.

use super::config::{ServeConfig, Switch};
use super::description::Description;
use super::listener::{ConnectionLimits, descriptors};
use super::readiness::Readiness;
use super::security::address::came_over_tls;
use super::security::origin::OwnOrigins;
use super::security::uploads::Uploads;
use super::security::waits::Waits;
use crate::app::Site;
use crate::routes::{CODE, PHONE_CONFIRM};
use axum::http::HeaderMap;
use clock::Clock;
use service::account::AccountService;
use service::audit::Audit;
use service::clients::Registry;
use service::connections::ConnectionService;
use service::http_client::HttpClient;
use service::metrics::Metrics;
use service::oidc::sites::Sites;
use service::oidc::{DeviceService, OidcService};
use service::providers::ProviderService;
use service::security::oidc_keys::OidcKeys;
use service::security::password::{PasswordError, Passwords};
use service::security::random::Random;
use service::security::rate_limit::RateLimits;
use service::security::sealing::Sealing;
use service::security::token::Tokens;
use service::session::SessionService;
use service::settings::SettingsService;
use service::sign_in::SignInService;
use service::ticket::{PhonePages, TicketService};
use service::upstream::Upstreams;
use service::vouching::{KeySets, VouchingService};
use std::net::IpAddr;
use std::sync::Arc;
use store::connect::Stores;
use tokio_util::sync::CancellationToken;
use url::Url;

/// The shared state, built once.
#[derive(Debug)]
pub struct App {
    /// The settings.
    pub config: ServeConfig,
    /// The URL that phones open.
    pub public_url: Url,
    /// The site's branding.
    pub site: Site,
    /// Tickets.
    pub tickets: TicketService,
    /// Accounts.
    pub accounts: AccountService,
    /// Hashes and verifies passwords.
    pub passwords: Passwords,
    /// Live sessions.
    pub sessions: SessionService,
    /// Starts sessions.
    pub sign_in: SignInService,
    /// People's own settings.
    pub settings: SettingsService,
    /// The apps, sites and issuers.
    pub clients: Registry,
    /// The OpenID Connect provider.
    pub oidc: OidcService,
    /// Sites behind a proxy.
    pub sites: Sites,
    /// Sign-ins that apps vouch for.
    pub vouching: VouchingService,
    /// Sign-ins by other providers.
    pub providers: ProviderService,
    /// Connections to other services.
    pub connected_services: ConnectionService,
    /// The device grant.
    pub device: DeviceService,
    /// Signs tokens and publishes the keys.
    pub tokens: Arc<Tokens>,
    /// Signs and verifies the tokens of OpenID Connect.
    pub oidc_keys: OidcKeys,
    /// Which hosts are ours, and which pages may change state.
    pub origins: OwnOrigins,
    /// Rate limits.
    pub limits: Arc<RateLimits>,
    /// The description of all endpoints.
    pub description: Description,
    /// Requests that this server makes.
    pub http: HttpClient,
    /// Counters.
    pub metrics: Metrics,
    /// The audit log.
    pub audit: Audit,
    /// Whether the stores respond.
    pub readiness: Readiness,
    /// Caps on waiting.
    pub waits: Arc<Waits>,
    /// Caps on uploads.
    pub uploads: Arc<Uploads>,
    /// Timeouts and caps of connections.
    pub connections: ConnectionLimits,
    /// The time source.
    pub clock: Clock,
    /// The source of ids and secrets.
    pub random: Random,
    /// Cancelled when the server shuts down.
    pub shutdown: CancellationToken,
}

/// What the settings name and [`App::new`] does not open itself.
#[derive(Debug)]
pub struct Parts {
    /// The stores.
    pub stores: Stores,
    /// Signs and verifies session tokens.
    pub tokens: Tokens,
    /// Signs and verifies the tokens of OpenID Connect.
    pub oidc_keys: OidcKeys,
    /// Encrypts the tokens of other services.
    pub sealing: Sealing,
    /// The apps, sites and issuers.
    pub clients: Registry,
}

/// A shared [`App`].
pub type AppState = Arc<App>;

impl App {
    /// Returns whether a request came over TLS, so that its cookies can be marked `Secure`.
    pub fn is_secure(&self, peer: IpAddr, headers: &HeaderMap) -> bool {
        self.public_url.scheme() == "https" || came_over_tls(peer, headers, &self.config.trusted_proxies)
    }

    /// Assembles the state.
    ///
    /// # Errors
    /// If the operating system cannot provide random bytes.
    pub fn new(
        config: ServeConfig,
        public_url: Url,
        parts: Parts,
        clock: Clock,
        random: Random,
        shutdown: CancellationToken,
    ) -> Result<AppState, PasswordError> {
        let Parts { stores, tokens, oidc_keys, sealing, clients } = parts;
        let metrics = Metrics::default();
        let is_limited = config.rate_limit == Switch::On;
        let connections = ConnectionLimits::new(descriptors::limit(), is_limited);
        let tokens = Arc::new(tokens);
        let limits = Arc::new(RateLimits::new(is_limited.then_some(stores.limits), clock.clone()));
        let passwords = Passwords::new(random.clone())?.counted_by(metrics.password_hashes());
        let accounts = AccountService::new(stores.accounts, passwords.clone(), clock.clone(), random.clone());
        let sessions = SessionService::new(
            Arc::clone(&stores.sessions),
            Arc::clone(&tokens),
            metrics.clone(),
            clock.clone(),
            shutdown.clone(),
        );
        let tickets = TicketService::new(
            stores.tickets,
            metrics.clone(),
            clock.clone(),
            random.clone(),
            shutdown.clone(),
            config.ticket_lifetime(),
            PhonePages {
                scan: format!("{public_url}{}", PHONE_CONFIRM.trim_start_matches('/')),
                code: format!("{public_url}{}", CODE.trim_start_matches('/')),
            },
        );
        let audit = Audit::new(is_limited, metrics.clone(), clock.clone());
        let sign_in = SignInService {
            accounts: accounts.clone(),
            tickets: tickets.clone(),
            sessions: sessions.clone(),
            devices: stores.sessions,
            tokens: Arc::clone(&tokens),
            limits: Arc::clone(&limits),
            metrics: metrics.clone(),
            audit: audit.clone(),
            clock: clock.clone(),
            random: random.clone(),
            pc_session_ttl: config.pc_session_lifetime(),
        };
        let settings = SettingsService {
            accounts: accounts.clone(),
            sign_in: sign_in.clone(),
            limits: Arc::clone(&limits),
            clock: clock.clone(),
            is_on: config.self_service == Switch::On,
        };
        let http = HttpClient::default();
        let oidc = OidcService {
            grants: stores.grants,
            notices: stores.notices,
            http: http.clone(),
            sessions: sessions.clone(),
            clients: clients.clone(),
            keys: oidc_keys.clone(),
            tokens: tokens.grant_tokens(),
            clock: clock.clone(),
            random: random.clone(),
            issuer: public_url.as_str().trim_end_matches('/').into(),
        };
        let vouching = VouchingService {
            identities: stores.identities,
            accounts: accounts.clone(),
            passwords: passwords.clone(),
            sign_in: sign_in.clone(),
            oidc: oidc.clone(),
            keys: KeySets::new(&http, clock.clone()),
            limits: Arc::clone(&limits),
            audit: audit.clone(),
        };
        let upstreams = Upstreams::new(&http, clock.clone());
        let providers = ProviderService {
            clients: clients.clone(),
            upstreams: upstreams.clone(),
            vouching: vouching.clone(),
            limits: Arc::clone(&limits),
            audit: audit.clone(),
            clock: clock.clone(),
            random: random.clone(),
        };
        let connected_services = ConnectionService {
            store: stores.connections,
            accounts: accounts.clone(),
            clients: clients.clone(),
            upstreams,
            sealing,
            limits: Arc::clone(&limits),
            audit: audit.clone(),
            clock: clock.clone(),
            random: random.clone(),
            wake: Arc::default(),
        };
        let device = DeviceService {
            oidc: oidc.clone(),
            tickets: tickets.clone(),
            sign_in: sign_in.clone(),
            limits: Arc::clone(&limits),
            audit: audit.clone(),
        };
        Ok(Arc::new(Self {
            site: config.brand().into(),
            origins: OwnOrigins::new(public_url.clone(), config.public_url.is_some()),
            public_url,
            config,
            tickets,
            accounts,
            passwords,
            sessions,
            sign_in,
            settings,
            clients,
            sites: Sites::new(oidc.clone()),
            oidc,
            vouching,
            providers,
            connected_services,
            device,
            tokens,
            oidc_keys,
            limits,
            description: Description::default(),
            http,
            metrics,
            audit,
            readiness: Readiness::default(),
            waits: Waits::new(is_limited, connections.connections),
            uploads: Arc::default(),
            connections,
            clock,
            random,
            shutdown,
        }))
    }
}
