//! `qr-login user …`: what an account says about its person, and its deletion.

use super::program::{Outcome, Place};
use image::{DynamicImage, ImageFormat, RgbImage};
use serde_json::{Value, json};

fn add(place: &Place, name: &str, flags: &[&str]) -> Outcome {
    place.run_with(&[&["user", "add", name], flags].concat(), &[], "correct horse\n")
}

fn set(place: &Place, name: &str, flags: &[&str]) -> Outcome {
    place.run(&[&["user", "set", name], flags].concat())
}

fn show(place: &Place, name: &str) -> Value {
    serde_json::from_str(&place.run(&["user", "show", name, "--json"]).ok().out).unwrap()
}

/// Writes a picture into the folder, whatever the ending of its name says.
fn picture(place: &Place, name: &str, width: u32, format: ImageFormat) {
    let picture = DynamicImage::from(RgbImage::from_pixel(width, 20, image::Rgb([9, 99, 199])));
    picture.save_with_format(place.path().join(name), format).unwrap();
}

#[test]
fn an_account_is_added_with_everything_about_its_person() {
    let place = Place::new();
    picture(&place, "li.png", 30, ImageFormat::Png);
    let about = ["--display-name", "李 Li", "--email", "li@example.com", "--email-verified", "--group", "staff"];
    add(&place, "li", &[&about[..], &["--group", "admins", "--picture", "li.png"]].concat()).ok();
    let shown = show(&place, "li");
    let path = shown["avatar_url"].as_str().unwrap();
    assert!(path.starts_with("/picture/") && path.ends_with(".jpg"), "{path}");
    let expected = json!({
        "id": shown["id"], "username": "li", "display_name": "李 Li", "email": "li@example.com", "email_verified": true,
        "groups": ["admins", "staff"], "avatar_url": path, "disabled": false,
    });
    assert_eq!(shown, expected);
    let words = place.run(&["user", "show", "li"]).ok().out;
    for word in [path, "李 Li", "li@example.com, verified", "admins, staff", "active", shown["id"].as_str().unwrap()] {
        assert!(words.contains(word), "{word}: {words}");
    }
    assert_eq!(place.run(&["user", "list"]).ok().out, "li\t李 Li\tactive\tli@example.com\tadmins,staff\n");
    add(&place, "wu", &[]).ok();
    let nothing = show(&place, "wu");
    assert_eq!(
        (&nothing["email"], &nothing["avatar_url"], &nothing["groups"]),
        (&json!(null), &json!(null), &json!([]))
    );
    let words = place.run(&["user", "show", "wu"]).ok().out;
    assert!(words.contains("e-mail        none") && words.contains("picture       none"), "{words}");
}

#[test]
fn a_user_of_another_issuer_is_linked_once_and_unlinked() {
    let place = Place::new();
    add(&place, "li", &[]).ok();
    add(&place, "wu", &[]).ok();
    let run = |action: &str, name: &str, subject: &str| {
        place.run(&["user", action, name, "--issuer", "https://idp.example", "--subject", subject])
    };
    assert_eq!(run("link", "li", "7").ok().out, "linked li\n");
    run("link", "wu", "7").failed(&["signs in to an account already"]);
    run("link", "nobody", "8").failed(&["there is no account named nobody"]);
    run("unlink", "wu", "7").failed(&["wu is not linked"]);
    run("unlink", "li", "8").failed(&["li is not linked"]);
    run("link", "li", "").failed(&["--subject"]);
    assert_eq!(run("unlink", "li", "7").ok().out, "unlinked li\n");
    run("link", "wu", "7").ok();
    place.run(&["user", "link", "li"]).failed(&["--issuer"]);
}

#[test]
fn set_changes_what_it_names_and_nothing_else() {
    let place = Place::new();
    picture(&place, "a.png", 30, ImageFormat::Png);
    add(&place, "li", &["--email", "li@example.com", "--email-verified", "--group", "b"]).ok();
    let mut expected = show(&place, "li");
    for (flags, field, value) in [
        (&["--display-name", "Li"][..], "display_name", json!("Li")),
        (&["--add-group", "c", "--add-group", "a"], "groups", json!(["a", "b", "c"])),
        (&["--remove-group", "b", "--add-group", "d"], "groups", json!(["a", "c", "d"])),
        (&["--group", "x", "--group", "w"], "groups", json!(["w", "x"])),
        (&["--no-groups"], "groups", json!([])),
        (&["--email-verified=false"], "email_verified", json!(false)),
        (&["--email-verified=true"], "email_verified", json!(true)),
        (&["--display-name", ""], "display_name", json!("li")),
    ] {
        set(&place, "li", flags).ok();
        expected[field] = value;
        assert_eq!(show(&place, "li"), expected, "{flags:?}");
    }
    // Another address is not verified.
    set(&place, "li", &["--email", "other@example.com"]).ok();
    assert_eq!(show(&place, "li")["email_verified"], false);
    set(&place, "li", &["--email", "third@example.com", "--email-verified"]).ok();
    assert_eq!(show(&place, "li")["email_verified"], true);
    set(&place, "li", &["--no-email"]).ok();
    let shown = show(&place, "li");
    assert_eq!((&shown["email"], &shown["email_verified"]), (&json!(null), &json!(false)));
    set(&place, "li", &["--picture", "a.png"]).ok();
    assert!(show(&place, "li")["avatar_url"].is_string());
    set(&place, "li", &["--no-picture"]).ok();
    assert_eq!(show(&place, "li")["avatar_url"], json!(null));
}

#[test]
fn what_an_account_cannot_have_is_named_and_nothing_is_changed() {
    let place = Place::new();
    add(&place, "li", &["--group", "a"]).ok();
    let before = show(&place, "li");
    let many: Vec<String> = (0..101).map(|number| format!("--group=g{number}")).collect();
    for (flags, word) in [
        (&["--email", "no address"][..], "e-mail"),
        (&["--email", "a@b@c"], "e-mail"),
        (&["--email-verified"], "no e-mail address"),
        (&["--group", "a,b"], "group"),
        (&["--add-group", ""], "group"),
        (&["--email-verified=maybe"], "--email-verified"),
        (&["--email", "a@b", "--no-email"], "--no-email"),
        (&["--group", "a", "--no-groups"], "--no-groups"),
        (&["--group", "a", "--add-group", "b"], "--add-group"),
        (&["--picture", "nowhere.png"], "nowhere.png"),
        (&["--picture", "."], "cannot read ."),
        (&[], "nothing to change"),
        (&many.iter().map(String::as_str).collect::<Vec<_>>(), "at most 100 groups"),
    ] {
        set(&place, "li", &[&["--display-name", "Wrong"][..if flags.is_empty() { 0 } else { 2 }], flags].concat())
            .failed(&[word]);
        assert_eq!(show(&place, "li"), before, "{flags:?}");
    }
    add(&place, "wu", &["--email", "no address"]).failed(&["e-mail"]);
    add(&place, "wu", &["--email-verified"]).failed(&["no e-mail address"]);
    for flags in [&["user", "show", "wu"][..], &["user", "set", "wu", "--no-email"], &["user", "delete", "wu", "--yes"]]
    {
        place.run(flags).failed(&["no account named wu"]);
    }
}

#[test]
fn a_picture_is_known_by_its_contents_and_not_by_its_name() {
    let place = Place::new();
    add(&place, "li", &[]).ok();
    for (name, format) in [("a.txt", ImageFormat::Png), ("b.gif", ImageFormat::Jpeg), ("c.png", ImageFormat::WebP)] {
        picture(&place, name, 300, format);
        set(&place, "li", &["--picture", name]).ok();
    }
    std::fs::write(place.path().join("page.png"), "<!doctype html><script>alert(1)</script>").unwrap();
    let before = show(&place, "li");
    let said = set(&place, "li", &["--picture", "page.png"]).failed(&["PNG, JPEG or WebP"]);
    assert!(said.err.contains("page.png"), "{}", said.err);
    assert_eq!(show(&place, "li"), before);
}

#[test]
fn a_deleted_account_is_gone_and_its_name_is_free_for_another_one() {
    let place = Place::new();
    add(&place, "li", &["--email", "li@example.com"]).ok();
    add(&place, "wu", &[]).ok();
    let first = show(&place, "li");
    // Standard input is no terminal here.
    place.run(&["user", "delete", "li"]).failed(&["--yes"]);
    assert_eq!(show(&place, "li"), first);
    let said = place.run(&["user", "delete", "li", "--yes"]).ok().out;
    assert!(said.contains("deleted li") && said.contains("0 sessions"), "{said}");
    place.run(&["user", "show", "li"]).failed(&["no account named li"]);
    place.run(&["user", "enable", "li"]).failed(&["no account named li"]);
    assert_eq!(place.run(&["user", "list"]).ok().out, "wu\twu\tactive\t\t\n");
    add(&place, "li", &[]).ok();
    let second = show(&place, "li");
    assert_ne!(second["id"], first["id"], "an id is never used again: apps know people by it");
    assert_eq!(second["email"], json!(null));
}
