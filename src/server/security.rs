//! What keeps strangers out as requests come in, one policy a file. What holds without HTTP is in `service::security`.

pub mod address;
pub mod cookie;
pub mod origin;
pub mod waits;
