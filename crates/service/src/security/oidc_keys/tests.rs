//! The ring: rotation, what is no key, and every JWT that must be refused.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use crate::security::jws::part;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::fs;
use std::sync::LazyLock;

/// Two keys, generated once, because each takes a moment.
static KEYS: LazyLock<[String; 2]> = LazyLock::new(|| [1, 2].map(pem));
const TYPES: [JwtType; 4] = [JwtType::IdToken, JwtType::AccessToken, JwtType::LogoutToken, JwtType::Assertion];

fn pem(seed: u8) -> String {
    new_pem(&Random::scripted([[seed; 32]])).unwrap()
}

fn keys(pems: &[&str]) -> OidcKeys {
    OidcKeys::open(KeySource::Text(pems.concat()), Random::default()).unwrap()
}

fn file(path: &Path, random: Random) -> Result<OidcKeys, OidcKeyError> {
    OidcKeys::open(KeySource::File(path.to_owned()), random)
}

async fn refusal(keys: &OidcKeys, jwt: &str, typ: JwtType) -> Refusal {
    match keys.verify::<Value>(jwt, typ).await.unwrap_err() {
        VerifyError::Refused(refusal) => refusal,
        VerifyError::Keys(error) => panic!("{error}"),
    }
}

/// Signs a JWT whose header is `header`, with the published `kid` unless it has one.
async fn signed(keys: &OidcKeys, mut header: Value, claims: &Value) -> String {
    let ring = keys.ring().await.unwrap();
    if header.get("kid").is_none() {
        header["kid"] = ring.signing_id().into();
    }
    let message = format!("{}.{}", part(&header).unwrap(), part(claims).unwrap());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(ring.sign(message.as_bytes()).unwrap()))
}

#[tokio::test]
async fn another_program_verifies_what_is_signed() {
    let keys = keys(&[&KEYS[0]]);
    let published = keys.public().await.unwrap();
    for typ in TYPES {
        let jwt = keys.sign(typ, &json!({ "sub": "a" })).await.unwrap();
        let header = jsonwebtoken::decode_header(&jwt).unwrap();
        assert_eq!(header.typ.as_deref(), Some(typ.name()));
        let jwk = published.find(&header.kid.unwrap()).unwrap();
        let key = jsonwebtoken::DecodingKey::from_jwk(jwk).unwrap();
        let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
        validation.required_spec_claims.clear();
        let claims = jsonwebtoken::decode::<Value>(&jwt, &key, &validation).unwrap().claims;
        assert_eq!(claims, keys.verify::<Value>(&jwt, typ).await.unwrap());
    }
    let set = serde_json::to_value(published).unwrap();
    let [key] = set["keys"].as_array().unwrap().as_slice() else { panic!("{set}") };
    let names: Vec<_> = key.as_object().unwrap().keys().collect();
    assert_eq!(names, ["alg", "e", "kid", "kty", "n", "use"], "and nothing of the private half");
    assert_eq!(
        (&key["kty"], &key["use"], &key["alg"], &key["e"]),
        (&"RSA".into(), &"sig".into(), &"RS256".into(), &"AQAB".into())
    );
    assert_eq!(URL_SAFE_NO_PAD.decode(key["n"].as_str().unwrap()).unwrap().len(), 256);
}

#[tokio::test]
async fn a_key_is_changed_without_a_moment_in_which_a_token_is_refused() {
    let [old, new] = &*KEYS;
    let (before, prepared, after) = (keys(&[old]), keys(&[old, new]), keys(&[new, old]));
    let sign = async |keys: &OidcKeys| keys.sign(JwtType::IdToken, &json!({})).await.unwrap();
    let (by_old, by_prepared, by_new) = (sign(&before).await, sign(&prepared).await, sign(&after).await);
    assert_eq!(by_old, by_prepared, "the first key signs");
    for node in [&prepared, &after] {
        for jwt in [&by_old, &by_new] {
            node.verify::<Value>(jwt, JwtType::IdToken).await.unwrap();
        }
        assert_eq!(node.public().await.unwrap().keys.len(), 2);
    }
    let removed = keys(&[new]);
    removed.verify::<Value>(&by_new, JwtType::IdToken).await.unwrap();
    assert_eq!(refusal(&removed, &by_old, JwtType::IdToken).await, Refusal::Key);
    assert_eq!(keys(&[new, new]).public().await.unwrap().keys.len(), 1, "a key that is listed twice");
}

#[tokio::test]
async fn no_type_is_accepted_in_place_of_another() {
    let keys = keys(&[&KEYS[0]]);
    for issued in TYPES {
        let jwt = keys.sign(issued, &json!({})).await.unwrap();
        for expected in TYPES.into_iter().filter(|typ| *typ != issued) {
            assert_eq!(refusal(&keys, &jwt, expected).await, Refusal::Type, "{issued:?} as {expected:?}");
        }
    }
}

#[tokio::test]
async fn a_session_token_is_refused_and_refuses_ours() {
    use crate::security::{signing_key, token::Tokens};
    let pem = signing_key::new_pem().unwrap();
    let ed25519 = signing_key::SigningKeys::open(KeySource::Text(pem)).unwrap();
    let tokens = Tokens::new("https://a.example".to_owned(), &ed25519).unwrap();
    let ours = keys(&[&KEYS[0]]);
    let session = crate::security::token::tests::session(None);
    let token = tokens.issue(&session).unwrap();
    let claims =
        json!({ "iss": "https://a.example", "sub": session.account, "sid": session.id, "kind": "pc", "iat": 1 });
    for typ in TYPES {
        assert_eq!(refusal(&ours, token.reveal(), typ).await, Refusal::Algorithm);
        let jwt = ours.sign(typ, &claims).await.unwrap();
        tokens.verify(&jwt, clock::now()).unwrap_err();
    }
}

#[tokio::test]
async fn a_forged_header_is_refused() {
    use hmac::{Hmac, Mac};
    let keys = keys(&[&KEYS[0]]);
    let claims = json!({ "sub": "a" });
    let kid = keys.ring().await.unwrap().signing_id();
    for (header, expected) in [
        (json!({ "alg": "none", "typ": "JWT" }), Refusal::Algorithm),
        (json!({ "alg": "RS512", "typ": "JWT" }), Refusal::Algorithm),
        (json!({ "alg": "rs256", "typ": "JWT" }), Refusal::Algorithm),
        (json!({ "alg": "RS256" }), Refusal::Type),
        (json!({ "alg": "RS256", "typ": "jwt" }), Refusal::Type),
        (json!({ "alg": "RS256", "typ": "JWT", "kid": "other" }), Refusal::Key),
        (json!({ "alg": "RS256", "typ": "JWT", "kid": null }), Refusal::Key),
        (json!({ "alg": "RS256", "typ": "JWT", "crit": ["exp"] }), Refusal::Malformed),
        (json!({ "alg": "RS256", "typ": "JWT", "jwk": {} }), Refusal::Malformed),
    ] {
        assert_eq!(
            refusal(&keys, &signed(&keys, header.clone(), &claims).await, JwtType::IdToken).await,
            expected,
            "{header}"
        );
    }
    // No signature at all.
    let none =
        format!("{}.{}.", part(&json!({ "alg": "none", "typ": "JWT", "kid": kid })).unwrap(), part(&claims).unwrap());
    assert_eq!(refusal(&keys, &none, JwtType::IdToken).await, Refusal::Algorithm);
    // The public key as the secret of an HMAC (RFC 8725, section 2.1).
    let modulus =
        serde_json::to_value(&keys.public().await.unwrap().keys[0]).unwrap()["n"].as_str().unwrap().to_owned();
    let header = json!({ "alg": "HS256", "typ": "JWT", "kid": kid });
    let message = format!("{}.{}", part(&header).unwrap(), part(&claims).unwrap());
    let mac = Hmac::<sha2::Sha256>::new_from_slice(modulus.as_bytes()).unwrap().chain_update(&message).finalize();
    let jwt = format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac.into_bytes()));
    assert_eq!(refusal(&keys, &jwt, JwtType::IdToken).await, Refusal::Algorithm);
    let duplicate = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"none","alg":"RS256","typ":"JWT","kid":"{kid}"}}"#));
    let jwt = keys.sign(JwtType::IdToken, &claims).await.unwrap();
    let jwt = format!("{duplicate}.{}", jwt.split_once('.').unwrap().1);
    assert_eq!(refusal(&keys, &jwt, JwtType::IdToken).await, Refusal::Malformed);
}

#[tokio::test]
async fn a_jwt_that_was_changed_anywhere_is_refused() {
    let keys = keys(&[&KEYS[0]]);
    let jwt = keys.sign(JwtType::IdToken, &json!({ "sub": "a" })).await.unwrap();
    let parts: Vec<&str> = jwt.split('.').collect();
    let [header, claims, signature] = parts[..] else { panic!("{jwt}") };
    let other = part(&json!({ "sub": "b" })).unwrap();
    for forged in [
        format!("{header}.{other}.{signature}"),
        format!("{header}.{claims}."),
        format!("{header}.{claims}.{}", &signature[..340]),
    ] {
        assert_eq!(refusal(&keys, &forged, JwtType::IdToken).await, Refusal::Signature, "{forged}");
    }
    // 256 bytes leave four bits of the last character unused: only one of 16 spellings is canonical.
    let mut stray = jwt.clone();
    stray.pop();
    stray.push('B');
    for malformed in [
        stray,
        String::new(),
        "..".to_owned(),
        "a.b".to_owned(),
        format!("{jwt}.{signature}"),
        format!("{jwt}."),
        format!(".{jwt}"),
        format!("{jwt}=="),
        format!("{jwt}\n"),
        format!(" {jwt}"),
        format!("{header}..{claims}.{signature}"),
        jwt.replace('.', ". "),
        format!("{header}=.{claims}.{signature}"),
        format!("{header}.{claims}.é"),
    ] {
        assert_eq!(refusal(&keys, &malformed, JwtType::IdToken).await, Refusal::Malformed, "{malformed}");
    }
    assert_eq!(LONGEST, 8192);
    assert_eq!(refusal(&keys, &"a".repeat(LONGEST), JwtType::IdToken).await, Refusal::Malformed);
    assert_eq!(refusal(&keys, &"a".repeat(LONGEST + 1), JwtType::IdToken).await, Refusal::Length);
    #[derive(Debug, serde::Deserialize)]
    struct Strict {
        #[serde(rename = "sub")]
        _sub: u8,
    }
    let error = keys.verify::<Strict>(&jwt, JwtType::IdToken).await.unwrap_err();
    assert!(matches!(error, VerifyError::Refused(Refusal::Claims)), "{error}");
}

#[test]
fn what_is_no_key_is_refused_and_names_the_setting() {
    use rsa::RsaPrivateKey;
    use rsa::pkcs1::EncodeRsaPrivateKey;
    use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    let good = &KEYS[0];
    let parsed = RsaPrivateKey::from_pkcs8_pem(good).unwrap();
    let short = RsaPrivateKey::new(&mut generate::Expanded::new(&[3; 32]).unwrap(), 1024).unwrap();
    let traditional = parsed.to_pkcs1_pem(LineEnding::LF).unwrap();
    let ed25519 = crate::security::signing_key::new_pem().unwrap();
    for text in [
        "",
        "secret",
        &good.replace("-----END", ""),
        &short.to_pkcs8_pem(LineEnding::LF).unwrap(),
        &traditional,
        &format!("{good}{}", *traditional),
        &ed25519,
        &format!("{good}{ed25519}"),
    ] {
        fs::write(&path, text).unwrap();
        let error = file(&path, Random::default()).unwrap_err().to_string();
        assert!(error.contains("QR_LOGIN_OIDC_KEY_FILE") && error.contains("key.pem"), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
    let nowhere = folder.path().join("none/key.pem");
    let error = file(&nowhere, Random::default()).unwrap_err().to_string();
    assert!(error.contains("QR_LOGIN_OIDC_KEY_FILE"), "{error}");
}

#[tokio::test]
async fn the_file_is_made_once_and_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    // Two processes at once, and requests that need the key meanwhile.
    let [one, other] = [(); 2].map(|()| file(&path, Random::default()).unwrap());
    one.prepare();
    let sets = tokio::join!(one.public(), other.public(), one.public());
    let ids = [sets.0, sets.1, sets.2].map(|set| set.unwrap().keys[0].common.key_id.clone().unwrap());
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
    let jwt = one.sign(JwtType::IdToken, &json!({})).await.unwrap();
    file(&path, Random::default()).unwrap().verify::<Value>(&jwt, JwtType::IdToken).await.unwrap();
}

#[tokio::test]
async fn a_key_that_cannot_be_written_is_an_error_and_is_not_generated_again() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    // Bytes for one key and two drafts.
    let keys = file(&data.join("key.pem"), Random::scripted([[1; 32], [8; 32], [9; 32]])).unwrap();
    fs::remove_dir(&data).unwrap();
    let error = keys.sign(JwtType::IdToken, &json!({})).await.unwrap_err();
    assert!(error.to_string().contains("QR_LOGIN_OIDC_KEY_FILE"), "{error}");
    fs::create_dir(&data).unwrap();
    keys.sign(JwtType::IdToken, &json!({})).await.unwrap();
    assert_eq!(fs::read_to_string(data.join("key.pem")).unwrap(), KEYS[0]);
}

#[tokio::test]
async fn without_apps_only_a_signature_makes_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    let keys = file(&path, Random::scripted([[1; 32], [8; 32]])).unwrap().idle();
    keys.prepare();
    assert!(keys.public().await.unwrap().keys.is_empty());
    let foreign = super::tests::keys(&[&KEYS[1]]).sign(JwtType::IdToken, &json!({})).await.unwrap();
    let refused = keys.verify::<Value>(&foreign, JwtType::IdToken).await.unwrap_err();
    assert!(matches!(refused, VerifyError::Refused(Refusal::Key)), "{refused}");
    assert!(!path.exists());
    let own = keys.sign(JwtType::IdToken, &json!({})).await.unwrap();
    keys.verify::<Value>(&own, JwtType::IdToken).await.unwrap();
    assert_eq!((keys.public().await.unwrap().keys.len(), path.exists()), (1, true));
}

#[tokio::test]
async fn without_a_file_the_key_is_made_when_it_is_needed() {
    let keys = OidcKeys::open(KeySource::Fresh, Random::scripted([[1; 32]])).unwrap();
    keys.prepare();
    let jwt = keys.sign(JwtType::IdToken, &json!({})).await.unwrap();
    super::tests::keys(&[&KEYS[0]]).verify::<Value>(&jwt, JwtType::IdToken).await.unwrap();
    let none = OidcKeys::open(KeySource::Fresh, Random::scripted([])).unwrap();
    let error = none.public().await.unwrap_err().to_string();
    assert!(error.contains("random bytes"), "{error}");
}
