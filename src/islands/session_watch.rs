//! Notices immediately when this browser's session was ended elsewhere, or when what the page waits for has happened.

use super::page::{self, Backoff};
use crate::api::account::wait_for_end;
use crate::error::ErrorCode;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// Renders nothing; leaves the page when the session has ended.
#[island]
pub fn SessionWatch() -> impl IntoView {
    page::on_hydration(|| spawn_local(watch()));
}

/// Whether a form of the page was submitted: a user who signs out by a button is leaving already. The page's script marks
/// that, also before this was loaded.
fn is_leaving() -> bool {
    page::find_in_page("[data-leaving]").is_some()
}

async fn watch() {
    let mut backoff = Backoff::default();
    // The connection that a person approves at another service.
    let waiting = page::find_in_page("[data-connection]");
    let connection = waiting.map(|element| page::attribute(&element, "data-connection"));
    loop {
        match wait_for_end(connection.clone()).await {
            Ok(view) if view.status == "changed" => return page::reload(),
            Ok(_) => backoff.reset(),
            Err(error) => match error.code {
                // The server knows which page comes next, and why.
                ErrorCode::TokenRevoked | ErrorCode::TokenExpired | ErrorCode::Unauthenticated => {
                    if !is_leaving() {
                        page::reload();
                    }
                    return;
                }
                _ => page::pause(backoff.next()).await,
            },
        }
    }
}
