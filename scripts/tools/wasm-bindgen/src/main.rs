//! `wasm-bindgen` with those options that scripts/frontend.mjs and `cargo leptos watch` give it.

use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let mut bindgen = Bindgen::new();
    let (mut input, mut out_dir) = (None, None);
    for argument in std::env::args().skip(1) {
        match argument.split_once('=').unwrap_or((argument.as_str(), "")) {
            ("--version", _) => {
                println!("wasm-bindgen {}", env!("CARGO_PKG_VERSION"));
                return Ok(());
            }
            ("--target", "web") => drop(bindgen.web(true)?),
            ("--no-typescript", _) => drop(bindgen.typescript(false)),
            ("--debug", _) => drop(bindgen.debug(true)),
            ("--keep-debug", _) => drop(bindgen.keep_debug(true)),
            ("--out-name", name) => drop(bindgen.out_name(name)),
            ("--out-dir", folder) => out_dir = Some(PathBuf::from(folder)),
            (path, _) if !path.starts_with('-') && input.is_none() => input = Some(PathBuf::from(&argument)),
            _ => bail!("this build of wasm-bindgen has no option {argument}"),
        }
    }
    bindgen.input_path(input.context("which WASM?")?).generate(out_dir.context("--out-dir is missing")?)
}
