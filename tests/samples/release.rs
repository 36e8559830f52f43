//! Downloading a release: the sample, with a local folder instead of the site, and the file names in the workflow.

use super::documents::{READMES, block, read, with};
use super::program::Place;
use serde_yaml::Value;
use std::process::Command;

const SITE: &str = "https://github.com/OWNER/qr-login/releases/latest/download";

#[test]
fn the_binary_is_downloaded_checked_and_unpacked() {
    for readme in READMES {
        let place = Place::new();
        let folder = place.path();
        // The files that the release job packs, with this build.
        let pack = "mkdir site new && cp \"$BINARY\" new/qr-login && cd site && \
             tar -czf \"qr-login-$(uname -m)-linux.tar.gz\" -C ../new qr-login && sha256sum -- * >SHA256SUMS";
        // Its last command would serve until it is stopped.
        let sample = with(
            &block(readme, "sh", SITE),
            &[(SITE, &format!("file://{}/site", folder.display())), ("serve --demo", "--version")],
        );
        let bash = |script: &str| {
            let mut bash = Command::new("bash");
            bash.args(["-c", &format!("set -euo pipefail\n{script}")]).current_dir(folder);
            bash.env("BINARY", env!("CARGO_BIN_EXE_qr-login")).output().unwrap()
        };
        let packed = bash(pack);
        assert!(packed.status.success(), "{}", String::from_utf8_lossy(&packed.stderr));
        let good = bash(&sample);
        assert!(good.status.success(), "{readme}: {}", String::from_utf8_lossy(&good.stderr));
        assert!(String::from_utf8_lossy(&good.stdout).contains(env!("CARGO_PKG_VERSION")), "{good:?}");
        // A file that differs from the released one must not be unpacked.
        let bad = bash(&format!("rm qr-login; echo x >>site/qr-login-$(uname -m)-linux.tar.gz\n{sample}"));
        assert!(!bad.status.success());
        assert!(!folder.join("qr-login").exists(), "it was unpacked");
    }
}

#[test]
fn the_names_are_those_that_the_workflow_publishes() {
    let workflow: Value = serde_yaml::from_str(&read(".github/workflows/release.yml")).unwrap();
    let machines = workflow["jobs"]["build"]["strategy"]["matrix"]["include"].as_sequence().unwrap();
    let machines: Vec<_> = machines.iter().map(|entry| entry["machine"].as_str().unwrap()).collect();
    // The output of `uname -m` on them.
    assert_eq!(machines, ["x86_64", "aarch64"]);
    let text = read(".github/workflows/release.yml");
    for name in ["qr-login-$MACHINE-linux.tar.gz", "SHA256SUMS"] {
        assert!(text.contains(name), "{name}");
    }
    assert_eq!(workflow["env"]["IMAGE"].as_str().unwrap(), "ghcr.io/${{ github.repository_owner }}/qr-login");
    for readme in READMES {
        assert!(block(readme, "sh", "docker run").contains(" ghcr.io/OWNER/qr-login serve --demo"));
    }
}

/// A tag or a branch may move to other code; a commit cannot.
#[test]
fn actions_and_images_are_pinned() {
    for workflow in ["ci.yml", "release.yml"] {
        let text = read(&format!(".github/workflows/{workflow}"));
        for line in text.lines().filter_map(|line| line.split_once("uses: ")) {
            let commit = line.1.split_once('@').unwrap().1.split(' ').next().unwrap();
            assert!(commit.len() == 40 && commit.chars().all(|digit| digit.is_ascii_hexdigit()), "{}", line.1);
        }
    }
    let images = read("Dockerfile");
    let images: Vec<_> = images.lines().filter(|line| line.starts_with("ARG ") && line.contains('/')).collect();
    assert_eq!(images.len(), 3);
    assert!(images.iter().all(|image| image.contains("@sha256:")), "{images:?}");
}
