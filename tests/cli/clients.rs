//! `qr-login client …`, and the file of apps while the server runs.

use super::program::Place;
use super::serving::Server;
use std::fs;
use std::process::Command;
use testkit::until;

/// Makes an app, and returns its entry and what was said beside it.
fn new(place: &Place, arguments: &[&str]) -> (String, String) {
    let outcome = place.run(&[&["client", "new"], arguments].concat()).ok();
    (outcome.out, outcome.err)
}

#[test]
fn a_new_app_is_appended_to_the_file_and_its_secret_is_not() {
    let place = Place::new();
    let (entry, notes) = new(&place, &["My Wiki", "--redirect", "https://wiki.example/cb", "--group", "staff"]);
    let secret = notes.lines().find_map(|line| line.strip_prefix("client_secret: ")).unwrap();
    assert!(secret.len() >= 43 && !entry.contains(secret), "{entry}");
    let (native, notes) =
        new(&place, &["Terminal", "--native", "--redirect", "http://127.0.0.1/cb", "--scope", "openid"]);
    assert!(!notes.contains("secret"), "{notes}");
    let file = place.path().join("clients.toml");
    fs::write(&file, entry + &native).unwrap();
    let file = file.to_str().unwrap();
    let checked = place.run(&["client", "check", file]).ok().out;
    assert!(checked.contains("2 clients, 0 sites, 0 issuers"), "{checked}");
    let listed = place.run(&["client", "list", "--clients-file", file]).ok().out;
    assert!(listed.contains("client\tmy-wiki\tMy Wiki\tconfidential\thttps://wiki.example/cb"), "{listed}");
    assert!(listed.contains("client\tterminal\tTerminal\tnative\thttp://127.0.0.1/cb"), "{listed}");
}

#[test]
fn what_the_file_would_refuse_is_not_printed() {
    let place = Place::new();
    for (arguments, part) in [
        (&["Wiki", "--redirect", "http://wiki.com/cb"][..], "redirect_uris"),
        (&["维基", "--redirect", "https://wiki.example/cb"], "--id"),
        (&["Wiki", "--redirect", "https://wiki.example/cb", "--group", "a,b"], "groups_allowed"),
    ] {
        let outcome = place.run(&[&["client", "new"], arguments].concat()).failed(&[part]);
        assert_eq!(outcome.out, "");
    }
    place.run(&["client", "new", "Wiki", "--scope", "root"]).failed(&["root"]);
    place.run(&["client", "list"]).failed(&["QR_LOGIN_CLIENTS_FILE"]);
}

#[test]
fn a_file_that_is_wrong_names_its_lines_and_stops_the_start() {
    let place = Place::new();
    let file = place.path().join("clients.toml");
    fs::write(&file, "[[client]]\nid = \"a\"\nname = \"A\"\ncolour = \"red\"\n").unwrap();
    let file = file.to_str().unwrap();
    place.run(&["client", "check", file]).failed(&["line 4: client a: `colour`"]);
    place.run_with(&["serve"], &[("QR_LOGIN_CLIENTS_FILE", file)], "").failed(&["line 4: client a: `colour`"]);
    place.run_with(&["serve"], &[("QR_LOGIN_CLIENTS_FILE", "missing.toml")], "").failed(&["QR_LOGIN_CLIENTS_FILE"]);
}

#[test]
fn the_help_shows_the_file_and_not_the_servers_flags() {
    let place = Place::new();
    let help = place.run(&["client", "list", "--help"]).ok().out;
    assert!(help.contains("--clients-file") && !help.contains("--ticket-ttl"), "{help}");
}

/// Returns whether the server knows an app of that id.
async fn knows(server: &Server, id: &str) -> bool {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.get(format!("{}/oauth/authorize?client_id={id}", server.url)).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    let page = answer.text().await.unwrap();
    assert!(page.contains("redirect_uri") != page.contains("no app has this"), "{page}");
    page.contains("redirect_uri")
}

#[tokio::test]
async fn a_hangup_reads_the_file_again_and_a_bad_one_changes_nothing() {
    let place = Place::new();
    let file = place.path().join("clients.toml");
    let entry = |name: &str| new(&place, &[name, "--redirect", "https://app.example/cb"]).0;
    fs::write(&file, entry("one")).unwrap();
    let server = Server::start_with(&place, &[], &[("QR_LOGIN_CLIENTS_FILE", file.to_str().unwrap())], "phone");
    let hangup = || assert!(Command::new("kill").args(["-HUP", &server.id()]).status().unwrap().success());
    assert!(knows(&server, "one").await && !knows(&server, "two").await);
    fs::write(&file, entry("one") + &entry("two")).unwrap();
    hangup();
    until("the second app is known", async || knows(&server, "two").await.then_some(())).await;
    for bad in ["nonsense", "[[client]]\nid = \"a\"", ""] {
        match bad {
            "" => fs::remove_file(&file).unwrap(),
            bad => fs::write(&file, bad).unwrap(),
        }
        for _ in 0..5 {
            hangup();
        }
        assert!(knows(&server, "two").await, "{bad}");
    }
    fs::write(&file, entry("three")).unwrap();
    hangup();
    until("the third app is known", async || knows(&server, "three").await.then_some(())).await;
    assert!(!knows(&server, "one").await);
    let (ended_well, log) = server.stop();
    assert!(ended_well && log.contains("the apps stay as they were") && log.contains("added three"), "{log}");
}

#[tokio::test]
async fn a_hangup_does_not_end_a_server_without_a_file() {
    let place = Place::new();
    let server = Server::start(&place, &[], "phone");
    assert!(Command::new("kill").args(["-HUP", &server.id()]).status().unwrap().success());
    assert!(!knows(&server, "one").await);
    let (ended_well, log) = server.stop();
    assert!(ended_well, "{log}");
}
