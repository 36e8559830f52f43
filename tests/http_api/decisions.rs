//! Every way in which a ticket operation is refused.

use super::server::Server;
use std::time::Duration;
use testkit::Socket;
use testkit::{Client, Pc, Phone, bearer, signed_in_pc};

/// A ticket id that was never issued.
const NOBODYS: &str = "00000000-0000-4000-8000-000000000000";

#[tokio::test]
async fn an_unknown_ticket_is_not_found_by_anyone() {
    let server = Server::start().await;
    let (pc, phone) = (Pc::new(&server), Phone::new(&server, "dong").await);
    pc.ticket().await;
    for answer in [
        pc.check(NOBODYS).await,
        pc.wait(NOBODYS, "pending").await,
        pc.0.ask("/api/qrcode/ws", &[("id", NOBODYS)]).await,
        pc.redeem(NOBODYS).await,
        pc.abandon(NOBODYS).await,
        phone.scan(NOBODYS).await,
        phone.confirm(NOBODYS, "x").await,
        phone.cancel(NOBODYS, "x").await,
    ] {
        answer.refused(404, "ticket_not_found");
    }
}

#[tokio::test]
async fn a_malformed_id_is_reported_as_malformed() {
    let server = Server::start().await;
    let (pc, phone) = (Pc::new(&server), Phone::new(&server, "dong").await);
    let braced = format!("{{{NOBODYS}}}");
    let plain = NOBODYS.replace('-', "");
    for id in ["", "x", "../../etc/passwd", "' OR 1=1 --", "扫码", &braced, &plain, &NOBODYS.repeat(20)] {
        for answer in [
            pc.check(id).await,
            pc.wait(id, "pending").await,
            pc.0.ask("/api/qrcode/ws", &[("id", id)]).await,
            pc.redeem(id).await,
            pc.abandon(id).await,
            phone.scan(id).await,
            phone.confirm(id, "x").await,
            phone.cancel(id, "x").await,
            phone.client.post("/api/sessions/revoke", &[("session_id", id)]).await,
        ] {
            let message = answer.refused(400, "invalid_id");
            assert!(id.is_empty() || id == "x" || !message.contains(id), "{message}");
        }
    }
}

#[tokio::test]
async fn a_browser_without_the_binding_cookie_can_neither_watch_nor_redeem() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let (pc, thief, stranger) = (Pc::new(&server), Pc::new(&server), Pc::new(&server));
    thief.ticket().await;
    stranger.0.plant("qr_browser", "x");
    let (waiting, approved) = (pc.ticket().await, pc.ticket().await);
    phone.approve(&approved).await;
    for other in [&thief, &stranger, &Pc(phone.client.clone())] {
        for id in [&waiting, &approved] {
            for answer in [
                other.check(id).await,
                other.wait(id, "pending").await,
                other.0.ask("/api/qrcode/ws", &[("id", id)]).await,
                other.redeem(id).await,
                other.abandon(id).await,
            ] {
                answer.refused(403, "wrong_browser");
                assert_eq!(answer.set_cookie("qr_pc"), None);
            }
            assert_eq!(Socket::open(&other.0, id).await.unwrap_err(), 403);
        }
    }
    assert_eq!(pc.status(&waiting).await, "pending");
    pc.redeem(&approved).await.ok();
}

#[tokio::test]
async fn the_first_phone_owns_the_ticket() {
    let server = Server::start().await;
    let (first, second) = (Phone::new(&server, "dong").await, Phone::new(&server, "dong").await);
    let other = Phone::new(&server, "guang").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let token = first.token_for(&id).await;
    for phone in [&second, &other] {
        phone.scan(&id).await.refused(409, "already_scanned");
        phone.confirm(&id, &token).await.refused(403, "wrong_device");
        phone.cancel(&id, &token).await.refused(403, "wrong_device");
    }
    assert_eq!(pc.status(&id).await, "scanned");
    first.confirm(&id, &token).await.ok();
    second.scan(&id).await.refused(409, "already_scanned");
    first.scan(&id).await.refused(409, "already_decided");
}

#[tokio::test]
async fn only_one_of_two_concurrent_scans_succeeds() {
    let server = Server::start().await;
    let (dong, guang) = (Phone::new(&server, "dong").await, Phone::new(&server, "guang").await);
    let pc = Pc::new(&server);
    for _ in 0..10 {
        let id = pc.ticket().await;
        let (one, other) = tokio::join!(dong.scan(&id), guang.scan(&id));
        let won = [&one, &other].into_iter().filter(|answer| answer.status == 200).count();
        assert_eq!(won, 1);
        let lost = if one.status == 200 { other } else { one };
        lost.refused(409, "already_scanned");
    }
}

#[tokio::test]
async fn a_second_scan_by_the_same_phone_invalidates_the_first_confirm_token() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let (old, fresh) = (phone.token_for(&id).await, phone.token_for(&id).await);
    assert_ne!(old, fresh);
    phone.confirm(&id, &old).await.refused(403, "invalid_confirm_token");
    phone.cancel(&id, &old).await.refused(403, "invalid_confirm_token");
    assert_eq!(pc.status(&id).await, "scanned");
    phone.confirm(&id, &fresh).await.ok();
}

#[tokio::test]
async fn a_confirm_token_belongs_to_one_ticket_and_works_once() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let (one, other) = (pc.ticket().await, pc.ticket().await);
    let (token, others) = (phone.token_for(&one).await, phone.token_for(&other).await);
    for wrong in ["", "x", &others, &token.to_lowercase(), &format!("{token}=")] {
        phone.confirm(&one, wrong).await.refused(403, "invalid_confirm_token");
        phone.cancel(&one, wrong).await.refused(403, "invalid_confirm_token");
    }
    phone.confirm(&one, &token).await.ok();
    phone.confirm(&one, &others).await.refused(409, "already_decided");
    phone.cancel(&one, &token).await.refused(409, "already_decided");
    pc.redeem(&one).await.ok();
    phone.confirm(&one, &others).await.refused(409, "already_used");
}

#[tokio::test]
async fn a_decision_is_final() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let (declined, approved) = (pc.ticket().await, pc.ticket().await);
    let token = phone.token_for(&declined).await;
    phone.cancel(&declined, &token).await.ok();
    phone.confirm(&declined, &token).await.refused(409, "already_decided");
    phone.scan(&declined).await.refused(410, "ticket_cancelled");
    pc.abandon(&declined).await.refused(410, "ticket_cancelled");
    let token = phone.token_for(&approved).await;
    phone.confirm(&approved, &token).await.ok();
    phone.cancel(&approved, &token).await.refused(409, "already_decided");
    pc.abandon(&approved).await.refused(409, "already_decided");
    pc.redeem(&approved).await.ok();
}

#[tokio::test]
async fn steps_out_of_order_are_refused() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    phone.confirm(&id, "x").await.refused(409, "not_scanned");
    phone.cancel(&id, "x").await.refused(409, "not_scanned");
    pc.redeem(&id).await.refused(409, "not_confirmed");
    phone.scan(&id).await.ok();
    pc.redeem(&id).await.refused(409, "not_confirmed");
}

#[tokio::test]
async fn a_redeemed_ticket_is_used_up_for_everyone() {
    let server = Server::start().await;
    let (phone, other) = (Phone::new(&server, "dong").await, Phone::new(&server, "guang").await);
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    phone.approve(&id).await;
    pc.redeem(&id).await.ok();
    for answer in [
        pc.abandon(&id).await,
        phone.scan(&id).await,
        phone.confirm(&id, "x").await,
        phone.cancel(&id, "x").await,
        other.scan(&id).await,
    ] {
        answer.refused(409, "already_used");
    }
    assert_eq!(pc.status(&id).await, "redeemed");
}

#[tokio::test]
async fn a_ticket_expires_in_every_state() {
    let (server, hand) = Server::still(&[]).await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let (pending, scanned, confirmed) = (pc.ticket().await, pc.ticket().await, pc.ticket().await);
    let token = phone.token_for(&scanned).await;
    phone.approve(&confirmed).await;
    hand.advance(Duration::from_millis(119_999));
    for (id, status) in [(&pending, "pending"), (&scanned, "scanned"), (&confirmed, "confirmed")] {
        let view = pc.check(id).await.ok();
        assert_eq!((&view["status"], &view["expires_in"]), (&status.into(), &1.into()));
    }
    hand.advance(Duration::from_millis(1));
    for id in [&pending, &scanned, &confirmed] {
        let view = pc.check(id).await.ok();
        assert_eq!((&view["status"], &view["expires_in"]), (&"expired".into(), &0.into()));
        for answer in [
            phone.scan(id).await,
            phone.confirm(id, &token).await,
            phone.cancel(id, &token).await,
            pc.redeem(id).await,
            pc.abandon(id).await,
        ] {
            answer.refused(410, "ticket_expired");
        }
    }
    assert_eq!(phone.client.get("/api/sessions").await.ok().as_array().unwrap().len(), 1, "no PC was signed in");
}

#[tokio::test]
async fn a_pc_may_not_act_as_a_phone() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let (pc, by_token) = signed_in_pc(&server, &phone).await;
    let id = pc.ticket().await;
    by_token.post("/api/qrcode/scan", &[("id", &id)]).await.refused(403, "wrong_device");
    let form = [("id", id.as_str()), ("confirm_token", "x")];
    by_token.post("/api/qrcode/confirm", &form).await.refused(403, "wrong_device");
    by_token.post("/api/qrcode/cancel", &form).await.refused(403, "wrong_device");
    // A cookie session of a PC is not one that a phone could have.
    pc.0.post("/api/qrcode/scan", &[("id", &id)]).await.refused(401, "unauthenticated");
    assert_eq!(pc.status(&id).await, "pending");
}

#[tokio::test]
async fn an_unauthenticated_caller_does_not_learn_whether_a_ticket_exists() {
    let server = Server::start().await;
    let id = Pc::new(&server).ticket().await;
    for client in [Client::new(&server), bearer(&server, "")] {
        for id in [id.as_str(), NOBODYS] {
            let form = [("id", id), ("confirm_token", "x")];
            client.post("/api/qrcode/scan", &form[..1]).await.refused(401, "unauthenticated");
            client.post("/api/qrcode/confirm", &form).await.refused(401, "unauthenticated");
            client.post("/api/qrcode/cancel", &form).await.refused(401, "unauthenticated");
        }
    }
}
