//! A person's picture: what is stored, and the address that its hash gives it.

use crate::ids::MalformedId;
use std::fmt;
use std::str::FromStr;

/// The path below which pictures are served.
pub const PICTURES: &str = "/picture/";
/// The ending of every picture's path: all are stored as JPEG.
const ENDING: &str = ".jpg";
/// SHA-256 in hex digits.
const DIGITS: usize = 64;

/// A picture as it is stored and served: a small square JPEG without metadata, made from an uploaded file.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// SHA-256 of the bytes.
    pub id: PictureId,
    /// The JPEG file.
    pub bytes: Vec<u8>,
}

impl Picture {
    /// Returns the path where it is served. A new picture has another path, so browsers may keep it for ever.
    pub fn path(&self) -> String {
        format!("{PICTURES}{}", self.id)
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Picture").field(&self.id.to_string()).finish()
    }
}

/// The hash of a picture. As text it is the name of its file: 64 hex digits and `.jpg`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PictureId([u8; 32]);

impl PictureId {
    /// Wraps a SHA-256 digest.
    pub const fn new(digest: [u8; 32]) -> Self {
        Self(digest)
    }
}

impl fmt::Display for PictureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0 {
            write!(f, "{byte:02x}")?;
        }
        f.write_str(ENDING)
    }
}

impl FromStr for PictureId {
    type Err = MalformedId;

    /// Parses what `to_string` returns, and nothing else: a picture has one address.
    fn from_str(name: &str) -> Result<Self, MalformedId> {
        let digits = name.strip_suffix(ENDING).ok_or(MalformedId)?;
        if digits.len() != DIGITS || !digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(MalformedId);
        }
        let mut digest = [0; 32];
        for (byte, at) in digest.iter_mut().zip((0..DIGITS).step_by(2)) {
            *byte = u8::from_str_radix(&digits[at..at + 2], 16).map_err(|_| MalformedId)?;
        }
        Ok(Self(digest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_one_address() {
        let digest: [u8; 32] = std::array::from_fn(|at| u8::try_from(at * 8).unwrap_or(0));
        let picture = Picture { id: PictureId::new(digest), bytes: vec![1, 2, 3] };
        let name = picture.id.to_string();
        assert_eq!(name.parse(), Ok(picture.id));
        assert_eq!(picture.path(), format!("/picture/{name}"));
        assert!(name.starts_with("00081018") && name.ends_with("f0f8.jpg"), "{name}");
        let digits = name.trim_end_matches(".jpg");
        for other in [
            String::new(),
            ".jpg".to_owned(),
            digits.to_owned(),
            digits.to_uppercase() + ".jpg",
            format!("{digits}.png"),
            format!("{digits}.jpg.jpg"),
            format!("{digits}0.jpg"),
            format!("{}.jpg", &digits[1..]),
            format!("+{}.jpg", &digits[1..]),
            format!("{}é.jpg", &digits[2..]),
            format!("../{name}"),
        ] {
            assert_eq!(other.parse::<PictureId>(), Err(MalformedId), "{other}");
        }
        assert!(!format!("{picture:?}").contains("bytes"), "a log does not get a picture's bytes");
    }
}
