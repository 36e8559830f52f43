//! The Basic profile of the OpenID Foundation's conformance suite (`oidcc-basic-certification-test-plan`): its 38
//! modules, each as a test with the module's name. What a module accepts is accepted here; where the suite would skip a
//! module for this server, the test checks the reason.

mod codes;
mod requests;
mod server;
mod sign_in;
mod userinfo;
