//! The real program as a server.

use super::program::Place;
use std::fs;
use std::process::Command;
use testkit::until;
use testkit::{Process, free_port};

/// Stopped at the end of the test.
#[derive(Debug)]
pub struct Serving {
    pub port: u16,
    http: reqwest::Client,
    pub place: Place,
    process: Process,
}

impl Serving {
    /// Starts `qr-login serve` with these flags and variables, on a free port.
    pub async fn with(flags: &[&str], variables: &[(String, String)]) -> Self {
        let place = Place::new();
        let port = free_port();
        let mut command = place.program(&[&["serve"], flags].concat());
        command.envs(variables.iter().cloned()).env("QR_LOGIN_ADDR", format!("127.0.0.1:{port}"));
        Self::run(place, command, port).await
    }

    /// Starts this command, which serves on this port.
    pub async fn run(place: Place, command: Command, port: u16) -> Self {
        let mut process = Process::spawn("qr-login", command, &place.path().join("log"), "TERM");
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let health = format!("http://127.0.0.1:{port}/healthz");
        until("the program serves", async || {
            process.expect_alive("");
            http.get(&health).send().await.ok().filter(|answer| answer.status().is_success()).map(drop)
        })
        .await;
        Self { port, http, place, process }
    }

    /// Returns status and body of a page or an endpoint.
    pub async fn get(&self, path: &str) -> (u16, String) {
        let answer = self.http.get(format!("{}{path}", self.url())).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// The same for a form.
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> (u16, String) {
        let answer = self.http.post(format!("{}{path}", self.url())).form(form).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Returns its standard output and standard error.
    pub fn said(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.process.log()).unwrap()).into_owned()
    }

    /// Stops it as a service manager does.
    pub fn stop(self) -> Place {
        self.process.end("TERM");
        self.place
    }
}
