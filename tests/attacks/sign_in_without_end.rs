//! An account holder signs in by script, each time as a new phone or with a new code, until lists, pages and tables are
//! too large to use, and the one session that matters cannot be found among thousands.
//!
//! The bound: 100 phones and 100 PCs stay signed in. A sign-in by password enforces it in the same transaction; surplus
//! sessions that began by code, at the rate that scans are limited to, live until the next hourly sweep. A list never
//! has more than 200 rows.

use super::server::{PASSWORD, Server};
use clock::now;
use domain::account::{Began, Device, Session, SessionKind};
use domain::ids::{AccountId, DeviceId};
use domain::time::Timestamp;
use service::security::device_binding::Presented;
use service::session::MOST;
use std::time::Duration;
use testkit::{Client, Phone, signed_in_pc};
use uuid::Uuid;

const DAY: Duration = Duration::from_secs(24 * 3600);

fn count(list: &serde_json::Value, kind: &str) -> usize {
    list.as_array().unwrap().iter().filter(|session| session["kind"] == kind).count()
}

/// Creates a session that began and was last used at that time.
fn session(account: AccountId, kind: SessionKind, device: Option<DeviceId>, at: Timestamp) -> Session {
    Session {
        id: Uuid::new_v4().into(),
        account,
        kind,
        device,
        device_secret: None,
        began: Began::Code,
        stepped_up_at: None,
        approvals_void_until: None,
        name: "a script".to_owned(),
        ip: "192.0.2.1".to_owned(),
        created_at: at,
        last_seen_at: at,
        expires_at: (kind == SessionKind::Pc).then(|| now() + DAY),
        revoked_at: None,
    }
}

async fn account(server: &Server) -> AccountId {
    server.account("dong").await;
    server.app.accounts.list().await.unwrap()[0].id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_new_phone_beyond_the_bound_ends_the_least_recently_used_one() {
    let server = Server::start().await;
    let account = account(&server).await;
    // Inserted directly, so that only a few passwords have to be hashed.
    let mut living = Vec::new();
    for minutes in 0..MOST - 1 {
        let device =
            Device { id: DeviceId::from(Uuid::new_v4()), account, name: String::new(), kind: "phone".to_owned() };
        server.app.sign_in.devices.put_device(&device, now()).await.unwrap();
        let at = now() + Duration::from_secs(60) * minutes - DAY;
        living.push(session(account, SessionKind::Phone, Some(device.id), at));
        server.app.sessions.begin(living.last().unwrap()).await.unwrap();
    }
    let phone = Phone::new(&server, "dong").await;
    let (_, pc) = signed_in_pc(&server, &phone).await;
    let longest_unused = Phone::holding(
        &server,
        server.app.tokens.issue(&living[0]).unwrap().reveal(),
        living[0].device.as_ref().unwrap().as_str(),
    );
    // Checking it would count as use, so wait for its end instead.
    let waiting = {
        let store = server.app.sessions.clone();
        let caller = store.authenticate(
            &longest_unused.token,
            Presented::Id(Some(longest_unused.device.as_str())),
            [192, 0, 2, 1].into(),
        );
        let caller = caller.await.unwrap();
        server.app.sign_in.devices.touch_session(living[0].id, "192.0.2.1", living[0].last_seen_at).await.unwrap();
        tokio::spawn(async move { store.wait_for_end(&caller).await })
    };
    for _ in 0..3 {
        let next = Phone::new(&server, "dong").await;
        let list = next.client.get("/api/sessions").await.ok();
        assert_eq!((count(&list, "phone"), count(&list, "pc")), (MOST as usize, 1));
    }
    let end = waiting.await.unwrap().expect_err("it is notified of its end");
    assert_eq!(end.code().name(), "token_revoked");
    longest_unused.user_info().await.refused(401, "token_revoked");
    phone.user_info().await.ok();
    pc.get("/api/userinfo").await.ok();
}

#[tokio::test]
async fn pcs_by_password_obey_the_bound_and_end_no_phone() {
    let server = Server::start().await;
    let account = account(&server).await;
    let phone = Phone::new(&server, "dong").await;
    for minutes in 0..MOST {
        let at = now() + Duration::from_secs(60) * minutes - DAY;
        server.app.sessions.begin(&session(account, SessionKind::Pc, None, at)).await.unwrap();
    }
    let form = [("username", "dong"), ("password", PASSWORD), ("device_kind", "pc")];
    for _ in 0..2 {
        Client::new(&server).post("/api/login", &form).await.ok();
        let list = phone.client.get("/api/sessions").await.ok();
        assert_eq!((count(&list, "phone"), count(&list, "pc")), (1, MOST as usize));
    }
}

#[tokio::test]
async fn surplus_sessions_by_code_are_listed_in_part_and_swept() {
    let server = Server::start().await;
    let account = account(&server).await;
    let phone = Phone::new(&server, "dong").await;
    let most = MOST as usize;
    for minutes in 0..3 * MOST {
        let at = now() + Duration::from_secs(60) * minutes - DAY;
        server.app.sessions.begin(&session(account, SessionKind::Pc, None, at)).await.unwrap();
    }
    let (_, pc) = signed_in_pc(&server, &phone).await;
    let list = phone.client.get("/api/sessions").await.ok();
    assert_eq!((count(&list, "phone"), count(&list, "pc")), (1, 2 * most - 1));
    let page = testkit::browser_phone(&server, "dong").await.get("/account").await;
    assert_eq!(page.status, 200);
    assert!(page.body.len() < 300_000, "{} bytes", page.body.len());
    server.app.sessions.sweep().await.unwrap();
    let list = phone.client.get("/api/sessions").await.ok();
    assert_eq!((count(&list, "phone"), count(&list, "pc")), (2, most));
    pc.get("/api/userinfo").await.ok();
}

#[tokio::test]
async fn an_unused_phone_is_signed_out_after_half_a_year() {
    let server = Server::start().await;
    let account = account(&server).await;
    let mut phones = Vec::new();
    for days in [181, 179] {
        let device =
            Device { id: DeviceId::from(Uuid::new_v4()), account, name: String::new(), kind: "phone".to_owned() };
        server.app.sign_in.devices.put_device(&device, now()).await.unwrap();
        let session = session(account, SessionKind::Phone, Some(device.id.clone()), now() - DAY * days);
        server.app.sessions.begin(&session).await.unwrap();
        phones.push(Phone::holding(&server, server.app.tokens.issue(&session).unwrap().reveal(), device.id.as_str()));
    }
    server.app.sessions.sweep().await.unwrap();
    phones[0].user_info().await.refused(401, "token_revoked");
    phones[1].user_info().await.ok();
}
