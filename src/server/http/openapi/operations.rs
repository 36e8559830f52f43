//! What operators and their programs ask.

use super::endpoint::Body::{Empty, Json, Other};
use super::endpoint::{Area, Endpoint, GET, Kind, PLAIN, answer};
use crate::routes;

const fn probe(path: &'static str, summary: &'static str, about: &'static str) -> Endpoint {
    Endpoint::new(GET, path, Kind::AnyHost, summary, about)
}

pub(super) const AREA: Area = Area {
    name: "Operations",
    about: "For probes and collectors, under any host name. With `QR_LOGIN_OPS_ADDR` they are at that address instead.",
    endpoints: &[
        probe(routes::HEALTHZ, "Is the process up?", "Asks no store.").answers(&[answer(200, Other(PLAIN), "It is.")]),
        probe(routes::READYZ, "Do the stores respond?", "Asks them at most once a second.")
            .answers(&[answer(200, Json("Ready"), "They do."), answer(503, Json("Ready"), "One of them does not.")]),
        probe(routes::METRICS, "Counters", "Of this node, in the text format of Prometheus.")
            .answers(&[answer(200, Other(PLAIN), "The counters."), answer(503, Empty, "They cannot be written.")]),
        Endpoint::new(
            GET,
            routes::JWKS,
            Kind::File,
            "Keys of session tokens",
            "Ed25519 keys (RFC 8037): an app on the same host verifies a session's token with them.",
        )
        .answers(&[answer(200, Json("Keys"), "May be kept for five minutes.")]),
    ],
};
