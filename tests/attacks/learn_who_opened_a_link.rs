//! The sender of a link wants to know who opened it: the link is the URL of the sender's own code, and a page that
//! scans automatically would make the sender's PC show the name of the account signed in on that phone.

use super::server::{PASSWORD, Server};
use testkit::{Answer, Client, Pc};

/// The script that makes a page submit its form without a tap.
const BY_ITSELF: &str = "document.getElementById('scan').submit()";
const WARNING: &str = "Another site sent you here.";
const CROSS_SITE: [&str; 2] = ["cross-site", "same-site"];

/// A phone's browser that is not signed in.
async fn phone(server: &Server) -> Client {
    server.account("dong").await;
    Client::new(server).plain_forms()
}

/// Opens a page with the Fetch Metadata of a navigation from that site.
async fn open(phone: &Client, page: &str, site: &str) -> Answer {
    match site {
        "" => phone.get(page).await,
        site => phone.clone().always("sec-fetch-site", site).get(page).await,
    }
}

/// Fills in the page's sign-in form, including hidden fields, and submits it.
async fn sign_in(phone: &Client, page: &Answer, password: &str) -> String {
    let mut fields = vec![("username".to_owned(), "dong".to_owned()), ("password".to_owned(), password.to_owned())];
    let (_, form) = page.body.split_once("action=\"/api/login\"").expect("a sign-in form");
    let form = form.split("</form>").next().unwrap_or_default();
    for tag in form.split("<input type=\"hidden\" ").skip(1) {
        let value = |name: &str| {
            let (_, rest) = tag.split_once(&format!("{name}=\""))?;
            Some(rest.split_once('"')?.0.replace("&amp;", "&"))
        };
        fields.push((value("name").unwrap(), value("value").unwrap()));
    }
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    phone.post("/api/login", &fields).await.leads_to()
}

/// Opens a page of this site, and what it redirects to.
async fn follow(phone: &Client, page: &str) -> Answer {
    let mut answer = open(phone, page.split('#').next().unwrap(), "same-origin").await;
    while answer.status.is_redirection() {
        answer = open(phone, &answer.header("location"), "same-origin").await;
    }
    answer
}

/// Every way to say where the sign-in page leads that ends at the page of the code.
fn detours(id: &str) -> Vec<String> {
    let code = id.parse::<domain::ids::TicketId>().unwrap().to_code();
    let nested = format!("/%3Fnext=%252Fconfirm%253Fid%253D{id}");
    vec![
        format!("/confirm?id={id}"),
        format!("/confirm?id={id}%23top"),
        format!("/C/{code}"),
        format!("/c/{code}"),
        format!("/C/%25{:02X}{}", code.as_bytes()[0], &code[1..]),
        format!("/./confirm?id={id}"),
        format!("/C/../confirm?id={id}"),
        format!("/%252e/confirm?id={id}"),
        format!("/confirm?id={id}%26from=here"),
        format!("/?next=/confirm?id={id}"),
        format!("/?next=/C/{code}"),
        format!("/%3Fnext=/confirm%3Fid={id}"),
        format!("/%3Ftab=password%26next=/./C/{code}"),
        nested.clone(),
        format!("/%3Fnext={}", nested.replace('%', "%25")),
    ]
}

/// The link leads to the sign-in page, and that page to the one with the warning.
#[tokio::test]
async fn the_warning_survives_the_way_by_the_sign_in_page() {
    let server = Server::start().await;
    let id = Pc::new(&server).ticket().await;
    for (site, warns) in [("none", false), ("same-origin", false), ("same-site", true), ("cross-site", true)] {
        for detour in detours(&id) {
            let phone = phone(&server).await.always("user-agent", "Mozilla/5.0 (Linux; Android 14) Chrome/142 Mobile");
            let page = open(&phone, &format!("/?tab=password&next={detour}"), site).await;
            let body = follow(&phone, &sign_in(&phone, &page, PASSWORD).await).await.body;
            assert!(body.contains("action=\"/api/qrcode/scan\""), "{site} {detour}: {body}");
            assert_eq!(body.contains(WARNING), warns, "{site} {detour}");
            assert!(!body.contains(BY_ITSELF), "{site} {detour}");
        }
    }
}

#[tokio::test]
async fn the_warning_survives_another_language() {
    let server = Server::start().await;
    let id = Pc::new(&server).ticket().await;
    let agent = "Mozilla/5.0 (Linux; Android 14) Chrome/142 Mobile";
    for tab in ["", "tab=password&", "tab=code&"] {
        let phone = phone(&server).await.always("user-agent", agent);
        let page = open(&phone, &format!("/?{tab}next=/confirm?id={id}"), "cross-site").await;
        let (_, form) = page.body.split_once("action=\"/language\"").expect("a choice of languages");
        let (_, here) = form.split_once("name=\"next\" value=\"").unwrap();
        let here = here.split_once('"').unwrap().0.replace("&amp;", "&");
        // The tab of the form, whichever was shown.
        let page = open(&phone, &here.replace("tab=code&", "tab=password&"), "same-origin").await;
        let body = follow(&phone, &sign_in(&phone, &page, PASSWORD).await).await.body;
        assert!(body.contains(WARNING), "{tab} {here}: {body}");
    }
}

#[tokio::test]
async fn a_sign_in_page_that_leads_to_itself_leads_to_the_account() {
    let server = Server::start().await;
    for next in ["/", "/?tab=password", "/?next=", "/%3Fnext=/%253Fnext=/", "/%3Fnext=https://evil.example", "/./"] {
        let phone = phone(&server).await;
        let page = open(&phone, &format!("/?tab=password&next={next}"), "cross-site").await;
        assert_eq!(sign_in(&phone, &page, PASSWORD).await, "/account", "{next}");
    }
}

#[tokio::test]
async fn a_signed_in_phone_waits_for_a_tap_wherever_the_link_came_from() {
    let server = Server::start().await;
    let phone = phone(&server).await;
    let pc = Pc::new(&server);
    let id = pc.ticket().await;
    let link = format!("/confirm?id={id}");
    let code = id.parse::<domain::ids::TicketId>().unwrap().to_code();
    phone.post("/api/login", &[("username", "dong"), ("password", PASSWORD)]).await;
    for (site, warns) in
        [("none", false), ("same-origin", false), ("", false), ("same-site", true), ("cross-site", true)]
    {
        // The URL in the QR code leads there, and the browser sends the same header again.
        assert_eq!(open(&phone, &format!("/C/{code}"), site).await.leads_to(), link);
        let page = open(&phone, &link, site).await.body;
        assert!(page.contains("action=\"/api/qrcode/scan\""), "{site}: {page}");
        assert!(!page.contains(BY_ITSELF), "{site}");
        assert_eq!(page.contains(WARNING), warns, "{site}");
    }
    assert_eq!(pc.status(&id).await, "pending");
}

#[tokio::test]
async fn a_phone_scans_automatically_once_after_a_sign_in_on_this_very_page() {
    let server = Server::start().await;
    for site in ["none", "same-origin"] {
        let phone = phone(&server).await;
        let (id, other) = (Pc::new(&server).ticket().await, Pc::new(&server).ticket().await);
        let form = open(&phone, &format!("/confirm?id={id}"), site).await;
        assert!(!form.body.contains(WARNING), "{}", form.body);
        let again = open(&phone, &sign_in(&phone, &form, "wrong").await, "same-origin").await;
        let next = sign_in(&phone, &again, PASSWORD).await;
        assert_eq!(next, format!("/confirm?id={id}"));

        let of_other = open(&phone, &format!("/confirm?id={other}"), "same-origin").await;
        assert!(!of_other.body.contains(BY_ITSELF), "another code's page waits for a tap");
        let elsewhere = open(&phone, &next, "cross-site").await;
        assert!(!elsewhere.body.contains(BY_ITSELF), "a link from elsewhere waits for a tap");
        assert!(open(&phone, &next, "same-origin").await.body.contains(BY_ITSELF));
        assert!(!open(&phone, &next, "same-origin").await.body.contains(BY_ITSELF), "once");
    }
}

#[tokio::test]
async fn a_link_from_elsewhere_is_remembered_through_the_sign_in() {
    let server = Server::start().await;
    for site in CROSS_SITE {
        let phone = phone(&server).await;
        let id = Pc::new(&server).ticket().await;
        let form = open(&phone, &format!("/confirm?id={id}"), site).await;
        assert!(form.body.contains("action=\"/api/login\"") && form.body.contains(WARNING), "{}", form.body);

        let again = open(&phone, &sign_in(&phone, &form, "wrong").await, "same-origin").await;
        assert!(again.body.contains("role=\"alert\"") && again.body.contains(WARNING), "{}", again.body);

        let next = sign_in(&phone, &again, PASSWORD).await;
        let page = open(&phone, &next, "same-origin").await.body;
        assert!(page.contains("action=\"/api/qrcode/scan\"") && page.contains(WARNING), "{page}");
        assert!(!page.contains(BY_ITSELF), "{page}");
    }
}

#[tokio::test]
async fn a_browser_without_fetch_metadata_needs_a_tap() {
    let server = Server::start().await;
    let phone = phone(&server).await;
    let id = Pc::new(&server).ticket().await;
    let form = open(&phone, &format!("/confirm?id={id}"), "").await;
    let next = sign_in(&phone, &form, PASSWORD).await;
    assert!(!open(&phone, &next, "").await.body.contains(BY_ITSELF));
}

#[tokio::test]
async fn neither_a_url_nor_another_site_starts_a_scan() {
    let server = Server::start().await;
    let id = Pc::new(&server).ticket().await;
    let form = [("username", "dong"), ("password", PASSWORD), ("scan", &id)];
    let foreign = phone(&server).await.always("origin", "https://evil.example");
    assert_eq!(foreign.post("/api/login", &form).await.set_cookie("qr_scan"), None);
    let failed =
        phone(&server).await.post("/api/login", &[("username", "dong"), ("password", "x"), ("scan", &id)]).await;
    assert_eq!(failed.set_cookie("qr_scan"), None);
    for query in ["scan=1", &format!("scan={id}"), &format!("qr_scan={id}"), "from=here", "error="] {
        let phone = phone(&server).await;
        let page = format!("/confirm?id={id}&{query}");
        let form = open(&phone, &page, "cross-site").await;
        let next = sign_in(&phone, &form, PASSWORD).await;
        for page in [&next, &page] {
            assert!(!open(&phone, page, "same-origin").await.body.contains(BY_ITSELF), "{page}");
        }
    }
    // The form on the site's start page may lead to a code, but must not scan it.
    let phone = phone(&server).await;
    let form = open(&phone, &format!("/?tab=password&next=%2Fconfirm%3Fid%3D{id}"), "cross-site").await;
    let next = sign_in(&phone, &form, PASSWORD).await;
    assert_eq!(next, format!("/confirm?id={id}&from=elsewhere"));
    assert!(!open(&phone, &next, "same-origin").await.body.contains(BY_ITSELF));
}
