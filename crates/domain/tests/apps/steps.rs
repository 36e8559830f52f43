//! What has to happen before a request is granted.

use super::*;
use domain::authorization::AuthorizationErrorCode as Code;
use domain::authorization::{Facts, Interaction, SignedInFacts, Step, granted_scopes, next_step};
use domain::client::{Consent, Scope};
use domain::ids::SecretHash;
use proptest::prelude::*;

const GROUPS: [String; 0] = [];

/// Everything that a decision can depend on.
#[derive(Clone, Debug)]
struct World {
    client: Client,
    changes: Vec<(&'static str, &'static str)>,
    hinted: Option<AccountId>,
    /// Who signed in, and when.
    person: Option<(AccountId, i64)>,
    consented: Option<Scopes>,
    is_pc_by_code: bool,
    /// When the interaction began, and who has consented in it.
    interaction: Option<(i64, Option<AccountId>)>,
    now: i64,
}

fn world() -> World {
    World {
        client: client(),
        changes: Vec::new(),
        hinted: None,
        person: Some((account(1), 0)),
        consented: Some(Scopes::parse("openid profile email")),
        is_pc_by_code: false,
        interaction: None,
        now: 100,
    }
}

impl World {
    fn request(&self) -> AuthorizationRequest {
        AuthorizationRequest { hinted: self.hinted, ..read(&with(&self.changes), &self.client).unwrap() }
    }

    fn interaction(&self) -> Option<Interaction> {
        self.interaction.map(|(started, consented_by)| Interaction {
            id: Uuid::from_u128(9).into(),
            browser: SecretHash::new([0; 32]),
            request: self.request(),
            consented_by,
            started_at: at(started),
        })
    }

    /// Whether what is granted has `offline_access`.
    fn may_stay(&self) -> bool {
        let scopes = granted_scopes(&self.request(), account(1), !self.is_pc_by_code, self.interaction().as_ref());
        scopes.contains(Scope::OfflineAccess)
    }

    fn step(&self) -> Step {
        let request = self.request();
        let interaction = self.interaction();
        let signed_in = self.person.map(|(account, time)| SignedInFacts {
            account,
            groups: &GROUPS,
            auth_time: at(time),
            consented: self.consented.as_ref(),
            may_consent_for_good: !self.is_pc_by_code,
        });
        next_step(&Facts {
            client: &self.client,
            request: &request,
            signed_in,
            interaction: interaction.as_ref(),
            now: at(self.now),
        })
    }
}

#[test]
fn who_is_signed_in_and_has_consented_continues() {
    assert_eq!(world().step(), Step::Grant);
    assert_eq!(World { person: None, ..world() }.step(), Step::SignIn);
    assert_eq!(World { consented: None, ..world() }.step(), Step::Consent);
    let fewer = Some(Scopes::parse("openid"));
    assert_eq!(World { consented: fewer, ..world() }.step(), Step::Consent);
}

#[test]
fn on_a_pc_by_a_code_no_app_stays_by_an_earlier_consent() {
    let mut asking = client();
    asking.scopes = Scopes::parse("openid profile offline_access");
    let world = World {
        client: asking,
        changes: vec![("scope", "openid profile offline_access")],
        consented: Some(Scopes::parse("openid profile offline_access")),
        ..world()
    };
    assert!(world.step() == Step::Grant && world.may_stay());
    let by_code = World { is_pc_by_code: true, ..world.clone() };
    assert_eq!(by_code.step(), Step::Grant);
    assert!(!by_code.may_stay());
    for (who, may_stay) in [(1, true), (2, false)] {
        let shown = World { interaction: Some((0, Some(account(who)))), ..by_code.clone() };
        assert_eq!(shown.may_stay(), may_stay, "{who}");
    }
    let scopes = granted_scopes(&world.request(), account(1), false, None);
    assert_eq!(scopes, Scopes::parse("openid profile"), "the others stay");
}

#[test]
fn an_old_sign_in_does_not_satisfy_a_demand_for_a_new_one() {
    let demands: [&[_]; 5] = [
        &[("prompt", "login")],
        &[("prompt", "select_account")],
        &[("max_age", "0")],
        &[("max_age", "99")],
        &[("acr_values", "urn:qr-login:acr:scan")],
    ];
    for demand in demands {
        let world = World { changes: demand.to_vec(), ..world() };
        assert_eq!(world.step(), Step::SignIn, "{demand:?}");
        // Replaying the continuation with the old session changes nothing.
        let replayed = World { interaction: Some((100, None)), ..world.clone() };
        assert_eq!(replayed.step(), Step::SignIn, "{demand:?}");
        let answered = World { person: Some((account(1), 105)), interaction: Some((100, None)), now: 110, ..world };
        assert_eq!(answered.step(), Step::Grant, "{demand:?}");
    }
    let fresh_enough = World { changes: vec![("max_age", "100")], ..world() };
    assert_eq!(fresh_enough.step(), Step::Grant);
}

#[test]
fn nothing_is_shown_if_the_client_forbids_it() {
    let silent = World { changes: vec![("prompt", "none")], ..world() };
    assert_eq!(silent.step(), Step::Grant);
    assert_eq!(World { person: None, ..silent.clone() }.step(), Step::Refuse(Code::LoginRequired));
    assert_eq!(World { consented: None, ..silent.clone() }.step(), Step::Refuse(Code::ConsentRequired));
    let other = World { hinted: Some(account(2)), ..silent };
    assert_eq!(other.step(), Step::Refuse(Code::LoginRequired));
}

#[test]
fn another_account_than_the_hinted_one_is_asked_once() {
    let other = World { hinted: Some(account(2)), ..world() };
    assert_eq!(other.step(), Step::SignIn);
    let again = World { person: Some((account(1), 105)), interaction: Some((100, None)), now: 110, ..other };
    assert_eq!(again.step(), Step::Refuse(Code::LoginRequired));
}

#[test]
fn a_native_app_always_asks_and_a_trusted_one_never() {
    let native = Client { is_native: true, is_public: true, ..client() };
    assert_eq!(World { client: native.clone(), ..world() }.step(), Step::Consent);
    let asked = World { client: native, interaction: Some((50, Some(account(1)))), ..world() };
    assert_eq!(asked.step(), Step::Grant);
    let trusted = Client { consent: Consent::Never, ..client() };
    assert_eq!(World { client: trusted.clone(), consented: None, ..world() }.step(), Step::Grant);
    let asks = World { client: trusted, changes: vec![("prompt", "consent")], ..world() };
    assert_eq!(asks.step(), Step::Consent);
}

#[test]
fn an_app_without_a_secret_on_the_persons_own_device_always_asks() {
    let public = Client { is_public: true, consent: Consent::Never, ..client() };
    let at = |uri: &'static str, client: &Client| {
        let client = Client { redirect_uris: vec![uri.to_owned()], ..client.clone() };
        World { client, changes: vec![("redirect_uri", uri)], ..world() }.step()
    };
    for uri in ["http://localhost:5173/callback", "http://127.0.0.1/callback", "https://[::1]:8443/callback"] {
        assert_eq!(at(uri, &public), Step::Consent, "{uri}");
        // A code that another program catches is of no use without the secret.
        assert_eq!(at(uri, &Client { is_public: false, ..public.clone() }), Step::Grant, "{uri}");
    }
    assert_eq!(at("https://app.example/callback", &public), Step::Grant);
}

#[test]
fn a_pc_that_was_signed_in_by_a_code_gives_no_consent_that_outlives_it() {
    let offline = World {
        client: Client { scopes: Scopes::parse("openid offline_access"), ..client() },
        changes: vec![("scope", "openid offline_access")],
        consented: None,
        is_pc_by_code: true,
        ..world()
    };
    assert_eq!(offline.step(), Step::SignIn);
    assert_eq!(World { is_pc_by_code: false, ..offline.clone() }.step(), Step::Consent);
    let elsewhere = World { person: Some((account(1), 99)), interaction: Some((98, None)), ..offline.clone() };
    assert_eq!(elsewhere.step(), Step::SignIn, "a newer sign-in by a code is none for this app");
    let on_the_phone = World { interaction: Some((98, Some(account(1)))), ..elsewhere };
    assert_eq!(on_the_phone.step(), Step::Grant);
    let on_record = World { consented: Some(Scopes::parse("openid offline_access")), ..offline.clone() };
    assert_eq!(on_record.step(), Step::Grant);
    let silent = World { changes: [offline.changes.clone(), vec![("prompt", "none")]].concat(), ..offline };
    assert_eq!(silent.step(), Step::Refuse(Code::ConsentRequired));
    assert_eq!(
        World { consented: None, is_pc_by_code: true, ..world() }.step(),
        Step::Consent,
        "it ends with the session"
    );
}

#[test]
fn who_is_in_none_of_the_groups_is_refused_whatever_else_is_true() {
    let closed = Client { groups_allowed: vec!["admins".to_owned()], ..client() };
    let refused = World { client: closed.clone(), ..world() };
    assert_eq!(refused.step(), Step::Refuse(Code::AccessDenied));
    assert_eq!(World { client: closed, person: None, ..world() }.step(), Step::SignIn);
}

fn worlds() -> impl Strategy<Value = World> {
    let demand = prop::sample::select(vec![
        ("nonce", "n"),
        ("prompt", "none"),
        ("prompt", "login"),
        ("prompt", "consent"),
        ("prompt", "login consent"),
        ("max_age", "0"),
        ("max_age", "20"),
        ("acr_values", "urn:qr-login:acr:scan"),
    ]);
    let someone = || prop::option::of((1..3_u128).prop_map(account));
    let scopes = prop::option::of(prop::sample::select(vec!["openid", "openid profile", "openid profile email"]));
    let client = (any::<bool>(), any::<bool>(), any::<bool>());
    let person = prop::option::of(((1..3_u128).prop_map(account), 0..100_i64));
    let interaction = prop::option::of((0..100_i64, someone()));
    let session = (person, any::<bool>());
    (client, demand, someone(), session, scopes, interaction).prop_map(
        |((is_native, is_trusted, is_closed), demand, hinted, (person, is_pc_by_code), scopes, interaction)| World {
            client: Client {
                is_native,
                consent: if is_trusted && !is_native { Consent::Never } else { Consent::Ask },
                groups_allowed: if is_closed { vec!["admins".to_owned()] } else { Vec::new() },
                ..super::client()
            },
            changes: vec![demand],
            hinted,
            person,
            consented: scopes.map(Scopes::parse),
            is_pc_by_code,
            interaction,
            now: 100,
        },
    )
}

proptest! {
    #[test]
    fn nobody_is_let_in_who_should_not_be(world in worlds()) {
        let request = world.request();
        match world.step() {
            Step::Grant => {
                let (account, time) = world.person.unwrap();
                prop_assert!(world.client.groups_allowed.is_empty());
                prop_assert!(world.hinted.is_none_or(|hinted| hinted == account));
                let answered = world.interaction.is_some_and(|(started, _)| time >= started);
                let demands_new = request.prompts.login || request.wants_scan || request.max_age == Some(0);
                prop_assert!(!demands_new || answered);
                let consents_here = world.interaction.is_some_and(|(_, by)| by == Some(account));
                let on_record = world.consented.is_some_and(|scopes| request.scopes.is_subset_of(&scopes));
                let must_ask = world.client.is_native || request.prompts.consent;
                prop_assert!(consents_here || !must_ask && (on_record || world.client.consent == Consent::Never));
            }
            Step::SignIn | Step::Consent => prop_assert!(!request.prompts.none),
            Step::Refuse(_) => {}
        }
    }

    #[test]
    fn a_sign_in_and_a_consent_are_enough(world in worlds()) {
        let person = world.hinted.unwrap_or(account(1));
        let world = World { person: Some((person, 100)), interaction: Some((99, Some(person))), ..world };
        let expected = match world.client.groups_allowed.is_empty() {
            true => Step::Grant,
            false => Step::Refuse(Code::AccessDenied),
        };
        prop_assert_eq!(world.step(), expected);
    }
}
