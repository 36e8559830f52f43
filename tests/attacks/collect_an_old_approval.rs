//! Someone with the PC's binding cookie (a shared PC, a copied profile) keeps an approved code for hours, and redeems
//! it when the person who approved has forgotten it. An approval lives as long as its code, so the maximum lifetime
//! that can be set is the bound.

use super::server::Server;
use clap::Parser;
use qr_login::server::config::ServeConfig;
use testkit::Pc;

#[derive(Debug, Parser)]
struct Settings {
    #[command(flatten)]
    serve: ServeConfig,
}

#[tokio::test]
async fn no_setting_keeps_an_approval_longer_than_five_minutes() {
    for (seconds, allowed) in [("0", false), ("1", true), ("300", true), ("301", false), ("3600", false)] {
        let outcome = Settings::try_parse_from(["qr-login", "--ticket-ttl", seconds]);
        assert_eq!(outcome.is_ok(), allowed, "{seconds} seconds");
        if let Err(error) = outcome {
            assert!(error.to_string().contains("QR_LOGIN_TICKET_TTL must be whole seconds from 1 to 300"), "{error}");
        }
    }
    let longest = Server::with(&["--ticket-ttl", "300"]).await;
    assert_eq!(Pc::new(&longest).generate().await.ok()["expires_in"], 300);
}
