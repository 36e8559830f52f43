//! The app that a sign-in is for.

use crate::account::Account;
use crate::client::ClientId;
use crate::ids::InteractionId;
use serde::{Deserialize, Serialize};

/// The app that a ticket would sign a person in to, as the phone shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestingApp {
    /// The interaction that the approval answers.
    pub interaction: InteractionId,
    /// The app.
    pub client: ClientId,
    /// Its name.
    pub name: String,
    /// Its logo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo_url: Option<String>,
    /// What it would learn: the names of scopes, separated by spaces.
    pub scope: String,
    /// The account that the app expects (`login_hint`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_hint: Option<String>,
}

impl RequestingApp {
    /// Returns the app as clients of the API see it.
    pub fn view(&self) -> AppView {
        AppView {
            client_id: self.client.to_string(),
            name: self.name.clone(),
            logo_url: self.logo_url.clone(),
            scope: self.scope.clone(),
        }
    }

    /// Returns whether the app expects another account than this one, which the phone then says.
    pub fn expects_another(&self, account: &Account) -> bool {
        let names = |hint: &str| hint == account.username || account.email.as_deref() == Some(hint);
        self.login_hint.as_deref().is_some_and(|hint| !names(hint))
    }
}

/// The app that a sign-in is for. Approving the sign-in lets it learn what its scopes say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppView {
    /// The client id.
    pub client_id: String,
    /// Its name.
    pub name: String,
    /// URL of its logo.
    pub logo_url: Option<String>,
    /// The scopes, separated by spaces.
    pub scope: String,
}
