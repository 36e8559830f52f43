//! The command line.

use super::config::{DatabaseConfig, LogConfig, ServeConfig};
use super::demo;
use super::run::{self, RunError};
use super::telemetry;
use clap::parser::ValueSource;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use clock::Clock;
use domain::account::AccountChange;
use domain::ids::SessionId;
use service::account::AccountService;
use service::security::password::Passwords;
use service::security::random::Random;
use service::security::signing_key;
use std::env;
use std::ffi::OsStr;
use std::io::{self, BufRead, IsTerminal, Write};
use store::StoreError;
use store::connect::Database;

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
    /// Add an account. Its password is asked for, or where standard input is no terminal read from there, and has at least
    /// 8 characters and at most 1024 bytes
    Add {
        /// What the person types to sign in
        name: String,
        /// Name that the pages show, if it is another
        #[arg(long)]
        display_name: Option<String>,
    },
    /// List the accounts
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
    /// End all sessions of an account, on every phone and PC; it may sign in again
    SignOut {
        /// Its name
        name: String,
    },
}

impl Cli {
    /// Parses the command line and the environment. A variable set to the empty string counts as unset, because compose
    /// files and shells often produce one. Exits the process on `--help` or invalid arguments.
    pub fn read() -> Self {
        let is_empty = |name: &OsStr| env::var_os(name).is_some_and(|value| value.is_empty());
        let command = Self::command().mut_args(|arg| {
            let is_unset = arg.get_env().is_some_and(is_empty);
            if is_unset { arg.env(None::<&str>) } else { arg }
        });
        let matches = command.get_matches();
        let mut cli = Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        if cli.serve.demo && matches.value_source("database_url") == Some(ValueSource::DefaultValue) {
            cli.database.database_url = demo::DATABASE_URL.to_owned();
        }
        cli
    }
}

/// Runs the command, using `clock`.
///
/// # Errors
/// [`RunError`], whose text names the setting at fault.
pub async fn run(cli: Cli, clock: Clock) -> Result<(), RunError> {
    telemetry::start(&cli.log)?;
    match cli.command {
        None | Some(Command::Serve) => run::serve(cli.serve, cli.database, clock).await,
        Some(Command::User(user)) => manage(user.action, &cli.database, clock).await,
        Some(Command::Key(KeyCommand { action: KeyAction::New })) => {
            Ok(io::stdout().write_all(signing_key::new_pem()?.as_bytes())?)
        }
    }
}

async fn manage(action: UserAction, database: &DatabaseConfig, clock: Clock) -> Result<(), RunError> {
    let database = Database::open(&database.database_url).await?;
    let random = Random::default();
    let accounts = AccountService::new(database.accounts, Passwords::new(random.clone())?, clock, random);
    let mut out = io::stdout();
    match action {
        UserAction::Add { name, display_name } => {
            let about = AccountChange { display_name, ..AccountChange::default() };
            let account = accounts.add(&name, &about, read_password()?).await?;
            writeln!(out, "added {}", account.username)?;
        }
        UserAction::List => {
            for account in accounts.list().await.map_err(RunError::Database)? {
                let state = if account.disabled { "disabled" } else { "active" };
                writeln!(out, "{}\t{}\t{state}", account.username, account.display_name)?;
            }
        }
        UserAction::Disable { name } => {
            let ended = found(&name, accounts.set_disabled(&name, true).await)?;
            writeln!(out, "disabled {name} and ended {ended}")?;
        }
        UserAction::Enable { name } => {
            found(&name, accounts.set_disabled(&name, false).await)?;
            writeln!(out, "enabled {name}")?;
        }
        UserAction::Password { name } => {
            let Some(ended) = accounts.set_password(&name, read_password()?).await? else {
                return Err(RunError::NoSuchAccount(name));
            };
            writeln!(out, "changed the password of {name} and ended {}", sessions(ended.len()))?;
        }
        UserAction::SignOut { name } => {
            let ended = found(&name, accounts.sign_out(&name).await)?;
            writeln!(out, "signed {name} out and ended {ended}")?;
        }
    }
    Ok(())
}

/// Returns how many sessions ended, or an error if there is no account with that name.
fn found(name: &str, outcome: Result<Option<Vec<SessionId>>, StoreError>) -> Result<String, RunError> {
    match outcome {
        Ok(Some(ended)) => Ok(sessions(ended.len())),
        Ok(None) => Err(RunError::NoSuchAccount(name.to_owned())),
        Err(error) => Err(RunError::Database(error)),
    }
}

fn sessions(count: usize) -> String {
    format!("{count} session{}", if count == 1 { "" } else { "s" })
}

/// Reads a line from the terminal without echo, or else one line of standard input, without its line ending.
fn read_password() -> Result<String, RunError> {
    if io::stdin().is_terminal() {
        // With a handler installed, Ctrl-C fails the prompt, which restores the echo. Without one, Ctrl-C ends the
        // program before that.
        #[cfg(unix)]
        let _handler = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
        return ask_twice(rpassword::prompt_password);
    }
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

/// Prompts twice, because without echo a typo goes unnoticed.
fn ask_twice(mut ask: impl FnMut(&'static str) -> io::Result<String>) -> Result<String, RunError> {
    let password = ask("Password: ")?;
    if ask("The same password again: ")? != password {
        return Err(RunError::PasswordsDiffer);
    }
    Ok(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_that_is_typed_counts_if_it_is_typed_twice() {
        let typed = |answers: [&'static str; 2]| {
            let mut answers = answers.into_iter().map(|answer| Ok(answer.to_owned()));
            ask_twice(move |_| answers.next().unwrap_or_else(|| Err(io::ErrorKind::UnexpectedEof.into())))
        };
        assert!(typed(["correct horse", "correct horse"]).is_ok_and(|password| password == "correct horse"));
        let slip = typed(["correct horse", "correct hoarse"]);
        assert!(matches!(slip, Err(RunError::PasswordsDiffer)), "{slip:?}");
    }
}
