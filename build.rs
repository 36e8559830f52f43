//! Turns the catalogues in `locales` into Rust, for the half that renders pages.

#![allow(clippy::expect_used, reason = "a build that cannot go on should say so and stop")]

fn main() {
    #[cfg(feature = "ssr")]
    server();
}

#[cfg(feature = "ssr")]
fn server() {
    use leptos_i18n_build::options::CodegenOptions;
    use leptos_i18n_build::{Config, ParseOptions, TranslationsInfos};
    use std::path::PathBuf;

    println!("cargo::rerun-if-changed=build.rs");
    // sqlx and rust-embed read these folders while they compile, and do not notice a new file in them.
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-changed=target/site");

    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("i18n");
    let config = Config::new("en").and_then(|config| config.add_locale("zh-CN")).expect("both are language tags");
    let config = config.parse_options(ParseOptions::default().interpolate_display(true));
    let catalogues = TranslationsInfos::parse(config).expect("the catalogues are valid");
    catalogues.emit_diagnostics();
    catalogues.rerun_if_locales_changed();
    let attributes =
        "#![allow(missing_docs, unreachable_pub, clippy::all, clippy::expect_used)]".parse().expect("attributes");
    let options = CodegenOptions::default().top_level_attributes(Some(attributes));
    catalogues.generate_i18n_module_with_options(out, options).expect("OUT_DIR is writable");
}
