//! Rate limits, and which address a request counts against.
//!
//! These servers have a manual clock, so nothing is refilled while a test counts.

use super::server::{PASSWORD, Server};
use std::time::Duration;
use testkit::{Answer, Client, Pc, Phone};

const LIMITED: [&str; 4] = ["--rate-limit", "on", "--trusted-proxies", "127.0.0.1"];

/// Checks that exactly `burst` requests pass and that the next one gets that `Retry-After`.
async fn check_burst(burst: u32, seconds: u64, mut ask: impl AsyncFnMut() -> Answer) -> Answer {
    for number in 1..=burst {
        let answer = ask().await;
        assert!(matches!(answer.status.as_u16(), 200 | 401), "number {number}: {answer:?}");
    }
    let refused = ask().await;
    check_refusal(&refused, seconds);
    refused
}

#[track_caller]
fn check_refusal(answer: &Answer, seconds: u64) {
    answer.refused(429, "rate_limited");
    assert_eq!(answer.header("retry-after"), seconds.to_string());
    assert_eq!(serde_json::from_str::<serde_json::Value>(&answer.body).unwrap()["retry_after"], seconds);
}

/// Returns the client as the server sees it behind a proxy.
fn at(client: &Client, address: &str) -> Client {
    client.clone().always("x-forwarded-for", address)
}

async fn sign_in(client: &Client, username: &str, password: &str) -> Answer {
    client.post("/api/login", &[("username", username), ("password", password)]).await
}

#[tokio::test]
async fn an_address_gets_sixty_codes_at_once_and_then_two_a_second() {
    let (server, hand) = Server::still(&LIMITED).await;
    let refused = check_burst(60, 1, async || Pc::new(&server).generate().await).await;
    assert_eq!(refused.set_cookie("qr_browser"), None);
    hand.advance(Duration::from_millis(500));
    check_burst(1, 1, async || Pc::new(&server).generate().await).await;
    Pc(at(&Client::new(&server), "203.0.113.8")).generate().await.ok();
}

#[tokio::test]
async fn the_page_counts_as_a_new_code_and_shows_a_refusal() {
    let (server, hand) = Server::still(&LIMITED).await;
    for _ in 0..30 {
        Pc::new(&server).generate().await.ok();
        assert_eq!(Client::new(&server).get("/").await.status, 200);
    }
    let refused = Client::new(&server).get("/").await;
    assert_eq!((refused.status.as_u16(), refused.header("retry-after").as_str()), (429, "1"));
    assert!(refused.header("content-type").starts_with("text/html"));
    hand.advance(Duration::from_millis(500));
    assert_eq!(Client::new(&server).get("/").await.status, 200);
}

#[tokio::test]
async fn an_account_scans_thirty_times_at_once_and_then_every_other_second() {
    let (server, hand) = Server::still(&LIMITED).await;
    let phone = Phone::new(&server, "dong").await;
    let other = Phone::new(&server, "guang").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    check_burst(30, 2, async || phone.scan(&id).await).await;
    // Another address or another phone of the account does not help.
    let second = Phone::new(&server, "dong").await;
    let elsewhere = at(&second.client, "203.0.113.8");
    check_refusal(&elsewhere.post("/api/qrcode/scan", &[("id", &id)]).await, 2);
    other.scan(&pc.ticket().await).await.ok();
    hand.advance(Duration::from_secs(2));
    check_burst(1, 2, async || phone.scan(&id).await).await;
}

#[tokio::test]
async fn an_address_scans_a_hundred_and_twenty_times_at_once_and_then_twice_a_second() {
    let (server, hand) = Server::still(&LIMITED).await;
    let pc = Pc::new(&server);
    for account in ["a", "b", "c", "d"] {
        let (phone, id) = (Phone::new(&server, account).await, pc.ticket().await);
        for _ in 0..30 {
            phone.scan(&id).await.ok();
        }
    }
    let (phone, id) = (Phone::new(&server, "e").await, pc.ticket().await);
    check_refusal(&phone.scan(&id).await, 1);
    at(&phone.client, "203.0.113.8").post("/api/qrcode/scan", &[("id", &id)]).await.ok();
    hand.advance(Duration::from_millis(500));
    check_burst(1, 1, async || phone.scan(&id).await).await;
}

#[tokio::test]
async fn an_address_signs_in_sixty_times_at_once_and_then_once_a_second() {
    let (server, hand) = Server::still(&LIMITED).await;
    server.account("dong").await;
    // Right passwords, each from a new browser, so that no limit on guesses interferes.
    let sign_in_anew = async || sign_in(&Client::new(&server), "dong", PASSWORD).await;
    check_burst(60, 1, sign_in_anew).await;
    sign_in(&at(&Client::new(&server), "203.0.113.8"), "dong", PASSWORD).await.ok();
    hand.advance(Duration::from_secs(1));
    check_burst(1, 1, sign_in_anew).await;
}

#[tokio::test]
async fn an_address_guesses_a_password_ten_times_at_once_and_then_once_a_minute() {
    for name in ["dong", "nobody"] {
        let (server, hand) = Server::still(&LIMITED).await;
        server.account("dong").await;
        let client = Client::new(&server);
        check_burst(10, 60, async || {
            let answer = sign_in(&client, name, "guess").await;
            assert!(answer.status == 429 || answer.body.contains("invalid_credentials"), "{answer:?}");
            answer
        })
        .await;
        // However it is spelt, and whether or not it is right.
        for (name, password) in
            [(name.to_uppercase(), "guess"), (format!(" {name} "), "guess"), (name.to_owned(), PASSWORD)]
        {
            check_refusal(&sign_in(&client, &name, password).await, 60);
        }
        sign_in(&client, "another", "guess").await.refused(401, "invalid_credentials");
        hand.advance(Duration::from_secs(60));
        check_burst(1, 60, async || sign_in(&client, name, "guess").await).await;
    }
}

#[tokio::test]
async fn a_password_is_guessed_thirty_times_at_once_from_everywhere_and_then_every_ten_seconds() {
    let (server, hand) = Server::still(&LIMITED).await;
    server.account("dong").await;
    let mut number = 0;
    let mut guess = async || {
        number += 1;
        sign_in(&at(&Client::new(&server), &format!("203.0.113.{number}")), "dong", "guess").await
    };
    check_burst(30, 10, &mut guess).await;
    check_refusal(&sign_in(&at(&Client::new(&server), "203.0.113.250"), "DONG", PASSWORD).await, 10);
    hand.advance(Duration::from_secs(10));
    check_burst(1, 10, &mut guess).await;
}

#[tokio::test]
async fn a_right_password_does_not_count_as_a_guess() {
    let (server, _hand) = Server::still(&LIMITED).await;
    server.account("dong").await;
    let client = Client::new(&server);
    for _ in 0..11 {
        sign_in(&Client::new(&server), "dong", PASSWORD).await.ok();
    }
    check_burst(10, 60, async || sign_in(&client, "dong", "guess").await).await;
}

#[tokio::test]
async fn a_rate_limited_form_redirects_to_a_page_that_says_so() {
    let (server, _hand) = Server::still(&LIMITED).await;
    let phone = Phone::new(&server, "dong").await;
    let id = Pc::new(&server).ticket().await;
    check_burst(30, 2, async || phone.scan(&id).await).await;
    let form = phone.client.plain_forms();
    let led_to = form.post("/api/qrcode/scan", &[("id", &id)]).await.leads_to();
    assert_eq!(led_to, format!("/confirm?id={id}&error=rate_limited"));
    let page = form.get(&led_to).await;
    assert!(page.status == 200 && page.body.contains("role=\"alert\""), "{}", page.body);
}

#[tokio::test]
async fn reading_is_not_limited() {
    let (server, _hand) = Server::still(&LIMITED).await;
    let phone = Phone::new(&server, "dong").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    // More than the largest burst of any limit.
    for _ in 0..130 {
        pc.check(&id).await.ok();
        pc.wait(&id, "scanned").await.ok();
        phone.user_info().await.ok();
        phone.client.get("/api/sessions").await.ok();
        assert_eq!(pc.0.ask("/", &[("ticket", &id)]).await.status, 200);
        assert_eq!(phone.client.get(&format!("/confirm?id={id}")).await.status, 200);
    }
}

/// Returns the address that a phone is shown for a PC that sends these headers.
async fn shown_address(server: &Server, phone: &Phone, headers: &[(&str, &str)]) -> String {
    let client = headers.iter().fold(Client::new(server), |client, (name, value)| client.always(name, value));
    let id = Pc(client).ticket().await;
    phone.scan(&id).await.ok()["requester"]["ip"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_forwarded_address_is_only_accepted_from_a_trusted_proxy() {
    let trusting = Server::with(&["--trusted-proxies", "127.0.0.0/8,10.0.0.0/8"]).await;
    let phone = Phone::new(&trusting, "dong").await;
    for (forwarded, shown) in [
        ("203.0.113.7", "203.0.113.7"),
        ("1.2.3.4, 203.0.113.7", "203.0.113.7"),
        ("203.0.113.7, 10.1.2.3", "203.0.113.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("1.2.3.4, 203.0.113.7:5678", "203.0.113.7"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("nonsense", "127.0.0.1"),
        ("", "127.0.0.1"),
    ] {
        assert_eq!(shown_address(&trusting, &phone, &[("x-forwarded-for", forwarded)]).await, shown, "{forwarded}");
    }
    let wary = Server::start().await;
    let phone = Phone::new(&wary, "dong").await;
    for name in ["x-forwarded-for", "forwarded", "x-real-ip"] {
        assert_eq!(shown_address(&wary, &phone, &[(name, "203.0.113.7")]).await, "127.0.0.1");
    }
}

#[tokio::test]
async fn the_session_shows_the_forwarded_address() {
    let server = Server::with(&["--trusted-proxies", "127.0.0.1"]).await;
    server.account("dong").await;
    let client = Client::new(&server).always("x-forwarded-for", "203.0.113.7");
    client.post("/api/login", &[("username", "dong"), ("password", PASSWORD)]).await.ok();
    assert_eq!(client.get("/api/sessions").await.ok()[0]["ip"], "203.0.113.7");
    let moved = client.always("x-forwarded-for", "203.0.113.8");
    assert_eq!(moved.get("/api/sessions").await.ok()[0]["ip"], "203.0.113.8");
}

#[tokio::test]
async fn each_client_behind_a_proxy_has_its_own_limit_and_cannot_forge_others() {
    let (server, _hand) = Server::still(&LIMITED).await;
    let from = |forwarded: &str| Pc(at(&Client::new(&server), forwarded));
    check_burst(60, 1, async || from("203.0.113.7").generate().await).await;
    from("203.0.113.8").generate().await.ok();
    let invented = from("198.51.100.1, 203.0.113.7").generate().await;
    check_refusal(&invented, 1);
}

#[tokio::test]
async fn a_home_with_many_ipv6_addresses_counts_as_one_address() {
    let (server, _hand) = Server::still(&LIMITED).await;
    let mut host = 0_u64;
    check_burst(60, 1, async || {
        host += u64::MAX / 61;
        let [a, b, c, d] = [48, 32, 16, 0].map(|shift| host >> shift & 0xffff);
        Pc(at(&Client::new(&server), &format!("2001:db8:0:1:{a:x}:{b:x}:{c:x}:{d:x}"))).generate().await
    })
    .await;
    Pc(at(&Client::new(&server), "2001:db8:0:2::1")).generate().await.ok();
}
