//! The application of one site, or someone who stole its log, has a visitor's cookie for that site, and wants to be that
//! visitor at another: every site's cookie has the same name, and the same server gave it.

use super::behind_a_proxy::checks;
use super::behind_a_proxy::gate::Gate;

#[tokio::test]
async fn a_sites_cookie_opens_that_site_alone() {
    checks::another_sites_cookie(&Gate::by("traefik").await).await;
}
