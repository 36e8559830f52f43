//! What an issuer says about its user, by the mapping in `clients.toml`.

use domain::account::{Account, AccountChange, MAX_GROUPS, clean_email, clean_group, foreign_username};
use domain::client::Issuer;
use serde_json::{Map, Value};

/// The claims of a verified assertion, read by the issuer's mapping.
#[derive(Clone, Copy, Debug)]
pub(super) struct Person<'a> {
    pub(super) issuer: &'a Issuer,
    pub(super) claims: &'a Map<String, Value>,
}

impl Person<'_> {
    /// Returns the claim that a field is mapped to: `None` if it is not mapped, null if the claim is missing.
    fn claim(&self, field: &str) -> Option<&Value> {
        self.issuer.claims.get(field).map(|claim| self.claims.get(claim).unwrap_or(&Value::Null))
    }

    /// Returns the username for a new account. It is only a name: the account is found by issuer and subject ever after.
    pub(super) fn username(&self, subject: &str) -> String {
        let claimed = self.claim("username").and_then(Value::as_str).and_then(foreign_username);
        claimed.or_else(|| foreign_username(subject)).unwrap_or_else(|| "user".to_owned())
    }

    /// Returns what is to be changed in the account. A mapped claim that is missing or malformed removes an address and
    /// groups: an issuer that no longer says that a person is an administrator must be believed.
    pub(super) fn change(&self, account: &Account) -> AccountChange {
        let mut change = AccountChange::default();
        let name = self.claim("display_name").and_then(Value::as_str).map(str::to_owned);
        change.display_name = name.filter(|name| *name != account.display_name);
        if let Some(claim) = self.claim("email") {
            let email = claim.as_str().and_then(|text| clean_email(text).ok());
            let claim = self.claim("email_verified");
            let is_verified = email.is_some() && claim.is_some_and(|it| *it == Value::Bool(true) || it == "true");
            if (&email, is_verified) != (&account.email, account.email_verified) {
                (change.email, change.email_verified) = (Some(email), Some(is_verified));
            }
        }
        if let Some(claim) = self.claim("groups") {
            let names = claim.as_array().into_iter().flatten().filter_map(Value::as_str);
            let mut groups: Vec<String> = names.filter_map(|name| clean_group(name).ok()).take(MAX_GROUPS).collect();
            groups.sort_unstable();
            groups.dedup();
            change.groups = Some(groups).filter(|groups| *groups != account.groups);
        }
        change
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use domain::client::AssertionAlg;
    use serde_json::json;

    fn issuer(mapped: &[(&str, &str)]) -> Issuer {
        Issuer {
            iss: "i".to_owned(),
            jwks_url: "https://i.example/jwks".to_owned(),
            algs: vec![AssertionAlg::Rs256],
            provision: true,
            claims: mapped.iter().map(|(field, claim)| ((*field).to_owned(), (*claim).to_owned())).collect(),
        }
    }

    fn account() -> Account {
        Account {
            id: "00000000-0000-4000-8000-000000000001".parse().unwrap(),
            username: "dong".to_owned(),
            display_name: "Dong".to_owned(),
            email: Some("dong@example.org".to_owned()),
            email_verified: true,
            groups: vec!["admins".to_owned()],
            avatar_url: None,
            disabled: false,
        }
    }

    fn change(mapped: &[(&str, &str)], claims: &Value) -> AccountChange {
        Person { issuer: &issuer(mapped), claims: claims.as_object().unwrap() }.change(&account())
    }

    const ALL: [(&str, &str); 4] =
        [("display_name", "name"), ("email", "mail"), ("email_verified", "mail_ok"), ("groups", "roles")];

    #[test]
    fn only_mapped_claims_count() {
        let claims = json!({"name": "Guang", "email": "x@example.org", "groups": ["root"]});
        assert_eq!(change(&[], &claims), AccountChange::default());
        let same = json!({"name": "Dong", "mail": "dong@example.org", "mail_ok": true, "roles": ["admins", "admins"]});
        assert_eq!(change(&ALL, &same), AccountChange::default());
    }

    #[test]
    fn what_the_issuer_no_longer_says_is_gone() {
        let changed = change(&ALL, &json!({}));
        assert_eq!((changed.email, changed.email_verified, changed.groups), (Some(None), Some(false), Some(vec![])));
        assert_eq!(changed.display_name, None, "somebody without a name keeps the old one");
        let odd = json!({"name": 7, "mail": "nonsense", "mail_ok": true, "roles": ["a b", 7, "ok"]});
        let changed = change(&ALL, &odd);
        changed.apply(account()).unwrap();
        assert_eq!(changed.groups, Some(vec!["ok".to_owned()]));
        assert_eq!((changed.email, changed.email_verified), (Some(None), Some(false)));
    }

    #[test]
    fn an_address_is_verified_only_if_the_issuer_says_so() {
        let mapped = [("email", "email")];
        let changed = change(&mapped, &json!({"email": "dong@example.org", "email_verified": true}));
        assert_eq!(changed.email_verified, Some(false), "it is not mapped");
    }

    #[test]
    fn a_new_account_has_the_claimed_name_or_the_subject() {
        let name = |mapped: &[(&str, &str)], claims: Value| {
            Person { issuer: &issuer(mapped), claims: claims.as_object().unwrap() }.username("s-7")
        };
        assert_eq!(name(&[("username", "login")], json!({"login": " dong "})), "dong");
        assert_eq!(name(&[("username", "login")], json!({"login": ""})), "s-7");
        assert_eq!(name(&[], json!({"login": "dong"})), "s-7");
    }
}
