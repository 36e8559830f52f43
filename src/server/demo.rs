//! The demonstration: two accounts whose passwords everybody knows.

use super::state::App;
use service::account::{AccountError, AccountService};
use service::error::ServiceError;

/// The tutorial's accounts: name and password.
pub const ACCOUNTS: [(&str, &str); 2] = [("dong", "111"), ("guang", "222")];
/// Where a demonstration keeps its accounts unless it is told, so that they are never found in the database of a site.
pub const DATABASE_URL: &str = "sqlite://qr-login-demo.db";

/// Makes the accounts that are not there, and warns.
///
/// # Errors
/// [`AccountError`].
pub async fn prepare(app: &App) -> Result<(), AccountError> {
    for (name, password) in ACCOUNTS {
        if app.accounts.exists(name).await.map_err(AccountError::Store)? {
            continue;
        }
        match app.accounts.add_with_any_password(name, None, password.to_owned()).await {
            Ok(_) | Err(AccountError::Taken) => {}
            Err(error) => return Err(error),
        }
    }
    tracing::warn!("demo mode: anybody can sign in with the accounts below. Never use it on a real site");
    if app.public_url.scheme() == "https" {
        // Not refused: to try it with a phone through a tunnel, or to show it to the world, is what it is for.
        tracing::warn!(public_url = %app.public_url, "demo mode at an https address: is this a real site?");
    }
    Ok(())
}

/// Warns of each account that a demonstration left here and that still has the password that everybody knows.
pub async fn warn_of_leftovers(accounts: &AccountService) {
    for (name, password) in ACCOUNTS {
        match is_open(accounts, name, password).await {
            Ok(true) => tracing::warn!(
                "anybody can sign in as {name}: the account has the password of the demonstration. \
                 Run `qr-login user disable {name}` or `qr-login user password {name}`"
            ),
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "could not look for accounts of a demonstration"),
        }
    }
}

async fn is_open(accounts: &AccountService, name: &str, password: &str) -> Result<bool, ServiceError> {
    // A password is compared only where there is something to compare it with.
    Ok(accounts.exists(name).await? && accounts.verify(name, password.to_owned()).await?.is_some())
}
