//! The settings page and its plain forms, without script.

use crate::http_api::server::{PASSWORD, Server};
use image::{DynamicImage, ImageFormat, RgbImage};
use std::io::Cursor;
use testkit::{Client, Phone, browser_phone, signed_in_pc};

fn file() -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    DynamicImage::from(RgbImage::new(9, 9)).write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner()
}

async fn page(client: &Client, path: &str) -> String {
    let page = client.get(path).await;
    assert_eq!(page.status, 200, "{path}");
    page.body
}

#[tokio::test]
async fn each_form_leads_back_to_the_page_which_says_what_was_done() {
    let server = Server::start().await;
    let browser = browser_phone(&server, "dong").await;
    let form = browser.clone().plain_forms();
    assert!(page(&browser, "/account").await.contains("href=\"/settings\""));
    let renamed = form.post("/api/settings/profile", &[("display_name", "Wei")]).await.leads_to();
    assert_eq!(renamed, "/settings?done=name");
    let said = page(&browser, &renamed).await;
    assert!(said.contains("role=\"status\"") && said.contains("Your name has been changed."), "{said}");
    assert!(said.contains("value=\"Wei\"") && !said.contains("src=\"/picture"), "{said}");

    let sent = form.upload("/api/settings/picture", &[], &file()).await.leads_to();
    assert_eq!(sent, "/settings?done=picture");
    assert!(page(&browser, &sent).await.contains("src=\"/picture/"));
    let removed = form.post("/api/settings/picture/remove", &[]).await.leads_to();
    assert_eq!(removed, "/settings?done=picture_removed");
    assert!(!page(&browser, &removed).await.contains("action=\"/api/settings/picture/remove\""));

    let passwords = [("password", PASSWORD), ("new_password", "battery staple")];
    assert_eq!(form.post("/api/settings/password", &passwords).await.leads_to(), "/settings?done=password");
    let language = form.post("/language", &[("language", "zh-CN"), ("next", "/settings")]).await.leads_to();
    assert!(page(&browser, &language).await.contains("lang=\"zh-CN\""));
    let delete = [("username", "dong"), ("password", "battery staple")];
    let deleted = form.post("/api/settings/delete", &delete).await.leads_to();
    assert_eq!(deleted, "/settings/deleted");
    assert!(page(&browser, &deleted).await.contains("账号已注销"));
}

#[tokio::test]
async fn a_mistake_is_said_beside_its_form_and_nothing_else_is() {
    let server = Server::start().await;
    let browser = browser_phone(&server, "dong").await;
    let form = browser.clone().plain_forms();
    let failed = form.upload("/api/settings/picture", &[], b"GIF89a").await.leads_to();
    assert_eq!(failed, "/settings?at=picture&error=picture_format");
    let passwords = [("password", "wrong"), ("new_password", "battery staple")];
    let wrong = form.post("/api/settings/password", &passwords).await.leads_to();
    assert_eq!(wrong, "/settings?at=password&error=invalid_credentials");
    let foreign = form.clone().always("origin", "https://evil.example");
    let refused = foreign.upload("/api/settings/picture", &[], &file()).await.leads_to();
    assert_eq!(refused, "/settings?at=picture&error=cross_origin");
    let delete = form.post("/api/settings/delete", &[("username", "x"), ("password", "y")]).await.leads_to();
    for (location, id, text) in [
        (failed, "picture-error", "This is not a picture that can be shown."),
        (wrong, "password-error", "The password is wrong."),
        (delete, "delete-error", "That is not your username."),
        ("/settings?error=token_revoked&at=x&done=password".to_owned(), "", "You are no longer signed in."),
    ] {
        let body = page(&browser, &location).await;
        let (_, rest) = body.split_once("role=\"alert\"").unwrap();
        assert!(body.matches("role=\"alert\"").count() == 1 && !body.contains("role=\"status\""), "{location}");
        assert!(rest.contains(text) && rest[..40].contains(id), "{location}: {rest}");
        // What is named as the description of a field exists.
        assert!(id.is_empty() || body.contains(&format!("aria-describedby=\"{id}\"")), "{location}");
    }
}

/// A PC that was approved by mistake has to verify the password, and returns to this page.
#[tokio::test]
async fn a_pc_that_a_code_signed_in_asks_for_the_password_first() {
    let server = Server::start().await;
    let phone = Phone::new(&server, "dong").await;
    let (pc, _) = signed_in_pc(&server, &phone).await;
    let form = pc.0.clone().plain_forms();
    let before = page(&pc.0, "/settings").await;
    assert!(!before.contains("/api/settings/profile") && !before.contains("/api/settings/picture"), "{before}");
    assert!(before.contains("action=\"/api/step-up\"") && before.contains("/api/settings/password"), "{before}");
    let refused = form.post("/api/settings/profile", &[("display_name", "x")]).await.leads_to();
    assert_eq!(refused, "/settings?at=name&error=step_up_required");
    let fields = |password| [("password", password), ("next", "/settings")];
    let wrong = form.post("/api/step-up", &fields("wrong")).await.leads_to();
    assert_eq!(wrong, "/settings?error=invalid_credentials");
    assert!(page(&pc.0, &wrong).await.contains("id=\"step-up-error\""));
    assert_eq!(form.post("/api/step-up", &fields(PASSWORD)).await.leads_to(), "/settings");
    assert!(page(&pc.0, "/settings").await.contains("/api/settings/profile"));
    form.post("/api/settings/profile", &[("display_name", "x")]).await.leads_to();
    assert_eq!(phone.user_info().await.text("display_name"), "x");
}
