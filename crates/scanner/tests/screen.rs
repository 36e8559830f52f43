//! Proves that the code of the sign-in page, as a screen displays it, is read: a simulated camera films it for one second
//! in each of many situations, and at least 95 % of these films must be read.
//!
//! The situations are those of `screen/film.rs`. The camera is that of `screen/camera.rs`: a perspective view, a lens that
//! blurs, light that falls off to one side, noise, and a hand that trembles. Moiré arises as it does in reality: the
//! screen has stripes of red, green and blue with dark gaps, each pixel of the sensor sees one of these colours, and the
//! two grids beat. How deep the gaps are is a parameter, because real cameras smooth them away to a different degree;
//! this one does not at all.

#![allow(
    clippy::unwrap_used,
    unreachable_pub,
    missing_docs,
    reason = "a test fails by panicking, and has no interface"
)]

mod screen {
    mod camera;
    mod film;
    mod scene;
}
