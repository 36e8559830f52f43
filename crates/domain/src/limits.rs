//! What is limited: which events are counted, for whom, and how many are allowed. Counting is the stores' work.

use crate::account::KnownAccount;
use crate::ids::AccountId;
use crate::network::{network_of, site_of};
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

/// Lets `burst` through at once and then one every `every`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// How many at once.
    pub burst: u32,
    /// Time until one more.
    pub every: Duration,
}

impl Quota {
    /// Time in which a whole burst comes back.
    pub fn window(self) -> Duration {
        self.every * self.burst
    }
}

/// What is counted, and for whom. As text it is a name for a store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// New codes of an address.
    Generate(IpAddr),
    /// Scans of an address.
    ScanFrom(IpAddr),
    /// Scans of an account.
    ScanBy(AccountId),
    /// Sign-ins, good or bad, of an address.
    SignInFrom(IpAddr),
    /// Wrong passwords for a username, whether or not it exists, from an address.
    GuessFrom(IpAddr, String),
    /// Wrong passwords for a username from everywhere, apart from devices that signed in to the account before.
    Guess(String),
    /// Wrong passwords for an account from one device that signed in to it before.
    GuessOn(KnownAccount),
    /// Refusals of one kind to an address that are noted in the audit log: the event and the reason.
    RefusalNoted(IpAddr, &'static str, &'static str),
    /// New codes of a /48 of IPv6, which has 65,536 addresses of the kind above.
    GenerateAtSite(Ipv6Addr),
    /// Scans of a /48.
    ScanAtSite(Ipv6Addr),
    /// Sign-ins, good or bad, of a /48.
    SignInAtSite(Ipv6Addr),
    /// Refusals to a /48 that are noted.
    RefusalNotedAtSite(Ipv6Addr),
}

impl Key {
    /// How much of it is allowed.
    pub const fn quota(&self) -> Quota {
        let (burst, millis) = match self {
            Self::Generate(_) => (60, 500),
            Self::ScanFrom(_) => (120, 500),
            Self::ScanBy(_) => (30, 2_000),
            Self::SignInFrom(_) | Self::RefusalNoted(..) => (60, 1_000),
            Self::GuessFrom(..) => (10, 60_000),
            Self::Guess(_) => (30, 10_000),
            Self::GuessOn(_) => (10, 10_000),
            // Sixteen times an address of it. A /48 is what a company or a university has at the most (RFC 6177), or a
            // part of a provider's network with some hundred homes or handsets, of which few sign in at the same moment.
            Self::GenerateAtSite(_) => (960, 31),
            Self::ScanAtSite(_) => (1_920, 31),
            Self::SignInAtSite(_) | Self::RefusalNotedAtSite(_) => (960, 62),
        };
        Quota { burst, every: Duration::from_millis(millis) }
    }

    /// The same for the whole network of the address: a home has a /64 of IPv6 to itself.
    pub fn narrowed(self) -> Self {
        match self {
            Self::Generate(ip) => Self::Generate(network_of(ip)),
            Self::ScanFrom(ip) => Self::ScanFrom(network_of(ip)),
            Self::SignInFrom(ip) => Self::SignInFrom(network_of(ip)),
            Self::RefusalNoted(ip, event, reason) => Self::RefusalNoted(network_of(ip), event, reason),
            Self::GuessFrom(ip, username) => Self::GuessFrom(network_of(ip), username),
            other => other,
        }
    }

    /// The key of an IPv6 address that counts for its whole /48, too.
    pub fn of_site(&self) -> Option<Self> {
        let (ip, at_site): (_, fn(Ipv6Addr) -> Self) = match self {
            Self::Generate(ip) => (ip, Self::GenerateAtSite),
            Self::ScanFrom(ip) => (ip, Self::ScanAtSite),
            Self::SignInFrom(ip) => (ip, Self::SignInAtSite),
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
            Self::ScanFrom(ip) => write!(f, "scan-from:{ip}"),
            Self::ScanBy(account) => write!(f, "scan-by:{account}"),
            Self::SignInFrom(ip) => write!(f, "sign-in-from:{ip}"),
            // What a person typed comes last, so that it cannot be taken for another part.
            Self::GuessFrom(ip, username) => write!(f, "guess-from:{ip}:{username}"),
            Self::Guess(username) => write!(f, "guess:{username}"),
            Self::GuessOn(KnownAccount { account, nonce }) => write!(f, "guess-on:{account}:{nonce:016x}"),
            Self::GenerateAtSite(site) => write!(f, "generate:{site}/48"),
            Self::ScanAtSite(site) => write!(f, "scan-from:{site}/48"),
            Self::SignInAtSite(site) => write!(f, "sign-in-from:{site}/48"),
            Self::RefusalNoted(ip, event, reason) => write!(f, "refusal-noted:{ip}:{event}:{reason}"),
            Self::RefusalNotedAtSite(site) => write!(f, "refusal-noted:{site}/48"),
        }
    }
}
