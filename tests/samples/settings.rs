//! The settings and commands that the documentation mentions, compared with the program's own help.

use super::documents::{READMES, read};
use super::program::Place;
use std::collections::{BTreeMap, BTreeSet};

const DOCUMENTS: [&str; 7] = [
    "README.md",
    "README.zh-CN.md",
    "compose.yaml",
    "docs/deploy/nginx.conf",
    "docs/deploy/several-nodes.md",
    "docs/security.md",
    "docs/architecture.md",
];

/// Returns the flags of `serve` by their variables, with the defaults shown in the help.
pub fn flags() -> BTreeMap<String, (String, Option<String>)> {
    let help = Place::new().run(&["serve", "--help"]).ok().out;
    let mut flags = BTreeMap::new();
    let mut flag = None;
    let mut default = None;
    for line in help.lines().map(str::trim) {
        if line.starts_with("--") || line.starts_with("-h, --") {
            flag = line.split_whitespace().find(|word| word.starts_with("--")).map(str::to_owned);
            default = None;
        }
        if let Some(value) = line.strip_prefix("[default: ").and_then(|rest| rest.strip_suffix(']')) {
            default = Some(value.to_owned());
        }
        let named = line.strip_prefix("[env: ").and_then(|rest| rest.split(['=', ']']).next());
        if let (Some(variable), Some(flag)) = (named, flag.clone()) {
            flags.insert(variable.to_owned(), (flag, None));
        }
        // The help shows the default before or after the variable.
        if let (Some(value), Some(flag)) = (&default, &flag) {
            for (known, slot) in flags.values_mut() {
                if known == flag {
                    *slot = Some(value.clone());
                }
            }
        }
    }
    assert!(flags.len() >= 15, "{help}");
    flags
}

#[test]
fn the_tables_have_every_setting_with_its_flag_and_its_default() {
    let flags = flags();
    for readme in READMES {
        let text = read(readme);
        let rows = text.lines().filter(|line| line.starts_with("| `--") && line.contains("`QR_LOGIN_"));
        let mut listed = BTreeMap::new();
        for row in rows {
            let cells: Vec<_> = row.split(" | ").map(|cell| cell.trim_matches(['|', ' ', '`'])).collect();
            listed.insert(cells[1].to_owned(), cells[0].to_owned());
            let (_, default) = flags.get(cells[1]).unwrap_or_else(|| panic!("{readme} lists {}", cells[1]));
            if let Some(default) = default {
                // A default for a special case may follow.
                let first = cells[2].split('`').next();
                assert_eq!(first, Some(default.as_str()), "{readme}: the default of {}", cells[1]);
            }
        }
        let real: BTreeMap<_, _> = flags.iter().map(|(variable, (flag, _))| (variable.clone(), flag.clone())).collect();
        assert_eq!(listed, real, "{readme}");
    }
}

#[test]
fn every_documented_setting_exists() {
    let flags = flags();
    for document in DOCUMENTS {
        let text = read(document);
        let starts = text.match_indices("QR_LOGIN_").map(|(at, _)| &text[at..]);
        let names: BTreeSet<_> = starts
            .map(|rest| rest.split(|letter: char| !(letter.is_ascii_uppercase() || letter == '_')).next().unwrap())
            .collect();
        for name in names {
            // `QR_LOGIN_…` stands for all of them.
            assert!(name == "QR_LOGIN_" || flags.contains_key(name), "{document} names {name}");
        }
    }
}

#[test]
fn every_documented_command_exists() {
    let place = Place::new();
    let mut tried = BTreeSet::new();
    for document in DOCUMENTS {
        let text = read(document);
        for code in text.split('`').filter(|code| code.starts_with("qr-login ") && !code.contains('\n')) {
            let is_ours = |word: &&str| {
                word.starts_with("--") || word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-')
            };
            let words: Vec<_> = code.split_whitespace().skip(1).take_while(is_ours).collect();
            if words.is_empty() || !tried.insert(words.join(" ")) {
                continue;
            }
            let help = place.run(&[&words[..], &["--help"]].concat());
            assert!(help.succeeded && help.out.contains("Usage: qr-login"), "{document}: {code}: {help:?}");
            // A word that is not a command would have been ignored.
            let command: Vec<_> = words.iter().copied().filter(|word| !word.starts_with("--")).collect();
            assert!(
                help.out.contains(&format!("Usage: qr-login {}", command.join(" "))),
                "{document}: {code}: {help:?}"
            );
        }
    }
    assert!(tried.len() >= 3, "{tried:?}");
}
