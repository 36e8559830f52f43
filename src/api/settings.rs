//! The endpoints for a person's own account. A picture is received by `server::http::upload`, because it is no form of a
//! few fields.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use crate::error::ApiError;
use domain::account::AccountView;
use domain::ids::Secret;
use domain::ticket::StatusView;
use leptos::prelude::*;

/// Changes the caller's display name; an empty one stands for the username. Returns the account as it is then.
#[server(prefix = "/api", endpoint = "settings/profile")]
pub async fn rename(display_name: String) -> Result<AccountView, ApiError> {
    use service::audit::Event;
    let cx = crate::server::context::current()?;
    let caller = cx.caller().await?;
    let outcome = cx.app.settings.rename(&caller, display_name).await.map_err(ApiError::from);
    cx.audit(Event::Profile, Some(caller.account.id), &outcome);
    Ok(outcome?.view())
}

/// Removes the caller's picture. Returns the account as it is then.
#[server(prefix = "/api", endpoint = "settings/picture/remove")]
pub async fn remove_picture() -> Result<AccountView, ApiError> {
    use service::audit::Event;
    let cx = crate::server::context::current()?;
    let caller = cx.caller().await?;
    let outcome = cx.app.settings.remove_picture(&caller).await.map_err(ApiError::from);
    cx.audit(Event::Picture, Some(caller.account.id), &outcome);
    Ok(outcome?.view())
}

/// Changes the caller's password, and ends all other sessions and what apps were granted. `new_password_again` is only
/// compared if it is there: a page without script cannot show what was typed.
#[server(prefix = "/api", endpoint = "settings/password")]
pub async fn change_password(
    password: Secret,
    new_password: Secret,
    new_password_again: Option<Secret>,
) -> Result<StatusView, ApiError> {
    use crate::error::ErrorCode;
    use service::audit::Event;
    let cx = crate::server::context::current()?;
    let caller = cx.caller().await?;
    let account = Some(caller.account.id);
    let _turn = cx.password_turn(Event::Password, account)?;
    let outcome = if new_password_again.is_some_and(|again| again != new_password) {
        Err(ErrorCode::PasswordMismatch.into())
    } else {
        let (old, new) = (password.reveal().to_owned(), new_password.reveal().to_owned());
        cx.app.settings.change_password(cx.asker(&caller, &cx.known_devices()), old, new).await.map_err(ApiError::from)
    };
    cx.audit(Event::Password, account, &outcome);
    outcome?;
    Ok(StatusView::new("changed"))
}

/// Deletes the caller's account and signs the browser out. `username` confirms it; `password` may only be missing on a
/// phone whose account has none.
#[server(prefix = "/api", endpoint = "settings/delete")]
pub async fn delete(username: String, password: Option<Secret>) -> Result<StatusView, ApiError> {
    use service::audit::Event;
    let cx = crate::server::context::current()?;
    let caller = cx.caller().await?;
    let account = Some(caller.account.id);
    let _turn = cx.password_turn(Event::Delete, account)?;
    let password = password.map(|password| password.reveal().to_owned()).unwrap_or_default();
    let known = cx.known_devices();
    let outcome = cx.app.settings.delete(cx.asker(&caller, &known), &username, password).await.map_err(ApiError::from);
    cx.audit(Event::Delete, account, &outcome);
    outcome?;
    cx.forget_session(caller.session.kind)?;
    Ok(StatusView::new("deleted"))
}
