//! The command line.

use super::config::{DatabaseConfig, LogConfig, ServeConfig};
use super::run::{self, RunError};
use super::security::password::Passwords;
use super::service::account::AccountService;
use super::store::connect;
use super::telemetry;
use clap::{Args, Parser, Subcommand};
use std::io::{self, BufRead, IsTerminal, Write};

/// Scan to sign in, as one self-hosted server.
///
/// A PC shows a QR code, a phone that is signed in scans it and confirms, and the PC is signed in. Starts with nothing
/// else installed. Every setting is a flag and an environment variable.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = false, subcommand_negates_reqs = true)]
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
    Serve(Box<ServeConfig>),
    /// Manage accounts
    User(UserCommand),
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
    /// Bar an account: it signs in nowhere, and its sessions end at once
    Disable {
        /// Its name
        name: String,
    },
}

/// Does what the command line says.
///
/// # Errors
/// [`RunError`], whose text names the setting in the way.
pub async fn run(cli: Cli) -> Result<(), RunError> {
    telemetry::start(&cli.log)?;
    match cli.command {
        None => run::serve(cli.serve, cli.database).await,
        Some(Command::Serve(serve)) => run::serve(*serve, cli.database).await,
        Some(Command::User(user)) => manage(user.action, &cli.database).await,
    }
}

async fn manage(action: UserAction, database: &DatabaseConfig) -> Result<(), RunError> {
    let stores = connect::connect(&database.database_url).await.map_err(RunError::Database)?;
    let accounts = AccountService::new(stores.accounts, Passwords::new().map_err(RunError::Database)?);
    let mut out = io::stdout();
    match action {
        UserAction::Add { name, display_name } => {
            let password = read_password()?;
            if password.chars().count() < 8 {
                eprintln!("warning: a password of fewer than 8 characters is easily guessed");
            }
            let account = accounts.add(&name, display_name, password).await?;
            writeln!(out, "added {}", account.username)?;
        }
        UserAction::List => {
            for account in accounts.list().await.map_err(RunError::Database)? {
                let state = if account.disabled { "disabled" } else { "active" };
                writeln!(out, "{}\t{}\t{state}", account.username, account.display_name)?;
            }
        }
        UserAction::Disable { name } => {
            if !accounts.disable(&name).await.map_err(RunError::Database)? {
                return Err(RunError::NoSuchAccount(name));
            }
            writeln!(out, "disabled {name}")?;
        }
    }
    Ok(())
}

/// One line of standard input, without its end.
fn read_password() -> Result<String, RunError> {
    if io::stdin().is_terminal() {
        eprint!("Password (shown as you type): ");
    }
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}
