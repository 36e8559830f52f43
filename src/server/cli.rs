//! The command line.

use super::clock::Clock;
use super::config::{DatabaseConfig, LogConfig, ServeConfig};
use super::run::{self, RunError};
use super::security::password::Passwords;
use super::security::signing_key;
use super::service::account::AccountService;
use super::store::StoreError;
use super::store::connect::Database;
use super::telemetry;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use std::env;
use std::ffi::OsStr;
use std::io::{self, BufRead, IsTerminal, Write};

/// Scan to sign in, as one self-hosted server.
///
/// A PC shows a QR code, a phone that is signed in scans it and confirms, and the PC is signed in. Starts with nothing
/// else installed. Every setting is a flag and an environment variable.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeConfig,
    #[command(flatten)]
    database: DatabaseConfig,
    #[command(flatten)]
    log: LogConfig,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (also without any command)
    Serve,
    /// Manage accounts
    User(UserCommand),
    /// Make signing keys
    Key(KeyCommand),
}

#[derive(Args, Debug)]
struct KeyCommand {
    #[command(subcommand)]
    action: KeyAction,
}

#[derive(Debug, Subcommand)]
enum KeyAction {
    /// Print a new private key, for QR_LOGIN_SIGNING_KEY_FILE or QR_LOGIN_SIGNING_KEY
    New,
}

#[derive(Args, Debug)]
struct UserCommand {
    #[command(subcommand)]
    action: UserAction,
}

#[derive(Debug, Subcommand)]
enum UserAction {
    /// Add an account; its password is read from standard input
    Add {
        /// What the person types to sign in
        name: String,
        /// Name that the pages show, if it is another
        #[arg(long)]
        display_name: Option<String>,
    },
    /// List the accounts
    List,
    /// Bar an account: it signs in nowhere, and its sessions are refused
    Disable {
        /// Its name
        name: String,
    },
    /// Let a barred account in again
    Enable {
        /// Its name
        name: String,
    },
    /// Give an account a new password, read from standard input
    Password {
        /// Its name
        name: String,
    },
}

impl Cli {
    /// Reads the command line and the environment. A variable that is set to nothing counts as not set, as compose files
    /// and shells often have it. Ends the process where the person asked for help or made a mistake.
    pub fn read() -> Self {
        let is_empty = |name: &OsStr| env::var_os(name).is_some_and(|value| value.is_empty());
        let command = Self::command().mut_args(|arg| {
            let is_unset = arg.get_env().is_some_and(is_empty);
            if is_unset { arg.env(None::<&str>) } else { arg }
        });
        Self::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit())
    }
}

/// Does what the command line says; the server runs by `clock`.
///
/// # Errors
/// [`RunError`], whose text names the setting in the way.
pub async fn run(cli: Cli, clock: Clock) -> Result<(), RunError> {
    telemetry::start(&cli.log)?;
    match cli.command {
        None | Some(Command::Serve) => run::serve(cli.serve, cli.database, clock).await,
        Some(Command::User(user)) => manage(user.action, &cli.database).await,
        Some(Command::Key(KeyCommand { action: KeyAction::New })) => {
            Ok(io::stdout().write_all(signing_key::new_pem()?.as_bytes())?)
        }
    }
}

async fn manage(action: UserAction, database: &DatabaseConfig) -> Result<(), RunError> {
    let database = Database::open(&database.database_url).await?;
    let accounts = AccountService::new(database.accounts, Passwords::new().map_err(RunError::Database)?);
    let mut out = io::stdout();
    match action {
        UserAction::Add { name, display_name } => {
            let account = accounts.add(&name, display_name, read_password()?).await?;
            writeln!(out, "added {}", account.username)?;
        }
        UserAction::List => {
            for account in accounts.list().await.map_err(RunError::Database)? {
                let state = if account.disabled { "disabled" } else { "active" };
                writeln!(out, "{}\t{}\t{state}", account.username, account.display_name)?;
            }
        }
        UserAction::Disable { name } => {
            found(&name, accounts.set_disabled(&name, true).await)?;
            writeln!(out, "disabled {name}")?;
        }
        UserAction::Enable { name } => {
            found(&name, accounts.set_disabled(&name, false).await)?;
            writeln!(out, "enabled {name}")?;
        }
        UserAction::Password { name } => {
            if !accounts.set_password(&name, read_password()?).await? {
                return Err(RunError::NoSuchAccount(name));
            }
            writeln!(out, "changed the password of {name}")?;
        }
    }
    Ok(())
}

fn found(name: &str, outcome: Result<bool, StoreError>) -> Result<(), RunError> {
    match outcome {
        Ok(true) => Ok(()),
        Ok(false) => Err(RunError::NoSuchAccount(name.to_owned())),
        Err(error) => Err(RunError::Database(error)),
    }
}

/// One line of standard input, without its end.
fn read_password() -> Result<String, RunError> {
    if io::stdin().is_terminal() {
        eprint!("Password (shown as you type): ");
    }
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    let password = line.trim_end_matches(['\n', '\r']);
    if password.chars().count() < 8 {
        eprintln!("warning: a password of fewer than 8 characters is easily guessed");
    }
    Ok(password.to_owned())
}
