//! Phones that are signed in before a measurement: a password takes the server far longer than a login by code.

use crate::deployment::Deployment;
use crate::line::Line;
use crate::site::{self, Credential};
use anyhow::{Context, Result};

/// The demo accounts.
const ACCOUNTS: [(&str, &str); 2] = [("dong", "111"), ("guang", "222")];

/// Signs in `count` phones, each with its own device id, because a device has one session.
pub async fn sign_in(deployment: &Deployment, count: usize) -> Result<Vec<Credential>> {
    let mut line = Line::open(deployment.phone).await?;
    let mut phones = Vec::new();
    for (number, (username, password)) in ACCOUNTS.into_iter().cycle().take(count).enumerate() {
        let device = format!("bench-{number}");
        let answer = line.ask(&deployment.dialect.sign_in(username, password, &device)).await?;
        let token = site::token(answer).context("a phone signs in")?;
        phones.push(Credential { token, device });
    }
    Ok(phones)
}
