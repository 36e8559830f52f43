//! Protection that does not depend on HTTP, one file per policy.

pub mod binding;
pub mod device_binding;
pub mod device_cookie;
pub mod grant_token;
mod jws;
mod key_file;
pub mod oidc_keys;
pub mod password;
pub mod random;
pub mod rate_limit;
pub mod sealing;
pub mod secret;
pub mod signing_key;
pub mod token;
