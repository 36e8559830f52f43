// Auth.js in Express, with nothing but an issuer, an id and a secret.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { ExpressAuth, getSession } from '@auth/express';
import express from 'express';
import { browserOf, issuer, ports, secret } from './support/peer.mjs';

const app = `http://localhost:${ports.authjs}`;

function config() {
  const provider = {
    id: 'qr-login',
    name: 'qr-login',
    type: 'oidc',
    issuer,
    clientId: 'authjs',
    clientSecret: secret,
    checks: ['pkce', 'state', 'nonce'],
  };
  const callbacks = { session: ({ session, token }) => ({ ...session, sub: token.sub }) };
  return { providers: [provider], secret, trustHost: true, basePath: '/auth', callbacks };
}

async function serve(t) {
  const server = express();
  const settings = config();
  server.get('/me', async (request, response) => response.json(await getSession(request, settings)));
  server.use('/auth', ExpressAuth(settings));
  const listener = server.listen(ports.authjs, 'localhost');
  await once(listener, 'listening');
  t.after(() => listener.close());
}

/** Posts the form of its sign-in page. */
async function signIn(browser, until) {
  const page = await browser.open(`${app}/auth/signin`);
  const [, csrfToken] = /name="csrfToken" value="([^"]*)"/.exec(page.body);
  return browser.open(`${app}/auth/signin/qr-login`, until, { csrfToken, callbackUrl: `${app}/me` });
}

test('Auth.js signs in by its own sign-in page', async (t) => {
  await serve(t);
  const browser = browserOf();
  assert.equal((await browser.open(`${app}/me`)).body, 'null');
  const { user, sub } = JSON.parse((await signIn(browser)).body);
  assert.equal(user.name, 'Ada Lovelace');
  assert.equal(user.email, 'ada@example.org');
  assert.match(sub, /^[0-9a-f-]{36}$/);
});

test('Auth.js refuses a response that was changed on the way', async (t) => {
  await serve(t);
  for (const [name, value] of [
    ['state', 'other'],
    ['iss', 'https://evil.example'],
  ]) {
    const browser = browserOf();
    const end = await signIn(browser, (url) => url.startsWith(`${app}/auth/callback/`));
    const changed = new URL(end.url);
    changed.searchParams.set(name, value);
    await browser.open(changed);
    assert.equal((await browser.open(`${app}/me`)).body, 'null', name);
  }
});
