// Sign-in by another provider: the server is the client of oidc-provider, and of another qr-login.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { has, issuer } from './support/peer.mjs';
import { Browser } from './support/person.mjs';
import { startProvider, startSecond } from './support/upstreams.mjs';

/** Signs in by the button of the sign-in page, until the page of the account. */
async function signIn(id, upstream, phone) {
  // It answers the pages of the provider, if that is a qr-login, and stops at ours.
  const browser = new Browser(upstream, phone);
  const page = await browser.open(`${issuer}/?tab=password`);
  assert.ok(page.body.includes(`action="/sign-in/${id}"`), page.body);
  const end = await browser.open(`${issuer}/sign-in/${id}`, (url) => url === `${issuer}/account`, { next: '/account' });
  assert.equal(end.url, `${issuer}/account`, `${end.status} ${end.body}`);
  return browser;
}

const me = async (browser) => JSON.parse((await browser.open(`${issuer}/api/userinfo`)).body);

test('oidc-provider: a person gets an account, and the same one again', async (t) => {
  const upstream = await startProvider(t);
  const first = await me(await signIn('upstream', upstream));
  has(first, { username: 'dong', display_name: 'Dong', email: 'dong@upstream.example', email_verified: true });
  has(first.session, { kind: 'pc', began: 'assertion' });
  assert.equal((await me(await signIn('upstream', upstream))).id, first.id);
});

test('another qr-login: its phone approves, and the person is signed in here', async (t) => {
  const second = await startSecond(t);
  const person = await me(await signIn('second', second.issuer, second.phone));
  has(person, { username: 'eve', display_name: 'Eve' });
  has(person.session, { kind: 'pc', began: 'assertion' });
});
