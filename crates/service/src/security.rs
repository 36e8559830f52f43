//! What keeps strangers out, one policy a file.

pub mod binding;
pub mod device_binding;
pub mod device_cookie;
pub mod password;
pub mod rate_limit;
pub mod secret;
pub mod signing_key;
pub mod token;
