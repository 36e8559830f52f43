//! Checks that the browser decodes by [`FromJson`] what the server encodes by serde.

use super::{FromJson, Parsed};
use crate::api::ticket::{Confirm, Generate, Wait};
use crate::error::{ApiError, ErrorCode};
use domain::account::AccountView;
use domain::account::Profile;
use domain::ids::{AccountId, Secret, TicketId};
use domain::ticket::{Issued, Redeemed, StatusView, TicketStatus, TicketView};
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt::Debug;
use uuid::Uuid;

impl Parsed for Value {
    fn member(&self, name: &str) -> Option<Self> {
        self.get(name).filter(|value| !value.is_null()).cloned()
    }

    fn text(&self) -> Option<String> {
        self.as_str().map(str::to_owned)
    }

    fn number(&self) -> Option<f64> {
        self.as_f64()
    }

    fn flag(&self) -> Option<bool> {
        self.as_bool()
    }
}

/// Checks a round trip. With any one member removed, the value must be decoded, or rejected, just as serde does.
fn agrees<T: FromJson + Serialize + serde::de::DeserializeOwned + PartialEq + Debug>(value: T) {
    let written = serde_json::to_value(&value).unwrap();
    assert_eq!(T::from_json(&written), Some(value), "{written}");
    for name in written.as_object().into_iter().flat_map(|members| members.keys()) {
        let mut rest = written.clone();
        rest.as_object_mut().unwrap().remove(name);
        assert_eq!(T::from_json(&rest), serde_json::from_value(rest.clone()).ok(), "{rest}");
    }
}

fn ticket() -> TicketId {
    Uuid::from_u128(7).into()
}

fn account() -> AccountView {
    AccountView {
        id: AccountId::from(Uuid::from_u128(8)),
        username: "dong".to_owned(),
        display_name: "董".to_owned(),
        avatar_url: Some("https://example.com/dong.png".to_owned()),
    }
}

#[test]
fn a_ticket_encoded_by_serde_is_decoded_unchanged() {
    let view = TicketView {
        id: ticket(),
        status: TicketStatus::Pending,
        expires_in: 120,
        account: None,
        confirm_person: false,
    };
    agrees(view.clone());
    for avatar_url in [None, Some("/dong.png".to_owned())] {
        let account = Some(Profile { display_name: "董 \"东\"".to_owned(), avatar_url });
        agrees(TicketView { account, status: TicketStatus::Confirmed, confirm_person: true, ..view.clone() });
    }
}

#[test]
fn every_other_response_encoded_by_serde_is_decoded_unchanged() {
    agrees(Issued {
        id: ticket(),
        url: "https://example.com/confirm?id=7".to_owned(),
        svg: "<svg/>".to_owned(),
        status: TicketStatus::Pending,
        expires_in: 120,
        poll_interval: 2,
    });
    agrees(Redeemed {
        token: Secret::new("secret".to_owned()),
        token_type: "Bearer".to_owned(),
        expires_in: 43_200,
        account: account(),
    });
    agrees(AccountView { avatar_url: None, ..account() });
    agrees(StatusView::new("confirmed"));
}

#[test]
fn an_error_encoded_by_serde_is_decoded_unchanged() {
    agrees(ApiError::from(ErrorCode::TicketNotFound));
    agrees(ApiError::rate_limited(30));
}

#[test]
fn every_status_name_is_decoded() {
    use TicketStatus::{Cancelled, Confirmed, Expired, Pending, Redeemed, Scanned};
    for status in [Pending, Scanned, Confirmed, Redeemed, Cancelled, Expired] {
        agrees(status);
    }
}

#[test]
fn arguments_are_encoded_as_a_form() {
    let id = ticket().to_string();
    let wait = Wait { id: id.clone(), status: TicketStatus::Scanned };
    assert_eq!(serde_urlencoded::to_string(&wait).unwrap(), format!("id={id}&status=scanned"));
    let confirm = Confirm { id: id.clone(), confirm_token: Secret::new("a+b&c".to_owned()) };
    assert_eq!(serde_urlencoded::to_string(&confirm).unwrap(), format!("id={id}&confirm_token=a%2Bb%26c"));
    assert_eq!(serde_urlencoded::to_string(Generate { interaction: None }).unwrap(), "");
    let interaction = Some("7".to_owned());
    assert_eq!(serde_urlencoded::to_string(Generate { interaction }).unwrap(), "interaction=7");
}

#[test]
fn what_serde_rejects_is_rejected() {
    let good = json!({ "id": ticket().to_string(), "status": "pending", "expires_in": 1, "account": null });
    assert!(TicketView::from_json(&good).is_some());
    for (name, bad) in [
        ("id", json!("7")),
        ("id", json!(7)),
        ("status", json!("lost")),
        ("status", json!(1)),
        ("expires_in", json!("1")),
        ("expires_in", json!(-1)),
        ("expires_in", json!(0.5)),
        ("account", json!("dong")),
        ("account", json!({ "avatar_url": null })),
        ("confirm_person", json!("yes")),
    ] {
        let mut value = good.clone();
        value[name] = bad;
        assert!(serde_json::from_value::<TicketView>(value.clone()).is_err(), "{value}");
        assert_eq!(TicketView::from_json(&value), None, "{value}");
    }
    for value in [json!(null), json!([]), json!("pending"), json!({})] {
        assert_eq!(TicketView::from_json(&value), None, "{value}");
        assert_eq!(ApiError::from_json(&value), None, "{value}");
    }
}
