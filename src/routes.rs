//! Every path that the server answers or a page names, once. The attribute of a server function has to repeat its own, which a
//! test compares.

/// A PC's sign-in: the code, or the password form.
pub const PC_LOGIN: &str = "/";
/// What a phone opens: who asks, and the decision.
pub const PHONE_CONFIRM: &str = "/confirm";
/// The account's sessions.
pub const ACCOUNT: &str = "/account";
/// Remembers a language.
pub const LANGUAGE: &str = "/language";
/// Files of this build, below a hash of their bytes.
pub const STATIC: &str = "/static/";
/// The public keys of session tokens (RFC 7517).
pub const JWKS: &str = "/.well-known/jwks.json";
/// The web app's manifest.
pub const MANIFEST: &str = "/manifest.webmanifest";
/// Whether the process is up.
pub const HEALTHZ: &str = "/healthz";
/// Whether the stores answer.
pub const READYZ: &str = "/readyz";
/// Counters for Prometheus.
pub const METRICS: &str = "/metrics";
/// What programs call.
pub const API: &str = "/api";
/// A ticket's changes over a WebSocket.
pub const WATCH: &str = "/api/qrcode/ws";

/// Signs in by password.
pub const LOGIN: &str = "/api/login";
/// Ends the own session.
pub const LOGOUT: &str = "/api/logout";
/// Ends one session.
pub const REVOKE: &str = "/api/sessions/revoke";
/// Ends all other sessions.
pub const REVOKE_OTHERS: &str = "/api/sessions/revoke-others";
/// Gives the password in a session that began by a code.
pub const STEP_UP: &str = "/api/step-up";
/// A phone read the code.
pub const SCAN: &str = "/api/qrcode/scan";
/// A person approves.
pub const CONFIRM: &str = "/api/qrcode/confirm";
/// A person declines.
pub const CANCEL: &str = "/api/qrcode/cancel";
/// A PC collects its session.
pub const REDEEM: &str = "/api/qrcode/redeem";
/// A PC gives up.
pub const ABANDON: &str = "/api/qrcode/abandon";
