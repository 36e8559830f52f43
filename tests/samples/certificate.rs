//! A certificate of the test's own, made by openssl.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Files in PEM, for the host that the samples name, and for this machine.
#[derive(Debug)]
pub struct Certificate {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Certificate {
    pub fn new(folder: &Path) -> Self {
        let (certificate, key) = (folder.join("certificate.pem"), folder.join("certificate.key"));
        let output = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"])
            .args(["-subj", "/CN=qr-login test", "-addext", "basicConstraints=critical,CA:FALSE"])
            .args(["-addext", "subjectAltName=DNS:login.example.com,DNS:localhost,IP:127.0.0.1"])
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&certificate)
            .output()
            .expect("openssl runs. Is the package openssl installed? `make test` does that.");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Self { certificate, key }
    }
}
