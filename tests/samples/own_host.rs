//! "On a host of its own" in the README: an application's server acts as a PC's browser.

use super::https::HOST;
use super::server::Server;
use serde_json::Value;
use testkit::{Client, Phone, bearer};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

#[tokio::test]
async fn an_applications_server_signs_its_visitor_in_and_the_phone_sees_the_visitor() {
    let server = Server::with(&["--public-url", &format!("https://{HOST}"), "--trusted-proxies", "127.0.0.1"]).await;
    let phone = Phone::new(&server, "dong").await;
    // By the server's address, or under another name with the public URL's `Host`.
    for host in [None, Some(HOST)] {
        let app = Client::new(&server).always("x-forwarded-for", "203.0.113.9").always("user-agent", FIREFOX);
        let app = match host {
            Some(host) => app.always("host", host),
            None => app,
        };
        let generated = app.post("/api/qrcode/generate", &[]).await;
        let ticket = generated.ok();
        assert!(ticket["svg"].as_str().unwrap().starts_with("<svg"), "{ticket}");
        let id = ticket["id"].as_str().unwrap();
        let binding = generated.header("set-cookie");
        let app = app.always("cookie", binding.split(';').next().unwrap());

        let scanned = phone.scan(id).await.ok();
        let requester = &scanned["requester"];
        assert_eq!(
            (&requester["ip"], &requester["browser"]),
            (&"203.0.113.9".into(), &"Firefox".into()),
            "{requester}"
        );
        let token = scanned["confirm_token"].as_str().unwrap();
        phone.confirm(id, token).await.ok();
        let status = app.ask("/api/qrcode/wait", &[("id", id), ("status", "pending")]).await.ok();
        assert_eq!(status["status"], "confirmed");
        let redeemed = app.post("/api/qrcode/redeem", &[("id", id)]).await.ok();

        // The session can be verified, and ended once it is no longer needed.
        let session = bearer(&server, redeemed["token"].as_str().unwrap());
        assert_eq!(session.get("/api/userinfo").await.ok()["session"]["kind"], Value::from("pc"));
        session.post("/api/logout", &[]).await.ok();
        session.get("/api/userinfo").await.refused(401, "token_revoked");
    }
}
