//! The arguments of `qr-login user …`.

use clap::{Args, Subcommand};
use domain::account::AccountChange;
use std::path::PathBuf;

/// The command `user`.
#[derive(Args, Debug)]
pub(in crate::server::cli) struct UserCommand {
    #[command(subcommand)]
    pub(super) action: UserAction,
}

/// A user elsewhere.
#[derive(Args, Debug)]
pub(super) struct Who {
    /// The `iss` of an [[issuer]], or the `issuer` of a [[provider]], in clients.toml
    #[arg(long, value_name = "URL")]
    pub(super) issuer: String,
    /// The user there: the claim `sub`
    #[arg(long, value_name = "SUB")]
    pub(super) subject: String,
}

#[derive(Debug, Subcommand)]
pub(super) enum UserAction {
    /// Add an account. Its password is asked for, or where standard input is no terminal read from there, and has at least
    /// 8 characters and at most 1024 bytes
    Add {
        /// What the person types to sign in
        name: String,
        #[command(flatten)]
        about: About,
    },
    /// Change what an account says about its person, at once and for all its sessions. What is not named stays
    Set {
        /// Its name
        name: String,
        #[command(flatten)]
        about: About,
        #[command(flatten)]
        rest: Rest,
    },
    /// Show an account
    Show {
        /// Its name
        name: String,
        /// As JSON, for scripts
        #[arg(long)]
        json: bool,
    },
    /// List the accounts: name, display name, state, e-mail address and groups, separated by tabs
    List,
    /// Disable an account: it signs in nowhere, and all its sessions end
    Disable {
        /// Its name
        name: String,
    },
    /// Enable an account again; it has to sign in again everywhere
    Enable {
        /// Its name
        name: String,
    },
    /// Give an account a new password, given as to `add`, with at least 8 characters and at most 1024 bytes. All its
    /// sessions end
    Password {
        /// Its name
        name: String,
    },
    /// Let a user of another issuer or provider sign in to an account
    Link {
        /// Its name
        name: String,
        #[command(flatten)]
        who: Who,
    },
    /// The reverse. Sessions that began so do not end: `sign-out` ends them
    Unlink {
        /// Its name
        name: String,
        #[command(flatten)]
        who: Who,
    },
    /// End all sessions of an account, on every phone and PC; it may sign in again
    SignOut {
        /// Its name
        name: String,
    },
    /// Delete an account for good, with its sessions, its phones, its picture and all that it granted. An account that is
    /// added by the same name later is another one, with another id
    Delete {
        /// Its name
        name: String,
        /// Do not ask. Needed where standard input is no terminal
        #[arg(long)]
        yes: bool,
    },
}

/// What `add` and `set` have in common.
#[derive(Args, Debug)]
pub(super) struct About {
    /// Name that the pages show, if it is another
    #[arg(long, value_name = "TEXT")]
    display_name: Option<String>,
    /// E-mail address, for apps that ask for it
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Tell apps that the address is verified, so that they may trust it. Another address is not, unless you say so again
    #[arg(
        long,
        value_name = "true|false",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    email_verified: Option<bool>,
    /// A group of the person, for apps that decide by it; once for each group. `set` replaces all groups
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    /// Picture: a PNG, JPEG or WebP file of at most 8 MiB, whose middle is shown
    #[arg(long, value_name = "FILE")]
    picture: Option<PathBuf>,
}

/// What only `set` has.
#[derive(Args, Debug)]
pub(super) struct Rest {
    /// Remove the e-mail address
    #[arg(long, conflicts_with = "email")]
    no_email: bool,
    /// A group to add to those that there are
    #[arg(long = "add-group", value_name = "GROUP", conflicts_with = "groups")]
    add_groups: Vec<String>,
    /// A group to leave
    #[arg(long = "remove-group", value_name = "GROUP", conflicts_with = "groups")]
    remove_groups: Vec<String>,
    /// Remove all groups
    #[arg(long, conflicts_with = "groups")]
    no_groups: bool,
    /// Remove the picture
    #[arg(long, conflicts_with = "picture")]
    no_picture: bool,
}

impl About {
    /// Returns the change, and the file of the picture.
    pub(super) fn into_change(self) -> (AccountChange, Option<PathBuf>) {
        let change = AccountChange {
            display_name: self.display_name,
            email: self.email.map(Some),
            email_verified: self.email_verified,
            groups: (!self.groups.is_empty()).then_some(self.groups),
            ..AccountChange::default()
        };
        (change, self.picture)
    }
}

impl Rest {
    /// Returns `change` with these.
    pub(super) fn add_to(self, change: AccountChange) -> AccountChange {
        AccountChange {
            email: if self.no_email { Some(None) } else { change.email },
            groups: if self.no_groups { Some(Vec::new()) } else { change.groups },
            add_groups: self.add_groups,
            remove_groups: self.remove_groups,
            picture: if self.no_picture { Some(None) } else { change.picture },
            ..change
        }
    }
}
