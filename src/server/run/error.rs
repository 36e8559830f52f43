//! Why a command fails.

use service::account::AccountError;
use service::clients::FileError;
use service::picture::PictureError;
use service::security::oidc_keys::OidcKeyError;
use service::security::password::PasswordError;
use service::security::sealing::SealError;
use service::security::signing_key::KeyError;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use store::StoreError;
use store::connect::ConnectError;

/// Why the server does not run, or a command failed. The text names the setting at fault.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A setting is malformed.
    #[error("{0}")]
    Setting(String),
    /// The address cannot be listened on.
    #[error("QR_LOGIN_ADDR: cannot listen on {0}: {1}")]
    Listen(SocketAddr, io::Error),
    /// The address for operations cannot be listened on.
    #[error("QR_LOGIN_OPS_ADDR: cannot listen on {0}: {1}")]
    ListenOps(SocketAddr, io::Error),
    /// The stores cannot be opened.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// A store failed.
    #[error("QR_LOGIN_DATABASE_URL: {0}")]
    Database(StoreError),
    /// There is no usable signing key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// There is no usable key for OpenID Connect.
    #[error(transparent)]
    OidcKey(#[from] OidcKeyError),
    /// There is no usable key for connections.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The file of apps is not valid.
    #[error(transparent)]
    Clients(#[from] FileError),
    /// Passwords cannot be hashed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// An account was not created or changed.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// No tokens were obtained.
    #[error(transparent)]
    DeviceLogin(#[from] crate::server::device_login::DeviceLoginError),
    /// There is no account with that name.
    #[error("there is no account named {0}")]
    NoSuchAccount(String),
    /// A user elsewhere has an account already.
    #[error("that user signs in to an account already: unlink it first")]
    Linked,
    /// An account does not have that user elsewhere.
    #[error("{0} is not linked to that user")]
    NotLinked(String),
    /// An account was to be changed, and nothing was named.
    #[error("there is nothing to change: name something, such as --email ADDRESS")]
    NothingToChange,
    /// The file of a picture cannot be read.
    #[error("cannot read {file}: {1}", file = .0.display())]
    PictureFile(PathBuf, io::Error),
    /// The file is no picture.
    #[error("{file}: {1}", file = .0.display())]
    Picture(PathBuf, PictureError),
    /// A deletion was not confirmed.
    #[error("nothing is deleted: confirm it by the name, or by --yes where standard input is no terminal")]
    NotConfirmed,
    /// The two passwords that were typed differ.
    #[error("the two passwords are not the same")]
    PasswordsDiffer,
    /// The terminal or the network failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

#[cfg(test)]
mod tests {
    use super::*;
    use service::security::random::RandomError;

    #[test]
    fn a_failure_to_hash_is_not_blamed_on_the_database() {
        let hash = PasswordError::Hash { action: "read a hash", reason: "it is none".to_owned() };
        let random = PasswordError::from(RandomError::from(getrandom::Error::UNSUPPORTED));
        for (error, words) in [(hash, "read a hash"), (random, "random bytes")] {
            let shown = RunError::from(error).to_string();
            assert!(shown.contains(words) && !shown.contains("QR_LOGIN_"), "{shown}");
        }
    }
}
