//! `qr-login user …`: manages accounts.

mod arguments;

pub(super) use arguments::UserCommand;

use super::typed::{confirm, read_password};
use crate::server::config::DatabaseConfig;
use crate::server::run::RunError;
use arguments::{About, UserAction, Who};
use clock::Clock;
use domain::account::{Account, AccountChange, Picture};
use domain::assertion::LONGEST_ID;
use domain::ids::SessionId;
use serde_json::json;
use service::account::AccountService;
use service::picture;
use service::security::password::Passwords;
use service::security::random::Random;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use store::StoreError;
use store::connect::Database;
use store::identities::Identity;

/// Runs the command.
pub(super) async fn manage(user: UserCommand, database: &DatabaseConfig, clock: Clock) -> Result<(), RunError> {
    let database = Database::open(&database.database_url).await?;
    let random = Random::default();
    let now = clock.now();
    let accounts = AccountService::new(database.accounts, Passwords::new(random.clone())?, clock, random);
    let mut out = io::stdout();
    match user.action {
        UserAction::Add { name, about } => {
            let about = change(about).await?;
            let account = accounts.add(&name, &about, read_password()?).await?;
            writeln!(out, "added {}", account.username)?;
        }
        UserAction::Set { name, about, rest } => {
            let change = rest.add_to(change(about).await?);
            if change.is_empty() {
                return Err(RunError::NothingToChange);
            }
            accounts.change(&name, &change).await?.ok_or_else(|| RunError::NoSuchAccount(name.clone()))?;
            writeln!(out, "changed {name}")?;
        }
        UserAction::Show { name, json } => {
            let account = by_name(&accounts, &name).await?;
            out.write_all(if json { in_json(&account) } else { in_words(&account) }.as_bytes())?;
        }
        UserAction::List => {
            for account in accounts.list().await.map_err(RunError::Database)? {
                let (email, groups) = (account.email.as_deref().unwrap_or_default(), account.groups.join(","));
                let Account { username, display_name, .. } = &account;
                writeln!(out, "{username}\t{display_name}\t{}\t{email}\t{groups}", state(&account))?;
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
        UserAction::Link { name, who } => {
            let linked = database.identities.link(who.identity()?, &name, now).await;
            match linked {
                Ok(true) => writeln!(out, "linked {name}")?,
                Ok(false) => return Err(RunError::NoSuchAccount(name)),
                Err(StoreError::Exists) => return Err(RunError::Linked),
                Err(error) => return Err(RunError::Database(error)),
            }
        }
        UserAction::Unlink { name, who } => {
            let unlinked = database.identities.unlink(who.identity()?, &name).await;
            if !unlinked.map_err(RunError::Database)? {
                return Err(RunError::NotLinked(name));
            }
            writeln!(out, "unlinked {name}")?;
        }
        UserAction::SignOut { name } => {
            let ended = found(&name, accounts.sign_out(&name).await)?;
            writeln!(out, "signed {name} out and ended {ended}")?;
        }
        UserAction::Delete { name, yes } => {
            let account = by_name(&accounts, &name).await?;
            if !yes {
                let shown = &account.display_name;
                confirm(&format!("Delete {name} ({shown}) for good? Type the name to confirm: "), &name)?;
            }
            let ended = found(&name, accounts.delete(&name).await)?;
            writeln!(out, "deleted {name} and ended {ended}")?;
        }
    }
    Ok(())
}

impl Who {
    /// Returns the identity. An identity that no issuer can assert is refused, because it could never sign in.
    fn identity(&self) -> Result<Identity<'_>, RunError> {
        let is_id = |text: &str| (1..=LONGEST_ID).contains(&text.len()) && !text.chars().any(char::is_control);
        if !is_id(&self.issuer) || !is_id(&self.subject) {
            return Err(RunError::Setting("--issuer and --subject must have 1 to 255 bytes each".to_owned()));
        }
        Ok(Identity { issuer: &self.issuer, subject: &self.subject })
    }
}

async fn by_name(accounts: &AccountService, name: &str) -> Result<Account, RunError> {
    let found = accounts.by_name(name).await.map_err(RunError::Database)?;
    found.ok_or_else(|| RunError::NoSuchAccount(name.to_owned()))
}

async fn change(about: About) -> Result<AccountChange, RunError> {
    let (change, file) = about.into_change();
    Ok(match file {
        Some(file) => AccountChange { picture: Some(Some(read_picture(&file).await?)), ..change },
        None => change,
    })
}

/// Reads no more than a picture may have, whatever the file is.
async fn read_picture(path: &Path) -> Result<Picture, RunError> {
    let mut file = Vec::new();
    let most = u64::try_from(picture::MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path)
        .and_then(|opened| opened.take(most).read_to_end(&mut file))
        .map_err(|error| RunError::PictureFile(path.to_owned(), error))?;
    picture::prepare(file, None).await.map_err(|error| RunError::Picture(path.to_owned(), error))
}

fn state(account: &Account) -> &'static str {
    if account.disabled { "disabled" } else { "active" }
}

fn in_words(account: &Account) -> String {
    let email = match (&account.email, account.email_verified) {
        (Some(email), true) => format!("{email}, verified"),
        (Some(email), false) => format!("{email}, not verified"),
        (None, _) => "none".to_owned(),
    };
    let groups = if account.groups.is_empty() { "none".to_owned() } else { account.groups.join(", ") };
    format!(
        "name          {}\ndisplay name  {}\nid            {}\ne-mail        {email}\ngroups        {groups}\n\
         picture       {}\nstate         {}\n",
        account.username,
        account.display_name,
        account.id,
        account.avatar_url.as_deref().unwrap_or("none"),
        state(account)
    )
}

fn in_json(account: &Account) -> String {
    let json = json!({
        "id": account.id,
        "username": account.username,
        "display_name": account.display_name,
        "email": account.email,
        "email_verified": account.email_verified,
        "groups": account.groups,
        "avatar_url": account.avatar_url,
        "disabled": account.disabled,
    });
    format!("{json:#}\n")
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
