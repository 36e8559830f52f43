//! The previous user of a shared PC wants to watch and to take the next person's login, with the binding secret that
//! they read in the developer tools.

use super::server::{PASSWORD, Server};
use testkit::{Client, Pc, Phone};

fn with_secret(server: &Server, cookie: &str) -> Pc {
    let client = Client::new(server);
    client.plant("qr_browser", cookie);
    Pc(client)
}

/// Checks that `stolen` gives no access to the tickets that `pc` requests now.
async fn check_is_worthless(server: &Server, stolen: &str, pc: &Pc) {
    let id = pc.ticket().await;
    let secret = pc.0.cookie("qr_browser").unwrap();
    assert!(!secret.starts_with(stolen), "{secret} begins with what was stolen");
    let thief = with_secret(server, stolen);
    thief.check(&id).await.refused(403, "wrong_browser");
    let phone = Phone::new(server, "next").await;
    phone.approve(&id).await;
    thief.redeem(&id).await.refused(403, "wrong_browser");
    pc.redeem(&id).await.ok();
}

#[tokio::test]
async fn after_a_sign_in_by_a_code() {
    let server = Server::start().await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let stolen = pc.0.cookie("qr_browser").unwrap();
    Phone::new(&server, "first").await.approve(&id).await;
    pc.redeem(&id).await.ok();
    check_is_worthless(&server, &stolen, &pc).await;
}

#[tokio::test]
async fn after_a_sign_in_by_password() {
    let server = Server::start().await;
    server.account("first").await;
    let pc = Pc::new(&server);
    pc.ticket().await;
    let stolen = pc.0.cookie("qr_browser").unwrap();
    let form = [("username", "first"), ("password", PASSWORD), ("device_kind", "pc")];
    pc.0.post("/api/login", &form).await.ok();
    check_is_worthless(&server, &stolen, &pc).await;
}

#[tokio::test]
async fn after_a_sign_out() {
    let server = Server::start().await;
    server.account("first").await;
    let pc = Pc::new(&server);
    let form = [("username", "first"), ("password", PASSWORD), ("device_kind", "pc")];
    pc.0.post("/api/login", &form).await.ok();
    let stolen = pc.0.cookie("qr_browser").unwrap();
    pc.0.post("/api/logout", &[]).await.ok();
    check_is_worthless(&server, stolen.split('.').next().unwrap(), &pc).await;
}
