//! The participants: phones, browsers, tokens and a fresh ticket.

use domain::account::Profile;
use domain::ids::{AccountId, DeviceId, SecretHash};
use domain::ticket::{Decision, Phone, Requester, Ticket, TicketState};
use domain::time::Timestamp;
use std::time::Duration;
use uuid::Uuid;

/// When every ticket of these tests is issued.
pub const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);
/// How long it lives.
pub const TTL: Duration = Duration::from_secs(120);
/// The secret hash of the requesting browser.
pub const RIGHT_BROWSER: SecretHash = SecretHash::new([0xb0; 32]);
/// Differs from it only in the last byte.
pub const WRONG_BROWSER: SecretHash = {
    let mut digest = [0xb0; 32];
    digest[31] = 0xb1;
    SecretHash::new(digest)
};
/// Number of phones.
pub const PHONES: usize = 3;

/// Returns a phone: 0 and 1 belong to one person; 2 is another person's, with the device id of 0.
pub fn phone(number: usize) -> Phone {
    let (account, device, name) = match number {
        0 => (1, "first", "Dong"),
        1 => (1, "second", "Dong"),
        _ => (2, "first", "Guang"),
    };
    Phone {
        account: AccountId::from(Uuid::from_u128(account)),
        device: device.parse::<DeviceId>().unwrap(),
        session: Some(Uuid::from_u128(100 + number as u128).into()),
        profile: Profile { display_name: name.to_owned(), avatar_url: None },
    }
}

/// Returns the hash of the confirm token with that number.
pub fn token(number: u8) -> SecretHash {
    SecretHash::new([number; 32])
}

/// Returns the decision of a phone with a token.
pub fn decision(number: usize, presented: u8) -> Decision {
    let phone = phone(number);
    Decision { account: phone.account, device: phone.device, session: phone.session, confirm: token(presented) }
}

/// Returns a ticket as issued.
pub fn fresh() -> Ticket {
    Ticket {
        id: Uuid::from_u128(7).into(),
        version: 0,
        browser: RIGHT_BROWSER,
        requester: Requester { ip: "192.0.2.1".into(), browser: "Firefox".into(), os: "Linux".into() },
        known_accounts: Vec::new(),
        app: None,
        device: None,
        created_at: START,
        expires_at: START + TTL,
        state: TicketState::Pending,
    }
}
