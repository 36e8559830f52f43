//! Decides what to do next: wait over the best transport that works, renew, redeem, or rest.

use super::socket::Socket;
use super::stage::Stage;
use super::{Addresses, Phase};
use crate::api::ticket::{abandon, check, generate, redeem, wait};
use crate::error::{ApiError, ErrorCode};
use crate::islands::page::{self, Backoff};
use crate::islands::pauses::{SOCKET_PATIENCE, SPREAD};
use domain::ticket::{TicketStatus, TicketView};
use futures::StreamExt;
use futures::channel::mpsc::UnboundedReceiver;
use futures::future::{Either, select};
use std::pin::pin;

/// Number of codes that may expire unused before the page stops renewing and waits for a click.
const RENEWALS: u32 = 5;
/// Client-side timeout of a long poll, in milliseconds: the server responds after 25 seconds.
const WAIT_PATIENCE: u32 = 35_000;
/// Milliseconds between two checks if only polling works; the server may specify another interval.
const POLL_INTERVAL: u32 = 2_000;
/// Milliseconds that the check mark is shown before the next page.
const CELEBRATION: u32 = 450;

/// A command to the driver, from the user or the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// Check again whether the page is visible and the network is back.
    Look,
    /// Get a new code.
    Renew,
    /// Abandon this code and get a new one.
    Abandon,
    /// Continue as the person who approved.
    Agree,
}

/// The transports to wait over, best first.
enum Transport {
    Push(Option<Socket>),
    LongPoll,
    Poll,
}

pub(super) struct Driver {
    ticket: Option<TicketView>,
    addresses: Addresses,
    stage: Stage,
    commands: UnboundedReceiver<Command>,
    transport: Transport,
    poll_interval: u32,
    renewals: u32,
    backoff: Backoff,
}

impl Driver {
    pub(super) fn new(
        ticket: Option<TicketView>,
        addresses: Addresses,
        stage: Stage,
        commands: UnboundedReceiver<Command>,
    ) -> Self {
        Self {
            ticket,
            addresses,
            stage,
            commands,
            transport: Transport::Push(None),
            poll_interval: POLL_INTERVAL,
            renewals: 0,
            backoff: Backoff::default(),
        }
    }

    /// Runs until the PC is signed in.
    pub(super) async fn run(mut self) {
        loop {
            if !page::is_visible() {
                self.hang_up();
                self.next_command().await;
                continue;
            }
            let asks = self.ticket.as_ref().is_some_and(|ticket| ticket.confirm_person);
            let step = match self.ticket.as_ref().map(|ticket| ticket.status) {
                None => self.renew().await,
                Some(TicketStatus::Pending | TicketStatus::Scanned) => self.follow().await,
                Some(TicketStatus::Confirmed) if asks => self.follow().await,
                Some(TicketStatus::Confirmed) => match self.redeem().await {
                    Ok(()) => return,
                    Err(error) => Err(error),
                },
                // Another tab of this browser was faster.
                Some(TicketStatus::Redeemed) => return page::replace(&self.addresses.next),
                Some(TicketStatus::Expired) if self.renewals < RENEWALS => {
                    self.renewals += 1;
                    self.renew().await
                }
                Some(TicketStatus::Expired | TicketStatus::Cancelled) => self.rest().await,
            };
            match step {
                Ok(()) => self.backoff.reset(),
                Err(error) => self.recover(error).await,
            }
        }
    }

    /// Waits for the ticket to change, or for a command.
    async fn follow(&mut self) -> Result<(), ApiError> {
        let Some(ticket) = self.ticket.clone() else { return Ok(()) };
        let outcome = {
            let Self { transport, commands, poll_interval, .. } = self;
            let news = pin!(next_view(transport, &ticket, *poll_interval));
            match select(news, commands.next()).await {
                Either::Left((view, _)) => Either::Left(view?),
                Either::Right((command, _)) => Either::Right(command.unwrap_or(Command::Look)),
            }
        };
        match outcome {
            Either::Left(view) => self.show(view),
            Either::Right(Command::Look) => {}
            Either::Right(Command::Agree) => self.ticket = Some(TicketView { confirm_person: false, ..ticket }),
            Either::Right(Command::Renew) => self.ticket = None,
            Either::Right(Command::Abandon) => {
                // If it can no longer be abandoned, the new code replaces it all the same.
                let _ = abandon(ticket.id.to_string()).await;
                self.ticket = None;
            }
        }
        Ok(())
    }

    async fn redeem(&mut self) -> Result<(), ApiError> {
        let Some(ticket) = self.ticket.clone() else { return Ok(()) };
        self.stage.show(Phase::Confirmed);
        match redeem(ticket.id.to_string()).await {
            Ok(_) => {
                page::pause(CELEBRATION).await;
                page::replace(&self.addresses.next);
                Ok(())
            }
            // Too late, or another tab was faster: look up the ticket's current status.
            Err(error) if matches!(error.code, ErrorCode::TicketExpired | ErrorCode::AlreadyUsed) => {
                let view = check(ticket.id.to_string()).await?;
                self.show(view);
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Gets a new code and tries the best transport again, because what blocked it may be gone.
    async fn renew(&mut self) -> Result<(), ApiError> {
        self.transport = Transport::Push(None);
        let issued = generate(self.addresses.interaction()).await?;
        page::rename(&self.addresses.here);
        self.poll_interval = u32::try_from(issued.poll_interval).map_or(POLL_INTERVAL, |seconds| seconds * 1000);
        self.stage.renew(&issued);
        self.ticket = Some(TicketView {
            id: issued.id,
            status: issued.status,
            expires_in: issued.expires_in,
            account: None,
            confirm_person: false,
        });
        Ok(())
    }

    /// Waits until the user requests a new code.
    async fn rest(&mut self) -> Result<(), ApiError> {
        self.hang_up();
        if let Some(ticket) = &self.ticket {
            self.stage.show(Phase::of(ticket));
        }
        while self.next_command().await == Command::Look {}
        self.renewals = 0;
        self.ticket = None;
        Ok(())
    }

    async fn recover(&mut self, error: ApiError) {
        self.hang_up();
        match error.code {
            // The ticket was evicted, the browser lost its binding, or the approving phone was signed out: only a new
            // code helps.
            ErrorCode::TicketNotFound | ErrorCode::WrongBrowser | ErrorCode::InvalidId | ErrorCode::TokenRevoked => {
                self.ticket = None
            }
            ErrorCode::TicketExpired | ErrorCode::AlreadyUsed => {}
            ErrorCode::RateLimited => {
                self.stage.show(Phase::Busy);
                let seconds = error.retry_after.and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(1);
                page::pause(seconds.saturating_mul(1000)).await;
            }
            _ => {
                self.stage.show(Phase::Offline);
                let pause = pin!(page::pause(self.backoff.next()));
                // The network is back, or the page is visible again: stop waiting.
                let _ = select(pause, self.commands.next()).await;
                self.transport = Transport::Push(None);
            }
        }
    }

    fn show(&mut self, view: TicketView) {
        let will_renew = view.status == TicketStatus::Expired && self.renewals < RENEWALS;
        let phase = Phase::of(&view);
        if matches!(phase, Phase::Scanned | Phase::Asking) {
            // From now on a reload keeps the code that the phone has scanned.
            page::rename(&self.addresses.of_ticket(&view));
        }
        if !will_renew {
            if let Some(profile) = &view.account {
                self.stage.show_person(profile);
            }
            self.stage.show(phase);
        }
        self.ticket = Some(view);
    }

    async fn next_command(&mut self) -> Command {
        self.commands.next().await.unwrap_or(Command::Look)
    }

    fn hang_up(&mut self) {
        if let Transport::Push(socket) = &mut self.transport {
            *socket = None;
        }
    }
}

/// Returns the ticket's next view over the best transport that works, falling back to the next one on failure.
async fn next_view(transport: &mut Transport, ticket: &TicketView, poll_interval: u32) -> Result<TicketView, ApiError> {
    let id = ticket.id.to_string();
    loop {
        match transport {
            Transport::Push(socket) => {
                let is_new = socket.is_none();
                if is_new {
                    *socket = Socket::open(ticket.id).ok();
                }
                let news = match socket {
                    // The server must have sent something by well after the code's expiry; if not, the connection is
                    // dead.
                    Some(socket) => {
                        let patience = if is_new { SOCKET_PATIENCE } else { beyond(ticket) };
                        page::within(patience, socket.next()).await.flatten()
                    }
                    None => None,
                };
                match news {
                    Some(view) => return Ok(view),
                    None if is_new => *transport = Transport::LongPoll,
                    None => {
                        *socket = None;
                        // A server that shuts down closes all its sockets at once: spread the reconnects.
                        page::pause(page::chance(SPREAD)).await;
                        return check(id).await;
                    }
                }
            }
            Transport::LongPoll => match page::within(WAIT_PATIENCE, wait(id.clone(), ticket.status)).await {
                Some(Ok(view)) => return Ok(view),
                Some(Err(error)) if !matches!(error.code, ErrorCode::Unreachable | ErrorCode::RateLimited) => {
                    return Err(error);
                }
                // Long requests are cut off, too many are waiting, or the server is down: a short one tells them apart.
                _ => {
                    let view = check(id).await?;
                    *transport = Transport::Poll;
                    return Ok(view);
                }
            },
            Transport::Poll => {
                page::pause(poll_interval).await;
                return check(id).await;
            }
        }
    }
}

/// Returns the milliseconds until well after the code's expiry.
fn beyond(ticket: &TicketView) -> u32 {
    u32::try_from(ticket.expires_in).unwrap_or(3600).saturating_add(2).saturating_mul(1000)
}
