//! A QR code: what the PC and the phone ask about it.

use super::endpoint::Body::{Empty, Json, Other};
use super::endpoint::{Answer, Area, Endpoint, GET, HTML, Kind, POST, SET_COOKIE, answer};
use super::field::{Field, id, text, word};
use super::{BEARER, BROWSER, PHONE};
use crate::api::ticket::{Check, Generate, Wait};
use crate::error::ErrorCode::{self, *};
use crate::routes;
use domain::ticket::TicketStatus;
use server_fn::ServerFn;

/// The states of a ticket, by their names.
pub(super) const STATES: &[&str] = &[
    TicketStatus::Pending.as_str(),
    TicketStatus::Scanned.as_str(),
    TicketStatus::Confirmed.as_str(),
    TicketStatus::Redeemed.as_str(),
    TicketStatus::Cancelled.as_str(),
    TicketStatus::Expired.as_str(),
];

const ID: Field = id("id", "The ticket.");
const CONFIRM_TOKEN: Field =
    text("confirm_token", "kq0rA2dEo6yC5mVtYb1s3uW7xZ9fGhJkLpNqRtUvXyA", "What the scan returned.");

/// What a phone's credential may fail by.
pub(super) const CREDENTIAL: &[ErrorCode] = &[Unauthenticated, TokenExpired, TokenRevoked, DeviceMismatch];
const OWN: &[ErrorCode] = &[InvalidId, WrongBrowser, TicketNotFound];
const OVER: &[ErrorCode] = &[AlreadyUsed, TicketExpired, TicketCancelled];
const SCANNED: &[ErrorCode] = &[InvalidId, WrongDevice, TicketNotFound, AlreadyScanned, AlreadyDecided];
const DECIDED: &[ErrorCode] =
    &[InvalidId, WrongDevice, InvalidConfirmToken, TicketNotFound, NotScanned, AlreadyDecided];

const TICKET: &[Answer] = &[answer(200, Json("Ticket"), "The state.")];
const DECISION: &[Answer] = &[answer(200, Json("Status"), "Decided.")];

pub(super) const PC: Area = Area {
    name: "QR code: the PC",
    about: "A PC shows a code and waits until it is approved. The ticket belongs to the browser that asked for it: a \
            program keeps the cookie `qr_browser`, too. Of the three ways to wait, the WebSocket is the fastest.",
    endpoints: &[
        Endpoint::new(
            POST,
            Generate::PATH,
            Kind::Api,
            "Create a code",
            "Creates a ticket and binds it to this browser by a cookie.",
        )
        .takes(&[text("interaction", "", "The sign-in of an app that the code is for. Only our own pages know it.").optional()])
        .answers(&[answer(200, Json("Issued"), "The code.").with(&[SET_COOKIE])])
        .fails(&[&[InvalidId, RateLimited]]),
        Endpoint::new(GET, Check::PATH, Kind::Api, "Ask for the state of a code", "Answers at once.")
            .by(&[BROWSER])
            .takes(&[ID])
            .answers(TICKET)
            .fails(&[OWN]),
        Endpoint::new(
            GET,
            Wait::PATH,
            Kind::Api,
            "Wait for a change of a code",
            "Answers as soon as the state differs from `status`, or after 25 seconds.",
        )
        .by(&[BROWSER])
        .takes(&[ID, word("status", STATES, "The state that the caller knows.")])
        .answers(TICKET)
        .fails(&[OWN, &[RateLimited]]),
        Endpoint::new(
            GET,
            routes::WATCH,
            Kind::Api,
            "Watch a code over a WebSocket",
            "Sends what the check returns as one text frame, at once and at every change. Closes with 1000 after a final \
             state, and with 1012 when the server restarts: connect again.",
        )
        .by(&[BROWSER])
        .takes(&[ID])
        .answers(&[answer(101, Empty, "The WebSocket is open.")])
        .fails(&[OWN, &[CrossOrigin, UpgradeRequired, RateLimited]]),
        Endpoint::new(
            POST,
            routes::REDEEM,
            Kind::Api,
            "Redeem a confirmed code",
            "Begins one session per ticket, and sets the PC's cookie. The same browser may repeat the call for 30 seconds \
             and gets the same token.",
        )
        .by(&[BROWSER])
        .takes(&[ID])
        .answers(&[
            answer(200, Json("Redeemed"), "The PC is signed in.").with(&[SET_COOKIE]),
            answer(200, Other(HTML), "To a form that continues at an app: a page that moves on.").with(&[SET_COOKIE]),
        ])
        .fails(&[OWN, OVER, &[NotScanned, NotConfirmed, TokenRevoked]]),
        Endpoint::new(POST, routes::ABANDON, Kind::Api, "Give a code up", "Cancels the ticket from the PC.")
            .by(&[BROWSER])
            .takes(&[ID])
            .answers(DECISION)
            .fails(&[OWN, OVER, &[AlreadyDecided]]),
    ],
};

pub(super) const PHONE_SIDE: Area = Area {
    name: "QR code: the phone",
    about: "A phone that is signed in opens the code's URL, shows who asks, and decides. An app sends its token and the \
            `device_id` of its sign-in; our own pages have cookies.",
    endpoints: &[
        Endpoint::new(
            POST,
            routes::SCAN,
            Kind::Api,
            "Claim a scanned code",
            "The first phone owns the ticket. The same phone may scan again, which ends its earlier confirm token.",
        )
        .by(&[BEARER, PHONE])
        .takes(&[ID])
        .answers(&[answer(200, Json("Scanned"), "Show this to the person.").with(&[SET_COOKIE])])
        .fails(&[CREDENTIAL, SCANNED, OVER, &[StepUpRequired, RateLimited]]),
        Endpoint::new(
            POST,
            routes::CONFIRM,
            Kind::Api,
            "Approve the sign-in",
            "A confirm token makes one decision. Repeating that decision gets the same answer.",
        )
        .by(&[BEARER, PHONE])
        .takes(&[ID, CONFIRM_TOKEN])
        .answers(DECISION)
        .fails(&[CREDENTIAL, DECIDED, OVER, &[StepUpRequired]]),
        Endpoint::new(
            POST,
            routes::CANCEL,
            Kind::Api,
            "Decline the sign-in",
            "A confirm token makes one decision. Repeating that decision gets the same answer.",
        )
        .by(&[BEARER, PHONE])
        .takes(&[ID, CONFIRM_TOKEN])
        .answers(DECISION)
        .fails(&[CREDENTIAL, DECIDED, OVER, &[StepUpRequired]]),
    ],
};
