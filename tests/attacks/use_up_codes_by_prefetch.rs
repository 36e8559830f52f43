//! The owner of another site wants its visitors to get no code here, or to be led to `/confirm` as if they had scanned
//! the code themselves. Their page makes browsers prefetch ours by speculation rules. Browsers send that as a
//! navigation not initiated by any site.

use super::server::Server;
use testkit::{Client, Pc};

#[tokio::test]
async fn a_prefetched_page_is_not_rendered() {
    let server = Server::start().await;
    let id = Pc::new(&server).ticket().await;
    let browser = Client::new(&server).always("sec-fetch-site", "none").always("sec-fetch-dest", "document");
    for (name, purpose) in [("sec-purpose", "prefetch"), ("sec-purpose", "prefetch;prerender"), ("purpose", "prefetch")]
    {
        let prefetching = browser.clone().always(name, purpose);
        let code = id.parse::<domain::ids::TicketId>().unwrap().to_code();
        for page in ["/", &format!("/confirm?id={id}"), &format!("/C/{code}"), "/account", "/?tab=password"] {
            let answer = prefetching.get(page).await;
            assert_eq!(answer.status, 403, "{page}");
            assert_eq!(answer.set_cookie("qr_browser"), None);
        }
    }
    let tickets = server.app.metrics.text().unwrap();
    assert!(tickets.contains("qr_login_tickets_total{status=\"pending\"} 1\n"), "{tickets}");
    assert_eq!(browser.get("/").await.status, 200);
}
