//! An attacker who reaches the port asks in the proxy's name, to obtain an assertion without the site; or lets a proxy pass on
//! the header in which another proxy would say what it was asked for.

use super::behind_a_proxy::checks;

#[tokio::test]
async fn nobody_but_a_trusted_proxy_is_answered() {
    checks::only_the_proxy().await;
}

#[tokio::test]
async fn a_proxy_is_believed_by_its_own_headers_alone() {
    checks::no_other_contract().await;
}
