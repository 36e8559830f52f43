//! The device that a ticket would sign in (RFC 8628).

use super::app::AppView;
use crate::client::{ClientId, Scopes};
use crate::ids::MalformedId;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// How long a device's code lives: people have to fetch their phone, and may have to type it.
pub const DEVICE_TTL: Duration = Duration::from_secs(300);
/// Seconds that a device waits between two polls (RFC 8628, section 3.2).
pub const DEVICE_INTERVAL: u64 = 5;

/// No vowels, so that no word comes out, and nothing that looks like a digit (RFC 8628, section 6.1).
const ALPHABET: [u8; 20] = *b"BCDFGHJKLMNPQRSTVWXZ";
/// 20^8 is 2^34.5: with the limits on entering one, guessing a live code takes thousands of years.
const LENGTH: usize = 8;

/// The code that a device shows and a person types or compares: eight letters, shown as `WDJB-MJHT`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserCode([u8; LENGTH]);

impl UserCode {
    /// Chooses a code by random bytes, each letter with the same probability; `None` if there are too few bytes.
    pub fn choose(random: impl IntoIterator<Item = u8>) -> Option<Self> {
        // Bytes beyond the last whole multiple of the alphabet's length would favour its first letters.
        let most = 256 / ALPHABET.len() * ALPHABET.len();
        let mut letters = random.into_iter().map(usize::from).filter(|byte| *byte < most);
        let mut code = [0; LENGTH];
        for letter in &mut code {
            *letter = ALPHABET[letters.next()? % ALPHABET.len()];
        }
        Some(Self(code))
    }
}

impl FromStr for UserCode {
    type Err = MalformedId;

    /// Reads what a person typed: in lower case, too, and with any spaces and punctuation.
    fn from_str(text: &str) -> Result<Self, MalformedId> {
        let mut code = [0; LENGTH];
        let mut letters = text.chars().filter(|c| c.is_alphanumeric());
        for letter in &mut code {
            // Full-width letters are what a Chinese keyboard may produce.
            let typed = letters.next().ok_or(MalformedId)?;
            let narrow = match typed {
                'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(u32::from(typed) - 0xFEE0).unwrap_or(typed),
                other => other,
            };
            let byte = u8::try_from(narrow.to_ascii_uppercase()).map_err(|_| MalformedId)?;
            *letter = ALPHABET.contains(&byte).then_some(byte).ok_or(MalformedId)?;
        }
        if letters.next().is_some() { Err(MalformedId) } else { Ok(Self(code)) }
    }
}

impl fmt::Display for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, letter) in self.0.iter().enumerate() {
            let gap = if at == LENGTH / 2 { "-" } else { "" };
            write!(f, "{gap}{}", char::from(*letter))?;
        }
        Ok(())
    }
}

impl fmt::Debug for UserCode {
    /// A reader of the log could enter it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserCode(…)")
    }
}

impl TryFrom<String> for UserCode {
    type Error = MalformedId;

    fn try_from(text: String) -> Result<Self, MalformedId> {
        text.parse()
    }
}

impl From<UserCode> for String {
    fn from(code: UserCode) -> Self {
        code.to_string()
    }
}

/// The device that a ticket would sign in, and what its program would learn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRequest {
    /// The client that the device's program is.
    pub client: ClientId,
    /// Its name.
    pub name: String,
    /// Its logo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo_url: Option<String>,
    /// What it would learn.
    pub scopes: Scopes,
    /// Copied into the ID token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// The code that the device shows.
    pub user_code: UserCode,
}

impl DeviceRequest {
    /// Returns the program as clients of the API see it.
    pub fn view(&self) -> AppView {
        AppView {
            client_id: self.client.to_string(),
            name: self.name.clone(),
            logo_url: self.logo_url.clone(),
            scope: self.scopes.to_string(),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_letter_is_as_likely_as_any_other() {
        let mut counts = BTreeMap::new();
        for byte in 0..=255 {
            let code = UserCode::choose([byte; LENGTH]);
            assert_eq!(code.is_none(), byte >= 240, "{byte}");
            if let Some(code) = code {
                *counts.entry(code.0[0]).or_insert(0) += 1;
            }
        }
        assert_eq!(counts.len(), 20);
        assert!(counts.values().all(|count| *count == 12), "{counts:?}");
    }

    #[test]
    fn a_code_is_read_however_a_person_types_it() {
        let code = UserCode::choose([15, 2, 5, 0, 9, 5, 4, 14]).unwrap();
        let shown = code.to_string();
        assert_eq!(shown.len(), 9);
        for typed in [
            shown.clone(),
            shown.to_lowercase(),
            shown.replace('-', ""),
            shown.replace('-', " "),
            format!(" {shown}\n"),
            shown.replace('-', "—"),
            shown.chars().map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap()).collect(),
        ] {
            assert_eq!(typed.parse(), Ok(code), "{typed}");
        }
    }

    #[test]
    fn anything_else_is_no_code() {
        for text in
            ["", "WDJB-MJH", "WDJB-MJHTW", "WDJB-MJHA", "WDJB-MJH1", "WDJB-MJHß", "WDJB-MJHİ", "张三李四王五赵六"]
        {
            assert_eq!(text.parse::<UserCode>(), Err(MalformedId), "{text}");
        }
    }

    #[test]
    fn a_code_is_neither_printed_nor_stored_in_two_forms() {
        let code: UserCode = "wdjbmjht".parse().unwrap();
        assert_eq!(format!("{code:?}"), "UserCode(…)");
        assert_eq!(serde_json::to_string(&code).unwrap(), "\"WDJB-MJHT\"");
        assert_eq!(serde_json::from_str::<UserCode>("\"WDJB-MJHT\"").unwrap(), code);
    }
}
