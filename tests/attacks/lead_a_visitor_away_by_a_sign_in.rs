//! A link to a site's sign-in is sent to a visitor, who trusts our host, to get them to a host of the attacker's afterwards
//! (open redirect): by a parameter, by the path, by a header.

use super::behind_a_proxy::checks;
use super::behind_a_proxy::gate::Gate;

#[tokio::test]
async fn a_visitor_returns_to_the_site_alone() {
    checks::redirects(&Gate::by("envoy").await).await;
}
