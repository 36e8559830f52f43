//! The fastest transport: a WebSocket that pushes each change of a ticket.

use super::api::error_response;
use crate::error::{ApiError, ErrorCode};
use crate::server::context::RequestContext;
use crate::server::listener::ConnectionLimits;
use crate::server::security::waits::Place;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use service::metrics::Transport;
use service::watch::Watch;
use tokio::time::timeout;

use crate::server::state::AppState;

/// Size of each connection's read buffer, in bytes: clients only send pongs and closes.
const READ_BUFFER: usize = 1024;

/// The endpoint's query parameters.
#[derive(Debug, Deserialize)]
pub struct WatchQuery {
    id: Option<String>,
}

/// `GET /api/qrcode/ws?id=`
pub async fn watch(
    State(app): State<AppState>,
    cx: RequestContext,
    query: Query<WatchQuery>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let (watch, place) = match subscribe(&cx, query.0, &headers).await {
        Ok(subscribed) => subscribed,
        Err(error) => return error_response(&error),
    };
    match upgrade {
        Ok(upgrade) => upgrade
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            .max_message_size(READ_BUFFER)
            .max_frame_size(READ_BUFFER)
            .on_upgrade(move |socket| async move {
                let (_place, _waiting) = (place, app.metrics.waiting(Transport::WebSocket));
                // A failed send means that the PC has disconnected: nothing is left to do.
                let _ = follow(socket, watch, &app).await;
            }),
        Err(_) => error_response(&ErrorCode::UpgradeRequired.into()),
    }
}

async fn subscribe(cx: &RequestContext, query: WatchQuery, headers: &HeaderMap) -> Result<(Watch, Place), ApiError> {
    if cx.app.origins.is_foreign_page(headers, cx.client.secure) {
        return Err(ErrorCode::CrossOrigin.into());
    }
    let id = query.id.ok_or_else(|| ApiError::invalid("missing field `id`"))?;
    cx.watch_ticket(id.parse()?).await
}

async fn follow(mut socket: WebSocket, mut watch: Watch, app: &AppState) -> Result<(), axum::Error> {
    let limits = &app.connections;
    loop {
        let view = watch.view();
        let text = serde_json::to_string(&view).map_err(axum::Error::new)?;
        send(&mut socket, limits, Message::text(text)).await?;
        if view.status.is_final() {
            return close(&mut socket, limits, close_code::NORMAL).await;
        }
        let mut is_asked = false;
        loop {
            tokio::select! {
                () = watch.differs_from(view.status) => break,
                message = socket.recv() => match message {
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(()),
                    Some(Ok(_)) => is_asked = false,
                },
                () = app.clock.sleep(limits.ping) => {
                    if std::mem::replace(&mut is_asked, true) {
                        // The last ping was not answered, so the peer is gone.
                        return Ok(());
                    }
                    send(&mut socket, limits, Message::Ping(axum::body::Bytes::new())).await?;
                }
                () = app.shutdown.cancelled() => return close(&mut socket, limits, close_code::RESTART).await,
            }
        }
    }
}

/// Fails when the write makes no progress within the stall timeout.
async fn send(socket: &mut WebSocket, limits: &ConnectionLimits, message: Message) -> Result<(), axum::Error> {
    timeout(limits.stall, socket.send(message)).await.map_err(axum::Error::new)?
}

async fn close(socket: &mut WebSocket, limits: &ConnectionLimits, code: u16) -> Result<(), axum::Error> {
    let reason = axum::extract::ws::Utf8Bytes::default();
    send(socket, limits, Message::Close(Some(CloseFrame { code, reason }))).await
}
