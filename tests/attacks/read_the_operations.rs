//! An attacker wants to know how many people sign in and when a store fails, and reads the operators' endpoints.

use super::program::Program;
use testkit::Client;

#[tokio::test]
async fn strangers_cannot_reach_the_operators_endpoints() {
    let program = Program::start(&["--ops-addr", "127.0.0.1:0"]);
    let operator = Client::connecting_anew(&format!("http://{}", program.said("health")));
    let stranger = Client::connecting_anew(&program.origin());
    for path in ["/healthz", "/readyz", "/metrics"] {
        for answer in [stranger.get(path).await, stranger.get(&format!("{path}?x")).await] {
            assert_eq!(answer.status, 404, "{path}");
            assert!(!answer.body.contains("qr_login_"), "{path}");
        }
        assert_eq!(operator.get(path).await.status, 200, "{path}");
    }
    assert!(operator.get("/metrics").await.body.contains("qr_login_connections"));
    for path in ["/", "/confirm", "/api/userinfo", "/icon.svg", "/.well-known/jwks.json"] {
        let answer = operator.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    assert_eq!(stranger.get("/").await.status, 200);
}
