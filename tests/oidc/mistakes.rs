//! Twenty mistakes that other providers have made, some of them with an advisory. Each test fails if the mistake is made
//! here; the number in its name is that of the mistake in `docs/conformance.md`. `also_*` are mistakes beside the twenty.

mod codes;
mod interactions;
mod redirects;
mod refresh;
mod requests;
mod responses;
mod secrets;
mod sign_out;
mod tokens;
