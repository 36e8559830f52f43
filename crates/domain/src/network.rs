//! What counts as one network: its addresses share limits and caps.

use std::net::{IpAddr, Ipv6Addr};

/// Returns the network that counts as one (canonical) address: for IPv6 its /64, the smallest network that a home or
/// handset gets (RFC 6177).
pub fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(masked(address, 64)),
    }
}

/// Returns the /48 of a (canonical) IPv6 address, the largest network of one site (RFC 6177).
pub fn site_of(address: IpAddr) -> Option<Ipv6Addr> {
    match address {
        IpAddr::V4(_) => None,
        IpAddr::V6(address) => Some(masked(address, 48)),
    }
}

/// Keeps the first `bits` bits of an address.
fn masked(address: Ipv6Addr, bits: u32) -> Ipv6Addr {
    (address.to_bits() & (u128::MAX << (128 - bits))).into()
}
