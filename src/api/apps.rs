//! The endpoints for the apps that an account is connected to.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use crate::error::ApiError;
use domain::authorization::ConnectedApp;
use domain::ticket::StatusView;
use leptos::prelude::*;
use server_fn::codec::GetUrl;

/// Lists the apps that the account has signed in to.
#[server(prefix = "/api", endpoint = "apps", input = GetUrl)]
pub async fn apps() -> Result<Vec<ConnectedApp>, ApiError> {
    let cx = crate::server::context::current()?;
    Ok(cx.app.oidc.connections(cx.caller().await?.account.id).await?)
}

/// Disconnects an app: its tokens end at once, and it has to ask for consent again.
#[server(prefix = "/api", endpoint = "apps/disconnect")]
pub async fn disconnect(client_id: String) -> Result<StatusView, ApiError> {
    use service::audit::Event;
    let cx = crate::server::context::current()?;
    let caller = cx.caller().await?;
    let outcome = cx.app.oidc.disconnect(&caller, &client_id.parse()?).await.map_err(ApiError::from);
    cx.audit(Event::Disconnect, Some(caller.account.id), &outcome);
    outcome?;
    Ok(StatusView::new("disconnected"))
}
