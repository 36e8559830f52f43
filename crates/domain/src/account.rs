//! Accounts, devices and sessions: types and input validation.

mod change;
mod person;
mod picture;
mod types;
mod validate;

pub use change::{AccountChange, InvalidAccount, MAX_GROUPS};
pub use person::{Account, AccountView, Profile, UserInfo};
pub use picture::{PICTURES, Picture, PictureId};
pub use types::{
    Began, Device, KnownAccount, Session, SessionKind, SessionSummary, SessionView, SignIn, SignedIn, UnknownName,
    lives_at,
};
pub use validate::{
    InvalidEmail, InvalidGroup, InvalidUsername, account_hint, clean_display_name, clean_email, clean_group,
    clean_username, foreign_username, local_path,
};
