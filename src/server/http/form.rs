//! Responds to a plain HTML form with a redirect to the page that shows the outcome, so that forms work without script.

use super::navigation::{hop, keep_opener};
use crate::error::{ApiError, ErrorCode};
use crate::routes;
use crate::server::client::Client;
use crate::server::context::RequestContext;
use crate::server::security::cookie::{Lifetime, Name};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::account::local_path;
use domain::ids::TicketId;
use url::form_urlencoded::{Serializer, parse};

/// The fields of a form, in order.
pub type Fields = Vec<(String, String)>;

/// The password form of a PC.
const PASSWORD: &str = "/?tab=password";
/// Value of `from` in the confirm page's URL if another site led there. Setting it can only add a warning.
pub const ELSEWHERE: &str = "elsewhere";
/// Lifetime, in seconds, of the cookies that hand data over to the next page.
const HANDOVER: u64 = 60;
/// Length limit of a username that is shown again.
const LONGEST_NAME: usize = 64;

/// Parses a form's body.
pub fn fields(body: &[u8]) -> Fields {
    parse(body).into_owned().collect()
}

/// Returns `303 See Other` to the page that shows the outcome of a form posted to `path`. Cookies are kept.
pub fn redirect(path: &str, fields: &Fields, error: Option<&ApiError>, response: Response) -> Response {
    let location = destination(path, fields, error.map(|error| error.code));
    let mut page = if routes::interaction_of(&location).is_some() {
        // The next step redirects to the app, which browsers forbid a form.
        hop(&location)
    } else {
        let mut page = Response::default();
        *page.status_mut() = StatusCode::SEE_OTHER;
        // All untrusted parts are percent-encoded.
        let location = HeaderValue::from_str(&location).unwrap_or(HeaderValue::from_static(routes::PC_LOGIN));
        page.headers_mut().insert(header::LOCATION, location);
        page
    };
    if field(fields, "next").is_some_and(|next| routes::interaction_of(next).is_some()) {
        keep_opener(&mut page);
    }
    for cookie in response.headers().get_all(header::SET_COOKIE) {
        page.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    page
}

/// Hands over to the next page what must not be in its URL: after a failed sign-in the username, after a successful one
/// the ticket it was for.
///
/// # Errors
/// `unavailable`.
pub fn hand_over(cx: &RequestContext, fields: &Fields, succeeded: bool) -> Result<(), ApiError> {
    let left = if succeeded {
        // Only the form of a page that no other site led to has this field.
        let ticket = field(fields, "scan").and_then(|id| id.parse::<TicketId>().ok());
        ticket.map(|ticket| (Name::Scan, ticket.to_string()))
    } else {
        field(fields, "username").map(|name| (Name::Typed, URL_SAFE_NO_PAD.encode(shown(name))))
    };
    left.map_or(Ok(()), |(name, value)| cx.set_cookie(name, &value, Lifetime::Seconds(HANDOVER)))
}

/// Returns the username of a failed sign-in.
pub fn typed(client: &Client) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(client.cookie(Name::Typed)?).ok()?;
    Some(shown(&String::from_utf8(bytes).ok()?))
}

fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect()
}

/// Returns the value of that field, unless it is empty.
pub fn field<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    let found = fields.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
}

fn destination(path: &str, fields: &Fields, error: Option<ErrorCode>) -> String {
    let field = |name| field(fields, name);
    let next = field("next").and_then(local_path);
    let next = next.as_deref();
    let failed = error.map(|error| ("error", error.name()));
    match path {
        routes::SCAN | routes::CONFIRM | routes::CANCEL => {
            let from = field("from").filter(|from| *from == ELSEWHERE && error.is_some());
            with_query(
                routes::PHONE_CONFIRM,
                [field("id").map(|id| ("id", id)), from.map(|from| ("from", from)), failed],
            )
        }
        routes::REDEEM if error.is_none() => next.unwrap_or(routes::ACCOUNT).to_owned(),
        routes::REDEEM | routes::ABANDON => with_query(
            routes::PC_LOGIN,
            [field("id").map(|id| ("ticket", id)), next.map(|next| ("next", next)), failed],
        ),
        routes::LOGIN if error.is_none() => next.unwrap_or(routes::ACCOUNT).to_owned(),
        routes::LOGIN => match field("page").and_then(local_path) {
            Some(page) => with_query(&page, [failed]),
            None => with_query(PASSWORD, [next.map(|next| ("next", next)), failed]),
        },
        routes::STEP_UP => with_query(next.unwrap_or(routes::ACCOUNT), [failed]),
        routes::REVOKE | routes::REVOKE_OTHERS | routes::DISCONNECT => with_query(routes::ACCOUNT, [failed]),
        routes::SETTINGS_PROFILE => settings("name", "name", failed),
        routes::SETTINGS_PICTURE => settings("picture", "picture", failed),
        routes::SETTINGS_PICTURE_REMOVE => settings("picture", "picture_removed", failed),
        routes::SETTINGS_PASSWORD => settings("password", "password", failed),
        routes::SETTINGS_DELETE if error.is_none() => routes::DELETED.to_owned(),
        routes::SETTINGS_DELETE => settings("delete", "", failed),
        _ => with_query(routes::PC_LOGIN, [failed]),
    }
}

/// Returns the settings page with what was done, or the part of it that has an error.
fn settings(part: &str, done: &str, failed: Option<(&str, &str)>) -> String {
    let outcome = if failed.is_some() { ("at", part) } else { ("done", done) };
    with_query(routes::SETTINGS, [Some(outcome), failed])
}

/// Adds `pairs` to the query of `page`, replacing parameters of the same name.
fn with_query<'a>(page: &str, pairs: impl IntoIterator<Item = Option<(&'a str, &'a str)>>) -> String {
    let (path, query) = page.split_once('?').unwrap_or((page, ""));
    let pairs: Vec<_> = pairs.into_iter().flatten().collect();
    let kept = parse(query.as_bytes())
        .into_owned()
        .filter(|(name, _)| name != "error" && name != "username" && pairs.iter().all(|(new, _)| new != name));
    let mut query = Serializer::new(String::new());
    query.extend_pairs(kept).extend_pairs(&pairs);
    match query.finish() {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(path: &str, body: &str, error: Option<ErrorCode>) -> String {
        destination(path, &fields(body.as_bytes()), error)
    }

    #[test]
    fn a_form_leads_to_the_page_that_shows_its_outcome() {
        assert_eq!(to("/api/qrcode/confirm", "id=7&confirm_token=s", None), "/confirm?id=7");
        let expired = Some(ErrorCode::TicketExpired);
        assert_eq!(to("/api/qrcode/confirm", "id=7", expired), "/confirm?id=7&error=ticket_expired");
        assert_eq!(to("/api/login", "username=a&password=s&next=%2Fconfirm%3Fid%3D7", None), "/confirm?id=7");
        assert_eq!(to("/api/login", "username=a&password=s", None), "/account");
        assert_eq!(to("/api/logout", "", None), "/");
        assert_eq!(to("/api/step-up", "password=s", None), "/account");
        let wrong = Some(ErrorCode::InvalidCredentials);
        assert_eq!(to("/api/step-up", "password=s", wrong), "/account?error=invalid_credentials");
        assert_eq!(to("/api/step-up", "password=s&next=%2Fconnections", None), "/connections");
        assert_eq!(to("/api/step-up", "next=https%3A%2F%2Fevil.example", None), "/account");
        assert_eq!(to("/api/settings/profile", "display_name=a", None), "/settings?done=name");
        let location = to("/api/settings/password", "password=s", wrong);
        assert_eq!(location, "/settings?at=password&error=invalid_credentials");
        assert_eq!(to("/api/settings/delete", "username=a", None), "/settings/deleted");
        assert_eq!(to("/api/settings/delete", "", wrong), "/settings?at=delete&error=invalid_credentials");
    }

    #[test]
    fn a_failed_sign_in_returns_to_its_page_without_what_was_typed() {
        let wrong = Some(ErrorCode::InvalidCredentials);
        assert_eq!(
            to(
                "/api/login",
                "username=%E5%BC%A0&password=s&page=%2Fconfirm%3Fid%3D7%26error%3Dx%26username%3Dy",
                wrong
            ),
            "/confirm?id=7&error=invalid_credentials"
        );
        assert_eq!(
            to("/api/login", "username=a&password=s&next=%2Fapp", wrong),
            "/?tab=password&next=%2Fapp&error=invalid_credentials"
        );
    }

    #[test]
    fn a_scan_that_fails_stays_one_that_another_site_led_to() {
        let over = Some(ErrorCode::TokenRevoked);
        let location = to("/api/qrcode/scan", "id=7&from=elsewhere", over);
        assert_eq!(location, "/confirm?id=7&from=elsewhere&error=token_revoked");
        assert_eq!(to("/api/qrcode/scan", "id=7&from=elsewhere", None), "/confirm?id=7");
        assert_eq!(to("/api/qrcode/scan", "id=7&from=x", over), "/confirm?id=7&error=token_revoked");
    }

    #[test]
    fn nobody_is_sent_to_another_site() {
        assert_eq!(to("/api/login", "next=https%3A%2F%2Fevil.example", None), "/account");
        assert_eq!(to("/api/qrcode/redeem", "next=%2F%2Fevil.example", None), "/account");
        assert_eq!(to("/api/qrcode/scan", "id=%0d%0aSet-Cookie:x", None), "/confirm?id=%0D%0ASet-Cookie%3Ax");
    }
}
