//! Host names and ports, as text. Nothing here resolves a name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Maximum length of a host name (RFC 1035, section 2.3.4), in bytes.
const MAX_HOST: usize = 253;
/// Endings of names that do not exist on the internet (RFC 6761, RFC 6762, RFC 8375, and ICANN's `.internal`) or that
/// home routers commonly give.
const PRIVATE_ENDINGS: [&str; 6] = [".lan", ".local", ".internal", ".home.arpa", ".test", ".localhost"];

/// Where a host is, as far as its name tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// This machine: `127.0.0.1`, `[::1]` or `localhost`.
    Loopback,
    /// The operator's own network: a private address, a name without a dot, or one of [`PRIVATE_ENDINGS`].
    Private,
    /// Anywhere.
    Public,
}

/// Splits `host[:port]` and validates both. An error says what is wrong.
pub(super) fn split(authority: &str) -> Result<(&str, Option<u16>), &'static str> {
    // The colons of an IPv6 address are inside its brackets.
    let end = authority.rfind(']').map_or(0, |at| at + 1);
    let (host, port) = match authority[end..].find(':') {
        Some(at) => (&authority[..end + at], Some(&authority[end + at + 1..])),
        None => (authority, None),
    };
    let port = match port.map(|text| (text, text.parse::<u16>())) {
        None => None,
        // Rejects a sign and leading zeros, so that each port is written in one way.
        Some((text, Ok(port))) if port > 0 && port.to_string() == text => Some(port),
        Some(_) => return Err("has a port that is not a number from 1 to 65535"),
    };
    Ok((host, port))
}

/// Validates a host. An error says what is wrong.
pub(super) fn reach(host: &str) -> Result<Reach, &'static str> {
    if let Some(address) = host.strip_prefix('[') {
        let address = address.strip_suffix(']').and_then(|text| text.parse::<Ipv6Addr>().ok());
        return address.map(|address| of_address(address.into())).ok_or("has an invalid IPv6 address");
    }
    if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err("must have its host in lower case");
    }
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(is_allowed);
    if host.len() > MAX_HOST || !host.split('.').all(is_label) {
        return Err("has an invalid host name; write an international name in its form that begins with xn--");
    }
    let last = host.rsplit('.').next().unwrap_or_default();
    // Browsers take these for an IPv4 address, in octal or hexadecimal too (WHATWG URL, section 3.5).
    if last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x") {
        let address = host.parse::<Ipv4Addr>();
        return address.map(|address| of_address(address.into())).map_err(|_| "has an invalid IPv4 address");
    }
    if host == "localhost" {
        return Ok(Reach::Loopback);
    }
    let is_private = !host.contains('.') || PRIVATE_ENDINGS.iter().any(|ending| host.ends_with(ending));
    Ok(if is_private { Reach::Private } else { Reach::Public })
}

fn of_address(address: IpAddr) -> Reach {
    let is_private = match address {
        IpAddr::V4(address) => {
            // 100.64.0.0/10 (RFC 6598) is what private overlay networks use.
            let is_shared = address.octets()[0] == 100 && address.octets()[1] & 0xc0 == 64;
            is_shared || address.is_private() || address.is_link_local() || address.is_loopback()
        }
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
    };
    if address == IpAddr::V4(Ipv4Addr::LOCALHOST) || address == IpAddr::V6(Ipv6Addr::LOCALHOST) {
        Reach::Loopback
    } else if is_private {
        Reach::Private
    } else {
        Reach::Public
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_where_its_name_says() {
        for (hosts, expected) in [
            (&["127.0.0.1", "[::1]", "localhost"][..], Reach::Loopback),
            (
                &[
                    "127.0.0.2",
                    "10.1.2.3",
                    "172.31.0.1",
                    "192.168.0.9",
                    "169.254.1.1",
                    "100.64.0.1",
                    "100.127.9.9",
                    "[fd00::1]",
                    "[fe80::1]",
                    "grafana",
                    "grafana.lan",
                    "nas.local",
                    "a.internal",
                    "nas.home.arpa",
                    "a.test",
                    "a.localhost",
                ],
                Reach::Private,
            ),
            (
                &[
                    "8.8.8.8",
                    "172.32.0.1",
                    "100.128.0.1",
                    "[2001:db8::1]",
                    "[::ffff:10.0.0.1]",
                    "app.example",
                    "lan.example",
                    "notlocalhost.example",
                    "xn--fiq228c.example",
                ],
                Reach::Public,
            ),
        ] {
            for host in hosts {
                assert_eq!(reach(host), Ok(expected), "{host}");
            }
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for host in [
            "",
            ".",
            "a..b",
            ".a",
            "a.",
            "App.example",
            "a b",
            "a@b",
            "a/b",
            "例子.example",
            "0x7f.1",
            "127.1",
            "0177.0.0.1",
            "2130706433",
            "256.1.1.1",
            "1.2.3.4.5",
            "a.0x1",
            "[::1",
            "[::1]a",
            "[fe80::1%25eth0]",
            "[1.2.3.4]",
            "*.example",
            &"a".repeat(64),
            &format!("{}b", "a.".repeat(127)),
        ] {
            assert!(reach(host).is_err(), "{host}");
        }
    }

    #[test]
    fn a_port_is_written_in_one_way() {
        assert_eq!(split("a.example"), Ok(("a.example", None)));
        assert_eq!(split("a.example:1"), Ok(("a.example", Some(1))));
        assert_eq!(split("[::1]:65535"), Ok(("[::1]", Some(65535))));
        assert_eq!(split("[::1]"), Ok(("[::1]", None)));
        for text in ["a:", "a:0", "a:08", "a:+8", "a:65536", "a:b", "a:1:2", "[::1]:"] {
            assert!(split(text).is_err(), "{text}");
        }
    }
}
