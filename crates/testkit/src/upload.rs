//! Forms with a file (`multipart/form-data`), as a browser sends them.

use crate::client::{Answer, Client, Fields};
use reqwest::Method;

/// Separates the parts. No test's file contains it.
pub const BOUNDARY: &str = "----QrLoginTestBoundary7MA4YWxk";

/// Returns the media type of such a form.
pub fn media_type() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}

/// Returns the body of a form with these fields and then the file.
pub fn body(fields: Fields<'_>, name: &str, file: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(part.into_bytes());
    }
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"../../me.png\"\r\n\
         Content-Type: text/html\r\n\r\n"
    );
    body.extend(head.into_bytes());
    body.extend(file);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").into_bytes());
    body
}

impl Client {
    /// Sends a form with these fields and the file `picture`.
    pub async fn upload(&self, path: &str, fields: Fields<'_>, file: &[u8]) -> Answer {
        self.send(Method::POST, path, Some(&media_type()), body(fields, "picture", file)).await
    }
}
