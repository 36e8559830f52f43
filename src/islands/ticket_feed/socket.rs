//! The browser's end of the WebSocket, as a stream of ticket views.

use crate::routes::WATCH;
use crate::wire;
use domain::ids::TicketId;
use domain::ticket::TicketView;
use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use leptos::prelude::window;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, MessageEvent, WebSocket};

/// An open or connecting socket. Dropping it closes it.
pub(super) struct Socket {
    inner: WebSocket,
    frames: UnboundedReceiver<Option<TicketView>>,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_end: Closure<dyn Fn(Event)>,
}

impl Socket {
    /// Connects and starts to follow the ticket.
    pub(super) fn open(id: TicketId) -> Result<Self, JsValue> {
        let location = window().location();
        let scheme = if location.protocol()? == "https:" { "wss" } else { "ws" };
        let inner = WebSocket::new(&format!("{scheme}://{}{WATCH}?id={id}", location.host()?))?;
        let (sender, frames) = unbounded();
        let ended = sender.clone();
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let view = event.data().as_string().and_then(|text| wire::parse(&text));
            // The receiver is gone, so nothing is lost.
            let _ = sender.unbounded_send(view);
        });
        let on_end = Closure::<dyn Fn(Event)>::new(move |_| drop(ended.unbounded_send(None)));
        inner.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        inner.set_onclose(Some(on_end.as_ref().unchecked_ref()));
        inner.set_onerror(Some(on_end.as_ref().unchecked_ref()));
        Ok(Self { inner, frames, _on_message: on_message, _on_end: on_end })
    }

    /// Returns the next view, or `None` if the connection is lost.
    pub(super) async fn next(&mut self) -> Option<TicketView> {
        self.frames.next().await.flatten()
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.inner.set_onmessage(None);
        self.inner.set_onclose(None);
        self.inner.set_onerror(None);
        let _ = self.inner.close();
    }
}
