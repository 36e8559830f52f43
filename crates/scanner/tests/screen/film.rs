//! The situations, and how many films of each are read.

use super::camera::{Camera, Chance};
use super::scene::Scene;
use scanner::{Grey, read};

/// The URL in the code, and the one in codes of hosts whose names have other characters.
const URLS: [&str; 2] = [
    "HTTPS://LOGIN.EXAMPLE.COM/C/AERKXTKFM5EJVPG66AJDIVTYTI",
    "https://login.example.com/confirm?id=0123abcd-4567-489a-bcde-f0123456789a",
];
/// Films of each situation and URL.
const FILMS: u64 = 3;
/// Frames of one second.
const FRAMES: u32 = 10;
/// At least so many of a hundred films must be read.
const PERCENT: usize = 95;

/// Films for one second and returns whether a frame was read.
fn is_read(scene: &Scene, camera: &Camera, text: &str, seed: u64) -> bool {
    let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    (0..FRAMES).any(|frame| {
        let camera = camera.trembling(&mut chance);
        let (pixels, width) = camera.frame(scene, frame % 5 == 4, &mut chance);
        read(&Grey::new(pixels, width).unwrap(), frame).as_deref() == Some(text)
    })
}

/// A name, the camera, and what is special about the screen.
type Situation = (&'static str, Camera, fn(Scene) -> Scene);

/// Films all of them and fails if too few are read.
fn assert_read(situations: &[Situation]) {
    let (mut good, mut all) = (0, 0);
    for (name, camera, change) in situations {
        let rates = URLS.map(|text| {
            let scene = change(Scene::of(&service::qr::svg(text).unwrap()));
            (1..=FILMS).filter(|seed| is_read(&scene, camera, text, *seed)).count()
        });
        println!("{name}: {} and {} of {FILMS}", rates[0], rates[1]);
        good += rates.iter().sum::<usize>();
        all += 2 * FILMS as usize;
    }
    println!("{good} of {all}");
    assert!(100 * good >= PERCENT * all, "{good} of {all}");
}

fn camera() -> Camera {
    Camera::default()
}

fn same(scene: Scene) -> Scene {
    scene
}

#[test]
fn from_any_distance_and_in_any_theme() {
    assert_read(&[
        ("as large as on the screen", Camera { zoom: 1.0, ..camera() }, same),
        ("half as large", Camera { zoom: 0.5, ..camera() }, same),
        ("twice as large", Camera { zoom: 2.0, ..camera() }, same),
        ("far away", Camera { zoom: 0.45, ..camera() }, same),
        ("dark theme", camera(), Scene::dark),
        ("forced colours", camera(), Scene::forced_colours),
    ]);
}

#[test]
fn blurred_and_in_bad_light() {
    assert_read(&[
        ("blur of 1.5 pixels", Camera { blur: 1.5, ..camera() }, same),
        ("blur of 2.5 pixels", Camera { blur: 2.5, ..camera() }, same),
        ("noise", Camera { noise: 0.06, exposure: 0.4, ..camera() }, same),
        ("much noise", Camera { noise: 0.1, exposure: 0.4, ..camera() }, same),
        ("dim and shaded", Camera { exposure: 0.2, falloff: 0.9, ..camera() }, same),
    ]);
}

#[test]
fn at_angles() {
    let turned = |roll, yaw, pitch| Camera { turned: (roll, yaw, pitch), ..camera() };
    assert_read(&[
        ("rotated by 15°", turned(15.0, 0.0, 0.0), same),
        ("rotated by 45°", turned(45.0, 0.0, 0.0), same),
        ("rotated by 100°", turned(100.0, 0.0, 0.0), same),
        ("from the side, 25°", turned(0.0, 25.0, 0.0), same),
        ("from the side, 45°", turned(0.0, 45.0, 0.0), same),
        ("from above and the side, 30° each", turned(10.0, 30.0, 30.0), same),
    ]);
}

#[test]
fn with_moire() {
    let at = |zoom| Camera { zoom, samples: 5, ..camera() };
    let weak = |scene: Scene| scene.with_gaps(0.3);
    let strong = |scene: Scene| scene.with_gaps(0.6);
    assert_read(&[
        ("weak at 0.7", at(0.7), weak),
        ("weak at 0.9", at(0.9), weak),
        ("weak at 1.0", at(1.0), weak),
        ("weak at 1.13", at(1.13), weak),
        ("weak at 1.3", at(1.3), weak),
        ("weak at 1.7", at(1.7), weak),
        ("strong at 0.9", at(0.9), strong),
        ("strong at 1.0", at(1.0), strong),
        ("strong at 1.13", at(1.13), strong),
        ("strong at 1.3", at(1.3), strong),
    ]);
}
