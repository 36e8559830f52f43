//! The subset of the browser's page API that the islands use.

use super::pauses;
use futures::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Function, Promise, Reflect};
use leptos::prelude::{document, window};
use std::pin::pin;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, Event, EventTarget};

/// Runs `wake` only in the browser. The server calls an island's function as well, to render its root element. An
/// `Effect` would do the same, but pulls in the reactive graph.
pub(super) fn on_hydration(wake: impl FnOnce()) {
    if cfg!(target_family = "wasm") {
        wake();
    }
}

/// Returns whether the page is visible.
pub(super) fn is_visible() -> bool {
    !document().hidden()
}

/// Navigates to `address`, replacing this page in the history: the back button must not lead to a used code.
pub(super) fn replace(address: &str) {
    // Fails only for another origin, and `address` is a path.
    let _ = window().location().replace(address);
}

/// Replaces the URL in the address bar without navigating, so that a reload uses it.
pub(super) fn rename(address: &str) {
    // Fails only for another origin or when called too often; then a reload just starts over.
    let _ = window().history().and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(address)));
}

/// Reloads this page from the server.
pub(super) fn reload() {
    let _ = window().location().reload();
}

/// Registers `listener` for an event, for the lifetime of the page.
pub(super) fn on(target: &EventTarget, event: &str, listener: impl Fn(Event) + 'static) {
    let listener = Closure::<dyn Fn(Event)>::new(listener).into_js_value();
    // Fails only if the target is gone, and then no event can occur.
    let _ = target.add_event_listener_with_callback(event, listener.unchecked_ref());
}

/// Returns the first match below `root`.
pub(super) fn find(root: &Element, selector: &str) -> Option<Element> {
    root.query_selector(selector).ok().flatten()
}

/// Returns the first match in the page.
pub(super) fn find_in_page(selector: &str) -> Option<Element> {
    document().query_selector(selector).ok().flatten()
}

/// Returns an attribute's value, or "" if it is absent.
pub(super) fn attribute(element: &Element, name: &str) -> String {
    element.get_attribute(name).unwrap_or_default()
}

/// Returns whether the style sheet currently allows pointer events on the element.
pub(super) fn takes_pointer(element: &Element) -> bool {
    let style = window().get_computed_style(element).ok().flatten();
    style.and_then(|style| style.get_property_value("pointer-events").ok()).is_none_or(|value| value != "none")
}

/// Changes the page by `change`, in a view transition where the browser has them, so that what has the same
/// `view-transition-name` before and after moves from one to the other.
pub(super) fn transition(change: impl FnOnce() + 'static) {
    let document = document();
    let start = method(&document, "startViewTransition").filter(|_| is_visible());
    let Some(start) = start else { return change() };
    let Ok(transition) = start.call1(&document, &Closure::once_into_js(change)) else { return };
    // The page changes all the same if the browser skips the movement.
    if let Some(ready) =
        Reflect::get(&transition, &"ready".into()).ok().and_then(|ready| ready.dyn_into::<Promise>().ok())
    {
        spawn_local(async { drop(JsFuture::from(ready).await) });
    }
}

/// Vibrates for some milliseconds where the device can: a sign for the hand that holds it.
pub(super) fn vibrate(milliseconds: u32) {
    let navigator = window().navigator();
    if let Some(vibrate) = method(&navigator, "vibrate") {
        let _ = vibrate.call1(&navigator, &milliseconds.into());
    }
}

/// Returns a method that not all browsers have.
fn method(object: &JsValue, name: &str) -> Option<Function> {
    Reflect::get(object, &name.into()).ok()?.dyn_into().ok()
}

/// Returns an element's text content.
pub(super) fn text_of(element: &Element) -> String {
    element.text_content().unwrap_or_default()
}

/// Waits for `milliseconds`.
pub(super) async fn pause(milliseconds: u32) {
    TimeoutFuture::new(milliseconds).await;
}

/// Awaits `future`, for at most `milliseconds`.
pub(super) async fn within<T>(milliseconds: u32, future: impl Future<Output = T>) -> Option<T> {
    match select(pin!(future), pin!(pause(milliseconds))).await {
        Either::Left((value, _)) => Some(value),
        Either::Right(_) => None,
    }
}

/// Returns a random number below `limit`.
pub(super) fn chance(limit: u32) -> u32 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from zero to a limit that fits")]
    let number = (js_sys::Math::random() * f64::from(limit)) as u32;
    number
}

/// Exponential backoff with jitter, so that a thousand pages do not reconnect at the same moment.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    attempts: u32,
}

impl Backoff {
    /// Returns the milliseconds until the next attempt: half of the step plus a random part of the other half.
    pub(super) fn next(&mut self) -> u32 {
        let step = pauses::step(self.attempts);
        self.attempts = self.attempts.saturating_add(1);
        step / 2 + chance(step / 2)
    }

    /// Resets the backoff after a success.
    pub(super) fn reset(&mut self) {
        self.attempts = 0;
    }
}
