//! The help of each command, and where flags may stand.

use super::program::Place;
use super::serving::{Server, get};

fn help(command: &[&str]) -> String {
    Place::new().run(&[command, &["--help"]].concat()).ok().out
}

#[test]
fn the_help_of_a_command_lists_its_own_options_and_not_the_servers() {
    for command in [
        &["user"][..],
        &["user", "add"],
        &["user", "set"],
        &["user", "delete"],
        &["user", "list"],
        &["key"],
        &["key", "new"],
    ] {
        let help = help(command);
        let lists = |flag: &str| help.lines().any(|line| line.trim_start().starts_with(flag));
        for flag in ["--addr", "--public-url", "--redis-url", "--ticket-ttl", "--signing-key", "--accent", "--demo"] {
            assert!(!lists(flag), "{command:?} lists {flag}");
        }
        for flag in ["--database-url", "--log ", "--log-format"] {
            assert!(lists(flag), "{command:?} does not list {flag}");
        }
    }
    for command in [&[][..], &["serve"]] {
        let help = help(command);
        assert!(help.contains("--addr") && help.contains("--database-url") && help.contains("--demo"), "{help}");
    }
    let set = help(&["user", "set"]);
    for flag in ["--email ", "--email-verified", "--group ", "--add-group", "--picture", "--no-email", "--display-name"]
    {
        assert!(set.contains(flag), "{flag}: {set}");
    }
}

#[tokio::test]
async fn flags_stand_before_or_after_the_command() {
    let place = Place::new();
    for arguments in [
        &["--site-name", "Ours", "--ticket-ttl", "60", "serve"][..],
        &["serve", "--site-name", "Ours", "--ticket-ttl", "60"],
        &["--site-name", "Ours", "serve", "--ticket-ttl", "60"],
        &["--site-name", "Ours", "--ticket-ttl", "60"],
    ] {
        let server = Server::start(&place, arguments, "phone");
        let page = get(&server.url, "/").await;
        assert!(page.contains("Sign in · Ours"), "{arguments:?}");
        assert!(server.stop().0);
    }
    // Scripts that give the server's flags to every command still run.
    place.run(&["--site-name", "Ours", "user", "list"]).ok();
    place.run(&["user", "list", "--site-name", "Ours", "--rate-limit", "off"]).ok();
    place.run(&["user", "list", "--ticket-ttl", "soon"]).failed(&["--ticket-ttl"]);
}
