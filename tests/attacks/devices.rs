//! Devices for the attacks on the device grant.

use super::server::Server;
use service::clients::Clients;
use testkit::{Answer, Client};

const APPS: &str = r#"
[[client]]
id = "tv"
name = "Living Room"
public = true
device = true
scopes = ["profile"]

[[client]]
id = "thief"
name = "Torch"
public = true
device = true
scopes = ["profile"]
"#;

/// What a device was issued.
#[derive(Clone, Debug)]
pub struct Device {
    pub client: Client,
    pub device_code: String,
    pub user_code: String,
    pub ticket: String,
}

impl Device {
    pub async fn new(server: &Server) -> Self {
        server.app.clients.replace(Clients::parse(APPS).unwrap());
        let client = Client::new(server);
        let answer = client.post("/oauth/device_authorization", &[("client_id", "tv"), ("scope", "profile")]).await;
        let url = answer.text("verification_uri_complete");
        Self {
            client,
            device_code: answer.text("device_code"),
            user_code: answer.text("user_code"),
            ticket: url.rsplit_once('=').unwrap().1.to_owned(),
        }
    }

    pub async fn poll(&self) -> Answer {
        self.poll_with("tv", &self.device_code).await
    }

    pub async fn poll_with(&self, client: &str, device_code: &str) -> Answer {
        let grant_type = "urn:ietf:params:oauth:grant-type:device_code";
        let form = [("grant_type", grant_type), ("device_code", device_code), ("client_id", client)];
        self.client.post("/oauth/token", &form).await
    }
}

/// Checks a refusal of the token endpoint.
#[track_caller]
pub fn refused(answer: &Answer, error: &str) {
    assert_eq!((answer.status.as_u16(), &answer.json()["error"]), (400, &serde_json::json!(error)), "{}", answer.body);
}
