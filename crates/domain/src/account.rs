//! Accounts, devices and sessions: types and input validation.

mod types;
mod validate;

pub use types::{
    Account, AccountView, Began, Device, KnownAccount, Profile, Session, SessionKind, SessionSummary, SessionView,
    SignIn, SignedIn, UnknownName, UserInfo,
};
pub use validate::{InvalidUsername, clean_display_name, clean_username, local_path};
