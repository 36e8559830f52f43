//! Decides what has to happen before a request is granted, from stored facts and never from the URL.

use super::{AuthorizationErrorCode as Code, AuthorizationRequest, Interaction};
use crate::client::{Client, Consent, Scope, Scopes};
use crate::ids::AccountId;
use crate::time::Timestamp;
use std::time::Duration;

/// The person who is signed in on the browser.
#[derive(Clone, Copy, Debug)]
pub struct SignedInFacts<'a> {
    /// The account.
    pub account: AccountId,
    /// Its groups.
    pub groups: &'a [String],
    /// When the person signed in (`auth_time`).
    pub auth_time: Timestamp,
    /// What the account has consented to earlier for this client.
    pub consented: Option<&'a Scopes>,
    /// Whether consent that outlives the session may be given on this browser. Not on a PC that was signed in by a code,
    /// because it may have been approved by mistake.
    pub may_consent_for_good: bool,
}

/// The facts that a decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The client.
    pub client: &'a Client,
    /// The request.
    pub request: &'a AuthorizationRequest,
    /// Who is signed in.
    pub signed_in: Option<SignedInFacts<'a>>,
    /// The interaction, once there is one.
    pub interaction: Option<&'a Interaction>,
    /// The time.
    pub now: Timestamp,
}

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The person has to sign in, by a session that begins from now on if one is required, or to approve on the phone what
    /// this browser may not.
    SignIn,
    /// The person has to consent.
    Consent,
    /// The request is granted.
    Grant,
    /// The request is refused.
    Refuse(Code),
}

/// Decides the next step of a request.
pub fn next_step(facts: &Facts<'_>) -> Step {
    let Facts { request, .. } = facts;
    let step = step(facts);
    match step {
        Step::SignIn if request.prompts.none => Step::Refuse(Code::LoginRequired),
        Step::Consent if request.prompts.none => Step::Refuse(Code::ConsentRequired),
        // On the phone, where the scan is the consent, or after the password.
        Step::Consent if must_consent_elsewhere(facts) => Step::SignIn,
        step => step,
    }
}

/// Returns what a request of this account is granted: what it asks for, but `offline_access` only with consent that may be
/// for good, or that this interaction got. On a PC that was signed in by a code an earlier consent is not enough, nor that
/// the app needs none: the app would stay when the owner ends that PC. Ignoring the scope is what OpenID Connect Core,
/// section 11, asks for.
pub fn granted_scopes(
    request: &AuthorizationRequest,
    account: AccountId,
    may_consent_for_good: bool,
    interaction: Option<&Interaction>,
) -> Scopes {
    let has_consented = interaction.is_some_and(|interaction| interaction.consented_by == Some(account));
    let may_stay = may_consent_for_good || has_consented;
    request.scopes.iter().filter(|scope| may_stay || *scope != Scope::OfflineAccess).collect()
}

fn step(facts: &Facts<'_>) -> Step {
    let Facts { client, request, signed_in, interaction, .. } = facts;
    let Some(person) = signed_in else { return Step::SignIn };
    let is_answer = interaction.is_some_and(|interaction| person.auth_time >= interaction.started_at);
    if !is_answer && must_sign_in_again(facts, person) {
        return Step::SignIn;
    }
    if request.hinted.is_some_and(|hinted| hinted != person.account) {
        return if is_answer { Step::Refuse(Code::LoginRequired) } else { Step::SignIn };
    }
    if !client.admits(person.groups) {
        return Step::Refuse(Code::AccessDenied);
    }
    let has_consented = interaction.is_some_and(|interaction| interaction.consented_by == Some(person.account));
    if has_consented || !must_consent(facts, person) { Step::Grant } else { Step::Consent }
}

/// Returns whether this browser may not give the consent that is asked for.
fn must_consent_elsewhere(facts: &Facts<'_>) -> bool {
    let may_consent = facts.signed_in.is_some_and(|person| person.may_consent_for_good);
    facts.request.scopes.contains(Scope::OfflineAccess) && !may_consent
}

/// Returns whether a session that began before the request does not do.
fn must_sign_in_again(facts: &Facts<'_>, person: &SignedInFacts<'_>) -> bool {
    let Facts { request, now, .. } = facts;
    let is_too_old = |seconds| seconds == 0 || *now > person.auth_time + Duration::from_secs(seconds);
    request.prompts.login || request.wants_scan || request.max_age.is_some_and(is_too_old)
}

/// Returns whether consent is needed that is not on record. A native app always asks, and so does an app without a secret
/// that is redirected to the person's own device: any program there can claim to be it (RFC 8252, section 8.6).
fn must_consent(facts: &Facts<'_>, person: &SignedInFacts<'_>) -> bool {
    let Facts { client, request, .. } = facts;
    let is_on_this_device = || Client::is_loopback_or_custom(&request.target.redirect_uri);
    if request.prompts.consent || client.is_native || client.is_public && is_on_this_device() {
        return true;
    }
    let is_covered = || person.consented.is_some_and(|scopes| request.scopes.is_subset_of(scopes));
    client.consent == Consent::Ask && !is_covered()
}
