//! Protection at the HTTP layer, one file per policy. What does not depend on HTTP is in `service::security`.

pub mod address;
pub mod cookie;
pub mod fetch_metadata;
pub mod origin;
pub mod uploads;
pub mod waits;
