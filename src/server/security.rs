//! What keeps strangers out, one policy a file.

pub mod address;
pub mod cookie;
pub mod headers;
pub mod origin;
pub mod password;
pub mod private_file;
pub mod rate_limit;
pub mod secret;
pub mod signing_key;
pub mod token;
