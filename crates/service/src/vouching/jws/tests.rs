#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use serde_json::json;

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn unsigned(header: &Value) -> String {
    format!("{}.{}", encode(header.to_string()), encode(json!({"iss": "i"}).to_string()))
}

/// Returns a JWT that is signed by a new Ed25519 key, and that key.
fn signed(header: &Value) -> (String, Key) {
    let pair = Ed25519KeyPair::from_pkcs8(Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap().as_ref());
    let pair = pair.unwrap();
    let message = unsigned(header);
    let signature = encode(pair.sign(message.as_bytes()));
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": encode(pair.public_key())});
    (format!("{message}.{signature}"), key(&jwk).unwrap())
}

#[test]
fn a_signature_counts_only_with_its_key_and_its_algorithm() {
    let (text, right) = signed(&json!({"alg": "EdDSA", "kid": "k"}));
    let (_, wrong) = signed(&json!({"alg": "EdDSA"}));
    let jws = Jws::read(&text).unwrap();
    assert_eq!((jws.alg, jws.kid.as_deref()), (Some(AssertionAlg::EdDsa), Some("k")));
    assert!(jws.is_signed_by(&right) && !jws.is_signed_by(&wrong));
    let (text, key) = signed(&json!({"alg": "ES256"}));
    assert!(!Jws::read(&text).unwrap().is_signed_by(&key));
}

#[test]
fn ecdsa_is_verified_in_the_form_of_jws() {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap();
    let message = unsigned(&json!({"alg": "ES256", "kid": "k"}));
    let signature = encode(pair.sign(&random, message.as_bytes()).unwrap());
    let point = pair.public_key().as_ref();
    let jwk = json!({"kty": "EC", "crv": "P-256", "kid": "k", "x": encode(&point[1..33]), "y": encode(&point[33..])});
    let text = format!("{message}.{signature}");
    assert!(Jws::read(&text).unwrap().is_signed_by(&key(&jwk).unwrap()));
}

#[test]
fn no_algorithm_without_a_public_key_is_known() {
    for alg in ["none", "None", "HS256", "HS512", "RS1", "PS256", "", "rs256"] {
        assert_eq!(Jws::read(&signed(&json!({"alg": alg})).0).unwrap().alg, None, "{alg}");
    }
}

#[test]
fn another_type_and_an_unknown_extension_are_refused() {
    for header in [
        json!({"alg": "EdDSA", "typ": "at+jwt"}),
        json!({"alg": "EdDSA", "typ": "logout+jwt"}),
        json!({"alg": "EdDSA", "crit": ["b64"], "b64": false}),
        json!({"alg": "EdDSA", "crit": []}),
        json!({"kid": "k"}),
        json!(["EdDSA"]),
    ] {
        assert!(Jws::read(&signed(&header).0).is_none(), "{header}");
    }
    for typ in ["JWT", "jwt", "authorization-grant+jwt"] {
        assert!(Jws::read(&signed(&json!({"alg": "EdDSA", "typ": typ})).0).is_some(), "{typ}");
    }
    let long = json!({"alg": "EdDSA", "x": "x".repeat(LONGEST_ASSERTION)});
    assert!(Jws::read(&signed(&long).0).is_none());
    let (good, _) = signed(&json!({"alg": "EdDSA"}));
    for bad in ["", ".", "..", "a.b.c", &format!("{good}="), &format!("{good}.x"), good.rsplit_once('.').unwrap().0] {
        assert!(Jws::read(bad).is_none(), "{bad}");
    }
}

#[test]
fn a_key_set_keeps_what_can_verify_and_ignores_the_rest() {
    let rsa = json!({"kty": "RSA", "kid": "a", "n": "AQAB", "e": "AQAB"});
    let with = |name: &str, value: &str| {
        let mut jwk = rsa.clone();
        jwk[name] = value.into();
        jwk
    };
    let keys = json!({"keys": [
        rsa,
        with("use", "enc"),
        with("alg", "RS512"),
        with("alg", "RSA-OAEP"),
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {"kty": "oct", "kid": "b", "k": "AQAB"},
        {"kty": "EC", "crv": "P-521", "kid": "c", "x": "AQAB", "y": "AQAB"},
        {"kty": "EC", "crv": "P-256", "kid": "d", "x": "AQAB", "y": "AQAB"},
        {"kty": "ML-DSA", "kid": "e"},
        7,
        {"kty": "OKP", "crv": "Ed25519", "alg": "Ed25519", "kid": "f", "x": "AQAB"},
    ]});
    let found = key_set(keys.to_string().as_bytes()).unwrap();
    let ids: Vec<_> = found.iter().map(|key| key.kid.as_str()).collect();
    assert_eq!(ids, ["a", "f"]);
    for bad in ["", "[]", "{}", "{\"keys\": {}}", "<html>"] {
        assert_eq!(key_set(bad.as_bytes()), None, "{bad}");
    }
}
