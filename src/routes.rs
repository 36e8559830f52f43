//! Every path that the server serves or a page links to, defined once. The attribute of a server function has to repeat
//! its path, and a test compares the two.

/// A PC's sign-in page: the QR code or the password form.
pub const PC_LOGIN: &str = "/";
/// The page a phone opens: request details and decision.
pub const PHONE_CONFIRM: &str = "/confirm";
/// Scans a code with this device's camera, or in a photo.
pub const SCANNER: &str = "/scan";
/// What QR codes encode: leads to [`PHONE_CONFIRM`]. Followed by the short form of a ticket's id. In capitals, because a
/// QR code needs less space for them.
pub const CODE: &str = "/C/";
/// The same, typed or opened by something that changes capitals.
pub const CODE_IN_LOWER_CASE: &str = "/c/";
/// The account's sessions.
pub const ACCOUNT: &str = "/account";
/// Services that the account is connected to.
pub const CONNECTIONS: &str = "/connections";
/// Every component in every state; in debug builds alone.
#[cfg(debug_assertions)]
pub const GALLERY: &str = "/gallery";
/// A person's own name, picture, password and language.
pub const SETTINGS: &str = "/settings";
/// Says that the account was deleted.
pub const DELETED: &str = "/settings/deleted";
/// Remembers a language.
pub const LANGUAGE: &str = "/language";
/// Begins a sign-in by another provider.
pub const PROVIDER: &str = "/sign-in/{id}";
/// Where such a sign-in returns to.
pub const PROVIDER_CALLBACK: &str = "/sign-in/{id}/callback";
/// Files of this build, under a path with the hash of their contents.
pub const STATIC: &str = "/static/";
/// People's pictures, each under the hash of its contents.
pub const PICTURE: &str = domain::account::PICTURES;
/// The public keys of session tokens (RFC 7517).
pub const JWKS: &str = "/.well-known/jwks.json";
/// What an OpenID Connect client has to know (OpenID Connect Discovery, section 4).
pub const OPENID_CONFIGURATION: &str = "/.well-known/openid-configuration";
/// The same document for OAuth clients (RFC 8414, section 3).
pub const AUTHORIZATION_SERVER: &str = "/.well-known/oauth-authorization-server";
/// Where an app sends a browser to sign a person in.
pub const AUTHORIZE: &str = "/oauth/authorize";
/// Issues a device its codes (RFC 8628).
pub const DEVICE_AUTHORIZATION: &str = "/oauth/device_authorization";
/// Where a person types the code that a device shows.
pub const DEVICE: &str = "/device";
/// Continues an authorization request after a sign-in or a consent. `i` is the interaction.
pub const CONTINUE: &str = "/oauth/continue";
/// The answer of the consent page.
pub const CONSENT: &str = "/oauth/consent";
/// Exchanges codes and refresh tokens.
pub const TOKEN: &str = "/oauth/token";
/// What an app may know of the person.
pub const USERINFO: &str = "/oauth/userinfo";
/// Whether a token is valid (RFC 7662).
pub const INTROSPECT: &str = "/oauth/introspect";
/// Ends a token's grant (RFC 7009).
pub const REVOKE_TOKEN: &str = "/oauth/revoke";
/// Signs out for an app (OpenID Connect RP-Initiated Logout).
pub const END_SESSION: &str = "/oauth/logout";
/// The public keys of OpenID Connect (RFC 7517), apart from those of session tokens.
pub const OIDC_JWKS: &str = "/oauth/jwks.json";
/// Where a visitor of a site behind a proxy signs in. `r` is the visit.
pub const SITE: &str = "/oauth/site";
/// Asks whether a request that nginx received may pass.
pub const FORWARD_NGINX: &str = "/forward-auth/nginx";
/// The same for Caddy.
pub const FORWARD_CADDY: &str = "/forward-auth/caddy";
/// The same for Traefik.
pub const FORWARD_TRAEFIK: &str = "/forward-auth/traefik";
/// The same for Envoy, followed by the path of the request.
pub const FORWARD_ENVOY: &str = "/forward-auth/envoy";
/// On a site's own host: signs in.
pub const SITE_START: &str = "/.qr-login/start";
/// On a site's own host: where its visitor returns after the sign-in.
pub const SITE_CALLBACK: &str = domain::client::SITE_CALLBACK;
/// On a site's own host: signs out.
pub const SITE_LOGOUT: &str = "/.qr-login/logout";
/// The description of every endpoint (OpenAPI).
pub const OPENAPI: &str = "/openapi.json";
/// The same, to read.
pub const DOCS: &str = "/docs";
/// The web app's manifest.
pub const MANIFEST: &str = "/manifest.webmanifest";
/// Liveness: whether the process is up.
pub const HEALTHZ: &str = "/healthz";
/// Readiness: whether the stores respond.
pub const READYZ: &str = "/readyz";
/// Counters for Prometheus.
pub const METRICS: &str = "/metrics";
/// Prefix of the JSON API.
pub const API: &str = "/api";
/// A ticket's changes over a WebSocket.
pub const WATCH: &str = "/api/qrcode/ws";

/// Gives a script a fresh access token of a connected service.
pub const CONNECTION_TOKEN: &str = "/api/connections/{id}/token";

/// Signs in by password.
pub const LOGIN: &str = "/api/login";
/// Ends the caller's session.
pub const LOGOUT: &str = "/api/logout";
/// Ends one session.
pub const REVOKE: &str = "/api/sessions/revoke";
/// Ends all other sessions.
pub const REVOKE_OTHERS: &str = "/api/sessions/revoke-others";
/// Verifies the password in a session that began with a QR code.
pub const STEP_UP: &str = "/api/step-up";
/// Records that a phone scanned the code.
pub const SCAN: &str = "/api/qrcode/scan";
/// Approves a sign-in.
pub const CONFIRM: &str = "/api/qrcode/confirm";
/// Declines a sign-in.
pub const CANCEL: &str = "/api/qrcode/cancel";
/// Redeems an approved ticket.
pub const REDEEM: &str = "/api/qrcode/redeem";
/// Cancels a ticket from the PC.
pub const ABANDON: &str = "/api/qrcode/abandon";
/// Changes the display name.
pub const SETTINGS_PROFILE: &str = "/api/settings/profile";
/// Receives a picture, and the part of it that is shown.
pub const SETTINGS_PICTURE: &str = "/api/settings/picture";
/// Removes the picture.
pub const SETTINGS_PICTURE_REMOVE: &str = "/api/settings/picture/remove";
/// Changes the password.
pub const SETTINGS_PASSWORD: &str = "/api/settings/password";
/// Deletes the account.
pub const SETTINGS_DELETE: &str = "/api/settings/delete";
/// Disconnects an app from the account.
pub const DISCONNECT: &str = "/api/apps/disconnect";

/// Returns the path without the ticket that it names.
pub fn without_id(path: &str) -> &str {
    let prefixes = [CODE, CODE_IN_LOWER_CASE];
    prefixes.into_iter().find(|prefix| path.starts_with(prefix)).unwrap_or(path)
}

/// Returns the interaction whose continuation is at `path`.
pub fn interaction_of(path: &str) -> Option<domain::ids::InteractionId> {
    path.strip_prefix(CONTINUE)?.strip_prefix("?i=")?.parse().ok()
}
