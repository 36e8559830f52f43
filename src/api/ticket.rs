//! The endpoints of the QR code lifecycle.

#![allow(missing_docs, reason = "the macro turns each argument into a public field, with the argument's own name")]

use crate::error::ApiError;
use crate::wire::Fetch;
use domain::ids::Secret;
use domain::ticket::{Issued, Redeemed, Scanned, StatusView, TicketView};
use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

/// Issues a new code and binds it to this browser with a cookie. `interaction` is the authorization request that the
/// sign-in answers: the phone then shows which app asks.
#[server(prefix = "/api", endpoint = "qrcode/generate", protocol = Fetch<PostUrl>)]
pub async fn generate(interaction: Option<String>) -> Result<Issued, ApiError> {
    let cx = crate::server::context::current()?;
    let app = match interaction.filter(|id| !id.is_empty()) {
        Some(id) => cx.requesting_app(id.parse()?).await?,
        None => None,
    };
    let ticket = cx.issue_ticket(app).await?;
    Ok(cx.app.tickets.issued(&ticket)?)
}

/// Returns the ticket's current status immediately.
#[server(prefix = "/api", endpoint = "qrcode/check", protocol = Fetch<GetUrl>)]
pub async fn check(id: String) -> Result<TicketView, ApiError> {
    let cx = crate::server::context::current()?;
    Ok(cx.app.tickets.check(id.parse()?, cx.browser()).await?)
}

/// Long poll: returns the ticket's status as soon as it differs from `status`, or after 25 seconds.
#[server(prefix = "/api", endpoint = "qrcode/wait", protocol = Fetch<GetUrl>)]
pub async fn wait(id: String, status: domain::ticket::TicketStatus) -> Result<TicketView, ApiError> {
    let cx = crate::server::context::current()?;
    let (watch, _place) = cx.watch_ticket(id.parse()?).await?;
    Ok(cx.app.tickets.wait(watch, status).await)
}

/// Redeems the ticket for the PC's session, once.
#[server(prefix = "/api", endpoint = "qrcode/redeem", protocol = Fetch<PostUrl>)]
pub async fn redeem(id: String) -> Result<Redeemed, ApiError> {
    use service::audit::Event;
    let cx = crate::server::context::current()?;
    let id = id.parse()?;
    let outcome = cx.app.sign_in.by_ticket(id, cx.browser(), cx.client.agent().name(), cx.client.ip).await;
    let outcome = outcome.map_err(ApiError::from);
    cx.audit(Event::Redeem, outcome.as_ref().ok().map(|collected| collected.redeemed.account.id), &outcome);
    let collected = outcome?;
    cx.keep_collected(&collected)?;
    Ok(collected.redeemed)
}

/// Cancels the ticket from the PC.
#[server(prefix = "/api", endpoint = "qrcode/abandon", protocol = Fetch<PostUrl>)]
pub async fn abandon(id: String) -> Result<StatusView, ApiError> {
    let cx = crate::server::context::current()?;
    Ok(cx.app.tickets.abandon(id.parse()?, cx.browser()).await?)
}

/// Records that a signed-in phone has scanned the code.
#[server(prefix = "/api", endpoint = "qrcode/scan")]
pub async fn scan(id: String) -> Result<Scanned, ApiError> {
    use service::audit::Event;
    let cx = crate::server::context::current()?;
    let id = id.parse()?;
    let scanned = cx
        .as_approver(Event::Scan, id, async |phone| {
            cx.limit_scan(&phone).await?;
            Ok(cx.app.tickets.scan(id, phone).await?)
        })
        .await?;
    cx.keep_confirm_token(id, scanned.confirm_token.reveal())?;
    Ok(scanned)
}

/// Approves the sign-in on the phone.
#[server(prefix = "/api", endpoint = "qrcode/confirm", protocol = Fetch<PostUrl>)]
pub async fn confirm(id: String, confirm_token: Secret) -> Result<StatusView, ApiError> {
    use domain::ticket::TicketStatus;
    use service::audit::Event;
    let cx = crate::server::context::current()?;
    let id = id.parse()?;
    let token = confirm_token.reveal().to_owned();
    cx.as_approver(Event::Confirm, id, async |phone| {
        let account = phone.account;
        let ticket = cx.app.tickets.confirm(id, phone, token).await?;
        if let Some(app) = &ticket.app {
            cx.app.oidc.approved_by_phone(app, account).await?;
        }
        Ok(StatusView::new(TicketStatus::Confirmed.as_str()))
    })
    .await
}

/// Declines the sign-in on the phone.
#[server(prefix = "/api", endpoint = "qrcode/cancel", protocol = Fetch<PostUrl>)]
pub async fn cancel(id: String, confirm_token: Secret) -> Result<StatusView, ApiError> {
    use service::audit::Event;
    let cx = crate::server::context::current()?;
    let id = id.parse()?;
    let token = confirm_token.reveal().to_owned();
    cx.as_approver(Event::Cancel, id, async |phone| Ok(cx.app.tickets.cancel(id, phone, token).await?)).await
}
