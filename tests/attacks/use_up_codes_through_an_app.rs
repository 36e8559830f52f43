//! The owner of another site wants its visitors to get no code here. Their page makes browsers ask for what counts against
//! the visitor's address, too: the authorization requests of an app, whose id is no secret, as images, frames and
//! prefetches; the sign-in of a site behind a proxy; and codes for devices, by a script.

use super::app::{APP, REQUEST};
use super::server::Server;
use domain::limits::Key;
use reqwest::Method;
use service::clients::Clients;
use testkit::{Answer, Client, Pc};

/// More entries of the file.
const OTHERS: &str = r#"
[[client]]
id = "tv"
name = "Living Room"
public = true
device = true
scopes = ["profile"]

[[site]]
host = "wiki.example"
"#;

/// More than an address gets at once of anything.
const MANY: usize = 70;

async fn server() -> Server {
    let (server, _) = Server::still(&["--rate-limit", "on", "--trusted-proxies", "127.0.0.1"]).await;
    server.app.clients.replace(Clients::parse(&[APP, OTHERS].concat()).unwrap());
    server
}

/// Checks that the address has all of its codes left.
async fn gets_every_code(server: &Server) {
    for _ in 0..60 {
        Pc::new(server).generate().await.ok();
    }
    Pc::new(server).generate().await.refused(429, "rate_limited");
}

fn embedded(server: &Server, destination: &str) -> Client {
    Client::new(server).always("sec-fetch-dest", destination).always("sec-fetch-site", "cross-site")
}

#[track_caller]
fn refused(answer: &Answer) {
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (403, ""));
    assert!(answer.headers.get("set-cookie").is_none());
}

#[tokio::test]
async fn images_and_scripts_of_an_apps_sign_in() {
    let server = server().await;
    let some = "01234567-89ab-4cde-8f01-23456789abcd";
    for page in [REQUEST, &format!("/oauth/continue?i={some}"), &format!("/oauth/site?r={some}")] {
        for destination in ["image", "script", "empty", "style", "embed", "object", "audio"] {
            for _ in 0..12 {
                refused(&embedded(&server, destination).get(page).await);
            }
        }
        for (name, purpose) in
            [("sec-purpose", "prefetch"), ("sec-purpose", "prefetch;prerender"), ("purpose", "prefetch")]
        {
            refused(&embedded(&server, "document").always(name, purpose).get(page).await);
        }
    }
    // Nothing was counted.
    for _ in 0..60 {
        assert_eq!(embedded(&server, "document").get(REQUEST).await.status, 303);
    }
    gets_every_code(&server).await;
}

/// An app asks in a hidden frame whether the person is still signed in (`prompt=none`), and stores nothing by that.
#[tokio::test]
async fn frames_of_an_apps_sign_in() {
    let server = server().await;
    for _ in 0..MANY {
        let silent = embedded(&server, "iframe").get(&format!("{REQUEST}&prompt=none")).await;
        assert!(silent.header("location").contains("error=login_required"), "{silent:?}");
        // The sign-in page that it would lead to is for a window of its own.
        refused(&embedded(&server, "iframe").get(REQUEST).await);
    }
    for _ in 0..60 {
        assert_eq!(embedded(&server, "document").get(REQUEST).await.status, 303);
    }
    gets_every_code(&server).await;
}

#[tokio::test]
async fn windows_of_an_apps_sign_in() {
    let server = server().await;
    let statuses = async {
        let mut statuses = Vec::new();
        for _ in 0..MANY {
            statuses.push(embedded(&server, "document").get(REQUEST).await.status.as_u16());
        }
        statuses
    };
    let statuses = statuses.await;
    assert_eq!((statuses[59], statuses[60]), (303, 429));
    gets_every_code(&server).await;
}

#[tokio::test]
async fn the_sign_in_of_a_site_behind_a_proxy() {
    let server = server().await;
    for destination in ["image", "empty", "iframe"] {
        let page = embedded(&server, destination).always("host", "wiki.example");
        for _ in 0..MANY {
            refused(&page.get("/.qr-login/start").await);
        }
    }
    let asking = |headers: &[(&str, &str)]| {
        let proxy = Client::new(&server)
            .always("x-original-url", "https://wiki.example/page")
            .always("x-original-method", "GET")
            .always("x-forwarded-for", "127.0.0.1")
            .always("sec-fetch-mode", "navigate");
        headers.iter().fold(proxy, |proxy, (name, value)| proxy.always(name, value))
    };
    for headers in [
        &[("sec-fetch-dest", "document"), ("sec-purpose", "prefetch")][..],
        &[("sec-fetch-dest", "embed"), ("sec-fetch-site", "cross-site")],
        &[("sec-fetch-dest", "object"), ("sec-fetch-site", "same-site")],
        &[("sec-fetch-dest", "iframe"), ("sec-fetch-site", "cross-site")],
    ] {
        for _ in 0..MANY {
            let answer = asking(headers).get("/forward-auth/nginx").await;
            assert_eq!((answer.status.as_u16(), answer.header("location").as_str()), (401, ""), "{headers:?}");
        }
    }
    for headers in [
        &[("sec-fetch-dest", "document"), ("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-dest", "iframe"), ("sec-fetch-site", "same-site")],
        &[],
    ] {
        for _ in 0..20 {
            let answer = asking(headers).get("/forward-auth/nginx").await;
            assert!(answer.header("location").contains("/oauth/site?r="), "{headers:?}: {answer:?}");
        }
    }
    gets_every_code(&server).await;
}

#[tokio::test]
async fn codes_for_devices() {
    let server = server().await;
    let page = Client::new(&server).always("origin", "https://evil.example");
    let form = [("client_id", "tv"), ("scope", "profile")];
    for _ in 0..60 {
        page.post("/oauth/device_authorization", &form).await.ok();
    }
    assert_eq!(page.post("/oauth/device_authorization", &form).await.status, 503);
    gets_every_code(&server).await;
    assert_eq!(embedded(&server, "document").get(REQUEST).await.status, 303);
}

#[tokio::test]
async fn an_ipv6_site_has_limits_of_its_own_for_each() {
    let server = server().await;
    for network in 0..2_000 {
        let address = format!("2001:db8:0:{network:x}::1").parse().unwrap();
        let _ = server.app.limits.charge(Key::Authorize(address)).await;
        let _ = server.app.limits.charge(Key::DeviceCode(address)).await;
    }
    let neighbour = Client::new(&server).always("x-forwarded-for", "2001:db8:0:ffff::1");
    assert_eq!(neighbour.send(Method::GET, REQUEST, None, Vec::new()).await.status, 429);
    Pc(neighbour).generate().await.ok();
}
