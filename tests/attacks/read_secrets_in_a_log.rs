//! Someone who can read logs, or a crash report, looks for credentials: passwords and their hashes, tokens, confirm
//! tokens, cookies. `{:?}` of a value that contains one must not print it, and neither may a log line at any level.

use super::server::Server;
use axum::http::{HeaderMap, HeaderValue};
use domain::account::Profile;
use domain::account::{AccountView, SignedIn};
use domain::ids::{Secret, TicketId};
use domain::ticket::{Redeemed, Requester, RequesterView, Scanned};
use qr_login::api::account::Login;
use qr_login::api::ticket::{Cancel, Confirm};
use qr_login::pages::phone_confirm::{Question, Step};
use qr_login::server::client;
use std::fmt::Debug;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::IpAddr;
use std::process::{Child, Stdio};
use store::Credentials;
use testkit::{Client, Pc, Phone};
use uuid::Uuid;

const SECRET: &str = "open-sesame";

fn secret() -> Secret {
    Secret::new(SECRET.to_owned())
}

#[track_caller]
fn is_silent(value: &impl Debug) {
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!shown.contains(SECRET), "{shown}");
    }
}

#[tokio::test]
async fn debug_output_contains_no_secret() {
    let server = Server::start().await;
    server.account("dong").await;
    let account = server.app.accounts.list().await.unwrap().remove(0);
    let view: AccountView = account.view();
    is_silent(&SignedIn { token: secret(), device_id: None, account: view.clone() });
    is_silent(&Redeemed { token: secret(), token_type: "Bearer".to_owned(), expires_in: 1, account: view });
    let requester = RequesterView {
        ip: String::new(),
        browser: String::new(),
        os: String::new(),
        requested_at: String::new(),
        app: None,
        user_code: None,
    };
    is_silent(&Scanned { confirm_token: secret(), expires_in: 1, requester });
    is_silent(&Credentials { account, password_hash: secret() });
    is_silent(&Step::Decide(Box::new(Question {
        is_same_network: false,
        id: TicketId::from(Uuid::nil()),
        confirm_token: secret(),
        expires_in: 1,
        requester: Requester { ip: String::new(), browser: String::new(), os: String::new() },
        requested_at: clock::now(),
        profile: Profile { display_name: String::new(), avatar_url: None },
        app: None,
        login_hint: None,
        user_code: None,
        expects_another: false,
        error: None,
    })));
    // The arguments of the server functions, for which the macro derives `Debug`.
    is_silent(&Login {
        username: String::new(),
        password: secret(),
        device_id: None,
        device_name: None,
        device_kind: None,
        remember: None,
    });
    is_silent(&Confirm { id: String::new(), confirm_token: secret() });
    is_silent(&Cancel { id: String::new(), confirm_token: secret() });
}

#[tokio::test]
async fn a_request_does_not_print_its_credentials() {
    let server = Server::start().await;
    for name in ["authorization", "cookie", "x-device-id"] {
        for value in [SECRET.to_owned(), format!("Bearer {SECRET}"), format!("qr_pc={SECRET}; qr_browser={SECRET}")] {
            let headers = HeaderMap::from_iter([(name.parse().unwrap(), HeaderValue::from_str(&value).unwrap())]);
            is_silent(&client::Client::new(IpAddr::from([127, 0, 0, 1]), &headers, &server.app));
        }
    }
}

/// The real program, stopped at the end of the test.
struct Node(Child);

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn the_trace_log_of_a_whole_login_contains_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = testkit::program::without_settings(env!("CARGO_BIN_EXE_qr-login"), folder.path());
    let log = folder.path().join("log");
    program.args(["serve", "--demo", "--addr", "127.0.0.1:0", "--log", "trace"]);
    let mut node = Node(program.stdout(Stdio::piped()).stderr(File::create(&log).unwrap()).spawn().unwrap());
    let mut words = BufReader::new(node.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let site = words.find_map(|line| line.trim().strip_prefix("PC ").map(|site| site.trim().to_owned())).unwrap();

    // Long enough not to appear in a log by chance.
    let password = "111-is-not-the-password";
    let (client, pc) = (Client::new(&site), Pc::new(&site));
    client
        .post("/api/login", &[("username", "dong"), ("password", password)])
        .await
        .refused(401, "invalid_credentials");
    let signed_in = client.post("/api/login", &[("username", "dong"), ("password", "111")]).await.ok();
    let id = pc.ticket().await;
    let scanned = client.post("/api/qrcode/scan", &[("id", &id)]).await.ok();
    client.get(&format!("/confirm?id={id}")).await;
    let confirm_token = scanned["confirm_token"].as_str().unwrap();
    client.post("/api/qrcode/confirm", &[("id", &id), ("confirm_token", confirm_token)]).await.ok();
    let redeemed = pc.redeem(&id).await.ok();
    let phone = client.clone().always("authorization", &format!("Bearer {}", signed_in["token"].as_str().unwrap()));
    phone.always("x-device-id", signed_in["device_id"].as_str().unwrap()).get("/api/userinfo").await.ok();
    pc.0.get("/account").await;
    let browser = pc.0.cookie("qr_browser").unwrap();
    drop(node);

    let log = std::fs::read_to_string(&log).unwrap();
    assert!(log.contains("DEBUG") && log.contains("event=\"redeem\""), "{log}");
    let secrets = [password, confirm_token, browser.as_str(), "$argon2", "eyJ"];
    let tokens = [&signed_in, &redeemed].map(|answer| answer["token"].as_str().unwrap().rsplit('.').next().unwrap());
    for secret in secrets.into_iter().chain(tokens) {
        let line = log.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{secret} is in the log: {}", line.unwrap_or_default());
    }
}

#[tokio::test]
async fn debug_output_of_the_whole_server_contains_no_secret() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    // A verified token is cached, and its key is in memory.
    phone.user_info().await.ok();
    let signature = phone.token.rsplit('.').next().unwrap();
    let shown = format!("{:?}", server.app);
    assert!(shown.contains("Tokens") && !shown.contains(signature) && !shown.contains("PRIVATE KEY"), "{shown}");
}
