//! An attacker keeps the cookie of a site after the session has ended, the account was disabled, its group was taken away, or
//! the site was closed.

use super::behind_a_proxy::checks;
use super::behind_a_proxy::gate::Gate;

#[tokio::test]
async fn the_end_is_immediate() {
    let gate = Gate::by("nginx").await;
    checks::groups(&gate).await;
    checks::sign_out(&gate).await;
    checks::ended_session(&gate).await;
    checks::closed_site(&gate).await;
}
