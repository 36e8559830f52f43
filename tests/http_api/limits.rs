//! What slows a flood down, and whose address counts.

use super::client::{Answer, Client, Pc, Phone};
use super::server::{PASSWORD, Server};
use futures::future::join_all;

const LIMITED: [&str; 2] = ["--rate-limit", "on"];
/// Ours are far below this; a server without a limit would let all of them through.
const FLOOD: usize = 400;

/// Asks again and again until it is refused.
async fn flood(mut ask: impl AsyncFnMut() -> Answer) -> Option<Answer> {
    for _ in 0..FLOOD {
        let answer = ask().await;
        if answer.status != 200 {
            return Some(answer);
        }
    }
    None
}

fn check_refusal(answer: &Answer) {
    answer.refused(429, "rate_limited");
    let seconds: u64 = answer.header("retry-after").parse().expect("whole seconds");
    assert!((1..=3600).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn too_many_new_codes_from_one_address_are_refused_for_a_while() {
    let server = Server::with(&LIMITED).await;
    let refused = flood(async || Pc::new(&server).generate().await).await.expect("a limit");
    check_refusal(&refused);
    assert_eq!(refused.set_cookie("qr_browser"), None);
}

#[tokio::test]
async fn the_page_with_the_code_counts_as_a_new_code_and_says_so_politely() {
    let server = Server::with(&LIMITED).await;
    let client = Client::new(&server);
    let refused = flood(async || client.get("/").await).await.expect("a limit");
    assert_eq!(refused.status, 429);
    assert!(refused.header("content-type").starts_with("text/html"));
}

#[tokio::test]
async fn too_many_scans_by_one_account_are_refused_for_a_while() {
    let server = Server::with(&LIMITED).await;
    let phone = Phone::new(&server, "dong").await;
    let other = Phone::new(&server, "guang").await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    check_refusal(&flood(async || phone.scan(&id).await).await.expect("a limit"));
    other.scan(&pc.ticket().await).await.ok();
}

#[tokio::test]
async fn guessing_a_password_is_slowed_down_whether_or_not_the_name_exists() {
    let server = Server::with(&LIMITED).await;
    server.account("dong").await;
    for name in ["dong", "nobody"] {
        let client = Client::new(&server);
        let guess = async || client.post("/api/login", &[("username", name), ("password", "guess")]).await;
        let mut answers = join_all((0..11).map(|_| guess())).await;
        while answers.iter().all(|answer| answer.status == 401) && answers.len() < FLOOD {
            answers.push(guess().await);
        }
        let (refused, wrong): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 429);
        assert!(!refused.is_empty() && wrong.len() >= 10, "{name}: {} wrong, {} refused", wrong.len(), refused.len());
        refused.iter().for_each(check_refusal);
        for answer in wrong {
            answer.refused(401, "invalid_credentials");
        }
    }
}

#[tokio::test]
async fn a_form_that_is_refused_leads_to_a_page_that_says_so() {
    let server = Server::with(&LIMITED).await;
    let phone = Phone::new(&server, "dong").await;
    let id = Pc::new(&server).ticket().await;
    let form = phone.client.clone().plain_forms();
    let refused = format!("/confirm?id={id}&error=rate_limited");
    // On a slow machine one more scan may have become free by the time of the form.
    let mut led_to = String::new();
    for _ in 0..20 {
        flood(async || phone.scan(&id).await).await.expect("a limit");
        led_to = form.post("/api/qrcode/scan", &[("id", &id)]).await.leads_to();
        if led_to == refused {
            break;
        }
    }
    assert_eq!(led_to, refused);
}

#[tokio::test]
async fn a_signed_in_person_is_not_limited_by_what_others_guess() {
    let server = Server::with(&LIMITED).await;
    let phone = Phone::new(&server, "dong").await;
    flood(async || Pc::new(&server).generate().await).await.expect("a limit");
    phone.user_info().await.ok();
    phone.client.get("/api/sessions").await.ok();
}

/// The address that a phone is shown for a PC that sends these headers.
async fn shown_address(server: &Server, phone: &Phone, headers: &[(&str, &str)]) -> String {
    let client = headers.iter().fold(Client::new(server), |client, (name, value)| client.always(name, value));
    let id = Pc(client).ticket().await;
    phone.scan(&id).await.ok()["requester"]["ip"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_forwarded_address_is_believed_from_a_trusted_proxy_alone() {
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
async fn each_client_behind_a_proxy_has_a_limit_of_its_own_and_cannot_invent_more() {
    let server = Server::with(&["--rate-limit", "on", "--trusted-proxies", "127.0.0.1"]).await;
    let from = |forwarded: &str| Pc(Client::new(&server).always("x-forwarded-for", forwarded));
    let one = from("203.0.113.7");
    check_refusal(&flood(async || one.generate().await).await.expect("a limit"));
    from("203.0.113.8").generate().await.ok();
    let mut invented = 0;
    let refused = flood(async || {
        invented += 1;
        from(&format!("198.51.100.{}, 203.0.113.7", invented % 250)).generate().await
    });
    check_refusal(&refused.await.expect("the address that the proxy wrote counts"));
}
