//! The browser's page, as far as islands need it.

use super::pauses;
use futures::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::{document, window};
use std::pin::pin;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, EventTarget};

/// Runs `wake` in the browser alone. The server, too, calls an island's function, for the element that stands for it; an
/// `Effect` would do the same for the price of the reactive graph.
pub(super) fn on_hydration(wake: impl FnOnce()) {
    if cfg!(target_family = "wasm") {
        wake();
    }
}

/// Whether the page is visible.
pub(super) fn is_visible() -> bool {
    !document().hidden()
}

/// Goes to `address`, in the place of this page: the back button must not lead to a used code.
pub(super) fn replace(address: &str) {
    // Refused only for another origin, and `address` is a path.
    let _ = window().location().replace(address);
}

/// Writes `address` into the address bar, for a reload, without going anywhere.
pub(super) fn rename(address: &str) {
    // Refused only for another origin or when done too often, and then a reload begins anew.
    let _ = window().history().and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(address)));
}

/// Asks the server for this page anew.
pub(super) fn reload() {
    let _ = window().location().reload();
}

/// Calls `listener` for every such event, for as long as the page lives.
pub(super) fn on(target: &EventTarget, event: &str, listener: impl Fn(Event) + 'static) {
    let listener = Closure::<dyn Fn(Event)>::new(listener).into_js_value();
    // Fails only where the target is gone, and then there is nothing to hear.
    let _ = target.add_event_listener_with_callback(event, listener.unchecked_ref());
}

/// The first element below `root` that matches.
pub(super) fn find(root: &Element, selector: &str) -> Option<Element> {
    root.query_selector(selector).ok().flatten()
}

/// The first element of the page that matches.
pub(super) fn find_in_page(selector: &str) -> Option<Element> {
    document().query_selector(selector).ok().flatten()
}

/// An attribute's value, or nothing.
pub(super) fn attribute(element: &Element, name: &str) -> String {
    element.get_attribute(name).unwrap_or_default()
}

/// Whether the style sheet lets a pointer reach the element now.
pub(super) fn takes_pointer(element: &Element) -> bool {
    let style = window().get_computed_style(element).ok().flatten();
    style.and_then(|style| style.get_property_value("pointer-events").ok()).is_none_or(|value| value != "none")
}

/// What an element says.
pub(super) fn text_of(element: &Element) -> String {
    element.text_content().unwrap_or_default()
}

/// Waits for `milliseconds`.
pub(super) async fn pause(milliseconds: u32) {
    TimeoutFuture::new(milliseconds).await;
}

/// What `future` gives, unless it takes longer than `milliseconds`.
pub(super) async fn within<T>(milliseconds: u32, future: impl Future<Output = T>) -> Option<T> {
    match select(pin!(future), pin!(pause(milliseconds))).await {
        Either::Left((value, _)) => Some(value),
        Either::Right(_) => None,
    }
}

/// A random number below `limit`.
pub(super) fn chance(limit: u32) -> u32 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from zero to a limit that fits")]
    let number = (js_sys::Math::random() * f64::from(limit)) as u32;
    number
}

/// Growing pauses between attempts, with jitter, so that a thousand pages do not return at the same moment.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    attempts: u32,
}

impl Backoff {
    /// Milliseconds until the next attempt: half of the step is certain, half is chance.
    pub(super) fn next(&mut self) -> u32 {
        let step = pauses::step(self.attempts);
        self.attempts = self.attempts.saturating_add(1);
        step / 2 + chance(step / 2)
    }

    /// Begins anew after a success.
    pub(super) fn reset(&mut self) {
        self.attempts = 0;
    }
}
