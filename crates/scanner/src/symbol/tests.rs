use super::*;
use crate::text::text;
use proptest::prelude::*;
use qrcode::{Color, EcLevel, QrCode, Version};

struct Drawn {
    size: usize,
    dark: Vec<bool>,
}

impl Modules for Drawn {
    fn size(&self) -> usize {
        self.size
    }

    fn is_dark(&self, x: usize, y: usize) -> bool {
        self.dark[y * self.size + x]
    }
}

fn draw(code: QrCode) -> Drawn {
    let size = code.width();
    Drawn { size, dark: code.into_colors().into_iter().map(|color| color == Color::Dark).collect() }
}

fn read(symbol: &impl Modules) -> Option<String> {
    let (version, words) = codewords(symbol)?;
    text(&words, version)
}

const LEVELS: [EcLevel; 4] = [EcLevel::L, EcLevel::M, EcLevel::Q, EcLevel::H];

#[test]
fn every_version_is_read() {
    for version in 1..=40 {
        // Drawing the large ones takes long, and their levels differ only in the tables.
        for level in LEVELS.into_iter().filter(|level| version <= 10 || version % 10 == 0 || *level == EcLevel::M) {
            let code = QrCode::with_version("Ab1", Version::Normal(version), level).unwrap();
            assert_eq!(read(&draw(code)).as_deref(), Some("Ab1"), "{version} {level:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_was_written_is_read(written in "[ -~]{1,300}|[0-9]{1,200}|[A-Z0-9 $%*+./:-]{1,200}|.{1,60}", level in 0..4_usize) {
        let code = QrCode::with_error_correction_level(&written, LEVELS[level]).unwrap();
        prop_assert_eq!(read(&draw(code)), Some(written));
    }

    /// One wrong module is one wrong codeword; a block of level M survives a sixth of them.
    #[test]
    fn wrong_modules_are_corrected(seed in any::<u64>()) {
        let mut symbol = draw(QrCode::with_error_correction_level("https://login.example/confirm", EcLevel::M).unwrap());
        let area = symbol.dark.len() as u64;
        for step in 0..7 {
            let at = (seed.wrapping_mul(2 * step + 1) >> 7) % area;
            symbol.dark[at as usize] ^= true;
        }
        prop_assert_eq!(read(&symbol), Some("https://login.example/confirm".to_owned()));
    }

    #[test]
    fn noise_is_no_code(bits in proptest::collection::vec(any::<bool>(), 57 * 57), version in 1..=10_usize) {
        let size = 4 * version + 17;
        let noise = Drawn { size, dark: bits };
        let _ = read(&noise);
        let other_size = Drawn { size: size - 1, dark: noise.dark };
        prop_assert!(read(&other_size).is_none());
    }
}

#[test]
fn a_symbol_in_a_mirror_is_read() {
    let code = draw(QrCode::new("mirror").unwrap());
    let mirrored = Mirrored(&code);
    assert_eq!(read(&Mirrored(&mirrored)).as_deref(), Some("mirror"));
}
