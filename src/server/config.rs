//! The settings: each a flag, an environment variable and a line in `--help`.

mod parse;

use crate::app::Brand;
use clap::{Args, ValueEnum};
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// Where accounts are stored; also used by the commands that manage them.
#[derive(Args, Clone)]
pub struct DatabaseConfig {
    /// Accounts, devices and sessions. `sqlite://FILE`; `postgres://USER:PASSWORD@HOST/DATABASE` for several nodes; or
    /// `sqlite::memory:` to forget everything at the end. With `--demo` the default is `sqlite://qr-login-demo.db`
    #[arg(
        long,
        global = true,
        env = "QR_LOGIN_DATABASE_URL",
        value_name = "URL",
        default_value = "sqlite://qr-login.db",
        hide_env_values = true
    )]
    pub database_url: String,
}

impl std::fmt::Debug for DatabaseConfig {
    /// Omits the URL, which may contain a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseConfig")
    }
}

/// Settings of the server. Values that may contain a secret have no clap parser, because clap echoes what it cannot
/// parse.
#[derive(Args, Clone)]
pub struct ServeConfig {
    /// Where to listen. `0.0.0.0:3000` lets phones on the same network in
    #[arg(long, global = true, env = "QR_LOGIN_ADDR", value_name = "ADDRESS:PORT", default_value = "127.0.0.1:3000", value_parser = parse::address)]
    pub addr: SocketAddr,

    /// A separate listener for `/healthz`, `/readyz` and `/metrics`. When set, they are not served on the main one
    #[arg(long, global = true, env = "QR_LOGIN_OPS_ADDR", value_name = "ADDRESS:PORT", value_parser = parse::ops_address)]
    pub ops_addr: Option<SocketAddr>,

    /// What the phone opens; the QR code encodes it. By default the address, or for `0.0.0.0` this machine's address in
    /// its network. Set it to the https address behind a TLS proxy
    #[arg(long, global = true, env = "QR_LOGIN_PUBLIC_URL", value_name = "URL", value_parser = parse::public_url)]
    pub public_url: Option<Url>,

    /// Tickets, their notifications and rate limits on Redis, for several nodes: `redis://HOST:PORT`, or with TLS
    /// `rediss://…`. Unset, they are
    /// kept in this process
    #[arg(long, global = true, env = "QR_LOGIN_REDIS_URL", value_name = "URL", hide_env_values = true)]
    pub redis_url: Option<String>,

    /// Seconds a QR code lives, 1 to 300. An approval lives no longer than its code
    #[arg(long, global = true, env = "QR_LOGIN_TICKET_TTL", value_name = "SECONDS", default_value = "120", value_parser = parse::ticket_ttl)]
    pub ticket_ttl: u64,

    /// Seconds a PC stays signed in, 60 to 31536000
    #[arg(long, global = true, env = "QR_LOGIN_PC_SESSION_TTL", value_name = "SECONDS", default_value = "43200", value_parser = parse::pc_session_ttl)]
    pub pc_session_ttl: u64,

    /// Networks whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed, separated by commas, such as `10.0.0.0/8`
    #[arg(long, global = true, env = "QR_LOGIN_TRUSTED_PROXIES", value_name = "CIDR,…", value_delimiter = ',', value_parser = parse::network)]
    pub trusted_proxies: Vec<IpNet>,

    /// Ed25519 keys of the tokens, PKCS#8 PEM: the first signs, all are accepted and published. By default made beside
    /// the database, mode 0600. Several nodes need the same
    #[arg(long, global = true, env = "QR_LOGIN_SIGNING_KEY_FILE", value_name = "FILE")]
    pub signing_key_file: Option<PathBuf>,

    /// The keys themselves instead of a file, for where secrets come as variables. `qr-login key new` makes one
    #[arg(
        long,
        global = true,
        env = "QR_LOGIN_SIGNING_KEY",
        value_name = "PEM",
        hide_env_values = true,
        conflicts_with = "signing_key_file"
    )]
    pub signing_key: Option<String>,

    /// RSA keys of OpenID Connect, PKCS#8 PEM: the first signs, all are accepted and published. By default made beside the
    /// database, mode 0600. Several nodes need the same; `qr-login key new --rsa` makes one
    #[arg(long, global = true, env = "QR_LOGIN_OIDC_KEY_FILE", value_name = "FILE")]
    pub oidc_key_file: Option<PathBuf>,

    /// Keys that encrypt the tokens of connected services, 256 bits in base64url on each line: the first encrypts, all
    /// decrypt. By default made beside the database, mode 0600, when it is first needed. Several nodes need the same
    #[arg(long, global = true, env = "QR_LOGIN_CONNECTIONS_KEY_FILE", value_name = "FILE")]
    pub connections_key_file: Option<PathBuf>,

    /// The apps that people sign in to, as TOML: `qr-login client new` writes an entry. Read again at SIGHUP. The same on
    /// all nodes
    #[arg(long, global = true, env = "QR_LOGIN_CLIENTS_FILE", value_name = "FILE")]
    pub clients_file: Option<PathBuf>,

    /// Limits on new codes, scans and sign-ins. `off` is for load tests alone
    #[arg(
        long,
        global = true,
        env = "QR_LOGIN_RATE_LIMIT",
        value_name = "on|off",
        default_value = "on",
        ignore_case = true
    )]
    pub rate_limit: Switch,

    /// Whether people change their own names and pictures and delete their accounts. `off` if another system manages
    /// accounts; passwords can be changed in any case
    #[arg(
        long,
        global = true,
        env = "QR_LOGIN_SELF_SERVICE",
        value_name = "on|off",
        default_value = "on",
        ignore_case = true
    )]
    pub self_service: Switch,

    /// Your site's name, as the pages show it
    #[arg(long, global = true, env = "QR_LOGIN_SITE_NAME", value_name = "NAME", default_value = "qr-login")]
    pub site_name: String,

    /// Your site's logo: an https address, or a path on this site
    #[arg(long, global = true, env = "QR_LOGIN_LOGO_URL", value_name = "URL", value_parser = parse::logo_url)]
    pub logo_url: Option<String>,

    /// The logo on a dark page, if it is another one
    #[arg(long, global = true, env = "QR_LOGIN_LOGO_DARK_URL", value_name = "URL", value_parser = parse::logo_dark_url)]
    pub logo_dark_url: Option<String>,

    /// An image behind the sign-in page: an https address, or a path on this site
    #[arg(long, global = true, env = "QR_LOGIN_BACKGROUND_URL", value_name = "URL", value_parser = parse::background_url)]
    pub background_url: Option<String>,

    /// Your site's colour, such as `#0a6cff`. It is darkened or lightened where contrast asks for it
    #[arg(long, global = true, env = "QR_LOGIN_ACCENT", value_name = "#RRGGBB", value_parser = parse::accent)]
    pub accent: Option<[u8; 3]>,

    /// Create the demonstration accounts `dong` (password 111) and `guang` (password 222), in a database of their own
    /// unless one is named. Never on a real site
    #[arg(long, global = true)]
    pub demo: bool,
}

/// What is logged.
#[derive(Args, Clone, Debug)]
pub struct LogConfig {
    /// What to log: error, warn, info, debug, trace, or a filter such as `qr_login=debug,info`
    #[arg(long, global = true, env = "QR_LOGIN_LOG", value_name = "FILTER", default_value = "info")]
    pub log: String,

    /// How to log: for people or for machines
    #[arg(
        long,
        global = true,
        env = "QR_LOGIN_LOG_FORMAT",
        value_name = "text|json",
        default_value = "text",
        ignore_case = true
    )]
    pub log_format: LogFormat,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines, one object a line.
    Json,
}

impl std::fmt::Debug for ServeConfig {
    /// Omits what may contain a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServeConfig").field("addr", &self.addr).field("demo", &self.demo).finish_non_exhaustive()
    }
}

impl ServeConfig {
    /// Returns the branding of the pages.
    pub fn brand(&self) -> Brand {
        Brand {
            name: self.site_name.clone(),
            logo_url: self.logo_url.clone(),
            logo_dark_url: self.logo_dark_url.clone(),
            background_url: self.background_url.clone(),
            accent: self.accent,
        }
    }

    /// Returns the URL that phones open, given the address the server is bound to.
    pub fn public_url(&self, listening: SocketAddr) -> Url {
        if let Some(url) = &self.public_url {
            return url.clone();
        }
        let ip = if listening.ip().is_unspecified() {
            local_network_ip().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
        } else {
            listening.ip()
        };
        let address = SocketAddr::new(ip, listening.port());
        // An address is always a valid host.
        Url::parse(&format!("http://{address}/")).unwrap_or_else(|_| unreachable!("{address} is a host"))
    }

    /// Returns a warning for each setting that is dangerous on a real site.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.rate_limit == Switch::Off {
            warnings.push(
                "QR_LOGIN_RATE_LIMIT=off: passwords can be guessed without limit. For load tests alone".to_owned(),
            );
        }
        for network in self.trusted_proxies.iter().filter(|network| is_too_wide(network)) {
            warnings.push(format!(
                "QR_LOGIN_TRUSTED_PROXIES: {network} trusts strangers to say where they come from, so that no limit on \
                 addresses holds. List the addresses of your proxies"
            ));
        }
        warnings
    }

    /// How long a QR code lives.
    pub const fn ticket_lifetime(&self) -> Duration {
        Duration::from_secs(self.ticket_ttl)
    }

    /// How long a PC stays signed in.
    pub const fn pc_session_lifetime(&self) -> Duration {
        Duration::from_secs(self.pc_session_ttl)
    }
}

/// Returns whether a network is wider than the widest private ones: 10.0.0.0/8 (RFC 1918) and fc00::/7 (RFC 4193).
fn is_too_wide(network: &IpNet) -> bool {
    match network {
        IpNet::V4(network) => network.prefix_len() < 8,
        IpNet::V6(network) => network.prefix_len() < 7,
    }
}

/// Returns the address under which other machines in the network reach this one. Queries the routing table without
/// sending a packet.
pub fn local_network_ip() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    // An address for documentation (RFC 5737): connecting a datagram socket selects a route without sending a packet.
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_unspecified() && !ip.is_loopback()).then_some(ip)
}

#[cfg(test)]
mod tests {
    use super::parse::network;

    #[test]
    fn a_network_wider_than_any_private_one_is_too_wide() {
        let is_too_wide = |text| network(text).is_ok_and(|network| super::is_too_wide(&network));
        assert!(["0.0.0.0/0", "128.0.0.0/1", "8.0.0.0/7", "::/0", "2000::/3"].into_iter().all(is_too_wide));
        assert!(!["127.0.0.1", "10.0.0.0/8", "172.16.0.0/12", "fc00::/7", "::1"].into_iter().any(is_too_wide));
    }
}
