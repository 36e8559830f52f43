//! The command line.

mod client;
mod typed;
mod user;

use super::config::{DatabaseConfig, LogConfig, ServeConfig};
use super::demo;
use super::device_login::{self, DeviceLogin};
use super::run::{self, RunError};
use super::telemetry;
use clap::parser::ValueSource;
use clap::{Arg, Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use client::ClientCommand;
use clock::Clock;
use service::security::oidc_keys;
use service::security::random::Random;
use service::security::sealing;
use service::security::signing_key;
use std::env;
use std::ffi::OsStr;
use std::io::{self, Write};
use user::UserCommand;

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
    /// Register the apps that people sign in to
    Client(ClientCommand),
    DeviceLogin(DeviceLogin),
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
    New {
        /// An RSA key, for QR_LOGIN_OIDC_KEY_FILE
        #[arg(long)]
        rsa: bool,
        /// A key for QR_LOGIN_CONNECTIONS_KEY_FILE
        #[arg(long, conflicts_with = "rsa")]
        connections: bool,
    },
}

impl Cli {
    /// Parses the command line and the environment. A variable set to the empty string counts as unset, because compose
    /// files and shells often produce one. Exits the process on `--help` or invalid arguments.
    pub fn read() -> Self {
        let matches = command().get_matches();
        let mut cli = Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        if cli.serve.demo && matches.value_source("database_url") == Some(ValueSource::DefaultValue) {
            cli.database.database_url = demo::DATABASE_URL.to_owned();
        }
        cli
    }
}

/// Returns the command line as it is parsed.
fn command() -> clap::Command {
    let is_empty = |name: &OsStr| env::var_os(name).is_some_and(|value| value.is_empty());
    let command = Cli::command().mut_args(|arg| {
        let is_unset = arg.get_env().is_some_and(is_empty);
        if is_unset { arg.env(None::<&str>) } else { arg }
    });
    // Every command takes the server's flags, as it always has. Only those that serve show them in their help.
    let server = ServeConfig::augment_args(clap::Command::new("serve"));
    let is_servers = |arg: &&Arg| server.get_arguments().any(|other| other.get_id() == arg.get_id());
    let hidden: Vec<Arg> = command.get_arguments().filter(is_servers).map(|arg| arg.clone().hide(true)).collect();
    command.mut_subcommands(|other| match other.get_name() {
        "serve" => other,
        "client" => other.args(hidden.iter().map(|arg| arg.clone().hide(arg.get_id() != "clients_file"))),
        _ => other.args(&hidden),
    })
}

/// Runs the command, using `clock`.
///
/// # Errors
/// [`RunError`], whose text names the setting at fault.
pub async fn run(cli: Cli, clock: Clock) -> Result<(), RunError> {
    telemetry::start(&cli.log)?;
    match cli.command {
        None | Some(Command::Serve) => run::serve(cli.serve, cli.database, clock).await,
        Some(Command::User(user)) => user::manage(user, &cli.database, clock).await,
        Some(Command::DeviceLogin(login)) => Ok(device_login::run(login, &clock).await?),
        Some(Command::Client(client)) => client::manage(client, cli.serve.clients_file.as_deref()),
        Some(Command::Key(KeyCommand { action: KeyAction::New { rsa, connections } })) => {
            let key = match (rsa, connections) {
                (true, _) => oidc_keys::new_pem(&Random::default())?,
                (false, true) => sealing::new_key(&Random::default())?,
                (false, false) => signing_key::new_pem()?,
            };
            Ok(io::stdout().write_all(key.as_bytes())?)
        }
    }
}

impl RunError {
    /// Returns the exit code of the program.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::DeviceLogin(error) => error.exit_code(),
            _ => 1,
        }
    }
}
