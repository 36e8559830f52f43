//! The rate limits: which events are counted, per what, and how many are allowed. The stores do the counting.

use crate::account::KnownAccount;
use crate::ids::{AccountId, ConnectionId, TicketId};
use crate::network::{network_of, site_of};
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

/// Allows a burst of `burst`, then one more per `every`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Size of the burst.
    pub burst: u32,
    /// Interval between further events.
    pub every: Duration,
}

impl Quota {
    /// Returns the time after which a whole burst is available again.
    pub fn window(self) -> Duration {
        self.every * self.burst
    }
}

/// What is counted, and per what. Its text is the key in a store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// New codes per address.
    Generate(IpAddr),
    /// Requests of strangers to sign in to an app or a site, per address. Apart from codes, because any page can open a
    /// window that makes one.
    Authorize(IpAddr),
    /// Codes that devices get, per address. Apart from the others, because the script of any page can ask for one.
    DeviceCode(IpAddr),
    /// Scans per address.
    ScanFrom(IpAddr),
    /// Scans per account.
    ScanBy(AccountId),
    /// Sign-ins, successful or not, per address.
    SignInFrom(IpAddr),
    /// Wrong passwords per address and username, whether or not the username exists.
    GuessFrom(IpAddr, String),
    /// Wrong passwords per username from all addresses, except from devices that have signed in to the account before.
    Guess(String),
    /// Wrong passwords per account and device, for a device that has signed in to it before.
    GuessOn(KnownAccount),
    /// Changes of a person's own name and picture, per account.
    ChangeBy(AccountId),
    /// Sign-ins to apps without a scan, per account.
    GrantBy(AccountId),
    /// Assertions per issuer.
    VouchedBy(String),
    /// Codes of devices, typed by people, per address.
    UserCodeFrom(IpAddr),
    /// The same per account.
    UserCodeBy(AccountId),
    /// Photos of codes that the server reads, per account.
    PhotoBy(AccountId),
    /// Polls of one device. Refused ones are not counted, so that a client with an unsteady clock does not starve.
    DevicePoll(TicketId),
    /// Attempts to connect to a service, per account.
    ConnectBy(AccountId),
    /// Tokens that scripts get, per connection.
    ConnectionToken(ConnectionId),
    /// Refusals in the audit log per address, event and reason.
    RefusalNoted(IpAddr, &'static str, &'static str),
    /// New codes per /48 of IPv6, which contains 65,536 of the networks above.
    GenerateAtSite(Ipv6Addr),
    /// Requests of strangers to sign in to an app or a site, per /48.
    AuthorizeAtSite(Ipv6Addr),
    /// Codes that devices get, per /48.
    DeviceCodeAtSite(Ipv6Addr),
    /// Scans per /48.
    ScanAtSite(Ipv6Addr),
    /// Typed codes per /48.
    UserCodeAtSite(Ipv6Addr),
    /// Sign-ins, successful or not, per /48.
    SignInAtSite(Ipv6Addr),
    /// Refusals in the audit log per /48.
    RefusalNotedAtSite(Ipv6Addr),
}

impl Key {
    /// Returns the quota.
    pub const fn quota(&self) -> Quota {
        let (burst, millis) = match self {
            Self::Generate(_) | Self::Authorize(_) | Self::DeviceCode(_) => (60, 500),
            Self::ScanFrom(_) | Self::GrantBy(_) => (120, 500),
            Self::ScanBy(_) => (30, 2_000),
            Self::SignInFrom(_) | Self::RefusalNoted(..) => (60, 1_000),
            Self::GuessFrom(..) => (10, 60_000),
            Self::Guess(_) => (30, 10_000),
            // All users of an app open it on the same morning.
            Self::VouchedBy(_) => (600, 20),
            Self::GuessOn(_) => (10, 10_000),
            Self::UserCodeFrom(_) => (20, 15_000),
            Self::UserCodeBy(_) | Self::ConnectBy(_) | Self::ChangeBy(_) => (10, 30_000),
            Self::ConnectionToken(_) => (60, 1_000),
            // Each keeps a processor busy for a second.
            Self::PhotoBy(_) => (10, 6_000),
            // The interval that devices are told, less one second of tolerance.
            Self::DevicePoll(_) => (1, 4_000),
            // Sixteen times the quota of one address. A /48 is the most that a company or a university has (RFC 6177),
            // or a part of a provider's network with some hundred homes or handsets, few of which sign in at the same
            // moment.
            Self::GenerateAtSite(_) | Self::AuthorizeAtSite(_) | Self::DeviceCodeAtSite(_) => (960, 31),
            Self::ScanAtSite(_) => (1_920, 31),
            Self::UserCodeAtSite(_) => (320, 937),
            Self::SignInAtSite(_) | Self::RefusalNotedAtSite(_) => (960, 62),
        };
        Quota { burst, every: Duration::from_millis(millis) }
    }

    /// Returns the key for the whole network of the address: a home has a /64 of IPv6 to itself.
    pub fn narrowed(self) -> Self {
        match self {
            Self::Generate(ip) => Self::Generate(network_of(ip)),
            Self::Authorize(ip) => Self::Authorize(network_of(ip)),
            Self::DeviceCode(ip) => Self::DeviceCode(network_of(ip)),
            Self::ScanFrom(ip) => Self::ScanFrom(network_of(ip)),
            Self::SignInFrom(ip) => Self::SignInFrom(network_of(ip)),
            Self::UserCodeFrom(ip) => Self::UserCodeFrom(network_of(ip)),
            Self::RefusalNoted(ip, event, reason) => Self::RefusalNoted(network_of(ip), event, reason),
            Self::GuessFrom(ip, username) => Self::GuessFrom(network_of(ip), username),
            other => other,
        }
    }

    /// Returns the key of the /48 that an IPv6 address also counts against.
    pub fn of_site(&self) -> Option<Self> {
        let (ip, at_site): (_, fn(Ipv6Addr) -> Self) = match self {
            Self::Generate(ip) => (ip, Self::GenerateAtSite),
            Self::Authorize(ip) => (ip, Self::AuthorizeAtSite),
            Self::DeviceCode(ip) => (ip, Self::DeviceCodeAtSite),
            Self::ScanFrom(ip) => (ip, Self::ScanAtSite),
            Self::SignInFrom(ip) => (ip, Self::SignInAtSite),
            Self::UserCodeFrom(ip) => (ip, Self::UserCodeAtSite),
            Self::RefusalNoted(ip, ..) => (ip, Self::RefusalNotedAtSite),
            _ => return None,
        };
        site_of(*ip).map(at_site)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Generate(ip) => write!(f, "generate:{ip}"),
            Self::Authorize(ip) => write!(f, "authorize:{ip}"),
            Self::DeviceCode(ip) => write!(f, "device-code:{ip}"),
            Self::ScanFrom(ip) => write!(f, "scan-from:{ip}"),
            Self::ScanBy(account) => write!(f, "scan-by:{account}"),
            Self::ChangeBy(account) => write!(f, "change-by:{account}"),
            Self::GrantBy(account) => write!(f, "grant-by:{account}"),
            Self::SignInFrom(ip) => write!(f, "sign-in-from:{ip}"),
            // User input comes last, so that it cannot be confused with another part.
            Self::GuessFrom(ip, username) => write!(f, "guess-from:{ip}:{username}"),
            Self::Guess(username) => write!(f, "guess:{username}"),
            Self::VouchedBy(issuer) => write!(f, "vouched-by:{issuer}"),
            Self::GuessOn(KnownAccount { account, nonce }) => write!(f, "guess-on:{account}:{nonce:016x}"),
            Self::UserCodeFrom(ip) => write!(f, "user-code-from:{ip}"),
            Self::UserCodeBy(account) => write!(f, "user-code-by:{account}"),
            Self::ConnectBy(account) => write!(f, "connect-by:{account}"),
            Self::ConnectionToken(connection) => write!(f, "connection-token:{connection}"),
            Self::PhotoBy(account) => write!(f, "photo-by:{account}"),
            Self::DevicePoll(ticket) => write!(f, "device-poll:{ticket}"),
            Self::UserCodeAtSite(site) => write!(f, "user-code-from:{site}/48"),
            Self::GenerateAtSite(site) => write!(f, "generate:{site}/48"),
            Self::AuthorizeAtSite(site) => write!(f, "authorize:{site}/48"),
            Self::DeviceCodeAtSite(site) => write!(f, "device-code:{site}/48"),
            Self::ScanAtSite(site) => write!(f, "scan-from:{site}/48"),
            Self::SignInAtSite(site) => write!(f, "sign-in-from:{site}/48"),
            Self::RefusalNoted(ip, event, reason) => write!(f, "refusal-noted:{ip}:{event}:{reason}"),
            Self::RefusalNotedAtSite(site) => write!(f, "refusal-noted:{site}/48"),
        }
    }
}
