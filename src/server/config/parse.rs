//! Parses the values of settings. Each error names the variable and the accepted values.

use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};
use url::Url;

pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "QR_LOGIN_ADDR must be an address and a port, such as 127.0.0.1:3000".to_owned())
}

pub(super) fn ops_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "QR_LOGIN_OPS_ADDR must be an address and a port, such as 127.0.0.1:3001".to_owned())
}

pub(super) fn public_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("QR_LOGIN_PUBLIC_URL is not a URL: {error}"))?;
    let plain = url.query().is_none() && url.fragment().is_none();
    let plain = plain && url.username().is_empty() && url.password().is_none();
    if !matches!(url.scheme(), "http" | "https") || url.path() != "/" || !plain {
        return Err("QR_LOGIN_PUBLIC_URL must be http:// or https://, a host, and nothing after it".to_owned());
    }
    if text.len() > 200 {
        return Err("QR_LOGIN_PUBLIC_URL must have at most 200 characters, or the code is hard to scan".to_owned());
    }
    Ok(url)
}

fn seconds(name: &str, text: &str, least: u64, most: u64) -> Result<u64, String> {
    match text.parse() {
        Ok(seconds) if (least..=most).contains(&seconds) => Ok(seconds),
        _ => Err(format!("{name} must be whole seconds from {least} to {most}")),
    }
}

pub(super) fn ticket_ttl(text: &str) -> Result<u64, String> {
    seconds("QR_LOGIN_TICKET_TTL", text, 1, 300)
}

pub(super) fn pc_session_ttl(text: &str) -> Result<u64, String> {
    seconds("QR_LOGIN_PC_SESSION_TTL", text, 60, 365 * 24 * 3600)
}

pub(super) fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    text.parse::<IpNet>()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| "QR_LOGIN_TRUSTED_PROXIES must list networks such as 10.0.0.0/8".to_owned())
}

pub(super) fn logo_url(text: &str) -> Result<String, String> {
    image_url("QR_LOGIN_LOGO_URL", text)
}

pub(super) fn logo_dark_url(text: &str) -> Result<String, String> {
    image_url("QR_LOGIN_LOGO_DARK_URL", text)
}

pub(super) fn background_url(text: &str) -> Result<String, String> {
    image_url("QR_LOGIN_BACKGROUND_URL", text)
}

/// Parses the address of an image. Without the characters that end a string of CSS, in which a background stands.
fn image_url(name: &str, text: &str) -> Result<String, String> {
    let local = text.starts_with('/') && !text.starts_with("//");
    let is_plain = !text.contains(|letter: char| letter.is_control() || "\"'<>\\ ".contains(letter));
    if is_plain && (local || Url::parse(text).is_ok_and(|url| url.scheme() == "https")) {
        return Ok(text.to_owned());
    }
    Err(format!("{name} must begin with https:// or be a path such as /logo.svg, without spaces and quotes"))
}

pub(super) fn accent(text: &str) -> Result<[u8; 3], String> {
    let error = || "QR_LOGIN_ACCENT must be a colour such as #0a6cff".to_owned();
    let digits = text.strip_prefix('#').unwrap_or(text);
    if digits.len() != 6 || !digits.is_ascii() {
        return Err(error());
    }
    let channel = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).map_err(|_| error());
    Ok([channel(0)?, channel(2)?, channel(4)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_setting_is_named() {
        for (outcome, name) in [
            (address("here").map(drop), "QR_LOGIN_ADDR"),
            (ops_address("there").map(drop), "QR_LOGIN_OPS_ADDR"),
            (public_url("ftp://a.example").map(drop), "QR_LOGIN_PUBLIC_URL"),
            (public_url("https://a.example/path").map(drop), "QR_LOGIN_PUBLIC_URL"),
            (ticket_ttl("0").map(drop), "QR_LOGIN_TICKET_TTL"),
            (ticket_ttl("301").map(drop), "QR_LOGIN_TICKET_TTL"),
            (pc_session_ttl("soon").map(drop), "QR_LOGIN_PC_SESSION_TTL"),
            (network("10.0.0.0/99").map(drop), "QR_LOGIN_TRUSTED_PROXIES"),
            (logo_url("javascript:alert(1)").map(drop), "QR_LOGIN_LOGO_URL"),
            (logo_dark_url("//elsewhere.example/logo.svg").map(drop), "QR_LOGIN_LOGO_DARK_URL"),
            (background_url("/a\");}</style>").map(drop), "QR_LOGIN_BACKGROUND_URL"),
            (accent("blue").map(drop), "QR_LOGIN_ACCENT"),
        ] {
            assert!(outcome.is_err_and(|text| text.contains(name)), "{name}");
        }
    }

    #[test]
    fn good_settings_are_taken() {
        assert_eq!(background_url("/wall(1).webp?v=2"), Ok("/wall(1).webp?v=2".to_owned()));
        assert_eq!(accent("#0a6cff"), Ok([10, 108, 255]));
        assert_eq!((ticket_ttl("1"), ticket_ttl("300")), (Ok(1), Ok(300)));
        assert_eq!(network("127.0.0.1").map(|net| net.to_string()), Ok("127.0.0.1/32".to_owned()));
        assert_eq!(public_url("https://login.example").map(String::from), Ok("https://login.example/".to_owned()));
    }
}
