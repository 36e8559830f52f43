//! The manifest, by which a phone puts us on its home screen.

use super::server::Server;
use serde_json::Value;
use std::fs;
use testkit::Client;

async fn manifest(client: &Client) -> Value {
    let answer = client.get("/manifest.webmanifest").await;
    assert_eq!(answer.header("content-type"), "application/manifest+json");
    assert_eq!(answer.header("vary"), "accept-language, cookie");
    assert!(answer.header("cache-control").starts_with("private, max-age="), "its language is in a cookie");
    let manifest: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(answer.header("content-language"), manifest["lang"]);
    manifest
}

#[tokio::test]
async fn a_phone_installs_the_account_page_with_a_way_to_the_scanner() {
    let server = Server::with(&["--site-name", "Tea house"]).await;
    let manifest = manifest(&Client::new(&server)).await;
    for (field, value) in [
        ("id", "/account"),
        ("start_url", "/account"),
        ("scope", "/"),
        ("name", "Tea house"),
        ("display", "standalone"),
        ("lang", "en"),
        ("dir", "ltr"),
    ] {
        assert_eq!(manifest[field], value, "{field}");
    }
    assert_eq!(manifest["shortcuts"][0]["url"], "/scan");
    assert_eq!(manifest["launch_handler"]["client_mode"][0], "navigate-existing");
    assert_eq!(manifest["categories"][0], "security");
}

#[tokio::test]
async fn its_words_are_in_the_language_of_the_pages() {
    let server = Server::start().await;
    let client = Client::new(&server).always("accept-language", "zh-CN,zh;q=0.9");
    let chinese = manifest(&client).await;
    assert_eq!(chinese["lang"], "zh-CN");
    assert_eq!(chinese["shortcuts"][0]["name"], "扫一扫");
    client.post("/language", &[("language", "en")]).await;
    let english = manifest(&client).await;
    assert_eq!((&english["lang"], &english["shortcuts"][0]["name"]), (&"en".into(), &"Scan a code".into()));
    assert_ne!(english["screenshots"][0]["label"], chinese["screenshots"][0]["label"]);
    // Browsers request a manifest without cookies, unless the page says otherwise.
    let page = client.get("/").await.body;
    assert!(page.contains(r#"href="/manifest.webmanifest" crossorigin="use-credentials""#), "{page}");
}

#[tokio::test]
async fn its_pictures_exist_in_the_sizes_that_it_names() {
    let server = Server::start().await;
    let client = Client::new(&server);
    let (manifest, chinese) = (manifest(&client).await, manifest(&client.always("accept-language", "zh-CN")).await);
    assert_ne!(chinese["screenshots"][0]["src"], manifest["screenshots"][0]["src"]);
    let lists =
        [&manifest["icons"], &manifest["screenshots"], &manifest["shortcuts"][0]["icons"], &chinese["screenshots"]];
    let pictures: Vec<_> = lists.into_iter().flat_map(|list| list.as_array().unwrap()).collect();
    assert_eq!(pictures.len(), 9);
    for picture in pictures {
        let name = picture["src"].as_str().unwrap();
        let bytes = fs::read(format!("public{name}")).unwrap();
        let size = match picture["type"].as_str().unwrap() {
            "image/svg+xml" => "any".to_owned(),
            "image/png" => {
                // The first chunk has both, as big-endian numbers.
                let at = |start: usize| u32::from_be_bytes(bytes[start..start + 4].try_into().unwrap());
                format!("{}x{}", at(16), at(20))
            }
            // A lossy WebP has 14 bits each in its first frame (RFC 6386, section 9.1).
            kind => {
                assert_eq!((kind, &bytes[12..16]), ("image/webp", b"VP8 ".as_slice()), "{name}");
                let at = |start: usize| u16::from_le_bytes([bytes[start], bytes[start + 1]]) & 0x3fff;
                format!("{}x{}", at(26), at(28))
            }
        };
        assert_eq!(picture["sizes"], size, "{name}");
        assert!(bytes.len() < 60_000, "{name} has {} bytes", bytes.len());
    }
}
