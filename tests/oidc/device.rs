//! The device grant (RFC 8628).

#[path = "device/flow.rs"]
mod flow;
#[path = "device/page.rs"]
mod page;
#[path = "device/polls.rs"]
mod polls;
#[path = "device/program.rs"]
mod program;

use super::provider::Provider;
use testkit::{Answer, Client};

pub const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A public client, one with a secret whose polls are held, one for the group `admins` alone, and one that may not use
/// the grant.
const APPS: &str = r#"
[[client]]
id = "tv"
name = "Living Room"
public = true
device = true
scopes = ["openid", "profile", "email", "offline_access"]

[[client]]
id = "patient"
name = "Git"
secret_sha256 = ["SECRET"]
device = true
long_poll = true

[[client]]
id = "closed"
name = "Vault"
public = true
device = true
groups_allowed = ["admins"]

[[client]]
id = "web"
name = "Grafana"
secret_sha256 = ["SECRET"]
redirect_uris = ["https://app.example/callback"]
"#;

/// A device that was issued its codes.
#[derive(Clone, Debug)]
pub struct Device {
    client: Client,
    id: &'static str,
    pub device_code: String,
    pub user_code: String,
    pub ticket: String,
}

pub fn prepare(provider: &Provider) {
    prepare_with(provider, "");
}

/// The same, with more lines in the entry of `tv`.
pub fn prepare_with(provider: &Provider, lines: &str) {
    let id = "id = \"tv\"\n";
    provider.apps(&APPS.replace(id, &format!("{id}{lines}")));
}

impl Device {
    pub async fn new(provider: &Provider, scope: &str) -> Self {
        Self::of(provider, "tv", scope).await
    }

    pub async fn of(provider: &Provider, id: &'static str, scope: &str) -> Self {
        let client = Client::new(&**provider);
        let answer = client.post("/oauth/device_authorization", &[("client_id", id), ("scope", scope)]).await;
        let url = answer.text("verification_uri_complete");
        Self {
            client,
            id,
            device_code: answer.text("device_code"),
            user_code: answer.text("user_code"),
            ticket: url.rsplit_once('=').unwrap().1.to_owned(),
        }
    }

    pub async fn poll(&self) -> Answer {
        self.poll_as(self.id).await
    }

    pub async fn poll_as(&self, id: &str) -> Answer {
        let form = [("grant_type", GRANT_TYPE), ("device_code", self.device_code.as_str()), ("client_id", id)];
        self.client.post("/oauth/token", &form).await
    }

    /// Asks for an answer within that many seconds.
    pub async fn wait(&self, seconds: &str) -> Answer {
        let patient = Self { client: self.client.clone().always("prefer", &format!("wait={seconds}")), ..self.clone() };
        patient.poll().await
    }
}
