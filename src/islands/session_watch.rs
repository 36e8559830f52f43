//! Notices at once when this browser's session was ended elsewhere.

use super::page::{self, Backoff};
use crate::account::api::wait_for_end;
use crate::error::ErrorCode;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Shows nothing; leaves the page when the session has ended.
#[island]
pub fn SessionWatch() -> impl IntoView {
    Effect::new(|_| spawn_local(watch()));
}

async fn watch() {
    let mut backoff = Backoff::default();
    loop {
        match wait_for_end().await {
            Ok(_) => backoff.reset(),
            Err(error) => match error.code {
                // The server knows which page comes next, and why.
                ErrorCode::TokenRevoked | ErrorCode::TokenExpired | ErrorCode::Unauthenticated => {
                    return page::reload();
                }
                _ => page::pause(backoff.next()).await,
            },
        }
    }
}
