//! Sites behind a proxy: what the proxy asks, and the paths on each site's own host.

use super::endpoint::Body::{Empty, Other};
use super::endpoint::{ANY, Answer, Area, Endpoint, GET, HTML, Kind, LOCATION, SET_COOKIE, answer};
use super::field::{Field, Place, text};
use super::oauth::PART;
use crate::error::ErrorCode::{NotFound, RateLimited, Unavailable};
use crate::routes;

const WELCOME: Answer = answer(200, Empty, "The request may pass, with these headers.").with(&[
    text("Remote-User", "dong", "The name to sign in with."),
    text("Remote-Name", "Dong", "The person's name, percent-encoded."),
    text("Remote-Email", "dong@example.com", "The e-mail address, or empty."),
    text("Remote-Groups", "staff,admin", "The groups, separated by commas."),
    text("Remote-Sub", "0198f6b1-7d0c-7a7e-9a51-1f2e3d4c5b6a", "The account. Never reused."),
    text("X-Qr-Login-Assertion", "eyJ0eXAiOiJxci1sb2dpbi1hc3NlcnRpb24r….…", "All of this, signed, for 60 seconds."),
]);
const TO_SIGN_IN: Answer =
    answer(302, Empty, "A page is requested, and the browser is not signed in.").with(&[LOCATION, SET_COOKIE]);
const STRANGER: Answer = answer(401, Empty, "Not signed in, and the request is not a navigation.");
const FORBIDDEN: Answer =
    answer(403, Empty, "The person may not enter; or the proxy is not trusted, or asks about an unknown site.");
const TOO_MANY: Answer = answer(429, Empty, "Too many sign-ins began from this address.");
const DOWN: Answer = answer(503, Empty, "A store is down.");
const REDIRECTING: &[Answer] = &[WELCOME, TO_SIGN_IN, STRANGER, FORBIDDEN, TOO_MANY, DOWN];

const fn header(name: &'static str, example: &'static str, about: &'static str) -> Field {
    text(name, example, about).at(Place::Header).optional()
}

const FORWARDED: &[Field] = &[
    header("X-Forwarded-Host", "wiki.example.com", "The host that was asked for."),
    header("X-Forwarded-Uri", "/page?x=1", "The path and the query."),
    header("X-Forwarded-Method", "GET", "The method."),
    header("X-Forwarded-Proto", "https", "The scheme."),
];

const fn proxy(path: &'static str, summary: &'static str, about: &'static str) -> Endpoint {
    Endpoint::new(ANY, path, Kind::AnyHost, summary, about).answers(REDIRECTING)
}

const ENVOY: &str = "`ext_authz` by HTTP. The path, the method and the host are those of the request that it is about.";

const fn on_site(path: &'static str, summary: &'static str, about: &'static str) -> Endpoint {
    Endpoint::new(GET, path, Kind::File, summary, about).fails(&[&[NotFound, RateLimited, Unavailable]])
}

const ON: Answer = answer(303, Empty, "The next page.").with(&[LOCATION, SET_COOKIE]);

pub(super) const AREA: Area = Area {
    name: "Forward-auth",
    about: "A proxy asks about each request to a site; see docs/forward-auth.md. Only addresses in \
            `QR_LOGIN_TRUSTED_PROXIES` may ask. Each proxy has its own path, because each says in another way what it was \
            asked for. The paths under `/.qr-login/` exist on the sites' own hosts only.",
    endpoints: &[
        proxy(
            routes::FORWARD_NGINX,
            "nginx asks",
            "`auth_request`. nginx copies `Location` and `Set-Cookie` from the 401.",
        )
        .takes(&[
            header("X-Original-URL", "https://wiki.example.com/page", "What was asked for."),
            header("X-Original-Method", "GET", "The method."),
        ])
        .answers(&[
            WELCOME,
            answer(401, Empty, "Not signed in. With `Location` if a page is requested.")
                .with(&[LOCATION.optional(), SET_COOKIE]),
            FORBIDDEN,
            DOWN,
        ]),
        proxy(routes::FORWARD_CADDY, "Caddy asks", "`forward_auth`.").takes(FORWARDED),
        proxy(routes::FORWARD_TRAEFIK, "Traefik asks", "The middleware `ForwardAuth`.").takes(FORWARDED),
        proxy(routes::FORWARD_ENVOY, "Envoy asks about the first page", ENVOY).followed_by("/"),
        proxy(routes::FORWARD_ENVOY, "Envoy asks", ENVOY).followed_by("/{path}").takes(&[text(
            "path",
            "page",
            "The path of the request, with its slashes.",
        )
        .at(Place::Path)]),
        on_site(routes::SITE_START, "Sign in to a site", "Returns to the site's first page. A site may link to it.")
            .answers(&[ON, PART]),
        on_site(
            routes::SITE_CALLBACK,
            "Return to a site",
            "Where a visitor returns after the sign-in. Sets the site's own cookie.",
        )
        .takes(&[
            text("state", "0198f6b1-7d0c-7a7e-9a51-1f2e3d4c5b6a", "The visit.").optional(),
            text("code", "qlc_4n8kq0rA2dEo6yC5mVtYb1s3uW7xZ9f", "The code.").optional(),
            text("error", "access_denied", "Why there is no code.").optional(),
        ])
        .answers(&[
            ON,
            answer(400, Other(HTML), "A page: the sign-in is over, or belongs to another browser."),
            answer(403, Other(HTML), "A page: the person may not enter."),
        ]),
        on_site(routes::SITE_LOGOUT, "Sign out of a site", "Then asks on our own host whether to sign out there, too.")
            .answers(&[ON]),
    ],
};
