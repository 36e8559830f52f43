//! What the two rings of keys have in common: PEM blocks, and the private file that holds them.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use store::private_file;
use uuid::Uuid;

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// Returns the blocks of private keys (RFC 7468, section 10), or `None` if one has no end. Text between them is ignored.
pub(super) fn blocks(pem: &str) -> Option<Vec<String>> {
    let block = |rest: &str| Some(format!("{BEGIN}{}{END}\n", rest.split_once(END)?.0));
    pem.split(BEGIN).skip(1).map(block).collect()
}

/// Returns the content of a file, or `None` if it does not exist. Warns if other users can read it; `content` says what
/// they would find.
pub(super) fn read(path: &Path, content: &str) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(pem) => {
            private_file::warn_if_shared(path, content);
            Ok(Some(pem))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes a file that only its owner can read, all at once, and returns whether it was this process that wrote it: if
/// another was first, its file stays. `draft` makes the name of the draft unique.
pub(super) fn create(path: &Path, pem: &str, draft: Uuid) -> io::Result<bool> {
    let draft = path.with_extension(format!("{draft}.tmp"));
    let written = private_file::create(&draft).and_then(|mut file| {
        file.write_all(pem.as_bytes())?;
        file.sync_all()
    });
    let linked = written.and_then(|()| fs::hard_link(&draft, path));
    let _ = fs::remove_file(&draft);
    match linked {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_between_other_text() {
        let block = format!("{BEGIN}\nAAAA\n{END}\n");
        assert_eq!(blocks(&format!("# new\n{block}# old\n{block}")), Some(vec![block.clone(), block.clone()]));
        assert_eq!(blocks("nothing"), Some(Vec::new()));
        assert_eq!(blocks(&format!("{block}{BEGIN}\nAAAA")), None);
    }

    #[test]
    fn the_first_file_stays_and_no_draft_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        assert_eq!(read(&path, "a key").unwrap(), None);
        assert!(create(&path, "one", Uuid::from_u128(1)).unwrap());
        assert!(!create(&path, "two", Uuid::from_u128(2)).unwrap());
        assert_eq!(read(&path, "a key").unwrap().unwrap(), "one");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        create(&folder.path().join("none/key.pem"), "one", Uuid::from_u128(3)).unwrap_err();
    }

    #[test]
    fn a_file_that_cannot_be_read_is_no_missing_file() {
        // Otherwise a new key would take its place.
        let folder = tempfile::tempdir().unwrap();
        read(folder.path(), "a key").unwrap_err();
        let path = folder.path().join("key.pem");
        fs::write(&path, [0xff]).unwrap();
        read(&path, "a key").unwrap_err();
    }
}
