//! Notices immediately when this browser's session was ended elsewhere, or when what the page waits for has happened.

use super::page::{self, Backoff};
use crate::api::account::wait_for_end;
use crate::error::ErrorCode;
use leptos::prelude::*;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// Renders nothing; leaves the page when the session has ended.
#[island]
pub fn SessionWatch() -> impl IntoView {
    page::on_hydration(|| {
        // A user who signs out with a button of this page is already leaving it, so ignore the end of the session.
        let is_leaving = Rc::new(Cell::new(false));
        let leaves = Rc::clone(&is_leaving);
        page::on(&document(), "submit", move |_| leaves.set(true));
        spawn_local(watch(is_leaving));
    });
}

async fn watch(is_leaving: Rc<Cell<bool>>) {
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
                    if !is_leaving.get() {
                        page::reload();
                    }
                    return;
                }
                _ => page::pause(backoff.next()).await,
            },
        }
    }
}
