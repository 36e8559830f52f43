// What each peer's test imports: where the server is, and a person who uses it.

import assert from 'node:assert/strict';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { Browser, Phone } from './person.mjs';

if (!process.env.INTEROP) throw new Error('run scripts/interop.sh');

/** `issuer`, the `secret` of all confidential apps, the `ports` of apps, a `folder` for files, and the program. */
export const { issuer, secret, ports, phones, folder, binary } = JSON.parse(process.env.INTEROP);

/** The redirect URI of apps that are no servers. The browser stops there. */
export const CALLBACK = 'https://program.example/callback';
export const SIGNED_OUT = 'https://program.example/signed-out';

/** The claims that Ada's apps see with all scopes. */
export const ADA = {
  name: 'Ada Lovelace',
  preferred_username: 'ada',
  email: 'ada@example.org',
  email_verified: true,
  groups: ['staff'],
};

/** A browser in which nobody is signed in, of a person whose phone is. */
export function browserOf(name = 'ada') {
  return new Browser(issuer, new Phone(issuer, phones[name]));
}

/** Opens a URL until the browser is sent to `callback`, and returns that URL. */
export async function visit(browser, url, callback = CALLBACK) {
  const end = await browser.open(url, (here) => here === callback || here.startsWith(`${callback}?`));
  assert.ok(end.url.startsWith(callback), `ended at ${end.url}: ${end.status} ${end.body}`);
  return new URL(end.url);
}

/** Checks that `actual` has all of `expected`. */
export function has(actual, expected) {
  const picked = Object.fromEntries(Object.keys(expected).map((key) => [key, actual[key]]));
  assert.deepEqual(picked, expected);
}

const keys = createRemoteJWKSet(new URL(`${issuer}/oauth/jwks.json`));

/** Verifies a JWT of ours by jose, and returns its claims. */
export async function verified(jwt, audience, typ = 'JWT') {
  const { payload } = await jwtVerify(jwt, keys, { issuer, audience, typ, algorithms: ['RS256'] });
  return payload;
}

/** Why a test is skipped if the server's metadata lacks what it needs; `false` if it does not. */
export async function unless(member) {
  const metadata = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  return metadata[member] ? false : `this server has no ${member}`;
}
