//! People, their phones and their sessions: types, rules for input, endpoints.

pub mod api;
mod types;
mod validate;

pub use types::{
    Account, AccountView, Device, Session, SessionKind, SessionSummary, SessionView, SignIn, SignedIn,
    UnknownSessionKind, UserInfo,
};
pub use validate::{clean_device_name, clean_username, local_path};
