//! An attacker begins to sign in to a site with an account of their own, and makes a visitor's browser finish it, so that the
//! visitor works in the attacker's account (login CSRF); or uses a visitor's code in a browser of their own.

use super::behind_a_proxy::checks;
use super::behind_a_proxy::gate::Gate;

#[tokio::test]
async fn only_the_browser_that_began_a_sign_in_finishes_it() {
    checks::foreign_state(&Gate::by("nginx").await).await;
}
