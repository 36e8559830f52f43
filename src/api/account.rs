//! The endpoints for accounts, phones and sessions.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use crate::error::ApiError;
use crate::wire::Fetch;
use domain::account::{SessionView, SignedIn, UserInfo};
use domain::ids::Secret;
use domain::ticket::StatusView;
use leptos::prelude::*;
use server_fn::codec::GetUrl;

/// Signs in a phone, or with `device_kind=pc` this PC. `remember` keeps a browser signed in after it is closed.
#[server(prefix = "/api", endpoint = "login")]
pub async fn login(
    username: String,
    password: Secret,
    device_id: Option<String>,
    device_name: Option<String>,
    device_kind: Option<String>,
    remember: Option<String>,
) -> Result<SignedIn, ApiError> {
    use service::audit::Event;
    let cx = crate::server::context::current()?;
    let _turn = cx.password_turn(Event::SignIn, None)?;
    let sign_in = cx.sign_in(username, device_id, device_name, device_kind)?;
    let begun =
        cx.app.sign_in.by_password(sign_in, password.reveal().to_owned(), &cx.known_devices(), cx.client.ip).await?;
    cx.keep_sign_in(&begun, remember.is_some())?;
    Ok(begun.signed_in)
}

/// Returns the caller's profile.
#[server(prefix = "/api", endpoint = "userinfo", input = GetUrl)]
pub async fn userinfo() -> Result<UserInfo, ApiError> {
    let cx = crate::server::context::current()?;
    Ok(cx.caller().await?.user_info())
}

/// Ends the caller's session only.
#[server(prefix = "/api", endpoint = "logout")]
pub async fn logout() -> Result<StatusView, ApiError> {
    use service::audit::Event;
    let cx = crate::server::context::current()?;
    let caller = cx.caller().await?;
    let outcome = cx.app.sessions.revoke(&caller, caller.session.id).await.map_err(ApiError::from);
    cx.audit(Event::SignOut, Some(caller.account.id), &outcome);
    outcome?;
    cx.forget_session(caller.session.kind)?;
    Ok(StatusView::new("signed_out"))
}

/// Lists the account's signed-in phones and PCs.
#[server(prefix = "/api", endpoint = "sessions", input = GetUrl)]
pub async fn sessions() -> Result<Vec<SessionView>, ApiError> {
    let cx = crate::server::context::current()?;
    Ok(cx.app.sessions.list(&cx.caller().await?).await?)
}

/// Ends one session of the account immediately.
#[server(prefix = "/api", endpoint = "sessions/revoke")]
pub async fn revoke(session_id: String) -> Result<StatusView, ApiError> {
    use service::audit::Event;
    let cx = crate::server::context::current()?;
    let caller = cx.caller().await?;
    let outcome = cx.app.sessions.revoke(&caller, session_id.parse()?).await.map_err(ApiError::from);
    cx.audit(Event::Revoke, Some(caller.account.id), &outcome);
    outcome?;
    Ok(StatusView::new("revoked"))
}

/// Ends every session of the account except the caller's.
#[server(prefix = "/api", endpoint = "sessions/revoke-others")]
pub async fn revoke_others() -> Result<StatusView, ApiError> {
    use service::audit::Event;
    let cx = crate::server::context::current()?;
    let caller = cx.caller().await?;
    let outcome = cx.app.sessions.revoke_others(&caller).await.map_err(ApiError::from);
    cx.audit(Event::Revoke, Some(caller.account.id), &outcome);
    outcome?;
    Ok(StatusView::new("revoked"))
}

/// Verifies the account's password, which lets a PC session that began with a QR code end other sessions for ten
/// minutes.
#[server(prefix = "/api", endpoint = "step-up")]
pub async fn step_up(password: Secret) -> Result<StatusView, ApiError> {
    use service::audit::Event;
    let cx = crate::server::context::current()?;
    let caller = cx.caller().await?;
    let _turn = cx.password_turn(Event::StepUp, Some(caller.account.id))?;
    cx.app.sign_in.step_up(&caller, password.reveal().to_owned(), &cx.known_devices(), cx.client.ip).await?;
    Ok(StatusView::new("stepped_up"))
}

/// Long poll: returns an error as soon as the caller's session has ended, or success after 25 seconds if it has not. With a
/// `connection` of the account, returns `changed` as soon as that is no longer pending.
#[server(prefix = "/api", endpoint = "session/wait", protocol = Fetch<GetUrl>)]
pub async fn wait_for_end(connection: Option<String>) -> Result<StatusView, ApiError> {
    use futures::future::{Either, select};
    use std::pin::pin;
    let cx = crate::server::context::current()?;
    let caller = cx.caller().await?;
    let _place = cx.app.waits.for_session(caller.session.id, cx.client.ip)?;
    if let Some(connection) = connection {
        let (account, id) = (caller.account.id, connection.parse()?);
        let changed = cx.app.connected_services.wait_for_end(account, id);
        let ended = cx.app.sessions.wait_for_end(&caller);
        return match select(pin!(changed), pin!(ended)).await {
            Either::Left((changed, _)) => Ok(StatusView::new(if changed? { "changed" } else { "signed_in" })),
            Either::Right((ended, _)) => Ok(ended.map(|()| StatusView::new("signed_in"))?),
        };
    }
    cx.app.sessions.wait_for_end(&caller).await?;
    Ok(StatusView::new("signed_in"))
}
