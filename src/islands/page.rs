//! The browser's page, as far as islands need it.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// Whether somebody can see the page.
pub fn is_visible() -> bool {
    !document().hidden()
}

/// Goes to `address`, in the place of this page: the back button must not lead to a used code.
pub fn replace(address: &str) {
    // Refused only for another origin, and `address` is a path.
    let _ = window().location().replace(address);
}

/// Asks the server for this page anew.
pub fn reload() {
    let _ = window().location().reload();
}

/// Calls `listener` whenever the page is shown, hidden, or gets its network back; for as long as the page lives.
pub fn on_wake(listener: impl Fn() + Clone + 'static) {
    let visibility = Closure::<dyn Fn()>::new(listener.clone()).into_js_value();
    let online = Closure::<dyn Fn()>::new(listener).into_js_value();
    let _ = document().add_event_listener_with_callback("visibilitychange", visibility.unchecked_ref());
    let _ = window().add_event_listener_with_callback("online", online.unchecked_ref());
}

/// Waits for `milliseconds`.
pub async fn pause(milliseconds: u32) {
    TimeoutFuture::new(milliseconds).await;
}

/// Growing pauses between attempts, with jitter, so that a thousand pages do not return at the same moment.
#[derive(Debug, Default)]
pub struct Backoff {
    attempts: u32,
}

impl Backoff {
    const FIRST: u32 = 500;
    const LONGEST: u32 = 15_000;

    /// Milliseconds until the next attempt: half of the step is certain, half is chance.
    pub fn next(&mut self) -> u32 {
        let step = Self::FIRST.saturating_mul(1 << self.attempts.min(5)).min(Self::LONGEST);
        self.attempts = self.attempts.saturating_add(1);
        let chance = js_sys::Math::random() * f64::from(step / 2);
        // Between zero and half a step, so it fits.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive number")]
        let jitter = chance as u32;
        step / 2 + jitter
    }

    /// Begins anew after a success.
    pub fn reset(&mut self) {
        self.attempts = 0;
    }
}
