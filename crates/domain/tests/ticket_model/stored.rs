//! The stored format of a ticket. Nodes of two versions may share one Redis, so the names below never change; new
//! fields may be added if a ticket without them can still be read.

use super::people::{START, fresh, phone, token};
use domain::client::Scopes;
use domain::ticket::{Cancellation, DeviceRequest, Ticket, TicketState};
use serde_json::{Value, json};

/// Returns every state with its stored form.
fn states() -> [(TicketState, Value); 9] {
    let (owner, confirm, at) = (phone(0), token(1), START);
    let phone = json!({
        "account": "00000000-0000-0000-0000-000000000001",
        "device": "first",
        "session": "00000000-0000-0000-0000-000000000064",
        "profile": { "display_name": "Dong", "avatar_url": null },
    });
    let hash = json!(vec![1; 32]);
    let by_phone = Cancellation::Phone { phone: owner.clone(), confirm: Some(confirm) };
    [
        (TicketState::Pending, json!({ "status": "pending" })),
        (
            TicketState::Scanned { phone: owner.clone(), confirm, at },
            json!({ "status": "scanned", "phone": phone, "confirm": hash, "at": 1_700_000_000_000_i64 }),
        ),
        (
            TicketState::Confirmed { phone: owner.clone(), confirm: Some(confirm), confirm_person: true, at },
            json!({
                "status": "confirmed", "phone": phone, "confirm": hash, "confirm_person": true,
                "at": 1_700_000_000_000_i64,
            }),
        ),
        (
            TicketState::Redeemed { phone: owner.clone(), confirm: Some(confirm), at },
            json!({ "status": "redeemed", "phone": phone, "confirm": hash, "at": 1_700_000_000_000_i64 }),
        ),
        (
            TicketState::Cancelled { by: by_phone },
            json!({ "status": "cancelled", "by": { "party": "phone", "phone": phone, "confirm": hash } }),
        ),
        (
            TicketState::Cancelled { by: Cancellation::Browser { phone: None } },
            json!({ "status": "cancelled", "by": { "party": "browser", "phone": null } }),
        ),
        (
            TicketState::Cancelled { by: Cancellation::Browser { phone: Some(owner.clone()) } },
            json!({ "status": "cancelled", "by": { "party": "browser", "phone": phone } }),
        ),
        (TicketState::Expired { phone: None }, json!({ "status": "expired", "phone": null })),
        (TicketState::Expired { phone: Some(owner) }, json!({ "status": "expired", "phone": phone })),
    ]
}

#[test]
fn a_ticket_is_stored_with_these_names() {
    for (state, stored) in states() {
        let known_accounts = vec![phone(2).account];
        let ticket = Ticket { state, version: 3, known_accounts, ..fresh() };
        let stored = json!({
            "id": "00000000-0000-0000-0000-000000000007",
            "version": 3,
            "browser": vec![0xb0; 32],
            "requester": { "ip": "192.0.2.1", "browser": "Firefox", "os": "Linux" },
            "known_accounts": ["00000000-0000-0000-0000-000000000002"],
            "created_at": 1_700_000_000_000_i64,
            "expires_at": 1_700_000_120_000_i64,
            "state": stored,
        });
        assert_eq!(serde_json::to_value(&ticket).unwrap(), stored);
        assert_eq!(serde_json::from_value::<Ticket>(stored).unwrap(), ticket);
    }
}

#[test]
fn the_ticket_of_a_device_is_stored_with_these_names() {
    let device = DeviceRequest {
        client: "tv".parse().unwrap(),
        name: "TV".to_owned(),
        logo_url: Some("https://tv.example/logo.svg".to_owned()),
        scopes: Scopes::parse("openid profile"),
        nonce: Some("n".to_owned()),
        user_code: "wdjbmjht".parse().unwrap(),
    };
    let stored = json!({
        "client": "tv",
        "name": "TV",
        "logo_url": "https://tv.example/logo.svg",
        "scopes": "openid profile",
        "nonce": "n",
        "user_code": "WDJB-MJHT",
    });
    let ticket = Ticket { device: Some(Box::new(device.clone())), ..fresh() };
    assert_eq!(serde_json::to_value(&ticket).unwrap()["device"], stored);
    assert_eq!(serde_json::from_value::<DeviceRequest>(stored.clone()).unwrap(), device);
    // What may be missing.
    let bare = DeviceRequest { logo_url: None, nonce: None, ..device };
    let stored = json!({ "client": "tv", "name": "TV", "scopes": "openid profile", "user_code": "WDJB-MJHT" });
    assert_eq!(serde_json::to_value(&bare).unwrap(), stored);
    assert_eq!(serde_json::from_value::<DeviceRequest>(stored).unwrap(), bare);
}
