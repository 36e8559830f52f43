//! Demo mode: two accounts with well-known passwords.

use super::state::App;
use domain::account::AccountChange;
use service::account::{AccountError, AccountService};
use service::error::ServiceError;

/// The accounts of the tutorial: name and password.
pub const ACCOUNTS: [(&str, &str); 2] = [("dong", "111"), ("guang", "222")];
/// The default database of demo mode, so that demo accounts never end up in the database of a real site.
pub const DATABASE_URL: &str = "sqlite://qr-login-demo.db";

/// Creates the accounts that do not exist yet, and logs a warning.
///
/// # Errors
/// [`AccountError`].
pub async fn prepare(app: &App) -> Result<(), AccountError> {
    for (name, password) in ACCOUNTS {
        if app.accounts.exists(name).await.map_err(AccountError::Store)? {
            continue;
        }
        match app.accounts.add_with_any_password(name, &AccountChange::default(), password.to_owned()).await {
            Ok(_) | Err(AccountError::Taken) => {}
            Err(error) => return Err(error),
        }
    }
    tracing::warn!("demo mode: anybody can sign in with the accounts below. Never use it on a real site");
    if app.public_url.scheme() == "https" {
        // Not an error: demo mode is made for trying it with a phone through a tunnel, or for a public demo.
        tracing::warn!(public_url = %app.public_url, "demo mode at an https address: is this a real site?");
    }
    Ok(())
}

/// Warns of each account that demo mode left here and that still has its well-known password.
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
    // The password is verified only if the account exists.
    Ok(accounts.exists(name).await? && accounts.verify(name, password.to_owned()).await?.is_some())
}
