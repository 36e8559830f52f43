//! Generates Rust code from the catalogues in `locales`, for the server build, which renders the pages.

#![allow(clippy::expect_used, reason = "a build that cannot go on should say so and stop")]

#[cfg(feature = "ssr")]
#[path = "build/pseudo.rs"]
mod pseudo;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(pseudo)");
    #[cfg(feature = "ssr")]
    server();
}

#[cfg(feature = "ssr")]
fn server() {
    use leptos_i18n_parser::parse_locales::options::{Config, ParseOptions};
    use leptos_i18n_parser::parse_locales::parse_locales;
    use std::path::PathBuf;
    use std::{env, fs};

    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=locales");
    // rust-embed reads these folders at compile time, but does not notice new files in them.
    println!("cargo::rerun-if-changed=target/site");
    println!("cargo::rerun-if-changed=target/scanner");

    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let folder = out.join("locales");
    fs::create_dir_all(&folder).expect("OUT_DIR is writable");
    let mut tags = Vec::new();
    for file in fs::read_dir("locales").expect("the catalogues are there") {
        let path = file.expect("the catalogues are readable").path();
        let tag = path.file_stem().and_then(|name| name.to_str()).expect("they are named by tags").to_owned();
        fs::copy(&path, folder.join(format!("{tag}.json"))).expect("OUT_DIR is writable");
        tags.push(tag);
    }
    // Not in a release: it is no real language.
    if env::var("PROFILE").is_ok_and(|profile| profile == "debug") {
        let english = fs::read_to_string("locales/en.json").expect("the English catalogue is readable");
        let catalogue = pseudo::catalogue(&english).expect("the English catalogue is JSON");
        fs::write(folder.join(format!("{}.json", pseudo::TAG)), catalogue).expect("OUT_DIR is writable");
        tags.push(pseudo::TAG.to_owned());
        println!("cargo::rustc-cfg=pseudo");
    }
    tags.sort();

    let config = Config::new("en").and_then(|config| config.add_locales(tags.iter().filter(|tag| *tag != "en")));
    let config = config.expect("the names of the catalogues are language tags").locales_path(folder);
    let config = config.parse_options(ParseOptions::default().interpolate_display(true));
    let catalogues = parse_locales(None, config).expect("the catalogues are valid");
    // What the parser warns about, such as a text that is missing or a form that the language does not have, is an error:
    // people would see English.
    for warning in catalogues.diag.warnings().iter() {
        println!("cargo::error={warning}");
    }
    for error in catalogues.diag.errors().iter() {
        println!("cargo::error={error}");
    }
    let attributes =
        "#![allow(missing_docs, unreachable_pub, clippy::all, clippy::expect_used)]".parse().expect("attributes");
    let module = leptos_i18n_codegen::gen_code(&catalogues, None, false, Some(&attributes), true);
    let code = out.join("i18n");
    fs::create_dir_all(&code).expect("OUT_DIR is writable");
    fs::write(code.join("mod.rs"), module.expect("the catalogues are valid").to_string()).expect("OUT_DIR is writable");
}
