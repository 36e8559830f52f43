//! Generates Rust code from the catalogues in `locales`, for the server build, which renders the pages.

#![allow(clippy::expect_used, reason = "a build that cannot go on should say so and stop")]

fn main() {
    #[cfg(feature = "ssr")]
    server();
}

#[cfg(feature = "ssr")]
fn server() {
    use leptos_i18n_parser::parse_locales::options::{Config, ParseOptions};
    use leptos_i18n_parser::parse_locales::parse_locales;
    use std::fs;
    use std::path::PathBuf;

    println!("cargo::rerun-if-changed=build.rs");
    // rust-embed reads these folders at compile time, but does not notice new files in them.
    println!("cargo::rerun-if-changed=target/site");
    println!("cargo::rerun-if-changed=target/scanner");

    let config = Config::new("en").and_then(|config| config.add_locale("zh-CN")).expect("both are language tags");
    let config = config.parse_options(ParseOptions::default().interpolate_display(true));
    let catalogues = parse_locales(None, config).expect("the catalogues are valid");
    for warning in catalogues.diag.warnings().iter() {
        println!("cargo::warning={warning}");
    }
    for error in catalogues.diag.errors().iter() {
        println!("cargo::error={error}");
    }
    for path in catalogues.tracked_files.iter().flatten() {
        println!("cargo::rerun-if-changed={path}");
    }
    let attributes =
        "#![allow(missing_docs, unreachable_pub, clippy::all, clippy::expect_used)]".parse().expect("attributes");
    let module = leptos_i18n_codegen::gen_code(&catalogues, None, false, Some(&attributes), true);
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("i18n");
    fs::create_dir_all(&out).expect("OUT_DIR is writable");
    fs::write(out.join("mod.rs"), module.expect("the catalogues are valid").to_string()).expect("OUT_DIR is writable");
}
