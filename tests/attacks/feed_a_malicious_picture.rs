//! Someone gives the operator a file as their picture, which later everybody's browser loads from our origin: a page, a
//! drawing with script, a picture with a page behind it, or a few bytes that claim to be billions of pixels.

use super::server::Server;
use image::{DynamicImage, ImageFormat, RgbImage};
use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;
use testkit::Phone;

const SCRIPT: &[u8] = b"<!doctype html><script>fetch('/api/userinfo')</script>";

/// A server on a database file that the operator's commands use, too.
struct Site {
    folder: TempDir,
    url: String,
    server: Server,
    phone: Phone,
}

impl Site {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("site.db").display());
        let server = Server::with(&["--database-url", &url]).await;
        let phone = Phone::new(&server, "dong").await;
        Self { folder, url, server, phone }
    }

    /// The operator takes the file.
    fn give(&self, file: &Path) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qr-login"));
        command.args(["user", "set", "dong", "--picture"]).arg(file).current_dir(self.folder.path());
        command.env("QR_LOGIN_DATABASE_URL", &self.url).stdin(Stdio::null()).output().unwrap()
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Output {
        let file = self.folder.path().join(name);
        fs::write(&file, bytes).unwrap();
        self.give(&file)
    }

    async fn picture_url(&self) -> Option<String> {
        self.phone.user_info().await.ok()["avatar_url"].as_str().map(str::to_owned)
    }
}

fn encoded(format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    DynamicImage::from(RgbImage::from_pixel(40, 40, image::Rgb([1, 200, 3]))).write_to(&mut file, format).unwrap();
    file.into_inner()
}

/// Returns a JPEG file whose header claims 65,535 pixels each way.
fn bomb() -> Vec<u8> {
    let mut file = encoded(ImageFormat::Jpeg);
    let at = file.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    file[at + 5..at + 9].fill(0xff);
    file
}

#[tokio::test]
async fn what_is_no_picture_or_too_large_is_refused_by_its_contents() {
    let site = Site::start().await;
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";
    let truncated = encoded(ImageFormat::Png)[..40].to_vec();
    let huge = [encoded(ImageFormat::Png), vec![0; 8 * 1024 * 1024]].concat();
    for (name, bytes, reason) in [
        ("page.jpg", SCRIPT, "PNG, JPEG or WebP"),
        ("drawing.png", svg, "PNG, JPEG or WebP"),
        ("animation.webp", b"GIF89a\x02\0\x02\0\x80\0\0\0\0\0\xff\xff\xff", "PNG, JPEG or WebP"),
        ("empty.png", b"", "PNG, JPEG or WebP"),
        ("truncated.png", &truncated, "damaged"),
        ("bomb.jpg", &bomb(), "at most 8 MiB, 10000 pixels"),
        ("huge.png", &huge, "at most 8 MiB, 10000 pixels"),
    ] {
        let refused = site.write(name, bytes);
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success() && said.contains(reason) && !said.contains("panicked"), "{name}: {said}");
    }
    // A file without an end is not read to it.
    let endless = site.give(Path::new("/dev/zero"));
    assert!(!endless.status.success());
    assert_eq!(site.picture_url().await, None);
}

#[tokio::test]
async fn of_a_picture_with_a_page_in_it_only_the_pixels_are_served() {
    let site = Site::start().await;
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let taken = site.write("picture.html", &[&encoded(format), SCRIPT].concat());
        assert!(taken.status.success(), "{format:?}: {}", String::from_utf8_lossy(&taken.stderr));
        let url = site.picture_url().await.unwrap();
        let served = reqwest::get(site.server.url(&url)).await.unwrap();
        assert_eq!(served.headers()["content-type"], "image/jpeg");
        assert_eq!(served.headers()["x-content-type-options"], "nosniff");
        assert_eq!(served.headers()["content-security-policy"], "default-src 'none'; frame-ancestors 'none'");
        let bytes = served.bytes().await.unwrap();
        assert!(bytes.starts_with(&[0xff, 0xd8, 0xff]), "{format:?}");
        assert!(!bytes.windows(7).any(|part| part == b"<script"), "{format:?}");
    }
}
