//! The disk of a single node is full.

use crate::nodes::cluster::Cluster;
use crate::nodes::node::Node;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;
use testkit::{Pc, Phone, sign_in};

/// A folder whose disk space a test can use up and free again.
enum SmallDisk {
    /// A separate file system.
    Mounted(TempDir),
    /// If mounting is not permitted: a process is not allowed to write more to its files, which fails at the same
    /// place.
    Limited(TempDir),
}

impl SmallDisk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"]).arg(folder.path()).stderr(Stdio::null());
        if mount.status().is_ok_and(|status| status.success()) { Self::Mounted(folder) } else { Self::Limited(folder) }
    }

    fn path(&self) -> &Path {
        let (Self::Mounted(folder) | Self::Limited(folder)) = self;
        folder.path()
    }

    fn ballast(&self) -> PathBuf {
        self.path().join("ballast")
    }

    /// Leaves no space for the node.
    fn fill(&self, node: &Node) {
        match self {
            Self::Mounted(_) => {
                let mut ballast = File::create(self.ballast()).unwrap();
                while ballast.write_all(&[1; 512]).is_ok() {}
                // The rest of the block that the log ends in.
                let mut log = OpenOptions::new().append(true).open(node.process().log()).unwrap();
                while log.write_all(b"\n").is_ok() {}
            }
            Self::Limited(_) => limit(node, "0"),
        }
    }

    fn free(&self, node: &Node) {
        match self {
            Self::Mounted(_) => fs::remove_file(self.ballast()).unwrap(),
            Self::Limited(_) => limit(node, "unlimited"),
        }
    }
}

/// Limits how much the node may write to a file.
fn limit(node: &Node, bytes: &str) {
    let mut prlimit = Command::new("prlimit");
    prlimit.args(["--pid", &node.process().id().to_string(), &format!("--fsize={bytes}:")]);
    assert!(prlimit.status().expect("prlimit, of the package util-linux").success());
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        if let Self::Mounted(folder) = self {
            let _ = Command::new("umount").arg("--lazy").arg(folder.path()).status();
        }
    }
}

#[tokio::test]
async fn a_full_disk_loses_no_login() {
    let disk = SmallDisk::new();
    let cluster = Cluster::embedded().living_in(disk.path());
    let node = cluster.node().await;
    let account = cluster.account();
    let phone = Phone::new(&node, &account).await;
    let pc = Pc::anywhere();
    let (id, open) = (pc.at(&node).ticket().await, pc.at(&node).ticket().await);
    phone.at(&node).approve(&id).await;

    disk.fill(&node);
    // Repeated, because what a log still has in memory is written a little later.
    for _ in 0..3 {
        sign_in(&node, &account).await.unavailable();
        pc.at(&node).redeem(&id).await.unavailable();
        assert_eq!(node.health().await.status, 200);
        assert_eq!(pc.at(&node).check(&id).await.text("status"), "confirmed");
    }
    // What needs no database write still works, although it cannot be logged.
    phone.at(&node).user_info().await.ok();
    phone.at(&node).approve(&open).await;

    disk.free(&node);
    for id in [&id, &open] {
        let token = pc.at(&node).redeem(id).await.text("token");
        assert_eq!(pc.at(&node).redeem(id).await.text("token"), token);
    }
    for _ in 0..8 {
        sign_in(&node, &account).await.ok();
    }
}
