"""Authlib's OAuth 2 session with OpenID Connect on top, as a Python program uses it.

`authlib.test.mjs` runs it: each line `VISIT URL` asks for a person who opens that URL, and is answered by the URL at
which the browser returned to the app.
"""

import json
import os
import sys

# Authlib refuses plain HTTP; only here.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import MismatchingStateError  # noqa: F401
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oidc.core import CodeIDToken, UserInfo
from authlib.oidc.discovery import OpenIDProviderMetadata, get_well_known_url
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

SETTINGS = json.loads(os.environ["INTEROP"])
ISSUER = SETTINGS["issuer"]
CALLBACK = "https://program.example/callback"
ALL = "openid profile email groups offline_access"


def visit(url):
    """Returns where the person's browser returns to the app."""
    print("VISIT", url, flush=True)
    return sys.stdin.readline().strip()


def metadata():
    """Returns the provider's metadata, checked by Authlib's own rules."""
    found = requests.get(get_well_known_url(ISSUER, external=True), timeout=30)
    found.raise_for_status()
    assert found.headers["content-type"].startswith("application/json")
    document = OpenIDProviderMetadata(found.json())
    # Authlib's validators of URLs insist on https, and this server is on the loopback address.
    https = {key: value.replace("http://", "https://") if isinstance(value, str) else value for key, value in document.items()}
    OpenIDProviderMetadata(https).validate()
    AuthorizationServerMetadata(https).validate()
    assert document["issuer"] == ISSUER
    return document


def session(method):
    return OAuth2Session(
        "program",
        SETTINGS["secret"],
        scope=ALL,
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
        token_endpoint_auth_method=method,
    )


def start(client, server, **more):
    """Signs in, and returns the response with what it has to be checked against."""
    verifier, nonce = generate_token(48), generate_token(20)
    url, state = client.create_authorization_url(
        server["authorization_endpoint"], code_verifier=verifier, nonce=nonce, **more
    )
    return visit(url), state, nonce, verifier


def id_token_of(tokens, keys, server, nonce, access_token=None):
    """Returns the claims of an ID token, all of which Authlib has checked."""
    token = jwt.decode(tokens["id_token"], keys, algorithms=server["id_token_signing_alg_values_supported"])
    params = {"nonce": nonce, "client_id": "program", "access_token": access_token}
    claims = CodeIDToken(
        token.claims,
        token.header,
        options={"iss": {"values": [ISSUER]}, "aud": {"values": ["program"]}, "auth_time": {"essential": True}},
        params=params,
    )
    claims.validate(leeway=0)
    return claims


def complete(method):
    server = metadata()
    keys = KeySet.import_key_set(requests.get(server["jwks_uri"], timeout=30).json())
    client = session(method)
    response, state, nonce, verifier = start(client, server, max_age=600)
    tokens = client.fetch_token(
        server["token_endpoint"], authorization_response=response, state=state, code_verifier=verifier
    )
    assert tokens["scope"] == ALL, tokens["scope"]
    claims = id_token_of(tokens, keys, server, nonce, tokens["access_token"])
    assert claims["email"] == "ada@example.org" and claims["groups"] == ["staff"], claims

    info = UserInfo(client.get(server["userinfo_endpoint"]).json())
    assert info["sub"] == claims["sub"] and info["preferred_username"] == "ada", info

    old = tokens["access_token"]
    fresh = client.refresh_token(server["token_endpoint"])
    assert fresh["access_token"] != old or fresh["refresh_token"] != tokens["refresh_token"]
    assert id_token_of(fresh, keys, server, None)["sub"] == claims["sub"]

    known = client.introspect_token(server["introspection_endpoint"], fresh["access_token"], "access_token").json()
    assert known["active"] and known["sub"] == claims["sub"], known
    assert client.revoke_token(server["revocation_endpoint"], fresh["refresh_token"], "refresh_token").status_code == 200
    known = client.introspect_token(server["introspection_endpoint"], fresh["access_token"]).json()
    assert known == {"active": False}, known
    assert client.get(server["userinfo_endpoint"]).status_code == 401


def refused():
    server = metadata()
    keys = KeySet.import_key_set(requests.get(server["jwks_uri"], timeout=30).json())
    client = session("client_secret_basic")
    response, _, nonce, verifier = start(client, server)
    fails(lambda: client.fetch_token(server["token_endpoint"], authorization_response=response, state="other"), "state")
    tokens = client.fetch_token(server["token_endpoint"], authorization_response=response, code_verifier=verifier)
    fails(lambda: id_token_of(tokens, keys, server, "other"), "nonce")
    head, body, signature = tokens["id_token"].split(".")
    forged = {"id_token": ".".join([head, body[:-4] + ("AAAA" if body[-4:] != "AAAA" else "BBBB"), signature])}
    fails(lambda: id_token_of(forged, keys, server, nonce), "signature")

    response, state, _, _ = start(client, server)
    fails(
        lambda: client.fetch_token(
            server["token_endpoint"], authorization_response=response, state=state, code_verifier=generate_token(48)
        ),
        "invalid_grant",
    )


def fails(action, word):
    try:
        action()
    except (JoseError, Exception) as error:  # Authlib's errors have no common base.
        assert word in f"{type(error).__name__} {error}".lower(), repr(error)
    else:
        raise AssertionError(f"{word} was accepted")


if sys.argv[1] == "refused":
    refused()
else:
    complete(sys.argv[1])
print("DONE", flush=True)
