//! The schemas of our own endpoints.

use super::super::field::{Field, Of, field, flag, id, number, object, text, word};
use super::super::tickets::STATES;
use super::{BEARER, JWT, SCOPE, Table};
use domain::account::{Began, SessionKind};

const TIME: &str = "2026-03-01T09:30:00Z";
const KINDS: &[&str] = &[SessionKind::Phone.as_str(), SessionKind::Pc.as_str()];
const BEGINNINGS: &[&str] = &[Began::Password.as_str(), Began::Code.as_str(), Began::Assertion.as_str()];

const ACCOUNT_ID: Field = id("id", "The account. Never reused.");
const USERNAME: Field = text("username", "dong", "The name to sign in with.");
const DISPLAY_NAME: Field = text("display_name", "Dong", "The person's name.");
const AVATAR: Field = text("avatar_url", "/icon.svg", "The person's picture: a path on this site.").or_null();
const STATUS: Field = word("status", STATES, "Its state.");
const CLIENT_ID: Field = text("client_id", "grafana", "The app.");
const APP_NAME: Field = text("name", "Grafana", "Its name.");
const LOGO: Field = text("logo_url", "https://grafana.example/logo.svg", "Its logo.").or_null();
const SESSION_NAME: Field = text("name", "Safari on iOS", "The browser and the system, or the device's name.");
const KIND: Field = word("kind", KINDS, "Which side of a login.");
const BEGAN: Field = word("began", BEGINNINGS, "How it began.");
const EXPIRES_IN: Field = number("expires_in", "118", "Seconds until the code expires; 0 in a final state.");

pub(super) const TABLE: Table = &[
    (
        "Issued",
        &[
            id("id", "The ticket."),
            text(
                "url",
                "https://login.example.com/confirm?id=0198f6b1-7d0c-7a7e-9a51-1f2e3d4c5b6a",
                "What the QR code encodes.",
            ),
            text("svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" …></svg>", "The QR code."),
            STATUS,
            EXPIRES_IN,
            number("poll_interval", "2", "Seconds between two checks, for a client that can only poll."),
        ],
    ),
    (
        "Ticket",
        &[
            id("id", "The ticket."),
            STATUS,
            EXPIRES_IN,
            object("account", "Profile", "The person who scanned, from `scanned` on.").or_null(),
            flag("confirm_person", "true", "Whether the PC should ask \"Continue as …?\" before it redeems.")
                .optional(),
        ],
    ),
    ("Profile", &[DISPLAY_NAME, AVATAR]),
    ("Account", &[ACCOUNT_ID, USERNAME, DISPLAY_NAME, AVATAR]),
    (
        "Redeemed",
        &[
            text("token", JWT, "An Ed25519 JWT."),
            BEARER,
            number("expires_in", "43200", "Seconds until the token expires."),
            object("account", "Account", "Who is signed in."),
        ],
    ),
    (
        "Scanned",
        &[
            text("confirm_token", "kq0rA2dEo6yC5mVtYb1s3uW7xZ9fGhJkLpNqRtUvXyA", "Makes one decision."),
            EXPIRES_IN,
            object("requester", "Requester", "Who asks."),
        ],
    ),
    (
        "Requester",
        &[
            text("ip", "203.0.113.7", "The address that the request came from."),
            text("browser", "Firefox", "The browser, or empty if it is unknown."),
            text("os", "Linux", "The system, or empty if it is unknown."),
            field("requested_at", Of::Time, TIME, "When it asked."),
            object("app", "App", "The app that the sign-in is for.").optional(),
            text("user_code", "WDJB-MJHT", "The code that the device shows: the person has to compare it.").optional(),
        ],
    ),
    ("App", &[CLIENT_ID, APP_NAME, LOGO, text("scope", SCOPE, "What it would learn: scopes, separated by spaces.")]),
    ("Status", &[text("status", "confirmed", "What was done.")]),
    (
        "SignedIn",
        &[
            text("token", JWT, "An Ed25519 JWT, bound to the device."),
            text("device_id", "0198f6b1-7d0c-7a7e-9a51-1f2e3d4c5b6a", "To be sent as `X-Device-Id`; a PC has none.")
                .or_null(),
            object("account", "Account", "Who is signed in."),
        ],
    ),
    (
        "UserInfo",
        &[
            ACCOUNT_ID,
            USERNAME,
            DISPLAY_NAME,
            AVATAR,
            text("email", "dong@example.com", "The e-mail address.").or_null(),
            flag("email_verified", "true", "Whether the operator has verified it."),
            field("groups", Of::Texts, "[\"staff\"]", "The person's groups, sorted."),
            object("session", "SessionSummary", "The session that the caller used."),
        ],
    ),
    (
        "SessionSummary",
        &[
            id("id", "The session."),
            KIND,
            text("device_id", "0198f6b1-7d0c-7a7e-9a51-1f2e3d4c5b6a", "The phone that it is bound to.").or_null(),
            BEGAN,
            SESSION_NAME,
        ],
    ),
    (
        "Session",
        &[
            id("id", "The session."),
            KIND,
            BEGAN,
            SESSION_NAME,
            text("ip", "203.0.113.7", "The address that it was last used from."),
            field("created_at", Of::Time, TIME, "When it began."),
            field("last_seen_at", Of::Time, TIME, "When it was last used, to a minute."),
            flag("current", "true", "Whether it is the caller's."),
        ],
    ),
    (
        "ConnectedApp",
        &[
            CLIENT_ID,
            APP_NAME,
            LOGO,
            text("scope", SCOPE, "What it may learn: scopes, separated by spaces."),
            field("since", Of::Time, TIME, "When the person first signed in to it."),
        ],
    ),
    (
        "ServiceToken",
        &[
            text("access_token", "gho_16C7e42F292c6912E7710c838347Ae178B4a", "The service's access token."),
            BEARER,
            number("expires_in", "3480", "Seconds until it expires, if the service says so.").optional(),
        ],
    ),
];
