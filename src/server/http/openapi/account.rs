//! An account: sign in, sessions, apps.

use super::endpoint::Body::{Json, List, Other};
use super::endpoint::{Answer, Area, Endpoint, GET, HTML, Kind, POST, SET_COOKIE, answer};
use super::field::{Field, Of, Place, field, id, text, word};
use super::tickets::CREDENTIAL;
use super::{BEARER, CONNECTION_KEY, PC, PHONE};
use crate::api::account::{Sessions, Userinfo, WaitForEnd};
use crate::api::apps::Apps;
use crate::error::ErrorCode::{
    InvalidCredentials, InvalidId, NotFound, RateLimited, ReconnectRequired, StepUpRequired, Unauthenticated,
    UpstreamUnavailable,
};
use crate::i18n::TAGS;
use crate::routes;
use server_fn::ServerFn;

const SIGNED_IN: &[&str] = &[BEARER, PHONE, PC];
pub(super) const PASSWORD: Field = text("password", "correct horse battery", "The password.");
const DONE: &[Answer] = &[answer(200, Json("Status"), "Done.")];

const fn read(path: &'static str, summary: &'static str, about: &'static str) -> Endpoint {
    Endpoint::new(GET, path, Kind::Api, summary, about).by(SIGNED_IN)
}

/// Describes a change by a signed-in person.
pub(super) const fn change(path: &'static str, summary: &'static str, about: &'static str) -> Endpoint {
    Endpoint::new(POST, path, Kind::Api, summary, about).by(SIGNED_IN).answers(DONE)
}

pub(super) const AREA: Area = Area {
    name: "Account",
    about: "Signing in by password, and what a person has signed in. Called with a session's token or cookie.",
    endpoints: &[
        Endpoint::new(
            POST,
            routes::LOGIN,
            Kind::Api,
            "Sign in by password",
            "Signs a phone in, or a PC if `device_kind` is `pc`. A browser gets a cookie; an app keeps `token` and \
             `device_id`, and sends both with every request.",
        )
        .takes(&[
            field("username", Of::Pattern("\\S"), "dong", "The name to sign in with."),
            PASSWORD,
            field(
                "device_id",
                Of::Pattern("^[A-Za-z0-9._:-]{1,64}$"),
                "0198f6b1-7d0c-7a7e-9a51-1f2e3d4c5b6a",
                "What an earlier sign-in on this phone returned.",
            )
            .optional(),
            text("device_name", "My phone", "A name for the list of sessions.").optional(),
            text("device_kind", "phone", "`pc` begins a PC's session; anything else a phone's.").optional(),
            text("remember", "1", "Keeps a browser signed in after it is closed.").optional(),
        ])
        .answers(&[
            answer(200, Json("SignedIn"), "Signed in.").with(&[SET_COOKIE]),
            answer(200, Other(HTML), "To a form that continues at an app: a page that moves on.").with(&[SET_COOKIE]),
        ])
        .fails(&[&[InvalidCredentials, RateLimited]]),
        read(Userinfo::PATH, "Who is signed in", "The account and the session of the caller.")
            .answers(&[answer(200, Json("UserInfo"), "The caller.")])
            .fails(&[CREDENTIAL]),
        read(Sessions::PATH, "List sessions", "The account's phones and PCs.")
            .answers(&[answer(200, List("Session"), "All of them, the caller's own included.")])
            .fails(&[CREDENTIAL]),
        read(
            WaitForEnd::PATH,
            "Wait for the end of the session",
            "Fails as soon as the session has ended. Succeeds after 25 seconds in which it has not, or with the status \
             `changed` as soon as `connection` is no longer pending.",
        )
        .takes(&[id("connection", "A connection to a service, which the person is about to approve.").optional()])
        .answers(&[answer(200, Json("Status"), "It goes on: ask again.")])
        .fails(&[CREDENTIAL, &[InvalidId, NotFound, RateLimited]]),
        change(routes::LOGOUT, "Sign out", "Ends the caller's session and no other.").fails(&[CREDENTIAL, &[NotFound]]),
        change(
            routes::REVOKE,
            "End a session",
            "Its token stops working at once. A session that began by a code has to verify the password first.",
        )
        .takes(&[id("session_id", "The session.")])
        .fails(&[CREDENTIAL, &[InvalidId, NotFound, StepUpRequired]]),
        change(
            routes::REVOKE_OTHERS,
            "End all other sessions",
            "A session that began by a code has to verify the password first.",
        )
        .fails(&[CREDENTIAL, &[StepUpRequired]]),
        change(
            routes::STEP_UP,
            "Verify the password",
            "Lets a session that began by a code end others, for ten minutes.",
        )
        .takes(&[PASSWORD])
        .fails(&[CREDENTIAL, &[InvalidCredentials, RateLimited]]),
        read(Apps::PATH, "List apps", "The apps that the account has signed in to.")
            .answers(&[answer(200, List("ConnectedApp"), "All of them.")])
            .fails(&[CREDENTIAL]),
        Endpoint::new(
            POST,
            routes::CONNECTION_TOKEN,
            Kind::Api,
            "Get a token of a connected service",
            "For a script that has the connection's key: a fresh access token of the service. The person connects it at \
             `/connections`. Call it for each run rather than keep the token.",
        )
        .by(&[CONNECTION_KEY])
        .takes(&[id("id", "The connection.").at(Place::Path)])
        .answers(&[answer(200, Json("ServiceToken"), "The token.").with(&[text("Pragma", "no-cache", "Keep it nowhere.")])])
        .fails(&[&[Unauthenticated, InvalidId, ReconnectRequired, UpstreamUnavailable, RateLimited]]),
        change(routes::DISCONNECT, "Disconnect an app", "Its tokens end at once, and it has to ask for consent again.")
            .takes(&[text("client_id", "grafana", "The app.")])
            .fails(&[CREDENTIAL, &[InvalidId, StepUpRequired]]),
    ],
};

/// The language of the pages is not part of an account, but of a browser.
pub(super) const LANGUAGE: Field = word("language", &TAGS, "The language.");
