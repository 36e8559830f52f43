//! `qr-login user …`: each command is a separate run, on one database.

use super::program::{Outcome, Place};
use service::security::password::Passwords;
use service::security::random::Random;
use store::AccountStore;
use store::sqlite::Sqlite;

fn add(place: &Place, name: &str, input: &str) -> Outcome {
    place.run_with(&["user", "add", name], &[], input)
}

/// Returns the output of `user list`, one row per account.
fn list(place: &Place) -> Vec<Vec<String>> {
    let out = place.run(&["user", "list"]).ok().out;
    out.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

/// Returns whether that is the account's password, and its stored hash.
async fn is_password_of(place: &Place, name: &str, password: &str) -> (bool, String) {
    let store = Sqlite::open(&format!("sqlite://{}", place.path().join("qr-login.db").display())).await.unwrap();
    let hash = store.credentials(name).await.unwrap().unwrap().password_hash.reveal().to_owned();
    (Passwords::new(Random::default()).unwrap().verify(password.to_owned(), Some(hash.clone())).await.unwrap(), hash)
}

#[test]
fn accounts_are_added_and_listed_by_name() {
    let place = Place::new();
    assert_eq!(list(&place), Vec::<Vec<String>>::new());
    let added = add(&place, "li", "correct horse\n").ok();
    assert!(added.out.contains("li") && !added.out.contains("horse") && !added.err.contains("horse"), "{added:?}");
    place.run_with(&["user", "add", "an", "--display-name", "安 An"], &[], "correct horse\n").ok();
    assert_eq!(list(&place), [["an", "安 An", "active", "", ""], ["li", "li", "active", "", ""]]);
}

#[tokio::test]
async fn the_password_is_one_line_of_standard_input_and_only_its_hash_is_kept() {
    for (input, password) in [
        ("correct horse\n", "correct horse"),
        ("correct horse\r\n", "correct horse"),
        ("correct horse", "correct horse"),
        ("first line\nsecond line\n", "first line"),
        (" 空格 spaces \n", " 空格 spaces "),
    ] {
        let place = Place::new();
        add(&place, "li", input).ok();
        let (matches, hash) = is_password_of(&place, "li", password).await;
        assert!(matches, "{input:?}");
        assert!(hash.starts_with("$argon2id$") && !hash.contains("horse"), "{hash}");
        assert!(!is_password_of(&place, "li", "wrong").await.0);
    }
}

#[tokio::test]
async fn an_invalid_password_is_rejected_and_the_rules_are_shown() {
    let place = Place::new();
    add(&place, "li", "12345678\n").ok();
    for password in ["", "\n", "1234567\n", "扫码登录真方便\n", &"x".repeat(1025)] {
        for arguments in [["user", "add", "wu"], ["user", "password", "li"]] {
            let outcome = place.run_with(&arguments, &[], password).failed(&["password"]);
            assert!(outcome.err.contains("8 characters") && outcome.err.contains("1024 bytes"), "{}", outcome.err);
        }
    }
    assert_eq!(list(&place).len(), 1);
    assert!(is_password_of(&place, "li", "12345678").await.0, "the password is unchanged");
    place.run_with(&["user", "password", "li"], &[], &"x".repeat(1024)).ok();
    assert!(is_password_of(&place, "li", &"x".repeat(1024)).await.0);
}

#[test]
fn the_help_shows_the_password_rules() {
    for command in ["add", "password"] {
        let help = Place::new().run(&["user", command, "--help"]).ok().out;
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(help.contains("at least 8 characters") && help.contains("at most 1024 bytes"), "{help}");
    }
}

#[test]
fn a_duplicate_or_malformed_name_is_rejected() {
    let place = Place::new();
    add(&place, "li", "correct horse\n").ok();
    add(&place, "li", "another one\n").failed(&["already"]);
    add(&place, " li ", "another one\n").failed(&["already"]);
    for name in ["", "  ", "a\nb", &"x".repeat(65)] {
        add(&place, name, "correct horse\n").failed(&["username"]);
    }
    assert_eq!(list(&place).len(), 1);
}

#[test]
fn only_the_named_account_is_disabled() {
    let place = Place::new();
    for name in ["an", "li"] {
        add(&place, name, "correct horse\n").ok();
    }
    for _ in 0..2 {
        assert!(place.run(&["user", "disable", "an"]).ok().out.contains("an"));
        assert_eq!(list(&place), [["an", "an", "disabled", "", ""], ["li", "li", "active", "", ""]]);
    }
    place.run(&["user", "disable", "wu"]).failed(&["wu"]);
    place.run(&["user", "enable", "an"]).ok();
    assert_eq!(list(&place), [["an", "an", "active", "", ""], ["li", "li", "active", "", ""]]);
    place.run(&["user", "enable", "wu"]).failed(&["wu"]);
}

#[test]
fn commands_that_end_sessions_print_how_many() {
    let place = Place::new();
    add(&place, "li", "correct horse\n").ok();
    for (arguments, input) in [
        (["user", "sign-out", "li"], ""),
        (["user", "disable", "li"], ""),
        (["user", "password", "li"], "battery staple"),
    ] {
        let said = place.run_with(&arguments, &[], input).ok().out;
        assert!(said.contains("li") && said.contains("0 sessions"), "{said}");
    }
    for command in ["sign-out", "disable", "password"] {
        place.run_with(&["user", command, "wu"], &[], "battery staple").failed(&["wu"]);
        let help = place.run(&["user", command, "--help"]).ok().out;
        assert!(help.contains("sessions"), "{help}");
    }
}

#[tokio::test]
async fn a_password_is_changed() {
    let place = Place::new();
    add(&place, "li", "correct horse\n").ok();
    let changed = place.run_with(&["user", "password", "li"], &[], "battery staple\n").ok();
    assert!(!changed.out.contains("battery") && !changed.err.contains("battery"), "{changed:?}");
    assert!(is_password_of(&place, "li", "battery staple").await.0);
    assert!(!is_password_of(&place, "li", "correct horse").await.0);
    place.run_with(&["user", "password", "wu"], &[], "battery staple\n").failed(&["wu"]);
    place.run_with(&["user", "password", "li"], &[], "\n").failed(&["password"]);
    assert!(is_password_of(&place, "li", "battery staple").await.0);
}
