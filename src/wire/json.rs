//! Decodes shared types from JSON that something else has parsed.

use crate::error::{ApiError, ErrorCode};
use domain::account::AccountView;
use domain::account::Profile;
use domain::ids::{AccountId, Secret, TicketId};
use domain::ticket::{Issued, Redeemed, StatusView, TicketStatus, TicketView};
use js_sys::{JSON, Reflect};
use serde::Deserialize;
use serde::de::value::StrDeserializer;
use std::fmt;
use wasm_bindgen::JsValue;

/// A parsed JSON value: the browser's, or in tests serde_json's.
pub trait Parsed: Sized {
    /// Returns the member of an object, unless it is absent or null.
    fn member(&self, name: &str) -> Option<Self>;
    /// Returns the value if it is a string.
    fn text(&self) -> Option<String>;
    /// Returns the value if it is a number.
    fn number(&self) -> Option<f64>;
    /// Returns the value if it is a boolean.
    fn flag(&self) -> Option<bool>;
}

impl Parsed for JsValue {
    fn member(&self, name: &str) -> Option<Self> {
        Reflect::get(self, &Self::from_str(name)).ok().filter(|value| !value.is_undefined() && !value.is_null())
    }

    fn text(&self) -> Option<String> {
        self.as_string()
    }

    fn number(&self) -> Option<f64> {
        self.as_f64()
    }

    fn flag(&self) -> Option<bool> {
        self.as_bool()
    }
}

/// A shared type that the browser decodes. Agrees with the type's `Deserialize`, whose code would be several times
/// larger.
pub trait FromJson: Sized {
    /// The default for a member that is absent or null; `None` if the member is required.
    const ABSENT: Option<Self> = None;

    /// Decodes a value; `None` if it has another shape.
    fn from_json(json: &impl Parsed) -> Option<Self>;
}

/// Parses and decodes JSON text in the browser.
pub fn parse<T: FromJson>(text: &str) -> Option<T> {
    T::from_json(&JSON::parse(text).ok()?)
}

fn member<T: FromJson>(json: &impl Parsed, name: &str) -> Option<T> {
    json.member(name).map_or(T::ABSENT, |value| T::from_json(&value))
}

/// Implements [`FromJson`] for structs by their field names. A misspelt or missing field does not compile.
macro_rules! structs {
    ($($name:ident { $($field:ident),* })*) => {$(
        impl FromJson for $name {
            fn from_json(json: &impl Parsed) -> Option<Self> {
                Some(Self { $($field: member(json, stringify!($field))?),* })
            }
        }
    )*};
}

structs! {
    Issued { id, url, svg, status, expires_in, poll_interval }
    TicketView { id, status, expires_in, account, confirm_person }
    Profile { display_name, avatar_url }
    StatusView { status }
    Redeemed { token, token_type, expires_in, account }
    AccountView { id, username, display_name, avatar_url }
    ApiError { code, message, retry_after }
}

/// Implements [`FromJson`] for enums without data. Their names are those of serde.
macro_rules! names {
    ($($name:ident)*) => {$(
        impl FromJson for $name {
            fn from_json(json: &impl Parsed) -> Option<Self> {
                Self::deserialize(StrDeserializer::<UnknownName>::new(&json.text()?)).ok()
            }
        }
    )*};
}

names! { TicketStatus ErrorCode }

/// Has no message, because serde's error messages are larger than the rest of the name decoder.
#[derive(Debug, thiserror::Error)]
#[error("unknown name")]
struct UnknownName;

impl serde::de::Error for UnknownName {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }
}

macro_rules! ids {
    ($($name:ident)*) => {$(
        impl FromJson for $name {
            fn from_json(json: &impl Parsed) -> Option<Self> {
                json.text()?.parse().ok()
            }
        }
    )*};
}

ids! { TicketId AccountId }

impl FromJson for Secret {
    fn from_json(json: &impl Parsed) -> Option<Self> {
        json.text().map(Self::new)
    }
}

impl FromJson for String {
    fn from_json(json: &impl Parsed) -> Option<Self> {
        json.text()
    }
}

impl FromJson for u64 {
    fn from_json(json: &impl Parsed) -> Option<Self> {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "only what fits is taken")]
        let whole = |number: f64| (number >= 0.0 && number.fract() == 0.0).then_some(number as Self);
        whole(json.number()?)
    }
}

impl FromJson for bool {
    /// Omitted from the JSON if false.
    const ABSENT: Option<Self> = Some(false);

    fn from_json(json: &impl Parsed) -> Option<Self> {
        json.flag()
    }
}

impl<T: FromJson> FromJson for Option<T> {
    const ABSENT: Option<Self> = Some(None);

    fn from_json(json: &impl Parsed) -> Option<Self> {
        T::from_json(json).map(Some)
    }
}
