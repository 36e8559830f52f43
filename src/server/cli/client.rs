//! `qr-login client …`: registers apps.

use crate::server::run::RunError;
use clap::{Args, Subcommand};
use domain::client::{Client, ClientId, Scope};
use service::clients::{self, Clients, block};
use service::security::random::Random;
use service::security::secret;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

#[derive(Args, Debug)]
pub(super) struct ClientCommand {
    #[command(subcommand)]
    action: ClientAction,
}

#[derive(Debug, Subcommand)]
enum ClientAction {
    /// Print the entry of a new app, to be appended to QR_LOGIN_CLIENTS_FILE. Its secret is shown once, on standard error
    New(Box<New>),
    /// Check a file: everything that is wrong, with its line. Fails if something is
    Check {
        /// The file
        file: PathBuf,
    },
    /// List the apps, sites and issuers of QR_LOGIN_CLIENTS_FILE
    List,
}

#[derive(Args, Debug)]
struct New {
    /// Name that people see
    name: String,
    /// Where the app gets its answer, exactly as it sends it; may be repeated
    #[arg(long = "redirect", value_name = "URI")]
    redirects: Vec<String>,
    /// `client_id`; made of the name if it is not given
    #[arg(long)]
    id: Option<ClientId>,
    /// An app without a secret, such as one that runs in a page
    #[arg(long)]
    public: bool,
    /// An app on people's computers or phones: public, with `http://127.0.0.1` on any port and schemes of its own
    #[arg(long)]
    native: bool,
    /// A device without a browser (RFC 8628)
    #[arg(long)]
    device: bool,
    /// What the app may ask for: openid, profile, email, groups, offline_access; may be repeated. The first three by
    /// default
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<Scope>,
    /// A group whose members may use the app; may be repeated. Everybody by default
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    /// Where the app continues after a sign-out; may be repeated
    #[arg(long = "post-logout-redirect", value_name = "URI")]
    post_logout_redirects: Vec<String>,
    /// Where the app is told that a session has ended
    #[arg(long, value_name = "URI")]
    backchannel_logout: Option<String>,
}

/// Runs the command. `file` is the setting.
pub(super) fn manage(command: ClientCommand, file: Option<&Path>) -> Result<(), RunError> {
    match command.action {
        ClientAction::New(new) => make(*new),
        ClientAction::Check { file } => check(&file),
        ClientAction::List => {
            let file = file.ok_or_else(|| RunError::Setting("QR_LOGIN_CLIENTS_FILE is not set".to_owned()))?;
            list(&clients::load(file)?)
        }
    }
}

fn make(new: New) -> Result<(), RunError> {
    let id = match new.id {
        Some(id) => id,
        None => id_of(&new.name)?,
    };
    let is_public = new.public || new.native;
    let secret = (!is_public).then(|| Random::default().secret()).transpose();
    let secret = secret.map_err(|error| RunError::Setting(error.to_string()))?;
    let mut client = Client {
        secrets: secret.iter().map(secret::hash).collect(),
        redirect_uris: new.redirects,
        post_logout_redirect_uris: new.post_logout_redirects,
        backchannel_logout_uri: new.backchannel_logout,
        is_public,
        is_native: new.native,
        groups_allowed: new.groups,
        device: new.device,
        ..Client::new(id, new.name)
    };
    if !new.scopes.is_empty() {
        client.scopes = new.scopes.into_iter().collect();
    }
    let entry = block(&client);
    // The same rules as in the file, so that what is printed can be appended.
    let parsed = Clients::parse(&entry).map_err(|error| RunError::Setting(error.to_string()))?;
    writeln!(io::stdout(), "\n{entry}")?;
    let mut notes = io::stderr();
    if let Some(secret) = secret {
        writeln!(notes, "client_id:     {}\nclient_secret: {}", client.id, secret.reveal())?;
        writeln!(notes, "The secret is not stored anywhere: give it to the app now.")?;
    }
    for warning in parsed.warnings() {
        writeln!(notes, "warning: {warning}")?;
    }
    Ok(())
}

/// Makes an id of the letters and digits of a name.
fn id_of(name: &str) -> Result<ClientId, RunError> {
    let words: Vec<String> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let id: String = words.join("-").chars().take(ClientId::MAX_LENGTH).collect();
    id.parse().map_err(|_| RunError::Setting(format!("no id can be made of the name {name:?}: give one with --id")))
}

fn check(file: &Path) -> Result<(), RunError> {
    let clients = clients::load(file)?;
    let mut out = io::stdout();
    for warning in clients.warnings() {
        writeln!(out, "warning: {warning}")?;
    }
    writeln!(out, "{}: {}", file.display(), clients.summary())?;
    Ok(())
}

fn list(clients: &Clients) -> Result<(), RunError> {
    let mut out = io::stdout();
    for client in clients.clients() {
        let kind = match (client.is_native, client.is_public) {
            (true, _) => "native",
            (false, true) => "public",
            (false, false) => "confidential",
        };
        writeln!(out, "client\t{}\t{}\t{kind}\t{}", client.id, client.name, client.redirect_uris.join(" "))?;
    }
    for site in clients.sites() {
        writeln!(out, "site\t{}\t{}", site.host, site.groups_allowed.join(","))?;
    }
    for issuer in clients.issuers() {
        writeln!(out, "issuer\t{}\t{}", issuer.iss, issuer.jwks_url)?;
    }
    Ok(())
}
