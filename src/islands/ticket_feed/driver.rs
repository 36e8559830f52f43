//! Decides what to do next: wait by the best way that works, renew, redeem, or rest.

use super::Phase;
use super::socket::Socket;
use super::stage::Stage;
use crate::api::ticket::{abandon, check, generate, redeem, wait};
use crate::error::{ApiError, ErrorCode};
use crate::islands::page::{self, Backoff};
use crate::islands::pauses::{SOCKET_PATIENCE, SPREAD};
use domain::ticket::{TicketStatus, TicketView};
use futures::StreamExt;
use futures::channel::mpsc::UnboundedReceiver;
use futures::future::{Either, select};
use std::pin::pin;

/// Codes that expire unused before the page rests and asks for a click.
const RENEWALS: u32 = 5;
/// Milliseconds that a long poll may take: the server answers after 25 seconds.
const WAIT_PATIENCE: u32 = 35_000;
/// Milliseconds between two checks where nothing but polling works; the server may say another.
const POLL_INTERVAL: u32 = 2_000;
/// Milliseconds that the check mark stays before the next page.
const CELEBRATION: u32 = 450;

/// What the person, or the page, wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// See again whether anybody looks and whether the network is back.
    Look,
    /// A new code.
    Renew,
    /// A new code, and the end of this one.
    Abandon,
    /// To go on as the person who approved.
    Agree,
}

/// How to wait, the best first.
enum Transport {
    Push(Option<Socket>),
    LongPoll,
    Poll,
}

/// Where to go.
pub(super) struct Addresses {
    /// This page with a new code.
    pub(super) here: String,
    /// The page that was asked for, once signed in.
    pub(super) next: String,
}

impl Addresses {
    /// This page with that code.
    fn of_ticket(&self, ticket: &TicketView) -> String {
        let mark = if self.here.contains('?') { '&' } else { '?' };
        format!("{}{mark}ticket={}", self.here, ticket.id)
    }
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
                // If it cannot be given up any more, the new code takes its place all the same.
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
            // Too late, or another tab was faster: see what the ticket says now.
            Err(error) if matches!(error.code, ErrorCode::TicketExpired | ErrorCode::AlreadyUsed) => {
                let view = check(ticket.id.to_string()).await?;
                self.show(view);
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    /// A new code, for which the best way to wait is tried anew: what was in its way may be gone.
    async fn renew(&mut self) -> Result<(), ApiError> {
        self.transport = Transport::Push(None);
        let issued = generate().await?;
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

    /// Waits until the person asks for a new code.
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
            // The server has forgotten the ticket, this browser lost its binding, or the phone that approved was signed out: a
            // new code is the way on.
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
                // The network came back, or the page is visible again: no need to wait longer.
                let _ = select(pause, self.commands.next()).await;
                self.transport = Transport::Push(None);
            }
        }
    }

    fn show(&mut self, view: TicketView) {
        let will_renew = view.status == TicketStatus::Expired && self.renewals < RENEWALS;
        let phase = Phase::of(&view);
        if matches!(phase, Phase::Scanned | Phase::Asking) {
            // A reload now keeps the code that the phone has scanned.
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

/// The next thing to know of the ticket, by the best way that works. A way that fails gives way to the next.
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
                    // Long after the code's end the server must have spoken; if not, the line is dead.
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
                        // A server that stops lets go of all its pages at once: they must not return all at once.
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
                // Either long requests are cut, or too many wait here, or the server is away: a short one tells.
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

/// Milliseconds until well after the code's end.
fn beyond(ticket: &TicketView) -> u32 {
    u32::try_from(ticket.expires_in).unwrap_or(3600).saturating_add(2).saturating_mul(1000)
}
