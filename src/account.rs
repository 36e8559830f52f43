//! People, their phones and their sessions: types, rules for input, endpoints.

pub mod api;
mod types;
mod validate;

pub use types::{
    Account, AccountView, Began, Device, Session, SessionKind, SessionSummary, SessionView, SignIn, SignedIn,
    UnknownName, UserInfo,
};
pub use validate::{clean_display_name, clean_username, local_path};
