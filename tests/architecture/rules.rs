//! Rules for files and for the dependencies of the domain.

use super::source::{Source, sources};
use std::collections::BTreeSet;
use std::fs;

#[test]
fn no_file_is_long() {
    let files = sources(&["src", "crates", "tests", "benches", "examples"]).into_iter();
    let long = files.filter(|file| file.text.lines().count() > 300);
    assert_eq!(long.map(|file| file.path).collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn features_are_gated_in_one_file() {
    let gate = ["cfg(feature", "cfg(not(feature", "cfg(any(feature", "cfg(all(feature", "cfg_attr(feature"];
    let gated = sources(&["src", "crates"]).into_iter().filter(|file| gate.iter().any(|gate| file.text.contains(gate)));
    assert_eq!(gated.map(|file| file.path).collect::<Vec<_>>(), ["src/lib.rs"]);
}

#[test]
fn the_domain_is_pure() {
    let manifest = fs::read_to_string("crates/domain/Cargo.toml").unwrap();
    let dependencies = manifest.split("[dependencies]\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names: BTreeSet<&str> = dependencies.lines().filter_map(|line| line.split(['.', ' ']).next()).collect();
    assert_eq!(names, BTreeSet::from(["serde", "subtle", "thiserror", "uuid"]));
    let impure = ["async fn", "std::fs", "std::net::Tcp", "SystemTime", "Instant", "std::env", "std::thread"];
    for file in sources(&["crates/domain/src"]) {
        for name in impure {
            assert!(!file.program().contains(name), "{} has {name}", file.path);
        }
    }
}

/// Returns whether the file is of a tool beside the server: the load driver or the tests' kit.
fn is_tool(file: &Source) -> bool {
    ["crates/load/", "crates/testkit/"].iter().any(|tool| file.path.starts_with(tool))
}

#[test]
fn ids_secrets_and_salts_come_from_one_source() {
    let is_program = |file: &Source| !is_tool(file) && !file.path.contains("/tests/");
    let is_random =
        |file: &Source| ["getrandom::fill", "Uuid::new_v4"].iter().any(|call| file.program().contains(call));
    let files = sources(&["src", "crates"]).into_iter().filter(|file| is_program(file) && is_random(file));
    // Redis stores a random id of each attempt, which grants no access.
    let expected = ["crates/service/src/security/random.rs", "crates/store/src/redis/tickets.rs"];
    assert_eq!(files.map(|file| file.path).collect::<BTreeSet<_>>(), BTreeSet::from(expected.map(str::to_owned)));
}

#[test]
fn only_the_clock_reads_the_system_time() {
    let asking = sources(&["src", "crates"]).into_iter().filter(|file| file.program().contains("SystemTime::now"));
    let asking = asking.filter(|file| !is_tool(file));
    assert_eq!(asking.map(|file| file.path).collect::<Vec<_>>(), ["crates/clock/src/lib.rs"]);
}

/// Every file named in the architecture document exists.
#[test]
fn named_files_exist() {
    let page = fs::read_to_string("docs/architecture.md").unwrap();
    for name in page.split('`').skip(1).step_by(2) {
        let is_path = ["src/", "crates/", "docs/", "tests/"].iter().any(|root| name.starts_with(root));
        if is_path && !name.contains(['*', '…', ' ']) {
            assert!(fs::exists(name).unwrap(), "{name} is not there");
        }
    }
}

/// Every path is defined in `src/routes.rs`, or in the attribute of its server function.
#[test]
fn no_path_is_defined_twice() {
    let paths = [
        "\"/api",
        "\"/confirm",
        "\"/account",
        "\"/settings",
        "\"/language",
        "\"/static",
        "\"/picture",
        "\"/healthz",
        "\"/readyz",
        "\"/metrics",
        "\"/.well-known",
        "\"/oauth",
        "\"/manifest",
    ];
    for file in
        sources(&["src"]).iter().filter(|file| file.path != "src/routes.rs" && !file.path.starts_with("src/api/"))
    {
        for path in paths {
            assert!(!file.program().contains(path), "{} has {path}…\"", file.path);
        }
    }
}

#[test]
fn routes_match_the_server_functions() {
    use qr_login::api::{account, settings, ticket};
    use qr_login::routes;
    use server_fn::ServerFn;
    for (route, path) in [
        (routes::LOGIN, account::Login::PATH),
        (routes::LOGOUT, account::Logout::PATH),
        (routes::REVOKE, account::Revoke::PATH),
        (routes::REVOKE_OTHERS, account::RevokeOthers::PATH),
        (routes::STEP_UP, account::StepUp::PATH),
        (routes::SETTINGS_PROFILE, settings::Rename::PATH),
        (routes::SETTINGS_PICTURE_REMOVE, settings::RemovePicture::PATH),
        (routes::SETTINGS_PASSWORD, settings::ChangePassword::PATH),
        (routes::SETTINGS_DELETE, settings::Delete::PATH),
        (routes::SCAN, ticket::Scan::PATH),
        (routes::CONFIRM, ticket::Confirm::PATH),
        (routes::CANCEL, ticket::Cancel::PATH),
        (routes::REDEEM, ticket::Redeem::PATH),
        (routes::ABANDON, ticket::Abandon::PATH),
    ] {
        assert_eq!(route, path);
    }
}
