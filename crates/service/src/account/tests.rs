#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use store::connect::Database;

#[test]
fn a_password_has_eight_characters_at_the_least_and_a_kilobyte_at_the_most() {
    for (password, allowed) in [
        (String::new(), false),
        ("1234567".to_owned(), false),
        ("12345678".to_owned(), true),
        // Seven and eight characters of three bytes each.
        ("扫码登录真方便".to_owned(), false),
        ("扫码登录真是方便".to_owned(), true),
        ("x".repeat(1024), true),
        ("x".repeat(1025), false),
        ("扫".repeat(342), false),
    ] {
        assert_eq!(is_allowed(&password).is_ok(), allowed, "{password}");
    }
    let rule = AccountError::Password.to_string();
    assert!(rule.contains("8 characters") && rule.contains("1024 bytes"), "{rule}");
}

#[tokio::test]
async fn a_password_is_compared_whether_or_not_the_name_exists() {
    let store = Database::open("sqlite::memory:").await.unwrap().accounts;
    let accounts = AccountService::new(store, Passwords::with_decoy("no hash"), Clock::default(), Random::default());
    // The dummy hash is malformed here, so an error proves that it was verified against.
    accounts.verify("nobody", "correct horse".to_owned()).await.unwrap_err();
    accounts.add("somebody", &AccountChange::default(), "correct horse".to_owned()).await.unwrap();
    assert!(accounts.verify("somebody", "wrong".to_owned()).await.unwrap().is_none());
}
